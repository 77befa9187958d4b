"""The context of an evaluation: names, user, zone, limits, and the services that library functions use.

A context is used by one thread at a time. Functions are bound to it; a function that another thread calls
while the context is busy is bound anew there. What the context needs from higher floors (compiling, the
library, files, database) its `runtime` offers, seen here through the protocol `Host`.
"""

from __future__ import annotations

from _thread import RLock  # `threading` would cost start-up

from axon.errors import (
    AxonError,
    CancelledErr,
    CancelRequest,
    EvalError,
    EvalTimeoutErr,
    PermissionErr,
    UnknownFuncErr,
    UnknownLibErr,
    UnknownSpecErr,
    UnknownTypeErr,
    UnsupportedErr,
)
from axon.runtime.calls import UNSET, Fn, TopCell, builtin_fn
from axon.runtime.limits import Guard
from axon.runtime.trace import finished

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from typing import Any, Protocol
    from zoneinfo import ZoneInfo

    from axon.lib.registry import Builtin
    from axon.syntax.nodes import Node

    class Host(Protocol):
        """What a context asks of the engine."""

        tz: str
        locale: str
        time_limit: float | None
        watcher: Any
        libs: frozenset[str]

        @property
        def io(self) -> Any:
            """The project's io directory (`axon.runtime.iodir.IoDir`)."""

        @property
        def db(self) -> Any:
            """The database (`axon.db.Database`)."""

        def find_builtin(self, name: str) -> Builtin | None:
            """A library function by name."""

        def top_function(self, name: str) -> Any:
            """A user's top-level function: something with `bind(cx) -> Fn`; None when there is none."""

        def compile(
            self,
            text: str,
            name: str,
            roots: Sequence[str] = (),
            *,
            program: bool = False,
            tag: str = "",
            hidden: frozenset[str] = frozenset(),
        ) -> Any:
            """A `Unit`; names in `hidden` are looked up at run time even if the library has them."""

        def bind(self, unit: Any, cx: Context, space: dict[str, Any] | None = None) -> Any:
            """An `Instance` of a unit."""

        def parse(self, text: str, name: str) -> Node:
            """The syntax tree of an expression."""

        def echo(self, text: str) -> None:
            """Write program output."""

        def thread_context(self) -> Context:
            """The context of the calling thread."""


__all__ = ["Context"]


