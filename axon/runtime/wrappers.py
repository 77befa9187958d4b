"""Handles that change how another one is read or written: charset, gzip, skipping, an entry of a zip file."""

from __future__ import annotations

import codecs
import contextlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from axon.errors import IOErr, ParseErr
from axon.runtime.handles import BLOCK, Handle, Limited, StrHandle, guard

if TYPE_CHECKING:
    from zipfile import ZipFile

__all__ = ["CharsetHandle", "GzipHandle", "SkipHandle", "ZipEntryHandle", "open_zip"]

_NO_CHARSETS = frozenset(("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs"))


class CharsetHandle(Handle):
    """Another handle, its text in another encoding.

    Raises:
        ParseErr: no such encoding.
    """

    def __init__(self, inner: Handle, charset: str) -> None:
        self.inner = inner
        self.encoding = _find_charset(charset)

    def open(self) -> BinaryIO:
        return self.inner.open()

    def open_text(self, encoding: str = "utf-8") -> TextIO:
        return self.inner.open_text(self.encoding)

    def write_bytes(self, data: bytes) -> Any:
        return self.inner.write_bytes(data)

    def write_text(self, text: str, encoding: str = "utf-8") -> Any:
        return self.inner.write_text(text, self.encoding)

    def appending(self) -> Handle:
        return CharsetHandle(self.inner.appending(), self.encoding)

    def __str__(self) -> str:
        return str(self.inner)


def _find_charset(charset: str) -> str:
    """The name of an encoding of text; Python knows others, which turn bytes into bytes or run escapes."""
    try:
        name = codecs.lookup(charset).name
        "".encode(name)
    except (LookupError, ValueError):
        name = ""
    if not name or name.replace("-", "_") in _NO_CHARSETS:
        raise ParseErr(f"ioCharset: unknown charset {charset!r}")
    return name


class GzipHandle(Handle):
    """Another handle: compressed when written, expanded when read."""

    def __init__(self, inner: Handle) -> None:
        self.inner = inner

    def open(self) -> BinaryIO:
        import gzip

        source = self.inner.open()
        return io.BufferedReader(Limited(gzip.GzipFile(fileobj=source, mode="rb"), str(self), source))

    def write_bytes(self, data: bytes) -> Any:
        import gzip

        return self.inner.write_bytes(gzip.compress(data, mtime=0))

    def appending(self) -> Handle:
        return GzipHandle(self.inner.appending())

    def __str__(self) -> str:
        return f"gzip of {self.inner}"


class SkipHandle(Handle):
    """Another handle without its beginning: byte order mark, bytes, characters, lines, in this order."""

    def __init__(self, inner: Handle, *, bom: bool, size: int, chars: int, lines: int) -> None:
        self.inner = inner
        self._bom = bom
        self._bytes = size
        self._chars = chars
        self._lines = lines

    def open(self) -> BinaryIO:
        if not self._chars and not self._lines:
            return self._open()[0]
        with guard(self), self.open_text() as source:
            return io.BytesIO(source.read().encode())

    def open_text(self, encoding: str = "utf-8") -> TextIO:
        source: TextIO
        if self._bytes or (self._bom and not isinstance(self.inner, StrHandle)):
            raw, found = self._open()
            source = io.TextIOWrapper(raw, found or encoding, newline="")
        else:
            source = self.inner.open_text(encoding)
            if self._bom and source.read(1) != "\ufeff":
                source.seek(0)
        source.read(self._chars)
        for _ in range(self._lines):
            if not source.readline():
                break
        return source

    def _open(self) -> tuple[BinaryIO, str]:
        """The bytes behind what is skipped, and the encoding that a byte order mark announced."""
        source = self.inner.open()
        encoding = ""
        if self._bom:
            start = source.read(4)
            size, encoding = _find_bom(start)
            source = io.BufferedReader(_Joined(start[size:], source))
        left = self._bytes
        while left > 0 and (block := source.read(min(left, BLOCK))):
            left -= len(block)
        return source, encoding

    def __str__(self) -> str:
        return str(self.inner)


class _Joined(io.RawIOBase):
    """Some bytes, and then a stream."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer)
        data, self._start = self._start[:size], self._start[size:]
        data = data or self._rest.read(size)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._rest.close()
        super().close()


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _find_bom(start: bytes) -> tuple[int, str]:
    for mark, encoding in _BOMS:
        if start.startswith(mark):
            return len(mark), encoding
    return 0, ""


class ZipEntryHandle(Handle):
    """A file inside a zip file: it can only be read."""

    def __init__(self, inner: Handle, path: str) -> None:
        self.inner = inner
        self.path = path

    def open(self) -> BinaryIO:
        import zipfile

        stack = contextlib.ExitStack()
        try:
            archive = stack.enter_context(open_zip(self.inner))
            entry = stack.enter_context(archive.open(self.path.removeprefix("/")))
        except KeyError as e:
            stack.close()
            raise IOErr(f"{self}: no such entry") from e
        except (RuntimeError, zipfile.BadZipFile) as e:
            stack.close()
            raise IOErr(f"{self}: {e}") from e
        return io.BufferedReader(Limited(_Entry(entry), str(self), stack))

    def __str__(self) -> str:
        return f"{self.path} in {self.inner}"


class _Entry:
    """An entry whose bad checksum is an IOErr."""

    def __init__(self, entry: Any) -> None:
        self._entry = entry

    def read(self, size: int) -> bytes:
        import zipfile

        try:
            data: bytes = self._entry.read(size)
        except zipfile.BadZipFile as e:
            raise IOErr(str(e)) from e
        return data

    def close(self) -> None:
        self._entry.close()


@contextlib.contextmanager
def open_zip(handle: Handle) -> Iterator[ZipFile]:
    """The zip file behind a handle.

    Raises:
        IOErr: it is none.
    """
    import zipfile

    with guard(handle), handle.open() as source:
        seekable = source if source.seekable() else io.BytesIO(source.read())
        try:
            archive = zipfile.ZipFile(seekable)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as e:
            raise IOErr(f"{handle} is not a zip file") from e
        with archive:
            yield archive
