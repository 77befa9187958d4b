"""Values to bytes and back: byte vectors, random values, and bytes that are no value."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pylib.codec import Codec
from pylib.encoder import Encoder
from pylib.frames import WireFault
from pylib.grid import Col, Grid, Matrix
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr
from pylib.layout import MAX_DEPTH
from pylib.nanos import NanoDateTime, NanoTime
from pylib.packed import DictColumn
from pylib.plain import encode_define, encode_eval

VECTORS = Path(__file__).with_name("values.txt")


def refuse(encoder: Encoder, value: Any) -> None:
    raise TypeError(f"{type(value).__name__} cannot cross")


def no_link(tag: int, ref: int, about: Any) -> Any:
    return ("link", tag, ref, about)


CODEC = Codec(refuse, no_link)


def there_and_back(value: Any) -> Any:
    body, buffers = CODEC.encode(value)
    return CODEC.decode(bytes(body), [memoryview(bytes(b)) for b in buffers])


def same(a: Any, b: Any) -> bool:
    """Equal, of the same type, NaN and the sign of zero included."""
    if type(a) is not type(b):
        return False
    if type(a) is float:
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if type(a) is list:
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is dict:
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if type(a) is Ref:
        return (a.val, a.dis_text) == (b.val, b.dis_text)
    if isinstance(a, dt.datetime):
        return a == b and a.utcoffset() == b.utcoffset() and a.tzinfo == b.tzinfo
    return bool(a == b)


# ---- byte vectors: read by every implementation of the protocol


def vectors() -> list[tuple[str, str]]:
    out = []
    for line in VECTORS.read_text().splitlines():
        if line and not line.startswith("#"):
            source, _, hex_text = line.rpartition(" = ")
            out.append((source, hex_text.replace(" ", "")))
    return out


@pytest.mark.parametrize(("source", "hex_text"), vectors())
def test_byte_vector(source: str, hex_text: str) -> None:
    value = eval(source)
    body, buffers = CODEC.encode(value)
    assert (body.hex(), buffers) == (hex_text, [])
    got = CODEC.decode(bytes.fromhex(hex_text))
    if isinstance(value, Grid):
        assert got.dicts() == value.dicts()
        assert got.meta() == value.meta()
    else:
        assert same(got, value)


# ---- random values

ZONES = [
    ZoneInfo(key) for key in ("America/New_York", "Europe/Berlin", "UTC", "Etc/GMT+5", "Australia/Lord_Howe")
]
TEXT = st.text(st.characters(exclude_categories=[]), max_size=300)
MOMENTS = st.builds(
    lambda when, zone: when.astimezone(zone),
    st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 1, 1), timezones=st.just(dt.UTC)),
    st.sampled_from(ZONES),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    TEXT,
    st.builds(
        Number, st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False)), st.text(min_size=1)
    ),
    st.builds(Ref, TEXT, st.one_of(st.none(), TEXT)),
    st.builds(Uri, TEXT),
    st.builds(Symbol, TEXT),
    st.builds(XStr, TEXT, TEXT),
    st.builds(Coord, st.floats(-90, 90), st.floats(-180, 180)),
    st.sampled_from([MARKER, NA_VALUE, REMOVE]),
    st.dates(),
    st.builds(NanoTime.of, st.times(), st.integers(0, 999)),
    st.builds(NanoDateTime.of, MOMENTS, st.integers(0, 999)),
    st.binary(max_size=6000),
)
NON_NULL = SCALARS.filter(lambda v: v is not None)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=20),
        st.dictionaries(TEXT, inner.filter(lambda v: v is not None), max_size=5),
    ),
    max_leaves=30,
)


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_every_value_comes_back(value: Any) -> None:
    assert same(there_and_back(value), value)


COLUMNS = st.integers(0, 12).flatmap(
    lambda size: st.lists(
        st.one_of(
            *(
                st.lists(st.one_of(cell, st.none()) if nulls else cell, min_size=size, max_size=size)
                for nulls in (False, True)
                for cell in (
                    st.booleans(),
                    st.integers(),
                    st.integers(-100, 100),
                    st.floats(),
                    st.one_of(st.integers(-(2**54), 2**54), st.floats()),
                    TEXT,
                    st.sampled_from(["on", "off"]),
                    st.builds(Number, st.floats(allow_nan=False), st.just("kW")),
                    st.builds(Number, st.integers(), st.sampled_from(["kW", "m"])),
                    st.sampled_from([Ref("a"), Ref("a", "A"), Ref("b")]),
                    st.dates(),
                    MOMENTS,
                    st.builds(NanoDateTime.of, MOMENTS, st.integers(0, 999)),
                    st.just(MARKER),
                    NON_NULL,
                )
            )
        ),
        max_size=6,
    ).map(lambda columns: Grid.from_columns([f"c{i}" for i in range(len(columns))], columns, None, size))
)


@given(COLUMNS)
@settings(max_examples=150, deadline=None)
def test_every_grid_comes_back(grid: Grid) -> None:
    got = there_and_back(grid)
    assert got.col_names() == grid.col_names()
    assert len(got) == len(grid)
    for name in grid.col_names():
        for mine, theirs in zip(grid.column(name), got.column(name), strict=True):
            if type(mine) is Number and type(theirs) is Number and mine.unit == theirs.unit:
                mine, theirs = mine.val, theirs.val
            if type(mine) is int and type(theirs) is float:  # in a column of both, or an Axon Number
                assert float(mine) == theirs
            else:
                assert same(theirs, mine)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 3000])
def test_long_columns_keep_their_nulls(size: int) -> None:
    cells = [None if i % 3 == 1 else float(i) for i in range(size)]
    texts = [None if i % 5 == 2 else f"text {i}" for i in range(size)]
    flags = [None if i % 7 == 2 else i % 2 == 0 for i in range(size)]
    got = there_and_back(Grid.from_columns(["a", "b", "c"], [cells, texts, flags]))
    assert [got.column(name) for name in "abc"] == [cells, texts, flags]


def test_meta_and_nested_grids_come_back() -> None:
    inner = Grid.from_rows([{"x": 1}, {"y": [1, {"z": Ref("r")}]}], {"dis": "inner"})
    grid = Grid([Col("a", {"dis": "A"}), Col("b")], [[inner, None], ["s", [inner]]], {"m": MARKER})
    got = there_and_back(grid)
    assert got.meta() == {"m": MARKER}
    assert got.col("a").meta() == {"dis": "A"}
    assert got.column("a")[0].dicts() == inner.dicts()
    assert got.column("b")[1][0].meta() == {"dis": "inner"}


def test_matrices_come_back() -> None:
    for rows in ([[1.0, math.nan], [-0.0, math.inf]], [[0.5] * 100] * 100):
        got = there_and_back(Matrix(rows, {"m": MARKER}))
        assert type(got) is Matrix
        assert same(got.array2d.tolist(), rows)
        assert got.meta() == {"m": MARKER}


def test_ten_thousand_columns_come_back() -> None:
    grid = Grid.from_columns([f"c{i}" for i in range(10000)], [[i, i + 1] for i in range(10000)])
    assert there_and_back(grid).dicts() == grid.dicts()


def test_references_carry_what_is_said_of_them() -> None:
    body = bytes([0x38]) + (7).to_bytes(8, "little") + bytes([0x18, 1]) + b"x"
    assert CODEC.decode(body) == ("link", 0x38, 7, "x")


# ---- what must not pass


def test_unknown_types_go_to_the_hook() -> None:
    with pytest.raises(TypeError, match="object cannot cross"):
        CODEC.encode([1, {"a": object()}])
    with pytest.raises(TypeError, match="keys must be text"):
        CODEC.encode({1: 2})


def test_depth_is_limited_both_ways() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH):
        value = [value]
    assert there_and_back(value) == value
    with pytest.raises(TypeError, match="nested deeper"):
        CODEC.encode([value])
    with pytest.raises(WireFault, match="nested deeper"):
        CODEC.decode(b"\x28\x01\x00\x00\x00" * (MAX_DEPTH + 1) + b"\xc1")


@pytest.mark.parametrize(
    "hex_text",
    [
        "",  # nothing
        "7f",  # unknown tag
        "c1c1",  # more follows
        "10",  # half a number
        "1805616263",  # text ends early
        "28ffffffff",  # a list of four thousand million
        "29ffffffff",
        "2affffffff00000000",
        "2bffffffff00000000",
        "2cffffffff00000000",
        "19ffffffff",
        "1f01",  # a buffer that did not come
        "11ffffffff",
        "2902000000 04000000 0161 0161 c1c1",  # a name twice
        "2902000000 04000000 0161 0561 c1c1",  # a name that is too long
        "1802ffff",  # not UTF-8
        "22ffffffffffffffff",  # a time beyond a day
        "210000 00 00",  # the year 0
        "23 ffffffffffffff7f 00000000 03000000 555443",  # far beyond the year 9999
        "23 0000000000000000 00000000 03000000 58595a",  # no such zone
        "20 ffffff7f ffffff7f",  # no place on earth
        "13 02 01000000 6b",  # a number that is true
        "30 ffffffff 0000000000000000",  # a grid of many columns
        "30 00000000 ffffffffffffffff 290000000000000000",  # rows without columns
        "30 01000000 ffffffffffffff7f 290000000000000000 01000000 61 290000000000000000 00",
        "30 01000000 ffffffffffffff7f 290000000000000000 01000000 61 290000000000000000"
        " 01 6638 00000000 00 00 00000000",
        "30 01000000 0200000000000000 290000000000000000 01000000 61 290000000000000000"
        " 02 2800000000 00 08000000 0000000000000000",
        "30 01000000 0100000000000000 290000000000000000 01000000 61 290000000000000000"
        " 01 6231 00000000 00 00 01000000 05",
        "31 ffffffffffffff7f ffffffffffffff7f 290000000000000000 00 00000000",
    ],
)
def test_damaged_bytes_are_refused(hex_text: str) -> None:
    with pytest.raises(WireFault):
        CODEC.decode(bytes.fromhex(hex_text))


@given(st.binary(max_size=200))
@settings(max_examples=250, deadline=None)
def test_random_bytes_are_a_value_or_a_fault(data: bytes) -> None:
    try:
        CODEC.decode(data, [])
    except WireFault:
        pass


@given(COLUMNS, st.data())
@settings(max_examples=100, deadline=None)
def test_changed_bytes_are_a_value_or_a_fault(grid: Grid, data: st.DataObject) -> None:
    body, buffers = CODEC.encode([grid, {"a": 1.5, "b": [Ref("x")]}])
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] = data.draw(st.integers(0, 255))
    try:
        CODEC.decode(bytes(body), [memoryview(bytes(b)) for b in buffers])
    except WireFault:
        pass


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


@given(st.lists(PLAIN, max_size=5) | st.dictionaries(st.text(max_size=5), PLAIN, max_size=5))
@settings(max_examples=200, deadline=None)
def test_plain_values_arrive_as_by_tags(value: Any) -> None:
    """The quick way to a session changes nothing; the host itself refuses it."""
    quick, session = Codec(refuse, no_link), Codec(refuse, no_link, native=True)
    slow = session.decode(bytes(CODEC.encode(value)[0]))
    quick.plain = True
    body = bytes(quick.encode(value)[0])
    got = session.decode(body)
    assert got == slow
    assert repr(got) == repr(slow)
    if body[:1] == b"\x40":
        with pytest.raises(WireFault, match="unknown tag 0x40"):
            quick.decode(body)


class Text(str):
    """A text that marshal does not take."""


def test_a_define_of_plain_cells_is_one_block() -> None:
    """Expression, no names, name, value; all that would change on its way goes by tags."""
    session = Codec(refuse, no_link, native=True)
    for value in ({}, {"a": "x", "b": 1.5, "c": True, "d": 2**70, "e": float("inf")}, {"one": 0.5}):
        body = encode_define("d", value, "len(d)")
        assert body is not None
        assert session.decode(body) == ("len(d)", None, "d", value)
    others: list[Any] = [{"a": 2.0}, {"a": None}, {"a": [1]}, {1: "a"}, {"a": b"x"}, {"a": Number(1, "kW")}]
    others += [{Text("a"): 1}, {"a": Text("b")}, {"a": (1,)}, {f"n{i}": i for i in range(300)}, [1], 5, None]
    for value in others:
        assert encode_define("d", value, "d") is None
    assert encode_define("d", {}, None) is None
    assert encode_eval("d", {Text("a"): 1}) is None


@pytest.mark.parametrize("distinct", [1, 127, 128, 32767, 32768])
def test_repeated_values_of_any_number(distinct: int) -> None:
    """Positions are as wide as the number of distinct values needs; short lists are written the same."""
    codes = [*range(distinct)] * 4 + [-1]
    cells = [None if code < 0 else f"v{code}" for code in codes]
    packed = DictColumn(np.array(codes, "i4"), cells[:distinct])
    sent = [CODEC.encode(Grid.from_columns(["a"], [column])) for column in (cells, packed)]
    assert len({(bytes(body), *map(bytes, buffers)) for body, buffers in sent}) == 1 or distinct > 500
    assert there_and_back(Grid.from_columns(["a"], [packed])).column("a") == cells


def test_positions_of_an_unknown_width_are_refused() -> None:
    body, _ = CODEC.encode(Grid.from_columns(["a"], [["on", "off", "on", "on"]]))
    with pytest.raises(WireFault, match="positions of the unknown kind 'u1'"):
        CODEC.decode(bytes(body).replace(b"i1", b"u1"))


def test_buffers_are_let_go_once_they_were_read() -> None:
    """The column keeps what it needs; texts are made of their bytes, which then are free."""
    texts = [f"text {i}" for i in range(5000)]
    body, buffers = CODEC.encode(Grid.from_columns(["a", "n"], [texts, [i * 0.5 for i in range(5000)]]))
    arrived = [memoryview(bytes(b)) for b in buffers]
    sizes = [len(b) for b in arrived]
    grid = CODEC.decode(bytes(body), arrived)
    assert max(sizes) >= 20_000
    assert [len(b) for b in arrived] == [0] * len(sizes)
    assert grid.column("a") == texts
