from __future__ import annotations

import datetime as dt
from functools import cmp_to_key
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axon.errors import CastErr, EvalError, UnitErr
from axon.values import order
from axon.values.ranges import Range
from axon.values.show import kind_name
from axon.values.times import DateSpan, Span, from_epoch_ns, make_time, parse_datetime, zone
from pylib.grid import Grid
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr
from tests.values.strategies import dates, datetimes, numbers, refs, texts, times, values

NAN, INF = float("nan"), float("inf")
plain_or_one_unit = st.one_of(
    st.integers(-50, 50), st.floats(), st.builds(Number, st.integers(-50, 50), st.just("kW"))
)
durations = st.builds(Number, st.integers(-5000, 5000), st.sampled_from(("sec", "min", "hr", "day")))
one_kind = st.sampled_from(
    [plain_or_one_unit, durations, texts, st.booleans(), dates, times, datetimes, refs]
)


@pytest.mark.parametrize(
    ("a", "b", "want"),
    [
        (4, 4.0, True),
        (4, Number(4, "m"), True),
        (Number(4, "ft"), Number(4, "m"), False),
        (Number(1, "hr"), Number(60, "min"), False),
        (NAN, NAN, True),
        (-0.0, 0, True),
        (Number(NAN, "m"), Number(NAN, "m"), True),
        (None, None, True),
        (None, 0, False),
        (1, True, False),
        (True, True, True),
        ("a", Symbol("a"), False),
        (Ref("a", "x"), Ref("a", "y"), True),
        (Ref("a"), "a", False),
        (Uri("a"), Uri("a"), True),
        (Coord(1, 2), Coord(1.0000001, 2), True),
        (XStr("A", "x"), XStr("B", "x"), False),
        (MARKER, MARKER, True),
        (MARKER, REMOVE, False),
        (NA_VALUE, NA_VALUE, True),
        ([1], [1.0], True),
        ([1], [Number(1, "m")], False),
        ([1, [2]], [1, [2]], True),
        ([1], [1, 2], False),
        ([{}], [{}], True),
        ({}, {}, True),
        ({"a": 1}, {"a": 1}, False),
        ([{"a": 1}], [{"a": 1}], False),
        (dt.date(2024, 1, 1), dt.date(2024, 1, 1), True),
        (dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=zone("UTC")), False),
        (dt.time(1), dt.time(1), True),
        (dt.time(1), make_time(1, 0, 0, 1), False),
        (from_epoch_ns(0, zone("UTC")), from_epoch_ns(0, zone("Tokyo")), True),
        (from_epoch_ns(1, zone("UTC")), from_epoch_ns(0, zone("UTC")), False),
        (Range(1, 2), Range(1, 2.0), True),
        (Range(1, None), Range(1, 2), False),
        (
            DateSpan(dt.date(2024, 1, 1), dt.date(2024, 1, 31), "month"),
            DateSpan(dt.date(2024, 1, 1), dt.date(2024, 1, 31)),
            False,
        ),
        (Span("today"), Span("today"), True),
        (b"a", b"a", True),
    ],
)
def test_equality_of_the_operator(a, b, want):
    assert order.eq(a, b) is want
    assert order.eq(b, a) is want


def test_grids_and_dicts_are_equal_by_identity_only():
    grid, tags = Grid.from_rows([{"a": 1}]), {"a": 1}
    assert order.eq(grid, grid)
    assert order.eq(tags, tags)
    assert not order.eq(grid, Grid.from_rows([{"a": 1}]))
    assert order.equals(grid, Grid.from_rows([{"a": 1}]))
    assert order.equals({"a": 1, "b": [{}]}, {"b": [{}], "a": 1.0})


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Grid.from_rows([{"a": 1}]), Grid.from_rows([{"a": 2}])),
        (Grid.from_rows([{"a": 1}]), Grid.from_rows([{"b": 1}])),
        (Grid.from_rows([{"a": 1}]), Grid.from_rows([{"a": 1}, {"a": 1}])),
        (Grid.from_rows([{"a": 1}]), Grid.from_rows([{"a": 1}], {"m": 1})),
        (Grid.from_rows([{"a": 1}]), Grid.from_rows([{"a": 1}]).with_col_meta("a", {"m": 1})),
        (Grid.from_rows([{"a": 1}]), [{"a": 1}]),
        ({"a": 1}, {"a": Number(1, "m")}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([1], [2]),
        (1, Number(1, "m")),
    ],
)
def test_content_that_differs_is_not_equal(a, b):
    assert not order.equals(a, b)
    assert not order.equals(b, a)


@given(values)
def test_every_value_equals_itself(v):
    assert order.eq(v, v)
    assert order.strict_eq(v, v)
    assert order.equals(v, v)


@given(values, values)
def test_equality_is_symmetric_and_strict_implies_loose(a, b):
    assert order.eq(a, b) == order.eq(b, a)
    assert order.strict_eq(a, b) == order.strict_eq(b, a)
    assert order.equals(a, b) == order.equals(b, a)
    assert not order.strict_eq(a, b) or (order.eq(a, b) and order.equals(a, b))


