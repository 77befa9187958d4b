"""Brio, the binary form of Haystack values that hxPy speaks: value ↔ bytes.

Big-endian; a control byte, then the payload. Numbers have a unit or an empty text, whole numbers are 16 or 32
bits wide, all others are floats: 64-bit integers do not exist. Text is counted in UTF-16 units, each of
which is encoded by itself, so a character beyond U+FFFF takes six bytes.

What comes in is hostile: nesting is limited, and a count is checked against the bytes that can still come
before anything is made of it. Reading goes on while bytes arrive, because answers of hxPy have no length.
"""

from __future__ import annotations

import re
import sys
from struct import Struct
from struct import error as struct_error

from pylib.frames import WireFault
from pylib.kinds import MARKER, NA, NA_VALUE, REMOVE, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from typing import Any

__all__ = ["MAX_DEPTH", "BrioReader", "BrioWriter", "decode", "encode"]

MAX_DEPTH = 100
_LONG = 256
"""Rows from which on a grid is written a column at a time."""
_LONGER = 8192
"""Rows from which on it is read so."""
_WIDE = 32
"""Columns up to which rows are cut by one regular expression."""
_BLOCK = 8192
"""How many rows of rarer kinds are read before the expression is tried again."""
MAX_SIZE = 1 << 31
"""Bytes: the longest value that is read."""

_NULL, _MARKER, _NA, _REMOVE, _FALSE, _TRUE, _I16, _I32, _F64, _STR = range(10)
_REF, _REF_HANDLE, _URI, _DATE, _TIME, _SECONDS, _NANOS = range(0x0A, 0x11)
_COORD, _XSTR, _BUF, _NO_DICT, _DICT, _NO_LIST, _LIST, _GRID, _SYMBOL = range(0x11, 0x1A)
_FLOAT_NANOS = 0x20

_u16 = Struct(">H")
_u32 = Struct(">I")
_i64 = Struct(">q")
_number16 = Struct(">Bh")
_number32 = Struct(">Bi")
_number64 = Struct(">Bd")
_f64 = Struct(">d")
_date = Struct(">BHBB")
_time = Struct(">BI")
_coord = Struct(">BII")
_NO_UNIT = b"\xff\x00"
_HANDLE = re.compile("[0-7][0-9a-f]{7}-[0-9a-f]{8}", re.ASCII)
_EPOCH = 946_684_800
"""Seconds from 1970 to 2000."""
_EXACT = 1 << 53
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def encode(value: Any, city: Callable[[dt.datetime], str] | None = None) -> bytes:
    """The bytes of a value; `city` gives the Haystack name of the zone of a timestamp.

    Raises:
        WireFault: a value that Brio has no form for, or one nested too deeply.
    """
    return BrioWriter(city).value(value)


def decode(data: bytes, zone: Callable[[str], dt.tzinfo] | None = None) -> Any:
    """The value of bytes; `zone` finds the zone of a Haystack name.

    Raises:
        WireFault: the bytes are not one value.
    """
    reader = BrioReader(data, zone=zone)
    found = reader.value()
    if reader.left:
        raise WireFault(f"{reader.left} bytes follow the value")
    return found


# ---- writing


