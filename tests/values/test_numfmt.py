"""Numbers by pattern and by magnitude; what Axon can say is in tests/lib/formatting.axon."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axon.values.locale import find_locale
from axon.values.numfmt import format_number
from pylib.kinds import Number

PLAIN = st.floats(min_value=1e-3, max_value=1e7, exclude_max=True)


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_are_grouped_by_thousands(n: int) -> None:
    assert format_number(n) == f"{n:,}"
    assert format_number(float(n)) == f"{n:,}"


@given(PLAIN, st.integers(0, 6))
def test_digits_are_rounded_half_up_on_the_decimal_text(val: float, places: int) -> None:
    want = Decimal(repr(val)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    pattern = "0." + "0" * places if places else "0"
    assert format_number(val, pattern) == format(want, "f")


@given(PLAIN)
def test_optional_decimals_have_no_trailing_zeros(val: float) -> None:
    text = format_number(val, "0.###")
    assert "." not in text or text[-1] not in "0."


@given(st.floats(allow_nan=False, allow_infinity=False), st.text("#0,.U;xB", max_size=8))
def test_any_pattern_gives_a_text(val: float, pattern: str) -> None:
    assert isinstance(format_number(Number(val, "kW"), pattern), str)


@given(st.floats(), st.sampled_from(["ns", "ms", "sec", "min", "hr", "day", "byte", "$", "_x"]))
def test_every_number_has_a_text(val: float, unit: str) -> None:
    assert format_number(Number(val, unit))


@pytest.mark.parametrize(
    ("val", "pattern", "want"),
    [
        (99.999, "00.00", "100.00"),
        (0.999, "0.0", "1.0"),
        (9.96, "#.#", "10"),
        (1e22, "0", "1" + "0" * 22),
        (123456.7, "#,##0.0", "123,456.7"),
        (1234567, "0,0", "1,2,3,4,5,6,7"),
        (5, "0,", "5"),
        (7, "00,000", "00007"),
        (1.23456789012e-5, "0.000000000", "0.000012346"),
    ],
)
def test_patterns(val: float, pattern: str, want: str) -> None:
    assert format_number(val, pattern) == want


@pytest.mark.parametrize(
    ("locale", "want"),
    [("en", "1,234,567"), ("de", "1.234.567"), ("fr", "1\u202f234\u202f567"), ("sv", "1\u00a0234\u00a0567")],
)
def test_separators_follow_the_locale(locale: str, want: str) -> None:
    assert format_number(1234567, None, find_locale(locale)) == want
