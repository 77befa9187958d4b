"""Sorting: the natural order of lists, the forgiving order of grid columns, and the order of display names.

Values of one simple type are sorted by keys that Python compares itself; only what is mixed is compared pair
by pair. All sorts are stable, in reverse as well.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any

from axon.values.numbers import NUMBER_TYPES
from axon.values.order import compare, natural_sorted
from axon.values.show import to_str
from axon.values.strings import ascii_lower
from axon.values.units import DURATIONS, to_timedelta_ns
from pylib.kinds import Number, Ref

__all__ = ["column_keys", "column_order", "display_order", "plain_keys", "sorted_values"]


def sorted_values(vals: list[Any], *, reverse: bool = False) -> list[Any]:
    """A new list in natural order: nulls first; `reverse` gives the opposite order.

    Raises:
        CastErr: values of different kinds.
        UnitErr: numbers with units that do not go together.
    """
    kinds = set(map(type, vals))
    if type(None) in kinds and len(kinds) > 1:
        nulls = [val for val in vals if val is None]
        rest = sorted_values([val for val in vals if val is not None], reverse=reverse)
        return rest + nulls if reverse else nulls + rest
    if kinds == {Number} and len({val.unit for val in vals}) == 1 and not any(map(operator.ne, vals, vals)):
        return sorted(vals, key=operator.attrgetter("val"), reverse=reverse)
    return natural_sorted(vals, reverse)


def plain_keys(vals: Sequence[Any]) -> Sequence[Any] | None:
    """Keys that Python compares as `<=>` does, for values of one simple type; None for any others."""
    kinds = set(map(type, vals))
    if kinds == {str}:
        return vals if all(map(str.isascii, vals)) else None
    if kinds == {dt.date}:
        return vals
    if kinds == {Number}:
        if len({val.unit for val in vals}) > 1:
            return None
        vals = [val.val for val in vals]
    elif not kinds <= NUMBER_TYPES or Number in kinds:
        return None
    return None if any(map(operator.ne, vals, vals)) else vals


# ---- columns of grids


def column_order(cells: Sequence[Any], *, reverse: bool = False) -> list[int]:
    """The row numbers in the order of a grid column; never an error.

    Nulls come first; Numbers by value whatever their units, durations by their length; refs by display name;
    where a Str is compared or kinds differ, by text without regard to case; else the natural order.
    """
    rows = [i for i, cell in enumerate(cells) if cell is not None]
    nulls = [] if len(rows) == len(cells) else [i for i, cell in enumerate(cells) if cell is None]
    found = [cells[i] for i in rows] if nulls else cells
    keys = column_keys(found)
    places = sorted(range(len(rows)), key=keys.__getitem__, reverse=reverse)
    rows = [rows[i] for i in places] if nulls else places
    return rows + nulls if reverse else nulls + rows


def column_keys(cells: Sequence[Any]) -> list[Any]:
    """Keys that sort as the cells do."""
    kinds = set(map(type, cells))
    if kinds <= NUMBER_TYPES:
        keys = _number_keys(cells, kinds)
        if keys is not None:
            return keys
    elif kinds == {str}:
        return list(map(_text_key, cells))
    elif kinds == {Ref}:
        return [_text_key(cell.dis()) for cell in cells]
    return list(map(cmp_to_key(_compare_cells), cells))


def _number_keys(cells: Sequence[Any], kinds: set[type]) -> list[Any] | None:
    if Number not in kinds:
        values = list(cells)
    else:
        units = {cell.unit for cell in cells if type(cell) is Number}
        if len(units) > 1 and not units.isdisjoint(DURATIONS):
            return None
        values = [cell.val if type(cell) is Number else cell for cell in cells]
    if kinds != {int} and any(map(operator.ne, values, values)):
        return [(val == val, val) for val in values]  # NaN below all others
    return values


def _text_key(text: str) -> Any:
    return text.lower() if text.isascii() else ascii_lower(text)


def _compare_cells(a: Any, b: Any) -> int:
    ta, tb = type(a), type(b)
    if ta in NUMBER_TYPES and tb in NUMBER_TYPES:
        return _compare_numbers(a, b)
    if ta is Ref and tb is Ref:
        return _compare_texts(a.dis(), b.dis())
    if isinstance(a, dt.datetime) and isinstance(b, dt.datetime):  # also where one of them has nanoseconds
        return compare(a, b)
    if ta is str or tb is str or ta is not tb:
        return _compare_texts(to_str(a), to_str(b))
    return compare(a, b)


def _compare_numbers(a: Any, b: Any) -> int:
    if type(a) is Number and type(b) is Number and a.unit in DURATIONS and b.unit in DURATIONS:
        return compare(to_timedelta_ns(a), to_timedelta_ns(b))
    return compare(a.val if type(a) is Number else a, b.val if type(b) is Number else b)


def _compare_texts(a: str, b: str) -> int:
    return compare(ascii_lower(a), ascii_lower(b))


# ---- display names

_DIGITS_AT_END = re.compile(r"[0-9]*\Z")


def display_order(names: list[str]) -> list[int]:
    """The row numbers in the order of display names: case does not count.

    Where two names end in digits that begin at the same place, these digits compare as a number.
    """
    parts = [_name_key(name) for name in names]
    keys = list(map(cmp_to_key(_compare_names), parts))
    return sorted(range(len(names)), key=keys.__getitem__)


def _name_key(name: str) -> tuple[str, int, int]:
    """The name in small letters, where its last digits begin (-1: none), and their number."""
    text = ascii_lower(name)
    at = _DIGITS_AT_END.search(text).start()  # type: ignore[union-attr]
    return (text, at, int(text[at:])) if at < len(text) else (text, -1, 0)


def _compare_names(a: tuple[str, int, int], b: tuple[str, int, int]) -> int:
    at = a[1]
    if at >= 0 and at == b[1] and a[0][:at] == b[0][:at]:
        return (a[2] > b[2]) - (a[2] < b[2])
    return compare(a[0], b[0])
