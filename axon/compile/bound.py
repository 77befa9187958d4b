"""What is bound at a point of a function, while `resolve` walks it in the order of evaluation."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["State"]


class State:
    """Which variables are bound for certain (`sure`) or perhaps (`maybe`) at a point of one function.

    `log` tells what was bound since, so that the ways through a branch need no copies.
    """

    __slots__ = ("log", "maybe", "sure")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.sure = set(names)
        self.maybe = set(self.sure)
        self.log: list[tuple[str, bool]] = []

    def bind(self, name: str) -> None:
        """From here on it is bound."""
        if name not in self.sure:
            self.sure.add(name)
            self.log.append((name, True))
        self.guess(name)

    def guess(self, name: str) -> None:
        """From here on it may be bound."""
        if name not in self.maybe:
            self.maybe.add(name)
            self.log.append((name, False))

    def undo(self, mark: int) -> tuple[set[str], set[str]]:
        """Go back to where the log was that long; gives what was bound since, for certain and perhaps."""
        sure: set[str] = set()
        maybe: set[str] = set()
        for name, certain in self.log[mark:]:
            (sure if certain else maybe).add(name)
        del self.log[mark:]
        self.sure -= sure
        self.maybe -= maybe
        return sure, maybe
