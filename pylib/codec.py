"""Values to bytes and back: one tag byte per kind, then its payload; large columns travel as buffers.

Both ends use this one codec, so that a value needs no other form on the way. It knows no streams. What it
does not know itself it hands to the two hooks of a `Codec`: `other` writes a value of a type that has no tag
of its own (a Python object, a function), `link` makes a value of what came as a reference.

Reading trusts nothing: each count is checked against the bytes that are left before anything is allocated,
and nesting ends at `MAX_DEPTH`. Numbers are little-endian, text is UTF-8 in which lone surrogates pass.
`WIRE.md` lists the tags; grids and their columns are in `gridcodec`.
"""

from __future__ import annotations

import sys
from marshal import dumps, loads
from struct import Struct, pack, unpack_from
from struct import error as struct_error

from pylib.frames import WireFault
from pylib.kinds import MARKER, NA, NA_VALUE, REMOVE, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr
from pylib.plain import MARSHAL, PLAIN, T_PLAIN, plain_of, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from typing import Any, Optional

    Put = Callable[["Encoder", Any], None]
    Get = Callable[["Decoder"], Any]

__all__ = ["MAX_DEPTH", "Codec", "Decoder", "Encoder"]

MAX_DEPTH = 200
"""How deep lists, dicts and grids may be nested."""

# Tags. 0x80 to 0xff stand for the whole numbers -64 to 63 in one byte.
T_NULL, T_FALSE, T_TRUE, T_MARKER, T_NA, T_REMOVE = range(6)
T_INT64, T_BIGINT, T_FLOAT, T_NUMBER = 0x10, 0x11, 0x12, 0x13
T_STR, T_LONGSTR, T_URI, T_SYMBOL, T_REF, T_REFDIS, T_XSTR, T_BUF = range(0x18, 0x20)
T_COORD, T_DATE, T_TIME, T_DATETIME = 0x20, 0x21, 0x22, 0x23
T_LIST, T_DICT, T_INTS, T_FLOATS, T_STRS = 0x28, 0x29, 0x2A, 0x2B, 0x2C
T_GRID, T_MATRIX = 0x30, 0x31
T_OBJECT, T_FUNC = 0x38, 0x39

_I64 = Struct("<q")
_F64 = Struct("<d")
_U32 = Struct("<I")
_COORD = Struct("<ii")
_DATE = Struct("<HBB")
_TIME = Struct("<Q")
_DATETIME = Struct("<qI")
_SHORT = [bytes((T_STR, n)) for n in range(255)]
_PACKED = 8
"""Lists from this length on are looked at for a common kind of their items."""
_MAX_BIGINT = 4096
_LITTLE = sys.byteorder == "little"
_NULL = type(None)
_EPOCH_DAY = 719163
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
"""Of the years 1 to 9999 in UTC, after 1970-01-01T00:00Z."""
_EXACT = 1 << 53
"""Whole numbers up to this magnitude are the same as floats."""
_SMALL = bytes(range(32))
_pack_i64 = _I64.pack
_pack_f64 = _F64.pack
_unpack_f64 = _F64.unpack_from


