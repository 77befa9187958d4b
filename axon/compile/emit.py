"""Resolved tree to a Python module: Axon functions become Python functions, Axon places stay.

Axon is all expressions, Python is not. `expr` returns a Python expression and may first append statements to
the current body; `tail` emits a node whose value goes to a destination, so that `if`, `do` and `try` become
plain statements. Where a later operand needs statements, earlier ones are kept in temporaries: the order of
evaluation is Axon's.

Every lambda is hoisted to the module (`resolve` explains why nothing has to be captured). Names: an Axon
variable keeps its name, which never starts with an underscore; all else does: `_f1` the code of function 1,
`_l1` its value, `_c1_x` the cell of its variable x, `_k1` a constant, `_t1` a temporary, `_b_size` a library
function, and the helpers of `unit.BASE`.

The common case of an operator, two plain numbers, is emitted inline; `runtime/ops` does the rest.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from axon.compile import pyast as p
from axon.compile.consts import Constants
from axon.compile.inline import INLINE_ARITH, INLINE_COMPARE, PLAIN, Val, as_bool
from axon.compile.plans import children
from axon.compile.resolve import Binding, Known, Resolved, ScopeInfo, Variable
from axon.source import Loc
from axon.syntax import nodes as n

__all__ = ["Dest", "Emitted", "FuncEmitter", "ModuleEmitter", "emit"]


@dataclass(frozen=True, slots=True)
class Dest:
    """Where the value of a node goes: `return`, `drop`, or a temporary's name."""

    kind: str
    name: str = ""


RETURN = Dest("return")
DROP = Dest("drop")


@dataclass(frozen=True, slots=True)
class Emitted:
    """A Python module for a program, and what it takes from outside.

    `names` maps the Python name of each function to its Axon name (for traces); `builtins` and `tops` are
    the library and top-level functions that the code refers to.
    """

    module: ast.Module
    names: dict[str, str]
    builtins: tuple[str, ...]
    tops: tuple[str, ...]
    helpers: bool = True


def emit(resolved: Resolved, known: Known, text: str, tag: str = "", plain: bool = False) -> Emitted:
    """Make the Python module of a resolved program.

    Args:
        tag: makes names unique where several programs share one root frame (the REPL).
        plain: no inline paths: every operator is a call (used to test that both agree).
    """
    # Variables that begin as a number are taken to stay numbers; where one does not, once more without it.
    numeric = frozenset() if plain else resolved.numeric(roots=not tag)
    while True:
        module = ModuleEmitter(resolved, known, text, tag, plain, numeric)
        made = module.emit()
        if not module.wrong:
            return made
        numeric -= module.wrong


