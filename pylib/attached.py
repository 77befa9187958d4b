"""The server of a program that opened itself (`attach`): a guest there, whose code an interrupt may strike.

An Interrupt is a message. While code runs nobody reads the link: a thread looks whether one waits there, and
raises KeyboardInterrupt in the thread that runs the code.
"""

from __future__ import annotations

import signal
import socket
import threading
import time

from pylib.frames import HEADER, MAGIC
from pylib.messages import INTERRUPT
from pylib.server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pylib.frames import Frames

__all__ = ["AttachedServer"]

_LOOK = 0.05
"""Seconds between two looks."""


class AttachedServer(Server):
    """A server that is a guest in a program: an interrupt strikes the thread that runs the code."""

    asked_to_stop = False
    """An Interrupt was seen and still waits to be read."""

    def __init__(self, frames: Frames, options: dict[str, Any], space: dict[str, Any]) -> None:
        self._guard = threading.Lock()
        self._thread = 0
        super().__init__(frames, options, [], space)

    def serve(self, kind: int, request: int, body: bytes, buffers: list[memoryview]) -> None:
        """Answer a request; in the main thread SIGINT means this code meanwhile."""
        outer = self._thread
        self._thread = threading.get_ident()
        main = self._thread == threading.main_thread().ident and not outer
        old = signal.signal(signal.SIGINT, self._on_signal) if main else None
        try:
            super().serve(kind, request, body, buffers)
        finally:
            self._thread = outer
            if main:
                signal.signal(signal.SIGINT, old if old is not None else signal.SIG_DFL)

    def _answer(self, kind: int, body: bytes, buffers: list[memoryview]) -> Any:
        if self.frames.next_kind == INTERRUPT:  # it came together with the request
            self.asked_to_stop = True
            raise KeyboardInterrupt
        try:
            return super()._answer(kind, body, buffers)
        finally:
            self._settle()

    def _settle(self) -> None:
        """Code ends, or a frame begins: from here on nothing strikes any more."""
        with self._guard:
            self.running = False
            self._take_back()

    def hold(self, on: bool) -> None:
        """Begin or end a stretch that no interrupt may cut."""
        if on:
            with self._guard:
                self._take_back()
                self._held += 1
        else:
            super().hold(False)

    def _send_request(self, body: bytes | bytearray, buffers: list[Any]) -> Any:
        """Ask the host; nothing strikes before the answer is there."""
        self.hold(True)
        try:
            return super()._send_request(body, buffers)
        finally:
            self.hold(False)

    def _take_back(self) -> None:
        """What was raised in this thread and has not arrived does not arrive later."""
        if self.asked_to_stop:
            # Caught, not cleared: Python 3.11 goes on looking for one that was cleared, at every call,
            # and with a debugger it never gets beyond that.
            try:
                _raise_in(self._thread, KeyboardInterrupt)
                for _ in range(3):
                    pass
            except KeyboardInterrupt:
                pass

    def watch(self, link: socket.socket) -> None:
        """Until the caller leaves, look whether it wants the code that runs to stop; has its own thread."""
        with link:
            while not self.closing:
                time.sleep(_LOOK)
                if self.running and not self._held and not self.asked_to_stop:
                    self._stop_if_asked(link)

    def _stop_if_asked(self, link: socket.socket) -> None:
        with self._guard:  # the code can begin no frame meanwhile: what is seen stays where it is
            if not self.running or self._held or not _interrupt_waits(link):
                return
            self.asked_to_stop = True
            if self._thread == threading.main_thread().ident:
                signal.pthread_kill(self._thread, signal.SIGINT)
            else:
                _raise_in(self._thread, KeyboardInterrupt)

    def notice(self, kind: int, request: int, body: bytes, buffers: list[memoryview]) -> None:
        """A message without answer; an Interrupt that was not seen by the watcher strikes later."""
        if kind != INTERRUPT:
            super().notice(kind, request, body, buffers)
        elif self.asked_to_stop:
            self.asked_to_stop = False
        elif self._held:
            self._pending = True


def _interrupt_waits(link: socket.socket) -> bool:
    """Whether the next frame is an Interrupt; it stays where it is."""
    try:
        head = link.recv(HEADER.size, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return False
    if len(head) < HEADER.size:
        return False
    found = HEADER.unpack(head)
    return bool(found[3] == INTERRUPT and found[6] == MAGIC)


def _raise_in(thread: int, kind: type[BaseException]) -> None:
    """Have a thread raise an exception at its next step of Python code, in place of one under way."""
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(kind))
