"""Grids made of values and of other grids, column by column."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from axon.errors import ArgErr, Err, NullErr, UnknownNameErr
from axon.values.clocks import NanoDateTime, NanoTime
from axon.values.order import strict_eq, strict_key
from axon.values.show import host_type, preview, to_str
from axon.values.spans import Span
from axon.values.tags import is_tag_name
from pylib.grid import Col, Grid
from pylib.kinds import NA, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

__all__ = [
    "check_name",
    "concat",
    "hashable",
    "join",
    "merged_meta",
    "of_any",
    "of_dicts",
    "of_rows",
    "of_values",
    "replaced",
]

_CELL_TYPES = frozenset(
    (
        type(None), bool, int, float, Number, str, Uri, Ref, Symbol, XStr, Coord, Marker, NA, Remove,
        dt.date, dt.time, dt.datetime, NanoTime, NanoDateTime, Span, list, dict,
    )
)  # fmt: skip
"""What a cell may hold as it is, besides grids."""

# Python's `==` and hash are the strict equality of these, but for NaN; and no two of them are equal across
# types.
_HASHABLE = frozenset(
    (type(None), str, int, float, Number, Ref, Uri, Symbol, XStr, Coord, Marker, NA, Remove, dt.date)
)
_NAN_TYPES = frozenset((float, Number))


# ---- making


def of_any(val: Any, meta: dict[str, Any] | None = None) -> Grid:
    """Any value as a grid, as `toGrid` makes it: a grid stays as it is, a stream is collected.

    Raises:
        ArgErr: a tag whose name can't name a column.
    """
    if isinstance(val, Grid):
        return val
    collect = getattr(type(val), "collect_grid", None)
    if collect is not None:
        made: Grid = collect(val)
        return made.with_meta(meta) if meta else made
    if isinstance(val, dict):
        return of_dicts([val], meta)
    if type(val) is not list:
        return of_values([val], meta)
    return (
        of_dicts(val, meta)
        if all(issubclass(kind, dict) for kind in set(map(type, val)))
        else of_values(val, meta)
    )


def of_values(vals: list[Any], meta: dict[str, Any] | None = None) -> Grid:
    """Column `val` with one row for each value; of no value, column `empty` without rows."""
    if not vals:
        return Grid.from_columns(["empty"], [[]], meta)
    return Grid.from_columns(["val"], [list(map(_cell, vals))], meta)


def of_dicts(rows: Sequence[dict[str, Any]], meta: dict[str, Any] | None = None) -> Grid:
    """One row for each dict, columns as `toGrid` orders them; without any tag, column `empty` without rows.

    Raises:
        ArgErr: a tag whose name can't name a column.
    """
    shapes = set(map(tuple, rows))
    names = _names(shapes, rows)
    if not names:
        return of_values([], meta)
    for name in names:
        check_name("toGrid", name)
    if not set(map(type, chain.from_iterable(map(dict.values, rows)))) <= _CELL_TYPES:
        rows = [{name: _cell(val) for name, val in row.items()} for row in rows]
    ordered = list(names) if len(rows) == 1 else sorted(names)
    ahead = ("id",) if len(rows) == 1 else ("id", "def", "name")
    first = [name for name in ahead if name in names]
    last = ["mod"] if "mod" in names else []
    middle = [name for name in ordered if name not in first and name not in last]
    return _grid_of(rows, shapes, [*first, *middle, *last], meta)


def _names(shapes: set[tuple[str, ...]], rows: Sequence[dict[str, Any]]) -> dict[str, None]:
    """The names of all tags, in the order first seen."""
    if len(shapes) == 1:
        return dict.fromkeys(next(iter(shapes)))
    return dict.fromkeys(chain.from_iterable(rows))


def _grid_of(
    rows: Sequence[dict[str, Any]],
    shapes: set[tuple[str, ...]],
    cols: Sequence[Col | str],
    meta: dict[str, Any] | None,
) -> Grid:
    """A grid with these columns; the dicts themselves are its rows where their tags stand in that order."""
    names = [col if isinstance(col, str) else col.name() for col in cols]
    place = {name: i for i, name in enumerate(names)}
    orders = [[place[tag] for tag in tags] for tags in shapes]
    if all(order == sorted(order) for order in orders) and set(map(type, rows)) <= {dict}:
        return Grid.from_rows(rows, meta, cols, clean=True)
    return Grid.from_columns(cols, [[row.get(name) for row in rows] for name in names], meta, len(rows))


def _cell(val: Any) -> Any:
    """A value as a cell: what is no Haystack value becomes an XStr of its type."""
    if type(val) in _CELL_TYPES or isinstance(val, Grid):
        return val
    return dict(val) if isinstance(val, dict) else XStr(host_type(val), to_str(val))


def of_rows(rows: Sequence[dict[str, Any]], like: Grid | None = None, *, func: str = "toGrid") -> Grid:
    """One row for each dict, columns in the order first seen.

    The meta of the grid and of the columns that it has too are those of `like`.

    Raises:
        ArgErr: a tag whose name can't name a column.
    """
    shapes = set(map(tuple, rows))
    cols = _cols(_names(shapes, rows), like, func)
    return _grid_of(rows, shapes, cols, None if like is None else like.meta())


def _cols(names: Iterable[str], like: Grid | None, func: str) -> list[Col | str]:
    out: list[Col | str] = []
    for name in names:
        col = None if like is None else like.col(name, False)
        if col is None:
            check_name(func, name)
        out.append(name if col is None else col)
    return out


def check_name(func: str, name: str) -> None:
    """Raise ArgErr unless a column may have that name."""
    if not is_tag_name(name):
        raise ArgErr(f"{func}: {name} is not a tag name; toTagName makes one of it")


def merged_meta(*grids: Grid) -> dict[str, Any]:
    """The meta of all grids, that of later ones over that of earlier ones."""
    return {name: val for grid in grids for name, val in grid.meta().items()}


def concat(grids: Sequence[Grid], meta: dict[str, Any]) -> Grid:
    """The rows of all grids, one after the other, with all columns in the order first seen."""
    if len(grids) == 1:
        return grids[0]
    cols: dict[str, Col] = {}
    for grid in grids:
        for col in grid.cols():
            cols.setdefault(col.name(), col)
    columns = []
    for name in cols:
        parts = [grid.column(name) if grid.has(name) else [None] * len(grid) for grid in grids]
        columns.append(list(chain.from_iterable(parts)))
    return Grid.from_columns(list(cols.values()), columns, meta, sum(map(len, grids)))


# ---- comparing cells


def hashable(*columns: list[Any]) -> tuple[list[Any], ...]:
    """The cells, or keys for them, so that equal and hashed alike means strictly equal, across all columns.

    Columns that are so already come back as they are.
    """
    kinds = set(map(type, chain.from_iterable(columns)))
    if kinds <= _HASHABLE and (kinds.isdisjoint(_NAN_TYPES) or not any(map(_has_nan, columns))):
        return columns
    return tuple([strict_key(cell) for cell in cells] for cells in columns)


def _has_nan(cells: list[Any]) -> bool:
    return any(map(operator.ne, cells, cells))


def replaced(cells: list[Any], old: Any, new: Any) -> list[Any]:
    """The cells with `new` for every cell strictly equal to `old`; the same list where there is none."""
    if old is None:
        return (
            [new if cell is None else cell for cell in cells]
            if type(None) in set(map(type, cells))
            else cells
        )
    if type(old) is str:
        return [new if cell == old else cell for cell in cells] if old in cells else cells
    hits = [i for i, cell in enumerate(cells) if strict_eq(cell, old)]
    if not hits:
        return cells
    out = cells.copy()
    for i in hits:
        out[i] = new
    return out


# ---- joining


def join(func: str, a: Grid, b: Grid, on: str) -> Grid:
    """The full outer join of two grids by the equal cells of a column; see the library function `join`.

    Raises:
        UnknownNameErr, Err, NullErr, ArgErr: as `join`.
    """
    for grid in (a, b):
        if not grid.has(on):
            raise UnknownNameErr(on)
    for name in b.col_names():
        if name != on and a.has(name):
            raise Err(f"{func}: both grids have the column {name}")
    own, other = hashable(a.column(on), b.column(on))
    if None in a.column(on) or None in b.column(on):
        raise NullErr(f"{func}: a cell of the join column {on} is null")
    places = dict(zip(other, range(len(other)), strict=True))
    if len(places) < len(other):
        raise ArgErr(f"{func}: the key {preview(_repeated(other, b.column(on)))} repeats in the second grid")
    partners = _partners(own, places)
    rest = list(places.values())
    return _joined(a, b, on, partners, rest)


def _partners(keys: list[Any], places: dict[Any, int]) -> list[int]:
    """For each key the row of the other grid, or -1; taken out of `places`, so that each row is used once."""
    return [places.pop(key, -1) for key in keys]


def _repeated(keys: list[Any], cells: list[Any]) -> Any:
    seen: set[Any] = set()
    for key, cell in zip(keys, cells, strict=True):
        if key in seen:
            return cell
        seen.add(key)
    return None


def _joined(a: Grid, b: Grid, on: str, partners: list[int], rest: list[int]) -> Grid:
    cols = [*a.cols(), *(col for col in b.cols() if col.name() != on)]
    blank = [None] * len(rest)
    columns = []
    for name in a.col_names():
        tail = [b.column(on)[i] for i in rest] if name == on else blank
        columns.append(a.column(name) + tail)
    rows = partners + rest
    for col in cols[len(columns) :]:
        cells = [*b.column(col.name()), None]  # the last for those without partner, whose row is -1
        columns.append([cells[i] for i in rows])
    return Grid.from_columns(cols, columns, merged_meta(a, b))
