"""Units: compiled programs, immutable and shared, and their instances bound to a context.

`compile_program` runs the stages; `Unit` holds the code object and the source. `bind` runs the module code in
a fresh namespace, which holds the helpers, the constants and the variables of this instance and nothing else:
no Python builtin, module or name can be reached from Axon code.
"""

from __future__ import annotations

import datetime as dt
import sys
from binascii import crc32
from sys import getrefcount

from axon.errors import ArgErr, CastErr, DepthError, EvalError, HostErr, NullErr, ThrowErr
from axon.runtime import calls, ops
from axon.runtime.calls import HOLE, REQUIRED, UNSET, Dynamic, Fn, FnParam
from axon.source import Loc, Source
from axon.values import order
from axon.values.numbers import norm
from axon.values.ranges import Range, listed_ints, range_ints
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Number, Ref, Symbol, Uri

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Iterable
    from typing import Any, NoReturn

    from axon.compile.resolve import Known
    from axon.runtime.context import Context
    from axon.syntax.nodes import Func, Node

__all__ = ["FuncInfo", "Instance", "Unit", "compile_program"]


class Unit:
    """A compiled program: code object, source, and the names it takes from outside."""

    __slots__ = ("__weakref__", "_funcs", "_read", "_tree", "builtins", "code", "source", "tag", "tops")

    def __init__(
        self,
        code: types.CodeType,
        source: Source,
        builtins: tuple[str, ...],
        tops: tuple[str, ...],
        tag: str = "",
    ) -> None:
        self.code = code
        self.source = source
        self.builtins = builtins
        self.tops = tops
        self.tag = tag
        self._tree: Node | None = None
        self._read: Callable[[], Node] | None = None
        self._funcs: list[Func] | None = None

    @property
    def tree(self) -> Node:
        """The syntax tree; parsed again when it was not kept."""
        if self._tree is None:
            if self._read is not None:
                self._tree = self._read()
            else:
                from axon.syntax.parser import parse_program

                self._tree = parse_program(self.source.text, self.source.name)
        return self._tree

    def tree_from(self, read: Callable[[], Node]) -> None:
        """Have the tree read by `read`: the unit is only a part of its source."""
        self._read = read

    def keep_tree(self, tree: Node) -> None:
        """Keep the tree that the unit was compiled from."""
        self._tree = tree

    @property
    def entry(self) -> tuple[Any, ...]:
        """What the code cache keeps of it; `Unit.of(entry, source)` gives it back."""
        return self.code, self.builtins, self.tops, self.tag

    @classmethod
    def of(cls, entry: tuple[Any, ...], source: Source) -> Unit:
        """The unit that a cache entry holds."""
        code, builtins, tops, tag = entry
        return cls(code, source, builtins, tops, tag)

    def func_node(self, index: int) -> Func:
        """The syntax tree of function number `index`."""
        if self._funcs is None:
            from axon.compile.resolve import resolve

            resolved = resolve(self.tree, lambda _: None)
            self._funcs = [s.func for s in resolved.order if s.func is not None]
        return self._funcs[index]


class FuncInfo:
    """Of one code object: the function around it in the text, and where its variables live."""

    __slots__ = ("code", "parent", "vars")

    def __init__(self, code: types.CodeType, parent: FuncInfo | None, vars: dict[str, str]) -> None:
        self.code = code
        self.parent = parent
        self.vars = vars


