"""Equality and order of values.

Three equalities: `eq` is the operator `==` (a number without unit equals one with), `strict_eq` is what list
items, `contains` and filters use (units must match), `equals` also looks into dicts and grids. Two orders:
`cmp` is the operator `<=>`, `compare` the natural order of `sort`.
"""

from __future__ import annotations

from axon.errors import CastErr, EvalError, UnitErr
from axon.values.show import kind_name, to_str
from axon.values.units import DURATIONS, to_timedelta_ns
from pylib.kinds import NA, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

__all__ = [
    "cmp",
    "compare",
    "eq",
    "equals",
    "ge",
    "gt",
    "le",
    "lt",
    "natural_sorted",
    "same_number",
    "strict_eq",
    "strict_key",
]

_PLAIN: set[type] = {
    str,
    bool,
    int,
    type(None),
    Ref,
    Uri,
    Symbol,
    Coord,
    XStr,
    Marker,
    NA,
    Remove,
    bytes,
}
"""Types whose Python `==` is the equality of the language; more are added when they first turn up."""

_UNITLESS = (int, float)


# ---- equality ---------------------------------------------------------------------------------------------


def eq(a: Any, b: Any) -> bool:
    """`a == b`"""
    ta, tb = type(a), type(b)
    if ta is tb:
        if ta in _PLAIN:
            return bool(a == b)
        if ta is Number:
            return a.unit == b.unit and same_number(a.val, b.val)
    if ta in _UNITLESS:
        if tb in _UNITLESS:
            return same_number(a, b)
        return tb is Number and same_number(a, b.val)
    if ta is Number:
        return tb in _UNITLESS and same_number(a.val, b)
    return _other_eq(a, b)


def strict_eq(a: Any, b: Any) -> bool:
    """Whether two list items are equal: as `eq`, but units must match."""
    ta, tb = type(a), type(b)
    if ta is tb:
        if ta in _PLAIN:
            return bool(a == b)
        if ta is Number:
            return a.unit == b.unit and same_number(a.val, b.val)
    if ta in _UNITLESS:
        return tb in _UNITLESS and same_number(a, b)
    return ta is not Number and _other_eq(a, b)


def same_number(a: int | float, b: int | float) -> bool:
    """Whether two floats are the same: NaN is equal to itself."""
    return a == b or (a != a and b != b)


def _other_eq(a: Any, b: Any) -> bool:
    """Equality of what is not a number and not plain; units have no say here."""
    if a is b:
        return True
    if type(a) is list:
        return type(b) is list and len(a) == len(b) and all(map(strict_eq, a, b))
    if type(a) is dict:
        return type(b) is dict and not a and not b
    if a is None or b is None:
        return False
    return _late_eq(a, b)


def _late_eq(a: Any, b: Any) -> bool:
    """Equality of kinds that most programs never meet: imports them, and remembers the plain ones."""
    import datetime as dt

    from axon.values.ranges import Range

    if isinstance(a, dt.datetime) and isinstance(b, dt.datetime):
        from axon.values.clocks import same_instant

        return same_instant(a, b)
    if type(a) is type(b) and type(a) in (dt.date, dt.time):
        _PLAIN.update((dt.date, dt.time))
        return bool(a == b)
    if isinstance(a, dt.time) and isinstance(b, dt.time):
        return bool(a == b)
    if type(a) is not type(b):
        return False
    if type(a) is Range:
        return strict_eq(a.start, b.start) and strict_eq(a.end, b.end)
    if isinstance(a, dict) or _is_grid(a) or _is_func(a):
        return False  # by identity
    return bool(a == b)


def _is_grid(v: Any) -> bool:
    from pylib.grid import Grid

    return isinstance(v, Grid)


def _is_func(v: Any) -> bool:
    return kind_name(v) == "Func"


