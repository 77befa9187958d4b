"""Date and time patterns, both ways; what Axon can say is in tests/lib/formatting.axon and parsing.axon."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext, suppress

from hypothesis import given
from hypothesis import strategies as st

from axon.errors import ArgErr
from axon.values.datefmt import format_date, format_datetime, format_time, week_of_year
from axon.values.dateparse import DATETIME_PATTERN, read_date, read_datetime, read_time
from axon.values.datepat import symbols
from axon.values.times import from_epoch_ns, make_time, zone

DATES = st.dates(dt.date(1000, 1, 1), dt.date(9998, 12, 31))
TIMES = st.builds(
    make_time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999_999_999)
)
ZONES = st.sampled_from(["UTC", "New_York", "London", "Kolkata", "Sydney", "Sao_Paulo", "GMT+5", "Chatham"])


@given(DATES, st.sampled_from(["YYYY-MM-DD", "D-MMM-YYYY", "DDD MMMM YYYY", "WWWW D/M/YYYY", "YYYYMMDD"]))
def test_dates_are_read_as_written(date: dt.date, pattern: str) -> None:
    assert read_date(format_date(date, pattern), pattern) == date


@given(
    TIMES,
    st.sampled_from(["hh:mm:ss.FFFFFFFFF", "hh:mm:SS.FFFFFFFFF", "h:mm:ss.fffffffff", "k:mm:ss.FFFFFFFFFaa"]),
)
def test_times_are_read_as_written(time: dt.time, pattern: str) -> None:
    if pattern.endswith("aa") and not time.microsecond:
        return  # the mark of the half day stands right behind what is left out
    assert read_time(format_time(time, pattern), pattern) == time


@given(st.integers(-(2**61), 2**61), ZONES)
def test_timestamps_are_read_as_written(ns: int, name: str) -> None:
    stamp = from_epoch_ns(ns, zone(name))
    if (stamp.utcoffset() or dt.timedelta()).total_seconds() % 60:
        return  # local mean time of the past: offsets are written in minutes
    got = read_datetime(format_datetime(stamp, DATETIME_PATTERN), DATETIME_PATTERN, zone("UTC"))
    assert got == stamp
    assert got is not None
    assert got.tzinfo is stamp.tzinfo


@given(st.text("YMDWVQhkmsSfFaAz'.:- x", max_size=12), st.text("0123456789:-. apZ", max_size=20))
def test_any_pattern_reads_or_is_refused(pattern: str, text: str) -> None:
    try:
        known = "V" not in pattern and "Q" not in pattern and bool(symbols(pattern))
    except ArgErr:
        known = False
    with nullcontext() if known else suppress(ArgErr):
        read_date(text, pattern)
        read_time(text, pattern)
        read_datetime(text, pattern, zone("UTC"))


@given(DATES, st.integers(0, 6))
def test_weeks_change_on_their_first_day(date: dt.date, start: int) -> None:
    week, before = week_of_year(date, start), week_of_year(date - dt.timedelta(days=1), start)
    if date.month == date.day == 1:
        assert week == 1
    elif date.isoweekday() % 7 != start:
        assert week == before
    else:
        assert week in (before, before + 1)


def test_a_dropped_fraction_takes_its_point_along() -> None:
    assert format_time(dt.time(8, 5, 30), "ss.FFF 'x'") == "30 x"
    assert format_time(dt.time(8, 5), "hh:mm:SS.FFF") == "08:05"
    assert format_time(dt.time(8, 5, 0, 250_000), "hh:mm:SS.FFF") == "08:05:00.25"