class ModuleEmitter:
    """The module level: constants, functions, the main program."""

    def __init__(
        self, resolved: Resolved, known: Known, text: str, tag: str, plain: bool, numeric: frozenset[Variable]
    ) -> None:
        self.numeric = numeric
        self.wrong: set[Variable] = set()
        self.resolved = resolved
        self.known = known
        self.pos = p.Pos(text)
        self.tag = tag
        self.plain = plain
        self.consts = Constants(tag)
        self.body: list[ast.stmt] = []
        self.names: dict[str, str] = {}
        self.builtins: dict[str, None] = {}
        self.tops: dict[str, None] = {}
        self.cells: dict[str, None] = {}
        self.done: set[int] = set()
        self.variants: dict[tuple[int, tuple[str, ...]], tuple[str, str]] = {}

    def emit(self) -> Emitted:
        main = self.function_def(self.resolved.root, f"_main{self.tag}", [], self.resolved.tree)
        self.names[main.name] = "<main>"
        root_vars = [v.name for v in self.resolved.root.vars.values()]
        head: list[ast.stmt] = []
        if root_vars or self.cells:
            names = ast.Tuple([p.const(c) for c in [*root_vars, *self.cells]], p.LOAD)
            head.append(ast.Expr(p.call("_declare", names)))
        main_info = self.info(self.resolved.root)
        tail: list[ast.stmt] = [
            main,
            ast.Expr(p.call("_entry", p.load(main.name), main_info)),
        ]
        module = ast.Module([*head, *self.consts.body, *self.body, *tail], [])
        for stmt in module.body:
            self.pos.stamp(stmt, Loc(1, 1))
        return Emitted(module, self.names, tuple(self.builtins), tuple(self.tops))

    # -- functions

    def code_name(self, scope: ScopeInfo) -> str:
        """The Python name of a function's code; the function is emitted when first asked for."""
        name = f"_f{self.tag}{scope.index}"
        if scope.index not in self.done:
            self.done.add(scope.index)
            assert scope.func is not None
            self.add_function(scope, name, scope.func)
        return name

    def variant(self, scope: ScopeInfo, kinds: tuple[str, ...]) -> tuple[str, str]:
        """The function compiled for arguments of known kinds: its Python name, and the kind that it returns.

        Falls back to the general function when it can't profit or has variants enough.
        """
        func = scope.func
        assert func is not None
        useful = tuple(
            ("int" if k == "small" else k) if k in _SPECIAL and not scope.vars[q.name].cell and not scope.vars[q.name].assigned else ""
            for k, q in zip(kinds, func.params, strict=True)
        )
        found = self.variants.get((scope.index, useful))
        if found is not None:
            return found
        count = sum(index == scope.index for index, _ in self.variants)
        if not any(useful) or count >= _MAX_VARIANTS or self.plain:
            return self.code_name(scope), ""
        return self.add_variant(scope, func, useful, f"_f{self.tag}{scope.index}_{count + 1}")

    def add_variant(self, scope: ScopeInfo, func: n.Func, kinds: tuple[str, ...], name: str) -> tuple[str, str]:
        """Emit a variant, assuming of its own recursive calls that they give a number; again if they do not."""
        key = (scope.index, kinds)
        for assumed in ("num", ""):
            mark = len(self.body), dict(self.variants), set(self.done)
            self.variants[key] = (name, assumed)
            e = FuncEmitter(self, scope)
            for q, kind in zip(func.params, kinds, strict=True):
                if kind:
                    e.kinds[scope.vars[q.name]] = kind
            fn = e.define(name, [q.name for q in func.params], func.body)
            gives = _join(e.returns)
            if assumed == "" or gives in PLAIN:
                break
            del self.body[mark[0] :]
            self.variants, self.done = mark[1], mark[2]
        self.variants[key] = (name, assumed and gives)
        self.names[name] = scope.name.rpartition(".")[2]
        known = ast.Expr(p.call("_variant", p.const(scope.index), p.load(name), self.info(scope)))
        self.body += [self.pos.stamp(fn, func.loc), self.pos.stamp(known, func.loc)]
        return self.variants[key]

    def value_name(self, scope: ScopeInfo) -> str:
        """The Python name of a function's value."""
        self.code_name(scope)
        return f"_l{self.tag}{scope.index}"

    def add_function(self, scope: ScopeInfo, name: str, func: n.Func) -> None:
        params = [q.name for q in func.params]
        fn = self.function_def(scope, name, params, func.body)
        self.names[name] = scope.name.rpartition(".")[2] if scope.name else name
        defaults = [self.default(scope, i, q) for i, q in enumerate(func.params)]
        value = p.call(
            "_fn",
            p.const(scope.index),
            p.const(scope.name),
            p.load(name),
            ast.Tuple([p.const(q) for q in params], p.LOAD),
            ast.Tuple(defaults, p.LOAD),
            self.info(scope),
        )
        made = p.assign(f"_l{self.tag}{scope.index}", value)
        self.body += [self.pos.stamp(fn, func.loc), self.pos.stamp(made, func.loc)]

    def info(self, scope: ScopeInfo) -> ast.expr:
        """The parent's number and where each variable lives, for the walk that finds a caller's scope."""
        pairs: list[ast.expr] = []
        for v in scope.vars.values():
            key = v.name if scope.root or not v.cell else self.cell(v)
            pairs.append(ast.Tuple([p.const(v.name), p.const(key)], p.LOAD))
        parent = scope.parent.index if scope.parent is not None else -2
        return ast.Tuple([p.const(parent), ast.Tuple(pairs, p.LOAD)], p.LOAD)

    def default(self, scope: ScopeInfo, index: int, param: n.Param) -> ast.expr:
        if param.default is None:
            return p.load("_REQ")
        if isinstance(param.default, n.Literal):
            return self.consts.literal(param.default.val)
        name = f"_d{self.tag}{scope.index}_{index}"
        self.names[name] = "<default>"
        scope_of = self.resolved.funcs[id(param.default)]
        for var in scope_of.vars:
            self.cells[var] = None
        fn = DefaultEmitter(self, scope_of).define(name, ["_scope"], param.default)
        self.body.append(self.pos.stamp(fn, param.default.loc))
        return p.call("_Dynamic", p.load(name))

    def function_def(self, scope: ScopeInfo, name: str, params: list[str], body: n.Node) -> ast.FunctionDef:
        return FuncEmitter(self, scope).define(name, params, body)

    def cell(self, var: Variable) -> str:
        """The global that holds the newest value of a variable seen by other functions."""
        name = f"_c{self.tag}{var.scope.index}_{var.name}"
        self.cells[name] = None
        return name

    def builtin(self, name: str) -> str:
        self.builtins[name] = None
        return f"_b_{name}"

    def top(self, name: str) -> str:
        self.tops[name] = None
        return f"_u_{name}"


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
        seen: set[str] = set()
        args = []
        for q in reversed(params):  # of equal names the last counts
            args.append(ast.arg(q if q not in seen else f"_p{len(args)}"))
            seen.add(q)
        arguments = ast.arguments(posonlyargs=[], args=args[::-1], kwonlyargs=[], kw_defaults=[], defaults=[])
        return ast.FunctionDef(name=name, args=arguments, body=stmts or [ast.Pass()], decorator_list=[], type_params=[])

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
        val = self.expr(node.expr)[0]
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
            self.set_caught(var, self.at(val, node), node)
        made, self.body = self.body, outer
        return made + self.capture(node.handler, dest)

    def set_caught(self, var: Variable, val: ast.expr, node: n.Try) -> None:
        if self.scope.root:
            self.stored[var.name] = None
            self.add(p.assign(var.name, val), node)
        elif not var.cell:
            self.add(p.assign(var.name, val), node)
        else:
            cell = self.m.cell(var)
            self.stored[cell] = None
            if not var.param:
                saved = p.load(f"_s_{var.name}")
                keep = p.assign(f"_s_{var.name}", p.load(cell))
                self.add(ast.If(p.is_(saved, p.load("_N")), [keep], []), node)
            self.add(p.assign(cell, val), node)

    # -- expressions

    def expr(self, node: n.Node) -> Val:
        """The Python expression for a node, and what kind of value it has if that is known."""
        return _EXPRS[type(node)](self, node)

    def value(self, node: n.Node) -> ast.expr:
        return self.expr(node)[0]

    def exprs(self, nodes: Sequence[n.Node]) -> list[Val]:
        """Several nodes, evaluated in order."""
        vals: list[Val] = []
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
        kind = _join({then[1], other[1]})
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
            return shared, "list"
        vals = [v for v, _ in self.exprs(node.vals)]
        return self.at(ast.List(vals, p.LOAD), node), "list"

    def expr_dict(self, node: n.DictExpr) -> Val:
        shared = self.m.consts.constant(node)
        if shared is not None:
            return shared, "dict"
        vals = self.exprs(node.vals)
        made = ast.Dict([p.const(k) for k in node.names], [v for v, _ in vals])
        if all(kind not in ("", "null") for _, kind in vals):
            return self.at(made, node), "dict"
        return self.at(p.call("_dict", made), node), "dict"

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
        self.add(ast.Raise(p.call("_static_call", p.const(node.type_name.name), p.const(node.name)), None), node)
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
            kind = self.kinds.get(var, "num" if var in self.m.numeric else "")
            return p.load(self.place(var)), kind
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
            return p.call("_free", p.const(name))
        if found is True:
            return ast.Attribute(p.load(self.m.top(name)), "fn", p.LOAD)
        return p.load("_fn" + self.m.builtin(name))

    def write(self, var: Variable, made: Val, node: n.Node) -> None:
        val, kind = made
        if var in self.m.numeric and kind not in PLAIN:
            self.m.wrong.add(var)
        if var.scope.root or var.cell:
            place = var.name if var.scope.root else self.m.cell(var)
            self.stored[place] = None
        else:
            place = self.place(var)
        self.add(p.assign(place, val), node)
        if var.cell and var.param and var.scope is self.scope:
            self.add(p.assign(var.name, p.load(place)), node)

    def expr_def(self, node: n.Def) -> Val:
        # name: e
        val, kind = self.expr(node.val)
        var = self.scope.vars[node.name]
        first = self.r.first[id(node)]
        if not first or var.param:
            self.check_unbound(var, node)
        if var.cell and not self.scope.root:
            cell = self.m.cell(var)
            self.stored[cell] = None
            if not isinstance(val, ast.Constant):
                held = self.temp()
                self.add(p.assign(held, val), node)
                val = p.load(held)
            self.add(p.assign(f"_s_{var.name}", p.load(cell)), node)
            self.add(p.assign(cell, val), node)
            return val, kind
        if self.scope.root:
            self.stored[var.name] = None
        self.add(p.assign(self.place(var), val), node)
        if kind in _LASTING and not var.assigned and var.defs == 1 and not var.cell:
            self.kinds[var] = kind
        return (p.load(self.place(var)) if not isinstance(val, ast.Constant) else val), kind

    def check_unbound(self, var: Variable, node: n.Def) -> None:
        err: ast.stmt = ast.Raise(p.call("_rebound", p.const(node.name)), None)
        if self.scope.root:
            err = ast.If(p.is_not(p.load(var.name), p.load("_U")), [err], [])
        elif not var.param and var.cell:
            err = ast.If(p.is_not(p.load(f"_s_{var.name}"), p.load("_N")), [err], [])
        self.add(err, node)

    def expr_assign(self, node: n.Assign) -> Val:
        # name = e
        outer, self.operand = self.operand, True
        val, kind = self.renewed(node) or self.expr(node.val)
        self.operand = outer
        if not isinstance(node.target, n.Var):
            self.give((val, kind), DROP, node)
            text = p.call("_not_assignable", p.const(_source(node.target)), p.const(type(node.target).__name__))
            self.add(ast.Raise(text, None), node)
            return p.const(None), "null"
        ref = self.r.refs[id(node.target)]
        if ref.sure and len(ref.choices) == 1:
            self.write(ref.choices[0], (val, kind), node)
            return (p.load(self.place(ref.choices[0])) if not isinstance(val, ast.Constant) else val), kind
        held = self.temp()
        self.add(p.assign(held, val), node)
        self.assign_chain(list(ref.choices), ref.sure, (p.load(held), kind), node, node.target.name)
        return p.load(held), kind

    def renewed(self, node: n.Assign) -> Val | None:
        """`x = x.add(v)`, `x = x.set(k, v)`: when nothing else holds the value of x, it is changed in place.

        Only where the arguments can't change x: literals, names, operators and library functions on them.
        """
        call = node.val
        if self.m.plain or not isinstance(call, n.DotCall) or not isinstance(node.target, n.Var):
            return None
        helper = _RENEW.get((call.name, len(call.args)))
        first = call.args[0]
        if helper is None or not isinstance(first, n.Var) or first.name != node.target.name:
            return None
        ref, own = self.r.refs[id(first)], self.r.refs[id(call)]
        if own.choices or self.m.known(call.name) in (None, True) or not ref.sure or len(ref.choices) != 1:
            return None
        if not all(map(self.harmless, call.args[1:])):
            return None
        args = [v for v, _ in self.exprs(call.args[1:])]
        target = p.load(self.place(ref.choices[0]))
        return self.at(p.call(helper, target, *args, p.load(self.m.builtin(call.name))), node), ""

    def harmless(self, node: n.Node) -> bool:
        """Whether evaluating a node can't run code of the program or assign."""
        if isinstance(node, (n.Call, n.DotCall)):
            key = node if isinstance(node, n.DotCall) else node.func
            name = node.name if isinstance(node, n.DotCall) else node.func.name if isinstance(node.func, n.Var) else ""
            if self.r.refs[id(key)].choices if id(key) in self.r.refs else True:
                return False
            if self.m.known(name) in (None, True) or name in _RUNNERS:
                return False
            return all(map(self.harmless, node.args))
        if isinstance(node, (n.Assign, n.Def, n.Func, n.Try, n.PartialCall, n.StaticCall, n.Return, n.Throw)):
            return False
        return all(map(self.harmless, children(node)))

    def assign_chain(self, choices: list[Variable], sure: bool, held: Val, node: n.Node, name: str) -> None:
        if not choices:
            self.add(ast.Expr(p.call("_assign_free", p.const(name), held[0])), node)
            return
        var, rest = choices[0], choices[1:]
        if sure and not rest:
            self.write(var, held, node)
            return
        outer, self.body = self.body, []
        self.write(var, held, node)
        then, self.body = self.body, []
        self.assign_chain(rest, sure, held, node, name)
        other, self.body = self.body, outer
        place = p.load(self.m.cell(var) if var.cell and not var.scope.root else var.name)
        self.add(ast.If(p.is_not(place, p.load("_U")), then, other), node)

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
        return self.at(p.call("_neg", val), node), kind if kind in ("int", "num") else ""


