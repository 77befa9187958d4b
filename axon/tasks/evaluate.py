"""How the expression of a task is evaluated: a name or lambda is called with the message, else it is computed.

Each message is evaluated in a fresh context. Making one costs more than a small message, so each thread
of the pool keeps one for an expression and empties it between messages; a task that waits keeps nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from axon.errors import EvalError
from axon.runtime.trace import as_axon
from axon.syntax.nodes import Func, Node, Var

if TYPE_CHECKING:
    from collections.abc import Callable

    from axon.runtime.context import Context
    from axon.tasks.task import Task

__all__ = ["Evaluator", "Expression", "Host"]

Obj = object
#: How many expressions a thread keeps ready.
_KEPT = 64


class Host(Protocol):
    """What is needed of the engine."""

    def new_context(self, *, task: Any = None) -> Context:
        """A context of the task user."""

    def parse(self, text: str, name: str) -> Node:
        """The syntax tree of an expression."""

    def compile(self, text: str, name: str, roots: Sequence[str] = ()) -> Any:
        """A unit for a text."""

    def bind(self, unit: Any, cx: Context) -> Any:
        """An instance of a unit: its `main()` evaluates it."""


class Evaluator:
    """Makes expressions for the tasks of one engine, one for each text."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.ready = threading.local()
        self.expression = lru_cache(maxsize=4096)(self._expression)

    def _expression(self, source: str) -> Expression:
        """The expression of a text.

        Raises:
            AxonSyntaxError: it is not Axon.
        """
        node = self.host.parse(source, "taskExpr")
        return Expression(self, source, type(node) is Func, node.name if type(node) is Var else "")

    def calling(self, func: Callable[[Obj], Obj], source: str) -> PythonCall:
        """A Python function in the place of an expression."""
        return PythonCall(func, source)


class Expression:
    """A `taskExpr`, ready to be evaluated by any thread."""

    __slots__ = ("_evaluator", "_is_lambda", "_name", "_unit", "source")

    def __init__(self, evaluator: Evaluator, source: str, is_lambda: bool, name: str) -> None:
        self._evaluator = evaluator
        self.source = source
        self._is_lambda = is_lambda
        self._name = name
        self._unit: Any = None

    def __call__(self, task: Task, msg: Obj) -> Obj:
        """Evaluate for one message.

        Raises:
            AxonError: the program failed; it carries place and trace.
            CancelRequest: the task was cancelled or killed.
        """
        cx, fn = self._ready()
        with cx.lock:
            cx.task = task
            cx.guard = task.guard
            cx.root = {}
            try:
                return fn(msg)
            except Exception as e:  # the task loop: what leaves Axon code gets its place
                error = as_axon(e)
                raise error from (None if error is e else e)
            finally:
                cx.task = cx.guard = cx.root = None
                if cx.locals:
                    cx.locals.clear()

    def _ready(self) -> tuple[Context, Callable[[Obj], Obj]]:
        """This thread's context for the expression, and the function to be called with the message."""
        ready = self._evaluator.ready
        kept: dict[Expression, tuple[Context, Callable[[Obj], Obj]]] | None = getattr(ready, "kept", None)
        if kept is None:
            kept = ready.kept = {}
        found = kept.get(self)
        if found is None:
            if len(kept) >= _KEPT:
                del kept[next(iter(kept))]
            found = kept[self] = self._make()
        return found

    def _make(self) -> tuple[Context, Callable[[Obj], Obj]]:
        host = self._evaluator.host
        cx = host.new_context()
        if self._name:
            return cx, self._named(cx)
        if self._unit is None:
            self._unit = host.compile(self.source, "taskExpr")
        if self._is_lambda:
            fn: Callable[[Obj], Obj] = host.bind(self._unit, cx).main().c1
            return cx, fn
        unit = self._unit
        return cx, lambda _msg: host.bind(unit, cx).main()

    def _named(self, cx: Context) -> Callable[[Obj], Obj]:
        name = self._name

        def call(msg: Obj) -> Obj:
            fn = cx.lookup_top(name)
            if fn is None:
                raise EvalError(f"Unknown symbol '{name}'")
            out: Obj = fn.c1(msg)
            return out

        return call


class PythonCall:
    """A Python function that answers messages."""

    __slots__ = ("_func", "source")

    def __init__(self, func: Callable[[Obj], Obj], source: str) -> None:
        self._func = func
        self.source = source

    def __call__(self, task: Task, msg: Obj) -> Obj:
        """Call it."""
        return self._func(msg)
