"""Jeto: JSON whose scalars name their spec where JSON has no such kind.

A number with a unit is `{"val":"1kW", "spec":"sys::Number"}`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from axon.errors import ArgErr, Err, HostErr, ParseErr
from axon.formats.json_text import MAX_DEPTH, parse_json
from axon.formats.texts import coord_of, kind_of
from axon.formats.zinc_parser import ZincParser
from axon.values import show, times, uris
from axon.values.numbers import is_number, num_text
from pylib.grid import Grid
from pylib.kinds import MARKER, NA, NA_VALUE, REMOVE, Coord, Marker, Number, Ref, Remove, Symbol, Uri

__all__ = ["BOXES", "read_jeto", "write_jeto"]

BOXES = ("none", "auto", "all")
"""What is boxed: no scalar, those that plain JSON can't tell, every scalar."""


def read_jeto(text: str, spec: str | None = None) -> Any:
    """Read any JSON value; `spec` is the qualified name of the spec of a value that names none itself.

    Raises:
        ParseErr: with line and column; also a text that does not fit its spec.
    """
    val = parse_json(text, _unbox)
    return val if spec is None or type(val) is not str else _scalar(spec, val)


def _unbox(obj: dict[str, Any]) -> Any:
    spec, val = obj.get("spec"), obj.get("val")
    if len(obj) == 2 and type(spec) is str and type(val) is str:
        return _scalar(spec, val)
    if len(obj) == 2 and spec in ("sys::Bool", "sys::Number") and val is not None:
        return val
    return {k: v for k, v in obj.items() if v is not None}


def _scalar(spec: str, text: str) -> Any:
    decode = _SPECS.get(spec)
    if decode is None:
        raise ParseErr(f"json: unknown spec {show.preview(spec)}")
    try:
        return decode(text)
    except (HostErr, LookupError, ValueError) as e:
        raise ParseErr(f"json: {show.preview(text)} is no {spec}") from e


def _number(text: str) -> Any:
    parser = ZincParser(text)
    val = parser.value()
    if not parser.at_end() or not is_number(val):
        raise ValueError(text)
    return val


def _bool(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _coord(text: str) -> Coord:
    lat, _, lng = text.removeprefix("C(").removesuffix(")").partition(",")
    return coord_of(lat, lng)


_SPECS: dict[str, Callable[[str], Any]] = {
    "sys::Str": str,
    "sys::Number": _number,
    "sys::Bool": _bool,
    "sys::Date": times.parse_date,
    "sys::Time": times.parse_time,
    "sys::DateTime": times.parse_datetime,
    "sys::Uri": uris.make_uri,
    "sys::Ref": Ref,
    "sys::Marker": lambda _: MARKER,
    "sys::NA": lambda _: NA_VALUE,
    "sys::None": lambda _: REMOVE,
    "sys::Span": lambda text: times.parse_span(text, dt.datetime.now(times.UTC)),
    "ph::Coord": _coord,
    "ph::Symbol": Symbol,
}

_NAMES: dict[type, str] = {
    str: "sys::Str",
    int: "sys::Number",
    float: "sys::Number",
    Number: "sys::Number",
    bool: "sys::Bool",
    dt.date: "sys::Date",
    dt.time: "sys::Time",
    dt.datetime: "sys::DateTime",
    Uri: "sys::Uri",
    Ref: "sys::Ref",
    Marker: "sys::Marker",
    NA: "sys::NA",
    Remove: "sys::None",
    times.Span: "sys::Span",
    Coord: "ph::Coord",
    Symbol: "ph::Symbol",
}


def write_jeto(val: Any, *, box: str = "auto", pretty: bool = False) -> str:
    """Write any value as JSON; a grid is the list of its rows.

    Args:
        box: one of `BOXES`.
        pretty: one member a line, indented.

    Raises:
        Err: a value that no spec here names.
        ArgErr: `box` is none of `BOXES`.
    """
    if box not in BOXES:
        raise ArgErr(f"jeto: box must be one of {', '.join(BOXES)}, got {show.preview(box)}")
    plain = _plain(val, box, 0)
    return json.dumps(plain, ensure_ascii=False, indent=2 if pretty else None)


def _plain(val: Any, box: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise Err(f"jeto: value is nested deeper than {MAX_DEPTH} levels")
    if val is None:
        return None
    if isinstance(val, Grid):
        return [_plain(row, box, depth + 1) for row in val.iter_dicts()]
    if type(val) is list:
        return [_plain(item, box, depth + 1) for item in val]
    if isinstance(val, dict):
        return {k: _plain(v, box, depth + 1) for k, v in val.items()}
    spec = _NAMES.get(type(val)) or _NAMES.get(kind_of(val))
    if spec is None:
        raise Err(f"jeto: unrecognized scalar {show.host_type(val)} {show.preview(val)}")
    native = type(val) in (str, bool) or (type(val) in (int, float) and val - val == 0)
    if box == "all" or (box == "auto" and not native):
        return {"val": _text(val), "spec": spec}
    return val if native else _text(val)


def _text(val: Any) -> str:
    return num_text(val) if is_number(val) else show.to_str(val)
