"""Filters as Python functions: a term becomes Python syntax nodes, never text, and is compiled once.

The code depends only on the *shape* of a filter: its operators, paths and the kinds of its values. The
values themselves are handed in through the globals of the code (`k0`, `k1` …), so filters of one shape
share one code object and no value, whatever its text, is ever read as code.

Three entry points per shape: `match(d, resolve)` tests a dict, `select(ds, resolve)` picks from a list of
dicts with the loop inside, `rows(n, resolve, columns…)` picks row numbers straight from columns.
"""

from __future__ import annotations

import ast
import datetime as dt
import math
import re
from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any, TypeAlias

from axon.errors import ArgErr
from axon.values.filter_terms import All, Cmp, Either, Has, IsSymbol, Missing, Path, Search, Term
from pylib.kinds import Number, Ref

Resolve: TypeAlias = Callable[[Ref], "dict[str, Any] | None"]
Shape: TypeAlias = tuple[Any, ...]

_LOAD = ast.Load()
_STORE = ast.Store()
_OPS: dict[str, ast.cmpop] = {
    "==": ast.Eq(),
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
}


def bind(term: Term, entry: str) -> Callable[..., Any]:
    """The function `entry` (`match`, `select` or `rows`) of a filter, with its values bound."""
    shape, values = shape_of(term)
    space: dict[str, Any] = dict(_HELPERS)
    space.update((f"k{i}", v) for i, v in enumerate(values))
    exec(_compile(shape, entry), space)
    fn: Callable[..., Any] = space[entry]
    return fn


# -- shape and values ------------------------------------------------------------------------------------


def shape_of(term: Term) -> tuple[Shape, list[Any]]:
    """What decides the code of a filter, and the values that the code is given."""
    values: list[Any] = []
    return _shape(term, values), values


def _shape(term: Term, values: list[Any]) -> Shape:
    if isinstance(term, (All, Either)):
        return ("and" if isinstance(term, All) else "or", *(_shape(t, values) for t in term.terms))
    if isinstance(term, Cmp):
        kind, consts = _classify(term.op, term.val)
        at = len(values)
        values += consts
        return ("cmp", term.op, term.path, kind, at)
    if isinstance(term, (Has, Missing)):
        return ("has" if isinstance(term, Has) else "missing", term.path)
    if isinstance(term, IsSymbol):
        return ("tags", term.tags)
    values.append(search_test(term.pattern) if isinstance(term, Search) else term.name)
    return ("call", "search" if isinstance(term, Search) else "is_spec", len(values) - 1)


def _classify(op: str, val: Any) -> tuple[str, list[Any]]:
    """How a value is compared; `any` goes through the general rules of equality and order."""
    kind = type(val)
    if kind in (int, float):
        return ("any" if math.isnan(val) and op in ("==", "!=") else "num"), [val]
    if kind is Number:
        return ("any", [val]) if math.isnan(val.val) else ("unit", [val.val, val.unit])
    if kind is str:
        return ("str" if op in ("==", "!=") or all(c < "\ud800" for c in val) else "any"), [val]
    if kind is bool:
        return "bool", [val]
    if kind is dt.date:
        return "date", [val]
    if kind is Ref and op in ("==", "!="):
        return "ref", [val.val]
    return "any", [val]


# -- syntax nodes ----------------------------------------------------------------------------------------


def _name(text: str) -> ast.Name:
    return ast.Name(text, _LOAD)


def _call(fn: str, *args: ast.expr) -> ast.Call:
    return ast.Call(_name(fn), list(args), [])


