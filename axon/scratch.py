"""Temporary directories that end with their process, however that ends.

Each holds a file that is locked while the process lives. The first one that a process makes removes those of
this user whose lock nobody holds any more: their processes were killed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

__all__ = ["Scratch", "remove_tree"]

_LOCK = "lock"
_PREFIX, _LENGTH = "axon-", 21
_YOUNG = 60.0
"""Seconds: a directory without a lock file may still be in the making."""
_swept = False


class Scratch:
    """A private directory, entered by its owner only; `close` removes it with all that is in it.

    Raises:
        OSError: there can be none; the message names the directory where it should have been.
    """

    def __init__(self) -> None:
        root = _root()
        while True:
            self.path = os.path.join(root, f"{_PREFIX}{os.urandom(8).hex()}")
            try:
                os.mkdir(self.path, 0o700)
                break
            except FileExistsError:
                continue
            except OSError as e:
                raise OSError(f"no temporary directory in {root} ({e.strerror}); set TMPDIR") from e
        self._lock = _hold(self.path)
        _sweep_once(root)

    def close(self) -> None:
        """Remove it; safe twice."""
        remove_tree(self.path)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _root() -> str:
    for path in (os.environ.get("TMPDIR", ""), "/tmp", "/var/tmp"):
        if path and os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK):
            return path
    return os.getcwd()


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
        if (
            entry.name.startswith(_PREFIX)
            and len(entry.name) == _LENGTH
            and entry.is_dir(follow_symlinks=False)
        ):
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
