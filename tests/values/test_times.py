from __future__ import annotations

import datetime as dt
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axon.errors import ArgErr, IndexErr, ParseErr
from axon.values.times import (
    REL,
    SPAN_MODES,
    UTC,
    DateSpan,
    NanoDateTime,
    NanoTime,
    Span,
    clean_datetime,
    compare_datetimes,
    date_text,
    datetime_text,
    diff_ns,
    epoch_ns,
    fixed_zone,
    from_epoch_ns,
    is_zone,
    local,
    parse_date,
    parse_date_span,
    parse_datetime,
    parse_span,
    parse_time,
    same_instant,
    shift_date,
    shift_datetime,
    shift_time,
    time_text,
    to_zone,
    zone,
    zone_name,
    zone_names,
)
from tests.values.strategies import date_spans, dates, datetimes, spans, times, zones

HOUR = 3_600_000_000_000
DAY = 24 * HOUR
NY = zone("New_York")


def at(text: str) -> dt.datetime:
    return parse_datetime(text)


# ---- zones ----


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("New_York", "America/New_York"),
        ("America/New_York", "America/New_York"),
        ("EST5EDT", "America/New_York"),
        ("US/Eastern", "America/New_York"),
        ("UTC", "UTC"),
        ("GMT+5", "Etc/GMT+5"),
        ("Rel", "Etc/Rel"),
        ("Istanbul", "Europe/Istanbul"),
        ("Asia/Istanbul", "Europe/Istanbul"),
        ("Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("West", "Australia/Perth"),
        ("Brazil/West", "America/Manaus"),
        ("Canada/Eastern", "America/Toronto"),
        ("Calcutta", "Asia/Kolkata"),
    ],
)
def test_a_zone_name_always_means_the_same_zone(name, key):
    assert zone(name).key == key


@pytest.mark.parametrize("name", ["Nowhere", "", "GMT+20", "Foo/London", "../London", "new_york", "a\0b"])
def test_an_unknown_zone_is_an_error(name):
    with pytest.raises(ParseErr, match="TimeZone not found"):
        zone(name)
    assert not is_zone(name)


def test_every_name_of_the_table_gives_a_zone_of_that_name():
    assert [name for name in zone_names() if zone_name(zone(name)) != name] == []


def test_names_of_foreign_zones():
    assert zone_name(dt.UTC) == "UTC"
    assert zone_name(dt.timezone(dt.timedelta(hours=3))) == "GMT-3"
    assert zone_name(None) == "UTC"
    assert fixed_zone(dt.timedelta(hours=-5)).key == "Etc/GMT+5"
    with pytest.raises(ParseErr):
        fixed_zone(dt.timedelta(minutes=90))


def test_rel_is_at_offset_zero():
    assert dt.datetime(2024, 7, 1, tzinfo=REL).utcoffset() == dt.timedelta()


# ---- text ----


@given(dates)
def test_a_date_reads_back(d):
    assert parse_date(date_text(d)) == d


@given(times)
def test_a_time_reads_back(t):
    back = parse_time(time_text(t))
    assert back == t
    assert type(back) is type(t)


@given(datetimes)
def test_a_timestamp_reads_back(t):
    back = parse_datetime(datetime_text(t))
    assert same_instant(back, t)
    assert zone_name(back) == zone_name(t)
    assert datetime_text(back) == datetime_text(t)


@pytest.mark.parametrize("text", ["2024-1-05", "2024-02-30", "20240105", "2024-W10-2", "", "2024-01-05x"])
def test_other_text_is_no_date(text):
    with pytest.raises(ParseErr):
        parse_date(text)


