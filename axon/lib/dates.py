"""Dates, times and timestamps: now, their fields, and making them. Spans are in `spans`."""

from __future__ import annotations

import datetime as dt
import time as clock
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr, IndexErr, NullErr
from axon.lib.registry import (
    Bool,
    Date,
    DateTime,
    Num,
    Obj,
    Str,
    Time,
    bad_arg,
    builtin,
    no_slot,
)
from axon.values.datefmt import week_of_year as number_of_week
from axon.values.locale import find_locale
from axon.values.numbers import is_number, norm, number, split, to_int
from axon.values.times import (
    Span,
    diff_ns,
    epoch_ns,
    from_epoch_ns,
    local,
    make_time,
    to_zone,
    zone,
    zone_name,
)

if TYPE_CHECKING:
    from axon.runtime.context import Context

_DAY = dt.timedelta(days=1)
_NO_TIME = dt.timedelta()
_MIDNIGHT = dt.time()
_EPOCH_2000_NS = 946_684_800_000_000_000

_DATE_OR_STAMP = (dt.date, dt.datetime)
_TIME_OR_STAMP = (dt.time, dt.datetime)


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


# -- fields ----------------------------------------------------------------------------------------------


def _field(name: str, val: Any, kinds: tuple[type, ...], attr: str, unit: str) -> Num:
    if isinstance(val, kinds):
        return number(getattr(val, attr), unit)
    raise no_slot(name, val)


@builtin(pure=True)
def year(d: Obj) -> Num:
    """Year of a Date or DateTime.

    Raises:
        UnknownSlotErr: neither a Date nor a DateTime.

    Examples:
        2024-05-06.year            //=> 2024yr
        year(08:30)                //! UnknownSlotErr "year"
    """
    return _field("year", d, _DATE_OR_STAMP, "year", "yr")


@builtin(pure=True)
def month(d: Obj) -> Num:
    """Month of a Date or DateTime, 1 to 12.

    Raises:
        UnknownSlotErr: neither a Date nor a DateTime.

    Examples:
        2024-05-06.month           //=> 5mo
        month(5)                   //! UnknownSlotErr "month"
    """
    return _field("month", d, _DATE_OR_STAMP, "month", "mo")


@builtin(pure=True)
def day(d: Obj) -> Num:
    """Day of the month of a Date or DateTime, 1 to 31.

    Raises:
        UnknownSlotErr: neither a Date nor a DateTime.

    Examples:
        2024-05-06.day             //=> 6day
        day(08:30)                 //! UnknownSlotErr "day"
    """
    return _field("day", d, _DATE_OR_STAMP, "day", "day")


@builtin(pure=True)
def hour(t: Obj) -> Num:
    """Hour of a Time or DateTime, 0 to 23.

    Raises:
        UnknownSlotErr: neither a Time nor a DateTime.

    Examples:
        08:30.hour                 //=> 8hr
        hour(2024-05-06)           //! UnknownSlotErr "hour"
    """
    return _field("hour", t, _TIME_OR_STAMP, "hour", "hr")


@builtin(pure=True)
def minute(t: Obj) -> Num:
    """Minute of a Time or DateTime, 0 to 59.

    Raises:
        UnknownSlotErr: neither a Time nor a DateTime.

    Examples:
        14:30:45.minute            //=> 30min
        minute("x")                //! UnknownSlotErr "minute"
    """
    return _field("minute", t, _TIME_OR_STAMP, "minute", "min")


@builtin(pure=True)
def second(t: Obj) -> Num:
    """Whole seconds of a Time or DateTime, 0 to 59.

    Raises:
        UnknownSlotErr: neither a Time nor a DateTime.

    Examples:
        08:30:15.9.second          //=> 15sec
        second(2024-05-06)         //! UnknownSlotErr "second"
    """
    return _field("second", t, _TIME_OR_STAMP, "second", "sec")


def _weekday(name: str, val: Any) -> int:
    if isinstance(val, dt.date):
        return val.isoweekday() % 7
    raise no_slot(name, val)


@builtin(pure=True)
def weekday(t: Obj) -> Num:
    """Day of the week of a Date or DateTime: 0 is Sunday, 6 is Saturday.

    Raises:
        UnknownSlotErr: neither a Date nor a DateTime.

    Examples:
        2024-05-05.weekday         //=> 0day
        2024-02-29.weekday == 4    //=> true
        weekday(5)                 //! UnknownSlotErr "weekday"
    """
    return number(_weekday("weekday", t), "day")


@builtin(pure=True)
def is_weekend(t: Obj) -> Bool:
    """Whether a Date or DateTime is a Saturday or Sunday.

    Raises:
        UnknownSlotErr: neither a Date nor a DateTime.

    Examples:
        2024-05-05.isWeekend       //=> true
        2024-05-06.isWeekend       //=> false
    """
    return _weekday("isWeekend", t) in (0, 6)


@builtin(pure=True)
def is_weekday(t: Obj) -> Bool:
    """Whether a Date or DateTime is one of Monday to Friday.

    Raises:
        UnknownSlotErr: neither a Date nor a DateTime.

    Examples:
        2024-05-06.isWeekday       //=> true
        isWeekday("Mon")           //! UnknownSlotErr "isWeekday"
    """
    return _weekday("isWeekday", t) not in (0, 6)


