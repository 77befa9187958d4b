"""I/O handles: what the functions of the I/O library read from and write to.

`handle_of` makes a handle of any value that stands for one: a Str is text in memory, a path URI a file below
`io/`, an `http:` or `ftp:` URI a document elsewhere, a dict with `id` the content kept with that record. The
wrappers (`axon.runtime.wrappers`) change how another handle is read or written. A handle opens nothing before
it is used, and what it opens is closed when the reading ends. What the system or a decoder complains about
becomes an IOErr.
"""

from __future__ import annotations

import contextlib
import io
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, TextIO

from axon.errors import ArgErr, HostErr, IOErr, UnknownRecErr, UnsupportedErr
from pylib.kinds import MARKER, Ref, Uri

if TYPE_CHECKING:
    from axon.runtime.context import Context
    from axon.runtime.iodir import Entry, IoDir, IoPath

__all__ = [
    "BLOCK",
    "MAX_EXPANDED",
    "Buffer",
    "FileHandle",
    "Handle",
    "Item",
    "Limited",
    "StrHandle",
    "guard",
    "handle_of",
]

BLOCK = 1 << 18
"""Bytes read at a time."""

MAX_EXPANDED = 1 << 30
"""Most bytes that compressed or remote content may come to."""

_REC_DIR = ".rec"


@dataclass(frozen=True, slots=True)
class Item:
    """A file or directory: `size` in bytes, `mod` in seconds since 1970, None where it is not known."""

    uri: Uri
    name: str
    dir: bool
    size: int
    mod: float | None


class Handle:
    """Something to read bytes or text from, or to write to."""

    #: May not cross to another thread: reading moves its position.
    axon_mutable = True
    host_type = "Handle"

    def open(self) -> BinaryIO:
        """The content as a stream of bytes, to be closed by the caller."""
        raise UnsupportedErr(f"binary read is not supported on {self}")

    def open_text(self, encoding: str = "utf-8") -> TextIO:
        """The content as a stream of text that knows `\\n`, `\\r\\n` and `\\r` and keeps them."""
        return io.TextIOWrapper(self.open(), encoding, newline="")

    def blocks(self) -> Iterator[bytes]:
        """The content in pieces; of a Str its UTF-8 bytes."""
        with guard(self), self.open() as source:
            while block := source.read(BLOCK):
                yield block

    def read_bytes(self) -> bytes:
        """The whole content; of a Str its UTF-8 bytes."""
        return b"".join(self.blocks())

    def read_text(self, encoding: str = "utf-8") -> str:
        """The whole content as text, with `\\n` line ends."""
        with guard(self), self.open_text(encoding) as source:
            return _plain(source.read())

    def lines(self, encoding: str = "utf-8") -> Generator[str, None, None]:
        """The lines one by one, without their ends; a final line end adds no empty line."""
        with guard(self), self.open_text(encoding) as source:
            for line in source:
                yield line.rstrip("\r\n")

    def write_bytes(self, data: bytes) -> Any:
        """Write bytes; returns what the writing function returns."""
        raise UnsupportedErr(f"binary write is not supported on {self}")

    def write_text(self, text: str, encoding: str = "utf-8") -> Any:
        """Write text; returns what the writing function returns."""
        with guard(self):
            data = text.encode(encoding)
        return self.write_bytes(data)

    def appending(self) -> Handle:
        """The handle that adds to the end."""
        raise UnsupportedErr(f"append mode is not supported on {self}")

    def create(self) -> None:
        """Make an empty file, or a directory."""
        self._no("create")

    def delete(self) -> None:
        """Delete a file, or a directory with what is below."""
        self._no("delete")

    def items(self) -> list[Item]:
        """What a directory holds."""
        self._no("dir")

    def info(self) -> Item:
        """What is known of a file or directory; a missing one has no `mod`."""
        self._no("info")

    def place(self, what: str) -> tuple[IoDir, IoPath]:
        """Directory and path below `io/`, for the functions that need both.

        Raises:
            UnsupportedErr: this is no file there.
        """
        self._no(what)

    def _no(self, what: str) -> NoReturn:
        raise UnsupportedErr(f"cannot run {what} on {self}")

    def __str__(self) -> str:
        return type(self).__name__


class StrHandle(Handle):
    """Text in memory: writing gives the text and what was written."""

    def __init__(self, text: str) -> None:
        self.text = text

    def open_text(self, encoding: str = "utf-8") -> TextIO:
        return io.StringIO(self.text, newline="")

    def blocks(self) -> Iterator[bytes]:
        with guard(self):
            yield self.text.encode()

    def read_text(self, encoding: str = "utf-8") -> str:
        return _plain(self.text)

    def write_text(self, text: str, encoding: str = "utf-8") -> str:
        return self.text + text

    def __str__(self) -> str:
        return "a Str"


