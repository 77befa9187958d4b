"""The library's fold functions over a whole list at once: same result as item by item, without a call per
item.

`WHOLE` holds, per fold function, a Python function of a list of cells. It returns `STEPWISE` where the list
is not of the kind it is made for (units that differ, markers of the fold protocol among the items); then the
items have to be folded one by one. Sums are added from first to last, so that rounding is the same either
way.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from functools import reduce
from typing import Any

from axon.values.folding import is_marker
from axon.values.numbers import MAX_INT, NUMBER_TYPES, number
from pylib.kinds import NA, NA_VALUE, Number

__all__ = ["STEPWISE", "WHOLE", "across"]


class _Stepwise:
    __slots__ = ()


STEPWISE = _Stepwise()

_PLAIN = frozenset((int, float))


def _marked(items: list[Any], kinds: set[type]) -> bool:
    return str in kinds and any(map(is_marker, items))


def _values(items: list[Any]) -> Any:
    """`(numbers without their unit, unit, their types)`, NA, or STEPWISE."""
    kinds = set(map(type, items))
    if kinds <= _PLAIN:
        return items, None, kinds
    if _marked(items, kinds):
        return STEPWISE
    if NA in kinds:
        return STEPWISE if Number in kinds else NA_VALUE
    if not kinds <= NUMBER_TYPES:
        items = [item for item in items if type(item) in NUMBER_TYPES]
    if Number not in kinds:
        return items, None, kinds & _PLAIN
    if kinds & _PLAIN:
        return STEPWISE
    units = {item.unit for item in items}
    if len(units) > 1:
        return STEPWISE
    values = [item.val for item in items]
    return values, units.pop(), set(map(type, values))


def _total(values: list[Any], kinds: set[type]) -> int | float:
    """Added from first to last, as steps do; from 3.12 on Python's `sum` corrects the rounding of floats."""
    if kinds == {int} and max(max(values), -min(values)) * len(values) <= MAX_INT:
        total: int = sum(values)
        return total
    floats = values if kinds == {float} else list(map(float, values))
    return sum(floats) if sys.version_info < (3, 12) else reduce(operator.add, floats)


def _count(items: list[Any]) -> Any:
    return STEPWISE if _marked(items, set(map(type, items))) else len(items)


def _sum(items: list[Any]) -> Any:
    got = _values(items)
    if type(got) is not tuple:
        return got
    values, unit, kinds = got
    return number(_total(values, kinds), unit) if values else None


def _avg(items: list[Any]) -> Any:
    got = _values(items)
    if type(got) is not tuple:
        return got
    values, unit, kinds = got
    return number(_total(values, kinds) / len(values), unit) if values else None


def _extremes(items: list[Any]) -> Any:
    """`(lowest, highest, unit)`, None of no numbers, NA, or STEPWISE; NaN is left to the steps."""
    got = _values(items)
    if type(got) is not tuple:
        return got
    values, unit, _ = got
    if not values:
        return None
    total = sum(values)
    return STEPWISE if total != total else (min(values), max(values), unit)


def _min(items: list[Any]) -> Any:
    got = _extremes(items)
    return number(got[0], got[2]) if type(got) is tuple else got


def _max(items: list[Any]) -> Any:
    got = _extremes(items)
    return number(got[1], got[2]) if type(got) is tuple else got


def _spread(items: list[Any]) -> Any:
    got = _extremes(items)
    if type(got) is not tuple:
        return got
    low, high, unit = got
    return STEPWISE if unit else number(high - low)


WHOLE: dict[str, Callable[[list[Any]], Any]] = {
    "count": _count,
    "sum": _sum,
    "avg": _avg,
    "min": _min,
    "max": _max,
    "spread": _spread,
}


def across(name: str, columns: list[list[Any]]) -> list[Any] | None:
    """The same per row, over columns of plain finite numbers of moderate size; None for any others."""
    if name not in ("sum", "avg") or not columns or not all(map(_moderate, columns)):
        return None
    totals = columns[0]
    for column in columns[1:]:
        totals = list(map(operator.add, totals, column))
    return [total / len(columns) for total in totals] if name == "avg" else totals


def _moderate(column: list[Any]) -> bool:
    kinds = set(map(type, column))
    if not kinds <= _PLAIN:
        return False
    return kinds != {int} or not column or max(max(column), -min(column)) < MAX_INT >> 16
