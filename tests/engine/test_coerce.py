"""Python values handed to Axon become values of the language, or an error that names their type."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import pathlib
import uuid
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import axon
from axon.errors import CoerceErr


class Mode(enum.Enum):
    AUTO = "auto"


class Count(int):
    pass


@dataclasses.dataclass
class Point:
    x: int = 1
    rest: tuple[int, ...] = (1, 2)


Pair = collections.namedtuple("Pair", "a b")


@pytest.fixture(scope="module")
def rt() -> Iterator[axon.Runtime]:
    with axon.Runtime(tz="New_York") as runtime:
        yield runtime


@pytest.mark.parametrize(
    ("given", "want"),
    [
        (Mode.AUTO, "auto"),
        (Count(4), 4),
        (2**70, 2.0**70),
        ((1, (2, None)), [1, [2, None]]),
        (range(3), [0, 1, 2]),
        ({3, 1}, [1, 3]),
        ((i * i for i in range(3)), [0, 1, 4]),
        ({"a": 1, "b": None}, {"a": 1}),
        (collections.OrderedDict(a=(1,)), {"a": [1]}),
        (Pair(1, (2,)), {"a": 1, "b": [2]}),
        (Point(), {"x": 1, "rest": [1, 2]}),
        (decimal.Decimal("1.5"), 1.5),
        (fractions.Fraction(1, 2), 0.5),
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (pathlib.PurePosixPath("/a/b"), "/a/b"),
        (bytearray(b"x"), b"x"),
        (dt.timedelta(minutes=90), axon.Number(5400, "sec")),
        (dt.datetime(2024, 1, 1, 8), dt.datetime(2024, 1, 1, 8, tzinfo=ZoneInfo("America/New_York"))),
        (
            dt.datetime(2024, 1, 1, 8, tzinfo=dt.UTC),
            dt.datetime(2024, 1, 1, 8, tzinfo=ZoneInfo("UTC")),
        ),
    ],
    ids=lambda val: type(val).__name__,
)
def test_values_of_the_standard_library(rt: axon.Runtime, given: Any, want: Any) -> None:
    got = rt.eval("v", v=given)
    assert got == want
    assert type(got) is type(want)


def test_values_of_numpy_and_pandas(rt: axon.Runtime) -> None:
    import numpy as np
    import pandas as pd

    assert rt.eval("a + b", a=np.int64(5), b=np.float64(0.5)) == 5.5
    assert rt.eval("m.size", m=np.arange(6.0).reshape(2, 3)) == 2
    assert rt.eval("t", t=pd.NaT) is None
    frame = pd.DataFrame({"site": ["a", None, "b"], "kw": [1.5, 2.5, 3.0]})
    assert rt.eval('g.findAll(r => r.has("site")).foldCol("kw", sum)', g=frame) == 4.5
    assert rt.eval("l.first.first->kw", l=[frame]) == 1.5


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (object(), "no Axon value for a Python builtins.object"),
        (1j, "no Axon value for a Python builtins.complex"),
        ({1: 2}, "dict key must be a str, got int"),
    ],
)
def test_what_has_no_value_is_named(rt: axon.Runtime, given: Any, text: str) -> None:
    with pytest.raises(CoerceErr, match=f"^eval: v: {text}$"):
        rt.eval("u", u=1, v=given)
    with pytest.raises(CoerceErr, match=f"^run: v: {text}$"):
        rt.run("u", variables={"u": 1, "v": [given]})


def test_a_list_that_holds_itself_is_refused(rt: axon.Runtime) -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(axon.AxonError, match="nested too deep"):
        rt.eval("v", v=loop)
