"""Handles open late, close always, and never give more than they should."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

import axon
from axon.errors import IOErr, UnsupportedErr
from axon.runtime import handles
from axon.runtime.handles import Buffer, FileHandle, StrHandle
from axon.runtime.iodir import IoDir
from axon.runtime.remote import InStream
from axon.runtime.wrappers import CharsetHandle, GzipHandle, SkipHandle, ZipEntryHandle, open_zip


@pytest.fixture
def files(tmp_path: Path) -> IoDir:
    return IoDir(tmp_path / "io")


def put(files: IoDir, uri: str, data: bytes) -> FileHandle:
    path = files.resolve(uri)
    files.write_bytes(path, data)
    return FileHandle(files, path)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\r\nb\rc\n\n", ["a", "b", "c", ""]),
        ("a\x0bb\u2028c", ["a\x0bb\u2028c"]),
    ],
)
def test_lines_end_as_the_reference_says(files: IoDir, text: str, want: list[str]) -> None:
    assert list(StrHandle(text).lines()) == want
    assert list(put(files, "io/x", text.encode()).lines()) == want


def test_reading_closes_what_it_opens(files: IoDir) -> None:
    plain = put(files, "io/a", b"a\nb\n" * 1000)
    packed = put(files, "io/a.gz", gzip.compress(b"a\nb\n" * 1000))
    before = open_files()
    for handle in (plain, GzipHandle(packed), SkipHandle(plain, bom=True, size=1, chars=1, lines=1)):
        handle.read_text()
        handle.read_bytes()
        lines = handle.lines()
        next(lines)
        lines.close()
    assert open_files() == before


def test_errors_close_too(files: IoDir) -> None:
    bad = put(files, "io/bad", b"\xff\xfe\xfd")
    before = open_files()
    for handle in (bad, GzipHandle(bad), ZipEntryHandle(bad, "/a")):
        with pytest.raises(IOErr):
            handle.read_text()
    assert open_files() == before


def test_a_stream_that_is_dropped_half_way_closes_its_file(files: IoDir, tmp_path: Path) -> None:
    put(files, "io/a.csv", b"a,b\n" + b"1,2\n" * 5000)
    with axon.Runtime(io=tmp_path / "io") as rt:
        rt.eval("ioStreamCsv(`io/a.csv`).limit(1).collect")
        before = open_files()
        for _ in range(3):
            rt.eval("ioStreamCsv(`io/a.csv`).limit(2).collect")
            rt.eval("ioStreamLines(`io/a.csv`).first")
        assert open_files() == before


def test_a_compressed_bomb_is_refused(files: IoDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handles, "MAX_EXPANDED", 10_000)
    with pytest.raises(IOErr, match="larger than 10000 bytes"):
        GzipHandle(put(files, "io/a.gz", gzip.compress(b"0" * 50_000))).read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 50_000)
    with pytest.raises(IOErr, match="larger than 10000 bytes"):
        ZipEntryHandle(put(files, "io/a.zip", packed.getvalue()), "/a").read_bytes()


def test_a_damaged_zip_file_is_an_error_of_ours(files: IoDir) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a", b"hello world")
    data = bytearray(packed.getvalue())
    data[data.index(b"hello")] ^= 1
    with pytest.raises(IOErr, match="CRC"):
        ZipEntryHandle(put(files, "io/a.zip", bytes(data)), "/a").read_bytes()
    with pytest.raises(IOErr, match="zip"), open_zip(put(files, "io/b.zip", bytes(data[:40]))):
        pass


def test_a_zip_file_is_read_through_gzip(files: IoDir) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("d/a.txt", "é")
    handle = GzipHandle(put(files, "io/a.zip.gz", gzip.compress(packed.getvalue())))
    assert ZipEntryHandle(handle, "/d/a.txt").read_text() == "é"


def test_a_body_can_be_read_once() -> None:
    body = InStream(io.BytesIO(b"x"), "the body")
    assert body.read_text() == "x"
    with pytest.raises(IOErr, match="read before"):
        body.read_text()


def test_a_buffer_gives_each_byte_once() -> None:
    buffer = Buffer(b"ab")
    assert buffer.read_bytes() == b"ab"
    assert buffer.read_bytes() == b""
    assert buffer.write_text("é") == {"size": 2}
    assert buffer.read_text() == "é"


def test_a_buf_value_can_be_read_again(tmp_path: Path) -> None:
    with axon.Runtime(io=tmp_path) as rt:
        assert rt.eval("[ioToHex(b), ioToHex(b)]", b=b"\x01") == ["01", "01"]
        with pytest.raises(UnsupportedErr):
            rt.eval('ioWriteStr("x", b)', b=b"\x01")


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(files: IoDir, mark: str) -> None:
    handle = put(files, "io/x", "é\nz".encode(mark))
    assert SkipHandle(handle, bom=True, size=0, chars=0, lines=0).read_text() == "é\nz"
    assert SkipHandle(handle, bom=True, size=0, chars=1, lines=0).read_text() == "\nz"


def test_a_failed_write_keeps_the_file(files: IoDir) -> None:
    handle = put(files, "io/x", b"old")
    with pytest.raises(IOErr, match="€"):
        CharsetHandle(handle, "ISO-8859-1").write_text("€")
    assert handle.read_bytes() == b"old"


def test_writers_replace_files_as_a_whole(tmp_path: Path) -> None:
    with axon.Runtime(io=tmp_path) as rt:
        rt.eval("ioWriteZinc([{a:1}], `io/x.zinc`)")
        with pytest.raises(axon.AxonError):
            rt.eval("ioWriteJson([{a:1..2}], `io/x.zinc`)")
        assert rt.eval("ioReadZinc(`io/x.zinc`).first->a") == 1
        assert os.listdir(tmp_path) == ["x.zinc"]
