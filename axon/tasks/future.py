"""The answer to a message: one value or error that arrives once, in whatever thread.

A future is used from Axon (`futureGet`), from Python as a `concurrent.futures.Future` would be (`result`,
`done`, `cancel`, `add_done_callback`, also in `concurrent.futures.wait`) and with `await`. It is small,
because there is one per message: a lock is only made by those who wait. It knows nothing of tasks but its
owner's `drop`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Final, Protocol

from axon.errors import CancelRequest
from axon.runtime.limits import SHIELD

if TYPE_CHECKING:
    from axon.tasks.standard import Watch

__all__ = ["ABSENT", "CANCELLED", "ERR", "OK", "PENDING", "Future", "Owner"]

PENDING, OK, ERR, CANCELLED = "pending", "ok", "err", "cancelled"
ABSENT: Final = object()
"""The message of a future that is in no queue."""

Obj = object
_log = logging.getLogger("axon.tasks")
#: Guards the state of every future: it is held for a few instructions at a time.
_LOCK = allocate_lock()
#: How deep a thread is in callbacks that complete futures with callbacks, and those to be called `later`.
_nested = threading.local()
_MAX_NESTED = 20


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

    __slots__ = ("__weakref__", "_callbacks", "_locks", "_value", "_watch", "message", "owner", "state")

    def __init__(self, owner: Owner | None = None) -> None:
        self.owner = owner
        self.state = PENDING
        """`pending`, `ok`, `err` or `cancelled`; only read by others."""
        self.message: Obj = ABSENT
        """What it is to be the answer to, while that is in the queue of `owner`; for the owner only."""
        self._value: Obj = None
        self._locks: list[threading.Lock] | None = None  # one of each who waits
        self._callbacks: list[Callable[[Future], object]] | None = None
        self._watch: Watch | None = None

    # What the asker sees

    def done(self) -> bool:
        """Whether it is complete, in whichever way."""
        return self.state is not PENDING

    def running(self) -> bool:
        """Whether its message is being evaluated."""
        return self.owner is not None and self.owner.answers(self)

    def cancelled(self) -> bool:
        """Whether it was cancelled before an answer came."""
        return self.state is CANCELLED

    def cancel(self) -> bool:
        """Give the answer up; a message that has not started leaves the queue.

        An evaluation that runs already goes on, its answer is lost. False when it was complete before.
        """
        with SHIELD:
            if not self.complete(None, CANCELLED):
                return False
            if self.owner is not None:
                self.owner.drop(self)
            return True

    def wait(self, timeout: float | None = None, stopped: Callable[[], bool] | None = None) -> bool:
        """Wait until complete or `timeout` seconds passed; tell whether it is complete.

        Raises:
            CancelRequest: `stopped`, which is asked where a `poke` from then on is seen, said so.
        """
        if self.state is not PENDING:
            return True
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            lock = allocate_lock()
            lock.acquire()
            with _LOCK:
                if self.state is not PENDING:
                    return True
                if self._locks is None:
                    self._locks = [lock]
                else:
                    self._locks.append(lock)
            if stopped is not None and stopped():
                self._forget_waiter(lock)
                raise CancelRequest
            if end is None:
                lock.acquire()
            else:
                lock.acquire(True, min(max(0.0, end - time.monotonic()), threading.TIMEOUT_MAX))
            if self.state is not PENDING:
                return True
            self._forget_waiter(lock)
            if end is not None and time.monotonic() >= end:
                return False

    def result(self, timeout: float | None = None) -> Any:
        """Wait at most `timeout` seconds for the answer.

        Raises:
            TimeoutErr: no answer in time, also a `TimeoutError`; the future stays pending.
            CancelledErr: it was cancelled, also a `concurrent.futures.CancelledError`.
            BaseException: whatever the task raised.
        """
        if self.state is PENDING:
            self.wait(timeout)
        if self.state is OK:
            return self._value
        error = self._error(timeout)
        assert error is not None
        raise error

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait at most `timeout` seconds; the error, or None when the answer is a value.

        Raises:
            TimeoutErr: no answer in time, also a `TimeoutError`.
            CancelledErr: it was cancelled, also a `concurrent.futures.CancelledError`.
        """
        if self.state is PENDING:
            self.wait(timeout)
        return None if self.state is OK else self._error(timeout)

    def _error(self, timeout: float | None) -> BaseException | None:
        state = self.state
        if state is ERR:
            assert isinstance(self._value, BaseException)
            return self._value
        from axon.tasks.standard import GivenUpErr, NoAnswerErr

        if state is CANCELLED:
            raise GivenUpErr("futureGet: the message was cancelled")
        raise NoAnswerErr(f"futureGet: no answer within {timeout or 0:g}s")

    def add_done_callback(self, fn: Callable[[Future], object]) -> None:
        """Call `fn(future)` when complete: at once if it is, else in the thread that completes it."""
        with _LOCK:
            if self.state is PENDING:
                if self._callbacks is None:
                    self._callbacks = []
                self._callbacks.append(fn)
                return
        self._call(fn)

    def __await__(self) -> Generator[Any, None, Any]:
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

    @property
    def _condition(self) -> Watch:
        if self._watch is None:
            from axon.tasks.standard import Watch

            with _LOCK:
                if self._watch is None:
                    watch = Watch(self.state)
                    if self.state is PENDING:
                        self._callbacks = [*(self._callbacks or ()), watch]
                    self._watch = watch
        assert self._watch is not None
        return self._watch

    @property
    def _state(self) -> str:
        return self._condition.state

    @property
    def _waiters(self) -> list[Any]:
        return self._condition.waiters

    def __repr__(self) -> str:
        return f"<Future {self.state}>"

    # What the one who answers sees

    def complete(self, value: Obj, state: str = OK) -> bool:
        """Answer with a value; False when it was complete before, and then nothing changes."""
        with _LOCK:
            if self.state is not PENDING:
                return False
            self._value = value
            self.state = state
            locks, callbacks = self._locks, self._callbacks
            self._locks = self._callbacks = None
        if locks is not None:
            for lock in locks:
                lock.release()
        if callbacks is not None:
            self._call_all(callbacks)
        return True

    def fail(self, error: BaseException) -> bool:
        """Answer with an error; False when it was complete before, and then nothing changes."""
        return self.complete(error, ERR)

    def poke(self) -> None:
        """Let those who wait look up for a moment, so that a request to stop reaches them."""
        with _LOCK:
            locks, self._locks = self._locks, None
        for lock in locks or ():
            lock.release()

    def _call_all(self, callbacks: list[Callable[[Future], object]]) -> None:
        """Call them; those of a long chain, each of which completes the next, one after the other."""
        depth = getattr(_nested, "depth", 0)
        if depth == _MAX_NESTED:
            _nested.later += [(self, callbacks)]
            return
        _nested.depth = depth + 1
        if not depth:
            _nested.later = deque()
        try:
            for fn in callbacks:
                self._call(fn)
            while not depth and _nested.later:
                future, more = _nested.later.popleft()
                for fn in more:
                    future._call(fn)
        finally:
            _nested.depth = depth

    def _call(self, fn: Callable[[Future], object]) -> None:
        try:
            fn(self)
        except (Exception, SystemExit):  # who completes it goes on, as with any other future
            _log.exception("callback of a future failed")

    def _forget_callback(self, fn: Callable[[Future], object]) -> None:
        with _LOCK:
            if self._callbacks is not None and fn in self._callbacks:
                self._callbacks.remove(fn)

    def _forget_waiter(self, lock: threading.Lock) -> None:
        with _LOCK:
            if self._locks is not None and lock in self._locks:
                self._locks.remove(lock)
