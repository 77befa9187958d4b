"""Literals: the number scan, strings, URIs, refs and symbols."""

from __future__ import annotations

import math
from datetime import date, time

import pytest

from axon.errors import AxonSyntaxError
from axon.syntax.nodes import Arith, DotCall, Literal, Node, RangeExpr
from axon.syntax.parser import parse
from axon.values.times import DateSpan
from pylib.kinds import Number, Ref, Symbol, Uri


def value(source: str) -> object:
    node = parse(source)
    assert type(node) is Literal
    return node.val


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("7", 7),
        ("007", 7),
        ("7.0", 7),
        ("1_000", 1000),
        ("1_000.5", 1000.5),
        ("2e3", 2000),
        ("2E+3", 2000),
        ("2e-3kW", Number(0.002, "kW")),
        ("5kW", Number(5, "kW")),
        ("1hour", Number(1, "hr")),
        ("12USD", Number(12, "$")),
        ("8/h", Number(8, "/h")),
        ("9_foo", Number(9, "_foo")),
        ("9_a/b", Number(9, "_a/b")),
        ("9_", Number(9, "_")),
        ("-5", -5),
        ("- 5kW", Number(-5, "kW")),
        ("-(5)", -5),
        ("0xff_00", 65280),
        ("0x", 0),
        ("0xFFFFFFFFFFFFFFFF", -1),
        ("1e400", math.inf),
        ("12345678901234567890", 12345678901234567890.0),
        ("2024-03-09", date(2024, 3, 9)),
        ("2024-02", DateSpan(date(2024, 2, 1), date(2024, 2, 29), "month")),
        ("6:05", time(6, 5)),
        ("06:05", time(6, 5)),
        ("6:05:09.25", time(6, 5, 9, 250000)),
        ("23:59:59.123456000", time(23, 59, 59, 123456)),
        ("8//note", 8),
    ],
)
def test_numbers(source: str, want: object) -> None:
    got = value(source)
    assert got == want
    assert type(got) is type(want)


def test_a_whole_number_has_one_form() -> None:
    assert [type(value(s)) for s in ("7.0", "1e3", "4.5", "9007199254740993")] == [int, int, float, float]


def test_minus_zero_is_kept() -> None:
    assert math.copysign(1, value("-0")) == -1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("3.foo", DotCall),
        ("3..9", RangeExpr),
        ("8 -3", Arith),
        ("8+3", Arith),
        ("x-3", Arith),
        ("(8)-3", Arith),
    ],
)
def test_what_the_number_scan_leaves(source: str, kind: type[Node]) -> None:
    assert type(parse(source)) is kind


@pytest.mark.parametrize(
    "source",
    ["1.5.2", "8-3", "8kW-1", "8/2", "8/x", "2e5+3", "5minute+1", "5->x", "2024-3", "2024-13", "2024-02-31",
     "6:5", "24:00", "6:05am", "2024-05-06T07:08:09Z", "5e", "1__0", "0X10", "5\xa0kW"],
)  # fmt: skip
def test_what_the_number_scan_refuses(source: str) -> None:
    with pytest.raises(AxonSyntaxError):
        parse(source)


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ('""', ""),
        ('"a b"', "a b"),
        (r'"\b\f\n\r\t\"\$\'\`\\"', "\b\f\n\r\t\"$'`\\"),
        (r'"\u00e9\u{1F600}"', "é😀"),
        (r'"\ud83d\ude00"', "😀"),
        (r'r"a\b$c"', r"a\b$c"),
        ('"""a"b""c"""', 'a"b""c'),
        ('"""\na"""', None),
        ('"""one\n     two"""', "one\n  two"),
        ('   """one\n         two\n\n      three"""', "one\n   two\n\nthree"),
        ('"""a\n\\n  b"""', "a\n\n b"),
        ('"""x\n   """', "x\n"),
    ],
)
def test_strings(source: str, want: str | None) -> None:
    if want is None:
        with pytest.raises(AxonSyntaxError):
            parse(source)
    else:
        assert value(source) == want


def test_a_position_after_a_triple_quoted_string_is_right() -> None:
    node = parse('f("""a\n      b""", x)')
    x = node.args[1]  # type: ignore[attr-defined]
    assert (x.loc.line, x.loc.col) == (2, 13)
    assert (node.loc.line, node.loc.end_line, node.loc.end_col) == (1, 2, 15)


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("`a/b`", Uri("a/b")),
        (r"`a\`b`", Uri("a`b")),
        (r"`\$x`", Uri("$x")),
        ("`HTTP://host`", Uri("http://host/")),
        ("@p:demo:r:1-2.~x", Ref("p:demo:r:1-2.~x")),
        ("^site", Symbol("site")),
        ("^lib:ph", Symbol("lib:ph")),
        ("^hot-water", Symbol("hot-water")),
    ],
)
def test_ids(source: str, want: object) -> None:
    assert value(source) == want


@pytest.mark.parametrize(
    "source", ["^Site", "^a.b", "^a:b:c", "^a-", "^-a", "^a:", "^a:B", "^9", "@", "^", "@é"]
)
def test_bad_ids(source: str) -> None:
    with pytest.raises(AxonSyntaxError):
        parse(source)


def test_a_ref_takes_dots_and_dashes_in() -> None:
    assert value("@a.size") == Ref("a.size")
    node = parse("(@a).size")
    assert type(node) is DotCall


def test_nanoseconds_are_kept() -> None:
    from axon.values.show import to_code

    assert to_code(value("01:02:03.123456789")) == "01:02:03.123456789"
