"""One function: statements for what has to be a statement, expressions for all else."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from axon.compile import emit_assign, emit_calls
from axon.compile import pyast as p
from axon.compile.dest import DROP, RETURN, Dest, join, list_of
from axon.compile.emit_assign import set_caught
from axon.compile.inline import INLINE_ARITH, INLINE_COMPARE, Val, as_bool, is_plain, is_shared, is_simple
from axon.compile.plans import children
from axon.compile.resolve import Binding, ScopeInfo, Variable
from axon.compile.shapes import shape
from axon.syntax import nodes as n

if TYPE_CHECKING:
    from axon.compile.emit import ModuleEmitter

__all__ = ["DefaultEmitter", "FuncEmitter"]


class FuncEmitter:
    """One function (or the main program)."""

    def __init__(self, module: ModuleEmitter, scope: ScopeInfo) -> None:
        self.m = module
        self.scope = scope
        self.r = module.resolved
        self.body: list[ast.stmt] = []
        self.temps = 0
        self.stored: dict[str, None] = {}
        self.operand = False
        self.tries: list[tuple[Dest, bool]] = []
        self.local: dict[Variable, str] = {}
        self.kinds: dict[Variable, str] = {}
        self.loop_depth = 0
        self.returns: set[str] = set()

    # -- the function itself

    def define(self, name: str, params: list[str], body: n.Node) -> ast.FunctionDef:
        """The Python function for a body."""
        self.tail(body, RETURN)
        cells = [v for v in self.scope.vars.values() if v.cell and not self.scope.root]
        stmts = self.guarded(cells, self.body) if cells else self.body
        if self.stored:
            stmts.insert(0, ast.Global(list(self.stored)))
        return p.function(name, _unique(params), stmts or [ast.Pass()])

    def guarded(self, cells: list[Variable], body: list[ast.stmt]) -> list[ast.stmt]:
        """Save what the cells hold on entry, put it back on leaving."""
        enter: list[ast.stmt] = []
        leave: list[ast.stmt] = []
        for v in cells:
            cell = self.m.cell(v)
            saved = f"_s_{v.name}"
            self.stored[cell] = None
            if v.param:
                enter += [p.assign(saved, p.load(cell)), p.assign(cell, p.load(v.name))]
                leave.append(p.assign(cell, p.load(saved)))
            elif v.defs:
                enter.append(p.assign(saved, p.load("_N")))
                back = p.assign(cell, p.load(saved))
                leave.append(ast.If(p.is_not(p.load(saved), p.load("_N")), [back], []))
        if not leave:
            return body
        return [*enter, ast.Try(body or [ast.Pass()], [], [], leave)]

    @contextmanager
    def inside(self, scope: ScopeInfo, local: dict[Variable, str]) -> Iterator[None]:
        """Emit the body of a lambda in place: `local` names its variables in this function."""
        outer = (self.scope, self.operand, self.tries)
        self.scope, self.operand, self.tries = scope, False, []
        self.local.update(local)
        self.loop_depth += 1
        try:
            yield
        finally:
            self.scope, self.operand, self.tries = outer
            self.loop_depth -= 1

    # -- statements

    def add(self, stmt: ast.stmt, node: n.Node) -> None:
        self.body.append(self.m.pos.stamp(stmt, node.loc))

    def temp(self) -> str:
        self.temps += 1
        return f"_t{self.temps}"

    def at(self, expr: ast.expr, node: n.Node) -> ast.expr:
        return self.m.pos.stamp(expr, node.loc)

    def tail(self, node: n.Node, dest: Dest) -> None:
        """Emit a node as statements; its value goes to `dest`."""
        special = _TAILS.get(type(node))
        if special is not None:
            special(self, node, dest)
            return
        self.give(self.expr(node), dest, node)

    def drop(self, node: n.Node) -> None:
        """Emit a node for what it does."""
        self.tail(node, DROP)

    def give(self, made: Val, dest: Dest, node: n.Node) -> None:
        val, kind = made
        if dest.kind == "return":
            self.returns.add(kind)
            self.add(ast.Return(val), node)
        elif dest.kind == "drop":
            if not isinstance(val, (ast.Constant, ast.Name)):
                self.add(ast.Expr(val), node)
        else:
            self.add(p.assign(dest.name, val), node)

    def capture(self, node: n.Node, dest: Dest) -> list[ast.stmt]:
        """The statements of `tail(node, dest)`, apart."""
        outer, self.body = self.body, []
        self.tail(node, dest)
        made, self.body = self.body, outer
        return made or [self.m.pos.stamp(ast.Pass(), node.loc)]

    def tail_block(self, node: n.Block, dest: Dest) -> None:
        for item in node.exprs[:-1]:
            self.tail(item, DROP)
        self.tail(node.exprs[-1], dest)

    def tail_if(self, node: n.If, dest: Dest) -> None:
        test = self.condition(node.cond)
        then = self.capture(node.then, dest)
        other: list[ast.stmt] = []
        if node.otherwise is not None:
            other = self.capture(node.otherwise, dest)
        elif dest.kind != "drop":
            other = self.capture(n.Literal(None, loc=node.loc), dest)
        self.add(ast.If(test, then, other), node)

    def condition(self, node: n.Node) -> ast.expr:
        """A Python test for an `if`: only true and false pass."""
        return self.at(as_bool(self.expr(node), "_cond", self.temp), node)

    def tail_return(self, node: n.Return, dest: Dest) -> None:
        # return e
        if self.operand:
            self.give(self.expr(node.expr), DROP, node)
            self.add(ast.Raise(p.call("_return_err"), None), node)
        elif self.tries:
            target, in_loop = self.tries[-1]
            self.tail(node.expr, target)
            if in_loop:
                self.add(ast.Break(), node)
        else:
            self.tail(node.expr, RETURN)

    def tail_throw(self, node: n.Throw, dest: Dest) -> None:
        # throw e
        val, kind = self.expr(node.expr)
        if kind == "str":
            tags = ast.Dict([p.const("err"), p.const("dis")], [p.load("_MARKER"), val])
            self.add(ast.Raise(p.call("_ThrowErr", tags), None), node)
            return
        self.add(ast.Raise(p.call("_throw", val), None), node)

    def tail_try(self, node: n.Try, dest: Dest) -> None:
        # try a catch (v) b
        outer_operand, self.operand = self.operand, False
        loop = dest.kind != "return" and _has_return(node.body)
        self.tries.append((dest, loop))
        body = self.capture(node.body, dest)
        self.tries.pop()
        self.operand = outer_operand
        err = f"_e{self.temp()[2:]}"
        if loop:
            self.try_loop(node, dest, body, err)
            return
        handler = self.handler(node, dest, p.load(err))
        clause = ast.ExceptHandler(p.load("_Exception"), err, handler)
        self.add(ast.Try(body, [clause], [], []), node)

    def try_loop(self, node: n.Try, dest: Dest, body: list[ast.stmt], err: str) -> None:
        """A try whose body has a `return`: that leaves the try, so it becomes a `break`."""
        kept = self.temp()
        keep: list[ast.stmt] = [p.assign(kept, p.load(err)), ast.Break()]
        clause = ast.ExceptHandler(p.load("_Exception"), err, keep)
        once = ast.While(p.const(True), [ast.Try([*body, ast.Break()], [clause], [], [])], [])
        self.add(p.assign(kept, p.const(None)), node)
        self.add(once, node)
        handler = self.handler(node, dest, p.load(kept))
        self.add(ast.If(p.is_not(p.load(kept), p.const(None)), handler, []), node)

    def handler(self, node: n.Try, dest: Dest, err: ast.expr) -> list[ast.stmt]:
        outer, self.body = self.body, []
        if node.name is not None:
            val = p.call("_caught", err)
            var = self.scope.vars[node.name]
            set_caught(self, var, self.at(val, node), node)
        made, self.body = self.body, outer
        return made + self.capture(node.handler, dest)

    # -- expressions

    def expr(self, node: n.Node) -> Val:
        """The Python expression for a node, and what kind of value it has if that is known."""
        return _EXPRS[type(node)](self, node)

    def value(self, node: n.Node) -> ast.expr:
        return self.expr(node)[0]

    def exprs(self, nodes: Sequence[n.Node]) -> list[Val]:
        """Several nodes, evaluated in order."""
        return self.more([], nodes)

    def more(self, vals: list[Val], nodes: Sequence[n.Node]) -> list[Val]:
        """Further nodes after some that were emitted but not yet evaluated; they are added to `vals`."""
        for node in nodes:
            mark = len(self.body)
            val = self.expr(node)
            if len(self.body) > mark:
                self.keep(vals, mark, node)
            vals.append(val)
        return vals

    def keep(self, vals: list[Val], mark: int, node: n.Node) -> None:
        """Put what is not yet evaluated into temporaries, before the statements from `mark` on."""
        kept: list[ast.stmt] = []
        for i, (val, kind) in enumerate(vals):
            if not isinstance(val, ast.Constant) and not (isinstance(val, ast.Name) and val.id[0] == "_"):
                name = self.temp()
                kept.append(self.m.pos.stamp(p.assign(name, val), node.loc))
                vals[i] = (p.load(name), kind)
        self.body[mark:mark] = kept

    def via_temp(self, node: n.Node) -> Val:
        """A node that only statements can express."""
        name = self.temp()
        self.tail(node, Dest("temp", name))
        return p.load(name), ""

    def expr_block(self, node: n.Block) -> Val:
        for item in node.exprs[:-1]:
            self.tail(item, DROP)
        return self.expr(node.exprs[-1])

    def expr_if(self, node: n.If) -> Val:
        test = self.condition(node.cond)
        outer = self.body
        self.body = []
        then = self.expr(node.then)
        then_body = self.body
        self.body = []
        other: Val = self.expr(node.otherwise) if node.otherwise is not None else (p.const(None), "null")
        other_body, self.body = self.body, outer
        kind = join({then[1], other[1]})
        if not then_body and not other_body:
            return self.at(p.if_exp(test, then[0], other[0]), node), kind
        name = self.temp()
        stamp = self.m.pos.stamp
        then_body.append(stamp(p.assign(name, then[0]), node.loc))
        other_body.append(stamp(p.assign(name, other[0]), node.loc))
        self.add(ast.If(test, then_body, other_body), node)
        return p.load(name), kind

    def expr_never(self, node: n.Node) -> Val:
        """`return` and `throw` where a value stands: what follows is never reached."""
        self.tail(node, DROP)
        return p.const(None), "null"

    def expr_literal(self, node: n.Literal) -> Val:
        return self.m.consts.literal(node.val), self.m.consts.kind(node.val)

    def expr_list(self, node: n.ListExpr) -> Val:
        shared = self.m.consts.constant(node)
        if shared is not None:
            return shared, self.m.consts.static_kind(node)
        vals = self.exprs(node.vals)
        return self.at(ast.List([v for v, _ in vals], p.LOAD), node), list_of(join({k for _, k in vals}))

    def expr_dict(self, node: n.DictExpr) -> Val:
        shared = self.m.consts.constant(node)
        if shared is not None:
            return shared, self.m.consts.static_kind(node)
        vals = self.exprs(node.vals)
        # d if (d := {'a': (v := …), …}) and v is not None … else _dict(d)
        tests: list[ast.expr] = []
        for i, (val, kind) in enumerate(vals):
            if kind in ("", "null"):
                again = val
                if not is_simple(val) or is_shared(val):
                    again = p.load(self.temp())
                    vals[i] = p.walrus(again.id, val), kind
                tests.append(p.is_not(again, p.const(None)))
        kinds = shape((k, kind) for k, (_, kind) in zip(node.names, vals, strict=True))
        made = ast.Dict([p.const(k) for k in node.names], [v for v, _ in vals])
        if not tests:
            return self.at(made, node), kinds
        name = self.temp()
        filled = p.both(p.walrus(name, made), *tests)
        return self.at(p.if_exp(filled, p.load(name), p.call("_dict", p.load(name))), node), kinds

    def expr_range(self, node: n.RangeExpr) -> Val:
        (a, _), (b, _) = self.exprs((node.start, node.end))
        return self.at(p.call("_range", a, b), node), ""

    def expr_func(self, node: n.Func) -> Val:
        return p.load(self.m.value_name(self.r.funcs[id(node)])), "fn"

    def expr_top_name(self, node: n.TopName) -> Val:
        if node.is_type:
            return self.at(p.call("_type_named", p.const(node.name)), node), ""
        return self.at(p.call("_qname", p.const(node.name)), node), "fn"

    def expr_static(self, node: n.StaticCall) -> Val:
        self.add(
            ast.Raise(p.call("_static_call", p.const(node.type_name.name), p.const(node.name)), None), node
        )
        return p.const(None), "null"

    # -- variables

    def expr_var(self, node: n.Var) -> Val:
        return self.read(self.r.refs[id(node)], node.name, node)

    def read(self, ref: Binding, name: str, node: n.Node) -> Val:
        """The value that a name has here."""
        choices = ref.choices
        if ref.sure and len(choices) == 1:
            var = choices[0]
            func = var.constant_func
            if func is not None and (var.scope.root or var.scope is self.scope):
                return p.load(self.m.value_name(self.r.funcs[id(func)])), "fn"
            kind = self.kinds.get(var) or self.m.steady.get(var, "")
            place = p.load(self.place(var))
            if var.cell or (var.scope.root and self.m.shared(var)):
                place.shared = True  # type: ignore[attr-defined]  # a call may change it
            return place, kind
        last = p.load(self.place(choices[-1])) if ref.sure else self.free(name, node)
        for var in reversed(choices[:-1] if ref.sure else choices):
            if var.defs == 0 and not var.assigned:
                continue
            place = p.load(self.place(var))
            last = p.if_exp(p.is_not(place, p.load("_U")), place, last)
        return self.at(last, node), ""

    def place(self, var: Variable) -> str:
        """The Python name that holds a variable's value, as seen from this function."""
        if var.scope.root or not var.cell:
            return self.local.get(var, var.name)
        if var.param and var.scope is self.scope and not var.assigned:
            return var.name
        return self.m.cell(var)

    def free(self, name: str, node: n.Node) -> ast.expr:
        """A name that is no variable of this text."""
        found = self.m.known(name)
        if found is None:
            self.m.open = True
            return p.call("_free", p.const(name))
        if found is True:
            return ast.Attribute(p.load(self.m.top(name)), "fn", p.LOAD)
        return p.load("_fn" + self.m.builtin(name))

    # -- operators

    def in_operand(self, nodes: Sequence[n.Node]) -> list[Val]:
        outer, self.operand = self.operand, True
        vals = self.exprs(nodes)
        self.operand = outer
        return vals

    def expr_arith(self, node: n.Arith) -> Val:
        a, b = self.in_operand((node.lhs, node.rhs))
        return self.binary(node, node.op, a, b, INLINE_ARITH)

    def expr_compare(self, node: n.Compare) -> Val:
        a, b = self.in_operand((node.lhs, node.rhs))
        return self.binary(node, node.op, a, b, INLINE_COMPARE)

    def binary(self, node: n.Node, op: str, a: Val, b: Val, table: dict[str, Callable[..., Val]]) -> Val:
        if self.m.plain:
            return self.at(p.call(_HELPERS[op], a[0], b[0]), node), ""
        made, kind = table[op](a, b, self.temp)
        return self.at(made, node), kind

    def expr_logic(self, node: n.Logic) -> Val:
        # a and b
        outer, self.operand = self.operand, True
        left = as_bool(self.expr(node.lhs), "_want", self.temp)
        kept, self.body = self.body, []
        right = as_bool(self.expr(node.rhs), "_want", self.temp)
        stmts, self.body = self.body, kept
        self.operand = outer
        if not stmts:
            op: ast.boolop = ast.And() if node.op == "and" else ast.Or()
            return self.at(ast.BoolOp(op, [left, right]), node), "bool"
        name = self.temp()
        self.add(p.assign(name, left), node)
        test: ast.expr = p.load(name) if node.op == "and" else ast.UnaryOp(ast.Not(), p.load(name))
        stmts.append(self.m.pos.stamp(p.assign(name, right), node.loc))
        self.add(ast.If(test, stmts, []), node)
        return p.load(name), "bool"

    def expr_unary(self, node: n.Unary) -> Val:
        ((val, kind),) = self.in_operand((node.operand,))
        if node.op == "not":
            return self.at(ast.UnaryOp(ast.Not(), as_bool((val, kind), "_want", self.temp)), node), "bool"
        return self.at(p.call("_neg", val), node), kind if is_plain(kind) else ""


