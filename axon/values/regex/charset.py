"""Sets of characters as sorted ranges of code points, and the named sets of regular expressions."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

__all__ = [
    "ALL",
    "DIGITS",
    "HORIZONTAL",
    "LINE_ENDS",
    "NONE",
    "SPACES",
    "VERTICAL",
    "WORD",
    "CharSet",
    "both",
    "either",
    "has",
    "inverse",
    "named",
    "of",
    "overlap",
    "with_cases",
]

MAX_CODE = 0x10FFFF

CharSet: TypeAlias = tuple[tuple[int, int], ...]
"""Ranges with both ends included; sorted, none touching the next."""

NONE: CharSet = ()
ALL: CharSet = ((0, MAX_CODE),)


def of(text: str) -> CharSet:
    """The characters of a text; `a-z` is a range, a leading or trailing dash a dash."""
    out = []
    i = 0
    while i < len(text):
        if i + 2 < len(text) and text[i + 1] == "-":
            out.append((ord(text[i]), ord(text[i + 2])))
            i += 3
        else:
            out.append((ord(text[i]), ord(text[i])))
            i += 1
    return _merge(out)


def _merge(ranges: Iterable[tuple[int, int]]) -> CharSet:
    out: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(high, out[-1][1]))
        else:
            out.append((low, high))
    return tuple(out)


def either(*sets: CharSet) -> CharSet:
    """What is in any of the sets."""
    return _merge(r for s in sets for r in s)


def inverse(chars: CharSet) -> CharSet:
    """What is not in the set."""
    out = []
    start = 0
    for low, high in chars:
        if low > start:
            out.append((start, low - 1))
        start = high + 1
    if start <= MAX_CODE:
        out.append((start, MAX_CODE))
    return tuple(out)


def both(a: CharSet, b: CharSet) -> CharSet:
    """What is in both sets."""
    return inverse(either(inverse(a), inverse(b)))


def overlap(a: CharSet, b: CharSet) -> bool:
    """Whether a character is in both sets."""
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i][1] < b[j][0]:
            i += 1
        elif b[j][1] < a[i][0]:
            j += 1
        else:
            return True
    return False


def has(chars: CharSet, code: int) -> bool:
    """Whether a code point is in the set."""
    return any(low <= code <= high for low, high in chars)


_CASED = ((65, 90, 32), (97, 122, -32))


#: So many characters are looked at one by one.
_FEW = 2000


def with_cases(chars: CharSet, unicode: bool) -> CharSet:
    """The set, and for its letters those of the other case; of ASCII letters only unless `unicode`."""
    out = list(chars)
    for low, high, step in _CASED:
        for a, b in both(chars, ((low, high),)):
            out.append((a + step, b + step))
    if unicode:
        few = sum(high - low for low, high in chars) < _FEW
        parts = chars if few else both(chars, _foldable())
        out += [r for low, high in parts for r in _other_cases(low, high)]
    return _merge(out)


def _other_cases(low: int, high: int) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for code in range(low, high + 1):
        others = (chr(code).lower(), chr(code).upper())
        out += [(ord(c), ord(c)) for c in others if len(c) == 1]
    return out


@lru_cache(maxsize=1)
def _foldable() -> CharSet:
    """Every character that has another case."""
    return _scan(lambda c: c.lower() != c or c.upper() != c)


# ---- named sets ----

DIGITS = of("0-9")
WORD = of("A-Za-z0-9_")
SPACES = of(" \t\n\x0b\f\r")
LINE_ENDS = of("\n\r\x85\u2028\u2029")
VERTICAL = of("\n\x0b\f\r\x85\u2028\u2029")
HORIZONTAL = of(" \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000")

_PUNCTUATION = of("!-/:-@[-`{-~")
_POSIX = {
    "Lower": of("a-z"),
    "Upper": of("A-Z"),
    "ASCII": of("\x00-\x7f"),
    "Alpha": of("A-Za-z"),
    "Digit": DIGITS,
    "Alnum": of("A-Za-z0-9"),
    "Punct": _PUNCTUATION,
    "Graph": of("!-~"),
    "Print": of(" -~"),
    "Blank": of(" \t"),
    "Cntrl": of("\x00-\x1f\x7f"),
    "XDigit": of("0-9A-Fa-f"),
    "Space": SPACES,
}
_BINARY: dict[str, Callable[[str], bool]] = {
    "alphabetic": str.isalpha,
    "uppercase": str.isupper,
    "lowercase": str.islower,
    "white_space": str.isspace,
    "whitespace": str.isspace,
    "letter": str.isalpha,
    "digit": lambda c: unicodedata.category(c) == "Nd",
    "punctuation": lambda c: unicodedata.category(c)[0] == "P",
    "ideographic": lambda c: unicodedata.name(c, "").startswith("CJK UNIFIED IDEOGRAPH"),
}
_SCRIPTS = {
    **{
        name: name.upper() + " "
        for name in (
            "latin",
            "greek",
            "cyrillic",
            "hebrew",
            "arabic",
            "thai",
            "hiragana",
            "katakana",
            "hangul",
            "devanagari",
            "armenian",
            "georgian",
        )
    },
    "han": "CJK ",
}
_CATEGORIES = frozenset(
    "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po "
    "S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Cs Co Cn".split()
)


@lru_cache(maxsize=128)
def named(name: str) -> CharSet | None:
    """The set of a property such as `Alpha`, `Lu`, `IsAlphabetic` or `gc=Nd`; None when unknown."""
    posix = _POSIX.get(name)
    if posix is not None:
        return posix
    if name.startswith("java"):
        name = "Is" + name[4:].replace("UpperCase", "Uppercase").replace("LowerCase", "Lowercase")
    key, equals, value = name.partition("=")
    short = value if equals else name.removeprefix("Is")
    if (not equals or key.lower() in ("gc", "general_category")) and short in _CATEGORIES:
        return _scan(lambda c: unicodedata.category(c).startswith(short))
    if short == "LC":
        return _scan(lambda c: unicodedata.category(c) in ("Lu", "Ll", "Lt"))
    if not equals and short != name and short.lower() in _BINARY:
        return _scan(_BINARY[short.lower()])
    if (key.lower() in ("sc", "script") if equals else short != name) and short.lower() in _SCRIPTS:
        prefix = _SCRIPTS[short.lower()]
        return _scan(lambda c: c.isalpha() and unicodedata.name(c, "").startswith(prefix))
    return None


def _scan(test: Callable[[str], bool]) -> CharSet:
    """The characters that pass a test."""
    out: list[tuple[int, int]] = []
    start = -1
    for code in range(MAX_CODE + 2):
        passes = code <= MAX_CODE and test(chr(code))
        if passes and start < 0:
            start = code
        elif not passes and start >= 0:
            out.append((start, code - 1))
            start = -1
    return tuple(out)
