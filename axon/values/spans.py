"""DateSpan (whole days with a period) and Span (from one timestamp up to another).

Both are made complete: a relative Span such as `today` holds the timestamps it meant when it was made,
worked out from a "now" that the caller passes in.
"""

from __future__ import annotations

import datetime as dt

from axon.errors import ArgErr, IndexErr, ParseErr
from axon.values.clocks import (
    date_text,
    datetime_text,
    epoch_ns,
    local,
    parse_date,
    parse_datetime,
    same_instant,
    shift_date,
    to_zone,
)
from axon.values.frozen import Frozen, put
from axon.values.zones import UTC

__all__ = ["PERIODS", "SPAN_MODES", "DateSpan", "Span", "parse_date_span", "parse_span"]

PERIODS = ("day", "week", "month", "quarter", "year", "range")
"""The periods of a DateSpan."""

SPAN_MODES = (
    "today",
    "yesterday",
    "thisWeek",
    "lastWeek",
    "pastWeek",
    "thisMonth",
    "lastMonth",
    "pastMonth",
    "thisQuarter",
    "lastQuarter",
    "pastQuarter",
    "thisYear",
    "lastYear",
    "pastYear",
)
"""The relative modes of a Span; any other has mode `abs`."""

_PAST_DAYS = {"pastWeek": 7, "pastMonth": 28, "pastQuarter": 90, "pastYear": 365}
_MIDNIGHT = dt.time()
_DAY = dt.timedelta(days=1)


class DateSpan(Frozen):
    """Days from `start` to `end`, both included, and the `period` they are meant as.

    Equality takes in the period: a month is not equal to the same days as a range.
    """

    __slots__ = ("end", "period", "start")
    start: dt.date
    end: dt.date
    period: str

    def __init__(self, start: dt.date, end: dt.date, period: str = "range") -> None:
        if period not in PERIODS:
            raise ArgErr(f"Invalid period '{period}'")
        put(self, "start", start)
        put(self, "end", end)
        put(self, "period", period)

    @classmethod
    def of(cls, date: dt.date, period: str, week_start: int = 0) -> DateSpan:
        """The calendar period that holds `date`; `week_start` is the first weekday, Sunday 0.

        Raises:
            ArgErr: no such period, `range` included, or a period that runs out of the calendar.
        """
        try:
            if period == "day":
                return cls(date, date, period)
            if period == "week":
                start = date - dt.timedelta(days=(date.isoweekday() - week_start) % 7)
                return cls(start, start + dt.timedelta(days=6), period)
            months = {"month": 1, "quarter": 3, "year": 12}[period]
        except KeyError:
            raise ArgErr(f"Invalid period '{period}'") from None
        except OverflowError:
            raise ArgErr(f"Date out of range: the week of {date_text(date)}") from None
        first = (date.month - 1) // months * months + 1
        last = first + months - 1
        start = date.replace(month=first, day=1)
        return cls(start, _last_of_month(start.replace(month=last)), period)

    @property
    def num_days(self) -> int:
        """How many days, both ends counted."""
        return (self.end - self.start).days + 1

    def contains(self, date: dt.date) -> bool:
        """Whether a date lies inside."""
        return self.start <= date <= self.end

    def shift(self, ns: int) -> DateSpan:
        """Both ends that much later; the period becomes `range`.

        Raises:
            ArgErr: not a whole number of days.
        """
        return DateSpan(shift_date(self.start, ns), shift_date(self.end, ns))

    def text(self) -> str:
        """`start,period`, for a range `start,end`."""
        last = date_text(self.end) if self.period == "range" else self.period
        return f"{date_text(self.start)},{last}"

    def code(self) -> str:
        """Axon source of the span: `2024`, `2024-03`, `2024-03-05` or `start..end`."""
        start = date_text(self.start)
        size = {"year": 4, "month": 7, "day": 10}.get(self.period)
        return start[:size] if size else f"{start}..{date_text(self.end)}"

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is DateSpan
            and self.start == other.start
            and self.end == other.end
            and self.period == other.period
        )

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.period))

    def __reduce__(self) -> tuple[type[DateSpan], tuple[dt.date, dt.date, str]]:
        return (DateSpan, (self.start, self.end, self.period))

    def __repr__(self) -> str:
        return f"DateSpan({self.start!r}, {self.end!r}, {self.period!r})"


def _last_of_month(date: dt.date) -> dt.date:
    if date.month == 12:
        return date.replace(day=31)
    return date.replace(month=date.month + 1, day=1) - _DAY


