"""Nodes to text: the Axon source that `toStr` of a function gives. Parsing it gives the same tree.

The layout is that of the reference (Axon language reference 8.7): every operator, call, lambda, `if` and
so on is put in parentheses where it is an operand or a target, blocks take a line per statement. Where the
reference forgets parentheses that the meaning needs, they are added. One difference stays, as the
reference has it: `{-a}` is printed as `{a:none()}`.
"""

from __future__ import annotations

import re
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
from axon.values.show import quote, to_code
from pylib.kinds import MARKER, Ref, Symbol

__all__ = ["to_source"]

_KEY: Final = re.compile(r"[a-z][A-Za-z0-9_]*")
_CATCH_NAME: Final = re.compile(r"\([A-Za-z0-9_]+\)")

#: Nodes that stand without parentheses wherever they are.
_ATOMS: Final = frozenset((Literal, Var, TopName, ListExpr, DictExpr, TrapCall, Hole))


def to_source(node: Node) -> str:
    """The Axon source of a node.

    Raises:
        DepthError: the node is nested too deep.
    """
    try:
        return _text(node)
    except RecursionError:
        raise DepthError("nested too deep to be printed", node.loc.start) from None


def _text(node: Node, guard: bool = False) -> str:
    """A node where any expression may stand; with `guard` an `else` follows, which it must not take."""
    return _PRINTERS[type(node)](node, guard)


def _operand(node: Node) -> str:
    """A node as an operand: in parentheses unless it is an atom."""
    if type(node) in _ATOMS:
        return _text(node)
    if type(node) is Def:
        # In parentheses `name:` would start the parameters of a lambda.
        node = Block((node,))
    return f"({_text(node)})"


def _target(node: Node) -> str:
    """A node before a dot or an opening parenthesis, or as the operand of a sign or `not`."""
    text = _operand(node)
    if type(node) is Literal and (text[0] == "-" or type(node.val) in (Ref, Symbol)):
        return f"({text})"
    return text


def _trap_target(node: Node) -> str:
    """A node before `->`: calls stand as they are, numbers would take the dash."""
    if type(node) in (Call, DotCall, StaticCall, PartialCall):
        return _text(node)
    if type(node) is Literal and type(node.val) not in (str, bool, type(None)):
        return f"({_text(node)})"
    return _operand(node)


def _list(nodes: Iterable[Node]) -> str:
    return ", ".join([_text(node) for node in nodes])


# ---- one function for each node ----


def _literal(node: Literal, guard: bool) -> str:
    if type(node.val).__name__ == "Filter":
        return f"parseFilter({quote(str(node.val))})"
    return to_code(node.val)


def _dict(node: DictExpr, guard: bool) -> str:
    return "{" + ", ".join([_pair(name, val) for name, val in zip(node.names, node.vals, strict=True)]) + "}"


def _pair(name: str, val: Node) -> str:
    key = name if _KEY.fullmatch(name) else quote(name)
    return key if type(val) is Literal and val.val is MARKER else f"{key}:{_text(val)}"


def _range(node: RangeExpr, guard: bool) -> str:
    start = node.start
    # A dot is a character of refs and symbols.
    swallows = type(start) is Literal and type(start.val) in (Ref, Symbol)
    return f"{_target(start) if swallows else _operand(start)}..{_operand(node.end)}"


def _func(node: Func, guard: bool) -> str:
    return f"({', '.join([_param(param) for param in node.params])}) => {_text(node.body, guard)}"


def _param(node: Param) -> str:
    return node.name if node.default is None else f"{node.name}:{_text(node.default)}"


def _call(node: Call, guard: bool) -> str:
    return f"{_target(node.func)}({_list(node.args)})"


def _dot_call(node: DotCall, guard: bool) -> str:
    return f"{_target(node.args[0])}.{node.name}({_list(node.args[1:])})"


def _static_call(node: StaticCall, guard: bool) -> str:
    name = "" if node.name == "<init>" else f".{node.name}"
    return f"{node.type_name.name}{name}({_list(node.args)})"


def _partial_call(node: PartialCall, guard: bool) -> str:
    if node.dot and type(node.func) is Var:
        return f"{_target(node.args[0])}.{node.func.name}({_list(node.args[1:])})"
    return f"{_target(node.func)}({_list(node.args)})"


def _block(node: Block, guard: bool) -> str:
    lines = "".join([f"{_text(expr)};\n" for expr in node.exprs])
    body = lines.replace("\n", "\n  ").removesuffix("  ")
    return f"do\n  {body}end\n"


def _if(node: If, guard: bool) -> str:
    # The nearest `if` takes an `else`: one without goes into parentheses where an `else` follows.
    head = f"if ({_text(node.cond)}) "
    if node.otherwise is not None:
        return f"{head}{_text(node.then, True)} else {_text(node.otherwise, guard)}"
    text = f"{head}{_text(node.then, False)}"
    return f"({text})" if guard else text


def _try(node: Try, guard: bool) -> str:
    handler = _text(node.handler, guard)
    if node.name is not None:
        return f"try {_text(node.body)} catch ({node.name}) {handler}"
    if _CATCH_NAME.match(handler):
        handler = f"({handler})"
    return f"try {_text(node.body)} catch {handler}"


def _assign(node: Assign, guard: bool) -> str:
    # x = y: 5 needs no parentheses, and could not have them.
    val = _text(node.val, guard) if type(node.val) is Def else _operand(node.val)
    return f"{_operand(node.target)} = {val}"


def _binary(node: Logic | Compare | Arith, guard: bool) -> str:
    return f"{_operand(node.lhs)} {node.op} {_operand(node.rhs)}"


def _unary(node: Unary, guard: bool) -> str:
    return f"{node.op} {_target(node.operand)}"


_PRINTERS: Final[dict[type[Node], Callable[[Any, bool], str]]] = {
    Literal: _literal,
    ListExpr: lambda n, guard: f"[{_list(n.vals)}]",
    DictExpr: _dict,
    RangeExpr: _range,
    Def: lambda n, guard: f"{n.name}: {_text(n.val, guard)}",
    Var: lambda n, guard: n.name,
    TopName: lambda n, guard: n.name,
    Func: _func,
    Hole: lambda n, guard: "_",
    Call: _call,
    DotCall: _dot_call,
    TrapCall: lambda n, guard: f"{_trap_target(n.target)}->{n.name}",
    StaticCall: _static_call,
    PartialCall: _partial_call,
    Block: _block,
    If: _if,
    Return: lambda n, guard: f"return {_text(n.expr, guard)}",
    Throw: lambda n, guard: f"throw {_text(n.expr, guard)}",
    Try: _try,
    Assign: _assign,
    Logic: _binary,
    Compare: _binary,
    Arith: _binary,
    Unary: _unary,
}