class Codec:
    """What one end of a session does beyond the kinds that both know.

    Args:
        other: writes a value whose type has no tag; raises TypeError where it can't cross.
        link: gives the value for a reference that came: tag, id, and what was said of it.
        native: deliver what Python code expects: numbers without unit, whole ones as `int`, a Uri as a `str`.
        units: with `native`, makes the object for a number with unit.
        uri: with `native`, makes the object for a Uri.
        zone: finds a time zone by its full id.
        exact: False delivers single whole numbers beyond 2**53 as floats, which is what they are in Axon.

    Where `plain` is set, small values of plain kinds are written in the format of Python's `marshal`
    (`pylib.plain`).
    """

    __slots__ = ("exact", "link", "native", "other", "plain", "puts", "units", "uri", "zone")

    def __init__(
        self,
        other: Callable[[Encoder, Any], None],
        link: Callable[[int, int, Any], Any],
        *,
        native: bool = False,
        units: Optional[Callable[[Any, str], Any]] = None,
        uri: Callable[[str], Any] = Uri,
        zone: Optional[Callable[[str], dt.tzinfo]] = None,
        exact: bool = True,
    ) -> None:
        self.other = other
        self.link = link
        self.native = native
        self.exact = exact
        self.plain = False
        self.units = units
        self.uri = uri
        self.zone = zone or _zone
        self.puts: dict[type, Put] = dict(_PUTS)

    def encode(self, value: Any) -> tuple[bytearray, list[Any]]:
        """Body and buffers of a value.

        Raises:
            TypeError: a value of a type that can't cross, or one nested too deep.
        """
        kind = type(value)
        if kind is int and -64 <= value < 64:
            return bytearray((0xC0 + value,)), []
        if self.plain and (kind is dict or kind is list):
            plain = plain_of(value)
            if plain is not None:
                return bytearray(PLAIN + dumps(plain, MARSHAL)), []
        encoder = Encoder(self)
        encoder.put(value)
        return encoder.out, encoder.buffers

    def decode(self, body: Any, buffers: Sequence[memoryview] = ()) -> Any:
        """The value of a body and its buffers; a list of buffers is emptied while reading.

        Raises:
            WireFault: the bytes are not a value, or more follows.
        """
        if type(body) is not bytes:
            body = bytes(body)
        first = body[0] if body else T_NULL
        if first >= 0x80 and len(body) == 1 and not buffers:
            return first - 0xC0
        if first == T_PLAIN and self.native:
            return loads(body[1:])
        decoder = Decoder(self, body, buffers)
        try:
            value = decoder.get()
        except (IndexError, UnicodeDecodeError, ValueError, OverflowError) as e:
            raise WireFault(f"a value on the link is damaged ({e})") from e
        except struct_error as e:
            raise WireFault("a value on the link is damaged (it ends early)") from e
        if decoder.at != decoder.end:
            raise WireFault(f"a value on the link is followed by {decoder.end - decoder.at} bytes too many")
        if decoder.used != len(decoder.buffers):
            raise WireFault(f"a value on the link left {len(decoder.buffers) - decoder.used} buffers unused")
        return value


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
        self.out += _U32.pack(len(data))
        self.out += data

    def put_count(self, count: int) -> None:
        """Write a count as u32."""
        if count > 0xFFFFFFFF:
            raise TypeError(f"{count} items are more than a value can hold on the link")
        self.out += _U32.pack(count)

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


