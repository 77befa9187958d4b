"""What Python code may return and what arrives: examples, frames, columns, units; each type: `test_types`."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import axon
from axon.errors import RemoteError
from axon.session.manager import SessionManager
from axon.session.objects import PyObj
from axon.session.session import PySession
from pylib.codec import Codec
from pylib.dataframes import grid_from_dataframe, grid_to_dataframe, tag_names
from pylib.grid import Grid, Matrix
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr
from pylib.nanos import NanoDateTime
from pylib.native import Quantity, to_kind

NY = ZoneInfo("America/New_York")
SETUP = """
import collections, dataclasses, datetime, decimal, enum, fractions, itertools, pathlib, types, uuid
import numpy as np, pandas as pd
Point = collections.namedtuple("Point", "x y")
class Colour(enum.Enum):
    RED = "red"
    PAIR = (1, 2)
class Level(enum.IntEnum):
    HIGH = 3
@dataclasses.dataclass
class Reading:
    name: str
    val: float
class MyStr(str): pass
class MyDict(dict): pass
"""
RESULTS: list[tuple[str, Any]] = [
    ("(1, 'a')", [1, "a"]),
    ("Point(1, 2)", {"x": 1, "y": 2}),
    ("{3, 1, 2}", [1, 2, 3]),
    ("frozenset([1])", [1]),
    ("range(3)", [0, 1, 2]),
    ("(i * i for i in range(3))", [0, 1, 4]),
    ("map(abs, [-1])", [1]),
    ("filter(None, [0, 1])", [1]),
    ("zip([1], [2])", [[1, 2]]),
    ("enumerate('a')", [[0, "a"]]),
    ("{'a': 1}.keys()", ["a"]),
    ("{'a': 1}.values()", [1]),
    ("{'a': 1}.items()", [["a", 1]]),
    ("collections.deque([1, 2])", [1, 2]),
    ("collections.OrderedDict(a=1)", {"a": 1}),
    ("MyDict(a=None, b=2)", {"b": 2}),
    ("types.MappingProxyType({'a': 1})", {"a": 1}),
    ("MyStr('x')", "x"),
    ("bytearray(b'x')", b"x"),
    ("memoryview(b'x')", b"x"),
    ("Colour.RED", "red"),
    ("Colour.PAIR", "PAIR"),
    ("Level.HIGH", 3),
    ("decimal.Decimal('1.50')", 1.5),
    ("decimal.Decimal('4')", 4),
    ("fractions.Fraction(1, 4)", 0.25),
    ("fractions.Fraction(8, 4)", 2),
    ("datetime.datetime(2024, 7, 1, 12)", dt.datetime(2024, 7, 1, 12, tzinfo=NY)),
    (
        "datetime.datetime(2024, 7, 1, tzinfo=datetime.timezone.utc)",
        dt.datetime(2024, 7, 1, tzinfo=ZoneInfo("UTC")),
    ),
    ("datetime.timedelta(minutes=2)", Number(120, "sec")),
    ("datetime.timedelta(milliseconds=1)", Number(0.001, "sec")),
    ("uuid.UUID(int=1)", "00000000-0000-0000-0000-000000000001"),
    ("pathlib.Path('a') / 'b'", "a/b"),
    ("Reading('t', 1.5)", {"name": "t", "val": 1.5}),
    ("np.datetime64('2024-07-01T12:00')", dt.datetime(2024, 7, 1, 12, tzinfo=NY)),
    ("np.datetime64('NaT')", None),
    ("np.timedelta64(90, 's')", Number(90, "sec")),
    ("np.bool_(True)", True),
    ("np.int64(2**62)", float(2**62)),
    ("np.float32(0.5)", 0.5),
    ("np.str_('s')", "s"),
    ("np.bytes_(b's')", b"s"),
    ("np.array(['a', 'b'])", ["a", "b"]),
    ("np.zeros((1, 2, 2), int)", [[[0, 0], [0, 0]]]),
    ("np.array(5)", 5),
    ("pd.Timestamp('2024-07-01 12:00', tz='UTC')", dt.datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("UTC"))),
    ("pd.Timedelta('1min')", Number(60, "sec")),
    ("pd.Period('2024-01')", "2024-01"),
    ("pd.NA", None),
    ("pd.NaT", None),
    ("pd.Index([1, 2])", [1, 2]),
    ("pd.Categorical(['a', 'b', 'a'])", ["a", "b", "a"]),
    ("[np.int64(1), {'a': pd.NA, 'b': (1,)}]", [1, {"b": [1]}]),
]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One session for all conversions."""
    manager = SessionManager(io_dir=tmp_path_factory.mktemp("io"), tz="New_York")
    session = manager.open(keep=True)
    session.exec(SETUP).eval("None")
    yield session
    manager.close_all()


