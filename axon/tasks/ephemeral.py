"""Tasks of `taskRun`: they answer one message, and are shown for a while when they have finished."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from axon.tasks.task import Task
from axon.tasks.timer import Timer

__all__ = ["Ephemeral", "Finished"]

Obj = object

#: Seconds between two looks for tasks that finished long ago.
HOUSEKEEPING = 17.0
#: How many finished tasks are kept; of more, the oldest go before their time.
MAX_FINISHED = 10_000


class Ephemeral(Task):
    """A task for one message; `over(task)` is called when it will evaluate nothing any more."""

    __slots__ = ("_over",)
    settles = True

    def __init__(self, *args: Any, over: Callable[[Task], object], **kwargs: Any) -> None:
        super().__init__(*args, type="ephemeral", **kwargs)
        self._over: Callable[[Task], object] | None = over

    def settle(self, msg: Obj, value: Obj, error: BaseException | None, *, stopped: bool) -> None:
        """It has finished, from the moment on when it has answered."""
        self.done_at = time.monotonic()

    def turn(self) -> None:
        """Answer; then what lived with the task ends, such as its Python session."""
        super().turn()
        with self._lock:
            adjuncts, self.adjuncts = self.adjuncts, None
            over, self._over = self._over, None
        for adjunct in reversed((adjuncts or {}).values()):
            adjunct.kill("its task has ended")
        if over is not None and not self.killed:
            self.done_at = self.done_at or time.monotonic()  # cancelled before it began
            over(self)


class Finished:
    """The finished tasks of a runtime; each is killed after `linger` seconds."""

    def __init__(self, timer: Timer, linger: float) -> None:
        self._timer = timer
        self._linger = linger
        self._lock = threading.Lock()
        self._tasks: deque[Task] = deque()
        self._waiting = False  # for the timer

    def add(self, task: Task) -> None:
        """Keep a task for a while."""
        with self._lock:
            self._tasks.append(task)
            extra = self._tasks.popleft() if len(self._tasks) > MAX_FINISHED else None
            start, self._waiting = not self._waiting, True
        if extra is not None:
            extra.kill()
        if start:
            self._wait()

    def _sweep(self) -> None:
        limit = time.monotonic() - self._linger
        while True:
            with self._lock:
                self._waiting = bool(self._tasks)
                if not self._tasks or self._tasks[0].done_at > limit:
                    break
                task = self._tasks.popleft()
            task.kill()
        if self._waiting:
            self._wait()

    def _wait(self) -> None:
        self._timer.later(min(HOUSEKEEPING, self._linger), self._sweep)
