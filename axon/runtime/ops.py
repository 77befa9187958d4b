"""What the operators do, once both operands have a value.

Compiled code computes with two plain numbers itself; everything else arrives here. Errors are raised bare:
the place, and the wrapping that Axon shows, are added by the caller.
"""

from __future__ import annotations

from axon.errors import (
    ArgErr,
    CastErr,
    EvalError,
    IndexErr,
    NullErr,
    UnknownNameErr,
    UnknownSlotErr,
)
from axon.values.numbers import NUMBER_TYPES, norm, to_int
from axon.values.ranges import Range
from axon.values.show import kind_name, preview, to_str
from axon.values.units import add_unit, div_unit, mul_unit, sub_unit
from pylib.kinds import NA_VALUE, Number, Ref, Uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from axon.runtime.context import Context
    from pylib.grid import Grid

__all__ = [
    "add",
    "days_later",
    "div",
    "get",
    "index_of",
    "make_range",
    "mul",
    "neg",
    "not_",
    "slice_bounds",
    "sub",
    "trap",
    "want_bool",
]

_INF = float("inf")
_LAST_DAY = 3_652_059  # 9999-12-31, counted from 0001-01-01


# ---- logic ------------------------------------------------------------------------------------------------


def want_bool(v: Any, what: str) -> bool:
    """`v` itself, which must be a Bool; `what` names who asks.

    Raises:
        NullErr: null.
        CastErr: any other kind.
    """
    if v is True or v is False:
        return bool(v)
    if v is None:
        raise NullErr(f"{what}: expected Bool, got null")
    raise CastErr(f"{what}: expected Bool, got {kind_name(v)} {preview(v)}")


def not_(v: Any) -> bool:
    """`not v`; raises as `want_bool`."""
    return not want_bool(v, "not")


# ---- arithmetic -------------------------------------------------------------------------------------------


def add(a: Any, b: Any) -> Any:
    """`a + b`: numbers, text, dates and times with durations, a Uri resolved.

    Raises:
        EvalError: the left kind has no `+`, or not with the right one.
        CastErr: a number plus something else.
        UnitErr: units that do not go together.
        ArgErr: a shift that is no whole day, too long, or out of the calendar.
    """
    ta, tb = type(a), type(b)
    if ta is Number:
        if tb is Number:
            unit = a.unit if a.unit == b.unit else add_unit(a.unit, b.unit)
            val = a.val + b.val
            return Number(norm(val) if type(val) is int else val, unit)
        if tb is int or tb is float:
            val = a.val + b
            return Number(norm(val) if type(val) is int else val, a.unit)
    elif ta is int or ta is float:
        if tb is int or tb is float:
            return norm(a + b)
        if tb is Number:
            return Number(norm(a + b.val), b.unit)
    elif ta is str:
        return a + (b if tb is str else to_str(b))
    elif tb is Number and ta in _ADD:
        return _ADD[ta](a, b)
    if tb is str and ta is not Uri:
        return to_str(a) + b
    if a is None or b is None:
        return None
    if a is NA_VALUE or b is NA_VALUE:
        return NA_VALUE
    return (_ADD.get(ta) or _find_left(a, "add"))(a, b)


def days_later(date: Any, days: int | float) -> Any:
    """`date + days.as(1day)`; raises as `add`."""
    if type(days) is int:
        day = date.toordinal() + days
        if 0 < day <= _LAST_DAY:
            return date.fromordinal(day)
    return add(date, Number(days, "day"))


def sub(a: Any, b: Any) -> Any:
    """`a - b`: numbers, dates and times with durations, the time between two dates or timestamps.

    Raises as `add`.
    """
    ta, tb = type(a), type(b)
    if ta is Number:
        if tb is Number:
            unit = sub_unit(a.unit, b.unit)
            val = a.val - b.val
            return Number(norm(val) if type(val) is int else val, unit)
        if tb is int or tb is float:
            return Number(norm(a.val - b), a.unit)
    elif ta is int or ta is float:
        if tb is int or tb is float:
            return norm(a - b)
        if tb is Number:
            return Number(norm(a - b.val), b.unit)
    return _rest(a, b, "sub")


