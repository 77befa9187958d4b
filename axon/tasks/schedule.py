"""When a task's `obsSchedule` fires: the tags, their errors, and the times that follow from them.

Pure: it is asked with a clock reading and answers with times; timers are the business of `registry`.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from axon.errors import ArgErr, UnitErr
from axon.values.numbers import is_number, split
from axon.values.units import is_duration, to_timedelta_ns

__all__ = ["CATCH_UP", "Schedule", "SpanLike", "parse_schedule"]

Obj = object
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as in date.weekday
#: Times of day missed by no more than this before the start still fire once.
CATCH_UP = dt.timedelta(minutes=10)


class SpanLike(Protocol):
    """A stretch of time, half open."""

    @property
    def start(self) -> dt.datetime:
        """First moment."""

    @property
    def end(self) -> dt.datetime:
        """First moment after it."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Either `freq` seconds between starts, or `times` of day; all day conditions must hold."""

    freq: float | None
    times: tuple[dt.time, ...]
    weekdays: frozenset[int]
    monthdays: frozenset[int]
    span: SpanLike | None

    def allows(self, ts: dt.datetime) -> bool:
        """Whether the day and span conditions hold at `ts`."""
        if self.weekdays and ts.weekday() not in self.weekdays:
            return False
        if self.monthdays:
            days = calendar.monthrange(ts.year, ts.month)[1]
            if ts.day not in self.monthdays and ts.day - days - 1 not in self.monthdays:
                return False
        return self.span is None or self.span.start <= ts < self.span.end

    def due(self, last: dt.datetime, now: dt.datetime) -> list[dt.datetime]:
        """Times of day after `last` and not after `now`, in order; a clock that went back gives none.

        Only the last day is searched, so a long sleep of the machine does not make a burst.
        """
        last = max(last, now - dt.timedelta(days=1))
        out = []
        day = last.date()
        while day <= now.date():
            for t in self.times:
                ts = dt.datetime.combine(day, t, now.tzinfo)
                if last < ts <= now and self.allows(ts):
                    out.append(ts)
            day += dt.timedelta(days=1)
        return out

    def wait(self, now: dt.datetime) -> float:
        """Seconds until the next time of day may come; at most 30, since a wall clock can jump."""
        ahead = [
            dt.datetime.combine(now.date() + dt.timedelta(days=n), t, now.tzinfo)
            for n in (0, 1)
            for t in self.times
        ]
        waits = [(ts - now).total_seconds() for ts in ahead if ts > now]
        return min([30.0, *waits])


def parse_schedule(tags: Mapping[str, Obj]) -> Schedule:
    """Read the `obsSchedule…` tags of a task record.

    Raises:
        ArgErr: what is wrong with them, in the words of the reference.

    Source: task library spec, 7.1.
    """
    freq_tag = _present(tags, "obsScheduleFreq")
    times_tag = _present(tags, "obsScheduleTimes")
    if freq_tag is None and times_tag is None:
        raise ArgErr("Must define either obsScheduleFreq or obsScheduleTimes")
    if freq_tag is not None and times_tag is not None:
        raise ArgErr("Cannot define both obsScheduleFreq and obsScheduleTimes")
    return Schedule(
        freq=None if freq_tag is None else _freq(freq_tag),
        times=() if times_tag is None else _times(times_tag),
        weekdays=_weekdays(_present(tags, "obsScheduleDaysOfWeek")),
        monthdays=_monthdays(_present(tags, "obsScheduleDaysOfMonth")),
        span=_span(_present(tags, "obsScheduleSpan")),
    )


def _present(tags: Mapping[str, Obj], name: str) -> Obj:
    val = tags.get(name)
    return None if val in ("", []) else val


def _freq(val: Obj) -> float:
    if not is_number(val) or not is_duration(split(val)[1] or ""):
        raise ArgErr("obsScheduleFreq must be duration")
    try:
        seconds = to_timedelta_ns(val) / 1e9
    except UnitErr as e:
        raise ArgErr("obsScheduleFreq must be duration") from e
    if seconds < 1:
        raise ArgErr("obsScheduleFreq cannot be less than 1sec")
    return seconds


def _times(val: Obj) -> tuple[dt.time, ...]:
    if type(val) is not list or not all(isinstance(t, dt.time) for t in val):
        raise ArgErr("obsScheduleTimes must be list of times")
    return tuple(sorted(set(val)))


def _weekdays(val: Obj) -> frozenset[int]:
    if val is None:
        return frozenset()
    names = [name.strip() for name in val.split(",")] if isinstance(val, str) else [""]
    if not all(name in _DAYS for name in names):
        raise ArgErr("obsScheduleDaysOfWeek must be comma separated list of weekdays")
    return frozenset(_DAYS.index(name) for name in names)


def _monthdays(val: Obj) -> frozenset[int]:
    if val is None:
        return frozenset()
    try:
        days = [int(day) for day in val.split(",")] if isinstance(val, str) else None
    except ValueError:
        days = None
    if days is None:
        raise ArgErr("obsScheduleDaysOfMonth must be comma separated list of integers")
    for day in days:
        if not 1 <= abs(day) <= 31:
            raise ArgErr(f"obsScheduleDaysOfMonth invalid day: {day}")
    return frozenset(days)


def _span(val: Obj) -> SpanLike | None:
    from axon.values.times import Span

    if val is None:
        return None
    if not isinstance(val, Span):
        raise ArgErr("obsScheduleSpan must be Span")
    return val
