"""Folds over whole lists give what the steps give, and columns sort as their cells compare."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axon.lib import folds
from axon.values.arrays import fold_array, order_array
from axon.values.folding import FOLD_END, FOLD_START, run_fold
from axon.values.ordering import column_order, display_order, sorted_values
from axon.values.tables import hashable, join, replaced
from axon.values.totals import STEPWISE, WHOLE, across
from pylib.columns import ArrayColumn
from pylib.grid import Grid
from pylib.kinds import NA_VALUE, Number, Ref

STEPS = {
    "count": folds.count,
    "sum": folds.sum_,
    "avg": folds.avg,
    "min": folds.min_,
    "max": folds.max_,
    "spread": folds.spread,
}
PLAIN = st.one_of(st.integers(-(2**53), 2**53), st.floats(), st.floats(-1e6, 1e6))
CELLS = st.one_of(
    PLAIN, PLAIN.map(lambda v: Number(v, "kW")), st.none(), st.just("x"), st.just(NA_VALUE), st.booleans()
)


def same(a: Any, b: Any) -> bool:
    """Equal, where NaN is equal to itself and `2` to `2.0`."""
    if isinstance(a, Number) and isinstance(b, Number):
        return a.unit == b.unit and same(a.val, b.val)
    if isinstance(a, float) and isinstance(b, (int, float)) and math.isnan(a):
        return math.isnan(b)
    return (
        type(a) in (int, float) and type(b) in (int, float) and a == b
        if type(a) is not type(b)
        else bool(a == b)
    )


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(STEPS)), st.one_of(st.lists(PLAIN), st.lists(CELLS, max_size=8)))
def test_whole_lists_fold_as_their_items_do(name: str, items: list[Any]) -> None:
    whole = WHOLE[name](items)
    if whole is not STEPWISE:
        assert same(whole, run_fold(items, STEPS[name]))


@pytest.mark.parametrize("name", sorted(STEPS))
def test_markers_among_the_items_are_left_to_the_steps(name: str) -> None:
    assert WHOLE[name]([1, FOLD_START]) is STEPWISE
    assert WHOLE[name]([1, FOLD_END]) is STEPWISE
    assert WHOLE[name]([1, "__foldStart__"]) is not STEPWISE


def test_columns_are_summed_across() -> None:
    assert across("sum", [[1, 2], [3, 4]]) == [4, 6]
    assert across("avg", [[1.0, 2.0], [3.0, 4.0]]) == [2.0, 3.0]
    assert across("sum", [[1, 2], [3, None]]) is None
    assert across("sum", [[2**52], [2**52]]) is None
    assert across("max", [[1], [2]]) is None


def test_natural_order_puts_nulls_first_and_nan_before_numbers() -> None:
    got = sorted_values([2, None, math.nan, 1.5])
    assert got[0] is None
    assert math.isnan(got[1])
    assert got[2:] == [1.5, 2]
    assert sorted_values([1, None, 2], reverse=True) == [2, 1, None]


def test_column_order_is_stable_both_ways() -> None:
    cells = ["b", "A", "a", None, "B"]
    assert column_order(cells) == [3, 1, 2, 0, 4]
    assert column_order(cells, reverse=True) == [0, 4, 1, 2, 3]


def test_column_order_of_durations_and_refs() -> None:
    assert column_order([Number(2, "hr"), Number(90, "min"), Number(1, "day")]) == [1, 0, 2]
    assert column_order([Number(2, "kW"), Number(1, "m"), 3]) == [1, 0, 2]
    assert column_order([Ref("a", "Zeta"), Ref("z", "alpha")]) == [1, 0]
    assert column_order([math.nan, 1, -1.0]) == [0, 2, 1]


def test_display_names_compare_numbers_at_the_same_place() -> None:
    assert display_order(["Zone 10", "zone 9", "Zone 9 b", "Area"]) == [3, 1, 0, 2]


def test_keys_of_cells_are_strict() -> None:
    (keys,) = hashable([1, 1.0, True, "1", Number(1, "kW"), math.nan, math.nan, [1], [1]])
    assert len(set(keys)) == 6
    cells = ["a", None, 1]
    assert hashable(cells)[0] is cells


def test_keys_of_two_columns_are_of_one_form() -> None:
    a = Grid.from_rows([{"k": 1, "a": "x"}])
    b = Grid.from_rows([{"k": True, "b": 1}, {"k": 1, "b": 2}])
    assert join("join", a, b, "k").dicts() == [{"k": 1, "a": "x", "b": 2}, {"k": True, "b": 1}]


def test_cells_that_are_not_there_leave_the_column() -> None:
    cells = [1, "x", None]
    assert replaced(cells, "y", 0) is cells
    assert replaced(cells, 1, 0) == [0, "x", None]
    assert replaced(cells, None, 0) == [1, "x", 0]
    assert replaced([Number(1, "kW")], 1, 0) == [Number(1, "kW")]


ARRAYS = st.lists(st.one_of(st.none(), st.floats(), st.floats(-1e3, 1e3)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(sorted(STEPS)), ARRAYS, st.sampled_from([None, "kW"]))
def test_arrays_fold_as_lists_do(name: str, cells: list[Any], unit: str | None) -> None:
    column = array_column(cells, unit)
    try:
        got = fold_array(name, column)
    except LookupError:
        return
    assert same(got, run_fold(column.tolist(), STEPS[name]))


@settings(deadline=None, max_examples=100)
@given(ARRAYS, st.booleans())
def test_arrays_are_ordered_as_lists_are(cells: list[Any], reverse: bool) -> None:
    assert order_array(array_column(cells, None), reverse=reverse) == column_order(cells, reverse=reverse)


def array_column(cells: list[Any], unit: str | None) -> ArrayColumn:
    valid = np.array([cell is not None for cell in cells])
    data = np.array([0.0 if cell is None else cell for cell in cells])
    return ArrayColumn(data, unit, None if valid.all() else valid)


def test_arrays_of_whole_numbers_are_added_exactly() -> None:
    assert fold_array("sum", ArrayColumn(np.array([1, 2, 3]), "kW")) == Number(6, "kW")
    assert fold_array("avg", ArrayColumn(np.array([1, 2]))) == 1.5
    assert fold_array("sum", ArrayColumn(np.array([2**62, 2**62]))) == 2.0**63
    assert math.isnan(fold_array("sum", ArrayColumn(np.array([math.inf, -math.inf]))))
    assert fold_array("count", ArrayColumn(np.array([True, False]))) == 2
    with pytest.raises(LookupError):
        fold_array("sum", ArrayColumn(np.array([True])))
