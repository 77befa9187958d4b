"""The option `logLevel`: what a session does, and with `DEBUG` each frame, in the log of Python.

The logger is `axon.session`. A program that set up logging gets the records there; else they are written to
standard error.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pylib.frames import Frames
from pylib.messages import NAMES

if TYPE_CHECKING:
    from pylib.frames import Bytes, Frame

__all__ = ["LoggedFrames", "logger_for"]

_SHOWN = 40
"""Bytes of a body that are shown."""


def logger_for(level: str) -> logging.Logger:
    """The logger of sessions, with a handler where the program has none, and at least as talkative as
    `level`."""
    log = logging.getLogger("axon.session")
    wanted: int = getattr(logging, level)
    if not log.isEnabledFor(wanted):
        log.setLevel(wanted)
    if not log.hasHandlers():
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        log.addHandler(handler)
    return log


class LoggedFrames(Frames):
    """Frames that tell of each one: direction, kind, request, sizes, the first bytes of the body."""

    __slots__ = ("log", "who")
    log: logging.Logger
    who: str

    def send(self, kind: int, request: int, body: Bytes, buffers: Sequence[Bytes] = ()) -> None:
        """Send one frame; raises as `Frames.send`."""
        self._tell("->", kind, request, body, buffers)
        super().send(kind, request, body, buffers)

    def recv(self) -> Frame:
        """Wait for the next frame; raises as `Frames.recv`."""
        found = super().recv()
        self._tell("<-", *found)
        return found

    def _tell(self, way: str, kind: int, request: int, body: Bytes, buffers: Sequence[Bytes]) -> None:
        name = NAMES.get(kind, str(kind))
        shown = "(not shown: it has the key)" if name == "Hello" else repr(bytes(body[:_SHOWN]))
        sizes = f" + {len(buffers)} buffers of {sum(map(len, buffers))} bytes" if buffers else ""
        self.log.debug("%s %s %s #%d, %d bytes%s: %s", self.who, way, name, request, len(body), sizes, shown)
