from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from axon.errors import ArgErr
from axon.tasks.schedule import Schedule, parse_schedule
from pylib.kinds import Number

NY = ZoneInfo("America/New_York")


def at(day: int, hour: int, minute: int = 0, month: int = 5) -> dt.datetime:
    return dt.datetime(2024, month, day, hour, minute, tzinfo=NY)


def times(*hours: int, **tags: Any) -> Schedule:
    return parse_schedule({"obsScheduleTimes": [dt.time(h) for h in hours], **tags})


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        ({}, "Must define either obsScheduleFreq or obsScheduleTimes"),
        ({"obsScheduleTimes": []}, "Must define either obsScheduleFreq or obsScheduleTimes"),
        (
            {"obsScheduleFreq": Number(1, "sec"), "obsScheduleTimes": [dt.time(1)]},
            "Cannot define both obsScheduleFreq and obsScheduleTimes",
        ),
        ({"obsScheduleFreq": 5}, "obsScheduleFreq must be duration"),
        ({"obsScheduleFreq": "1sec"}, "obsScheduleFreq must be duration"),
        ({"obsScheduleFreq": Number(5, "kW")}, "obsScheduleFreq must be duration"),
        ({"obsScheduleFreq": Number(10, "ms")}, "obsScheduleFreq cannot be less than 1sec"),
        ({"obsScheduleTimes": [5]}, "obsScheduleTimes must be list of times"),
        ({"obsScheduleTimes": "8:00"}, "obsScheduleTimes must be list of times"),
    ],
)
def test_errors_have_the_words_of_the_reference(tags: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgErr) as e:
        parse_schedule(tags)
    assert e.value.message == text


@pytest.mark.parametrize(
    ("tag", "val", "text"),
    [
        ("DaysOfWeek", "mon,foo", "obsScheduleDaysOfWeek must be comma separated list of weekdays"),
        ("DaysOfWeek", 5, "obsScheduleDaysOfWeek must be comma separated list of weekdays"),
        ("DaysOfMonth", "x", "obsScheduleDaysOfMonth must be comma separated list of integers"),
        ("DaysOfMonth", "1,0", "obsScheduleDaysOfMonth invalid day: 0"),
        ("DaysOfMonth", "32", "obsScheduleDaysOfMonth invalid day: 32"),
        ("Span", "today", "obsScheduleSpan must be Span"),
    ],
)
def test_errors_in_the_day_conditions(tag: str, val: Any, text: str) -> None:
    with pytest.raises(ArgErr) as e:
        times(8, **{f"obsSchedule{tag}": val})
    assert e.value.message == text


def test_frequency_is_in_seconds() -> None:
    assert parse_schedule({"obsScheduleFreq": Number(2, "min")}).freq == 120


def test_each_time_of_day_comes_once() -> None:
    schedule = times(8, 20)
    assert schedule.due(at(6, 7), at(6, 9)) == [at(6, 8)]
    assert schedule.due(at(6, 8), at(6, 9)) == []
    assert schedule.due(at(6, 9), at(7, 8)) == [at(6, 20), at(7, 8)]


def test_a_long_sleep_makes_no_burst() -> None:
    assert times(8).due(at(1, 9), at(20, 9)) == [at(20, 8)]


def test_a_clock_that_went_back_gives_nothing() -> None:
    assert times(8).due(at(6, 9), at(6, 7)) == []


@pytest.mark.parametrize(
    ("tags", "good", "bad"),
    [
        ({"obsScheduleDaysOfWeek": "mon, wed"}, at(6, 8), at(7, 8)),
        ({"obsScheduleDaysOfMonth": "6,-1"}, at(6, 8), at(7, 8)),
        ({"obsScheduleDaysOfMonth": "-1"}, at(31, 8), at(30, 8)),
        ({"obsScheduleDaysOfMonth": "-2"}, at(28, 8, month=2), at(29, 8, month=2)),
        ({"obsScheduleDaysOfWeek": "mon", "obsScheduleDaysOfMonth": "6"}, at(6, 8), at(13, 8)),
    ],
)
def test_day_conditions_are_combined(tags: dict[str, Any], good: dt.datetime, bad: dt.datetime) -> None:
    schedule = times(8, **tags)
    assert schedule.allows(good)
    assert not schedule.allows(bad)


def test_wait_looks_at_the_clock_again_soon() -> None:
    assert times(8).wait(at(6, 7, 59)) == 30
    assert times(8).wait(at(6, 7, 59) + dt.timedelta(seconds=50)) == 10
