"""Columns of timestamps: quickly made cells are those that are made one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pylib.packed import NAT, TimeColumn
from pylib.times import datetimes_of, zone_by_id

ZONES = [
    "America/New_York", "UTC", "Australia/Lord_Howe", "Africa/Casablanca", "Europe/Dublin", "Pacific/Apia",
    "Asia/Kathmandu", "America/St_Johns", "Etc/Rel",
]  # fmt: skip
STAMPS = st.lists(st.integers(-(2**62), 2**62) | st.just(NAT), min_size=100, max_size=130)
STEPS = st.tuples(st.integers(0, 2_000_000_000), st.sampled_from([1, 60, 900, 3600, 7200, 86400]))


def check(zone: str, stamps: list[int]) -> None:
    found = zone_by_id(zone)
    got = TimeColumn(np.array(stamps, dtype="i8"), zone, zone_by_id).tolist()
    want = datetimes_of(stamps, found)
    assert got == want
    for a, b in zip(got, want, strict=True):
        assert type(a) is type(b)
        assert a is None or (a.fold == b.fold and a.tzinfo is b.tzinfo)
        assert a is None or a.replace(tzinfo=None) == b.replace(tzinfo=None)


@given(st.sampled_from(ZONES), STAMPS)
@settings(max_examples=40, deadline=None)
def test_any_moments(zone: str, stamps: list[int]) -> None:
    check(zone, stamps)


@given(st.sampled_from(ZONES), STEPS)
@settings(max_examples=60, deadline=None)
def test_series(zone: str, series: tuple[int, int]) -> None:
    start, step = series
    check(zone, [(start + i * step) * 1_000_000_000 for i in range(400)])


@pytest.mark.parametrize("zone", ZONES)
def test_hours_that_come_twice_or_never(zone: str) -> None:
    for start in (1604188800, 1583625600, 1586008800, 1619272800):
        check(zone, [(start + i * 300) * 1_000_000_000 for i in range(600)])