class DefaultEmitter(FuncEmitter):
    """A default expression: every name is looked up in the scope of whoever calls."""

    def free(self, name: str, node: n.Node) -> ast.expr:
        return p.method(p.load("_scope"), "lookup", p.const(name))


_HELPERS = {
    "+": "_add", "-": "_sub", "*": "_mul", "/": "_div", "==": "_eq", "!=": "_ne",
    "<": "_lt", "<=": "_le", ">": "_gt", ">=": "_ge", "<=>": "_cmp",
}  # fmt: skip


def _unique(params: list[str]) -> list[str]:
    """Names of parameters; of equal ones the last counts, the others get names that nobody uses."""
    return [q if q not in params[i + 1 :] else f"_p{i}" for i, q in enumerate(params)]


def _has_return(node: n.Node) -> bool:
    """Whether a `return` in the text of `node` would leave the try around it."""
    if isinstance(node, n.Return):
        return True
    if isinstance(node, n.Func):
        return False
    if isinstance(node, n.Try):
        return _has_return(node.handler)
    return any(_has_return(c) for c in children(node))


_TAILS: dict[type, Callable[..., None]] = {
    n.Block: FuncEmitter.tail_block,
    n.If: FuncEmitter.tail_if,
    n.Return: FuncEmitter.tail_return,
    n.Throw: FuncEmitter.tail_throw,
    n.Try: FuncEmitter.tail_try,
}
_EXPRS: dict[type, Callable[..., Val]] = {
    n.Literal: FuncEmitter.expr_literal,
    n.ListExpr: FuncEmitter.expr_list,
    n.DictExpr: FuncEmitter.expr_dict,
    n.RangeExpr: FuncEmitter.expr_range,
    n.Def: emit_assign.expr_def,
    n.Var: FuncEmitter.expr_var,
    n.TopName: FuncEmitter.expr_top_name,
    n.Func: FuncEmitter.expr_func,
    n.StaticCall: FuncEmitter.expr_static,
    n.Block: FuncEmitter.expr_block,
    n.If: FuncEmitter.expr_if,
    n.Return: FuncEmitter.expr_never,
    n.Throw: FuncEmitter.expr_never,
    n.Try: FuncEmitter.via_temp,
    n.Assign: emit_assign.expr_assign,
    n.Logic: FuncEmitter.expr_logic,
    n.Compare: FuncEmitter.expr_compare,
    n.Arith: FuncEmitter.expr_arith,
    n.Unary: FuncEmitter.expr_unary,
    n.Call: emit_calls.expr_call,
    n.DotCall: emit_calls.expr_dot_call,
    n.TrapCall: emit_calls.expr_trap,
    n.PartialCall: emit_calls.expr_partial,
}
