"""Columns by name, rows that know their grid, and the making of rows out of columns.

What `pylib.grid` is put together from; `Col` and `Row` are also found there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Union

    from pylib.grid import Grid

__all__ = ["Col", "Row", "are_clean", "list_rows", "make_rows", "no_nulls", "widen"]


class Col:
    """A column's name, meta data and position."""

    __slots__ = ("_index", "_meta", "_name")

    def __init__(self, name: str, meta: Mapping[str, Any] | None = None, index: int = 0) -> None:
        self._name = name
        self._meta = no_nulls(meta)
        self._index = index

    def index(self) -> int:
        """The position in the grid, from 0."""
        return self._index

    def name(self) -> str:
        """The name."""
        return self._name

    def meta(self) -> dict[str, Any]:
        """The meta data; not to be changed."""
        return self._meta

    def at(self, index: int) -> Col:
        """The same column at another position."""
        return self if index == self._index else Col(self._name, self._meta, index)

    def __repr__(self) -> str:
        return f"Col({self._name!r})"

    def __reduce__(self) -> Any:
        return (Col, (self._name, self._meta, self._index))


class Row(dict):  # type: ignore[type-arg]
    """A row that knows its grid: a dict of the cells that are not null."""

    __slots__ = ("_grid", "_index")

    def __init__(self, grid: Grid, index: int) -> None:
        super().__init__(grid.row_dict(index))
        self._grid = grid
        self._index = index

    def cells(self) -> list[Any]:
        """All cells in the order of the columns, None for null."""
        return [self.get(name) for name in self._grid.col_names()]

    def grid(self) -> Grid:
        """The grid it is a row of."""
        return self._grid

    def index(self) -> int:
        """Its position in the grid, from 0."""
        return self._index

    def val(self, col: Union[Col, str, int]) -> Any:
        """The cell of a column given as Col, name or position; None for null."""
        if isinstance(col, int):
            col = self._grid.col_names()[col]
        return self.get(col.name() if isinstance(col, Col) else col)

    def __reduce__(self) -> Any:
        return (Row, (self._grid, self._index))


def no_nulls(meta: Mapping[str, Any] | None) -> dict[str, Any]:
    """Meta data without its nulls."""
    if not meta:
        return {}
    return {name: val for name, val in meta.items() if val is not None}


def widen(rows: list[dict[str, Any]], name: str, cells: list[Any]) -> list[dict[str, Any]]:
    """The rows with one more cell."""
    return [row if cell is None else {**row, name: cell} for row, cell in zip(rows, cells)]


_NULL = type(None)


def are_clean(rows: list[Any], names: Iterable[str]) -> bool:
    """Whether all are plain dicts without nulls, with their tags in column order."""
    if not set(map(type, rows)) <= {dict}:
        return False
    place = {name: i for i, name in enumerate(names)}
    for tags in set(map(tuple, rows)):
        order = [place.get(tag, -1) for tag in tags]
        if -1 in order or order != sorted(order):
            return False
    return _NULL not in set(map(type, chain.from_iterable(map(dict.values, rows))))


_MANY = 10_000


def list_rows(rows: Iterator[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    """All of the rows; the garbage collector rests while many are made: none can be garbage yet."""
    if size < _MANY:
        return list(rows)
    import gc

    was_on = gc.isenabled()
    gc.disable()
    try:
        return list(rows)
    finally:
        if was_on:
            gc.enable()


def make_rows(names: list[str], columns: list[list[Any]], size: int) -> Iterator[dict[str, Any]]:
    """The rows of columns, one dict after the other."""
    if not names:
        return iter([{} for _ in range(size)])
    if any(_NULL in set(map(type, cells)) for cells in columns):
        return (
            {name: cell for name, cell in zip(names, cells) if cell is not None} for cells in zip(*columns)
        )
    return (dict(zip(names, cells)) for cells in zip(*columns))
