"""Values read from text. Each function takes `checked`: with false, text that can't be read gives null.

Units are read by `parseUnit` in `units`, filters in `filters`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from axon.errors import ArgErr, IndexErr, ParseErr
from axon.lib.registry import Bool, Date, DateTime, Num, Str, Time, builtin
from axon.values import uris
from axon.values.dateparse import (
    DATE_PATTERN,
    DATETIME_PATTERN,
    TIME_PATTERN,
    read_date,
    read_datetime,
    read_time,
)
from axon.values.numbers import NUMBER_TYPES, norm, number, split, to_int
from axon.values.strings import SPACES
from axon.values.times import zone
from pylib.kinds import Ref, Symbol, Uri

if TYPE_CHECKING:
    from axon.runtime.context import Context


def _require(checked: bool, kind: str, val: str) -> None:
    """Raise for text that can't be read, when `checked`; else the caller gives null."""
    if checked:
        shown = val if len(val) <= 80 else val[:80] + "…"
        raise ParseErr(f"Invalid {kind}: '{shown}'")


@builtin(pure=True)
def parse_bool(val: Str, checked: Bool = True) -> Bool | None:
    """Read `true` or `false`, exactly.

    Raises:
        ParseErr: other text, and `checked` is true.

    Examples:
        parseBool("true")          //=> true
        parseBool("True", false)   //=> null
        parseBool("True")          //! ParseErr "True"
    """
    if val in ("true", "false"):
        return val == "true"
    _require(checked, "Bool", val)
    return None


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MAX_LONG = 2**63 - 1


@builtin(pure=True)
def parse_int(val: Str, radix: Num = 10, checked: Bool = True) -> Num | None:
    """Read a whole number of 64 bits: an optional sign and digits of the radix, nothing else.

    As a callback of `map` it would be given the index as radix: write `s => s.parseInt`.

    Raises:
        ParseErr: other text, and `checked` is true.
        ArgErr: a radix outside 2 to 36.

    Examples:
        parseInt("+7")             //=> 7
        parseInt("ff", 16)         //=> 255
        parseInt("1_000", 10, false) //=> null
        parseInt("4.2")            //! ParseErr "4.2"
    """
    base = to_int(split(radix)[0])
    if not 2 <= base <= 36:
        raise ArgErr(f"parseInt: expected a radix from 2 to 36, got {base}")
    digits = val[1:] if val[:1] in ("+", "-") else val
    allowed = _DIGITS[:base]
    if digits and len(digits) <= 128 and digits.isascii() and all(c in allowed for c in digits.lower()):
        num = int(digits, base)
        num = -num if val[0] == "-" else num
        if -_MAX_LONG - 1 <= num <= _MAX_LONG:
            return norm(num)
    _require(checked, "Int", val)
    return None


_FLOAT = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?")
_HEX_FLOAT = re.compile(r"([+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[fFdD]?")
_SPECIAL_FLOATS = {
    "NaN": math.nan,
    "INF": math.inf,
    "-INF": -math.inf,
    "Infinity": math.inf,
    "+Infinity": math.inf,
    "-Infinity": -math.inf,
}


@builtin(pure=True)
def parse_float(val: Str, checked: Bool = True) -> Num | None:
    """Read a number without unit: decimals, exponent, white space around it; `NaN`, `INF`, `-INF`.

    Raises:
        ParseErr: other text, and `checked` is true.

    Examples:
        parseFloat("1e3")          //=> 1000
        parseFloat(" .5 ")         //=> 0.5
        parseFloat("-INF")         //=> negInf()
        parseFloat("4.5kW", false) //=> null
        parseFloat("x")            //! ParseErr "x"
    """
    text = val.strip(SPACES)
    special = _SPECIAL_FLOATS.get(text)
    if special is not None:
        return special
    if m := _FLOAT.fullmatch(text):
        return float(m[1])
    if m := _HEX_FLOAT.fullmatch(text):
        try:
            return float.fromhex(m[1])
        except OverflowError:
            return -math.inf if text[0] == "-" else math.inf
    _require(checked, "Float", val)
    return None


_SPECIAL_NUMBERS = {"NaN": math.nan, "INF": math.inf, "-INF": -math.inf}
_AFTER_NUMBER = re.compile(r"(?:[ \t]|/\*(?:[^*]|\*(?!/))*\*/)*(?://[^\n]*)?")


@builtin(pure=True)
def parse_number(val: Str, checked: Bool = True) -> Num | None:
    """Read a number as Axon source writes it, with its unit; also `NaN`, `INF` and `-INF`.

    Raises:
        ParseErr: other text, and `checked` is true.

    Examples:
        parseNumber("1_000kW")     //=> 1000kW
        parseNumber("0x1f")        //=> 31
        parseNumber("-2.5e3")      //=> -2500
        parseNumber("12 kW", false) //=> null
        parseNumber(".5")          //! ParseErr ".5"
    """
    special = _SPECIAL_NUMBERS.get(val)
    if special is not None:
        return special
    minus = val.startswith("-")
    if val[minus : minus + 1] in _ASCII_DIGITS:
        from axon.syntax.literals import BadLiteral, number_literal

        try:
            found, end = number_literal(val, int(minus))
        except BadLiteral:
            _require(checked, "Number", val)
            return None
        if type(found) in NUMBER_TYPES and _AFTER_NUMBER.fullmatch(val, end):
            num, unit = split(found)  # type: ignore[arg-type]
            return number(-num if minus else num, unit)
    _require(checked, "Number", val)
    return None


