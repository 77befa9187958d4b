"""`pylib/TYPES.md`, row by row: random values of every type cross a real session, and come back as they went.

The page and the tests are made from the same tables (`CONVERSIONS`, `LOOKS` and `DELIVERED` in
`pylib/native.py`): a row without a strategy fails. Values reach the session as pickles, so that what makes
them is not what is tested.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
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
from axon.values.show import to_str
from axon.values.spans import Span
from pylib.grid import Grid, Matrix
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr
from pylib.nanos import NanoDateTime, NanoTime
from pylib.native import CONVERSIONS, DELIVERED, LOOKS

HEAD = """# What Python code may return, and what arrives

Made from `pylib/native.py` (`pytest tests/session/test_types.py --regen`). Subclasses go like their class.
What is not here, and is no kind of Haystack itself, crosses as a reference (`PyObj`), also inside lists,
dicts and columns. For the columns of data frames see `pylib/dataframes.py`.

Axon Numbers are 64-bit floats, so a single whole number beyond 2**53 arrives as the nearest float (return
`str(n)` or `axon.obj(n)` where every digit counts). A column of 64-bit whole numbers keeps them exactly,
there and back, as long as it is not computed with: only a cell that is looked at becomes a float. Session
code gets Python's own numbers.

| Python type | Axon value |
|---|---|"""
BACK = """
## What session code gets, and what comes back of it

A whole Number is an `int` there, also `4.0`.

| Axon | Python in the session | back |
|---|---|---|"""
SETUP = """
import collections, dataclasses, decimal, enum, fractions, itertools, pathlib, pickle, types, typing, uuid
import datetime as dt
import numpy as np, pandas as pd, pyarrow as pa, polars as pl
import matplotlib
matplotlib.use("agg")
from matplotlib.figure import Figure
from pylib import native

Point = collections.namedtuple("Point", "x y")
class MyStr(str): pass
class MyInt(int): pass
class MyFloat(float): pass
class MyList(list): pass
class MyBytes(bytes): pass
class MyDate(dt.date): pass
class MyTime(dt.time): pass
class Plain(enum.Enum):
    TEXT, FLOAT, WHOLE, FLAG, OTHER = "t", 2.5, 7, True, (1, 2)
@dataclasses.dataclass
class Reading:
    shared: typing.ClassVar[int] = 5
    name: str
    val: typing.Any
    scale: dataclasses.InitVar[int] = 3
    def __post_init__(self, scale): self.scaled = scale
def row_of(value):
    for kind in type(value).__mro__:
        if native._name_of(kind) in native.CONVERSIONS:
            return native._name_of(kind)
    return next((name for name, (test, *_) in native.LOOKS.items() if test(value)), "")
"""
KIND_OF = """
def kind_of(value):
    from pylib import native
    return native._name_of(type(value))
