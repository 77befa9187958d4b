"""Times finer than a microsecond.

Python's clock values end at the microsecond, Haystack's at the nanosecond. `NanoTime` and `NanoDateTime` are
the Python classes with the last three digits in `nanos` (1 to 999). They are made only when those digits are
not zero, so that almost every value is a plain `datetime`. Arithmetic of the base class drops the digits.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

__all__ = ["NanoDateTime", "NanoTime", "nanos_of"]


class NanoTime(dt.time):
    """A time of day with nanoseconds: `nanos` are the three digits below the microsecond."""

    nanos: int = 0

    @classmethod
    def of(cls, base: dt.time, nanos: int) -> dt.time:
        """`base` with further digits; a plain time when they are zero."""
        if not nanos:
            return dt.time(base.hour, base.minute, base.second, base.microsecond)
        made = cls(base.hour, base.minute, base.second, base.microsecond)
        made.nanos = nanos
        return made

    def __eq__(self, other: object) -> bool:
        return bool(dt.time.__eq__(self, other)) and self.nanos == nanos_of(other)

    def __hash__(self) -> int:
        return hash((dt.time.__hash__(self), self.nanos))

    def __repr__(self) -> str:
        return f"NanoTime.of({dt.time.__repr__(self)}, {self.nanos})"

    def __reduce_ex__(self, protocol: Any) -> Any:
        base = dt.time(self.hour, self.minute, self.second, self.microsecond)
        return (NanoTime.of, (base, self.nanos))


class NanoDateTime(dt.datetime):
    """A timestamp with nanoseconds: `nanos` are the three digits below the microsecond."""

    nanos: int = 0

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

    def __eq__(self, other: object) -> bool:
        return bool(dt.datetime.__eq__(self, other)) and self.nanos == nanos_of(other)

    def __hash__(self) -> int:
        return hash((dt.datetime.__hash__(self), self.nanos))

    def __repr__(self) -> str:
        return f"NanoDateTime.of({self.plain()!r}, {self.nanos})"

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (NanoDateTime.of, (self.plain(), self.nanos))

    def plain(self) -> dt.datetime:
        """The same without the last three digits, as a plain datetime."""
        return NanoDateTime.of(self, 0)


def nanos_of(value: object) -> int:
    """The digits below the microsecond of any time or datetime."""
    return getattr(value, "nanos", 0) if isinstance(value, (NanoTime, NanoDateTime)) else 0
