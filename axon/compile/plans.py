"""Which calls with a literal lambda become loops: facts shared by `resolve` and `loops`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from axon.syntax import nodes as n

__all__ = [
    "LATER",
    "LEAVES",
    "PLANS",
    "Plan",
    "beginning",
    "called_name",
    "check_depth",
    "children",
    "defs_in_order",
    "has_func",
    "may_stay",
    "mentions",
    "only_trapped",
    "plan_of",
    "yields_list",
]


class Plan:
    """An iterating function.

    `args` counts its arguments, `params` the lambda's parameters without the index, `least` how many must be
    there. `ranges`: it takes a range of numbers. `total`: its result does not depend on the kind of the
    receiver, so that every receiver can be looped over.
    """

    def __init__(
        self, args: int = 2, params: int = 1, least: int = 0, *, ranges: bool = False, total: bool = True
    ) -> None:
        self.args = args
        self.params = params
        self.least = least
        self.ranges = ranges
        self.total = total


PLANS = {
    "each": Plan(ranges=True),
    "map": Plan(ranges=True, total=False),
    "findAll": Plan(least=1, total=False),
    "find": Plan(least=1, total=False),
    "all": Plan(),
    "any": Plan(),
    "reduce": Plan(args=3, params=2, least=2),
}


#: Library functions that evaluate an argument later or elsewhere: it is compiled as a function.
LATER = frozenset({"localeUse", "taskRun", "taskSendWhenComplete"})


def plan_of(
    name: str, args: Sequence[n.Node], taken_in: Callable[[str], bool] = lambda _: False
) -> Plan | None:
    """The plan of a call with a literal lambda that can be taken in; None for any other call.

    `taken_in` tells by the name of a function whether lambdas given to it inside are taken in as well.
    """
    plan = PLANS.get(name)
    if plan is None or len(args) != plan.args:
        return None
    func = args[-1]
    if not isinstance(func, n.Func) or not plan.least <= len(func.params) <= plan.params + 1:
        return None
    return plan if _fits(func, taken_in) else None


def _fits(func: n.Func, taken_in: Callable[[str], bool]) -> bool:
    """Whether nobody could tell that the body runs in the frame of the function around it."""
    names = {q.name for q in func.params}
    if len(names) < len(func.params) or any(q.default is not None for q in func.params):
        return False
    defs = defs_in_order(func.body)
    if defs is None:
        return False
    if defs:
        size = len(names) + len(defs)
        names.update(defs)
        if len(names) < size or not _read_early(func.body).isdisjoint(defs):
            return False
    return not _captured(func, names, taken_in)


def _captured(func: n.Func, names: set[str], taken_in: Callable[[str], bool]) -> bool:
    """Whether a function inside the body, which is not taken in itself, uses a name of this one."""
    stack: list[n.Node] = [func.body]
    while stack:
        item = stack.pop()
        keeps = isinstance(item, n.Func)
        if isinstance(item, (n.DotCall, n.Call)):
            name = called_name(item)
            keeps = name in LATER
            if taken_in(name) and name not in names and plan_of(name, item.args, taken_in) is not None:
                inner = item.args[-1]
                assert isinstance(inner, n.Func)
                stack.extend((*item.args[:-1], inner.body))
                continue
        if keeps:
            used: set[str] = set()
            _names(item.body if isinstance(item, n.Func) else item, used)
            if used & names:
                return True
        stack.extend(children(item))
    return False


def called_name(node: n.Call | n.DotCall) -> str:
    """The name in `name(…)` or `x.name(…)`; "" where anything else is called."""
    if isinstance(node, n.DotCall):
        return node.name
    return node.func.name if isinstance(node.func, n.Var) else ""


def defs_in_order(body: n.Node) -> list[str] | None:
    """The names that a body defines; None when one is only sometimes defined, or it has a `return`."""
    exprs = body.exprs if isinstance(body, n.Block) else (body,)
    out: list[str] = []
    for item in exprs:
        while isinstance(item, n.Def):
            out.append(item.name)
            item = item.val
        if _defines_or_returns(item):
            return None
    return out


def _defines_or_returns(node: n.Node) -> bool:
    """Whether a definition or a `return` stands in a tree, outside of the functions in it."""
    stack = [node]
    for item in stack:
        kind = type(item)
        if kind is n.Def or kind is n.Return or (isinstance(item, n.Try) and item.name is not None):
            return True
        if kind is not n.Func and kind not in LEAVES:
            stack.extend(_PARTS[kind](item))
    return False


def has_func(node: n.Node) -> bool:
    """Whether a function, what becomes one, or a `try` stands in a tree."""
    stack = [node]
    for item in stack:
        kind = type(item)
        if kind is n.Func or kind is n.Try:
            return True
        if isinstance(item, (n.Call, n.DotCall)) and called_name(item) in LATER:
            return True
        if kind not in LEAVES:
            stack.extend(_PARTS[kind](item))
    return False


def _read_early(body: n.Node) -> set[str]:
    """Names used at or before the statement that defines them."""
    out: set[str] = set()
    used: set[str] = set()
    exprs = body.exprs if isinstance(body, n.Block) else (body,)
    for item in exprs:
        chain = []
        while isinstance(item, n.Def):
            chain.append(item.name)
            item = item.val
        _names(item, used)
        out |= used & set(chain)
    return out


def _names(node: n.Node, out: set[str]) -> None:
    stack: list[Any] = [node]
    for item in stack:
        kind = type(item)
        if kind is n.Var or kind is n.DotCall:
            out.add(item.name)
        elif kind is n.TrapCall:
            out.add("trap")
        if kind not in LEAVES:
            stack.extend(_PARTS[kind](item))


def mentions(node: n.Node, name: str) -> bool:
    """Whether a name stands anywhere in a tree."""
    used: set[str] = set()
    _names(node, used)
    return name in used


def only_trapped(node: n.Node, name: str) -> bool:
    """Whether a variable stands in a tree, and only in `name->tag`."""
    stack: list[n.Node] = [node]
    found = False
    for item in stack:
        if isinstance(item, n.TrapCall) and isinstance(item.target, n.Var):
            found = found or item.target.name == name
        elif isinstance(item, n.Var) and item.name == name:
            return False
        else:
            stack.extend(children(item))
    return found


def yields_list(node: n.Node, results: dict[str, str]) -> bool:
    """Whether an expression surely gives a list or a range; `results`: library name → result type."""
    if isinstance(node, n.ListExpr):
        return True
    if isinstance(node, n.RangeExpr):
        return all(isinstance(x, n.Literal) and type(x.val) is int for x in (node.start, node.end))
    if isinstance(node, (n.DotCall, n.Call)):
        name = called_name(node)
        if name in ("map", "findAll") and node.args:
            return yields_list(node.args[0], results)
        return results.get(name) == "List"
    return False


def beginning(node: n.Node | None) -> str:
    """The kind of a variable that a literal defines: "num", "str", "list" or "dict"; "" for others."""
    if isinstance(node, n.Literal):
        return {int: "num", float: "num", str: "str"}.get(type(node.val), "")
    return "list" if isinstance(node, n.ListExpr) else "dict" if isinstance(node, n.DictExpr) else ""


_STAYS = {
    "list": frozenset({"add", "map", "findAll"}),
    "dict": frozenset({"set"}),
}


def may_stay(kind: str, val: n.Node) -> bool:
    """Whether a variable may still be of its kind after an assignment: a guess from the form of the value."""
    if kind == "num" or beginning(val) == kind:
        return True
    if kind == "str":
        return isinstance(val, n.Arith)
    return isinstance(val, n.DotCall) and val.name in _STAYS.get(kind, ())


#: Kinds of node without parts.
LEAVES = frozenset({n.Literal, n.Var, n.TopName, n.Hole})


def _sides(node: Any) -> Sequence[n.Node]:
    return node.lhs, node.rhs


def _callee_and_args(node: Any) -> Sequence[n.Node]:
    return node.func, *node.args


#: The direct parts of each kind of node, in the order of the text.
_PARTS: dict[type, Callable[[Any], Sequence[n.Node]]] = {
    **dict.fromkeys(LEAVES, lambda _: ()),
    **dict.fromkeys((n.Arith, n.Compare, n.Logic), _sides),
    **dict.fromkeys((n.Call, n.PartialCall), _callee_and_args),
    **dict.fromkeys((n.Return, n.Throw), lambda node: (node.expr,)),
    **dict.fromkeys((n.ListExpr, n.DictExpr), lambda node: node.vals),
    n.RangeExpr: lambda node: (node.start, node.end),
    n.Def: lambda node: (node.val,),
    n.Param: lambda node: () if node.default is None else (node.default,),
    n.Func: lambda node: (*node.params, node.body),
    n.DotCall: lambda node: node.args,
    n.TrapCall: lambda node: (node.target,),
    n.StaticCall: lambda node: (node.type_name, *node.args),
    n.Block: lambda node: node.exprs,
    n.If: lambda node: (
        (node.cond, node.then) if node.otherwise is None else (node.cond, node.then, node.otherwise)
    ),
    n.Try: lambda node: (node.body, node.handler),
    n.Assign: lambda node: (node.target, node.val),
    n.Unary: lambda node: (node.operand,),
}


def children(node: n.Node) -> Sequence[n.Node]:
    """The direct parts of a node, in the order of the text."""
    return _PARTS[type(node)](node)


#: Python functions get to 500 levels of nodes at most, before Python's own limit of 1000 calls.
_MAX_DEPTH = 500


def check_depth(tree: n.Node) -> None:
    """Refuse a tree that is too deep for compiled modules: unlike Python they do not count their calls.

    Raises:
        RecursionError: it is.
    """
    level: list[n.Node] = [tree]
    for _ in range(_MAX_DEPTH):
        level = [child for node in level if type(node) not in LEAVES for child in children(node)]
        if not level:
            return
    raise RecursionError("the tree is too deep")
