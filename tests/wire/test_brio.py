"""Brio: the bytes of every kind, round trips, limits, noise."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pylib.brio import MAX_DEPTH, BrioReader, decode, encode
from pylib.frames import WireFault
from pylib.grid import Grid
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr

NEW_YORK = ZoneInfo("America/New_York")
UTC = ZoneInfo("UTC")

#: Value and its bytes, worked out by hand from the description of the format.
VECTORS: list[tuple[Any, str]] = [
    (None, "00"),
    (MARKER, "01"),
    (NA_VALUE, "02"),
    (REMOVE, "03"),
    (False, "04"),
    (True, "05"),
    (0, "06 0000 ff00"),
    (32767, "06 7fff ff00"),
    (-32767, "06 8001 ff00"),
    (-32768, "07 ffff8000 ff00"),
    (32768, "07 00008000 ff00"),
    (-2147483647, "07 80000001 ff00"),
    (2147483648, "08 41e0000000000000 ff00"),
    (1.5, "08 3ff8000000000000 ff00"),
    (-0.0, "08 8000000000000000 ff00"),
    (math.inf, "08 7ff0000000000000 ff00"),
    (Number(75, "kW"), "06 004b ff02 6b57"),
    (Number(20.5, "°C"), "08 4034800000000000 ff02 c2b0 43"),
    ("", "09 ff00"),
    ("hi", "09 ff02 6869"),
    ("é", "09 ff01 c3a9"),
    ("😀", "09 ff02 eda0bd edb880"),
    ("a😀é", "09 ff04 61 eda0bd edb880 c3a9"),
    ("x" * 128, "09 ff 8080" + "78" * 128),
    (Ref("a"), "0a ff01 61 00"),
    (Ref("a", "B"), "0a ff01 61 01 42"),
    (Ref("1234abcd-0000ffff"), "0b 1234abcd0000ffff 00"),
    (Ref("7fffffff-00000000", "d"), "0b 7fffffff00000000 01 64"),
    (Ref("8fffffff-00000000"), "0a ff11 38666666666666662d3030303030303030 00"),
    (Uri("a/b"), "0c ff03 612f62"),
    (dt.date(2024, 2, 29), "0d 07e8 02 1d"),
    (dt.time(0, 0, 1, 500000), "0e 000005dc"),
    (dt.datetime(2000, 1, 1, 0, 0, 5, tzinfo=UTC), "0f 00000005 ff03 555443"),
    (dt.datetime(1999, 12, 31, 19, tzinfo=NEW_YORK), "0f 00000000 ff08 4e65775f596f726b"),
    (dt.datetime(2000, 1, 1, 0, 0, 0, 1000, tzinfo=UTC), "10 00000000000f4240 ff03 555443"),
    (dt.datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), "0f ffffffff ff03 555443"),
    (Coord(-90, 180), "11 00000000 15752a00"),
    (XStr("Bin", "a/b"), "12 ff03 42696e ff03 612f62"),
    (b"", "13 00"),
    (b"\x00\xff", "13 02 00ff"),
    ({}, "14"),
    ({"a": MARKER, "b": 1}, "15 7b 02 ff01 61 01 ff01 62 06 0001 ff00 7d"),
    ([], "16"),
    ([None, True], "17 5b 02 00 05 5d"),
    (Symbol("site"), "19 ff04 73697465"),
    (
        Grid.from_rows([{"a": 1}, {"b": "x"}], {"m": MARKER}),
        "18 3c 02 02 15 7b 01 ff01 6d 01 7d ff01 61 14 ff01 62 14 06 0001 ff00 00 00 09 ff01 78 3e",
    ),
    (Grid.empty_grid(), "18 3c 00 00 14 3e"),
]


def plain(value: Any) -> Any:
    """A value that can be compared: grids have no equality of their own."""
    if isinstance(value, Grid):
        cols = [(col.name(), plain(col.meta())) for col in value.cols()]
        return ("grid", plain(value.meta()), cols, [plain(row) for row in value.dicts()])
    if isinstance(value, dict):
        return {name: plain(val) for name, val in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("value", "text"), VECTORS, ids=[f"{i}-{str(v)[:12]}" for i, (v, _) in enumerate(VECTORS)]
)
def test_bytes_of_each_kind(value: Any, text: str) -> None:
    data = bytes.fromhex(text)
    assert encode(value).hex() == data.hex()
    got = decode(data)
    assert plain(got) == plain(value)
    assert type(got) is type(value)
    assert str(got) == str(value)
    if type(value) is Ref:
        assert got.dis_text == value.dis_text
    if type(value) is dt.datetime:
        assert str(got.tzinfo) == str(value.tzinfo)


def test_what_only_others_write_is_read() -> None:
    assert decode(bytes.fromhex("20 41cdcd6500000000 ff03 555443")) == dt.datetime(
        2000, 1, 1, 0, 0, 1, tzinfo=UTC
    )
    assert math.isnan(decode(bytes.fromhex("08 7ff8000000000000 ff00")))
    assert decode(bytes.fromhex("08 4010000000000000 ff00")) == 4
    assert decode(bytes.fromhex("09 ff e000000000000000 01 61")) == "a"
    assert decode(bytes.fromhex("15 7b 01 ff01 61 00 7d")) == {}
    assert decode(encode(dt.datetime(2020, 1, 1, tzinfo=ZoneInfo("Etc/GMT+5")))).tzinfo.key == "Etc/GMT+5"


def test_nulls_in_dicts_are_not_written() -> None:
    assert encode({"a": None}) == encode({})


def test_counts_of_all_widths() -> None:
    for size, head in ((127, "7f"), (128, "8080"), (16383, "bfff"), (16384, "c0004000")):
        data = encode(b"x" * size)
        assert data[1 : 1 + len(head) // 2].hex() == head
        assert decode(data) == b"x" * size


def test_native_reading_is_that_of_hxpy() -> None:
    data = encode([Number(3, "kW"), Uri("u"), 2.0])
    got = BrioReader(data, native=True).value()
    assert got == [3, "u", 2]
    assert isinstance(got[1], str)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "missing"),
        ("1a", "not one of Brio"),
        ("fe", "not one of Brio"),
        ("06 00", "missing"),
        ("09 05", "table of constants"),
        ("09 ff05 6161", "more than"),
        ("09 ff01 ff", "not one of text"),
        ("09 ff02 c3a9", "missing"),
        ("09 ff 80", "missing"),
        ("09 ff ff", "count of -1"),
        ("09 ff f0", "can't begin"),
        ("0d 07e8 0d 01", "a date that is none"),
        ("0e ffffffff", "24 hours"),
        ("0f 00000000 ff04 41746c73", "no time zone Atls"),
        ("11 ffffffff 00000000", "out of range"),
        ("13 e0 7fffffffffffffff", "more than the bytes"),
        ("15 78", "{ is missing"),
        ("15 7b dfffffff", "more than the bytes"),
        ("15 7b 01 ff01 61 01 00", "} is missing"),
        ("17 5b dfffffff", "more than the bytes"),
        ("17 5b 01 01 00", "] is missing"),
        ("18 3c 01 dfffffff 14 ff01 61 14", "more than the bytes"),
        ("18 3c 00 dfffffff 14 3e", "more than the bytes"),
        ("18 3c 00 00 01 3e", "not a Dict"),
        ("18 3c 02 00 14 ff01 61 14 ff01 61 14 3e", "a grid that is none"),
        ("17 5b 01" * (MAX_DEPTH + 1), "nested more than"),
        ("00 00", "follow"),
    ],
)
def test_what_is_not_brio_is_refused(text: str, message: str) -> None:
    with pytest.raises(WireFault, match=message):
        decode(bytes.fromhex(text))


def test_what_brio_can_not_hold_is_refused() -> None:
    deep: Any = []
    for _ in range(MAX_DEPTH + 5):
        deep = [deep]
    for value, message in (
        (object(), "cannot cross"),
        (dt.datetime(2020, 1, 1), "without time zone"),
        (10**400, "beyond the range"),
        (deep, "nested more than"),
        ({1: 2}, "not a Str"),
        (dt.datetime(9000, 1, 1, tzinfo=UTC), "too far"),
    ):
        with pytest.raises(WireFault, match=message):
            encode(value)


def test_bytes_may_come_one_by_one() -> None:
    value = {"a": [1.5, "é😀", Ref("x", "y")], "g": Grid.from_rows([{"a": 1, "b": "ü"}] * 3)}
    data = encode(value)
    todo = [data[i : i + 1] for i in range(len(data))] + [b"\x05"]
    reader = BrioReader(more=lambda: todo.pop(0))
    assert plain(reader.message()) == plain(value)
    assert reader.message() is True


def test_an_endless_value_is_cut() -> None:
    reader = BrioReader(b"\x17[" + bytes.fromhex("dfffffff"), more=lambda: b"\x05" * 4096, max_size=1 << 20)
    with pytest.raises(WireFault, match="more than"):
        reader.value()


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([MARKER, NA_VALUE, REMOVE]),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False),
    st.builds(
        Number,
        st.floats(allow_nan=False) | st.integers(-(2**31), 2**31),
        st.text("kWh°%", min_size=1, max_size=4),
    ),
    st.text(),
    st.binary(max_size=300),
    st.builds(Uri, st.text()),
    st.builds(Symbol, st.text(min_size=1)),
    st.builds(Ref, st.from_regex("[a-zA-Z0-9_:.~-]{1,20}|[0-9a-f]{8}-[0-9a-f]{8}", fullmatch=True)),
    st.builds(XStr, st.text(min_size=1), st.text()),
    st.dates(),
    st.integers(0, 86_399_999).map(
        lambda ms: (dt.datetime(2000, 1, 1) + dt.timedelta(milliseconds=ms)).time()
    ),
    st.datetimes(
        dt.datetime(1710, 1, 1),
        dt.datetime(2290, 1, 1),
        timezones=st.sampled_from([UTC, NEW_YORK]),
        allow_imaginary=False,
    ),
    st.builds(Coord, st.floats(-90, 90), st.floats(-180, 180)),
)
names = st.from_regex("[a-z][a-zA-Z0-9_]{0,8}", fullmatch=True)
grids = st.lists(
    st.dictionaries(names, scalars.filter(lambda v: v is not None), min_size=1, max_size=4), max_size=5
).map(Grid.from_rows)
values = st.recursive(
    scalars | grids,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(names, inner.filter(lambda v: v is not None), max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(values)
def test_round_trip_is_the_identity(value: Any) -> None:
    assert plain(decode(encode(value))) == plain(value)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_a_value_or_a_fault(data: bytes) -> None:
    try:
        decode(data)
    except WireFault:
        pass


@settings(max_examples=200, deadline=None)
@given(values, st.data())
def test_damaged_values_are_values_or_faults(value: Any, data: Any) -> None:
    whole = bytearray(encode(value))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(whole))
    except WireFault:
        pass