@pytest.mark.parametrize(("expr", "want"), RESULTS)
def test_result(ready: PySession, expr: str, want: Any) -> None:
    got = ready.eval(expr)
    assert (got, type(got)) == (want, type(want))


@pytest.mark.parametrize(
    "value",
    [
        None, True, "text", 5, 2.5, -7, 2**53, MARKER, NA_VALUE, REMOVE, Ref("a"), Ref("a", "A"), Symbol("s"),
        Uri("http://x/"), XStr("T", "v"), Coord(1, 2), dt.date(2024, 1, 1), dt.time(1, 2, 3), b"b", [1, [2]],
        {"a": {"b": 1}}, dt.datetime(2024, 7, 1, tzinfo=NY),
        NanoDateTime.of(dt.datetime(2024, 7, 1, 0, 0, 0, 5, tzinfo=NY), 7),
    ],
)  # fmt: skip
def test_kinds_come_back_as_they_went(ready: PySession, value: Any) -> None:
    got = ready.define("v", value).eval("v")
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Number(4.0, "kW"), "int"), (4.0, "int"), (4.5, "float"), (Uri("http://x/"), "Uri"), (b"x", "bytes"),
        (Matrix([[1, 2]]), "ndarray"), (Grid.empty_grid(), "Grid"), (dt.date(2024, 1, 1), "date"),
    ],
)  # fmt: skip
def test_values_look_native_in_the_session(ready: PySession, value: Any, kind: str) -> None:
    assert ready.define("v", value).eval("type(v).__name__") == kind


def test_uris_are_text_in_the_session(ready: PySession) -> None:
    assert ready.define("u", Uri("http://x/")).eval("[isinstance(u, str), u.startswith('http')]") == [
        True,
        True,
    ]


@pytest.mark.parametrize("expr", ["np.array([1j])", "{1: 2}", "pd.DataFrame({'a': [1j]})"])
def test_what_cannot_cross_is_named_with_the_cure(ready: PySession, expr: str) -> None:
    with pytest.raises(RemoteError, match="cannot cross"):
        ready.eval(expr)


def test_arrays_become_matrices(ready: PySession) -> None:
    two = ready.eval("np.arange(4).reshape(2, 2)")
    assert type(two) is Matrix
    assert two.array2d.tolist() == [[0, 1], [2, 3]]
    assert ready.eval("np.array([1.5, 2.5])").array2d.tolist() == [[1.5], [2.5]]
    assert ready.define("m", two).eval("m.T").array2d.tolist() == [[0, 2], [1, 3]]


def test_series_and_named_index(ready: PySession) -> None:
    got = ready.eval("pd.Series([1, 2], name='n', index=pd.Index(['a', 'b'], name='key'))")
    assert got.dicts() == [{"key": "a", "n": 1}, {"key": "b", "n": 2}]
    assert ready.eval("pd.Series([1.5])").dicts() == [{"val": 1.5}]


def test_figures_arrive_as_images(ready: PySession) -> None:
    code = "import matplotlib; matplotlib.use('agg')\nimport matplotlib.pyplot as p\n"
    code += "f = p.figure(figsize=(2, 1), dpi=50)"
    got = ready.exec(code).eval("f")
    assert got["image"].startswith(b"\x89PNG")
    assert (got["width"], got["height"]) == (100, 50)


