"""Matching in time bounded by the size of the pattern times that of the text.

The pattern becomes a small program (Thompson's construction) that is run by backtracking, but never twice
from the same choice at the same place: what failed once fails again. So the first way that leads to a match
is found in the order of preference, as by any backtracking matcher, without its blow-up. Groups, lazy and
counted repeats and atomic groups work, and look-around of any width, which may cost one more pass over the
text for each place. Only a back-reference makes the outcome depend on how a place was reached; a pattern
with one gets a limited number of steps instead.

A round of a loop that takes no character ends the loop.

Source: R. Cox, "Regular Expression Matching: the Virtual Machine Approach" (2009).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from axon.errors import ArgErr, Err
from axon.values.regex import charset as cs
from axon.values.regex.charset import CharSet
from axon.values.regex.nodes import (
    Alt,
    Atomic,
    Backref,
    Chars,
    Group,
    Look,
    Node,
    Repeat,
    Seq,
    nullable,
    widths,
)

__all__ = ["Walker"]

MAX_CODE_SIZE = 20_000
MAX_TEXT = 10_000_000
MAX_STEPS = 1_000_000

_CHAR, _SPLIT, _AGAIN, _JUMP, _SAVE, _ASSERT, _LOOK, _ATOMIC, _BACKREF, _MATCH = range(10)

Spans = list[int]
"""Start and end of the match and of each group, -1 where it did not take part."""

Code = list[tuple[int, Any, Any, int]]
"""Instructions: what, two arguments, and for a choice the bit that stands for it."""


class Walker:
    """A pattern as a program."""

    def __init__(self, node: Node, groups: int) -> None:
        self.slots = 2 * (groups + 1)
        compiler = _Compiler()
        self.code = compiler.program(node)
        self.has_backrefs = compiler.has_backrefs

    def full_match(self, text: str) -> bool:
        """Whether the whole text matches.

        Raises:
            Err: the text is too long, or a pattern with back-references takes too many steps.
        """
        return _Run(self, text).match(self.code, 0, len(text), {}) >= 0

    def search(self, text: str, start: int = 0) -> Spans | None:
        """The first match from `start` on.

        Raises:
            Err: the text is too long, or a pattern with back-references takes too many steps.
        """
        run = _Run(self, text)
        tried: dict[int, int] = {}
        for at in range(start, len(text) + 1):
            end = run.match(self.code, at, None, tried)
            if end >= 0:
                run.spans[:2] = at, end
                return run.spans
        return None


class _Test:
    """Whether a character is in a set: a table for the first 256, ranges for the others."""

    __slots__ = ("chars", "starts", "table")

    def __init__(self, chars: CharSet) -> None:
        self.chars = chars
        self.table = bytes(cs.has(chars, code) for code in range(256))
        self.starts = [low for low, _ in chars]

    def __call__(self, code: int) -> bool:
        if code < 256:
            return self.table[code] == 1
        at = bisect_right(self.starts, code) - 1
        return at >= 0 and code <= self.chars[at][1]


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """A program for a look-around or an atomic group."""

    code: Code
    behind: bool = False
    negative: bool = False
    least: int = 0
    most: int = 0


class _Compiler:
    """Nodes to instructions."""

    def __init__(self) -> None:
        self.has_backrefs = False
        self.size = 0
        self.splits = 0

    def program(self, node: Node) -> Code:
        code: Code = []
        self.emit(code, node)
        code.append((_MATCH, None, None, 0))
        return code

    def add(self, code: Code, what: int, a: Any = None, b: Any = None) -> int:
        self.size += 1
        if self.size > MAX_CODE_SIZE:
            raise ArgErr("regex: pattern is too large: its counted repetitions make too many parts")
        code.append((what, a, b, 0))
        return len(code) - 1

    def set_split(self, code: Code, split: int, first: int, second: int) -> None:
        code[split] = (_SPLIT, first, second, 1 << self.splits)
        self.splits += 1

    def emit(self, code: Code, node: Node) -> None:
        if isinstance(node, Chars):
            self.add(code, _CHAR, _Test(node.chars))
        elif isinstance(node, Seq):
            for item in node.items:
                self.emit(code, item)
        elif isinstance(node, Alt):
            self.emit_alt(code, node)
        elif isinstance(node, Group):
            self.add(code, _SAVE, 2 * node.number)
            self.emit(code, node.item)
            self.add(code, _SAVE, 2 * node.number + 1)
        elif isinstance(node, Repeat):
            self.emit_repeat(code, node)
        elif isinstance(node, Atomic):
            self.add(code, _ATOMIC, _Side(self.program(node.item)))
        elif isinstance(node, Look):
            self.add(code, _LOOK, self.look(node))
        elif isinstance(node, Backref):
            self.has_backrefs = True
            self.add(code, _BACKREF, node.number, node.fold)
        else:
            self.add(code, _ASSERT, _ASSERTIONS[node.kind], node.unix)

    def look(self, node: Look) -> _Side:
        least, most = widths(node.item)
        if node.behind and most is None:
            raise ArgErr("Invalid regex: Look-behind group does not have an obvious maximum length")
        return _Side(self.program(node.item), node.behind, node.negative, least, most or 0)

    def emit_alt(self, code: Code, node: Alt) -> None:
        jumps = []
        for option in node.options[:-1]:
            split = self.add(code, _SPLIT)
            self.emit(code, option)
            jumps.append(self.add(code, _JUMP))
            self.set_split(code, split, split + 1, len(code))
        self.emit(code, node.options[-1])
        for jump in jumps:
            code[jump] = (_JUMP, len(code), None, 0)

    def emit_repeat(self, code: Code, node: Repeat) -> None:
        for _ in range(node.least):
            self.emit(code, node.item)
        if node.most is None:
            self.emit_star(code, node)
            return
        splits = []
        for _ in range(node.most - node.least):
            splits.append(self.add(code, _SPLIT))
            self.emit(code, node.item)
        for split in splits:
            self.set_loop(code, split, len(code), node.lazy)

    def emit_star(self, code: Code, node: Repeat) -> None:
        """`x*`: a choice, `x`, and back; where `x` may take nothing, a check on the way back."""
        split = self.add(code, _SPLIT)
        self.emit(code, node.item)
        again = self.add(code, _AGAIN if nullable(node.item) else _JUMP, split)
        self.set_loop(code, split, len(code), node.lazy)
        if code[again][0] == _AGAIN:
            code[again] = (_AGAIN, split, len(code), code[split][3])

    def set_loop(self, code: Code, split: int, out: int, lazy: bool) -> None:
        self.set_split(code, split, *((out, split + 1) if lazy else (split + 1, out)))


class _Run:
    """One search in one text: groups, and what was tried already."""

    def __init__(self, walker: Walker, text: str) -> None:
        if len(text) > MAX_TEXT:
            raise Err(f"regex: this pattern takes texts of at most {MAX_TEXT} characters, got {len(text)}")
        self.text = text
        self.spans: Spans = [-1] * walker.slots
        self.sides: dict[tuple[int, int], tuple[int, Spans]] = {}
        self.has_backrefs = walker.has_backrefs
        self.steps = 0

    def match(self, code: Code, at: int, goal: int | None, tried: dict[int, int]) -> int:
        """The end of the first match that starts at a place (and ends at `goal`), or -1.

        `tried` holds, by place, the choices that were taken there; after a match it is of no more use.
        """
        text, spans, size = self.text, self.spans, len(self.text)
        stack: list[tuple[int, int, int]] = [(0, at, -1)]
        while stack:
            pc, at, restored = stack.pop()
            if restored >= 0:
                spans[restored] = at
                continue
            while True:
                what, a, b, bit = code[pc]
                if what == _CHAR:
                    if at >= size or not a(ord(text[at])):
                        break
                    at += 1
                elif what == _SPLIT:
                    seen = tried.get(at, 0)
                    if seen & bit and not self.has_backrefs:
                        break
                    tried[at] = seen | bit
                    self.count()
                    stack.append((b, at, -1))
                    pc = a
                    continue
                elif what == _AGAIN:
                    pc = b if tried.get(at, 0) & bit else a
                    continue
                elif what == _JUMP:
                    pc = a
                    continue
                elif what == _SAVE:
                    stack.append((0, spans[a], a))
                    spans[a] = at
                elif what == _MATCH:
                    if goal is None or at == goal:
                        return at
                    break
                else:
                    at = self.step(what, a, b, at, stack)
                    if at < 0:
                        break
                pc += 1
        return -1

    def count(self) -> None:
        """Limit the steps where a choice may be taken again at the same place."""
        self.steps += 1
        if self.steps > MAX_STEPS and self.has_backrefs:
            raise Err(f"regex: no end after {MAX_STEPS} steps: the pattern is too ambiguous for this text")

    def step(self, what: int, a: Any, b: Any, at: int, stack: list[tuple[int, int, int]]) -> int:
        """An instruction that is no character and no choice: the place behind it, or -1."""
        if what == _ASSERT:
            return at if a(self.text, at, b) else -1
        if what == _BACKREF:
            return self.back_reference(a, b, at)
        end, found = self.side(a, at)
        if what == _LOOK and a.negative:
            return at if end < 0 else -1
        if end >= 0:
            for slot, val in enumerate(found):
                if val != self.spans[slot]:
                    stack.append((0, self.spans[slot], slot))
                    self.spans[slot] = val
        return end if what == _ATOMIC or end < 0 else at

    def side(self, side: _Side, at: int) -> tuple[int, Spans]:
        """Run a program of its own at a place: the end of its match or -1, and the groups then."""
        key = (id(side), at)
        known = None if self.has_backrefs else self.sides.get(key)
        if known is None:
            saved = self.spans
            self.spans = saved.copy()
            end = -1
            tried: dict[int, int] = {}
            starts = range(at - side.least, at - side.most - 1, -1) if side.behind else (at,)
            for start in starts:
                if start < 0 or end >= 0:
                    break
                end = self.match(side.code, start, at if side.behind else None, tried)
            known, self.spans = (end, self.spans), saved
            self.sides[key] = known
        return known

    def back_reference(self, number: int, fold: bool, at: int) -> int:
        start, end = self.spans[2 * number : 2 * number + 2]
        if start < 0 or end < start:
            return -1
        want = self.text[start:end]
        got = self.text[at : at + len(want)]
        same = got == want or (fold and got.lower() == want.lower())
        return at + len(want) if same else -1


# ---- assertions ----

_LINE_ENDS = frozenset("\n\r\x85\u2028\u2029")


def _is_line_end(text: str, at: int, unix: bool) -> bool:
    c = text[at : at + 1]
    if unix:
        return c == "\n"
    return c in _LINE_ENDS and not (c == "\n" and text[max(at - 1, 0) : at] == "\r")


def _at_last(text: str, at: int, unix: bool) -> bool:
    if at == len(text):
        return True
    size = 2 if not unix and text.startswith("\r\n", at) else 1
    return at + size == len(text) and _is_line_end(text, at, unix)


def _at_line_start(text: str, at: int, unix: bool) -> bool:
    if at == 0:
        return True
    c = text[at - 1]
    ends = c == "\n" if unix else c in _LINE_ENDS and not (c == "\r" and text[at : at + 1] == "\n")
    return ends and at < len(text)


def _at_word_edge(text: str, at: int, unix: bool) -> bool:
    before = at > 0 and _is_word(text[at - 1])
    return before != (at < len(text) and _is_word(text[at]))


def _is_word(c: str) -> bool:
    return c == "_" or (c.isascii() and c.isalnum())


_ASSERTIONS: dict[str, Callable[[str, int, bool], bool]] = {
    "start": lambda text, at, unix: at == 0,
    "end": lambda text, at, unix: at == len(text),
    "last": _at_last,
    "line_start": _at_line_start,
    "line_end": lambda text, at, unix: at == len(text) or _is_line_end(text, at, unix),
    "word": _at_word_edge,
    "inside": lambda text, at, unix: not _at_word_edge(text, at, unix),
}
