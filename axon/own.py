"""Files that are the user's own: made for nobody else, and believed when nobody else can have written them.

Compiled code, parse tables and journals are trusted when they are read again, whoever else uses the machine
and whatever the umask is.
"""

from __future__ import annotations

import os

from axon.errors import IOErr

__all__ = ["cache_dir", "is_own", "make_dir", "make_state_dir", "read_own", "state_dir", "write_own"]


def cache_dir() -> str:
    """Where things are kept that can be made again: `AXON_CACHE`, or `axon` in the XDG cache directory.

    Empty when the user has no home.
    """
    return os.environ.get("AXON_CACHE") or _below("XDG_CACHE_HOME", "~/.cache")


def state_dir() -> str:
    """Where history is kept: `axon` in the XDG state directory; empty when the user has no home."""
    return _below("XDG_STATE_HOME", "~/.local/state")


def _below(variable: str, default: str) -> str:
    base = os.environ.get(variable, "")
    if not os.path.isabs(base):  # the standard has such a path ignored
        base = os.path.expanduser(default)
    return os.path.join(base, "axon") if os.path.isabs(base) else ""


def is_own(info: os.stat_result) -> bool:
    """Whether a file or directory is this user's, and nobody else may write to it."""
    return info.st_uid == os.geteuid() and not info.st_mode & 0o022


def read_own(path: str) -> bytes:
    """The content of a file.

    Raises:
        OSError: it can't be read, or is not this user's own.
    """
    with open(path, "rb") as file:
        if not is_own(os.fstat(file.fileno())):
            raise PermissionError(f"{path}: others may have written it")
        return file.read()


def write_own(path: str, data: bytes) -> None:
    """Put a file in place in one step, for this user only.

    Raises:
        OSError: it can't be written; nothing is left behind.
    """
    draft = f"{path}.{os.getpid()}"
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with open(fd, "wb") as file:
            file.write(data)
        os.replace(draft, path)
    except OSError:
        try:
            os.unlink(draft)
        except OSError:  # another thread put it in place
            pass
        raise


def make_dir(path: str) -> None:
    """Make a directory, and those above it that are missing, for this user only.

    Raises:
        OSError: it can't be made.
    """
    if os.path.isdir(path):
        return
    above = os.path.dirname(path)
    if above:
        make_dir(above)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:  # another process was faster
        if not os.path.isdir(path):
            raise


def make_state_dir(path: str) -> None:
    """Make a directory for what a service keeps, or take one that is there.

    Raises:
        IOErr: it can't be made, it is another user's, or others may write in it.
    """
    try:
        make_dir(path)
        link, info = os.lstat(path), os.stat(path)
    except OSError as e:
        why = "not a directory" if isinstance(e, FileExistsError) else e.strerror
        raise IOErr(f"state directory {path}: {why}") from e
    me, fault = os.geteuid(), ""
    if info.st_uid != me:
        fault = f"it belongs to {_user(info.st_uid)}, not to {_user(me)}"
    elif link.st_uid not in (me, 0):
        fault = f"{_user(link.st_uid)} made this link"
    elif not is_own(info):
        fault = f"others may write in it; if all in it is yours: chmod go-w {path}"
    if fault:
        raise IOErr(f"state directory {path}: {fault}")


def _user(uid: int) -> str:
    """The name of a user, where there is one."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
