"""Columns that stay as they came over the link or out of a data frame: repeated values, timestamps, dates.

They complete `pylib.columns`: all have the methods of its `Column`. Those with arrays are made only where
numpy is there.
"""

from __future__ import annotations

from pylib.columns import ArrayColumn

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, Optional

    import numpy as np

    Array = np.ndarray[Any, Any]

__all__ = ["DateColumn", "DictColumn", "SessionColumn", "TimeColumn", "UnitCells"]

_EPOCH_DAY = 719163


class _Packed:
    """What packed columns share: a numpy array `data`, and cells made from it once."""

    __slots__ = ("_list", "data")
    data: Array
    _list: Optional[list[Any]]

    @property
    def array(self) -> None:
        """There is no array of numbers here."""
        return None

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def tolist(self) -> list[Any]:
        """All cells as values; made once."""
        if self._list is None:
            self._list = self._cells()
        return self._list

    def take(self, indexes: Sequence[int]) -> Any:
        """The cells at these positions."""
        import numpy as np

        return self._of(self.data[np.asarray(indexes, dtype=np.intp)])

    def slice(self, start: int, stop: int) -> Any:
        """The cells from `start` up to `stop`; a view."""
        return self._of(self.data[start:stop])

    def _cells(self) -> list[Any]:
        raise TypeError("a packed column makes its own cells")

    def _of(self, data: Array) -> Any:
        raise TypeError("a packed column makes its own parts")


class DictColumn(_Packed):
    """Cells that repeat: `data` are positions in `values` (int8 to int32), -1 for null."""

    __slots__ = ("values",)

    def __init__(self, data: Array, values: list[Any]) -> None:
        self.data = data
        self.values = values
        self._list = None

    def item(self, index: int) -> Any:
        """One cell as a value; None for null."""
        at = int(self.data[index])
        return None if at < 0 else self.values[at]

    def _cells(self) -> list[Any]:
        values = [*self.values, None]  # -1 finds the last
        return [values[i] for i in self.data.tolist()]

    def _of(self, data: Array) -> DictColumn:
        return DictColumn(data, self.values)

    def __reduce__(self) -> Any:
        return (DictColumn, (self.data, self.values))


NAT = -(1 << 63)
"""The value of a null cell among timestamps, as numpy has it."""


class TimeColumn(_Packed):
    """Timestamps of one zone: `data` are nanoseconds since 1970-01-01T00:00Z (int64), `NAT` for null."""

    __slots__ = ("find_zone", "zone")

    def __init__(self, data: Array, zone: str, find_zone: Callable[[str], dt.tzinfo]) -> None:
        self.data = data
        self.zone = zone
        self.find_zone = find_zone
        self._list = None

    def item(self, index: int) -> Any:
        """One cell as a value; None for null."""
        from pylib.times import datetime_of

        ns = int(self.data[index])
        return None if ns == NAT else datetime_of(*divmod(ns, 1_000_000_000), self.find_zone(self.zone))

    def _cells(self) -> list[Any]:
        from pylib.times import datetimes_of

        zone = self.find_zone(self.zone)
        few = len(self.data) < _FEW
        return datetimes_of(self.data.tolist(), zone) if few else _many_datetimes(self.data, zone)

    def _of(self, data: Array) -> TimeColumn:
        return TimeColumn(data, self.zone, self.find_zone)

    def __reduce__(self) -> Any:
        return (TimeColumn, (self.data, self.zone, self.find_zone))


_FEW = 100
_DAY = 86_400_000_000_000
"""Nanoseconds."""


