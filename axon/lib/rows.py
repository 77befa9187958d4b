"""Library functions: rows and cells of grids, and grids joined or turned."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr, CastErr, Err, UnknownNameErr
from axon.lib.registry import Dict, List, Obj, Str, bad_arg, builtin
from axon.values import tables
from axon.values.locale import find_locale
from axon.values.show import kind_name, preview
from axon.values.valuefmt import Style, display_tag
from pylib.grid import Col, Grid
from pylib.kinds import Ref

if TYPE_CHECKING:
    from axon.runtime.context import Context


@builtin()
def add_row(grid: Grid, new_row: Dict) -> Grid:
    """The grid with a row appended; tags without a column get new columns at the end.

    The column `empty` of a grid made of nothing is dropped.

    Raises:
        ArgErr: a tag whose name can't name a column.

    Examples:
        [{a:1}].toGrid.addRow({b:2}).last                    //=> {b:2}
        [].toGrid.addRow({a:1}).colNames                     //=> ["a"]
        [{a:1}].toGrid.addRow(5)                             //! CastErr "addRow"
    """
    return _append(grid, tables.of_rows([new_row], func="addRow"))


@builtin()
def add_rows(grid: Grid, new_rows: List | Grid) -> Grid:
    """The grid with the dicts of a list or the rows of a grid appended, with the meta of the first.

    Tags and columns that are new become columns at the end. The column `empty` of a grid made of nothing is
    dropped. Without new rows the grid comes back as it is.

    Raises:
        Err: an item of the list is not a dict.
        ArgErr: a tag whose name can't name a column.

    Examples:
        [{a:1}].toGrid.addRows([{a:2}, {b:3}]).colToList("a")          //=> [1, 2, null]
        [{a:1}].toGrid.addRows([{b:2}].toGrid).colNames      //=> ["a", "b"]
        [{a:1}].toGrid.addRows({a:2})                        //! CastErr "addRows"
        [{a:1}].toGrid.addRows([5])                          //! Err "addRows: expected Dict"
    """
    if isinstance(new_rows, Grid):
        return _append(grid, new_rows) if len(new_rows) else grid
    if not new_rows:
        return grid
    for row in new_rows:
        if not isinstance(row, dict):
            raise Err(f"addRows: expected Dict items, got {kind_name(row)} {preview(row)}")
    return _append(grid, tables.of_rows(new_rows, func="addRows"))


def _append(grid: Grid, more: Grid) -> Grid:
    out = tables.concat([grid, more], grid.meta())
    if (
        out.has("empty")
        and len(out.col_names()) > 1
        and not any(cell is not None for cell in out.column("empty"))
    ):
        return out.drop(["empty"])
    return out


@builtin()
def join(a: Grid, b: Grid, join_col_name: Str) -> Grid:
    """The rows of two grids joined by the equal values of a column, where rows without partner stay too.

    Columns: those of the first, then those of the second but the join column. Each row of the first is
    widened by the row of the second with the same join value; rows of the second that are left over follow.
    Where a value repeats in the first, only its first row is widened. Metas are merged, those of the second
    win.

    Raises:
        NullErr: null as join value.
        ArgErr: a join value repeats in the second grid.
        UnknownNameErr: a grid without the join column.
        Err: another column that both have.

    Examples:
        join([{k:1, a:"x"}].toGrid, [{k:1, b:2}].toGrid, "k").first              //=> {k:1, a:"x", b:2}
        join([{k:1, a:1}].toGrid, [{k:2, b:2}].toGrid, "k").colToList("b")       //=> [null, 2]
        join([{k:1, a:1}].toGrid, [{k:1, a:2}].toGrid, "k")  //! Err "join: both grids have the column a"
        join([{k:1}].toGrid, [{k:1}, {k:1}].toGrid, "k")     //! ArgErr "join"
    """
    return tables.join("join", a, b, join_col_name)


@builtin()
def join_all(grids: List, join_col_name: Str) -> Grid:
    """The rows of all grids joined by the equal values of a column, from left to right as by `join`.

    A single grid comes back as it is.

    Raises:
        ArgErr: no grid at all, and what `join` raises.
        CastErr: an item of the list is not a grid.

    Examples:
        joinAll([[{k:1, a:1}].toGrid, [{k:1, b:2}].toGrid], "k").first           //=> {k:1, a:1, b:2}
        joinAll([[{a:1}].toGrid], "k").colNames              //=> ["a"]
        joinAll([], "k")                                     //! ArgErr "joinAll: no grid"
        joinAll([5], "k")                                    //! CastErr "joinAll"
    """
    if not grids:
        raise ArgErr("joinAll: no grid is given")
    for grid in grids:
        if not isinstance(grid, Grid):
            raise CastErr(f"joinAll: expected Grid items, got {kind_name(grid)} {preview(grid)}")
    out: Grid = grids[0]
    for grid in grids[1:]:
        out = tables.join("joinAll", out, grid, join_col_name)
    return out


@builtin()
def transpose(cx: Context, grid: Grid) -> Grid:
    """The grid turned: a row for every column from the second on, a column for every row.

    Grid: `dis` (names of the columns for people, with `transposedDis` in its meta: that of the first column),
    then `v0`, `v1`… with the text of the row's first cell as `dis` in their meta.

    Raises:
        ArgErr: a grid without columns.

    Examples:
        [{n:"x", v:1}, {n:"y", v:2}].toGrid.transpose.first            //=> {dis:"v", v0:1, v1:2}
        [{n:"x", v:1}].toGrid.transpose.col("v0").meta->dis            //=> "x"
        transpose(null)                                      //! NullErr "transpose"
    """
    cols = grid.cols()
    if not cols:
        raise bad_arg("transpose", "expected a grid with columns, got", grid)
    style = Style(find_locale(cx.locale), cx.today, cx.db_resolve)
    first = grid.column(0)
    turned = [Col("dis", {"transposedDis": _col_dis(cols[0])})]
    turned += [Col(f"v{i}", {"dis": display_tag(cell, style)}) for i, cell in enumerate(first)]
    rest = [grid.column(i) for i in range(1, len(cols))]
    columns: list[Any] = [[_col_dis(col) for col in cols[1:]]]
    columns += map(list, zip(*rest, strict=True)) if rest else [[] for _ in first]
    return Grid.from_columns(turned, columns)


def _col_dis(col: Col) -> str:
    text = col.meta().get("dis")
    return text if isinstance(text, str) else col.name()


@builtin()
def grid_replace(grid: Grid, from_: Obj, to: Obj) -> Grid:
    """The grid with another value in every cell that is strictly equal to one; either may be null.

    Examples:
        [{a:1}, {b:2}].toGrid.gridReplace(null, 0).colToList("b")      //=> [0, 2]
        [{a:1kW}, {a:1}].toGrid.gridReplace(1, 9).colToList("a")       //=> [1kW, 9]
        gridReplace(null, 1, 2)                              //! NullErr "gridReplace"
    """
    out = grid
    for name in grid.col_names():
        cells = grid.column(name)
        found = tables.replaced(cells, from_, to)
        if found is not cells:
            out = out.set_col(name, found)
    return out


@builtin()
def swizzle_refs(grid: Grid) -> Grid:
    """The grid with a fresh `id` in every row and these in place of the old ones everywhere.

    Old ids are replaced in lists and dicts too; refs to anything else than a row of the grid stay.

    Raises:
        UnknownNameErr: a row without `id`.

    Examples:
        [{id:@a}].toGrid.swizzleRefs.first->id == @a         //=> false
        do g: [{id:@a, r:@a}].toGrid.swizzleRefs.first; g->id == g->r end        //=> true
        [{id:@a, r:@z}].toGrid.swizzleRefs.first->r          //=> @z
        [{a:1}].toGrid.swizzleRefs                           //! UnknownNameErr "id"
    """
    ids = grid.column("id") if grid.has("id") else [None] * len(grid)
    fresh: dict[Ref, Ref] = {}
    for id_ in ids:
        if id_ is None:
            raise UnknownNameErr("id")
        if type(id_) is Ref:
            fresh[id_] = Ref(f"{secrets.token_hex(4)}-{secrets.token_hex(4)}")
    columns = [[_swizzled(cell, fresh) for cell in grid.column(name)] for name in grid.col_names()]
    return grid.with_columns(grid.cols(), columns)


def _swizzled(cell: Any, fresh: dict[Ref, Ref]) -> Any:
    kind = type(cell)
    if kind is Ref:
        return fresh.get(cell, cell)
    if kind is list:
        return [_swizzled(item, fresh) for item in cell]
    if kind is dict:
        return {name: _swizzled(item, fresh) for name, item in cell.items()}
    return cell