@pytest.mark.parametrize(
    "text", ["6:05", "06:5", "24:00", "06:60", "06:05:60", "06:05.5", "06:05:00.", "0６:05", ""]
)
def test_other_text_is_no_time(text):
    with pytest.raises(ParseErr):
        parse_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-06",
        "2024-05-06T08:00:00",
        "2024-05-06 08:00:00Z",
        "2024-05-06T08:00:00Z Nowhere",
        "2024-05-06T08:00:00+05:30",
        "2024-05-06T08:00:00+99:00",
        "9999-12-31T23:00:00-05:00 UTC",
    ],
)
def test_other_text_is_no_timestamp(text):
    with pytest.raises(ParseErr):
        parse_datetime(text)


@pytest.mark.parametrize(
    ("text", "tz", "want"),
    [
        ("2024-07-01T08:00:00Z", NY, "2024-07-01T08:00:00Z UTC"),
        ("2024-07-01T08:00:00-04:00", NY, "2024-07-01T08:00:00-04:00 New_York"),
        ("2024-07-01T08:00:00+03:00", NY, "2024-07-01T08:00:00+03:00 GMT-3"),
        ("2024-07-01T08:00:00-03:00 New_York", None, "2024-07-01T07:00:00-04:00 New_York"),
        ("2024-11-03T01:30:00-05:00 New_York", None, "2024-11-03T01:30:00-05:00 New_York"),
        ("2024-11-03T01:30:00-04:00 New_York", None, "2024-11-03T01:30:00-04:00 New_York"),
        ("2024-03-10T02:30:00-04:00 New_York", None, "2024-03-10T02:30:00-04:00 New_York"),
    ],
)
def test_the_offset_fixes_the_instant(text, tz, want):
    assert datetime_text(parse_datetime(text, tz)) == want


def test_fractions_go_down_to_nanoseconds():
    assert time_text(parse_time("08:30:00.250")) == "08:30:00.25"
    assert type(parse_time("08:30:00.000001")) is dt.time
    fine = parse_time("08:30:00.0000010009")
    assert fine == parse_time("08:30:00.000001")
    t = parse_datetime("2024-07-05T08:30:00.123456789+05:30 Kolkata")
    assert datetime_text(t) == "2024-07-05T08:30:00.123456789+05:30 Kolkata"


# ---- nanoseconds ----


def test_nanoseconds_count_in_equality_and_survive_pickling():
    a, b = parse_time("01:00:00.000000001"), parse_time("01:00:00.000000002")
    assert a != b
    assert a != dt.time(1)
    assert len({a, b, parse_time("01:00:00.000000001")}) == 2
    t = from_epoch_ns(1, UTC)
    assert isinstance(t, NanoDateTime)
    assert pickle.loads(pickle.dumps((a, t))) == (a, t)
    assert repr(t).startswith("NanoDateTime.of(")
    assert repr(a).startswith("NanoTime.of(")
    assert type(t.plain()) is dt.datetime


def test_without_digits_below_the_microsecond_the_class_is_plain():
    assert type(from_epoch_ns(1000, UTC)) is dt.datetime
    assert type(NanoTime.of(parse_time("01:00:00.000000001"), 0)) is dt.time
    assert type(shift_datetime(from_epoch_ns(1, UTC), -1)) is dt.datetime


# ---- wall clocks and instants ----


@pytest.mark.parametrize(
    ("date", "clock", "tz", "want"),
    [
        ("2024-03-10", "02:30", "New_York", "2024-03-10T02:30:00-04:00 New_York"),
        ("2024-11-03", "01:30", "New_York", "2024-11-03T01:30:00-04:00 New_York"),
        ("2024-10-27", "01:30", "London", "2024-10-27T01:30:00Z London"),
        ("2024-04-07", "02:30", "Sydney", "2024-04-07T02:30:00+10:00 Sydney"),
        ("2024-07-01", "12:00", "UTC", "2024-07-01T12:00:00Z UTC"),
    ],
)
def test_wall_clock_around_daylight_saving(date, clock, tz, want):
    assert datetime_text(local(parse_date(date), parse_time(clock), zone(tz))) == want


