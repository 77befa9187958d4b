"""Stages of a stream with literal lambdas as one generator: no call per item and stage.

`x.stream.map(a => …).findAll(b => …)` becomes `x.stream.then(g)`, where `g` is a Python generator with both
bodies in it. The lambdas must be free of what a generator would change: captured variables, `return`,
definitions in branches (`plans`).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from axon.compile import pyast as p
from axon.compile.inline import Val, as_bool, int_kind
from axon.compile.plans import has_func, plan_of
from axon.compile.resolve import ScopeInfo
from axon.syntax import nodes as n

if TYPE_CHECKING:
    from axon.compile.emit_function import FuncEmitter
    from axon.lib.registry import Builtin

__all__ = ["pipe_call"]

_Stage = tuple[str, n.Func]


def pipe_call(e: FuncEmitter, node: n.Node, b: Builtin, args: Sequence[n.Node]) -> Val | None:
    """A `map` or `findAll` at the end of stages that begin with `stream`; None for any other call."""
    if b.name not in ("map", "findAll") or e.m.plain or not isinstance(node, n.DotCall):
        return None
    calls: list[n.DotCall] = []
    at: n.Node = node
    while isinstance(at, n.DotCall) and at.name in ("map", "findAll"):
        calls.append(at)
        at = at.args[0]
    if not isinstance(at, n.DotCall) or not _means_library(e, at, "stream") or len(at.args) != 1:
        return None
    stages: list[_Stage] = []
    for call in reversed(calls):
        stage = _stage(e, call)
        if stage is None:
            return None
        stages.append(stage)
    source = e.value(at)
    made = _generator(e, stages, _item_kind(at.args[0]))
    return e.at(p.method(source, "then", p.load(made)), node), "other"


def _stage(e: FuncEmitter, call: n.DotCall) -> _Stage | None:
    args = e.r.with_eta(call.args)
    func = args[-1]
    if not _means_library(e, call, call.name) or not isinstance(func, n.Func) or len(func.params) != 1:
        return None
    scope = e.r.funcs.get(id(func))
    fits = scope is not None and not any(v.cell for v in scope.vars.values()) and not has_func(func.body)
    return (call.name, func) if fits and plan_of(call.name, args) is not None else None


def _means_library(e: FuncEmitter, call: n.DotCall, name: str) -> bool:
    return call.name == name and not e.r.refs[id(call)].choices and e.m.known(name) not in (None, True)


def _item_kind(source: n.Node) -> str:
    """What is known of the items: those of a range with whole literal ends are integers."""
    if not isinstance(source, n.RangeExpr):
        return ""
    ends = [x.val for x in (source.start, source.end) if isinstance(x, n.Literal) and type(x.val) is int]
    return int_kind(max(map(abs, ends)).bit_length()) if len(ends) == 2 else ""


def _generator(e: FuncEmitter, stages: list[_Stage], kind: str) -> str:
    """Emit the generator function of some stages; returns its Python name."""
    scopes = [e.r.funcs[id(func)] for _, func in stages]
    fe = type(e)(e.m, scopes[0])
    first = _item(scopes[0])
    item, outer = first, fe.body
    loop: list[ast.stmt] = []
    fe.body = loop
    for (name, func), scope in zip(stages, scopes, strict=True):
        item, kind = _emit_stage(fe, name, func, scope, item, kind)
    fe.add(ast.Expr(ast.Yield(p.load(item))), stages[-1][1].body)
    fe.body = outer
    fe.add(ast.For(p.store(first), p.load("_items_"), loop, []), stages[0][1])
    name = f"_g{e.m.tag}{scopes[0].index}"
    body: list[ast.stmt] = [*([ast.Global(list(fe.stored))] if fe.stored else []), *fe.body]
    e.m.names[name] = "stream"
    e.m.body.append(e.m.pos.stamp(p.function(name, ["_items_"], body), stages[0][1].loc))
    return name


def _emit_stage(
    fe: FuncEmitter, name: str, func: n.Func, scope: ScopeInfo, item: str, kind: str
) -> tuple[str, str]:
    """One stage inside the loop; returns the name and kind of the item that goes on."""
    param = scope.vars[func.params[0].name]
    local = {v: f"{v.name}·{scope.index}" for v in scope.vars.values()}
    local[param] = item
    with fe.inside(scope, local):
        if kind and not param.assigned:
            fe.kinds[param] = kind
        val = fe.expr(func.body)
        if name == "map":
            out = f"_i{scope.index}"
            fe.add(p.assign(out, val[0]), func.body)
            return out, val[1]
        skip = ast.If(ast.UnaryOp(ast.Not(), as_bool(val, "_pred", fe.temp, name)), [ast.Continue()], [])
        fe.add(skip, func.body)
        return item, "" if param.assigned else kind


def _item(scope: ScopeInfo) -> str:
    return f"_i{scope.index}_"