"""
NY = ZoneInfo("America/New_York")
ZONES = [NY, ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]
ALIASES = {"pathlib._local.PurePath": "pathlib.PurePath", "numpy.bool_": "numpy.bool"}
"""One class under the names that it has in one version or another."""


# ---- what is the same


def same(a: Any, b: Any) -> bool:
    """Equal to the last bit: kinds, the sign of zero, NaN, units, fold, nanoseconds, names and meta."""
    if type(a) in (int, float) and type(b) in (int, float):
        return (a != a and b != b) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if type(a) is not type(b):
        return False
    if type(a) is list:
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is dict:
        return list(a) == list(b) and all(same(a[name], b[name]) for name in a)
    if type(a) is Number:
        return bool(a.unit == b.unit) and same(a.val, b.val)
    if type(a) is Matrix:
        return bool(a.array2d.shape == b.array2d.shape) and a.array2d.tobytes() == b.array2d.tobytes()
    if type(a) is Grid:
        return same_grid(a, b)
    if isinstance(a, dt.datetime):
        return bool(a == b) and str(a.tzinfo) == str(b.tzinfo) and a.fold == b.fold
    return bool(a == b) and repr(a) == repr(b)


def same_grid(a: Grid, b: Grid) -> bool:
    """The same columns, meta and cells."""
    names = a.col_names()
    return (
        names == b.col_names()
        and len(a) == len(b)
        and same(a.meta(), b.meta())
        and all(same(x.meta(), y.meta()) for x, y in zip(a.cols(), b.cols(), strict=True))
        and all(same(a.column(name), b.column(name)) for name in names)
    )


# ---- a strategy for each type of Python

INT = st.integers(-(2**53), 2**53)
FLOAT = st.floats(allow_nan=True) | st.sampled_from([-0.0, 5e-324, math.inf])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(["\U0010ffff", ""])
SCALAR = st.none() | st.booleans() | INT | FLOAT | TEXT | st.binary(max_size=8) | st.dates()
ITEMS = st.lists(SCALAR, max_size=12)
TAGS = st.from_regex(r"[a-z][a-zA-Z0-9_]{0,5}", fullmatch=True)
CELLS = st.dictionaries(TAGS, SCALAR, max_size=5)
MICROS = st.timedeltas()
TIMES = st.times().map(lambda at: at.replace(fold=0))
NANOS = st.integers(-(2**63) + 1, 2**63 - 1)
DAY = 86_400 * 10**9
ZONED_NANOS = st.integers(-(2**63) + DAY, 2**63 - DAY)  # pandas keeps local time below 2**63 as well
STAMPS = st.datetimes(dt.datetime(1, 1, 3), dt.datetime(9999, 12, 29))
BYTES = st.binary(max_size=40)


@dataclasses.dataclass(frozen=True)
class Row:
    """How values of one type are made and what they become.

    Args:
        values: pickled on their way to the session.
        make: expression of the value to be returned; `x` is what was drawn.
        want: what arrives.
    """

    values: st.SearchStrategy[Any]
    make: str = "x"
    want: Callable[[Any], Any] = lambda x: x
    examples: int = 8


def without_nulls(cells: dict[str, Any]) -> dict[str, Any]:
    return {name: cell for name, cell in cells.items() if cell is not None}


def ordered(items: Any) -> list[Any]:
    try:
        return sorted(items)
    except TypeError:
        return list(items)


def real(x: Any) -> Any:
    """The Number of an exact number: whole ones are, others the nearest float."""
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def seconds(ns: int) -> Number:
    return Number(float(Fraction(ns, 10**9)), "sec")


def local(when: dt.datetime) -> dt.datetime:
    """A naive timestamp in the zone of the runtime; one that the clocks leave out goes on by the gap."""
    moment = when.replace(tzinfo=NY).astimezone(dt.UTC)
    return moment.astimezone(NY)


def stamp(ns: int, zone: Any) -> dt.datetime:
    found = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=ns // 1000)
    return NanoDateTime.of(found.astimezone(zone), ns % 1000)


def rounded(times: st.SearchStrategy[dt.datetime]) -> st.SearchStrategy[Any]:
    """A numpy timestamp of any unit, and the datetime that it is."""
    units = {"us": 1, "ms": 1000, "s": 10**6, "m": 60 * 10**6, "h": 3600 * 10**6, "D": 86400 * 10**6}
    epoch = dt.datetime(1970, 1, 1)

    def make(when: dt.datetime, unit: str) -> Any:
        count = (when - epoch) // dt.timedelta(microseconds=units[unit])
        return np.datetime64(count, unit), epoch + count * dt.timedelta(microseconds=units[unit])

    return st.builds(make, times, st.sampled_from(sorted(units)))


TIMEDELTA64 = st.one_of(
    *(
        st.builds(lambda n, unit=unit, size=size: (np.timedelta64(n, unit), n * Fraction(size)), NANOS)
        for unit, size in {
            "ns": Fraction(1, 10**9), "us": Fraction(1, 10**6), "ms": Fraction(1, 1000), "s": 1, "D": 86400,
        }.items()
    )
)  # fmt: skip


def array_want(x: Any) -> Any:
    if x.dtype.kind in "biuf" and x.ndim in (1, 2):
        return Matrix(x.reshape(len(x), -1) if x.ndim == 2 else x.reshape(-1, 1))
    return x.tolist()


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    """Arrays of up to four dimensions, of numbers, Bools and texts, in any order in memory."""
    shape = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=4)))
    size = math.prod(shape)
    kind, cells = draw(
        st.sampled_from(
            [
                ("f8", FLOAT), ("i4", st.integers(-(2**31), 2**31 - 1)), ("bool", st.booleans()),
                ("u1", st.integers(0, 255)), ("U3", st.text("abcd", max_size=3)), ("f4", st.floats(width=32)),
                ("object", st.none() | TEXT | INT),
            ]
        )
    )  # fmt: skip
    items = np.empty(size, kind)
    items[:] = draw(st.lists(cells, min_size=size, max_size=size))
    return np.asarray(items.reshape(shape), order=draw(st.sampled_from("CF")))


@st.composite
def columns(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Columns of one kind each, with nulls; numbers among which NaN does not occur."""
    size = draw(st.integers(1, 5))
    cells = (st.floats(allow_nan=False), INT, st.booleans(), TEXT, st.dates(), st.binary(max_size=3))
    cells += (st.lists(INT, max_size=3), TIMES)
    out = {}
    for name in draw(st.lists(TAGS, min_size=1, max_size=4, unique=True)):
        kind = draw(st.sampled_from(cells))
        out[name] = draw(st.lists(st.none() | kind, min_size=size, max_size=size))
    return out