class FileHandle(Handle):
    """A file or directory below `io/`; with `rec`, the content kept with a record."""

    def __init__(self, files: IoDir, path: IoPath, *, append: bool = False, rec: bool = False) -> None:
        self.files = files
        self.path = path
        self.append = append
        self.rec = rec

    def open(self) -> BinaryIO:
        return self.files.open_read(self.path)

    def write_bytes(self, data: bytes) -> Any:
        size = self.files.write_bytes(self.path, data, append=self.append)
        return None if self.rec else {"size": size}

    def appending(self) -> Handle:
        if self.rec:
            return super().appending()
        return FileHandle(self.files, self.path, append=True)

    def create(self) -> None:
        files, path = self.place("create")
        files.create(path)

    def delete(self) -> None:
        files, path = self.place("delete")
        files.delete(path)

    def items(self) -> list[Item]:
        files, path = self.place("dir")
        return [_item(entry) for entry in files.list(path)]

    def info(self) -> Item:
        files, path = self.place("info")
        return _item(files.info(path))

    def place(self, what: str) -> tuple[IoDir, IoPath]:
        if self.rec:
            self._no(what)
        return self.files, self.path

    def __str__(self) -> str:
        return "the content of a record" if self.rec else str(self.path)


def _item(entry: Entry) -> Item:
    return Item(entry.path.uri, entry.path.name, entry.dir, entry.size, entry.mod)


class Buffer(Handle):
    """Bytes in memory: each byte is read once; writing adds to the end."""

    host_type = "MemBuf"

    def __init__(self, data: bytes = b"") -> None:
        self._data = data

    def open(self) -> BinaryIO:
        data, self._data = self._data, b""
        return io.BytesIO(data)

    def write_bytes(self, data: bytes) -> Any:
        self._data += data
        return {"size": len(self._data)}

    def __str__(self) -> str:
        return f"Buf(size={len(self._data)})"


class _Bytes(Handle):
    """A Buf value: it can be read again and again, and not be written."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open(self) -> BinaryIO:
        return io.BytesIO(self._data)

    def __str__(self) -> str:
        return "a Buf"


class Limited(io.RawIOBase):
    """A stream that fails when it gives more than `MAX_EXPANDED` bytes; closes `also` when it is closed."""

    def __init__(self, source: Any, name: str, also: Any = None) -> None:
        self._source = source
        self._left = MAX_EXPANDED
        self._name = name
        self._also = also

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise IOErr(f"{self._name} is larger than {MAX_EXPANDED} bytes")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
            if self._also is not None:
                self._also.close()
        super().close()


@contextlib.contextmanager
def guard(handle: object) -> Iterator[None]:
    """Turn the errors of streams and decoders into IOErr."""
    try:
        yield
    except HostErr:
        raise
    except UnicodeError as e:
        raise IOErr(f"{handle}: {_unicode_text(e)}") from e
    except (OSError, EOFError, zlib.error) as e:
        raise IOErr(f"{handle}: {e}") from e


def _unicode_text(e: UnicodeError) -> str:
    if isinstance(e, UnicodeDecodeError):
        return f"not {e.encoding.upper()} text at byte {e.start}"
    if isinstance(e, UnicodeEncodeError):
        return f"{e.encoding.upper()} has no character {e.object[e.start]!r}"
    return str(e)


def handle_of(val: object, cx: Context) -> Handle:
    """The handle that a value stands for.

    Raises:
        ArgErr: it stands for none, or for a path outside `io/`.
        UnknownRecErr: a dict whose `id` is no record.
    """
    if isinstance(val, Handle):
        return val
    if type(val) is str:
        return StrHandle(val)
    if type(val) is Uri:
        return _uri_handle(val.val, cx)
    if type(val) is bytes:
        return _Bytes(val)
    if isinstance(val, dict):
        return _dict_handle(val, cx)
    from axon.values.show import kind_name, preview

    what = "null" if val is None else f"{kind_name(val)} {preview(val)}"
    raise ArgErr(f"cannot obtain an IO handle from {what}")


def _uri_handle(uri: str, cx: Context) -> Handle:
    scheme = uri.partition(":")[0]
    if scheme in ("http", "https", "ftp", "ftps"):
        from axon.runtime import remote

        return remote.HttpHandle(uri) if scheme.startswith("http") else remote.FtpHandle(uri)
    return FileHandle(cx.io, cx.io.resolve(uri))


def _dict_handle(val: dict[str, Any], cx: Context) -> Handle:
    path = val.get("path")
    if val.get("zipEntry") is MARKER and type(path) is Uri:
        from axon.runtime.wrappers import ZipEntryHandle

        return ZipEntryHandle(handle_of(val.get("file"), cx), path.val)
    ref = val.get("id")
    if type(ref) is not Ref:
        raise ArgErr("cannot obtain an IO handle from a dict without an id")
    if cx.db_resolve(ref) is None:
        raise UnknownRecErr(f"no record @{ref.val}")
    from urllib.parse import quote

    from axon.runtime.iodir import IoPath

    return FileHandle(cx.io, IoPath((_REC_DIR, "r-" + quote(ref.val, safe="")), False), rec=True)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
