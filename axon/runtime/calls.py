"""Function values: what a call does with its arguments.

`Fn` is the one class of every function that Axon code can hold: a lambda, a library function, a partial
application, a Python callable. It offers *entries* `c0` … `c4`: plain Python callables that take exactly
that many positional arguments. An entry is made when it is first asked for, so arity is settled once and not
per call. Surplus arguments are dropped; missing ones are filled from defaults, which are evaluated in the
scope of the caller (spec, Axon language 5.5).
"""

from __future__ import annotations

import sys

from axon.errors import ArgErr, EvalError

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType
    from typing import Any

    from axon.lib.registry import Builtin
    from axon.runtime.context import Context
    from axon.syntax.nodes import Func

__all__ = [
    "REQUIRED",
    "UNSET",
    "Dynamic",
    "Fn",
    "FnParam",
    "Scope",
    "Thunk",
    "TopCell",
    "TopFunction",
    "builtin_fn",
    "from_python",
    "partial",
]


class _Sentinel:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


#: The default of a parameter that has none.
REQUIRED: Any = _Sentinel("required")
#: The content of a variable that is not bound.
UNSET: Any = _Sentinel("unset")


class Dynamic:
    """A default that is an expression: `code(scope)` evaluates it in the scope of a caller."""

    __slots__ = ("code",)

    def __init__(self, code: Callable[[Scope], Any]) -> None:
        self.code = code


class FnParam:
    """A parameter: its name and its default (`REQUIRED`, a value, or `Dynamic`)."""

    __slots__ = ("default", "name")

    def __init__(self, name: str, default: Any = REQUIRED) -> None:
        self.name = name
        self.default = default


class Thunk:
    """An unevaluated argument: `node` is its syntax tree, calling it evaluates it in the caller's scope."""

    __slots__ = ("call", "node")

    def __init__(self, node: Any, call: Callable[[], Any]) -> None:
        self.node = node
        self.call = call

    def __call__(self) -> Any:
        return self.call()


class Scope:
    """What a caller can see: found by walking the Python stack from its frame (spec, Axon language 5.2).

    A frame is visible when its function is the running one or encloses it in the text, or is the root.
    """

    __slots__ = ("cx", "frame")

    def __init__(self, frame: FrameType | None, cx: Context) -> None:
        self.frame = frame
        self.cx = cx

    def lookup(self, name: str) -> Any:
        """The value of a variable visible here, else of a top-level function.

        Raises:
            EvalError: Unknown symbol.
        """
        frame = self.frame
        funcs = frame.f_globals.get("_funcs") if frame is not None else None
        info = funcs.get(frame.f_code) if funcs and frame is not None else None
        visible: set[Any] = set()
        while info is not None:
            visible.add(info.code)
            info = info.parent
        while frame is not None and visible:
            code = frame.f_code
            if code in visible:
                key = funcs[code].vars.get(name) if funcs else None
                if key is not None:
                    val = (
                        frame.f_locals.get(key, UNSET)
                        if not key.startswith("_c")
                        else frame.f_globals.get(key, UNSET)
                    )
                    if val is not UNSET:
                        return val
            frame = frame.f_back
        return self.cx.free(name)


