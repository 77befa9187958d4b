"""The cells of a long grid in Brio, a column at a time: what `BrioWriter` writes, without a step per cell.

Brio has no columns, its cells stand row by row. So each column says how many bytes each of its cells takes,
which gives all places; then the cells of one form are put to their places together. Needs numpy.
"""

from __future__ import annotations

import numpy as np

from pylib.columns import ArrayColumn
from pylib.packed import NAT, DictColumn, TimeColumn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Cells = Callable[[Any], list[bytes]]
    Form = tuple[Any, Any]

__all__ = ["cell_bytes"]

_ROWS = 1 << 16
"""How many rows are laid out at a time."""
_EPOCH = 946_684_800_000_000_000
"""Nanoseconds from 1970 to 2000."""
_SECOND = 1_000_000_000
_I16, _I32, _F64, _SECONDS, _NANOS = 0x06, 0x07, 0x08, 0x0F, 0x10


def cell_bytes(
    grid: Any, each: Cells, text: Callable[[str], bytes], city: Callable[[Any], bytes]
) -> Iterator[bytes]:
    """The cells of a grid, row by row, in pieces.

    Args:
        each: the bytes of each cell of a list.
        text: the bytes of a text without control byte.
        city: the bytes of the name of a timestamp's zone.
    """
    for start in range(0, len(grid), _ROWS):
        part = grid.slice(start, min(start + _ROWS, len(grid)))
        columns = [list(_forms(part.buffer(i), each, text, city)) for i in range(len(part.col_names()))]
        yield _laid_out(columns, len(part))


def _laid_out(columns: list[list[Form]], size: int) -> bytes:
    widths = np.zeros((size, len(columns)), dtype=np.int64)
    for at, forms in enumerate(columns):
        for rows, cells in forms:
            widths[rows, at] = cells[0] if type(cells) is tuple else cells.shape[1]
    ends = np.cumsum(widths.reshape(-1))
    starts = (ends - widths.reshape(-1)).reshape(size, len(columns))
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    for at, forms in enumerate(columns):
        for rows, cells in forms:
            places = starts[rows, at]
            if type(cells) is tuple:
                lengths, data = cells
                out[np.repeat(places - np.cumsum(lengths) + lengths, lengths) + np.arange(len(data))] = data
            else:
                for i in range(cells.shape[1]):
                    out[places + i] = cells[:, i]
    return out.tobytes()


def _forms(
    column: Any, each: Cells, text: Callable[[str], bytes], city: Callable[[Any], bytes]
) -> Iterator[Form]:
    """Rows (positions, or a slice) and the bytes of their cells: a matrix, or lengths and all bytes."""
    if isinstance(column, ArrayColumn):
        yield from _numbers(column, text(column.unit or ""))
    elif type(column) is TimeColumn:
        yield from _times(column, city)
    elif type(column) is DictColumn:
        yield from _repeated(column, each([*column.values, None]))
    else:
        parts = each(column if type(column) is list else column.tolist())
        lengths = np.fromiter(map(len, parts), np.int64, len(parts))
        yield slice(None), (lengths, np.frombuffer(b"".join(parts), np.uint8))


def _block(control: int, numbers: Any, dtype: str, tail: bytes) -> Any:
    """A row for each cell: control byte, number, the same tail."""
    size = np.dtype(dtype).itemsize
    out = np.empty((len(numbers), 1 + size + len(tail)), dtype=np.uint8)
    out[:, 0] = control
    out[:, 1 : 1 + size] = numbers.astype(dtype).view(np.uint8).reshape(-1, size)
    out[:, 1 + size :] = np.frombuffer(tail, np.uint8)
    return out


def _same(count: int, control: int) -> Any:
    return np.full((count, 1), control, dtype=np.uint8)


def _numbers(column: ArrayColumn, unit: bytes) -> Iterator[Form]:
    data = column.data
    left = np.ones(len(data), dtype=bool) if column.valid is None else column.valid
    if column.valid is not None:
        gone = np.flatnonzero(~left)
        yield gone, _same(len(gone), 0)
    if data.dtype.kind == "b":
        rows = np.flatnonzero(left)
        yield rows, (data[rows].astype(np.uint8) + 4).reshape(-1, 1)
        return
    whole = left & (data >= -0x7FFFFFFF) & (data <= 0x7FFFFFFF)
    if data.dtype.kind == "f":
        whole &= (np.trunc(data) == data) & ~((data == 0) & np.signbit(data))
    short = whole & (data >= -32767) & (data <= 32767)
    for chosen, control, dtype in (
        (short, _I16, ">i2"),
        (whole & ~short, _I32, ">i4"),
        (left & ~whole, _F64, ">f8"),
    ):
        rows = np.flatnonzero(chosen)
        if len(rows):
            yield rows, _block(control, data[rows], dtype, unit)


def _times(column: TimeColumn, city: Callable[[Any], bytes]) -> Iterator[Form]:
    data = column.data
    there = data != NAT
    real = np.flatnonzero(there)
    if len(real) < len(data):
        gone = np.flatnonzero(~there)
        yield gone, _same(len(gone), 0)
    if not len(real):
        return
    zone = city(column.item(int(real[0])))
    nanos = data[real]
    # in two steps: the distance to 2000 may be more than 64 bits hold
    seconds = nanos // _SECOND - _EPOCH // _SECOND
    even = (nanos % _SECOND == 0) & (seconds >= -(1 << 31)) & (seconds < 1 << 31)
    if even.any():
        yield real[even], _block(_SECONDS, seconds[even], ">i4", zone)
    rest = ~even
    if rest.any():
        if int(nanos[rest].min()) < -(1 << 63) + _EPOCH:
            raise OverflowError("a timestamp is too far from the year 2000")
        yield real[rest], _block(_NANOS, nanos[rest] - _EPOCH, ">i8", zone)


def _repeated(column: DictColumn, values: list[bytes]) -> Iterator[Form]:
    """The bytes of the distinct values, the last of which is null; those of one length together."""
    codes = np.where(column.data < 0, len(values) - 1, column.data)
    lengths = np.fromiter(map(len, values), np.int64, len(values))[codes]
    for width in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == width)
        known = np.zeros((len(values), width), dtype=np.uint8)
        for i, value in enumerate(values):
            if len(value) == width:
                known[i] = np.frombuffer(value, np.uint8)
        yield rows, known[codes[rows]]
