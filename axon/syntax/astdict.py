"""Nodes as plain dicts, the form that `parseAst` gives: Axon language reference 12.1."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from axon.errors import DepthError
from axon.syntax.nodes import (
    Arith,
    Assign,
    Block,
    Call,
    Compare,
    Def,
    DictExpr,
    DotCall,
    Func,
    Hole,
    If,
    ListExpr,
    Literal,
    Logic,
    Node,
    Param,
    PartialCall,
    RangeExpr,
    Return,
    StaticCall,
    Throw,
    TopName,
    TrapCall,
    Try,
    Unary,
    Var,
)

__all__ = ["ast_dict"]

AstDict = dict[str, Any]
"""A dict with `type`; children are such dicts or lists of them."""


def ast_dict(node: Node) -> AstDict:
    """The tree of dicts of a node.

    Raises:
        DepthError: the node is nested too deep.
    """
    try:
        return _dict(node)
    except RecursionError:
        raise DepthError("nested too deep to be shown as dicts", node.loc.start) from None


def _dict(node: Node) -> AstDict:
    return _DICTS[type(node)](node)


def _list(nodes: Iterable[Node]) -> list[AstDict | None]:
    """The children in a list; the hole of a partial call is null."""
    return [None if type(node) is Hole else _dict(node) for node in nodes]


def _var(name: str) -> AstDict:
    return {"type": "var", "name": name}


def _literal(node: Literal) -> AstDict:
    return {"type": "literal"} if node.val is None else {"type": "literal", "val": node.val}


def _param(node: Param) -> AstDict:
    return {"name": node.name} if node.default is None else {"name": node.name, "def": _dict(node.default)}


def _partial_call(node: PartialCall) -> AstDict:
    return {"type": "partialCall", "func": _dict(node.func), "args": _list(node.args)}


def _trap_call(node: TrapCall) -> AstDict:
    args = [_dict(node.target), {"type": "literal", "val": node.name}]
    return {"type": "trapCall", "func": _var("trap"), "args": args}


def _if(node: If) -> AstDict:
    out = {"type": "if", "cond": _dict(node.cond), "ifExpr": _dict(node.then)}
    otherwise = node.otherwise
    if otherwise is not None and not (type(otherwise) is Literal and otherwise.val is None):
        out["elseExpr"] = _dict(otherwise)
    return out


def _try(node: Try) -> AstDict:
    out: AstDict = {"type": "try", "tryExpr": _dict(node.body)}
    if node.name is not None:
        out["errVarName"] = node.name
    out["catchExpr"] = _dict(node.handler)
    return out


def _operator(node: Logic | Compare | Arith) -> AstDict:
    return {"type": _OPERATORS[node.op], "lhs": _dict(node.lhs), "rhs": _dict(node.rhs)}


_OPERATORS: Final = {
    "and": "and", "or": "or",
    "==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">=": "ge", ">": "gt", "<=>": "cmp",
    "+": "add", "-": "sub", "*": "mul", "/": "div",
}  # fmt: skip

_DICTS: Final[dict[type[Node], Callable[[Any], AstDict]]] = {
    Literal: _literal,
    ListExpr: lambda n: {"type": "list", "vals": _list(n.vals)},
    DictExpr: lambda n: {"type": "dict", "names": list(n.names), "vals": _list(n.vals)},
    RangeExpr: lambda n: {"type": "range", "start": _dict(n.start), "end": _dict(n.end)},
    Def: lambda n: {"type": "def", "name": n.name, "val": _dict(n.val)},
    Var: lambda n: _var(n.name),
    TopName: lambda n: {"type": "topName", "topName": n.name},
    Func: lambda n: {"type": "func", "params": [_param(p) for p in n.params], "body": _dict(n.body)},
    Call: lambda n: {"type": "call", "func": _dict(n.func), "args": _list(n.args)},
    DotCall: lambda n: {"type": "dotCall", "func": _var(n.name), "args": _list(n.args)},
    TrapCall: _trap_call,
    StaticCall: lambda n: {"type": "staticCall", "func": _dict(n.type_name), "args": _list(n.args)},
    PartialCall: _partial_call,
    Block: lambda n: {"type": "block", "exprs": _list(n.exprs)},
    If: _if,
    Return: lambda n: {"type": "return", "expr": _dict(n.expr)},
    Throw: lambda n: {"type": "throw", "expr": _dict(n.expr)},
    Try: _try,
    Assign: lambda n: {"type": "assign", "lhs": _dict(n.target), "rhs": _dict(n.val)},
    Logic: _operator,
    Compare: _operator,
    Arith: _operator,
    Unary: lambda n: {"type": "neg" if n.op == "-" else "not", "operand": _dict(n.operand)},
}
