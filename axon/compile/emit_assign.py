"""Definitions and assignments: where the values of variables are kept."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from axon.compile import pyast as p
from axon.compile.dest import DROP, lasting
from axon.compile.inline import Val, is_plain, is_simple
from axon.compile.plans import called_name, children
from axon.compile.resolve import Variable
from axon.syntax import nodes as n

if TYPE_CHECKING:
    from axon.compile.emit_function import FuncEmitter

__all__ = ["expr_assign", "expr_def", "set_caught", "write"]

#: Calls whose result replaces their first argument, and the type that can be changed in place.
_RENEW = {("add", 2): "_list", ("set", 3): "_dict_type"}
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
    if e.scope.root and e.m.shared(var):
        e.stored[var.name] = None
    e.add(p.assign(e.place(var), val), node)
    if lasting(kind) and not var.assigned and var.defs == 1 and not var.cell:
        e.kinds[var] = kind
    return (p.load(e.place(var)) if not isinstance(val, ast.Constant) else val), kind


def _check_unbound(e: FuncEmitter, var: Variable, node: n.Def) -> None:
    err: ast.stmt = ast.Raise(p.call("_rebound", p.const(node.name)), None)
    if e.scope.root and e.m.shared(var):
        err = ast.If(p.is_not(p.load(var.name), p.load("_U")), [err], [])
    elif not var.param and var.cell:
        err = ast.If(p.is_not(p.load(f"_s_{var.name}"), p.load("_N")), [err], [])
    e.add(err, node)


def expr_assign(e: FuncEmitter, node: n.Assign) -> Val:
    # name = e
    outer, e.operand = e.operand, True
    renewed = _renewed(e, node)
    if renewed is not None:
        e.operand = outer
        return renewed
    val, kind = e.expr(node.val)
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

    Only where the arguments can't change x: literals, names, operators and library functions on them. Emits
    `if type(x) is list and refs(x) == 2: x.append(v)`, and the call for all else.
    """
    call = node.val
    if e.m.plain or not isinstance(call, n.DotCall) or not isinstance(node.target, n.Var):
        return None
    kind = _RENEW.get((call.name, len(call.args)))
    first = call.args[0]
    if kind is None or not isinstance(first, n.Var) or first.name != node.target.name:
        return None
    ref, own = e.r.refs[id(first)], e.r.refs[id(call)]
    if own.choices or e.m.known(call.name) in (None, True) or not ref.sure or len(ref.choices) != 1:
        return None
    if not all(map(partial(_harmless, e), call.args[1:])):
        return None
    vals = e.exprs(call.args[1:])
    args = [_held(e, v, node) for v, _ in vals]
    var = ref.choices[0]
    target = p.load(e.place(var))
    alone = ast.Compare(p.call("_refs", target), [ast.Eq()], [p.load("_OWN")])
    begins = "list" if kind == "_list" else "dict"
    known = e.m.steady.get(var) == begins
    tests: list[ast.expr] = [alone] if known else [p.is_(p.type_of(target), p.load(kind)), alone]
    if kind == "_list":
        change: ast.stmt = ast.Expr(p.method(target, "append", args[0]))
    else:
        if vals[0][1] != "str":
            tests.append(p.is_(p.type_of(args[0]), p.load("_str")))
        if not is_plain(vals[1][1]):
            tests.append(p.is_not(args[1], p.const(None)))
        change = ast.Assign([ast.Subscript(target, args[0], p.STORE)], args[1])
    outer, e.body = e.body, []
    gives = begins if known else ""
    write(e, var, (p.call(e.m.builtin(call.name), target, *args), gives), node)
    renew, e.body = e.body, outer
    e.add(ast.If(p.both(*tests), [change], renew), node)
    return target, gives


def _held(e: FuncEmitter, expr: ast.expr, node: n.Node) -> ast.expr:
    """An expression that can stand more than once."""
    if is_simple(expr):
        return expr
    name = e.temp()
    e.add(p.assign(name, expr), node)
    return p.load(name)


def _harmless(e: FuncEmitter, node: n.Node) -> bool:
    """Whether evaluating a node can't run code of the program or assign."""
    if isinstance(node, (n.Call, n.DotCall)):
        key = node if isinstance(node, n.DotCall) else node.func
        name = called_name(node)
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
    if var in e.m.steady and not _stays(e.m.steady[var], kind):
        e.m.wrong.add(var)
    place = e.m.cell(var) if var.cell and not var.scope.root else e.place(var)
    if var.cell or (var.scope.root and e.m.shared(var)):
        e.stored[place] = None
    e.add(p.assign(place, val), node)
    if var.cell and var.param and var.scope is e.scope:
        e.add(p.assign(var.name, p.load(place)), node)


def _stays(begun: str, kind: str) -> bool:
    """Whether a value of a kind leaves a variable what it began as."""
    return is_plain(kind) if begun == "num" else kind.startswith(begun)


def set_caught(e: FuncEmitter, var: Variable, val: ast.expr, node: n.Try) -> None:
    if e.scope.root:
        if e.m.shared(var):
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
