"""Streams from Python: laziness, re-runs, memory, and sources that hold something open."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import axon
from axon.errors import CastErr, Err, HostErr, NullErr, UnknownNameErr
from axon.lib.folds import fold
from axon.streams import Stream, of_column, of_grid, of_items, of_list, of_range, stages, terminals
from axon.streams.stream import MAX_STAGES
from axon.values.folding import FOLD_END, FOLD_START
from axon.values.ranges import Range
from axon.values.running import PREFIX
from pylib.grid import Grid
from pylib.kinds import NA_VALUE, Number


class Source:
    """Counts how often it is opened and closed, and which items were pulled."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.opened = 0
        self.closed = 0
        self.pulled: list[int] = []

    def read(self) -> Iterator[int]:
        self.opened += 1
        try:
            for i in range(self.size):
                self.pulled.append(i)
                yield i
        finally:
            self.closed += 1

    def stream(self) -> Stream:
        return of_items(self.read)


@pytest.fixture
def source() -> Source:
    return Source(10)


def test_nothing_is_read_before_a_terminal_pulls(source: Source) -> None:
    source.stream().then(stages.mapping(lambda x: x)).then(stages.limiting(3))
    assert source.opened == 0


def test_limit_pulls_no_item_beyond_it(source: Source) -> None:
    got = terminals.collect_list(source.stream().then(stages.limiting(3)))
    assert got == [0, 1, 2]
    assert source.pulled == [0, 1, 2]


def test_each_run_reads_the_source_anew(source: Source) -> None:
    stream = source.stream()
    assert terminals.collect_list(stream) == terminals.collect_list(stream)
    assert (source.opened, source.closed) == (2, 2)


@pytest.mark.parametrize(
    ("run", "pulled"),
    [
        (lambda s: terminals.first(s), 1),
        (lambda s: terminals.find(s, lambda x: x == 2), 3),
        (lambda s: terminals.any_match(s, lambda x: x == 2), 3),
        (lambda s: terminals.all_match(s, lambda x: x < 2), 3),
        (lambda s: terminals.each_while(s, lambda x: True if x == 2 else None), 3),
        (lambda s: terminals.last(s), 10),
    ],
)
def test_a_run_that_ends_early_closes_the_source(source: Source, run: object, pulled: int) -> None:
    run(source.stream().then(stages.mapping(lambda x: x)))  # type: ignore[operator]
    assert len(source.pulled) == pulled
    assert source.closed == 1