def _compare(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.Compare:
    return ast.Compare(left, [op], [right])


def _none() -> ast.Constant:
    return ast.Constant(None)


def _and(*parts: ast.expr) -> ast.expr:
    return ast.BoolOp(ast.And(), list(parts))


def _or(*parts: ast.expr) -> ast.expr:
    return ast.BoolOp(ast.Or(), list(parts))


def _type_is(val: ast.expr, name: str) -> ast.expr:
    return _compare(_call("type", val), ast.Is(), _name(name))


def _attr(val: ast.expr, name: str) -> ast.expr:
    return ast.Attribute(val, name, _LOAD)


def _function(name: str, params: list[str], body: list[ast.stmt]) -> ast.FunctionDef:
    args = ast.arguments(
        posonlyargs=[], args=[ast.arg(p) for p in params], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    fields: dict[str, Any] = {"name": name, "args": args, "body": body, "decorator_list": []}
    fields["type_params"] = []  # Python 3.12 wants it, 3.11 does not mind
    return ast.FunctionDef(**fields)


class _Emitter:
    """Makes the condition of one filter; where a tag's value comes from depends on the entry point."""

    def __init__(self, columns: tuple[str, ...] | None) -> None:
        self.columns = columns
        self.tests: list[ast.stmt] = []
        self.temps = 0

    def condition(self, shape: Shape) -> ast.expr:
        kind = shape[0]
        if kind in ("and", "or"):
            return (_and if kind == "and" else _or)(*(self.condition(s) for s in shape[1:]))
        if kind == "has" or kind == "missing":
            return self.presence(shape[1], kind == "has")
        if kind == "tags":
            parts = [self.presence((tag,), True) for tag in shape[1]]
            return _and(*parts) if len(parts) > 1 else parts[0] if parts else ast.Constant(False)
        if kind == "call":  # search(d, k0, resolve)
            return _call(shape[1], _name("d"), _name(f"k{shape[2]}"), _name("resolve"))
        _, op, path, how, at = shape
        if len(path) > 1:
            val = _name("v")
            return self.walk(path, _test(op, how, at, val, val))
        first = self.tag(path[0])
        if self.columns is not None:
            return _test(op, how, at, first, first)
        temp = f"v{self.temps}"
        self.temps += 1
        return _test(op, how, at, ast.NamedExpr(ast.Name(temp, _STORE), first), _name(temp))

    def presence(self, path: Path, wanted: bool) -> ast.expr:
        if len(path) > 1:
            return self.walk(path, _compare(_name("v"), ast.IsNot() if wanted else ast.Is(), _none()))
        if self.columns is not None:
            return _compare(self.tag(path[0]), ast.IsNot() if wanted else ast.Is(), _none())
        return _compare(ast.Constant(path[0]), ast.In() if wanted else ast.NotIn(), _name("d"))

    def tag(self, name: str) -> ast.expr:
        # The value of a tag, None when it is missing.
        if self.columns is not None:
            return _name(f"c{self.columns.index(name)}")
        return ast.Call(_attr(_name("d"), "get"), [ast.Constant(name)], [])

    def walk(self, path: Path, test: ast.expr) -> ast.expr:
        # a->b == 1  →  walk(d.get("a"), ("b",), t0, resolve), where t0 tests what is found
        name = f"t{len(self.tests)}"
        self.tests.append(_function(name, ["v"], [ast.Return(test)]))
        rest = ast.Tuple([ast.Constant(p) for p in path[1:]], _LOAD)
        return _call("walk", self.tag(path[0]), rest, _name(name), _name("resolve"))


def _test(op: str, how: str, at: int, first: ast.expr, again: ast.expr) -> ast.expr:
    """Test a value: `first` gives it where it is evaluated first, `again` everywhere after."""
    const = _name(f"k{at}")
    if op == "!=":
        if how == "ref":
            other = _compare(_attr(again, "val"), ast.NotEq(), const)
            differs: ast.expr = _or(ast.UnaryOp(ast.Not(), _type_is(again, "Ref")), other)
        else:
            differs = ast.UnaryOp(ast.Not(), _test("==", how, at, again, again))
        return _and(_compare(first, ast.IsNot(), _none()), differs)
    if how == "any":
        return _call("same", first, const) if op == "==" else _call("ordered", first, const, ast.Constant(op))
    if how == "bool" and op == "==":
        return _compare(first, ast.Is(), const)
    if how == "str" and op == "==":
        return _compare(first, ast.Eq(), const)
    if how == "num":
        if op == "==":  # the value first: most fail there
            not_bool = _compare(_call("type", again), ast.IsNot(), _name("bool"))
            return _and(_compare(first, ast.Eq(), const), not_bool)
        is_plain = _compare(_call("type", first), ast.In(), _name("plain"))
        return _and(is_plain, _compare(again, _OPS[op], const))
    if how == "unit":
        return _and(
            _type_is(first, "Number"),
            _compare(_attr(again, "val"), _OPS[op], const),
            _compare(_attr(again, "unit"), ast.Eq(), _name(f"k{at + 1}")),
        )
    if how == "ref":
        return _or(
            _and(_type_is(first, "Ref"), _compare(_attr(again, "val"), ast.Eq(), const)),
            _and(_type_is(again, "list"), _call("any_ref", again, const)),
        )
    return _and(_type_is(first, how), _compare(again, _OPS[op], const))


@lru_cache(maxsize=512)
def _compile(shape: Shape, entry: str) -> CodeType:
    emitter = _Emitter(first_tags(shape) if entry == "rows" else None)
    cond = emitter.condition(shape)
    make = {"match": _match_def, "select": _select_def, "rows": _rows_def}[entry]
    module = ast.Module([*emitter.tests, make(cond, emitter)], [])
    return compile(ast.fix_missing_locations(module), "<filter>", "exec")


def _match_def(cond: ast.expr, _: _Emitter) -> ast.stmt:
    return _function("match", ["d", "resolve"], [ast.Return(cond)])


def _select_def(cond: ast.expr, _: _Emitter) -> ast.stmt:
    # out = []; add = out.append; for d in ds: if cond: add(d)
    return _loop("select", ["ds", "resolve"], ast.Name("d", _STORE), _name("ds"), cond, "d")


def _rows_def(cond: ast.expr, emitter: _Emitter) -> ast.stmt:
    # for i, c0, c1 in zip(range(n), s0, s1): if cond: add(i)
    count = len(emitter.columns or ())
    target = ast.Tuple([ast.Name(n, _STORE) for n in ["i", *(f"c{j}" for j in range(count))]], _STORE)
    sources = [f"s{j}" for j in range(count)]
    over = _call("zip", _call("range", _name("n")), *map(_name, sources))
    return _loop("rows", ["n", "resolve", *sources], target, over, cond, "i")


def _loop(
    name: str, params: list[str], target: ast.expr, over: ast.expr, cond: ast.expr, item: str
) -> ast.stmt:
    add = ast.If(cond, [ast.Expr(_call("add", _name(item)))], [])
    body: list[ast.stmt] = [
        ast.Assign([ast.Name("out", _STORE)], ast.List([], _LOAD)),
        ast.Assign([ast.Name("add", _STORE)], _attr(_name("out"), "append")),
        ast.For(target, over, [add], []),
        ast.Return(_name("out")),
    ]
    return _function(name, params, body)


def first_tags(shape: Shape) -> tuple[str, ...]:
    """The tags of a record that a filter looks at first, in the order they are met."""
    kind = shape[0]
    if kind in ("and", "or"):
        return tuple(dict.fromkeys(tag for s in shape[1:] for tag in first_tags(s)))
    if kind == "call":
        return ()
    return shape[1] if kind == "tags" else (shape[2 if kind == "cmp" else 1][0],)


def needs_dicts(shape: Shape) -> bool:
    """Whether a filter looks at whole records, so that columns do not do."""
    return shape[0] == "call" or (shape[0] in ("and", "or") and any(needs_dicts(s) for s in shape[1:]))


# -- what the code calls ---------------------------------------------------------------------------------


def _walk(val: Any, rest: Path, test: Callable[[Any], bool], resolve: Resolve | None) -> bool:
    """Follow the rest of a path from `val` and test what is found there, None for nothing."""
    for i, name in enumerate(rest):
        kind = type(val)
        if kind is Ref:
            rec = resolve(val) if resolve is not None else None
            val = None if rec is None else rec.get(name)
        elif kind is list:
            left = rest[i:]
            if any(_walk(x, left, test, resolve) for x in val if type(x) is Ref):
                return True
            val = None
        elif isinstance(val, dict):
            val = val.get(name)
        else:
            val = _part(val, name) if isinstance(val, dt.datetime) else None
        if val is None:
            break
    return test(val)


def _part(val: dt.datetime, name: str) -> Any:
    if name == "date":
        return val.date()
    if name == "time":
        return val.time()
    if name == "tz":
        from axon.values.times import zone_name

        return zone_name(val)
    return None


def _same(val: Any, const: Any) -> bool:
    from axon.values.order import strict_eq

    return val is not None and bool(strict_eq(val, const))


def _ordered(val: Any, const: Any, op: str) -> bool:
    """Compare values of one kind; False for anything else, never an error."""
    if type(val) is list and type(const) is Ref:
        return any(_ordered(x, const, op) for x in val if type(x) is Ref)
    if type(val) is not type(const) and not (isinstance(val, dt.datetime) and isinstance(const, dt.datetime)):
        return False
    from axon.errors import EvalError
    from axon.values.order import cmp

    try:
        sign = cmp(val, const)
    except EvalError:
        return False
    return bool(sign < 0 if op == "<" else sign <= 0 if op == "<=" else sign > 0 if op == ">" else sign >= 0)


def _any_ref(vals: list[Any], ref_id: str) -> bool:
    return any(type(x) is Ref and x.val == ref_id for x in vals)


def _is_spec(rec: dict[str, Any], name: str, _: Resolve | None) -> bool:
    """Whether the record's `spec` names the type; every record is a `Dict`."""
    if name in ("Dict", "sys::Dict", "Obj", "sys::Obj"):
        return True
    spec = rec.get("spec")
    if type(spec) is not Ref:
        return False
    return spec.val == name or ("::" not in name and spec.val.rpartition("::")[2] == name)


def search_test(pattern: str) -> Callable[[str], bool]:
    """A test of one text for a search pattern: a regular expression, a glob, or a part of the text.

    No pattern takes longer than in proportion to the text.
    """
    if pattern.startswith("re:"):
        from axon.values.regex import compile_regex

        try:
            return compile_regex(pattern[3:]).full_match
        except ArgErr:
            pass  # read as a glob then
    glob = "*" in pattern or "?" in pattern
    test = _glob(pattern) if glob else _any_case(pattern).search
    return _WithId(test) if len(pattern) >= 8 else lambda text: bool(test(text))


def _any_case(text: str) -> re.Pattern[str]:
    """A text of a glob without `*`."""
    return re.compile("".join("." if c == "?" else re.escape(c) for c in text), re.IGNORECASE | re.DOTALL)


def _glob(pattern: str) -> Callable[[str], object]:
    """A test of the whole of a text: each part between `*` is taken where it comes first."""
    first, *parts = pattern.split("*")
    head, middle = _any_case(first), [_any_case(p) for p in parts[:-1]]
    if not parts:
        return head.fullmatch
    tail = _any_case(parts[-1])

    def test(text: str) -> bool:
        found = head.match(text)
        for part in middle:
            found = found and part.search(text, found.end())
        start = len(text) - len(parts[-1])
        return found is not None and found.end() <= start and tail.match(text, start) is not None

    return test


class _WithId:
    """A pattern long enough to be looked for in ids too."""

    def __init__(self, find: Callable[[str], object]) -> None:
        self.find = find

    def __call__(self, text: str) -> bool:
        return bool(self.find(text))


def _search(rec: dict[str, Any], test: Callable[[str], bool], resolve: Resolve | None) -> bool:
    """Whether a text of the record passes: a Str tag, its display name, its id."""
    if any(test(v) for v in rec.values() if type(v) is str):
        return True
    ref = rec.get("id")
    if type(ref) is Ref:
        if ref.dis_text and test(ref.dis_text):
            return True
        if isinstance(test, _WithId) and test(ref.val):
            return True
    if "disMacro" not in rec:
        return False
    from axon.values.macros import dict_dis

    return test(dict_dis(rec, resolve))


_HELPERS: dict[str, Any] = {
    "__builtins__": {}, "any_ref": _any_ref, "bool": bool, "date": dt.date, "is_spec": _is_spec, "list": list,
    "Number": Number, "ordered": _ordered, "plain": (float, int), "range": range, "Ref": Ref, "same": _same,
    "search": _search, "str": str, "type": type, "walk": _walk, "zip": zip,
}  # fmt: skip
