"""Numbers: tests, limits and digits. Units are in `units`, rounding and the like in `maths`."""

from __future__ import annotations

import math

from axon.errors import ArgErr, UnitErr
from axon.lib.registry import Bool, Num, Obj, Str, builtin, check_args
from axon.values.numbers import is_number, num_text, number, split, to_int

#: No number is padded with zeros beyond this.
MAX_WIDTH = 1_000_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@builtin(name="abs", pure=True, direct=True)
def abs_(val: Num | None) -> Num | None:
    """Absolute value; null for null, the unit is kept.

    Examples:
        abs(-5.5kW)                //=> 5.5kW
        (-3).abs                   //=> 3
        abs(null)                  //=> null
    """
    if type(val) is int or type(val) is float:
        return abs(val)
    check_args("abs", val)
    if val is None:
        return None
    num, unit = split(val)
    return number(abs(num), unit)


@builtin(name="isNaN", pure=True)
def is_nan(val: Obj) -> Bool:
    """Whether it is the number NaN; false for whatever is no number.

    Examples:
        isNaN(nan())               //=> true
        isNaN(posInf() - posInf()) //=> true
        isNaN("x")                 //=> false
    """
    return is_number(val) and math.isnan(split(val)[0])


@builtin(pure=True)
def nan() -> Num:
    """Not a number.

    Examples:
        nan()                      //=> 0 / 0
        nan().toStr                //=> "NaN"
    """
    return math.nan


@builtin(pure=True)
def pos_inf() -> Num:
    """Positive infinity.

    Examples:
        posInf()                   //=> 1 / 0
    """
    return math.inf


@builtin(pure=True)
def neg_inf() -> Num:
    """Negative infinity.

    Examples:
        negInf()                   //=> -posInf()
    """
    return -math.inf


@builtin(pure=True, direct=True)
def is_odd(val: Num) -> Bool:
    """Whether the whole part is odd.

    Examples:
        isOdd(3.9)                 //=> true
        isOdd(3kW)                 //=> true
        isOdd(0)                   //=> false
    """
    if type(val) is int:
        return val % 2 == 1
    check_args("isOdd", val)
    return to_int(split(val)[0]) % 2 == 1


@builtin(pure=True, direct=True)
def is_even(val: Num) -> Bool:
    """Whether the whole part is even.

    Examples:
        isEven(4kW)                //=> true
        isEven(3)                  //=> false
    """
    if type(val) is int:
        return val % 2 == 0
    check_args("isEven", val)
    return to_int(split(val)[0]) % 2 == 0


@builtin(pure=True)
def clamp(val: Num, min: Num, max: Num) -> Num:
    """The number, or the bound it lies beyond; in the unit of `val`.

    It is compared with `min` first; `min > max` is not checked. NaN is below every number.

    Raises:
        UnitErr: a bound has another unit than `val`.

    Examples:
        5.clamp(1, 3)              //=> 3
        5kW.clamp(10, 20)          //=> 10kW
        nan().clamp(1, 2)          //=> 1
        5kW.clamp(1m, 2m)          //! UnitErr "5kW"
    """
    num, unit = split(val)
    low, low_unit = split(min)
    high, high_unit = split(max)
    if low_unit not in (None, unit) or high_unit not in (None, unit):
        raise UnitErr(f"clamp({num_text(val)}, {num_text(min)}, {num_text(max)})")
    if _is_less(num, low):
        return number(low, unit)
    return number(high, unit) if _is_less(high, num) else val


def _is_less(a: int | float, b: int | float) -> bool:
    return a < b or (a != a and b == b)


@builtin(pure=True)
def to_hex(val: Num) -> Str:
    """Hexadecimal digits of the whole part; a negative number as 64-bit two's complement.

    Examples:
        255.toHex                  //=> "ff"
        (-1).toHex                 //=> "ffffffffffffffff"
    """
    return format(to_int(split(val)[0]) & 0xFFFF_FFFF_FFFF_FFFF, "x")


@builtin(pure=True)
def to_radix(val: Num, radix: Num, width: Num | None = None) -> Str:
    """Digits of the whole part in a radix from 2 to 36, padded with zeros to `width`.

    A negative number begins with a minus sign, which counts to the width.

    Raises:
        ArgErr: no such radix.

    Examples:
        5.toRadix(2, 8)            //=> "00000101"
        (-5).toRadix(2)            //=> "-101"
        255.toRadix(1)             //! ArgErr "radix"
    """
    num, base = to_int(split(val)[0]), to_int(split(radix)[0])
    if not 2 <= base <= 36:
        raise ArgErr(f"toRadix: expected a radix from 2 to 36, got {base}")
    size = 0 if width is None else to_int(split(width)[0])
    if size > MAX_WIDTH:
        raise ArgErr(f"toRadix: width is at most {MAX_WIDTH}, got {size}")
    digits: list[str] = []
    rest = abs(num)
    while rest or not digits:
        rest, digit = divmod(rest, base)
        digits.append(_DIGITS[digit])
    text = "".join(reversed(digits))
    return "-" + text.rjust(size - 1, "0") if num < 0 else text.rjust(size, "0")
