"""Numbers: their Python form and their text.

A Number without unit is an `int` or a `float`, one with a unit a `pylib.kinds.Number`. Both stand for a
64-bit float: an `int` is used where the value is whole and at most 2**53, which is exact either way. Units
are in `axon.values.units`, the display form in `axon.values.numfmt`.
"""

from __future__ import annotations

from pylib.kinds import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import TypeIs

__all__ = [
    "MAX_INT",
    "NUMBER_TYPES",
    "Num",
    "float_text",
    "is_number",
    "norm",
    "num_text",
    "number",
    "split",
    "to_int",
]

Num = int | float | Number
"""A Number in annotations."""

NUMBER_TYPES = frozenset((int, float, Number))
"""The exact types of an Axon Number."""

MAX_INT = 2**53
"""Whole numbers up to this magnitude are kept as `int`."""

_MAX_LONG = 2**63 - 1
_PLAIN_LIMIT = 10**12
_INF = float("inf")


def is_number(x: object) -> TypeIs[Num]:
    """Whether `x` is an Axon Number; a Bool is not."""
    return type(x) in NUMBER_TYPES


def norm(n: int | float) -> int | float:
    """The same number in its Python form: whole numbers beyond 2**53 become floats."""
    if type(n) is int and not -MAX_INT <= n <= MAX_INT:
        try:
            return float(n)
        except OverflowError:
            return _INF if n > 0 else -_INF
    return n


def number(val: int | float, unit: str | None = None) -> Num:
    """A Number of `val` and the symbol of its unit, if any."""
    if type(val) is int and not -MAX_INT <= val <= MAX_INT:
        val = norm(val)
    return Number(val, unit) if unit else val


def split(x: Num) -> tuple[int | float, str | None]:
    """Value and unit symbol (None without unit) of a Number."""
    if type(x) is Number:
        return x.val, x.unit
    return x, None  # type: ignore[return-value]


def to_int(n: int | float) -> int:
    """The whole part as the reference takes it: NaN is 0, what lies beyond 64 bits saturates."""
    if type(n) is int:
        return n
    if n != n:
        return 0
    if n >= _MAX_LONG:
        return _MAX_LONG
    if n <= -_MAX_LONG - 1:
        return -_MAX_LONG - 1
    return int(n)


def num_text(x: Num) -> str:
    """The text of a Number as `toStr` gives it: whole numbers plain, others as `float_text`, and the unit."""
    kind = type(x)
    if kind is int:
        if -_PLAIN_LIMIT <= x <= _PLAIN_LIMIT:  # type: ignore[operator]
            return str(x)
        return float_text(float(x))
    if kind is float:
        return float_text(x)  # type: ignore[arg-type]
    val: int | float = x.val  # type: ignore[union-attr]
    if val - val != 0:  # NaN and the infinities show no unit
        return num_text(val)
    return num_text(val) + x.unit  # type: ignore[union-attr]


def float_text(f: float) -> str:
    """The shortest text that reads back as `f`, in the form of the reference.

    Plain decimals from 0.001 up to 10 million, whole numbers up to 1e12 without a point, else
    `d.dddE<exponent>`; `NaN`, `INF`, `-INF`.
    """
    if f != f:
        return "NaN"
    if f in (_INF, -_INF):
        return "INF" if f > 0 else "-INF"
    size = -f if f < 0 else f
    if size <= _PLAIN_LIMIT and f == int(f):
        return str(int(f))
    if 1e-3 <= size < 1e7:
        return repr(f)
    return _scientific(f)


def _scientific(f: float) -> str:
    """`repr` has the right digits; bring them into the form `d.dddE<exponent>`."""
    sign = "-" if f < 0 else ""
    mantissa, _, exponent = repr(abs(f)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    power = int(exponent or 0) + len(whole) - 1
    digits = whole + fraction
    lead = len(digits) - len(digits.lstrip("0"))
    digits = digits[lead:].rstrip("0") or "0"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{power - lead}"