@builtin(pure=True)
def day_of_year(val: Obj) -> Num:
    """Day of the year of a Date or DateTime, 1 to 366.

    Raises:
        UnknownSlotErr: neither a Date nor a DateTime.

    Examples:
        2024-03-01.dayOfYear       //=> 61day
        dayOfYear(null)            //! NullErr "dayOfYear"
    """
    if isinstance(val, dt.date):
        return number(val.timetuple().tm_yday, "day")
    raise no_slot("dayOfYear", val)


@builtin()
def week_of_year(cx: Context, val: Obj, start_of_week: Num | None = None) -> Num:
    """Week of the year of a Date or DateTime.

    With `w` the weekday of 1 January and `s` the first day of the week (Sunday 0; the locale's by default),
    week 1 lasts to day 7 - (w - s) of January, then a new one begins every 7 days.

    Raises:
        UnknownSlotErr: neither a Date nor a DateTime.
        IndexErr: no such weekday.

    Examples:
        2024-01-07.weekOfYear(0)   //=> 2wk
        2024-01-07.weekOfYear(1)   //=> 1wk
        2024-02-29.weekOfYear(7)   //! IndexErr "7"
    """
    if not isinstance(val, dt.date):
        raise no_slot("weekOfYear", val)
    if start_of_week is None:
        first = find_locale(cx.locale).first_weekday
    else:
        first = to_int(split(start_of_week)[0])
    return number(number_of_week(val, first), "wk")


@builtin()
def start_of_week(cx: Context) -> Num:
    """First weekday of the locale, Sunday being 0.

    Examples:
        localeUse("en-GB", startOfWeek()) //=> 1day
        localeUse("en-US", startOfWeek()) //=> 0day
    """
    return number(find_locale(cx.locale).first_weekday, "day")


@builtin()
def tz(cx: Context, dt: DateTime | None = None) -> Str:
    """Name of the time zone of a DateTime, or of the context.

    Examples:
        dateTime(2024-05-06, 08:30, "Denver").tz //=> "Denver"
        tz() == now().tz           //=> true
    """
    return cx.tz if dt is None else zone_name(dt)


@builtin(pure=True)
def dst(dt: DateTime) -> Bool:
    """Whether daylight saving time is in force.

    Examples:
        dateTime(2024-07-06, 08:30, "New_York").dst //=> true
        dateTime(2024-07-06, 08:30, "UTC").dst //=> false
        dateTime(2024-07-06, 08:30, "Dublin").dst //=> true
    """
    saved = dt.dst() or _NO_TIME
    if saved == _NO_TIME:
        # Where the law calls summer time the standard (Ireland), it is winter that deviates.
        return (dt.replace(month=1, day=1, fold=0).dst() or _NO_TIME) < _NO_TIME
    return saved > _NO_TIME


@builtin(pure=True)
def hours_in_day(dt: DateTime) -> Num:
    """How many hours the day has: 24, where the clock changes 23 or 25; without unit.

    Examples:
        dateTime(2024-03-10, 12:00, "New_York").hoursInDay //=> 23
        dateTime(2024-05-06, 12:00, "New_York").hoursInDay //=> 24
    """
    date, tz = dt.date(), dt.tzinfo
    assert tz is not None
    hours = diff_ns(local(date + _DAY, _MIDNIGHT, tz), local(date, _MIDNIGHT, tz)) / 3_600_000_000_000
    return int(hours) if hours == int(hours) else hours


@builtin(pure=True)
def is_leap_year(year: Num) -> Bool:
    """Whether a year has 366 days.

    Examples:
        isLeapYear(2024)           //=> true
        isLeapYear(1900)           //=> false
        2024-05-06.year.isLeapYear //=> true
    """
    y = to_int(split(year)[0])
    return y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)


@builtin()
def num_days_in_month(cx: Context, month: Num | Date | None = None) -> Num:
    """How many days a month has: that of a Date, a number from 1 to 12 in this year, or the current month.

    Raises:
        IndexErr: no month of that number.

    Examples:
        2024-02-10.numDaysInMonth  //=> 29day
        numDaysInMonth(4)          //=> 30day
        numDaysInMonth(13)         //! IndexErr "13"
    """
    if month is None:
        date = cx.today()
    elif is_number(month):
        nth = to_int(split(month)[0])
        if not 1 <= nth <= 12:
            raise IndexErr(f"numDaysInMonth: expected a month from 1 to 12, got {nth}")
        date = dt.date(cx.today().year, nth, 1)
    else:
        date = month
    return number(_last_of_month(date).day, "day")


@builtin(pure=True)
def first_of_month(date: Date) -> Date:
    """First day of the month of a date.

    Examples:
        2024-02-15.firstOfMonth    //=> 2024-02-01
    """
    return date.replace(day=1)


@builtin(pure=True)
def last_of_month(date: Date) -> Date:
    """Last day of the month of a date.

    Examples:
        2024-02-15.lastOfMonth     //=> 2024-02-29
    """
    return _last_of_month(date)


def _last_of_month(date: dt.date) -> dt.date:
    if date.month == 12:
        return date.replace(day=31)
    return date.replace(month=date.month + 1, day=1) - _DAY


# -- making and converting -------------------------------------------------------------------------------


def _whole(name: str, what: str, val: Num | None) -> int:
    if val is None:
        raise NullErr(f"{name}: {what} may not be null")
    return to_int(split(val)[0])


@builtin(pure=True)
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
