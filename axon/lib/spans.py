"""Spans of time: DateSpan (whole days, end included) and Span (timestamps, end not included)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr, CoerceErr
from axon.lib.registry import Bool, Num, Obj, Str, bad_arg, builtin
from axon.runtime.calls import Fn
from axon.values.locale import find_locale
from axon.values.numbers import is_number, number, split, to_int
from axon.values.ranges import Range
from axon.values.times import DateSpan, Span, parse_date_span, parse_span, to_zone, zone

if TYPE_CHECKING:
    from axon.runtime.context import Context

_DAY = dt.timedelta(days=1)


def _week_start(cx: Context) -> int:
    return find_locale(cx.locale).first_weekday


# -- calendar periods ------------------------------------------------------------------------------------


def _this(cx: Context, period: str) -> DateSpan:
    return DateSpan.of(cx.today(), period, _week_start(cx))


def _last(cx: Context, period: str) -> DateSpan:
    return DateSpan.of(_this(cx, period).start - _DAY, period, _week_start(cx))


@builtin()
def this_week(cx: Context) -> DateSpan:
    """The week that holds today, up to its last day; it starts on the first weekday of the locale.

    Examples:
        thisWeek().numDays         //=> 7day
        thisWeek().contains(today()) //=> true
    """
    return _this(cx, "week")


@builtin()
def this_month(cx: Context) -> DateSpan:
    """The month that holds today.

    Examples:
        thisMonth().start.day      //=> 1day
    """
    return _this(cx, "month")


@builtin()
def this_quarter(cx: Context) -> DateSpan:
    """The quarter of the year that holds today.

    Examples:
        thisQuarter().contains(today()) //=> true
    """
    return _this(cx, "quarter")


@builtin()
def this_year(cx: Context) -> DateSpan:
    """The year that holds today.

    Examples:
        thisYear().start.dayOfYear //=> 1day
    """
    return _this(cx, "year")


@builtin()
def last_week(cx: Context) -> DateSpan:
    """The week before this one.

    Examples:
        lastWeek().end + 1day == thisWeek().start //=> true
    """
    return _last(cx, "week")


@builtin()
def last_month(cx: Context) -> DateSpan:
    """The month before this one.

    Examples:
        lastMonth().end + 1day == thisMonth().start //=> true
    """
    return _last(cx, "month")


@builtin()
def last_quarter(cx: Context) -> DateSpan:
    """The quarter of the year before this one.

    Examples:
        lastQuarter().end + 1day == thisQuarter().start //=> true
    """
    return _last(cx, "quarter")


@builtin()
def last_year(cx: Context) -> DateSpan:
    """The year before this one.

    Examples:
        lastYear().end + 1day == thisYear().start //=> true
    """
    return _last(cx, "year")


@builtin()
def past_week(cx: Context) -> DateSpan:
    """The 8 dates from 7 days ago to today.

    Examples:
        pastWeek().numDays         //=> 8day
        pastWeek().end == today()  //=> true
    """
    return _past(cx, 7)


@builtin()
def past_month(cx: Context) -> DateSpan:
    """The 31 dates from 30 days ago to today.

    Examples:
        pastMonth().numDays        //=> 31day
    """
    return _past(cx, 30)


@builtin()
def past_year(cx: Context) -> DateSpan:
    """From the same date of last year to today; 29 February counts as the 28th there.

    Examples:
        pastYear().end == today()  //=> true
    """
    today = cx.today()
    leap_day = (today.month, today.day) == (2, 29)
    return DateSpan(today.replace(year=today.year - 1, day=28 if leap_day else today.day), today)


def _past(cx: Context, days: int) -> DateSpan:
    today = cx.today()
    return DateSpan(today - days * _DAY, today)


_NAMED: dict[str, Callable[[Context], DateSpan]] = {
    "today": lambda cx: DateSpan.of(cx.today(), "day"),
    "yesterday": lambda cx: DateSpan.of(cx.today() - _DAY, "day"),
    "thisWeek": this_week,
    "thisMonth": this_month,
    "thisYear": this_year,
    "pastWeek": past_week,
    "pastMonth": past_month,
    "pastYear": past_year,
    "lastWeek": last_week,
    "lastMonth": last_month,
    "lastYear": last_year,
}


# -- conversion ------------------------------------------------------------------------------------------


@builtin()
def to_date_span(cx: Context, x: Obj) -> DateSpan:
    """Convert a value to a DateSpan.

    Accepts a DateSpan; null (today); a function, called without arguments; a Date; a Span (its days); a Str
    that is a name such as `today` or `lastMonth`, or `date,period`, or `date,date`; the ranges `Date..Nday`
    and `DateTime..DateTime` (an end at midnight means the day before); a number that is a year from 1901 to
    2099.

    Raises:
        CoerceErr: any other value.
        ParseErr: text that does not start with a date.
        IndexErr: text that is a date only.
        ArgErr: no such period, or `Date..N` in another unit than day.

    Examples:
        toDateSpan(2024-05).start  //=> 2024-05-01
        toDateSpan("2020-02-10,month") == 2020-02 //=> true
        toDateSpan(2024-05-06..5day).end //=> 2024-05-10
        toDateSpan(2020).numDays   //=> 366day
        toDateSpan("2020-02-01")   //! IndexErr "2020-02-01"
        toDateSpan(2500)           //! CoerceErr "2500"
    """
    if isinstance(x, Fn):
        x = x.c0()
    convert = _CONVERTERS.get(type(x))
    found = convert(cx, x) if convert is not None else None
    if found is None:
        found = _from_number_or_stamp(x)
    return found


def _from_str(cx: Context, text: str) -> DateSpan:
    named = _NAMED.get(text)
    return named(cx) if named is not None else parse_date_span(text, _week_start(cx))


def _from_range(cx: Context, val: Range) -> DateSpan | None:
    start, end = val.start, val.end
    if type(start) is dt.date and is_number(end):
        days, unit = split(end)
        if unit != "day":
            raise ArgErr(f"toDateSpan: DateSpan period unit must be day, not {unit or 'null'}")
        return DateSpan(start, start + (to_int(days) - 1) * _DAY)
    if isinstance(start, dt.datetime) and isinstance(end, dt.datetime):
        last = end.date()
        if _is_midnight(end) and last > start.date():
            last -= _DAY
        return DateSpan(start.date(), last)
    return None


def _is_midnight(stamp: dt.datetime) -> bool:
    return type(stamp) is dt.datetime and stamp.time() == dt.time()


def _from_number_or_stamp(x: Any) -> DateSpan:
    if is_number(x):
        year = to_int(split(x)[0])
        if 1900 < year < 2100:
            return DateSpan.of(dt.date(year, 1, 1), "year")
    from axon.values.show import kind_name, preview

    raise CoerceErr(f"toDateSpan: can't convert {kind_name(x)} {preview(x)}")


_CONVERTERS: dict[type, Callable[[Context, Any], DateSpan | None]] = {
    DateSpan: lambda cx, x: x,
    type(None): lambda cx, x: DateSpan.of(cx.today(), "day"),
    dt.date: lambda cx, x: DateSpan.of(x, "day"),
    Span: lambda cx, x: DateSpan(*x.dates()),
    str: _from_str,
    Range: _from_range,
}


@builtin()
def to_span(cx: Context, x: Obj, tz: Str | None = None) -> Span:
    """Convert a value to a Span.

    A Span comes back as it is; with `tz`, one that goes from midnight to midnight is moved to that zone. A
    DateTime gives a span of no length, `DateTime..DateTime` the time between. A Str is a relative mode such
    as `pastWeek` (7 days, ending yesterday), or `date`, `date,date` (end not included) or two timestamps.
    Everything that `toDateSpan` takes gives the time from its first midnight to the one after its last day,
    in `tz` or the zone of the context.

    Raises:
        ArgErr: start after end, or two different zones.
        ParseErr: bad text, or no such zone.
        CoerceErr: any other value.

    Examples:
        toSpan(2024-05-06..2024-05-08, "UTC").toStr //=> "2024-05-06,2024-05-09"
        toSpan(2020-01-05, "New_York").end.toStr //=> "2020-01-06T00:00:00-05:00 New_York"
        toSpan("lastWeek").numDays //=> 7day
        toSpan(null, "Nowhere")    //! ParseErr "Nowhere"
    """
    zoneinfo = cx.zoneinfo if tz is None else zone(tz)
    if isinstance(x, Span):
        return x if tz is None else x.rebase(zoneinfo)
    if isinstance(x, dt.datetime):
        stamp = x if tz is None else to_zone(x, zoneinfo)
        return Span(stamp, stamp)
    if type(x) is str:
        return parse_span(x, to_zone(cx.now(), zoneinfo), _week_start(cx))
    if type(x) is Range and isinstance(x.start, dt.datetime) and isinstance(x.end, dt.datetime):
        return Span(x.start, x.end)
    days = to_date_span(cx, x)
    return Span.of_dates(days.start, days.end, zoneinfo)


@builtin(hidden=True, deprecated=True)
def to_date_time_span(cx: Context, a: Obj, b: Str | None = None) -> Span:
    """The same as `toSpan`.

    Examples:
        toDateTimeSpan(2024-05).numDays //=> 31day
    """
    return to_span(cx, a, b)


# -- parts -----------------------------------------------------------------------------------------------


def _end_of(name: str, val: Any, attr: str) -> Any:
    if isinstance(val, (DateSpan, Span, Range)):
        return getattr(val, attr)
    raise bad_arg(name, "expected a Span, DateSpan or range, got", val)


@builtin(pure=True)
def start(val: Obj) -> Obj:
    """Start of a Span, a DateSpan or a range.

    Raises:
        ArgErr: any other value.

    Examples:
        start(3..9)                //=> 3
        2024-05.start              //=> 2024-05-01
        start(2024-05-06)          //! ArgErr "start"
    """
    return _end_of("start", val, "start")


@builtin(pure=True)
def end(val: Obj) -> Obj:
    """End of a Span (not included), a DateSpan (included) or a range (included).

    The name is a keyword: write `x.end` or `axon::end(x)`.

    Raises:
        ArgErr: any other value.

    Examples:
        (3..9).end                 //=> 9
        axon::end(2024-05)         //=> 2024-05-31
        5.end                      //! ArgErr "end"
    """
    return _end_of("end", val, "end")


@builtin()
def num_days(cx: Context, span: Obj) -> Num:
    """Number of days: of a DateSpan and whatever `toDateSpan` takes with both ends, of a Span up to its end.

    Examples:
        numDays(2024-02)           //=> 29day
        toSpan(2024-05-06..2024-05-08, "UTC").numDays //=> 3day
        numDays(1..5)              //! CoerceErr "1..5"
    """
    days = span.num_days if isinstance(span, Span) else to_date_span(cx, span).num_days
    return number(days, "day")


@builtin()
def occurred(cx: Context, ts: Obj, range: Obj) -> Bool:
    """Whether a Date, or the date of a DateTime, lies inside of what `toDateSpan` makes of `range`.

    Raises:
        ArgErr: `ts` is neither a Date nor a DateTime.

    Examples:
        occurred(2024-05-06, 2024-05) //=> true
        occurred(2024-05-06, 2024-04) //=> false
        occurred(null, 2024-05)    //! ArgErr "occurred"
    """
    if not isinstance(ts, dt.date):
        raise bad_arg("occurred", "expected a Date or DateTime, got", ts)
    date = ts.date() if isinstance(ts, dt.datetime) else ts
    return to_date_span(cx, range).contains(date)


@builtin()
def each_day(cx: Context, dates: Obj, fn: Fn) -> None:
    """Call a function with each date of what `toDateSpan` makes of `dates`.

    Examples:
        do n: 0; eachDay(2024-02, d => n = n + d.day); n end //=> 435day
    """
    days, call = to_date_span(cx, dates), fn.c1
    for i in range(days.num_days):
        call(days.start + i * _DAY)


@builtin()
def each_month(cx: Context, dates: Obj, fn: Fn) -> None:
    """Call a function with each month, as a DateSpan, that what `toDateSpan` makes of `dates` touches.

    Examples:
        do r: []; eachMonth(2023-12-15..2024-01-15, m => r = r.add(m.numDays)); r end //=> [31day, 31day]
    """
    days, call = to_date_span(cx, dates), fn.c1
    if days.start > days.end:
        return
    month = DateSpan.of(days.start, "month")
    call(month)
    while month.end < days.end:
        month = DateSpan.of(month.end + _DAY, "month")
        call(month)
