"""Library functions: making grids, asking them, and their meta.

A column is known by its name or as a column value (`col`). Columns are in `columns`, rows in `rows`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axon.errors import UnknownNameErr
from axon.lib.registry import Bool, Dict, List, Obj, Str, bad_arg, builtin
from axon.runtime.callbacks import row_grid
from axon.streams import Stream
from axon.values import tables
from pylib.grid import Col, Grid
from pylib.kinds import REMOVE

if TYPE_CHECKING:
    from axon.runtime.context import Context


@builtin()
def to_grid(cx: Context, val: Obj, meta: Dict | None = None) -> Grid:
    """Make a grid of any value.

    A grid comes back as it is, and `meta` is ignored then; so does the grid of a row, if it is its only row.
    A dict becomes one row: columns in tag order, but `id` first and `mod` last. So does a list of one dict.
    Of more dicts each becomes a row: columns `id`, `def` and `name` first, then sorted by name, `mod` last.
    Where there are no tags at all, the grid has the column `empty` and no row. Anything else becomes the
    column `val`, one row for each item of a list. Cells that are no Haystack values become an XStr of their
    type. A stream is collected, as by `collect(toGrid)`.

    Raises:
        ArgErr: a tag whose name can't name a column.

    Examples:
        [{z:1, id:@x}, {a:2}].toGrid.colNames                //=> ["id", "a", "z"]
        {z:1, id:@x, mod:5, b:2}.toGrid.colNames             //=> ["id", "z", "b", "mod"]
        toGrid(5).first                                      //=> {val:5}
        [1, {a}].toGrid.colToList("val")                     //=> [1, {a}]
        [].toGrid.colNames                                   //=> ["empty"]
        toGrid([{a}], {x:1}).meta                            //=> {x:1}
        [1, 2].stream.toGrid.colToList("val")                //=> [1, 2]
        toGrid([{"x y": 1}])                                 //! ArgErr "toGrid: x y is not a tag name"
    """
    if isinstance(val, dict):
        grid = row_grid(cx, val)
        if grid is not None and len(grid) == 1:
            return grid
    return tables.of_any(val, meta)


@builtin("meta")
def meta_(val: Obj) -> Dict:
    """The meta of a grid or of a column.

    Raises:
        ArgErr: any other kind of value.

    Examples:
        toGrid([{a}], {dis:"T"}).meta                        //=> {dis:"T"}
        [{a:1}].toGrid.addColMeta("a", {unit:"kW"}).col("a").meta      //=> {unit:"kW"}
        {a}.meta                                             //! ArgErr "meta: expected Grid or Col"
    """
    if isinstance(val, (Grid, Col)):
        return val.meta()
    raise bad_arg("meta", "expected Grid or Col, got", val)


@builtin()
def cols(grid: Grid) -> List:
    """The columns of a grid.

    Examples:
        [{a:1, b:2}].toGrid.cols.map(c => c.name)            //=> ["a", "b"]
        cols([{a:1}])                                        //! CastErr "cols"
    """
    return list(grid.cols())


@builtin()
def col(grid: Grid, name: Str, checked: Bool = True) -> Col | None:
    """The column of a name; a missing one is null where `checked` is false.

    Raises:
        UnknownNameErr: no such column.

    Examples:
        [{a:1}].toGrid.col("a").name                         //=> "a"
        [{a:1}].toGrid.col("q", false)                       //=> null
        [{a:1}].toGrid.col("q")                              //! UnknownNameErr "q"
    """
    found = grid.col(name, False)
    if found is None and checked:
        raise UnknownNameErr(name)
    return found


@builtin()
def col_names(grid: Grid) -> List:
    """The names of the columns of a grid.

    Examples:
        [{a:1, b:2}].toGrid.colNames                         //=> ["a", "b"]
        colNames(null)                                       //! NullErr "colNames"
    """
    return list(grid.col_names())


@builtin("name")
def name_(val: Obj) -> Str:
    """The name of a column.

    Raises:
        ArgErr: the value is not a column.

    Examples:
        [{a:1}].toGrid.cols.first.name                       //=> "a"
        "x".name                                             //! ArgErr "name: expected Col"
    """
    if isinstance(val, Col):
        return val.name()
    raise bad_arg("name", "expected Col, got", val)


@builtin()
def row_to_list(cx: Context, row: Dict) -> List:
    """The cells of a grid row in the order of the columns, null where a cell is empty.

    Raises:
        ArgErr: a dict that is not the row of a grid.

    Examples:
        [{a:1}, {b:2}].toGrid.first.rowToList                //=> [1, null]
        {a:1}.rowToList //! ArgErr "rowToList: expected the row of a grid"
    """
    grid = row_grid(cx, row)
    if grid is None:
        raise bad_arg("rowToList", "expected the row of a grid, got", row)
    return [row.get(name) for name in grid.col_names()]


@builtin()
def col_to_list(grid: Grid, col: Str | Col) -> List:
    """The cells of a column, null where one is empty.

    Raises:
        UnknownNameErr: no such column.

    Examples:
        [{a:1}, {b:2}].toGrid.colToList("b")                 //=> [null, 2]
        [{a:1}].toGrid.colToList("q")                        //! UnknownNameErr "q"
    """
    name = col if isinstance(col, str) else col.name()
    if not grid.has(name):
        raise UnknownNameErr(name)
    return grid.column(name)


@builtin()
def set_meta(grid: Obj, meta: Dict | None) -> Obj:
    """The grid with another meta; of a stream, the stream whose collected grid has it. Null counts as `{}`.

    Raises:
        ArgErr: neither grid nor stream.

    Examples:
        toGrid([{a}], {x}).setMeta({y:1}).meta               //=> {y:1}
        [{a:1}].stream.setMeta({m}).collect.meta             //=> {m}
        {a:1}.setMeta({x})                                   //! ArgErr "setMeta: expected Grid or Stream"
    """
    return _edit("setMeta", grid, lambda g: g.with_meta(meta or {}))


@builtin()
def add_meta(grid: Obj, meta: Dict | None) -> Obj:
    """The grid with tags added to its meta, where `none()` removes one; of a stream, what it collects into.

    Raises:
        ArgErr: neither grid nor stream.

    Examples:
        toGrid([{a}], {x:1, y}).addMeta({x:none(), z:2}).meta          //=> {y, z:2}
        [{a}].toGrid.addMeta(null).meta                      //=> {}
        [1, 2].addMeta({x})                                  //! ArgErr "addMeta: expected Grid or Stream"
    """
    return _edit("addMeta", grid, lambda g: g.with_meta(_merged(g.meta(), meta)) if meta else g)


@builtin()
def set_col_meta(grid: Obj, name: Str, meta: Dict | None) -> Obj:
    """The grid with another meta for a column; without that column, the grid as it is.

    Raises:
        ArgErr: neither grid nor stream.

    Examples:
        [{a:1}].toGrid.setColMeta("a", {unit:"kW"}).col("a").meta      //=> {unit:"kW"}
        [{a:1}].toGrid.setColMeta("q", {x}).colNames         //=> ["a"]
        null.setColMeta("a", {y})                            //! ArgErr "setColMeta: expected Grid or Stream"
    """
    return _edit("setColMeta", grid, lambda g: g.with_col_meta(name, meta or {}) if g.has(name) else g)


@builtin()
def add_col_meta(grid: Obj, name: Str, meta: Dict | None) -> Obj:
    """The grid with tags added to the meta of a column, where `none()` removes one.

    Without that column the grid comes back as it is.

    Raises:
        ArgErr: neither grid nor stream.

    Examples:
        [{a:1}].toGrid.setColMeta("a", {x, y}).addColMeta("a", {x:none(), z}).col("a").meta      //=> {y, z}
        {a:1}.addColMeta("a", {y})                           //! ArgErr "addColMeta: expected Grid or Stream"
    """

    def edit(g: Grid) -> Grid:
        found = g.col(name, False)
        return g.with_col_meta(name, _merged(found.meta(), meta)) if meta and found is not None else g

    return _edit("addColMeta", grid, edit)


def _merged(old: dict[str, Any], new: dict[str, Any] | None) -> dict[str, Any]:
    return {name: val for name, val in {**old, **(new or {})}.items() if val is not REMOVE}


def _edit(func: str, val: object, edit: Any) -> Any:
    if isinstance(val, Grid):
        return edit(val)
    if type(val) is Stream:
        return val.edit(edit)
    raise bad_arg(func, "expected Grid or Stream, got", val)
