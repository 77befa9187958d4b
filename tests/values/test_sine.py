"""The sine: at most one unit in the last place from the C library's, and exact where it must be."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axon.values.sine import sine


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_differs_in_the_last_digit_at_most(x: float) -> None:
    assert abs(sine(x) - math.sin(x)) <= math.ulp(math.sin(x))


@given(st.floats(-1000, 1000))
def test_is_odd(x: float) -> None:
    assert sine(-x) == -sine(x)


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_no_angle_has_no_sine(x: float) -> None:
    assert math.isnan(sine(x))
