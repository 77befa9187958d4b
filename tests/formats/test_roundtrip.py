"""Every kind of value comes back from every format as it was."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from axon.formats.csv import read_csv, write_csv
from axon.formats.hayson import read_hayson, write_hayson
from axon.formats.hszinc_bridge import from_hszinc, to_hszinc
from axon.formats.jeto import read_jeto, write_jeto
from axon.formats.json3 import read_json3, write_json3
from axon.formats.trio import read_trio, write_trio
from axon.formats.zinc import read_zinc, read_zinc_value, write_zinc, zinc_text
from pylib.grid import Col, Grid
from pylib.kinds import Ref, XStr
from tests.formats.values import canon, dicts, grids, plain_text, scalars, tag_names, values

pytestmark = pytest.mark.timeout(120)
EXAMPLES = int(os.environ.get("AXON_EXAMPLES", "60"))
trip = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])


@trip
@given(values)
def test_zinc_holds_every_value(val: Any) -> None:
    assert canon(read_zinc_value(zinc_text(val))) == canon(val)


@trip
@given(grids)
def test_zinc_holds_every_grid(grid: Grid) -> None:
    assert canon(read_zinc(write_zinc(grid))) == canon(grid)


@trip
@given(st.none() | values, st.booleans())
def test_hayson_holds_every_value(val: Any, ascii_only: bool) -> None:
    text = write_hayson(val, ascii_only=ascii_only)
    assert canon(read_hayson(text)) == canon(val)
    assert text.isascii() or not ascii_only


@trip
@given(st.none() | values)
def test_json3_holds_every_value(val: Any) -> None:
    assert canon(read_json3(write_json3(val))) == canon(val)


@trip
@given(st.lists(dicts.filter(bool), max_size=3), st.booleans())
def test_trio_holds_every_record(recs: list[dict[str, Any]], sort: bool) -> None:
    assert canon(read_trio(write_trio(recs, sort=sort))) == canon(recs)


@trip
@given(st.dictionaries(tag_names, st.text("ab \t\n:-\"'\\$/[{5é\u2028", max_size=12), min_size=1, max_size=3))
def test_trio_holds_every_string(rec: dict[str, str]) -> None:
    assert read_trio(write_trio([rec])) == [rec]


@st.composite
def text_grids(draw: st.DrawFn) -> Grid:
    """Grids as csv can hold them: strings that are not empty, without `\\r`."""
    names = draw(st.lists(tag_names, min_size=1, max_size=3, unique=True))
    cell = st.none() | st.one_of(plain_text, st.text('a", ;\t\n', max_size=5)).filter(
        lambda s: s and "\r" not in s
    )
    size = draw(st.integers(0, 4))
    return Grid.from_columns(names, [draw(st.lists(cell, min_size=size, max_size=size)) for _ in names])


@trip
@given(text_grids(), st.sampled_from(",;\t |"))
def test_csv_holds_every_string(grid: Grid, delimiter: str) -> None:
    back = read_csv(write_csv(grid, delimiter), delimiter)
    assert canon(back) == canon(grid)


jeto_scalars = scalars.filter(lambda v: type(v) is not XStr)


@trip
@given(
    st.one_of(
        jeto_scalars,
        st.lists(jeto_scalars, max_size=3),
        st.dictionaries(tag_names, jeto_scalars, max_size=3).filter(lambda d: "spec" not in d),
    )
)
def test_jeto_holds_all_but_grids_and_display_texts(val: Any) -> None:
    assert canon(read_jeto(write_jeto(val))) == canon(
        _mapped(val, lambda v: Ref(v.val) if type(v) is Ref else v)
    )


@trip
@given(grids)
def test_hszinc_holds_every_grid_but_nanoseconds(grid: Grid) -> None:
    plain = _mapped(grid, lambda v: dt.time(*_clock(v)) if isinstance(v, dt.time) else v)
    assert canon(from_hszinc(to_hszinc(plain))) == canon(plain)


def _clock(t: dt.time) -> tuple[int, int, int, int]:
    return t.hour, t.minute, t.second, t.microsecond


def _mapped(val: Any, change: Callable[[Any], Any]) -> Any:
    """The same value with every scalar in it changed."""
    if isinstance(val, Grid):
        cols = [Col(c.name(), _mapped(c.meta(), change)) for c in val.cols()]
        return Grid(cols, [_mapped(val.column(c), change) for c in val.cols()], _mapped(val.meta(), change))
    if type(val) is list:
        return [_mapped(v, change) for v in val]
    if isinstance(val, dict):
        return {k: _mapped(v, change) for k, v in val.items()}
    return change(val)
