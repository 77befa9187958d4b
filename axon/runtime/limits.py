"""Stopping an evaluation from outside: cancel and time limits, at no cost per call.

A running thread gets `CancelRequest` thrown into it by the interpreter (`PyThreadState_SetAsyncExc`), which
no Axon `try` catches. A request counts for one evaluation only: `Guard` takes back what arrived too late.

There are no locks here, since their holder could be thrown out of them. CPython switches threads and throws
only when a Python function starts, after a call of C code and at a backward jump. What must not be torn apart
stands between two such points: seeing that a guard is active and throwing; leaving the evaluation and taking
back what was thrown.

Nothing is thrown into functions of the standard library that take a lock of the whole process in one step
and see to its release in the next (`_CAREFUL`): other threads would wait for it for ever. A request is lost
where Python drops exceptions, such as in a `__del__`. Therefore who waits looks at `reason` once `wake` would
find him, and what still runs after `AGAIN` seconds is thrown into again: by the next cancel, or by its limit.
"""

from __future__ import annotations

import time
from _thread import allocate_lock, get_ident  # `threading` would cost start-up

from axon.errors import CancelRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType
    from typing import Any

__all__ = ["GUARDED", "SHIELD", "Guard", "Shield", "Watcher"]

#: The innermost guard of each thread that evaluates.
GUARDED: dict[int, Guard] = {}
#: How many shields each thread holds; threads without any are absent.
_HELD: dict[int, int] = {}
#: Threads to be thrown into when they hold no shield any more.
_LATE: dict[int, bool] = {}
#: `_throw(thread, _REQUEST)` throws into a thread; one that is under way is replaced.
_throw: Any = None
_REQUEST = id(CancelRequest)
#: A few backward jumps, for something under way to arrive.
_STEPS = (0, 1, 2)
#: Seconds after which a request that had no effect is thrown again.
AGAIN = 10.0
#: The innermost frames of all threads, each time it is iterated; in C, so that nothing happens meanwhile.
_frames: Iterator[dict[int, FrameType]] = iter(())
#: Files of functions to be left alone, and how often to look whether a thread has left them.
_CAREFUL: dict[str, int] = {}
_PAUSE, _LONG, _SHORT = 0.0005, 2000, 100


def _load() -> None:
    """Make `_throw`, when it is needed first: `ctypes` costs start-up."""
    global _throw, _frames
    if _throw is None:
        import ctypes
        import importlib._bootstrap as bootstrap
        import itertools
        import logging
        import queue
        import sys
        import threading
        import weakref

        for module in (logging, queue, threading, weakref):
            _CAREFUL[module.__file__ or ""] = _SHORT
        _CAREFUL[bootstrap._find_and_load.__code__.co_filename] = _LONG  # type: ignore[attr-defined]
        _frames = itertools.starmap(sys._current_frames, itertools.repeat(()))
        kind = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p)
        _throw = kind(("PyThreadState_SetAsyncExc", ctypes.pythonapi))


