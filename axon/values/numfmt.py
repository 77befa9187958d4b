"""Numbers as people read them: number patterns, units, durations and byte sizes.

A pattern is text around digits, as in `U #,##0.00`: `#` optional digit, `0` required digit, `,` grouping
(the group is as long as the digits after the last comma), `.` decimal point, `U` place of the unit,
`pos;neg` one pattern for each sign, `B` alone a size in bytes. Digits are rounded half up on the decimal
text of the number, so that 1.005 becomes 1.01 although the float is a little less.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import NamedTuple

from axon.values.locale import Locale, find_locale
from pylib.kinds import Number

__all__ = ["format_number"]

_EN = find_locale("en")

#: Units with a pattern of their own.
_UNIT_PATTERNS = {
    "byte": "B",
    "$": "U#,##0.00",
    "£": "U#,##0.00",
    "€": "#,##0.00U",
    "¥": "#,##0",
    "₩": "#,##0",
}

#: Nanoseconds of the units that are shown by their best-fitting unit.
_SCALED_NS = {
    "hr": 3_600_000_000_000,
    "min": 60_000_000_000,
    "sec": 1_000_000_000,
    "ms": 1_000_000,
    "ns": 1,
}
_BEST_FIT = (
    (86_400_000_000_000, "day"),
    (3_600_000_000_000, "hr"),
    (60_000_000_000, "min"),
    (1_000_000_000, "sec"),
    (1_000_000, "ms"),
)

#: Not the context of the thread, which a program may have changed.
_EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN)

#: Beyond this the digits of a number are taken from its scientific form, nine decimals at most.
_MAX_PLAIN = 1e7
_MIN_PLAIN = 1e-3
_MAX_WHOLE = 1e12


def format_number(val: int | float | Number, pattern: str | None = None, locale: Locale = _EN) -> str:
    """Write a number for people: by `pattern`, else by its unit and magnitude."""
    unit = ""
    if type(val) is Number:
        unit, val = val.unit, val.val
    assert not isinstance(val, Number)
    if type(val) is float and not math.isfinite(val):
        return "\ufffd" if math.isnan(val) else "∞" if val > 0 else "-∞"
    if pattern is not None:
        return _by_pattern(val, unit, pattern, locale)
    if unit:
        if unit in _SCALED_NS:
            return _duration(val, unit, locale)
        own = _UNIT_PATTERNS.get(unit)
        if own is not None:
            return _by_pattern(val, unit, own, locale)
    return _default(val, locale) + unit.removeprefix("_")


def _default(val: int | float, locale: Locale) -> str:
    if val == int(val) and abs(val) <= _MAX_WHOLE:
        return _grouped(int(val), locale)
    if abs(val) >= 100:
        return _grouped(math.floor(val + 0.5) if abs(val) < 2**52 else int(val), locale)
    return _by_pattern(val, "", _default_pattern(abs(val)), locale)


def _grouped(val: int, locale: Locale) -> str:
    text = f"{val:,}"
    return text if locale.group == "," else text.replace(",", locale.group)


_SMALL = ((1e-3, 0), (1e-4, 3), (1e-5, 4), (1e-6, 5), (1e-7, 6), (1e-8, 7))


def _default_pattern(size: float) -> str:
    if size >= 10:
        return "#0.0#"
    if size >= 1:
        return "#0.0##"
    for least, zeros in _SMALL:
        if size >= least:
            return "0." + ("0" * zeros or "0") + "##"
    return "0.0"


def _duration(val: int | float, unit: str, locale: Locale) -> str:
    ticks = int(min(max(val * _SCALED_NS[unit], -(2.0**63)), 2.0**63))
    if ticks == 0 and val == 0:
        return "0"
    for size, name in _BEST_FIT:
        if abs(ticks) >= size:
            return _by_pattern(ticks / size, name, "0.##", locale)
    from axon.values.numbers import num_text

    return num_text(Number(val, unit))


_KILO = 1024
_BYTE_SIZES = (("KB", _KILO), ("MB", _KILO**2), ("GB", _KILO**3))


def _bytes(count: int, locale: Locale) -> str:
    if count < _KILO:
        return f"{count}B"
    for name, size in _BYTE_SIZES:
        if count < 10 * size:
            return _by_pattern(count / size, "", "#.#", locale) + name
        if count < size * _KILO or name == "GB":
            break
    return f"{math.floor(count / size + 0.5)}{name}"


class _Digits(NamedTuple):
    """The part of a pattern that says how many digits there are."""

    group: int
    opt_int: bool
    min_int: int
    min_frac: int
    max_frac: int


class _Pattern(NamedTuple):
    """A parsed pattern: digits, and for both signs the text before and after."""

    digits: _Digits
    pos: tuple[str, str]
    neg: tuple[str, str] | None
    has_unit: bool


_DIGIT_CHARS = "#0,."


@lru_cache(maxsize=256)
def _parse(pattern: str) -> _Pattern:
    pos, sep, neg = pattern.partition(";")
    before, middle, after = _cut(pos)
    neg_before, _, neg_after = _cut(neg)
    return _Pattern(
        _parse_digits(middle),
        (before, after),
        (neg_before, neg_after) if sep else None,
        "U" in pattern or bool(sep),
    )


def _cut(text: str) -> tuple[str, str, str]:
    """Text before the first pattern character, from it to the last, and after; all text twice without any."""
    at = [i for i, c in enumerate(text) if c in _DIGIT_CHARS]
    if not at:
        return text, "", text
    return text[: at[0]], text[at[0] : at[-1] + 1], text[at[-1] + 1 :]


def _parse_digits(text: str) -> _Digits:
    group, min_int, min_frac, max_frac = 0, 0, 0, 0
    comma = point = False
    opt_int = False
    last = ""
    for c in text:
        if c == ",":
            comma, group = True, 0
        elif c == ".":
            point, opt_int = True, last == "#"
        elif c in "0#":
            required = c == "0"
            if point:
                max_frac += 1
                min_frac += required
            else:
                min_int += required
                group += comma
        last = c
    return _Digits(group, opt_int if point else last == "#", min_int, min_frac, max_frac)


def _by_pattern(val: int | float, unit: str, pattern: str, locale: Locale) -> str:
    if pattern == "B":
        return _bytes(int(val), locale)
    p = _parse(pattern)
    text = _write_digits(abs(val), p.digits, locale)
    symbol = unit.removeprefix("_")
    negative = val < 0
    before, after = p.neg if negative and p.neg is not None else p.pos
    if p.has_unit:
        before, after = before.replace("U", symbol), after.replace("U", symbol)
    else:
        after += symbol
    sign = "-" if negative and p.neg is None and text else ""
    return f"{sign}{before}{text or '0'}{after}"


def _write_digits(val: int | float, p: _Digits, locale: Locale) -> str:
    """Digits and separators; empty where the pattern keeps no digit at all."""
    whole, frac = _round(*_decimal_text(val), p.max_frac)
    frac = frac.rstrip("0").ljust(p.min_frac, "0")
    shown = "" if p.opt_int and not whole.strip("0") else whole
    zeros = "0" * (p.min_int - len(whole))
    if p.group and len(shown) > p.group:
        head = len(shown) % p.group
        parts = [shown[i : i + p.group] for i in range(head, len(shown), p.group)]
        shown = locale.group.join([shown[:head], *parts] if head else parts)
    return zeros + shown + (locale.decimal + frac if frac else "")


def _decimal_text(val: int | float) -> tuple[str, str]:
    """The digits of a number of at least zero, before and after the point."""
    if val == int(val):
        return str(int(val)) if val <= 2**63 else format(Decimal(repr(val)), "f"), ""
    text = repr(val)
    if not _MIN_PLAIN <= val < _MAX_PLAIN:
        text = format(_EXACT.quantize(Decimal(text), Decimal("1e-9")), "f")
    whole, _, frac = text.partition(".")
    return whole, frac


def _round(whole: str, frac: str, places: int) -> tuple[str, str]:
    """Round half up to a number of decimals."""
    if len(frac) <= places:
        return whole, frac
    kept = whole + frac[:places]
    if frac[places] >= "5":
        kept = str(int(kept) + 1).rjust(len(kept), "0")
    return (kept[: len(kept) - places], kept[len(kept) - places :]) if places else (kept, "")
