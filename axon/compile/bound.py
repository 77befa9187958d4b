"""Variables and functions as `resolve` finds them, and what is bound at a point while it walks."""

from __future__ import annotations

from collections.abc import Iterable

from axon.syntax import nodes as n

__all__ = ["Binding", "ScopeInfo", "State", "Variable"]


class Variable:
    """One definition site of a name in one function (or at the root)."""

    __slots__ = ("assigned", "begins", "cell", "defs", "func", "name", "param", "preset", "scope")

    def __init__(
        self,
        name: str,
        scope: ScopeInfo,
        *,
        param: bool = False,
        defs: int = 0,
        assigned: bool = False,
        preset: bool = False,
    ) -> None:
        self.name = name
        self.scope = scope
        self.param = param
        self.cell = False
        self.defs = defs
        self.assigned = assigned
        self.func: n.Func | None = None
        self.begins = ""
        self.preset = preset

    @property
    def constant_func(self) -> n.Func | None:
        """The lambda that this variable always holds once it is bound, if there is just one."""
        return self.func if self.defs == 1 and not self.assigned and not self.param else None


class ScopeInfo:
    """A function of the program, or its root. `index` is its number in pre-order, -1 for the root.

    `inlined`: a lambda that always runs in the frame of the function around it (`loops`).
    """

    __slots__ = ("func", "index", "inlined", "name", "parent", "vars")

    def __init__(
        self, func: n.Func | None, parent: ScopeInfo | None, index: int, name: str, inlined: bool = False
    ) -> None:
        self.func = func
        self.parent = parent
        self.index = index
        self.name = name
        self.vars: dict[str, Variable] = {}
        self.inlined = inlined

    @property
    def root(self) -> bool:
        """Whether it is the root frame of the program."""
        return self.parent is None


class Binding:
    """What one name in the text can mean: `choices` in the order to try; the last is bound if `sure`.

    With no choice left the name is looked up at run time: root frame of the caller, then top-level functions.
    """

    __slots__ = ("choices", "sure")

    def __init__(self, choices: tuple[Variable, ...], sure: bool) -> None:
        self.choices = choices
        self.sure = sure


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
