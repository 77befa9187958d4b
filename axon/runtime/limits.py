"""Stopping an evaluation from outside: cancel and time limits, at no cost per call.

A running thread gets `CancelRequest` thrown into it by the interpreter (`PyThreadState_SetAsyncExc`), which
no Axon `try` catches. A request counts for one evaluation only: `Guard` takes back what arrived too late.
"""

from __future__ import annotations

import time
from _thread import allocate_lock, get_ident  # `threading` would cost start-up

from axon.errors import CancelRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from types import TracebackType
    from typing import Any

__all__ = ["Guard", "Watcher"]


def _throw(thread_id: int, exc: type[BaseException] | None) -> None:
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread_id), ctypes.py_object(exc) if exc is not None else None
    )


class Guard:
    """One evaluation that can be stopped: a context manager around it, used by one thread.

    `cancel(reason)` may be called by any thread, at any time, more than once. `deadline` is in seconds of
    `time.monotonic()`, None for no limit.
    """

    __slots__ = ("_active", "_lock", "_sent", "_thread", "deadline", "reason", "watcher")

    def __init__(self, watcher: Watcher | None = None, seconds: float | None = None) -> None:
        self.watcher = watcher
        self.deadline = None if seconds is None else time.monotonic() + seconds
        self.reason: str | None = None
        self._lock = allocate_lock()
        self._thread = 0
        self._active = False
        self._sent = False

    def __enter__(self) -> Guard:
        self._thread = get_ident()
        with self._lock:
            self._active = True
        if self.deadline is not None and self.watcher is not None:
            self.watcher.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        with self._lock:
            self._active = False
            if self._sent and kind is not CancelRequest:
                _throw(self._thread, None)
        if self.deadline is not None and self.watcher is not None:
            self.watcher.discard(self)

    def cancel(self, reason: str = "cancelled") -> bool:
        """Stop the evaluation; False when it is not running."""
        with self._lock:
            if not self._active:
                return False
            if self.reason is None:
                self.reason = reason
            if not self._sent:
                self._sent = True
                _throw(self._thread, CancelRequest)
            return True


class Watcher:
    """The thread that enforces deadlines; started with the first one, ends when idle or closed."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._made: threading.Condition | None = None
        self._guards: set[Any] = set()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def _cond(self) -> threading.Condition:
        """Made when the first deadline has to be watched."""
        with self._lock:
            if self._made is None:
                import threading

                self._made = threading.Condition()
            return self._made

    def add(self, guard: Guard) -> None:
        """Watch the deadline of `guard`."""
        with self._cond:
            self._guards.add(guard)
            if self._thread is None:
                import threading

                self._thread = threading.Thread(target=self._run, name="axon-limits", daemon=True)
                self._thread.start()
            self._cond.notify()

    def discard(self, guard: Guard) -> None:
        """Watch it no more."""
        with self._cond:
            self._guards.discard(guard)

    def close(self) -> None:
        """Stop the thread."""
        self._closed = True
        if self._made is not None:
            with self._made:
                self._made.notify()

    def _run(self) -> None:
        with self._cond:
            while not self._closed:
                now = time.monotonic()
                due = [g for g in self._guards if g.deadline <= now]
                for guard in due:
                    self._guards.discard(guard)
                    guard.cancel("timeout")
                wait = min((g.deadline - now for g in self._guards), default=5.0)
                if not self._guards and not due:
                    self._cond.wait(5.0)
                    if not self._guards:
                        self._thread = None
                        return
                else:
                    self._cond.wait(max(wait, 0.001))
