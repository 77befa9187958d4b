"""The address that an interpreter calls: a unix socket in a private directory, open for one call only."""

from __future__ import annotations

import os
import select
import socket
import struct
import sys
import time
from collections.abc import Callable

from axon.errors import StartError

__all__ = ["TICK", "Home", "tune"]

TICK = 0.05
"""Seconds: how long a link waits before its owner looks at the clock."""
_BUFFER = 1 << 22


def _temp_root() -> str:
    for path in (os.environ.get("TMPDIR", ""), "/tmp", "/var/tmp"):
        if path and os.path.isdir(path) and os.access(path, os.W_OK):
            return path
    return os.getcwd()


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
    """

    def __init__(self) -> None:
        root = _temp_root()
        while True:
            self.path = os.path.join(root, f"axon-{os.urandom(8).hex()}")
            try:
                os.mkdir(self.path, 0o700)
                break
            except FileExistsError:
                continue
        self.socket_path = os.path.join(self.path, "s")
        self.temp = os.path.join(self.path, "tmp")
        os.mkdir(self.temp, 0o700)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(self.socket_path)
            self._listener.listen(1)
        except OSError as e:
            self.close()
            raise StartError(f"py: cannot listen in {self.path} ({e})") from e

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
        os.unlink(self.socket_path)
        tune(link)
        return link

    def close(self) -> None:
        """Stop listening and remove the directory; safe twice."""
        self._listener.close()
        remove_tree(self.path)


def remove_tree(path: str) -> None:
    """Remove a directory that a stranger wrote in: links are not followed, what cannot be removed stays."""
    try:
        os.rmdir(path)
        return
    except FileNotFoundError:
        return
    except OSError:
        pass
    import shutil

    def unlock(function: Callable[[str], object], name: str, error: object) -> None:
        parent = os.path.dirname(name)
        try:
            os.chmod(parent, 0o700)
            if os.path.isdir(name) and not os.path.islink(name):
                os.chmod(name, 0o700)
            function(name)
        except OSError:
            pass

    if sys.version_info >= (3, 12):
        shutil.rmtree(path, onexc=unlock)
    else:
        shutil.rmtree(path, onerror=unlock)
