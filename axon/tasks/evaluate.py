"""How a task evaluates: a name or lambda is called with the message, anything else is computed.

Each message is evaluated in a fresh context. Making one costs more than a small message, so each thread
of the pool keeps one for an expression and empties it between messages; a task that waits keeps nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from axon.errors import EvalError
from axon.runtime.calls import Fn
from axon.runtime.trace import finished
from axon.syntax.nodes import Func, Node, Var
from axon.tasks.immutable import SCALARS

if TYPE_CHECKING:
    from axon.runtime.context import Context
    from axon.runtime.limits import Watcher
    from axon.tasks.task import Task

__all__ = ["Evaluator", "Expression", "Host"]

Obj = object
#: How many expressions a thread keeps ready.
_KEPT = 64


class Host(Protocol):
    """What is needed of the engine."""

    time_limit: float | None
    watcher: Watcher

    def new_context(self) -> Context:
        """A context of the task user."""

    def parse(self, text: str, name: str) -> Node:
        """The syntax tree of an expression."""

    def compile(self, text: str, name: str) -> Any:
        """A unit for a text."""

    def bind(self, unit: Any, cx: Context) -> Any:
        """An instance of a unit: its `main()` evaluates it."""


#: A context's function for a message.
Entry = Callable[[Any], Any]


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
        node = self.host.parse(source, "task")
        if type(node) is Var:
            name = node.name
            return Expression(self, lambda cx: _named(cx, name), source)
        return Expression(self, _Compiled(self.host, source, type(node) is Func), source)

    def calling(self, fn_of: Callable[[Context], Fn], source: str) -> Expression:
        """A function value in the place of a text; `fn_of` binds it to a context."""
        return Expression(self, lambda cx: fn_of(cx).c1, source)


class Expression:
    """What a task evaluates, ready for any thread."""

    __slots__ = ("_evaluator", "_host", "_make", "source")

    def __init__(self, evaluator: Evaluator, make: Callable[[Context], Entry], source: str) -> None:
        self._evaluator = evaluator
        self._host = evaluator.host
        self._make = make
        self.source = source

    def __call__(self, task: Task, msg: Obj) -> Obj:
        """Evaluate for one message.

        Raises:
            AxonError: the program failed; it carries place and trace.
            CancelRequest: the task was cancelled or killed.
        """
        try:
            cx, entry = self._evaluator.ready.kept[self]
        except (AttributeError, KeyError):  # this thread has not evaluated it before
            cx, entry = self._prepare()
        with cx.lock:
            cx.task, cx.guard, cx.root = task, task.guard, {}
            try:
                if self._host.time_limit is not None and task.guard is not None:
                    task.guard.limit(self._host.watcher, self._host.time_limit)
                return entry(msg if type(msg) in SCALARS else _rebound(msg, cx))
            except Exception as e:  # what leaves Axon code gets its place
                error = finished(e)
                raise error from (e.__cause__ if error is e else e)
            finally:
                cx.task = cx.guard = cx.root = None
                if cx.locals:
                    cx.locals.clear()

    def _prepare(self) -> tuple[Context, Entry]:
        """This thread's context for the expression, and the function to be called with the message."""
        ready = self._evaluator.ready
        kept: dict[Expression, tuple[Context, Entry]] | None = getattr(ready, "kept", None)
        if kept is None:
            kept = ready.kept = {}
        if len(kept) >= _KEPT:
            del kept[next(iter(kept))]
        cx = self._evaluator.host.new_context()
        found = kept[self] = (cx, self._make(cx))
        return found


class _Compiled:
    """Binds a text that is compiled at its first use, once for all threads."""

    __slots__ = ("_host", "_is_lambda", "_source", "_unit")

    def __init__(self, host: Host, source: str, is_lambda: bool) -> None:
        self._host = host
        self._source = source
        self._is_lambda = is_lambda
        self._unit: Any = None

    def __call__(self, cx: Context) -> Entry:
        """The function of a lambda; for anything else one that evaluates it anew."""
        host = self._host
        if self._unit is None:
            self._unit = host.compile(self._source, "task")
        unit = self._unit
        if self._is_lambda:
            entry: Entry = host.bind(unit, cx).main().c1
            return entry

        def evaluate(_: Obj) -> Obj:
            instance = host.bind(unit, cx)
            cx.root = instance.globals
            out: Obj = instance.main()
            return out

        return evaluate


def _named(cx: Context, name: str) -> Entry:
    """Calls whatever top-level function has that name when the message comes."""

    def call(msg: Obj) -> Obj:
        fn = cx.lookup_top(name)
        if fn is None:
            raise EvalError(f"Unknown symbol '{name}'")
        out: Obj = fn.c1(msg)
        return out

    return call


def _rebound(msg: Any, cx: Context) -> Any:
    """A message whose functions are bound to the context that runs them."""
    if isinstance(msg, Fn):
        return msg.bind(cx)
    if type(msg) is list and not all(type(v) in SCALARS for v in msg):
        return [_rebound(v, cx) for v in msg]
    if isinstance(msg, dict) and not all(type(v) in SCALARS for v in msg.values()):
        return {k: _rebound(v, cx) for k, v in msg.items()}
    return msg
