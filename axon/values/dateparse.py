"""Dates and times read by a pattern. Text that is left over after the pattern is ignored."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from axon.errors import ArgErr, ParseErr
from axon.values.datepat import LITERAL, PUNCTUATION, PatternSymbol, symbols
from axon.values.locale import MONTHS
from axon.values.times import (
    UTC,
    fixed_zone,
    from_epoch_ns,
    local,
    make_time,
    zone,
)

__all__ = ["DATE_PATTERN", "DATETIME_PATTERN", "TIME_PATTERN", "read_date", "read_datetime", "read_time"]

DATE_PATTERN = "YYYY-MM-DD"
TIME_PATTERN = "hh:mm:SS"
DATETIME_PATTERN = "YYYY-MM-DD'T'hh:mm:SS.FFFFFFFFFz zzzz"

_MONTHS = {name[:size].lower(): i for i, name in enumerate(MONTHS, 1) for size in (3, len(name))}
_PIVOT = 30


def read_date(text: str, pattern: str) -> dt.date | None:
    """The Date, or None where the text does not fit.

    Raises:
        ArgErr: bad pattern.
    """
    if pattern == DATE_PATTERN and text[4:5] == "-" == text[7:8]:
        try:
            return dt.date.fromisoformat(text[:10])
        except ValueError:
            return None
    found = _read(text, pattern)
    return found.date() if found is not None else None


def read_time(text: str, pattern: str) -> dt.time | None:
    """The Time, or None where the text does not fit.

    Raises:
        ArgErr: bad pattern.
    """
    found = _read(text, pattern)
    return found.time() if found is not None else None


def read_datetime(text: str, pattern: str, tz: dt.tzinfo) -> dt.datetime | None:
    """The DateTime, or None where the text does not fit.

    An offset fixes the instant, a zone name the zone. An offset alone: `Z` is UTC, another one the zone `tz`
    if it has that offset then, else a fixed zone. Neither, or an unknown zone name: the zone `tz`.

    Raises:
        ArgErr: bad pattern.
    """
    found = _read(text, pattern)
    if found is None:
        return None
    date, time = found.date(), found.time()
    if date is None or time is None:
        return None
    named = _zone_or(found.zone_name, tz) if found.zone_name else None
    if found.offset is None:
        return local(date, time, named or tz)
    try:
        ticks = _ticks(date, found) - found.offset * 60_000_000_000
        if named is not None:
            return from_epoch_ns(ticks, named)
        made = from_epoch_ns(ticks, tz)
        if made.utcoffset() == dt.timedelta(minutes=found.offset) and found.offset:
            return made
        return from_epoch_ns(ticks, _fixed(found.offset))
    except ArgErr:
        return None


def _ticks(date: dt.date, found: _Found) -> int:
    seconds = (date.toordinal() - _EPOCH_DAY) * 86_400 + (found.hour * 60 + found.minute) * 60 + found.second
    return seconds * 1_000_000_000 + found.nanos


_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()


def _zone_or(name: str, tz: dt.tzinfo) -> dt.tzinfo:
    try:
        return zone(name)
    except ParseErr:
        return tz


def _fixed(minutes: int) -> dt.tzinfo:
    try:
        return fixed_zone(dt.timedelta(minutes=minutes))
    except ParseErr:
        return UTC


class _Misfit(Exception):
    """The text does not fit the pattern."""


class _Found:
    """The text, how far it is read, and what was found in it."""

    __slots__ = (
        "at", "day", "half", "hour", "minute", "month", "nanos", "offset", "second", "skipped", "text",
        "year", "zone_name",
    )  # fmt: skip

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.year = self.month = self.day = -1
        self.hour = self.minute = self.second = self.nanos = 0
        self.half = ""
        self.offset: int | None = None
        self.zone_name = ""
        self.skipped = False

    def next(self) -> str:
        """The next character, empty at the end."""
        return self.text[self.at : self.at + 1]

    def is_digit(self, at: int) -> bool:
        """Whether a decimal digit stands at a position."""
        return self.text[at : at + 1] in _DIGITS

    def number(self, count: int) -> int:
        """Read exactly `count` digits; with `count` 1 one or two."""
        end = self.at + count
        if count == 1 and self.is_digit(end):
            end += 1
        part = self.text[self.at : end]
        if len(part) < count or not (part.isascii() and part.isdigit()):
            raise _Misfit
        self.at = end
        return int(part)

    def match(self, pattern: re.Pattern[str]) -> str:
        """Read what a regular expression matches here."""
        m = pattern.match(self.text, self.at)
        if m is None:
            raise _Misfit
        self.at = m.end()
        return m[0]

    def expect(self, text: str) -> None:
        """Read this very text."""
        if not self.text.startswith(text, self.at):
            raise _Misfit
        self.at += len(text)

    def date(self) -> dt.date | None:
        """The Date found, None where a part is missing or there is no such day."""
        try:
            return dt.date(self.year, self.month, self.day)
        except ValueError:
            return None

    def time(self) -> dt.time | None:
        """The Time found, None where there is no such time."""
        if self.half == "p" and self.hour < 12:
            self.hour += 12
        elif self.half == "a" and self.hour == 12:
            self.hour = 0
        if self.hour > 23 or self.minute > 59 or self.second > 59:
            return None
        return make_time(self.hour, self.minute, self.second, self.nanos)


_DIGITS = frozenset("0123456789")


def _read(text: str, pattern: str) -> _Found | None:
    found = _Found(text)
    cut = symbols(pattern)
    try:
        for s in cut:
            if s.kind == PUNCTUATION:
                _read_punctuation(found, s)
            elif s.kind == LITERAL:
                found.expect(s.text)
            else:
                _READERS[s.kind](found, s)
    except _Misfit:
        return None
    return found


def _read_punctuation(f: _Found, s: PatternSymbol) -> None:
    f.skipped = bool(s.optional) and not (f.next() == s.text and f.is_digit(f.at + 1))
    if not f.skipped:
        f.expect(s.text)


def _read_year(f: _Found, s: PatternSymbol) -> None:
    f.year = f.number(s.count)
    if s.count == 2:
        f.year += 2000 if f.year < _PIVOT else 1900


def _read_month(f: _Found, s: PatternSymbol) -> None:
    if s.count <= 2:
        f.month = f.number(s.count)
    else:
        f.month = _MONTHS.get(f.match(_WORD).lower(), -1)


def _read_day(f: _Found, s: PatternSymbol) -> None:
    f.day = f.number(2 if s.count == 2 else 1)
    if s.count == 3:
        f.match(_WORD)


def _read_second(f: _Found, s: PatternSymbol) -> None:
    if s.kind == "S" and (f.skipped or not f.is_digit(f.at)):
        return
    f.second = f.number(s.count)


def _read_hour(f: _Found, s: PatternSymbol) -> None:
    f.hour = f.number(s.count)


def _read_minute(f: _Found, s: PatternSymbol) -> None:
    f.minute = f.number(s.count)


def _read_fraction(f: _Found, s: PatternSymbol) -> None:
    if s.kind == "F" and (f.skipped or not f.is_digit(f.at)):
        return
    f.nanos = int(f.match(_FRACTION)[:9].ljust(9, "0"))


def _read_half(f: _Found, s: PatternSymbol) -> None:
    f.half = f.match(_HALVES[s.count])[0].lower()


def _read_weekday(f: _Found, s: PatternSymbol) -> None:
    f.match(_WORD)


def _read_zone(f: _Found, s: PatternSymbol) -> None:
    if s.count > 1:
        f.zone_name = f.match(_ZONE_NAME)
        return
    text = f.match(_OFFSET)
    if text == "Z":
        f.offset = 0
        return
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    f.offset = -minutes if text[0] == "-" else minutes


def _not_readable(f: _Found, s: PatternSymbol) -> None:
    raise ArgErr(f"Invalid pattern: '{s.kind}' can't be parsed")


_WORD = re.compile(r"[^\W\d_]+")
_FRACTION = re.compile(r"[0-9]+")
_HALVES = {1: re.compile("[AaPp]"), 2: re.compile("[AaPp][Mm]")}
_ZONE_NAME = re.compile(r"[A-Za-z][\w+/-]*", re.ASCII)
_OFFSET = re.compile(r"Z|[+-][0-9]{2}:[0-5][0-9]")

_READERS: dict[str, Callable[[_Found, PatternSymbol], None]] = {
    "Y": _read_year,
    "M": _read_month,
    "D": _read_day,
    "W": _read_weekday,
    "V": _not_readable,
    "Q": _not_readable,
    "h": _read_hour,
    "k": _read_hour,
    "m": _read_minute,
    "s": _read_second,
    "S": _read_second,
    "f": _read_fraction,
    "F": _read_fraction,
    "a": _read_half,
    "A": _read_half,
    "z": _read_zone,
}
