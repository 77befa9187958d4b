"""The LALR tables of the language: Lark makes them from `grammar/axon.lark`, we keep them as JSON.

Making tables takes Lark 0.2 s, reading them 1 ms, so they are looked for in three places: beside the
grammar (`axon.tables.json`, made by `python -m axon.syntax.tables` and shipped), in the user's own cache
directory, and only then made anew. Every copy carries a checksum of the grammar it belongs to. JSON, not
pickle: a file that somebody else could write must not be able to run code.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from lark import Lark

__all__ = ["FORMAT", "Rule", "Tables", "cache_dir", "grammar_path", "load", "make"]

#: Changes when the shape of the JSON does.
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """One alternative: `head` is what it becomes, `size` how many symbols it takes, `name` its build function."""

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


class _Json(TypedDict):
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
            found = make(grammar.decode())
            if cached:
                _write(cached, found)
    return _thaw(found)


def make(grammar: str) -> _Json:
    """Tables of a grammar, by Lark; numbered in the order reached, so the same grammar gives the same file."""
    lark = _lark(grammar)
    table = lark.parser.parser._parse_table  # type: ignore[attr-defined]
    start, end = table.start_states["start"], table.end_states["start"]
    order, rules = _number(table.states, start)
    rows: list[dict[str, int]] = []
    actions: list[int] = []
    gotos: list[int] = []
    for state in order:
        for kind, index in ((True, actions), (False, gotos)):
            row = {
                symbol: order[target] if move.name == "Shift" else ~rules[target]
                for symbol, (move, target) in sorted(table.states[state].items())
                if symbol.lstrip("$").isupper() is kind
            }
            if kind and state == end:
                row = {"$END": 0}
            if row not in rows:
                rows.append(row)
            index.append(rows.index(row))
    return {
        "format": FORMAT,
        "grammar": zlib.crc32(grammar.encode()),
        "rules": [(rule.origin.name, len(rule.expansion), rule.alias or "") for rule in rules],
        "rows": rows,
        "actions": actions,
        "gotos": gotos,
        "texts": {t.name: t.pattern.value for t in sorted(lark.terminals, key=lambda t: t.name) if t.pattern},
        "end": order[end],
    }


def _lark(grammar: str) -> Lark:
    from lark import Lark
    from lark.lexer import Lexer, LexerState, Token

    class NoLexer(Lexer):
        """Stands where Lark wants a lexer; ours comes later and elsewhere."""

        def __init__(self, conf: object) -> None:
            pass

        def lex(self, lexer_state: LexerState, parser_state: object) -> Iterator[Token]:
            return iter(())

    return Lark(grammar, parser="lalr", lexer=NoLexer, maybe_placeholders=False)


def _number(states: Mapping[int, Mapping[str, tuple[object, object]]], start: int) -> tuple[dict[int, int], dict[object, int]]:
    """States and rules in the order in which a walk from the start meets them: `{state: number}`, `{rule: number}`."""
    order = {start: 0}
    rules: dict[object, int] = {}
    queue = [start]
    for state in queue:
        for _, (move, target) in sorted(states[state].items()):
            if move.name == "Reduce":  # type: ignore[attr-defined]
                rules.setdefault(target, len(rules))
            elif target not in order:
                order[target] = len(order)  # type: ignore[index]
                queue.append(target)  # type: ignore[arg-type]
    return order, rules


def _read(path: Path, check: int) -> _Json | None:
    """The tables in a file, or None when it is not there, broken or of another grammar."""
    try:
        data: _Json = json.loads(path.read_bytes())
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


def _write(path: Path, data: _Json) -> None:
    """Put tables into the cache in one step; a cache that can't be written is no error."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_text(_text(data), encoding="utf-8")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)


def _text(data: _Json) -> str:
    """The JSON text, a row a line so that a change of the grammar gives a readable diff."""
    parts = []
    for key, value in data.items():
        if isinstance(value, list) and value and isinstance(value[0], (dict, list, tuple)):
            body = ",\n".join(json.dumps(item, separators=(",", ":")) for item in value)
            parts.append(f'"{key}":[\n{body}]')
        else:
            parts.append(f'"{key}":{json.dumps(value, separators=(",", ":"))}')
    return "{" + ",\n".join(parts) + "}\n"


def _thaw(data: _Json) -> Tables:
    rows = data["rows"]
    return Tables(
        rules=tuple(Rule(*rule) for rule in data["rules"]),
        actions=tuple(rows[i] for i in data["actions"]),
        gotos=tuple(rows[i] for i in data["gotos"]),
        texts=data["texts"],
        end=data["end"],
    )


if __name__ == "__main__":
    _write(grammar_path().with_name("axon.tables.json"), make(grammar_path().read_text(encoding="utf-8")))
