"""The tables: those that are shipped belong to the grammar, and the cache is safe."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from axon.syntax import tables
from axon.syntax.build import BUILD, LISTS
from axon.syntax.make_tables import make
from axon.syntax.tables import grammar_path, load, show, tables_path


def test_the_shipped_tables_are_those_of_the_grammar() -> None:
    shipped = Path(tables_path(grammar_path())).read_text(encoding="utf-8")
    made = show(make(Path(grammar_path()).read_text(encoding="utf-8")))
    assert made == shipped, "run: python -m axon.syntax.make_tables"


def test_every_alternative_has_its_function() -> None:
    rules = load().rules
    assert {name for _, _, name in rules if name} == BUILD.keys() | LISTS.keys()
    assert all(size == 1 for _, size, name in rules if not name)


@pytest.fixture
def foreign_grammar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A grammar without shipped tables, and an empty cache."""
    path = tmp_path / "grammar" / "axon.lark"
    path.parent.mkdir()
    path.write_bytes(Path(grammar_path()).read_bytes() + b"\n// changed\n")
    monkeypatch.setattr(tables, "grammar_path", lambda: str(path))
    monkeypatch.setenv("AXON_CACHE", str(tmp_path / "cache"))
    return path


def _cached(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "cache").glob("grammar-*.json"))


def test_a_changed_grammar_is_cached(foreign_grammar: Path, tmp_path: Path) -> None:
    first = load()
    (cached,) = _cached(tmp_path)
    assert oct(cached.parent.stat().st_mode & 0o777) == "0o700"
    before = cached.stat().st_mtime_ns
    assert load().rules == first.rules
    assert cached.stat().st_mtime_ns == before


def test_a_broken_cache_is_made_anew(foreign_grammar: Path, tmp_path: Path) -> None:
    load()
    (cached,) = _cached(tmp_path)
    for text in ("", "{", "[]", '{"format": 1}'):
        cached.write_text(text)
        assert load().actions
        assert json.loads(cached.read_text())["rules"]


def test_a_cache_that_others_can_write_is_not_used(foreign_grammar: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    os.chmod(tmp_path / "cache", 0o777)
    assert load().actions
    assert _cached(tmp_path) == []


def test_a_cache_that_is_no_directory_is_no_error(foreign_grammar: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("x")
    assert load().actions


def test_parsing_does_not_load_lark() -> None:
    import subprocess
    import sys

    code = "import sys; from axon.syntax.parser import parse; parse('1 + 2'); print('lark' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20
    )
    assert done.stdout.strip() == "False"
