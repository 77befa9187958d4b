"""Tag names: what is one, and how any text is made into one.

Tag names are ASCII: a small letter, or an underscore followed by a letter or digit, then letters, digits and
underscores.
"""

from __future__ import annotations

import re

from axon.errors import ArgErr

__all__ = ["is_tag_name", "to_tag_name", "unique_names"]

is_tag_name = re.compile(r"(?:[a-z]|_[A-Za-z0-9])[A-Za-z0-9_]*\Z", re.ASCII).match
"""Truthy where the whole text is a tag name."""

_CAPITALS = re.compile(r"[A-Z]{2,}")
_SPACES = re.compile(r" +([a-z]?)")
_KEPT = re.compile(r"[A-Za-z0-9_]")


def to_tag_name(text: str) -> str:
    """Make a tag name of any text; one that already is comes back as it is.

    Raises:
        ArgErr: the text is empty.
    """
    if is_tag_name(text):
        return text
    if not text:
        raise ArgErr("toTagName: the text is empty")
    lead = _CAPITALS.match(text)
    if lead:
        text = lead[0].lower() + text[lead.end() :]
    text = _lower(text[0]) + _SPACES.sub(lambda m: m[1].upper(), text[1:])
    return _clean(text) or "v"


def _clean(text: str) -> str:
    """Drop what a tag name can't hold; see rule 4 of the reference for the first character."""
    out: list[str] = []
    last = len(text) - 1
    for i, c in enumerate(text):
        if _KEPT.match(c):
            if out:
                out.append(c)
            else:
                lone = c == "_" and not (last and text[1].isascii() and text[1].isalnum())
                out += ["v", c] if lone or c.isdigit() else [_lower(c)]
        elif c in ".-/" and i < last:
            out += ["_"] if out else ["v", "_"]
    return "".join(out)


def _lower(c: str) -> str:
    return c.lower() if c.isascii() else c


def unique_names(names: list[str]) -> list[str]:
    """The same names with `_1`, `_2` … behind the second, third … of equal ones."""
    taken: set[str] = set()
    next_: dict[str, int] = {}
    out = []
    for name in names:
        fresh, i = name, next_.get(name, 0)
        while fresh in taken:
            i += 1
            fresh = f"{name}_{i}"
        next_[name] = i
        taken.add(fresh)
        out.append(fresh)
    return out
