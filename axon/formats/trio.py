"""Trio: text ↔ lists of dicts, made to be written by hand.

One tag a line, records between lines of dashes. What looks like a Zinc scalar is one; other text is a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NoReturn

from axon.errors import ArgErr, ParseErr
from axon.formats.zinc import quote, read_zinc_value, write_zinc, zinc_text
from axon.formats.zinc_parser import MAX_DEPTH, ZincParser
from axon.values.tags import is_tag_name
from pylib.grid import Grid
from pylib.kinds import MARKER, NA_VALUE, REMOVE

__all__ = ["read_trio", "write_trio"]

_WORDS: dict[str, Any] = {
    "true": True,
    "false": False,
    "T": True,
    "F": False,
    "NA": NA_VALUE,
    "NaN": float("nan"),
    "INF": float("inf"),
    "-INF": float("-inf"),
    "R": REMOVE,
}
_STARTS_NUMBER = re.compile(r"-?[0-9]")
_TYPED = re.compile(r"[A-Z][A-Za-z0-9_]*\(.*\)", re.DOTALL)
_MAX_MEMO = 1 << 16


# ---- reading ----------------------------------------------------------------------------------------------


def read_trio(text: str) -> list[dict[str, Any]]:
    """Read records.

    Raises:
        ParseErr: with line and column.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _Reader(text).records()


class _Reader:
    def __init__(self, text: str, depth: int = 0, line: int = 1) -> None:
        self.parser = ZincParser(text, what="trio", line=line)
        self.text = text
        self.pos = 0
        self.depth = depth
        self.first_line = line
        self._memo: dict[str, Any] = dict(_WORDS)

    def fail(self, message: str, pos: int) -> NoReturn:
        self.parser.fail(message, pos)

    def records(self) -> list[dict[str, Any]]:
        out = []
        rec: dict[str, Any] = {}
        size = len(self.text)
        while self.pos < size:
            start = self.pos
            line = self._line()
            stripped = line.strip(" \t")
            if not stripped or stripped.startswith("//"):
                continue
            if stripped.startswith("---"):
                if rec:
                    out.append(rec)
                rec = {}
                continue
            self._tag(rec, line, start)
        if rec:
            out.append(rec)
        return out

    def _line(self) -> str:
        """Take the next line."""
        end = self.text.find("\n", self.pos)
        if end < 0:
            end = len(self.text)
        line = self.text[self.pos : end]
        self.pos = end + 1
        return line

    def _tag(self, rec: dict[str, Any], line: str, start: int) -> None:
        head, colon, rest = line.partition(":")
        name = head.strip(" \t")
        if not is_tag_name(name):
            self.fail(f"invalid name '{name[:40]}'", start)
        if name in rec:
            self.fail(f"duplicate tag '{name[:40]}'", start)
        if not colon:
            rec[name] = MARKER
            return
        raw = rest.strip(" \t")
        if not raw:
            rec[name] = "\n".join(self._block())
        elif raw in ("Zinc:", "Trio:"):
            rec[name] = self._nested(raw, start)
        else:
            val = self._value(raw, start + len(head) + 1)
            if val is not None:
                rec[name] = val

    def _block(self) -> list[str]:
        """The indented lines that follow, without the indentation of the first one."""
        lines: list[str] = []
        while self.pos < len(self.text):
            start = self.pos
            line = self._line()
            if line and line[0] not in " \t":
                self.pos = start
                break
            lines.append(line)
        while lines and not lines[-1].strip(" \t"):
            lines.pop()
        first = next((line for line in lines if line.strip(" \t")), "")
        indent = len(first) - len(first.lstrip(" \t"))
        return [_dedent(line, indent) for line in lines]

    def _nested(self, how: str, start: int) -> Any:
        if self.depth >= MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels", start)
        line = self.text.count("\n", 0, self.pos) + self.first_line
        block = "\n".join(self._block())
        if how == "Trio:":
            recs = _Reader(block, self.depth + 1, line).records()
            return recs[0] if recs else {}
        try:
            val = read_zinc_value(block)
        except ParseErr as e:
            at = f"[line {line + e.line - 1}]"
            raise ParseErr(f"trio: {e.message} {at}", line=line + e.line - 1, col=e.col) from e
        if not isinstance(val, Grid):
            self.fail("expected a grid after Zinc:", start)
        return val

    def _value(self, raw: str, start: int) -> Any:
        if raw in self._memo:
            return self._memo[raw]
        if raw[0] in "[{":
            return self._collection(start)
        val = self._scalar(raw, start)
        if len(self._memo) < _MAX_MEMO:
            self._memo[raw] = val
        return val

    def _collection(self, start: int) -> Any:
        """A list or dict, which may go on on the next lines."""
        parser = self.parser
        parser.pos = start
        parser.blanks()
        val = parser.value()
        parser.blanks()
        if not parser.at_end() and not parser.take("\n"):
            parser.fail(f"expected end of line, got {parser.found()}")
        self.pos = parser.pos
        return val

    def _scalar(self, raw: str, start: int) -> Any:
        c = raw[0]
        if c == '"':
            return self._zinc(start)
        if _STARTS_NUMBER.match(raw):
            try:
                return self._zinc(start)
            except ParseErr:
                if " " in raw:
                    return raw
                raise
        if c in "@^`" or _TYPED.fullmatch(raw):
            try:
                return self._zinc(start)
            except ParseErr:
                return raw
        return raw

    def _zinc(self, start: int) -> Any:
        """The Zinc scalar that is all of the rest of the line."""
        parser = self.parser
        parser.pos = start
        parser.blanks()
        val = parser.value()
        parser.blanks()
        if not parser.at_end() and not parser.peek("\n"):
            parser.fail(f"expected end of line, got {parser.found()}")
        return val


