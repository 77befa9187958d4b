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

from axon.compile import pyast as p
from axon.compile.consts import Constants
from axon.compile.dest import join, special
from axon.compile.emit_function import DefaultEmitter, FuncEmitter
from axon.compile.inline import is_plain
from axon.compile.plans import mentions
from axon.compile.resolve import Known, Resolved, ScopeInfo, Variable
from axon.source import Loc
from axon.syntax import nodes as n

__all__ = ["Emitted", "ModuleEmitter", "emit"]

_MAX_VARIANTS = 3


class Emitted:
    """A Python module for a program, and what it takes from outside.

    `names` maps the Python name of each function to its Axon name (for traces); `builtins` and `tops` are
    the library and top-level functions that the code refers to.
    """

    __slots__ = ("builtins", "module", "names", "tops")

    def __init__(
        self, module: ast.Module, names: dict[str, str], builtins: tuple[str, ...], tops: tuple[str, ...]
    ) -> None:
        self.module = module
        self.names = names
        self.builtins = builtins
        self.tops = tops


def emit(
    resolved: Resolved, known: Known, text: str, tag: str = "", plain: bool = False, sealed: bool = True
) -> Emitted:
    """Make the Python module of a resolved program.

    Args:
        tag: makes names unique where several programs share one root frame (the REPL).
        plain: no inline paths: every operator is a call (used to test that both agree).
        sealed: no variable that exists before it runs holds a function, which could look for others.
    """
    # Variables that begin as a number, text, list or dict are taken to stay one; if not, once more.
    steady = {} if plain else resolved.steady(roots=not tag)
    # Root variables that only the main program sees are its locals, unless they may be asked for by name.
    hidden = sealed and not plain and not tag and not resolved.dynamic
    while True:
        module = ModuleEmitter(resolved, known, text, tag, plain, steady, hidden)
        made = module.emit()
        exposed = hidden and (module.open or any(_sees_root(known(name)) for name in made.builtins))
        if not module.wrong and not exposed:
            return made
        steady = {var: kind for var, kind in steady.items() if var not in module.wrong}
        hidden = hidden and not exposed


#: Library modules whose functions can look root variables up by name.
_ROOT_READERS = frozenset({"funcs", "shell", "python", "pyobjects", "tasks"})


def _sees_root(b: object) -> bool:
    return getattr(b, "domain", "") in _ROOT_READERS and bool(getattr(b, "needs_cx", True))


class ModuleEmitter:
    """The module level: constants, functions, the main program."""

    def __init__(
        self,
        resolved: Resolved,
        known: Known,
        text: str,
        tag: str,
        plain: bool,
        steady: dict[Variable, str],
        hidden: bool,
    ) -> None:
        self.hidden = hidden
        self.open = False
        self.steady = steady
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
        root_vars = [v.name for v in self.resolved.root.vars.values() if self.shared(v)]
        head: list[ast.stmt] = []
        if root_vars or self.cells:
            head.append(ast.Expr(p.call("_declare", p.const((*root_vars, *self.cells)))))
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
        recursive = mentions(func.body, scope.name.rpartition(".")[2])
        useful = tuple(
            "" if scope.vars[q.name].cell or scope.vars[q.name].assigned else special(k, recursive)
            for k, q in zip(kinds, func.params, strict=True)
        )
        found = self.variants.get((scope.index, useful))
        if found is not None:
            return found
        count = sum(index == scope.index for index, _ in self.variants)
        if not any(useful) or count >= _MAX_VARIANTS or self.plain:
            return self.code_name(scope), ""
        return self.add_variant(scope, func, useful, f"_f{self.tag}{scope.index}_{count + 1}")

    def add_variant(
        self, scope: ScopeInfo, func: n.Func, kinds: tuple[str, ...], name: str
    ) -> tuple[str, str]:
        """Emit a variant, at first assuming that its own recursive calls give a number."""
        key = (scope.index, kinds)
        for assumed in ("num", ""):
            mark = len(self.body), dict(self.variants), set(self.done)
            self.variants[key] = (name, assumed)
            e = FuncEmitter(self, scope)
            for q, kind in zip(func.params, kinds, strict=True):
                if kind:
                    e.kinds[scope.vars[q.name]] = kind
            fn = e.define(name, [q.name for q in func.params], func.body)
            gives = join(e.returns)
            if assumed == "" or is_plain(gives):
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
        defaults: ast.expr = p.const(())
        if any(q.default is not None for q in func.params):
            defaults = ast.Tuple([self.default(scope, i, q) for i, q in enumerate(func.params)], p.LOAD)
        value = p.call(
            "_fn",
            p.const(scope.index),
            p.const(scope.name),
            p.load(name),
            p.const(tuple(params)),
            defaults,
            self.info(scope),
        )
        made = p.assign(f"_l{self.tag}{scope.index}", value)
        self.body += [self.pos.stamp(fn, func.loc), self.pos.stamp(made, func.loc)]

    def info(self, scope: ScopeInfo) -> ast.expr:
        """The parent's number and where each variable lives, for the walk that finds a caller's scope."""
        pairs = [(v.name, v.name if scope.root or not v.cell else self.cell(v)) for v in scope.vars.values()]
        parent = scope.parent.index if scope.parent is not None else -2
        return p.const((parent, tuple(pairs)))

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
        self.open = True
        return p.call("_Dynamic", p.load(name))

    def function_def(self, scope: ScopeInfo, name: str, params: list[str], body: n.Node) -> ast.FunctionDef:
        return FuncEmitter(self, scope).define(name, params, body)

    def cell(self, var: Variable) -> str:
        """The global that holds the newest value of a variable seen by other functions."""
        name = f"_c{self.tag}{var.scope.index}_{var.name}"
        self.cells[name] = None
        return name

    def shared(self, var: Variable) -> bool:
        """Whether a root variable lives in the namespace, where others can see it."""
        return var.cell or var.preset or not self.hidden

    def builtin(self, name: str) -> str:
        self.builtins[name] = None
        return f"_b_{name}"

    def top(self, name: str) -> str:
        self.tops[name] = None
        self.open = True
        return f"_u_{name}"