def _many_datetimes(data: Array, zone: dt.tzinfo) -> list[Any]:
    """Timestamps as `datetimes_of` makes them, with one look at the zone per day instead of one per cell.

    On a day whose offset is that of the day before and of the day after, a cell is its local time; all others
    are made one by one.
    """
    import datetime as dt

    import numpy as np

    from pylib.times import datetimes_of, offset_at

    days, at = np.unique(data // _DAY, return_inverse=True)
    known: dict[int, int] = {}
    for day in days.tolist():
        for near in (day - 1, day, day + 1, day + 2):
            if near not in known:
                known[near] = offset_at(near * 86400, zone)
    offsets = np.array([known[day] for day in days.tolist()], dtype="i8")[at]
    even = np.array(
        [known[d - 1] == known[d] == known[d + 1] == known[d + 2] for d in days.tolist()], dtype=bool
    )[at]
    even &= data % 1000 == 0
    even &= data != NAT
    local = np.where(even, data // 1000 + offsets, 0).view("m8[us]").tolist()
    out: list[Any] = list(map(dt.datetime(1970, 1, 1, tzinfo=zone).__add__, local))
    rest = np.flatnonzero(~even)
    for i, cell in zip(rest.tolist(), datetimes_of(data[rest].tolist(), zone)):
        out[i] = cell
    return out


class DateColumn(_Packed):
    """Dates: `data` are days since 1970-01-01 (int32), the least int32 for null."""

    __slots__ = ()
    NULL = -(1 << 31)

    def __init__(self, data: Array) -> None:
        self.data = data
        self._list = None

    def item(self, index: int) -> Any:
        """One cell as a value; None for null."""
        return self.slice(index, index + 1).tolist()[0]

    def _cells(self) -> list[Any]:
        from datetime import date

        make = date.fromordinal
        return [None if day == self.NULL else make(day + _EPOCH_DAY) for day in self.data.tolist()]

    def _of(self, data: Array) -> DateColumn:
        return DateColumn(data)

    def __reduce__(self) -> Any:
        return (DateColumn, (self.data,))


class UnitCells:
    """Few numbers of one unit in a session, without numpy: plain cells, and the unit for the way back."""

    __slots__ = ("cells", "unit")

    def __init__(self, cells: list[Any], unit: str) -> None:
        self.cells = cells
        self.unit = unit

    @property
    def array(self) -> None:
        """There is no array here."""
        return None

    def __len__(self) -> int:
        return len(self.cells)

    def item(self, index: int) -> Any:
        """One cell as a value; None for null."""
        return self.cells[index]

    def tolist(self) -> list[Any]:
        """All cells as values."""
        return self.cells

    def take(self, indexes: Sequence[int]) -> UnitCells:
        """The cells at these positions."""
        return UnitCells([self.cells[i] for i in indexes], self.unit)

    def slice(self, start: int, stop: int) -> UnitCells:
        """The cells from `start` up to `stop`."""
        return UnitCells(self.cells[start:stop], self.unit)

    def __reduce__(self) -> Any:
        return (UnitCells, (self.cells, self.unit))


class SessionColumn(ArrayColumn):
    """Numbers in a session: cells are what session code expects, the unit stays for the way back.

    `make` makes the object for a number with unit, where the session asked for units.
    """

    __slots__ = ("make",)

    def __init__(self, data: Any, unit: Any, valid: Any, make: Optional[Callable[[Any, str], Any]]) -> None:
        super().__init__(data, unit, valid)
        self.make = make

    def item(self, index: int) -> Any:
        """One cell as a value; None for null."""
        return self.slice(index, index + 1).tolist()[0]

    def tolist(self) -> list[Any]:
        """All cells as values; made once."""
        if self._list is None:
            from pylib.plain import whole

            cells: list[Any] = self.data.tolist()
            if self.data.dtype.kind == "f":
                cells = [whole(val) for val in cells]
            if self.unit is not None and self.make is not None:
                make, unit = self.make, self.unit
                cells = [make(val, unit) for val in cells]
            if self.valid is not None:
                cells = [val if ok else None for val, ok in zip(cells, self.valid.tolist())]
            self._list = cells
        return self._list

    def take(self, indexes: Sequence[int]) -> SessionColumn:
        """The cells at these positions."""
        part = super().take(indexes)
        return SessionColumn(part.data, part.unit, part.valid, self.make)

    def slice(self, start: int, stop: int) -> SessionColumn:
        """The cells from `start` up to `stop`; a view."""
        part = super().slice(start, stop)
        return SessionColumn(part.data, part.unit, part.valid, self.make)

    def __reduce__(self) -> Any:
        return (SessionColumn, (self.data, self.unit, self.valid, self.make))
