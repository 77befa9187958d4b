"""What session code prints: by messages, and below Python through a pipe. An evaluation has a limit of it."""

from __future__ import annotations

import codecs
import os
import select
from collections.abc import Callable

__all__ = ["Echo", "Output"]

Echo = Callable[[str], object]

_READS = 32
"""How many pieces of output below Python are read at a time."""
_WORDS = 200
"""Characters that the session may need for its own words about its limit."""


class Output:
    """Shows what one interpreter prints.

    Args:
        limit: characters per evaluation.
    """

    def __init__(self, limit: int) -> None:
        self.echo: Echo = _swallow
        self._limit = limit
        self._left = limit
        self._fd: int | None = None
        self._waiting = select.poll()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def open(self, fd: int | None, poll: select.poll) -> None:
        """Take what is printed below Python (by C code, by processes that were started) from a descriptor.

        `poll` is to watch it, too.
        """
        self._fd = fd
        self._poll = poll
        if fd is not None:
            poll.register(fd, select.POLLIN)
            self._waiting.register(fd, select.POLLIN)

    def renew(self) -> None:
        """Begin an evaluation: it may print as much as the limit says."""
        self._left = self._limit

    def show(self, text: str) -> None:
        """Pass on what was printed, up to the limit, whatever the session thinks of limits."""
        if self._left < 0:
            return
        room = self._left + _WORDS
        self._left -= len(text)
        self.echo(text if len(text) <= room else text[:room] + "\n… output stopped\n")

    def look(self) -> None:
        """Show what was printed below Python, if it is there already."""
        if self._fd is not None and self._waiting.poll(0):
            self.drain()

    def drain(self) -> None:
        """Show what was printed below Python."""
        fd = self._fd
        if fd is None:
            return
        for _ in range(_READS):  # not for ever: what is written faster than it is read waits
            try:
                data = os.read(fd, 65536)
            except BlockingIOError:
                return
            if not data:
                self._poll.unregister(fd)
                self._fd = None
                return
            self.show(self._decoder.decode(data))
            if len(data) < 65536:
                return

    def close(self) -> None:
        """The descriptor is about to be closed."""
        self._fd = None


def _swallow(text: str) -> None:
    """Nobody wants it."""
