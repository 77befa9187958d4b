"""Definitions and assignments: where the values of variables are kept."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from axon.compile import pyast as p
from axon.compile.dest import DROP, LASTING
from axon.compile.inline import PLAIN, Val
from axon.compile.plans import children
from axon.compile.resolve import Variable
from axon.syntax import nodes as n

if TYPE_CHECKING:
    from axon.compile.emit_function import FuncEmitter

__all__ = ["expr_assign", "expr_def", "set_caught", "write"]

#: Calls whose result replaces their first argument, and the helpers that may change it in place.
_RENEW = {("add", 2): "_add_own", ("set", 3): "_set_own"}
#: Library functions that evaluate code they are given as text or by name.
_RUNNERS = frozenset({"eval", "evalToFunc", "call", "callByName"})


def expr_def(e: FuncEmitter, node: n.Def) -> Val:
    # name: e
    val, kind = e.expr(node.val)
    var = e.scope.vars[node.name]
    first = e.r.first[id(node)]
    if not first or var.param:
        _check_unbound(e, var, node)
    if var.cell and not e.scope.root:
        cell = e.m.cell(var)
        e.stored[cell] = None
        if not isinstance(val, ast.Constant):
            held = e.temp()
            e.add(p.assign(held, val), node)
            val = p.load(held)
        e.add(p.assign(f"_s_{var.name}", p.load(cell)), node)
        e.add(p.assign(cell, val), node)
        return val, kind
    if e.scope.root:
        e.stored[var.name] = None
    e.add(p.assign(e.place(var), val), node)
    if kind in LASTING and not var.assigned and var.defs == 1 and not var.cell:
        e.kinds[var] = kind
    return (p.load(e.place(var)) if not isinstance(val, ast.Constant) else val), kind


def _check_unbound(e: FuncEmitter, var: Variable, node: n.Def) -> None:
    err: ast.stmt = ast.Raise(p.call("_rebound", p.const(node.name)), None)
    if e.scope.root:
        err = ast.If(p.is_not(p.load(var.name), p.load("_U")), [err], [])
    elif not var.param and var.cell:
        err = ast.If(p.is_not(p.load(f"_s_{var.name}"), p.load("_N")), [err], [])
    e.add(err, node)


def expr_assign(e: FuncEmitter, node: n.Assign) -> Val:
    # name = e
    outer, e.operand = e.operand, True
    val, kind = _renewed(e, node) or e.expr(node.val)
    e.operand = outer
    if not isinstance(node.target, n.Var):
        e.give((val, kind), DROP, node)
        text = p.call("_not_assignable", p.const(_source(node.target)), p.const(type(node.target).__name__))
        e.add(ast.Raise(text, None), node)
        return p.const(None), "null"
    ref = e.r.refs[id(node.target)]
    if ref.sure and len(ref.choices) == 1:
        write(e, ref.choices[0], (val, kind), node)
        return (p.load(e.place(ref.choices[0])) if not isinstance(val, ast.Constant) else val), kind
    held = e.temp()
    e.add(p.assign(held, val), node)
    _assign_chain(e, list(ref.choices), ref.sure, (p.load(held), kind), node, node.target.name)
    return p.load(held), kind


def _renewed(e: FuncEmitter, node: n.Assign) -> Val | None:
    """`x = x.add(v)`, `x = x.set(k, v)`: when nothing else holds the value of x, it is changed in place.

    Only where the arguments can't change x: literals, names, operators and library functions on them.
    """
    call = node.val
    if e.m.plain or not isinstance(call, n.DotCall) or not isinstance(node.target, n.Var):
        return None
    helper = _RENEW.get((call.name, len(call.args)))
    first = call.args[0]
    if helper is None or not isinstance(first, n.Var) or first.name != node.target.name:
        return None
    ref, own = e.r.refs[id(first)], e.r.refs[id(call)]
    if own.choices or e.m.known(call.name) in (None, True) or not ref.sure or len(ref.choices) != 1:
        return None
    if not all(map(partial(_harmless, e), call.args[1:])):
        return None
    args = [v for v, _ in e.exprs(call.args[1:])]
    target = p.load(e.place(ref.choices[0]))
    return e.at(p.call(helper, target, *args, p.load(e.m.builtin(call.name))), node), ""


def _harmless(e: FuncEmitter, node: n.Node) -> bool:
    """Whether evaluating a node can't run code of the program or assign."""
    if isinstance(node, (n.Call, n.DotCall)):
        key = node if isinstance(node, n.DotCall) else node.func
        name = (
            node.name
            if isinstance(node, n.DotCall)
            else node.func.name
            if isinstance(node.func, n.Var)
            else ""
        )
        if e.r.refs[id(key)].choices if id(key) in e.r.refs else True:
            return False
        if e.m.known(name) in (None, True) or name in _RUNNERS:
            return False
        return all(map(partial(_harmless, e), node.args))
    if isinstance(node, (n.Assign, n.Def, n.Func, n.Try, n.PartialCall, n.StaticCall, n.Return, n.Throw)):
        return False
    return all(map(partial(_harmless, e), children(node)))


def _assign_chain(
    e: FuncEmitter, choices: list[Variable], sure: bool, held: Val, node: n.Node, name: str
) -> None:
    if not choices:
        e.add(ast.Expr(p.call("_assign_free", p.const(name), held[0])), node)
        return
    var, rest = choices[0], choices[1:]
    if sure and not rest:
        write(e, var, held, node)
        return
    outer, e.body = e.body, []
    write(e, var, held, node)
    then, e.body = e.body, []
    _assign_chain(e, rest, sure, held, node, name)
    other, e.body = e.body, outer
    place = p.load(e.m.cell(var) if var.cell and not var.scope.root else var.name)
    e.add(ast.If(p.is_not(place, p.load("_U")), then, other), node)


def write(e: FuncEmitter, var: Variable, made: Val, node: n.Node) -> None:
    val, kind = made
    if var in e.m.numeric and kind not in PLAIN:
        e.m.wrong.add(var)
    if var.scope.root or var.cell:
        place = var.name if var.scope.root else e.m.cell(var)
        e.stored[place] = None
    else:
        place = e.place(var)
    e.add(p.assign(place, val), node)
    if var.cell and var.param and var.scope is e.scope:
        e.add(p.assign(var.name, p.load(place)), node)


def set_caught(e: FuncEmitter, var: Variable, val: ast.expr, node: n.Try) -> None:
    if e.scope.root:
        e.stored[var.name] = None
        e.add(p.assign(var.name, val), node)
    elif not var.cell:
        e.add(p.assign(var.name, val), node)
    else:
        cell = e.m.cell(var)
        e.stored[cell] = None
        if not var.param:
            saved = p.load(f"_s_{var.name}")
            keep = p.assign(f"_s_{var.name}", p.load(cell))
            e.add(ast.If(p.is_(saved, p.load("_N")), [keep], []), node)
        e.add(p.assign(cell, val), node)


def _source(node: n.Node) -> str:
    from axon.syntax.printer import to_source

    return to_source(node)
