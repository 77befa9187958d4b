"""The sine to the last digit of the reference's runtime.

The C library's sine is right to half a unit in the last place; the reference computes it by reduction to
±π/4 and two short polynomials (the method of the freely published fdlibm, whose constants are used here), and
now and then its last digit differs. Printed numbers show that digit.
"""

from __future__ import annotations

import math

__all__ = ["sine"]

# π/2 in two parts, the first of 33 bits, so that small multiples of it are exact.
_HALF_PI_HEAD = 1.57079632673412561417e00
_HALF_PI_TAIL = 6.07710050650619224932e-11
#: Beyond this the reduction in two parts loses digits.
_MAX = 1000.0
_SIN = (
    -1.66666666666666324348e-01,
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
)
_COS = (
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
)


def sine(x: float) -> float:
    """The sine of `x` in radians; NaN for an infinite one."""
    if not abs(x) <= _MAX or abs(x) < 1e-8:
        return math.sin(x) if math.isfinite(x) else math.nan
    turns = math.floor(abs(x) / (math.pi / 2) + 0.5) if abs(x) > math.pi / 4 else 0
    head = abs(x) - turns * _HALF_PI_HEAD
    rest = turns * _HALF_PI_TAIL
    angle = head - rest
    if abs(angle) < 1e-5 and turns:  # close to a multiple of π/2 two parts are not enough
        return math.sin(x)
    tail = (head - angle) - rest
    part = _cosine_part(angle, tail) if turns % 2 else _sine_part(angle, tail)
    return math.copysign(1.0, x) * (-part if turns % 4 >= 2 else part)


def _sine_part(x: float, tail: float) -> float:
    z = x * x
    v = z * x
    r = _SIN[1] + z * (_SIN[2] + z * (_SIN[3] + z * (_SIN[4] + z * _SIN[5])))
    return x - ((z * (0.5 * tail - v * r) - tail) - v * _SIN[0])


def _cosine_part(x: float, tail: float) -> float:
    z = x * x
    r = z * (_COS[0] + z * (_COS[1] + z * (_COS[2] + z * (_COS[3] + z * (_COS[4] + z * _COS[5])))))
    half = 0.5 * z
    # what is taken from 1 must leave it exact
    exact = 0.0 if abs(x) < 0.3 else 0.28125 if abs(x) > 0.78125 else _head(abs(x) / 4)
    return (1.0 - exact) - ((half - exact) - (z * r - x * tail))


def _head(x: float) -> float:
    """The upper half of a number's digits."""
    mantissa, exponent = math.frexp(x)
    return math.ldexp(math.floor(mantissa * 2**21) / 2**21, exponent)
