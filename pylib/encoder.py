"""From values to bytes; grids and their columns are in `gridcodec`."""

from __future__ import annotations

from struct import error as struct_error
from struct import pack

from pylib.kinds import NA, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr
from pylib.layout import (
    COORD,
    DATE,
    DATETIME,
    F64,
    I64,
    KNOWN_NAMES,
    LARGE,
    LITTLE,
    MAX_BIGINT,
    MAX_DEPTH,
    T_BIGINT,
    T_BUF,
    T_COORD,
    T_DATE,
    T_DATETIME,
    T_DICT,
    T_FALSE,
    T_FLOAT,
    T_FLOATS,
    T_INT64,
    T_INTS,
    T_LIST,
    T_LONGSTR,
    T_MARKER,
    T_NA,
    T_NULL,
    T_NUMBER,
    T_REF,
    T_REFDIS,
    T_REMOVE,
    T_STR,
    T_STRS,
    T_SYMBOL,
    T_TIME,
    T_TRUE,
    T_URI,
    T_XSTR,
    TIME,
    U32,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from typing import Any

    from pylib.codec import Codec

    Put = Callable[["Encoder", Any], None]

__all__ = ["PUTS", "Encoder", "put_link", "put_texts"]

_SHORT = [bytes((T_STR, n)) for n in range(255)]
_PACKED = 8
"""Lists from this length on are looked at for a common kind of their items."""
_NULL = type(None)
_EPOCH_DAY = 719163
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
"""Of the years 1 to 9999 in UTC, after 1970-01-01T00:00Z."""
_pack_i64 = I64.pack
_pack_f64 = F64.pack
_name_blocks: dict[tuple[Any, ...], bytes] = {}


class Encoder:
    """Writes values into `out`, large columns into `buffers`."""

    __slots__ = ("buffers", "codec", "depth", "out", "puts")

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.puts = codec.puts
        self.out = bytearray()
        self.buffers: list[Any] = []
        self.depth = 0

    def put(self, value: Any) -> None:
        """Write one value."""
        put = self.puts.get(type(value))
        if put is None:
            self.put_other(value)
        else:
            put(self, value)

    def put_other(self, value: Any) -> None:
        """Write a value whose type is met for the first time, or has no tag."""
        kind = type(value)
        put = _BY_NAME.get(f"{kind.__module__}.{kind.__qualname__}")
        if put is None:
            self.codec.other(self, value)
        else:
            self.puts[kind] = put
            put(self, value)

    def put_text(self, text: str) -> None:
        """Write a text without a tag: u32 length in bytes, UTF-8."""
        data = _utf8(text)
        self.out += U32.pack(len(data))
        self.out += data

    def put_count(self, count: int) -> None:
        """Write a count as u32."""
        if count > 0xFFFFFFFF:
            raise TypeError(f"{count} items are more than a value can hold on the link")
        self.out += U32.pack(count)

    def put_block(self, data: Any) -> None:
        """Write bytes inline or, when they are many, as a buffer."""
        if len(data) >= LARGE:
            self.out.append(1)
            self.buffers.append(data)
        else:
            self.out.append(0)
            self.put_count(len(data))
            self.out += data

    def enter(self) -> None:
        """Go one level deeper."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TypeError(
                f"a value nested deeper than {MAX_DEPTH} levels, or one that contains itself, cannot cross"
            )

    def leave(self) -> None:
        """Come back one level."""
        self.depth -= 1


def put_link(e: Encoder, tag: int, ref: int, about: Any) -> None:
    """Write a reference: its id and what the other end should know of it."""
    e.out.append(tag)
    e.out += I64.pack(ref)
    e.put(about)


def _put_null(e: Encoder, v: None) -> None:
    e.out.append(T_NULL)


def _put_bool(e: Encoder, v: bool) -> None:
    e.out.append(T_TRUE if v else T_FALSE)


def _put_int(e: Encoder, v: int) -> None:
    if -64 <= v < 64:
        e.out.append(0xC0 + v)
    elif -(1 << 63) <= v < 1 << 63:
        e.out.append(T_INT64)
        e.out += _pack_i64(v)
    else:
        size = v.bit_length() // 8 + 1
        if size > MAX_BIGINT:
            raise TypeError(f"a whole number of {size} bytes is too large to cross")
        e.out.append(T_BIGINT)
        e.put_count(size)
        e.out += v.to_bytes(size, "little", signed=True)


def _put_float(e: Encoder, v: float) -> None:
    e.out.append(T_FLOAT)
    e.out += _pack_f64(v)


def _put_number(e: Encoder, v: Number) -> None:
    e.out.append(T_NUMBER)
    e.put(v.val)
    e.put_text(v.unit)


def _put_str(e: Encoder, v: str) -> None:
    data = _utf8(v)
    size = len(data)
    if size < 255:
        e.out += _SHORT[size]
    else:
        e.out.append(T_LONGSTR)
        e.put_count(size)
    e.out += data


def _put_uri(e: Encoder, v: Uri) -> None:
    e.out.append(T_URI)
    e.put_text(v.val)


def _put_symbol(e: Encoder, v: Symbol) -> None:
    e.out.append(T_SYMBOL)
    e.put_text(v.val)


def _put_ref(e: Encoder, v: Ref) -> None:
    dis = v.dis_text
    e.out.append(T_REF if dis is None else T_REFDIS)
    e.put_text(v.val)
    if dis is not None:
        e.put_text(dis)


def _put_xstr(e: Encoder, v: XStr) -> None:
    e.out.append(T_XSTR)
    e.put_text(v.type)
    e.put_text(v.val)


def _put_buf(e: Encoder, v: Any) -> None:
    e.out.append(T_BUF)
    e.put_block(v)


def _put_coord(e: Encoder, v: Coord) -> None:
    e.out.append(T_COORD)
    e.out += COORD.pack(v.ulat, v.ulng)


def _put_marker(e: Encoder, v: Marker) -> None:
    e.out.append(T_MARKER)


def _put_na(e: Encoder, v: NA) -> None:
    e.out.append(T_NA)


def _put_remove(e: Encoder, v: Remove) -> None:
    e.out.append(T_REMOVE)


def _put_list(e: Encoder, v: Sequence[Any]) -> None:
    if len(v) >= _PACKED and _put_packed(e, v):
        return
    e.enter()
    e.out.append(T_LIST)
    e.put_count(len(v))
    puts = e.puts
    for item in v:
        put = puts.get(type(item))
        if put is None:
            e.put_other(item)
        else:
            put(e, item)
    e.leave()


def _put_packed(e: Encoder, v: Sequence[Any]) -> bool:
    """Write a list whose items are all float, all int64 or all text as one block."""
    kinds = set(map(type, v))
    if len(kinds) != 1:
        return False
    kind = kinds.pop()
    if kind is float or kind is int:
        try:
            block = _pack_numbers("d" if kind is float else "q", v)
        except OverflowError:  # beyond 64 bits
            return False
        e.out.append(T_FLOATS if kind is float else T_INTS)
        e.put_count(len(v))
        e.out += block
    elif kind is str:
        e.out.append(T_STRS)
        put_texts(e, v)
    else:
        return False
    return True


def _pack_numbers(code: str, v: Sequence[Any]) -> bytes:
    """Numbers as one block, little-endian; `array` is twice as fast as `struct` but takes an import.

    Raises:
        OverflowError: a whole number beyond 64 bits.
    """
    if len(v) < 1000 or not LITTLE:
        try:
            return pack(f"<{len(v)}{code}", *v)
        except struct_error as e:
            raise OverflowError(str(e)) from e
    from array import array

    return array(code, v).tobytes()


def put_texts(e: Encoder, texts: Sequence[str]) -> None:
    """Write texts as one block: count, u32 length of each in characters, then all of them joined."""
    e.put_count(len(texts))
    e.out += pack(f"<{len(texts)}I", *map(len, texts))
    e.put_text("".join(texts))


def _put_dict(e: Encoder, v: dict[str, Any]) -> None:
    if _NULL in map(type, v.values()):  # not `None in`: an array does not compare to one Bool
        v = {name: item for name, item in v.items() if item is not None}
    e.enter()
    out = e.out
    names = tuple(v)
    block = _name_blocks.get(names)
    if block is None:
        block = _make_block(names)
    out += block
    puts = e.puts
    for item in v.values():
        kind = type(item)
        if kind is float:
            out.append(T_FLOAT)
            out += _pack_f64(item)
            continue
        if kind is str and len(item) < 64:
            data = _utf8(item)
            out += _SHORT[len(data)]
            out += data
            continue
        put = puts.get(kind)
        if put is None:
            e.put_other(item)
        else:
            put(e, item)
    e.leave()


def _make_block(names: tuple[Any, ...]) -> bytes:
    """Tag, number of names, size of the block, the names; kept because dicts of one shape come in numbers."""
    parts = []
    for name in names:
        if type(name) is not str:
            raise TypeError(f"a dict with the key {name!r} cannot cross: keys must be text")
        data = _utf8(name)
        parts.append(bytes((len(data),)) + data if len(data) < 255 else b"\xff" + U32.pack(len(data)) + data)
    texts = b"".join(parts)
    block = bytes((T_DICT,)) + U32.pack(len(names)) + U32.pack(len(texts)) + texts
    if len(texts) < 4096:
        if len(_name_blocks) >= KNOWN_NAMES:
            _name_blocks.clear()
        _name_blocks[names] = block
    return block


def _put_grid(e: Encoder, v: Any) -> None:
    from pylib.gridcodec import put_grid

    put_grid(e, v)


def _put_date(e: Encoder, v: dt.date) -> None:
    e.out.append(T_DATE)
    e.out += DATE.pack(v.year, v.month, v.day)


def _put_time(e: Encoder, v: dt.time) -> None:
    e.out.append(T_TIME)
    micros = ((v.hour * 60 + v.minute) * 60 + v.second) * 1_000_000 + v.microsecond
    e.out += TIME.pack(micros * 1000 + getattr(v, "nanos", 0))


def _put_datetime(e: Encoder, v: dt.datetime) -> None:
    zone = v.tzinfo
    key = getattr(zone, "key", None)
    if zone is None or not key:
        e.codec.other(e, v)
        return
    offset = v.utcoffset()
    seconds = (v.toordinal() - _EPOCH_DAY) * 86400 + v.hour * 3600 + v.minute * 60 + v.second
    micros = v.microsecond
    if offset:
        seconds -= offset.days * 86400 + offset.seconds
        micros -= offset.microseconds
        if micros < 0:
            seconds -= 1
            micros += 1_000_000
        if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
            raise TypeError(f"the timestamp {v} cannot cross: its year in UTC is not one of 1 to 9999")
    e.out.append(T_DATETIME)
    e.out += DATETIME.pack(seconds, micros * 1000 + getattr(v, "nanos", 0))
    e.put_text(key)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


PUTS: dict[type, Put] = {
    type(None): _put_null,
    bool: _put_bool,
    int: _put_int,
    float: _put_float,
    str: _put_str,
    list: _put_list,
    dict: _put_dict,
    bytes: _put_buf,
    Number: _put_number,
    Ref: _put_ref,
    Uri: _put_uri,
    Symbol: _put_symbol,
    XStr: _put_xstr,
    Coord: _put_coord,
    Marker: _put_marker,
    NA: _put_na,
    Remove: _put_remove,
}

_BY_NAME: dict[str, Put] = {
    "datetime.date": _put_date,
    "datetime.time": _put_time,
    "datetime.datetime": _put_datetime,
    "pylib.nanos.NanoTime": _put_time,
    "pylib.nanos.NanoDateTime": _put_datetime,
    "pylib.grid.Grid": _put_grid,
    "pylib.grid.Matrix": _put_grid,
}
"""Types whose modules are not imported before a value of theirs turns up."""
