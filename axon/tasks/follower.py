"""Applies the changes of records in the order of the commits, away from the thread that made them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from axon.errors import Err
from axon.runtime.limits import SHIELD
from axon.tasks.future import Future
from axon.tasks.pool import Pool

__all__ = ["Follower"]

Obj = object
Record = dict[str, Obj]
Change = tuple[Record | None, Record | None, Obj]
_log = logging.getLogger("axon.tasks")


class Follower:
    """A job of the pool that calls `apply(old, new, user)` for each change."""

    def __init__(self, apply: Callable[[Record | None, Record | None, Obj], object], pool: Pool) -> None:
        self._apply = apply
        self._pool = pool
        self._lock = threading.Lock()
        self._queue: deque[Change | Future] = deque()
        self._scheduled = False
        self._closed = False

    def put(self, old: Record | None, new: Record | None, user: Obj) -> None:
        """Queue a change."""
        try:
            self._push((old, new, user))
        except Err as e:
            _log.error("tasks follow the changes of records later: %s", e.message)

    def sync(self, timeout: float | None) -> bool:
        """Wait at most `timeout` seconds until all changes queued so far are applied, or never will be.

        Raises:
            Err: no thread can be started for them.
        """
        future = Future()
        self._push(future)
        return future.wait(timeout)

    def close(self) -> None:
        """Apply no more changes."""
        with SHIELD:
            with self._lock:
                self._closed = True
                queue, self._queue = self._queue, deque()
            for item in queue:
                self._end(item)

    def turn(self) -> None:
        """Apply what is queued."""
        while True:
            with self._lock:
                if not self._queue:
                    self._scheduled = False
                    return
                item = self._queue.popleft()
            if isinstance(item, Future):
                item.complete(None)
                continue
            try:
                self._apply(*item)
            except Exception:
                if not self._closed:
                    _log.exception("a task could not follow the change of its record")

    def _push(self, item: Change | Future) -> None:
        with SHIELD:
            with self._lock:
                closed = self._closed
                if not closed:
                    self._queue.append(item)
                    if self._scheduled:
                        return
                    self._scheduled = True
            if closed:
                self._end(item)
                return
            try:
                self._pool.submit(self)
            except Err:
                self._scheduled = False  # the next item is the next attempt
                raise

    def _end(self, item: Change | Future) -> None:
        if isinstance(item, Future):
            item.complete(None)
