"""From bytes to values; grids and their columns are in `gridcodec`.

Reading trusts nothing: each count is checked against the bytes that are left before anything is allocated,
and nesting ends at `MAX_DEPTH`.
"""

from __future__ import annotations

from struct import unpack_from

from pylib.frames import WireFault
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, XStr
from pylib.layout import (
    COORD,
    DATE,
    DATETIME,
    F64,
    I64,
    KNOWN_NAMES,
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
    T_FUNC,
    T_GRID,
    T_INT64,
    T_INTS,
    T_LIST,
    T_LONGSTR,
    T_MARKER,
    T_MATRIX,
    T_NA,
    T_NULL,
    T_NUMBER,
    T_OBJECT,
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
from pylib.plain import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from typing import Any

    from pylib.codec import Codec

    Get = Callable[["Decoder"], Any]

__all__ = ["Decoder", "are_small", "cut_text", "get_texts"]

_EXACT = 1 << 53
"""Whole numbers up to this magnitude are the same as floats."""
_SMALL = bytes(range(32))
_TAKEN = memoryview(b"")
_unpack_f64 = F64.unpack_from
_known_names: dict[bytes, tuple[str, ...]] = {}


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
        (count,) = U32.unpack_from(self.data, self.at)
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


def _get_int64(d: Decoder) -> int | float:
    d.at += 8
    val = int(I64.unpack_from(d.data, d.at - 8)[0])
    return val if d.codec.exact or -_EXACT <= val <= _EXACT else float(val)


def _get_bigint(d: Decoder) -> int | float:
    size = d.count()
    if size > MAX_BIGINT:
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
    val: float = F64.unpack_from(d.data, d.at - 8)[0]
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
    ulat, ulng = COORD.unpack(d.take(8))
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

    return date(*DATE.unpack(d.take(4)))


def _get_time(d: Decoder) -> dt.time:
    from pylib.times import time_of

    return time_of(TIME.unpack(d.take(8))[0])


def _get_datetime(d: Decoder) -> dt.datetime:
    from pylib.times import datetime_of

    seconds, nanos = DATETIME.unpack(d.take(12))
    return datetime_of(seconds, nanos, d.codec.zone(d.text()))


def _get_grid(d: Decoder) -> Any:
    from pylib.gridcodec import get_grid

    return get_grid(d)


def _get_matrix(d: Decoder) -> Any:
    from pylib.gridcodec import get_matrix

    return get_matrix(d)


def _get_link(tag: int) -> Get:
    def get(d: Decoder) -> Any:
        (ref,) = I64.unpack(d.take(8))
        return d.codec.link(tag, ref, d.get())

    return get


def _unpack_numbers(code: str, block: bytes) -> list[Any]:
    if LITTLE:
        whole_block: Any = memoryview(block)
        found: list[Any] = whole_block.cast(code).tolist()
        return found
    return list(unpack_from(f"<{len(block) // 8}{code}", block))


def _read_names(block: bytes, count: int) -> tuple[str, ...]:
    names = []
    at = 0
    for _ in range(count):
        size = block[at]
        at += 1
        if size == 255:
            (size,) = U32.unpack_from(block, at)
            at += 4
        if size > len(block) - at:
            raise WireFault("a name on the link ends early")
        names.append(str(block[at : at + size], "utf-8", "surrogatepass"))
        at += size
    if at != len(block) or len(set(names)) != count:
        raise WireFault("the names of a dict on the link are damaged, or one is there twice")
    found = tuple(names)
    if len(block) < 4096:
        if len(_known_names) >= KNOWN_NAMES:
            _known_names.clear()
        _known_names[block] = found
    return found


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
