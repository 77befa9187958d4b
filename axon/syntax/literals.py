"""Literals: the text of one token to its value.

Functions here get the source text and a place in it, and give the value and where the literal ends. They
know nothing of tokens or of the grammar; what is wrong is said by BadLiteral, with the offending region.
Source of the rules: Axon language reference 1.4 to 1.7.
"""

from __future__ import annotations

import re
from datetime import date, time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from axon.errors import AxonError
from pylib.kinds import Number, Ref, Symbol, Uri

if TYPE_CHECKING:
    from axon.values.numbers import Num

__all__ = [
    "BadLiteral",
    "fold_minus",
    "number_literal",
    "number_value",
    "ref_value",
    "string_literal",
    "symbol_value",
    "triple_literal",
    "uri_literal",
]

Obj = object


class BadLiteral(Exception):
    """A literal that is none: `start` and `end` are offsets of the region to blame, None for all of it."""

    def __init__(
        self, message: str, hint: str = "", start: int | None = None, end: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.start = start
        self.end = end


# ---- Numbers, dates, months, times ----

#: Floats up to here hold every whole number.
_EXACT: Final = 2**53
# Patterns stand where they are used: `re` keeps them, and most programs need few.
_HEX: Final = r"0x[0-9a-fA-F_]*"
_DATE: Final = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_MONTH: Final = r"([0-9]{4})-([0-9]{2})"
_TIME: Final = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"


def number_literal(text: str, start: int) -> tuple[Obj, int]:
    """The number, date, month or time that starts at a digit, and its end."""
    if text.startswith("0x", start):
        end = re.compile(_HEX).match(text, start).end()  # type: ignore[union-attr]
        return _hex_value(text[start + 2 : end]), end
    collected, unit_at, dashes, end = _scan(text, start)
    return number_value(collected, unit_at, dashes), end


def _scan(text: str, start: int) -> tuple[str, int, int, int]:
    """The greedy scan: what it took, the index of the unit in that (-1 without), dashes, the end.

    A `-`, `+`, `:` or `/` may belong to the literal: which, depends on what came before and comes after.
    """
    out = [text[start]]
    pos = start + 1
    exponent = False
    colons = dashes = 0
    unit_at = -1
    while True:
        char = text[pos : pos + 1]
        after = text[pos + 1 : pos + 2]
        digit_after = "0" <= after <= "9"
        if "0" <= char <= "9" or (char == "+" and (exponent or colons)):
            pass
        elif char == "-":
            dashes += not exponent
        elif char == ":" and digit_after:
            colons += 1
        elif char == "." and digit_after:
            pass
        elif char in ("e", "E") and (digit_after or after in ("+", "-")):
            exponent = True
        elif char == "_" and unit_at < 0 and digit_after:
            pos += 1
            continue
        elif char == "_" or (char == "/" and after != "/") or _is_unit_char(char):
            unit_at = len(out) if unit_at < 0 else unit_at
        else:
            return "".join(out), unit_at, dashes, pos
        out.append(char)
        pos += 1


def _is_unit_char(char: str) -> bool:
    """A letter, `%`, `$` or anything beyond ASCII."""
    return (char.isalpha() and char.isascii()) or char in ("%", "$") or char > "\x80"


@lru_cache(maxsize=4096)
def number_value(text: str, unit_at: int = -1, dashes: int = 0) -> Obj:
    """What the collected text of a literal means.

    `unit_at` is where its unit starts, -1 without one; `dashes` counts the `-` outside an exponent.
    """
    colons = ":" in text
    if dashes == 2 and not colons:
        return _date_value(text)
    if dashes == 1 and not colons and (month := _month_value(text)) is not None:
        return month
    if colons and not dashes:
        return _time_value(text)
    return _quantity(text, unit_at)


def _quantity(text: str, unit_at: int) -> Num:
    from axon.values.numbers import number

    digits = text if unit_at < 0 else text[:unit_at]
    try:
        val = int(digits) if digits.isdecimal() else _whole(float(digits))
    except ValueError:
        raise BadLiteral(f"Invalid number literal '{text}'", _number_hint(text)) from None
    if unit_at < 0:
        return number(val, None)
    from axon.values.units import find

    name = text[unit_at:]
    unit = find(name)
    if unit is None:
        raise BadLiteral(f"Invalid unit name '{name}'", _unit_hint(digits, name))
    return number(val, unit.symbol)


def _whole(val: float) -> int | float:
    """`7.0` and `1e3` are the whole numbers 7 and 1000, which have one form only."""
    return int(val) if val.is_integer() and -_EXACT <= val <= _EXACT else val


def _number_hint(text: str) -> str:
    if match := re.fullmatch(r"([0-9.]+)-([0-9.]+)", text):
        month = "a month is written `2024-03`; " if re.fullmatch(r"[0-9]{4}-[0-9]{1,2}", text) else ""
        return f"{month}a '-' right after a digit belongs to the number: write `{match[1]} - {match[2]}`"
    if text.count(".") > 1:
        return "a number has one decimal point; a range is written with two dots"
    if text[-1] == "-":
        return f"a '-' right after a digit belongs to the number; write `({text[:-1]})` or a space before it"
    if re.search(r"[eE].*\+", text):
        return "after an exponent a '+' belongs to the number; put a space before it"
    return ""


def _unit_hint(digits: str, name: str) -> str:
    for sign, verb in (("/", "divide"), ("-", "subtract"), ("+", "add")):
        if name[0] == sign or (sign in name and name[-1] != sign and sign != "/"):
            head, _, tail = name.partition(sign)
            said = f"`{digits}{head} {sign} {tail}`"
            return f"a '{sign}' right after a number is part of its unit; to {verb}, write {said}"
    if "/" in name:
        head, _, tail = name.partition("/")
        return f"a '/' right after a number is part of its unit; to divide, write `{digits}{head} / {tail}`"
    from difflib import get_close_matches

    from axon.values.units import all_units

    ids = sorted({id for unit in all_units() for id in unit.ids})
    near = [id for id in ids if id.lower() == name.lower()] or get_close_matches(name, ids, n=3, cutoff=0.75)
    if near:
        return "did you mean " + " or ".join(f"'{id}'" for id in near[:3]) + "?"
    return f"a unit of your own starts with '_': `{digits}_{name}`" if name.isalpha() else ""


def _hex_value(digits: str) -> int | float:
    """Hex digits as a signed 64-bit integer: further digits push the first ones out."""
    from axon.values.numbers import norm

    val = int(digits.replace("_", "") or "0", 16) & 0xFFFF_FFFF_FFFF_FFFF
    return norm(val - (1 << 64) if val >> 63 else val)


def _date_value(text: str) -> date:
    match = re.fullmatch(_DATE, text)
    if match is None:
        raise BadLiteral(f"Invalid date literal '{text}'", "month and day have two digits: `2024-02-09`")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as e:
        raise BadLiteral(f"Invalid date literal '{text}'", f"{e}") from None


def _month_value(text: str) -> Obj | None:
    match = re.fullmatch(_MONTH, text)
    if match is None or not ("01" <= match[2] <= "12") or match[1] == "0000":
        return None
    from calendar import monthrange

    from axon.values.times import DateSpan

    year, month = int(match[1]), int(match[2])
    return DateSpan(date(year, month, 1), date(year, month, monthrange(year, month)[1]), "month")


def _time_value(text: str) -> time:
    full = "0" + text if text[1:2] == ":" else text
    full = full + ":00" if full.count(":") == 1 else full
    match = re.fullmatch(_TIME, full)
    if match is None:
        hint = "a time is written `hh:mm` or `hh:mm:ss`; a range is `1..2`"
        raise BadLiteral(f"Invalid time literal '{full}'", hint)
    fraction = (match[4] or "")[:9]
    if len(fraction.rstrip("0")) > 6:
        from axon.values.times import parse_time

        full = f"{full[:8]}.{fraction}"
        try:
            return parse_time(full)
        except AxonError:
            raise BadLiteral(f"Invalid time literal '{full}'") from None
    try:
        return time(int(match[1]), int(match[2]), int(match[3]), int(fraction[:6].ljust(6, "0")))
    except ValueError as e:
        raise BadLiteral(f"Invalid time literal '{full}'", f"{e}") from None


def fold_minus(val: Obj) -> Obj | None:
    """The negative of a literal number, None for a literal of another kind."""
    if isinstance(val, Number):
        return Number(-val.val, val.unit)
    if isinstance(val, (int, float)) and not isinstance(val, bool):
        return -val or -0.0
    return None


# ---- Refs and symbols ----


def ref_value(text: str) -> Ref:
    """A ref from its text without the at sign."""
    return Ref(text)


def symbol_value(text: str) -> Symbol:
    """A symbol from its text without the caret: a tag, a key (`lib:ph`) or a conjunct (`hot-water`)."""
    if fault := _symbol_fault(text):
        raise BadLiteral(f"Invalid symbol '{text}': {fault}")
    return Symbol(text)


def _symbol_fault(text: str) -> str:
    if not "a" <= text[0] <= "z":
        return "it must start with a lower-case letter"
    if bad := re.search(r"[^A-Za-z0-9_:\-]", text):
        return f"it can't hold '{bad[0]}'"
    if text.count(":") > 1:
        return "it can't hold more than one ':'"
    if ":" in text:
        return _half_fault(*text.split(":"))
    for part in text.split("-"):
        if not part or not "a" <= part[0] <= "z":
            return "each part between '-' must start with a lower-case letter"
    return ""


def _half_fault(head: str, tail: str) -> str:
    for half in (head, tail):
        if not half or not "a" <= half[0] <= "z" or half[-1] == "-":
            return "both sides of ':' must start with a lower-case letter and end with a letter or digit"
    return ""


# ---- Strings and URIs ----

_PLAIN: Final = r'[^"\\$\n\0]+'
_URI_PLAIN: Final = r"[^`\\$\n\0]+"
_ESCAPES: Final = {
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    '"': '"',
    "$": "$",
    "'": "'",
    "`": "`",
    "\\": "\\",
}
_UNICODE: Final = r"u(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})"
_URI_KEPT: Final = frozenset(":/?#[]@\\&=;$")


def string_literal(text: str, start: int) -> tuple[str, int]:
    """The value of the `"…"` that starts at its opening quote, and its end."""
    out: list[str] = []
    plain = re.compile(_PLAIN)
    pos = start + 1
    while True:
        if match := plain.match(text, pos):
            out.append(match[0])
            pos = match.end()
        char = text[pos : pos + 1]
        if char == '"':
            return _joined(out), pos + 1
        if char == "\\":
            value, pos = _escape(text, pos)
            out.append(value)
        elif char == "$":
            raise _interpolation(pos)
        else:
            raise BadLiteral("Unexpected end of str", _open_string_hint(text, start), start, pos)


def triple_literal(text: str, start: int, column: int) -> tuple[str, int]:
    """The value of the triple quoted string at `start`, and its end.

    `column` is the zero-based column of its first character: so many leading spaces of the later lines
    are indentation and not part of the value.
    """
    out: list[str] = []
    plain = re.compile(_PLAIN)
    pos = start + 3
    while True:
        if match := plain.match(text, pos):
            out.append(match[0])
            pos = match.end()
        char = text[pos : pos + 1]
        if char == "\n":
            out.append(char)
            pos = _skip_indent(text, pos + 1, column, out)
        elif char == '"':
            if text.startswith('"""', pos):
                return _joined(out), pos + 3
            out.append(char)
            pos += 1
        elif char == "\\":
            value, pos = _escape(text, pos)
            out.append(value)
        elif char == "$":
            raise _interpolation(pos)
        else:
            hint = 'a string that starts with """ ends with """, and can\'t end with a quote of its own'
            raise BadLiteral("Unexpected end of str", hint, start, start + 3)


def _skip_indent(text: str, pos: int, column: int, out: list[str]) -> int:
    """Go past the indentation of a line of a triple quoted string; an escape may stand in it."""
    line_start = pos
    while pos - line_start < column:
        char = text[pos : pos + 1]
        if char == "\n":
            break
        if char == "\\":
            value, pos = _escape(text, pos)
            out.append(value)
        elif char == " ":
            pos += 1
        elif char in ("", "\0"):
            break
        else:
            hint = f"the text of this string starts in column {column + 1}: indent this line up to there"
            raise BadLiteral(f"Leading space in multi-line string must be {column}", hint, pos, pos + 1)
    return pos


def uri_literal(text: str, start: int) -> tuple[Uri, int]:
    """The URI in backticks that starts at its opening backtick, and its end."""
    from axon.values.uris import normalize

    out: list[str] = []
    plain = re.compile(_URI_PLAIN)
    pos = start + 1
    while True:
        if match := plain.match(text, pos):
            out.append(match[0])
            pos = match.end()
        char = text[pos : pos + 1]
        if char == "`":
            return Uri(normalize(_joined(out))), pos + 1
        if char == "\\" and text[pos + 1 : pos + 2] in _URI_KEPT:
            out.append(text[pos : pos + 2])
            pos += 2
        elif char == "\\":
            value, pos = _escape(text, pos)
            out.append(value)
        elif char == "$":
            raise _interpolation(pos)
        else:
            hint = "a URI ends with a backtick on the same line"
            raise BadLiteral("Unexpected end of uri", hint, start, pos)


def _escape(text: str, pos: int) -> tuple[str, int]:
    """The character of the backslash escape at `pos`, and its end."""
    char = text[pos + 1 : pos + 2]
    if simple := _ESCAPES.get(char):
        return simple, pos + 2
    if match := re.compile(_UNICODE).match(text, pos + 1):
        code = int(match[1] or match[2], 16)
        if code > 0x10FFFF:
            raise BadLiteral("Invalid escape sequence", "the last character is \\u{10FFFF}", pos, match.end())
        return chr(code), match.end()
    if char == "u":
        hint = "write four hex digits, `\\u00b0`, or one to six in braces, `\\u{1F600}`"
        raise BadLiteral("Invalid number of hex digits for \\u", hint, pos, pos + 2)
    hint = 'a backslash itself is written `\\\\`; r"…" takes everything as it stands'
    raise BadLiteral(f"Invalid escape sequence '\\{char.strip()}'", hint, pos, pos + 2)


def _interpolation(pos: int) -> BadLiteral:
    hint = 'write `\\$` for a dollar sign, or use r"…"'
    return BadLiteral("String interpolation not supported (use \\$ to escape)", hint, pos, pos + 1)


def _open_string_hint(text: str, start: int) -> str:
    if text.startswith('"', start - 1) and start:
        return 'a string that ends with a quote needs it escaped: \\"'
    return 'a string ends with " on the same line; one over several lines is written with """'


def _joined(parts: list[str]) -> str:
    """The text of its pieces; two escapes may be the halves of one character."""
    out = "".join(parts)
    if any("\ud800" <= char <= "\udfff" for part in parts if len(part) == 1 for char in part):
        return out.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return out
