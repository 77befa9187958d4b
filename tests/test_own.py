"""Files that are the user's own, whatever the umask is and whoever else uses the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import axon
from axon.compile.cache import CodeCache
from axon.errors import IOErr
from axon.own import cache_dir, make_state_dir, state_dir, write_own

NOBODY = 65534


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_the_users_directories(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AXON_CACHE", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/ann")
    assert (cache_dir(), state_dir()) == ("/home/ann/.cache/axon", "/home/ann/.local/state/axon")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache_dir() == "/xdg/axon"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_dir() == "/home/ann/.cache/axon"
    monkeypatch.setenv("AXON_CACHE", "/own")
    assert cache_dir() == "/own"


def test_who_has_no_home_has_no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AXON_CACHE", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what it does for an unknown user
    monkeypatch.chdir(tmp_path)
    assert (cache_dir(), state_dir()) == ("", "")
    with axon.Runtime() as rt:
        assert rt.eval("1 + 1") == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_umask")
def test_nobody_else_reads_or_writes_what_is_kept(tmp_path: Path) -> None:
    code = CodeCache(str(tmp_path / "cache" / "axon" / "code"))
    code.write("key", ("entry",))
    folders = [p for p in tmp_path.rglob("*") if p.is_dir()]
    modes = {str(p.relative_to(tmp_path)): p.stat().st_mode & 0o777 for p in folders}
    assert modes == {"cache": 0o700, "cache/axon": 0o700, "cache/axon/code": 0o700}
    assert [p.stat().st_mode & 0o777 for p in (tmp_path / "cache/axon/code").iterdir()] == [0o600]
    assert code.read("key") == ("entry",)


@pytest.mark.parametrize("mode", [0o602, 0o620])
def test_an_entry_that_others_can_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    code = CodeCache(str(tmp_path / "code"))
    code.write("key", ("entry",))
    (entry,) = (tmp_path / "code").iterdir()
    entry.chmod(mode)
    assert code.read("key") is None
    code.write("key", ("fresh",))
    assert code.read("key") == ("fresh",)


def test_a_draft_is_no_way_out_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("kept")
    (tmp_path / f"entry.{os.getpid()}").symlink_to(tmp_path / "theirs")
    with pytest.raises(OSError, match="symbolic links"):
        write_own(str(tmp_path / "entry"), b"x")
    assert (tmp_path / "theirs").read_text() == "kept"


def test_a_state_directory_is_the_users_alone(tmp_path: Path) -> None:
    make_state_dir(str(tmp_path / "a" / "b"))
    make_state_dir(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    (tmp_path / "link").symlink_to(tmp_path / "a")
    make_state_dir(str(tmp_path / "link"))
    (tmp_path / "a").chmod(0o775)
    for path in ("a", "link"):
        with pytest.raises(IOErr, match=f"{path}: others may write in it"):
            make_state_dir(str(tmp_path / path))
    (tmp_path / "file").write_text("x")
    with pytest.raises(IOErr, match="file: not a directory"):
        make_state_dir(str(tmp_path / "file"))
    with pytest.raises(IOErr, match="file/deep: not a directory"):
        make_state_dir(str(tmp_path / "file" / "deep"))


def test_a_runtime_keeps_no_journal_where_others_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with axon.Runtime(state=tmp_path) as rt, pytest.raises(IOErr, match="others may write in it"):
        _ = rt.tasks
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_another_user_is_not_taken(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(0o700)
    os.chown(theirs, NOBODY, NOBODY)
    with pytest.raises(IOErr, match=r"theirs: it belongs to (nobody|user 65534), not to root"):
        make_state_dir(str(theirs))
    (tmp_path / "mine").mkdir(0o700)
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    os.chown(tmp_path / "link", NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(IOErr, match=r"(nobody|user 65534) made this link"):
        make_state_dir(str(tmp_path / "link"))
    code = CodeCache(str(tmp_path / "code"))
    code.write("key", ("entry",))
    (entry,) = (tmp_path / "code").iterdir()
    os.chown(entry, NOBODY, NOBODY)
    assert code.read("key") is None
