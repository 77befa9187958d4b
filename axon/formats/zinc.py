"""Zinc: text ↔ grids and other values.

Reading is in `zinc_parser`, with the bulk of large grids in `zinc_table`; writing is here, column by column.
Names of tags and columns that are no plain words are written in quotes, which our reader takes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from axon.errors import CastErr, Err, ParseErr
from axon.formats.texts import MAX_DEPTH, float_texts, kind_of, number_texts, timestamp_texts
from axon.formats.zinc_parser import ZincParser
from axon.values import show, times
from axon.values.numbers import num_text
from pylib.grid import Grid
from pylib.kinds import MARKER, NA, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

__all__ = ["quote", "read_zinc", "read_zinc_value", "write_zinc", "zinc_text"]

_BLOCK = 5000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = re.compile(r'["\\$\x00-\x1f\ud800-\udfff]')
_ESCAPES = {
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    '"': '\\"',
    "\\": "\\\\",
    "$": "\\$",
}
_URI_SPECIAL = re.compile(r"\\[:/?#\[\]@\\&=;]|[`\\$\x00-\x1f\ud800-\udfff]")


# ---- reading ----------------------------------------------------------------------------------------------


def read_zinc_value(text: str) -> Any:
    """Read a document: a grid, or any single value.

    What follows the empty line after a grid is not looked at.

    Raises:
        ParseErr: with line and column.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    parser = ZincParser(text)
    if parser.peek("ver:"):
        return _read_document(parser)
    parser.blanks()
    val = parser.value()
    parser.space()
    if not parser.at_end():
        parser.fail(f"expected end of text, got {parser.found()}")
    return val


def _read_document(parser: ZincParser) -> Grid:
    """A grid; hszinc is asked about a document of version 2.0 that our parser refuses."""
    try:
        return parser.grid()
    except ParseErr:
        if not parser.ver2:
            raise
        from axon.formats.hszinc_bridge import read_with_hszinc

        try:
            return read_with_hszinc(parser.text)
        except ParseErr:
            pass
        raise


def read_zinc(text: str) -> Grid:
    """Read a grid.

    Raises:
        ParseErr: with line and column.
        CastErr: the text is another value.
    """
    val = read_zinc_value(text)
    if not isinstance(val, Grid):
        raise CastErr(f"zinc: expected a grid, got {show.kind_name(val)} {show.preview(val)}")
    return val


# ---- writing ----------------------------------------------------------------------------------------------


def write_zinc(grid: Grid) -> str:
    """Write a grid, version 3.0; the text ends with an empty line."""
    return _grid_text(grid, 0) + "\n"


def zinc_text(val: Any) -> str:
    """The Zinc text of any value; null is `N`, what Haystack has no kind for is an XStr of its type."""
    return _text(val, 0)


def quote(text: str) -> str:
    """A Zinc string."""
    return f'"{_SPECIAL.sub(_escape, text)}"'


def _escape(m: re.Match[str]) -> str:
    c = m[0]
    return _ESCAPES.get(c) or f"\\u{ord(c):04x}"


def _uri(val: Uri) -> str:
    return f"`{_URI_SPECIAL.sub(_escape_uri, val.val)}`"


def _escape_uri(m: re.Match[str]) -> str:
    c = m[0]
    if len(c) == 2:
        return c
    if c in "`$":
        return "\\" + c
    return f"\\u{ord(c):04x}" if c == "\\" else _escape(m)


def _ref(val: Ref) -> str:
    dis = val.dis_text
    return f"@{val.val}" if dis is None else f"@{val.val} {quote(dis)}"


def _timestamp(val: dt.datetime) -> str:
    return times.iso_text(val) if val.tzinfo is times.UTC else times.datetime_text(val)


def _xstr(val: XStr) -> str:
    return f"{val.type}({quote(val.val)})"


_SCALARS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "N",
    Marker: lambda _: "M",
    Remove: lambda _: "R",
    NA: lambda _: "NA",
    bool: lambda v: "T" if v else "F",
    int: num_text,
    float: num_text,
    Number: num_text,
    str: quote,
    Ref: _ref,
    Uri: _uri,
    Symbol: lambda v: f"^{v.val}",
    dt.datetime: _timestamp,
    dt.date: times.date_text,
    dt.time: times.time_text,
    times.NanoDateTime: _timestamp,
    times.NanoTime: times.time_text,
    Coord: show.to_str,
    XStr: _xstr,
}


def _text(val: Any, depth: int) -> str:
    write = _SCALARS.get(type(val))
    if write is not None:
        return write(val)
    if depth > MAX_DEPTH:
        raise Err(f"zinc: value is nested deeper than {MAX_DEPTH} levels")
    kind = kind_of(val)
    if kind is list:
        return f"[{','.join([_text(item, depth + 1) for item in val])}]"
    if kind is dict:
        return "{" + " ".join([_tag(k, v, depth + 1) for k, v in val.items() if v is not None]) + "}"
    if kind is Grid:
        return f"<<\n{_grid_text(val, depth + 1)}\n>>"
    write = _SCALARS.get(kind)
    if write is not None:
        return write(val)
    return f"{show.host_type(val)}({quote(show.to_str(val))})"


def _name(name: str) -> str:
    return name if _NAME.fullmatch(name) else quote(name)


def _tag(name: str, val: Any, depth: int) -> str:
    return _name(name) if val is MARKER else f"{_name(name)}:{_text(val, depth)}"


def _meta(meta: dict[str, Any], depth: int) -> str:
    return "".join([f" {_tag(k, v, depth)}" for k, v in meta.items() if k != "ver" and v is not None])


def _grid_text(grid: Grid, depth: int) -> str:
    cols = grid.cols()
    lines = [
        'ver:"3.0"' + _meta(grid.meta(), depth),
        ",".join([_name(col.name()) + _meta(col.meta(), depth) for col in cols]),
    ]
    null = "N" if len(cols) == 1 else ""
    names = grid.col_names()
    for start in range(0, len(grid), _BLOCK):
        part = grid.slice(start, min(start + _BLOCK, len(grid)))
        texts = [_column(part.column(name), null, depth) for name in names]
        lines.extend(map(",".join, zip(*texts, strict=True)))
    lines.append("")
    return "\n".join(lines)


_BULK: dict[type, Callable[[list[Any]], list[str]]] = {
    float: float_texts,
    Number: number_texts,
    dt.datetime: lambda cells: timestamp_texts(cells, name_utc=False),
}


def _column(cells: list[Any], null: str, depth: int) -> list[str]:
    """The texts of the cells of a column; a fast way for each kind that comes in bulk."""
    kinds = set(map(type, cells))
    if len(kinds) == 1:
        kind = kinds.pop()
        if kind is str:
            if _SPECIAL.search("".join(cells)) is None:
                return [f'"{cell}"' for cell in cells]
            return list(map(quote, cells))
        bulk = _BULK.get(kind)
        if bulk is not None:
            return bulk(cells)
        write = _SCALARS.get(kind)
        if write is not None and kind is not type(None):
            return list(map(write, cells))
    scalars = _SCALARS
    out = []
    for cell in cells:
        if cell is None:
            out.append(null)
            continue
        write = scalars.get(type(cell))
        out.append(_text(cell, depth + 1) if write is None else write(cell))
    return out
