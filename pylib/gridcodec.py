"""Grids and matrices to bytes and back, column by column.

A column goes in the tightest form that its cells allow: a block of numbers, positions in a list of distinct
values, joined text, nanoseconds of one zone, days, or else cell by cell. A block from `LARGE` bytes on is a
buffer beside the body, taken from a numpy array and made into one without a copy. Without numpy, and for
small columns while numpy is not loaded, columns are lists.
"""

from __future__ import annotations

import sys
from struct import Struct, calcsize, pack, unpack

from pylib.columns import ArrayColumn
from pylib.decoder import Decoder, cut_text
from pylib.encoder import Encoder
from pylib.frames import WireFault
from pylib.grid import Col, Grid, Matrix
from pylib.kinds import Number
from pylib.layout import T_GRID, T_MATRIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["get_grid", "get_matrix", "put_grid"]

C_CELLS, C_NUMBERS, C_DICT, C_TEXT, C_TIMES, C_DATES = range(6)

_HEAD = Struct("<IQ")
_U64 = Struct("<Q")
_EAGER = 2048
"""Rows from which on numpy is imported for a column of numbers."""
_FORMATS = {
    "b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
    "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "f4": "f", "f8": "d",
}  # fmt: skip
_BAD_BOOL = "a column of Bools on the link holds something else"
_EXACT = 1 << 53
_EPOCH_DAY = 719163
_LEAST_STAMP, _MOST_STAMP = -(1 << 63) + 1, (1 << 63) - 1


def put_grid(e: Encoder, grid: Grid) -> None:
    """Write a grid; a Matrix as its one block of numbers."""
    e.enter()
    if type(grid) is Matrix:
        _put_matrix(e, grid)
    else:
        cols = grid.cols()
        e.out.append(T_GRID)
        e.out += _HEAD.pack(len(cols), len(grid))
        e.put(grid.meta())
        for i, col in enumerate(cols):
            e.put_text(col.name())
            e.put(col.meta())
            _put_column(e, grid.buffer(i))
    e.leave()


def get_grid(d: Decoder) -> Grid:
    """Read a grid."""
    count, size = _HEAD.unpack(d.take(_HEAD.size))
    if count * 6 > d.end - d.at:
        raise WireFault(f"a grid on the link counts {count} columns where {d.end - d.at} bytes are left")
    if not count and size > 1 << 20:
        raise WireFault("a grid on the link has rows but no columns")
    d.enter()
    meta = _get_meta(d)
    cols = []
    data = []
    for i in range(count):
        cols.append(Col(d.text(), _get_meta(d), i))
        data.append(_get_column(d, size))
    d.leave()
    return Grid(cols, data, meta, size)


def _get_meta(d: Decoder) -> dict[str, Any]:
    meta = d.get()
    if type(meta) is not dict:
        raise WireFault("the meta data of a grid on the link is not a dict")
    return meta


# ---- blocks


def get_block(d: Decoder, size: int) -> Any:
    """Read a block that must be `size` bytes long."""
    block = d.buffer() if d.take(1)[0] else d.take(d.count())
    if len(block) != size:
        raise WireFault(f"a column on the link has {len(block)} bytes where {size} belong")
    return block


def _bytes_of(array: Any) -> Any:
    """The bytes of a numpy array, without a copy where it is contiguous."""
    import numpy as np

    if sys.byteorder == "big":
        array = array.astype(array.dtype.newbyteorder("<"))
    array = np.ascontiguousarray(array)
    return memoryview(array.view(np.uint8).reshape(-1)) if array.size else b""


def _numpy(rows: int) -> Any:
    """numpy, when it is loaded already or worth loading."""
    found = sys.modules.get("numpy")
    if found is None and rows >= _EAGER:
        try:
            import numpy as found
        except ImportError:
            return None
    return found


