"""Code objects kept on disk, found by what they were made from; like `.pyc` files.

An entry is named by a checksum of all that went into it, and holds that too: the text, its name, the state
of the compiler and of the library, the Python version and the names that the program may refer to. The
directory and each entry are the user's own and not writable by others: an entry is `marshal` data, which must
come from nobody else. A cache that can't be used is no error.
"""

from __future__ import annotations

import marshal
import os
import sys
from binascii import crc32

from axon.own import is_own, make_dir, read_own, write_own

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["CodeCache"]

_FORMAT = 3
_MAX_ENTRIES, _MAX_BYTES = 4096, 1 << 28
_LARGE = 1 << 18
"""Bytes: after an entry of that size the directory is looked through."""


class CodeCache:
    """The cache in one directory, made when first written to."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._stamp = ""

    def key(self, text: str, parts: Iterable[object]) -> str:
        """All that the code of a text depends on, as one text."""
        return f"{self._versions()}\0{parts!r}\0{text}"

    def _versions(self) -> str:
        """Python, and the state of the files that decide on the code: the compiler's and the library's."""
        if not self._stamp:
            here = os.path.dirname(os.path.abspath(__file__))
            times = [
                (entry.name, entry.stat().st_mtime_ns, entry.stat().st_size)
                for folder in (here, os.path.join(os.path.dirname(here), "lib"))
                for entry in sorted(os.scandir(folder), key=lambda e: e.name)
                if entry.name.endswith(".py")
            ]
            self._stamp = repr((_FORMAT, sys.version, times))
        return self._stamp

    def read(self, key: str) -> tuple[Any, ...] | None:
        """An entry, or None when there is none that can be read."""
        try:
            if not self._ours():
                return None
            data = read_own(self._path(key))
            if data[:4] != _check(data[4:]):
                return None
            kept, entry = marshal.loads(data[4:])
        except (OSError, ValueError, EOFError, TypeError):
            return None
        return entry if kept == key else None

    def write(self, key: str, entry: tuple[Any, ...]) -> None:
        """Keep an entry, in one step."""
        try:
            data = marshal.dumps((key, entry))
            make_dir(self.folder)
            if not self._ours():
                return
            check = _check(data)
            write_own(self._path(key), check + data)
            if check[-1] == 0 or len(data) > _LARGE:  # one write in 256, or a large one
                self._trim()
        except (OSError, ValueError):
            return

    def _path(self, key: str) -> str:
        return f"{self.folder}/{crc32(key.encode('utf-8', 'surrogatepass')):08x}"

    def _ours(self) -> bool:
        return is_own(os.stat(self.folder))

    def _trim(self) -> None:
        """Drop the oldest entries of a directory that grew too large: down to half of its limits."""
        found = [(entry.stat(), entry.path) for entry in os.scandir(self.folder) if entry.is_file()]
        if len(found) <= _MAX_ENTRIES and sum(info.st_size for info, _ in found) <= _MAX_BYTES:
            return
        found.sort(key=lambda item: item[0].st_mtime_ns, reverse=True)
        count = size = 0
        for info, path in found:
            count, size = count + 1, size + info.st_size
            if count > 1 and (count > _MAX_ENTRIES // 2 or size > _MAX_BYTES // 2):
                try:
                    os.unlink(path)
                except OSError:  # another process was faster
                    continue


def _check(data: bytes) -> bytes:
    return crc32(data).to_bytes(4, "big")
