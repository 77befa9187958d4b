"""Where streams begin: lists, grids, columns, ranges of numbers, and anything that can be read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from axon.streams.stream import Stream
from axon.values.ranges import Range, range_ints

if TYPE_CHECKING:
    from pylib.grid import Grid

__all__ = ["of_column", "of_grid", "of_items", "of_list", "of_range", "range_ints"]


def of_items(read: Callable[[], Iterable[Any]]) -> Stream:
    """A stream over what `read()` returns; it is called once per run.

    A generator that holds a file or a cursor is closed when the run ends.
    """
    return Stream(read)


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