class Guard:
    """One evaluation that can be stopped; `run` does it, in one thread.

    `cancel(reason)` may be called by any thread, at any time, more than once; a guard throws once, and again
    only after `AGAIN` seconds. `seconds` limits the time. `wake` is called with the guard after a throw, to
    let go what the thread waits for outside of Python.
    """

    __slots__ = (
        "_active", "_outer", "_sent", "_thread", "dead", "deadline", "reason", "seconds", "wake", "watcher",
    )  # fmt: skip

    def __init__(self, watcher: Watcher | None = None, seconds: float | None = None) -> None:
        self.watcher = watcher
        self.seconds = seconds
        self.deadline: float | None = None
        self.reason: str | None = None
        self.wake: Callable[[Guard], object] | None = None
        self.dead = False  # nothing may be evaluated any more
        self._thread = 0
        self._active = False
        self._sent: float | None = None  # when it threw, by the clock that no one sets
        self._outer: Guard | None = None

    def run(self, fn: Any, *args: Any) -> Any:
        """Call `fn(*args)`; afterwards no request of this guard is under way.

        Raises:
            CancelRequest: it was stopped, or a guard around it was.
        """
        thread = self._thread = get_ident()
        outer = self._outer = GUARDED.get(thread)
        if outer is None and thread in _HELD:  # left by something that is no request of ours
            del _HELD[thread]
        try:
            GUARDED[thread] = self
            self._active = True
            if self.dead:
                raise CancelRequest
            if self.seconds is not None:
                self._watch()
            return fn(*args)
        finally:
            # Up to the next call of C code nothing interferes.
            self._active = False
            if outer is None:
                del GUARDED[thread]
            else:
                GUARDED[thread] = outer
            if self._sent is not None:
                # Caught, not cleared: Python 3.11 goes on looking for one that was cleared, at every call,
                # and with a debugger or a coverage tool it never gets beyond that.
                try:
                    _throw(thread, _REQUEST)
                    for _ in _STEPS:
                        pass
                except CancelRequest:
                    pass
                if outer is not None:
                    outer._throw_again()
            if self.deadline is not None:
                self._unwatch()

    def limit(self, watcher: Watcher, seconds: float) -> None:
        """Limit the rest of the evaluation, which is in progress."""
        self.watcher = watcher
        self.seconds = seconds
        self._watch()

    def cancel(self, reason: str = "cancelled") -> bool:
        """Stop the evaluation; False when it is not running."""
        _load()
        now = time.monotonic()
        for look in range(_LONG + 1):
            for frames in _frames:  # noqa: B007 - from here to the throw nothing interferes
                break
            if not self._active:
                return False
            if self.reason is None:
                self.reason = reason
            if self._sent is not None and now < self._sent + AGAIN:
                break
            thread = self._thread
            if thread in _HELD:
                self._sent = now
                _LATE[thread] = True
                break
            if thread in frames:
                place = frames[thread].f_code.co_filename
                if place in _CAREFUL and look < _CAREFUL[place]:
                    del frames
                    time.sleep(_PAUSE)
                    continue
            self._sent = now
            _throw(thread, _REQUEST)
            break
        wake = self.wake
        if wake is not None:
            wake(self)
        return True

    def _throw_again(self) -> None:
        """Throw what a guard within took back although it was meant for this one."""
        if self._active and self._sent is not None:
            _throw(self._thread, _REQUEST)
        elif self._outer is not None:
            self._outer._throw_again()

    def _watch(self) -> None:
        assert self.seconds is not None
        self.deadline = time.monotonic() + self.seconds
        if self.watcher is not None:
            with SHIELD:
                self.watcher.add(self)

    def _unwatch(self) -> None:
        self.deadline = None
        if self.watcher is not None:
            with SHIELD:
                self.watcher.discard(self)


class Shield:
    """While a thread holds it, requests to stop wait: for what other threads rely on being done as a whole.

    A context manager, to be held for short, or lifted now and then; a thread may hold it more than once.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        thread = get_ident()
        count = _HELD.get(thread, 0)
        _HELD[thread] = count + 1

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        thread = get_ident()
        count = _HELD.get(thread, 0)
        if count > 1:
            _HELD[thread] = count - 1
            return
        if count:
            del _HELD[thread]
        if thread in _LATE:
            del _LATE[thread]
            _throw(thread, _REQUEST)

    @property
    def waiting(self) -> bool:
        """Whether a request to stop waits for this thread to let go."""
        return get_ident() in _LATE

    def lift(self) -> int:
        """Hold it no more for a while; what `hold_again` wants for that."""
        thread = get_ident()
        count = _HELD.pop(thread, 0)
        if thread in _LATE:
            del _LATE[thread]
            _throw(thread, _REQUEST)
        return count

    def hold_again(self, count: int) -> None:
        """Hold it as often as before `lift`."""
        if count:
            _HELD[get_ident()] = count


SHIELD = Shield()


class Watcher:
    """The thread that enforces deadlines; started with the first one, ends when idle or closed."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._made: threading.Condition | None = None
        self._guards: set[Guard] = set()
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
        while True:
            with self._cond:
                if self._closed:
                    return
                now = time.monotonic()
                due = [g for g in self._guards if (g.deadline or 0.0) <= now]
                for guard in due:
                    guard.deadline = now + AGAIN
                if not due:
                    if not self._guards:
                        self._cond.wait(5.0)
                        if not self._guards:
                            self._thread = None
                            return
                    else:
                        first = min(g.deadline or 0.0 for g in self._guards)
                        self._cond.wait(max(first - now, 0.001))
            for guard in due:  # not under the lock: what it wakes may take a while
                guard.cancel("timeout")
