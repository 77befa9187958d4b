"""Random values of every kind, and what it means that two are the same."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from hypothesis import strategies as st

from axon.values import times, uris
from axon.values.numbers import norm
from pylib.grid import Col, Grid
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr

UNITS = ("kW", "°F", "%", "$", "m³/h", "kWh", "_foo", "_foo/hr", "sec", "ft²")
ZONES = ("New_York", "UTC", "Paris", "Kolkata", "Lord_Howe", "GMT+5", "GMT-3", "Tokyo")

plain_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
ids = st.text("abzAZ09_:-.~", min_size=1, max_size=8)
tag_names = st.from_regex(r"[a-z][a-zA-Z0-9_]{0,6}", fullmatch=True)
plain_numbers = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(width=64).map(norm),
    st.sampled_from([0, -0.0, 1e12, 1e12 + 1, 1e15, 1e-7, 123456789.5, 2.0**60]),
)
numbers = st.one_of(
    plain_numbers,
    st.builds(Number, plain_numbers.filter(math.isfinite), st.sampled_from(UNITS)),
)


def _uri(text: str) -> Uri:
    return uris.make_uri(text.replace(":", "/"))


uri_values = st.builds(_uri, st.text(st.characters(exclude_categories=("Cs",)), max_size=12))
clocks = st.times().map(lambda t: t.replace(fold=0))
nano_clocks = st.builds(
    times.make_time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999_999_999)
)


@st.composite
def stamps(draw: st.DrawFn) -> dt.datetime:
    """A timestamp in a zone, in both hours that autumn repeats too."""
    instant = draw(st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2100, 1, 1)))
    whole = instant.replace(microsecond=draw(st.sampled_from([0, instant.microsecond])))
    return whole.replace(tzinfo=dt.UTC).astimezone(times.zone(draw(st.sampled_from(ZONES))))


scalars = st.one_of(
    st.booleans(),
    numbers,
    plain_text,
    uri_values,
    st.builds(Ref, ids, st.none() | plain_text),
    st.builds(Symbol, tag_names),
    st.dates(),
    clocks,
    nano_clocks,
    stamps(),
    st.builds(Coord, st.floats(-90, 90), st.floats(-180, 180)),
    st.builds(XStr, st.sampled_from(["Foo", "Bar_2", "Bin"]), plain_text),
    st.sampled_from([MARKER, NA_VALUE, REMOVE]),
)


def _grids(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[Grid]:
    metas = st.dictionaries(tag_names.filter(lambda n: n not in ("ver", "name", "meta")), scalars, max_size=2)

    @st.composite
    def grid(draw: st.DrawFn) -> Grid:
        names = draw(st.lists(tag_names, min_size=1, max_size=3, unique=True))
        size = draw(st.integers(0, 4))
        columns = [draw(st.lists(st.none() | cells, min_size=size, max_size=size)) for _ in names]
        return Grid([Col(n, draw(metas)) for n in names], columns, draw(metas))

    return grid()


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(st.none() | inner, max_size=3),
        st.dictionaries(tag_names, inner, max_size=3).filter(
            lambda d: not {"meta", "cols", "rows"} <= d.keys()
        ),
        _grids(inner),
    )


values = st.recursive(scalars, _deeper, max_leaves=6)
grids = _grids(values)
dicts = st.dictionaries(tag_names, values, max_size=4)


def canon(val: Any) -> Any:
    """A value as something that Python's `==` compares strictly: kinds, units, zones, order of columns."""
    if isinstance(val, Grid):
        cols = [(c.name(), canon(c.meta())) for c in val.cols()]
        return ("Grid", canon(val.meta()), cols, [canon(row) for row in val.iter_dicts()])
    if isinstance(val, dict):
        return ("Dict", {k: canon(v) for k, v in val.items()})
    if type(val) is list:
        return ("List", [canon(v) for v in val])
    if type(val) in (int, float):
        return ("Number", "NaN" if val != val else val, None)
    if type(val) is Number:
        return ("Number", "NaN" if val.val != val.val else val.val, val.unit)
    if isinstance(val, dt.datetime):
        return ("DateTime", times.datetime_text(val))
    if isinstance(val, dt.time):
        return ("Time", times.time_text(val))
    if type(val) is Ref:
        return ("Ref", val.val, val.dis_text)
    return (type(val).__name__, val)
