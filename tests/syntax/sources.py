"""Sources for the tests of this room: the vectors, and a strategy that makes random trees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from axon.syntax import nodes as n
from axon.syntax.scanner import KEYWORDS
from axon.values.times import DateSpan
from pylib.kinds import MARKER, Number, Ref, Symbol, Uri

VECTORS = Path(__file__).parent.parent / "vectors"


def vectors(*groups: str) -> Iterator[dict[str, Any]]:
    """The vectors of the groups, or all."""
    for path in sorted(VECTORS.glob("*.jsonl")):
        if not groups or path.stem in groups:
            for line in path.read_text(encoding="utf-8").splitlines():
                yield json.loads(line)


def same(a: object, b: object) -> bool:
    """Whether two trees are equal, `true` and `1` told apart (`==` of literals does not)."""
    if type(a) is n.Literal and type(b) is n.Literal:
        x, y = a.val, b.val
        return isinstance(x, bool) == isinstance(y, bool) and x == y
    if isinstance(a, n.Node):
        return type(a) is type(b) and all(same(getattr(a, f), getattr(b, f)) for f in a.__match_args__)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


# ---- random trees ----

_names = st.from_regex(r"[a-z][A-Za-z0-9_]{0,3}", fullmatch=True).filter(lambda s: s not in KEYWORDS)
_words = st.one_of(_names, st.sampled_from(sorted(KEYWORDS)))
_types = st.from_regex(r"[A-Z][A-Za-z0-9_]{0,3}", fullmatch=True)
_ids = st.from_regex(r"[A-Za-z0-9_:\-.~]{1,5}", fullmatch=True)
_paths = st.lists(_names, min_size=1, max_size=3).map(".".join)

_numbers = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda x: int(x) if x.is_integer() else x),
)
_values = st.one_of(
    st.none(),
    st.booleans(),
    _numbers,
    st.builds(Number, _numbers, st.sampled_from(["kW", "°F", "%", "$", "m²", "min", "_own", "kWh/ft²"])),
    st.text(max_size=6),
    _ids.map(Ref),
    st.sampled_from(["site", "hot-water", "lib:ph"]).map(Symbol),
    st.sampled_from(["a/b", "http://x/", "x y`z"]).map(Uri),
    st.dates(min_value=date(1000, 1, 1)),
    st.times().map(lambda t: time(t.hour, t.minute, t.second, t.microsecond)),
    st.just(DateSpan(date(2024, 2, 1), date(2024, 2, 29), "month")),
)
_literals = _values.map(n.Literal)
_leaves = st.one_of(
    _literals,
    _names.map(n.Var),
    st.one_of(_types, st.builds("{}::{}".format, _paths, st.one_of(_types, _words))).map(n.TopName),
)


def _tuples(of: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=least, max_size=3).map(tuple)


def _dict_of(item: st.SearchStrategy[n.Node]) -> st.SearchStrategy[n.Node]:
    pairs = st.tuples(st.one_of(_words, st.text(max_size=4)), st.one_of(item, st.just(n.Literal(MARKER))))
    return st.lists(pairs, max_size=3).map(
        lambda ps: n.DictExpr(tuple(k for k, _ in ps), tuple(v for _, v in ps))
    )


def _call(func: n.Node, args: tuple[n.Node, ...]) -> n.Node:
    if any(type(arg) is n.Hole for arg in args):
        return n.PartialCall(func, args)
    if type(func) is n.TopName and func.is_type:
        return n.StaticCall(func, "<init>", args)
    return n.Call(func, args)


def _dot_call(target: n.Node, name: str, args: tuple[n.Node, ...]) -> n.Node:
    if any(type(arg) is n.Hole for arg in args):
        return n.PartialCall(n.Var(name), (target, *args), dot=True)
    if type(target) is n.TopName and target.is_type:
        return n.StaticCall(target, name, args)
    return n.DotCall(name, (target, *args))


def _func(params: tuple[n.Param, ...], body: n.Node) -> n.Node:
    if type(body) is n.Return or (type(body) is n.Block and type(body.exprs[-1]) is n.Return):
        return n.Func(params, n.Literal(None))
    return n.Func(params, body)


def _unary(op: str, operand: n.Node) -> n.Node:
    number = type(operand) is n.Literal and type(operand.val) in (int, float, Number)
    return operand if op == "-" and number else n.Unary(op, operand)


def _extend(expr: st.SearchStrategy[n.Node]) -> st.SearchStrategy[n.Node]:
    """Every construct over `expr`. A definition can't be an operand, nor an item of a list."""
    term = expr.filter(lambda e: type(e) is not n.Def)
    args = _tuples(st.one_of(expr, st.just(n.Hole())))
    return st.one_of(
        _tuples(term).map(n.ListExpr),
        _dict_of(expr),
        st.builds(n.RangeExpr, term, term),
        st.builds(n.Def, _names, expr),
        st.builds(_func, _tuples(st.builds(n.Param, _names, st.one_of(st.none(), expr))), expr),
        st.builds(_call, term, args),
        st.builds(_dot_call, term, _words, args),
        st.builds(n.TrapCall, term, _names),
        _tuples(expr, 1).map(n.Block),
        st.builds(n.If, expr, expr, st.one_of(st.none(), expr)),
        st.builds(n.Return, expr),
        st.builds(n.Throw, expr),
        st.builds(n.Try, expr, st.one_of(st.none(), _names), expr),
        st.builds(n.Assign, term, expr),
        st.builds(n.Logic, st.sampled_from(["and", "or"]), term, term),
        st.builds(n.Compare, st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "<=>"]), term, term),
        st.builds(n.Arith, st.sampled_from("+-*/"), term, term),
        st.builds(_unary, st.sampled_from(["-", "not"]), term),
    )


@cache
def trees(depth: int = 3) -> st.SearchStrategy[n.Node]:
    """Any tree that the parser could give, up to a depth."""
    return _tree(depth)


@st.composite
def _tree(draw: st.DrawFn, depth: int) -> n.Node:
    if not depth or draw(st.integers(0, 4)) == 0:
        return draw(_leaves)
    return draw(_inner(depth - 1))


@cache
def _inner(depth: int) -> st.SearchStrategy[n.Node]:
    return _extend(trees(depth))
