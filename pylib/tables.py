"""A grid as a table of HTML and as one numpy array."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from pylib.kinds import MARKER, Coord, Number, Ref, Symbol, Uri, XStr

if TYPE_CHECKING:
    import numpy as np

    from pylib.grid import Grid

__all__ = ["html_table", "numpy_table"]

_MAX_ROWS = 60


def html_table(grid: Grid, max_rows: int = _MAX_ROWS) -> str:
    """The first rows as an HTML table, and below it how many rows and columns there are."""
    shown = grid.slice(0, max_rows)
    out = ["<table><thead><tr>"]
    out += [f"<th>{escape(_title(c.name(), c.meta()))}</th>" for c in grid.cols()]
    out.append("</tr></thead><tbody>")
    columns = [shown.column(name) for name in shown.col_names()]
    for i in range(len(shown)):
        cells = "".join(f"<td>{escape(_cell_text(column[i]))}</td>" for column in columns)
        out.append(f"<tr>{cells}</tr>")
    more = "" if len(shown) == len(grid) else f", {len(shown)} shown"
    out.append(f"</tbody></table><p>{len(grid)} rows × {len(columns)} columns{more}</p>")
    return "".join(out)


def _title(name: str, meta: dict[str, Any]) -> str:
    dis = meta.get("dis")
    return dis if isinstance(dis, str) else name


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if cell is MARKER:
        return "✓"
    if type(cell) is bool:
        return "true" if cell else "false"
    if type(cell) is Number:
        return f"{_number_text(cell.val)}{cell.unit}"
    if type(cell) in (int, float):
        return _number_text(cell)
    if type(cell) is Ref:
        return str(cell.dis())
    if type(cell) in (Uri, Symbol):
        return str(cell.val)
    if type(cell) is XStr:
        return f"{cell.type}({cell.val})"
    if type(cell) is Coord:
        return f"{cell.lat}, {cell.lng}"
    return str(cell)


def _number_text(val: float) -> str:
    return str(int(val)) if val == val and abs(val) <= 1e12 and val == int(val) else str(val)


def numpy_table(grid: Grid) -> np.ndarray[Any, Any]:
    """The cells in two dimensions: float64 where every cell is a number or null, else objects."""
    import numpy as np

    size, width = len(grid), len(grid.col_names())
    columns = [_float_column(grid, i) for i in range(width)]
    if all(column is not None for column in columns):
        out = np.empty((size, width), dtype=np.float64)
        for i, column in enumerate(columns):
            out[:, i] = column
        return out
    cells = np.empty((size, width), dtype=object)
    for i in range(width):
        cells[:, i] = np.fromiter(grid.column(i), dtype=object, count=size)
    return cells


def _float_column(grid: Grid, at: int) -> Any:
    """A column as float64, null as NaN; None where a cell is no number."""
    import numpy as np

    array = grid.array(at)
    if array is not None:
        if array.dtype.kind == "b":
            return None
        valid = getattr(grid.buffer(at), "valid", None)
        return array if valid is None else np.where(valid, array, np.nan)
    out = []
    for cell in grid.column(at):
        if type(cell) in (int, float):
            out.append(cell)
        elif cell is None:
            out.append(np.nan)
        elif type(cell) is Number:
            out.append(cell.val)
        else:
            return None
    return np.array(out, dtype=np.float64)
