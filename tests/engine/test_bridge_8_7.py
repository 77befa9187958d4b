"""Python first (spec, sessions 8.7): what a program that imports axon gets and gives."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

import axon
from axon.errors import EvalError
from pylib.grid import Grid, Matrix
from pylib.kinds import Number, Ref


@pytest.fixture
def rt() -> Iterator[axon.Runtime]:
    """A runtime."""
    with axon.Runtime(tz="New_York") as made:
        yield made


def test_8_7_arguments_and_variables(rt: axon.Runtime) -> None:
    assert rt.eval("(a, b) => a + b", 1, 2) == 3
    assert rt.eval("a + b", a=1, b=2) == 3
    assert rt.fn("(a, b: 10) => a * b")(3) == 30


def test_8_7_python_callables_are_functions(rt: axon.Runtime) -> None:
    assert rt.eval("[1, 2, 3].map(f)", f=lambda x: x * 2) == [2, 4, 6]
    assert rt.eval('["b", "a"].sort(f)', f=lambda a, b: (a > b) - (a < b)) == ["a", "b"]
    assert rt.eval("[1, 2, 3].fold(f)", f=lambda item, acc: (acc or 0) + item if type(item) is int else acc)
    rt.define("twice", lambda x: x * 2)
    assert rt.eval("twice(4)") == 8


@pytest.mark.parametrize(
    ("source", "raw", "plain"),
    [
        ("5kW", Number(5, "kW"), 5),
        ("@a", Ref("a"), "a"),
        ("`http://x/`", None, "http://x/"),
        ("{a: 5kW, b: [@x], c}", None, {"a": 5, "b": ["x"], "c": True}),
        ("[na(), 2024-01-01]", None, [None, dt.date(2024, 1, 1)]),
        ("coord(1.5, 2)", None, (1.5, 2.0)),
        ("[1, 2, 3].stream.map(x => x * 1m)", None, [1, 2, 3]),
    ],
)
def test_8_7_raw_keeps_axon_values(rt: axon.Runtime, source: str, raw: object, plain: object) -> None:
    assert raw is None or rt.eval(source) == raw
    assert rt.eval(source, raw=False) == plain


def test_8_7_plain_tables(rt: axon.Runtime) -> None:
    frame = rt.eval("[{a: 1kW, b: 2}, {a: 3kW}].toGrid", raw=False)
    assert frame["a"].tolist() == [1, 3]
    assert frame.attrs["units"] == {"a": "kW"}
    assert type(rt.eval("[{a: 1}].toGrid")) is Grid
    array = rt.eval("[{a: 1}].toGrid.toMatrix", raw=False)
    assert array.tolist() == [[1.0]]


def test_8_7_functions_tasks_futures_streams_are_python_objects(rt: axon.Runtime) -> None:
    double = rt.eval("x => x * 2")
    assert list(map(double, [1, 2])) == [2, 4]
    task = rt.task("msg => msg + 1")
    assert task.send(1).result(timeout=10) == 2
    assert task.status in ("idle", "running", "pending")
    stream = rt.eval("[1, 2, 3].stream.map(x => x * 2)")
    assert list(stream) == [2, 4, 6]
    assert next(iter(stream)) == 2


def test_8_7_await(rt: axon.Runtime) -> None:
    async def main() -> list[object]:
        task = rt.task("msg => msg * 10")
        first, second = await asyncio.gather(rt.aeval("a + 1", a=1), rt.aeval("x => x", Number(5, "kW")))
        return [first, second, await task.send(4), await rt.aeval("5kW", raw=False)]

    assert asyncio.run(main()) == [2, Number(5, "kW"), 40, 5]


def test_8_7_await_can_be_cancelled(rt: axon.Runtime) -> None:
    async def main() -> str:
        job = asyncio.create_task(rt.aeval("do f: x => x + 1; (1..1000000000000).each(x => f(f(x))) end"))
        await asyncio.sleep(0.2)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        return str(await rt.aeval('"alive"'))

    assert asyncio.run(main()) == "alive"


def test_8_7_errors_have_the_dict_of_catch(rt: axon.Runtime) -> None:
    with pytest.raises(EvalError) as caught:
        asyncio.run(rt.aeval("[1].nothing"))
    assert caught.value.err["dis"]


def test_8_7_frames_and_arrays_go_in(rt: axon.Runtime) -> None:
    df = pd.DataFrame({"a": [1.5, 2.5], "ts": pd.date_range("2024-03-10", periods=2, tz="America/New_York")})
    assert rt.eval('g.foldCol("a", sum)', g=df) == 4
    assert rt.eval("g.first->ts", g=df).tzinfo.key == "America/New_York"
    pd.testing.assert_frame_equal(rt.eval("g", g=df).to_pandas(), df, check_freq=False, check_dtype=False)
    matrix = rt.eval("m", m=np.eye(2))
    assert type(matrix) is Matrix
    assert np.shares_memory(rt.eval("g", g=df).array("a"), df["a"].to_numpy())
