"""Date, Time and DateTime: text, reading, time zones and arithmetic.

A DateTime is an aware `datetime` whose `tzinfo` is a `ZoneInfo`. All arithmetic and comparison goes through
the instant, because Python's own compares clock fields when both zones are the same object and so goes wrong
around daylight saving. Patterns (`format`) are in `datefmt`.
"""

from __future__ import annotations

import datetime as dt

from axon.errors import ArgErr, ParseErr
from axon.values.zones import REL, UTC, fixed_zone, is_late, zone, zone_name
from pylib.nanos import NanoDateTime, NanoTime, nanos_of

__all__ = [
    "NanoDateTime",
    "NanoTime",
    "clean_datetime",
    "compare_datetimes",
    "compare_times",
    "date_text",
    "datetime_text",
    "diff_ns",
    "epoch_ns",
    "from_epoch_ns",
    "iso_text",
    "local",
    "make_time",
    "parse_date",
    "parse_datetime",
    "parse_time",
    "same_instant",
    "shift_date",
    "shift_datetime",
    "shift_time",
    "time_ns",
    "time_text",
    "to_zone",
]

_EPOCH = dt.datetime(1970, 1, 1)
_MICRO = dt.timedelta(microseconds=1)
_NONE = dt.timedelta()
_DAY_NS = 86_400_000_000_000


# ---- text -------------------------------------------------------------------------------------------------


def date_text(d: dt.date) -> str:
    """`2024-03-05`"""
    return dt.date.isoformat(d)


def time_text(t: dt.time | dt.datetime) -> str:
    """`06:05:00`, with a fraction where there is one: `06:05:00.25`."""
    text = f"{t.hour:02}:{t.minute:02}:{t.second:02}"
    return text + _fraction(t) if t.microsecond or type(t) not in _PLAIN else text


_PLAIN = (dt.datetime, dt.time)


def _fraction(t: dt.time | dt.datetime) -> str:
    nanos = t.microsecond * 1000 + nanos_of(t)
    return f".{nanos:09}".rstrip("0") if nanos else ""


def iso_text(t: dt.datetime) -> str:
    """`2024-03-05T06:05:00-05:00`: without the zone name; `Z` at offset zero."""
    clock = t.replace(microsecond=0, tzinfo=None).isoformat()
    if t.microsecond or type(t) is not dt.datetime:
        clock += _fraction(t)
    offset = t.utcoffset()
    return clock + _offset_text(offset) if offset else clock + "Z"


_offset_texts: dict[dt.timedelta, str] = {}


def _offset_text(offset: dt.timedelta) -> str:
    """`-05:00`; there are so few that they are kept."""
    found = _offset_texts.get(offset)
    if found is None:
        minutes = int(offset.total_seconds()) // 60
        sign = "-" if minutes < 0 else "+"
        hours, minutes = divmod(abs(minutes), 60)
        found = _offset_texts[offset] = f"{sign}{hours:02}:{minutes:02}"
    return found


def datetime_text(t: dt.datetime) -> str:
    """`2024-03-05T06:05:00-05:00 New_York`"""
    return f"{iso_text(t)} {zone_name(t)}"


def parse_date(text: str) -> dt.date:
    """The date of `YYYY-MM-DD`.

    Raises:
        ParseErr: other text, or no day of the calendar.
    """
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            pass
    raise ParseErr(f"Invalid Date: '{text}'")


def parse_time(text: str) -> dt.time:
    """The time of `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fraction`; digits past the ninth are ignored.

    Raises:
        ParseErr: other text, or no time of the day.
    """
    clock, point, fraction = text.partition(".")
    parts = clock.split(":")
    if (
        2 <= len(parts) <= 3
        and all(len(p) == 2 and p.isascii() and p.isdigit() for p in parts)
        and (not point or (len(parts) == 3 and fraction.isascii() and fraction.isdigit()))
    ):
        hour, minute, second = (*map(int, parts), 0)[:3]
        nanos = int(fraction[:9].ljust(9, "0")) if point else 0
        if hour < 24 and minute < 60 and second < 60:
            return make_time(hour, minute, second, nanos)
    raise ParseErr(f"Invalid Time: '{text}'")


def make_time(hour: int, minute: int, second: int = 0, nanos: int = 0) -> dt.time:
    """A time of day from its parts; `nanos` is the whole fraction of the second."""
    micros, rest = divmod(nanos, 1000)
    base = dt.time(hour, minute, second, micros)
    return NanoTime.of(base, rest) if rest else base


