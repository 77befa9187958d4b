"""Other readers and writers of the same formats agree with ours, where they are right."""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import io
import json
import math
from collections.abc import Iterator
from typing import Any

import phable
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from phable import kinds as ph
from phable.io.ph_json import ph_from_json, ph_to_json
from phable.io.ph_zinc import ph_from_zinc, ph_to_zinc

from axon.formats.csv import read_csv, write_csv
from axon.formats.hayson import read_hayson, write_hayson
from axon.formats.hszinc_bridge import from_hszinc
from axon.formats.zinc import read_zinc, write_zinc
from axon.values import times
from pylib.grid import Col, Grid
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr
from tests.formats.values import UNITS, canon, ids, stamps, tag_names

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(autouse=True)
def _own_decimals() -> Iterator[None]:
    """phable sets the precision of all decimal arithmetic in the process to six digits."""
    with decimal.localcontext():
        yield


oracle = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))

letters = st.text(st.characters(codec="ascii", exclude_characters="\\\"'`$", min_codepoint=32), max_size=8)
whole = st.integers(-(10**9), 10**9)
fractions = st.floats(0.001, 1e6).map(lambda f: round(f, 3)).filter(lambda f: f > 0.001)
simple = st.one_of(
    whole,
    fractions,
    st.builds(Number, whole | fractions, st.sampled_from([u for u in UNITS if u.isascii()])),
    letters,
    st.booleans(),
    st.builds(Ref, ids),
    st.builds(Symbol, tag_names),
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    st.times().map(lambda t: t.replace(microsecond=0, fold=0)),
    stamps().map(lambda t: t.replace(microsecond=0)).filter(lambda t: t.tzinfo is not times.UTC),
    st.sampled_from(
        [Uri("http://host/a"), Uri("a/b"), MARKER, NA_VALUE, REMOVE, Coord(1.5, -2.25), XStr("Foo", "x")]
    ),
)
flat = st.one_of(simple, st.lists(simple, max_size=3), st.dictionaries(tag_names, simple, max_size=3))


@st.composite
def tables(draw: st.DrawFn) -> Grid:
    """Grids of cells that the others can read: no escapes, no nanoseconds, no row of one null."""
    names = draw(st.lists(tag_names, min_size=1, max_size=3, unique=True))
    size = draw(st.integers(0, 4))
    columns = [draw(st.lists(st.none() | flat, min_size=size, max_size=size)) for _ in names[1:]]
    columns.insert(0, draw(st.lists(flat, min_size=size, max_size=size)))
    meta = draw(st.dictionaries(tag_names.filter(lambda n: n != "ver"), simple, max_size=2))
    return Grid([Col(name, {"dis": draw(letters)}) for name in names], columns, meta)


def from_phable(val: Any) -> Any:
    """A value of phable as one of ours."""
    if isinstance(val, ph.Grid):
        cols = [Col(c.name, from_phable(c.meta or {})) for c in val.cols]
        meta = {k: from_phable(v) for k, v in val.meta.items() if k != "ver"}
        return Grid.from_rows([from_phable(dict(row)) for row in val.rows], meta, cols)
    if isinstance(val, list):
        return [from_phable(v) for v in val]
    if isinstance(val, dict):
        return {k: from_phable(v) for k, v in val.items() if v is not None}
    if isinstance(val, ph.Number):
        plain = int(val.val) if math.isfinite(val.val) and val.val == int(val.val) else val.val
        return Number(plain, val.unit) if val.unit else plain
    if isinstance(val, dt.datetime):
        return times.clean_datetime(val, times.UTC)
    return _from_scalar(val)


def _from_scalar(val: Any) -> Any:
    singles = {ph.Marker: MARKER, ph.NA: NA_VALUE, ph.Remove: REMOVE}
    kind = type(val)
    if kind in singles:
        return singles[kind]
    if kind is ph.Ref:
        return Ref(val.val, val.dis)
    if kind is ph.Uri:
        return Uri(val.val)
    if kind is ph.Symbol:
        return Symbol(val.val)
    if kind is ph.Coord:
        return Coord(float(val.lat), float(val.lng))
    if kind is ph.XStr:
        return XStr(val.type, val.val)
    return val


def test_the_other_reader_is_the_one_we_know() -> None:
    assert phable.__name__ == "phable"


@oracle
@given(tables())
def test_phable_reads_our_zinc(grid: Grid) -> None:
    theirs = ph_from_zinc(write_zinc(grid))
    assert canon(from_phable(theirs)) == canon(grid)
    assert canon(read_zinc(ph_to_zinc(theirs))) == canon(grid)


@oracle
@given(tables())
def test_phable_reads_our_hayson(grid: Grid) -> None:
    theirs = ph_from_json(write_hayson(grid))
    assert canon(from_phable(theirs)) == canon(grid)
    assert canon(read_hayson(ph_to_json(theirs))) == canon(grid)


@oracle
@given(
    st.recursive(
        st.none() | st.booleans() | whole | letters, lambda s: st.lists(s) | st.dictionaries(letters, s)
    )
)
def test_plain_json_is_what_python_reads(val: Any) -> None:
    assert canon(read_hayson(json.dumps(val))) == canon(_without_nulls(val))


def _without_nulls(val: Any) -> Any:
    if isinstance(val, list):
        return [_without_nulls(v) for v in val]
    return {k: _without_nulls(v) for k, v in val.items() if v is not None} if isinstance(val, dict) else val


@oracle
@given(st.lists(st.lists(letters.map(str.strip).filter(bool), min_size=2, max_size=2), max_size=5))
def test_csv_is_what_the_standard_library_reads_and_writes(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["a", "b"], *rows])
    grid = read_csv(out.getvalue())
    assert [[row["a"], row["b"]] for row in grid.dicts()] == rows
    assert list(csv.reader(io.StringIO(write_csv(grid)))) == [["a", "b"], *rows]


@pytest.mark.parametrize(
    "text",
    [
        'ver:"2.0"\na,b\n1kW,"x"\n',
        'ver:"2.0" dis:"T" m\na unit:"kW",b\n1.5,2024-05-06\n,\n',
        'ver:"2.0"\nts,v\n2024-05-06T08:00:00-04:00 New_York,T\n2024-05-06T12:00:00Z UTC,F\n',
        'ver:"2.0"\nid,f,c,t\n@a "D",Bin(text/plain),C(1.5,-2.5),08:30:00\n',
        'ver:"2.0"\na,b\n"q\\"\\n\\u00e9",`http://h/x`\nM,N\n',
        'ver:"2.0"\na\nINF\n-INF\n-3.5e-2°F\n',
    ],
)
def test_hszinc_reads_version_2_as_we_do(text: str) -> None:
    import hszinc

    theirs = from_hszinc(hszinc.parse(text))
    assert canon(_whole(theirs)) == canon(_whole(read_zinc(text)))


def _whole(grid: Grid) -> Grid:
    """hszinc has floats only."""

    def plain(v: Any) -> Any:
        return (
            float(v) if type(v) in (int, float) else Number(float(v.val), v.unit) if type(v) is Number else v
        )

    return Grid(grid.cols(), [list(map(plain, grid.column(c))) for c in grid.cols()], grid.meta())
