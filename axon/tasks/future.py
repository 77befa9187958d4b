"""The answer to a message: one value or error that arrives once, in whatever thread.

A future is used from Axon (`futureGet`), from Python as a `concurrent.futures.Future` would be (`result`,
`done`, `cancel`, `add_done_callback`) and with `await`. It is small, because there is one per message: a
lock is only made by those who wait. It knows nothing of tasks but its owner's `drop`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Generator
from typing import Protocol

from axon.errors import CancelledErr, CancelRequest, TimeoutErr
from axon.runtime.limits import SHIELD

__all__ = ["CANCELLED", "ERR", "OK", "PENDING", "Future", "Owner"]

PENDING, OK, ERR, CANCELLED = "pending", "ok", "err", "cancelled"

Obj = object
_log = logging.getLogger("axon.tasks")
#: Guards the state of every future: it is held for a few instructions at a time.
_LOCK = threading.Lock()


class Owner(Protocol):
    """Who answers: the task that the message was sent to."""

    def drop(self, future: Future) -> None:
        """Take the future's message out of the queue."""

    def answers(self, future: Future) -> bool:
        """Whether the future's message is being evaluated."""

    @property
    def name(self) -> str:
        """What error texts call it."""


class Future:
    """A value to come. States: `pending`, then once and for ever `ok`, `err` or `cancelled`."""

    __slots__ = ("__weakref__", "_callbacks", "_state", "_value", "_waiters", "owner")

    def __init__(self, owner: Owner | None = None) -> None:
        self.owner = owner
        self._state = PENDING
        self._value: Obj = None
        self._waiters: list[threading.Lock] | None = None
        self._callbacks: list[Callable[[Future], object]] | None = None

    # What the asker sees

    @property
    def state(self) -> str:
        """`pending`, `ok`, `err` or `cancelled`."""
        return self._state

    def done(self) -> bool:
        """Whether it is complete, in whichever way."""
        return self._state is not PENDING

    def running(self) -> bool:
        """Whether its message is being evaluated."""
        return self.owner is not None and self.owner.answers(self)

    def cancelled(self) -> bool:
        """Whether it was cancelled before an answer came."""
        return self._state is CANCELLED

    def cancel(self) -> bool:
        """Give the answer up; a message that has not started leaves the queue.

        An evaluation that runs already goes on, its answer is lost. False when it was complete before.
        """
        with SHIELD:
            if not self._complete(CANCELLED, None):
                return False
            if self.owner is not None:
                self.owner.drop(self)
            return True

    def wait(self, timeout: float | None = None, stopped: Callable[[], bool] | None = None) -> bool:
        """Wait until complete or `timeout` seconds passed; tell whether it is complete.

        Raises:
            CancelRequest: `stopped`, which is asked where a `poke` from then on is seen, said so.
        """
        if self._state is not PENDING:
            return True
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            lock = self._new_waiter()
            if lock is None:
                return True
            if stopped is not None and stopped():
                self._forget_waiter(lock)
                raise CancelRequest
            left = -1.0 if end is None else max(0.0, end - time.monotonic())
            lock.acquire(timeout=min(left, threading.TIMEOUT_MAX))
            if self._state is not PENDING:
                return True
            self._forget_waiter(lock)
            if end is not None and time.monotonic() >= end:
                return False

    def result(self, timeout: float | None = None) -> Obj:
        """Wait at most `timeout` seconds for the answer.

        Raises:
            TimeoutErr: no answer in time; the future stays pending.
            CancelledErr: it was cancelled.
            BaseException: whatever the task raised.
        """
        if self._state is PENDING and not self.wait(timeout):
            raise TimeoutErr(f"futureGet: no answer within {timeout:g}s")
        if self._state is OK:
            return self._value
        if self._state is CANCELLED:
            raise CancelledErr("futureGet: the message was cancelled")
        assert isinstance(self._value, BaseException)
        raise self._value

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait at most `timeout` seconds; the error, or None when the answer is a value.

        Raises:
            TimeoutErr: no answer in time.
            CancelledErr: it was cancelled.
        """
        if self._state is PENDING and not self.wait(timeout):
            raise TimeoutErr(f"futureGet: no answer within {timeout:g}s")
        if self._state is CANCELLED:
            raise CancelledErr("futureGet: the message was cancelled")
        return self._value if isinstance(self._value, BaseException) and self._state is ERR else None

    def add_done_callback(self, fn: Callable[[Future], object]) -> None:
        """Call `fn(future)` when complete: at once if it is, else in the thread that completes it."""
        with _LOCK:
            if self._state is PENDING:
                if self._callbacks is None:
                    self._callbacks = []
                self._callbacks.append(fn)
                return
        self._call(fn)

    def __await__(self) -> Generator[object, None, Obj]:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            if not waiter.done():
                waiter.set_result(None)

        def tell(_done: Future) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(wake)

        self.add_done_callback(tell)
        try:
            yield from waiter
        finally:
            if self._callbacks is not None:  # the one who waits gave up
                self._forget_callback(tell)
        return self.result(0)

    def __repr__(self) -> str:
        return f"<Future {self._state}>"

    # What the one who answers sees

    def complete(self, value: Obj) -> bool:
        """Answer with a value; False when it was complete before, and then nothing changes."""
        return self._complete(OK, value)

    def fail(self, error: BaseException) -> bool:
        """Answer with an error; False when it was complete before, and then nothing changes."""
        return self._complete(ERR, error)

    def poke(self) -> None:
        """Let those who wait look up for a moment, so that a request to stop reaches them."""
        with _LOCK:
            waiters, self._waiters = self._waiters, None
        for lock in waiters or ():
            lock.release()

    def _complete(self, state: str, value: Obj) -> bool:
        with _LOCK:
            if self._state is not PENDING:
                return False
            self._value = value
            self._state = state
            waiters, self._waiters = self._waiters, None
            callbacks, self._callbacks = self._callbacks, None
        if waiters is not None:
            for lock in waiters:
                lock.release()
        if callbacks is not None:
            for fn in callbacks:
                self._call(fn)
        return True

    def _call(self, fn: Callable[[Future], object]) -> None:
        try:
            fn(self)
        except RuntimeError:  # such as an event loop that closed between the test and the call
            _log.exception("callback of a future failed")

    def _new_waiter(self) -> threading.Lock | None:
        lock = threading.Lock()
        lock.acquire()
        with _LOCK:
            if self._state is not PENDING:
                return None
            if self._waiters is None:
                self._waiters = []
            self._waiters.append(lock)
        return lock

    def _forget_callback(self, fn: Callable[[Future], object]) -> None:
        with _LOCK:
            if self._callbacks is not None and fn in self._callbacks:
                self._callbacks.remove(fn)

    def _forget_waiter(self, lock: threading.Lock) -> None:
        with _LOCK:
            if self._waiters is not None and lock in self._waiters:
                self._waiters.remove(lock)
