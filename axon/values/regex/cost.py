"""What a pattern can cost Python's backtracking matcher, at worst.

`re` tries one way after the other, and holds the interpreter while it does: a pattern such as `(a+)+b` can
keep it busy for ever. Here each place is found where a match may go on in two ways: a loop whose character
may also start what follows, alternatives that start alike. Such a place inside of a loop means a cost that
grows exponentially; outside, one more power of the size. Where the estimate is too high, `walk` does the
matching: slower on simple text, but never worse than pattern times text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations

from axon.values.regex import charset as cs
from axon.values.regex.charset import CharSet
from axon.values.regex.nodes import (
    Alt,
    Assert,
    Atomic,
    Backref,
    Chars,
    Group,
    Look,
    Node,
    Repeat,
    Seq,
    nullable,
)
from axon.values.regex.write import write_class

__all__ = ["Cost", "cost_of"]

#: More steps than this are too many.
MAX_STEPS = 2e7
#: A repetition up to this counts as so many choices, a longer one as a loop.
_SHORT = 50
_MAX_CHOICES = 10_000


@dataclass(frozen=True, slots=True)
class _Loop:
    """A loop: the characters it runs over (None: more than one at a time), whether its end is certain."""

    chars: CharSet | None
    certain: bool


@dataclass(slots=True)
class Cost:
    """What makes a pattern expensive."""

    loops: list[_Loop] = field(default_factory=list)
    choices: int = 1
    exponential: bool = False

    def too_high(self, text: str, anchored: bool) -> bool:
        """Whether matching this text may take too many steps; `anchored` at its start only."""
        if self.exponential:
            return True
        size = len(text) + 1
        if self._estimate([size] * len(self.loops), 1 if anchored else size) <= MAX_STEPS:
            return False
        longest = [size if loop.chars is None else _longest_run(loop.chars, text) for loop in self.loops]
        return self._estimate(longest, 1 if anchored else size) > MAX_STEPS

    def _estimate(self, longest: list[int], starts: int) -> float:
        steps = float(starts * self.choices)
        steps *= 1 + sum(n for n, loop in zip(longest, self.loops, strict=True) if loop.certain)
        for n, loop in zip(longest, self.loops, strict=True):
            if not loop.certain:
                steps *= n + 1
        return steps


def _longest_run(chars: CharSet, text: str) -> int:
    """The length of the longest part of the text made of these characters only."""
    return max((len(m[0]) for m in re.finditer(f"{write_class(chars)}++", text)), default=0)


def cost_of(node: Node, whole: bool) -> Cost:
    """Look through a pattern; `whole` if it must match up to the end of the text."""
    out = Cost()
    _Visitor(out).visit(node, cs.NONE, whole, False)
    if out.choices > _MAX_CHOICES:
        out.exponential = True
    return out


def _first(node: Node) -> CharSet:
    """The characters with which a match of the node may start."""
    if isinstance(node, Chars):
        return node.chars
    if isinstance(node, (Group, Atomic, Repeat)):
        return _first(node.item)
    if isinstance(node, Alt):
        return cs.either(*map(_first, node.options))
    if isinstance(node, Seq):
        sets = []
        for item in node.items:
            sets.append(_first(item))
            if not nullable(item):
                break
        return cs.either(*sets)
    return cs.ALL if isinstance(node, Backref) else cs.NONE


def _can_fail(node: Node) -> bool:
    if isinstance(node, Repeat):
        return node.least > 0 and _can_fail(node.item)
    if isinstance(node, (Group, Atomic)):
        return _can_fail(node.item)
    if isinstance(node, Seq):
        return any(map(_can_fail, node.items))
    return all(map(_can_fail, node.options)) if isinstance(node, Alt) else True


class _Visitor:
    """Goes through a pattern with what may follow each part of it."""

    def __init__(self, out: Cost) -> None:
        self.out = out

    def visit(self, node: Node, follow: CharSet, fallible: bool, looped: bool) -> None:
        """Note what a part costs.

        Args:
            follow: the characters with which a match may go on behind the part.
            fallible: whether what follows can fail, so that the part is tried in other ways.
            looped: whether the part is inside of a loop.
        """
        if isinstance(node, Seq):
            for item in reversed(node.items):
                self.visit(item, follow, fallible, looped)
                follow = cs.either(_first(item), follow) if nullable(item) else _first(item)
                fallible = fallible or _can_fail(item)
        elif isinstance(node, Alt):
            self.visit_alt(node, follow, fallible, looped)
        elif isinstance(node, Group):
            self.visit(node.item, follow, fallible, looped)
        elif isinstance(node, (Atomic, Look)):
            self.visit(node.item, cs.NONE, False, False)
        elif isinstance(node, Repeat):
            self.visit_repeat(node, follow, fallible, looped)
        else:
            assert isinstance(node, (Chars, Assert, Backref))

    def choice(self, ways: int, looped: bool) -> None:
        self.out.choices = min(self.out.choices * ways, 2 * _MAX_CHOICES)
        self.out.exponential |= looped

    def visit_alt(self, node: Alt, follow: CharSet, fallible: bool, looped: bool) -> None:
        starts = [cs.either(_first(n), follow) if nullable(n) else _first(n) for n in node.options]
        if fallible and any(cs.overlap(a, b) for a, b in combinations(starts, 2)):
            self.choice(len(starts), looped)
        for option in node.options:
            self.visit(option, follow, fallible, looped)

    def visit_repeat(self, node: Repeat, follow: CharSet, fallible: bool, looped: bool) -> None:
        fixed = node.least == node.most
        certain = fixed or not cs.overlap(_first(node.item), follow)
        long = node.most is None or node.most > _SHORT
        again = node.most is None or node.most > 1
        item = node.item
        while isinstance(item, Group):
            item = item.item
        if again and not isinstance(item, Chars):
            self.visit(item, cs.either(_first(item), follow), True, True)
        elif not again:
            self.visit(item, follow, fallible, looped)
        if not (fallible or looped):
            return
        if long:
            self.out.loops.append(_Loop(item.chars if isinstance(item, Chars) else None, certain))
            self.out.exponential |= looped and not certain
        elif not certain:
            self.choice((node.most or 0) - node.least + 1, looped)