def test_hxpy_programs_run(ready: PySession) -> None:
    code = """
    from hxpy.haystack import Marker, NA, Remove, Ref, Coord, Grid, GridBuilder
    from hxpy.haystack.marker import Marker as M2
    from hxpy.haystack.grid import GridBuilder as B2
    b = GridBuilder().set_meta({"dis": "made"}).add_col("id").add_col_names(["a", "b"])
    b.set_col_meta("a", {"unit": "kW"}).add_row([Ref("x", "X"), 1, Marker()]).add_row([Ref("y"), None, NA()])
    grid = b.to_grid()
    df = grid.to_dataframe()
    same = Marker() is M2() and GridBuilder is B2
    row = grid.first()
    facts = [row.cells()[1], row.val(grid.col("a")), grid.col("q", False) is None, grid.size()]
    facts += [grid.val(1, 1), grid.get(1)["id"].id(), row["id"].dis(), Grid.from_dataframe(df).col_names()]
    facts.append(Grid.empty_grid().is_empty())
    """
    assert ready.exec(code).eval("same") is True
    assert ready.eval("facts") == [1, 1, True, 2, None, "y", "X", ["id", "a", "b"], True]
    got = ready.eval("grid")
    assert got.meta() == {"dis": "made"}
    assert got.dicts()[0] == {"id": Ref("x"), "a": 1, "b": MARKER}
    assert got.col("a").meta() == {"unit": "kW"}


def test_dicts_of_any_cells_are_what_they_were(ready: PySession) -> None:
    """Small plain dicts take a quick way; the session sees no difference."""
    class_of = "[(k, type(v).__name__) for k, v in d.items()]"
    cells: dict[str, Any] = {"a": "x", "b": 1.5, "c": 2.0, "d": True, "e": 7, "f": 2.0**60, "g": [2.0]}
    want = {"a": "str", "b": "float", "c": "int", "d": "bool", "e": "int", "f": "float", "g": "list"}
    for names in (list("abde"), list("abc"), list("f"), list("abcdefg"), []):
        value = {name: cells[name] for name in names}
        assert ready.define("d", value).eval(class_of) == [[name, want[name]] for name in names]
        assert ready.eval("d") == value
    assert ready.define("d", {"a": 1}).eval("d.pop('a')") == 1
    with pytest.raises(RemoteError, match="division"):
        ready.define("d", {"a": 1}).eval("1 / 0")
    with pytest.raises(RemoteError, match=r"never closed|unexpected EOF"):
        ready.define("d", {"a": 2}).eval("(1")
    assert ready.eval("d") == {"a": 2}


# ---- units


def test_units_are_dropped_unless_asked_for(manager: SessionManager) -> None:
    plain = manager.open(keep=True)
    assert plain.define("x", Number(5, "kW")).eval("x * 2") == 10
    kept = manager.open({"units": True}, keep=True).define("x", Number(5, "kW"))
    assert kept.eval("x") == Number(5, "kW")
    assert kept.eval("x * 2") == Number(10, "kW")
    assert kept.eval("[x.val, x.unit, x > 4, float(x), -x, x / x]") == [5, "kW", True, 5, Number(-5, "kW"), 1]


@pytest.mark.parametrize("rows", [3, 5000])
def test_column_units_come_back_either_way(manager: SessionManager, rows: int) -> None:
    cells = [Number(i + 0.5, "kW") for i in range(rows)]
    grid = Grid.from_columns(["p", "n"], [cells, list(range(rows))])
    session = manager.open(keep=True).define("g", grid)
    assert session.eval("g").column("p") == cells
    assert session.eval("[g.val(0, 0), g.rows()[1]['p']]") == [0.5, 1.5]
    session.exec("df = g.to_dataframe()\nunits = df.attrs['units']")
    assert session.eval("units") == {"p": "kW"}
    assert session.eval("df").column("p") == cells


