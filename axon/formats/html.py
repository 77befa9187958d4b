"""HTML: grids as a page with a table, or as the table alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from axon.formats.xml import escape
from axon.values.numbers import NUMBER_TYPES
from pylib.grid import Col, Grid

__all__ = ["write_html"]

_STYLE = (
    "body{font:14px system-ui,sans-serif;margin:2em}"
    "table{border-collapse:collapse}"
    "th,td{border-bottom:1px solid #ccc;padding:.25em .75em;text-align:left;vertical-align:top}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}"
)


def write_html(
    grid: Grid, dis: Callable[[Any, Col], str], *, title: str = "", table_only: bool = False
) -> str:
    """Write a grid as HTML.

    Args:
        dis: how a cell looks to people, from the cell and its column.
        title: heading of the page; by default the `dis` or `title` of the grid's meta.
        table_only: leave out the page around the table.
    """
    meta = grid.meta()
    title = title or next((m for m in (meta.get("title"), meta.get("dis")) if isinstance(m, str)), "")
    table = "\n".join(_table(grid, dis)) + "\n"
    if table_only:
        return table
    head = f"<h1>{escape(title)}</h1>\n" if title else ""
    return (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title or 'Grid')}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{head}{table}</body>\n</html>\n"
    )


def _table(grid: Grid, dis: Callable[[Any, Col], str]) -> Iterator[str]:
    cols = grid.cols()
    yield "<table>"
    heads = [escape(d if isinstance(d := col.meta().get("dis"), str) else col.name()) for col in cols]
    yield "<thead><tr>" + "".join([f"<th>{head}</th>" for head in heads]) + "</tr></thead>"
    yield "<tbody>"
    for row in zip(*[grid.column(col) for col in cols], strict=True):
        yield "<tr>" + "".join([_cell(val, col, dis) for val, col in zip(row, cols, strict=True)]) + "</tr>"
    yield "</tbody>"
    yield "</table>"


def _cell(val: Any, col: Col, dis: Callable[[Any, Col], str]) -> str:
    if val is None:
        return "<td></td>"
    text = escape(dis(val, col)).replace("\n", "<br>")
    return f'<td class="n">{text}</td>' if type(val) in NUMBER_TYPES else f"<td>{text}</td>"
