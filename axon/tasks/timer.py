"""One thread that calls functions later; it is started by the first use and ends with `close`.

What is called must be short (put a message in a queue), since all timers of a runtime share the thread.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

from axon.errors import Err
from axon.runtime.limits import SHIELD

__all__ = ["Call", "Timer"]

_log = logging.getLogger("axon.tasks")


#: How many calls there are at least before cancelled ones are looked for.
_MANY = 1000


def _nothing() -> None:
    pass


class Call:
    """A call to come."""

    __slots__ = ("cancelled", "dropped", "fn")

    def __init__(self, fn: Callable[[], object], dropped: Callable[[], object] | None) -> None:
        self.fn = fn
        self.dropped = dropped
        self.cancelled = False

    def cancel(self) -> None:
        """Do not call, and let go of what would be called."""
        self.cancelled = True
        self.fn = self.dropped = _nothing


class Timer:
    """Calls functions after a delay, in the order of their times."""

    def __init__(self, name: str = "axon-timer") -> None:
        self._name = name
        self._heap: list[tuple[float, int, Call]] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._tidy_at = _MANY

    def time(self) -> float:
        """Seconds by the timer's own clock, which no one sets."""
        return time.monotonic()

    def later(
        self, delay: float, fn: Callable[[], object], dropped: Callable[[], object] | None = None
    ) -> Call:
        """Call `fn()` after `delay` seconds; call `dropped()` instead if the timer is closed before.

        Raises:
            Err: there is no thread yet, and the system gives none.
        """
        call = Call(fn, dropped)
        with SHIELD, self._changed:
            if not self._closed:
                if self._thread is None:
                    self._start()
                if len(self._heap) >= self._tidy_at:
                    self._tidy()
                heapq.heappush(self._heap, (time.monotonic() + delay, next(self._count), call))
                self._changed.notify()
                return call
        if dropped is not None:
            dropped()
        return call

    def close(self) -> None:
        """End the thread; what was still to come is dropped. Safe to call twice."""
        with self._changed:
            self._closed = True
            heap, self._heap = self._heap, []
            self._changed.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)
        for _when, _n, call in heap:
            if call.dropped is not None and not call.cancelled:
                call.dropped()

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError as e:
            raise Err(f"{self._name}: no thread can be started: {e}") from e
        self._thread = thread

    def _tidy(self) -> None:
        """Remove cancelled calls, each time their number may have doubled."""
        self._heap = [item for item in self._heap if not item[2].cancelled]
        heapq.heapify(self._heap)
        self._tidy_at = max(_MANY, 2 * len(self._heap))

    def _run(self) -> None:
        while True:
            call = self._next()
            if call is None:
                return
            try:
                call.fn()
            except Exception:
                _log.exception("a timer's call failed")
            del call  # what it holds may be large

    def _next(self) -> Call | None:
        with self._changed:
            while not self._closed:
                if not self._heap:
                    self._changed.wait(60)
                    continue
                wait = self._heap[0][0] - time.monotonic()
                if wait <= 0:
                    call = heapq.heappop(self._heap)[2]
                    if not call.cancelled:
                        return call
                else:
                    self._changed.wait(min(wait, threading.TIMEOUT_MAX))
        return None