class Context:
    """See the module's docstring. `task` is the task it evaluates for, or None; `admin` the user's role."""

    def __init__(self, runtime: Any, *, task: Any = None, admin: bool = True) -> None:
        self.runtime = runtime
        self.task = task
        self.admin = admin
        self.locale: str = runtime.locale
        self.tz: str = runtime.tz
        self.locals: dict[str, Any] = {}
        self.root: dict[str, Any] | None = None
        self.lock = RLock()
        self.guard: Guard | None = None
        self._cells: dict[str, TopCell] = {}
        self._values: dict[str, Fn] = {}
        self._instances: dict[Any, Any] = {}
        self._entered = 0

    # -- surroundings

    @property
    def zoneinfo(self) -> ZoneInfo:
        """The context's time zone."""
        from axon.values.times import zone

        return zone(self.tz)

    def now(self) -> dt.datetime:
        """The current time in the context's zone."""
        import datetime as dt

        return dt.datetime.now(self.zoneinfo)

    def today(self) -> dt.date:
        """The current date in the context's zone."""
        return self.now().date()

    @property
    def io(self) -> Any:
        """The project's io directory (`axon.runtime.iodir.IoDir`)."""
        return self.runtime.io

    @property
    def db(self) -> Any:
        """The database (`axon.db.Database`)."""
        return self.runtime.db

    def db_resolve(self, ref: Any) -> dict[str, Any] | None:
        """The record of a ref, or None."""
        rec: dict[str, Any] | None = self.runtime.db.read_by_id(ref, checked=False)
        return rec

    def echo(self, text: str) -> None:
        """Write program output."""
        self.runtime.echo(text)

    def require_admin(self, name: str) -> None:
        """Raise PermissionErr unless the user has the admin role."""
        if not self.admin:
            raise PermissionErr(f"{name}: the admin role is needed")

    # -- names

    def builtin(self, name: str) -> Builtin:
        """A library function that is known to exist."""
        found: Builtin | None = self.runtime.find_builtin(name)
        if found is None:
            raise EvalError(f"Unknown symbol '{name}'")
        return found

    def builtin_value(self, name: str) -> Fn:
        """A library function as a value; always the same one in a context."""
        found = self._values.get(name)
        if found is None:
            found = self._values[name] = builtin_fn(self.builtin(name), self)
        return found

    def top_cell(self, name: str) -> TopCell:
        """The cell of a user's top-level function."""
        cell = self._cells.get(name)
        if cell is None:
            definition = self.runtime.top_function(name)
            if definition is None:
                raise EvalError(f"Unknown symbol '{name}'")
            cell = self._cells[name] = TopCell(name, definition.bind(self))
        return cell

    def redefined(self, name: str) -> None:
        """A top-level function changed or is gone: let programs that hold its cell see that."""
        cell = self._cells.get(name)
        if cell is not None:
            definition = self.runtime.top_function(name)
            cell.replace(definition.bind(self) if definition is not None else _gone(name, self))

    def lookup_top(self, name: str) -> Fn | None:
        """A top-level function by simple or qualified name: a user's, else the library's, else None."""
        if "::" in name:
            try:
                return self.qualified(name)
            except AxonError:
                return None
        if self.runtime.top_function(name) is not None:
            return self.top_cell(name).fn
        return self.builtin_value(name) if self.runtime.find_builtin(name) is not None else None

    def free(self, name: str) -> Any:
        """A name that is no variable of the text: root variable of the running program, else a function."""
        if self.root is not None and not name.startswith("_"):
            val = self.root.get(name, UNSET)
            if val is not UNSET:
                return val
        found = self.lookup_top(name)
        if found is None:
            raise EvalError(f"Unknown symbol '{name}'")
        return found

    def assign_free(self, name: str, val: Any) -> Any:
        """`name = val` where the name is no variable of the text."""
        if self.root is None or name.startswith("_") or self.root.get(name, UNSET) is UNSET:
            raise EvalError(f"Unknown symbol '{name}'")
        self.root[name] = val
        return val

    def qualified(self, qname: str) -> Fn:
        """`lib::name`"""
        lib, _, name = qname.rpartition("::")
        if lib not in self.runtime.libs:
            raise UnknownLibErr(lib)
        found = self.runtime.find_builtin(name)
        if found is None or found.lib != lib:
            raise UnknownSpecErr(name)
        return self.builtin_value(name)

    def type_named(self, text: str) -> Any:
        """A type by simple or qualified name."""
        from axon.values.types import find_type

        lib, colons, name = text.rpartition("::")
        if colons and lib not in self.runtime.libs:
            raise UnknownLibErr(lib)
        found = find_type(name)
        if found is None:
            if colons:
                raise UnknownSpecErr(name)
            err = UnknownTypeErr(name)
            err.raw = True
            raise err
        return found

    def callee(self, val: Any, name: str) -> Fn:
        """A value that is called: an error unless it is a function."""
        if isinstance(val, Fn):
            return val
        from axon.values.show import summary

        as_fn = getattr(type(val), "as_axon_fn", None)
        if as_fn is not None:
            fn: Fn = as_fn(val, self)
            return fn
        if not name:
            raise EvalError(f"Target does not eval to func: {summary(val)}")
        if self.runtime.find_builtin(name) is not None:
            raise EvalError(f'Local variable "{name}" is hiding function')
        raise EvalError(f'Local variable "{name}" is not assigned to a function: {summary(val)}')

    def static_call(self, type_name: str, name: str) -> AxonError:
        """The error of `Foo(x)` and `Foo.bar(x)`."""
        if name != "<init>":
            return UnsupportedErr(f"Static call: {type_name}.{name}")
        known = self.runtime.find_builtin(f"to{type_name}") is not None
        hint = f"; use to{type_name}() to convert" if known else ""
        return EvalError(f"Type {type_name} is not a callable func{hint}")

    def function(self, name: str) -> Fn:
        """A top-level function by name.

        Raises:
            UnknownFuncErr: there is none.
        """
        found = self.lookup_top(name)
        if found is None:
            raise UnknownFuncErr(name)
        return found

    # -- evaluating

    def bind_unit(self, unit: Any) -> Any:
        """The instance of a unit in this context, made once."""
        found = self._instances.get(unit)
        if found is None:
            found = self._instances[unit] = self.runtime.bind(unit, self)
        return found

    def parse(self, text: str) -> Node:
        """The syntax tree of an expression."""
        tree: Node = self.runtime.parse(text, "eval")
        return tree

    def eval_text(self, text: str) -> Any:
        """What the function `eval` does: sees root variables only, its definitions do not leak."""
        root = self.root or {}
        hidden = frozenset(k for k, v in root.items() if k[0] != "_" and v is not UNSET)
        unit = self.runtime.compile(text, "eval", hidden=hidden)
        return self.runtime.bind(unit, self).main()

    def run(self, instance: Any, root: dict[str, Any] | None = None, seconds: float | None = None) -> Any:
        """Evaluate a bound program; the outermost call adds places to errors and enforces limits.

        Args:
            root: the namespace that holds the root variables; the instance's own by default.
            seconds: time limit of this evaluation; the runtime's by default.
        """
        return self._guarded(instance.main, (), root if root is not None else instance.globals, seconds)

    def call_from_python(self, fn: Fn, args: Sequence[Any]) -> Any:
        """Call a function from a Python program, from whatever thread."""
        from axon.runtime.coerce import from_python

        if not self.lock.acquire(blocking=False):
            other = self.runtime.thread_context()
            return fn.bind(other)(*args)
        try:
            vals = [from_python(a, self) for a in args]
            return self._guarded(fn.entry(len(vals)), vals, self.root, None)
        finally:
            self.lock.release()

    def _guarded(
        self, entry: Any, args: Sequence[Any], root: dict[str, Any] | None, seconds: float | None
    ) -> Any:
        limit = seconds if seconds is not None else (self.runtime.time_limit if not self._entered else None)
        guard = Guard(self.runtime.watcher, limit)
        with self.lock:
            saved_root, saved_guard, saved_entered = self.root, self.guard, self._entered
            try:
                self.root, self.guard, self._entered = root, guard, saved_entered + 1
                return guard.run(entry, *args)
            except CancelRequest:
                if saved_guard is not None and (guard.reason is None or saved_guard.reason is not None):
                    raise
                raise self._stopped(guard, limit) from None
            except (KeyboardInterrupt, SystemExit, GeneratorExit):
                raise
            except AxonError as exc:
                raise finished(exc)  # noqa: B904 - the same error, now with its place
            except Exception as exc:
                err = finished(exc)
                raise err from err.__cause__
            finally:
                self.root, self.guard, self._entered = saved_root, saved_guard, saved_entered

    def _stopped(self, guard: Guard, limit: float | None) -> AxonError:
        if guard.reason == "timeout":
            return EvalTimeoutErr(f"evaluation took longer than {limit:g}sec")
        return CancelledErr(guard.reason or "evaluation was cancelled")

    def cancel(self, reason: str = "cancelled") -> bool:
        """Stop the evaluation in progress, from another thread; False when nothing runs."""
        guard = self.guard
        return guard.cancel(reason) if guard is not None else False


def _gone(name: str, cx: Context) -> Fn:
    """What a name means whose function was removed."""

    from axon.runtime.calls import from_python

    def call(*args: Any) -> Any:
        raise EvalError(f"Unknown symbol '{name}'")

    return from_python(name, call, cx)
