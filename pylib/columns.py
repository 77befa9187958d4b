"""Columns of a grid that are more than a list.

A column is a plain `list` (None is a null cell) or an object with the methods of `Column`. Numpy is optional
and only needed once an `ArrayColumn` is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, List, Protocol, Union

from pylib.kinds import Number

if TYPE_CHECKING:
    import numpy as np

__all__ = ["AnyColumn", "ArrayColumn", "Column", "as_column", "same"]


class Column(Protocol):
    """What a grid asks of a column that is not a list."""

    def __len__(self) -> int:
        """How many cells."""

    def item(self, index: int) -> Any:
        """One cell as a value; None for null."""

    def tolist(self) -> list[Any]:
        """All cells as values; the list may be kept and is not to be changed."""

    def take(self, indexes: Sequence[int]) -> Column:
        """The cells at these positions."""

    def slice(self, start: int, stop: int) -> Column:
        """The cells from `start` up to `stop`, without a copy where that can be had."""

    @property
    def array(self) -> np.ndarray[Any, Any] | None:
        """The cells as a numpy array, where they are kept as one."""


EXACT = 1 << 53
"""Whole numbers up to this magnitude are `int` as Axon Numbers."""

AnyColumn = Union[List[Any], Column]


class ArrayColumn:
    """Numbers or Bools in a numpy array, with at most one unit.

    The array keeps whole numbers exactly; as a cell one beyond 2**53 is a float, as all Axon Numbers are.

    `valid` is a boolean array, False for null cells; None when no cell is null. A cell of a column with a
    unit is read as a `Number`. NaN is a number like any other.
    """

    __slots__ = ("_list", "data", "unit", "valid")
    data: np.ndarray[Any, Any]
    unit: str | None
    valid: np.ndarray[Any, Any] | None

    def __init__(
        self,
        data: np.ndarray[Any, Any],
        unit: str | None = None,
        valid: np.ndarray[Any, Any] | None = None,
    ) -> None:
        if data.ndim != 1 or data.dtype.kind not in "biuf":
            raise TypeError(f"column: expected one dimension of numbers or booleans, got {data.dtype}")
        if valid is not None and len(valid) != len(data):
            raise ValueError("column: the validity mask has another length")
        self.data = data
        self.unit = unit
        self.valid = valid
        self._list: list[Any] | None = None

    @property
    def array(self) -> np.ndarray[Any, Any]:
        """The numbers themselves; null cells hold anything."""
        return self.data

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def item(self, index: int) -> Any:
        """One cell as a value; None for null."""
        if self.valid is not None and not self.valid[index]:
            return None
        val = self.data[index].item()
        if type(val) is int and not -EXACT <= val <= EXACT:
            val = float(val)
        return val if self.unit is None else Number(val, self.unit)

    def tolist(self) -> list[Any]:
        """All cells as values; made once."""
        if self._list is None:
            cells = self._plain()
            if self.unit is not None:
                unit = self.unit
                cells = [Number(val, unit) for val in cells]
            if self.valid is not None:
                cells = [val if ok else None for val, ok in zip(cells, self.valid.tolist())]
            self._list = cells
        return self._list

    def _plain(self) -> list[Any]:
        """The cells without unit, null cells being anything: a whole number beyond 2**53 is a float."""
        data = self.data
        if data.dtype.kind in "iu" and data.dtype.itemsize == 8 and len(data):
            if int(data.max()) > EXACT or int(data.min()) < -EXACT:
                return [val if -EXACT <= val <= EXACT else float(val) for val in data.tolist()]
        cells: list[Any] = data.tolist()
        return cells

    def take(self, indexes: Sequence[int]) -> ArrayColumn:
        """The cells at these positions."""
        import numpy as np

        at = np.asarray(indexes, dtype=np.intp)
        valid = self.valid
        return ArrayColumn(self.data[at], self.unit, None if valid is None else valid[at])

    def slice(self, start: int, stop: int) -> ArrayColumn:
        """The cells from `start` up to `stop`; a view."""
        valid = self.valid
        return ArrayColumn(self.data[start:stop], self.unit, None if valid is None else valid[start:stop])

    def __reduce__(self) -> Any:
        return (ArrayColumn, (self.data, self.unit, self.valid))


def as_column(cells: Any) -> AnyColumn:
    """Any sequence as a column: lists and columns as they are, numeric arrays as buffers, else a list."""
    dtype = getattr(cells, "dtype", None)
    if type(cells) is list or (dtype is None and hasattr(cells, "item") and hasattr(cells, "take")):
        return cells  # type: ignore[no-any-return]
    if dtype is not None and getattr(dtype, "kind", "") in "biuf" and getattr(cells, "ndim", 0) == 1:
        to_numpy = getattr(cells, "to_numpy", None)
        return ArrayColumn(to_numpy() if to_numpy is not None else cells)
    if dtype is not None and hasattr(cells, "tolist"):
        return list(cells.tolist())
    return list(cells)


def same(a: Any, b: Any) -> bool:
    """Whether two cells, or lists or dicts of them, are equal: as in Python, but NaN is equal to itself."""
    if a is b or a == b:
        return True
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(v, b[k]) for k, v in a.items())
    if type(a) is not type(b):
        return False
    if type(a) is list:
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is Number:
        return a.unit == b.unit and same(a.val, b.val)
    return type(a) is float and a != a and b != b
