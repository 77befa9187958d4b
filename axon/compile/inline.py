"""Operators inline: the test for plain numbers, the Python operator, else the helper that does the rest.

Each function gets two operands (expression and known kind) and a maker of temporaries, and returns an
expression with its kind. Kinds: "i17" (an int of at most 17 bits), "int", "num" (int or float), "bool",
"str", "null", "date", "list" (or "list:" and the kind of its items), "dict" (or with its tags: `shapes`),
"fn", "unit:kW" (a number with that unit), "other"; "" says nothing is known.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from axon.compile import pyast as p

__all__ = [
    "INLINE_ARITH",
    "INLINE_COMPARE",
    "Temp",
    "Val",
    "as_bool",
    "bits",
    "int_kind",
    "is_int",
    "is_plain",
    "is_simple",
]

Val = tuple[ast.expr, str]
Temp = Callable[[], str]
_LIMIT = 9007199254740992
#: An integer of so many bits is exact as a float, however it came about.
_EXACT = 52
#: Whole numbers of so many bits may print with an exponent (10**12 and more).
_DIGITS = 40


def is_simple(expr: ast.expr) -> bool:
    """Whether an expression can stand twice: a name or a constant."""
    return isinstance(expr, (ast.Name, ast.Constant))


def is_shared(expr: ast.expr) -> bool:
    """Whether a name is one that a call could change: a global variable of the program."""
    return hasattr(expr, "shared")


def as_bool(val: Val, helper: str, temp: Temp, who: str | None = None) -> ast.expr:
    """A Python truth test for an Axon Bool; `helper(value)`, or `helper(value, who)`, raises for another."""
    expr, kind = val
    more = [] if who is None else [p.const(who)]
    if kind == "bool":
        return expr
    if isinstance(expr, ast.Constant):
        return p.call(helper, expr, *more)
    if is_simple(expr):
        first = again = expr
    else:
        name = temp()
        first, again = p.walrus(name, expr), p.load(name)
    # x is True or x is not False and helper(x)
    rest = p.both(p.is_not(again, p.const(False)), p.call(helper, again, *more))
    return p.either(p.is_(first, p.const(True)), rest)


def _pair(a: ast.expr, b: ast.expr, temp: Temp) -> tuple[ast.expr, ast.expr, ast.expr, ast.expr]:
    """Both operands: how to write each where it is evaluated, and how to write it again."""
    first_a, again_a = a, a
    if not isinstance(a, ast.Constant) and not (is_simple(a) and (is_simple(b) or not is_shared(a))):
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


def is_int(kind: str) -> bool:
    """Whether a kind is that of a Python int."""
    return kind[:1] == "i"


def is_plain(kind: str) -> bool:
    """Whether a kind is that of a number without unit."""
    return kind == "num" or kind[:1] == "i"


def bits(kind: str) -> int:
    """How many bits a whole number of this kind has at most."""
    return int(kind[1:]) if kind != "int" else _EXACT + 1


def int_kind(size: int) -> str:
    """The kind of whole numbers of at most so many bits."""
    return f"i{size}" if size <= _EXACT else "int"


def _known_or_open(*kinds: str) -> bool:
    """Whether nothing speaks against plain numbers."""
    return all(k == "" or is_plain(k) for k in kinds)


def _number_const(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and type(expr.value) in (int, float) and expr.value == expr.value


def _arith(helper: str, op: ast.operator, bounded: bool) -> Callable[[Val, Val, Temp], Val]:
    def make(a: Val, b: Val, temp: Temp) -> Val:
        (ax, ak), (bx, bk) = a, b
        if helper == "_add" and ak == "str":
            return _concat(ax, op, b), "str"
        if helper == "_add" and ak == "date" and bk == "unit:day":
            return _later(ax, bx), "date"
        if not _known_or_open(ak, bk) or (_number_const(ax) and _number_const(bx)):
            return p.call(helper, ax, bx), _result_kind(ak, bk, bounded)
        fa, aa, fb, ab = _pair(ax, bx, temp)
        tests = _plain_tests(a, b, fa, fb, temp)
        if not tests:
            aa, ab = ax, bx
        elif is_plain(bk) and not is_simple(bx):
            ab = bx  # known, so no test needs it: each branch evaluates it once
        made: ast.expr = ast.BinOp(aa, op, ab)
        kind = "num"
        size = _size(ak, bk, bounded)
        if size <= _EXACT:
            kind = int_kind(size)
        elif bounded or not (_number_const(ax) or _number_const(bx)):
            made = _norm(made, temp)
        elif is_int(ak) and is_int(bk):
            kind = "int"
        return (made, kind) if not tests else (p.if_exp(p.both(*tests), made, p.call(helper, aa, ab)), "")

    return make


def _result_kind(ak: str, bk: str, product: bool) -> str:
    """What is known of what a helper works out: a plain number, one with unit, or nothing."""
    if is_plain(ak) and is_plain(bk):
        return "num"
    if product:
        a, b = is_plain(ak), is_plain(bk)
        return bk if a and bk.startswith("unit:") else ak if b and ak.startswith("unit:") else ""
    return ak if ak == bk and ak.startswith("unit:") else ""


def _concat(ax: ast.expr, op: ast.operator, b: Val) -> ast.expr:
    """A string and what follows it: a string, a whole number that prints as its digits, or anything."""
    bx, bk = b
    if bk == "str":
        return ast.BinOp(ax, op, bx)
    if is_int(bk) and bits(bk) < _DIGITS:
        return ast.BinOp(ax, op, p.call("_text", bx))
    return p.call("_cat", ax, bx)


def _later(date: ast.expr, days: ast.expr) -> ast.expr:
    """A date some days later; a number of days that was only made for this is not made."""
    if isinstance(days, ast.Call) and isinstance(days.func, ast.Name) and days.func.id == "_Number":
        return p.call("_later", date, days.args[0])
    return p.call("_add", date, days)


def _size(ak: str, bk: str, product: bool) -> int:
    """Bits of a sum or product of two whole numbers; more than is exact when one is not known to be whole."""
    if not (is_int(ak) and is_int(bk)):
        return _EXACT + 1
    return bits(ak) + bits(bk) if product else max(bits(ak), bits(bk)) + 1


def _plain_tests(a: Val, b: Val, fa: ast.expr, fb: ast.expr, temp: Temp) -> list[ast.expr]:
    """Tests that say that both operands are plain numbers; none for what is known."""
    unknown = [first for (_, kind), first in ((a, fa), (b, fb)) if not is_plain(kind)]
    if len(unknown) == 2:
        return [_same_plain_test(fa, fb, temp)]
    if unknown and unknown[0] is fb and isinstance(fa, ast.NamedExpr):
        return [p.is_not(fa, p.const(None)), _plain_test(fb, temp)]
    return [_plain_test(unknown[0], temp)] if unknown else []


def _divide(a: Val, b: Val, temp: Temp) -> Val:
    (ax, ak), (bx, bk) = a, b
    if not _known_or_open(ak, bk) or (is_plain(bk) and not is_simple(bx)):
        return p.call("_div", ax, bx), ""
    fa, aa, fb, ab = _pair(ax, bx, temp)
    tests = _plain_tests(a, b, fa, fb, temp)
    if not (_number_const(bx) and bx.value != 0):  # type: ignore[attr-defined]
        if not tests and not (is_simple(fa) and is_simple(fb)):
            return p.call("_div", ax, bx), "num"
        tests.append(ab)
    if not tests:
        return ast.BinOp(fa, ast.Div(), fb), "num"
    kind = "num" if is_plain(ak) and is_plain(bk) else ""
    return p.if_exp(p.both(*tests), ast.BinOp(aa, ast.Div(), ab), p.call("_div", aa, ab)), kind


def _order(helper: str, op: ast.cmpop) -> Callable[[Val, Val, Temp], Val]:
    def make(a: Val, b: Val, temp: Temp) -> Val:
        (ax, ak), (bx, bk) = a, b
        if is_int(ak) and is_int(bk):
            return ast.Compare(ax, [op], [bx]), "bool"
        if not _known_or_open(ak, bk) or (_number_const(ax) and _number_const(bx)):
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
        plain = is_plain(ak) and is_plain(bk) and (_number_const(ax) or _number_const(bx))
        if plain or (is_int(ak) and is_int(bk)) or (ak == bk and ak in ("str", "bool")):
            return ast.Compare(ax, [op], [bx]), "bool"
        for x, k, y in ((ax, ak, bx), (bx, bk, ax)):
            if k in ("null", "bool") and isinstance(x, ast.Constant):
                return ast.Compare(y, [identity], [x]), "bool"
            if k == "str" and isinstance(x, ast.Constant):
                return ast.Compare(ax, [op], [bx]), "bool"
        fa, aa, fb, ab = _pair(ax, bx, temp)
        fast = ast.Compare(aa, [op], [ab])
        slow = p.call(helper, aa, ab)
        if (is_int(ak) or is_int(bk)) and "" in (ak, bk) and is_simple(fb) and (is_simple(fa) or ak == ""):
            first = fa if ak == "" else fb
            return p.if_exp(p.is_(p.type_of(first), p.load("_int")), fast, slow), "bool"
        if not all(k in ("", "str") or is_int(k) for k in (ak, bk)):
            return p.call(helper, ax, bx), "bool"
        k = temp()
        alike = p.is_(p.walrus(k, p.type_of(fa)), p.type_of(fb))
        whole = p.either(p.is_(p.load(k), p.load("_int")), p.is_(p.load(k), p.load("_str")))
        return p.if_exp(p.both(alike, whole), fast, slow), "bool"

    return make


def _three_way(a: Val, b: Val, temp: Temp) -> Val:
    return p.call("_cmp", a[0], b[0]), "i1"


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
