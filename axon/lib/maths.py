"""The math library: rounding, powers, logarithms, trigonometry, bits.

No function of this file raises for a value outside its domain: the result is NaN or an infinity, as with
64-bit floats everywhere. Powers, logarithms and trigonometry drop units, rounding keeps them.
"""

from __future__ import annotations

import math
import random as randoms
from collections.abc import Callable

from axon.errors import ArgErr, CastErr
from axon.lib.registry import Num, builtin, check_args
from axon.values.numbers import is_number, norm, num_text, number, split, to_int
from axon.values.ranges import Range
from axon.values.sine import sine

_NAN = math.nan
_INF = math.inf
_WORD = 1 << 64


def _val(n: Num) -> int | float:
    return split(n)[0]


def _real(f: Callable[[float], float], n: Num, overflow: float = _INF) -> float:
    """Call a function of the host's math library: NaN outside its domain, `overflow` for what is too big."""
    try:
        return f(_val(n))
    except ValueError:
        return _NAN
    except OverflowError:
        return overflow


# -- scalar ----------------------------------------------------------------------------------------------


@builtin(lib="hx.math", pure=True)
def pi() -> Num:
    """The ratio of a circle's circumference to its diameter.

    Examples:
        pi()                      //=> 3.141592653589793
        pi().toDegrees            //=> 180
    """
    return math.pi


@builtin(lib="hx.math", pure=True, direct=True)
def remainder(a: Num, b: Num) -> Num:
    """What is left of `a` after dividing by `b`, with the sign and the unit of `a`.

    Division by zero gives NaN.

    Examples:
        remainder(-7, 3)          //=> -1
        remainder(7, -3)          //=> 1
        remainder(7.5kW, 2m)      //=> 1.5kW
        remainder(1, 0)           //=> nan()
    """
    if type(a) is int and type(b) is int and a >= 0 < b:
        return a % b
    check_args("remainder", a, b)
    val, unit = split(a)
    try:
        return number(math.fmod(val, _val(b)), unit)
    except ValueError:
        return number(_NAN, unit)


def _rounded(f: Callable[[float], int], n: Num) -> Num:
    val, unit = split(n)
    if type(val) is int:
        return n
    return n if val - val != 0 else number(norm(f(val)), unit)


@builtin(lib="hx.math", pure=True)
def ceil(val: Num) -> Num:
    """The next whole number toward positive infinity; the unit is kept.

    Examples:
        ceil(1.2kW)               //=> 2kW
        ceil(-1.2)                //=> -1
        ceil(posInf())            //=> posInf()
    """
    return _rounded(math.ceil, val)


@builtin(lib="hx.math", pure=True)
def floor(val: Num) -> Num:
    """The next whole number toward negative infinity; the unit is kept.

    Examples:
        floor(1.8kW)              //=> 1kW
        (-1.2).floor              //=> -2
    """
    return _rounded(math.floor, val)


@builtin(lib="hx.math", name="round", pure=True)
def round_(val: Num) -> Num:
    """The nearest whole number, of two equally near ones the even one; the unit is kept.

    Number formatting rounds half up instead.

    Examples:
        2.5.round                 //=> 2
        3.5kW.round               //=> 4kW
        (-2.5).round              //=> -2
    """
    return _rounded(round, val)


@builtin(lib="hx.math", pure=True)
def exp(val: Num) -> Num:
    """Euler's number raised to a power; the unit is dropped.

    Examples:
        exp(0)                    //=> 1
        exp(1000)                 //=> posInf()
    """
    return _real(math.exp, val)


def _log(f: Callable[[float], float], n: Num) -> float:
    return -_INF if _val(n) == 0 else _real(f, n)


@builtin(lib="hx.math", pure=True)
def log_e(val: Num) -> Num:
    """The natural logarithm: negative infinity for 0, NaN for less; the unit is dropped.

    Examples:
        logE(1)                   //=> 0
        logE(0)                   //=> negInf()
        logE(-1)                  //=> nan()
    """
    return _log(math.log, val)


@builtin(lib="hx.math", pure=True)
def log10(val: Num) -> Num:
    """The logarithm to the base 10: negative infinity for 0, NaN for less; the unit is dropped.

    Examples:
        log10(1000)               //=> 3
        log10(100kW)              //=> 2
    """
    return _log(math.log10, val)


