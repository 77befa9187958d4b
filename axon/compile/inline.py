"""Operators inline: the test for plain numbers, the Python operator, else the helper that does the rest.

Each function gets two operands (expression and known kind) and a maker of temporaries, and returns an
expression with its kind. Kinds: "small" (an int of at most 2**40), "int", "num" (int or float), "bool",
"str", "null", "list" (or "list:" and the kind of its items), "dict", "fn", "other", or "" (nothing is known).
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from axon.compile import pyast as p

__all__ = ["INLINE_ARITH", "INLINE_COMPARE", "INTS", "PLAIN", "Temp", "Val", "as_bool", "is_simple"]

Val = tuple[ast.expr, str]
Temp = Callable[[], str]
_LIMIT = 9007199254740992
_FACTOR = 4096


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
    inside = ast.Compare(p.const(-_LIMIT), [ast.LtE(), ast.LtE()], [p.walrus(name, made), p.const(_LIMIT)])
    return p.if_exp(inside, p.load(name), p.call("_norm", p.load(name)))


INTS = ("int", "small")
PLAIN = ("int", "num", "small")


def _number_const(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and type(expr.value) in (int, float) and expr.value == expr.value


def _arith(helper: str, op: ast.operator, bounded: bool) -> Callable[[Val, Val, Temp], Val]:
    def make(a: Val, b: Val, temp: Temp) -> Val:
        (ax, ak), (bx, bk) = a, b
        if helper == "_add" and ak == "str":
            return (ast.BinOp(ax, op, bx) if bk == "str" else p.call("_cat", ax, bx)), "str"
        if ak not in ("", *PLAIN) or bk not in ("", *PLAIN) or (_number_const(ax) and _number_const(bx)):
            return p.call(helper, ax, bx), "num" if ak in PLAIN and bk in PLAIN else ""
        fa, aa, fb, ab = _pair(ax, bx, temp)
        tests = _plain_tests(a, b, fa, fb, temp)
        if not tests:
            aa, ab = fa, fb
        elif bk in PLAIN and not is_simple(bx):
            ab = bx  # known, so no test needs it: each branch evaluates it once
        made: ast.expr = ast.BinOp(aa, op, ab)
        kind = "num"
        if _stays_small(a, b, bounded) or (ak == bk == "small" and not bounded):
            kind = "int"
        elif bounded or not (_number_const(ax) or _number_const(bx)):
            made = _norm(made, temp)
        elif ak in INTS and bk in INTS:
            kind = "int"
        return (made, kind) if not tests else (p.if_exp(p.both(*tests), made, p.call(helper, aa, ab)), "")

    return make


def _stays_small(a: Val, b: Val, product: bool) -> bool:
    """Whether a small integer and a constant give an integer that needs no check."""
    for (_, kind), (expr, _) in ((a, b), (b, a)):
        if kind == "small" and isinstance(expr, ast.Constant) and type(expr.value) is int:
            return abs(expr.value) <= (_FACTOR if product else _LIMIT >> 1)
    return False


def _plain_tests(a: Val, b: Val, fa: ast.expr, fb: ast.expr, temp: Temp) -> list[ast.expr]:
    """Tests that say that both operands are plain numbers; none for what is known."""
    unknown = [first for (_, kind), first in ((a, fa), (b, fb)) if kind not in PLAIN]
    if len(unknown) == 2:
        return [_same_plain_test(fa, fb, temp)]
    if unknown and unknown[0] is fb and isinstance(fa, ast.NamedExpr):
        return [p.is_not(fa, p.const(None)), _plain_test(fb, temp)]
    return [_plain_test(unknown[0], temp)] if unknown else []


def _divide(a: Val, b: Val, temp: Temp) -> Val:
    (ax, ak), (bx, bk) = a, b
    if ak not in ("", *PLAIN) or bk not in ("", *PLAIN) or (bk in PLAIN and not is_simple(bx)):
        return p.call("_div", ax, bx), ""
    fa, aa, fb, ab = _pair(ax, bx, temp)
    tests = _plain_tests(a, b, fa, fb, temp)
    if not (_number_const(bx) and bx.value != 0):  # type: ignore[attr-defined]
        if not tests and not (is_simple(fa) and is_simple(fb)):
            return p.call("_div", ax, bx), "num"
        tests.append(ab)
    if not tests:
        return ast.BinOp(fa, ast.Div(), fb), "num"
    kind = "num" if ak in PLAIN and bk in PLAIN else ""
    return p.if_exp(p.both(*tests), ast.BinOp(aa, ast.Div(), ab), p.call("_div", aa, ab)), kind


def _order(helper: str, op: ast.cmpop) -> Callable[[Val, Val, Temp], Val]:
    def make(a: Val, b: Val, temp: Temp) -> Val:
        (ax, ak), (bx, bk) = a, b
        if ak in INTS and bk in INTS:
            return ast.Compare(ax, [op], [bx]), "bool"
        if ak not in ("", *PLAIN) or bk not in ("", *PLAIN) or (_number_const(ax) and _number_const(bx)):
            return p.call(helper, ax, bx), "bool"
        fa, aa, fb, ab = _pair(ax, bx, temp)
        fast = ast.Compare(aa, [op], [ab])
        slow = p.call(helper, aa, ab)
        if _number_const(bx) or _number_const(ax):
            first, var, kind = (fa, aa, ak) if _number_const(bx) else (fb, ab, bk)
            return p.if_exp(_ordered(first, var, kind, temp), fast, slow), "bool"
        return p.if_exp(_same_ordered(fa, fb, aa, ab, temp), fast, slow), "bool"

    return make


def _ordered(first: ast.expr, var: ast.expr, kind: str, temp: Temp) -> ast.expr:
    """One operand is a plain number and not NaN."""
    if kind == "num":
        return ast.Compare(first, [ast.Eq()], [var])
    k = temp()
    whole = p.is_(p.walrus(k, p.type_of(first)), p.load("_int"))
    return p.either(whole, p.both(p.is_(p.load(k), p.load("_float")), ast.Compare(var, [ast.Eq()], [var])))


def _same_ordered(fa: ast.expr, fb: ast.expr, aa: ast.expr, ab: ast.expr, temp: Temp) -> ast.expr:
    """Both operands are integers, or both floats and not NaN."""
    k = temp()
    same = p.is_(p.walrus(k, p.type_of(fa)), p.type_of(fb))
    real = p.both(
        p.is_(p.load(k), p.load("_float")),
        ast.Compare(aa, [ast.Eq()], [aa]),
        ast.Compare(ab, [ast.Eq()], [ab]),
    )
    return p.both(same, p.either(p.is_(p.load(k), p.load("_int")), real))


def _equality(helper: str, op: ast.cmpop, same: bool) -> Callable[[Val, Val, Temp], Val]:
    identity: ast.cmpop = ast.Is() if same else ast.IsNot()

    def make(a: Val, b: Val, temp: Temp) -> Val:
        (ax, ak), (bx, bk) = a, b
        if isinstance(ax, ast.Constant) and isinstance(bx, ast.Constant):
            return p.call(helper, ax, bx), "bool"
        plain = ak in PLAIN and bk in PLAIN and (_number_const(ax) or _number_const(bx))
        if plain or (ak in INTS and bk in INTS) or (ak == bk and ak in ("str", "bool")):
            return ast.Compare(ax, [op], [bx]), "bool"
        for x, k, y in ((ax, ak, bx), (bx, bk, ax)):
            if k in ("null", "bool") and isinstance(x, ast.Constant):
                return ast.Compare(y, [identity], [x]), "bool"
            if k == "str" and isinstance(x, ast.Constant):
                return ast.Compare(ax, [op], [bx]), "bool"
        fa, aa, fb, ab = _pair(ax, bx, temp)
        fast = ast.Compare(aa, [op], [ab])
        slow = p.call(helper, aa, ab)
        if (ak in INTS or bk in INTS) and "" in (ak, bk) and is_simple(fb) and (is_simple(fa) or ak == ""):
            first = fa if ak == "" else fb
            return p.if_exp(p.is_(p.type_of(first), p.load("_int")), fast, slow), "bool"
        if ak not in ("", "str", *INTS) or bk not in ("", "str", *INTS):
            return p.call(helper, ax, bx), "bool"
        k = temp()
        alike = p.is_(p.walrus(k, p.type_of(fa)), p.type_of(fb))
        whole = p.either(p.is_(p.load(k), p.load("_int")), p.is_(p.load(k), p.load("_str")))
        return p.if_exp(p.both(alike, whole), fast, slow), "bool"

    return make


def _three_way(a: Val, b: Val, temp: Temp) -> Val:
    return p.call("_cmp", a[0], b[0]), "int"


INLINE_ARITH: dict[str, Callable[[Val, Val, Temp], Val]] = {
    "+": _arith("_add", ast.Add(), False),
    "-": _arith("_sub", ast.Sub(), False),
    "*": _arith("_mul", ast.Mult(), True),
    "/": _divide,
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