@given(values, values)
def test_keys_are_equal_exactly_when_values_are(a, b):
    assert (order.strict_key(a) == order.strict_key(b)) == order.strict_eq(a, b)
    assert hash(order.strict_key(a)) == hash(order.strict_key(a))


@given(one_kind.flatmap(lambda kind: st.tuples(kind, kind, kind)))
def test_values_of_one_kind_have_a_total_order(three):
    a, b, c = three
    assert order.cmp(a, b) == -order.cmp(b, a)
    assert order.cmp(a, a) == 0
    if order.cmp(a, b) <= 0 and order.cmp(b, c) <= 0 and not _mixed_units(three):
        assert order.cmp(a, c) <= 0
    assert order.lt(a, b) == (order.cmp(a, b) < 0)
    assert order.le(a, b) == (order.cmp(a, b) <= 0)
    assert order.gt(a, b) == (order.cmp(a, b) > 0)
    assert order.ge(a, b) == (order.cmp(a, b) >= 0)


def _mixed_units(vals):
    return len({getattr(v, "unit", None) for v in vals}) > 1 and not all(isinstance(v, Number) for v in vals)


@given(values)
def test_null_is_less_than_everything(v):
    want = 0 if v is None else -1
    assert order.cmp(None, v) == want
    assert order.cmp(v, None) == -want
    assert order.compare(None, v) == want


@given(values, values)
def test_values_of_different_kinds_do_not_compare(a, b):
    if a is None or b is None or kind_name(a) == kind_name(b):
        return
    with pytest.raises(EvalError, match="Cannot compare types"):
        order.cmp(a, b)
    with pytest.raises(CastErr, match="Cannot compare"):
        order.compare(a, b)


@pytest.mark.parametrize(
    ("a", "b", "want"),
    [
        (NAN, -INF, -1),
        (NAN, NAN, 0),
        (5, NAN, 1),
        (Number(3600, "sec"), Number(1, "hr"), 0),
        (Number(1, "mo"), Number(30, "day"), 0),
        (4, Number(3, "m"), 1),
        (False, True, -1),
        ("B", "a", -1),
        ("\uffff", "\U0001f600", 1),
        (Ref("b"), Ref("a"), 1),
        (MARKER, MARKER, 0),
        (Coord(1, 2), Coord(1, 2), 0),
        (Span("today"), Span("lastWeek"), 1),
        (
            parse_datetime("2024-11-03T01:30:00-04:00 New_York"),
            parse_datetime("2024-11-03T01:10:00-05:00 New_York"),
            -1,
        ),
    ],
)
def test_order_of_the_operator(a, b, want):
    assert order.cmp(a, b) == want
    assert order.cmp(b, a) == -want


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1], [2]),
        ({}, {}),
        (Range(1, 2), Range(1, 2)),
        (DateSpan.of(dt.date(2024, 1, 1), "day"), DateSpan.of(dt.date(2024, 1, 1), "day")),
        (Grid.empty_grid(), Grid.empty_grid()),
        (5, "5"),
        (5, NA_VALUE),
        (XStr("Bin", "a/b"), XStr("Foo", "x")),
        (b"a", b"a"),
    ],
)
def test_what_has_no_order_is_an_error(a, b):
    with pytest.raises(EvalError, match=f"Cannot compare types: {kind_name(a)} <= {kind_name(b)}"):
        order.le(a, b)


def test_unlike_units_do_not_compare():
    with pytest.raises(UnitErr, match="m <=> kW"):
        order.lt(Number(1, "m"), Number(2, "kW"))
    with pytest.raises(UnitErr):
        order.natural_sorted([Number(1, "m"), Number(2, "kW")])


def test_natural_order():
    assert order.natural_sorted(["b", "A", "a"]) == ["A", "a", "b"]
    assert order.natural_sorted([3, None, 1]) == [None, 1, 3]
    assert order.natural_sorted([True, False]) == [False, True]
    assert order.natural_sorted([{"b": 1}, {"a": 1}]) == [{"a": 1}, {"b": 1}]
    assert order.natural_sorted([[2], [1]], reverse=True) == [[2], [1]]
    assert order.natural_sorted(["\U0001f600", "\uffff"]) == ["\U0001f600", "\uffff"]
    assert order.natural_sorted([dt.date(2024, 2, 1), dt.date(2024, 1, 1)])[0].month == 1
    assert repr(order.natural_sorted([1, NAN, 0.5])) == "[nan, 0.5, 1]"


@given(one_kind.flatmap(lambda kind: st.lists(st.one_of(st.none(), kind), max_size=8)), st.booleans())
def test_sorting_puts_every_pair_in_order(items, reverse):
    if _mixed_units(items):
        return
    got = order.natural_sorted(items, reverse)
    assert len(got) == len(items)
    for a, b in pairwise(got):
        assert (order.compare(a, b) >= 0) if reverse else (order.compare(a, b) <= 0)
    assert got == sorted(items, key=cmp_to_key(order.compare), reverse=reverse) or any(v != v for v in items)


@given(numbers, numbers)
def test_numbers_without_unit_compare_with_any(a, b):
    if isinstance(a, Number) and isinstance(b, Number):
        return
    assert order.cmp(a, b) in (-1, 0, 1)
