"""Names to bindings: what each name in a program can mean, decided before any code is made.

The reference looks names up in the stack of running functions: a name means the variable of the *newest*
frame of the running function or of one that encloses it in the text, else of the root frame, else a
top-level function (spec, Axon language 5.1-5.3). A lambda therefore keeps nothing alive after the function
around it has returned, and with recursion it sees the newest call.

That rule needs no frame objects. Every variable that another function can see, or that may be read before
it is defined, lives in one *cell* for each definition in the text. Entering the function (for a parameter)
or defining the variable saves what the cell held; leaving the function puts it back. What the cell holds is
then always the newest frame's value, or UNSET. All other variables are locals of the Python function.

`resolve` walks the tree in the order of evaluation with the set of variables that are bound for certain, and
writes its findings into a side table; the tree is not changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from axon import fast
from axon.compile.bound import Binding, ScopeInfo, State, Variable
from axon.compile.plans import (
    LEAVES,
    PLANS,
    beginning,
    called_name,
    check_depth,
    children,
    may_stay,
    plan_of,
    yields_list,
)
from axon.syntax import nodes as n

__all__ = ["Binding", "Known", "Resolved", "ScopeInfo", "Variable", "resolve"]


class Known(Protocol):
    """What the compiler must know of a top-level name."""

    def __call__(self, name: str, /) -> object | None:
        """The `Builtin` of that name, True for a user's top-level function, or None."""


class Resolved:
    """A tree and what its names mean. Keys of `refs` and `funcs` are ids of nodes."""

    __slots__ = ("dynamic", "eta", "first", "funcs", "order", "refs", "root", "thunks", "tree")

    def __init__(self, tree: n.Node, root: ScopeInfo) -> None:
        self.tree = tree
        self.root = root
        self.refs: dict[int, Binding] = {}
        self.funcs: dict[int, ScopeInfo] = {}
        self.first: dict[int, bool] = {}
        self.order: list[ScopeInfo] = []
        self.thunks: dict[int, n.Func] = {}
        self.eta: dict[int, n.Func] = {}
        self.dynamic = False

    def steady(self, roots: bool) -> dict[Variable, str]:
        """Variables that begin as a number, text, list or dict and may stay one: their kinds.

        They are defined once and assigned later; `roots`: those of the root too.

        With `eval` in the program its root variables may become anything.
        """
        scopes = [*self.order, *([self.root] if roots and not self.dynamic else [])]
        return {
            v: v.begins
            for s in scopes
            for v in s.vars.values()
            if v.begins and v.assigned and v.defs == 1 and not v.param
        }

    def with_eta(self, args: Sequence[n.Node]) -> Sequence[n.Node]:
        """Arguments with the last one, a library function's name, as the lambda that calls it."""
        found = self.eta.get(id(args[-1])) if args else None
        return args if found is None else (*args[:-1], found)


def resolve(tree: n.Node, known: Known, roots: Iterable[str] = (), name: str = "") -> Resolved:
    """Find the meaning of every name of a program.

    Args:
        tree: the whole program; its definitions outside functions are root variables.
        known: tells what a top-level name is.
        roots: root variables that exist before it runs.
        name: of the tree, when it is a top-level function; traces tell it.

    Raises:
        RecursionError: the tree is too deep for this or a later stage.
    """
    if fast.used():
        check_depth(tree)
    return _Resolver(tree, known, roots, name).run()


