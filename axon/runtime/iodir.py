"""A project's `io/` directory: paths that cannot leave it, and the file operations on them.

Every path is a URI such as `io/sub/a.txt`. It is resolved to its parts before the file system is touched,
and then opened part by part relative to an open directory, so that neither `..` nor a symbolic link nor a
rename in between leads outside: links below `io/` are never followed, and only regular files and
directories are opened (code in a sandbox may write here too). A file is written beside its place and
renamed into it: a reader sees the old content or the new, never a half.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from axon.errors import ArgErr, IOErr
from pylib.kinds import Uri

__all__ = ["Entry", "IoDir", "IoPath"]

MOUNT = "io"

_DIR = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LINK_ERRNOS = frozenset((errno.ELOOP, errno.ENOTDIR, errno.EMLINK))
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class IoPath:
    """A place below `io/`: `parts` are plain names, `dir` says that it was written with a final slash."""

    parts: tuple[str, ...]
    dir: bool

    def __post_init__(self) -> None:
        for part in self.parts:
            if "/" in part or part in ("", ".", ".."):
                raise ArgErr(f"not the name of a file: {part!r}")

    @property
    def name(self) -> str:
        """The last name; `io` for the directory itself."""
        return self.parts[-1] if self.parts else MOUNT

    @property
    def uri(self) -> Uri:
        """The path as a URI that resolves to it again."""
        steps = "".join("/" + _escape(part) for part in self.parts)
        return Uri(MOUNT + steps + ("/" if self.dir else ""))

    def child(self, name: str, *, is_dir: bool) -> IoPath:
        """The entry `name` of this directory."""
        return IoPath((*self.parts, name), is_dir)

    def __str__(self) -> str:
        return self.uri.val


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a file or directory: `size` in bytes, `mod` in seconds since 1970; None if missing."""

    path: IoPath
    dir: bool
    size: int
    mod: float | None


