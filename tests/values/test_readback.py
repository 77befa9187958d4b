"""What `toAxonCode` writes is Axon, and means the value it was written from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import axon
from axon.values.numbers import number, split
from axon.values.order import equals
from axon.values.show import to_code, to_str
from pylib.kinds import Number
from tests.values.strategies import date_spans, dicts, haystack_scalars, spans


@pytest.fixture(scope="module")
def rt() -> Iterator[axon.Runtime]:
    with axon.Runtime(tz="New_York", locale="en", cache=False) as made:
        yield made


def _without_lost_unit(v: object) -> object:
    """Not-a-number and the infinities print no unit."""
    if isinstance(v, Number):
        val, unit = split(v)
        return number(val, unit if val - val == 0 else None)
    return v


scalars = haystack_scalars.map(_without_lost_unit)
codable = st.recursive(
    st.one_of(st.none(), scalars, date_spans.filter(lambda s: s.period in ("day", "month", "year"))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), dicts.map(lambda d: {k: _without_lost_unit(v) for k, v in d.items()})
    ),
    max_leaves=5,
)


@given(codable)
def test_code_evaluates_to_the_value(rt, v):
    code = to_code(v)
    back = rt.eval(f"[{code}]")[0]
    if "DateSpan" in repr(v) and "'month'" not in repr(v):
        return  # `2024` alone is a number, a day alone a Date
    assert equals(back, v), code
    assert to_str(back) == to_str(v)


@given(spans)
def test_code_of_a_span_evaluates_to_it(rt, span):
    if span.is_dates and span.start.tzinfo is not rt.eval("now()").tzinfo:
        return  # dates alone mean the zone of the context
    assert rt.eval(to_code(span)) == span
