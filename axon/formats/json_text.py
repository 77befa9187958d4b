"""JSON text for both encodings of Haystack values: parsing with limits and places, and the layout of output.

What an object or a string stands for is decided by `hayson` (version 4) and `json3`; they hand in functions.
"""

from __future__ import annotations

import json
import json.decoder
import json.scanner
import re
from collections.abc import Callable
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from axon.errors import Err, ParseErr
from axon.values.numbers import norm
from pylib.grid import Grid

__all__ = ["MAX_DEPTH", "Writer", "parse_json"]

MAX_DEPTH = 100
"""How deep JSON may be nested, either way."""

Decode = Callable[[dict[str, Any]], Any]


def parse_json(text: str, decode: Decode) -> Any:
    """Parse JSON; every object goes through `decode`, inner ones first.

    Raises:
        ParseErr: with line and column.
    """
    try:
        val = json.loads(text, object_hook=decode, parse_int=_int, parse_constant=_constant)
    except json.JSONDecodeError as e:
        raise _error(e.msg.lower(), text, e.pos) from e
    except RecursionError as e:
        raise _too_deep(text) from e
    except ParseErr as e:
        _find_place(text, decode)
        raise _error(e.message.removeprefix("json: "), text, _find_constant(text)) from e
    if not _is_flat(val):
        raise _too_deep(text)
    return val


def _int(text: str) -> int | float:
    return int(text) if len(text) < 16 else norm(float(text))


def _constant(name: str) -> Any:
    raise ParseErr(f"json: {name} is no value of JSON")


def _error(message: str, text: str, pos: int) -> ParseErr:
    line, col = text.count("\n", 0, pos) + 1, pos - text.rfind("\n", 0, pos)
    return ParseErr(f"json: {message} [line {line}, col {col}]", line=line, col=col)


_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]|NaN|-?Infinity', re.DOTALL)


def _too_deep(text: str) -> ParseErr:
    """The error, placed at the first bracket beyond the limit."""
    depth = 0
    for m in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(m[0], 0)
        if depth > MAX_DEPTH:
            return _error(f"nested deeper than {MAX_DEPTH} levels", text, m.start())
    return ParseErr(f"json: nested deeper than {MAX_DEPTH} levels")


def _find_constant(text: str) -> int:
    return next((m.start() for m in _TOKEN.finditer(text) if m[0][-1] in "Ny"), 0)


def _find_place(text: str, decode: Decode) -> None:
    """Parse once more, slowly, to raise the error of `decode` again with the place of its object."""
    decoder = json.JSONDecoder(object_hook=decode, parse_int=_int, parse_constant=_constant)
    read_object = json.decoder.JSONObject  # type: ignore[attr-defined]

    def placed(s_and_end: tuple[str, int], *args: Any) -> Any:
        try:
            return read_object(s_and_end, *args)
        except ParseErr as e:
            if e.line or e.message.endswith("no value of JSON"):
                raise
            raise _error(e.message.removeprefix("json: "), text, s_and_end[1] - 1) from e

    decoder.parse_object = placed  # type: ignore[attr-defined]
    decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
    try:
        decoder.decode(text)
    except ParseErr as e:
        if e.line:
            raise
    except (json.JSONDecodeError, RecursionError):  # what was found first counts
        return


def _is_flat(val: Any) -> bool:
    """Whether nesting keeps within the limit: level by level, so that no depth costs stack."""
    level = [val]
    for _ in range(MAX_DEPTH + 1):
        inner: list[Any] = []
        for item in level:
            if type(item) is list:
                inner += [x for x in item if type(x) is list or isinstance(x, (dict, Grid))]
            elif isinstance(item, dict):
                inner += [x for x in item.values() if type(x) is list or isinstance(x, (dict, Grid))]
            elif isinstance(item, Grid):
                inner += item.iter_dicts()
        if not inner:
            return True
        level = inner
    return False


class Writer:
    """Values as JSON text, laid out as the reference does: one blank after a comma, none after a colon.

    Args:
        scalar: the JSON text of a value that is no list, dict or grid; None for what has none.
        head: the first line of a grid object, empty or ending in a comma and a line end.
        inline: whether the meta of a column stands beside its name, or under `meta`.
        ascii_only: whether characters above 0x7F are written as escapes.
    """

    def __init__(
        self,
        scalar: Callable[[Any, Callable[[str], str]], str | None],
        *,
        head: str,
        inline: bool,
        ascii_only: bool,
    ) -> None:
        self.quote: Callable[[str], str] = encode_basestring_ascii if ascii_only else encode_basestring
        self._scalar = scalar
        self._head = head
        self._inline = inline

    def document(self, val: Any) -> str:
        """A whole text; a grid ends with a line end."""
        return self.value(val) + ("\n" if isinstance(val, Grid) else "")

    def value(self, val: Any, depth: int = 0) -> str:
        """The text of a value.

        Raises:
            Err: a value that has no form, or nesting beyond the limit.
        """
        if depth > MAX_DEPTH:
            raise Err(f"json: value is nested deeper than {MAX_DEPTH} levels")
        if type(val) is list:
            return f"[{', '.join([self.value(item, depth + 1) for item in val])}]"
        if isinstance(val, dict):
            return self._dict(val, depth)
        if isinstance(val, Grid):
            return self._grid(val, depth + 1)
        text = self._scalar(val, self.quote)
        if text is None:
            from axon.values.show import host_type, preview

            raise Err(f"json: unrecognized scalar {host_type(val)} {preview(val)}")
        return text

    def _tags(self, tags: dict[str, Any], depth: int) -> list[str]:
        quote = self.quote
        return [f"{quote(k)}:{self.value(v, depth + 1)}" for k, v in tags.items() if v is not None]

    def _dict(self, tags: dict[str, Any], depth: int) -> str:
        return "{" + ", ".join(self._tags(tags, depth)) + "}"

    def _grid(self, grid: Grid, depth: int) -> str:
        meta = {"ver": "3.0", **{k: v for k, v in grid.meta().items() if k != "ver"}}
        cols = []
        for col in grid.cols():
            parts = [f'"name":{self.quote(col.name())}']
            if col.meta() and self._inline:
                parts += self._tags(col.meta(), depth)
            elif col.meta():
                parts.append(f'"meta":{self._dict(col.meta(), depth)}')
            cols.append("{" + ",".join(parts) + "}")
        lines = [f'{{\n{self._head}"meta": {self._dict(meta, depth)},\n"cols": [\n']
        lines += (",\n".join(cols), '\n],\n"rows":[\n')
        rows = self._rows(grid, depth)
        if rows:
            lines += (",\n".join(rows), "\n")
        lines.append("]\n}")
        return "".join(lines)

    def _rows(self, grid: Grid, depth: int) -> list[str]:
        out: list[str] = []
        names = grid.col_names()
        for start in range(0, len(grid), 2000):
            part = grid.slice(start, min(start + 2000, len(grid)))
            columns = [self._column(name, part.column(name), depth) for name in names]
            if not columns:
                out += ["{}"] * len(part)
            out += ["{" + ", ".join(filter(None, cells)) + "}" for cells in zip(*columns, strict=True)]
        return out

    def _column(self, name: str, cells: list[Any], depth: int) -> list[str]:
        """The members of a column's cells; empty texts for null."""
        key = self.quote(name) + ":"
        value = self.value
        return ["" if cell is None else key + value(cell, depth + 1) for cell in cells]