@given(datetimes, zones)
def test_another_zone_keeps_the_instant(t, tz):
    moved = to_zone(t, tz)
    assert moved.tzinfo is tz
    if REL not in (t.tzinfo, tz):
        assert epoch_ns(moved) == epoch_ns(t)
    elif tz is REL:
        assert datetime_text(moved)[:19] == datetime_text(t)[:19]


@given(datetimes, st.integers(-(10**18), 10**18))
def test_a_shift_is_elapsed_time(t, ns):
    moved = shift_datetime(t, ns)
    assert diff_ns(moved, t) == ns
    assert moved.tzinfo is t.tzinfo
    assert compare_datetimes(moved, t) == (ns > 0) - (ns < 0)


def test_a_day_over_the_change_is_not_a_clock_day():
    noon = local(dt.date(2024, 3, 9), dt.time(12), NY)
    assert datetime_text(shift_datetime(noon, DAY)) == "2024-03-10T13:00:00-04:00 New_York"


def test_the_two_passes_of_an_autumn_hour_differ():
    first, second = at("2024-11-03T01:30:00-04:00 New_York"), at("2024-11-03T01:30:00-05:00 New_York")
    assert not same_instant(first, second)
    assert compare_datetimes(first, second) == -1
    assert diff_ns(second, first) == HOUR


