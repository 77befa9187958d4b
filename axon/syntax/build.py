"""Reductions to nodes: one function for each name in `grammar/axon.lark`.

A function gets what the alternative's symbols stand for (a token's value, a node, a list) and the region of
the whole alternative. It holds the few rules that a grammar can't say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from axon.errors import AxonSyntaxError
from axon.source import Loc
from axon.syntax.literals import fold_minus
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
from pylib.kinds import MARKER, REMOVE

__all__ = ["BUILD", "LISTS", "Builder"]

Parts = list[Any]
"""What the symbols of an alternative stand for: which kinds, its position in the grammar says."""

Builder = Callable[[Parts, Loc], Any]


# ---- lists: these need no region ----


def one(v: Parts) -> Parts:
    return v


def more(v: Parts) -> Parts:
    v[0].append(v[2])
    return v[0]  # type: ignore[no-any-return]


#: Functions that only collect: they are called with the parts alone.
LISTS: Final[dict[str, Callable[[Parts], Parts]]] = {"one": one, "more": more}


# ---- expressions ----


def define(v: Parts, loc: Loc) -> Node:
    # name: expr
    return Def(v[0], v[2], loc=loc)


def if_then(v: Parts, loc: Loc) -> Node:
    # if (cond) then
    return If(v[2], v[4], None, loc=loc)


def if_else(v: Parts, loc: Loc) -> Node:
    # if (cond) then else otherwise
    return If(v[2], v[4], v[6], loc=loc)


def return_(v: Parts, loc: Loc) -> Node:
    return Return(v[1], loc=loc)


def throw(v: Parts, loc: Loc) -> Node:
    return Throw(v[1], loc=loc)


def try_catch(v: Parts, loc: Loc) -> Node:
    # try body catch handler
    return Try(v[1], None, v[3], loc=loc)


def try_catch_name(v: Parts, loc: Loc) -> Node:
    # try body catch (name) handler
    return Try(v[1], v[4], v[6], loc=loc)


def block(v: Parts, loc: Loc) -> Node:
    # do a; b end
    return Block(tuple(v[1]), loc=loc)


# ---- operators ----


def assign(v: Parts, loc: Loc) -> Node:
    return Assign(v[0], v[2], loc=loc)


def logic(v: Parts, loc: Loc) -> Node:
    return Logic(v[1], v[0], v[2], loc=loc)


def compare(v: Parts, loc: Loc) -> Node:
    return Compare(v[1], v[0], v[2], loc=loc)


def range_(v: Parts, loc: Loc) -> Node:
    return RangeExpr(v[0], v[2], loc=loc)


def arith(v: Parts, loc: Loc) -> Node:
    return Arith(v[1], v[0], v[2], loc=loc)


def negate(v: Parts, loc: Loc) -> Node:
    # -5  →  the literal -5
    operand = v[1]
    if type(operand) is Literal and (negative := fold_minus(operand.val)) is not None:
        return Literal(negative, loc=loc)
    return Unary("-", operand, loc=loc)


def not_(v: Parts, loc: Loc) -> Node:
    return Unary("not", v[1], loc=loc)


# ---- calls ----


def _call(func: Node, args: Parts, loc: Loc) -> Node:
    if any(type(arg) is Hole for arg in args):
        return PartialCall(func, tuple(args), loc=loc)
    if type(func) is TopName and func.is_type:
        return StaticCall(func, "<init>", tuple(args), loc=loc)
    return Call(func, tuple(args), loc=loc)


def _dot_call(target: Node, name: str, args: Parts, loc: Loc) -> Node:
    if any(type(arg) is Hole for arg in args):
        return PartialCall(Var(name, loc=loc), (target, *args), dot=True, loc=loc)
    if type(target) is TopName and target.is_type:
        return StaticCall(target, name, tuple(args), loc=loc)
    return DotCall(name, (target, *args), loc=loc)


def call(v: Parts, loc: Loc) -> Node:
    # f()
    return _call(v[0], [], loc)


def call_trailing(v: Parts, loc: Loc) -> Node:
    # f() x => x
    return _call(v[0], [v[3]], loc)


def call_args(v: Parts, loc: Loc) -> Node:
    # f(a, b)
    return _call(v[0], v[2], loc)


def call_args_trailing(v: Parts, loc: Loc) -> Node:
    # f(a) x => x
    return _call(v[0], [*v[2], v[4]], loc)


def index(v: Parts, loc: Loc) -> Node:
    # x[i]  →  x.get(i)
    return DotCall("get", (v[0], v[2]), loc=loc)


def trap(v: Parts, loc: Loc) -> Node:
    # x->name
    return TrapCall(v[0], v[2], loc=loc)


def dot(v: Parts, loc: Loc) -> Node:
    # x.f
    return _dot_call(v[0], v[2], [], loc)


def dot_lambda(v: Parts, loc: Loc) -> Node:
    # x.f y => y
    return _dot_call(v[0], v[2], [v[3]], loc)


def dot_call(v: Parts, loc: Loc) -> Node:
    # x.f()
    return _dot_call(v[0], v[2], [], loc)


def dot_trailing(v: Parts, loc: Loc) -> Node:
    # x.f() y => y
    return _dot_call(v[0], v[2], [v[5]], loc)


def dot_args(v: Parts, loc: Loc) -> Node:
    # x.f(a)
    return _dot_call(v[0], v[2], v[4], loc)


def dot_args_trailing(v: Parts, loc: Loc) -> Node:
    # x.f(a) y => y
    return _dot_call(v[0], v[2], [*v[4], v[6]], loc)


def trailing_group(v: Parts, loc: Loc) -> Node:
    # f() ((x) => x)
    if type(v[1]) is not Func:
        raise AxonSyntaxError(
            "Expecting lambda expr",
            loc,
            expected=("a lambda",),
            hint="what a call gives is called in parentheses: `(f(1))(2)`; a trailing lambda is `(x) => …`",
        )
    return v[1]


def hole(v: Parts, loc: Loc) -> Node:
    return Hole(loc=loc)


# ---- lambdas ----


def _func(params: tuple[Param, ...], body: Node, loc: Loc) -> Func:
    """A lambda; a `return` that ends its body means nothing and is dropped."""
    if type(body) is Return:
        body = body.expr
    elif type(body) is Block and type(last := body.exprs[-1]) is Return:
        body = Block((*body.exprs[:-1], last.expr), loc=body.loc)
    return Func(params, body, loc=loc)


def lambda_one(v: Parts, loc: Loc) -> Node:
    # x => body
    return _func((Param(v[0], loc=_first(loc, v[0])),), v[2], loc)


def lambda_none(v: Parts, loc: Loc) -> Node:
    # () => body
    return _func((), v[3], loc)


def lambda_many(v: Parts, loc: Loc) -> Node:
    # (x, y: default) => body
    return _func(tuple(v[1]), v[4], loc)


def param(v: Parts, loc: Loc) -> Param:
    return Param(v[0], loc=loc)


def param_default(v: Parts, loc: Loc) -> Param:
    return Param(v[0], v[2], loc=loc)


def _first(loc: Loc, name: str) -> Loc:
    """The region of a name that starts `loc`."""
    return Loc(loc.line, loc.col, loc.line, loc.col + len(name), loc.source)


# ---- bases ----


def literal(v: Parts, loc: Loc) -> Node:
    return Literal(v[0], loc=loc)


def true(v: Parts, loc: Loc) -> Node:
    return Literal(True, loc=loc)


def false(v: Parts, loc: Loc) -> Node:
    return Literal(False, loc=loc)


def null(v: Parts, loc: Loc) -> Node:
    return Literal(None, loc=loc)


def var(v: Parts, loc: Loc) -> Node:
    return Var(v[0], loc=loc)


def top_name(v: Parts, loc: Loc) -> Node:
    return TopName(v[0], loc=loc)


def group(v: Parts, loc: Loc) -> Node:
    # (expr): parentheses leave no node
    return v[1]  # type: ignore[no-any-return]


def list_empty(v: Parts, loc: Loc) -> Node:
    return ListExpr((), loc=loc)


def list_(v: Parts, loc: Loc) -> Node:
    for item in v[1]:
        if type(item) is Def:
            raise AxonSyntaxError(
                "List cannot contain ':' pairs (use dict {key:val})",
                item.loc,
                hint="a dict is written in braces: {key: value}",
            )
    return ListExpr(tuple(v[1]), loc=loc)


def dict_empty(v: Parts, loc: Loc) -> Node:
    return DictExpr((), (), loc=loc)


def dict_(v: Parts, loc: Loc) -> Node:
    return DictExpr(tuple(name for name, _ in v[1]), tuple(val for _, val in v[1]), loc=loc)


def pair(v: Parts, loc: Loc) -> tuple[str, Node]:
    return v[0], v[2]


def pair_marker(v: Parts, loc: Loc) -> tuple[str, Node]:
    return v[0], Literal(MARKER, loc=loc)


def pair_remove(v: Parts, loc: Loc) -> tuple[str, Node]:
    return v[1], Literal(REMOVE, loc=loc)


BUILD: Final[dict[str, Builder]] = {
    builder.__name__.rstrip("_"): builder
    for builder in (
        define, if_then, if_else, return_, throw, try_catch, try_catch_name, block,
        assign, logic, compare, range_, arith, negate, not_,
        call, call_trailing, call_args, call_args_trailing, index, trap, dot, dot_lambda, dot_call,
        dot_trailing, dot_args, dot_args_trailing, trailing_group, hole,
        lambda_one, lambda_none, lambda_many, param, param_default,
        literal, true, false, null, var, top_name, group, list_empty, list_, dict_empty, dict_,
        pair, pair_marker, pair_remove,
    )
}  # fmt: skip
