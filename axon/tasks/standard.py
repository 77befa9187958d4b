"""What a program that knows `concurrent.futures` expects of our futures: errors, `wait`, `as_completed`.

The last two look at the futures that they are given by three names without documentation, the same since
Python 3.2: `_condition`, held while they look, `_state`, and `_waiters`, whom they put in and who is told. A
future has them from the first look on, so that all others do not pay for it.
"""

from __future__ import annotations

import concurrent.futures
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any

from axon.errors import CancelledErr, TimeoutErr
from axon.runtime.limits import SHIELD

if TYPE_CHECKING:
    from axon.tasks.future import Future

__all__ = ["GivenUpErr", "NoAnswerErr", "Watch"]

#: What they call our states.
_STATES = {"pending": "PENDING", "ok": "FINISHED", "err": "FINISHED", "cancelled": "CANCELLED_AND_NOTIFIED"}


class NoAnswerErr(TimeoutErr, TimeoutError):
    """No answer in time."""


class GivenUpErr(CancelledErr, concurrent.futures.CancelledError):
    """The message was cancelled."""


class Watch:
    """The three names of one future; itself the condition, and what is called when the future is complete."""

    __slots__ = ("_lock", "state", "waiters")

    def __init__(self, state: str) -> None:
        self._lock = threading.RLock()
        self.state = _STATES[state]
        """The future's, as of the moment when those who wait were told."""
        self.waiters: list[Any] = []

    def __call__(self, future: Future) -> None:
        """Tell those who wait."""
        with self:
            self.state = _STATES[future.state]
            for waiter in self.waiters:
                if future.cancelled():
                    waiter.add_cancelled(future)
                elif future.exception() is not None:
                    waiter.add_exception(future)
                else:
                    waiter.add_result(future)

    def acquire(self) -> None:
        """Hold it; whoever does can't be stopped."""
        SHIELD.__enter__()
        self._lock.acquire()

    def release(self) -> None:
        """Let it go."""
        self._lock.release()
        SHIELD.__exit__(None, None, None)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.release()
