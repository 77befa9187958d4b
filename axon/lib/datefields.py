"""Fields of dates, times and timestamps, and facts of the calendar. Making them is in `dates`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from axon.errors import IndexErr
from axon.lib.registry import Bool, Date, DateTime, Num, Obj, Str, builtin, no_slot
from axon.values.datefmt import week_of_year as number_of_week
from axon.values.locale import find_locale
from axon.values.numbers import is_number, number, split, to_int
from axon.values.times import diff_ns, local, zone_name
from pylib.kinds import Number

if TYPE_CHECKING:
    from axon.runtime.context import Context

_DAY = dt.timedelta(days=1)
_NO_TIME = dt.timedelta()
_MIDNIGHT = dt.time()

_DATE_OR_STAMP = (dt.date, dt.datetime)
_TIME_OR_STAMP = (dt.time, dt.datetime)


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
    if isinstance(d, dt.date):
        return Number(d.day, "day")
    raise no_slot("day", d)


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
    if isinstance(t, dt.date):
        return t.weekday() >= 5
    raise no_slot("isWeekend", t)


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
    if date == date.max:
        return 24
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