def test_an_error_in_a_stage_closes_the_source(source: Source) -> None:
    with pytest.raises(ZeroDivisionError):
        terminals.collect_list(source.stream().then(stages.mapping(lambda x: 1 // (x - 2))))
    assert source.closed == 1


def test_na_ends_a_fold_but_the_last_call_is_made(source: Source) -> None:
    seen: list[object] = []

    def step(val: object, acc: object) -> object:
        seen.append(val)
        return NA_VALUE if val == 2 else "end" if val is FOLD_END else 0

    assert terminals.fold(source.stream(), step) == "end"
    assert seen == [FOLD_START, 0, 1, 2, FOLD_END]
    assert source.closed == 1


def test_memory_is_flat_on_many_items() -> None:
    stream = of_range(Range(1, 200_000), "test")
    stream = stream.then(stages.mapping(lambda x: [x] * 10)).then(stages.finding_all(lambda x: x[0] % 2 == 0))
    tracemalloc.start()
    count = terminals.reduce(stream, 0, lambda acc, _: acc + 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000
    assert peak < 100_000


class Item:
    """An item that knows how many of its kind are alive."""

    alive = 0
    most = 0

    def __init__(self, val: int) -> None:
        self.val = val
        Item.alive += 1
        Item.most = max(Item.most, Item.alive)

    def __del__(self) -> None:
        Item.alive -= 1


def test_a_million_items_pass_with_a_handful_alive() -> None:
    Item.most = Item.alive = 0
    stream = of_range(Range(1, 1_000_000), "test")
    for stage in (
        stages.mapping(Item),
        stages.finding_all(lambda item: item.val % 2 == 0),
        stages.skipping(10),
        stages.flat_mapping(lambda item: [item, item]),
        stages.limiting(999_000),
        stages.mapping(lambda item: item.val),
    ):
        stream = stream.then(stage)
    assert terminals.reduce(stream, 0, lambda acc, _: acc + 1) == 999_000
    assert Item.most < 10
    assert Item.alive == 0


def test_neighbouring_stages_run_in_order_and_one_item_at_a_time() -> None:
    seen: list[str] = []

    def note(name: str, result: Callable[[int], object]) -> Callable[[int], object]:
        def f(item: int) -> object:
            seen.append(f"{name}{item}")
            return result(item)

        return f

    stream = of_list([1, 2, 3])
    stream = stream.then(stages.finding_all(note("a", lambda x: x != 2)))
    stream = stream.then(stages.mapping(note("b", lambda x: x * 10)))
    stream = stream.then(stages.mapping(note("c", lambda x: x + 1)))
    stream = stream.then(stages.finding_all(note("d", lambda x: x > 11)))
    assert terminals.collect_list(stream) == [31]
    assert seen == ["a1", "b1", "c10", "d11", "a2", "a3", "b3", "c30", "d31"]


ITEMS = st.one_of(
    st.integers(-5, 5),
    st.integers(-(2**53), 2**53),
    st.floats(),
    st.builds(Number, st.integers(-3, 3), st.sampled_from(["kW", "%"])),
    st.sampled_from([None, "x", True, NA_VALUE, FOLD_START, FOLD_END]),
)


@settings(max_examples=300, deadline=None)
@given(plain=st.lists(st.integers(-9, 9)), items=st.lists(ITEMS), name=st.sampled_from(sorted(PREFIX)))
def test_folds_in_a_loop_are_those_by_steps(plain: list[int], items: list[object], name: str) -> None:
    fn = axon.Runtime().eval(name)
    pulled: list[object] = []

    def read() -> Iterator[object]:
        for item in [*plain, *items]:
            pulled.append(item)
            yield item

    def outcome(run: Callable[[], object]) -> tuple[str, int]:
        pulled.clear()
        try:
            return repr(run()), len(pulled)
        except HostErr as err:
            return repr(err), len(pulled)

    stream = of_items(read)
    assert outcome(lambda: fold(stream, fn)) == outcome(lambda: terminals.fold(stream, fn.c2))


def test_stages_are_limited() -> None:
    stream = of_list([1])
    for _ in range(MAX_STAGES):
        stream = stream.then(stages.mapping(lambda x: x + 1))
    assert terminals.collect_list(stream) == [1 + MAX_STAGES]
    with pytest.raises(Err, match="stages"):
        stream.then(stages.mapping(lambda x: x))


def test_a_stream_is_not_changed_by_what_is_built_on_it() -> None:
    base = of_list([1, 2, 3])
    doubled = base.then(stages.mapping(lambda x: x * 2))
    assert terminals.collect_list(base) == [1, 2, 3]
    assert terminals.collect_list(doubled) == [2, 4, 6]


def test_grids_are_collected_with_the_columns_of_the_source() -> None:
    grid = Grid.from_rows([{"a": 1}, {"b": 2}], {"m": 1})
    got = terminals.collect_grid(of_grid(grid).then(stages.mapping(lambda row: {**row, "c": 3})))
    assert got.col_names() == ["a", "b", "c"]
    assert got.meta() == {"m": 1}
    assert got.dicts() == [{"a": 1, "c": 3}, {"b": 2, "c": 3}]


def test_items_that_are_no_dicts_become_val() -> None:
    got = terminals.collect_grid(of_list([1, None, {"a": 2}]))
    assert got.col_names() == ["val", "a"]
    assert got.column("val") == [1, None, None]


def test_column_stages_are_applied_at_the_end() -> None:
    rows = [{"a": 1, "b": 2, "c": 3, "d": 4}]
    stream = (
        of_list(rows).keep_cols(["a"]).keep_cols(["c", "d"]).remove_cols(["c"]).reorder_cols(["d", "a", "q"])
    )
    assert terminals.collect_grid(stream).col_names() == ["d", "a"]


def test_flat_map_takes_lists_grids_and_null() -> None:
    outs = [[1, 2], Grid.from_rows([{"a": 1}]), None]
    got = terminals.collect_list(of_list([0, 1, 2]).then(stages.flat_mapping(lambda i: outs[i])))
    assert got == [1, 2, {"a": 1}]


def test_flat_map_refuses_other_values() -> None:
    with pytest.raises(Err, match="flatMap"):
        terminals.collect_list(of_list([0]).then(stages.flat_mapping(lambda _: 5)))


def test_columns_are_read_when_the_stream_runs() -> None:
    stream = of_column(Grid.from_rows([{"a": 1}]), "b")
    with pytest.raises(UnknownNameErr, match="b"):
        terminals.first(stream)


def test_ranges_want_numbers() -> None:
    with pytest.raises(NullErr, match="stream"):
        of_range(Range(None, 5), "stream")
    with pytest.raises(CastErr, match="stream"):
        of_range(Range("a", "b"), "stream")


def test_predicates_have_to_return_bools() -> None:
    with pytest.raises(CastErr):
        terminals.collect_list(of_list([1]).then(stages.finding_all(lambda x: x)))
    with pytest.raises(NullErr):
        terminals.any_match(of_list([1]), lambda _: None)