class _Resolver:
    def __init__(self, tree: n.Node, known: Known, roots: Iterable[str], name: str) -> None:
        self.known = known
        root = ScopeInfo(None, None, -1, "")
        self.out = Resolved(tree, root)
        self.scope = root
        self.state = State()
        for var in roots:
            root.vars[var] = Variable(var, root, assigned=True, defs=2, preset=True)
            self.state.bind(var)
        self.names: list[str] = [name]
        self.outer_states: dict[int, State] = {}
        self.results: dict[str, str] = _Results(known)
        self.dynamic_eval = False

    def run(self) -> Resolved:
        for name in _own_defs(self.out.tree):
            self.out.root.vars.setdefault(name, Variable(name, self.out.root))
        self.visit(self.out.tree)
        self.out.dynamic = self.dynamic_eval
        if self.dynamic_eval:
            for v in self.out.root.vars.values():
                v.assigned = True
        return self.out

    def visit(self, node: n.Node) -> None:
        _VISITS[type(node)](self, node)

    def visit_all(self, nodes: Iterable[n.Node]) -> None:
        for node in nodes:
            self.visit(node)

    # -- names

    def bind_ref(self, node: n.Node, name: str) -> Binding:
        """Record the choices for a name read or assigned at this point."""
        choices: list[Variable] = []
        sure = False
        scope: ScopeInfo | None = self.scope
        while scope is not None:
            var = scope.vars.get(name)
            if var is not None:
                sure = self._certain(scope, name)
                if not sure or not self._same_frame(scope):
                    var.cell = True
                choices.append(var)
                if sure:
                    break
            scope = scope.parent
        found = Binding(tuple(choices), sure)
        self.out.refs[id(node)] = found
        return found

    def _certain(self, scope: ScopeInfo, name: str) -> bool:
        if scope is self.scope:
            return name in self.state.sure
        if self._same_frame(scope):
            return name in self.outer_states[scope.index].sure
        return scope.root and name in self.root_state.sure

    def _same_frame(self, scope: ScopeInfo) -> bool:
        """Whether the code at this point runs in the frame of `scope`."""
        at: ScopeInfo | None = self.scope
        while at is not scope and at is not None and at.inlined:
            at = at.parent
        return at is scope

    @property
    def root_state(self) -> State:
        return self._root_state if self._root_state is not None else self.state

    _root_state: State | None = None

    def visit_Var(self, node: n.Var) -> None:
        self.bind_ref(node, node.name)

    def define(self, node: n.Node, name: str, val: n.Node | None) -> None:
        var = self.scope.vars[name]
        var.defs += 1
        var.func = val if isinstance(val, n.Func) else None
        var.begins = beginning(val)
        if name in self.state.maybe and name not in self.state.sure:
            var.cell = True
        self.out.first[id(node)] = name not in self.state.maybe
        self.state.bind(name)

    def visit_Def(self, node: n.Def) -> None:
        self.names.append(node.name if isinstance(node.val, n.Func) else "")
        self.visit(node.val)
        self.names.pop()
        self.define(node, node.name, node.val)

    def visit_Assign(self, node: n.Assign) -> None:
        self.visit(node.val)
        if isinstance(node.target, n.Var):
            for var in self.bind_ref(node.target, node.target.name).choices:
                var.assigned = True
                if not may_stay(var.begins, node.val):
                    var.begins = ""

    # -- functions

    def visit_Func(self, node: n.Func) -> None:
        self.function(node)

    def function(self, node: n.Func, inlined: bool = False) -> None:
        """A lambda: a scope of its own, with its body walked as if it ran at this point or later."""
        name = self.names[-1] if self.names else ""
        outer = self.scope
        scope = ScopeInfo(node, outer, len(self.out.order), self._func_name(outer, name), inlined=inlined)
        self.out.order.append(scope)
        self.out.funcs[id(node)] = scope
        for p in node.params:
            scope.vars[p.name] = Variable(p.name, scope, param=True, defs=1)
        for own in _own_defs(node.body):
            scope.vars.setdefault(own, Variable(own, scope))
        outer_state, outer_root, outer_names = self.state, self._root_state, self.names
        mark = len(outer_state.log)
        if outer.root:
            self._root_state = outer_state
            if name:
                outer_state.bind(name)
        self.names = []
        self.scope = scope
        self.outer_states[outer.index] = outer_state
        self.state = State([p.name for p in node.params])
        self.visit(node.body)
        outer_state.undo(mark)
        self.scope, self.state, self._root_state, self.names = outer, outer_state, outer_root, outer_names
        for p in node.params:
            if p.default is not None and not _is_constant(p.default):
                self.default(p.default)

    def default(self, node: n.Node) -> None:
        """A default is evaluated in the scope of whoever calls: nothing in it is bound here."""
        outer, outer_state, outer_root = self.scope, self.state, self._root_state
        self.scope = self.out.funcs[id(node)] = ScopeInfo(None, None, -2, "")
        for own in _own_defs(node):
            self.scope.vars[own] = Variable(own, self.scope)
        self.state, self._root_state = State(), None
        self.visit(node)
        self.scope, self.state, self._root_state = outer, outer_state, outer_root

    def _func_name(self, outer: ScopeInfo, name: str) -> str:
        prefix = f"{outer.name}." if outer.name else ""
        return prefix + name if name else f"{prefix}anon-{len(self.out.order) + 1}"

    # -- order of evaluation

    def visit_Literal(self, node: n.Literal) -> None:
        pass

    def visit_TopName(self, node: n.TopName) -> None:
        pass

    def visit_Hole(self, node: n.Hole) -> None:
        pass

    def visit_ListExpr(self, node: n.ListExpr) -> None:
        self.visit_all(node.vals)

    def visit_DictExpr(self, node: n.DictExpr) -> None:
        self.visit_all(node.vals)

    def visit_RangeExpr(self, node: n.RangeExpr) -> None:
        self.visit(node.start)
        self.visit(node.end)

    def visit_Call(self, node: n.Call) -> None:
        if isinstance(node.func, n.Var):
            self.bind_ref(node.func, node.func.name)
            self.call_args(node.func.name, node.func, node.args, 0)
        else:
            self.visit(node.func)
            self.visit_all(node.args)

    def visit_DotCall(self, node: n.DotCall) -> None:
        self.visit(node.args[0])
        self.bind_ref(node, node.name)
        self.call_args(node.name, node, node.args, 1)

    def call_args(self, name: str, key: n.Node, args: Sequence[n.Node], start: int) -> None:
        if name == "eval":
            self.dynamic_eval = True
        ref = self.out.refs[id(key)]
        lazy = lazy_args(self.known, ref, name)
        always = False
        if name in PLANS and not ref.choices:
            args = self.expand(args)
            always = (
                len(args) > 0
                and (PLANS[name].total or yields_list(args[0], self.results))
                and self._is_builtin(name)
                and plan_of(name, args, self.taken_in) is not None
            )
        for i, arg in enumerate(args[start:], start):
            how = lazy[i] if i < len(lazy) else None
            if always and i == len(args) - 1:
                self.function(arg, inlined=True)  # type: ignore[arg-type]
            elif how == "thunk":
                self.thunk(arg)
            elif how == "filter":
                filter_operands(arg, self.visit, self._filter_name)
            else:
                self.visit(arg)

    def taken_in(self, name: str) -> bool:
        """Whether a call of `name` inside a lambda surely means the library's iterating function."""
        plan = PLANS.get(name)
        return (
            plan is not None
            and plan.total
            and not any(name in s.vars for s in self._scopes())
            and self._is_builtin(name)
        )

    def expand(self, args: Sequence[n.Node]) -> Sequence[n.Node]:
        """`findAll(isOdd)` as `findAll(x => isOdd(x))`, where the function takes just one argument."""
        last = args[-1] if args else None
        if not isinstance(last, n.Var) or any(last.name in s.vars for s in self._scopes()):
            return args
        found = self.known(last.name)
        if (
            found is None
            or found is True
            or getattr(found, "max_args", 0) != 1
            or any(getattr(found, "lazy", ()))
        ):
            return args
        param = n.Param("x", loc=last.loc)
        call = n.Call(last, (n.Var("x", loc=last.loc),), loc=last.loc)
        self.out.eta[id(last)] = n.Func((param,), call, loc=last.loc)
        self.bind_ref(last, last.name)
        return self.out.with_eta(args)

    def _scopes(self) -> Iterator[ScopeInfo]:
        scope: ScopeInfo | None = self.scope
        while scope is not None:
            yield scope
            scope = scope.parent

    def _is_builtin(self, name: str) -> bool:
        found = self.known(name)
        return found is not None and found is not True

    def _filter_name(self, node: n.Var) -> None:
        self.bind_ref(node, node.name)

    def thunk(self, node: n.Node) -> None:
        """An argument that a library function evaluates itself: a function without parameters."""
        func = n.Func((), node, loc=node.loc)
        self.out.thunks[id(node)] = func
        self.function(func)

    def visit_TrapCall(self, node: n.TrapCall) -> None:
        self.visit(node.target)
        self.bind_ref(node, "trap")

    def visit_StaticCall(self, node: n.StaticCall) -> None:
        pass

    def visit_PartialCall(self, node: n.PartialCall) -> None:
        if node.dot:
            self.visit(node.args[0])
            self.visit(node.func)
            self.visit_all(node.args[1:])
        else:
            self.visit(node.func)
            self.visit_all(node.args)

    def visit_Block(self, node: n.Block) -> None:
        self.visit_all(node.exprs)

    def visit_If(self, node: n.If) -> None:
        self.visit(node.cond)
        self.branch(node.then, node.otherwise)

    def branch(self, then: n.Node, otherwise: n.Node | None) -> None:
        state = self.state
        mark = len(state.log)
        self.visit(then)
        sure, maybe = state.undo(mark)
        if otherwise is not None:
            self.visit(otherwise)
        self.join(mark, sure, maybe)

    def join(self, mark: int, sure: set[str], maybe: set[str]) -> None:
        """Two ways meet: the one walked since `mark`, and one that bound these names."""
        state = self.state
        other_sure, other_maybe = state.undo(mark)
        for name in sure & other_sure:
            state.bind(name)
        for name in maybe | other_maybe:
            state.guess(name)

    def visit_Logic(self, node: n.Logic) -> None:
        self.visit(node.lhs)
        self.branch(node.rhs, None)

    def visit_Try(self, node: n.Try) -> None:
        state = self.state
        mark = len(state.log)
        self.visit(node.body)
        sure, maybe = state.undo(mark)
        for name in maybe:
            state.guess(name)
        if node.name is not None:
            var = self.scope.vars[node.name]
            var.defs += 2
            var.assigned = True
            if node.name in state.maybe and node.name not in state.sure:
                var.cell = True
            self.out.first[id(node)] = node.name not in state.maybe
            state.bind(node.name)
        self.visit(node.handler)
        self.join(mark, sure, maybe)

    def visit_Return(self, node: n.Return) -> None:
        self.visit(node.expr)

    def visit_Throw(self, node: n.Throw) -> None:
        self.visit(node.expr)

    def visit_Compare(self, node: n.Compare) -> None:
        self.visit(node.lhs)
        self.visit(node.rhs)

    def visit_Arith(self, node: n.Arith) -> None:
        self.visit(node.lhs)
        self.visit(node.rhs)

    def visit_Unary(self, node: n.Unary) -> None:
        self.visit(node.operand)