class Instance:
    """A unit bound to a context: its own variables, constants and function values."""

    __slots__ = ("__weakref__", "cx", "fns", "globals", "main", "unit")

    def __init__(self, unit: Unit, cx: Context, space: dict[str, Any] | None = None) -> None:
        self.unit = unit
        self.cx = cx
        self.fns: dict[int, Fn] = {}
        self.main: Any = None
        g = self.globals = base_space() if space is None else space
        self._bind(g)
        exec(unit.code, g)

    def _bind(self, g: dict[str, Any]) -> None:
        cx = self.cx
        funcs: dict[types.CodeType, FuncInfo] = g.setdefault("_funcs", {})
        infos: dict[int, FuncInfo] = {}
        pending: list[tuple[FuncInfo, int]] = []
        g["_cx"] = cx
        g["_unit"] = self.unit
        g["__name__"] = f"axon.program.{file_name(self.unit.source)}"
        g["__loader__"] = SourceLoader(self.unit.source)

        def record(index: int, code: types.CodeType, info: tuple[int, tuple[tuple[str, str], ...]]) -> None:
            made = FuncInfo(code, None, dict(info[1]))
            funcs[code] = infos[index] = made
            pending.append((made, info[0]))

        def make_fn(index: int, name: str, raw: Any, names: Any, defaults: Any, info: Any) -> Fn:
            if not defaults:
                defaults = (REQUIRED,) * len(names)
            params = [FnParam(q, d) for q, d in zip(names, defaults, strict=True)]
            fn = self.fns[index] = Fn(name, raw, params, cx, unit=self.unit, index=index)
            record(index, raw.__code__, info)
            return fn

        def variant(index: int, raw: Any, info: Any) -> None:
            made = FuncInfo(raw.__code__, None, dict(info[1]))
            funcs[made.code] = made
            pending.append((made, info[0]))

        def main(raw: Any, info: Any) -> None:
            self.main = raw
            record(-1, raw.__code__, info)
            for made, parent in pending:
                made.parent = infos.get(parent)

        def declare(names: tuple[str, ...]) -> None:
            for name in names:
                g.setdefault(name, UNSET)

        g["_fn"] = make_fn
        g["_variant"] = variant
        g["_entry"] = main
        g["_declare"] = declare
        g["_free"] = cx.free
        g["_assign_free"] = cx.assign_free
        g["_callee"] = cx.callee
        g["_static_call"] = cx.static_call
        g["_qname"] = cx.qualified
        g["_type_named"] = cx.type_named
        for name in self.unit.builtins:
            b = cx.builtin(name)
            g[f"_b_{name}"] = b.run
            g[f"_fn_b_{name}"] = cx.builtin_value(name)
        for name in self.unit.tops:
            g[f"_u_{name}"] = cx.top_cell(name)


def base_space() -> dict[str, Any]:
    """A namespace for an instance: the helpers and nothing else."""
    return _BASE.copy()


# -- helpers of emitted code


def _cond(val: Any) -> bool:
    """An `if` condition that is no Bool: the raw error, not wrapped."""
    err: HostErr = (
        NullErr("if: condition is null")
        if val is None
        else CastErr(f"if: condition must be Bool, got {_kind(val)}")
    )
    err.raw = True
    raise err


def _want(val: Any) -> bool:
    """An operand of `and`, `or`, `not` that is no Bool."""
    kind = "sys::NullErr" if val is None else "sys::CastErr"
    raise EvalError(f"{kind}: Expected Bool, got {_kind(val)}")


def _kind(val: Any) -> str:
    from axon.values.show import kind_name

    return kind_name(val)


def _throw(val: Any) -> ThrowErr:
    if type(val) is str:
        return ThrowErr({"err": MARKER, "dis": val})
    from axon.values.show import to_str

    if isinstance(val, dict):
        tags = dict(val)
        if tags.get("err") is not MARKER or type(tags.get("dis")) is not str:
            tags["err"] = MARKER
            tags.setdefault("dis", "null")
        return ThrowErr(tags)
    return ThrowErr({"err": MARKER, "dis": to_str(val)})


def _return_err() -> EvalError:
    return EvalError("return may not stand inside an operator")


def _rebound(name: str) -> EvalError:
    return EvalError(f"Symbol already bound '{name}' (use = to reassign)")


def _not_assignable(code: str, kind: str) -> EvalError:
    return EvalError(f"Not assignable: {code} is {kind}")


def _not_filter(what: str) -> NoReturn:
    raise EvalError(f"Expr is not a filter; {what}")


