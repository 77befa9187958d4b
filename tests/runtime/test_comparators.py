"""Comparators that are keys: found where nothing can tell the difference, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import axon
from axon.runtime.comparators import comparison_of

KEYS = [
    "(a, b) => a - b",
    "(a, b) => b - a",
    "(a, b) => a <=> b",
    "(x, y) => y->n <=> x->n",
    "(a, b) => a->n->m - b->n->m",
]
CALLED = [
    "(a, b) => a + b",
    "(a, b) => a - a",
    "(a, b) => a->n <=> b->m",
    "(a, b) => if (a == b) 0 else a <=> b",
    "(a, b) => (a - b) * 2",
    "(a, b) => do echo(a); a - b end",
    '(a, b) => try throw {dis: "x"} catch a - b',
    "(a, b, c: 1) => a - b",
    "a => a",
    "(a, b) => 1",
]


@pytest.fixture(scope="module")
def rt() -> axon.Runtime:
    return axon.Runtime()


@pytest.mark.parametrize("text", KEYS)
def test_difference_or_order_of_the_same_part_is_a_key(rt: axon.Runtime, text: str) -> None:
    assert comparison_of(rt.eval(text)) is not None


@pytest.mark.parametrize("text", CALLED)
def test_any_other_function_is_called(rt: axon.Runtime, text: str) -> None:
    assert comparison_of(rt.eval(text)) is None


def test_functions_that_count_their_calls_are_called(rt: axon.Runtime) -> None:
    assert rt.eval("do n: 0; [3, 1, 2].sort((a, b) => do n = n + 1; a - b end); n > 0 end") is True


def test_a_variable_that_is_only_set_is_set(rt: axon.Runtime) -> None:
    assert rt.eval("do n: 0; [3, 1, 2].sort((a, b) => do n = 1; a - b end); n end") == 1


def test_differences_below_one_are_no_difference(rt: axon.Runtime) -> None:
    assert rt.eval("[0.7, 0.1, 2, 0.3].sort((a, b) => a - b)") == [0.7, 0.1, 0.3, 2]


VALUES = st.one_of(
    st.lists(st.integers(-5, 5)),
    st.lists(st.one_of(st.integers(-(2**53), 2**53), st.floats())),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=3)),
    st.lists(st.one_of(st.integers(0, 3), st.just("a"), st.none()), max_size=4),
)


ORDERS = ["a <=> b", "b <=> a", "a - b", "b - a"]


@settings(max_examples=150, deadline=None)
@given(vals=VALUES, func=st.sampled_from(["sort", "sortr"]), order=st.sampled_from(ORDERS))
def test_keys_sort_as_calls_do(rt: axon.Runtime, vals: list[object], func: str, order: str) -> None:
    quick = _outcome(rt, vals, f"{func}((a, b) => {order})")
    assert quick == _outcome(rt, vals, f"{func}((a, b) => ({order}) + 0)")
    rows = [{"n": val, "i": i} for i, val in enumerate(vals) if val is not None]
    field = order.replace("a", "a->n").replace("b", "b->n")
    quick = _outcome(rt, rows, f"{func}((a, b) => {field}).map(r => r->i)")
    assert quick == _outcome(rt, rows, f"{func}((a, b) => ({field}) + 0).map(r => r->i)")


def _outcome(rt: axon.Runtime, vals: object, call: str) -> str:
    try:
        return repr(rt.eval(f"vals.{call}", vals=vals))
    except axon.AxonError as err:
        return type(err).__name__
