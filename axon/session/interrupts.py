"""Ctrl-C while frames are on their way: it waits for a moment when no bytes can be lost.

A signal's handler runs wherever the main thread is, also where bytes have left the socket and are not yet
counted. `limits.Shield` does the same for requests to stop from other threads.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found] # `signal` builds enums, which costs start-up
from threading import get_ident, main_thread
from types import FrameType
from typing import Any

__all__ = ["INTERRUPTS", "Interrupts"]


class Interrupts:
    """Holds SIGINT back in the main thread, for as long as it is held; in others it does nothing."""

    __slots__ = ("_came", "_handler", "_main")

    def __init__(self) -> None:
        self._main = main_thread().ident
        self._handler: Any = None  # whose turn it is later; None while nothing is held back
        self._came: tuple[int, FrameType | None] | None = None

    @property
    def waiting(self) -> bool:
        """Whether one came and waits."""
        return self._came is not None

    def hold(self) -> None:
        """From now on one that comes waits. What is held is not held twice."""
        if get_ident() != self._main or self._handler is not None:
            return
        handler = signal.getsignal(signal.SIGINT)
        if callable(handler):
            self._came = None
            signal.signal(signal.SIGINT, self._later)  # may raise, for one that just came
            self._handler = handler

    def let(self) -> None:
        """Hold none back any more; one that waits comes now: usually it raises KeyboardInterrupt."""
        handler = self._handler
        if handler is None or get_ident() != self._main:
            return
        self._handler = None
        if signal.getsignal(signal.SIGINT) == self._later:  # else a program has set its own meanwhile
            signal.signal(signal.SIGINT, handler)
        came, self._came = self._came, None
        if came is not None:
            handler(*came)

    def _later(self, number: int, frame: FrameType | None) -> None:
        self._came = number, frame

    def __enter__(self) -> None:
        self.hold()

    def __exit__(self, *error: object) -> None:
        self.let()


INTERRUPTS = Interrupts()
