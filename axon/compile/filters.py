"""An Axon expression as a filter: what `readAll(site and area > 200ft²)` passes (spec, Axon language 11.2).

The tree is converted, not evaluated; only the right sides of comparisons are, where the call stands.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from axon.compile import pyast as p
from axon.compile.resolve import is_filter_call
from axon.syntax import nodes as n

if TYPE_CHECKING:
    from axon.compile.emit_function import FuncEmitter

__all__ = ["emit_filter"]

_OPS = ("==", "!=", "<", "<=", ">", ">=")
_KEYWORDS = frozenset(
    "and catch defcomp deflinks do else end false if not null or return throw true try".split()
)


def emit_filter(e: FuncEmitter, node: n.Node) -> ast.expr:
    """A Python expression that makes the filter."""
    if isinstance(node, n.Literal) and type(node.val) is str and node.val not in _KEYWORDS:
        return _refuse(e, node, "Not a tag path")
    return _Maker(e).term(node)


def _refuse(e: FuncEmitter, node: n.Node, why: str) -> ast.expr:
    from axon.syntax.printer import to_source

    return e.at(p.call("_not_filter", p.const(f"{why}: {to_source(node)}")), node)


class _Maker:
    def __init__(self, e: FuncEmitter) -> None:
        self.e = e

    def term(self, node: n.Node) -> ast.expr:
        if isinstance(node, n.Logic):
            a = self.term(node.lhs)
            return _make("and_" if node.op == "and" else "or_", a, self.term(node.rhs))
        if isinstance(node, n.Compare) and node.op in _OPS:
            return self.compare(node)
        if isinstance(node, n.Var):
            return self.var(node)
        if isinstance(node, (n.Call, n.DotCall)) and is_filter_call(node):
            return self.e.value(node)
        if isinstance(node, n.Unary) and node.op == "not":
            path = _path(node.operand)
            return _make("missing", path) if path is not None else _refuse(self.e, node, "Not a tag path")
        if isinstance(node, n.TopName) and node.is_type:
            return _make("is_spec", p.const(node.name))
        if isinstance(node, n.Literal) and type(node.val).__name__ == "Symbol":
            return _make("is_symbol", self.e.value(node))
        path = _path(node)
        return _make("has", path) if path is not None else _refuse(self.e, node, "Not a tag path")

    def compare(self, node: n.Compare) -> ast.expr:
        path = _path(node.lhs)
        if path is None:
            return _refuse(self.e, node.lhs, "Not a tag path")
        return _make("cmp", p.const(node.op), path, self.e.value(node.rhs))

    def var(self, node: n.Var) -> ast.expr:
        """A name alone: the variable when it holds a filter, else the tag."""
        ref = self.e.r.refs[id(node)]
        has = _make("has", p.const((node.name,)))
        for var in reversed(ref.choices):
            has = p.call("_filter_var", p.load(self.e.place(var)), has)
        return has


def _make(how: str, *args: ast.expr) -> ast.expr:
    return p.method(p.load("_Filter"), how, *args)


def _path(node: n.Node) -> ast.expr | None:
    """A path of tag names as a tuple constant; None when the node is none."""
    names: list[str] = []
    while isinstance(node, n.TrapCall):
        names.append(node.name)
        node = node.target
    if isinstance(node, n.Var):
        names.append(node.name)
    elif isinstance(node, n.Literal) and type(node.val) is str:
        names.append(node.val)
    else:
        return None
    return p.const(tuple(reversed(names)))
