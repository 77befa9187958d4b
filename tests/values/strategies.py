"""Random values of every kind, for the property tests."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from axon.values.numbers import norm
from axon.values.ranges import Range
from axon.values.times import DateSpan, NanoDateTime, Span, from_epoch_ns, make_time, zone
from axon.values.uris import normalize
from pylib.grid import Col, Grid
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr

UNITS = ("kW", "hr", "min", "m", "°F", "Δ°F", "%", "$", "_gizmo", "kWh/ft²")
ZONES = ("New_York", "UTC", "London", "Sydney", "Kolkata", "GMT+5", "Rel", "Lord_Howe")

floats = st.floats()
whole = st.integers(-(2**53), 2**53)
plain_numbers = st.one_of(whole, floats)
numbers = st.one_of(plain_numbers, st.builds(Number, plain_numbers, st.sampled_from(UNITS)))
finite_numbers = st.one_of(
    st.builds(norm, st.integers()),
    st.floats(allow_nan=False, allow_infinity=False),
    st.builds(Number, st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(UNITS)),
)
texts = st.text(max_size=12)
names = st.from_regex(r"[a-z][A-Za-z0-9_]{0,6}", fullmatch=True)
ids = st.from_regex(r"[A-Za-z0-9_:.~-]{1,8}", fullmatch=True)
refs = st.builds(Ref, ids, st.one_of(st.none(), texts))
symbols = st.builds(Symbol, names)
uris = st.builds(
    lambda scheme, path: Uri(normalize(scheme + path)),
    st.sampled_from(("", "http://h/", "a/")),
    st.from_regex(r"[a-z0-9 ./é]{0,10}", fullmatch=True),
)
coords = st.builds(Coord, st.floats(-90, 90), st.floats(-180, 180))
xstrs = st.builds(XStr, st.sampled_from(("Foo", "A", "Bin", "T_9")), texts)
dates = st.dates()
nanos = st.integers(0, 999_999_999)
times = st.builds(make_time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), nanos)
zones = st.sampled_from(ZONES).map(zone)
# from 1960 to 2080, so that the offsets are whole minutes
datetimes = st.builds(
    from_epoch_ns,
    st.integers(-315_000_000, 3_470_000_000).flatmap(lambda s: nanos.map(lambda n: s * 1_000_000_000 + n)),
    zones,
)
date_spans = st.builds(
    lambda d, period: DateSpan.of(d, period),
    st.dates(dt.date(100, 1, 1), dt.date(9000, 1, 1)),
    st.sampled_from(("day", "week", "month", "quarter", "year")),
)
spans = st.builds(
    lambda a, ns: Span(a, from_epoch_ns(_ns(a) + ns, a.tzinfo or zone("UTC"))),
    datetimes,
    st.integers(0, 10**16),
)


def _ns(t: dt.datetime) -> int:
    from axon.values.times import epoch_ns

    return epoch_ns(t)


def plain(t: dt.datetime) -> dt.datetime:
    """Without the digits below the microsecond."""
    return NanoDateTime.of(t, 0)


haystack_scalars = st.one_of(
    st.booleans(),
    numbers,
    texts,
    refs,
    symbols,
    uris,
    coords,
    xstrs,
    dates,
    times,
    datetimes,
    st.sampled_from((MARKER, NA_VALUE, REMOVE)),
)
scalars = st.one_of(st.none(), haystack_scalars)
dicts = st.dictionaries(texts.filter(lambda s: s != "_kind"), haystack_scalars, max_size=4)
ranges = st.builds(Range, scalars, scalars)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """A small grid with meta data."""
    names_ = draw(st.lists(names, max_size=4, unique=True))
    size = draw(st.integers(0, 4))
    columns = [draw(st.lists(scalars, min_size=size, max_size=size)) for _ in names_]
    meta = draw(st.dictionaries(names, haystack_scalars, max_size=2))
    cols = [Col(name, draw(st.dictionaries(names, texts, max_size=1))) for name in names_]
    return Grid(cols, columns, meta, size)


values = st.recursive(
    st.one_of(scalars, ranges, date_spans, spans, dicts, grids()),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
