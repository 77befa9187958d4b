"""CSV (RFC 4180): text to a grid of strings, and any grid to text.

Reading parses nothing: a cell is a string, an empty one null. Cells are trimmed unless quoted; rows must be
as long as the header. Most texts go through the standard reader and into columns in blocks; where its rules
could differ from ours (blanks beside a quote, anything that it complains about) our own row reader decides.
That is also the one that reads lazily.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr, IOErr
from axon.formats.texts import float_texts, number_texts, timestamp_texts
from axon.values.numbers import num_text
from axon.values.show import to_str
from axon.values.tags import to_tag_name, unique_names
from pylib.grid import Grid
from pylib.kinds import Marker, Number, Ref

if TYPE_CHECKING:
    from pylib.grid import Col

__all__ = ["read_csv", "read_dicts", "read_rows", "write_csv"]

_BLOCK = 2000
_BLANKS = " \t\f"


def read_csv(text: str, delimiter: str = ",", *, header: bool = True) -> Grid:
    """Read a whole text into a grid of strings.

    Args:
        delimiter: one character between cells.
        header: the first row names the columns; without, they are `v0`, `v1` …

    Raises:
        IOErr: a row whose length is not that of the first one, or a quote that is not closed.
    """
    _check(delimiter)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.rstrip("\n")
    if not text:
        return Grid.from_columns(["empty"], [[]])
    columns = _fast_columns(text, delimiter) or _exact_columns(text, delimiter)
    if header:
        names = _names([column[0] for column in columns])
        columns = [column[1:] for column in columns]
    else:
        names = [f"v{i}" for i in range(len(columns))]
    return Grid.from_columns(
        names, [[c or None for c in column] if "" in column else column for column in columns]
    )


def read_rows(lines: Iterable[str], delimiter: str = ",") -> Iterator[list[str]]:
    """Read rows of cells one by one from lines without line ends; empty cells are empty strings.

    Empty lines at the end give no row; elsewhere they are a row without cells.

    Raises:
        IOErr: a quote that is not closed.
    """
    return _rows(_Lines(lines), delimiter)


class _Lines:
    """Lines that are counted: `row` is the line in which the last row began."""

    __slots__ = ("_lines", "row", "taken")

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.taken = 0
        self.row = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.taken += 1
        return line


def _rows(source: _Lines, delimiter: str) -> Iterator[list[str]]:
    _check(delimiter)
    blanks = _BLANKS.replace(delimiter, "")
    empty = 0
    for line in source:
        if not line:
            empty += 1
            continue
        for i in range(empty):
            source.row = source.taken - empty + i
            yield []
        empty = 0
        source.row = source.taken
        if '"' in line:
            yield _cells(line, delimiter, blanks, source)
        else:
            yield [c.strip(blanks) for c in line.split(delimiter)]


def read_dicts(
    lines: Iterable[str], delimiter: str = ",", *, header: bool = True
) -> Iterator[dict[str, str]]:
    """Read rows one by one as dicts; an empty cell is a missing tag.

    Raises:
        IOErr: as `read_csv`.
    """
    names: list[str] = []
    source = _Lines(lines)
    for i, cells in enumerate(_rows(source, delimiter)):
        if i == 0:
            names = _names(cells) if header else [f"v{n}" for n in range(len(cells))]
            if header:
                continue
        if len(cells) != len(names):
            raise _ragged(i, len(names), len(cells), source.row)
        yield {name: cell for name, cell in zip(names, cells, strict=True) if cell}


def _check(delimiter: str) -> None:
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise ArgErr(f"csv: {delimiter!r} can't be the delimiter")


def _names(header: Sequence[str]) -> list[str]:
    return unique_names([to_tag_name(text or "blank") for text in header])


def _ragged(row: int, want: int, got: int, line: int) -> IOErr:
    what = f"csv: invalid number of cells in row {row} (expected {want}, got {got})"
    return IOErr(f"{what} [line {line}]")


def _fast_columns(text: str, delimiter: str) -> list[list[str]] | None:
    """All columns through the standard reader; None where our own reader must decide."""
    if '"' in text and _unsure(text, delimiter):
        return None
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        head = next(reader)
        width = {len(head)}
        columns = [[cell] for cell in head]
        while rows := list(islice(reader, _BLOCK)):
            if set(map(len, rows)) != width:
                return None
            for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(cells)
    except csv.Error:
        return None
    blanks = _BLANKS.replace(delimiter, "")
    return [[cell.strip(blanks) for cell in column] for column in columns]


def _unsure(text: str, delimiter: str) -> bool:
    """Whether a quote stands beside a blank: trimming after the fact would then go wrong."""
    for blank in _BLANKS.replace(delimiter, ""):
        if blank + '"' in text or '"' + blank in text:
            return True
    edges = (f'{delimiter}"\n', f'\n"{delimiter}', '\n"\n')
    return text.startswith('"\n') or text.endswith('\n"') or any(edge in text for edge in edges)


def _exact_columns(text: str, delimiter: str) -> list[list[str]]:
    columns: list[list[str]] = []
    source = _Lines(text.split("\n"))
    for i, cells in enumerate(_rows(source, delimiter)):
        if i == 0:
            columns = [[] for _ in cells]
        if len(cells) != len(columns):
            raise _ragged(i, len(columns), len(cells), source.row)
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    return columns


def _cells(line: str, delimiter: str, blanks: str, more: _Lines) -> list[str]:
    """The cells of a row that has quotes; further lines are taken while a quote is open."""
    cells = []
    pos = 0
    while True:
        start = pos
        while line[start : start + 1] and line[start] in blanks:
            start += 1
        if line[start : start + 1] == '"':
            cell, line, pos = _quoted(line, start + 1, more)
            end = line.find(delimiter, pos)
        else:
            end = line.find(delimiter, pos)
            cell = line[pos : end if end >= 0 else None].strip(blanks)
        cells.append(cell)
        if end < 0:
            return cells
        pos = end + 1


def _quoted(line: str, pos: int, more: _Lines) -> tuple[str, str, int]:
    """A quoted cell from behind its quote: its text, the line it ends in, the place behind it."""
    parts: list[str] = []
    place = f"line {more.taken}, col {pos}"
    while True:
        end = line.find('"', pos)
        if end < 0:
            nxt = next(more, None)
            if nxt is None:
                raise IOErr(f"csv: the text ends inside a quoted cell that begins here [{place}]")
            parts += (line[pos:], "\n")
            line, pos = nxt, 0
            continue
        parts.append(line[pos:end])
        if line[end + 1 : end + 2] != '"':
            return "".join(parts), line, end + 1
        parts.append('"')
        pos = end + 2


def write_csv(
    grid: Grid, delimiter: str = ",", newline: str = "\n", *, header: bool = True, strip_units: bool = False
) -> str:
    """Write a grid as text: display names of the columns, then a line per row.

    A null and an empty string are `""`, a marker is `✓`, a ref `@id dis`, other cells their text; cells
    are quoted where they must be.
    """
    _check(delimiter)
    writer = _Writer(delimiter, strip_units)
    lines = [delimiter.join(writer.quote(_dis(col)) for col in grid.cols())] if header else []
    names = grid.col_names()
    for start in range(0, len(grid), _BLOCK):
        part = grid.slice(start, min(start + _BLOCK, len(grid)))
        texts = [writer.column(part.column(name)) for name in names]
        lines.extend(map(delimiter.join, zip(*texts, strict=True)))
    lines.append("")
    return newline.join(lines)


def _dis(col: Col) -> str:
    dis = col.meta().get("dis")
    return dis if isinstance(dis, str) else col.name()


class _Writer:
    """The text of cells, column by column."""

    def __init__(self, delimiter: str, strip_units: bool) -> None:
        self.delimiter = delimiter
        self.specials = delimiter + '"\r\n'
        self.odd = delimiter.isalnum() or delimiter in ".-+✓"  # it may stand in a number
        number = (lambda v: self.quote(num_text(v))) if self.odd else num_text
        self.cells: dict[type, Callable[[Any], str]] = {
            type(None): lambda _: '""',
            str: self.quote,
            int: number,
            float: number,
            Number: (lambda v: number(v.val)) if strip_units else (lambda v: self.quote(num_text(v))),
            bool: lambda v: self.quote("true" if v else "false"),
            Marker: lambda _: self.quote("✓"),
            Ref: lambda v: self.quote(f"@{v.val} {v.dis_text}" if v.dis_text is not None else f"@{v.val}"),
        }
        self.bulk: dict[type, Callable[[list[Any]], list[str]]] = {
            float: float_texts,
            dt.datetime: lambda cells: timestamp_texts(cells, name_utc=True),
        }
        if not strip_units:
            self.bulk[Number] = number_texts

    def column(self, cells: list[Any]) -> list[str]:
        kinds = set(map(type, cells))
        by_kind = self.cells
        other = self._other
        if len(kinds) > 1:
            return [by_kind.get(type(v), other)(v) for v in cells]
        kind = kinds.pop()
        if kind is str and not self._special("\0".join(cells)):
            return cells
        bulk = None if self.odd else self.bulk.get(kind)
        if bulk is None:
            write = by_kind.get(kind, other)
            return [write(v) for v in cells]
        texts = bulk(cells)
        return list(map(self.quote, texts)) if self._special("\0".join(texts)) else texts

    def quote(self, text: str) -> str:
        """The text of a string cell."""
        if text and text.strip(_BLANKS) == text and not any(c in text for c in self.specials):
            return text
        return '"' + text.replace('"', '""') + '"'

    def _other(self, val: Any) -> str:
        return self.quote(to_str(val))

    def _special(self, joined: str) -> bool:
        """Whether any of the cells, joined by NUL, may need quotes."""
        if joined[:1] in ("", "\0") or joined[-1] == "\0" or "\0\0" in joined:
            return True
        if joined[0] in _BLANKS or joined[-1] in _BLANKS:
            return True
        if any(c in joined for c in self.specials):
            return True
        return any(b + "\0" in joined or "\0" + b in joined for b in _BLANKS)
