"""Long grids in Brio, written and read a column at a time: the same bytes and values as cell by cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pylib import brio
from pylib.brio import BrioReader, BrioWriter, decode, encode
from pylib.columns import ArrayColumn
from pylib.frames import WireFault
from pylib.grid import Grid
from pylib.kinds import MARKER, NA_VALUE, Number, Ref, Uri
from pylib.nanos import NanoDateTime
from pylib.packed import NAT, DictColumn, TimeColumn
from pylib.times import zone_by_id

NY = ZoneInfo("America/New_York")


@pytest.fixture(autouse=True)
def short_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick ways are taken from the first row on."""
    monkeypatch.setattr(brio, "_LONG", 1)
    monkeypatch.setattr(brio, "_LONGER", 1)


def slowly(grid: Grid) -> bytes:
    """The bytes of a grid whose columns are lists, cell by cell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(brio, "_LONG", 1 << 30)
        return encode(Grid.from_columns(grid.cols(), [list(grid.column(name)) for name in grid.col_names()]))


def read_slowly(data: bytes) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(brio, "_LONGER", 1 << 30)
        return decode(data)


SIZE = 6
SECONDS = 10**9
NATS = st.just(NAT)
MASK = st.none() | st.lists(st.booleans(), min_size=SIZE, max_size=SIZE)
FLOATS = (
    st.floats() | st.integers(-(2**40), 2**40).map(float) | st.sampled_from([0.0, -0.0, 32767.0, -32768.0])
)


def cells(item: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(item, min_size=SIZE, max_size=SIZE)


def array_column(items: st.SearchStrategy[Any], dtype: str) -> st.SearchStrategy[Any]:
    def make(vals: list[Any], unit: str | None, mask: list[bool] | None) -> ArrayColumn:
        valid = None if mask is None else np.array(mask)
        return ArrayColumn(np.array(vals, dtype), None if dtype == "?" else unit, valid)

    return st.builds(make, cells(items), st.sampled_from([None, "kW", "°C"]), MASK)


COLUMNS = st.one_of(
    array_column(FLOATS, "f8"),
    array_column(st.integers(-(2**63), 2**63 - 1) | st.integers(-40000, 40000), "i8"),
    array_column(st.integers(0, 255), "u1"),
    array_column(st.booleans(), "?"),
    st.builds(
        lambda stamps, key: TimeColumn(np.array(stamps, "i8"), key, zone_by_id),
        cells(st.integers(-(2**62), 2**62) | st.integers(-(10**9), 10**9).map(SECONDS.__mul__) | NATS),
        st.sampled_from(["America/New_York", "UTC", "Etc/GMT+5"]),
    ),
    st.builds(
        lambda codes: DictColumn(np.array(codes, "i1"), ["on", "off", "ä😀", Ref("r", "R")]),
        cells(st.integers(-1, 3)),
    ),
    cells(
        st.sampled_from(
            [None, MARKER, NA_VALUE, True, 5, 1.5, Number(1, "kW"), "x", "x" * 200, "ä😀", Ref("a"),
             Ref("b", "B"), Uri("u"), dt.date(2024, 1, 1), dt.datetime(2024, 7, 1, tzinfo=NY), b"buf", [1],
             {"a": 1}, NanoDateTime.of(dt.datetime(2024, 7, 1, tzinfo=NY), 7)]
        )
    ),
)  # fmt: skip


@given(st.lists(COLUMNS, min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_columns_are_the_same_bytes_and_values(columns: list[Any]) -> None:
    grid = Grid.from_columns([f"c{i}" for i in range(len(columns))], columns)
    data = encode(grid)
    assert data == slowly(grid)
    got, want = decode(data), read_slowly(data)
    assert slowly(got) == slowly(want)
    for name in grid.col_names():
        assert repr([number(cell) for cell in got.column(name)]) == repr(
            [number(c) for c in want.column(name)]
        )


def number(cell: Any) -> Any:
    """A number without the difference of 1 and 1.0: whole cells of a column of floats stay floats."""
    if type(cell) is Number:
        return (number(cell.val), cell.unit)
    return float(cell) if type(cell) is int else cell


@pytest.mark.parametrize("piece", [1, 7, 100, 5000])
def test_long_grids_are_read_as_they_arrive(piece: int) -> None:
    df = pd.DataFrame(
        {
            "ts": pd.date_range("2024-03-09", periods=300, freq="h", tz="America/New_York").as_unit("ns"),
            "x": np.arange(300) / 4,
            "n": np.arange(300),
            "s": [f"state {i % 20}" if i % 90 else "größer" for i in range(300)],
        }
    )
    data = encode(Grid.from_dataframe(df)) + encode("next")

    def more() -> Iterator[bytes]:
        for at in range(0, len(data), piece):
            yield data[at : at + piece]

    reader = BrioReader(more=more().__next__, native=True)
    pd.testing.assert_frame_equal(reader.message().to_dataframe(), df)
    assert reader.message() == "next"


def test_arrays_come_of_numbers_and_timestamps() -> None:
    stamps = np.array([0, 10**18, NAT])
    grid = Grid.from_columns(
        ["t", "x", "n"],
        [TimeColumn(stamps, "UTC", zone_by_id), [1.5, None, 2.5], [Number(i, "kW") for i in range(3)]],
    )
    got = decode(encode(grid))
    assert got.buffer("t").data.tolist() == stamps.tolist()
    assert got.array("x").dtype == "f8"
    assert got.array("n").tolist() == [0, 1, 2]
    assert got.column("n") == grid.column("n")


def test_damaged_long_grids_are_refused() -> None:
    grid = Grid.from_columns(["a", "b"], [list(range(40)), [f"s{i}" for i in range(40)]])
    data = encode(grid)
    for cut in range(1, len(data) - 1, 7):
        with pytest.raises(WireFault):
            decode(data[:cut])
    with pytest.raises(WireFault, match="more rows than it says"):
        decode(data.replace(b"\x02\x28", b"\x02\x10", 1))


def test_timestamps_too_far_for_hxpy_are_refused() -> None:
    with pytest.raises(WireFault, match="too far from the year 2000 for hxPy"):
        BrioWriter().value(
            Grid.from_columns(["t"], [TimeColumn(np.array([NAT + 5], "i8"), "UTC", zone_by_id)])
        )
