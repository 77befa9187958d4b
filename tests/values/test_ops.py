from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axon.errors import (
    ArgErr,
    CastErr,
    EvalError,
    IndexErr,
    NullErr,
    UnitErr,
    UnknownNameErr,
    UnknownSlotErr,
)
from axon.runtime import ops
from axon.values.order import eq, strict_eq
from axon.values.ranges import Range
from axon.values.show import kind_name
from axon.values.times import DateSpan, parse_datetime
from pylib.grid import Grid
from pylib.kinds import MARKER, NA_VALUE, Number, Ref, Uri
from tests.values.strategies import finite_numbers, numbers, texts, values

INF, NAN = float("inf"), float("nan")
DAY = dt.date(2024, 1, 31)
NOON = parse_datetime("2024-03-09T12:00:00-05:00 New_York")


def cx():
    return SimpleNamespace(db_resolve=lambda ref: {"a": {"dis": "A"}}.get(ref.val))


ALL = {"+": ops.add, "-": ops.sub, "*": ops.mul, "/": ops.div}


@pytest.mark.parametrize(
    ("a", "op", "b", "want"),
    [
        (1, "+", 2, 3),
        (2**53, "+", 2, 2.0**53 + 2),
        (3, "*", 2.5, 7.5),
        (2**40, "*", 2**40, 2.0**80),
        (5, "/", 2, 2.5),
        (4, "/", 2, 2),
        (1, "/", 0, INF),
        (-1, "/", 0, -INF),
        (1, "/", -0.0, -INF),
        (0, "/", 0, NAN),
        (NAN, "/", 0, NAN),
        (Number(3, "kW"), "+", 2, Number(5, "kW")),
        (2, "-", Number(3, "kW"), Number(-1, "kW")),
        (Number(3, "kW"), "+", Number(2, "kW"), Number(5, "kW")),
        (Number(70, "°F"), "-", Number(68, "°F"), Number(2, "Δ°F")),
        (Number(70, "°F"), "+", Number(2, "Δ°F"), Number(72, "°F")),
        (Number(3, "kW"), "*", Number(2, "hr"), Number(6, "kWh")),
        (6, "/", Number(2, "kW"), Number(3, "kW")),
        (Number(6, "kWh"), "/", Number(2, "kW"), Number(3, "hr")),
        (Number(6, "kW"), "/", 0, Number(INF, "kW")),
        (Number(2**53, "m"), "+", Number(2**53, "m"), Number(2.0**54, "m")),
        ("a", "+", "b", "ab"),
        ("a", "+", None, "anull"),
        (None, "+", "a", "nulla"),
        (MARKER, "+", "a", "✓a"),
        (Number(5, "kW"), "+", "x", "5kWx"),
        (None, "+", NA_VALUE, None),
        (NA_VALUE, "*", None, None),
        (NA_VALUE, "-", [1], NA_VALUE),
        (DAY, "+", None, None),
        (DAY, "+", Number(1, "mo"), dt.date(2024, 3, 1)),
        (DAY, "-", Number(24, "hr"), dt.date(2024, 1, 30)),
        (dt.date(2024, 3, 1), "-", dt.date(2024, 2, 1), Number(29, "day")),
        (NOON, "+", Number(1, "day"), parse_datetime("2024-03-10T13:00:00-04:00 New_York")),
        (NOON, "-", Number(90, "min"), parse_datetime("2024-03-09T10:30:00-05:00 New_York")),
        (NOON, "-", parse_datetime("2024-03-09T15:30:00Z UTC"), Number(1.5, "hr")),
        (dt.time(22), "+", Number(3, "hr"), dt.time(1)),
        (dt.time(1), "-", Number(2, "hr"), dt.time(23)),
        (
            DateSpan.of(DAY, "month"),
            "+",
            Number(1, "day"),
            DateSpan(dt.date(2024, 1, 2), dt.date(2024, 2, 1)),
        ),
        (
            DateSpan.of(DAY, "month"),
            "-",
            Number(1, "wk"),
            DateSpan(dt.date(2023, 12, 25), dt.date(2024, 1, 24)),
        ),
        (Uri("a/b"), "+", Uri("c"), Uri("a/c")),
        (Uri("a/b"), "+", "c", Uri("a/c")),
        ("x", "+", Uri("y"), "xy"),
    ],
)
def test_arithmetic(a, op, b, want):
    got = ALL[op](a, b)
    assert strict_eq(got, want), got
    assert kind_name(got) == kind_name(want)


