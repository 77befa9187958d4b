"""Paths of the io directory stay inside it; writes are whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from axon.errors import ArgErr, IOErr
from axon.runtime.iodir import IoDir, IoPath
from pylib.kinds import Uri


@pytest.fixture
def io(tmp_path: Path) -> IoDir:
    (tmp_path / "secret.txt").write_text("secret")
    return IoDir(tmp_path / "io")


def put(io: IoDir, uri: str, text: str = "x") -> IoPath:
    path = io.resolve(uri)
    io.write_bytes(path, text.encode())
    return path


@pytest.mark.parametrize(
    ("uri", "parts", "is_dir"),
    [
        ("io/x", ("x",), False),
        ("/io/x", ("x",), False),
        ("io/./a/../b/", ("b",), True),
        ("io", (), True),
        ("io/", (), True),
        ("io//a", ("a",), False),
        ("io/a/..", (), True),
        ("/lib/../io/x", ("x",), False),
        ("io/a\\#b\\:c", ("a#b:c",), False),
        ("io/a?q#f", ("a",), False),
        ("io/%2e%2e/x", ("%2e%2e", "x"), False),
    ],
)
def test_a_path_is_resolved_before_the_look_up(
    io: IoDir, uri: str, parts: tuple[str, ...], is_dir: bool
) -> None:
    assert io.resolve(Uri(uri)) == IoPath(parts, is_dir)


@pytest.mark.parametrize(
    "uri",
    [
        "../x", "io/../db/x", "io/../../x", "/etc/x", "x.txt", "", "/", "file:/etc/hosts", "file:io/x",
        "io/..", "..", "io\\/x", "io:x", "iox/y", "io/a/../../../io/x", "io/\0", "io/\ud800", "\\.\\./x",
    ],
)  # fmt: skip
def test_a_path_that_leaves_the_directory_is_refused(io: IoDir, uri: str) -> None:
    with pytest.raises(ArgErr):
        io.resolve(uri)


def test_a_uri_made_from_a_path_resolves_to_it(io: IoDir) -> None:
    path = IoPath(("a b", "c#d:e\\f?"), False)
    assert io.resolve(path.uri) == path


def test_writing_makes_directories_and_reading_gets_the_bytes_back(io: IoDir) -> None:
    path = put(io, "io/a/b/c.txt", "hello")
    assert io.read_bytes(path) == b"hello"
    assert io.info(path).size == 5


def test_links_are_never_followed(io: IoDir, tmp_path: Path) -> None:
    put(io, "io/in.txt")
    (io.root / "file").symlink_to(tmp_path / "secret.txt")
    (io.root / "dir").symlink_to(tmp_path)
    (io.root / "inner").symlink_to("in.txt")
    for uri in ("io/file", "io/dir/secret.txt", "io/inner"):
        with pytest.raises(IOErr, match=r"link"):
            io.read_bytes(io.resolve(uri))
        with pytest.raises(IOErr, match=r"link"):
            io.info(io.resolve(uri))
    with pytest.raises(IOErr, match=r"link"):
        put(io, "io/dir/new.txt")
    with pytest.raises(IOErr, match=r"link"):
        io.write_bytes(io.resolve("io/file"), b"x", append=True)
    assert [e.path.name for e in io.list(io.resolve("io/"))] == ["in.txt"]
    assert (tmp_path / "secret.txt").read_text() == "secret"


def test_writing_over_a_link_replaces_the_link(io: IoDir, tmp_path: Path) -> None:
    io.create(io.resolve("io/"))
    (io.root / "file").symlink_to(tmp_path / "secret.txt")
    put(io, "io/file", "mine")
    assert (tmp_path / "secret.txt").read_text() == "secret"
    assert (io.root / "file").read_text() == "mine"


def test_deleting_a_link_or_a_directory_with_links_leaves_the_target(io: IoDir, tmp_path: Path) -> None:
    put(io, "io/d/x.txt")
    (io.root / "d" / "out").symlink_to(tmp_path)
    (io.root / "file").symlink_to(tmp_path / "secret.txt")
    io.delete(io.resolve("io/d/"))
    io.delete(io.resolve("io/file"))
    assert (tmp_path / "secret.txt").read_text() == "secret"
    assert os.listdir(io.root) == []


def test_a_fifo_is_refused_without_waiting(io: IoDir) -> None:
    io.create(io.resolve("io/"))
    os.mkfifo(io.root / "pipe")
    with pytest.raises(IOErr, match="regular"):
        io.read_bytes(io.resolve("io/pipe"))
    with pytest.raises(IOErr):
        io.write_bytes(io.resolve("io/pipe"), b"x", append=True)


def test_a_write_that_fails_leaves_the_old_content_and_no_litter(io: IoDir) -> None:
    path = put(io, "io/a.txt", "old")

    def write_half() -> None:
        with io.open_write(path) as out:
            out.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert io.read_bytes(path) == b"old"
    assert os.listdir(io.root) == ["a.txt"]


def test_append_adds_to_the_end(io: IoDir) -> None:
    path = put(io, "io/a.txt", "ab")
    assert io.write_bytes(path, b"c", append=True) == 3
    assert io.read_bytes(path) == b"abc"


def test_a_directory_needs_its_final_slash(io: IoDir) -> None:
    put(io, "io/d/x.txt")
    path = io.resolve("io/d")
    for action in (io.read_bytes, io.info, io.list, io.delete, io.create):
        with pytest.raises(IOErr, match="io/d/"):
            action(path)
    assert [str(e.path) for e in io.list(io.resolve("io/d/"))] == ["io/d/x.txt"]


def test_missing_things(io: IoDir) -> None:
    path = io.resolve("io/none/x.txt")
    with pytest.raises(IOErr, match="does not exist"):
        io.read_bytes(path)
    assert io.info(path).size == 0
    assert io.info(path).mod is None
    assert io.list(io.resolve("io/none/")) == []
    io.delete(path)


def test_copy_asks_what_to_do_with_an_existing_target(io: IoDir) -> None:
    a, b = put(io, "io/a.txt", "a"), put(io, "io/b.txt", "b")
    with pytest.raises(IOErr, match="overwrite"):
        io.copy(a, b)
    io.copy(a, b, overwrite=False)
    assert io.read_bytes(b) == b"b"
    io.copy(a, b, overwrite=True)
    assert io.read_bytes(b) == b"a"
    with pytest.raises(ArgErr):
        io.copy(a, a, overwrite=True)


def test_a_directory_is_copied_with_all_below_but_not_into_itself(io: IoDir) -> None:
    put(io, "io/d/e/x.txt", "x")
    io.copy(io.resolve("io/d/"), io.resolve("io/f/"))
    assert io.read_bytes(io.resolve("io/f/e/x.txt")) == b"x"
    with pytest.raises(ArgErr):
        io.copy(io.resolve("io/d/"), io.resolve("io/d/g/"))


def test_move_refuses_an_existing_target(io: IoDir) -> None:
    a, b = put(io, "io/a.txt", "a"), put(io, "io/b.txt", "b")
    with pytest.raises(IOErr, match="exists"):
        io.move(a, b)
    io.move(a, io.resolve("io/new/c.txt"))
    assert io.read_bytes(io.resolve("io/new/c.txt")) == b"a"
    with pytest.raises(IOErr, match="does not exist"):
        io.move(a, b)


def test_the_directory_itself_stays(io: IoDir) -> None:
    io.create(io.resolve("io/"))
    with pytest.raises(ArgErr):
        io.delete(io.resolve("io/"))
    assert io.root.is_dir()