class Decoder:
    """Reads values from a body."""

    __slots__ = ("at", "buffers", "codec", "data", "depth", "end", "used")

    def __init__(self, codec: Codec, data: Any, buffers: Sequence[memoryview]) -> None:
        self.codec = codec
        self.data = data
        self.at = 0
        self.end = len(data)
        self.buffers = buffers
        self.used = 0
        self.depth = 0

    def get(self) -> Any:
        """Read one value."""
        tag = self.data[self.at]
        self.at += 1
        if tag >= 0x80:
            return tag - 0xC0
        get = _GETS.get(tag)
        if get is None:
            raise WireFault(f"a value on the link has the unknown tag {tag:#04x}")
        return get(self)

    def take(self, size: int) -> Any:
        """The next `size` bytes."""
        at = self.at
        if size > self.end - at:
            raise WireFault(f"a value on the link wants {size} bytes where {self.end - at} are left")
        self.at = at + size
        return self.data[at : at + size]

    def count(self, least: int = 1) -> int:
        """A u32 count of things that take at least `least` bytes each."""
        (count,) = _U32.unpack_from(self.data, self.at)
        self.at += 4
        if count * least > self.end - self.at:
            raise WireFault(
                f"a value on the link counts {count} items where {self.end - self.at} bytes are left"
            )
        return int(count)

    def text(self) -> str:
        """A text without a tag."""
        return str(self.take(self.count()), "utf-8", "surrogatepass")

    def buffer(self) -> memoryview:
        """The next buffer of the frame."""
        if self.used >= len(self.buffers):
            raise WireFault("a value on the link refers to a buffer that did not come")
        found = self.buffers[self.used]
        if type(self.buffers) is list:  # whoever makes a value of it may let it go before the next is read
            self.buffers[self.used] = _TAKEN
        self.used += 1
        return found

    def enter(self) -> None:
        """Go one level deeper."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise WireFault(f"a value on the link is nested deeper than {MAX_DEPTH} levels")

    def leave(self) -> None:
        """Come back one level."""
        self.depth -= 1


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _zone(key: str) -> dt.tzinfo:
    from pylib.times import zone_by_id

    return zone_by_id(key)


# ---- writing


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
        if size > _MAX_BIGINT:
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
    if len(v) >= LARGE:
        e.out.append(1)
        e.buffers.append(v)
    else:
        e.out.append(0)
        e.put_count(len(v))
        e.out += v


def _put_coord(e: Encoder, v: Coord) -> None:
    e.out.append(T_COORD)
    e.out += _COORD.pack(v.ulat, v.ulng)


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
    if len(v) < 1000 or not _LITTLE:
        try:
            return pack(f"<{len(v)}{code}", *v)
        except struct_error as e:
            raise OverflowError(str(e)) from e
    from array import array

    return array(code, v).tobytes()


def _unpack_numbers(code: str, block: bytes) -> list[Any]:
    if _LITTLE:
        whole_block: Any = memoryview(block)
        found: list[Any] = whole_block.cast(code).tolist()
        return found
    return list(unpack_from(f"<{len(block) // 8}{code}", block))


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


_KNOWN_NAMES = 1024
"""How many different rows of names are kept, as bytes by the writer and as texts by the reader."""
_name_blocks: dict[tuple[Any, ...], bytes] = {}
_known_names: dict[bytes, tuple[str, ...]] = {}


def _make_block(names: tuple[Any, ...]) -> bytes:
    """Tag, number of names, size of the block, the names; kept because dicts of one shape come in numbers."""
    parts = []
    for name in names:
        if type(name) is not str:
            raise TypeError(f"a dict with the key {name!r} cannot cross: keys must be text")
        data = _utf8(name)
        parts.append(bytes((len(data),)) + data if len(data) < 255 else b"\xff" + _U32.pack(len(data)) + data)
    texts = b"".join(parts)
    block = bytes((T_DICT,)) + _U32.pack(len(names)) + _U32.pack(len(texts)) + texts
    if len(texts) < 4096:
        if len(_name_blocks) >= _KNOWN_NAMES:
            _name_blocks.clear()
        _name_blocks[names] = block
    return block


def _read_names(block: bytes, count: int) -> tuple[str, ...]:
    names = []
    at = 0
    for _ in range(count):
        size = block[at]
        at += 1
        if size == 255:
            (size,) = _U32.unpack_from(block, at)
            at += 4
        if size > len(block) - at:
            raise WireFault("a name on the link ends early")
        names.append(str(block[at : at + size], "utf-8", "surrogatepass"))
        at += size
    if at != len(block) or len(set(names)) != count:
        raise WireFault("the names of a dict on the link are damaged, or one is there twice")
    found = tuple(names)
    if len(block) < 4096:
        if len(_known_names) >= _KNOWN_NAMES:
            _known_names.clear()
        _known_names[block] = found
    return found


def _put_grid(e: Encoder, v: Any) -> None:
    from pylib.gridcodec import put_grid

    put_grid(e, v)


def _put_date(e: Encoder, v: dt.date) -> None:
    e.out.append(T_DATE)
    e.out += _DATE.pack(v.year, v.month, v.day)


def _put_time(e: Encoder, v: dt.time) -> None:
    e.out.append(T_TIME)
    micros = ((v.hour * 60 + v.minute) * 60 + v.second) * 1_000_000 + v.microsecond
    e.out += _TIME.pack(micros * 1000 + getattr(v, "nanos", 0))


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
    e.out += _DATETIME.pack(seconds, micros * 1000 + getattr(v, "nanos", 0))
    e.put_text(key)


# ---- reading


def _get_int64(d: Decoder) -> int | float:
    d.at += 8
    val = int(_I64.unpack_from(d.data, d.at - 8)[0])
    return val if d.codec.exact or -_EXACT <= val <= _EXACT else float(val)


def _get_bigint(d: Decoder) -> int | float:
    size = d.count()
    if size > _MAX_BIGINT:
        raise WireFault(f"a whole number of {size} bytes on the link is too large")
    val = int.from_bytes(d.take(size), "little", signed=True)
    if d.codec.exact:
        return val
    try:
        return float(val)
    except OverflowError:
        return float("inf") if val > 0 else float("-inf")


def _get_float(d: Decoder) -> int | float:
    d.at += 8
    val: float = _F64.unpack_from(d.data, d.at - 8)[0]
    return whole(val) if d.codec.native and val.is_integer() else val


def _get_number(d: Decoder) -> Any:
    val = d.get()
    if type(val) is not int and type(val) is not float:
        raise WireFault("a number on the link has no numeric value")
    unit = d.text()
    if not d.codec.native:
        return Number(val, unit) if unit else val
    return val if d.codec.units is None else d.codec.units(val, unit)


def _get_str(d: Decoder) -> str:
    at = d.at + 1
    d.at = at + d.data[at - 1]
    if d.at > d.end:
        raise WireFault("a text on the link ends early")
    return bytes.decode(d.data[at : d.at], "utf-8", "surrogatepass")


def _get_uri(d: Decoder) -> Any:
    return d.codec.uri(d.text())


def _get_symbol(d: Decoder) -> Symbol:
    return Symbol(d.text())


def _get_ref(d: Decoder) -> Ref:
    return Ref(d.text())


def _get_refdis(d: Decoder) -> Ref:
    return Ref(d.text(), d.text())


def _get_xstr(d: Decoder) -> XStr:
    return XStr(d.text(), d.text())


def _get_buf(d: Decoder) -> bytes:
    if d.take(1)[0]:
        return bytes(d.buffer())
    return bytes(d.take(d.count()))


def _get_coord(d: Decoder) -> Coord:
    ulat, ulng = _COORD.unpack(d.take(8))
    made = Coord(ulat / 1_000_000, ulng / 1_000_000)
    object.__setattr__(made, "ulat", ulat)  # the division may be off by one micro-degree
    object.__setattr__(made, "ulng", ulng)
    return made


def _get_list(d: Decoder) -> list[Any]:
    count = d.count()
    d.enter()
    get = d.get
    out = [get() for _ in range(count)]
    d.leave()
    return out


def _get_ints(d: Decoder) -> list[Any]:
    count = d.count(8)
    block = d.take(8 * count)
    vals = _unpack_numbers("q", block)
    if d.codec.exact or are_small(block) or not vals:
        return vals
    if -_EXACT <= min(vals) <= max(vals) <= _EXACT:
        return vals
    return [val if -_EXACT <= val <= _EXACT else float(val) for val in vals]


def are_small(block: bytes) -> bool:
    """Whether all int64 of a block are quickly seen to lie between 0 and 2**53."""
    return not block[7::8].strip(b"\0") and not block[6::8].strip(_SMALL)


def _get_floats(d: Decoder) -> list[Any]:
    count = d.count(8)
    vals = _unpack_numbers("d", d.take(8 * count))
    return [whole(v) if v.is_integer() else v for v in vals] if d.codec.native else vals


def get_texts(d: Decoder) -> list[str]:
    """Read what `put_texts` wrote."""
    count = d.count(4)
    sizes = unpack_from(f"<{count}I", d.take(4 * count))
    return cut_text(d.text(), sizes)


def cut_text(text: str, sizes: Sequence[int]) -> list[str]:
    """Cut a text into pieces of the given numbers of characters."""
    if sum(sizes) != len(text):
        raise WireFault("texts on the link do not have the lengths that they claim")
    out = []
    at = 0
    for size in sizes:
        out.append(text[at : at + size])
        at += size
    return out


def _get_dict(d: Decoder) -> dict[str, Any]:
    count = d.count(2)
    block = bytes(d.take(d.count()))
    names = _known_names.get(block)
    if names is None or len(names) != count:
        names = _read_names(block, count)
    d.enter()
    out: dict[str, Any] = {}
    data = d.data
    get = d.get
    native = d.codec.native
    at = d.at
    # The common kinds without a call; a text that ends early shows at the next tag, or the end.
    for name in names:
        tag = data[at]
        if tag >= 0x80:
            at += 1
            out[name] = tag - 0xC0
        elif tag == T_STR:
            start = at + 2
            at = start + data[at + 1]
            out[name] = str(data[start:at], "utf-8", "surrogatepass")
        elif tag == T_FLOAT:
            val = _unpack_f64(data, at + 1)[0]
            at += 9
            out[name] = whole(val) if native and val.is_integer() else val
        elif tag == T_NULL:
            at += 1
        else:
            d.at = at
            out[name] = get()
            at = d.at
    d.at = at
    d.leave()
    return out


def _get_date(d: Decoder) -> dt.date:
    from datetime import date

    return date(*_DATE.unpack(d.take(4)))


def _get_time(d: Decoder) -> dt.time:
    from pylib.times import time_of

    return time_of(_TIME.unpack(d.take(8))[0])


def _get_datetime(d: Decoder) -> dt.datetime:
    from pylib.times import datetime_of

    seconds, nanos = _DATETIME.unpack(d.take(12))
    return datetime_of(seconds, nanos, d.codec.zone(d.text()))


def _get_grid(d: Decoder) -> Any:
    from pylib.gridcodec import get_grid

    return get_grid(d)


def _get_matrix(d: Decoder) -> Any:
    from pylib.gridcodec import get_matrix

    return get_matrix(d)


def _get_link(tag: int) -> Get:
    def get(d: Decoder) -> Any:
        (ref,) = _I64.unpack(d.take(8))
        return d.codec.link(tag, ref, d.get())

    return get


def put_link(e: Encoder, tag: int, ref: int, about: Any) -> None:
    """Write a reference: its id and what the other end should know of it."""
    e.out.append(tag)
    e.out += _I64.pack(ref)
    e.put(about)


_TAKEN = memoryview(b"")


LARGE = 4096
"""Bytes: from this size on, a block travels as a buffer beside the body."""

_PUTS: dict[type, Put] = {
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


_GETS: dict[int, Get] = {
    T_NULL: lambda d: None,
    T_FALSE: lambda d: False,
    T_TRUE: lambda d: True,
    T_MARKER: lambda d: MARKER,
    T_NA: lambda d: NA_VALUE,
    T_REMOVE: lambda d: REMOVE,
    T_INT64: _get_int64,
    T_BIGINT: _get_bigint,
    T_FLOAT: _get_float,
    T_NUMBER: _get_number,
    T_STR: _get_str,
    T_LONGSTR: Decoder.text,
    T_URI: _get_uri,
    T_SYMBOL: _get_symbol,
    T_REF: _get_ref,
    T_REFDIS: _get_refdis,
    T_XSTR: _get_xstr,
    T_BUF: _get_buf,
    T_COORD: _get_coord,
    T_DATE: _get_date,
    T_TIME: _get_time,
    T_DATETIME: _get_datetime,
    T_LIST: _get_list,
    T_DICT: _get_dict,
    T_INTS: _get_ints,
    T_FLOATS: _get_floats,
    T_STRS: get_texts,
    T_GRID: _get_grid,
    T_MATRIX: _get_matrix,
    T_OBJECT: _get_link(T_OBJECT),
    T_FUNC: _get_link(T_FUNC),
}