def mul(a: Any, b: Any) -> Any:
    """`a * b` of two numbers; raises as `add`."""
    ta, tb = type(a), type(b)
    if ta is Number:
        if tb is Number:
            return Number(norm(a.val * b.val), mul_unit(a.unit, b.unit))
        if tb is int or tb is float:
            return Number(norm(a.val * b), a.unit)
    elif ta is int or ta is float:
        if tb is int or tb is float:
            return norm(a * b)
        if tb is Number:
            return Number(norm(a * b.val), b.unit)
    return _rest(a, b, "mul")


def div(a: Any, b: Any) -> Any:
    """`a / b` of two numbers; by zero it gives an infinity or NaN. Raises as `add`."""
    ta, tb = type(a), type(b)
    if ta is Number:
        if tb is Number:
            return Number(_quotient(a.val, b.val), div_unit(a.unit, b.unit))
        if tb is int or tb is float:
            return Number(_quotient(a.val, b), a.unit)
    elif ta is int or ta is float:
        if tb is int or tb is float:
            return _quotient(a, b)
        if tb is Number:
            return Number(_quotient(a, b.val), b.unit)
    return _rest(a, b, "div")


def _quotient(a: int | float, b: int | float) -> int | float:
    if b:
        return a / b
    if a == 0 or a != a:
        return float("nan")
    negative = (a < 0) != (type(b) is float and str(b)[0] == "-")
    return -_INF if negative else _INF


def neg(a: Any) -> Any:
    """`-a`

    Raises:
        EvalError: not a number.
    """
    kind = type(a)
    if kind is int or kind is float:
        return -a or -0.0
    if kind is Number:
        return Number(-a.val or -0.0, a.unit)
    if a is None or a is NA_VALUE:
        return a
    raise EvalError(f"Unsupported operation neg on {kind_name(a)}")


def _rest(a: Any, b: Any, op: str) -> Any:
    """What is left of `-`, `*`, `/` after two numbers: text is refused before null and NA pass."""
    ta, tb = type(a), type(b)
    if ta is str or (tb is str and ta is not Uri):
        raise EvalError(f"Unsupported {op} on Str")
    if a is None or b is None:
        return None
    if a is NA_VALUE or b is NA_VALUE:
        return NA_VALUE
    return _other(a, b, op)


_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


def _other(a: Any, b: Any, op: str) -> Any:
    """Dispatch on the type of the left operand; the table is filled when a type first turns up."""
    how = _LEFT[op].get(type(a))
    if how is None:
        how = _find_left(a, op)
    return how(a, b)


_ADD: dict[type, Callable[[Any, Any], Any]] = {}
_LEFT: dict[str, dict[type, Callable[[Any, Any], Any]]] = {"add": _ADD, "sub": {}, "mul": {}, "div": {}}


def _find_left(a: Any, op: str) -> Callable[[Any, Any], Any]:
    kind = kind_name(a)
    if kind == "Number":
        return _numbers_only(_SIGNS[op])
    if kind in ("Date", "DateTime", "Time", "DateSpan", "Uri"):
        from axon.runtime import shifts

        how = shifts.OPERATORS.get((kind, op))
        if how is not None:
            _LEFT[op][type(a)] = how
            return how
    return _refused(op)


def _numbers_only(sign: str) -> Callable[[Any, Any], Any]:
    def refuse(a: Any, b: Any) -> Any:
        raise CastErr(f"{sign}: expected Number, got {kind_name(b)} {preview(b)}")

    return refuse


def _refused(op: str) -> Callable[[Any, Any], Any]:
    def refuse(a: Any, b: Any) -> Any:
        raise EvalError(f"Unsupported operation {kind_name(a)} {op} {kind_name(b)}")

    return refuse


# ---- ranges -----------------------------------------------------------------------------------------------


def make_range(a: Any, b: Any) -> Any:
    """`a..b`: a DateSpan of two Dates, else a Range."""
    if kind_name(a) == "Date" and kind_name(b) == "Date":
        from axon.values.spans import DateSpan

        return DateSpan(a, b)
    return Range(a, b)


# ---- get and trap -----------------------------------------------------------------------------------------