class Fn:
    """A function value."""

    __slots__ = (
        "__weakref__",
        "arity",
        "builtin",
        "c0",
        "c1",
        "c2",
        "c3",
        "c4",
        "cx",
        "index",
        "inner",
        "name",
        "params",
        "raw",
        "unit",
    )
    c0: Callable[[], Any]
    c1: Callable[[Any], Any]
    c2: Callable[[Any, Any], Any]
    c3: Callable[[Any, Any, Any], Any]
    c4: Callable[[Any, Any, Any, Any], Any]

    def __init__(
        self,
        name: str,
        raw: Callable[..., Any],
        params: Sequence[FnParam],
        cx: Context,
        *,
        unit: Any = None,
        index: int = -1,
        builtin: Builtin | None = None,
        inner: Any = None,
    ) -> None:
        self.name = name
        self.raw = raw
        self.params = tuple(params)
        self.arity = len(self.params)
        self.cx = cx
        self.unit = unit
        self.index = index
        self.builtin = builtin
        self.inner = inner

    def __getattr__(self, attr: str) -> Any:
        if len(attr) == 2 and attr[0] == "c" and attr[1] in "01234":
            entry = self.entry(int(attr[1]))
            setattr(self, attr, entry)
            return entry
        raise AttributeError(attr)

    def entry(self, given: int) -> Callable[..., Any]:
        """A callable that takes exactly `given` positional arguments."""
        if self.builtin is not None:
            return _builtin_entry(self, given)
        if given == self.arity:
            return self.raw
        if given > self.arity:
            return _dropping(self.raw, self.arity, given)
        return _filling(self, given)

    def __call__(self, *args: Any) -> Any:
        """Call from Python: arguments and result are converted, errors carry the Axon trace."""
        return self.cx.call_from_python(self, args)

    def call(self, args: Sequence[Any]) -> Any:
        """Call with a list of Axon values, from inside an evaluation."""
        return self.entry(len(args))(*args)

    @property
    def node(self) -> Func | None:
        """The syntax tree of a function written in Axon, else None."""
        if self.unit is None:
            return None
        node: Func = self.unit.func_node(self.index)
        return node

    @property
    def is_lambda(self) -> bool:
        """Whether it was written in Axon."""
        return self.unit is not None

    def bind(self, cx: Context) -> Fn:
        """The same function for another context (its own frames, so another thread may run it)."""
        if cx is self.cx:
            return self
        if self.unit is not None:
            fn: Fn = cx.bind_unit(self.unit).fns[self.index]
            return fn
        if self.builtin is not None:
            return builtin_fn(self.builtin, cx)
        if self.inner is not None:
            target, args = self.inner
            return partial(target.bind(cx), args, cx)
        return Fn(self.name, self.raw, self.params, cx)

    @property
    def host_type(self) -> str:
        """The name that the reference's runtime has for this kind of function."""
        return "FantomFn" if self.builtin is not None else "Fn"

    def __str__(self) -> str:
        """The source of a function written in Axon, the name of any other."""
        if self.inner is not None:
            return _partial_text(self)
        node = self.node
        if node is None:
            return self.name or f"({', '.join(p.name for p in self.params)}) => null"
        from axon.syntax.printer import to_source

        return to_source(node)

    def __repr__(self) -> str:
        return f"<axon.Fn {self.name}({', '.join(p.name for p in self.params)})>"


def _dropping(raw: Callable[..., Any], arity: int, given: int) -> Callable[..., Any]:
    if arity == 0:
        return lambda *_: raw()
    if arity == 1:
        return (lambda a, _: raw(a)) if given == 2 else (lambda a, *_: raw(a))
    if arity == 2:
        return lambda a, b, *_: raw(a, b)
    return lambda *args: raw(*args[:arity])


def _filling(fn: Fn, given: int) -> Callable[..., Any]:
    raw, params, cx = fn.raw, fn.params, fn.cx
    missing = params[given:]
    if not any(p.default is REQUIRED or type(p.default) is Dynamic for p in missing):
        rest = tuple(p.default for p in missing)
        return lambda *args: raw(*args, *rest)

    def fill(*args: Any) -> Any:
        full = list(args)
        scope = Scope(sys._getframe(1), cx)
        for p in missing:
            default = p.default
            if default is REQUIRED:
                raise EvalError(f"Invalid number of args {len(full)}, expected {len(params)}")
            full.append(default.code(scope) if type(default) is Dynamic else default)
        return raw(*full)

    return fill


def _builtin_entry(fn: Fn, given: int) -> Callable[..., Any]:
    b = fn.builtin
    assert b is not None
    run = b.run
    if b.takes_cx:
        from functools import partial as bound  # `functools` would cost start-up

        run = bound(run, fn.cx)
    if given > b.max_args:
        return _dropping(run, b.max_args, given)
    if given >= b.min_args:
        return run

    def too_few(*_: Any) -> Any:
        raise ArgErr(f"{b.name}: Too few arguments: {given} < {b.min_args}..{b.max_args}")

    return too_few


def builtin_fn(b: Builtin, cx: Context) -> Fn:
    """A library function as a value."""
    params = [FnParam(p.name, REQUIRED if p.required else p.default) for p in b.params]
    return Fn(b.name, b.run, params, cx, builtin=b)


