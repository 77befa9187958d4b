"""Makers of Python syntax nodes that carry Axon places.

The only file that turns columns: Lark and `Loc` count characters from 1, Python's `ast` counts UTF-8 bytes
from 0.
"""

from __future__ import annotations

import ast
from typing import Any, TypeVar

from axon.source import Loc

__all__ = ["Pos", "assign", "call", "const", "load", "method", "store"]

LOAD = ast.Load()
STORE = ast.Store()

_T = TypeVar("_T", bound=ast.AST)

#: What stands in a node and has no place: plain values, contexts and operators.
_LEAVES = frozenset(
    {str, int, float, bool, type(None)}
    | {
        kind
        for base in (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
        for kind in base.__subclasses__()
    }
)


class Pos:
    """Turns places of one source text into the position fields of Python nodes."""

    def __init__(self, text: str) -> None:
        self._lines = None if text.isascii() else text.split("\n")

    def fields(self, loc: Loc) -> dict[str, int]:
        """`lineno`, `col_offset` and their ends for a place; line 1 when it is unknown."""
        if not loc:
            return {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}
        end_line, end_col = (loc.end_line, loc.end_col) if loc.end_line else (loc.line, loc.col)
        return {
            "lineno": loc.line,
            "col_offset": self._bytes(loc.line, loc.col),
            "end_lineno": end_line,
            "end_col_offset": self._bytes(end_line, end_col),
        }

    def _bytes(self, line: int, col: int) -> int:
        if self._lines is None or line > len(self._lines):
            return max(col - 1, 0)
        return len(self._lines[line - 1][: col - 1].encode())

    def stamp(self, tree: _T, loc: Loc) -> _T:
        """Give `tree` and all below it that have no place yet the place `loc`."""
        place = self.fields(loc)
        stack: list[Any] = [tree]
        pop, push, extend = stack.pop, stack.append, stack.extend
        while stack:
            item = pop()
            attributes = item.__dict__
            if "lineno" in attributes:
                continue
            for val in attributes.values():
                kind = type(val)
                if kind is list:
                    if val and type(val[0]) not in _LEAVES:
                        extend(val)
                elif kind not in _LEAVES:
                    push(val)
            if item._attributes:
                attributes.update(place)
        return tree


def load(name: str) -> ast.Name:
    """`name`, read."""
    return ast.Name(name, LOAD)


def store(name: str) -> ast.Name:
    """`name`, written."""
    return ast.Name(name, STORE)


def const(val: Any) -> ast.Constant:
    """A primitive constant."""
    return ast.Constant(val)


def call(name: str, *args: ast.expr) -> ast.Call:
    """`name(args)`"""
    return ast.Call(load(name), list(args), [])


def method(target: ast.expr, name: str, *args: ast.expr) -> ast.Call:
    """`target.name(args)`"""
    return ast.Call(ast.Attribute(target, name, LOAD), list(args), [])


def assign(name: str, val: ast.expr) -> ast.Assign:
    """`name = val`"""
    return ast.Assign([store(name)], val)


def walrus(name: str, val: ast.expr) -> ast.NamedExpr:
    """`(name := val)`"""
    return ast.NamedExpr(store(name), val)


def function(name: str, params: list[str], body: list[ast.stmt]) -> ast.FunctionDef:
    """`def name(params): body`; Python 3.12 and later want `type_params`, earlier ones do not know it."""
    args = ast.arguments(
        posonlyargs=[], args=[ast.arg(q) for q in params], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    fields: dict[str, Any] = {
        "name": name,
        "args": args,
        "body": body,
        "decorator_list": [],
        "type_params": [],
    }
    return ast.FunctionDef(**fields)


def is_(left: ast.expr, right: ast.expr) -> ast.Compare:
    """`left is right`"""
    return ast.Compare(left, [ast.Is()], [right])


def is_not(left: ast.expr, right: ast.expr) -> ast.Compare:
    """`left is not right`"""
    return ast.Compare(left, [ast.IsNot()], [right])


def both(*tests: ast.expr) -> ast.expr:
    """`a and b …`"""
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), list(tests))


def either(*tests: ast.expr) -> ast.expr:
    """`a or b …`"""
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), list(tests))


def if_exp(test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.IfExp:
    """`then if test else otherwise`"""
    return ast.IfExp(test, then, otherwise)


def type_of(val: ast.expr) -> ast.Call:
    """`type(val)`, through the name that emitted code has for it."""
    return call("_type", val)
