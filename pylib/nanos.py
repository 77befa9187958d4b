"""Times finer than a microsecond.

Python's clock values end at the microsecond, Haystack's at the nanosecond. `NanoTime` and `NanoDateTime` are
the Python classes with the last three digits in `nanos` (1 to 999). They are made only when those digits are
not zero, so that almost every value is a plain `datetime`. Arithmetic of the base class drops the digits.
"""

from __future__ import annotations

import datetime as dt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["NanoDateTime", "NanoTime", "nanos_of"]


class _Nanos:
    """Comparison by the base class first, then by `nanos`."""

    nanos: int = 0
    _base: Any = object
    of: Any

    def __eq__(self, other: object) -> bool:
        return bool(self._base.__eq__(self, other) is True and self.nanos == nanos_of(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: object) -> bool:
        if self._base.__eq__(self, other) is True:
            return self.nanos < nanos_of(other)
        return bool(self._base.__lt__(self, other))

    def __le__(self, other: object) -> bool:
        return self < other or self == other

    def __gt__(self, other: object) -> bool:
        return not self <= other

    def __ge__(self, other: object) -> bool:
        return not self < other

    def __hash__(self) -> int:
        return hash((self._base.__hash__(self), self.nanos))

    def __repr__(self) -> str:
        return f"{type(self).__name__}.of({self.of(self, 0)!r}, {self.nanos})"

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (self.of, (self.of(self, 0), self.nanos))


class NanoTime(_Nanos, dt.time):
    """A time of day with nanoseconds: `nanos` are the three digits below the microsecond."""

    _base = dt.time

    @classmethod
    def of(cls, base: dt.time, nanos: int) -> dt.time:
        """`base` with further digits; a plain time when they are zero."""
        if not nanos:
            return dt.time(base.hour, base.minute, base.second, base.microsecond)
        made = cls(base.hour, base.minute, base.second, base.microsecond)
        made.nanos = nanos
        return made

    def plain(self) -> dt.time:
        """The same without the last three digits, as a plain time."""
        return NanoTime.of(self, 0)


class NanoDateTime(_Nanos, dt.datetime):
    """A timestamp with nanoseconds: `nanos` are the three digits below the microsecond."""

    _base = dt.datetime

    @classmethod
    def of(cls, base: dt.datetime, nanos: int) -> dt.datetime:
        """`base` with further digits; a plain datetime when they are zero."""
        make = cls if nanos else dt.datetime
        made = make(
            base.year,
            base.month,
            base.day,
            base.hour,
            base.minute,
            base.second,
            base.microsecond,
            base.tzinfo,
            fold=base.fold,
        )
        if nanos:
            made.nanos = nanos  # type: ignore[attr-defined]
        return made

    def plain(self) -> dt.datetime:
        """The same without the last three digits, as a plain datetime."""
        return NanoDateTime.of(self, 0)


def nanos_of(value: object) -> int:
    """The digits below the microsecond of any time or datetime."""
    return value.nanos if isinstance(value, _Nanos) else 0
