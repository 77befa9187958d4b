"""Zinc text as values: a parser for one text, which also reads the scalars of Trio.

Every method reads from `pos` and leaves it behind what was read. Errors are ParseErr with line and column.
Nesting is limited, each character is looked at once (the patterns never try again), so that no text takes
longer than in proportion to its length.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, NoReturn

from axon.errors import HostErr, ParseErr
from axon.formats.texts import coord_of
from axon.formats.zinc_table import Table, number_of
from axon.values import times, units, uris, utf16
from axon.values.numbers import norm, number
from pylib.grid import Col, Grid
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Ref, Symbol, Uri, XStr

__all__ = ["MAX_DEPTH", "ZincParser", "place"]

MAX_DEPTH = 64
"""How deep lists, dicts and grids may be nested."""

_BLANKS = re.compile(r"[ \t]*")
_SPACE = re.compile(r"[ \t\n]*")
_STR = re.compile(r'"([^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+)"')
_URI = re.compile(r"`([^`\\\n]*+(?:\\[^\n][^`\\\n]*+)*+)`")
_REF = re.compile(r'@([A-Za-z0-9_:\-.~]++)(?: (?="))?')
_SYMBOL = re.compile(r"\^([A-Za-z0-9_:\-.~]+)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DIGITS = re.compile(r"-?[0-9][^\s,\[\]{}()<>\"`@^]*")
_ZONE = re.compile(r" ([A-Z][A-Za-z0-9_+\-]*)")
_NUMBER = re.compile(
    r"(-?[0-9]++(?:_++[0-9]++)*+(?:\.[0-9]++(?:_++[0-9]++)*+)?+(?:[eE][+\-]?[0-9]++)?+)"
    r"([A-Za-z%$/_\u0080-\U0010ffff][^\s]*+)?"
)
_HEX = re.compile(r"0x([0-9a-fA-F_]+)")
_COORD = re.compile(r"\((-?[0-9.]{1,30}),[ ]?(-?[0-9.]{1,30})\)")
_MIME = re.compile(r"\(([^()\"\n]*)\)")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {
    "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
    '"': '"', "\\": "\\", "$": "$", "'": "'", "`": "`",
}  # fmt: skip
_DELIMITERS = ":/?#[]@\\&=;"
"""Characters that mean something in a URI unless a backslash stands before them."""
_WORDS: dict[str, Any] = {
    "N": None,
    "M": MARKER,
    "R": REMOVE,
    "NA": NA_VALUE,
    "T": True,
    "F": False,
    "NaN": float("nan"),
    "INF": float("inf"),
}


def place(text: str, pos: int) -> tuple[int, int]:
    """Line and column of a place in a text, both from 1."""
    return text.count("\n", 0, pos) + 1, pos - text.rfind("\n", 0, pos)


class ZincParser:
    """Reads values from a text with `\\n` line ends."""

    def __init__(self, text: str, *, what: str = "zinc", ver2: bool = False, line: int = 1) -> None:
        self.text = text
        self.pos = 0
        self.what = what
        self.ver2 = ver2
        self.first_line = line
        self._depth = 0

    # ---- errors and small steps

    def fail(self, message: str, pos: int | None = None) -> NoReturn:
        """Raise a ParseErr with the place `pos`, by default where the parser stands."""
        line, col = place(self.text, self.pos if pos is None else pos)
        line += self.first_line - 1
        raise ParseErr(f"{self.what}: {message} [line {line}, col {col}]", line=line, col=col)

    def found(self) -> str:
        """What stands at the place of an error."""
        c = self.text[self.pos : self.pos + 1]
        return "end of text" if not c else "end of line" if c == "\n" else f"'{c}'"

    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.pos >= len(self.text)

    def peek(self, token: str) -> bool:
        """Whether `token` comes next."""
        return self.text.startswith(token, self.pos)

    def take(self, token: str) -> bool:
        """Step over `token` if it comes next."""
        if not self.text.startswith(token, self.pos):
            return False
        self.pos += len(token)
        return True

    def expect(self, token: str) -> None:
        """Step over `token`, which must come next."""
        if not self.take(token):
            self.fail(f"expected '{token}', got {self.found()}")

    def blanks(self) -> None:
        """Step over blanks on the line."""
        self.pos = _BLANKS.match(self.text, self.pos).end()  # type: ignore[union-attr]

    def space(self) -> None:
        """Step over blanks and line ends."""
        self.pos = _SPACE.match(self.text, self.pos).end()  # type: ignore[union-attr]

    # ---- values

    def value(self) -> Any:
        """Any value; null is `N`."""
        c = self.text[self.pos : self.pos + 1]
        if c == '"':
            return self.string()
        if c.isdigit() or c == "-":
            return self._digits()
        reader = _READERS.get(c)
        if reader is not None:
            return reader(self)
        if c.isalpha() and c.isascii():
            return self._word()
        self.fail(f"expected a value, got {self.found()}")

    def string(self) -> str:
        """A quoted string."""
        m = _STR.match(self.text, self.pos)
        if m is None:
            self.fail("the string is not closed on its line")
        body = m[1]
        if "\\" in body:
            body = self._unescape(body)
        self.pos = m.end()
        return body

    def _unescape(self, body: str, kept: str = "") -> str:
        """What a text stands for; a backslash before a character in `kept` stays."""
        start = self.pos + 1

        def char(m: re.Match[str]) -> str:
            code = m[1]
            if code in kept:
                return "\\" + code
            if code in _ESCAPES:
                return _ESCAPES[code]
            if code[0] == "u" and len(code) == 5:
                return chr(int(code[1:], 16))
            self.fail(f"unknown escape '\\{code}'", start + m.start())

        return utf16.join(_ESCAPE.sub(char, body))

    def _uri(self) -> Uri:
        m = _URI.match(self.text, self.pos)
        if m is None:
            self.fail("the URI is not closed on its line")
        body = m[1]
        if "\\" in body:
            body = self._unescape(body, kept=_DELIMITERS)
        try:
            val = uris.make_uri(body)
        except ParseErr as e:
            self.fail(e.message)
        self.pos = m.end()
        return val

    def _ref(self) -> Ref:
        m = _REF.match(self.text, self.pos)
        if m is None:
            self.fail("expected the id of a ref after '@'")
        self.pos = m.end()
        return Ref(m[1], self.string()) if self.text[m.end() - 1] == " " else Ref(m[1])

    def _symbol(self) -> Symbol:
        m = _SYMBOL.match(self.text, self.pos)
        if m is None:
            self.fail("expected a name after '^'")
        self.pos = m.end()
        return Symbol(m[1])

    def _digits(self) -> Any:
        """A number, date, time or timestamp."""
        if self.text.startswith("-INF", self.pos):
            self.pos += 4
            return float("-inf")
        m = _DIGITS.match(self.text, self.pos)
        if m is None:
            self.fail("expected digits after '-'")
        raw = m[0]
        if len(raw) > 4 and raw[4] == "-" and raw[:4].isdigit():
            return self._date(raw, m.end())
        if ":" in raw:
            return self._clock(raw, m.end())
        return self._number(raw, m.end())

    def _number(self, raw: str, end: int) -> Any:
        if raw.startswith("0x"):
            return self._hex(raw, end)
        m = _NUMBER.fullmatch(raw)
        if m is None:
            self.fail(f"invalid number '{raw[:40]}'")
        val = number_of(m[1])
        unit = m[2]
        if unit is None:
            self.pos = end
            return val
        symbol = units.symbol_of(unit)
        if symbol is None:
            self.fail(f"unknown unit '{unit[:40]}'", self.pos + m.start(2))
        self.pos = end
        return number(val, symbol)

    def _hex(self, raw: str, end: int) -> int | float:
        m = _HEX.fullmatch(raw)
        if m is None or len(raw) > 40:
            self.fail(f"invalid number '{raw[:40]}'")
        self.pos = end
        return norm(int(m[1].replace("_", "") or "0", 16))

    def _date(self, raw: str, end: int) -> dt.date:
        try:
            if len(raw) == 10:
                val: dt.date = times.parse_date(raw)
                self.pos = end
                return val
            zone = _ZONE.match(self.text, end)
            val = times.parse_datetime(f"{raw} {zone[1]}" if zone else raw)
        except ParseErr as e:
            self.fail(e.message)
        self.pos = zone.end() if zone else end
        return val

    def _clock(self, raw: str, end: int) -> dt.time:
        try:
            val = times.parse_time("0" + raw if raw[1:2] == ":" else raw)
        except ParseErr as e:
            self.fail(e.message)
        self.pos = end
        return val

    def _word(self) -> Any:
        """A keyword, or a type name with what stands in parentheses after it."""
        m = _NAME.match(self.text, self.pos)
        assert m is not None
        name = m[0]
        if not self.text.startswith("(", m.end()):
            if name not in _WORDS:
                self.fail(f"expected a value, got '{name[:40]}'")
            self.pos = m.end()
            return _WORDS[name]
        if not name[0].isupper():
            self.fail(f"'{name[:40]}' is no type name")
        start = self.pos
        self.pos = m.end()
        if name == "C":
            coord = _COORD.match(self.text, self.pos)
            if coord is not None:
                return self._coord(coord, start)
        return self._xstr(name)

    def _coord(self, m: re.Match[str], start: int) -> Coord:
        try:
            val = coord_of(m[1], m[2])
        except ValueError as e:
            self.fail(str(e), start)
        self.pos = m.end()
        return val

    def _xstr(self, name: str) -> Any:
        if not self.text.startswith('("', self.pos):
            mime = _MIME.match(self.text, self.pos) if name == "Bin" and self.ver2 else None
            if mime is None:
                self.pos += 1
                self.fail(f"expected a string, got {self.found()}")
            self.pos = mime.end()
            return XStr(name, mime[1])
        start = self.pos
        self.pos += 1
        val = self.string()
        self.expect(")")
        if name == "Span":
            return self._span(val, start)
        return XStr(name, val)

    def _span(self, text: str, start: int) -> Any:
        try:
            return times.parse_span(text, dt.datetime.now(times.UTC))
        except HostErr as e:
            self.fail(e.message, start)

    # ---- collections

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels")

    def _list(self) -> list[Any]:
        self._enter()
        self.pos += 1
        out: list[Any] = []
        self.space()
        while not self.take("]"):
            out.append(self.value())
            self.space()
            if not self.take(",") and not self.peek("]"):
                self.fail(f"expected ',' or ']', got {self.found()}")
            self.space()
        self._depth -= 1
        return out

    def _dict(self) -> dict[str, Any]:
        self._enter()
        self.pos += 1
        out: dict[str, Any] = {}
        self.space()
        while not self.take("}"):
            self._tag(out)
            self.space()
            self.take(",")
            self.space()
        self._depth -= 1
        return out

    def name(self) -> str:
        """The name of a tag or column; one that is no plain word stands in quotes."""
        if self.peek('"'):
            return self.string()
        m = _NAME.match(self.text, self.pos)
        if m is None:
            self.fail(f"expected a name, got {self.found()}")
        self.pos = m.end()
        return m[0]

    def _tag(self, out: dict[str, Any]) -> None:
        start = self.pos
        name = self.name()
        if name in out:
            self.fail(f"duplicate tag '{name[:40]}'", start)
        val: Any = MARKER
        if self.take(":"):
            self.blanks()
            val = self.value()
        if val is not None:
            out[name] = val

    def meta(self) -> dict[str, Any]:
        """Tags up to a comma or the end of the line."""
        out: dict[str, Any] = {}
        self.blanks()
        while not self.at_end() and self.text[self.pos] not in ",\n":
            self._tag(out)
            self.blanks()
        return out

    # ---- grids

    def _nested(self) -> Any:
        self._enter()
        self.expect("<<")
        self.space()
        grid = self.grid(nested=True)
        self._depth -= 1
        return grid

    def header(self) -> tuple[dict[str, Any], list[Col]]:
        """The first two lines of a grid: its meta and its columns.

        Raises:
            ParseErr: among others, a version other than 2.0 and 3.0.
        """
        start = self.pos
        meta = self.meta()
        ver = meta.pop("ver", None)
        if ver not in ("2.0", "3.0"):
            self.fail(f"unsupported version {ver!r}" if ver is not None else "expected ver", start)
        self.ver2 = ver == "2.0"
        self.end_line()
        cols: list[Col] = []
        names: set[str] = set()
        while True:
            self.blanks()
            start = self.pos
            name = self.name()
            if name in names:
                self.fail(f"duplicate column '{name[:40]}'", start)
            names.add(name)
            cols.append(Col(name, self.meta()))
            if not self.take(","):
                break
        self.end_line()
        return meta, cols

    def end_line(self) -> None:
        """Step over the end of a line, or stand at the end of the text."""
        self.blanks()
        if not self.take("\n") and not self.at_end() and not self.peek(">>"):
            self.fail(f"expected end of line, got {self.found()}")

    def row(self, width: int, *, nested: bool) -> list[Any]:
        """The cells of a row; nothing between two commas is null."""
        out: list[Any] = []
        while True:
            self.blanks()
            c = self.text[self.pos : self.pos + 1]
            out.append(None if c in ",\n" or (nested and self.peek(">>")) else self.value())
            self.blanks()
            if len(out) == width:
                break
            if not self.take(","):
                self.fail(f"expected ',', got {self.found()}")
        self.end_line()
        return out

    def grid(self, *, nested: bool = False) -> Grid:
        """A grid from its header on; a nested one ends with `>>`, another with an empty line."""
        meta, cols = self.header()
        table = Table(len(cols), self._scalar)
        while True:
            if nested:
                self.space()
                if self.take(">>"):
                    break
                if self.at_end():
                    self.fail("expected '>>', got end of text")
            elif self.at_end() or self.take("\n"):
                break
            else:
                end = table.read_rows(self.text, self.pos)
                if end > self.pos:
                    self.pos = end
                    continue
            table.add_row(self.row(len(cols), nested=nested))
        return Grid(cols, table.columns, meta)

    def _scalar(self, raw: str) -> Any:
        """The value of a cell that is exactly `raw`.

        Raises:
            ParseErr: it is not one whole value.
        """
        if not raw:
            return None
        cell = ZincParser(raw, ver2=self.ver2)
        val = cell.value()
        if not cell.at_end():
            raise ParseErr(raw)
        return val


_READERS: dict[str, Callable[[ZincParser], Any]] = {
    "@": ZincParser._ref,
    "^": ZincParser._symbol,
    "`": ZincParser._uri,
    "[": ZincParser._list,
    "{": ZincParser._dict,
    "<": ZincParser._nested,
}
