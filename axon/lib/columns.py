"""Library functions: columns of grids. Columns that do not change are shared, never copied."""

from __future__ import annotations

from typing import Any

from axon.errors import CastErr, Err, NullErr, UnknownNameErr
from axon.lib.registry import Dict, List, Obj, Str, bad_arg, builtin
from axon.runtime.callbacks import RowsOf
from axon.runtime.calls import Fn
from axon.streams import Stream
from axon.values import tables
from axon.values.show import kind_name, preview
from pylib.grid import Col, Grid


@builtin()
def add_col(grid: Grid, col: Str | Dict, fn: Fn) -> Grid:
    """The grid with one more column, whose cells a function of `(row, index)` makes.

    A dict as column is its meta, and its tag `name` the name.

    Raises:
        Err: there is a column of that name.
        ArgErr: the name is not a tag name.
        UnknownNameErr: the dict has no `name`.

    Examples:
        [{a:1}, {a:2}].toGrid.addCol("b", (r, i) => r->a * 10 + i).colToList("b")      //=> [10, 21]
        [{a:1}].toGrid.addCol({name:"b", unit:"kW"}, r => 1kW).col("b").meta->unit     //=> "kW"
        [{a:1}].toGrid.addCol("a", r => 1)                   //! Err "addCol: there is a column a already"
        [{a:1}].toGrid.addCol("Bad Name", r => 1)            //! ArgErr "not a tag name"
    """
    name, meta = (col, None) if isinstance(col, str) else (_name_of(col), col)
    tables.check_name("addCol", name)
    if grid.has(name):
        raise Err(f"addCol: there is a column {name} already")
    with RowsOf(grid, fn) as rows:
        if fn.arity <= 1:
            f = fn.c1
            cells = [f(row) for row in rows]
        else:
            g = fn.c2
            cells = [g(row, i) for i, row in enumerate(rows)]
    return grid.add_col(name, cells, meta)


def _name_of(col: dict[str, Any]) -> str:
    name = col.get("name")
    if name is None:
        raise UnknownNameErr("name")
    if type(name) is not str:
        raise CastErr(f"addCol: expected Str as name of the column, got {kind_name(name)} {preview(name)}")
    return name


@builtin()
def add_cols(a: Grid, b: Grid) -> Grid:
    """The columns of two grids side by side, row by row, with the meta and as many rows as the first.

    Where a name is taken, the column of the second gets `_1` behind its name.

    Examples:
        [{a:1, b:2}].toGrid.addCols([{b:3}, {b:4}].toGrid).first       //=> {a:1, b:2, b_1:3}
        [{a:1}, {a:2}].toGrid.addCols([{b:3}].toGrid).colToList("b")   //=> [3, null]
        addCols([{a:1}].toGrid, null)                        //! NullErr "addCols"
    """
    out, size = a, len(a)
    for col in b.cols():
        name = col.name()
        while out.has(name):
            name += "_1"
        cells = b.column(col.name())[:size]
        out = out.add_col(name, cells + [None] * (size - len(cells)), col.meta())
    return out


@builtin()
def rename_col(grid: Grid, old_name: Str, new_name: Str) -> Grid:
    """The grid with another name for a column.

    Raises:
        UnknownNameErr: no such column.
        Err: the new name is taken.
        ArgErr: the new name is not a tag name.

    Examples:
        [{a:1, b:2}].toGrid.renameCol("a", "x").colNames     //=> ["x", "b"]
        [{a:1}].toGrid.renameCol("q", "r")                   //! UnknownNameErr "q"
        [{a:1, b:2}].toGrid.renameCol("a", "b")              //! Err "renameCol: there is a column b already"
    """
    if not grid.has(old_name):
        raise UnknownNameErr(old_name)
    return _renamed("renameCol", grid, {old_name: new_name})


@builtin()
def rename_cols(grid: Grid, mapping: Dict) -> Grid:
    """The grid with other names for columns: a dict of old and new names. Unknown ones are ignored.

    Raises:
        CastErr: a new name that is not a string.
        Err: a new name is taken.
        ArgErr: a new name is not a tag name.

    Examples:
        [{a:1, b:2}].toGrid.renameCols({a:"x", q:"y"}).colNames        //=> ["x", "b"]
        [{a:1, b:2}].toGrid.renameCols({a:"b", b:"a"}).first           //=> {b:1, a:2}
        [{a:1}].toGrid.renameCols({a:5})                     //! CastErr "renameCols"
    """
    for name in mapping.values():
        if type(name) is not str:
            raise CastErr(f"renameCols: expected Str as new name, got {kind_name(name)} {preview(name)}")
    return _renamed("renameCols", grid, mapping)


