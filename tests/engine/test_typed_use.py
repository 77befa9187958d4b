"""A program that uses the public API, written for a strict type checker: `make types` checks this file too.

An ignored error that is none is an error there. So a misspelt name must not pass as `Any`.
"""

from __future__ import annotations

import asyncio
from typing import Any, assert_type

import pytest

import axon


def test_evaluation() -> None:
    with axon.Runtime(tz="UTC") as rt:
        assert_type(rt, axon.Runtime)
        assert rt.eval("a + 1", a=2) + 1 == 4
        assert asyncio.run(rt.aeval("1 + 1")) + 1 == 3
        area: axon.Fn = rt.fn("(w, h) => w * h")
        assert area(2, 3) + 1 == 7


def test_task_and_session() -> None:
    async def awaited(task: axon.Task) -> Any:
        return await task.send(2) + 1

    with axon.Runtime() as rt:
        task = rt.task("x => x * 2")
        future: axon.Future = task.send(1)
        assert future.result(timeout=20) + 1 == 3
        assert asyncio.run(awaited(task)) == 5
        session: axon.PySession
        with rt.session() as session:
            assert session.define("x", [1, 2]).eval("sum(x)") + 1 == 4


def test_values() -> None:
    row = {"kw": axon.Number(3, "kW"), "site": axon.MARKER, "x": axon.NA}
    grid = axon.Grid.from_rows([row])
    assert grid.col("kw").name() == "kw"
    found = grid.col("z", checked=False)
    assert found is None or found.name() == "z"
    assert grid == axon.Grid.from_rows([row])


def test_error() -> None:
    with axon.Runtime() as rt:
        try:
            rt.eval('throw {dis: "too hot", code: 5}')
        except axon.EvalError as e:
            code = e.err["code"]
        assert code + 1 == 6


def test_misspelt_names() -> None:
    grid = axon.Grid.from_rows([{"kw": 1}])
    with axon.Runtime() as rt:
        with pytest.raises(AttributeError, match="module 'axon' has no attribute 'Runtme'"):
            axon.Runtme()  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            rt.evall("1")  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            rt.task("x => x").sned(1)  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            grid.col("kw").nmae()  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            grid.col("z", checked=False).name()  # type: ignore[union-attr]