def no_nan(cells: Any) -> list[Any]:
    return [None if cell is pd.NA or cell is pd.NaT or cell != cell else cell for cell in cells]


def as_grid(cells: dict[str, list[Any]]) -> Grid:
    return Grid.from_columns(list(cells), list(cells.values()))


GRIDS = columns().map(as_grid)
SERIES = st.tuples(st.lists(st.none() | FLOAT, min_size=1, max_size=6), st.none() | TAGS)
POSITIVE = st.integers(0, 9)
SETS = st.sets(INT, max_size=9) | st.sets(TEXT, max_size=9)
DECIMALS = st.decimals(allow_nan=False) | st.sampled_from([Decimal("1E+400"), Decimal("-0"), Decimal("0.1")])
FRACTIONS = st.fractions() | st.sampled_from([Fraction(-(10**400), 3), Fraction(2**53 + 1, 1)])
PATHS = st.lists(st.text("ab .é", min_size=1, max_size=4), max_size=4).map(
    lambda parts: PurePosixPath(*parts)
)
PNG = "png"
LISTS = st.lists(st.none() | INT) | st.lists(st.none() | TEXT) | st.lists(FLOAT)

ROWS: dict[str, Row] = {
    "tuple": Row(
        st.tuples(INT, TEXT) | st.lists(INT).map(tuple),
        "Point(*x) if len(x) == 2 else x",
        lambda x: {"x": x[0], "y": x[1]} if len(x) == 2 else list(x),
    ),
    "list": Row(ITEMS, "MyList(x)"),
    "set": Row(SETS, want=ordered),
    "frozenset": Row(SETS.map(frozenset), want=ordered),
    "range": Row(st.tuples(POSITIVE, POSITIVE, st.integers(1, 3)), "range(*x)", lambda x: list(range(*x))),
    "generator": Row(ITEMS, "(item for item in x)"),
    "map": Row(ITEMS, "map(lambda item: [item], x)", lambda x: [[item] for item in x]),
    "filter": Row(ITEMS, "filter(None, x)", lambda x: [item for item in x if item]),
    "zip": Row(ITEMS, "zip(x, x)", lambda x: [[item, item] for item in x]),
    "enumerate": Row(ITEMS, "enumerate(x)", lambda x: [[i, item] for i, item in enumerate(x)]),
    "dict_keys": Row(CELLS, "x.keys()", lambda x: list(x)),
    "dict_values": Row(CELLS, "x.values()", lambda x: list(x.values())),
    "dict_items": Row(CELLS, "x.items()", lambda x: [[k, v] for k, v in x.items()]),
    "collections.deque": Row(ITEMS, "collections.deque(x)"),
    "dict": Row(CELLS, "collections.OrderedDict(x)", without_nulls),
    "mappingproxy": Row(CELLS, "types.MappingProxyType(x)", without_nulls),
    "pylib.grid.Grid": Row(GRIDS),
    "pylib.native.Uri": Row(TEXT, "native.Uri(x)", Uri),
    "str": Row(TEXT, "MyStr(x)"),
    "bytes": Row(BYTES, "MyBytes(x)"),
    "bytearray": Row(BYTES, "bytearray(x)"),
    "memoryview": Row(BYTES, "memoryview(x + b'_')[:-1][::-1]", lambda x: x[::-1]),
    "enum.Enum": Row(
        st.sampled_from([("TEXT", "t"), ("FLOAT", 2.5), ("WHOLE", 7), ("FLAG", True), ("OTHER", "OTHER")]),
        "Plain[x[0]]",
        lambda x: x[1],
    ),
    "bool": Row(st.booleans()),
    "int": Row(st.integers(-(2**70), 2**70), "MyInt(x)", float),
    "float": Row(FLOAT, "MyFloat(x)"),
    "decimal.Decimal": Row(DECIMALS, want=real),
    "fractions.Fraction": Row(FRACTIONS, want=real),
    "datetime.datetime": Row(
        st.one_of(STAMPS, *(st.builds(dt.datetime.replace, STAMPS, tzinfo=st.just(z)) for z in ZONES)),
        want=lambda x: local(x) if x.tzinfo is None else x.astimezone(dt.UTC).astimezone(x.tzinfo),
    ),
    "datetime.date": Row(st.dates(), "MyDate(x.year, x.month, x.day)"),
    "datetime.time": Row(TIMES, "MyTime(x.hour, x.minute, x.second, x.microsecond, dt.timezone.utc)"),
    "datetime.timedelta": Row(
        MICROS, want=lambda x: Number(float(Fraction(x // dt.timedelta(microseconds=1), 10**6)), "sec")
    ),
    "uuid.UUID": Row(st.uuids(), want=str),
    "pathlib.PurePath": Row(PATHS, want=str),
    "pathlib._local.PurePath": Row(PATHS, "pathlib.Path(x)", str),
    "numpy.datetime64": Row(rounded(STAMPS), "x[0]", lambda x: local(x[1])),
    "numpy.timedelta64": Row(TIMEDELTA64, "x[0]", lambda x: Number(float(x[1]), "sec")),
    "numpy.bool": Row(st.booleans(), "np.bool_(x)"),
    "numpy.bool_": Row(st.booleans(), "np.array([x])[0]"),
    "numpy.integer": Row(
        st.tuples(st.sampled_from(["i1", "u1", "i4", "u4", "i8"]), st.integers(0, 127))
        | st.tuples(st.just("i8"), st.integers(-(2**63), 2**63 - 1)),
        "np.dtype(x[0]).type(x[1])",
        lambda x: float(x[1]),
    ),
    "numpy.floating": Row(
        st.tuples(st.sampled_from(["f2", "f4", "f8", "g"]), st.floats(width=16))
        | st.tuples(st.just("f8"), FLOAT),
        "np.dtype(x[0]).type(x[1])",
        lambda x: x[1],
    ),
    "numpy.str_": Row(TEXT.filter(lambda text: not text.endswith("\0")), "np.str_(x)"),
    "numpy.bytes_": Row(BYTES.filter(lambda data: not data.endswith(b"\0")), "np.bytes_(x)"),
    "numpy.ndarray": Row(arrays(), want=array_want, examples=20),
    "pandas.DataFrame": Row(
        columns(),
        "pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in x.items()})",
        as_grid,
    ),
    "pandas.Series": Row(
        SERIES,
        "pd.Series(x[0], name=x[1], dtype='f8', index=pd.Index(range(len(x[0])), name='at'))",
        lambda x: Grid.from_columns(
            tag_pair(x[1]), [list(range(len(x[0]))), [None if v is None or v != v else v for v in x[0]]]
        ),
    ),
    "pandas.Index": Row(
        st.lists(st.floats(allow_nan=False), min_size=1)
        | st.lists(TEXT, min_size=1)
        | st.lists(st.tuples(TEXT, INT), min_size=1),
        "pd.MultiIndex.from_tuples(x) if type(x[0]) is tuple else pd.Index(x)",
        lambda x: [list(item) if type(item) is tuple else item for item in x],
    ),
    "pandas.Timestamp": Row(
        st.tuples(ZONED_NANOS, st.sampled_from(ZONES)),
        "pd.Timestamp(x[0], unit='ns', tz='UTC').tz_convert(x[1])",
        lambda x: stamp(*x),
    ),
    "pandas.Timedelta": Row(NANOS, "pd.Timedelta(x, 'ns')", seconds),
    "pandas.Period": Row(st.dates(dt.date(1700, 1, 1)), "pd.Period(x.isoformat(), freq='D')", str),
    "pandas.Interval": Row(
        st.tuples(INT, POSITIVE), "pd.Interval(x[0], x[0] + x[1])", lambda x: f"({x[0]}, {x[0] + x[1]}]"
    ),
    "pandas.NAType": Row(st.none(), "pd.NA"),
    "pandas.NaTType": Row(st.none(), "pd.NaT"),
    "pandas.Categorical": Row(st.lists(st.none() | st.sampled_from("abc"), max_size=9), "pd.Categorical(x)"),
    "pyarrow.Table": Row(columns(), "pa.table(x)", as_grid),
    "pyarrow.RecordBatch": Row(columns(), "pa.table(x).combine_chunks().to_batches()[0]", as_grid),
    "pyarrow.RecordBatchReader": Row(columns(), "pa.table(x).to_reader(1)", as_grid),
    "pyarrow.Array": Row(LISTS, "pa.array(x)"),
    "pyarrow.ChunkedArray": Row(
        LISTS.filter(bool), "pa.chunked_array([pa.array(x)[:1], pa.array(x)[1:]])"
    ),
    "pyarrow.Scalar": Row(TEXT | INT | BYTES | st.lists(INT), "pa.scalar(x)"),
    "polars.DataFrame": Row(columns(), "pl.DataFrame(x)", as_grid),
    "polars.Series": Row(LISTS, "pl.Series(x)"),
    "matplotlib.Figure": Row(
        st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from([10, 20])),
        "Figure(figsize=x[:2], dpi=x[2])",
        lambda x: {"image": PNG, "mime": "image/png", "width": x[0] * x[2], "height": x[1] * x[2]},
        2,
    ),
    "any dataclass": Row(
        st.tuples(TEXT, ITEMS), "Reading(*x)", lambda x: {"name": x[0], "val": x[1]}
    ),
}  # fmt: skip


def tag_pair(name: str | None) -> list[str]:
    """The names of a series' columns: its index, `at`, comes first."""
    if name is None:
        return ["at", "val"]
    return ["at", "at_2" if name == "at" else name]


def image_checked(value: Any) -> Any:
    """A figure's image, with its bytes looked at and then left out."""
    if type(value) is dict and value.get("mime") == "image/png":
        assert value["image"].startswith(b"\x89PNG\r\n")
        assert [int.from_bytes(value["image"][at : at + 4], "big") for at in (16, 20)] == [
            value["width"], value["height"],
        ]  # fmt: skip
        return {**value, "image": PNG}
    return value


@pytest.fixture(scope="module")
def manager_of_all(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The manager of the sessions of this module."""
    manager = SessionManager(io_dir=tmp_path_factory.mktemp("io"), tz="New_York")
    yield manager
    manager.close_all()


@pytest.fixture(scope="module")
def ready(manager_of_all: SessionManager) -> PySession:
    """One session for all values, with the option `units`: what it gave comes back to it whole."""
    session = manager_of_all.open({"units": True}, keep=True)
    session.exec(SETUP + KIND_OF).eval("None")
    return session


@pytest.fixture(scope="module")
def plain(manager_of_all: SessionManager) -> PySession:
    """A session without options."""
    session = manager_of_all.open(keep=True)
    session.exec(KIND_OF).eval("None")
    return session


def test_every_row_has_a_strategy() -> None:
    assert set(ROWS) == {*CONVERSIONS, *LOOKS}
    assert set(KINDS) == set(DELIVERED)


@pytest.mark.parametrize("name", [*CONVERSIONS, *LOOKS])
def test_what_python_code_returns(ready: PySession, name: str) -> None:
    """It arrives as the table says; sent back and returned once more, it is still the same."""
    row = ROWS[name]

    @given(st.lists(row.values, min_size=1, max_size=5))
    @settings(max_examples=row.examples)
    def check(drawn: list[Any]) -> None:
        ready.define("drawn", pickle.dumps(drawn))
        ready.exec(f"made = [{row.make} for x in pickle.loads(drawn)]")
        kinds, got = ready.eval("[[row_of(x) for x in made], made]")
        assert {ALIASES.get(kind, kind) for kind in kinds} <= {ALIASES.get(name, name)}
        for x, found in zip(drawn, got, strict=True):
            assert same(image_checked(found), row.want(x)), (x, found, row.want(x))
        again = ready.define("got", got).eval("got")
        assert all(map(same, again, got)), (got, again)

    check()


@pytest.mark.parametrize("name", [name for name, (_, text) in CONVERSIONS.items() if "at most" in text])
def test_iterables_that_may_be_endless_are_capped(ready: PySession, name: str) -> None:
    endless = {
        "generator": "(x for x in numbers)", "map": "map(abs, numbers)", "filter": "filter(None, numbers)",
        "zip": "zip(numbers)", "enumerate": "enumerate(numbers)",
    }[name]  # fmt: skip
    ready.exec("most = native.MAX_ITEMS\nnative.MAX_ITEMS = 1000")
    ready.exec("numbers = range(1, 1001)")
    assert len(ready.eval(endless)) == 1000
    ready.exec("numbers = itertools.count(1)")
    with pytest.raises(RemoteError, match=f"a {name} with more than 1000 items cannot cross"):
        ready.eval(endless)
    ready.exec("native.MAX_ITEMS = most").eval("None")


# ---- a strategy for each kind of Axon

REFS = st.from_regex(r"[a-zA-Z0-9_:.~-]{1,9}", fullmatch=True)
AWARE = st.builds(
    lambda when, zone, nanos: NanoDateTime.of(when.replace(tzinfo=dt.UTC).astimezone(zone), nanos),
    STAMPS, st.sampled_from(ZONES), st.sampled_from([0, 0, 1, 999]),
)  # fmt: skip
UNITS = st.builds(Number, st.floats(allow_nan=False) | INT, st.sampled_from(["kW", "sec", "°C", "%"]))
MATRICES = arrays().filter(lambda x: x.dtype.kind == "f" and x.ndim == 2).map(Matrix)

KINDS: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "Bool": st.booleans(),
    "Number": FLOAT | INT,
    "Number with unit": UNITS,
    "Number with unit, option `units`": UNITS,
    "Str": TEXT,
    "Uri": TEXT.map(Uri),
    "Ref": st.builds(Ref, REFS, st.none() | st.text(min_size=1, max_size=5)),
    "Symbol": TAGS.map(Symbol),
    "Coord": st.builds(Coord, st.integers(-90, 90), st.integers(-180, 180)),
    "XStr": st.builds(XStr, st.sampled_from(["Color", "Bin"]), TEXT),
    "Marker": st.just(MARKER),
    "NA": st.just(NA_VALUE),
    "Remove": st.just(REMOVE),
    "Date": st.dates(),
    "Time": st.builds(NanoTime.of, TIMES, st.sampled_from([0, 1, 999])),
    "DateTime": AWARE,
    "Span, DateSpan": st.builds(lambda a, days: Span(a, a + dt.timedelta(days)), AWARE, st.integers(1, 9)),
    "Buf": BYTES,
    "List": st.lists(SCALAR, max_size=20) | st.lists(INT, min_size=9) | st.lists(TEXT, min_size=9),
    "Dict": CELLS.map(without_nulls),
    "Grid": GRIDS,
    "matrix Grid": st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(FLOAT, min_size=n, max_size=n), min_size=1, max_size=4).map(Matrix)
    ),
    "Func": st.sampled_from(["(x) => x", "() => 5"]),
    "PyObj": st.sampled_from(["object()", "Reading('a', 1)", "row_of"]),
}


def comes_back(name: str, value: Any) -> Any:
    """What the table says that it is on its way back."""
    if name == "Number with unit":
        return value.val
    return XStr(type(value).__name__, to_str(value)) if name == "Span, DateSpan" else value


@pytest.mark.parametrize("name", [name for name in DELIVERED if name not in ("Func", "PyObj")])
def test_what_session_code_gets(ready: PySession, plain: PySession, name: str) -> None:
    """Of the types in the table, and equal to what went when it comes back."""
    session = ready if "option" in name else plain
    types = set(DELIVERED[name][0].split(", "))

    @given(st.lists(KINDS[name], min_size=1, max_size=5))
    @settings(max_examples=8)
    def check(values: list[Any]) -> None:
        kinds, got = session.define("values", values).eval("[[kind_of(x) for x in values], values]")
        assert set(kinds) <= types
        for value, found in zip(values, got, strict=True):
            assert same(found, comes_back(name, value)), (value, found)

    check()


@given(KINDS["Func"])
@settings(max_examples=4)
def test_functions_come_back_as_themselves(ready: PySession, source: str) -> None:
    fn = axon.Runtime().eval(source)
    kind, got = ready.define("fn", fn).eval("[kind_of(fn), fn]")
    assert kind == DELIVERED["Func"][0]
    assert got is fn


@given(KINDS["PyObj"])
@settings(max_examples=4)
def test_objects_are_themselves_in_their_session(ready: PySession, source: str) -> None:
    obj = ready.exec(f"mine = {source}").eval("axon.obj(mine)")
    assert type(obj) is PyObj
    assert ready.define("back", obj).eval("back is mine") is True
    assert ready.eval("axon.obj(back)") == obj


def kind_cell(kind: str) -> str:
    return ", ".join(f"`{part}`" for part in kind.split(", "))


def test_the_tables_are_in_the_docs(root: Path, regen: bool) -> None:
    """`pylib/TYPES.md` is made from the code; `--regen` writes it."""
    page = root / "pylib" / "TYPES.md"
    rows = [f"| `{name}` | {text} |" for name, (_, text) in CONVERSIONS.items()]
    rows += [f"| {name} | {text} |" for name, (_, _, text) in LOOKS.items()]
    back = [
        f"| {name} | {kind if ' ' in kind.replace(', ', '') else kind_cell(kind)} | {text} |"
        for name, (kind, text) in DELIVERED.items()
    ]
    text = "\n".join([HEAD, *rows, BACK, *back, ""])
    if regen:
        page.write_text(text)
    assert page.read_text() == text


# ---- what was found by these


def test_moments_that_no_zone_can_tell_are_refused(ready: PySession) -> None:
    """The link is not blamed for them, and the session goes on."""
    for code in ("dt.datetime.max", "[dt.datetime.max]", "np.datetime64('20000-01-01')"):
        with pytest.raises(RemoteError, match="year"):
            ready.eval(code)
    assert ready.eval("1 + 1") == 2


def test_far_numpy_times_are_what_they_were(ready: PySession) -> None:
    assert ready.eval("np.array(['1500-01-01', '9000-01-01', 'NaT'], 'M8[D]')") == [
        dt.datetime(1500, 1, 1, tzinfo=NY), dt.datetime(9000, 1, 1, tzinfo=NY), None,
    ]  # fmt: skip
    got = ready.eval("[np.timedelta64(10**12, 's'), np.timedelta64('NaT'), np.timedelta64(2, 'M')]")
    assert got == [Number(10**12, "sec"), None, Number(5259492, "sec")]
    assert ready.eval("pd.Timedelta(np.timedelta64(10**12, 's'))") == Number(10**12, "sec")


def test_missing_items_are_null_in_every_index(ready: PySession) -> None:
    assert ready.eval("pd.MultiIndex.from_tuples([('a', 1.5), (None, None)])") == [["a", 1.5], [None, None]]
    assert ready.eval("pd.Categorical([1, None])") == [1, None]


def test_lists_in_columns_are_lists(ready: PySession) -> None:
    """Not matrices, which is what their arrays are by themselves."""
    want = [{"a": [1, 2], "s": {"x": [1]}}, {"a": [], "s": {"x": [2]}}]
    cells = "{'a': [[1, 2], []], 's': [{'x': [1]}, {'x': [2]}]}"
    assert ready.eval(f"pa.table({cells})").dicts() == want
    assert ready.eval(f"pl.DataFrame({cells})").dicts() == want
    frame = ready.eval("pd.DataFrame({'a': [np.array([1, 2]), None], 'm': [np.eye(1), None]})")
    assert frame.column("a") == [[1, 2], None]
    assert type(frame.column("m")[0]) is Matrix


def test_numbers_at_the_edges(ready: PySession) -> None:
    got = ready.eval("[decimal.Decimal('sNaN'), decimal.Decimal('-0'), np.longdouble(0.5)]")
    assert math.isnan(got[0])
    assert math.copysign(1, got[1]) == -1
    assert got[2] == 0.5
    assert ready.eval("np.full((1, 1, 2), 0.5, np.longdouble)") == [[[0.5, 0.5]]]
