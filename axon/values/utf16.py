"""Strings as the reference counts them: in UTF-16 units, of which a character beyond U+FFFF takes two.

Sizes, indexes and character codes of Axon strings are in these units. A Python string that holds no such
character needs no conversion, so every function here first looks for that.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

__all__ = ["codes", "is_wide", "join", "size", "split"]


def is_wide(text: str) -> bool:
    """Whether it holds a character that takes two units."""
    return not text.isascii() and len(text.encode("utf-16-le", "surrogatepass")) != 2 * len(text)


def size(text: str) -> int:
    """The number of units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def codes(text: str) -> Sequence[int]:
    """The units as numbers."""
    if text.isascii():
        return text.encode("ascii")
    raw = text.encode("utf-16-le", "surrogatepass")
    return struct.unpack(f"<{len(raw) // 2}H", raw)


def split(text: str) -> str:
    """The same text with one character per unit: pairs stand as two surrogates, so that indexes fit."""
    return "".join(map(chr, codes(text))) if is_wide(text) else text


def join(text: str) -> str:
    """The inverse of `split`: adjacent halves of a pair become one character again."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
