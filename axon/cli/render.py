"""Results as people read them: grids as tables, other values as their text; or canonical JSON.

What goes to a terminal may be coloured and is cut to what fits; what goes to a file or pipe is plain and
whole, and the same on every machine.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as in `typing`, whose import would cost a third of the start
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pylib.grid import Grid

__all__ = ["grid_lines", "json_text", "show_value", "value_text"]

#: Rows of a table on a terminal.
MAX_ROWS = 200


def show_value(val: Any, *, as_json: bool = False, quote: bool = False, null: bool = True) -> None:
    """Print a value to standard output; null only when asked to; `quote` writes texts as Axon source."""
    if as_json:
        print(json_text(val))
    elif val is None and not null:
        return
    elif _is_grid(val) and _fancy():
        _print_rich(val)
    else:
        print(value_text(val, quote=quote))


def json_text(val: Any) -> str:
    """The canonical JSON of a value, in one line."""
    import json

    from axon.values.json import to_json

    return json.dumps(to_json(val), ensure_ascii=False, separators=(",", ":"))


def value_text(val: Any, *, quote: bool = False) -> str:
    """A value as text of one or more lines, without the last line end."""
    if type(val) is str and not quote:
        return val
    if val is None:
        return "null"
    if type(val) is int:
        return str(val)
    if _is_grid(val):
        return "\n".join(grid_lines(val))
    if type(val) in (list, dict):
        return _container(val)
    return _source(val)


def _source(val: Any) -> str:
    """The source of a value; of a function, range, stream or Python object, which have none, their text."""
    from axon.values.show import to_code, to_str
    from pylib.kinds import XStr

    try:
        text = to_code(val)
    except Exception:
        return to_str(val)
    return to_str(val) if text.startswith("xstr(") and type(val) is not XStr else text


def _is_grid(val: Any) -> bool:
    """Whether it is a grid; a program that shows a number does not import grids for that."""
    module = sys.modules.get("pylib.grid")
    return module is not None and isinstance(val, module.Grid)


def _container(val: list[Any] | dict[str, Any]) -> str:
    """A list or dict as source: in one line if that fits, else one item to a line."""
    line = _code(val)
    if len(line) <= 100 and "\n" not in line:
        return line
    if type(val) is list:
        return "[\n" + "".join(f"  {_code(v)},\n" for v in val) + "]"
    assert type(val) is dict
    return "{\n" + "".join(f"  {_entry(n, v)},\n" for n, v in val.items()) + "}"


def _entry(name: str, val: Any) -> str:
    from pylib.kinds import MARKER

    return name if val is MARKER else f"{name}: {_code(val)}"


def _code(val: Any) -> str:
    if _is_grid(val):
        return f"<grid of {val.size()} rows>"
    if type(val) is list:
        return "[" + ", ".join(_code(v) for v in val) + "]"
    if type(val) is dict:
        return "{" + ", ".join(_entry(n, v) for n, v in val.items()) + "}"
    return _source(val)


def grid_lines(grid: Grid, max_rows: int | None = None) -> list[str]:
    """A grid as an aligned table: heads, a rule, rows; numbers to the right."""
    heads, cells, right = _table(grid, max_rows)
    if not heads:
        return [f"(grid without columns, {grid.size()} rows)"]
    widths = [max([_width(h), *(_width(row[i]) for row in cells)]) for i, h in enumerate(heads)]
    lines = [_line(heads, widths, right), "  ".join("-" * w for w in widths)]
    lines += [_line(row, widths, right) for row in cells]
    if not cells:
        lines.append("(no rows)")
    more = grid.size() - len(cells)
    if more:
        lines.append(f"… {more} more rows")
    return lines


def _table(grid: Grid, max_rows: int | None) -> tuple[list[str], list[list[str]], list[bool]]:
    heads = [_head(col) for col in grid.cols()]
    count = grid.size() if max_rows is None else min(max_rows, grid.size())
    part = grid if count == grid.size() else grid.slice(0, count)
    columns = [list(part.column(i)) for i in range(len(heads))]
    right = [_is_numeric(column) for column in columns]
    cells = [[_cell(column[i]) for column in columns] for i in range(count)]
    return heads, cells, right


def _head(col: Any) -> str:
    dis = col.meta().get("dis")
    return dis if isinstance(dis, str) else str(col.name())


def _is_numeric(column: Sequence[Any]) -> bool:
    from axon.values.numbers import is_number

    some = [v for v in column if v is not None]
    return bool(some) and all(is_number(v) for v in some)


def _cell(val: Any) -> str:
    from axon.values.show import dis
    from axon.values.units import is_duration, to_timedelta_ns
    from pylib.kinds import Number

    if val is None:
        return ""
    if type(val) is bool:
        return "true" if val else "false"
    if type(val) in (dict, list) or _is_grid(val):
        return _short(_code(val))
    if type(val) is Number and is_duration(val.unit) and val.unit not in ("ns", "µs"):
        ticks = to_timedelta_ns(val)
        if 0 < abs(ticks) < 1_000_000:  # `dis` would write parts of an hour, such as 1.0E-7hr
            return f"{ticks / 1000:.4g}µs"
    return _short(dis(val).replace("\n", "⏎"))


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    out = []
    for cell, width, to_right in zip(cells, widths, right, strict=True):
        pad = " " * (width - _width(cell))
        out.append(pad + cell if to_right else cell + pad)
    return "  ".join(out).rstrip()


def _width(text: str) -> int:
    """Columns on a terminal: wide characters count two, combining ones none."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _fancy() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _print_rich(grid: Grid) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    heads, cells, right = _table(grid, MAX_ROWS)
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for head, to_right in zip(heads, right, strict=True):
        table.add_column(Text(head), justify="right" if to_right else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    console = Console()
    console.print(table)
    more = grid.size() - len(cells)
    if more:
        console.print(f"… {more} more rows (--json or a pipe shows all)", style="dim")
