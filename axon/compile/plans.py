"""Which calls with a literal lambda become loops: facts shared by `resolve` and `loops`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from axon.syntax import nodes as n

__all__ = ["PLANS", "Plan", "children", "defs_in_order", "mentions", "plan_of", "yields_list"]


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
    names = [q.name for q in func.params]
    if len(set(names)) < len(names) or any(q.default is not None for q in func.params):
        return False
    defs = defs_in_order(func.body)
    if defs is None or len({*names, *defs}) < len(names) + len(defs):
        return False
    return (
        not _has_return(func.body)
        and not (set(defs) & _read_early(func.body))
        and not _captured(func, {*names, *defs}, taken_in)
    )


def _captured(func: n.Func, names: set[str], taken_in: Callable[[str], bool]) -> bool:
    """Whether a function inside the body, which is not taken in itself, uses a name of this one."""
    stack: list[n.Node] = [func.body]
    while stack:
        item = stack.pop()
        if isinstance(item, (n.DotCall, n.Call)):
            name = (
                item.name
                if isinstance(item, n.DotCall)
                else item.func.name
                if isinstance(item.func, n.Var)
                else ""
            )
            if taken_in(name) and name not in names and plan_of(name, item.args, taken_in) is not None:
                inner = item.args[-1]
                assert isinstance(inner, n.Func)
                stack.extend((*item.args[:-1], inner.body))
                continue
        if isinstance(item, n.Func):
            used: set[str] = set()
            _names(item.body, used)
            if used & names:
                return True
        stack.extend(children(item))
    return False


def defs_in_order(body: n.Node) -> list[str] | None:
    """The names that a body defines, when each is defined whenever the body runs; else None."""
    exprs = body.exprs if isinstance(body, n.Block) else (body,)
    out: list[str] = []
    for item in exprs:
        while isinstance(item, n.Def):
            out.append(item.name)
            item = item.val
        if _defines(item):
            return None
    return out


def _defines(node: n.Node) -> bool:
    if isinstance(node, n.Func):
        return False
    if isinstance(node, n.Def) or (isinstance(node, n.Try) and node.name is not None):
        return True
    return any(_defines(c) for c in children(node))


def _has_return(node: n.Node) -> bool:
    if isinstance(node, n.Func):
        return False
    return isinstance(node, n.Return) or any(_has_return(c) for c in children(node))


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
    if isinstance(node, n.Var):
        out.add(node.name)
    elif isinstance(node, n.DotCall):
        out.add(node.name)
    elif isinstance(node, n.TrapCall):
        out.add("trap")
    for child in children(node):
        _names(child, out)


def mentions(node: n.Node, name: str) -> bool:
    """Whether a name stands anywhere in a tree."""
    used: set[str] = set()
    _names(node, used)
    return name in used


def yields_list(node: n.Node, results: dict[str, str]) -> bool:
    """Whether an expression surely gives a list or a range; `results`: library name → result type."""
    if isinstance(node, n.ListExpr):
        return True
    if isinstance(node, n.RangeExpr):
        return all(isinstance(x, n.Literal) and type(x.val) is int for x in (node.start, node.end))
    if isinstance(node, (n.DotCall, n.Call)):
        name = (
            node.name
            if isinstance(node, n.DotCall)
            else node.func.name
            if isinstance(node.func, n.Var)
            else ""
        )
        if name in ("map", "findAll") and node.args:
            return yields_list(node.args[0], results)
        return results.get(name) == "List"
    return False


_LEAVES = frozenset({n.Literal, n.Var, n.TopName, n.Hole})


def children(node: n.Node) -> list[n.Node]:
    """The direct parts of a node, in the order of the text."""
    out: list[n.Node] = []
    if type(node) in _LEAVES:
        return out
    for f in node.__match_args__:
        val = getattr(node, f)
        if isinstance(val, n.Node):
            out.append(val)
        elif isinstance(val, tuple):
            out.extend(v for v in val if isinstance(v, n.Node))
    return out
