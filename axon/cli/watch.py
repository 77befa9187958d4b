"""`axon task list --watch`: a table of tasks that stays up to date, with bars for progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from axon.values.numbers import is_number, split

__all__ = ["fraction", "show", "task_table", "watch"]

_COLOURS = {"running": "green", "pending": "yellow", "fault": "red", "disabled": "dim", "killed": "red"}


def watch(fetch: Callable[[], Any], seconds: float = 0.5) -> int:
    """Show the grid of `tasks()` that `fetch` gives again and again, until Ctrl-C."""
    import threading

    pause = threading.Event()
    with Live(task_table(fetch()), console=Console(), auto_refresh=False) as live:
        try:
            while not pause.wait(seconds):
                live.update(task_table(fetch()), refresh=True)
        except KeyboardInterrupt:
            return 0
    return 0


def show(fetch: Callable[[], Any]) -> int:
    """Show that grid once."""
    Console().print(task_table(fetch()))
    return 0


def task_table(grid: Any) -> Table:
    """The rows of `tasks()` as a table."""
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in ("task", "status", "progress", "queue", "done", "failed", "fault"):
        table.add_column(name, justify="right" if name in ("queue", "done", "failed") else "left")
    for row in grid.dicts():
        status = str(row.get("taskStatus"))
        table.add_row(
            Text(row["id"].dis()),
            Text(status, style=_COLOURS.get(status, "")),
            _progress(row.get("progress") or {}),
            Text(str(row.get("queueSize"))),
            Text(str(row.get("evalNum"))),
            Text(str(row.get("errNum"))),
            Text(str(row.get("fault") or row.get("subscription") or "")),
        )
    return table


def _progress(progress: dict[str, Any]) -> Any:
    part = fraction(progress)
    if part is not None:
        return ProgressBar(total=1.0, completed=part, width=20)
    from axon.cli.render import value_text

    return Text(value_text(progress) if progress else "")


def fraction(progress: dict[str, Any]) -> float | None:
    """How much of the work is done, 0 to 1: from `percent`, or `done` and `total`; None when not told."""
    percent, done, total = (progress.get(name) for name in ("percent", "done", "total"))
    if is_number(percent):
        return _clamp(split(percent)[0] / 100)
    if is_number(done) and is_number(total) and split(total)[0]:
        return _clamp(split(done)[0] / split(total)[0])
    return None


def _clamp(x: float) -> float:
    return min(1.0, max(0.0, float(x)))
