"""The LALR tables of the language: Lark makes them from `grammar/axon.lark`, we keep them as JSON.

Making tables takes Lark 0.2 s, reading them 1 ms, so they are looked for in three places: beside the
grammar (`axon.tables.json`, made by `python -m axon.syntax.make_tables` and shipped), in the user's own cache
directory, and only then made anew. Every copy carries a checksum of the grammar it belongs to. JSON, not
pickle: a file that somebody else could write must not be able to run code.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

__all__ = ["FORMAT", "Rule", "Tables", "TablesJson", "cache_dir", "grammar_path", "load", "show"]

#: Changes when the shape of the JSON does.
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """One alternative: it takes `size` symbols and becomes `head`, by the build function `name`."""

    head: str
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Tables:
    """What the parser runs on; state 0 is the start.

    `actions[state][terminal]` is the state to go to, or `~number` of the rule to reduce by.
    `gotos[state][head]` is the state after such a reduction.
    """

    rules: tuple[Rule, ...]
    actions: tuple[Mapping[str, int], ...]
    gotos: tuple[Mapping[str, int], ...]
    texts: Mapping[str, str]
    end: int


class TablesJson(TypedDict):
    """The form on disk; equal rows are kept once and named by their index."""

    format: int
    grammar: int
    rules: list[tuple[str, int, str]]
    rows: list[dict[str, int]]
    actions: list[int]
    gotos: list[int]
    texts: dict[str, str]
    end: int


def grammar_path() -> Path:
    """The grammar file: package data of an installed axon, `grammar/` in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "grammar" / "axon.lark"
    return installed if installed.exists() else package.parent / "grammar" / "axon.lark"


def cache_dir() -> Path:
    """The user's own directory for things that can be made again: `AXON_CACHE`, or axon in the XDG cache."""
    if own := os.environ.get("AXON_CACHE"):
        return Path(own)
    if xdg := os.environ.get("XDG_CACHE_HOME"):
        return Path(xdg) / "axon"
    return Path.home() / ".cache" / "axon"


def load() -> Tables:
    """The tables of the grammar, from the quickest place that has them."""
    path = grammar_path()
    grammar = path.read_bytes()
    check = zlib.crc32(grammar)
    found = _read(path.with_name("axon.tables.json"), check)
    if found is None:
        cached = _cache_file(check)
        found = _read(cached, check) if cached else None
        if found is None:
            from axon.syntax.make_tables import make

            found = make(grammar.decode())
            if cached:
                _write(cached, found)
    return _thaw(found)


def _read(path: Path, check: int) -> TablesJson | None:
    """The tables in a file, or None when it is not there, broken or of another grammar."""
    try:
        data: TablesJson = json.loads(path.read_bytes())
        return data if (data["format"], data["grammar"]) == (FORMAT, check) else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _cache_file(check: int) -> Path | None:
    """Where the user's copy is or would be; None when that directory can't be used or is not the user's."""
    folder = cache_dir()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ours = folder.stat().st_uid == os.getuid() and not folder.stat().st_mode & 0o022
    except OSError:
        return None
    return folder / f"grammar-{FORMAT}-{check:08x}.json" if ours else None


def _write(path: Path, data: TablesJson) -> None:
    """Put tables into the cache in one step; a cache that can't be written is no error."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_text(show(data), encoding="utf-8")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)


def show(data: TablesJson) -> str:
    """The JSON text, a row a line so that a change of the grammar gives a readable diff."""
    parts = []
    for key, value in data.items():
        if isinstance(value, list) and value and isinstance(value[0], (dict, list, tuple)):
            body = ",\n".join(json.dumps(item, separators=(",", ":")) for item in value)
            parts.append(f'"{key}":[\n{body}]')
        else:
            parts.append(f'"{key}":{json.dumps(value, separators=(",", ":"))}')
    return "{" + ",\n".join(parts) + "}\n"


def _thaw(data: TablesJson) -> Tables:
    rows = data["rows"]
    return Tables(
        rules=tuple(Rule(*rule) for rule in data["rules"]),
        actions=tuple(rows[i] for i in data["actions"]),
        gotos=tuple(rows[i] for i in data["gotos"]),
        texts=data["texts"],
        end=data["end"],
    )
