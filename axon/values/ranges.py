"""The range `a..b` of any two values."""

from __future__ import annotations

from axon.values.frozen import Frozen, put

__all__ = ["MAX_ITEMS", "Range", "listed_ints", "range_ints"]

#: A list made of a range has no more items.
MAX_ITEMS = 100_000_000


class Range(Frozen):
    """Two values, in no way ordered or checked; where functions count, both ends are included."""

    __slots__ = ("end", "start")
    start: object
    end: object

    def __init__(self, start: object, end: object) -> None:
        put(self, "start", start)
        put(self, "end", end)

    def __reduce__(self) -> tuple[type[Range], tuple[object, object]]:
        return (Range, (self.start, self.end))

    def __eq__(self, other: object) -> bool:
        from axon.values.order import strict_eq

        return type(other) is Range and strict_eq(self.start, other.start) and strict_eq(self.end, other.end)

    def __hash__(self) -> int:
        from axon.values.order import strict_key

        return hash((strict_key(self.start), strict_key(self.end)))

    def __repr__(self) -> str:
        return f"Range({self.start!r}, {self.end!r})"


def range_ints(val: Range, func: str) -> range:
    """The whole numbers from start to end, both included, descending when start is the larger.

    Fractions are cut off and units dropped. `func` begins the text of an error.

    Raises:
        NullErr: an end is null.
        CastErr: an end is not a number.
    """
    start = _bound(val.start, "start", func)
    end = _bound(val.end, "end", func)
    return range(start, end + 1) if start <= end else range(start, end - 1, -1)


def listed_ints(val: Range, func: str) -> range:
    """As `range_ints`, for a function that makes a list of as many items.

    Raises:
        ArgErr: there are too many; a stream goes through any range.
    """
    ints = range_ints(val, func)
    first, last = ints[0], ints[-1]  # `len` stops at 64 bits
    if abs(last - first) >= MAX_ITEMS:
        from axon.errors import ArgErr

        raise ArgErr(
            f"{func}: the range has {abs(last - first) + 1} numbers, a list at most {MAX_ITEMS} (see stream)"
        )
    return ints


def _bound(val: object, which: str, func: str) -> int:
    from axon.errors import CastErr, NullErr
    from axon.values.numbers import NUMBER_TYPES, split, to_int
    from axon.values.show import kind_name, preview

    if type(val) in NUMBER_TYPES:
        return to_int(split(val)[0])  # type: ignore[arg-type]
    if val is None:
        raise NullErr(f"{func}: {which} of the range is null")
    raise CastErr(f"{func}: expected Number for {which} of the range, got {kind_name(val)} {preview(val)}")