def test_quantities_keep_units_where_they_are_certain() -> None:
    q = Quantity(6, "kW")
    assert [(q + 1).unit, (2 * q).unit, (q / 2).unit, abs(-q).unit, round(q).unit] == ["kW"] * 5
    assert [q / q, q**2, 12 / q, int(q), q == Quantity(6, "kW"), q == 6, q != Quantity(6, "m")] == [
        1, 36, 2, 6, True, True, True,
    ]  # fmt: skip
    with pytest.raises(TypeError, match="units do not match: kW and m"):
        q + Quantity(1, "m")
    with pytest.raises(TypeError, match="units do not match"):
        _ = q < Quantity(1, "m")


# ---- frames


def frame_trip(df: pd.DataFrame, **options: Any) -> pd.DataFrame:
    return grid_to_dataframe(grid_from_dataframe(df, {"tz": "America/New_York", **options}))


def test_frame_dtypes_survive() -> None:
    df = pd.DataFrame(
        {
            "f": [0.5, -0.0, 5e-324],
            "i": np.array([1, 2**62, -5]),
            "b": [True, False, True],
            "s": pd.Series(["a", "b\U0001f600", ""], dtype="str"),
            "ts": pd.to_datetime(
                ["2024-03-10 01:59", "2024-11-03 05:30", "2024-11-03 06:30:00.000000001"],
                utc=True,
                format="ISO8601",
            )
            .as_unit("ns")
            .tz_convert("America/New_York"),
        }
    )
    back = frame_trip(df)
    pd.testing.assert_frame_equal(back, df)
    assert math.copysign(1, back["f"][1]) == -1


def test_missing_values_become_null_and_missing_again() -> None:
    df = pd.DataFrame(
        {
            "f": [0.5, np.nan],
            "i": pd.array([2**60 + 1, None], dtype="Int64"),
            "b": pd.array([True, None], dtype="boolean"),
            "s": ["x", None],
            "t": pd.to_datetime(["2024-01-01", None]),
            "o": [1, pd.NA],
        }
    )
    grid = grid_from_dataframe(df, {})
    assert [grid.column(c)[1] for c in grid.col_names()] == [None] * 6
    back = grid_to_dataframe(grid)
    assert back["i"][0] == 2**60 + 1
    assert back.isna().iloc[1].all()
    kept = grid_from_dataframe(df[["f"]], {"nan": True})
    assert math.isnan(kept.column("f")[1])


def test_naive_timestamps_take_the_zone_of_the_runtime() -> None:
    df = pd.DataFrame({"t": pd.to_datetime(["2024-07-01 12:00", "2024-03-10 02:30", "2024-11-03 01:30"])})
    got = grid_from_dataframe(df, {"tz": "America/New_York"}).column("t")
    assert got[0] == dt.datetime(2024, 7, 1, 12, tzinfo=NY)
    assert got[1] == dt.datetime(2024, 3, 10, 3, 0, tzinfo=NY)
    assert got[2] == dt.datetime(2024, 11, 3, 1, 30, tzinfo=NY)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_of_any_unit_keep_their_moment(unit: str) -> None:
    """They come back in nanoseconds, or where those do not reach so far in microseconds."""
    texts = ["2024-07-01 12:00:00", "1950-01-01 00:00:00", None]
    near = pd.Series(pd.to_datetime(texts, utc=True)).dt.as_unit(unit).dt.tz_convert("Europe/Berlin")
    got = frame_trip(pd.DataFrame({"t": near}))["t"]
    assert str(got.dtype) == "datetime64[ns, Europe/Berlin]"
    assert got.equals(near.dt.as_unit("ns"))
    if unit == "ns":
        return
    stamps = np.array(["1500-01-01", "9000-07-01T12:00", "NaT"], f"M8[{unit}]")
    far = pd.Series(stamps).dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
    grid = grid_from_dataframe(pd.DataFrame({"t": far}), {})
    assert grid.column("t")[1] == dt.datetime(9000, 7, 1, 12, tzinfo=dt.UTC)
    assert grid.column("t")[2] is None
    back = grid_to_dataframe(grid)["t"]
    assert str(back.dtype) == "datetime64[us, Europe/Berlin]"
    assert back.equals(far.dt.as_unit("us"))


