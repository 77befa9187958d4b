"""Excel: grids as sheets of a workbook, as `.xlsx` or as the XML of Excel 2003.

`.xlsx` is written by openpyxl, which comes with the extra `excel`; the XML needs nothing.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any

from axon.errors import ArgErr, DependErr
from axon.formats.xml import escape
from axon.values import show
from axon.values.numbers import NUMBER_TYPES, num_text, split
from pylib.grid import Col, Grid
from pylib.kinds import Marker

__all__ = ["write_excel_xml", "write_xlsx"]

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767

_NO_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NO_CELL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def write_xlsx(grids: Sequence[Grid]) -> bytes:
    """Write a workbook with a sheet for each grid.

    Numbers, dates, times and truth values are cells of these kinds; a unit becomes the number format of its
    cell. Timestamps lose their zone, which Excel has no place for. Other values are text.

    Raises:
        DependErr: openpyxl is not installed.
        ArgErr: more rows than a sheet can hold.
    """
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
    except ImportError as e:
        raise DependErr("excel: needs openpyxl: pip install 'axon-haystack[excel]'") from e
    book = Workbook(write_only=True)
    for title, grid in zip(_titles(grids), grids, strict=True):
        sheet = book.create_sheet(title)
        sheet.append([_cut(_dis(col)) for col in grid.cols()])
        for row in _rows(grid):
            cells = []
            for val in row:
                plain, pattern = _plain(val)
                cell = WriteOnlyCell(sheet, plain)
                if type(plain) is str:
                    cell.data_type = "s"  # a text that looks like a formula is none
                if pattern:
                    cell.number_format = pattern
                cells.append(cell)
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_excel_xml(grids: Sequence[Grid]) -> str:
    """Write a workbook as SpreadsheetML 2003, with a sheet for each grid.

    Raises:
        ArgErr: more rows than a sheet can hold.
    """
    lines = [
        "<?xml version='1.0' encoding='UTF-8'?>",
        "<?mso-application progid='Excel.Sheet'?>",
        "<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'"
        " xmlns:ss='urn:schemas-microsoft-com:office:spreadsheet'>",
        "<Styles>",
        "<Style ss:ID='head'><Font ss:Bold='1'/></Style>",
        "<Style ss:ID='date'><NumberFormat ss:Format='yyyy\\-mm\\-dd'/></Style>",
        "<Style ss:ID='time'><NumberFormat ss:Format='yyyy\\-mm\\-dd\\ hh:mm:ss'/></Style>",
        "</Styles>",
    ]
    for title, grid in zip(_titles(grids), grids, strict=True):
        lines += [f"<Worksheet ss:Name='{escape(title)}'>", "<Table>"]
        heads = "".join([_xml_cell(_dis(col), "head") for col in grid.cols()])
        lines.append(f"<Row>{heads}</Row>")
        lines += ["<Row>" + "".join([_xml_cell(val) for val in row]) + "</Row>" for row in _rows(grid)]
        lines += ["</Table>", "</Worksheet>"]
    lines += ["</Workbook>", ""]
    return "\n".join(lines)


def _rows(grid: Grid) -> Any:
    if len(grid) >= MAX_ROWS:
        raise ArgErr(f"excel: a sheet holds {MAX_ROWS} rows, the grid has {len(grid)}")
    return zip(*[grid.column(col) for col in grid.cols()], strict=True)


def _titles(grids: Sequence[Grid]) -> list[str]:
    """The names of the sheets: legal, at most 31 characters, different."""
    out: list[str] = []
    for i, grid in enumerate(grids):
        title = grid.meta().get("title")
        base = _NO_TITLE.sub("_", title)[:31].strip("' ") if isinstance(title, str) else ""
        name = base = base or f"Sheet{i + 1}"
        n = 1
        while name.lower() in {t.lower() for t in out}:
            n += 1
            name = f"{base[: 30 - len(str(n))]}_{n}"
        out.append(name)
    return out


def _dis(col: Col) -> str:
    dis = col.meta().get("dis")
    return dis if isinstance(dis, str) else col.name()


def _cut(text: str) -> str:
    return _NO_CELL.sub("\ufffd", text)[:MAX_TEXT]


def _plain(val: Any) -> tuple[Any, str]:
    """A value as openpyxl takes it, and the number format that it needs, if any."""
    if val is None or type(val) is bool:
        return val, ""
    if type(val) in NUMBER_TYPES:
        number, unit = split(val)
        if number - number != 0:
            return num_text(number), ""
        quoted = (unit or "").replace('"', "")
        return number, f'General"{quoted}"' if quoted else ""
    if isinstance(val, dt.datetime):
        return val.replace(tzinfo=None), "yyyy-mm-dd hh:mm:ss"
    if isinstance(val, dt.date):
        return val, "yyyy-mm-dd"
    if isinstance(val, dt.time):
        return val, "hh:mm:ss"
    return _cut(_text(val)), ""


def _text(val: Any) -> str:
    return "✓" if type(val) is Marker else show.to_str(val)


def _xml_cell(val: Any, style: str = "") -> str:
    if val is None:
        return "<Cell/>"
    if type(val) is bool:
        kind, text = "Boolean", str(int(val))
    elif type(val) in NUMBER_TYPES and split(val)[1] is None and val - val == 0:
        kind, text = "Number", repr(val)
    elif isinstance(val, dt.datetime):
        kind, text, style = "DateTime", val.replace(tzinfo=None).isoformat(timespec="milliseconds"), "time"
    elif isinstance(val, dt.date):
        kind, text, style = "DateTime", f"{val.isoformat()}T00:00:00.000", "date"
    else:
        kind, text = "String", escape(_cut(_text(val))).replace("\n", "&#10;")
    marked = f" ss:StyleID='{style}'" if style else ""
    return f"<Cell{marked}><Data ss:Type='{kind}'>{text}</Data></Cell>"
