"""FTP and FTPS, for handles: read, write, make, delete, list."""

from __future__ import annotations

import contextlib
import datetime as dt
import ftplib
import io
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote

from axon.errors import ArgErr, IOErr
from axon.values import uris

__all__ = ["create", "delete", "fetch", "items", "store"]

TIMEOUT = 60.0
"""Seconds without any answer after which an operation fails."""


def fetch(uri: str, limit: int) -> BinaryIO:
    """The content of a file of at most `limit` bytes."""
    out = io.BytesIO()

    def keep(block: bytes) -> None:
        if out.tell() + len(block) > limit:
            raise IOErr(f"{uri} is larger than {limit} bytes")
        out.write(block)

    with _connect(uri) as (ftp, path):
        ftp.retrbinary(f"RETR {path}", keep)
    out.seek(0)
    return out


def store(uri: str, data: bytes) -> None:
    """Write a file; missing directories are made."""
    with _connect(uri) as (ftp, path):
        _make_parents(ftp, path)
        ftp.storbinary(f"STOR {path}", io.BytesIO(data))


def create(uri: str) -> None:
    """Make an empty file, or a directory where the path ends in a slash."""
    if not uris.parts(uri).is_dir:
        store(uri, b"")
        return
    with _connect(uri) as (ftp, path):
        _make_parents(ftp, path)


def delete(uri: str) -> None:
    """Delete a file, or an empty directory; what is not there does not matter."""
    is_dir = uris.parts(uri).is_dir
    with _connect(uri) as (ftp, path):
        try:
            if is_dir:
                ftp.rmd(path.rstrip("/"))
            else:
                ftp.delete(path)
        except ftplib.error_perm as e:
            if not str(e).startswith("550"):
                raise


def items(uri: str) -> list[tuple[str, bool, int, float | None]]:
    """What a directory holds: name, whether it is a directory, size in bytes, time in seconds since 1970."""
    out = []
    with _connect(uri) as (ftp, path):
        for name, facts in ftp.mlsd(path, ["type", "size", "modify"]):
            kind = facts.get("type", "file")
            if kind in ("file", "dir") and not name.startswith("."):
                out.append((name, kind == "dir", int(facts.get("size", "0")), _time(facts.get("modify"))))
    return sorted(out)


def _time(text: str | None) -> float | None:
    if not text:
        return None
    with contextlib.suppress(ValueError):
        return dt.datetime.strptime(text[:14] + "Z", "%Y%m%d%H%M%S%z").timestamp()
    return None


@contextlib.contextmanager
def _connect(uri: str) -> Iterator[tuple[ftplib.FTP, str]]:
    """A session on the host of a URI, and the path there; the user is in the URI or `anonymous`."""
    parts = uris.parts(uri)
    path = unquote(parts.path_str.replace("\\", "")) or "/"
    if any(c in path for c in "\r\n\0"):
        raise ArgErr(f"the path has a character that FTP can't send: {uri}")
    user, _, password = (parts.user or "anonymous:").partition(":")
    ftp = ftplib.FTP_TLS(timeout=TIMEOUT) if parts.scheme == "ftps" else ftplib.FTP(timeout=TIMEOUT)
    try:
        with ftp:
            ftp.connect(parts.host or "", parts.port or 21)
            ftp.login(user, password)
            if isinstance(ftp, ftplib.FTP_TLS):
                ftp.prot_p()
            yield ftp, path
    except ftplib.all_errors as e:
        raise IOErr(f"{uri}: {e or type(e).__name__}") from e


def _make_parents(ftp: ftplib.FTP, path: str) -> None:
    names = path.split("/")[:-1]
    for i, name in enumerate(names):
        if name:
            with contextlib.suppress(ftplib.error_perm):  # it is there
                ftp.mkd("/".join(names[: i + 1]))