def _pred(val: Any, who: str) -> bool:
    """What the predicate of the library function `who` gave that is no Bool; raised as by that function."""
    return ops.want_bool(val, who)


_TAKES = {
    "each": "lrdsgt",
    "all": "ldsgt",
    "any": "ldsgt",
    "find": "ldgt",
    "reduce": "lgt",
    "map": "lr",
    "findAll": "l",
}


def _items(val: Any, name: str, cx: Context) -> Any:
    """What the function `name` offers of a value, without the second argument."""
    if type(val) is list:
        return val
    if type(val) is Range:
        return _range_items(val, name)
    if hasattr(type(val), "iter_dicts") and "g" in _TAKES[name]:
        from axon.runtime.callbacks import rows_of

        return rows_of(val, cx)
    return (first for _, first in _pairs(val, name, cx))


def _range_items(val: Range, name: str) -> range:
    if "r" not in _TAKES[name]:
        raise ArgErr(f"{name}: can't go through a range")
    return _ints(val, name)


def _pairs(val: Any, name: str, cx: Context) -> Any:
    """What the function `name` offers of a value: `(second, first)` for each item."""
    if type(val) is list:
        return enumerate(val)
    if type(val) is Range and "r" in _TAKES[name]:
        raise EvalError("Invalid number of args 1, expected 2")
    from axon.runtime.callbacks import offered

    pairs = offered(val, _TAKES[name], cx)
    if pairs is None:
        from axon.values.show import preview

        raise ArgErr(f"{name}: can't go through {_kind(val)} {preview(val)}")
    return pairs


def _held_rows(val: Any) -> list[dict[str, Any]] | None:
    """The rows of a grid that has them as dicts."""
    return val.dicts() if hasattr(type(val), "holds_rows") and val.holds_rows() else None


def _ints(val: Any, name: str) -> range:
    """The numbers of a range, for the function `name`."""
    return listed_ints(val, name) if name == "map" else range_ints(val, name)


def _filter_var(val: Any, tag: Any) -> Any:
    from axon.values.filter import Filter

    return val if isinstance(val, Filter) else tag


def _cat(a: str, b: Any) -> str:
    """A string and what follows it."""
    kind = type(b)
    if kind is str:
        return a + b  # type: ignore[no-any-return]
    if kind is int and -1_000_000_000_000 <= b <= 1_000_000_000_000:
        return a + str(b)
    return ops.add(a, b)  # type: ignore[no-any-return]


def _held_once() -> int:
    """What `getrefcount` says of a value that one variable holds and nothing else."""
    val: list[Any] = []
    return getrefcount(val)


#: From Python 3.14 on a count may leave out borrowed references, so nothing is changed in place there.
_OWN = _held_once() if sys.version_info < (3, 14) else -1


def _dict(made: dict[str, Any]) -> dict[str, Any]:
    """A dict literal without its null tags."""
    return {k: v for k, v in made.items() if v is not None}


def _thunk(source: str, code: Any) -> Any:
    from axon.syntax.parser import parse

    return calls.Thunk(parse(source), code)


def _caught(exc: BaseException) -> Any:
    from axon.runtime.trace import caught

    return caught(exc)


class _FilterMaker:
    """`Filter`, imported when a program first makes one."""

    def __getattr__(self, name: str) -> Any:
        from axon.values.filter import Filter

        return getattr(Filter, name)


def _date_span(start: dt.date, end: dt.date, period: str) -> Any:
    from axon.values.times import DateSpan

    return DateSpan(start, end, period)


def _parse_time(text: str) -> Any:
    from axon.values.times import parse_time

    return parse_time(text)


