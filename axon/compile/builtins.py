"""Small library functions inline: the Python expression that does the same, where the kinds of arguments fit.

Each maker gets the arguments (expression and known kind) and a maker of temporaries. It returns a test that
must hold (None: nothing to test), the fast expression and the kind of the result. The slow way is the library
function itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from axon.compile import pyast as p
from axon.compile.inline import Temp, Val, bits, is_int, is_plain, is_simple
from axon.compile.shapes import is_dict

__all__ = ["inline_builtin"]

#: Sums of up to 2**22 whole numbers of up to so many bits are exact.
_EXACT, _SUMMED = 52, 30

_Made = tuple[ast.expr | None, ast.expr, str]


def inline_builtin(
    name: str, vals: list[Val], slow: Callable[[list[ast.expr]], ast.expr], temp: Temp
) -> Val | None:
    """The call of a library function inline; None for one that has no inline form."""
    maker = _MAKERS.get((name, len(vals)))
    if maker is None or isinstance(vals[0][0], ast.Constant):
        return None
    firsts: list[ast.expr] = []
    agains: list[Val] = []
    for i, (expr, kind) in enumerate(vals):
        later_simple = all(is_simple(v) for v, _ in vals[i + 1 :])
        if isinstance(expr, ast.Constant) or (is_simple(expr) and later_simple):
            firsts.append(expr)
            agains.append((expr, kind))
        else:
            held = temp()
            firsts.append(p.walrus(held, expr))
            agains.append((p.load(held), kind))
    made = maker(firsts, agains, temp)
    if made is None:
        return None
    test, fast, kind = made
    if test is None:
        return fast, kind
    return p.if_exp(test, fast, slow([v for v, _ in agains])), kind


def _is(first: ast.expr, kind: str) -> ast.expr:
    return p.is_(p.type_of(first), p.load(kind))


def _parity(odd: int) -> Callable[..., _Made]:
    def make(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made:
        (x, kind) = vals[0]
        # the operand stands once where it is known to be a whole number
        operand = firsts[0] if is_int(kind) else x
        fast = ast.Compare(ast.BinOp(operand, ast.Mod(), p.const(2)), [ast.Eq()], [p.const(odd)])
        return (None if is_int(kind) else _is(firsts[0], "_int")), fast, "bool"

    return make


def _abs(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made:
    (x, kind) = vals[0]
    if is_plain(kind):
        return None, p.call("_abs", firsts[0]), kind
    return _is(firsts[0], "_int"), p.call("_abs", x), ""


def _remainder(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made | None:
    (a, akind), (b, _) = vals
    if not (isinstance(b, ast.Constant) and type(b.value) is int and b.value > 0):
        return None
    fast = ast.BinOp(a, ast.Mod(), b)
    positive = ast.Compare(a, [ast.GtE()], [p.const(0)])
    if is_int(akind):
        # of a negative number the remainder is negative
        mirrored = ast.UnaryOp(ast.USub(), ast.BinOp(ast.UnaryOp(ast.USub(), a), ast.Mod(), b))
        test = ast.Compare(firsts[0], [ast.GtE()], [p.const(0)])
        return None, p.if_exp(test, fast, mirrored), f"i{b.value.bit_length()}"
    return p.both(_is(firsts[0], "_int"), positive), fast, ""


def _size(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made:
    (x, kind) = vals[0]
    if kind.startswith("list"):
        return None, p.call("_len", firsts[0]), "i40"
    return _is(firsts[0], "_list"), p.call("_len", x), "i40"


def _has(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made | None:
    (d, kind), (name, name_kind) = vals
    fast = ast.Compare(name, [ast.In()], [d])
    if name_kind != "str":
        if not is_simple(firsts[1]):
            return None
        return p.both(_is(firsts[0], "_dict_type"), _is(firsts[1], "_str")), fast, "bool"
    if is_dict(kind) and is_simple(firsts[0]) and is_simple(firsts[1]):
        return None, fast, "bool"
    return _is_after_both(firsts, "_dict_type"), fast, "bool"


def _is_after_both(firsts: list[ast.expr], kind: str) -> ast.expr:
    """Whether the first argument is of a kind; when that is asked, both are evaluated, in their order."""
    target, other = firsts
    if not isinstance(other, ast.NamedExpr):
        return _is(target, kind)
    if not isinstance(target, ast.NamedExpr):
        return p.both(_touch(other), _is(target, kind))
    return p.both(_touch(target), _touch(other), _is(p.load(target.target.id), kind))


def _touch(first: ast.expr) -> ast.expr:
    """Evaluates an argument that a test does not need; always true."""
    return p.is_not(first, p.load("_U"))


def _missing(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made | None:
    made = _has(firsts, vals, temp)
    if made is None:
        return None
    return made[0], ast.UnaryOp(ast.Not(), made[1]), "bool"


def _is_null(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made:
    return None, p.is_(firsts[0], p.const(None)), "bool"


def _is_non_null(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made:
    return None, p.is_not(firsts[0], p.const(None)), "bool"


def _first(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made:
    (x, kind) = vals[0]
    if kind.startswith("list"):
        return firsts[0], ast.Subscript(x, p.const(0), p.LOAD), ""
    return p.both(_is(firsts[0], "_list"), x), ast.Subscript(x, p.const(0), p.LOAD), ""


def _last(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made:
    (x, kind) = vals[0]
    if kind.startswith("list"):
        return firsts[0], ast.Subscript(x, p.const(-1), p.LOAD), ""
    return p.both(_is(firsts[0], "_list"), x), ast.Subscript(x, p.const(-1), p.LOAD), ""


def _ascii_method(name: str) -> Callable[..., _Made]:
    def make(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made:
        (x, kind) = vals[0]
        if kind == "str":
            return p.method(firsts[0], "isascii"), p.method(x, name), "str"
        return p.both(_is(firsts[0], "_str"), p.method(x, "isascii")), p.method(x, name), "str"

    return make


def _add(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made:
    (x, kind), (item, _) = vals
    fast = ast.List([ast.Starred(x, p.LOAD), item], p.LOAD)
    if kind.startswith("list") and is_simple(firsts[0]) and is_simple(firsts[1]):
        return None, fast, "list"
    return _is_after_both(firsts, "_list"), fast, "list" if kind.startswith("list") else ""


def _split(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made | None:
    (x, kind), (sep, _) = vals
    if not (isinstance(sep, ast.Constant) and type(sep.value) is str and len(sep.value) == 1):
        return None
    if not sep.value.isascii() or sep.value == " ":
        return None
    # nothing to trim: no blanks and no control characters
    blank = ast.Compare(p.const(" "), [ast.NotIn()], [x])
    if kind == "str":
        return p.both(p.method(firsts[0], "isprintable"), blank), p.method(x, "split", sep), "list:str"
    tests = p.both(_is(firsts[0], "_str"), p.method(x, "isprintable"), blank)
    return tests, p.method(x, "split", sep), "list:str"


def _as(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made | None:
    kind, unit = vals[0][1], vals[1][1]
    if not is_plain(kind) or not unit.startswith("unit:"):
        return None
    return None, p.call("_Number", firsts[0], p.const(unit[5:])), unit


def _day(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made | None:
    if vals[0][1] != "date":
        return None
    return None, p.call("_Number", ast.Attribute(firsts[0], "day", p.LOAD), p.const("day")), "unit:day"


def _is_weekend(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made:
    (x, kind) = vals[0]
    late = ast.Compare(p.method(firsts[0] if kind == "date" else x, "weekday"), [ast.GtE()], [p.const(5)])
    return (None if kind == "date" else _is(firsts[0], "_date")), late, "bool"


def _to_str(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made | None:
    kind = vals[0][1]
    if kind == "str":
        return None, firsts[0], "str"
    return (None, p.method(firsts[0], "isoformat"), "str") if kind == "date" else None


def _fold(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made | None:
    (x, kind), (fn, _) = vals
    if not kind.startswith("list:i") or kind == "list:int" or not isinstance(fn, ast.Name):
        return None
    if fn.id != "_fn_b_sum" or bits(kind[5:]) > _SUMMED:
        return None
    # no sum of so many is beyond what a float can hold
    most = p.const(1 << (_EXACT - bits(kind[5:])))
    few = p.both(firsts[0], ast.Compare(p.call("_len", x), [ast.Lt()], [most]))
    return few, p.call("_sum", x), ""


def _concat(firsts: list[ast.expr], vals: list[Val], temp: Temp) -> _Made | None:
    (_, kind), *sep = vals
    if kind != "list:str" or (sep and sep[0][1] != "str"):
        return None
    return None, p.method(firsts[1] if sep else p.const(""), "join", firsts[0]), "str"


_MAKERS: dict[tuple[str, int], Callable[..., _Made | None]] = {
    ("isOdd", 1): _parity(1),
    ("isEven", 1): _parity(0),
    ("abs", 1): _abs,
    ("remainder", 2): _remainder,
    ("size", 1): _size,
    ("has", 2): _has,
    ("missing", 2): _missing,
    ("isNull", 1): _is_null,
    ("isNonNull", 1): _is_non_null,
    ("first", 1): _first,
    ("last", 1): _last,
    ("upper", 1): _ascii_method("upper"),
    ("lower", 1): _ascii_method("lower"),
    ("add", 2): _add,
    ("split", 2): _split,
    ("as", 2): _as,
    ("day", 1): _day,
    ("isWeekend", 1): _is_weekend,
    ("concat", 1): _concat,
    ("fold", 2): _fold,
    ("toStr", 1): _to_str,
}
