"""Dates, times and timestamps: now, making them, other zones. Their fields are in `datefields`."""

from __future__ import annotations

import datetime as dt
import time as clock
from typing import TYPE_CHECKING

from axon.errors import ArgErr, IndexErr, NullErr
from axon.lib.registry import (
    Date,
    DateTime,
    Num,
    Obj,
    Str,
    Time,
    bad_arg,
    builtin,
    check_args,
)
from axon.values.numbers import norm, number, split, to_int
from axon.values.times import (
    Span,
    epoch_ns,
    from_epoch_ns,
    local,
    make_time,
    to_zone,
    zone,
)

if TYPE_CHECKING:
    from axon.runtime.context import Context

_DAY = dt.timedelta(days=1)
_EPOCH_2000_NS = 946_684_800_000_000_000


# -- now -------------------------------------------------------------------------------------------------


@builtin()
def today(cx: Context) -> Date:
    """The date of today in the zone of the context.

    Examples:
        today().isDate             //=> true
        today() - yesterday()      //=> 1day
    """
    return cx.today()


@builtin()
def yesterday(cx: Context) -> Date:
    """The date before today in the zone of the context.

    Examples:
        yesterday() + 1day == today() //=> true
    """
    return cx.today() - _DAY


@builtin()
def now(cx: Context) -> DateTime:
    """The current time in the zone of the context.

    Examples:
        now().isDateTime           //=> true
        now().tz == tz()           //=> true
    """
    return cx.now()


@builtin()
def now_utc(cx: Context) -> DateTime:
    """The current time in UTC.

    Examples:
        nowUtc().tz                //=> "UTC"
    """
    return to_zone(cx.now(), zone("UTC"))


@builtin()
def now_ticks() -> Num:
    """Nanoseconds since the start of the year 2000 in UTC.

    Examples:
        nowTicks().unit            //=> "ns"
        nowTicks() > 0ns           //=> true
    """
    return number(norm(clock.time_ns() - _EPOCH_2000_NS), "ns")


# -- making and converting -------------------------------------------------------------------------------


def _whole(name: str, what: str, val: Num | None) -> int:
    if val is None:
        raise NullErr(f"{name}: {what} may not be null")
    return to_int(split(val)[0])


@builtin(pure=True, direct=True)
def date(val: Num | DateTime, month: Num | None = None, day: Num | None = None) -> Date:
    """A date of year, month and day, or the date of a DateTime.

    Raises:
        NullErr: a year without month or day.
        IndexErr: no such month.
        ArgErr: no such day or year.

    Examples:
        date(2024, 2, 29)          //=> 2024-02-29
        dateTime(2024-05-06, 23:30, "UTC").date //=> 2024-05-06
        date(2023, 2, 29)          //! ArgErr "day 29"
        date(2024, 13, 1)          //! IndexErr "13"
    """
    if month is not None or day is not None or type(val) is not dt.datetime:
        check_args("date", val, month, day)
    if isinstance(val, dt.datetime):
        return val.date()
    y, m, d = _whole("date", "year", val), _whole("date", "month", month), _whole("date", "day", day)
    if not 1 <= m <= 12:
        raise IndexErr(f"date: expected a month from 1 to 12, got {m}")
    if not 1 <= y <= 9999:
        raise ArgErr(f"date: year {y}")
    try:
        return dt.date(y, m, d)
    except (ValueError, OverflowError):
        raise ArgErr(f"date: day {d}") from None


@builtin(pure=True)
def time(val: Num | DateTime, minutes: Num | None = None, secs: Num = 0) -> Time:
    """A time of hour, minutes and seconds, or the time of a DateTime; fractions are cut off.

    Raises:
        NullErr: an hour without minutes.
        ArgErr: a part out of range.

    Examples:
        time(8, 30)                //=> 08:30
        time(8, 30, 15)            //=> 08:30:15
        dateTime(2024-05-06, 23:30, "UTC").time //=> 23:30
        time(24, 0)                //! ArgErr "hour 24"
    """
    if isinstance(val, dt.datetime):
        return make_time(val.hour, val.minute, val.second, epoch_ns(val) % 1_000_000_000)
    h, m, s = _whole("time", "hour", val), _whole("time", "minutes", minutes), _whole("time", "secs", secs)
    for what, part, limit in (("hour", h, 24), ("min", m, 60), ("sec", s, 60)):
        if not 0 <= part < limit:
            raise ArgErr(f"time: {what} {part}")
    return dt.time(h, m, s)


@builtin()
def date_time(cx: Context, d: Date, t: Time, tz: Str | None = None) -> DateTime:
    """A timestamp of date, time and zone; the zone of the context by default.

    A time that the change to daylight saving skips keeps its clock, with the daylight offset. A time that
    occurs twice in autumn is the first one where the change is ruled in wall time (North America), else the
    second one (Europe, Australia).

    Raises:
        ParseErr: no such zone.

    Examples:
        dateTime(2024-07-01, 08:00, "UTC").toStr //=> "2024-07-01T08:00:00Z UTC"
        dateTime(2024-03-10, 02:30, "New_York").toStr //=> "2024-03-10T02:30:00-04:00 New_York"
        dateTime(2024-07-01, 08:00, "Nowhere") //! ParseErr "Nowhere"
    """
    return local(d, t, cx.zoneinfo if tz is None else zone(tz))


@builtin(pure=True)
def to_time_zone(val: Obj, tz: Str) -> Obj:
    """The same instant in another zone; of a Span both ends. To and from the zone `Rel` the clock is kept.

    Raises:
        ArgErr: neither a DateTime nor a Span.
        ParseErr: no such zone.

    Examples:
        dateTime(2024-07-01, 08:00, "UTC").toTimeZone("Tokyo").hour //=> 17hr
        2024-07-01.toTimeZone("UTC") //! ArgErr "toTimeZone"
    """
    if isinstance(val, dt.datetime):
        return to_zone(val, zone(tz))
    if isinstance(val, Span):
        return val.to_zone(zone(tz))
    if val is None:
        raise NullErr("toTimeZone: val may not be null")
    raise bad_arg("toTimeZone", "expected a DateTime or Span, got", val)


@builtin(pure=True)
def to_java_millis(dt: DateTime) -> Num:
    """Milliseconds since the start of 1970 in UTC.

    Examples:
        dateTime(1970-01-02, 00:00, "UTC").toJavaMillis //=> 86400000ms
    """
    return number(epoch_ns(dt) // 1_000_000, "ms")


@builtin()
def from_java_millis(cx: Context, millis: Num, tz: Str | None = None) -> DateTime:
    """The timestamp that many milliseconds after the start of 1970 in UTC; whole ones.

    Raises:
        ParseErr: no such zone.
        ArgErr: beyond the years 1 to 9999.

    Examples:
        fromJavaMillis(1500, "UTC").toStr //=> "1970-01-01T00:00:01.5Z UTC"
        fromJavaMillis(0, "Nowhere") //! ParseErr "Nowhere"
    """
    ticks = to_int(split(millis)[0]) * 1_000_000
    return from_epoch_ns(ticks, cx.zoneinfo if tz is None else zone(tz))