def test_odd_labels_become_tag_names_and_stay_readable() -> None:
    df = pd.DataFrame([[1, 2, 3, 4, 5, 6]], columns=["Outdoor Temp", "ok", 7, "ok", "é", ("a", "b")])
    grid = grid_from_dataframe(df, {})
    assert grid.col_names() == ["outdoorTemp", "ok", "v7", "ok_2", "v", "aB"]
    assert [c.meta().get("dis") for c in grid.cols()] == ["Outdoor Temp", None, None, "ok", "é", "a b"]


def test_tag_names_differ() -> None:
    names = tag_names(["a", "A", "a ", "", "1", 1, None, "_x", "_", "Ä1"])
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "a").isalnum() and not name[0].isdigit() for name in names)


def test_frames_of_odd_shapes() -> None:
    assert grid_from_dataframe(pd.DataFrame(), {}).is_empty()
    assert len(grid_from_dataframe(pd.DataFrame(index=range(3)), {})) == 3
    assert grid_from_dataframe(pd.DataFrame({"a": []}), {}).col_names() == ["a"]
    multi = pd.DataFrame({"v": [1]}, index=pd.MultiIndex.from_tuples([("x", 1)], names=["k", None]))
    assert grid_from_dataframe(multi, {}).dicts() == [{"k": "x", "v": 1}]
    mixed = pd.DataFrame({"o": [1, "a", [1], None, Ref("r"), dt.date(2024, 1, 1)]})
    assert grid_from_dataframe(mixed, {}).column("o") == [1, "a", [1], None, Ref("r"), dt.date(2024, 1, 1)]
    with pytest.raises(TypeError, match="column 'c': complex"):
        grid_from_dataframe(pd.DataFrame({"c": [1j]}), {})


def test_categories_cross_by_their_codes() -> None:
    df = pd.DataFrame({"c": pd.Categorical(["a", "b", None, "a"]), "n": pd.Categorical([1, 2, 1, 2])})
    grid = grid_from_dataframe(df, {})
    assert type(grid.buffer("c")).__name__ == "DictColumn"
    assert grid.column("c") == ["a", "b", None, "a"]
    assert grid.column("n") == [1, 2, 1, 2]


def test_numbers_and_timestamps_of_a_frame_are_those_of_the_grid() -> None:
    """No column of a fixed width is copied on its way to pandas."""
    df = pd.DataFrame(
        {
            "t": pd.date_range("2024-03-09", periods=9, freq="h", tz="America/New_York").as_unit("ns"),
            "n": range(9),
        }
    )
    grid = grid_from_dataframe(df, {})
    back = grid_to_dataframe(grid)
    pd.testing.assert_frame_equal(back, df)
    assert np.shares_memory(back["t"].array.asi8, grid.buffer("t").data)
    assert np.shares_memory(back["n"].to_numpy(), grid.buffer("n").data)


def test_index_option_and_other_frame_libraries() -> None:
    pa = pytest.importorskip("pyarrow")
    pl = pytest.importorskip("polars")
    grid = Grid.from_columns(["k", "v"], [["a", "b"], [1.5, 2.5]])
    assert list(grid.to_dataframe("k").index) == ["a", "b"]
    for make in (lambda: pa.table({"k": ["a", "b"], "v": [1.5, 2.5]}), lambda: pl.DataFrame(grid.dicts())):
        assert to_kind(make(), {}).dicts() == grid.dicts()
    assert grid.to_arrow().to_pydict() == {"k": ["a", "b"], "v": [1.5, 2.5]}
    assert grid.to_polars().rows() == [("a", 1.5), ("b", 2.5)]


def test_whole_numbers_beside_nulls_stay_exact_in_other_frames() -> None:
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    cells = [2**53 - 1, None, 3]
    for make in (pa.table, pl.DataFrame):
        got = to_kind(make({"n": cells, "s": ["a", None, "b"]}), {})
        assert [type(cell) for cell in got.column("n")] == [int, type(None), int]
        assert got.column("n") == cells
        assert got.column("s") == ["a", None, "b"]


