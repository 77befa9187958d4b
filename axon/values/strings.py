"""What the string functions share: white space and ASCII case. Sizes are in `axon.values.utf16`."""

from __future__ import annotations

__all__ = ["SPACES", "ascii_lower", "ascii_upper"]

#: The characters that `trim` and `split` take for white space: U+0020 and everything below.
SPACES = "".join(map(chr, range(0x21)))

_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def ascii_upper(text: str) -> str:
    """Small ASCII letters as capitals; everything else as it is."""
    return text.upper() if text.isascii() else text.translate(_UPPER)


def ascii_lower(text: str) -> str:
    """ASCII capitals as small letters; everything else as it is."""
    return text.lower() if text.isascii() else text.translate(_LOWER)
