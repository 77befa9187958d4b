"""Operators inline: the test for plain numbers, the Python operator, else the helper that does the rest.

Each function gets two operands (expression and known kind) and a maker of temporaries, and returns an
expression with its kind. Kinds: "int", "num" (int or float), "bool", "str", "null", "list", "dict", "fn",
"other", or "" when nothing is known.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from axon.compile import pyast as p

__all__ = ["INLINE_ARITH", "INLINE_COMPARE", "Val", "as_bool", "is_simple"]

Val = tuple[ast.expr, str]
Temp = Callable[[], str]
_LIMIT = 9007199254740992


def is_simple(expr: ast.expr) -> bool:
    """Whether an expression can stand twice: a name or a constant."""
    return isinstance(expr, (ast.Name, ast.Constant))


def as_bool(val: Val, helper: str, temp: Temp) -> ast.expr:
    """A Python truth test for an Axon Bool; `helper(value)` raises for any other value."""
    expr, kind = val
    if kind == "bool":
        return expr
    if isinstance(expr, ast.Constant):
        return p.call(helper, expr)
    if is_simple(expr):
        first = again = expr
    else:
        name = temp()
        first, again = p.walrus(name, expr), p.load(name)
    # x is True or x is not False and helper(x)
    rest = p.both(p.is_not(again, p.const(False)), p.call(helper, again))
    return p.either(p.is_(first, p.const(True)), rest)


def _pair(a: ast.expr, b: ast.expr, temp: Temp) -> tuple[ast.expr, ast.expr, ast.expr, ast.expr]:
    """Both operands: how to write each where it is evaluated, and how to write it again."""
    first_a, again_a = a, a
    if not isinstance(a, ast.Constant) and not (is_simple(a) and is_simple(b)):
        name = temp()
        first_a, again_a = p.walrus(name, a), p.load(name)
    first_b, again_b = b, b
    if not is_simple(b):
        name = temp()
        first_b, again_b = p.walrus(name, b), p.load(name)
    return first_a, again_a, first_b, again_b


def _plain_test(first: ast.expr, temp: Temp) -> ast.expr:
    """`(k := type(first)) is int or k is float`"""
    k = temp()
    return p.either(p.is_(p.walrus(k, p.type_of(first)), p.load("_int")), p.is_(p.load(k), p.load("_float")))


def _same_plain_test(first_a: ast.expr, first_b: ast.expr, temp: Temp) -> ast.expr:
    """`(k := type(a)) is type(b) and (k is int or k is float)`"""
    k = temp()
    same = p.is_(p.walrus(k, p.type_of(first_a)), p.type_of(first_b))
    plain = p.either(p.is_(p.load(k), p.load("_int")), p.is_(p.load(k), p.load("_float")))
    return p.both(same, plain)


def _norm(made: ast.expr, temp: Temp) -> ast.expr:
    """`r if -LIMIT <= (r := made) <= LIMIT else _norm(r)`: integers that a float can't hold become floats."""
    name = temp()
    inside = ast.Compare(
        p.const(-_LIMIT), [ast.LtE(), ast.LtE()], [p.walrus(name, made), p.const(_LIMIT)]
    )
    return p.if_exp(inside, p.load(name), p.call("_norm", p.load(name)))


_PLAIN = ("int", "num")


