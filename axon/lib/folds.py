"""Library functions: folds, that is, bringing the items of a list, a stream or a column into one value.

The protocol is in `axon.values.folding`. The fold functions of this file are called item by item like any
other where a stream or a function written in Axon drives them; over a list or a column of a grid they are
worked out in one go (`axon.values.totals`), with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from axon.errors import CastErr, Err, UnknownNameErr
from axon.lib.registry import Num, Obj, Str, bad_arg, builtin
from axon.runtime import ops
from axon.runtime.calls import Fn
from axon.runtime.ops import want_bool
from axon.streams import Stream, terminals
from axon.values import tables, totals
from axon.values.folding import FOLD_END, FOLD_START, run_fold
from axon.values.numbers import NUMBER_TYPES, number, split
from axon.values.running import PREFIX
from axon.values.show import kind_name, preview
from pylib.columns import ArrayColumn
from pylib.grid import Grid
from pylib.kinds import NA_VALUE


@builtin()
def fold_start() -> Str:
    """The marker with which a fold function is asked for its first accumulator.

    Examples:
        foldStart()                                          //=> "__foldStart__"
    """
    return FOLD_START


@builtin()
def fold_end() -> Str:
    """The marker with which a fold function is asked for its result.

    Examples:
        foldEnd()                                            //=> "__foldEnd__"
    """
    return FOLD_END


@builtin()
def fold(val: Obj, fn: Fn) -> Obj:
    """Bring the items of a list or stream into one value with a fold function.

    The fold function takes `(val, acc)`. It is called with `(foldStart(), null)` for the first accumulator,
    with every item for the next one, and with `(foldEnd(), acc)` for the result. An accumulator that is NA
    after an item ends the fold: of a list NA is the result at once, of a stream after the last call.

    Raises:
        ArgErr: neither list nor stream; also a grid, a range, a dict, a string and null.

    Examples:
        [1, 2, 4].fold(max)                                  //=> 4
        [1, na(), 3].fold(sum)                               //=> na()
        [].fold(count)                                       //=> 0
        (1..4).stream.fold(avg)                              //=> 2.5
        [2, 3].fold((v, a) => if (v == foldStart()) 1 else if (v == foldEnd()) a * 10 else a * v)      //=> 60
        [{a:1}].toGrid.fold(count)                           //! ArgErr "fold: expected List or Stream"
    """
    if type(val) is list:
        return _fold_cells(val, fn)
    if type(val) is Stream:
        return terminals.fold(val, fn.c2, _prefix(fn))
    raise bad_arg("fold", "expected List or Stream, got", val)


def _prefix(fn: Fn) -> terminals.Prefix | None:
    """How a fold function of this file takes the first items of a stream without a call per item."""
    how = PREFIX.get(fn.name) if fn.builtin is not None else None
    if how is None:
        return None

    def prefix(items: Iterator[Any]) -> tuple[_State, list[Any]]:
        known, rest = how(items)
        return _State(*known), rest

    return prefix


@builtin()
def fold_col(grid: Grid, col_name: Str, fn: Fn) -> Obj:
    """Bring the cells of a column into one value with a fold function; cells may be null.

    Raises:
        UnknownNameErr: no such column.

    Examples:
        [{a:1}, {a:2}, {b}].toGrid.foldCol("a", sum)         //=> 3
        [{a:1}, {b}].toGrid.foldCol("a", count)              //=> 2
        [{a:5kW}, {a:7kW}].toGrid.foldCol("a", max)          //=> 7kW
        [{a:1}].toGrid.foldCol("x", sum)                     //! UnknownNameErr "x"
    """
    if not grid.has(col_name):
        raise UnknownNameErr(col_name)
    column = grid.buffer(col_name)
    if isinstance(column, ArrayColumn) and fn.builtin is not None:
        from axon.values.arrays import fold_array

        with suppress(LookupError):
            return fold_array(fn.builtin.name, column)
    return _fold_cells(grid.column(col_name), fn)


def _fold_cells(items: list[Any], fn: Fn) -> Any:
    if fn.builtin is not None:
        whole = totals.WHOLE.get(fn.builtin.name)
        if whole is not None:
            out = whole(items)
            if out is not totals.STEPWISE:
                return out
    return run_fold(items, fn.c2)


@builtin()
def fold_cols(grid: Grid, col_selector: Obj, new_col_name: Str, fn: Fn) -> Grid:
    """In every row bring the cells of some columns into one, which takes their place as the last column.

    The columns are given by a list of names, where unknown ones are ignored, or by a predicate of a column.
    With no column chosen the fold is one of no items. NA does not end this fold early.

    Raises:
        CastErr: the selector is neither list nor function.
        Err: the new name is that of a column that stays.

    Examples:
        [{d:"x", a:1, b:2}, {d:"y", a:5}].toGrid.foldCols(["a", "b"], "t", sum).colToList("t")    //=> [3, 5]
        [{a:1, b:2}].toGrid.foldCols(c => c.name == "b", "t", max).colNames //=> ["a", "t"]
        [{a:1}].toGrid.foldCols("a", "t", sum)               //! CastErr "foldCols"
        [{a:1, b:2}].toGrid.foldCols(["a"], "b", sum)        //! Err "b"
    """
    chosen = _chosen(grid, col_selector)
    kept = [name for name in grid.col_names() if name not in chosen]
    tables.check_name("foldCols", new_col_name)
    if new_col_name in kept:
        raise Err(f"foldCols: there is a column {new_col_name} already")
    columns = [grid.column(name) for name in grid.col_names() if name in chosen]
    cells = _fold_rows(columns, len(grid), fn)
    return grid.keep(kept).add_col(new_col_name, cells)


def _chosen(grid: Grid, selector: object) -> set[str]:
    if type(selector) is list:
        return {name for name in selector if type(name) is str and grid.has(name)}
    if isinstance(selector, Fn):
        f = selector.c1
        return {col.name() for col in grid.cols() if want_bool(f(col), "foldCols")}
    raise CastErr(
        f"foldCols: expected List or Func for colSelector, got {kind_name(selector)} {preview(selector)}"
    )


def _fold_rows(columns: list[list[Any]], count: int, fn: Fn) -> list[Any]:
    whole = None if fn.builtin is None else totals.WHOLE.get(fn.builtin.name)
    if whole is not None:
        across = totals.across(fn.name, columns)
        if across is not None:
            return across
    step = fn.c2
    out = []
    for i in range(count):
        cells = [column[i] for column in columns]
        val = totals.STEPWISE if whole is None else whole(cells)
        out.append(_fold_through(cells, step) if val is totals.STEPWISE else val)
    return out


def _fold_through(cells: list[Any], step: Callable[[Any, Any], Any]) -> Any:
    acc = step(FOLD_START, None)
    for cell in cells:
        acc = step(cell, acc)
    return step(FOLD_END, acc)


class _State:
    """What a fold function of this file knows so far; never changed, so that it may be used again."""

    __slots__ = ("count", "high", "low")

    def __init__(self, count: int = 0, low: Any = None, high: Any = None) -> None:
        self.count = count
        self.low = low
        self.high = high


def _state(func: str, acc: object) -> _State:
    if type(acc) is _State:
        return acc
    raise CastErr(f"{func}: expected the accumulator of a fold, got {kind_name(acc)} {preview(acc)}")


@builtin(fold_on="Obj")
def count(val: Obj, acc: Obj) -> Obj:
    """Fold function: how many items there are, null, NA and NaN among them.

    Examples:
        [1, null, "x"].fold(count)                           //=> 3
        [na(), nan()].fold(count)                            //=> 2
        [].fold(count)                                       //=> 0
        count(5, 3)                                          //! CastErr "count: expected the accumulator"
    """
    if val is FOLD_START:
        return _State()
    state = acc if type(acc) is _State else _state("count", acc)
    return state.count if val is FOLD_END else _State(state.count + 1)


@builtin("sum", fold_on="Number")
def sum_(val: Obj, acc: Obj) -> Obj:
    """Fold function: the total of the Numbers, null when there is none.

    Null and other kinds are passed over; NA makes the total NA. Units go together as with `+`.

    Raises:
        UnitErr: units that do not add.

    Examples:
        [1, null, "x", 3].fold(sum)                          //=> 4
        [2kW, 3].fold(sum)                                   //=> 5kW
        [60°F, 5Δ°F].fold(sum)                               //=> 65°F
        ["a"].fold(sum)                                      //=> null
        [1kW, 1m].fold(sum)                                  //! UnitErr
    """
    return _add_up("sum", val, acc)


@builtin(fold_on="Number")
def avg(val: Obj, acc: Obj) -> Obj:
    """Fold function: the mean of the Numbers, null when there is none.

    Null and other kinds are passed over; NA makes the mean NA. Units go together as with `+`.

    Raises:
        UnitErr: units that do not add.

    Examples:
        [1, null, "x", 3].fold(avg)                          //=> 2
        [10%, 20%].fold(avg)                                 //=> 15%
        [].fold(avg)                                         //=> null
        [1, na()].fold(avg)                                  //=> na()
    """
    out = _add_up("avg", val, acc)
    if val is FOLD_END and out is not None and out is not NA_VALUE:
        total, unit = split(out)
        return number(total / _state("avg", acc).count, unit)
    return out


def _add_up(func: str, val: object, acc: object) -> Any:
    if val is FOLD_START:
        return _State()
    if acc is NA_VALUE:
        return NA_VALUE
    state = acc if type(acc) is _State else _state(func, acc)
    if type(val) in NUMBER_TYPES:
        return _State(state.count + 1, val if state.low is None else ops.add(state.low, val))
    if val is FOLD_END:
        return state.low
    return NA_VALUE if val is NA_VALUE else state


@builtin("min", fold_on="Number")
def min_(val: Obj, acc: Obj) -> Obj:
    """Fold function: the smallest Number, null when there is none; or the smaller of two Numbers.

    Null and other kinds are passed over; NA makes the result NA. Units do not count, and the result keeps its
    own. NaN is below every number. Of equal numbers a fold gives the last, the call with two Numbers the
    first. Called with two values, null loses against a Number.

    Raises:
        CastErr: two values, one of which is neither Number nor null.

    Examples:
        [5, 1, null, 9].fold(min)                            //=> 1
        [2, 2kW].fold(min)                                   //=> 2kW
        min(3, 5kW)                                          //=> 3
        min(null, 4)                                         //=> 4
        min("a", 1)                                          //! CastErr "min: expected Number"
    """
    if type(acc) is _State:
        return _best(val, acc, _below)
    if val is FOLD_START:
        return _State()
    if acc is NA_VALUE:
        return NA_VALUE
    a, b = _operand("min", val), _operand("min", acc)
    if a is None or b is None:
        return b if a is None else a
    return a if _below(a, b) else b


@builtin("max", fold_on="Number")
def max_(val: Obj, acc: Obj) -> Obj:
    """Fold function: the largest Number, null when there is none; or the larger of two Numbers.

    Null and other kinds are passed over; NA makes the result NA. Units do not count, and the result keeps its
    own. NaN is below every number. Of equal numbers a fold gives the last, the call with two Numbers the
    first. Called with two values, null loses against a Number.

    Raises:
        CastErr: two values, one of which is neither Number nor null.

    Examples:
        [5, 1, null, 9].fold(max)                            //=> 9
        [2kW, 2].fold(max)                                   //=> 2
        max(3kW, 5m)                                         //=> 5m
        max(4, nan())                                        //=> 4
        max("a", 1)                                          //! CastErr "max: expected Number"
    """
    if type(acc) is _State:
        return _best(val, acc, _above)
    if val is FOLD_START:
        return _State()
    if acc is NA_VALUE:
        return NA_VALUE
    a, b = _operand("max", val), _operand("max", acc)
    if a is None or b is None:
        return b if a is None else a
    return a if _above(a, b) else b


def _operand(func: str, val: object) -> Any:
    if val is None or type(val) in NUMBER_TYPES:
        return val
    raise CastErr(f"{func}: expected Number, got {kind_name(val)} {preview(val)}")


def _best(val: object, state: _State, wins: Callable[[Any, Any], bool]) -> Any:
    if val is FOLD_END:
        return state.low
    if val is NA_VALUE:
        return NA_VALUE
    if type(val) not in NUMBER_TYPES or (state.low is not None and not wins(val, state.low)):
        return state
    return _State(0, val)


def _below(a: Num, b: Num) -> bool:
    """Whether `a` is the smaller or they are equal, whatever their units."""
    x, y = split(a)[0], split(b)[0]
    return x <= y or x != x


def _above(a: Num, b: Num) -> bool:
    """Whether `a` is the larger or they are equal, whatever their units."""
    x, y = split(a)[0], split(b)[0]
    return x >= y or y != y


@builtin(fold_on="Number")
def spread(val: Obj, acc: Obj) -> Obj:
    """Fold function: the largest Number minus the smallest, null when there is none.

    Null and other kinds are passed over; NA makes the result NA. Units go together as with `-`, so the spread
    of temperatures is a difference of temperatures.

    Raises:
        UnitErr: units that do not subtract.

    Examples:
        [5, 1, 9].fold(spread)                               //=> 8
        [60°F, 70°F].fold(spread)                            //=> 10Δ°F
        [5, "x"].fold(spread)                                //=> 0
        [5kW, 9m].fold(spread)                               //! UnitErr
    """
    if val is FOLD_START:
        return _State()
    if acc is NA_VALUE:
        return NA_VALUE
    state = _state("spread", acc)
    if val is FOLD_END:
        return None if state.low is None else ops.sub(state.high, state.low)
    if val is NA_VALUE:
        return NA_VALUE
    if type(val) not in NUMBER_TYPES:
        return state
    if state.low is None:
        return _State(0, val, val)
    low = val if _below(val, state.low) else state.low  # type: ignore[arg-type]
    high = val if _above(val, state.high) else state.high  # type: ignore[arg-type]
    return _State(0, low, high)