def parse_datetime(text: str, tz: dt.tzinfo | None = None) -> dt.datetime:
    """The timestamp of `YYYY-MM-DDThh:mm:ss.fffz zone`, the instant fixed by the offset `z`.

    Without a zone name, offset `Z` means UTC; another offset the zone `tz` where that has it, else a fixed
    zone.

    Raises:
        ParseErr: other text, an unknown zone, or an offset that needs a zone name.
    """
    stamp, _, name = text.partition(" ")
    if len(stamp) >= 20 and (stamp[4], stamp[7], stamp[10], stamp[13], stamp[16]) == _STAMP_MARKS:
        fraction, offset = _split_tail(stamp[19:])
        if offset is not None and stamp[11:13] != "24":
            try:
                clock = dt.datetime.fromisoformat(stamp[:19])
                nanos = int(fraction.ljust(9, "0")) if fraction else 0
                if nanos >= 1000:
                    clock = clock.replace(microsecond=nanos // 1000)
                made = _at_offset(clock, offset, zone(name) if name else None, tz)
            except (ValueError, OverflowError):
                raise ParseErr(f"Invalid DateTime: '{text}'") from None
            return NanoDateTime.of(made, nanos % 1000) if nanos % 1000 else made
    raise ParseErr(f"Invalid DateTime: '{text}'")


_STAMP_MARKS = ("-", "-", "T", ":", ":")
_offsets: dict[str, dt.timedelta] = {"Z": dt.timedelta()}


def _split_tail(tail: str) -> tuple[str, dt.timedelta | None]:
    """The digits of the fraction, nine at most, and the offset; None for an offset that is wrong."""
    fraction = ""
    if tail[0] == ".":
        end = len(tail) - (1 if tail[-1] == "Z" else 6)
        fraction, tail = tail[1:end], tail[end:]
        if not (fraction.isascii() and fraction.isdigit()):
            return "", None
    offset = _offsets.get(tail)
    if offset is None and len(tail) == 6 and tail[0] in "+-" and tail[3] == ":":
        digits = tail[1:3] + tail[4:]
        if digits.isascii() and digits.isdigit() and tail[1:3] < "24" and tail[4:] < "60":
            size = dt.timedelta(hours=int(tail[1:3]), minutes=int(tail[4:]))
            offset = _offsets[tail] = size if tail[0] == "+" else -size
    return fraction[:9], offset


def _at_offset(
    clock: dt.datetime, offset: dt.timedelta, named: dt.tzinfo | None, tz: dt.tzinfo | None
) -> dt.datetime:
    if named is not None:
        return _in_zone(clock, offset, named)
    utc = clock - offset
    if not offset:
        return utc.replace(tzinfo=UTC)
    if tz is not None:
        made = tz.fromutc(utc.replace(tzinfo=tz))
        if made.utcoffset() == offset:
            return made
    fixed = fixed_zone(offset)
    return fixed.fromutc(utc.replace(tzinfo=fixed))


def _in_zone(clock: dt.datetime, offset: dt.timedelta, tz: dt.tzinfo) -> dt.datetime:
    """The clock in a zone that has this offset then; where it has another, the same instant there."""
    early, late = clock.replace(tzinfo=tz), clock.replace(tzinfo=tz, fold=1)
    first, second = early.utcoffset(), late.utcoffset()
    if second == offset and first != second:
        return late
    if first == offset and second is not None and first >= second:
        return early
    return tz.fromutc((clock - offset).replace(tzinfo=tz))


# ---- zones and instants -----------------------------------------------------------------------------------


def local(date: dt.date, time: dt.time, tz: dt.tzinfo) -> dt.datetime:
    """The timestamp of a wall clock in a zone.

    In the hour that spring skips the clock fields are kept, with the daylight offset. In the hour that
    autumn repeats it is the first one, or the second in the zones of `is_late`.
    """
    made = dt.datetime.combine(
        date, dt.time(time.hour, time.minute, time.second, time.microsecond), tzinfo=tz
    )
    if tz is not UTC:
        other = made.replace(fold=1)
        first, second = made.utcoffset(), other.utcoffset()
        if first != second and first is not None and second is not None and (first < second or is_late(tz)):
            made = other
    rest = nanos_of(time)
    return NanoDateTime.of(made, rest) if rest else made


def to_zone(t: dt.datetime, tz: dt.tzinfo) -> dt.datetime:
    """The same instant in another zone; to and from the zone `Rel`, which has no place, the same clock."""
    if t.tzinfo is tz:
        return t
    try:
        if REL in (t.tzinfo, tz):
            made = local(t.date(), t.time(), tz)
        else:
            made = tz.fromutc(_utc(t).replace(tzinfo=tz))
    except OverflowError:
        raise ArgErr(f"toTimeZone: {datetime_text(t)} is out of range there") from None
    rest = nanos_of(t)
    return NanoDateTime.of(made, rest) if rest else made


def clean_datetime(t: dt.datetime, tz: dt.tzinfo) -> dt.datetime:
    """Any datetime as a value of the language: a naive one gets `tz`, a foreign zone class a `ZoneInfo`."""
    from zoneinfo import ZoneInfo

    if t.tzinfo is None:
        return local(t.date(), t.time(), tz)
    if isinstance(t.tzinfo, ZoneInfo):
        return t
    name = str(getattr(t.tzinfo, "key", None) or getattr(t.tzinfo, "zone", None) or "")
    if name:
        return to_zone(t, zone(name))
    return to_zone(t, fixed_zone(t.utcoffset() or dt.timedelta()))


def _utc(t: dt.datetime) -> dt.datetime:
    """The clock in UTC, without zone and without nanoseconds."""
    clock = t.replace(tzinfo=None)
    offset = t.utcoffset()
    return clock - offset if offset else clock


def _shared_utc(t: dt.datetime) -> dt.datetime:
    """The clock in UTC still labelled with the zone: compares and subtracts well with others of that zone."""
    offset = t.utcoffset()
    return t - offset if offset else t


def epoch_ns(t: dt.datetime) -> int:
    """Nanoseconds since 1970 in UTC; also where the clock in UTC is in the year 0 or 10000."""
    since = t.replace(tzinfo=None) - _EPOCH
    offset = t.utcoffset()
    return ((since - offset) if offset else since) // _MICRO * 1000 + nanos_of(t)


def from_epoch_ns(ns: int, tz: dt.tzinfo) -> dt.datetime:
    """The timestamp that many nanoseconds after 1970 in UTC.

    Raises:
        ArgErr: before the year 1 or after the year 9999.
    """
    micros, rest = divmod(ns, 1000)
    try:
        utc = _EPOCH + dt.timedelta(microseconds=micros)
        made = tz.fromutc(utc.replace(tzinfo=tz))
    except OverflowError:
        raise ArgErr(f"DateTime out of range: {ns}ns since 1970") from None
    return NanoDateTime.of(made, rest) if rest else made


def same_instant(a: dt.datetime, b: dt.datetime) -> bool:
    """Whether two timestamps mean the same moment, whatever their zones."""
    if a.tzinfo is b.tzinfo and a.fold == b.fold and type(a) is type(b) is dt.datetime:
        return a == b
    return epoch_ns(a) == epoch_ns(b)


def compare_datetimes(a: dt.datetime, b: dt.datetime) -> int:
    """-1, 0 or 1 by instant."""
    if a.tzinfo is b.tzinfo and type(a) is type(b) is dt.datetime:
        apart = a - b - ((a.utcoffset() or _NONE) - (b.utcoffset() or _NONE))
        return (apart > _NONE) - (apart < _NONE)
    x, y = epoch_ns(a), epoch_ns(b)
    return (x > y) - (x < y)


def compare_times(a: dt.time, b: dt.time) -> int:
    """-1, 0 or 1 by time of day."""
    x, y = time_ns(a), time_ns(b)
    return (x > y) - (x < y)


# ---- arithmetic -------------------------------------------------------------------------------------------


def shift_date(d: dt.date, ns: int) -> dt.date:
    """A date that much later.

    Raises:
        ArgErr: not a whole number of days, or out of range.
    """
    days, rest = divmod(ns, _DAY_NS)
    if rest:
        raise ArgErr("Duration must be whole days")
    try:
        return d + dt.timedelta(days=days)
    except OverflowError:
        raise ArgErr(f"Date out of range: {date_text(d)} + {days}day") from None


def shift_datetime(t: dt.datetime, ns: int) -> dt.datetime:
    """A timestamp that much later in elapsed time, in the same zone."""
    tz = t.tzinfo or UTC
    if type(t) is dt.datetime and not ns % 1000:
        try:
            return tz.fromutc(_shared_utc(t) + dt.timedelta(microseconds=ns // 1000))
        except OverflowError:
            raise ArgErr(f"DateTime out of range: {datetime_text(t)} + {ns}ns") from None
    return from_epoch_ns(epoch_ns(t) + ns, tz)


def diff_ns(a: dt.datetime, b: dt.datetime) -> int:
    """Elapsed nanoseconds from `b` to `a`."""
    if a.tzinfo is b.tzinfo and type(a) is type(b) is dt.datetime:
        return (a - b - ((a.utcoffset() or _NONE) - (b.utcoffset() or _NONE))) // _MICRO * 1000
    return epoch_ns(a) - epoch_ns(b)


def time_ns(t: dt.time) -> int:
    """Nanoseconds since midnight."""
    seconds = (t.hour * 60 + t.minute) * 60 + t.second
    return (seconds * 1_000_000 + t.microsecond) * 1000 + nanos_of(t)


def shift_time(t: dt.time, ns: int) -> dt.time:
    """A time of day that much later, wrapping at midnight; exactly one day changes nothing.

    Raises:
        ArgErr: more than a day.
    """
    if abs(ns) > _DAY_NS:
        raise ArgErr("Duration out of range: more than 24hr")
    seconds, nanos = divmod((time_ns(t) + ns) % _DAY_NS, 1_000_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return make_time(hour, minute, second, nanos)