COLUMN = st.one_of(
    *(
        st.lists(cell, min_size=4, max_size=4)
        for cell in (
            st.floats(),
            st.integers(-(2**63), 2**63 - 1),
            st.booleans(),
            st.text(max_size=20),
            st.one_of(st.none(), st.text(max_size=5)),
            st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(NY)),
        )
    )
)


@given(st.lists(COLUMN, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_random_frames_come_back(columns: list[list[Any]]) -> None:
    df = pd.DataFrame({f"c{i}": cells for i, cells in enumerate(columns)})
    pd.testing.assert_frame_equal(frame_trip(df), df, check_dtype=False)


def test_grids_are_taken_by_other_libraries() -> None:
    """The Arrow capsules, and the older interchange protocol."""
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    grid = Grid.from_columns(["a", "b"], [[1.5, None, 2.5], ["x", "y", None]])
    want = [{"a": 1.5, "b": "x"}, {"a": None, "b": "y"}, {"a": 2.5, "b": None}]
    assert pa.table(grid).to_pylist() == want
    assert pl.DataFrame(grid).to_dicts() == want
    assert pa.schema(grid).names == ["a", "b"]
    assert grid.__dataframe__().num_rows() == 3
    assert list(pd.DataFrame.from_arrow(grid)["a"].dropna()) == [1.5, 2.5]


ODD_TEXT = st.text(st.characters(exclude_categories=[]), max_size=8)
LABELS = st.one_of(ODD_TEXT, st.sampled_from(["a", "A b", "1x", "", "ä", "class", "😀", "id"]))
ZONED = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]


@st.composite
def any_columns(draw: st.DrawFn, size: int) -> Any:
    """One column of a frame, of any dtype."""
    kind = draw(st.sampled_from(["f", "i", "b", "str", "zoned", "cat", "mixed", "u", "f4", "date", "Int64"]))
    cells = st.lists
    if kind == "zoned":
        stamps = draw(cells(st.integers(-(2**61), 2**61), min_size=size, max_size=size))
        return pd.DatetimeIndex(np.array(stamps, "M8[ns]"), tz="UTC").tz_convert(draw(st.sampled_from(ZONED)))
    if kind == "cat":
        return pd.Categorical(draw(cells(st.sampled_from("xyz"), min_size=size, max_size=size)), list("zyxw"))
    if kind == "Int64":
        values = draw(cells(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=size, max_size=size))
        return pd.array(values, dtype="Int64")
    item, dtype = {
        "f": (st.floats(allow_nan=False), "f8"),
        "f4": (st.floats(width=32, allow_nan=False), "f4"),
        "i": (st.integers(-(2**63), 2**63 - 1), "i8"),
        "u": (st.integers(0, 2**64 - 1), "u8"),
        "b": (st.booleans(), "bool"),
        "str": (ODD_TEXT.filter(lambda text: text.isprintable()), "str"),
        "date": (st.dates(), "object"),
        "mixed": (st.none() | st.booleans() | st.text(max_size=3) | st.integers(-9, 9), "object"),
    }[kind]
    return pd.Series(draw(cells(item, min_size=size, max_size=size)), dtype=dtype)


@st.composite
def any_frames(draw: st.DrawFn) -> pd.DataFrame:
    """A frame of up to five columns with any labels, also one label twice."""
    size = draw(st.integers(0, 6))
    columns = [draw(any_columns(size)) for _ in range(draw(st.integers(0, 5)))]
    df = pd.concat([pd.Series(c) for c in columns], axis=1) if columns else pd.DataFrame(index=range(size))
    df.columns = pd.Index(draw(st.lists(LABELS, min_size=len(columns), max_size=len(columns))), dtype=object)
    return df


def no_other(*_: Any) -> Any:
    raise TypeError("a frame of plain kinds has nothing else")


def frozen(sent: tuple[bytearray, list[Any]]) -> tuple[bytes, list[memoryview]]:
    """What arrives of what was sent."""
    return bytes(sent[0]), [memoryview(bytes(buffer)) for buffer in sent[1]]


@given(any_frames())
@settings(max_examples=150, deadline=None)
def test_any_frame_comes_back_or_changes_as_documented(df: pd.DataFrame) -> None:
    """Labels become tag names (the label in `dis`), categories text; all cells are the same.

    Over the wire to a session and back to the host.
    """
    tz = {"tz": "America/New_York"}
    host, session = Codec(no_other, no_other), Codec(no_other, no_other, native=True)
    there = session.decode(*frozen(host.encode(grid_from_dataframe(df, tz)))).to_dataframe()
    back = host.decode(*frozen(session.encode(grid_from_dataframe(there, tz))))
    assert [col.meta().get("dis", col.name()) for col in grid_from_dataframe(df, tz).cols()] == [
        label if type(label) is str else name
        for label, name in zip(df.columns, back.col_names(), strict=True)
    ]
    got = grid_to_dataframe(back)
    assert list(got.columns) == tag_names(list(df.columns))
    assert len(got) == len(df)
    for at in range(df.shape[1]):
        before = df.iloc[:, at].astype(object)
        after = got.iloc[:, at].astype(object)
        pairs = zip(before, after, strict=True)
        assert all((pd.isna(a) and pd.isna(b)) or a == b for a, b in pairs), (before, after)


def test_frames_with_many_columns_and_levels() -> None:
    wide = pd.DataFrame(np.arange(20_000.0).reshape(2, 10_000), columns=[f"c{i}" for i in range(10_000)])
    pd.testing.assert_frame_equal(frame_trip(wide), wide)
    levels = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["k", "n"])
    deep = pd.DataFrame({"x": [1.0, 2, 3, 4]}, index=levels)
    pd.testing.assert_frame_equal(frame_trip(deep), deep.reset_index(), check_dtype=False)
    over = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")]))
    assert list(frame_trip(over).columns) == ["aB", "aC"]


