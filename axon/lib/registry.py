"""The one table of builtins: a decorator that reads signature, docs and flags from a plain function.

A builtin is an ordinary annotated Python function. The annotations are its Axon signature, the docstring
its documentation and its examples. The registry adds what every builtin needs and no body repeats: arity,
kinds, nulls and the admin check, in a checked entry point made on first use (`Builtin.run`).

Recording a function costs almost nothing; everything else is worked out when it is first asked for, so
that start-up does not pay for what a script does not use.
"""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from axon.errors import ArgErr, CastErr, HostErr, NullErr, UnknownSlotErr
from axon.runtime.calls import Thunk
from pylib.kinds import Number

__all__ = [
    "Bool",
    "Buf",
    "Builtin",
    "Date",
    "DateTime",
    "Dict",
    "Example",
    "FilterArg",
    "List",
    "Num",
    "Obj",
    "Param",
    "Str",
    "Thunk",
    "Time",
    "builtin",
    "check_args",
    "table",
]

# Annotations of builtins. `Obj` is any value; `X | None` may be null; `Num` is a number with or without unit.
Obj = object
Str = str
Bool = bool
Num = int | float | Number
List = list[Any]
Dict = dict[str, Any]
Date = dt.date
Time = dt.time
DateTime = dt.datetime
Buf = bytes


_Class = type  # `type` is a name of parameters below


class FilterArg:
    """Annotation: an expression read as a filter; the body gets an `axon.values.filter.Filter`."""


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: `type` is its Axon text, `checks` the exact Python types that pass (empty: all)."""

    name: str
    type: str
    nullable: bool
    required: bool
    default: Any
    checks: tuple[_Class, ...]
    annotation: Any

    @property
    def takes_null(self) -> bool:
        """Whether null passes: it is nullable, or null is its default."""
        return self.nullable or (not self.required and self.default is None)


@dataclass(frozen=True, slots=True)
class Example:
    """A line of documentation that is run as a test: `src` gives `want`, or raises `error`."""

    src: str
    want: str
    error: str


_Impl = TypeVar("_Impl", bound=Callable[..., Any])
_TABLE: dict[str, Builtin] = {}


@dataclass(frozen=True)
class Builtin:
    """A library function and all that is known about it."""

    name: str
    impl: Callable[..., Any]
    lib: str
    domain: str
    admin: bool
    pure: bool
    fold_on: str | None
    hidden: bool
    deprecated: bool
    direct: bool = False

    @cached_property
    def params(self) -> tuple[Param, ...]:
        """The Axon parameters, without the leading context."""
        sig = inspect.signature(self.impl)
        hints = _hints(self.impl)
        out = []
        for p in list(sig.parameters.values())[1 if self.needs_cx else 0 :]:
            annotation = hints.get(p.name)
            if annotation is None:
                raise TypeError(f"builtin {self.name}: parameter {p.name} has no annotation")
            types, nullable = _split_optional(annotation)
            out.append(
                Param(
                    name=_camel(p.name),
                    type=_type_text(types, nullable),
                    nullable=nullable or object in types,
                    required=p.default is p.empty,
                    default=None if p.default is p.empty else p.default,
                    checks=_checks(types),
                    annotation=types[0] if len(types) == 1 else annotation,
                )
            )
        return tuple(out)

    @cached_property
    def needs_cx(self) -> bool:
        """Whether the body's first parameter is the calling context."""
        code = self.impl.__code__
        return code.co_argcount > 0 and code.co_varnames[0] == "cx"

    @property
    def takes_cx(self) -> bool:
        """Whether `run` wants the calling context as first argument."""
        return self.needs_cx or self.admin

    @cached_property
    def min_args(self) -> int:
        """How many arguments must be given."""
        return sum(p.required for p in self.params)

    @property
    def max_args(self) -> int:
        """How many arguments are used; more are ignored."""
        return len(self.params)

    @property
    def lazy(self) -> tuple[str | None, ...]:
        """Per parameter: "filter", "thunk", or None when it is evaluated as usual."""
        kinds: dict[Any, str] = {FilterArg: "filter", Thunk: "thunk"}
        return tuple(kinds.get(p.annotation) for p in self.params)

    @cached_property
    def returns(self) -> str:
        """The result type as Axon text."""
        annotation = _hints(self.impl).get("return")
        return _type_text(*_split_optional(annotation)) if annotation is not None else "Obj?"

    @cached_property
    def doc(self) -> tuple[str, str, tuple[Example, ...]]:
        """Summary line, details, examples."""
        return _parse_doc(self.name, inspect.cleandoc(self.impl.__doc__ or ""))

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.doc[0]

    @property
    def details(self) -> str:
        """The documentation after the summary, without the examples."""
        return self.doc[1]

    @property
    def examples(self) -> tuple[Example, ...]:
        """The examples of the documentation."""
        return self.doc[2]

    @cached_property
    def signature(self) -> str:
        """Such as `padl(val: Str, width: Number, char: Str = " ") → Str`."""
        from axon.values.show import to_code

        parts = [
            f"{p.name}: {p.type}" + ("" if p.required else f" = {to_code(p.default)}") for p in self.params
        ]
        return f"{self.name}({', '.join(parts)}) → {self.returns}"

    @cached_property
    def run(self) -> Callable[..., Any]:
        """The checked entry point: positional arguments, the context first when `takes_cx`.

        Raises:
            CastErr: an argument of the wrong kind.
            NullErr: null for a parameter that may not be null.
            PermissionErr: an admin function called without that right.
        """
        if self.direct or (not self.admin and not any(p.checks for p in self.params)):
            return self.impl
        return _checked(self)