_VISITS: dict[type, Callable[[_Resolver, Any], None]] = {
    getattr(n, name.removeprefix("visit_")): visit
    for name, visit in vars(_Resolver).items()
    if name.startswith("visit_") and name != "visit_all"
}


class _Results(dict[str, str]):
    """Library name → result type, asked for when needed."""

    def __init__(self, known: Known) -> None:
        super().__init__()
        self.known = known

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        return getattr(self.known(name), "returns", default)


def lazy_args(known: Known, ref: Binding, name: str) -> tuple[str | None, ...]:
    """How the arguments of a call of `name` are passed, when it means a library function."""
    if ref.choices:
        return ()
    found = known(name)
    return getattr(found, "lazy", ()) if found is not None else ()


_COMPARES = ("==", "!=", "<", "<=", ">", ">=")


def filter_operands(node: n.Node, value: Callable[[n.Node], None], name: Callable[[n.Var], None]) -> None:
    """Call `value` for each operand that a filter expression evaluates, `name` for a lone variable."""
    if isinstance(node, n.Logic):
        filter_operands(node.lhs, value, name)
        filter_operands(node.rhs, value, name)
    elif isinstance(node, n.Compare) and node.op in _COMPARES:
        value(node.rhs)
    elif isinstance(node, n.Var):
        name(node)
    elif isinstance(node, (n.Call, n.DotCall)) and is_filter_call(node):
        value(node)


def is_filter_call(node: n.Call | n.DotCall) -> bool:
    """Whether a call gives a filter value: `parseFilter(…)` or `parseSearch(…)`."""
    return called_name(node) in ("parseFilter", "parseSearch")


def _is_constant(node: n.Node) -> bool:
    return isinstance(node, n.Literal)


def _own_defs(node: n.Node) -> list[str]:
    """Names that a function body defines in its own frame, in the order of the text."""
    out: list[str] = []
    stack: list[n.Node] = [node]
    while stack:
        item = stack.pop()
        kind = type(item)
        if kind is n.Func or kind in LEAVES:
            continue
        if kind is n.Def or (kind is n.Try and item.name is not None):  # type: ignore[attr-defined]
            out.append(item.name)  # type: ignore[attr-defined]
        stack.extend(children(item)[::-1])
    return out
