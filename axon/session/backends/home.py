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
_BUFFER = 1 << 20


def _temp_root() -> str:
    for path in (os.environ.get("TMPDIR", ""), "/tmp", "/var/tmp"):
        if path and os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK):
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

    Args:
        shared: the socket is in a directory `call` of its own, which any user may use who is let in there:
            what a container mounts.
        tcp: instead of the socket file a port of this machine, which only this machine reaches; there the key
            alone keeps others out.

    Raises:
        StartError: there can be no such directory or socket.
    """

    def __init__(self, *, shared: bool = False, tcp: bool = False) -> None:
        root = _temp_root()
        while True:
            self.path = os.path.join(root, f"axon-{os.urandom(8).hex()}")
            try:
                os.mkdir(self.path, 0o700)
                break
            except FileExistsError:
                continue
            except OSError as e:
                raise StartError(f"py: no temporary directory in {root} ({e.strerror}); set TMPDIR") from e
        self._lock = _hold(self.path)
        _sweep_once(root)
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
        remove_tree(self.path)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


_LOCK = "lock"
_YOUNG = 60.0
"""Seconds: a directory without a lock file may still be in the making."""
_swept = False


def _hold(path: str) -> int | None:
    """Lock a file in a private directory; the kernel drops the lock when this process ends, however it
    ends."""
    import fcntl

    fd = os.open(os.path.join(path, _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # a file system without locks
        os.close(fd)
        return None
    return fd


def _sweep_once(root: str) -> None:
    """Remove what hosts left behind that were killed: private directories of ours whose lock nobody holds."""
    global _swept
    if _swept:
        return
    _swept = True
    try:
        entries = list(os.scandir(root))
    except PermissionError:  # where users can't see each other's names
        return
    for entry in entries:
        if entry.name.startswith("axon-") and len(entry.name) == 21 and entry.is_dir(follow_symlinks=False):
            try:
                is_ours = entry.stat(follow_symlinks=False).st_uid == os.getuid()
            except FileNotFoundError:  # its host removed it meanwhile
                continue
            if is_ours and _is_left(entry.path):
                remove_tree(entry.path)


def _is_left(path: str) -> bool:
    import fcntl

    try:
        fd = os.open(os.path.join(path, _LOCK), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        try:
            return time.time() - os.stat(path).st_mtime > _YOUNG
        except OSError:
            return False
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


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