def _number_const(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and type(expr.value) in (int, float) and expr.value == expr.value


def _arith(helper: str, op: ast.operator, bounded: bool) -> Callable[[Val, Val, Temp], Val]:
    def make(a: Val, b: Val, temp: Temp) -> Val:
        (ax, ak), (bx, bk) = a, b
        if ak not in ("", *_PLAIN) or bk not in ("", *_PLAIN):
            return p.call(helper, ax, bx), ""
        if helper == "_div" and not (_number_const(bx) and bx.value != 0):  # type: ignore[attr-defined]
            return _division(ax, bx, temp)
        fa, aa, fb, ab = _pair(ax, bx, temp)
        small = _number_const(ax) or _number_const(bx)
        made: ast.expr = ast.BinOp(aa, op, ab)
        if bounded or not small:
            made = _norm(made, temp)
        slow = p.call(helper, aa, ab)
        if _number_const(bx):
            test = _plain_test(fa, temp)
        elif _number_const(ax):
            test = _plain_test(fb, temp)
        else:
            test = _same_plain_test(fa, fb, temp)
        if _number_const(ax) and _number_const(bx):
            return p.call(helper, ax, bx), "num"
        return p.if_exp(test, made, slow), ""

    return make


def _division(ax: ast.expr, bx: ast.expr, temp: Temp) -> Val:
    fa, aa, fb, ab = _pair(ax, bx, temp)
    test = p.both(_same_plain_test(fa, fb, temp), ab)
    return p.if_exp(test, ast.BinOp(aa, ast.Div(), ab), p.call("_div", aa, ab)), ""


def _order(helper: str, op: ast.cmpop) -> Callable[[Val, Val, Temp], Val]:
    def make(a: Val, b: Val, temp: Temp) -> Val:
        (ax, ak), (bx, bk) = a, b
        if ak not in ("", *_PLAIN) or bk not in ("", *_PLAIN):
            return p.call(helper, ax, bx), "bool"
        fa, aa, fb, ab = _pair(ax, bx, temp)
        k = temp()
        fast = ast.Compare(aa, [op], [ab])
        slow = p.call(helper, aa, ab)
        if _number_const(bx) or _number_const(ax):
            var_first, var = (fa, aa) if _number_const(bx) else (fb, ab)
            is_int = p.is_(p.walrus(k, p.type_of(var_first)), p.load("_int"))
            is_float = p.both(p.is_(p.load(k), p.load("_float")), ast.Compare(var, [ast.Eq()], [var]))
            if _number_const(ax) and _number_const(bx):
                return p.call(helper, ax, bx), "bool"
            return p.if_exp(p.either(is_int, is_float), fast, slow), "bool"
        same = p.is_(p.walrus(k, p.type_of(fa)), p.type_of(fb))
        whole = p.is_(p.load(k), p.load("_int"))
        real = p.both(
            p.is_(p.load(k), p.load("_float")),
            ast.Compare(aa, [ast.Eq()], [aa]),
            ast.Compare(ab, [ast.Eq()], [ab]),
        )
        return p.if_exp(p.both(same, p.either(whole, real)), fast, slow), "bool"

    return make


def _equality(helper: str, op: ast.cmpop, same: bool) -> Callable[[Val, Val, Temp], Val]:
    identity: ast.cmpop = ast.Is() if same else ast.IsNot()

    def make(a: Val, b: Val, temp: Temp) -> Val:
        (ax, ak), (bx, bk) = a, b
        if isinstance(ax, ast.Constant) and isinstance(bx, ast.Constant):
            return p.call(helper, ax, bx), "bool"
        for x, k, y in ((ax, ak, bx), (bx, bk, ax)):
            if k in ("null", "bool") and isinstance(x, ast.Constant):
                return ast.Compare(y, [identity], [x]), "bool"
            if k == "str" and isinstance(x, ast.Constant):
                return ast.Compare(ax, [op], [bx]), "bool"
        fa, aa, fb, ab = _pair(ax, bx, temp)
        fast = ast.Compare(aa, [op], [ab])
        slow = p.call(helper, aa, ab)
        if _int_const(bx) != _int_const(ax):
            var_first = fa if _int_const(bx) else fb
            return p.if_exp(p.is_(p.type_of(var_first), p.load("_int")), fast, slow), "bool"
        if ak not in ("", "int", "str") or bk not in ("", "int", "str"):
            return p.call(helper, ax, bx), "bool"
        k = temp()
        alike = p.is_(p.walrus(k, p.type_of(fa)), p.type_of(fb))
        plain = p.either(p.is_(p.load(k), p.load("_int")), p.is_(p.load(k), p.load("_str")))
        return p.if_exp(p.both(alike, plain), fast, slow), "bool"

    return make


def _int_const(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and type(expr.value) is int


def _three_way(a: Val, b: Val, temp: Temp) -> Val:
    return p.call("_cmp", a[0], b[0]), "int"


INLINE_ARITH: dict[str, Callable[[Val, Val, Temp], Val]] = {
    "+": _arith("_add", ast.Add(), False),
    "-": _arith("_sub", ast.Sub(), False),
    "*": _arith("_mul", ast.Mult(), True),
    "/": _arith("_div", ast.Div(), False),
}
INLINE_COMPARE: dict[str, Callable[[Val, Val, Temp], Val]] = {
    "==": _equality("_eq", ast.Eq(), True),
    "!=": _equality("_ne", ast.NotEq(), False),
    "<": _order("_lt", ast.Lt()),
    "<=": _order("_le", ast.LtE()),
    ">": _order("_gt", ast.Gt()),
    ">=": _order("_ge", ast.GtE()),
    "<=>": _three_way,
}
