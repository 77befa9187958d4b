"""Streams from Python: laziness, re-runs, memory, and sources that hold something open."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from axon.errors import CastErr, Err, NullErr, UnknownNameErr
from axon.streams import Stream, of_column, of_grid, of_items, of_list, of_range, stages, terminals
from axon.streams.stream import MAX_STAGES
from axon.values.folding import FOLD_END, FOLD_START
from axon.values.ranges import Range
from pylib.grid import Grid
from pylib.kinds import NA_VALUE


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