def _renamed(func: str, grid: Grid, mapping: dict[str, Any]) -> Grid:
    old = grid.col_names()
    new = [mapping.get(name, name) for name in old]
    if new == list(old):
        return grid
    for name in set(new) - set(old):
        tables.check_name(func, name)
    if len(set(new)) < len(new):
        twice = next(name for name in new if new.count(name) > 1)
        raise Err(f"{func}: there is a column {twice} already")
    return grid.rename({name: other for name, other in mapping.items() if grid.has(name)})


@builtin()
def reorder_cols(grid: Obj, col_names: List) -> Obj:
    """The grid with exactly the columns of the list, in its order; the others are gone.

    Unknown names are ignored. Of a stream: the stream whose collected grid has them.

    Raises:
        Err: a name stands twice in the list.
        ArgErr: neither grid nor stream.

    Examples:
        [{a:1, b:2, c:3}].toGrid.reorderCols(["c", "q", "a"]).colNames           //=> ["c", "a"]
        [{a:1, b:2}].stream.reorderCols(["b", "a"]).collect.colNames             //=> ["b", "a"]
        [{a:1}].toGrid.reorderCols(["a", "a"])               //! Err "reorderCols: a stands twice"
    """
    names = _names("reorderCols", col_names)
    if type(grid) is Stream:
        return grid.reorder_cols(names)
    own = _grid("reorderCols", grid)
    known = [name for name in names if own.has(name)]
    if len(set(known)) < len(known):
        raise Err(
            f"reorderCols: {next(name for name in known if known.count(name) > 1)} stands twice in the list"
        )
    return own.keep(known)


@builtin()
def remove_col(grid: Obj, col: Str | Col) -> Obj:
    """The grid without a column; as it is where there is none of that name. Also for a stream.

    Raises:
        ArgErr: neither grid nor stream.

    Examples:
        [{a:1, b:2}].toGrid.removeCol("a").colNames          //=> ["b"]
        [{a:1}].toGrid.removeCol("q").colNames               //=> ["a"]
        [{a:1}].toGrid.removeCol(null)                       //! NullErr "removeCol"
    """
    return _without("removeCol", grid, [col if isinstance(col, str) else col.name()])


@builtin()
def remove_cols(grid: Obj, cols: List) -> Obj:
    """The grid without some columns; unknown names are ignored. Also for a stream.

    Raises:
        ArgErr: neither grid nor stream.

    Examples:
        [{a:1, b:2}].toGrid.removeCols(["b", "q"]).colNames  //=> ["a"]
        [{a:1, b:2}].stream.removeCols(["a"]).collect.first  //=> {b:2}
        [{a:1}].toGrid.removeCols("a")                       //! CastErr "removeCols"
    """
    return _without("removeCols", grid, _names("removeCols", cols))


def _without(func: str, val: object, names: list[str]) -> Any:
    if type(val) is Stream:
        return val.remove_cols(names)
    grid = _grid(func, val)
    known = [name for name in names if grid.has(name)]
    return grid.drop(known) if known else grid


@builtin()
def keep_cols(grid: Obj, cols: List) -> Obj:
    """The grid with the columns of the list only, in the order of the grid; unknown names are ignored.

    Of a stream: the stream whose collected grid has them; several such stages add up.

    Raises:
        ArgErr: neither grid nor stream.

    Examples:
        [{a:1, b:2, c:3}].toGrid.keepCols(["c", "a"]).colNames         //=> ["a", "c"]
        [{a:1, b:2}].toGrid.keepCols([]).size                //=> 1
        keepCols([{a:1}], ["a"])                             //! ArgErr "keepCols: expected Grid or Stream"
    """
    names = _names("keepCols", cols)
    if type(grid) is Stream:
        return grid.keep_cols(names)
    own = _grid("keepCols", grid)
    wanted = set(names)
    return own.keep([name for name in own.col_names() if name in wanted])


def _grid(func: str, val: object) -> Grid:
    if isinstance(val, Grid):
        return val
    raise bad_arg(func, "expected Grid or Stream, got", val)


def _names(func: str, cols: list[Any]) -> list[str]:
    """The names in a list of names or columns."""
    out = []
    for col in cols:
        if type(col) is str:
            out.append(col)
        elif isinstance(col, Col):
            out.append(col.name())
        elif col is None:
            raise NullErr(f"{func}: the name of a column may not be null")
        else:
            raise CastErr(f"{func}: expected Str or Col, got {kind_name(col)} {preview(col)}")
    return out


@builtin()
def cols_to_locale(grid: Grid) -> Grid:
    """The grid with a `dis` in the meta of every column that has none: the name of the tag for people.

    Examples:
        [{a:1}].toGrid.addColMeta("a", {dis:"Own"}).colsToLocale.col("a").meta   //=> {dis:"Own"}
        [{a:1}].toGrid.colsToLocale.col("a").meta.has("dis") //=> true
        colsToLocale({a:1})                                  //! CastErr "colsToLocale"
    """
    for col in grid.cols():
        if "dis" not in col.meta():
            grid = grid.with_col_meta(col.name(), {**col.meta(), "dis": col.name()})
    return grid