def _put_valid(e: Encoder, valid: Any) -> None:
    """Write which cells are there: nothing when all are, else a bit each, the lowest first."""
    if valid is None:
        e.out.append(0)
        return
    e.out.append(1)
    if type(valid) is list:
        e.put_block(_pack_bits(valid))
        return
    import numpy as np

    e.put_block(_bytes_of(np.packbits(valid, bitorder="little")))


def _pack_bits(valid: list[bool]) -> bytes:
    text = "".join(["1" if ok else "0" for ok in reversed(valid)])
    return int(text, 2).to_bytes((len(valid) + 7) // 8, "little")


def _get_valid(d: Decoder, size: int) -> Any:
    """A list or an array of Bools; None when every cell is there."""
    if not d.take(1)[0]:
        return None
    block = get_block(d, (size + 7) // 8)
    np = _numpy(size)
    if np is not None:
        return np.unpackbits(np.frombuffer(block, np.uint8), count=size, bitorder="little").view(bool)
    bits = int.from_bytes(block, "little")
    return [c == "1" for c in reversed(f"{bits:0{size}b}"[-size:])] if size else []


# ---- columns out


def _put_column(e: Encoder, cells: Any) -> None:
    kind = type(cells).__name__
    if kind in ("ArrayColumn", "SessionColumn"):
        _put_array(e, cells.data, cells.unit, cells.valid)
    elif kind == "DictColumn":
        e.out.append(C_DICT)
        e.put(cells.values)
        kind = _position_kind(len(cells.values))
        e.out += kind.encode()
        e.put_block(_bytes_of(cells.data.astype("<" + kind, copy=False)))
    elif kind == "TimeColumn":
        e.out.append(C_TIMES)
        e.put_text(cells.zone)
        e.put_block(_bytes_of(cells.data))
    elif kind == "DateColumn":
        e.out.append(C_DATES)
        e.put_block(_bytes_of(cells.data))
    elif kind == "UnitCells":
        _put_list(e, [None if cell is None else Number(cell, cells.unit) for cell in cells.cells])
    else:
        _put_list(e, cells if type(cells) is list else cells.tolist())


def _put_array(e: Encoder, array: Any, unit: str | None, valid: Any) -> None:
    code = array.dtype.str[1:]
    if code not in _FORMATS:  # half and long floats
        array = array.astype("f8")
        code = "f8"
    _put_numbers(e, code, unit, valid, _bytes_of(array))


def _put_numbers(e: Encoder, code: str, unit: str | None, valid: Any, data: Any) -> None:
    e.out.append(C_NUMBERS)
    e.out += code.encode()
    e.put_text(unit or "")
    _put_valid(e, valid)
    e.put_block(data)


def _put_list(e: Encoder, cells: list[Any]) -> None:
    kinds = set(map(type, cells))
    nulls = type(None) in kinds
    kinds.discard(type(None))
    valid = [cell is not None for cell in cells] if nulls else None
    done = False
    if len(kinds) == 1:
        kind = next(iter(kinds))
        writer = _WRITERS.get(f"{kind.__module__}.{kind.__qualname__}")
        done = writer is not None and writer(e, cells, valid)
    elif kinds == {int, float}:
        done = _put_mixed(e, cells, valid)
    if not done:
        e.out.append(C_CELLS)
        put = e.put
        for cell in cells:
            put(cell)


def _put_mixed(e: Encoder, cells: list[Any], valid: list[bool] | None) -> bool:
    if any(type(cell) is int and not -_EXACT <= cell <= _EXACT for cell in cells):
        return False
    return _put_floats(e, cells, valid)


def _put_floats(e: Encoder, cells: list[Any], valid: list[bool] | None, unit: str | None = None) -> bool:
    _put_numbers(e, "f8", unit, valid, _pack_cells("d", cells, valid, 0.0))
    return True


def _put_ints(e: Encoder, cells: list[Any], valid: list[bool] | None, unit: str | None = None) -> bool:
    real = [cell for cell in cells if cell is not None] if valid else cells
    if not -(1 << 63) <= min(real) <= max(real) < 1 << 63:
        return False
    _put_numbers(e, "i8", unit, valid, _pack_cells("q", cells, valid, 0))
    return True


def _pack_cells(code: str, cells: list[Any], valid: list[bool] | None, null: Any) -> Any:
    if valid:
        cells = [null if cell is None else cell for cell in cells]
    np = _numpy(len(cells))
    if np is not None and len(cells) > 64:
        return _bytes_of(np.array(cells, dtype=code))
    return pack(f"<{len(cells)}{code}", *cells)


def _put_quantities(e: Encoder, cells: list[Any], valid: list[bool] | None) -> bool:
    units = {cell.unit for cell in cells if cell is not None}
    if len(units) != 1:
        return False
    plain = [None if cell is None else cell.val for cell in cells]
    kinds = set(map(type, plain)) - {type(None)}
    unit = units.pop()
    if kinds == {int}:
        return _put_ints(e, plain, valid, unit)
    if kinds <= {int, float} and not any(type(v) is int and not -_EXACT <= v <= _EXACT for v in plain):
        return _put_floats(e, plain, valid, unit)
    return False


def _put_bools(e: Encoder, cells: list[Any], valid: list[bool] | None) -> bool:
    _put_numbers(e, "b1", None, valid, _pack_cells("?", cells, valid, False))
    return True


def _put_texts(e: Encoder, cells: list[Any], valid: list[bool] | None) -> bool:
    if _repeats(cells):
        return _put_dict(e, cells, cells)
    real = cells if valid is None else [cell or "" for cell in cells]
    e.out.append(C_TEXT)
    _put_valid(e, valid)
    e.put_block(pack(f"<{len(real)}I", *map(len, real)))
    text = "".join(real)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = text.encode("utf-8", "surrogatepass")
    e.out += _U64.pack(len(data))
    e.put_block(data)
    return True


def _repeats(cells: Sequence[Any]) -> bool:
    """Whether distinct values are few enough for a dictionary to pay; long columns are sampled."""
    sample = cells if len(cells) <= 2000 else cells[:: len(cells) // 1000]
    return len(set(sample)) * 2 <= len(sample)


def _put_refs(e: Encoder, cells: list[Any], valid: list[bool] | None) -> bool:
    keys = [None if cell is None else (cell.val, cell.dis_text) for cell in cells]
    return _repeats(keys) and _put_dict(e, cells, keys)


def _put_same(e: Encoder, cells: list[Any], valid: list[bool] | None) -> bool:
    return _put_dict(e, cells, cells)


def _put_dict(e: Encoder, cells: list[Any], keys: list[Any]) -> bool:
    """Write positions in the list of distinct values; `keys` tell cells apart."""
    known: dict[Any, int] = {}
    first: list[Any] = []
    for cell, key in zip(cells, keys) if keys is not cells else zip(cells, cells):
        if key not in known and cell is not None:
            known[key] = len(first)
            first.append(cell)
    known[None] = -1
    kind = _position_kind(len(first))
    e.out.append(C_DICT)
    e.put(first)
    e.out += kind.encode()
    e.put_block(_pack_cells(_FORMATS[kind], [known[key] for key in keys], None, 0))
    return True


def _position_kind(count: int) -> str:
    """The narrowest whole numbers that hold the positions of so many distinct values."""
    return "i1" if count <= 127 else "i2" if count <= 32767 else "i4"


def _put_dates(e: Encoder, cells: list[Any], valid: list[bool] | None) -> bool:
    days = [-(1 << 31) if cell is None else cell.toordinal() - _EPOCH_DAY for cell in cells]
    e.out.append(C_DATES)
    e.put_block(_pack_cells("i", days, None, 0))
    return True


def _put_times(e: Encoder, cells: list[Any], valid: list[bool] | None) -> bool:
    from pylib.times import stamp_of

    zones = {cell.tzinfo for cell in cells if cell is not None}
    key = getattr(zones.pop(), "key", None) if len(zones) == 1 else None
    if not key:
        return False
    stamps = [_LEAST_STAMP - 1 if cell is None else stamp_of(cell) for cell in cells]
    real = [s for s, c in zip(stamps, cells) if c is not None]
    if not _LEAST_STAMP <= min(real) <= max(real) <= _MOST_STAMP:
        return False
    e.out.append(C_TIMES)
    e.put_text(key)
    e.put_block(_pack_cells("q", stamps, None, 0))
    return True


_WRITERS: dict[str, Any] = {
    "builtins.float": _put_floats,
    "builtins.int": _put_ints,
    "pylib.kinds.Number": _put_quantities,
    "pylib.native.Quantity": _put_quantities,
    "builtins.bool": _put_bools,
    "builtins.str": _put_texts,
    "pylib.kinds.Ref": _put_refs,
    "pylib.kinds.Marker": _put_same,
    "pylib.kinds.NA": _put_same,
    "pylib.kinds.Remove": _put_same,
    "datetime.date": _put_dates,
    "datetime.datetime": _put_times,
}


# ---- columns in


def _get_column(d: Decoder, size: int) -> Any:
    form = d.take(1)[0]
    get = _READERS.get(form)
    if get is None:
        raise WireFault(f"a column on the link has the unknown form {form}")
    return get(d, size)


def _get_cells(d: Decoder, size: int) -> list[Any]:
    if size > d.end - d.at:
        raise WireFault(f"a column on the link counts {size} cells where {d.end - d.at} bytes are left")
    get = d.get
    return [get() for _ in range(size)]


def _get_numbers(d: Decoder, size: int) -> Any:
    code = str(d.take(2), "ascii")
    letter = _FORMATS.get(code)
    if letter is None:
        raise WireFault(f"a column on the link has numbers of the unknown kind {code!r}")
    unit = d.text() or None
    valid = _get_valid(d, size)
    block = get_block(d, size * calcsize("<" + letter))
    np = _numpy(size)
    if np is None and letter in "qQ" and not d.codec.exact and _has_large(block, letter):
        np = _numpy(_EAGER)  # only an array keeps them exactly
    if np is not None:
        return _array_column(d, np, code, block, unit, valid)
    if code == "b1" and size and max(block) > 1:
        raise WireFault(_BAD_BOOL)
    return _number_list(d, unpack(f"<{size}{letter}", block), unit, valid)


def _has_large(block: Any, letter: str) -> bool:
    vals = unpack(f"<{len(block) // 8}{letter}", block)
    return bool(vals) and not -_EXACT <= min(vals) <= max(vals) <= _EXACT


def _array_column(d: Decoder, np: Any, code: str, block: Any, unit: str | None, valid: Any) -> Any:
    array = np.frombuffer(block, dtype="<" + code if code[1] != "1" else code)
    if code == "b1" and array.size and array.view(np.uint8).max() > 1:
        raise WireFault(_BAD_BOOL)
    if sys.byteorder == "big":
        array = array.astype(array.dtype.newbyteorder("="))
    if d.codec.native:
        from pylib.packed import SessionColumn

        return SessionColumn(array, unit, valid, d.codec.units)
    return ArrayColumn(array, unit, valid)


def _number_list(d: Decoder, numbers: Sequence[Any], unit: str | None, valid: Any) -> Any:
    cells: list[Any] = list(numbers)
    if d.codec.native:
        from pylib.plain import whole

        cells = [whole(cell) if type(cell) is float else cell for cell in cells]
        make = d.codec.units
    else:
        make = Number
    if unit is not None and make is not None:
        cells = [make(cell, unit) for cell in cells]
    if valid is not None:
        cells = [cell if ok else None for cell, ok in zip(cells, valid)]
    if unit is not None and make is None:
        from pylib.packed import UnitCells

        return UnitCells(cells, unit)
    return cells


def _get_dict(d: Decoder, size: int) -> Any:
    values = d.get()
    if type(values) is not list:
        raise WireFault("the distinct values of a column on the link are not a list")
    kind = str(d.take(2), "ascii")
    if kind not in ("i1", "i2", "i4"):
        raise WireFault(f"a column on the link has positions of the unknown kind {kind!r}")
    block = get_block(d, int(kind[1]) * size)
    np = _numpy(size)
    if np is not None:
        from pylib.packed import DictColumn

        codes = np.frombuffer(block, dtype="<" + kind)
        if size and not (codes.min() >= -1 and codes.max() < len(values)):
            raise WireFault("a column on the link refers to a value that is not there")
        return DictColumn(codes, values)
    codes = unpack(f"<{size}{_FORMATS[kind]}", block)
    if size and not (min(codes) >= -1 and max(codes) < len(values)):
        raise WireFault("a column on the link refers to a value that is not there")
    found = [*values, None]
    return [found[code] for code in codes]


def _get_text(d: Decoder, size: int) -> list[Any]:
    valid = _get_valid(d, size)
    sizes = unpack(f"<{size}I", get_block(d, 4 * size))
    (length,) = _U64.unpack(d.take(8))
    cells: list[Any] = cut_text(str(get_block(d, length), "utf-8", "surrogatepass"), sizes)
    if valid is not None:
        cells = [cell if ok else None for cell, ok in zip(cells, valid)]
    return cells


def _get_times(d: Decoder, size: int) -> Any:
    key = d.text()
    zone = d.codec.zone(key)
    block = get_block(d, 8 * size)
    np = _numpy(size)
    if np is not None:
        from pylib.packed import TimeColumn

        return TimeColumn(np.frombuffer(block, dtype="<i8"), key, d.codec.zone)
    from pylib.times import datetimes_of

    return datetimes_of(list(unpack(f"<{size}q", block)), zone)


def _get_dates(d: Decoder, size: int) -> Any:
    block = get_block(d, 4 * size)
    np = _numpy(size)
    if np is not None:
        from pylib.packed import DateColumn

        days = np.frombuffer(block, dtype="<i4")
        real = days[days != DateColumn.NULL]
        if real.size and not (-_EPOCH_DAY < real.min() and real.max() <= 2932896):
            raise WireFault("a date on the link is outside the years 1 to 9999")
        return DateColumn(days)
    from datetime import date

    return [
        None if day == -(1 << 31) else date.fromordinal(day + _EPOCH_DAY)
        for day in unpack(f"<{size}i", block)
    ]


_READERS: dict[int, Any] = {
    C_CELLS: _get_cells,
    C_NUMBERS: _get_numbers,
    C_DICT: _get_dict,
    C_TEXT: _get_text,
    C_TIMES: _get_times,
    C_DATES: _get_dates,
}


# ---- matrices


def _put_matrix(e: Encoder, matrix: Matrix) -> None:
    rows, width = matrix.array2d.shape
    put_array2d(e, matrix.array2d, rows, width, matrix.meta())


def put_array2d(e: Encoder, array: Any, rows: int, width: int, meta: dict[str, Any]) -> None:
    """Write a 2-D float64 array as a matrix."""
    e.out.append(T_MATRIX)
    e.out += pack("<QQ", rows, width)
    e.put(meta)
    e.put_block(_bytes_of(array))


def get_matrix(d: Decoder) -> Any:
    """Read a matrix: a Matrix, or where values are native a 2-D array."""
    rows, width = unpack("<QQ", d.take(16))
    meta = _get_meta(d)
    if not rows and width > 1 << 20:
        raise WireFault("a matrix on the link has columns but no rows")
    block = get_block(d, 8 * rows * width)
    import numpy as np

    array = np.frombuffer(block, dtype="<f8").reshape(rows, width)
    return array if d.codec.native else Matrix(array, meta)
