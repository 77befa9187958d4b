"""Documents for people and other programs: Excel, HTML, XML; and the bridge to hszinc."""

from __future__ import annotations

import datetime as dt
import io
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

import axon
from axon.errors import ArgErr, CoerceErr, DependErr, Err, ParseErr
from axon.formats import hszinc_bridge
from axon.formats.excel import write_excel_xml, write_xlsx
from axon.formats.hszinc_bridge import from_hszinc, read_with_hszinc, to_hszinc
from axon.formats.html import write_html
from axon.formats.xml import write_xml
from axon.formats.zinc import read_zinc
from axon.values.times import zone
from pylib.grid import Col, Grid
from pylib.kinds import MARKER, NA_VALUE, Number, Ref, Symbol, Uri, XStr

NOON = dt.datetime(2024, 5, 6, 12, tzinfo=zone("New_York"))


def sheet_grid(title: str | None = None) -> Grid:
    cells: list[Any] = [
        1.5, Number(5, "kW"), "=1+1", True, None, dt.date(2024, 5, 6), NOON, dt.time(8, 30), MARKER,
        Ref("a", "A"), float("nan"), "bad\x00\x0b", [1, "x"],
    ]  # fmt: skip
    return Grid([Col("a", {"dis": "Column <A>"})], [cells], {"title": title} if title else {})


def test_a_workbook_has_cells_of_their_kinds() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(write_xlsx([sheet_grid("S/1"), sheet_grid("s_1"), sheet_grid()]))
    )
    assert book.sheetnames == ["S_1", "s_1_2", "Sheet3"]
    cells = [row[0] for row in book["S_1"].iter_rows()]
    assert [c.value for c in cells] == [
        "Column <A>", 1.5, 5, "=1+1", True, None, dt.datetime(2024, 5, 6), dt.datetime(2024, 5, 6, 12),
        dt.time(8, 30), "✓", "a", "NaN", "bad\ufffd\ufffd", "[1, x]",
    ]  # fmt: skip
    assert cells[3].data_type == "s"
    assert cells[2].number_format == 'General"kW"'


def test_a_file_that_ends_in_xlsx_is_a_workbook(tmp_path: Path) -> None:
    with axon.Runtime(io=tmp_path) as rt:
        rt.eval('ioWriteExcel([[{a:1}].toGrid, [{b:2}].toGrid.addMeta({title:"T"})], `io/x.xlsx`)')
        rt.eval("ioWriteExcel([{a:1}], `io/x.xml`)")
    assert openpyxl.load_workbook(tmp_path / "x.xlsx")["T"]["A2"].value == 2
    assert (tmp_path / "x.xml").read_text().startswith("<?xml")


def test_without_openpyxl_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(DependErr, match=r"axon-haystack\[excel\]"):
        write_xlsx([sheet_grid()])


def test_the_xml_workbook_is_well_formed() -> None:
    tree = ElementTree.fromstring(write_excel_xml([sheet_grid("A"), sheet_grid()]))
    space = "{urn:schemas-microsoft-com:office:spreadsheet}"
    kinds = [data.get(f"{space}Type") for data in tree.iter(f"{space}Data")]
    assert kinds[:8] == ["String", "Number", "String", "String", "Boolean", "DateTime", "DateTime", "String"]


def test_a_sheet_holds_so_many_rows() -> None:
    with pytest.raises(ArgErr, match="1048576"):
        write_xlsx([Grid.from_columns(["a"], [[1] * 1_048_576])])


def test_xml_is_well_formed_and_nests() -> None:
    grid = Grid(
        [Col("a", {"unit": "kW"})], [[sheet_grid(), {"x": [1, None]}, "a\nb'\"<&>\x01"]], {"dis": "T"}
    )
    tree = ElementTree.fromstring(write_xml(grid))
    assert tree.get("ver") == "3.0"
    last = tree.findall("row")[-1].find("a")
    assert last is not None
    assert last.get("val") == "a\nb'\"<&>\ufffd"


def test_xml_refuses_names_that_are_no_elements() -> None:
    with pytest.raises(Err, match="a b"):
        write_xml(Grid.from_columns(["a"], [[{"a b": 1}]]))


def test_html_escapes_everything() -> None:
    grid = Grid([Col("a", {"dis": "<h>"})], [["<script>", None, "a\nb"]], {"title": "<t>"})
    page = write_html(grid, lambda val, col: str(val))
    assert "<script>" not in page
    assert page.count("&lt;t&gt;") == 2
    assert "<td>a<br>b</td>" in page


# ---- hszinc


@pytest.mark.parametrize(
    "val",
    [
        None, True, 5, 2.5, "x", Number(5, "kW"), Ref("a"), Ref("a", "A"), Uri("http://h/"), Symbol("site"),
        XStr("Foo", "x"), XStr("Bin", "text/plain"), MARKER, NA_VALUE, dt.date(2024, 5, 6), dt.time(8, 30),
        NOON, NOON.replace(month=11, day=3, hour=1, fold=1), [1, [MARKER]], {"a": Number(1, "%")},
    ],
)  # fmt: skip
def test_hszinc_values_come_back(val: Any) -> None:
    back = from_hszinc(to_hszinc(val))
    assert back == val
    assert type(back) is type(val)
    assert getattr(back, "tzinfo", None) == getattr(val, "tzinfo", None)


def test_grids_know_the_way_to_hszinc_and_back() -> None:
    grid = Grid([Col("a", {"unit": "kW"})], [[Number(1, "kW"), None]], {"dis": "T"})
    theirs = grid.to_hszinc()
    assert axon.to_hszinc(NOON).tzinfo.zone == "America/New_York"
    back = Grid.from_hszinc(theirs)
    assert (back.dicts(), back.meta(), back.cols()[0].meta()) == (grid.dicts(), grid.meta(), {"unit": "kW"})


def test_values_that_hszinc_has_no_kind_for() -> None:
    import hszinc

    with pytest.raises(CoerceErr, match="unknown unit"):
        from_hszinc(hszinc.Quantity(1, "furlong_per_fortnight"))
    with pytest.raises(CoerceErr, match="object"):
        from_hszinc(object())


def test_hszinc_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    for text in ('ver:"2.0"\na\n"', "x", 'ver:"2.0"\na\n1 2\n'):
        with pytest.raises(ParseErr):
            read_with_hszinc(text)
    assert capfd.readouterr() == ("", "")


def test_hszinc_gets_small_and_flat_texts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hszinc_bridge, "_hszinc", lambda: pytest.fail("it was asked"))
    for text in ("x" * 100_000, 'ver:"2.0"\na\n[[1]]\n'):
        with pytest.raises(ParseErr, match="too long or nested"):
            read_with_hszinc(text)


def test_version_2_goes_to_hszinc_where_our_reader_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        hszinc_bridge, "read_with_hszinc", lambda text: asked.append(text) or Grid.empty_grid()
    )
    assert read_zinc('ver:"2.0"\na\nBin(text/plain)\n').column("a") == [XStr("Bin", "text/plain")]
    assert not asked
    read_zinc('ver:"2.0"\na\n???\n')
    with pytest.raises(ParseErr):
        read_zinc('ver:"3.0"\na\n???\n')
    assert asked == ['ver:"2.0"\na\n???\n']


def test_formats_do_not_import_heavy_packages() -> None:
    import subprocess

    code = (
        "import sys, axon.formats.zinc, axon.formats.csv, axon.formats.trio, axon.formats.hayson\n"
        "import axon.lib.files_grid, axon.lib.files_text\n"
        "heavy = {'numpy', 'hszinc', 'pandas', 'openpyxl', 'pyparsing', 'urllib.request'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
