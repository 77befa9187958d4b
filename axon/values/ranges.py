"""The range `a..b` of any two values."""

from __future__ import annotations

__all__ = ["Range"]


class Range:
    """Two values, in no way ordered or checked; where functions count, both ends are included."""

    __slots__ = ("end", "start")

    def __init__(self, start: object, end: object) -> None:
        self.start = start
        self.end = end

    def __eq__(self, other: object) -> bool:
        from axon.values.order import strict_eq

        return type(other) is Range and strict_eq(self.start, other.start) and strict_eq(self.end, other.end)

    def __hash__(self) -> int:
        from axon.values.order import strict_key

        return hash((strict_key(self.start), strict_key(self.end)))

    def __repr__(self) -> str:
        return f"Range({self.start!r}, {self.end!r})"