class BrioWriter:
    """Writes values; bytes of texts and of cells that come often are made once."""

    def __init__(self, city: Callable[[dt.datetime], str] | None = None) -> None:
        self._city = city or _city_of
        self._names: dict[str, bytes] = {}

    def value(self, value: Any, depth: int = 0) -> bytes:
        """The bytes of one value.

        Raises:
            WireFault: a kind that Brio does not have, or nesting beyond `MAX_DEPTH`.
        """
        put = _PUTS.get(type(value))
        if put is not None:
            return put(value)
        if depth > MAX_DEPTH:
            raise WireFault(f"a value nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            return self._dict(value, depth)
        if isinstance(value, list):
            return self._list(value, depth)
        from pylib.grid import Grid

        if isinstance(value, Grid):
            return self._grid(value, depth)
        return self._other(value)

    def _other(self, value: Any) -> bytes:
        import datetime as dt

        if isinstance(value, dt.datetime):
            return self._datetime(value)
        if isinstance(value, dt.date):
            return _date.pack(_DATE, value.year, value.month, value.day)
        if isinstance(value, dt.time):
            millis = ((value.hour * 60 + value.minute) * 60 + value.second) * 1000 + value.microsecond // 1000
            return _time.pack(_TIME, millis)
        if isinstance(value, str) and type(value).__name__ == "Uri":
            return b"\x0c" + _text(str(value))
        raise WireFault(f"a {type(value).__name__} cannot cross to hxPy")

    def _datetime(self, value: dt.datetime) -> bytes:
        from pylib.times import stamp_of

        if value.tzinfo is None:
            raise WireFault("a timestamp without time zone cannot cross to hxPy")
        city = self._name(self._city(value))
        nanos = stamp_of(value) - _EPOCH * 1_000_000_000
        seconds, rest = divmod(nanos, 1_000_000_000)
        if not rest and -(1 << 31) <= seconds < 1 << 31:
            return _number32.pack(_SECONDS, seconds) + city
        if not -(1 << 63) <= nanos < 1 << 63:
            raise WireFault(f"the timestamp {value} is too far from the year 2000 for hxPy")
        return b"\x10" + _i64.pack(nanos) + city

    def _name(self, text: str) -> bytes:
        found = self._names.get(text)
        if found is None:
            if len(self._names) > 4096:
                self._names.clear()
            found = self._names[text] = _text(text)
        return found

    def _dict(self, value: dict[str, Any], depth: int) -> bytes:
        parts = [b""]
        for name, val in value.items():
            if val is not None:
                if type(name) is not str:
                    raise WireFault(f"the name {name!r} of a tag is not a Str")
                parts.append(self._name(name))
                parts.append(self.value(val, depth + 1))
        if len(parts) == 1:
            return b"\x14"
        parts[0] = b"\x15{" + _varint(len(parts) // 2)
        parts.append(b"}")
        return b"".join(parts)

    def _list(self, value: list[Any], depth: int) -> bytes:
        if not value:
            return b"\x16"
        return b"".join([b"\x17[", _varint(len(value)), *[self.value(v, depth + 1) for v in value], b"]"])

    def _grid(self, grid: Any, depth: int) -> bytes:
        cols = grid.cols()
        parts = [b"\x18<", _varint(len(cols)), _varint(len(grid)), self._dict(grid.meta(), depth)]
        for col in cols:
            parts += [self._name(col.name()), self._dict(col.meta(), depth)]
        if not self._put_cells(grid, parts, depth):
            columns = [self._column(grid.column(col.name()), depth) for col in cols]
            parts += [cell for row in zip(*columns) for cell in row]
        parts.append(b">")
        return b"".join(parts)

    def _put_cells(self, grid: Any, parts: list[bytes], depth: int) -> bool:
        """Write the cells of a long grid with numpy, if it is loaded; False: they are left to be written."""
        if len(grid) < _LONG or "numpy" not in sys.modules:
            return False
        from pylib.briocolumns import cell_bytes

        try:
            parts += cell_bytes(
                grid,
                lambda cells: self._column(cells, depth),
                self._name,
                lambda cell: self._name(self._city(cell)),
            )
        except OverflowError as e:
            raise WireFault(f"{e} for hxPy") from e
        return True

    def _column(self, column: list[Any], depth: int) -> list[bytes]:
        """The bytes of each cell; those of the frequent kinds without a call per cell."""
        kinds = set(map(type, column))
        if kinds == {float}:
            pack = _f64.pack
            return [_number(x) if x.is_integer() else b"\x08" + pack(x) + _NO_UNIT for x in column]
        if kinds <= {str, Ref, type(None)} and column:
            known: dict[Any, bytes] = {}
            out = []
            for cell in column:
                key = (cell.val, cell.dis_text) if type(cell) is Ref else cell
                found = known.get(key)
                if found is None:
                    found = known[key] = self.value(cell)
                out.append(found)
            return out
        return [self.value(cell, depth + 1) for cell in column]


def _varint(n: int) -> bytes:
    if n < 0:
        return b"\xff"
    if n <= 0x7F:
        return bytes((n,))
    if n <= 0x3FFF:
        return _u16.pack(n | 0x8000)
    if n <= 0x1FFFFFFF:
        return _u32.pack(n | 0xC0000000)
    return b"\xe0" + _i64.pack(n)


def _chars(text: str) -> bytes:
    """A count of UTF-16 units, then each unit by itself as UTF-8."""
    if text.isascii():
        return _varint(len(text)) + text.encode()
    if _ASTRAL.search(text):
        data = text.encode("utf-16-be", "surrogatepass")
        text = "".join([chr(data[i] << 8 | data[i + 1]) for i in range(0, len(data), 2)])
    return _varint(len(text)) + text.encode("utf-8", "surrogatepass")


def _text(text: str) -> bytes:
    return b"\xff" + _chars(text)


def _number(x: Any, unit: bytes = _NO_UNIT) -> bytes:
    if x == x and -0x7FFFFFFF <= x <= 0x7FFFFFFF:
        whole = int(x)
        if whole == x and (whole or str(x) != "-0.0"):
            if -32767 <= whole <= 32767:
                return _number16.pack(_I16, whole) + unit
            return _number32.pack(_I32, whole) + unit
    try:
        return _number64.pack(_F64, x) + unit
    except (OverflowError, struct_error) as e:
        raise WireFault("a number beyond the range of floats cannot cross to hxPy") from e


def _ref(ref: Ref) -> bytes:
    dis = _chars(ref.dis_text or "")
    if _HANDLE.fullmatch(ref.val):
        return b"\x0b" + bytes.fromhex(ref.val.replace("-", "")) + dis
    return b"\x0a" + _text(ref.val) + dis


_PUTS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda v: b"\x00",
    bool: lambda v: b"\x05" if v else b"\x04",
    int: _number,
    float: _number,
    str: lambda v: b"\x09" + _text(v),
    Marker: lambda v: b"\x01",
    NA: lambda v: b"\x02",
    Remove: lambda v: b"\x03",
    Number: lambda v: _number(v.val, _text(v.unit)),
    Ref: _ref,
    Uri: lambda v: b"\x0c" + _text(v.val),
    Symbol: lambda v: b"\x19" + _text(v.val),
    XStr: lambda v: b"\x12" + _text(v.type) + _text(v.val),
    Coord: lambda v: _coord.pack(_COORD, v.ulat + 90_000_000, v.ulng + 180_000_000),
    bytes: lambda v: b"\x13" + _varint(len(v)) + v,
}


# ---- reading


class BrioReader:
    """Reads values from bytes, and from more bytes where `more` gives them.

    Args:
        data: what is there already.
        more: waits for further bytes and gives at least one; absent where all is there.
        zone: finds the zone of a Haystack name.
        native: as Python code expects values: numbers without unit, a Uri as a `str`.
        max_size: bytes, the most that one value may take.
    """

    def __init__(
        self,
        data: bytes = b"",
        more: Callable[[], bytes] | None = None,
        *,
        zone: Callable[[str], dt.tzinfo] | None = None,
        native: bool = False,
        max_size: int = MAX_SIZE,
    ) -> None:
        self._data = bytearray(data)
        self._at = 0
        self._more = more
        self._zone = zone or _zone_of
        self._native = native
        self._max = max_size
        self._depth = 0

    @property
    def left(self) -> int:
        """Bytes that are there and were not read."""
        return len(self._data) - self._at

    def message(self) -> Any:
        """Wait for one value and forget its bytes."""
        found = self.value()
        del self._data[: self._at]
        self._at = 0
        return found

    def value(self) -> Any:
        """Read one value.

        Raises:
            WireFault: what came is not Brio, or more than is allowed.
        """
        control = self._take(1)[0]
        read = _READS.get(control)
        if read is None:
            raise WireFault(f"control byte {control:02x} is not one of Brio")
        return read(self)

    def _take(self, count: int) -> bytearray:
        at, data = self._at, self._data
        end = at + count
        if end > len(data):
            self._fetch(end)
            data = self._data
        self._at = end
        return data[at:end]

    def _fetch(self, end: int) -> None:
        if end > self._max:
            raise WireFault(f"a value of more than {self._max} bytes")
        if self._more is None:
            raise WireFault(f"{end - self._at} bytes are missing at the end")
        data = self._data
        while len(data) < end:
            data += self._more()

    def _varint(self) -> int:
        first = self._take(1)[0]
        if first <= 0x7F:
            return first
        if first <= 0xBF:
            return (first & 0x3F) << 8 | self._take(1)[0]
        if first <= 0xDF:
            return (first & 0x1F) << 24 | int.from_bytes(self._take(3), "big")
        if first == 0xE0:
            return int.from_bytes(self._take(8), "big", signed=True)
        if first == 0xFF:
            return -1
        raise WireFault(f"a count can't begin with byte {first:02x}")

    def _count(self, least: int = 1) -> int:
        """A number of things that take `least` bytes each, checked against the bytes that can come."""
        count = self._varint()
        room = (self._max if self._more else len(self._data)) - self._at
        if not 0 <= count <= room // least:
            raise WireFault(f"a count of {count} is more than the bytes that are left can hold")
        return count

    def _chars(self) -> str:
        count = self._count()
        data = self._take(count)
        if data.isascii():
            return data.decode("ascii")
        return self._wide(data, count)

    def _wide(self, data: bytearray, count: int) -> str:
        """Text that is not ASCII: find its end, then join the halves of characters beyond U+FFFF."""
        at = 0
        for _ in range(count):
            if at == len(data):
                data += self._take(1)
            first = data[at]
            size = 1 if first < 0x80 else 2 if 0xC2 <= first < 0xE0 else 3 if 0xE0 <= first < 0xF0 else 0
            if not size:
                raise WireFault(f"byte {first:02x} is not one of text")
            at += size
            if at > len(data):
                data += self._take(at - len(data))
        if at < len(data):
            raise WireFault("text that is not UTF-8")
        try:
            text = data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as e:
            raise WireFault(f"text that is not UTF-8 ({e.reason})") from e
        if re.search("[\ud800-\udbff][\udc00-\udfff]", text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return text

    def _text(self) -> str:
        code = self._varint()
        if code != -1:
            raise WireFault(f"entry {code} of a table of constants, which hxPy does not have")
        return self._chars()

    def _number(self, val: Any) -> Any:
        unit = self._text()
        return Number(val, unit) if unit and not self._native else val

    def _f64(self) -> Any:
        (val,) = _f64.unpack(self._take(8))
        if -_EXACT <= val <= _EXACT and val.is_integer() and (val or str(val) != "-0.0"):
            val = int(val)
        return self._number(val)

    def _uri(self) -> Any:
        text = self._text()
        if self._native:
            from pylib.native import Uri as NativeUri

            return NativeUri(text)
        return Uri(text)

    def _ref(self) -> Ref:
        val = self._text()
        return Ref(val, self._chars() or None)

    def _ref_handle(self) -> Ref:
        digits = self._take(8).hex()
        return Ref(f"{digits[:8]}-{digits[8:]}", self._chars() or None)

    def _date(self) -> dt.date:
        import datetime as dt

        data = self._take(4)
        try:
            return dt.date(data[0] << 8 | data[1], data[2], data[3])
        except ValueError as e:
            raise WireFault(f"a date that is none ({e})") from e

    def _time(self) -> dt.time:
        from pylib.times import time_of

        (millis,) = _u32.unpack(self._take(4))
        try:
            return time_of(millis * 1_000_000)
        except ValueError as e:
            raise WireFault(str(e)) from e

    def _moment(self, nanos: int) -> dt.datetime:
        from pylib.times import datetime_of

        zone = self._text()
        seconds, rest = divmod(nanos, 1_000_000_000)
        try:
            return datetime_of(seconds + _EPOCH, rest, self._zone(zone))
        except (ValueError, OverflowError) as e:
            raise WireFault(f"a timestamp that is none ({e})") from e

    def _float_moment(self) -> dt.datetime:
        (nanos,) = _f64.unpack(self._take(8))
        if not abs(nanos) < 9e18:
            raise WireFault("a timestamp that is none")
        return self._moment(int(nanos))

    def _coord(self) -> Coord:
        lat, lng = _u32.unpack(self._take(4))[0], _u32.unpack(self._take(4))[0]
        try:
            return Coord((lat - 90_000_000) / 1e6, (lng - 180_000_000) / 1e6)
        except ValueError as e:
            raise WireFault(str(e)) from e

    def _buf(self) -> bytes:
        return bytes(self._take(self._count()))

    def _expect(self, mark: str) -> None:
        if chr(self._take(1)[0]) != mark:
            raise WireFault(f"{mark} is missing")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise WireFault(f"a value nested more than {MAX_DEPTH} deep")

    def _dict(self) -> dict[str, Any]:
        self._deeper()
        self._expect("{")
        out = {}
        for _ in range(self._count(3)):
            name = self._text()
            val = self.value()
            if val is not None:
                out[name] = val
        self._expect("}")
        self._depth -= 1
        return out

    def _any_dict(self) -> dict[str, Any]:
        found = self.value()
        if type(found) is not dict:
            raise WireFault("meta data that is not a Dict")
        return found

    def _list(self) -> list[Any]:
        self._deeper()
        self._expect("[")
        value = self.value
        out = [value() for _ in range(self._count())]
        self._expect("]")
        self._depth -= 1
        return out

    def _grid(self) -> Any:
        from pylib.grid import Col, Grid

        self._deeper()
        self._expect("<")
        width, size = self._count(3), self._varint()
        meta = self._any_dict()
        cols = [Col(self._text(), self._any_dict()) for _ in range(width)]
        room = (self._max if self._more else len(self._data)) - self._at
        if size < 0 or size * max(width, 1) > room:
            raise WireFault(f"a count of {size} rows is more than the bytes that are left can hold")
        if size >= _LONGER and 0 < width <= _WIDE and "numpy" in sys.modules:
            columns = self._long_columns(width, size)
        else:
            value = self.value
            cells = [value() for _ in range(size * width)]
            columns = [cells[i::width] for i in range(width)]
        self._expect(">")
        self._depth -= 1
        try:
            return Grid(cols, columns, meta, size)
        except ValueError as e:
            raise WireFault(f"a grid that is none ({e})") from e

    def _long_columns(self, width: int, size: int) -> list[Any]:
        """The columns of a long grid; rows of frequent kinds are cut by one regular expression."""
        from pylib.brioread import ColumnMaker, columns_of, row_pattern

        makers = [ColumnMaker(self._native, self._cell, self._zone) for _ in range(width)]
        pattern = row_pattern(width)
        left = size
        others = 1  # rows of other kinds mostly stand together
        while left:
            columns, self._at = columns_of(pattern, self._data, self._at)
            found = len(columns[0]) if columns else 0
            if not found:
                found = min(others, left)
                others = min(2 * others, _BLOCK)
                columns = list(zip(*[[self._raw_cell() for _ in range(width)] for _ in range(found)]))
            else:
                others = 1
            if found > left:
                raise WireFault("a grid has more rows than it says")
            left -= found
            for maker, cells in zip(makers, columns):
                maker.add(cells)
        return [maker.column() for maker in makers]

    def _raw_cell(self) -> bytes:
        """The bytes of a cell, which is read for that."""
        start = self._at
        self.value()
        return bytes(self._data[start : self._at])

    def _cell(self, data: bytes) -> Any:
        """The value of the bytes of a cell."""
        reader = BrioReader(data, zone=self._zone, native=self._native)
        reader._depth = self._depth
        return reader.value()


_READS: dict[int, Callable[[BrioReader], Any]] = {
    _NULL: lambda r: None,
    _MARKER: lambda r: MARKER,
    _NA: lambda r: NA_VALUE,
    _REMOVE: lambda r: REMOVE,
    _FALSE: lambda r: False,
    _TRUE: lambda r: True,
    _I16: lambda r: r._number(int.from_bytes(r._take(2), "big", signed=True)),
    _I32: lambda r: r._number(int.from_bytes(r._take(4), "big", signed=True)),
    _F64: BrioReader._f64,
    _STR: BrioReader._text,
    _REF: BrioReader._ref,
    _REF_HANDLE: BrioReader._ref_handle,
    _URI: BrioReader._uri,
    _SYMBOL: lambda r: Symbol(r._text()),
    _DATE: BrioReader._date,
    _TIME: BrioReader._time,
    _SECONDS: lambda r: r._moment(int.from_bytes(r._take(4), "big", signed=True) * 1_000_000_000),
    _NANOS: lambda r: r._moment(int.from_bytes(r._take(8), "big", signed=True)),
    _FLOAT_NANOS: BrioReader._float_moment,
    _COORD: BrioReader._coord,
    _XSTR: lambda r: XStr(r._text(), r._text()),
    _BUF: BrioReader._buf,
    _NO_DICT: lambda r: {},
    _DICT: BrioReader._dict,
    _NO_LIST: lambda r: [],
    _LIST: BrioReader._list,
    _GRID: BrioReader._grid,
}


# ---- names of zones


def _city_of(value: dt.datetime) -> str:
    """The Haystack name of a zone: the last part of its id."""
    from pylib.times import zone_id

    return zone_id(value).rpartition("/")[2]


_cities: dict[str, str] = {}
_REGIONS = ("America", "Europe", "Asia", "Australia", "Africa", "Pacific", "Atlantic", "Indian", "Antarctica",
            "Arctic", "Etc")  # fmt: skip


def _zone_of(city: str) -> dt.tzinfo:
    """The zone of a Haystack name: ids of two parts first, regions in a fixed order, then longer ids.

    Raises:
        ValueError: there is none.
    """
    from pylib.times import zone_by_id

    if not _cities:
        import zoneinfo

        known = sorted(
            zoneinfo.available_timezones(),
            key=lambda i: (
                i.count("/"),
                _REGIONS.index(i.split("/")[0]) if i.split("/")[0] in _REGIONS else 99,
                i,
            ),
        )
        for found in known:
            if found.split("/")[0] in _REGIONS:
                _cities.setdefault(found.rpartition("/")[2], found)
        _cities.update({"UTC": "UTC", "Rel": "Etc/Rel"})
    if city not in _cities:
        raise ValueError(f"this Python knows no time zone {city}")
    return zone_by_id(_cities[city])
