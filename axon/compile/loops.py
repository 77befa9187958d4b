"""Iteration with a literal lambda becomes a Python loop: no call per item.

`list.map(x => …)` on a list or a range of numbers runs the lambda's body in place; any other receiver goes to
the library function as ever, or is gone through in the same way where the result does not depend on its kind.
A lambda is taken in when that can't be noticed (`plans`). Its variables get names of their own (`x·3`), for
they live in the function around it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from axon.compile import pyast as p
from axon.compile.dest import list_of
from axon.compile.inline import Val, as_bool, int_kind, is_plain
from axon.compile.plans import PLANS, Plan, has_func, only_trapped, plan_of
from axon.compile.resolve import ScopeInfo
from axon.syntax import nodes as n
from axon.values.ranges import MAX_ITEMS

if TYPE_CHECKING:
    from axon.compile.emit_function import FuncEmitter
    from axon.lib.registry import Builtin

__all__ = ["loop_call"]

#: How deep loops are nested in place: each level is emitted twice, in place and as a function.
_MAX_DEPTH = 2
_INT_LIMIT = 1 << 40


def loop_call(e: FuncEmitter, node: n.Node, b: Builtin, args: Sequence[n.Node]) -> Val | None:
    """A call of an iterating function as a loop; None when it has to be a call."""
    func = args[-1] if args else None
    if b.name not in PLANS or not isinstance(func, n.Func) or id(func) not in e.r.funcs:
        return None
    scope = e.r.funcs[id(func)]
    if not scope.inlined and (
        e.m.plain
        or e.loop_depth >= _MAX_DEPTH
        or any(v.cell for v in scope.vars.values())
        or has_func(func.body)
    ):
        return None
    plan = PLANS[b.name] if scope.inlined else plan_of(b.name, args)
    if plan is None:
        return None
    return _Loop(e, node, b, args, func, scope, plan).emit()


class _Loop:
    def __init__(
        self,
        e: FuncEmitter,
        node: n.Node,
        b: Builtin,
        args: Sequence[n.Node],
        func: n.Func,
        scope: ScopeInfo,
        plan: Plan,
    ) -> None:
        self.e = e
        self.node = node
        self.b = b
        self.args = args
        self.func = func
        self.scope = scope
        self.plan = plan
        self.indexed = len(func.params) > plan.params
        self.init: ast.expr | None = None
        self.init_kind = ""
        self.item_kind = ""
        self.counted = False
        self.result = ""

    def holds(self, val: Val) -> ast.expr:
        """Whether what the predicate gave is true."""
        return as_bool(val, "_pred", self.e.temp, self.b.name)

    def emit(self) -> Val:
        """Evaluate the receiver, then loop over it or call the library function."""
        e = self.e
        receiver = self.args[0]
        if self.plan.args == 3:
            (target, kind), (init, self.init_kind) = e.exprs(self.args[:2])
            self.init = self.hold(init)
        else:
            target, kind = self.range_or_expr(receiver)
        known = kind.startswith(("list", "range"))
        if kind.startswith("range") and (self.indexed or not self.plan.ranges):
            target, kind = e.expr(receiver)
            known = False
        source = self.hold(target)
        self.result = e.temp()
        if known:
            self.item_kind = kind.partition(":")[2]
            self.counted = self.indexed
            return self.loop(p.call("_enumerate", source) if self.indexed else source)
        if self.scope.inlined:
            name = p.const(self.b.name)
            return self.loop(p.call("_pairs" if self.indexed else "_items", source, name, p.load("_cx")))
        return self.guarded(source)

    def range_or_expr(self, node: n.Node) -> Val:
        """A range of whole literal bounds needs no object; its items are small integers."""
        if isinstance(node, n.RangeExpr) and self.plan.ranges:
            ends = [x.val for x in (node.start, node.end) if isinstance(x, n.Literal) and type(x.val) is int]
            if len(ends) == 2 and all(abs(x) < _INT_LIMIT for x in ends):
                start, end = ends
                if self.b.name == "map" and abs(start - end) >= MAX_ITEMS:
                    return self.e.expr(node)
                step = 1 if start <= end else -1
                made = p.call("_pyrange", p.const(start), p.const(end + step), p.const(step))
                return made, f"range:{int_kind(max(abs(start), abs(end)).bit_length())}"
        return self.e.expr(node)

    def hold(self, expr: ast.expr) -> ast.expr:
        """An expression kept in a temporary, unless it is a constant or a temporary."""
        if isinstance(expr, ast.Constant) or (isinstance(expr, ast.Name) and expr.id[:2] in ("_k", "_t")):
            return expr
        name = self.e.temp()
        self.e.add(p.assign(name, expr), self.node)
        return p.load(name)

    def guarded(self, source: ast.expr) -> Val:
        """A receiver of unknown kind: list, range of numbers, or what the library function makes of it."""
        e = self.e
        items = e.temp()
        kind = p.type_of(source)
        is_list = p.is_(kind, p.load("_list"))
        test: ast.expr = is_list
        regrid = self.takes_rows() and e.temp()
        if regrid:
            e.add(p.assign(regrid, p.if_exp(is_list, source, p.call("_rows", source))), self.node)
            test = p.is_not(p.load(regrid), p.const(None))
        if self.plan.ranges and not self.indexed:
            k = e.temp()
            test = p.either(
                p.is_(p.walrus(k, p.type_of(source)), p.load("_list")), p.is_(p.load(k), p.load("_Range"))
            )
        outer, e.body = e.body, []
        if self.indexed:
            items = ""
        elif self.plan.ranges:
            ints = p.call("_ints", source, p.const(self.b.name))
            e.add(p.assign(items, p.if_exp(p.is_(p.load(k), p.load("_list")), source, ints)), self.node)
        else:
            e.add(p.assign(items, p.load(regrid) if regrid else source), self.node)
        self.counted = self.indexed
        loop_over = p.load(items) if items else p.call("_enumerate", source)
        val, kind_made = self.loop(loop_over)
        if not (isinstance(val, ast.Name) and val.id == self.result):
            e.add(p.assign(self.result, val), self.node)
        if regrid:
            picked = p.assign(self.result, p.method(source, "pick", p.load(self.result)))
            e.add(ast.If(p.is_not(p.load(regrid), source), [picked], []), self.node)
        fast, e.body = e.body, []
        call_args = [
            source,
            *([self.init] if self.init is not None else []),
            p.load(e.m.value_name(self.scope)),
        ]
        if self.b.takes_cx:
            call_args.insert(0, p.load("_cx"))
        e.add(p.assign(self.result, p.call(e.m.builtin(self.b.name), *call_args)), self.node)
        slow, e.body = e.body, outer
        e.add(ast.If(test, fast, slow), self.node)
        return p.load(self.result), kind_made if kind_made == "bool" else ""

    def takes_rows(self) -> bool:
        """Whether rows of a grid may be gone through in place as well: the body only asks for their tags."""
        if self.b.name != "findAll" or self.indexed or self.scope.vars[self.func.params[0].name].assigned:
            return False
        return only_trapped(self.func.body, self.func.params[0].name)

    def loop(self, source: ast.expr) -> Val:
        """The loop itself; `self.result` holds what it makes."""
        return _MAKERS[self.b.name](self, source)

    # -- pieces of loops

    def begin(self, val: ast.expr) -> None:
        self.e.add(p.assign(self.result, val), self.node)

    def body(self, source: ast.expr, then: Callable[[Val], list[ast.stmt]] | None, first: str = "") -> None:
        """`for item in source: <lambda body>; <then(value)>`; `first` names what the first parameter holds.

        Without `then` the value is dropped.
        """
        e = self.e
        names = [q.name for q in self.func.params]
        if first and names:
            names = names[1:]
        local = {v: f"{v.name}·{self.scope.index}" for v in self.scope.vars.values()}
        if first:
            local[self.scope.vars[self.func.params[0].name]] = first
        item = f"{names[0]}·{self.scope.index}" if names else e.temp()
        target: ast.expr = p.store(item)
        if self.indexed:
            index = f"{names[1]}·{self.scope.index}" if len(names) > 1 else e.temp()
            target = ast.Tuple([p.store(index), p.store(item)], p.STORE)
        with e.inside(self.scope, local):
            if names and self.item_kind and not self.scope.vars[names[0]].assigned:
                e.kinds[self.scope.vars[names[0]]] = self.item_kind
            if self.counted and len(names) > 1 and not self.scope.vars[names[1]].assigned:
                e.kinds[self.scope.vars[names[1]]] = "i40"
            outer, e.body = e.body, []
            if then is None:
                e.drop(self.func.body)
            else:
                for stmt in then(e.expr(self.func.body)):
                    e.add(stmt, self.func.body)
            made, e.body = e.body, outer
        e.add(ast.For(target, source, made or [ast.Pass()], []), self.node)


def _each(loop: _Loop, source: ast.expr) -> Val:
    loop.body(source, None)
    return p.const(None), "null"


def _append(loop: _Loop, val: ast.expr) -> ast.stmt:
    return ast.Expr(p.method(p.load(loop.result), "append", val))


def _map(loop: _Loop, source: ast.expr) -> Val:
    loop.begin(ast.List([], p.LOAD))
    kinds: list[str] = []

    def keep(val: Val) -> list[ast.stmt]:
        kinds.append(val[1])
        return [_append(loop, val[0])]

    loop.body(source, keep)
    return p.load(loop.result), list_of(kinds[0])


def _find_all(loop: _Loop, source: ast.expr) -> Val:
    loop.begin(ast.List([], p.LOAD))

    def keep(val: Val) -> list[ast.stmt]:
        item = p.load(_item_name(loop))
        return [ast.If(loop.holds(val), [_append(loop, item)], [])]

    loop.body(source, keep)
    return p.load(loop.result), f"list:{loop.item_kind}" if loop.item_kind else "list"


def _item_name(loop: _Loop) -> str:
    return f"{loop.func.params[0].name}·{loop.scope.index}"


def _quantifier(start: bool) -> Callable[[_Loop, ast.expr], Val]:
    def make(loop: _Loop, source: ast.expr) -> Val:
        loop.begin(p.const(start))

        def stop(val: Val) -> list[ast.stmt]:
            test = loop.holds(val)
            if start:
                test = ast.UnaryOp(ast.Not(), test)
            return [ast.If(test, [p.assign(loop.result, p.const(not start)), ast.Break()], [])]

        loop.body(source, stop)
        return p.load(loop.result), "bool"

    return make


def _find(loop: _Loop, source: ast.expr) -> Val:
    loop.begin(p.const(None))

    def stop(val: Val) -> list[ast.stmt]:
        item = p.load(_item_name(loop))
        return [ast.If(loop.holds(val), [p.assign(loop.result, item), ast.Break()], [])]

    loop.body(source, stop)
    return p.load(loop.result), ""


def _reduce(loop: _Loop, source: ast.expr) -> Val:
    assert loop.init is not None
    e, acc = loop.e, loop.scope.vars[loop.func.params[0].name]
    loop.begin(loop.init)
    kinds: list[str] = []

    def carry(val: Val) -> list[ast.stmt]:
        kinds.append(val[1])
        return [p.assign(loop.result, val[0])]

    if is_plain(loop.init_kind) and not acc.assigned:  # taken to stay a number, unless it does not
        e.kinds[acc] = "num"
        mark = len(e.body)
        loop.body(source, carry, first=loop.result)
        if is_plain(kinds[0]):
            return p.load(loop.result), "num"
        del e.body[mark:], e.kinds[acc]
    loop.body(source, carry, first=loop.result)
    return p.load(loop.result), ""


_MAKERS: dict[str, Callable[[_Loop, ast.expr], Val]] = {
    "each": _each,
    "map": _map,
    "findAll": _find_all,
    "find": _find,
    "all": _quantifier(True),
    "any": _quantifier(False),
    "reduce": _reduce,
}
