from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given

from axon.errors import UnsupportedErr
from axon.values.filter import parse_filter
from axon.values.ranges import Range
from axon.values.show import dis, is_tag_name, kind_name, preview, quote, quote_uri, summary, to_code, to_str
from axon.values.times import DateSpan, Span, make_time, parse_datetime
from pylib.grid import Col, Grid
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr
from tests.values.strategies import texts, values

DAY = dt.date(2024, 1, 5)
STAMP = parse_datetime("2024-07-05T08:30:00.123+05:30 Kolkata")
GRID = Grid.from_rows([{"a": 1}, {"b": 2}])


class _Host:
    def __str__(self) -> str:
        return "host text"


@pytest.mark.parametrize(
    ("val", "text", "code"),
    [
        (None, "null", "null"),
        (True, "true", "true"),
        (5, "5", "5"),
        (float("nan"), "NaN", "nan()"),
        (float("-inf"), "-INF", "negInf()"),
        (Number(float("inf"), "m"), "INF", "posInf()"),
        (Number(5, "kW"), "5kW", "5kW"),
        ('a\n"$\\', 'a\n"$\\', r'"a\n\"\$\\"'),
        ("é\x01", "é\x01", '"é\\u{1}"'),
        (Uri("a`b$"), "a`b$", "`a\\`b\\$`"),
        (Ref("r", "Dis"), "r", "@r"),
        (Symbol("s"), "s", "^s"),
        (MARKER, "✓", "marker()"),
        (REMOVE, "∅", "none()"),
        (NA_VALUE, "NA", "na()"),
        (Coord(37.5, -77.25), "C(37.5,-77.25)", "coord(37.5,-77.25)"),
        (Coord(-0.5, 2), "C(-0.5,2.0)", "coord(-0.5,2.0)"),
        (XStr("Foo", 'a"b'), r'Foo("a\"b")', r'xstr("Foo", "a\"b")'),
        (XStr("Bin", "text/plain"), "text/plain", 'xstr("Bin","text/plain")'),
        (DAY, "2024-01-05", "2024-01-05"),
        (dt.time(8, 30), "08:30:00", "08:30:00"),
        (make_time(8, 30, 0, 1), "08:30:00.000000001", "08:30:00.000000001"),
        (
            STAMP,
            "2024-07-05T08:30:00.123+05:30 Kolkata",
            'parseDateTime("2024-07-05T08:30:00.123+05:30 Kolkata")',
        ),
        (DateSpan.of(DAY, "month"), "2024-01-01,month", "2024-01"),
        (DateSpan(DAY, DAY), "2024-01-05,2024-01-05", "2024-01-05..2024-01-05"),
        (Span("lastWeek"), "lastWeek", 'toSpan("lastWeek")'),
        (Range(1, None), "1..null", 'xstr("ObjRange", "1..null")'),
        ([], "[,]", "[]"),
        ([""], "[]", '[""]'),
        ([1, "a", None, [Ref("r")]], "[1, a, null, [r]]", '[1, "a", null, [@r]]'),
        ({}, "{}", "{}"),
        (
            {"a": MARKER, "b": 1, "c": "x y", "d": Ref("r")},
            "{a, b:1, c:x y, d:@r}",
            '{a, b:1, c:"x y", d:@r}',
        ),
        (
            {"odd key": 1, "Cap": MARKER, "_x": 3, "_": 4},
            "{odd key:1, Cap, _x:3, _:4}",
            '{"odd key":1, "Cap", _x:3, "_":4}',
        ),
        (parse_filter("a==1"), "a == 1", 'xstr("FilterEq", "a == 1")'),
        (Col("a"), "a", 'xstr("Col", "a")'),
        (b"ab", "Buf(size=2)", 'xstr("MemBuf", "Buf(size=2)")'),
        (_Host(), "host text", 'xstr("_Host", "host text")'),
    ],
)
def test_text_and_source_of_each_kind(val, text, code):
    assert to_str(val) == text
    assert to_code(val) == code


def test_a_grid_has_no_source():
    with pytest.raises(UnsupportedErr, match="Cannot format grid to Axon"):
        to_code(GRID)
    assert to_str(GRID) == "Grid 2x2"
    assert to_str(GRID.first()) == "{a:1}"
    assert to_code(GRID.first()) == "{a:1}"


@pytest.mark.parametrize(
    ("val", "name"),
    [
        (None, "null"),
        (True, "Bool"),
        (1, "Number"),
        (1.5, "Number"),
        (Number(1, "m"), "Number"),
        ("", "Str"),
        ([], "List"),
        ({}, "Dict"),
        (GRID, "Grid"),
        (GRID.first(), "Dict"),
        (DAY, "Date"),
        (dt.time(), "Time"),
        (make_time(0, 0, 0, 1), "Time"),
        (STAMP, "DateTime"),
        (DateSpan(DAY, DAY), "DateSpan"),
        (Span("today"), "Span"),
        (Range(1, 2), "Range"),
        (parse_filter("a"), "Filter"),
        (XStr("Bin", "a/b"), "Bin"),
        (XStr("Foo", "a"), "XStr"),
        (b"", "Buf"),
        (_Host(), "_Host"),
    ],
)
def test_names_of_kinds(val, name):
    assert kind_name(val) == name


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("a", True),
        ("aB_9", True),
        ("_x", True),
        ("_", False),
        ("", False),
        ("A", False),
        ("9", False),
        ("a b", False),
        ("é", False),
        ("aé", False),
    ],
)
def test_tag_names_that_need_no_quotes(name, good):
    assert is_tag_name(name) is good


@given(texts)
def test_a_literal_has_no_raw_quote_or_control(text):
    body = quote(text)[1:-1].replace("\\\\", "").replace('\\"', "").replace("\\$", "")
    assert '"' not in body
    assert "$" not in body
    assert not any(ord(c) < 32 for c in quote(text))
    assert quote_uri("a\tb") == "`a\\tb`"


@given(values)
def test_a_preview_is_short_and_never_fails(v):
    assert len(preview(v)) <= 40
    assert len(preview(v, 10)) <= 10
    assert summary(v)


def test_previews():
    assert preview("x" * 100) == '"' + "x" * 38 + "…"
    assert preview(["a", "b"]) == '["a", "b"]'
    assert len(preview(list(range(10**6)))) == 40
    assert summary({"a": MARKER, "b": "x"}) == '{a, b:"x"}'
    assert summary(list(range(100))).endswith("...]")
    assert summary(GRID) == "Grid 2x2"
    assert summary(Range(1, 2)) == "1..2"
    assert summary(DateSpan.of(DAY, "month")) == "2024-01"
    assert summary(None) == "null"


@pytest.mark.parametrize(
    ("val", "text"),
    [
        (None, ""),
        (True, "true"),
        (1234567, "1,234,567"),
        (Number(90, "min"), "1.5hr"),
        ("x" * 62, "x" * 61 + "..."),
        (Ref("r", "Dis"), "Dis"),
        (Ref("r"), "r"),
        (DAY, "5-Jan-2024"),
        (dt.time(6, 5), "06:05"),
        (DateSpan.of(DAY, "month"), "Jan-2024"),
        ([1, "a"], "1, a"),
        ({"a": 1}, "{a:1}"),
        (MARKER, "✓"),
    ],
)
def test_display_form(val, text):
    assert dis(val) == text
