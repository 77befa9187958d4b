"""Rows of Zinc in bulk: lines are cut at their commas, and cells become values column by column.

This is what makes large grids fast; it never decides what is wrong. A line with exactly as many commas as the
grid has columns less one is cut right if it is right at all: a comma inside a string or a list would be one
too many. So whatever does not become a value here is left to the parser, which reads that row again by
the rules and reports errors.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from operator import methodcaller
from typing import Any

from axon.errors import ParseErr
from axon.values import times, units
from axon.values.numbers import norm
from pylib.kinds import Number

__all__ = ["Table", "number_of"]

_MIN_WINDOW = 512
_MAX_WINDOW = 1 << 18
_MAX_MEMO = 1 << 16

_PLAIN = r"[^\",`\[\]{}<>(]*+"
_CELL = re.compile(
    rf"""({_PLAIN}(?:(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|`[^`\\]*+(?:\\.[^`\\]*+)*+`|\([^()"`]*+\)|\((?=")){_PLAIN})*+)"""
    r"(,|\Z)"
)
_WITH_UNIT = re.compile(r"-?[0-9.]++([A-Za-z%$/_\u0080-\U0010ffff][^\s]*+)?")
_NO_NUMBER = (",.", ",+", ",-,", "-.", ".,", ".e", ".E", "e,", "E,", "+,", "-,", ",e", ",E")
_NUMBER_CHARS = dict.fromkeys(map(ord, "0123456789.eE+-,"))
_WHOLE_CHARS = dict.fromkeys(map(ord, "0123456789-,"))


def number_of(text: str) -> int | float:
    """The number of digits that were checked; underscores between digits are allowed."""
    if "_" in text:
        text = text.replace("_", "")
    if len(text) < 16 and text.lstrip("-").isdigit():
        return int(text)
    val = float(text)
    return norm(int(val)) if "." not in text and -9e15 < val < 9e15 and val % 1 == 0 else val


class Table:
    """The columns of a grid while it is read.

    Args:
        width: how many columns.
        scalar: the value of a cell from its text; ParseErr where it is not one whole value.
    """

    def __init__(self, width: int, scalar: Callable[[str], Any]) -> None:
        self.columns: list[list[Any]] = [[] for _ in range(width)]
        self._width = width
        self._scalar = scalar
        self._memos: list[dict[str, Any]] = [{} for _ in range(width)]
        self._window = _MIN_WINDOW * 8
        self._commas = methodcaller("count", ",")

    def add_row(self, cells: list[Any]) -> None:
        """Add a row of values."""
        for column, cell in zip(self.columns, cells, strict=True):
            column.append(cell)

    def read_rows(self, text: str, pos: int) -> int:
        """Read rows from `pos`, the start of a line, as far as that is easy; returns where it stopped."""
        while True:
            end = text.find("\n", pos + self._window)
            block = text[pos : end if end >= 0 else len(text)]
            lines = block.split("\n")
            if "" in lines:
                lines = lines[: lines.index("")]
            read = self._read_lines(lines)
            if read:
                if read == len(lines):
                    self._window = min(self._window * 2, _MAX_WINDOW)
                stop = pos + sum(map(len, lines[:read])) + read
                return min(stop, len(text))
            if self._window <= _MIN_WINDOW:
                return pos
            self._window = max(self._window // 8, _MIN_WINDOW)

    def _read_lines(self, lines: list[str]) -> int:
        """Read lines from the first; returns how many were read."""
        if not lines:
            return 0
        width = self._width
        if set(map(self._commas, lines)) == {width - 1}:
            cells = ",".join(lines).split(",")
            raws = [cells[i::width] for i in range(width)]
        else:
            rows = []
            for line in lines:
                row = line.split(",") if line.count(",") == width - 1 else _cut(line)
                if len(row) != width:
                    break
                rows.append(row)
            if not rows:
                return 0
            raws = [list(column) for column in zip(*rows, strict=True)]
        try:
            made = [self._column(i, column) for i, column in enumerate(raws)]
        except ParseErr:
            return 0
        for column, values in zip(self.columns, made, strict=True):
            column.extend(values)
        return len(raws[0])

    def _column(self, i: int, raws: list[str]) -> list[Any]:
        distinct = set(raws)
        if len(distinct) * 2 > len(raws):
            values = self._typed(raws, distinct)
            if values is not None:
                return values
        memo = self._memos[i]
        if len(memo) > _MAX_MEMO:
            memo.clear()
        for raw in distinct:
            if raw not in memo:
                memo[raw] = self._scalar(raw)
        return [memo[raw] for raw in raws]

    def _typed(self, raws: list[str], distinct: set[str]) -> list[Any] | None:
        """The values of cells that are all of one kind or null; None where they are not."""
        if "" in distinct:
            values = self._typed_all([raw for raw in raws if raw])
            if values is None:
                return None
            rest = iter(values)
            return [next(rest) if raw else None for raw in raws]
        return self._typed_all(raws)

    def _typed_all(self, raws: list[str]) -> list[Any] | None:
        first = raws[0] if raws else ""
        if first[:1] == '"':
            return _strings(raws)
        if not (first[:1].isdigit() or first[:1] == "-"):
            return None
        if first[4:5] == "-":
            return _dates(raws) if len(first) == 10 else _timestamps(raws)
        m = _WITH_UNIT.fullmatch(first)
        if m is None:
            return None
        return _numbers(raws) if m[1] is None else _numbers_with(raws, m[1])


def _cut(line: str) -> list[str]:
    """The cells of a line with commas inside cells; empty where that can't be told."""
    cells = []
    pos = 0
    while True:
        m = _CELL.match(line, pos)
        if m is None:
            return []
        cells.append(m[1])
        pos = m.end()
        if not m[2]:
            return cells


def _strings(raws: list[str]) -> list[Any] | None:
    joined = ",".join(raws)
    if "\\" in joined or joined.count('"') != 2 * len(raws):
        return None
    if not all(raw[0] == '"' == raw[-1] and len(raw) > 1 for raw in raws):
        return None
    return [raw[1:-1] for raw in raws]


def _numbers(raws: list[str]) -> list[Any] | None:
    joined = f",{','.join(raws)},"
    if not joined.isascii() or joined.translate(_NUMBER_CHARS):
        return None
    if not joined.translate(_WHOLE_CHARS) and max(map(len, raws)) < 16:
        make: Callable[[str], Any] = int
    elif any(bad in joined for bad in _NO_NUMBER):
        return None
    else:
        make = float
    try:
        return list(map(make, raws))
    except ValueError:
        return None


def _numbers_with(raws: list[str], unit: str) -> list[Any] | None:
    symbol = units.symbol_of(unit)
    size = len(unit)
    if symbol is None or not all(raw.endswith(unit) for raw in raws):
        return None
    values = _numbers([raw[:-size] for raw in raws])
    return None if values is None else [Number(val, symbol) for val in values]


def _dates(raws: list[str]) -> list[Any] | None:
    joined = ",".join(raws)
    if set(map(len, raws)) != {10} or "W" in joined or not joined.isascii():
        return None
    try:
        return list(map(dt.date.fromisoformat, raws))
    except ValueError:
        return None


def _timestamps(raws: list[str]) -> list[Any] | None:
    """Timestamps to the second; with an offset only if a zone follows."""
    out: list[Any] = []
    zones: dict[str, dt.tzinfo] = {"": times.UTC}
    read = dt.datetime.fromisoformat
    try:
        for raw in raws:
            stamp, _, name = raw.partition(" ")
            size = len(stamp)
            if stamp[10] != "T" or stamp[13] != ":" or stamp[16] != ":":
                return None
            if not ((size == 20 and stamp[19] == "Z") or (size == 25 and name and stamp[22] == ":")):
                return None
            zone = zones.get(name)
            if zone is None:
                zone = zones[name] = times.zone(name)
            out.append(read(stamp).astimezone(zone))
    except (ValueError, IndexError, OverflowError, ParseErr):
        return None
    return out