def equals(a: Any, b: Any) -> bool:
    """Whether two values have the same content: lists by items, dicts by tags, grids by cells."""
    if a is b:
        return True
    if type(a) is list and type(b) is list:
        return len(a) == len(b) and all(map(equals, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equals(v, b[k]) for k, v in a.items())
    if type(a) in _PLAIN or type(b) in _PLAIN:
        return strict_eq(a, b)
    return _grid_equals(a, b) if _is_grid(a) and _is_grid(b) else strict_eq(a, b)


def _grid_equals(a: Any, b: Any) -> bool:
    if len(a) != len(b) or a.col_names() != b.col_names() or not equals(a.meta(), b.meta()):
        return False
    if not all(equals(x.meta(), y.meta()) for x, y in zip(a.cols(), b.cols(), strict=True)):
        return False
    return all(all(map(equals, a.column(i), b.column(i))) for i in range(len(a.col_names())))


def strict_key(v: Any) -> Any:
    """A hashable key: two values have the same key exactly when they are strictly equal.

    The keys of dicts and grids go by identity: they hold only as long as the value lives.
    """
    kind = type(v)
    if kind is str or kind is Ref:
        return v
    if kind is int:
        return (int, v)
    if kind is float:
        return (int, v) if v == v else (float, "NaN")
    if kind is Number:
        return (Number, v.val if v.val == v.val else "NaN", v.unit)
    if kind is list:
        return (list, tuple(map(strict_key, v)))
    if isinstance(v, dict):
        return (dict, id(v) if v else 0)
    if kind in _PLAIN:
        return (kind, v)
    return _late_key(v)


def _late_key(v: Any) -> Any:
    import datetime as dt

    from axon.values.ranges import Range

    if isinstance(v, dt.datetime):
        from axon.values.clocks import epoch_ns

        return (dt.datetime, epoch_ns(v))
    if type(v) is Range:
        return (Range, strict_key(v.start), strict_key(v.end))
    if _is_grid(v) or _is_func(v):
        return (type(v), id(v))
    return (type(v), v)


# ---- order ------------------------------------------------------------------------------------------------


def cmp(a: Any, b: Any) -> int:
    """`a <=> b`: -1, 0 or 1.

    Raises:
        EvalError: the values have no common order.
        UnitErr: numbers with units that do not go together.
    """
    return _compare(a, b, "<=>")


def lt(a: Any, b: Any) -> bool:
    """`a < b`; raises as `cmp`."""
    return _compare(a, b, "<") < 0


def le(a: Any, b: Any) -> bool:
    """`a <= b`; raises as `cmp`."""
    return _compare(a, b, "<=") <= 0


def gt(a: Any, b: Any) -> bool:
    """`a > b`; raises as `cmp`."""
    return _compare(a, b, ">") > 0


def ge(a: Any, b: Any) -> bool:
    """`a >= b`; raises as `cmp`."""
    return _compare(a, b, ">=") >= 0


def _compare(a: Any, b: Any, op: str) -> int:
    ta, tb = type(a), type(b)
    if ta in _UNITLESS and tb in _UNITLESS:
        return _compare_floats(a, b)
    if ta is str and tb is str:
        return _compare_strs(a, b)
    if a is None or b is None:
        return (a is not None) - (b is not None)
    how = _ORDERS.get(ta) or _late_order(a)
    if how is None or how is not (_ORDERS.get(tb) or _late_order(b)) or not _same_kind(a, b):
        raise EvalError(f"Cannot compare types: {kind_name(a)} {op} {kind_name(b)}")
    return how(a, b)


def _compare_floats(a: int | float, b: int | float) -> int:
    """NaN comes before every other number."""
    if a < b:
        return -1
    if a > b:
        return 1
    return 0 if a == b else (b != b) - (a != a)


def _compare_numbers(a: Any, b: Any) -> int:
    x, unit_x = (a.val, a.unit) if type(a) is Number else (a, None)
    y, unit_y = (b.val, b.unit) if type(b) is Number else (b, None)
    if unit_x == unit_y or unit_x is None or unit_y is None:
        return _compare_floats(x, y)
    if unit_x in DURATIONS and unit_y in DURATIONS:
        return _compare_floats(to_timedelta_ns(a), to_timedelta_ns(b))
    raise UnitErr(f"{unit_x} <=> {unit_y}")


def _utf16(s: str) -> bytes:
    return s.encode("utf-16-be", "surrogatepass")


def _compare_strs(a: str, b: str) -> int:
    """By UTF-16 unit, which differs from Python's order only beyond U+FFFF."""
    if a == b:
        return 0
    if a.isascii() or b.isascii():
        return -1 if a < b else 1
    return -1 if _utf16(a) < _utf16(b) else 1


def _compare_bools(a: bool, b: bool) -> int:
    return a - b


def _compare_texts(a: Any, b: Any) -> int:
    return _compare_strs(to_str(a), to_str(b))


_ORDERS: dict[type, Callable[[Any, Any], int]] = {
    int: _compare_numbers,
    float: _compare_numbers,
    Number: _compare_numbers,
    str: _compare_strs,
    bool: _compare_bools,
    **dict.fromkeys((Ref, Symbol, Uri, Coord, XStr, Marker, NA, Remove), _compare_texts),
}
"""How two values of a type compare; kinds of time are added when they first turn up."""


def _late_order(v: Any) -> Callable[[Any, Any], int] | None:
    if kind_name(v) not in ("Date", "Time", "DateTime", "Span"):
        return None
    import datetime as dt

    from axon.values import clocks, spans

    _ORDERS.update(
        {
            dt.date: _compare_dates,
            dt.time: clocks.compare_times,
            clocks.NanoTime: clocks.compare_times,
            dt.datetime: clocks.compare_datetimes,
            clocks.NanoDateTime: clocks.compare_datetimes,
            spans.Span: _compare_texts,
        }
    )
    return _ORDERS.get(type(v))


def _compare_dates(a: Any, b: Any) -> int:
    return int(a > b) - int(a < b)


def _same_kind(a: Any, b: Any) -> bool:
    """Several kinds share the order by text; they do not compare with each other."""
    if type(a) is type(b):
        return type(a) is not XStr or (a.type == "Bin") == (b.type == "Bin")
    return _ORDERS[type(a)] is not _compare_texts


def compare(a: Any, b: Any) -> int:
    """The natural order of `sort`: nulls first, then as `cmp`; what has no order compares by its text.

    Raises:
        CastErr: values of different kinds.
        UnitErr: numbers with units that do not go together.
    """
    ta, tb = type(a), type(b)
    if ta in _UNITLESS and tb in _UNITLESS:
        return _compare_floats(a, b)
    if a is None or b is None:
        return (a is not None) - (b is not None)
    how = _ORDERS.get(ta) or _late_order(a)
    other = _ORDERS.get(tb) or _late_order(b)
    if how is None and other is None and kind_name(a) == kind_name(b):
        return _compare_texts(a, b)
    if how is None or how is not other or not _same_kind(a, b):
        raise CastErr(f"Cannot compare {kind_name(a)} with {kind_name(b)}")
    return int(how(a, b))


def natural_sorted(vals: Iterable[Any], reverse: bool = False) -> list[Any]:
    """A new list in natural order, stable; `reverse` puts the greatest first. Raises as `compare`."""
    items = list(vals)
    kinds = set(map(type, items))
    if kinds <= {int, float}:
        if float not in kinds or not any(v != v for v in items):
            return sorted(items, reverse=reverse)
    elif kinds == {str}:
        if all(map(str.isascii, items)):
            return sorted(items, reverse=reverse)
        return sorted(items, key=_utf16, reverse=reverse)
    elif len(kinds) == 1 and all(t.__module__ == "datetime" and t.__name__ == "date" for t in kinds):
        return sorted(items, reverse=reverse)
    from functools import cmp_to_key

    return sorted(items, key=cmp_to_key(compare), reverse=reverse)
