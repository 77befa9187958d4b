"""A pool and a registry whose tasks are Python functions: this room is tested without the language."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from axon.errors import AxonSyntaxError
from axon.tasks.pool import Pool
from axon.tasks.registry import Tasks
from axon.tasks.task import Task
from pylib.kinds import Ref

LIMIT = 10.0


class Gate:
    """Holds messages until it is opened; `entered` tells that one is inside."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self, task: Task, msg: Any) -> Any:
        self.entered.set()
        # In steps, since a request to stop is seen between two bytecodes only.
        for _ in range(int(LIMIT / 0.005)):
            if self.opened.wait(0.005):
                break
        return msg


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(4)
    yield pool
    pool.close()


@pytest.fixture
def make_task(pool: Pool) -> Callable[..., Task]:
    count = iter(range(1000))

    def make(run: Callable[[Task, Any], Any], **kwargs: Any) -> Task:
        n = next(count)
        return Task(Ref(f"t{n}"), {"id": Ref(f"t{n}"), "dis": f"T{n}"}, run, pool, **kwargs)

    return make


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opened.set()


class Clock:
    """A wall clock that stands still."""

    def __init__(self) -> None:
        self.time = dt.datetime(2024, 5, 6, 12, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


RUNS: dict[str, Callable[[Task, Any], Any]] = {
    "echo": lambda task, msg: msg,
    "upper": lambda task, msg: msg.upper(),
    "count": lambda task, msg: _count(task, msg),
}


def _count(task: Task, msg: Any) -> Any:
    total = task.local_get("n", 0) + msg
    task.local_set("n", total)
    return total


class Named:
    def expression(self, source: str) -> Callable[[Task, Any], Any]:
        if source not in RUNS:
            raise AxonSyntaxError(f"Unexpected {source}")
        return RUNS[source]


@pytest.fixture
def tasks(clock: Clock) -> Iterator[Tasks[Any]]:
    tasks = Tasks(Named(), now=clock)
    yield tasks
    assert tasks.close(LIMIT)
