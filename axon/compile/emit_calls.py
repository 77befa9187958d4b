"""Calls: known functions are called directly, all others through the entry for the number of arguments."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from axon.compile import pyast as p
from axon.compile.builtins import inline_builtin
from axon.compile.filters import emit_filter
from axon.compile.inline import Val, is_int, is_simple
from axon.compile.loops import loop_call
from axon.compile.pipes import pipe_call
from axon.compile.resolve import Binding
from axon.compile.shapes import is_dict, tag_kind
from axon.syntax import nodes as n

if TYPE_CHECKING:
    from axon.compile.emit_function import FuncEmitter
    from axon.lib.registry import Builtin

__all__ = ["expr_call", "expr_dot_call", "expr_partial", "expr_trap"]

_ENTRIES = 5


def expr_call(e: FuncEmitter, node: n.Call) -> Val:
    # f(a), (e)(a), d->f(a), lib::f(a)
    if isinstance(node.func, n.Var):
        return _named(e, node, node.func, node.func.name, e.r.refs[id(node.func)], node.args)
    if isinstance(node.func, n.TopName):
        callee = p.call("_qname", p.const(node.func.name))
        args = e.exprs(node.args)
        return e.at(_enter(callee, args), node), ""
    vals = [e.expr(node.func)]
    vals[0] = (_checked(e, vals[0], ""), "fn")
    vals = e.more(vals, node.args)
    return e.at(_enter(vals[0][0], vals[1:]), node), ""


def expr_dot_call(e: FuncEmitter, node: n.DotCall) -> Val:
    # a.f(b)  →  f(a, b)
    ref = e.r.refs[id(node)]
    if node.name == "get" and not ref.choices and len(node.args) == 2 and not e.m.plain:
        found = e.m.known("get")
        if found is not None and found is not True:
            return _index(e, node)
    return _named(e, node, node, node.name, ref, node.args, dot=True)


def _named(
    e: FuncEmitter,
    node: n.Node,
    key: n.Node,
    name: str,
    ref: Binding,
    args: Sequence[n.Node],
    dot: bool = False,
) -> Val:
    """A call of a bare name, plain or with a dot."""
    if ref.choices:
        return _variable_call(e, node, name, ref, args, dot)
    found = e.m.known(name)
    if found is None:
        return _through(e, node, e.free(name, node), name, args, dot)
    if found is True:
        return _through(e, node, p.load(e.m.top(name)), name, args, dot, known=True)
    return _builtin_call(e, node, name, found, args)  # type: ignore[arg-type]


def _variable_call(
    e: FuncEmitter, node: n.Node, name: str, ref: Binding, args: Sequence[n.Node], dot: bool
) -> Val:
    var = ref.choices[0]
    func = var.constant_func
    if func is not None and len(ref.choices) == 1 and len(args) >= len(func.params):
        scope = e.r.funcs[id(func)]
        if ref.sure or var.defs:
            vals = e.exprs(args)
            if len(args) > len(func.params) and not all(is_simple(v) for v, _ in vals):
                e.keep(vals, len(e.body), node)
            used = vals[: len(func.params)]
            code, gives = e.m.variant(scope, tuple(k for _, k in used))
            direct: ast.expr = p.call(code, *(v for v, _ in used))
            if ref.sure:
                return e.at(direct, node), gives
            if all(is_simple(v) for v, _ in vals):
                guard = p.is_not(p.load(e.place(var)), p.load("_U"))
                callee = _checked(e, (e.free(name, node), ""), name)
                return e.at(p.if_exp(guard, direct, _enter(callee, vals)), node), ""
            val = e.read(ref, name, node)
            return e.at(_enter(_checked(e, val, name), vals), node), ""
    callee_val, kind = e.read(ref, name, node)
    return _through(e, node, callee_val, name, args, dot, known=kind == "fn")


def _through(
    e: FuncEmitter,
    node: n.Node,
    callee: ast.expr,
    name: str,
    args: Sequence[n.Node],
    dot: bool,
    known: bool = False,
) -> Val:
    """A call through a function value; a dot call evaluates its target before the function."""
    vals: list[Val] = []
    rest = list(args)
    if dot and not known:
        vals = e.exprs(args[:1])
        if not isinstance(vals[0][0], ast.Constant):
            e.keep(vals, len(e.body), node)
        rest = rest[1:]
    checked = callee if known else _checked(e, (callee, ""), name)
    seq = e.more([(checked, "fn")], [*(() if vals else args[: len(args) - len(rest)]), *rest])
    return e.at(_enter(seq[0][0], [*vals, *seq[1:]]), node), ""


def _checked(e: FuncEmitter, val: Val, name: str) -> ast.expr:
    """An expression for a function value that raises when it is not one."""
    expr, kind = val
    if kind == "fn":
        return expr
    if is_simple(expr):
        first = again = expr
    else:
        held = e.temp()
        first, again = p.walrus(held, expr), p.load(held)
    return p.if_exp(p.is_(p.type_of(first), p.load("_Fn")), again, p.call("_callee", again, p.const(name)))


def _enter(callee: ast.expr, vals: Sequence[Val]) -> ast.expr:
    """`callee.c2(a, b)`, the entry that takes as many arguments as are given."""
    exprs = [v for v, _ in vals]
    if len(exprs) < _ENTRIES:
        return p.method(callee, f"c{len(exprs)}", *exprs)
    return ast.Call(p.method(callee, "entry", p.const(len(exprs))), exprs, [])


def _is_null(node: n.Node) -> bool:
    return isinstance(node, n.Literal) and node.val is None


def _builtin_call(e: FuncEmitter, node: n.Node, name: str, b: Builtin, args: Sequence[n.Node]) -> Val:
    """A library function: its checked entry point, called directly."""
    piped = pipe_call(e, node, b, args)
    if piped is not None:
        return piped
    looped = loop_call(e, node, b, e.r.with_eta(args))
    if looped is not None:
        return looped
    lazy = b.lazy
    vals: list[Val] = []
    for i, arg in enumerate(args):
        how = lazy[i] if i < len(lazy) else None
        mark = len(e.body)
        if how == "filter" and not (_is_null(arg) and b.params[i].nullable):
            val: Val = (e.at(emit_filter(e, arg), arg), "other")
        elif how == "thunk":
            val = (_thunk(e, arg), "other")
        else:
            val = e.expr(arg)
        if len(e.body) > mark:
            e.keep(vals, mark, node)
        vals.append(val)
    fits = b.min_args <= len(vals) <= b.max_args
    if not fits:
        return e.at(_enter(p.load("_fn" + e.m.builtin(name)), vals), node), ""

    def call(exprs: list[ast.expr]) -> ast.expr:
        return p.call(e.m.builtin(name), *([p.load("_cx")] if b.takes_cx else []), *exprs)

    if not e.m.plain and not any(lazy):
        inline = inline_builtin(name, vals, call, e.temp)
        if inline is not None:
            return e.at(inline[0], node), inline[1]
    return e.at(call([v for v, _ in vals]), node), _ITEMS.get(name) or _RESULTS.get(b.returns, "")


#: Library functions whose result is a list of strings.
_ITEMS = {"split": "list:str", "names": "list:str", "colNames": "list:str", "ioReadLines": "list:str"}
_RESULTS = {"Bool": "bool", "Str": "str", "List": "list", "Dict": "dict", "Date": "date"}


def _thunk(e: FuncEmitter, arg: n.Node) -> ast.expr:
    from axon.syntax.printer import to_source

    func = e.r.thunks[id(arg)]
    code = e.m.code_name(e.r.funcs[id(func)])
    return p.call("_thunk", p.const(to_source(arg)), p.load(code))


def _index(e: FuncEmitter, node: n.DotCall) -> Val:
    # x[i]
    (x, kind), (i, ikind) = e.exprs(node.args)
    get = e.m.builtin("get")
    if is_dict(kind) and ikind == "str":
        return e.at(p.method(x, "get", i), node), ""
    if kind.startswith("list") and is_int(ikind):
        return e.at(ast.Subscript(x, i, p.LOAD), node), kind[5:]
    if isinstance(x, ast.Constant):
        return e.at(p.call(get, x, i), node), ""
    if is_int(ikind) and is_simple(x):
        fx = x  # each branch evaluates the index once
    elif not (is_simple(x) and is_simple(i)):
        held: list[ast.expr] = []
        for part in (x, i):
            if isinstance(part, ast.Constant) or (part is i and is_int(ikind)):
                held.append(part)
            else:
                held.append(p.walrus(e.temp(), part))
        fx, fi = held
        x, i = (p.load(h.target.id) if isinstance(h, ast.NamedExpr) else h for h in held)
    else:
        fx, fi = x, i
    slow = p.call(get, x, i)
    fast: ast.expr = ast.Subscript(x, i, p.LOAD)
    if ikind == "str":
        has = ast.Compare(i, [ast.In()], [x])
        test = p.both(p.is_(p.type_of(fx), p.load("_dict_type")), has)
    elif is_int(ikind):
        test = p.is_(p.type_of(fx), p.load("_list"))
    else:
        # both parts are evaluated before the test can fail
        return _index_any(e, node, (fx, x), (fi, i), slow)
    return e.at(p.if_exp(test, fast, slow), node), ""


def _index_any(
    e: FuncEmitter,
    node: n.Node,
    target: tuple[ast.expr, ast.expr],
    key: tuple[ast.expr, ast.expr],
    slow: ast.expr,
) -> Val:
    """`x[i]` of unknown kinds: a list by a whole number, a dict by a name that it has."""
    (fx, x), (fi, i) = target, key
    kind, index = e.temp(), e.temp()
    fast = ast.Subscript(x, i, p.LOAD)
    if is_simple(fi):
        of_dict = p.both(
            p.is_(p.walrus(kind, p.type_of(fx)), p.load("_dict_type")),
            p.is_(p.type_of(i), p.load("_str")),
            ast.Compare(i, [ast.In()], [x]),
        )
        of_list = p.both(p.is_(p.load(kind), p.load("_list")), p.is_(p.type_of(i), p.load("_int")))
        return e.at(p.if_exp(p.either(of_dict, of_list), fast, slow), node), ""
    kinds = ast.Compare(
        ast.Tuple([p.walrus(kind, p.type_of(fx)), p.walrus(index, p.type_of(fi))], p.LOAD),
        [ast.Eq()],
        [p.load("_LIST_INT")],
    )
    named = p.both(
        p.is_(p.load(kind), p.load("_dict_type")),
        p.is_(p.load(index), p.load("_str")),
        ast.Compare(i, [ast.In()], [x]),
    )
    return e.at(p.if_exp(p.either(kinds, named), fast, slow), node), ""


def expr_trap(e: FuncEmitter, node: n.TrapCall) -> Val:
    # x->name
    ref = e.r.refs[id(node)]
    (x, kind) = e.expr(node.target)
    if ref.choices or e.m.known("trap") is True:
        vals: list[Val] = [(x, kind)]
        e.keep(vals, len(e.body), node)
        callee, known = e.read(ref, "trap", node)
        return e.at(
            _enter(_checked(e, (callee, known), "trap"), [*vals, (p.const(node.name), "str")]), node
        ), ""
    if is_dict(kind) and not isinstance(x, ast.Constant):  # a KeyError is translated
        return e.at(ast.Subscript(x, p.const(node.name), p.LOAD), node), tag_kind(kind, node.name)
    if isinstance(x, ast.Constant):
        return e.at(p.call("_trap", x, p.const(node.name), p.load("_cx")), node), ""
    first = again = x
    if not is_simple(x):
        name = e.temp()
        first, again = p.walrus(name, x), p.load(name)
    key = p.const(node.name)
    test = p.is_(p.type_of(first), p.load("_dict_type"))  # a KeyError is translated (runtime/trace)
    slow = p.call("_trap", again, key, p.load("_cx"))
    return e.at(p.if_exp(test, ast.Subscript(again, key, p.LOAD), slow), node), ""


def expr_partial(e: FuncEmitter, node: n.PartialCall) -> Val:
    # f(_, x), x.f(_)
    order = [node.func, *node.args]
    if node.dot:
        order = [node.args[0], node.func, *node.args[1:]]
    vals: list[Val] = []
    for item in order:
        if isinstance(item, n.Hole):
            vals.append((p.load("_HOLE"), ""))
            continue
        mark = len(e.body)
        val = e.expr(item)
        if item is node.func:
            name = item.name if isinstance(item, n.Var) else ""
            val = (_checked(e, val, name), "fn")
        if len(e.body) > mark:
            e.keep(vals, mark, item)
        vals.append(val)
    if node.dot:
        e.keep(vals[:1], len(e.body), node)
        target, func, *rest = vals
        vals = [func, target, *rest]
    exprs = [v for v, _ in vals]
    return e.at(p.call("_partial", exprs[0], ast.List(exprs[1:], p.LOAD), p.load("_cx")), node), "fn"
