"""Messages that are to join the queue of a task later, if the task has no journal (see `durable`).

What is over holds no memory: a message is let go when its future is cancelled and when its task is killed.
"""

from __future__ import annotations

import threading
from functools import partial

from axon.errors import TaskKilledErr
from axon.runtime.limits import SHIELD
from axon.tasks.future import Future
from axon.tasks.task import Task
from axon.tasks.timer import Call, Timer

__all__ = ["Later", "deliver"]

Obj = object


class Later:
    """The delayed messages of all tasks of a runtime."""

    def __init__(self, timer: Timer) -> None:
        self._timer = timer
        self._lock = threading.Lock()
        self._calls: dict[Task, dict[Future, Call]] = {}

    def send(self, task: Task, seconds: float, msg: Obj) -> Future:
        """Queue a message after a delay; the future is its answer."""
        future = Future(task)
        with SHIELD:
            call = self._timer.later(
                seconds, partial(self._deliver, task, msg, future), partial(_fail, future)
            )
            with self._lock:
                self._calls.setdefault(task, {})[future] = call
            future.add_done_callback(self._cancel)
            if task.killed:  # while it was not among the calls
                self.drop(task)
        return future

    def drop(self, task: Task) -> None:
        """Fail what is still to come to a task that was killed."""
        with SHIELD:
            with self._lock:
                futures = list(self._calls.get(task, ()))
            for future in futures:
                _fail(future)

    def _deliver(self, task: Task, msg: Obj, future: Future) -> None:
        self._cancel(future)
        deliver(task, msg, future)

    def _cancel(self, future: Future) -> None:
        task = future.owner
        assert isinstance(task, Task)
        with SHIELD, self._lock:
            calls = self._calls.get(task, {})
            call = calls.pop(future, None)
            if not calls:
                self._calls.pop(task, None)
        if call is not None:
            call.cancel()


def deliver(task: Task, msg: Obj, future: Future) -> None:
    """Queue a message whose future exists already; who asked gets the error."""
    if future.done():
        return
    try:
        task.enqueue(msg, future)
    except Exception as e:
        future.fail(e)


def _fail(future: Future) -> None:
    future.fail(TaskKilledErr("Task killed"))
