"""Display names: which tag names a dict, and text with macros such as `$siteRef ${name}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from axon.values.show import to_str
from pylib.kinds import Ref

__all__ = ["dict_dis", "expand_macro", "ref_dis"]

Resolve: TypeAlias = Callable[[Ref], "Mapping[str, Any] | None"]

_MACRO = re.compile(r"\$(?:([a-z][A-Za-z0-9_]*)|\{([a-z][A-Za-z0-9_]*)\})")

#: Records are named through each other at most that deep.
_MAX_DEPTH = 8


def dict_dis(tags: Mapping[str, Any], resolve: Resolve | None = None, depth: int = 0) -> str:
    """The display name of a dict.

    It is the first of its tags `dis`, `disMacro`, `disKey`, `name`, `def`, `tag`, `id`, without any of them
    the text of the dict. `resolve` finds the record of a ref that has no display
    text of its own.
    """
    for name in ("dis", "disMacro", "disKey", "name", "def", "tag", "id"):
        val = tags.get(name)
        if val is None:
            continue
        if name == "disMacro":
            return expand_macro(to_str(val), tags, resolve, depth)
        return val.dis() if type(val) is Ref else to_str(val)
    return to_str(tags)


def ref_dis(ref: Ref, resolve: Resolve | None, depth: int = 0) -> str:
    """The display text of a ref, else the display name of its record, else its id."""
    if ref.dis_text is None and resolve is not None and depth < _MAX_DEPTH:
        rec = resolve(ref)
        if rec is not None:
            return dict_dis(rec, resolve, depth + 1)
    return ref.dis()


def expand_macro(text: str, tags: Mapping[str, Any], resolve: Resolve | None = None, depth: int = 0) -> str:
    """Replace `$tag` and `${tag}` by the text of the tag, a ref by its display text.

    What names no tag stays as it is written; so does `$<pod::key>`, for there are no localised texts here.
    """

    def value(m: re.Match[str]) -> str:
        val = tags.get(m[1] or m[2])
        if val is None:
            return m[0]
        return ref_dis(val, resolve, depth) if type(val) is Ref else to_str(val)

    return _MACRO.sub(value, text)