def builtin(
    name: str = "",
    *,
    lib: str = "axon",
    admin: bool = False,
    pure: bool = False,
    fold_on: str | None = None,
    hidden: bool = False,
    deprecated: bool = False,
    direct: bool = False,
) -> Callable[[_Impl], _Impl]:
    """Enter a function in the table; its Axon name is the camelCase of its Python name unless given.

    Args:
        lib: library of the function: `axon`, `hx`, `hx.math`, `hx.io`, `hx.task`, `hx.py`, `hx.docker`.
        admin: only a user with the admin role may call it (files, processes, tasks, sessions).
        pure: same arguments, same value, no context: a call on constants may be folded.
        fold_on: it is a fold function over `Number` or `Obj`.
        hidden: left out of the docs and of `funcs()`.
        direct: no checked entry point is put before the body, which answers the usual kinds at once and calls
            `check_args` before it does anything else with others. For small functions in hot loops.
    """

    def enter(impl: _Impl) -> _Impl:
        axon_name = name or _camel(impl.__name__.rstrip("_"))
        known = _TABLE.get(axon_name)
        if known is not None and _place(known.impl) != _place(impl):
            raise TypeError(f"builtin {axon_name} is both {_place(known.impl)} and {_place(impl)}")
        domain = impl.__module__.rpartition(".")[2]
        _TABLE[axon_name] = Builtin(
            axon_name, impl, lib, domain, admin, pure, fold_on, hidden, deprecated, direct
        )
        return impl

    return enter


def table() -> dict[str, Builtin]:
    """What has been entered so far; `axon.lib.load_all` enters everything."""
    return _TABLE