def test_foreign_datetimes_are_cleaned():
    assert (
        datetime_text(clean_datetime(dt.datetime(2024, 7, 1, 8), NY)) == "2024-07-01T08:00:00-04:00 New_York"
    )
    fixed = dt.datetime(2024, 7, 1, 8, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert datetime_text(clean_datetime(fixed, NY)) == "2024-07-01T08:00:00+02:00 GMT-2"
    assert clean_datetime(at("2024-07-01T08:00:00Z"), NY).tzinfo is UTC


def test_dates_and_times_shift():
    assert shift_date(dt.date(2024, 1, 31), 30 * DAY) == dt.date(2024, 3, 1)
    with pytest.raises(ArgErr, match="whole days"):
        shift_date(dt.date(2024, 1, 1), HOUR)
    with pytest.raises(ArgErr, match="out of range"):
        shift_date(dt.date(9999, 12, 31), DAY)
    assert shift_time(dt.time(22), 3 * HOUR) == dt.time(1)
    assert shift_time(dt.time(1), -2 * HOUR) == dt.time(23)
    assert shift_time(dt.time(1), DAY) == dt.time(1)
    with pytest.raises(ArgErr):
        shift_time(dt.time(1), DAY + 1)
    with pytest.raises(ArgErr, match="out of range"):
        shift_datetime(at("9999-12-31T00:00:00Z"), 2 * DAY)
    with pytest.raises(ArgErr, match="out of range"):
        shift_datetime(at("9999-12-31T00:00:00-05:00 New_York"), 2 * DAY)


# ---- spans ----


@given(date_spans)
def test_a_period_holds_whole_days_and_reads_back(span):
    assert span.start <= span.end
    assert span.contains(span.start)
    assert span.contains(span.end)
    assert parse_date_span(span.text()) == span
    assert DateSpan.of(span.end, span.period) == span
    assert span != DateSpan(span.start, span.end)


def test_periods():
    day = dt.date(2024, 5, 6)
    assert DateSpan.of(day, "week").text() == "2024-05-05,week"
    assert DateSpan.of(day, "week", 1).start == day
    assert DateSpan.of(day, "quarter").end == dt.date(2024, 6, 30)
    assert [DateSpan.of(day, p).code() for p in ("day", "month", "year")] == ["2024-05-06", "2024-05", "2024"]
    assert DateSpan.of(day, "quarter").code() == "2024-04-01..2024-06-30"
    assert DateSpan.of(dt.date(2024, 12, 5), "month").num_days == 31
    with pytest.raises(ArgErr, match="Invalid period 'decade'"):
        DateSpan.of(day, "decade")
    with pytest.raises(ArgErr, match="Invalid period"):
        DateSpan(day, day, "decade")
    with pytest.raises(ArgErr):
        DateSpan.of(dt.date(1, 1, 1), "week", 3)


def test_a_shifted_month_is_a_range():
    moved = DateSpan.of(dt.date(2024, 2, 1), "month").shift(DAY)
    assert moved.text() == "2024-02-02,2024-03-01"


@pytest.mark.parametrize(
    ("text", "err"), [("2024-02-01", IndexErr), ("nonsense", ParseErr), ("2024-02-01,decade", ArgErr)]
)
def test_other_text_is_no_date_span(text, err):
    with pytest.raises(err):
        parse_date_span(text)


NOW = local(dt.date(2024, 5, 6), dt.time(15, 30), NY)


@pytest.mark.parametrize(
    ("mode", "want"),
    [
        ("today", "2024-05-06"),
        ("yesterday", "2024-05-05"),
        ("thisWeek", "2024-05-05,2024-05-12"),
        ("lastWeek", "2024-04-28,2024-05-05"),
        ("pastWeek", "2024-04-29,2024-05-06"),
        ("thisMonth", "2024-05-01,2024-06-01"),
        ("lastMonth", "2024-04-01,2024-05-01"),
        ("pastMonth", "2024-04-08,2024-05-06"),
        ("thisQuarter", "2024-04-01,2024-07-01"),
        ("lastQuarter", "2024-01-01,2024-04-01"),
        ("pastQuarter", "2024-02-06,2024-05-06"),
        ("thisYear", "2024-01-01,2025-01-01"),
        ("lastYear", "2023-01-01,2024-01-01"),
        ("pastYear", "2023-05-07,2024-05-06"),
    ],
)
def test_relative_spans_count_from_now(mode, want):
    span = Span(mode, now=NOW)
    assert span.text() == mode
    assert Span(span.start, span.end).text() == want
    assert span == Span(mode, now=from_epoch_ns(0, UTC))
    assert span != Span(span.start, span.end)


def test_every_mode_has_a_span():
    assert all(parse_span(mode, NOW).mode == mode for mode in SPAN_MODES)
    assert Span("today").mode == "today"
    with pytest.raises(ArgErr, match="Unknown span mode"):
        Span("nextWeek", now=NOW)


@given(spans)
def test_an_absolute_span_reads_back(span):
    back = parse_span(span.text(), span.start)
    assert back == span
    assert hash(back) == hash(span)


def test_a_span_ends_before_its_end():
    span = Span.of_dates(dt.date(2024, 3, 10), dt.date(2024, 3, 10), NY)
    assert diff_ns(span.end, span.start) == 23 * HOUR
    assert span.contains(span.start)
    assert not span.contains(span.end)
    assert (span.num_days, span.dates()) == (1, (dt.date(2024, 3, 10), dt.date(2024, 3, 10)))
    assert span.rebase(UTC).text() == "2024-03-10"
    assert span.to_zone(UTC).text() == "2024-03-10T05:00:00Z UTC,2024-03-11T04:00:00Z UTC"
    assert span.to_zone(UTC).rebase(NY) == span.to_zone(UTC)


def test_a_span_does_not_run_backwards_or_over_zones():
    a, b = at("2024-05-06T08:00:00Z UTC"), at("2024-05-06T09:00:00Z UTC")
    with pytest.raises(ArgErr, match="start > end"):
        Span(b, a)
    with pytest.raises(ArgErr, match="mismatched"):
        Span(a, to_zone(b, NY))
    with pytest.raises(ParseErr):
        parse_span("2024-05-06,nonsense", a)


def test_nanoseconds_order():
    a, b = parse_time("01:00:00.000000001"), parse_time("01:00:00.000000002")
    plain = dt.time(1)
    assert plain < a < b < dt.time(2)
    assert a <= b <= b
    assert b > a > plain
    assert b >= a >= a
    assert a.replace(hour=1) == plain
