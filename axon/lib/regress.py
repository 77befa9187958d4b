"""The math library: statistics as fold functions, quantiles, regressions.

The folds keep all values until the end; their accumulator is a `_Samples`. They skip null, answer NA as soon
as they meet one, and raise on anything else that is no Number. Only `mean` runs along, like `avg`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from axon.errors import ArgErr, CastErr, Err, UnknownNameErr
from axon.lib.registry import Dict, Num, Obj, Str, builtin
from axon.runtime.calls import Fn, FnParam
from axon.values.folding import FOLD_END, FOLD_START
from axon.values.numbers import NUMBER_TYPES, number, split
from axon.values.units import add_unit
from pylib.grid import Grid
from pylib.kinds import NA_VALUE

if TYPE_CHECKING:
    from axon.runtime.context import Context


class _Samples:
    """The values folded so far, and the first unit among them."""

    __slots__ = ("unit", "vals")

    def __init__(self) -> None:
        self.vals: list[int | float] = []
        self.unit: str | None = None

    def add(self, n: Num) -> None:
        val, unit = split(n)
        self.vals.append(val)
        if self.unit is None:
            self.unit = unit

    def sorted(self) -> list[int | float]:
        """In order, NaN last."""
        return sorted(self.vals, key=lambda v: (v != v, v))


def _fold(name: str, val: object, acc: object, finish: Callable[[_Samples], float | None]) -> object:
    """One call of a fold function that needs all values; `finish` gets at least one."""
    if val is FOLD_START:
        return _Samples()
    if acc is NA_VALUE:
        return acc
    if type(acc) is not _Samples:
        raise CastErr(f"{name}: works as a fold function only")
    if val is FOLD_END:
        result = finish(acc) if acc.vals else None
        return None if result is None else number(result, acc.unit)
    if val is None or val is NA_VALUE:
        return acc if val is None else val
    if type(val) not in NUMBER_TYPES:
        from axon.values.show import kind_name, preview

        raise CastErr(f"{name}: expected Number, got {kind_name(val)} {preview(val)}")
    acc.add(val)  # type: ignore[arg-type]
    return acc


class _Total:
    """A running total for `mean`."""

    __slots__ = ("count", "total", "unit")

    def __init__(self) -> None:
        self.count = 0
        self.total: int | float = 0
        self.unit: str | None = None

    def add(self, n: Num) -> None:
        val, unit = split(n)
        if unit is not None and unit != self.unit:
            self.unit = unit if self.unit is None else add_unit(self.unit, unit)
        self.count += 1
        self.total += val


@builtin(lib="hx.math", fold_on="Number")
def mean(val: Obj, acc: Obj) -> Obj:
    """Fold numbers into their average; the same as `avg`.

    Null and what is no Number are skipped; NA makes the result NA; nothing to fold gives null.

    Raises:
        UnitErr: the units do not go together.

    Examples:
        [2, 4, 9].fold(mean)          //=> 5
        [2kW, 4].fold(mean)           //=> 3kW
        [1, null, 3].fold(mean)       //=> 2
        [1, na()].fold(mean)          //=> na()
        [].fold(mean)                 //=> null
        [2kW, 4m].fold(mean)          //! UnitErr "kW"
    """
    if val is FOLD_START:
        return _Total()
    if acc is NA_VALUE or val is NA_VALUE:
        return NA_VALUE
    if type(acc) is not _Total:
        raise CastErr("mean: works as a fold function only")
    if val is FOLD_END:
        return number(acc.total / acc.count, acc.unit) if acc.count else None
    if type(val) in NUMBER_TYPES:
        acc.add(val)  # type: ignore[arg-type]
    return acc


def _median(s: _Samples) -> float:
    vals = s.sorted()
    half = len(vals) // 2
    return vals[half] if len(vals) % 2 else (vals[half - 1] + vals[half]) / 2


@builtin(lib="hx.math", fold_on="Number")
def median(val: Obj, acc: Obj) -> Obj:
    """Fold numbers into the middle one, or into the mean of the two middle ones.

    Null is skipped, NA makes the result NA; the unit is the first one seen.

    Raises:
        CastErr: a value is no Number.

    Examples:
        [1kW, 9kW, 3kW].fold(median)  //=> 3kW
        [1, 2, 3, 10].fold(median)    //=> 2.5
        [1, "a"].fold(median)         //! CastErr "Str"
    """
    return _fold("median", val, acc, _median)


def _deviation(s: _Samples) -> float:
    count = len(s.vals)
    if count == 1:
        return math.nan
    avg = math.fsum(s.vals) / count if _finite(s.vals) else math.nan
    return math.sqrt(math.fsum((v - avg) ** 2 for v in s.vals) / (count - 1))


def _finite(vals: list[int | float]) -> bool:
    return all(v - v == 0 for v in vals)


@builtin(lib="hx.math", fold_on="Number")
def standard_deviation(val: Obj, acc: Obj) -> Obj:
    """Fold numbers into their standard deviation as a sample: divided by n - 1.

    One value gives NaN. Null is skipped, NA makes the result NA; the unit is the first one seen.

    Raises:
        CastErr: a value is no Number.

    Examples:
        [2, 4, 6].fold(standardDeviation)     //=> 2
        [5].fold(standardDeviation)           //=> nan()
    """
    return _fold("standardDeviation", val, acc, _deviation)


@builtin(lib="hx.math", fold_on="Number")
def root_mean_square_err(val: Obj, acc: Obj, n_degrees: Num = 0) -> Obj:
    """Fold numbers into √(Σ(x − median)²) / (n − nDegrees); null unless n exceeds nDegrees.

    The divisor stands outside the root. Null is skipped, NA makes the result NA; the unit is the first
    one seen. Pass `rootMeanSquareErr(_, _, 1)` for another `nDegrees`.

    Raises:
        CastErr: a value is no Number.

    Examples:
        [1, 5, 9, 17].fold(rootMeanSquareErr)           //=> 3
        [1].fold(rootMeanSquareErr(_, _, 1))            //=> null
    """
    degrees = split(n_degrees)[0]

    def finish(s: _Samples) -> float | None:
        mid, rest = _median(s), len(s.vals) - degrees
        return math.sqrt(sum((v - mid) ** 2 for v in s.vals)) * (1 / rest) if rest > 0 else None

    return _fold("rootMeanSquareErr", val, acc, finish)


@builtin(lib="hx.math", fold_on="Number")
def mean_bias_err(val: Obj, acc: Obj, n_degrees: Num = 0) -> Obj:
    """Fold numbers into Σ(x − median) / (n − nDegrees); null unless n exceeds nDegrees.

    Null is skipped, NA makes the result NA; the unit is the first one seen. Pass `meanBiasErr(_, _, 1)` for
    another `nDegrees`.

    Raises:
        CastErr: a value is no Number.

    Examples:
        [1, 5, 9, 17].fold(meanBiasErr)       //=> 1
        [3].fold(meanBiasErr(_, _, 1))        //=> null
    """
    degrees = split(n_degrees)[0]

    def finish(s: _Samples) -> float | None:
        mid, rest = _median(s), len(s.vals) - degrees
        return sum(v - mid for v in s.vals) / rest if rest > 0 else None

    return _fold("meanBiasErr", val, acc, finish)


# -- quantile --------------------------------------------------------------------------------------------


def _fraction(percent: Num) -> float:
    p = split(percent)[0]
    if not 0 <= p <= 1:
        raise ArgErr(f"quantile: expected a fraction between 0 and 1 for percent, got {p}")
    return p


@builtin(lib="hx.math")
def quantile(cx: Context, percent: Num, method: Str = "linear") -> Fn:
    """A fold function for the value below which a fraction of the numbers lies.

    `percent` is a fraction from 0 to 1. Where it falls between two numbers, `method` tells what to take:
    `linear`, `nearest`, `lower`, `higher` or `midpoint`. Null is skipped, NA makes the result NA, the unit is
    the first one seen. An unknown method is noticed at the end of the fold.

    Raises:
        ArgErr: `percent` is not between 0 and 1.

    Examples:
        [10, 20, 30, 40].fold(quantile(0.5))              //=> 25
        [10, 20, 30, 40].fold(quantile(0.5, "higher"))    //=> 30
        [7kW].fold(quantile(0.9))                         //=> 7kW
        quantile(50%)                                     //! ArgErr "between 0 and 1"
    """
    fraction = _fraction(percent)

    def step(val: object, acc: object) -> object:
        return _fold("quantile", val, acc, lambda s: _quantile(s, fraction, method))

    return Fn("quantile", step, (FnParam("val"), FnParam("acc")), cx)


@builtin(lib="hx.math", hidden=True)
def quantile_fold(val: Obj, acc: Obj, perc: Num, method: Str) -> Obj:
    """The fold function behind `quantile`, for a partial call.

    Examples:
        [1, 2, 3].fold(quantileFold(_, _, 0.5, "linear"))     //=> 2
    """
    fraction = _fraction(perc)
    return _fold("quantileFold", val, acc, lambda s: _quantile(s, fraction, method))


def _quantile(s: _Samples, fraction: float, method: str) -> float:
    vals = s.sorted()
    if len(vals) == 1:
        return vals[0]
    rank = fraction * (len(vals) - 1)
    low = math.floor(rank)
    part = rank - low
    lower, higher = vals[low], vals[low + 1] if part else vals[low]
    if method == "linear":
        return lower + part * (higher - lower) if part else lower
    if method == "nearest":
        return vals[round(rank)]
    if method == "lower":
        return lower
    if method == "higher":
        return higher
    if method == "midpoint":
        return (lower + higher) / 2
    raise Err(f"quantile: unknown method {method}")


# -- regressions -----------------------------------------------------------------------------------------


@builtin(lib="hx.math")
def fit_linear_regression(grid: Grid, opts: Dict | None = None) -> Dict:
    """The straight line that fits the points of two columns best.

    Options `x` and `y` name the columns; without them the first two are taken. Rows where a cell is no
    ordinary Number are skipped. The result has `m` (slope), `b` (intercept), `r2` (coefficient of
    determination), `xmin`, `xmax`, `ymin`, `ymax`; with all x alike, `m`, `b` and `r2` are NaN.

    Raises:
        Err: fewer than two columns, or no row with two Numbers.
        UnknownNameErr: no column of that name.

    Examples:
        [{x:1, y:3}, {x:2, y:5}].toGrid.fitLinearRegression->m                    //=> 2
        [{x:1, y:3}, {x:2, y:5}].toGrid.fitLinearRegression({x:"y", y:"x"})->m    //=> 0.5
        [{x:1}].toGrid.fitLinearRegression                                        //! Err "columns"
    """
    names = grid.col_names()
    if len(names) < 2:
        raise Err("fitLinearRegression: the grid has fewer than 2 columns")
    opts = opts or {}
    columns = [_column(grid, opts.get(key, name)) for key, name in zip("xy", names, strict=False)]
    points = [(a, b) for x, y in zip(*columns, strict=True) if (a := _plain(x)) is not None
              and (b := _plain(y)) is not None]  # fmt: skip
    if not points:
        raise Err("fitLinearRegression: the grid has no x, y samples")
    xs, ys = zip(*points, strict=True)
    m, b, r2 = _line(xs, ys)
    return {"m": m, "b": b, "r2": r2, "xmin": min(xs), "xmax": max(xs), "ymin": min(ys), "ymax": max(ys)}


def _column(grid: Grid, name: object) -> list[object]:
    if type(name) is not str or not grid.has(name):
        raise UnknownNameErr(str(name))
    return grid.column(name)


def _plain(cell: object) -> float | None:
    """The value of an ordinary Number, without unit; None for anything else, also NaN and infinities."""
    if type(cell) not in NUMBER_TYPES:
        return None
    val = split(cell)[0]  # type: ignore[arg-type]
    return val if val - val == 0 else None


def _line(xs: tuple[float, ...], ys: tuple[float, ...]) -> tuple[float, float, float]:
    """Slope, intercept and coefficient of determination by least squares."""
    count = len(xs)
    xmean, ymean = math.fsum(xs) / count, math.fsum(ys) / count
    sxx = math.fsum((x - xmean) ** 2 for x in xs)
    syy = math.fsum((y - ymean) ** 2 for y in ys)
    sxy = math.fsum((x - xmean) * (y - ymean) for x, y in zip(xs, ys, strict=True))
    if sxx == 0:
        return math.nan, math.nan, math.nan
    m = sxy / sxx
    return m, ymean - m * xmean, sxy * sxy / (sxx * syy) if syy else math.nan
