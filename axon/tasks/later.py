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

__all__ = ["Later"]

Obj = object


class Later:
    """Such messages of all tasks of a runtime."""

    def __init__(self, timer: Timer) -> None:
        self._timer = timer
        self._lock = threading.Lock()
        self._calls: dict[Task, dict[Future, Call]] = {}

    def send_later(self, task: Task, seconds: float, msg: Obj) -> Future:
        """Queue a message after a delay; the future is its answer."""
        future = Future(task)
        with SHIELD:
            join = partial(self._join, task, msg, future)
            self._keep(task, future, self._timer.later(seconds, join, partial(_fail, future)))
        return future

    def send_when_complete(self, task: Task, first: Future, msg: Obj) -> Future:
        """Queue a message when `first` is complete; the future is its answer."""
        future = Future(task)
        with SHIELD:
            call = Call(partial(self._join, task, msg, future), None)
            self._keep(task, future, call)
            first.add_done_callback(lambda _: call.fn())
        return future

    def drop(self, task: Task) -> None:
        """Fail what is still to come to a task that was killed."""
        with SHIELD:
            with self._lock:
                futures = list(self._calls.get(task, ()))
            for future in futures:
                _fail(future)

    def _keep(self, task: Task, future: Future, call: Call) -> None:
        with self._lock:
            self._calls.setdefault(task, {})[future] = call
        future.add_done_callback(self._cancel)
        if task.killed:  # while it was not among the calls
            self.drop(task)

    def _join(self, task: Task, msg: Obj, future: Future) -> None:
        self._cancel(future)
        try:
            task.enqueue(msg, future)
        except Exception as e:  # who asked gets it
            future.fail(e)

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


def _fail(future: Future) -> None:
    future.fail(TaskKilledErr("Task killed"))
