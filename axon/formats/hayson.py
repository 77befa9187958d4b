"""Haystack JSON version 4 ("Hayson"): values with a `_kind` where plain JSON has none of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from axon.errors import HostErr, ParseErr
from axon.formats.json_text import Writer, parse_json
from axon.formats.texts import coord_of, kind_of
from axon.values import show, times, units, uris
from axon.values.numbers import num_text, number
from axon.values.tags import to_tag_name, unique_names
from pylib.grid import Col, Grid
from pylib.kinds import MARKER, NA, NA_VALUE, REMOVE, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

__all__ = ["read_hayson", "write_hayson"]

_SPECIAL = {"NaN": float("nan"), "INF": float("inf"), "-INF": float("-inf")}


# ---- reading ----------------------------------------------------------------------------------------------


def read_hayson(text: str, *, safe_names: bool = False) -> Any:
    """Read any JSON value.

    Args:
        safe_names: make tag names of the keys; else any key is kept.

    Raises:
        ParseErr: with line and column.
    """
    return parse_json(text, _decode_safe if safe_names else _decode)


def _decode(obj: dict[str, Any]) -> Any:
    kind = obj.get("_kind")
    if kind is None:
        return obj if None not in obj.values() else {k: v for k, v in obj.items() if v is not None}
    decode = _KINDS.get(kind) if type(kind) is str else None
    if decode is None:
        raise ParseErr(f"json: unknown _kind {show.preview(kind)}")
    try:
        return decode(obj)
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise ParseErr(f"json: bad {kind}: {_reason(e)}") from e
    except ParseErr as e:
        raise ParseErr(f"json: bad {kind}: {e.message}") from e


def _decode_safe(obj: dict[str, Any]) -> Any:
    val = _decode(obj)
    if type(val) is dict:
        return {to_tag_name(k or "blank"): v for k, v in val.items()}
    if isinstance(val, Grid):
        names = val.col_names()
        safe = unique_names([to_tag_name(name or "blank") for name in names])
        return val.rename(dict(zip(names, safe, strict=True)))
    return val


def _reason(e: Exception) -> str:
    return f"{e.args[0]} is missing" if isinstance(e, KeyError) else str(e)


def _str(obj: dict[str, Any], name: str = "val") -> str:
    val = obj[name]
    if type(val) is not str:
        raise TypeError(f"{name} is not a Str")
    return val


def _number(obj: dict[str, Any]) -> Any:
    val = obj["val"]
    if type(val) is str and val in _SPECIAL:
        val = _SPECIAL[val]
    elif type(val) not in (int, float):
        raise TypeError("val is not a Number")
    unit = obj.get("unit")
    if unit is None:
        return val
    symbol = units.symbol_of(_str(obj, "unit"))
    if symbol is None:
        raise ValueError(f"unknown unit {unit}")
    return number(val, symbol)


def _ref(obj: dict[str, Any]) -> Ref:
    return Ref(_str(obj), _str(obj, "dis") if "dis" in obj else None)


def _date_time(obj: dict[str, Any]) -> dt.datetime:
    text = _str(obj)
    return times.parse_datetime(f"{text} {_str(obj, 'tz')}" if "tz" in obj else text)


def _coord(obj: dict[str, Any]) -> Coord:
    lat, lng = obj["lat"], obj["lng"]
    if {type(lat), type(lng)} - {int, float}:
        raise TypeError("lat and lng must be Numbers")
    return coord_of(lat, lng)


def _xstr(obj: dict[str, Any]) -> Any:
    name, val = _str(obj, "type"), _str(obj)
    if name == "Span":
        try:
            return times.parse_span(val, dt.datetime.now(times.UTC))
        except HostErr as e:
            raise ValueError(e.message) from e
    if not name[:1].isupper() or not name.replace("_", "").isalnum() or not name.isascii():
        raise ValueError(f"{name} is no type name")
    return XStr(name, val)


def _grid(obj: dict[str, Any]) -> Grid:
    meta = obj.get("meta") or {}
    if type(meta) is not dict or type(obj["cols"]) is not list or type(obj.get("rows", [])) is not list:
        raise TypeError("meta must be an object, cols and rows arrays")
    cols = [Col(_str(col, "name"), _col_meta(col)) for col in obj["cols"]]
    rows = obj.get("rows", [])
    if set(map(type, rows)) - {dict}:
        raise TypeError("a row is no object")
    return Grid.from_rows(rows, {k: v for k, v in meta.items() if k != "ver"}, cols)


def _col_meta(col: dict[str, Any]) -> dict[str, Any]:
    meta = col.get("meta") or {}
    if type(meta) is not dict:
        raise TypeError("the meta of a column is no object")
    return meta


def _dict(obj: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in obj.items() if v is not None and k != "_kind"}


_KINDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "number": _number,
    "marker": lambda _: MARKER,
    "na": lambda _: NA_VALUE,
    "remove": lambda _: REMOVE,
    "ref": _ref,
    "uri": lambda obj: uris.make_uri(_str(obj)),
    "symbol": lambda obj: Symbol(_str(obj)),
    "date": lambda obj: times.parse_date(_str(obj)),
    "time": lambda obj: times.parse_time(_str(obj)),
    "dateTime": _date_time,
    "coord": _coord,
    "xstr": _xstr,
    "bin": lambda obj: XStr("Bin", _str(obj)),
    "dict": _dict,
    "grid": _grid,
}


# ---- writing ----------------------------------------------------------------------------------------------

_Quote = Callable[[str], str]


def write_hayson(val: Any, *, ascii_only: bool = True) -> str:
    """Write any value as JSON; a grid ends with a line end.

    Raises:
        Err: a value that Haystack has no kind for, or a dict with the tag `_kind`.
    """
    return Writer(_scalar, head='"_kind": "grid",\n', inline=False, ascii_only=ascii_only).document(val)


def _scalar(val: Any, quote: _Quote) -> str | None:
    write = _WRITERS.get(type(val)) or _WRITERS.get(kind_of(val))
    return None if write is None else write(val, quote)


def _write_number(val: Any, quote: _Quote) -> str:
    plain = val.val if type(val) is Number else val
    text = num_text(plain)
    if plain - plain != 0:
        text = f'"{text}"'
    if type(val) is Number:
        return f'{{"_kind":"number", "val":{text}, "unit":{quote(val.unit)}}}'
    return text if text[0] != '"' else f'{{"_kind":"number", "val":{text}}}'


def _write_ref(val: Ref, quote: _Quote) -> str:
    dis = "" if val.dis_text is None else f', "dis":{quote(val.dis_text)}'
    return f'{{"_kind":"ref", "val":{quote(val.val)}{dis}}}'


def _write_time(val: dt.datetime, quote: _Quote) -> str:
    zone = "" if val.tzinfo is times.UTC else f', "tz":{quote(times.zone_name(val))}'
    return f'{{"_kind":"dateTime", "val":"{times.iso_text(val)}"{zone}}}'


def _write_coord(val: Coord, quote: _Quote) -> str:
    lat, lng = show.to_str(val)[2:-1].split(",")
    return f'{{"_kind":"coord", "lat":{lat}, "lng":{lng}}}'


def _write_xstr(val: XStr, quote: _Quote) -> str:
    return f'{{"_kind":"xstr", "type":{quote(val.type)}, "val":{quote(val.val)}}}'


def _kind_of_text(kind: str) -> Callable[[Any, _Quote], str]:
    return lambda val, quote: f'{{"_kind":"{kind}", "val":{quote(val.val)}}}'


_WRITERS: dict[type, Callable[[Any, _Quote], str]] = {
    type(None): lambda val, quote: "null",
    bool: lambda val, quote: "true" if val else "false",
    str: lambda val, quote: quote(val),
    int: _write_number,
    float: _write_number,
    Number: _write_number,
    Marker: lambda val, quote: '{"_kind":"marker"}',
    NA: lambda val, quote: '{"_kind":"na"}',
    Remove: lambda val, quote: '{"_kind":"remove"}',
    Ref: _write_ref,
    Uri: _kind_of_text("uri"),
    Symbol: _kind_of_text("symbol"),
    dt.date: lambda val, quote: f'{{"_kind":"date", "val":"{times.date_text(val)}"}}',
    dt.time: lambda val, quote: f'{{"_kind":"time", "val":"{times.time_text(val)}"}}',
    dt.datetime: _write_time,
    Coord: _write_coord,
    XStr: _write_xstr,
    times.Span: lambda val, quote: f'{{"_kind":"xstr", "type":"Span", "val":{quote(val.text())}}}',
}
