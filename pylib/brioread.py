"""The cells of a long grid out of Brio: rows are cut by one regular expression, columns made of their cells.

A row that the expression does not match (a cell of a rarer kind, text that is not ASCII, bytes that have not
arrived yet) is read cell by cell. Columns of numbers and of timestamps become arrays. Needs numpy.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from pylib.columns import ArrayColumn
from pylib.packed import NAT, SessionColumn, TimeColumn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["ColumnMaker", "columns_of", "row_pattern"]

_EPOCH = 946_684_800_000_000_000
"""Nanoseconds from 1970 to 2000."""
_EXACT = 1 << 53
_NUMBERS = {0x06: (">i2", 2), 0x07: (">i4", 4), 0x08: (">f8", 8)}
_MOMENTS = {0x0F: (">i4", 4), 0x10: (">i8", 8)}
_PIECE = 1 << 20
"""Bytes that are cut at a time."""
_KNOWN = 4096
"""How many different cells are kept to find them again."""


def _text_pattern() -> bytes:
    """A text of up to 127 ASCII characters after its length; one branch for each length."""
    return b"(?:" + b"|".join([re.escape(bytes((n,))) + b"[\\x00-\\x7f]{%d}" % n for n in range(128)]) + b")"


@lru_cache(maxsize=64)
def row_pattern(width: int) -> Any:
    """Matches a row of the frequent kinds, a group for each cell."""
    text = _text_pattern()
    cell = b"(?:\\x08.{8}|\\x06..|\\x07.{4}|\\x0f.{4}|\\x10.{8}|\\x09|\\x0a)\\xff" + text
    # a Ref has a second text, its display
    cell = cell.replace(b"|\\x0a)", b")") + b"|\\x0a\\xff" + text + text + b"|[\\x00-\\x05]"
    row = b"(" + b")(".join([cell] * width) + b")"
    return re.compile(row + b"|.+", re.DOTALL)  # what is no row ends the search


def columns_of(pattern: Any, data: Any, at: int) -> tuple[list[tuple[bytes, ...]], int]:
    """The cells of the rows that begin at `at` and match, by column, and where the last one ends."""
    rows = pattern.findall(data, at, at + _PIECE)
    if pattern.groups == 1:  # then there are no tuples
        rows = [(cell,) for cell in rows]
    if rows and not rows[-1][0]:
        rows.pop()
    columns = list(zip(*rows))
    return columns, at + sum([sum(map(len, column)) for column in columns])


def _plain_tail(tails: set[bytes]) -> str | None:
    """The one text that follows all numbers, if there is one and it is short ASCII."""
    tail = tails.pop()
    return None if tails or not tail[1:].isascii() else str(tail[2:], "ascii")


class ColumnMaker:
    """Makes a column of the bytes of its cells, which come in pieces.

    Args:
        native: as session code expects it.
        value: reads any other cell.
        zone: finds a zone by its Haystack name.
    """

    def __init__(self, native: bool, value: Callable[[bytes], Any], zone: Callable[[str], Any]) -> None:
        self._native = native
        self._value = value
        self._zone = zone
        self._pieces: list[Any] = []
        self._known: dict[bytes, Any] = {}

    def add(self, cells: Sequence[bytes]) -> None:
        """The next cells."""
        controls = {cell[0] for cell in cells}
        piece = None
        if controls - {0} and controls <= {0, *_NUMBERS}:
            piece = self._numbers(cells, controls)
        elif controls - {0} and controls <= {0, *_MOMENTS}:
            piece = self._moments(cells, controls)
        self._pieces.append(self._values(cells) if piece is None else piece)

    def column(self) -> Any:
        """The column of all that was added."""
        kinds = {type(piece) for piece in self._pieces}
        first: Any = self._pieces[0]
        if kinds == {TimeColumn} and len({piece.zone for piece in self._pieces}) == 1:
            return TimeColumn(np.concatenate([p.data for p in self._pieces]), first.zone, first.find_zone)
        if kinds == {ArrayColumn} and len({piece.unit for piece in self._pieces}) == 1:
            return self._joined(first.unit)
        out: list[Any] = []
        for piece in self._pieces:
            if type(piece) is ArrayColumn:  # an array knows no whole numbers among floats
                piece = ArrayColumn(piece.data, None if self._native else piece.unit, piece.valid).tolist()
            out += piece if type(piece) is list else piece.tolist()
        return out

    def _joined(self, unit: str | None) -> Any:
        data = np.concatenate([piece.data for piece in self._pieces])
        valid = None
        if any(piece.valid is not None for piece in self._pieces):
            valid = np.concatenate(
                [np.ones(len(p.data), bool) if p.valid is None else p.valid for p in self._pieces]
            )
        real = data if valid is None else data[valid]
        with np.errstate(invalid="ignore"):
            whole = bool(
                (np.abs(real) <= _EXACT).all()
                and (np.trunc(real) == real).all()
                and not (np.signbit(real) & (real == 0)).any()
            )
        if whole:
            data = data.astype(np.int64)
        return SessionColumn(data, unit, valid, None) if self._native else ArrayColumn(data, unit, valid)

    def _values(self, cells: Sequence[bytes]) -> list[Any]:
        known = self._known
        out = []
        for cell in cells:
            found = known.get(cell)
            if found is None:
                found = self._value(cell)
                if len(known) < _KNOWN:
                    known[cell] = found
            out.append(found)
        return out

    def _numbers(self, cells: Sequence[bytes], controls: set[int]) -> Any:
        data = np.zeros(len(cells), dtype=np.float64)
        tails, valid = self._fill(cells, controls, _NUMBERS, data)
        tail = _plain_tail(tails)
        if tail is None:
            return None
        unit = tail or None
        return ArrayColumn(data, unit, valid)

    def _moments(self, cells: Sequence[bytes], controls: set[int]) -> Any:
        from pylib.times import zone_by_id

        data = np.zeros(len(cells), dtype=np.int64)
        tails, valid = self._fill(cells, controls, _MOMENTS, data)
        tail = _plain_tail(tails)
        if tail is None or int(data.max()) > (1 << 63) - 1 - _EPOCH:
            return None
        try:
            key = getattr(self._zone(tail), "key", None)
        except ValueError:  # told where the cell is read
            return None
        if key is None:
            return None
        data += _EPOCH
        if valid is not None:
            data[~valid] = NAT
        return TimeColumn(data, key, zone_by_id)

    def _fill(
        self, cells: Sequence[bytes], controls: set[int], forms: Any, out: Any
    ) -> tuple[set[bytes], Any]:
        """Put the numbers of cells into an array; what follows them (a unit, a zone), and which are there."""
        tails: set[bytes] = set()
        if len(controls) == 1:
            kinds = None
        else:
            kinds = np.fromiter([cell[0] for cell in cells], np.uint8, len(cells))
        for control in controls - {0}:
            rows = slice(None) if kinds is None else np.flatnonzero(kinds == control)
            some = cells if kinds is None else [cell for cell in cells if cell[0] == control]
            dtype, size = forms[control]
            lengths = set(map(len, some))
            block = np.frombuffer(b"".join(some), np.uint8)
            if len(lengths) != 1:
                return {b"", b"-"}, None
            block = block.reshape(len(some), lengths.pop())
            tail = block[:, 1 + size :]
            if (tail != tail[0]).any():
                return {b"", b"-"}, None
            tails.add(tail[0].tobytes())
            numbers = np.ascontiguousarray(block[:, 1 : 1 + size]).view(dtype).reshape(-1)
            out[rows] = numbers.astype(np.int64) * 1_000_000_000 if control == 0x0F else numbers
        return tails, None if kinds is None or 0 not in controls else kinds != 0
