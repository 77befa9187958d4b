"""Values as people read them, by pattern or by kind; the locale that decides how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axon.lib.registry import Obj, Str, Thunk, builtin
from axon.values.locale import find_locale
from axon.values.valuefmt import Style, format_value

if TYPE_CHECKING:
    from axon.runtime.context import Context


@builtin()
def format(cx: Context, val: Obj, pattern: Str | None = None) -> Str:
    """Write a value for people.

    Number patterns: `#` optional digit, `0` required digit, `,` grouping, `.` decimal point, `U` place of the
    unit, `pos;neg` a pattern for each sign, `B` alone a size in bytes. Rounding is half up on the decimal
    text.

    Date and time patterns: `YY YYYY` year; `M MM MMM MMMM` month; `D DD DDD` day; `WWW WWWW` weekday; `V VV
    VVV` week of the year; `Q QQQ QQQQ` quarter; `h hh` hour to 23; `k kk` hour to 12; `m mm` minutes; `s ss`
    seconds; `S SS` seconds, left out when zero; `f…` fraction; `F…` fraction, left out when zero; `a aa A AA`
    am or pm; `z` offset; `zzz` zone abbreviation; `zzzz` zone name; text in single quotes as it is.

    Other kinds have one form, whatever the pattern.

    Raises:
        ArgErr: bad pattern.

    Examples:
        1234567.format             //=> "1,234,567"
        12.345.format              //=> "12.35"
        90min.format               //=> "1.5hr"
        1.005.format("0.00")       //=> "1.01"
        (-3.5m).format("0.0U;<0.0U>") //=> "<3.5m>"
        2020-02-03.format("WWW DDD MMMM YY") //=> "Mon 3rd February 20"
        08:05.format("k:mmaa")     //=> "8:05am"
        true.format                //=> "True"
        2020-02-03.format("X")     //! ArgErr "X"
    """
    return format_value(val, pattern, Style(find_locale(cx.locale), cx.today, cx.db_resolve))


@builtin()
def locale_use(cx: Context, locale: Str, expr: Thunk) -> Obj:
    """Evaluate an expression under another locale, such as `de` or `en-US`.

    The locale decides on number separators, the first day of the week, the 12 or 24 hour clock and whether
    units are metric. Names of months and days are English in every locale.

    Raises:
        ParseErr: not the code of a locale.

    Examples:
        localeUse("de", 1234.5.format) //=> "1.235"
        localeUse("en-US", 20:05.format) //=> "8:05PM"
        localeUse("bogus!", 5.format) //! ParseErr "bogus!"
    """
    find_locale(locale)
    saved = cx.locale
    cx.locale = locale
    try:
        return expr()
    finally:
        cx.locale = saved