@builtin(lib="hx.math", name="pow", pure=True)
def pow_(val: Num, exp: Num) -> Num:
    """A number raised to a power; units are dropped.

    A negative base with a fractional exponent gives NaN.

    Examples:
        pow(2kW, 3)               //=> 8
        pow(-8, 1 / 3)            //=> nan()
        pow(0, -1)                //=> posInf()
    """
    base, power = float(_val(val)), float(_val(exp))
    negative = math.copysign(1.0, base) < 0 and math.fmod(power, 2) in (1.0, -1.0)
    try:
        return math.pow(base, power)
    except OverflowError:
        return -_INF if negative else _INF
    except ValueError:
        return _NAN if base else -_INF if negative else _INF


@builtin(lib="hx.math", pure=True)
def sqrt(val: Num) -> Num:
    """The square root; NaN for a negative number; the unit is dropped.

    Examples:
        sqrt(16kW)                //=> 4
        sqrt(-1)                  //=> nan()
    """
    return _real(math.sqrt, val)


@builtin(lib="hx.math", name="random")
def random_(range: Range | None = None) -> Num:
    """A whole number chosen at random, both ends of the range included.

    Without a range it lies within 2⁵¹ of zero. Fractions of the ends are cut off, units dropped.

    Raises:
        ArgErr: the range ends before it starts.

    Examples:
        random(4..4)              //=> 4
        random(0..9) <= 9         //=> true
        random(4..2)              //! ArgErr "4..2"
    """
    if range is None:
        return randoms.randint(-(2**51), 2**51)
    start, end = range.start, range.end
    if not (is_number(start) and is_number(end)):
        raise CastErr("random: expected a range of Numbers")
    low, high = to_int(_val(start)), to_int(_val(end))
    if high < low:
        raise ArgErr(f"random: range ends before it starts: {num_text(start)}..{num_text(end)}")
    return norm(randoms.randint(low, high))


# -- trigonometry ----------------------------------------------------------------------------------------


@builtin(lib="hx.math", pure=True)
def sin(val: Num) -> Num:
    """The sine of an angle in radians.

    Examples:
        sin(pi() / 2)             //=> 1
        sin(posInf())             //=> nan()
    """
    return _real(sine, val)


@builtin(lib="hx.math", pure=True)
def cos(val: Num) -> Num:
    """The cosine of an angle in radians.

    Examples:
        cos(0)                    //=> 1
        cos(pi())                 //=> -1
    """
    return _real(math.cos, val)


@builtin(lib="hx.math", pure=True)
def tan(val: Num) -> Num:
    """The tangent of an angle in radians.

    Examples:
        tan(0)                    //=> 0
    """
    return _real(math.tan, val)


@builtin(lib="hx.math", pure=True)
def asin(val: Num) -> Num:
    """The angle in radians whose sine is given; NaN outside -1 to 1.

    Examples:
        asin(1) == pi() / 2       //=> true
        asin(2)                   //=> nan()
    """
    return _real(math.asin, val)


@builtin(lib="hx.math", pure=True)
def acos(val: Num) -> Num:
    """The angle in radians whose cosine is given; NaN outside -1 to 1.

    Examples:
        acos(-1)                  //=> pi()
        acos(2)                   //=> nan()
    """
    return _real(math.acos, val)


@builtin(lib="hx.math", pure=True)
def atan(val: Num) -> Num:
    """The angle in radians whose tangent is given.

    Examples:
        atan(posInf()) == pi() / 2    //=> true
    """
    return _real(math.atan, val)


@builtin(lib="hx.math", pure=True)
def atan2(y: Num, x: Num) -> Num:
    """The angle in radians of the point `x`, `y` seen from the origin.

    Examples:
        atan2(1, 1).toDegrees     //=> 45
        atan2(0, -1)              //=> pi()
    """
    return math.atan2(_val(y), _val(x))


@builtin(lib="hx.math", pure=True)
def sinh(val: Num) -> Num:
    """The hyperbolic sine.

    Examples:
        sinh(0)                   //=> 0
        sinh(-1000)               //=> negInf()
    """
    return _real(math.sinh, val, math.copysign(_INF, _val(val)))


@builtin(lib="hx.math", pure=True)
def cosh(val: Num) -> Num:
    """The hyperbolic cosine.

    Examples:
        cosh(0)                   //=> 1
        cosh(1)                   //=> 1.543080634815244
    """
    return _real(_cosh, val)


