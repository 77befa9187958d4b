"""The address that an interpreter calls: a unix socket in a private directory, open for one call only."""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from collections.abc import Callable

from axon.errors import StartError
from axon.scratch import Scratch

__all__ = ["TICK", "Home", "tune"]

TICK = 0.05
"""Seconds: how long a link waits before its owner looks at the clock."""
_BUFFER = 1 << 20


def tune(link: socket.socket) -> None:
    """Set the time-out and the buffers of the host's end of a link."""
    link.setblocking(True)
    tick = struct.pack("ll", int(TICK), int(TICK % 1 * 1_000_000))
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, tick)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, tick)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)


class Home:
    """A private directory with a socket `s` that waits for one call, and a directory `tmp` beside it.

    The directory can be entered by its owner only; `close` removes it with all that is in it.

    Args:
        shared: the socket is in a directory `call` of its own, which any user may use who is let in there:
            what a container mounts.
        tcp: instead of the socket file a port of this machine, which only this machine reaches; there the key
            alone keeps others out.

    Raises:
        StartError: there can be no such directory or socket.
    """

    def __init__(self, *, shared: bool = False, tcp: bool = False) -> None:
        try:
            self._scratch = Scratch()
        except OSError as e:
            raise StartError(f"py: {e}") from e
        self.path = self._scratch.path
        self.call = os.path.join(self.path, "call") if shared else self.path
        self.socket_path = os.path.join(self.call, "s")
        self.temp = os.path.join(self.path, "tmp")
        os.mkdir(self.temp, 0o700)
        if shared:
            os.mkdir(self.call)
            os.chmod(self.call, 0o755)
        self._tcp = tcp
        self._listener = socket.socket(socket.AF_INET if tcp else socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(("127.0.0.1", 0) if tcp else self.socket_path)
            if shared:
                os.chmod(self.socket_path, 0o666)
            self._listener.listen(1)
        except OSError as e:
            self.close()
            raise StartError(f"py: cannot listen in {self.path} ({e})") from e

    @property
    def address(self) -> str:
        """What the interpreter is told to call."""
        if not self._tcp:
            return self.socket_path
        host, port = self._listener.getsockname()
        return f"tcp:{host}:{port}"

    def accept(self, timeout: float, alive: Callable[[], bool], wake_fd: int | None = None) -> socket.socket:
        """Wait for the call, at most `timeout` seconds; then nobody else can call.

        Args:
            alive: whether the caller can still be expected.
            wake_fd: a descriptor that becomes readable when the caller ends.

        Raises:
            StartError: no call came in time, or the caller ended.
        """
        end = time.monotonic() + timeout
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        if wake_fd is not None:
            poll.register(wake_fd, select.POLLIN)
        while True:
            ready = poll.poll(200 if wake_fd is not None else 10)
            if any(fd == self._listener.fileno() for fd, _ in ready):
                link, _ = self._listener.accept()
                break
            if not alive():
                raise StartError("py: the interpreter ended before it called")
            if time.monotonic() > end:
                raise StartError(f"py: the interpreter did not call within {timeout:g}sec")
        self._listener.close()
        if self._tcp:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            os.unlink(self.socket_path)
        tune(link)
        return link

    def close(self) -> None:
        """Stop listening and remove the directory; safe twice."""
        self._listener.close()
        self._scratch.close()
