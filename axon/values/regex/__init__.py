"""Regular expressions in the syntax of the reference (`java.util.regex`).

A pattern is read into nodes (`read`), which Python's `re` runs (`write`). Where that might take for ever on
the text at hand (`cost`), and for what `re` can't do, a matcher of our own runs them (`walk`). Both find the
same matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache

from axon.values.regex.cost import Cost, cost_of
from axon.values.regex.read import Parsed, read
from axon.values.regex.walk import Walker
from axon.values.regex.write import write

__all__ = ["Regex", "compile_regex"]


@lru_cache(maxsize=512)
def compile_regex(pattern: str) -> Regex:
    """Read a pattern; the same one is read once.

    Raises:
        ArgErr: no regular expression.
    """
    return Regex(read(pattern))


class Regex:
    """A regular expression."""

    def __init__(self, parsed: Parsed) -> None:
        self._node = parsed.node
        self._groups = parsed.groups
        self._re: re.Pattern[str] | None = None
        try:
            self._re = re.compile(write(parsed.node), re.ASCII)
        except (re.error, OverflowError, RecursionError):
            self._prepare()

    @cached_property
    def _walker(self) -> Walker:
        return Walker(self._node, self._groups)

    def _prepare(self) -> Walker:
        """Make the walker now, so that a pattern which nothing can run is refused when it is read."""
        return self._walker

    @cached_property
    def _search_cost(self) -> Cost:
        return cost_of(self._node, whole=False)

    @cached_property
    def _full_cost(self) -> Cost:
        return cost_of(self._node, whole=True)

    def full_match(self, text: str) -> bool:
        """Whether the whole text matches."""
        if self._re is not None and not self._full_cost.too_high(text, anchored=True):
            return self._re.fullmatch(text) is not None
        return self._walker.full_match(text)

    def find(self, text: str) -> str | None:
        """The first match in the text."""
        groups = self.groups(text)
        return None if groups is None else groups[0]

    def groups(self, text: str) -> list[str | None] | None:
        """The first match in the text, and its groups; None for one that took no part."""
        if self._re is not None and not self._search_cost.too_high(text, anchored=False):
            m = self._re.search(text)
            return None if m is None else [m[0], *m.groups()]
        spans = self._walker.search(text)
        if spans is None:
            return None
        return [
            None if start < 0 else text[start:end] for start, end in zip(spans[::2], spans[1::2], strict=True)
        ]

    def find_all(self, text: str) -> list[str]:
        """All matches, one behind the other."""
        if self._re is not None and not self._search_cost.too_high(text, anchored=False):
            return [m[0] for m in self._re.finditer(text)]
        return list(self._walk_all(text))

    def _walk_all(self, text: str) -> Iterator[str]:
        at = 0
        while at <= len(text):
            spans = self._walker.search(text, at)
            if spans is None:
                return
            start, end = spans[:2]
            yield text[start:end]
            at = end if end > start else end + 1
