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

#: The fields of each kind of node that hold a node, and those that hold a list of nodes.
_PARTS: dict[type[ast.AST], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ast.Name: ((), ()),
    ast.Constant: ((), ()),
    ast.Global: ((), ()),
    ast.Pass: ((), ()),
    ast.Break: ((), ()),
    ast.Continue: ((), ()),
    ast.arg: ((), ()),
    ast.Attribute: (("value",), ()),
    ast.BinOp: (("left", "right"), ()),
    ast.BoolOp: ((), ("values",)),
    ast.Call: (("func",), ("args",)),
    ast.Compare: (("left",), ("comparators",)),
    ast.Dict: ((), ("keys", "values")),
    ast.IfExp: (("test", "body", "orelse"), ()),
    ast.List: ((), ("elts",)),
    ast.NamedExpr: (("target", "value"), ()),
    ast.Starred: (("value",), ()),
    ast.Subscript: (("value", "slice"), ()),
    ast.Tuple: ((), ("elts",)),
    ast.UnaryOp: (("operand",), ()),
    ast.Yield: (("value",), ()),
    ast.Assign: (("value",), ("targets",)),
    ast.ExceptHandler: (("type",), ("body",)),
    ast.Expr: (("value",), ()),
    ast.For: (("target", "iter"), ("body", "orelse")),
    ast.FunctionDef: ((), ("body",)),
    ast.If: (("test",), ("body", "orelse")),
    ast.Raise: (("exc",), ()),
    ast.Return: (("value",), ()),
    ast.Try: ((), ("body", "handlers", "orelse", "finalbody")),
    ast.While: (("test",), ("body", "orelse")),
}

_Place = tuple[Any, Any, Any, Any]
"""`lineno`, `col_offset`, `end_lineno`, `end_col_offset` of a node."""

_FIRST: _Place = (1, 0, 1, 0)


class Pos:
    """Turns places of one source text into the position fields of Python nodes."""

    def __init__(self, text: str) -> None:
        self._lines = None if text.isascii() else text.split("\n")

    def place(self, loc: Loc) -> _Place:
        """A place as Python counts; line 1 when it is unknown."""
        line, col, end_line, end_col, _ = loc
        if not line:
            return _FIRST
        if not end_line:
            end_line, end_col = line, col
        if self._lines is None:
            start, end = col - 1, end_col - 1
        else:
            start, end = self._bytes(line, col), self._bytes(end_line, end_col)
        return line, start, end_line, end

    def _bytes(self, line: int, col: int) -> int:
        if self._lines is None or line > len(self._lines):
            return col - 1
        return len(self._lines[line - 1][: col - 1].encode("utf-8", "surrogatepass"))

    def stamp(self, tree: _T, loc: Loc) -> _T:
        """Give `tree` and all below it that have no place yet the place `loc`."""
        line, start, end_line, end = self.place(loc)
        stack: list[Any] = [tree]
        push, extend = stack.append, stack.extend
        for item in stack:  # which grows
            attributes: dict[str, Any] = item.__dict__
            if "lineno" in attributes:
                continue
            attributes["lineno"] = line
            attributes["col_offset"] = start
            attributes["end_lineno"] = end_line
            attributes["end_col_offset"] = end
            singles, lists = _PARTS[type(item)]
            for name in singles:
                push(attributes[name])
            for name in lists:
                extend(attributes[name])
        return tree


def load(name: str) -> ast.Name:
    """`name`, read."""
    return ast.Name(name, LOAD)


def store(name: str) -> ast.Name:
    """`name`, written."""
    return ast.Name(name, STORE)


def const(val: Any) -> ast.Constant:
    """A constant: a primitive, or a tuple of constants, which is one node however long it is."""
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
    own = [ast.arg(q, lineno=1, col_offset=0) for q in params]
    args = ast.arguments(posonlyargs=[], args=own, kwonlyargs=[], kw_defaults=[], defaults=[])
    fields: dict[str, Any] = {
        "name": name,
        "args": args,
        "body": body,
        "decorator_list": [],
        "type_params": [],
    }
    return ast.FunctionDef(**fields)


def is_(left: ast.expr, right: ast.expr) -> ast.expr:
    """`left is right`"""
    if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):  # Python warns of that
        return ast.Constant(left.value is right.value)
    return ast.Compare(left, [ast.Is()], [right])


def is_not(left: ast.expr, right: ast.expr) -> ast.expr:
    """`left is not right`"""
    if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
        return ast.Constant(left.value is not right.value)
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
