"""The first items of a fold in one loop, as long as they are what most items are: plain numbers.

`PREFIX` holds, per fold function of the library, a function of an iterator. It takes items until one comes
that asks for more (a unit, null, NA, NaN), and returns what is known so far, as `(count, low, high)`, with
the items that were taken but not folded. It never takes an item too early, so streams stay lazy; numbers are
added from first to last, as steps do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axon.values.folding import is_marker
from axon.values.numbers import MAX_INT, norm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Prefix = tuple[tuple[int, Any, Any], list[Any]]

__all__ = ["PREFIX"]


def _first(items: Iterator[Any]) -> tuple[Any, list[Any]]:
    """The first item where that is a plain number and no NaN; else None, and the items taken."""
    for item in items:
        plain = (type(item) is int or type(item) is float) and item == item
        return (item, []) if plain else (None, [item])
    return None, []


def _count(items: Iterator[Any]) -> Prefix:
    n = 0
    for item in items:
        if type(item) is str and is_marker(item):
            return (n, None, None), [item]
        n += 1
    return (n, None, None), []


def _sum(items: Iterator[Any]) -> Prefix:
    total, rest = _first(items)
    if total is None:
        return (0, None, None), rest
    n = 1
    for item in items:
        if type(item) is not int and type(item) is not float:
            return (n, total, None), [item]
        n += 1
        total += item
        if not -MAX_INT <= total <= MAX_INT:
            total = norm(total)
    return (n, total, None), []


def _min(items: Iterator[Any]) -> Prefix:
    low, rest = _first(items)
    if low is None:
        return (0, None, None), rest
    for item in items:
        if (type(item) is not int and type(item) is not float) or item != item:
            return (0, low, None), [item]
        if item <= low:
            low = item
    return (0, low, None), []


def _max(items: Iterator[Any]) -> Prefix:
    high, rest = _first(items)
    if high is None:
        return (0, None, None), rest
    for item in items:
        if (type(item) is not int and type(item) is not float) or item != item:
            return (0, high, None), [item]
        if item >= high:
            high = item
    return (0, high, None), []


PREFIX: dict[str, Callable[[Iterator[Any]], Prefix]] = {
    "count": _count,
    "sum": _sum,
    "avg": _sum,
    "min": _min,
    "max": _max,
}