def get(val: Any, key: Any) -> Any:
    """`val[key]`: a tag, an item, a character code, a row, or a part for a range.

    Raises:
        IndexErr: outside the value.
        CastErr: a key of the wrong kind.
        NullErr: null as value or key.
        UnknownSlotErr: a value that has no items.
    """
    kind = type(val)
    if kind is list:
        if type(key) is int:
            try:
                return val[key]
            except IndexError:
                raise IndexErr(str(key)) from None
        return _part_of_list(val, key)
    if kind is dict:
        if type(key) is str:
            return val.get(key)
        return _bad_key(key, "Str")
    if kind is str:
        return _part_of_str(val, key)
    if val is None:
        raise NullErr("get: null has no items")
    return _part_of_other(val, key)


def _part_of_list(val: list[Any], key: Any) -> Any:
    if type(key) is Range:
        start, end = slice_bounds(key, len(val))
        return val[start:end]
    return val[index_of(key, len(val))]


def _part_of_str(val: str, key: Any) -> Any:
    """Strings count in UTF-16 units."""
    if not val.isascii():
        from axon.values import utf16

        wide = utf16.split(val)
        if type(key) is Range:
            start, end = slice_bounds(key, len(wide))
            return utf16.join(wide[start:end])
        return ord(wide[index_of(key, len(wide))])
    if type(key) is Range:
        start, end = slice_bounds(key, len(val))
        return val[start:end]
    return ord(val[index_of(key, len(val))])


def _part_of_other(val: Any, key: Any) -> Any:
    from pylib.grid import Grid

    if isinstance(val, dict):
        return val.get(key) if type(key) is str else _bad_key(key, "Str")
    if isinstance(val, Grid):
        return _part_of_grid(val, key)
    raise UnknownSlotErr(f"get: no items in {kind_name(val)} {preview(val)}")


def _part_of_grid(val: Grid, key: Any) -> Any:
    if type(key) is Range:
        return val.slice(*slice_bounds(key, len(val)))
    return val.get(index_of(key, len(val)))


def _bad_key(key: Any, want: str) -> Any:
    if key is None:
        raise NullErr(f"get: expected {want} as key, got null")
    raise CastErr(f"get: expected {want} as key, got {kind_name(key)} {preview(key)}")


def index_of(key: Any, size: int) -> int:
    """The position that an index means, negative ones counted from the end; fractions are cut.

    Raises:
        IndexErr: outside.
        CastErr: not a Number.
        NullErr: null.
    """
    if type(key) not in NUMBER_TYPES:
        _bad_key(key, "Number or range")
    at = to_int(key.val if type(key) is Number else key)
    if not -size <= at < size:
        raise IndexErr(str(at))
    return at + size if at < 0 else at


def slice_bounds(key: Range, size: int) -> tuple[int, int]:
    """First position and the one after the last of a range with inclusive ends.

    The start may be the size, and the end just before the start: both give an empty part.

    Raises:
        IndexErr: outside, or backwards.
        CastErr: ends that are not Numbers.
    """
    ends = [_range_end(key.start), _range_end(key.end)]
    start, last = (at + size if at < 0 else at for at in ends)
    if not 0 <= start <= size or last >= size or last < start - 1:
        raise IndexErr(f"{ends[0]}..{ends[1]}")
    return start, last + 1


def _range_end(end: Any) -> int:
    if type(end) not in NUMBER_TYPES:
        _bad_key(end, "Number in a range")
    return to_int(end.val if type(end) is Number else end)


def trap(val: Any, name: str, cx: Context) -> Any:
    """`val->name`: the tag of a dict, or of the record of a Ref.

    Raises:
        UnknownNameErr: no such tag.
        NullErr: no such record.
        ArgErr: a value that has no tags.
    """
    if isinstance(val, dict):
        found = val.get(name)
        if found is None:
            raise UnknownNameErr(name)
        return found
    if type(val) is Ref:
        rec = cx.db_resolve(val)
        if rec is None:
            raise NullErr(f"trap: no record @{val.val}")
        return trap(rec, name, cx)
    own = getattr(type(val), "axon_trap", None)
    if own is not None:
        return own(val, name)
    what = "null" if val is None else f"{kind_name(val)} {preview(val)}"
    raise ArgErr(f"trap: no tag '{name}' in {what}")