_BASE: dict[str, Any] = {
    "__builtins__": {},
    "_type": type, "_int": int, "_float": float, "_str": str, "_list": list, "_dict_type": dict,
    "_LIST_INT": (list, int), "_Exception": Exception, "_U": UNSET, "_N": REQUIRED, "_REQ": REQUIRED,
    "_HOLE": HOLE, "_Fn": Fn, "_Dynamic": Dynamic, "_partial": calls.partial,
    "_add": ops.add, "_sub": ops.sub, "_mul": ops.mul, "_div": ops.div, "_neg": ops.neg,
    "_later": ops.days_later,
    "_range": ops.make_range, "_Range": Range, "_ints": _ints, "_rows": _held_rows, "_pyrange": range,
    "_enumerate": enumerate,
    "_cat": _cat, "_refs": getrefcount, "_OWN": _OWN, "_abs": abs, "_len": len, "_sum": sum, "_text": str,
    "_items": _items, "_pairs": _pairs, "_pred": _pred, "_trap": ops.trap, "_norm": norm,
    "_eq": order.eq, "_ne": lambda a, b: not order.eq(a, b),
    "_lt": order.lt, "_le": order.le, "_gt": order.gt, "_ge": order.ge, "_cmp": order.cmp,
    "_cond": _cond, "_want": _want, "_throw": _throw, "_ThrowErr": ThrowErr, "_return_err": _return_err,
    "_rebound": _rebound, "_not_assignable": _not_assignable,
    "_not_filter": _not_filter, "_filter_var": _filter_var, "_dict": _dict, "_thunk": _thunk,
    "_caught": _caught, "_Filter": _FilterMaker(),
    "_MARKER": MARKER, "_NA": NA_VALUE, "_REMOVE": REMOVE, "_EMPTY_DICT": {},
    "_Number": Number, "_Ref": Ref, "_Uri": Uri, "_Symbol": Symbol,
    "_date": dt.date, "_time": dt.time, "_DateSpan": _date_span, "_parse_time": _parse_time,
}  # fmt: skip


# -- compiling


def compile_program(
    tree: Node,
    source: Source,
    known: Known,
    roots: Iterable[str] = (),
    *,
    name: str = "",
    tag: str = "",
    plain: bool = False,
    sealed: bool = True,
) -> Unit:
    """Run the stages from tree to code object; `name` is that of a top-level function.

    Raises:
        DepthError: the program is nested deeper than Python's compiler goes.
    """
    from axon.compile.emit import Emitted, emit
    from axon.compile.resolve import resolve
    from axon.syntax.pause import LARGE, no_collection

    def build() -> tuple[Emitted, types.CodeType]:
        made = emit(resolve(tree, known, roots, name), known, source.text, tag, plain, sealed)
        try:
            return made, compile(made.module, file_name(source), "exec", dont_inherit=True)
        except SyntaxError as e:  # what was emitted is right, but Python nests twenty blocks and no more
            raise RecursionError(str(e)) from None

    try:
        if len(source.text) < LARGE:
            made, code = build()
        else:
            with no_collection:
                made, code = build()
    except RecursionError:
        raise DepthError("the program is nested too deep", Loc(1, 1, source=source)) from None
    unit = Unit(_renamed(code, made.names), source, made.builtins, made.tops, tag)
    unit.keep_tree(tree)
    return unit


def file_name(source: Source) -> str:
    """The name of a source in Python's tables: its path, or one made unique by its text."""
    if source.name.endswith(".axon") or "/" in source.name:
        return source.name
    return f"axon {source.name} {crc32(source.text.encode('utf-8', 'surrogatepass')):08x}"


class SourceLoader:
    """What tracebacks and debuggers ask for the text of a program (`linecache`, PEP 302)."""

    __slots__ = ("source",)

    def __init__(self, source: Source) -> None:
        self.source = source

    def get_source(self, name: str) -> str:
        """The text, whatever name is asked for."""
        return self.source.text


def _renamed(code: types.CodeType, names: dict[str, str]) -> types.CodeType:
    """Give the code of each function its Axon name, for tracebacks and profiles."""
    consts = tuple(
        c.replace(co_name=names[c.co_name], co_qualname=names[c.co_name])
        if isinstance(c, type(code)) and c.co_name in names
        else c
        for c in code.co_consts
    )
    return code.replace(co_consts=consts)