_ASCII_DIGITS = frozenset("0123456789")


@builtin(pure=True)
def parse_uri(val: Str, checked: Bool = True) -> Uri | None:
    """Read the text of a Uri, which is not percent-decoded: for that there is `uriDecode`.

    Raises:
        ParseErr: other text, and `checked` is true.

    Examples:
        parseUri("http://host/a b") //=> `http://host/a b`
        parseUri("a/../b")         //=> `b`
        parseUri("http://host:bad/", false) //=> null
    """
    try:
        return uris.make_uri(val)
    except ParseErr:
        if checked:
            raise
        return None


@builtin(pure=True)
def parse_date(val: Str, pattern: Str = DATE_PATTERN, checked: Bool = True) -> Date | None:
    """Read a Date by a pattern; text after what the pattern takes is ignored.

    Raises:
        ParseErr: text that does not fit, and `checked` is true.
        ArgErr: bad pattern.

    Examples:
        parseDate("2024-05-06")    //=> 2024-05-06
        parseDate("1/5/20", "M/D/YY") //=> 2020-01-05
        parseDate("6-may-24", "D-MMM-YY") //=> 2024-05-06
        parseDate("2024-02-30", "YYYY-MM-DD", false) //=> null
        parseDate("x")             //! ParseErr "x"
    """
    found = read_date(val, pattern)
    if found is None:
        _require(checked, "Date", val)
    return found


@builtin(pure=True)
def parse_time(val: Str, pattern: Str = TIME_PATTERN, checked: Bool = True) -> Time | None:
    """Read a Time by a pattern; text after what the pattern takes is ignored.

    Raises:
        ParseErr: text that does not fit, and `checked` is true.
        ArgErr: bad pattern.

    Examples:
        parseTime("08:30")         //=> 08:30
        parseTime("8:30pm", "k:mmaa") //=> 20:30
        parseTime("08:61", "hh:mm", false) //=> null
        parseTime("x")             //! ParseErr "x"
    """
    found = read_time(val, pattern)
    if found is None:
        _require(checked, "Time", val)
    return found


@builtin()
def parse_date_time(
    cx: Context, val: Str, pattern: Str = DATETIME_PATTERN, tz: Str | None = None, checked: Bool = True
) -> DateTime | None:
    """Read a DateTime by a pattern; text after what the pattern takes is ignored.

    An offset in the text fixes the instant, a zone name the zone. With an offset alone `Z` means UTC; another
    offset the zone `tz` (that of the context by default) if it has that offset then, else a fixed zone.
    Without both the clock is that of the zone `tz`.

    Raises:
        ParseErr: text that does not fit, and `checked` is true; no zone `tz`.
        ArgErr: bad pattern.

    Examples:
        parseDateTime("2024-05-06T08:30:00Z UTC").hour //=> 8hr
        parseDateTime("2024-05-06 08:30", "YYYY-MM-DD hh:mm", "Tokyo").tz //=> "Tokyo"
        parseDateTime("bad", "YYYY", "UTC", false) //=> null
        parseDateTime("bad")       //! ParseErr "bad"
    """
    found = read_datetime(val, pattern, cx.zoneinfo if tz is None else zone(tz))
    if found is None:
        _require(checked, "DateTime", val)
    return found


_REF = re.compile(r"[A-Za-z0-9_:\-.~]+")


@builtin(pure=True)
def parse_ref(val: Str, dis: Str | Bool | None = None, checked: Bool = True) -> Ref | None:
    """Read a Ref, with or without `@`; `dis` becomes its display text.

    A Bool for `dis` is taken for `checked`.

    Raises:
        IndexErr: empty text, and `checked` is true.
        ParseErr: other text, and `checked` is true.

    Examples:
        parseRef("@a")             //=> @a
        parseRef("a", "Pump").refDis //=> "Pump"
        parseRef("a b", null, false) //=> null
        parseRef("a b")            //! ParseErr "a b"
    """
    if isinstance(dis, bool):
        checked, dis = dis, None
    if not val and checked:
        raise IndexErr("parseRef: the text is empty")
    if _REF.fullmatch(val, val.startswith("@")):
        return Ref(val.removeprefix("@"), dis)
    _require(checked, "Ref", val)
    return None


@builtin(pure=True)
def parse_symbol(val: Str, checked: Bool = True) -> Symbol | None:
    """Read a Symbol without its caret: a tag, a key such as `lib:ph` or a conjunct such as `hot-water`.

    Raises:
        ParseErr: other text, and `checked` is true.

    Examples:
        parseSymbol("elec-meter")  //=> ^elec-meter
        parseSymbol("^site", false) //=> null
        parseSymbol("Bad")         //! ParseErr "Bad"
    """
    from axon.syntax.literals import BadLiteral, symbol_value

    if not val:
        _require(checked, "Symbol", val)
        return None
    try:
        return symbol_value(val)
    except BadLiteral as err:
        if checked:
            raise ParseErr(err.message) from None
        return None