class DefaultEmitter(FuncEmitter):
    """A default expression: every name is looked up in the scope of whoever calls."""

    def free(self, name: str, node: n.Node) -> ast.expr:
        return p.method(p.load("_scope"), "lookup", p.const(name))


#: Calls whose result replaces their first argument, and the helpers that may change it in place.
_RENEW = {("add", 2): "_add_own", ("set", 3): "_set_own"}
#: Library functions that evaluate code they are given as text or by name.
_RUNNERS = frozenset({"eval", "evalToFunc", "call", "callByName"})
#: Kinds for which a function is worth a variant, and how many one function gets.
_SPECIAL = frozenset({"int", "small", "num", "str", "list", "list:small", "list:int", "list:num", "list:str", "dict"})
_MAX_VARIANTS = 3
#: Kinds that a variable keeps which is defined once and never assigned.
_LASTING = _SPECIAL | {"bool"}
_HELPERS = {
    "+": "_add", "-": "_sub", "*": "_mul", "/": "_div", "==": "_eq", "!=": "_ne",
    "<": "_lt", "<=": "_le", ">": "_gt", ">=": "_ge", "<=>": "_cmp",
}  # fmt: skip


def _join(kinds: set[str]) -> str:
    """The kind of values of several kinds."""
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds and kinds <= {"int", "small"}:
        return "int"
    return "num" if kinds and kinds <= set(PLAIN) else ""


