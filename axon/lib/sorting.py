"""Library functions: sorting, uniqueness, and lists made flat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr, CastErr, NullErr, UnknownNameErr
from axon.lib.registry import List, Obj, bad_arg, builtin
from axon.runtime.callbacks import RowsOf
from axon.runtime.calls import Fn
from axon.runtime.comparators import comparison_of
from axon.values import tables
from axon.values.macros import dict_dis
from axon.values.numbers import NUMBER_TYPES, split, to_int
from axon.values.ordering import column_order, display_order, sorted_values
from axon.values.show import kind_name, preview
from pylib.columns import ArrayColumn
from pylib.grid import Grid
from pylib.packed import DateColumn, DictColumn, TimeColumn

if TYPE_CHECKING:
    from axon.runtime.context import Context


@builtin()
def sort(val: Obj, sorter: Obj = None) -> Obj:
    """A list or grid in order; equal items keep theirs.

    A list is sorted in natural order, nulls first, or by a function of two items that returns a Number below,
    at or above zero. A grid is sorted by such a function of two rows, or by a column: null first, Numbers by
    value whatever their unit (durations by length), refs by display name, and by text without regard to case
    where a Str is compared or kinds differ. A column that is not there leaves the grid as it is.

    Raises:
        CastErr: list items of different kinds, or a comparison that is not a Number.
        UnitErr: list items with units that do not go together.
        ArgErr: neither list nor grid, a grid without sorter, or a list with a name as sorter.

    Examples:
        ["b", "A", "a"].sort                                 //=> ["A", "a", "b"]
        [3, null, 1].sort                                    //=> [null, 1, 3]
        [2hr, 90min].sort                                    //=> [90min, 2hr]
        [1, 2, 3].sort((a, b) => b - a)                      //=> [3, 2, 1]
        [{a:"b10"}, {a:"B9"}].toGrid.sort("a").colToList("a")          //=> ["b10", "B9"]
        [1, "a"].sort                                        //! CastErr
        [1kW, 1m].sort                                       //! UnitErr
        [{a:1}].toGrid.sort                                  //! ArgErr "sort"
    """
    return _sort("sort", val, sorter, reverse=False)


@builtin("sortr")
def sort_reverse(val: Obj, sorter: Obj = None) -> Obj:
    """A list or grid in the reverse of the order of `sort`; equal items keep theirs.

    Raises:
        CastErr: list items of different kinds, or a comparison that is not a Number.
        UnitErr: list items with units that do not go together.
        ArgErr: neither list nor grid, a grid without sorter, or a list with a name as sorter.

    Examples:
        [1, 3, null, 2].sortr                                //=> [3, 2, 1, null]
        [{a:3}, {b:1}, {a:4}].toGrid.sortr("a").colToList("a")         //=> [4, 3, null]
        null.sortr                                           //! ArgErr "sortr"
    """
    return _sort("sortr", val, sorter, reverse=True)


def _sort(func: str, val: object, sorter: object, *, reverse: bool) -> Any:
    if type(val) is list:
        if sorter is None:
            return sorted_values(val, reverse=reverse)
        if isinstance(sorter, Fn):
            keys, reverse = _keys(func, val, sorter, reverse)
            if keys is val:
                return sorted(val, reverse=reverse)
            return [val[i] for i in sorted(range(len(val)), key=keys.__getitem__, reverse=reverse)]
        raise bad_arg(func, "expected Func as sorter of a list, got", sorter)
    if isinstance(val, Grid):
        return _sort_grid(func, val, sorter, reverse)
    raise bad_arg(func, "expected List or Grid, got", val)


def _sort_grid(func: str, grid: Grid, sorter: object, reverse: bool) -> Grid:
    if type(sorter) is str:
        return grid.take(_column_order(grid, sorter, reverse)) if grid.has(sorter) else grid
    if isinstance(sorter, Fn):
        with RowsOf(grid, sorter) as rows:
            keys, reverse = _keys(func, rows, sorter, reverse)
            return grid.take(sorted(range(len(grid)), key=keys.__getitem__, reverse=reverse))
    raise ArgErr(
        f"{func}: a grid is sorted by column name or function, got {kind_name(sorter)} {preview(sorter)}"
    )


def _column_order(grid: Grid, name: str, reverse: bool) -> list[int]:
    column = grid.buffer(name)
    if isinstance(column, ArrayColumn):
        from axon.values.arrays import order_array

        return order_array(column, reverse=reverse)
    if isinstance(column, (TimeColumn, DateColumn, DictColumn)):
        from axon.values.arrays import order_packed

        return order_packed(column, reverse=reverse)
    return column_order(grid.column(name), reverse=reverse)


def _keys(func: str, items: list[Any], fn: Fn, reverse: bool) -> tuple[Sequence[Any], bool]:
    """Keys for a sort by a comparator, and whether it goes backwards."""
    found = comparison_of(fn)
    if found is not None:
        keys = found.keys(items)
        if keys is not None:
            return keys, reverse != found.reverse
        if found.whole:
            return list(map(cmp_to_key(fn.c2), items)), reverse
    return list(map(cmp_to_key(_comparator(func, fn)), items)), reverse


def _comparator(func: str, fn: Fn) -> Callable[[Any, Any], int]:
    f = fn.c2

    def compare(a: Any, b: Any) -> int:
        order = f(a, b)
        if type(order) is int:
            return order
        if type(order) in NUMBER_TYPES:
            return to_int(split(order)[0])
        if order is None:
            raise NullErr(f"{func}: expected Number from the sorter, got null")
        raise CastErr(f"{func}: expected Number from the sorter, got {kind_name(order)} {preview(order)}")

    return compare


@builtin()
def sort_dis(cx: Context, val: Grid) -> Grid:
    """The rows of a grid in the order of their display names.

    Case does not count, and where two names end in digits after the same number of characters, those are
    compared as numbers.

    Examples:
        [{dis:"x-10"}, {dis:"X-9"}].toGrid.sortDis.colToList("dis")    //=> ["X-9", "x-10"]
        [].toGrid.sortDis.size                               //=> 0
        sortDis(null)                                        //! NullErr "sortDis"
    """
    return val.take(display_order([dict_dis(row, cx.db_resolve) for row in val.iter_dicts()]))


@builtin()
def unique(val: Obj, key: Obj = None) -> Obj:
    """A list without the items, or a grid without the rows, that are equal to an earlier one.

    Items are compared strictly: units count, dicts are the same only if they are one and the same value. The
    rows of a grid are compared by the columns that `key` names, as a name or a list of names; with no name in
    the list only the first row is left.

    Raises:
        NullErr: a grid without key.
        UnknownNameErr: no such column.
        ArgErr: neither list nor grid.

    Examples:
        [1, 2, 1, null, 1kW, null].unique                    //=> [1, 2, null, 1kW]
        [{a}, {a}].unique.size                               //=> 2
        [{a:1, b:1}, {a:1, b:2}].toGrid.unique("a").colToList("b")     //=> [1]
        [{a:1, b:1}, {a:1, b:2}].toGrid.unique(["a", "b"]).size        //=> 2
        [{a:1}].toGrid.unique("z")                           //! UnknownNameErr "z"
        {a:1}.unique                                         //! ArgErr "unique"
    """
    if type(val) is list:
        (keys,) = tables.hashable(val)
        if keys is val:
            return list(dict.fromkeys(val))
        first: dict[Any, Any] = {}
        for item_key, item in zip(keys, val, strict=True):
            first.setdefault(item_key, item)
        return list(first.values())
    if isinstance(val, Grid):
        return _unique_rows(val, key)
    raise bad_arg("unique", "expected List or Grid, got", val)


def _unique_rows(grid: Grid, key: object) -> Grid:
    if key is None:
        raise NullErr("unique: key may not be null for a grid")
    names = key if type(key) is list else [key]
    columns = [tables.hashable(_column(grid, name))[0] for name in names]
    if not columns:
        return grid.slice(0, min(1, len(grid)))
    keys = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
    places = range(len(keys) - 1, -1, -1)
    first = dict(zip(reversed(keys), places, strict=True))  # the earliest row is set last and stays
    return grid if len(first) == len(grid) else grid.take(sorted(first.values()))


def _column(grid: Grid, name: object) -> list[Any]:
    if type(name) is not str:
        raise CastErr(f"unique: expected Str as name of a column, got {kind_name(name)} {preview(name)}")
    if not grid.has(name):
        raise UnknownNameErr(name)
    return grid.column(name)


@builtin()
def flatten(list_: List) -> Obj:
    """All items of nested lists as one list, to any depth; or all rows of a list of grids as one grid.

    The grid has all columns in the order first seen, and the meta of all grids, where the earlier grid wins.

    Examples:
        [1, [2, [3, []]], null].flatten                      //=> [1, 2, 3, null]
        [[{a:1}].toGrid, [{b:2}].toGrid].flatten.colNames    //=> ["a", "b"]
        [].flatten                                           //=> []
        flatten(5)                                           //! CastErr "flatten"
    """
    if list_ and all(isinstance(item, Grid) for item in list_):
        return tables.concat(list_, tables.merged_meta(*reversed(list_)))
    if list not in set(map(type, list_)):
        return list_
    out: list[Any] = []
    open_ = [iter(list_)]
    while open_:
        for item in open_[-1]:
            if type(item) is list:
                open_.append(iter(item))
                break
            out.append(item)
        else:
            open_.pop()
    return out