def _place(impl: Callable[..., Any]) -> str:
    """Where a function is defined; the same for one that is entered again when an import is repeated."""
    return f"{impl.__module__}.{impl.__qualname__}"


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def _hints(impl: Callable[..., Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, val in impl.__annotations__.items():
        if key == "cx":
            continue
        out[key] = eval(val, impl.__globals__) if isinstance(val, str) else val  # our own annotations
    return out


def _split_optional(annotation: Any) -> tuple[tuple[Any, ...], bool]:
    args = getattr(annotation, "__args__", ())
    origin = getattr(annotation, "__origin__", None)
    if origin in (list, dict, tuple) or not args:
        return ((annotation,), annotation is type(None))
    if annotation == Num:
        return ((Num,), False)
    kept = tuple(a for a in args if a is not type(None))
    nullable = len(kept) < len(args)
    if set(kept) >= {int, float, Number}:
        kept = (Num, *(a for a in kept if a not in (int, float, Number)))
    return (kept, nullable)


_TEXT: dict[Any, str] = {
    object: "Obj",
    str: "Str",
    bool: "Bool",
    Num: "Number",
    List: "List",
    Dict: "Dict",
    dt.date: "Date",
    dt.time: "Time",
    dt.datetime: "DateTime",
    bytes: "Buf",
    FilterArg: "Filter",
    Thunk: "Expr",
    type(None): "null",
}


def _type_text(types: tuple[Any, ...], nullable: bool) -> str:
    names = [_TEXT.get(t) or {"Fn": "Func"}.get(t.__name__, t.__name__) for t in types]
    return "|".join(names) + ("?" if nullable or types == (object,) else "")


def _checks(types: tuple[Any, ...]) -> tuple[type, ...]:
    """The exact types that pass; empty when everything does."""
    out: list[type] = []
    for t in types:
        if t in (object, Thunk):
            return ()
        if t is FilterArg:  # a call by value may bring anything
            from axon.values.filter import Filter

            out.append(Filter)
        elif t == Num:
            out += [int, float, Number]
        elif t == List:
            out.append(list)
        elif t == Dict:
            out.append(dict)
        else:
            out.append(t)
            out += t.__subclasses__() if t not in (str, dt.date, int) else []
    return tuple(out)


def _checked(b: Builtin) -> Callable[..., Any]:
    """Make the entry point: one `if` per checked parameter, then the body."""
    names = [f"a{i}" for i in range(len(b.params))]
    space: dict[str, Any] = {"impl": b.impl, "bad": _bad, "b": b}
    load = ast.Load()

    def call(fn: str, *args: ast.expr) -> ast.expr:
        return ast.Call(ast.Name(fn, load), list(args), [])

    body: list[ast.stmt] = []
    if b.admin:
        role = ast.Attribute(ast.Name("cx", load), "admin", load)
        method = ast.Attribute(ast.Name("cx", load), "require_admin", load)
        refuse = ast.Expr(ast.Call(method, [ast.Constant(b.name)], []))
        body.append(ast.If(ast.UnaryOp(ast.Not(), role), [refuse], []))
    for i, p in enumerate(b.params):
        if not p.checks:
            continue
        kinds = (*p.checks, type(None)) if p.takes_null else p.checks
        one = len(kinds) == 1
        space[f"k{i}"] = kinds[0] if one else frozenset(kinds)
        arg = ast.Name(names[i], load)
        test = ast.Compare(
            call("type", arg), [ast.IsNot() if one else ast.NotIn()], [ast.Name(f"k{i}", load)]
        )
        body.append(ast.If(test, [ast.Expr(call("bad", ast.Name("b", load), ast.Constant(i), arg))], []))
    first = [ast.Name("cx", load)] if b.needs_cx else []
    body.append(ast.Return(call("impl", *first, *(ast.Name(n, load) for n in names))))
    params = [ast.arg(n) for n in (["cx"] if b.takes_cx else []) + names]
    optional = [i for i, p in enumerate(b.params) if not p.required]
    for i in optional:
        space[f"d{i}"] = b.params[i].default
    args = ast.arguments(
        posonlyargs=[],
        args=params,
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[ast.Name(f"d{i}", load) for i in optional],
    )
    fields: dict[str, Any] = {"name": b.impl.__name__, "args": args, "body": body, "decorator_list": []}
    fields["type_params"] = []  # wanted from Python 3.12 on
    fn = ast.FunctionDef(**fields)
    module = ast.fix_missing_locations(ast.Module([fn], []))
    exec(compile(module, f"<builtin {b.name}>", "exec"), space)
    entry: Callable[..., Any] = space[b.impl.__name__]
    return entry


def check_args(name: str, *args: Any) -> None:
    """What the checked entry point does, for the body of a `direct` builtin.

    Raises:
        CastErr: an argument of the wrong kind.
        NullErr: null for a parameter that may not be null.
    """
    b = _TABLE[name]
    for i, (p, val) in enumerate(zip(b.params, args, strict=True)):
        if p.checks and type(val) not in p.checks and not (val is None and p.takes_null):
            _bad(b, i, val)


def _bad(b: Builtin, index: int, val: Any) -> None:
    from axon.values.show import kind_name, preview

    p = b.params[index]
    if any(isinstance(val, k) for k in p.checks if k not in (int, float, dt.date)):
        return
    if val is None:
        raise NullErr(f"{b.name}: {p.name} may not be null")
    raise CastErr(f"{b.name}: expected {p.type} for {p.name}, got {kind_name(val)} {preview(val)}")


_EXAMPLE = re.compile(r"^(?P<src>.*?)\s*//(?P<how>=>|!)\s*(?P<rest>.*)$")


def _parse_doc(name: str, text: str) -> tuple[str, str, tuple[Example, ...]]:
    if not text:
        raise TypeError(f"builtin {name} has no docstring")
    summary, _, rest = text.partition("\n")
    if not summary.endswith("."):
        raise TypeError(f"builtin {name}: the first line of its docstring is no sentence: {summary}")
    details: list[str] = []
    examples: list[Example] = []
    inside = False
    for line in rest.split("\n"):
        if line.strip() in ("Examples:", "Example:"):
            inside = True
            continue
        if inside and line and not line.startswith(" "):
            inside = False
        if inside and line.strip():
            m = _EXAMPLE.match(line.strip())
            if m is None:
                raise TypeError(f"builtin {name}: example without //=> or //!: {line.strip()}")
            want = m["rest"] if m["how"] == "=>" else ""
            examples.append(Example(m["src"], want, m["rest"] if m["how"] == "!" else ""))
        elif not inside:
            details.append(line)
    return summary, "\n".join(details).strip(), tuple(examples)


# The registry's own errors for bodies that check more than a kind.
def bad_arg(name: str, what: str, val: Any) -> ArgErr:
    """An ArgErr such as `size: no size of Number 5`, to be raised by the body of builtin `name`."""
    from axon.values.show import kind_name, preview

    return ArgErr(f"{name}: {what} {kind_name(val)} {preview(val)}")


def no_slot(name: str, val: Any) -> HostErr:
    """The error of a function that dispatches on its receiver: NullErr for null, else UnknownSlotErr."""
    from axon.values.show import kind_name, preview

    if val is None:
        return NullErr(f"{name}: the value may not be null")
    return UnknownSlotErr(f"{name}: no {name} of {kind_name(val)} {preview(val)}")
