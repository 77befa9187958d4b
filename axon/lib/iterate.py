"""Library functions: going through values with a callback.

What a callback is offered is in `axon.runtime.callbacks`; surplus arguments are dropped. The functions that
look for something are in `search`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from axon.errors import CastErr, Err, NullErr
from axon.lib.registry import Dict, Num, Obj, bad_arg, builtin
from axon.runtime.callbacks import REFUSED, RowsOf, through
from axon.runtime.calls import Fn
from axon.streams import Stream, range_ints, stages, terminals
from axon.values import tables
from axon.values.numbers import split, to_int
from axon.values.ranges import Range, listed_ints
from axon.values.show import kind_name, preview
from pylib.grid import Grid
from pylib.kinds import XStr


@builtin()
def each(val: Obj, fn: Fn) -> None:
    """Call a function with every item, for what it does; the result is null.

    A list, a grid and a string offer `(item, index)`, where the item of a string is the code of a character;
    a dict offers `(value, name)`; a range of numbers and a stream offer the item alone. A range runs from its
    start to its end, downwards if the start is the larger.

    Raises:
        ArgErr: any other kind, also a DateSpan, a Number and null.

    Examples:
        do r: []; {a:1, b:2}.each((v, n) => r = r.add(n + v)); r end       //=> ["a1", "b2"]
        do r: []; (3..1).each(v => r = r.add(v)); r end                    //=> [3, 2, 1]
        [1, 2].each(v => v)                                                //=> null
        5.each(v => v)                                                     //! ArgErr "each: can't go through"
    """
    if type(val) is Stream:
        return terminals.each(val, fn.c1)
    if type(val) is Range:
        return _each(range_ints(val, "each"), None, fn)
    if through(val, fn, _each) is REFUSED:
        raise bad_arg("each", "can't go through", val)
    return None


def _each(items: Iterable[Any], second: Iterable[Any] | None, fn: Fn) -> None:
    if second is None:
        f = fn.c1
        for item in items:
            f(item)
    else:
        g = fn.c2
        for item, other in zip(items, second, strict=False):
            g(item, other)


@builtin()
def each_while(val: Obj, fn: Fn) -> Obj:
    """Call a function with every item until it returns something other than null, and return that.

    The callback is offered the same as by `each`. Null when it never does; `false` is not null.

    Raises:
        ArgErr: the value can't be gone through.

    Examples:
        [1, 2, 3].eachWhile(x => if (x > 1) x * 10)          //=> 20
        "ab".eachWhile((c, i) => if (i == 1) c)              //=> 98
        (5..9).eachWhile(x => false)                         //=> false
        [].eachWhile(x => x)                                 //=> null
    """
    if type(val) is Stream:
        return terminals.each_while(val, fn.c1)
    if type(val) is Range:
        return _each_while(range_ints(val, "eachWhile"), None, fn)
    found = through(val, fn, _each_while)
    if found is REFUSED:
        raise bad_arg("eachWhile", "can't go through", val)
    return found


def _each_while(items: Iterable[Any], second: Iterable[Any] | None, fn: Fn) -> Any:
    if second is None:
        f = fn.c1
        for item in items:
            found = f(item)
            if found is not None:
                return found
    else:
        g = fn.c2
        for item, other in zip(items, second, strict=False):
            found = g(item, other)
            if found is not None:
                return found
    return None


@builtin("map")
def map_(val: Obj, fn: Fn) -> Obj:
    """What a function makes of every item: a list of a list or range, a dict of a dict, a grid of a grid.

    The callback is offered the same as by `each`. In a dict a null result drops the tag. On a grid the result
    must be a dict, or null to drop the row; the columns are the tags of the results in the order first seen,
    and those that were there keep their meta. A grid without rows comes back as it is. Of a stream it makes a
    stream.

    Raises:
        ArgErr: any other kind, also a string; a range of more than 100,000,000 numbers.
        Err: something else than a dict or null for a row of a grid.

    Examples:
        [1, 2].map((v, i) => v * i)                          //=> [0, 2]
        {a:1, b:2}.map((v, n) => if (n == "a") v + 1)        //=> {a:2}
        (3..1).map(x => x * x)                               //=> [9, 4, 1]
        [{a:1}, {a:2}].toGrid.map(r => if (r->a > 1) {b: r->a}).colToList("b")     //=> [2]
        "ab".map(x => x)                                     //! ArgErr "map: can't go through"
        (1..1e15).map(x => x)                                //! ArgErr "map: the range has 1000000000000000"
        [{a}].toGrid.map(r => 5)                             //! Err "map: expected Dict"
    """
    if type(val) is list:
        return _map_items(val, fn)
    if isinstance(val, dict):
        return _map_dict(val, fn)
    if isinstance(val, Grid):
        return _map_grid(val, fn)
    if type(val) is Range:
        f = fn.c1
        return [f(i) for i in listed_ints(val, "map")]
    if type(val) is Stream:
        return val.then(stages.mapping(fn.c1))
    raise bad_arg("map", "can't go through", val)


def _map_items(items: Any, fn: Fn) -> list[Any]:
    if fn.arity <= 1:
        f = fn.c1
        return [f(item) for item in items]
    g = fn.c2
    return [g(item, i) for i, item in enumerate(items)]


def _map_dict(val: dict[str, Any], fn: Fn) -> dict[str, Any]:
    if fn.arity <= 1:
        f = fn.c1
        out = {name: f(item) for name, item in val.items()}
    else:
        g = fn.c2
        out = {name: g(item, name) for name, item in val.items()}
    return {name: item for name, item in out.items() if item is not None} if None in out.values() else out


def _map_grid(grid: Grid, fn: Fn) -> Grid:
    if not len(grid):
        return grid
    with RowsOf(grid, fn) as rows:
        out = _map_items(rows, fn)
    return _rows_grid("map", out, grid)


def _rows_grid(func: str, rows: list[Any], grid: Grid) -> Grid:
    """A grid of dicts with the meta of another grid and of those of its columns that are still there."""
    if set(map(type, rows)) != {dict}:
        for row in rows:
            if row is not None and not isinstance(row, dict):
                raise Err(
                    f"{func}: expected Dict from the callback on a grid, got {kind_name(row)} {preview(row)}"
                )
        rows = [row for row in rows if row is not None]
    return tables.of_rows(rows, grid, func=func)


@builtin()
def flat_map(val: Obj, fn: Fn) -> Obj:
    """The items of all lists that a function makes of the items.

    The callback is offered the same as by `each`. On a grid it returns a list of dicts, and null is skipped,
    as a list or in it; on a stream it returns a list, a grid or null.

    Raises:
        NullErr: null for an item of a list.
        CastErr: something else than a list for an item of a list.
        Err: the same on a grid or a stream.
        ArgErr: neither list, grid nor stream.

    Examples:
        [1, 2].flatMap((x, i) => [x, i])                     //=> [1, 0, 2, 1]
        [{a:2}].toGrid.flatMap(r => (1..r->a).map(i => {i:i})).colToList("i")      //=> [1, 2]
        [5, 6].stream.flatMap(x => if (x > 5) [x, x]).collect                      //=> [6, 6]
        [1].flatMap(x => x)                                  //! CastErr "flatMap"
        {a:1}.flatMap(v => [v])                              //! ArgErr "flatMap: can't go through"
    """
    if type(val) is list:
        return _flat_map_list(val, fn)
    if isinstance(val, Grid):
        return _flat_map_grid(val, fn)
    if type(val) is Stream:
        return val.then(stages.flat_mapping(fn.c1))
    raise bad_arg("flatMap", "can't go through", val)


def _flat_map_list(val: list[Any], fn: Fn) -> list[Any]:
    out: list[Any] = []
    f = fn.c2
    for i, item in enumerate(val):
        part = f(item, i)
        if type(part) is not list:
            if part is None:
                raise NullErr("flatMap: expected List from the callback, got null")
            raise CastErr(f"flatMap: expected List from the callback, got {kind_name(part)} {preview(part)}")
        out += part
    return out


def _flat_map_grid(grid: Grid, fn: Fn) -> Grid:
    out: list[Any] = []
    with RowsOf(grid, fn) as rows:
        parts = _map_items(rows, fn)
    for part in parts:
        if type(part) is list:
            out += part
        elif part is not None:
            raise Err(
                f"flatMap: expected List of Dict from the callback, got {kind_name(part)} {preview(part)}"
            )
    return _rows_grid("flatMap", out, grid)


@builtin()
def reduce(val: Obj, init: Obj, fn: Fn) -> Obj:
    """Bring all items into one value: `fn(acc, item)` gives the next `acc`, beginning with `init`.

    Lists and grids offer the index as third argument.

    Raises:
        ArgErr: neither list, grid nor stream; also a range, a dict and a string.

    Examples:
        [2, 3, 4].reduce(10, (acc, x, i) => acc + x * i)     //=> 21
        [].reduce(7, (acc, x) => acc + x)                    //=> 7
        [{a:1}, {a:2}].toGrid.reduce(0, (acc, r) => acc + r->a)                    //=> 3
        (1..3).reduce(0, (a, x) => a + x)                    //! ArgErr "reduce"
    """
    if type(val) is Stream:
        return terminals.reduce(val, init, fn.c2)
    if type(val) is list:
        return _reduce(val, init, fn)
    if isinstance(val, Grid):
        with RowsOf(val, fn) as rows:
            return _reduce(rows, init, fn)
    raise bad_arg("reduce", "can't go through", val)


def _reduce(items: list[Any], init: Any, fn: Fn) -> Any:
    acc = init
    if fn.arity <= 2:
        f = fn.c2
        for item in items:
            acc = f(acc, item)
    else:
        g = fn.c3
        for i, item in enumerate(items):
            acc = g(acc, item, i)
    return acc


@builtin()
def times(times: Num, fn: Fn) -> None:
    """Call a function that often, with 0, 1, 2 …; the result is null.

    The number is cut to a whole one; zero and less do nothing.

    Examples:
        do s: ""; times(3, i => s = s + i); s end            //=> "012"
        times(-2, i => throw "never")                        //=> null
        times(null, i => i)                                  //! NullErr "times"
    """
    f = fn.c1
    for i in range(to_int(split(times)[0])):
        f(i)


@builtin()
def grid_rows_to_dict(grid: Grid, row_to_key: Fn, row_to_val: Fn) -> Dict:
    """A dict with a tag for every row, named and valued by two functions of `(row, index)`.

    Names need not be tag names. Of equal names the later row wins; null as value leaves the tag out.

    Raises:
        NullErr: null as name.
        CastErr: a name that is not a string.

    Examples:
        [{n:"x", v:1}, {n:"y", v:2}].toGrid.gridRowsToDict(r => r->n, (r, i) => r->v + i)     //=> {x:1, y:3}
        [{n:"x"}].toGrid.gridRowsToDict(r => r["gone"], r => 1)                               //! NullErr
    """
    with RowsOf(grid, row_to_key) as rows:
        return _to_dict("gridRowsToDict", rows, row_to_key, row_to_val)


@builtin()
def grid_cols_to_dict(grid: Grid, col_to_key: Fn, col_to_val: Fn) -> Dict:
    """A dict with a tag for every column, named and valued by two functions of `(col, index)`.

    Raises:
        NullErr: null as name.
        CastErr: a name that is not a string.

    Examples:
        [{a:1, b:2}].toGrid.gridColsToDict(c => c.name, (c, i) => i)          //=> {a:0, b:1}
        [{a:1}].toGrid.gridColsToDict(c => 5, c => 1)                         //! CastErr "gridColsToDict"
    """
    return _to_dict("gridColsToDict", grid.cols(), col_to_key, col_to_val)


def _to_dict(func: str, items: list[Any], to_key: Fn, to_val: Fn) -> dict[str, Any]:
    key, val = to_key.c2, to_val.c2
    out: dict[str, Any] = {}
    for i, item in enumerate(items):
        name = key(item, i)
        if type(name) is not str:
            if name is None:
                raise NullErr(f"{func}: expected Str as name, got null")
            raise CastErr(f"{func}: expected Str as name, got {kind_name(name)} {preview(name)}")
        out[name] = val(item, i)
    return {name: item for name, item in out.items() if item is not None}


_KINDS = (
    "Marker",
    "Str",
    "Ref",
    "Number",
    "Bool",
    "Bin",
    "Uri",
    "DateTime",
    "Date",
    "Time",
    "Coord",
    "List",
    "Dict",
    "Grid",
    "Symbol",
)


@builtin()
def grid_col_kinds(grid: Grid) -> Grid:
    """What the columns of a grid hold. Grid: `name`, `kind` (kinds joined by `|`), `count` (cells not null).

    NA, none() and XStr count but name no kind.

    Examples:
        [{a:1}, {a:"x"}, {b}].toGrid.gridColKinds.first //=> {name:"a", kind:"Str|Number", count:2}
        [{a: na()}].toGrid.gridColKinds.first //=> {name:"a", kind:"", count:1}
    """
    names = grid.col_names()
    kinds, counts = [], []
    for name in names:
        cells = [cell for cell in grid.column(name) if cell is not None]
        seen = {_cell_kind(cell) for cell in dict(zip(map(type, cells), cells, strict=True)).values()}
        if any(type(cell) is XStr and cell.type == "Bin" for cell in cells if "XStr" in seen):
            seen.add("Bin")
        kinds.append("|".join(kind for kind in _KINDS if kind in seen))
        counts.append(len(cells))
    return Grid.from_columns(["name", "kind", "count"], [names, kinds, counts])


def _cell_kind(cell: object) -> str:
    if isinstance(cell, Grid):
        return "Grid"
    return "XStr" if type(cell) is XStr else kind_name(cell)
