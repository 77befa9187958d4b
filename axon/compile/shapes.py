"""Kinds of dicts whose tags are known: `dict{a:i3,b:dict{c:str}}` is a dict that has at least these tags.

A kind is a text, so that equal ones are equal; a tag is in it only when its value is surely there and of a
known kind.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["is_dict", "shape", "shared_shape", "tag_kind"]

#: Longer kinds are not worth their making.
_MAX = 200


def is_dict(kind: str) -> bool:
    """Whether a kind is that of a dict."""
    return kind.startswith("dict")


def shape(tags: Iterable[tuple[str, str]]) -> str:
    """The kind of a dict with these tags, of these kinds; of two equal names the last one counts."""
    known = {
        name: "other" if kind.startswith("unit:") else kind for name, kind in tags if name.isidentifier()
    }
    parts = [f"{name}:{kind}" for name, kind in sorted(known.items()) if kind not in ("", "null")]
    made = f"dict{{{','.join(parts)}}}"
    return made if parts and len(made) <= _MAX else "dict"


def tag_kind(kind: str, name: str) -> str:
    """The kind that a tag has; "" when that is not known."""
    return _tags(kind).get(name, "") if kind.endswith("}") else ""


def shared_shape(kinds: Iterable[str]) -> str:
    """What dicts of several kinds have in common: tags that all have, of the same kind."""
    first, *rest = map(_tags, kinds)
    return shape((n, k) for n, k in first.items() if all(other.get(n) == k for other in rest))


def _tags(kind: str) -> dict[str, str]:
    """The tags of a kind, one level deep."""
    out: dict[str, str] = {}
    depth, start, name = 0, 5, ""
    for i in range(5, len(kind)):
        char = kind[i]
        if char == "{":
            depth += 1
        elif char == ":" and not name:
            name, start = kind[start:i], i + 1
        elif depth == 0 and char in ",}":
            out[name] = kind[start:i]
            name, start = "", i + 1
        elif char == "}":
            depth -= 1
    return out