@pytest.mark.parametrize(
    ("a", "op", "b", "err", "text"),
    [
        ("a", "-", "b", EvalError, "Unsupported sub on Str"),
        (None, "-", "b", EvalError, "Unsupported sub on Str"),
        ("a", "*", None, EvalError, "Unsupported mul on Str"),
        (NA_VALUE, "/", "x", EvalError, "Unsupported div on Str"),
        (5, "+", DAY, CastErr, "expected Number, got Date 2024-01-31"),
        (5, "+", True, CastErr, "got Bool"),
        (True, "+", 5, EvalError, "Unsupported operation Bool add Number"),
        ([1], "+", [2], EvalError, "Unsupported operation List add List"),
        (DAY, "+", DAY, EvalError, r"Unsupported operation: Date \+ Date"),
        (DAY, "-", True, EvalError, "Unsupported operation: Date - Bool"),
        (DAY, "*", 2, EvalError, "Unsupported operation Date mul Number"),
        (DAY, "+", 1, UnitErr, "Not duration unit: 1"),
        (DAY, "+", Number(1, "hr"), ArgErr, "whole days"),
        (dt.time(1), "-", dt.time(1), EvalError, "Unsupported operation: Time - Time"),
        (dt.time(1), "+", True, EvalError, r"Time \+ Bool"),
        (dt.time(1), "+", Number(25, "hr"), ArgErr, "24hr"),
        (NOON, "+", True, EvalError, r"DateTime \+ Bool"),
        (NOON, "-", DAY, EvalError, "DateTime - Date"),
        (DateSpan(DAY, DAY), "+", DAY, EvalError, r"DateSpan \+ Date"),
        (DateSpan(DAY, DAY), "-", Range(1, 2), EvalError, "DateSpan - ObjRange"),
        (Uri("a"), "+", 5, EvalError, r"Uri \+ Number"),
        (Uri("a"), "-", "x", EvalError, "Unsupported operation Uri sub Str"),
        (Number(1, "hr"), "+", Number(1, "min"), UnitErr, r"hr \+ min"),
        (Number(1, "Δ°F"), "-", Number(1, "°F"), UnitErr, "Δ°F - °F"),
    ],
)
def test_arithmetic_that_is_refused(a, op, b, err, text):
    with pytest.raises(err, match=text):
        ALL[op](a, b)


@given(numbers, numbers, st.sampled_from("*/"))
def test_products_and_quotients_of_numbers_always_exist(a, b, op):
    assert kind_name(ALL[op](a, b)) == "Number"


@given(finite_numbers)
def test_a_number_minus_itself_is_zero(n):
    got = ops.sub(n, n)
    assert eq(got, 0) or got.unit.startswith("Δ")


@given(texts, values)
def test_a_string_on_either_side_concatenates(s, v):
    assert isinstance(ops.add(s, v), str)
    assert isinstance(ops.add(v, s), Uri if isinstance(v, Uri) else str)


def test_negation():
    assert ops.neg(5) == -5
    assert str(ops.neg(0)) == "-0.0"
    assert ops.neg(Number(2.5, "m")) == Number(-2.5, "m")
    assert ops.neg(None) is None
    assert ops.neg(NA_VALUE) is NA_VALUE
    with pytest.raises(EvalError, match="Unsupported operation neg on Str"):
        ops.neg("a")


def test_bools_are_wanted():
    assert ops.want_bool(True, "and") is True
    assert ops.not_(True) is False
    with pytest.raises(NullErr, match="if: expected Bool, got null"):
        ops.want_bool(None, "if")
    with pytest.raises(CastErr, match="not: expected Bool, got Number 1"):
        ops.not_(1)


