"""Where streams begin: lists, grids, columns, ranges of numbers, and anything that can be read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from axon.errors import CastErr, NullErr
from axon.streams.stream import Stream
from axon.values.numbers import NUMBER_TYPES, split, to_int

if TYPE_CHECKING:
    from axon.values.ranges import Range
    from pylib.grid import Grid

__all__ = ["of_column", "of_grid", "of_items", "of_list", "of_range", "range_ints"]


def of_items(read: Callable[[], Iterable[Any]], *, grid_like: bool = False) -> Stream:
    """A stream over what `read()` returns; it is called once per run.

    A generator that holds a file or a cursor is closed when the run ends.
    """
    return Stream(read, grid_like=grid_like)


def of_list(val: list[Any]) -> Stream:
    """A stream over the items of a list."""
    return Stream(lambda: val)


def of_grid(grid: Grid) -> Stream:
    """A stream over the rows of a grid as dicts; it collects into a grid with the same meta and columns."""
    return Stream(grid.iter_dicts, template=grid)


def of_column(grid: Grid, name: str) -> Stream:
    """A stream over the cells of a column, nulls included.

    Raises:
        UnknownNameErr: no such column; when the stream runs.
    """
    return Stream(lambda: _cells(grid, name))


def _cells(grid: Grid, name: str) -> Iterable[Any]:
    from axon.errors import UnknownNameErr

    if not grid.has(name):
        raise UnknownNameErr(name)
    return grid.column(name)


def of_range(val: Range, func: str) -> Stream:
    """A stream over the whole numbers of a range, as `range_ints`."""
    ints = range_ints(val, func)
    return Stream(lambda: ints)


def range_ints(val: Range, func: str) -> range:
    """The whole numbers from start to end, both included, descending when start is the larger.

    Fractions are cut off and units dropped. `func` begins the text of an error.

    Raises:
        NullErr: an end is null.
        CastErr: an end is not a number.
    """
    start = _bound(val.start, "start", func)
    end = _bound(val.end, "end", func)
    return range(start, end + 1) if start <= end else range(start, end - 1, -1)


def _bound(val: object, which: str, func: str) -> int:
    if type(val) in NUMBER_TYPES:
        return to_int(split(val)[0])  # type: ignore[arg-type]
    if val is None:
        raise NullErr(f"{func}: {which} of the range is null")
    from axon.values.show import kind_name, preview

    raise CastErr(f"{func}: expected Number for {which} of the range, got {kind_name(val)} {preview(val)}")
