from __future__ import annotations

import pytest
from hypothesis import given

from axon.values.numbers import MAX_INT, float_text, is_number, norm, num_text, number, split, to_int
from pylib.kinds import Number
from tests.values.strategies import floats, numbers

INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("val", "text"),
    [
        (7, "7"),
        (7.0, "7"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (-0.00012, "-1.2E-4"),
        (1234567.5, "1234567.5"),
        (12345678.5, "1.23456785E7"),
        (10**12, "1000000000000"),
        (10**12 + 1, "1.000000000001E12"),
        (1e13, "1.0E13"),
        (1e22, "1.0E22"),
        (5e-324, "5.0E-324"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (INF, "INF"),
        (-INF, "-INF"),
        (NAN, "NaN"),
        (Number(5, "kW"), "5kW"),
        (Number(-2.5, "°F"), "-2.5°F"),
        (Number(NAN, "kW"), "NaN"),
        (Number(INF, "kW"), "INF"),
    ],
)
def test_text_of_a_number_is_that_of_the_reference(val, text):
    assert num_text(val) == text


@given(floats)
def test_text_of_a_float_reads_back_as_the_same_float(f):
    back = float(float_text(f).replace("INF", "inf"))
    assert back == f or (back != back and f != f)


def test_whole_numbers_beyond_the_limit_become_floats():
    assert type(norm(MAX_INT)) is int
    assert norm(MAX_INT + 1) == 2.0**53
    assert type(norm(-MAX_INT - 1)) is float
    assert norm(10**400) == INF
    assert norm(-(10**400)) == -INF
    assert type(number(2**60, "m").val) is float  # type: ignore[union-attr]


@given(numbers)
def test_a_number_is_put_together_as_it_was_split(n):
    again = number(*split(n))
    assert type(again) is type(n)
    assert repr(again) == repr(n)


@pytest.mark.parametrize(
    ("n", "whole"), [(3.9, 3), (-3.9, -3), (NAN, 0), (INF, 2**63 - 1), (-INF, -(2**63)), (1e300, 2**63 - 1)]
)
def test_whole_part_saturates(n, whole):
    assert to_int(n) == whole


def test_a_bool_is_no_number():
    assert [is_number(x) for x in (True, 1, 1.5, Number(1, "m"), "1", None)] == [
        False,
        True,
        True,
        True,
        False,
        False,
    ]