_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_EXP_TERMS = (
    4.13813679705723846039e-08,
    -1.65339022054652515390e-06,
    6.61375632143793436117e-05,
    -2.77777777770155933842e-03,
    1.66666666666666019037e-01,
)


def _cosh(x: float) -> float:
    """The hyperbolic cosine to the last digit as the reference has it, which is not always the nearest.

    It adds halves of an exponential and its inverse. The exponential takes whole powers of two out of the
    argument and approximates the rest by a rational function.

    Source: the functions exp and cosh of the freely distributable math library (fdlibm) of 1993.
    """
    size = abs(x)
    if not 0.4 < size < 22:
        return math.cosh(x)
    power = max(1, int(size / math.log(2) + 0.5)) if size > 0.5 * math.log(2) else 0
    high, low = size - power * _LN2_HIGH, power * _LN2_LOW
    rest = high - low
    poly = 0.0
    for term in _EXP_TERMS:
        poly = poly * rest * rest + term
    c = rest - rest * rest * poly
    e = math.ldexp(1 - ((low - (rest * c) / (2 - c)) - high), power)
    return 0.5 * e + 0.5 / e


@builtin(lib="hx.math", pure=True)
def tanh(val: Num) -> Num:
    """The hyperbolic tangent.

    Examples:
        tanh(100)                 //=> 1
    """
    return _real(math.tanh, val)


@builtin(lib="hx.math", pure=True)
def to_degrees(val: Num) -> Num:
    """Radians as degrees; the result has no unit.

    Examples:
        pi().toDegrees            //=> 180
    """
    return math.degrees(_val(val))


@builtin(lib="hx.math", pure=True)
def to_radians(val: Num) -> Num:
    """Degrees as radians; a unit such as `deg` is dropped, not converted.

    Examples:
        180.toRadians             //=> pi()
    """
    return math.radians(_val(val))


# -- bits ------------------------------------------------------------------------------------------------


def _bits(n: Num) -> int:
    """The whole part of a number as 64 bits without sign."""
    return to_int(_val(n)) % _WORD


def _signed(bits: int) -> Num:
    return norm(bits - _WORD if bits >> 63 else bits)


@builtin(lib="hx.math", pure=True)
def bit_not(a: Num) -> Num:
    """All bits of a 64-bit integer turned over; fraction and unit are dropped.

    Examples:
        bitNot(0)                 //=> -1
        bitNot(5.9kW)             //=> -6
    """
    return _signed(_bits(a) ^ (_WORD - 1))


@builtin(lib="hx.math", pure=True)
def bit_and(a: Num, b: Num) -> Num:
    """The bits that are set in both 64-bit integers; fractions and units are dropped.

    Examples:
        bitAnd(12, 10)            //=> 8
        bitAnd(-1, 255)           //=> 255
    """
    return _signed(_bits(a) & _bits(b))


@builtin(lib="hx.math", pure=True)
def bit_or(a: Num, b: Num) -> Num:
    """The bits that are set in either 64-bit integer; fractions and units are dropped.

    Examples:
        bitOr(12, 10)             //=> 14
    """
    return _signed(_bits(a) | _bits(b))


@builtin(lib="hx.math", pure=True)
def bit_xor(a: Num, b: Num) -> Num:
    """The bits that differ between two 64-bit integers; fractions and units are dropped.

    Examples:
        bitXor(12, 10)            //=> 6
    """
    return _signed(_bits(a) ^ _bits(b))


@builtin(lib="hx.math", pure=True)
def bit_shiftl(a: Num, b: Num) -> Num:
    """Shift a 64-bit integer to the left; the count is taken modulo 64.

    Examples:
        bitShiftl(1, 10)          //=> 1024
        bitShiftl(1, 64)          //=> 1
    """
    return _signed((_bits(a) << (_bits(b) % 64)) % _WORD)


@builtin(lib="hx.math", pure=True)
def bit_shiftr(a: Num, b: Num) -> Num:
    """Shift a 64-bit integer to the right, filling with zeros; the count is taken modulo 64.

    Examples:
        bitShiftr(256, 4)         //=> 16
        bitShiftr(-1, 60)         //=> 15
    """
    return _signed(_bits(a) >> (_bits(b) % 64))