def _has_return(node: n.Node) -> bool:
    """Whether a `return` in the text of `node` would leave the try around it."""
    if isinstance(node, n.Return):
        return True
    if isinstance(node, n.Func):
        return False
    if isinstance(node, n.Try):
        return _has_return(node.handler)
    return any(_has_return(c) for c in children(node))


def _source(node: n.Node) -> str:
    from axon.syntax.printer import to_source

    return to_source(node)


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
    n.Def: FuncEmitter.expr_def,
    n.Var: FuncEmitter.expr_var,
    n.TopName: FuncEmitter.expr_top_name,
    n.Func: FuncEmitter.expr_func,
    n.StaticCall: FuncEmitter.expr_static,
    n.Block: FuncEmitter.expr_block,
    n.If: FuncEmitter.expr_if,
    n.Return: FuncEmitter.expr_never,
    n.Throw: FuncEmitter.expr_never,
    n.Try: FuncEmitter.via_temp,
    n.Assign: FuncEmitter.expr_assign,
    n.Logic: FuncEmitter.expr_logic,
    n.Compare: FuncEmitter.expr_compare,
    n.Arith: FuncEmitter.expr_arith,
    n.Unary: FuncEmitter.expr_unary,
}


def _register_calls() -> None:
    from axon.compile import emit_calls as c

    _EXPRS[n.Call] = c.expr_call
    _EXPRS[n.DotCall] = c.expr_dot_call
    _EXPRS[n.TrapCall] = c.expr_trap
    _EXPRS[n.PartialCall] = c.expr_partial


_register_calls()