class IoDir:
    """The files below one directory of the host.

    Args:
        root: the host's directory; made when something is written and it is not there yet.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root).absolute()

    def __repr__(self) -> str:
        return f"IoDir({str(self.root)!r})"

    def resolve(self, uri: Uri | str) -> IoPath:
        """Read a URI as a path below `io/`; `.` and `..` are worked out first, nothing is looked up.

        Raises:
            ArgErr: another scheme, another root than `io/`, or a path that climbs out of it.
        """
        text = uri if isinstance(uri, str) else uri.val
        names, is_dir = _split(text)
        parts: list[str] = []
        for name in names:
            if name == "..":
                if not parts:
                    raise ArgErr(f"path leaves io/: `{text}`")
                parts.pop()
            elif name not in ("", "."):
                _check_name(name, text)
                parts.append(name)
        if not parts or parts[0] != MOUNT:
            raise ArgErr(f"path is not below io/: `{text}`")
        return IoPath(tuple(parts[1:]), is_dir or len(parts) == 1)

    def open_read(self, path: IoPath) -> BinaryIO:
        """Open a regular file for reading bytes.

        Raises:
            IOErr: missing, a directory, a link, or not a regular file.
        """
        with self._parent(path) as parent, _errors(path):
            self._expect_file(path)
            fd = os.open(path.name, _READ, dir_fd=parent)
            return os.fdopen(_regular(fd, path), "rb")

    @contextlib.contextmanager
    def open_write(self, path: IoPath, *, append: bool = False) -> Iterator[BinaryIO]:
        """A file to write bytes to, put in place when the block ends well and dropped when it does not.

        Missing directories are made. With `append`, the bytes go to the end of the existing file.
        """
        self._expect_file(path)
        with self._parent(path, make=True) as parent, _errors(path):
            if append:
                fd = _regular(os.open(path.name, _APPEND, 0o666, dir_fd=parent), path)
                with os.fdopen(fd, "ab") as out:
                    yield out
                return
            old = _lstat(path.name, parent)
            if old is not None and stat.S_ISDIR(old.st_mode):
                raise IOErr(f"{path} is a directory: write {path}/")
            temp = f".axon-{token_hex(8)}.tmp"
            fd = os.open(temp, _NEW, 0o666, dir_fd=parent)
            try:
                if old is not None and stat.S_ISREG(old.st_mode):
                    os.fchmod(fd, old.st_mode & 0o777)
                with os.fdopen(fd, "wb") as out:
                    yield out
                os.rename(temp, path.name, src_dir_fd=parent, dst_dir_fd=parent)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temp, dir_fd=parent)
                raise

    def read_bytes(self, path: IoPath) -> bytes:
        """The whole content of a file."""
        with self.open_read(path) as file, _errors(path):
            return file.read()

    def write_bytes(self, path: IoPath, data: bytes, *, append: bool = False) -> int:
        """Write a whole file, or append to it; returns the size of the file in bytes."""
        with self.open_write(path, append=append) as out:
            out.write(data)
            return out.tell()

    def info(self, path: IoPath) -> Entry:
        """What is known of a path; `mod` is None when nothing is there.

        Raises:
            IOErr: a directory whose URI has no final slash, or a link.
        """
        try:
            with self._parent(path) as parent, _errors(path):
                found = os.lstat(path.name, dir_fd=parent) if path.parts else os.fstat(parent)
        except IOErr as e:
            if not _is_missing(e):
                raise
            return Entry(path, path.dir, 0, None)
        return self._entry(path, found)

    def exists(self, path: IoPath) -> bool:
        """Whether a file or directory is there."""
        return self.info(path).mod is not None

    def list(self, path: IoPath) -> list[Entry]:
        """The files and directories of a directory, by name; hidden ones and links are left out.

        Nothing there, or a file: empty.
        """
        entry = self.info(path)
        if entry.mod is None or not entry.dir:
            return []
        return [e for e in self._children(path) if not e.path.name.startswith(".")]

    def create(self, path: IoPath) -> None:
        """Make an empty file (an existing one is emptied), or a directory where the path says so."""
        if not path.dir:
            self.write_bytes(path, b"")
            return
        with self._open_dir(path.parts, path, make=True):
            pass

    def delete(self, path: IoPath) -> None:
        """Delete a file, or a directory with all below; nothing there is fine.

        Raises:
            ArgErr: the `io/` directory itself.
            IOErr: a directory whose URI has no final slash.
        """
        if not path.parts:
            raise ArgErr("io/ itself can't be deleted")
        try:
            with self._parent(path) as parent, _errors(path):
                found = os.lstat(path.name, dir_fd=parent)
                if not stat.S_ISDIR(found.st_mode):
                    os.unlink(path.name, dir_fd=parent)
                    return
                self._entry(path, found)
                shutil.rmtree(path.name, dir_fd=parent)
        except IOErr as e:
            if not _is_missing(e):
                raise

    def copy(self, source: IoPath, target: IoPath, overwrite: bool | None = None) -> None:
        """Copy a file or a directory with all below.

        `overwrite` decides what happens when the target is there: True replaces it, False leaves it,
        None is an IOErr.
        """
        entry = self._present(source)
        if source == target:
            raise ArgErr(f"can't copy {source} onto itself")
        if entry.dir != target.dir:
            raise IOErr(f"can't copy {source} to {target}: one is a directory, the other is not")
        common = min(len(source.parts), len(target.parts))
        if entry.dir and target.parts[:common] == source.parts[:common]:
            raise ArgErr(f"can't copy {source} to {target}: one holds the other")
        if self.exists(target):
            if overwrite is None:
                raise IOErr(f"{target} exists: say overwrite or overwrite:false")
            if not overwrite:
                return
            if entry.dir:
                self.delete(target)
        self._copy(entry, target)

    def move(self, source: IoPath, target: IoPath) -> None:
        """Give a file or directory another path.

        Raises:
            IOErr: the source is missing, or the target is there.
        """
        entry = self._present(source)
        if not source.parts:
            raise ArgErr("io/ itself can't be moved")
        if entry.dir != target.dir:
            raise IOErr(f"can't move {source} to {target}: one is a directory, the other is not")
        if self.exists(target):
            raise IOErr(f"{target} exists")
        with self._parent(source) as old, self._parent(target, make=True) as new, _errors(source):
            os.rename(source.name, target.name, src_dir_fd=old, dst_dir_fd=new)

    def _copy(self, entry: Entry, target: IoPath) -> None:
        if entry.dir:
            self.create(target)
            for child in self._children(entry.path):
                self._copy(child, target.child(child.path.name, is_dir=child.dir))
            return
        with self.open_read(entry.path) as source, self.open_write(target) as out:
            shutil.copyfileobj(source, out, 1 << 20)

    def _children(self, path: IoPath) -> Iterator[Entry]:
        with self._open_dir(path.parts, path) as fd, _errors(path):
            found = sorted(os.listdir(fd))
            for name in found:
                state = _lstat(name, fd)
                if state is not None and (stat.S_ISDIR(state.st_mode) or stat.S_ISREG(state.st_mode)):
                    child = path.child(name, is_dir=stat.S_ISDIR(state.st_mode))
                    yield self._entry(child, state)

    def _present(self, path: IoPath) -> Entry:
        entry = self.info(path)
        if entry.mod is None:
            raise IOErr(f"{path} does not exist")
        return entry

    def _entry(self, path: IoPath, found: os.stat_result) -> Entry:
        is_dir = stat.S_ISDIR(found.st_mode)
        if is_dir and not path.dir:
            raise IOErr(f"{path} is a directory: write {path}/")
        if stat.S_ISLNK(found.st_mode):
            raise IOErr(f"{path} is a symbolic link: links in io/ are not followed")
        return Entry(path, is_dir, 0 if is_dir else found.st_size, found.st_mtime)

    def _expect_file(self, path: IoPath) -> None:
        if path.dir:
            raise IOErr(f"{path} is a directory")

    @contextlib.contextmanager
    def _parent(self, path: IoPath, *, make: bool = False) -> Iterator[int]:
        """The open directory that holds the last name of a path."""
        with self._open_dir(path.parts[:-1], path, make=make) as fd:
            yield fd

    @contextlib.contextmanager
    def _open_dir(self, parts: tuple[str, ...], path: IoPath, *, make: bool = False) -> Iterator[int]:
        """Open a directory part by part, never through a link; `make` makes the missing ones."""
        with _errors(path):
            if make:
                self.root.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with _errors(path):
                for name in parts:
                    inner = _enter(name, fd, make)
                    os.close(fd)
                    fd = inner
            yield fd
        finally:
            os.close(fd)


def _is_missing(e: IOErr) -> bool:
    """Whether it says that nothing is there."""
    return isinstance(e.__cause__, FileNotFoundError)


def _enter(name: str, fd: int, make: bool) -> int:
    try:
        return os.open(name, _DIR, dir_fd=fd)
    except FileNotFoundError:
        if not make:
            raise
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, dir_fd=fd)
    return os.open(name, _DIR, dir_fd=fd)


def _lstat(name: str, fd: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=fd, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _regular(fd: int, path: IoPath) -> int:
    """Hand on a descriptor of a regular file; close any other."""
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode):
        return fd
    os.close(fd)
    if stat.S_ISDIR(mode):
        raise IOErr(f"{path} is a directory: write {path}/")
    raise IOErr(f"{path} is not a regular file")


@contextlib.contextmanager
def _errors(path: IoPath) -> Iterator[None]:
    """Turn what the system says into our own errors."""
    try:
        yield
    except FileNotFoundError as e:
        raise IOErr(f"{path} does not exist") from e
    except IsADirectoryError as e:
        raise IOErr(f"{path} is a directory: write {path}/") from e
    except OSError as e:
        if e.errno in _LINK_ERRNOS:
            raise IOErr(f"{path} leads through a file or a symbolic link, which is not followed") from e
        raise IOErr(f"{path}: {e.strerror or e}") from e


def _split(text: str) -> tuple[list[str], bool]:
    """The names of a URI's path with escapes undone, and whether it ends in a slash."""
    names: list[str] = []
    name: list[str] = []
    chars = iter(text)
    for c in chars:
        if c == "\\":
            c = next(chars, "\\")
            if c == "/":
                raise ArgErr(f"path is not below io/: `{text}`")
            name.append(c)
        elif c == "/":
            names.append("".join(name))
            name = []
        elif c in "?#":
            break
        elif c == ":" and not names:
            raise ArgErr(f"path is not below io/: `{text}`")
        else:
            name.append(c)
    last = "".join(name)
    names.append(last)
    return names, last in ("", ".", "..")


def _check_name(name: str, text: str) -> None:
    try:
        bad = b"\0" in os.fsencode(name)
    except UnicodeError:
        bad = True
    if bad:
        raise ArgErr(f"path has a character that no file name can hold: {text!r}")


def _escape(name: str) -> str:
    return "".join("\\" + c if c in ":/?#\\" else c for c in name)
