"""What the callbacks of library functions are offered when they go through a value.

| Value | Offered |
|---|---|
| list, grid, string | item, row as dict, or character code; and its index |
| dict | value and name |

Ranges and streams are left to the caller.

Rows are plain dicts here, for speed. What asks for more than their tags (the meta of a column, cells that are
null) asks `row_grid`: it knows the rows of the grids that are being gone through, and `Row` objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import TYPE_CHECKING, Any

from axon.errors import EvalError
from axon.runtime.calls import Fn
from axon.values import utf16
from axon.values.ranges import Range
from pylib.grid import Grid, Row

if TYPE_CHECKING:
    from axon.runtime.context import Context

__all__ = ["REFUSED", "RowsOf", "offered", "row_grid", "rows_of", "through"]

#  What goes through items: gets them, the second arguments (None: the callback takes but one), and the
# callback.
Walk = Callable[[Iterable[Any], "Iterable[Any] | None", Fn], Any]


class _Refused:
    __slots__ = ()


#: The answer of `through` for a value of a kind that it does not know.
REFUSED = _Refused()

_KEY = "axon.rows"


class RowsOf:
    """`with RowsOf(grid, fn) as rows:` gives the rows as a list of dicts; inside, `row_grid` knows them."""

    __slots__ = ("_open", "_places", "grid", "rows")

    def __init__(self, grid: Grid, fn: Fn) -> None:
        self.grid = grid
        self.rows = list(grid.iter_dicts())
        self._open: list[RowsOf] = fn.cx.locals.setdefault(_KEY, [])
        self._places: dict[int, int] | None = None

    def __enter__(self) -> list[dict[str, Any]]:
        self._open.append(self)
        return self.rows

    def __exit__(self, *_: object) -> None:
        self._open.remove(self)  # not always the last: a generator may be closed late

    def place(self, row: dict[str, Any]) -> int:
        """The position of a row, which is one of these dicts themselves; else -1."""
        if self._places is None:
            self._places = {id(own): i for i, own in enumerate(self.rows)}
        return self._places.get(id(row), -1)


def row_grid(cx: Context, row: dict[str, Any]) -> Grid | None:
    """The grid that a dict is a row of, where that is known; else None."""
    if isinstance(row, Row):
        return row.grid()
    for rows in reversed(cx.locals.get(_KEY, ())):
        if rows.place(row) >= 0:
            grid: Grid = rows.grid
            return grid
    return None


def through(val: object, fn: Fn, walk: Walk) -> Any:
    """Let `walk` go through a list, dict, string or grid; `REFUSED` for a value of another kind."""
    second = fn.arity > 1
    kind = type(val)
    if kind is list:
        return walk(val, count() if second else None, fn)  # type: ignore[arg-type]
    if isinstance(val, dict):
        return walk(val.values(), val if second else None, fn)
    if kind is str:
        return walk(utf16.codes(val), count() if second else None, fn)  # type: ignore[arg-type]
    if isinstance(val, Grid):
        with RowsOf(val, fn) as rows:
            return walk(rows, count() if second else None, fn)
    return REFUSED


class _Caller:
    """Has the context that `RowsOf` wants, without a function."""

    __slots__ = ("cx",)

    def __init__(self, cx: Context) -> None:
        self.cx = cx


def offered(val: object, takes: str, cx: Context) -> Iterable[tuple[Any, Any]] | None:
    """`(second, first)` arguments for each item of a value; None for a kind that is not taken.

    `takes` names the kinds: `d`ict, `s`tring, `g`rid, s`t`ream, `r`ange (its numbers come without a second).
    """
    if isinstance(val, dict):
        return val.items() if "d" in takes else None
    if type(val) is str:
        return enumerate(utf16.codes(val)) if "s" in takes else None
    if isinstance(val, Grid):
        return _rows_offered(val, cx) if "g" in takes else None
    if type(val) is Range and "r" in takes:
        raise EvalError("Invalid number of args 1, expected 2")
    run = getattr(type(val), "run", None)
    if run is not None and "t" in takes and hasattr(type(val), "then"):
        return _stream_offered(val)
    return None


def rows_of(val: Grid, cx: Context) -> Iterable[dict[str, Any]]:
    """The rows of a grid, known to `row_grid` while it is gone through."""
    with RowsOf(val, _Caller(cx)) as rows:  # type: ignore[arg-type]
        yield from rows


def _rows_offered(val: Grid, cx: Context) -> Iterable[tuple[Any, Any]]:
    with RowsOf(val, _Caller(cx)) as rows:  # type: ignore[arg-type]
        yield from enumerate(rows)


def _stream_offered(val: Any) -> Iterable[tuple[Any, Any]]:
    with val.run() as items:
        for item in items:
            yield None, item
