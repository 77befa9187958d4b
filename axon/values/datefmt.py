"""Dates, times and spans as people read them: by a pattern, or by the default of the locale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from axon.errors import ArgErr, Err, IndexErr
from axon.values.datepat import LITERAL, PUNCTUATION, PatternSymbol, symbols
from axon.values.locale import DAYS, MONTHS, TEXTS, Locale, find_locale
from axon.values.times import DateSpan, NanoDateTime, NanoTime, Span, zone_name

__all__ = [
    "format_date",
    "format_date_span",
    "format_datetime",
    "format_span",
    "format_time",
    "ordinal",
    "week_of_year",
]

_EN = find_locale("en")
_ZERO = dt.time()


def format_date(val: dt.date, pattern: str | None = None, locale: Locale = _EN) -> str:
    """Write a Date; hours and the like are zero.

    Raises:
        ArgErr: bad pattern.
        Err: a symbol of a time zone.
    """
    return _write(_Fields(val, _ZERO, None, locale), locale.date_pattern if pattern is None else pattern)


def format_time(val: dt.time, pattern: str | None = None, locale: Locale = _EN) -> str:
    """Write a Time; year and day are zero.

    Raises:
        ArgErr: bad pattern, or a symbol of the month or week.
        Err: a symbol of a time zone.
    """
    return _write(_Fields(None, val, None, locale), locale.time_pattern if pattern is None else pattern)


def format_datetime(val: dt.datetime, pattern: str | None = None, locale: Locale = _EN) -> str:
    """Write a DateTime.

    Raises:
        ArgErr: bad pattern.
    """
    return _write(_Fields(val, val, val, locale), locale.datetime_pattern if pattern is None else pattern)


class _Fields:
    """What the symbols of a pattern ask for."""

    __slots__ = ("date", "hour", "locale", "minute", "nanos", "second", "stamp")

    def __init__(
        self, date: dt.date | None, time: dt.time | dt.datetime, stamp: dt.datetime | None, locale: Locale
    ) -> None:
        self.date = date
        self.hour, self.minute, self.second = time.hour, time.minute, time.second
        self.nanos = time.microsecond * 1000
        if isinstance(time, (NanoTime, NanoDateTime)):
            self.nanos += time.nanos
        self.stamp = stamp
        self.locale = locale

    def has(self, optional: str) -> bool:
        """Whether the optional symbol `F` or `S` has something to show."""
        return bool(self.nanos) or (optional == "S" and bool(self.second))

    def known_date(self) -> dt.date:
        if self.date is None:
            raise ArgErr("Invalid pattern: a Time has no month or week")
        return self.date

    def zoned(self) -> dt.datetime:
        if self.stamp is None:
            raise Err("Invalid pattern: only a DateTime has a time zone")
        return self.stamp


def _write(fields: _Fields, pattern: str) -> str:
    out = []
    for s in symbols(pattern):
        if s.kind == PUNCTUATION:
            if not s.optional or fields.has(s.optional):
                out.append(s.text)
        elif s.kind == LITERAL:
            out.append(s.text)
        else:
            out.append(_WRITERS[s.kind](fields, s))
    return "".join(out)


def _number(val: int, count: int) -> str:
    return f"{val:02}" if count == 2 else str(val)


def ordinal(n: int) -> str:
    """`1st`, `2nd`, `11th` …"""
    suffix = "th" if 11 <= n % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"


def _write_year(f: _Fields, s: PatternSymbol) -> str:
    if f.date is None:
        return "00" if s.count == 2 else "0"
    return f"{f.date.year % 100:02}" if s.count == 2 else f"{f.date.year:04}"


def _write_month(f: _Fields, s: PatternSymbol) -> str:
    month = f.known_date().month
    if s.count <= 2:
        return _number(month, s.count)
    name = MONTHS[month - 1]
    return name[:3] if s.count == 3 else name


def _write_day(f: _Fields, s: PatternSymbol) -> str:
    day = f.date.day if f.date is not None else 0
    return ordinal(day) if s.count == 3 else _number(day, s.count)


def _write_weekday(f: _Fields, s: PatternSymbol) -> str:
    name = DAYS[f.known_date().isoweekday() % 7]
    return name[:3] if s.count == 3 else name


def _write_week(f: _Fields, s: PatternSymbol) -> str:
    week = week_of_year(f.known_date(), f.locale.first_weekday)
    return ordinal(week) if s.count == 3 else _number(week, s.count)


def _write_quarter(f: _Fields, s: PatternSymbol) -> str:
    quarter = (f.known_date().month + 2) // 3
    if s.count == 1:
        return str(quarter)
    return ordinal(quarter) + (" Quarter" if s.count == 4 else "")


def _write_second(f: _Fields, s: PatternSymbol) -> str:
    if s.kind == "S" and not f.has("S"):
        return ""
    return _number(f.second, s.count)


def _write_fraction(f: _Fields, s: PatternSymbol) -> str:
    digits = f"{f.nanos:09}"[: s.count]
    return digits.rstrip("0") if s.kind == "F" else digits.ljust(s.count, "0")


def _write_half(f: _Fields, s: PatternSymbol) -> str:
    text = ("am" if f.hour < 12 else "pm")[: s.count]
    return text.upper() if s.kind == "A" else text


def _write_zone(f: _Fields, s: PatternSymbol) -> str:
    stamp = f.zoned()
    if s.count == 4:
        return zone_name(stamp)
    if s.count == 3:
        return stamp.tzname() or zone_name(stamp)
    minutes = int((stamp.utcoffset() or dt.timedelta()).total_seconds()) // 60
    if minutes == 0:
        return "Z"
    sign = "-" if minutes < 0 else "+"
    hours, minutes = divmod(abs(minutes), 60)
    return f"{sign}{hours:02}:{minutes:02}"


_WRITERS: dict[str, Callable[[_Fields, PatternSymbol], str]] = {
    "Y": _write_year,
    "M": _write_month,
    "D": _write_day,
    "W": _write_weekday,
    "V": _write_week,
    "Q": _write_quarter,
    "h": lambda f, s: _number(f.hour, s.count),
    "k": lambda f, s: _number((f.hour + 11) % 12 + 1, s.count),
    "m": lambda f, s: _number(f.minute, s.count),
    "s": _write_second,
    "S": _write_second,
    "f": _write_fraction,
    "F": _write_fraction,
    "a": _write_half,
    "A": _write_half,
    "z": _write_zone,
}


def week_of_year(date: dt.date, start_of_week: int) -> int:
    """Number of the week that holds a date; weeks start on a weekday from Sunday 0 to Saturday 6.

    With `w` the weekday of 1 January, week 1 lasts to day 7 - (w - start) of January, 13 days at most; then
    every 7 days a new one begins.

    Raises:
        IndexErr: no such weekday.
    """
    if not 0 <= start_of_week <= 6:
        raise IndexErr(f"weekOfYear: weekdays go from 0 to 6, got {start_of_week}")
    first = 7 - (dt.date(date.year, 1, 1).isoweekday() % 7 - start_of_week)
    after = date.timetuple().tm_yday - first
    return 1 if after <= 0 else 1 + (after + 6) // 7


# -- spans -----------------------------------------------------------------------------------------------


def format_date_span(val: DateSpan, today: dt.date, locale: Locale = _EN) -> str:
    """Write a DateSpan by its period; a day that is today or yesterday by that word."""
    if val.period == "day":
        days_ago = (today - val.start).days
        if days_ago in (0, 1):
            return TEXTS["yesterday" if days_ago else "today"]
        return format_date(val.start, "WWW D-MMM-YYYY", locale)
    if val.period == "week":
        return f"{TEXTS['weekOf']} {format_date(val.start, 'D-MMM-YYYY', locale)}"
    if val.period in ("month", "year"):
        return format_date(val.start, "MMM-YYYY" if val.period == "month" else "YYYY", locale)
    return "..".join(format_date(d, "D-MMM-YY", locale) for d in (val.start, val.end))


def format_span(val: Span, locale: Locale = _EN) -> str:
    """Write a Span: its relative mode, the period that it fills, or both ends."""
    if val.mode != "abs":
        return TEXTS[val.mode]
    if not val.is_dates:
        return "..".join(format_datetime(t, "D-MMM-YYYY k:mmaa", locale) for t in (val.start, val.end))
    first, last = val.dates()
    if first == last:
        return format_date(first, "D-MMM-YYYY", locale)
    for period in ("week", "month", "quarter", "year"):
        whole = DateSpan.of(first, period, locale.first_weekday)
        if (whole.start, whole.end) == (first, last):
            break
    else:
        return "..".join(format_date(d, "D-MMM-YYYY", locale) for d in (first, last))
    if period == "quarter":
        return f"Q{(first.month + 2) // 3} {first.year}"
    return format_date_span(whole, first - dt.timedelta(days=9), locale)