def test_whole_numbers_beyond_floats(ready: PySession) -> None:
    """Single ones are floats, as Axon Numbers are; columns keep them."""
    big = 2**60 + 1
    for expr in ("big", "[big] * 9", "[-big] * 9", "[big, 'x']", "{'a': big}", "big ** 2", "10 ** 400"):
        got = ready.exec(f"big = {big}").eval(expr)
        got = got[0] if type(got) is list else got["a"] if type(got) is dict else got
        assert type(got) is float
    for rows in (3, 5000):
        frame = ready.eval(f"pd.DataFrame({{'a': [big] * {rows}}})")
        assert type(frame.row_dict(0)["a"]) is float
        assert frame.array("a").tolist() == [big] * rows
        assert ready.define("g", frame).eval("str(g.to_dataframe()['a'].iloc[-1])") == str(big)
        assert ready.define("g", frame).eval("str(g.column('a')[0])") == str(big)


def test_objects_in_columns_are_references(ready: PySession) -> None:
    frame = ready.exec("class Thing: pass\nthing = Thing()").eval(
        "pd.DataFrame({'a': [thing, 1, 'x', None, {'k': [thing]}, [1, thing]]})"
    )
    cells = frame.column("a")
    assert type(cells[0]) is PyObj
    assert cells[1:4] == [1, "x", None]
    assert cells[4] == {"k": [cells[0]]}
    assert ready.define("cells", cells).eval("cells[0] is thing and cells[5][1] is thing") is True


@pytest.mark.parametrize(
    "src", ['toSpan(2024-01-01, "UTC")', "2024-02", "2024-01-05..2024-02-03", 'toSpan("today")']
)
def test_spans_cross_as_their_text(ready: PySession, src: str) -> None:
    rt = axon.Runtime(tz="UTC")
    span = rt.eval(src)
    got = ready.define("a", span).eval("a")
    assert got == XStr(type(span).__name__, rt.eval("v.toStr", v=span))