_HOLE: Any = _Sentinel("hole")


def partial(target: Fn, args: Sequence[Any], cx: Context) -> Fn:
    """`f(_, x)`: `args` holds the bound values, and `HOLE` where an argument is still to come."""
    holes = [i for i, a in enumerate(args) if a is _HOLE]
    entry = target.entry(len(args))
    template = list(args)

    def run(*given: Any) -> Any:
        full = template.copy()
        for i, val in zip(holes, given, strict=True):
            full[i] = val
        return entry(*full)

    names = [FnParam(chr(ord("a") + i)) for i in range(len(holes))]
    return Fn(target.name, run, names, cx, inner=(target, tuple(args)))


HOLE = _HOLE


def _partial_text(fn: Fn) -> str:
    """`(a) => f(a, x)`: holes by their new names, bound values and the function as code."""
    from axon.values.show import to_code

    target, args = fn.inner
    names = iter(p.name for p in fn.params)
    shown = [next(names) if a is _HOLE else to_code(a) for a in args]
    return f"({', '.join(p.name for p in fn.params)}) => {to_code(target)}({', '.join(shown)})"


def from_python(name: str, func: Callable[..., Any], cx: Context) -> Fn:
    """A Python callable as an Axon function; arguments and result are converted.

    Parameters are those that can be given by position; one with `*args` takes up to four.
    """
    import inspect

    params: list[FnParam] = []
    try:
        signature = inspect.signature(func)
    except (TypeError, ValueError):
        params = [FnParam(n, None) for n in "ab"]
    else:
        for p in signature.parameters.values():
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
                params.append(FnParam(p.name, REQUIRED if p.default is p.empty else p.default))
            elif p.kind is p.VAR_POSITIONAL:
                return _variadic(name, func, cx)
    from axon.runtime.coerce import from_python as to_axon

    def run(*args: Any) -> Any:
        return to_axon(func(*args), cx)

    return Fn(name, run, params, cx)


class _Variadic(Fn):
    """A Python callable with `*args`: every entry passes what it is given."""

    __slots__ = ()

    def entry(self, given: int) -> Callable[..., Any]:
        return self.raw


def _variadic(name: str, func: Callable[..., Any], cx: Context) -> Fn:
    from axon.runtime.coerce import from_python as to_axon

    return _Variadic(name, lambda *args: to_axon(func(*args), cx), [FnParam("a", None)], cx)


class TopFunction:
    """A user's top-level function: written in Axon (`unit`) or in Python (`func`)."""

    __slots__ = ("doc", "func", "index", "name", "unit")

    def __init__(
        self, name: str, *, unit: Any = None, index: int = 0, func: Any = None, doc: str = ""
    ) -> None:
        self.name = name
        self.unit = unit
        self.index = index
        self.func = func
        self.doc = doc

    def bind(self, cx: Context) -> Fn:
        """The function for a context."""
        if self.unit is None:
            return from_python(self.name, self.func, cx)
        fn: Fn = cx.bind_unit(self.unit).fns[self.index]
        return fn


class TopCell:
    """A user's top-level function by name: what it means may change while programs hold the cell."""

    __slots__ = ("__weakref__", "c0", "c1", "c2", "c3", "c4", "fn", "name")

    def __init__(self, name: str, fn: Fn) -> None:
        self.name = name
        self.fn = fn

    def __getattr__(self, attr: str) -> Any:
        if len(attr) == 2 and attr[0] == "c" and attr[1] in "01234":
            entry = getattr(self.fn, attr)
            setattr(self, attr, entry)
            return entry
        raise AttributeError(attr)

    def entry(self, given: int) -> Callable[..., Any]:
        """A callable that takes exactly `given` positional arguments."""
        return self.fn.entry(given)

    def replace(self, fn: Fn) -> None:
        """Let the name mean another function."""
        for entry in ("c0", "c1", "c2", "c3", "c4"):
            if entry in _entries(self):
                delattr(self, entry)
        self.fn = fn


def _entries(cell: TopCell) -> list[str]:
    out = []
    for entry in ("c0", "c1", "c2", "c3", "c4"):
        try:
            object.__getattribute__(cell, entry)
        except AttributeError:
            continue
        out.append(entry)
    return out
