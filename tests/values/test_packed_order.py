"""Columns of timestamps, dates and repeated values are ordered as the lists of their cells."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from axon.values.arrays import order_packed
from axon.values.ordering import column_order
from pylib.kinds import MARKER, NA_VALUE, Number, Ref
from pylib.packed import NAT, DateColumn, DictColumn, TimeColumn
from pylib.times import zone_by_id

SUMMER = 1_730_606_400_000_000_000
"""An hour before clocks are set back in New York."""
VALUES = st.one_of(
    st.sampled_from(["a", "A", "b", "B", "ä", "Ä", "", "10", "9"]),
    st.sampled_from(
        [Ref("x", "a"), Ref("a"), Ref("A", "B"), "b", 5, 5.0, Number(2, "hr"), Number(90, "min")]
    ),
    st.sampled_from([Ref("x", "b"), Ref("a"), Ref("y", "A")]),
    st.sampled_from([MARKER, NA_VALUE, True, dt.date(2024, 1, 1), float("nan"), Number(1, "kW"), -1.5]),
)
STAMPS = st.one_of(
    st.just(NAT), st.integers(-(2**62), 2**62),
    st.integers(0, 8).map(lambda n: SUMMER + n * 1_800_000_000_000),
    st.integers(SUMMER, SUMMER + 2000),
)  # fmt: skip


def agree(column: Any) -> None:
    for reverse in (False, True):
        assert order_packed(column, reverse=reverse) == column_order(column.tolist(), reverse=reverse)


@given(st.lists(STAMPS, max_size=12), st.sampled_from(["America/New_York", "UTC"]))
@settings(max_examples=200, deadline=None)
def test_timestamps(stamps: list[int], zone: str) -> None:
    agree(TimeColumn(np.array(stamps, "i8"), zone, zone_by_id))


@given(st.lists(st.integers(-9, 9) | st.just(DateColumn.NULL), max_size=12))
def test_dates(days: list[int]) -> None:
    agree(DateColumn(np.array(days, "i4")))


@given(st.lists(VALUES, min_size=1, max_size=6), st.data(), st.sampled_from(["i1", "i2", "i4"]))
@settings(max_examples=300, deadline=None)
def test_repeated_values(values: list[Any], data: st.DataObject, dtype: str) -> None:
    codes = data.draw(st.lists(st.integers(-1, len(values) - 1), max_size=12))
    agree(DictColumn(np.array(codes, dtype), values))
