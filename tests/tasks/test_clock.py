"""Schedules whose wall clock is set while they run. Clock and timer are driven by hand."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from axon.tasks.pool import Job, Pool
from axon.tasks.registry import Tasks
from axon.tasks.task import Run
from axon.tasks.timer import Call, Timer
from pylib.kinds import MARKER, Number, Ref

from .conftest import LIMIT, Clock


class HandTimer(Timer):
    """A timer whose time passes when `run` says so; the wall clock goes with it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._now = 0.0
        self._calls: list[tuple[float, int, Call]] = []
        self._order = itertools.count()

    def time(self) -> float:
        return self._now

    def later(
        self, delay: float, fn: Callable[[], object], dropped: Callable[[], object] | None = None
    ) -> Call:
        call = Call(fn, dropped)
        heapq.heappush(self._calls, (self._now + max(0.0, delay), next(self._order), call))
        return call

    def run(self, seconds: float) -> None:
        end = self._now + seconds
        while self._calls and self._calls[0][0] <= end:
            when, _, call = heapq.heappop(self._calls)
            self._pass(max(when, self._now))
            call.fn()
        self._pass(end)

    def _pass(self, when: float) -> None:
        self._clock.time += dt.timedelta(seconds=when - self._now)
        self._now = when


@pytest.fixture
def timer(clock: Clock) -> HandTimer:
    return HandTimer(clock)


class NowPool(Pool):
    """Works on each job at once, in the thread that brings it."""

    def submit(self, job: Job) -> None:
        job.turn()


class Collects:
    """Every expression keeps the times of the events that it gets."""

    def __init__(self) -> None:
        self.got: list[dt.datetime] = []

    def expression(self, source: str) -> Run:
        return lambda task, msg: self.got.append(msg["ts"])

    def texts(self) -> list[str]:
        """Day and time of the events since the last call."""
        out = [ts.strftime("%d %H:%M") for ts in self.got]
        self.got.clear()
        return out


Scheduled = Callable[..., Collects]


@pytest.fixture
def schedule(clock: Clock, timer: HandTimer) -> Iterator[Scheduled]:
    collects = Collects()
    tasks = Tasks(collects, now=clock, timer=timer, pool=NowPool())

    def start(**tags: Any) -> Collects:
        record = {"id": Ref("s"), "task": MARKER, "taskExpr": "x", "obsSchedule": MARKER}
        tasks.add({**record, **{f"obsSchedule{k}": v for k, v in tags.items()}})
        return collects

    yield start
    assert tasks.close(LIMIT)


HOUR = 3600.0


def jump(clock: Clock, **by: float) -> None:
    clock.time += dt.timedelta(**by)


def times(*hours: int) -> list[dt.time]:
    return [dt.time(h) for h in hours]


def test_times_of_day_come_when_no_one_sets_the_clock(timer: HandTimer, schedule: Scheduled) -> None:
    events = schedule(Times=times(13, 15))
    timer.run(25 * HOUR)
    assert events.texts() == ["06 13:00", "06 15:00", "07 13:00"]
    timer.run(2 * HOUR)
    assert events.texts() == ["07 15:00"]


def test_missed_times_of_the_last_ten_minutes_are_caught_up(
    clock: Clock, timer: HandTimer, schedule: Scheduled
) -> None:
    clock.time = clock.time.replace(hour=13, minute=9)
    events = schedule(Times=[dt.time(12, 58), dt.time(12, 59, 30), dt.time(13)])
    timer.run(60)
    assert events.texts() == ["06 12:59", "06 13:00"]


def test_an_edit_or_restart_brings_no_time_again(clock: Clock, timer: HandTimer, schedule: Scheduled) -> None:
    clock.time = clock.time.replace(hour=13, minute=4)
    events = schedule(Times=[dt.time(12, 58), dt.time(13)])
    timer.run(60)
    assert events.texts() == ["06 12:58", "06 13:00"]
    schedule(Times=[dt.time(12, 58), dt.time(13), dt.time(13, 1), dt.time(13, 6)])
    timer.run(10)
    assert events.texts() == ["06 13:01"], "a time that is new is caught up"
    timer.run(60)
    assert events.texts() == ["06 13:06"]
    timer.run(24 * HOUR)
    assert len(events.texts()) == 4
    schedule(Times=[dt.time(13)])
    timer.run(24 * HOUR)
    assert events.texts() == ["08 13:00"]


def test_a_clock_set_forward_fires_what_it_passed_within_half_a_minute(
    clock: Clock, timer: HandTimer, schedule: Scheduled
) -> None:
    events = schedule(Times=times(13, 15))
    timer.run(60)
    jump(clock, hours=1)
    assert events.texts() == []
    timer.run(31)
    assert events.texts() == ["06 13:00"]
    jump(clock, days=40)
    timer.run(31)
    assert len(events.texts()) == 2, "of a long stretch only the last day counts"
    timer.run(3 * HOUR)
    assert events.texts() == ["15 15:00"]


def test_a_clock_set_back_fires_nothing_twice(clock: Clock, timer: HandTimer, schedule: Scheduled) -> None:
    events = schedule(Times=times(13, 15))
    timer.run(1.5 * HOUR)
    assert events.texts() == ["06 13:00"]
    jump(clock, hours=-1)  # it is 12:30 again
    timer.run(1 * HOUR)
    assert events.texts() == []
    timer.run(2 * HOUR)
    assert events.texts() == ["06 15:00"]


def test_a_clock_set_back_by_days_goes_on_from_there(
    clock: Clock, timer: HandTimer, schedule: Scheduled
) -> None:
    events = schedule(Times=times(13))
    timer.run(2 * HOUR)
    assert events.texts() == ["06 13:00"]
    jump(clock, days=-30)
    timer.run(24 * HOUR)
    assert events.texts() == ["07 13:00"]


@pytest.mark.parametrize("hours", [-30 * 24, -2, 2, 30 * 24])
def test_a_frequency_does_not_follow_the_clock(
    clock: Clock, timer: HandTimer, schedule: Scheduled, hours: int
) -> None:
    events = schedule(Freq=Number(10, "min"))
    timer.run(25 * 60)
    assert len(events.texts()) == 3
    jump(clock, hours=hours)
    timer.run(0)
    assert events.texts() == []
    timer.run(60 * 60)
    assert len(events.texts()) == 6
    later = clock.time.strftime("%d")
    timer.run(10 * 60)
    assert [text[:2] for text in events.texts()] == [later]


def test_a_machine_that_slept_gets_one_event_for_the_frequency(
    clock: Clock, timer: HandTimer, schedule: Scheduled
) -> None:
    events = schedule(Freq=Number(1, "min"))
    timer.run(90)
    events.texts()
    timer._now += 2 * HOUR  # nothing ran meanwhile
    jump(clock, hours=2)
    timer.run(1)
    assert len(events.texts()) == 1
    timer.run(5 * 60)
    assert len(events.texts()) == 5
