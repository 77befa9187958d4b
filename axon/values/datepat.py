"""Date and time patterns such as `WWW D-MMM-YYYY hh:mm`, cut into symbols.

A run of one letter is one symbol; text in single quotes is literal, two quotes are a quote; what is no ASCII
letter stands for itself. `datefmt` writes dates by them, `dateparse` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from axon.errors import ArgErr

__all__ = ["LITERAL", "PUNCTUATION", "PatternSymbol", "symbols"]

#: Kinds of symbol that are no letter: quoted text, and a character that stands for itself.
LITERAL = "'"
PUNCTUATION = "."

#: How often each letter may stand in a row; fractions as often as one likes.
_COUNTS: dict[str, tuple[int, ...]] = {
    "Y": (2, 4),
    "M": (1, 2, 3, 4),
    "D": (1, 2, 3),
    "W": (3, 4),
    "V": (1, 2, 3),
    "Q": (1, 3, 4),
    "h": (1, 2),
    "k": (1, 2),
    "m": (1, 2),
    "s": (1, 2),
    "S": (1, 2),
    "a": (1, 2),
    "A": (1, 2),
    "z": (1, 3, 4),
    "f": (),
    "F": (),
}


@dataclass(frozen=True, slots=True)
class PatternSymbol:
    """A symbol: a pattern letter and how often it stands there, or some text.

    `optional` is set on punctuation that goes with the optional seconds or fraction behind it: the letter
    of that symbol.
    """

    kind: str
    count: int = 1
    text: str = ""
    optional: str = ""


@lru_cache(maxsize=256)
def symbols(pattern: str) -> tuple[PatternSymbol, ...]:
    """Cut a pattern into its symbols.

    Raises:
        ArgErr: a letter that means nothing or stands too often in a row, or a quote that is not closed.
    """
    out: list[PatternSymbol] = []
    i = 0
    while i < len(pattern):
        c = pattern[i]
        if c == "'":
            end = pattern.find("'", i + 1)
            if end < 0:
                raise ArgErr("Invalid pattern: unterminated literal")
            out.append(PatternSymbol(LITERAL, text=pattern[i + 1 : end] or "'"))
            i = end + 1
            continue
        end = i + 1
        if c.isascii() and c.isalpha():
            while end < len(pattern) and pattern[end] == c:
                end += 1
            out.append(_letter(c, end - i))
        else:
            follows = pattern[end : end + 1]
            out.append(PatternSymbol(PUNCTUATION, text=c, optional=follows if follows in ("F", "S") else ""))
        i = end
    return tuple(out)


def _letter(c: str, count: int) -> PatternSymbol:
    allowed = _COUNTS.get(c)
    if allowed is None:
        raise ArgErr(f"Invalid pattern: unsupported char '{c}'")
    if allowed and count not in allowed:
        raise ArgErr(f"Invalid pattern: unsupported num of '{c}' (x{count})")
    return PatternSymbol(c, count)
