"""The parts of a regular expression, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from axon.values.regex.charset import CharSet

__all__ = [
    "Alt",
    "Assert",
    "Atomic",
    "Backref",
    "Chars",
    "Group",
    "Look",
    "Node",
    "Repeat",
    "Seq",
    "nullable",
    "widths",
]


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set."""

    chars: CharSet


@dataclass(frozen=True, slots=True)
class Seq:
    """One after the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alt:
    """The first of these that leads to a match."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What it matches is kept under a number."""

    item: Node
    number: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """From `least` to `most` times (None: no limit), as often as possible first, or as seldom if `lazy`."""

    item: Node
    least: int
    most: int | None
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class Atomic:
    """The first way in which it matches, and no other."""

    item: Node


@dataclass(frozen=True, slots=True)
class Look:
    """Matches ahead of (or `behind`) this place, or does not if `negative`; takes nothing."""

    item: Node
    behind: bool
    negative: bool


@dataclass(frozen=True, slots=True)
class Backref:
    """The text of a group again; with `fold` in any case."""

    number: int
    fold: bool


@dataclass(frozen=True, slots=True)
class Assert:
    """A condition on this place.

    `kind`: `start` and `end` of the text; `last` the end or before a last line end; `line_start`,
    `line_end`; `word` edge, `inside` no word edge. With `unix` only `\\n` ends a line.
    """

    kind: str
    unix: bool = False


Node: TypeAlias = Chars | Seq | Alt | Group | Repeat | Atomic | Look | Backref | Assert


def nullable(node: Node) -> bool:
    """Whether a node can match without taking a character."""
    return widths(node)[0] == 0


def widths(node: Node) -> tuple[int, int | None]:
    """The least and the most characters that a node takes; None where there is no limit."""
    if isinstance(node, Chars):
        return 1, 1
    if isinstance(node, (Assert, Look)):
        return 0, 0
    if isinstance(node, (Group, Atomic)):
        return widths(node.item)
    if isinstance(node, Backref):
        return 0, None
    if isinstance(node, Repeat):
        least, most = widths(node.item)
        return least * node.least, None if most is None or node.most is None else most * node.most
    parts = [widths(n) for n in (node.items if isinstance(node, Seq) else node.options)]
    mosts = [most for _, most in parts]
    if isinstance(node, Seq):
        return sum(least for least, _ in parts), None if None in mosts else sum(m for m in mosts if m)
    return min(least for least, _ in parts), None if None in mosts else max(m or 0 for m in mosts)
