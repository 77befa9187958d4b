"""Grammar to tables, by Lark: run when the grammar has changed, never on the way of a program.

`python -m axon.syntax.make_tables` writes the file that is shipped beside the grammar.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from axon.syntax.tables import FORMAT, TablesJson, grammar_path, show, tables_path

__all__ = ["make"]


class _Symbol(Protocol):
    name: str


class _Rule(Protocol):
    """What is used of a rule of Lark."""

    origin: _Symbol
    expansion: list[_Symbol]
    alias: str | None


class _ParseTable(Protocol):
    """What is used of a table of Lark: a move is Shift to a state or Reduce by a rule."""

    states: Mapping[int, Mapping[str, tuple[_Symbol, object]]]
    start_states: Mapping[str, int]
    end_states: Mapping[str, int]


def make(grammar: str) -> TablesJson:
    """Tables of a grammar, numbered in the order reached, so that the same grammar gives the same file."""
    table = _lark(grammar)
    start, end = table.start_states["start"], table.end_states["start"]
    order, rules = _number(table, start)
    rows: list[dict[str, int]] = []
    indexes: dict[bool, list[int]] = {True: [], False: []}
    for state in order:
        moves = {
            symbol: order[target] if isinstance(target, int) else ~rules[id(target)][0]
            for symbol, (_, target) in sorted(table.states[state].items())
        }
        for terminals, index in indexes.items():
            row = {symbol: to for symbol, to in moves.items() if symbol.lstrip("$").isupper() is terminals}
            if terminals and state == end:
                row = {"$END": 0}
            if row not in rows:
                rows.append(row)
            index.append(rows.index(row))
    return {
        "format": FORMAT,
        "grammar": zlib.crc32(grammar.encode()),
        "rules": [
            [str(rule.origin.name), len(rule.expansion), rule.alias or ""] for _, rule in rules.values()
        ],
        "rows": rows,
        "actions": indexes[True],
        "gotos": indexes[False],
    }


def _lark(grammar: str) -> _ParseTable:
    """The table that Lark makes."""
    from lark import Lark
    from lark.lexer import Lexer, LexerState, Token

    class NoLexer(Lexer):
        """Stands where Lark wants a lexer: ours runs elsewhere."""

        def __init__(self, conf: object) -> None:
            pass

        def lex(self, lexer_state: LexerState, parser_state: object) -> Iterator[Token]:
            return iter(())

    lark = Lark(grammar, parser="lalr", lexer=NoLexer, maybe_placeholders=False)
    table: _ParseTable = lark.parser.parser._parse_table
    return table


def _number(table: _ParseTable, start: int) -> tuple[dict[int, int], dict[int, tuple[int, _Rule]]]:
    """States and rules as a walk from the start meets them: `{state: number}`, `{id: (number, rule)}`."""
    order = {start: 0}
    rules: dict[int, tuple[int, _Rule]] = {}
    queue = [start]
    for state in queue:
        for _, (_, target) in sorted(table.states[state].items()):
            if not isinstance(target, int):
                rules.setdefault(id(target), (len(rules), target))  # type: ignore[arg-type]
            elif target not in order:
                order[target] = len(order)
                queue.append(target)
    return order, rules


if __name__ == "__main__":
    source = Path(grammar_path())
    made = make(source.read_text(encoding="utf-8"))
    Path(tables_path(str(source))).write_text(show(made), encoding="utf-8")
