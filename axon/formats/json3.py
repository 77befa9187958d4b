"""Haystack JSON version 3: scalars are strings with a one-letter code, such as `"n:5 kW"`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from axon.errors import HostErr, ParseErr
from axon.formats.json_text import Writer, parse_json
from axon.formats.texts import coord_of, kind_of
from axon.formats.zinc_parser import ZincParser
from axon.values import show, times, uris
from axon.values.numbers import is_number, num_text, split
from axon.values.tags import to_tag_name
from pylib.grid import Col, Grid
from pylib.kinds import MARKER, NA, NA_VALUE, REMOVE, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

__all__ = ["read_json3", "write_json3"]


# ---- reading ----------------------------------------------------------------------------------------------


def read_json3(
    text: str, *, safe_names: bool = False, safe_vals: bool = False, not_haystack: bool = False
) -> Any:
    """Read any JSON value.

    Args:
        safe_names: make tag names of the keys; else any key is kept.
        safe_vals: a string with an unknown code, or with a value that does not fit its code, stays as it is.
        not_haystack: no string is decoded.

    Raises:
        ParseErr: with line and column.
    """
    reader = _Reader(safe_names, safe_vals, not_haystack)
    return reader.value(parse_json(text, reader.object))


class _Reader:
    def __init__(self, safe_names: bool, safe_vals: bool, not_haystack: bool) -> None:
        self.safe_names = safe_names
        self.safe_vals = safe_vals
        self.plain = not_haystack

    def object(self, obj: dict[str, Any]) -> Any:
        """A dict or a grid; inner objects are done, strings and lists are not."""
        if not self.plain and {"meta", "cols", "rows"} <= obj.keys() and type(obj["rows"]) is list:
            return self._grid(obj)
        out = {}
        for name, val in obj.items():
            if val is not None:
                out[self._name(name)] = self.value(val)
        return out

    def value(self, val: Any) -> Any:
        """Decode a string, and the items of a list."""
        if type(val) is list:
            return [self.value(item) for item in val]
        if type(val) is not str or self.plain or val[1:2] != ":":
            return val
        try:
            return _decode(val)
        except (HostErr, ValueError) as e:
            if self.safe_vals:
                return val
            raise ParseErr(f"json: bad value {show.preview(val)}: {e}") from e

    def _name(self, name: str) -> str:
        return to_tag_name(name or "blank") if self.safe_names else name

    def _grid(self, obj: dict[str, Any]) -> Grid:
        meta, cols, rows = obj["meta"], obj["cols"], obj["rows"]
        if type(meta) is not dict or type(cols) is not list or set(map(type, cols + rows)) - {dict}:
            raise ParseErr("json: bad grid: meta must be an object, cols and rows arrays of objects")
        made = []
        for col in cols:
            name = col.get("name")
            if type(name) is not str:
                raise ParseErr("json: bad grid: a column has no name")
            inner = col.get("meta")
            own = inner if type(inner) is dict else {k: v for k, v in col.items() if k != "name"}
            made.append(Col(self._name(name), own))
        try:
            return Grid.from_rows(rows, {k: v for k, v in meta.items() if k != "ver"}, made)
        except ValueError as e:
            raise ParseErr(f"json: bad {e}") from e


def _decode(text: str) -> Any:
    code, rest = text[0], text[2:]
    decode = _CODES.get(code)
    if decode is None:
        raise ParseErr(f"unknown code {code!r}")
    return decode(rest)


def _number(rest: str) -> Any:
    if rest in ("INF", "-INF", "NaN"):
        return float(rest)
    digits, _, unit = rest.partition(" ")
    parser = ZincParser(digits + unit, what="json")
    val = parser.value()
    if not parser.at_end() or not is_number(val):
        raise ParseErr("not a number")
    return val


def _ref(rest: str) -> Ref:
    id, space, dis = rest.partition(" ")
    return Ref(id, dis if space else None)


def _coord(rest: str) -> Coord:
    lat, comma, lng = rest.partition(",")
    if not comma:
        raise ParseErr("a coordinate has two parts")
    return coord_of(lat, lng)


def _xstr(rest: str) -> Any:
    name, colon, val = rest.partition(":")
    if not colon or not name.isidentifier() or not name[0].isupper() or not name.isascii():
        raise ParseErr("expected Type:text")
    if name == "Span":
        return times.parse_span(val, dt.datetime.now(times.UTC))
    return XStr(name, val)


def _empty(val: Any) -> Callable[[str], Any]:
    def decode(rest: str) -> Any:
        if rest:
            raise ParseErr("expected nothing after the code")
        return val

    return decode


_CODES: dict[str, Callable[[str], Any]] = {
    "s": str,
    "n": _number,
    "m": _empty(MARKER),
    "z": _empty(NA_VALUE),
    "-": _empty(REMOVE),
    "r": _ref,
    "u": uris.make_uri,
    "y": Symbol,
    "d": times.parse_date,
    "h": times.parse_time,
    "t": times.parse_datetime,
    "c": _coord,
    "x": _xstr,
    "b": lambda rest: XStr("Bin", rest),
}


# ---- writing ----------------------------------------------------------------------------------------------

_Quote = Callable[[str], str]


def write_json3(val: Any, *, ascii_only: bool = True) -> str:
    """Write any value as JSON; a grid ends with a line end.

    Raises:
        Err: a value that Haystack has no kind for.
    """
    return Writer(_scalar, head="", inline=True, ascii_only=ascii_only).document(val)


def _scalar(val: Any, quote: _Quote) -> str | None:
    kind = type(val)
    if kind is str:
        return quote(f"s:{val}" if ":" in val else val)
    if kind is bool or val is None:
        return {True: "true", False: "false"}.get(val, "null")
    write = _WRITERS.get(kind) or _WRITERS.get(kind_of(val))
    return None if write is None else quote(write(val))


def _write_number(val: Any) -> str:
    plain, unit = split(val)
    return f"n:{num_text(plain)}" + (f" {unit}" if unit and plain - plain == 0 else "")


def _write_ref(val: Ref) -> str:
    return f"r:{val.val}" if val.dis_text is None else f"r:{val.val} {val.dis_text}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    int: _write_number,
    float: _write_number,
    Number: _write_number,
    Marker: lambda _: "m:",
    NA: lambda _: "z:",
    Remove: lambda _: "-:",
    Ref: _write_ref,
    Uri: lambda val: f"u:{val.val}",
    Symbol: lambda val: f"y:{val.val}",
    dt.date: lambda val: f"d:{times.date_text(val)}",
    dt.time: lambda val: f"h:{times.time_text(val)}",
    dt.datetime: lambda val: f"t:{times.datetime_text(val)}",
    Coord: lambda val: f"c:{show.to_str(val)[2:-1]}",
    XStr: lambda val: f"b:{val.val}" if val.type == "Bin" else f"x:{val.type}:{val.val}",
    times.Span: lambda val: f"x:Span:{val.text()}",
}
