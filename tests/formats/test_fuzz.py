"""Whatever text a reader gets: a value or an error of ours, soon."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from axon.errors import AxonError, IOErr, ParseErr
from axon.formats import csv as csv_format
from axon.formats.csv import read_csv, read_dicts, read_rows
from axon.formats.hayson import read_hayson, write_hayson
from axon.formats.jeto import read_jeto
from axon.formats.json3 import read_json3, write_json3
from axon.formats.trio import read_trio, write_trio
from axon.formats.zinc import read_zinc, read_zinc_value, write_zinc
from axon.formats.zinc_parser import ZincParser
from axon.formats.zinc_table import Table
from pylib.grid import Grid
from tests.formats.values import canon, grids

pytestmark = pytest.mark.timeout(120)
EXAMPLES = int(os.environ.get("AXON_EXAMPLES", "150"))
fuzz = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))

READERS: dict[str, Callable[[str], Any]] = {
    "zinc": read_zinc_value,
    "trio": read_trio,
    "hayson": read_hayson,
    "hayson, safe names": lambda text: read_hayson(text, safe_names=True),
    "json3": read_json3,
    "json3, safe": lambda text: read_json3(text, safe_names=True, safe_vals=True),
    "jeto": read_jeto,
    "csv": read_csv,
    "csv rows": lambda text: list(read_rows(text.split("\n"), ";")),
    "csv dicts": lambda text: list(read_dicts(text.split("\n"))),
}
ZINC = (
    'ver:"3.0"', 'ver:"2.0"', "\n", ",", " ", "a", "b:", "<<", ">>", "[", "]", "{", "}", '"', "\\", "`",
    "@r", ' "D"', "^s", "C(", "1.5", ")", "Foo(", 'Bin("x")', "5kW", "5", "-", "-INF", "NaN", "M", "N",
    "2024-02-30", "2024-05-06", "T08:00:00Z", " UTC", "-04:00 New_York", "08:30", "0x1F", "1e999", "_",
    "\\u00", "é", "\ud800", "\0", "\t", "\r", "Span(", '"today"', '"2024-01-01,x"',
    "9999-12-31T23:59:59-12:00 Tokyo",
)  # fmt: skip
TRIO = (
    *ZINC,
    ":",
    "---\n",
    "// c\n",
    "\n  ",
    "dis:",
    "src:\n",
    "x:Zinc:\n",
    "y:Trio:\n",
    "true",
    "5 apples",
    "a:1\n",
)
JSON = (
    "{", "}", "[", "]", ",", ":", '"', '"_kind":', '"number"', '"grid"', '"val":', '"unit":', '"kW"',
    "1", "-1.5e3", "1" * 400, "null", "true", '"meta":', '"cols":', '"rows":', '"name":', '"a"',
    '"n:5 kW"', '"t:2024"', '"x:A:b"', '"c:1,2"', '"m:"', '"\\ud800"', "\\", "é", "NaN", '"coord"',
    '"lat":', '"lng":', '"dateTime"', '"tz":', '"date"', '"spec":', '"sys::Number"', '"uri"',
    '"u://x:y"', '"ref"', '"dis":', "\n", '{"_kind":"marker"}',
)  # fmt: skip
CSV = (",", ";", '"', "\n", "\r", " ", "a", "é", "\t", '""', "\0", "a,b\n")


def run(read: Callable[[str], Any], text: str) -> Any:
    """What a reader makes of a text; None for an error of ours."""
    try:
        return read(text)
    except AxonError:
        return None


def texts(words: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.one_of(st.text(max_size=40), st.lists(st.sampled_from(words), max_size=25).map("".join))


@fuzz
@given(texts(ZINC))
@example('ver:"2.0"\na\n"')
@example("<<")
@example('ver:"3.0"\na\n>>\n')
def test_zinc_reader_takes_any_text(text: str) -> None:
    run(read_zinc_value, text)
    run(read_zinc_value, 'ver:"3.0"\na,b\n' + text)


@fuzz
@given(texts(TRIO))
def test_trio_reader_takes_any_text(text: str) -> None:
    run(read_trio, text)


@fuzz
@given(
    texts(JSON), st.sampled_from([name for name in READERS if name.startswith(("hayson", "json3", "jeto"))])
)
def test_json_readers_take_any_text(text: str, name: str) -> None:
    run(READERS[name], text)


@fuzz
@given(texts(CSV), st.sampled_from([name for name in READERS if name.startswith("csv")]))
def test_csv_readers_take_any_text(text: str, name: str) -> None:
    run(READERS[name], text)


@fuzz
@given(grids, st.data())
def test_damaged_documents_are_read_or_refused(grid: Grid, data: st.DataObject) -> None:
    forms = ((write_zinc, read_zinc), (write_hayson, read_hayson), (write_json3, read_json3))
    write, read = data.draw(st.sampled_from(forms))
    text = write(grid)
    at = data.draw(st.integers(0, len(text)))
    size = data.draw(st.integers(0, 3))
    run(
        read, text[:at] + data.draw(st.sampled_from(["", '"', "\n", ",", "\\", "]", "0"])) + text[at + size :]
    )
    run(read_trio, write_trio([{"g": grid}])[at:])


# ---- two ways must agree


@fuzz
@given(st.lists(st.sampled_from(CSV), max_size=25).map("".join), st.sampled_from(",;\t "), st.booleans())
def test_the_quick_way_of_csv_agrees_with_the_exact_one(text: str, mark: str, header: bool) -> None:
    def exactly(text: str) -> Grid:
        keep = csv_format._fast_columns
        csv_format._fast_columns = lambda text, delimiter: None
        try:
            return read_csv(text, mark, header=header)
        finally:
            csv_format._fast_columns = keep

    assert canon(run(lambda t: read_csv(t, mark, header=header), text)) == canon(run(exactly, text))


@fuzz
@given(st.lists(st.sampled_from(CSV), max_size=25).map("".join))
def test_rows_read_lazily_agree_with_the_grid(text: str) -> None:
    grid = run(read_csv, text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = run(lambda _: list(read_dicts(lines)), text)
    assert (None if grid is None else [*grid.dicts()]) == rows


CELLS = st.sampled_from((
    "", "1", "2.5", "-3", "5kW", "7.25kW", "1e3", '"x"', '"a,b"', '"\\n"', '"q\\""', "2024-05-06", "T",
    "M", "N", "2024-05-06T08:00:00Z", "2024-05-06T08:00:00-04:00 New_York", "@r", '@r "D, d"',
    "C(1.0,2.0)", "[1,2]", "[1]", "{a b:1}", "`u,v`", 'Foo("x,y")', "NaN", "-INF", "08:30:00", "bad",
    "+5", ".5", "5.", "1_000", "0x10", "<<", " 1",
))  # fmt: skip


@fuzz
@given(st.integers(1, 3), st.data())
def test_the_quick_way_of_zinc_agrees_with_the_parser(width: int, data: st.DataObject) -> None:
    kind = data.draw(st.lists(CELLS, min_size=1, max_size=3))
    rows = data.draw(st.lists(st.lists(st.sampled_from(kind), min_size=width, max_size=width), max_size=12))
    text = 'ver:"3.0"\n' + ",".join("abc"[:width]) + "\n" + "\n".join(map(",".join, rows)) + "\n"

    def slowly(text: str) -> Any:
        keep = Table.read_rows
        Table.read_rows = lambda self, text, pos: pos  # type: ignore[method-assign]
        try:
            return ZincParser(text).grid()
        finally:
            Table.read_rows = keep  # type: ignore[method-assign]

    assert canon(run(read_zinc, text)) == canon(run(slowly, text))


# ---- no text takes long

SIZE = 300_000
HEAVY = {
    "open lists": "[" * SIZE,
    "open dicts": "{a:" * SIZE,
    "nested json": '{"a":' * SIZE,
    "open grids": 'ver:"3.0"\na\n' + '<<ver:"3.0"\na\n' * (SIZE // 10),
    "open string": 'ver:"3.0"\na\n"' + "a" * SIZE,
    "escapes": 'ver:"3.0"\na\n"' + '\\"' * SIZE,
    "quotes": '"' * SIZE,
    "quotes in cells": 'ver:"3.0"\na,b\n' + '"x' * SIZE,
    "parentheses": 'ver:"3.0"\na,b\n' + "C()(" * SIZE,
    "commas": "," * SIZE,
    "digits": "9" * SIZE,
    "digits and units": "9a" * SIZE,
    "underscores": "1" + "_" * SIZE + "x",
    "exponents": "1e" * SIZE,
    "blanks": " " * SIZE + "x",
    "lines": "\n" * SIZE,
    "lines of quotes": '"\n' * SIZE,
    "ragged": 'ver:"3.0"\na,b\n' + '1\n1,"x,y"\n' * (SIZE // 10),
    "bad rows": 'ver:"3.0"\na,b\n' + "1,2\n" * 5000 + '1,"x\n' * 5000,
    "lists in rows": 'ver:"3.0"\na,b\n' + "[1,2],[3,4]\n" * 10_000,
    "colons": "a:" * SIZE,
    "many tags": "\n".join(f"a{i}:[" for i in range(20_000)),
    "dashes": "-" * SIZE,
    "same header": ",".join(["a"] * 20_000) + "\n",
    "wide": ",".join(f"c{i}" for i in range(20_000)) + "\n" + "," * 19_999,
    "nulls": "\0" * SIZE,
    "huge number": "1e" + "9" * SIZE,
    "huge json number": '{"a": 1' + "0" * SIZE + "}",
}


@pytest.mark.parametrize("name", HEAVY)
def test_no_text_takes_long(name: str) -> None:
    for reader, read in READERS.items():
        start = time.process_time()
        run(read, HEAVY[name])
        took = time.process_time() - start
        assert took < 8, f"{reader}: {took:.1f} s"


def test_errors_tell_line_and_column() -> None:
    for read, text, line, col in (
        (read_zinc, 'ver:"3.0"\na,b\n1,2\n3,"\\q"\n', 4, 4),
        (read_zinc, 'ver:"3.0"\na,b\n1\n', 3, 2),
        (read_zinc, 'ver:"3.0"\na\n1\n<<ver:"3.0"\nb\n5zz\n>>\n', 6, 2),
        (read_trio, "a:1\nb:5bad\n", 2, 4),
        (read_trio, 'a:1\ng:Zinc:\n  ver:"3.0"\n  x\n  ?\n', 5, 1),
        (read_hayson, '{"a":1,\n "b":{"_kind":"x"}}', 2, 6),
        (read_hayson, '{"a":1,\n b}', 2, 2),
        (read_json3, '{"a":"d:x",\n"b":1}', 1, 1),
    ):
        with pytest.raises(ParseErr) as caught:
            read(text)
        assert (caught.value.line, caught.value.col) == (line, col), text


def test_csv_errors_tell_row_and_line() -> None:
    with pytest.raises(IOErr, match=r"row 2 \(expected 2, got 1\)"):
        read_csv("a,b\n1,2\n3")
    for text, place in (
        ('a,b\n1,"x\ny"\n3', r"row 2 \(expected 2, got 1\) \[line 4\]"),
        ("a,b\n1,2\n\n\n3,4", r"row 2 \(expected 2, got 0\) \[line 3\]"),
        ('a,b\n"1\n", "x\n2,3', r"\[line 3, col 4\]"),
    ):
        with pytest.raises(IOErr, match=place):
            read_csv(text)
        with pytest.raises(IOErr, match=place):
            list(read_dicts(text.split("\n")))