class Span(Frozen):
    """The time from `start` up to `end`, which is not included; both in one zone.

    `mode` is `abs`, or the relative mode it was made from (`today`, `lastMonth` …). Two spans of the same
    relative mode are equal.

    Args:
        start: the first timestamp, or the name of a relative mode.
        end: the timestamp after the last; None with a mode.
        now: what a relative mode counts from; its zone is the zone of the span. The clock in UTC when None.
        week_start: the first weekday, Sunday 0.

    Raises:
        ArgErr: end before start, two different zones, or an unknown mode.
    """

    __slots__ = ("end", "mode", "start")
    start: dt.datetime
    end: dt.datetime
    mode: str

    def __init__(
        self,
        start: dt.datetime | str,
        end: dt.datetime | None = None,
        *,
        now: dt.datetime | None = None,
        week_start: int = 0,
    ) -> None:
        if isinstance(start, str):
            mode = start
            now = now or dt.datetime.now(UTC)
            tz = now.tzinfo or UTC
            first, after = _mode_days(start, dt.date(now.year, now.month, now.day), week_start)
            start, end = local(first, _MIDNIGHT, tz), local(after, _MIDNIGHT, tz)
        else:
            mode = "abs"
        if end is None:
            raise ArgErr("Span: end is missing")
        if start.tzinfo is not end.tzinfo and start.tzinfo != end.tzinfo:
            raise ArgErr(f"mismatched timezones: {start.tzinfo} != {end.tzinfo}")
        if epoch_ns(start) > epoch_ns(end):
            raise ArgErr("start > end")
        put(self, "mode", mode)
        put(self, "start", start)
        put(self, "end", end)

    @classmethod
    def of_dates(cls, first: dt.date, last: dt.date, tz: dt.tzinfo) -> Span:
        """From the midnight that starts `first` to the one that ends `last`.

        Raises:
            ArgErr: there is no day after `last`.
        """
        if last == dt.date.max:
            raise ArgErr(f"Span: no day follows {last}")
        return cls(local(first, _MIDNIGHT, tz), local(last + _DAY, _MIDNIGHT, tz))

    @property
    def is_dates(self) -> bool:
        """Whether both ends are midnights."""
        return _is_midnight(self.start) and _is_midnight(self.end)

    @property
    def num_days(self) -> int:
        """Days from the date of `start` to the date of `end`."""
        return (self.end.date() - self.start.date()).days

    def dates(self) -> tuple[dt.date, dt.date]:
        """First and last day, both included: where both ends are midnights the last is the day before."""
        first, last = self.start.date(), self.end.date()
        if self.is_dates and last > first:
            last -= _DAY
        return first, last

    def contains(self, t: dt.datetime) -> bool:
        """Whether a timestamp lies inside; `end` does not."""
        return epoch_ns(self.start) <= epoch_ns(t) < epoch_ns(self.end)

    def to_zone(self, tz: dt.tzinfo) -> Span:
        """The same instants in another zone; the mode becomes `abs`."""
        return Span(to_zone(self.start, tz), to_zone(self.end, tz))

    def rebase(self, tz: dt.tzinfo) -> Span:
        """The same clock fields in another zone where both ends are midnights, else unchanged."""
        if not self.is_dates:
            return self
        made = Span(local(self.start.date(), _MIDNIGHT, tz), local(self.end.date(), _MIDNIGHT, tz))
        put(made, "mode", self.mode)
        return made

    def text(self) -> str:
        """The mode, `date`, `date,date` (end not included) or two timestamps."""
        if self.mode != "abs":
            return self.mode
        if not self.is_dates:
            return f"{datetime_text(self.start)},{datetime_text(self.end)}"
        if self.num_days == 1:
            return date_text(self.start)
        return f"{date_text(self.start)},{date_text(self.end)}"

    def __eq__(self, other: object) -> bool:
        if type(other) is not Span or self.mode != other.mode:
            return False
        if self.mode != "abs":
            return True
        return same_instant(self.start, other.start) and same_instant(self.end, other.end)

    def __hash__(self) -> int:
        return hash((self.mode, epoch_ns(self.start)) if self.mode == "abs" else self.mode)

    def __reduce__(self) -> tuple[object, tuple[dt.datetime, dt.datetime, str]]:
        return (_restore_span, (self.start, self.end, self.mode))

    def __repr__(self) -> str:
        return f"Span({self.text()!r})"


def _restore_span(start: dt.datetime, end: dt.datetime, mode: str) -> Span:
    made = Span(start, end)
    put(made, "mode", mode)
    return made


def _is_midnight(t: dt.datetime) -> bool:
    return t.hour == t.minute == t.second == t.microsecond == 0 and type(t) is dt.datetime


def _mode_days(mode: str, today: dt.date, week_start: int) -> tuple[dt.date, dt.date]:
    """First day and the day after the last of a relative mode."""
    if mode in _PAST_DAYS:
        return today - dt.timedelta(days=_PAST_DAYS[mode]), today
    if mode in ("today", "yesterday"):
        first = today if mode == "today" else today - _DAY
        return first, first + _DAY
    if mode not in SPAN_MODES:
        raise ArgErr(f"Unknown span mode: {mode}")
    span = DateSpan.of(today, mode[4:].lower(), week_start)
    if mode.startswith("last"):
        span = DateSpan.of(span.start - _DAY, span.period, week_start)
    return span.start, span.end + _DAY


def parse_span(text: str, now: dt.datetime, week_start: int = 0) -> Span:
    """The Span of its text: a mode, `date`, `date,date` (end not included) or two timestamps.

    Dates are midnights in the zone of `now`.

    Raises:
        ParseErr: other text.
    """
    if text in SPAN_MODES:
        return Span(text, now=now, week_start=week_start)
    tz = now.tzinfo or UTC
    first, comma, last = text.partition(",")
    try:
        if not comma:
            date = parse_date(first)
            return Span.of_dates(date, date, tz)
        if "T" in first:
            return Span(parse_datetime(first.strip(), tz), parse_datetime(last.strip(), tz))
        return Span(local(parse_date(first), _MIDNIGHT, tz), local(parse_date(last), _MIDNIGHT, tz))
    except (ParseErr, ArgErr) as err:
        raise ParseErr(f"Invalid Span: '{text}'") from err


def parse_date_span(text: str, week_start: int = 0) -> DateSpan:
    """The DateSpan of `date,period` or `date,date`.

    Raises:
        ParseErr: a date that is none.
        IndexErr: a date alone.
        ArgErr: no such period.
    """
    first, comma, last = text.partition(",")
    start = parse_date(first)
    if not comma:
        raise IndexErr(f"Invalid DateSpan: '{text}'")
    if last[:1].isdigit():
        return DateSpan(start, parse_date(last))
    return DateSpan.of(start, last, week_start)
