"""The code cache on disk stays small, whatever else is in its directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from axon.compile import cache
from axon.compile.cache import CodeCache


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CodeCache:
    """A cache of at most 20 entries or 100,000 bytes, which looks after every write."""
    monkeypatch.setattr(cache, "_MAX_ENTRIES", 20)
    monkeypatch.setattr(cache, "_MAX_BYTES", 100_000)
    monkeypatch.setattr(cache, "_LARGE", 0)
    return CodeCache(str(tmp_path / "code"))


def write(code: CodeCache, number: int, size: int = 1) -> str:
    """Write an entry; entries are as old as their number says."""
    key = code.key(str(number), ())
    code.write(key, ("x" * size,))
    os.utime(code._path(key), ns=(number, number))
    return key


def kept(code: CodeCache, keys: list[str]) -> list[int]:
    return [number for number, key in enumerate(keys) if code.read(key) is not None]


def test_the_newest_entries_stay(code: CodeCache) -> None:
    keys = [write(code, number) for number in range(21)]
    assert kept(code, keys)[-1] == 20
    assert kept(code, keys) == list(range(21))[-len(kept(code, keys)) :]
    assert len(os.listdir(code.folder)) <= 20


def test_large_entries_make_room_for_each_other(code: CodeCache) -> None:
    keys = [write(code, number, 30_000) for number in range(5)]
    assert 4 in kept(code, keys)
    assert sum(entry.stat().st_size for entry in os.scandir(code.folder)) <= 100_000


def test_an_entry_larger_than_all_room_is_kept_alone(code: CodeCache) -> None:
    keys = [write(code, 0), write(code, 1, 200_000)]
    assert 1 in kept(code, keys)


def test_what_cannot_be_removed_is_passed_over(code: CodeCache, tmp_path: Path) -> None:
    write(code, 0)
    (Path(code.folder) / "directory").mkdir()
    (Path(code.folder) / "directory" / "inside").write_text("kept")
    keys = [write(code, number) for number in range(60)]
    assert len(os.listdir(code.folder)) <= 21
    assert 59 in kept(code, keys)
    assert (Path(code.folder) / "directory" / "inside").exists()
