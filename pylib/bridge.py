"""Axon as session code sees it: functions that were given to it, and the object `axon`.

A call goes to the host as a request and waits; meanwhile the host may evaluate here again, to any depth. Only
the thread that runs the evaluation may call: another one gets an error instead of a deadlock.
"""

from __future__ import annotations

from _thread import get_ident

from pylib.calls import head_of
from pylib.objects import ByReference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Ask = Callable[[list[Any]], Any]

__all__ = ["Axon", "AxonError", "AxonFunction", "Caller"]


_WRONG_THREAD = "only the thread that runs the evaluation may call Axon"


class AxonError(Exception):
    """An error of Axon code that was called from here; `err` is the dict that Axon's `catch` would bind."""

    number = 0
    """Tells the host which of its errors this is, where one comes of it there."""

    def __init__(self, message: str, err: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.err = err or {}


class Caller:
    """Sends requests of session code, from the right thread only.

    Args:
        ask: sends a request and gives the value of its answer, or raises.
        call: sends the call of a function: what `head_of` gave, and the arguments; who calls it has looked at
            `thread`, the only one that may.
        drop: takes the number of a function that is not used any more.
    """

    def __init__(
        self, ask: Ask, call: Callable[[bytes, tuple[Any, ...]], Any], drop: Callable[[int], None]
    ) -> None:
        self.drop = drop
        self.call = call
        self.thread = get_ident()
        self._ask = ask

    @property
    def is_here(self) -> bool:
        """Whether this is the thread that runs evaluations."""
        return get_ident() == self.thread

    def __call__(self, *request: Any) -> Any:
        """Ask the host.

        Raises:
            RuntimeError: from another thread than the one that runs the evaluation.
            AxonError: Axon code failed, or the session may not do that.
        """
        if get_ident() != self.thread:
            raise RuntimeError(_WRONG_THREAD)
        return self._ask(list(request))


class AxonFunction:
    """An Axon function: call it with positional arguments."""

    __slots__ = ("__weakref__", "_caller", "_head", "_name", "_number")

    def __init__(self, caller: Caller, number: int, name: str) -> None:
        self._caller = caller
        self._number = number
        self._head = head_of(number)
        self._name = name

    @property
    def number(self) -> int:
        """Its number on the host."""
        return self._number

    @property
    def __name__(self) -> str:
        return self._name

    def __call__(self, *args: Any) -> Any:
        caller = self._caller
        if get_ident() != caller.thread:
            raise RuntimeError(_WRONG_THREAD)
        return caller.call(self._head, args)

    def __repr__(self) -> str:
        return f"<Axon function {self._name}>"

    def __del__(self) -> None:
        self._caller.drop(self._number)


class Axon:
    """The object `axon` of a session."""

    Error = AxonError

    def __init__(
        self, caller: Caller, echo: Callable[[str], object], progress: Callable[[Any], None]
    ) -> None:
        self._caller = caller
        self._echo = echo
        self._progress = progress

    def eval(self, expr: str, *args: Any) -> Any:
        """Evaluate Axon; with arguments, `expr` is a function that is called with them.

        Raises:
            AxonError: it failed, or the session was not opened with `{callbacks}`.
        """
        return self._caller("eval", expr, list(args))

    def fn(self, source: str) -> AxonFunction:
        """An Axon function by name, or from its source; raises as `eval`."""
        found: AxonFunction = self._caller("function", source)
        return found

    def obj(self, value: Any) -> ByReference:
        """Have a value cross as a reference although it could cross as itself."""
        return ByReference(value)

    def echo(self, text: Any) -> None:
        """Write a line to the output of the Axon caller."""
        self._echo(f"{text}\n")

    def progress(self, value: Any) -> None:
        """Tell the Axon side how far this is."""
        self._progress(value)
