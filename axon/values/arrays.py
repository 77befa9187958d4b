"""Columns kept as numpy arrays: folded and ordered without making a list of their cells.

The results are those of `totals` and `ordering`; sums are added from first to last there as here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axon.values.numbers import MAX_INT, number
from axon.values.ordering import column_keys, column_order
from pylib.columns import ArrayColumn
from pylib.kinds import Ref
from pylib.packed import DateColumn, DictColumn, TimeColumn

if TYPE_CHECKING:
    import numpy as np

__all__ = ["fold_array", "order_array", "order_packed"]


def fold_array(name: str, column: ArrayColumn) -> Any:
    """What a fold function of the library makes of a column of numbers.

    Raises:
        LookupError: not of this function or this column; its cells have to be folded as a list.
    """
    if name == "count":
        return len(column)
    if column.data.dtype.kind not in "iuf" or name not in ("sum", "avg", "min", "max", "spread"):
        raise LookupError(name)
    data = column.data if column.valid is None else column.data[column.valid]
    if not len(data):
        return None
    if name in ("sum", "avg"):
        total = _total(data)
        return number(total if name == "sum" else total / len(data), column.unit)
    low, high = data.min().item(), data.max().item()
    if low != low or (name == "spread" and column.unit is not None):
        raise LookupError(name)
    return number({"min": low, "max": high}.get(name, high - low), column.unit)


def _total(data: np.ndarray[Any, Any]) -> int | float:
    import numpy as np

    if data.dtype.kind != "f" and max(abs(int(data.min())), abs(int(data.max()))) * len(data) <= MAX_INT:
        return int(data.sum())
    with np.errstate(all="ignore"):
        total: float = np.cumsum(data, dtype=np.float64)[-1].item()
    return total


def order_array(column: ArrayColumn, *, reverse: bool = False) -> list[int]:
    """The row numbers in the order of a column of numbers or Bools: nulls first, then NaN; stable."""
    import numpy as np

    data = column.data
    keys = [data]
    if data.dtype.kind == "f":
        keys = [np.where(np.isnan(data), 0, data), ~np.isnan(data)]
    if column.valid is not None:
        keys = [*(np.where(column.valid, key, 0) for key in keys), column.valid]
    return _places(keys, reverse)


def order_packed(column: TimeColumn | DateColumn | DictColumn, *, reverse: bool = False) -> list[int]:
    """The row numbers in the order of a column of timestamps, dates or repeated values, as `column_order`."""
    if type(column) is DictColumn:
        if not (column.values and set(map(type, column.values)) in ({str}, {Ref})):
            return column_order(column.tolist(), reverse=reverse)
        return _places([_ranks(column)], reverse)
    return _places([column.data], reverse)  # null is the least number


def _ranks(column: DictColumn) -> Any:
    """For each cell the place of its value among those that occur; equal ones share it, null is the least."""
    import numpy as np

    used = np.unique(column.data)
    used = used[used >= 0]
    keys = column_keys([column.values[i] for i in used.tolist()])
    ranks = np.full(len(column.values) + 1, -1, dtype=np.int64)
    rank, before = 0, None
    for at in sorted(range(len(keys)), key=keys.__getitem__):
        if before is not None and keys[before] < keys[at]:
            rank += 1
        ranks[used[at]] = rank
        before = at
    return ranks[np.where(column.data < 0, len(column.values), column.data)]


def _places(keys: list[Any], reverse: bool) -> list[int]:
    import numpy as np

    if not reverse:
        forward: list[int] = np.lexsort(keys).tolist()
        return forward
    last = len(keys[0]) - 1
    backward: list[int] = (last - np.lexsort([key[::-1] for key in keys])[::-1]).tolist()
    return backward
