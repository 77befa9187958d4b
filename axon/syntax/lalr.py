"""The LALR(1) automaton: tokens to nodes along the tables that Lark made.

The same algorithm as Lark's own parser. What it adds is speed: nodes are made during the run, without a tree
in between; a chain of reductions that only renames (a term that is a product that is a sum …) is one look-up;
and the region of a node comes from the tokens, not from its children. Nothing here recurses, so nesting is
limited by the token pass only.
"""

from __future__ import annotations

from typing import Any, Final

from axon.source import Loc
from axon.syntax.build import BUILD, LISTS
from axon.syntax.newlines import Arranged
from axon.syntax.tables import Tables, load

__all__ = ["Automaton", "Unexpected", "automaton"]


class Unexpected(Exception):
    """The token at `position` of the arranged tokens can't stand there."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class Automaton:
    """The tables in the form that runs fastest; made once, used by all threads."""

    __slots__ = ("builders", "heads", "lists", "memo", "renames", "sizes", "tables")

    def __init__(self, tables: Tables) -> None:
        rules = tables.rules
        self.tables = tables
        self.sizes: list[int] = [size for _, size, _ in rules]
        self.heads: list[str] = [head for head, _, _ in rules]
        self.builders = [BUILD.get(name) for _, _, name in rules]
        self.lists = [LISTS.get(name) for _, _, name in rules]
        self.renames = frozenset(number for number, (_, _, name) in enumerate(rules) if not name)
        self.memo: dict[tuple[int, str, str], int] = {}

    def run(self, arranged: Arranged) -> Any:
        """The node of all the tokens.

        Long and with everything in locals, because this loop sets the parse rate.

        Raises:
            Unexpected: a token that can't stand where it does.
        """
        actions, memo, step = self.tables.actions, self.memo, self.step
        sizes, heads, builders, lists = self.sizes, self.heads, self.builders, self.lists
        scanned = arranged.scanned
        tokens, starts, source = scanned.tokens, scanned.line_starts, scanned.source
        new = tuple.__new__
        # There is one state more than values: the first, before any.
        states = [0]
        values: list[Any] = []
        firsts: list[int] = []
        state = last = 0
        row = actions[0]
        for position, kind in enumerate(arranged.kinds):
            index = arranged.indexes[position]
            while True:
                try:
                    action = row[kind]
                except KeyError:
                    raise Unexpected(position) from None
                if action >= 0:
                    break
                rule = ~action
                size = sizes[rule]
                if size == 1:
                    parts = [values.pop()]
                    first = firsts.pop()
                    states.pop()
                else:
                    base = len(firsts) - size
                    parts = values[base:]
                    first = firsts[base]
                    del values[base:], firsts[base:], states[base + 1 :]
                collect = lists[rule]
                if collect is not None:
                    values.append(collect(parts))
                else:
                    a, b = tokens[first], tokens[last]
                    line, end_line = a[4], b[5]
                    place = (line, a[2] - starts[line] + 1, end_line, b[3] - starts[end_line] + 1, source)
                    loc = new(Loc, place)
                    values.append(builders[rule](parts, loc))  # type: ignore[misc]
                firsts.append(first)
                key = (states[-1], heads[rule], kind)
                try:
                    state = memo[key]
                except KeyError:
                    state = memo[key] = step(*key)
                states.append(state)
                row = actions[state]
            states.append(action)
            row = actions[action]
            values.append(tokens[index][1])
            firsts.append(index)
            last = index
        return values[0]

    def step(self, state: int, head: str, kind: str) -> int:
        """The state after `head` was recognised in `state`, past all reductions that only rename it."""
        after = self.tables.gotos[state][head]
        while (action := self.tables.actions[after].get(kind, 0)) < 0 and ~action in self.renames:
            head = self.heads[~action]
            after = self.tables.gotos[state][head]
        return after

    def allowed(self, kinds: list[str]) -> frozenset[str]:
        """The kinds of token that could follow these.

        An automaton of this sort reduces before it sees that a token does not fit, so the stack on which it
        stopped knows less than the one after the last good token: that is made again here.
        """
        stack = [0]
        for kind in kinds:
            self._shift(stack, kind)
        terminals = {kind for row in self.tables.actions for kind in row}
        return frozenset(kind for kind in terminals if self._shift(list(stack), kind))

    def _shift(self, stack: list[int], kind: str) -> bool:
        """Take a token in: change the stack of states as `run` does. False when it does not fit."""
        while (action := self.tables.actions[stack[-1]].get(kind)) is not None:
            if action >= 0:
                stack.append(action)
                return True
            del stack[-self.sizes[~action] :]
            stack.append(self.tables.gotos[stack[-1]][self.heads[~action]])
        return False


_cached: Final[list[Automaton]] = []


def automaton() -> Automaton:
    """The automaton of the language."""
    if not _cached:
        _cached.append(Automaton(load()))
    return _cached[0]
