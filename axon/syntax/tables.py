"""The LALR tables of the language: Lark makes them from `grammar/axon.lark`, we keep them as JSON.

Making tables takes Lark 0.2 s, reading them 1 ms, so they are looked for in three places: beside the
grammar (`axon.tables.json`, made by `python -m axon.syntax.make_tables` and shipped), in the user's own cache
directory, and only then made anew. Every copy carries a checksum of the grammar it belongs to. JSON, not
pickle: a file that somebody else could write must not be able to run code.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from typing import Any, Final, TypedDict

from axon.own import cache_dir, is_own, make_dir, write_own

__all__ = [
    "FORMAT",
    "Rule",
    "Tables",
    "TablesJson",
    "grammar_path",
    "load",
    "show",
    "tables_path",
]

#: Changes when the shape of the JSON does.
FORMAT: Final = 1


Rule = list[Any]
"""One alternative: what it becomes, how many symbols it takes, the name of its build function or nothing."""


class Tables:
    """What the parser runs on; state 0 is the start.

    `actions[state][terminal]` is the state to go to, or `~number` of the rule to reduce by.
    `gotos[state][head]` is the state after such a reduction.
    """

    __slots__ = ("actions", "gotos", "rules")

    def __init__(self, data: TablesJson) -> None:
        rows = data["rows"]
        self.rules: list[Rule] = data["rules"]
        self.actions = [rows[i] for i in data["actions"]]
        self.gotos = [rows[i] for i in data["gotos"]]


class TablesJson(TypedDict):
    """The form on disk; equal rows are kept once and named by their index."""

    format: int
    grammar: int
    rules: list[Rule]
    rows: list[dict[str, int]]
    actions: list[int]
    gotos: list[int]


def grammar_path() -> str:
    """The grammar file: package data of an installed axon, `grammar/` in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    installed = os.path.join(package, "grammar", "axon.lark")
    return (
        installed
        if os.path.exists(installed)
        else os.path.join(os.path.dirname(package), "grammar", "axon.lark")
    )


def load() -> Tables:
    """The tables of the grammar, from the quickest place that has them."""
    path = grammar_path()
    with open(path, "rb") as f:
        grammar = f.read()
    check = zlib.crc32(grammar)
    found = _read(tables_path(path), check)
    if found is None:
        cached = _cache_file(check)
        found = _read(cached, check, own=True) if cached else None
        if found is None:
            from axon.syntax.make_tables import make

            found = make(grammar.decode())
            if cached:
                _write(cached, found)
    return Tables(found)


def tables_path(grammar: str) -> str:
    """Where the tables of a grammar file are shipped."""
    return f"{grammar.removesuffix('.lark')}.tables.json"


def _read(path: str, check: int, *, own: bool = False) -> TablesJson | None:
    """The tables in a file, or None when it is not there, broken, of another grammar, or must be the user's
    own and is not."""
    try:
        with open(path, "rb") as f:
            if own and not is_own(os.fstat(f.fileno())):
                return None
            data: TablesJson = json.loads(f.read())
        return data if (data["format"], data["grammar"]) == (FORMAT, check) else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _cache_file(check: int) -> str:
    """Where the user's copy is or would be; empty when that directory can't be used or is not the user's."""
    folder = cache_dir()
    if not folder:
        return ""
    try:
        make_dir(folder)
        ours = is_own(os.stat(folder))
    except OSError:
        return ""
    return os.path.join(folder, f"grammar-{FORMAT}-{check:08x}.json") if ours else ""


def _write(path: str, data: TablesJson) -> None:
    """Put tables into the cache in one step; a cache that can't be written is no error."""
    with contextlib.suppress(OSError):
        write_own(path, show(data).encode())


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