def test_ranges():
    span = ops.make_range(DAY, dt.date(2024, 2, 2))
    assert (type(span), span.period) == (DateSpan, "range")
    assert ops.make_range(DAY, NOON) == Range(DAY, NOON)
    assert ops.make_range(None, "x") == Range(None, "x")


GRID = Grid.from_rows([{"a": 1}, {"b": 2}, {"a": 3}])


@pytest.mark.parametrize(
    ("val", "key", "want"),
    [
        ([10, 20, 30], 1, 20),
        ([10, 20, 30], -1, 30),
        ([10, 20, 30], 1.9, 20),
        ([10, 20, 30], NAN, 10),
        ([10, 20, 30], Number(2, "m"), 30),
        ([10, 20, 30], Range(0, -1), [10, 20, 30]),
        ([10, 20, 30], Range(3, 2), []),
        ([], Range(0, -1), []),
        ([10, 20, 30], Range(-2, -2), [20]),
        ("pump", 0, 112),
        ("pump", Range(1, 2), "um"),
        ("a\U0001f600b", 1, 0xD83D),
        ("a\U0001f600b", 3, 98),
        ("a\U0001f600b", Range(1, 2), "\U0001f600"),
        ("é", 0, 233),
        ({"a": 1}, "a", 1),
        ({"a": 1}, "b", None),
        (GRID, 0, {"a": 1}),
        (GRID, -1, {"a": 3}),
        (GRID.first(), "a", 1),
    ],
)
def test_get(val, key, want):
    assert ops.get(val, key) == want


def test_get_of_a_grid_with_a_range_is_a_grid():
    assert ops.get(GRID, Range(1, -1)).dicts() == [{"b": 2}, {"a": 3}]


@pytest.mark.parametrize(
    ("val", "key", "err"),
    [
        ([1, 2], 2, IndexErr),
        ([1, 2], -3, IndexErr),
        ([1, 2], INF, IndexErr),
        ([1, 2], Range(2, 0), IndexErr),
        ([1, 2], Range(3, 3), IndexErr),
        ([1, 2], Range(0, 2), IndexErr),
        ([1, 2], Range(-3, 1), IndexErr),
        ([1, 2], Range(0, "x"), CastErr),
        ([1, 2], Range(None, 1), NullErr),
        ([1, 2], "a", CastErr),
        ([1, 2], True, CastErr),
        ([1, 2], None, NullErr),
        ("ab", 2, IndexErr),
        ("ab", "a", CastErr),
        ({"a": 1}, 0, CastErr),
        ({"a": 1}, None, NullErr),
        (GRID, 3, IndexErr),
        (GRID, "a", CastErr),
        (GRID.first(), 0, CastErr),
        (None, 0, NullErr),
        (5, 0, UnknownSlotErr),
    ],
)
def test_get_that_is_refused(val, key, err):
    with pytest.raises(err):
        ops.get(val, key)


def test_trap():
    assert ops.trap({"a": 1}, "a", cx()) == 1
    assert ops.trap(GRID.first(), "a", cx()) == 1
    assert ops.trap(Ref("a"), "dis", cx()) == "A"
    with pytest.raises(UnknownNameErr, match="b"):
        ops.trap({"a": 1}, "b", cx())
    with pytest.raises(UnknownNameErr, match="b"):
        ops.trap(Ref("a"), "b", cx())
    with pytest.raises(NullErr, match="@z"):
        ops.trap(Ref("z"), "b", cx())
    for val in (None, "x", 5, [1], GRID, NOON):
        with pytest.raises(ArgErr, match="trap: no tag 'b'"):
            ops.trap(val, "b", cx())


class _Remote:
    def axon_trap(self, name: str) -> str:
        return f"remote {name}"


def test_trap_reaches_no_python_attribute_unless_the_type_offers_it():
    assert ops.trap(_Remote(), "x", cx()) == "remote x"
    for name in ("__class__", "__dict__", "tzinfo", "year", "val"):
        for val in (NOON, Number(1, "m"), GRID, ops.get):
            with pytest.raises(ArgErr):
                ops.trap(val, name, cx())
