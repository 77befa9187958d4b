"""Handles of documents elsewhere: `http:` and `ftp:` URIs, and the body of a response."""

from __future__ import annotations

import io
from typing import BinaryIO

from axon.errors import IOErr
from axon.runtime import ftp, http
from axon.runtime.handles import MAX_EXPANDED, Handle, Item, Limited
from axon.values import uris
from pylib.kinds import Uri

__all__ = ["FtpHandle", "HttpHandle", "InStream"]


class InStream(Handle):
    """A stream that can be read once, such as the body of a response."""

    host_type = "InStream"

    def __init__(self, source: BinaryIO, name: str) -> None:
        self._source: BinaryIO | None = source
        self._name = name

    def open(self) -> BinaryIO:
        source, self._source = self._source, None
        if source is None or source.closed:
            raise IOErr(f"{self._name} was read before or is closed")
        return io.BufferedReader(Limited(source, self._name))

    def __str__(self) -> str:
        return self._name


class HttpHandle(Handle):
    """A document behind an `http:` or `https:` URI: it can only be read."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def open(self) -> BinaryIO:
        return io.BufferedReader(Limited(http.fetch(self.uri), self.uri))

    def __str__(self) -> str:
        return self.uri


class FtpHandle(Handle):
    """A file or directory behind an `ftp:` or `ftps:` URI."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def open(self) -> BinaryIO:
        return ftp.fetch(self.uri, MAX_EXPANDED)

    def write_bytes(self, data: bytes) -> None:
        ftp.store(self.uri, data)

    def create(self) -> None:
        ftp.create(self.uri)

    def delete(self) -> None:
        ftp.delete(self.uri)

    def items(self) -> list[Item]:
        base = uris.plus_slash(self.uri)
        return [
            Item(Uri(f"{base}{name}{'/' if is_dir else ''}"), name, is_dir, size, mod)
            for name, is_dir, size, mod in ftp.items(self.uri)
        ]

    def __str__(self) -> str:
        return self.uri
