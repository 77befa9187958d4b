"""The live table of tasks."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

import axon
from axon.cli.watch import fraction, task_table
from pylib.kinds import Number


@pytest.mark.parametrize(
    ("progress", "part"),
    [
        ({"percent": Number(25, "%")}, 0.25),
        ({"percent": 250}, 1.0),
        ({"done": 3, "total": 4}, 0.75),
        ({"done": 3, "total": 0}, None),
        ({"done": 3}, None),
        ({"percent": "x"}, None),
        ({}, None),
    ],
)
def test_fraction_of_progress(progress: dict[str, object], part: float | None) -> None:
    assert fraction(progress) == part


def test_table_shows_state_progress_and_faults() -> None:
    with axon.Runtime() as rt:
        rt.run(
            'commit([diff(null, {id: @a, dis: "Alpha", task, '
            'taskExpr: "taskProgress({percent: 50%})"}, {add}), '
            'diff(null, {id: @b, dis: "Beta", task, taskExpr: "1 +"}, {add})])\n'
            "projSync()\ntaskSend(@a, 1).futureGet"
        )
        table = task_table(rt.eval("tasks()"))
    out = io.StringIO()
    Console(file=out, width=120).print(table)
    text = out.getvalue()
    assert "Alpha" in text
    assert "━━" in text
    assert "Invalid expr" in text