def _dedent(line: str, indent: int) -> str:
    size = len(line) - len(line.lstrip(" \t"))
    return line[min(size, indent) :]


# ---- writing ----------------------------------------------------------------------------------------------

_FIRST = ("id", "name", "dis")
_PLAIN = re.compile(
    r"[A-Za-z](?:[A-Za-z0-9 _\-\u0080-\ud7ff\ue000-\U0010ffff]*[A-Za-z0-9_\-\u0080-\ud7ff\ue000-\U0010ffff])?"
)
_MEANINGS = frozenset((*_WORDS, "N", "M", "Zinc", "Trio", "Bin"))


def write_trio(recs: Iterable[dict[str, Any]], *, sort: bool = True) -> str:
    """Write records; an empty one is left out.

    Args:
        sort: tags by name, but `id`, `name`, `dis` first and `src` last; else in the order of the dict.

    Raises:
        ArgErr: a tag whose name is no tag name.
    """
    return "---\n".join([text for rec in recs if (text := _record(rec, sort))])


def _record(rec: dict[str, Any], sort: bool) -> str:
    names = sorted(rec, key=_rank) if sort else list(rec)
    return "".join([_write_tag(name, rec[name]) for name in names if rec[name] is not None])


def _rank(name: str) -> tuple[int, str]:
    if name in _FIRST:
        return _FIRST.index(name), name
    return (len(_FIRST) + 1, name) if name == "src" else (len(_FIRST), name)


def _write_tag(name: str, val: Any) -> str:
    if not is_tag_name(name):
        raise ArgErr(f"trio: not a tag name: {name!r}")
    if val is MARKER:
        return f"{name}\n"
    if type(val) is str:
        return f"{name}:{_string(val)}\n"
    if isinstance(val, Grid):
        return f"{name}:Zinc:\n{_indented(write_zinc(val))}\n"
    if type(val) is bool:
        return f"{name}:{'true' if val else 'false'}\n"
    return f"{name}:{zinc_text(val)}\n"


def _string(val: str) -> str:
    if _PLAIN.fullmatch(val) and val not in _MEANINGS:
        return val
    return "\n" + _indented(val) if _fits_block(val) else quote(val)


def _fits_block(val: str) -> bool:
    """Whether an indented block gives exactly this text when it is read."""
    if "\n" not in val or "\r" in val or not val.strip(" \t\n"):
        return False
    last = val[val.rfind("\n") + 1 :]
    return val[0] not in " \t\n" and bool(last.strip(" \t")) and _encodable(val)


def _encodable(val: str) -> bool:
    return val.isascii() or re.search("[\ud800-\udfff]", val) is None


def _indented(text: str) -> str:
    return "\n".join(["  " + line if line else "" for line in text.rstrip("\n").split("\n")])
