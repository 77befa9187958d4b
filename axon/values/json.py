"""Values as canonical JSON and back: Haystack JSON and forms for the values that Haystack does not know.

What `to_json` gives consists of None, bool, int, float, str, list and dict only. A dict with `_kind` is a
value of that kind, any other a Dict.
"""

from __future__ import annotations

from axon.errors import ArgErr, ParseErr
from axon.values.numbers import norm, number
from axon.values.show import host_type, kind_name, to_str
from pylib.kinds import MARKER, NA, NA_VALUE, REMOVE, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["from_json", "to_json"]

_SPECIAL = {"INF": float("inf"), "-INF": float("-inf"), "NaN": float("nan")}


# ---- to JSON ----------------------------------------------------------------------------------------------


def to_json(v: Any) -> Any:
    """The canonical JSON of a value, as Python objects that `json.dumps` takes.

    A function becomes `{"_kind": "func"}`; a value of no kind an xstr of its type and text.
    """
    return (_TO.get(type(v)) or _find_to(v))(v)


def _same(v: Any) -> Any:
    return v


def _float_json(v: float) -> Any:
    if v - v == 0:
        return v + 0.0  # -0.0 is 0.0
    return {"_kind": "number", "val": _special_text(v)}


def _special_text(v: float) -> str:
    return "NaN" if v != v else "INF" if v > 0 else "-INF"


def _number_json(v: Number) -> Any:
    val: Any = v.val
    return {"_kind": "number", "val": val + 0 if val - val == 0 else _special_text(val), "unit": v.unit}


def _list_json(v: list[Any]) -> Any:
    return [to_json(x) for x in v]


def _dict_json(v: dict[str, Any]) -> Any:
    out = {name: to_json(val) for name, val in v.items() if val is not None}
    if "_kind" in out:
        out = {"_kind": "dict"} | {name: val for name, val in out.items() if name != "_kind"}
    return out


def _ref_json(v: Ref) -> Any:
    out = {"_kind": "ref", "val": v.val}
    if v.dis_text is not None:
        out["dis"] = v.dis_text
    return out


def _kinded(kind: str) -> Callable[[Any], Any]:
    return lambda v: {"_kind": kind, "val": to_str(v)}


def _coord_json(v: Coord) -> Any:
    return {"_kind": "coord", "lat": v.lat, "lng": v.lng}


def _xstr_json(v: XStr) -> Any:
    return {"_kind": "xstr", "type": v.type, "val": v.val}


_TO: dict[type, Callable[[Any], Any]] = {
    type(None): _same,
    bool: _same,
    str: _same,
    int: _same,
    float: _float_json,
    Number: _number_json,
    list: _list_json,
    dict: _dict_json,
    Marker: lambda v: {"_kind": "marker"},
    NA: lambda v: {"_kind": "na"},
    Remove: lambda v: {"_kind": "remove"},
    Ref: _ref_json,
    Symbol: _kinded("symbol"),
    Uri: _kinded("uri"),
    Coord: _coord_json,
    XStr: _xstr_json,
}


def _find_to(v: Any) -> Callable[[Any], Any]:
    """The encoder of a kind that is not in the table: most programs never meet it."""
    found = _BY_KIND.get(kind_name(v))
    if found is not None:
        return found
    return lambda x: {"_kind": "xstr", "type": host_type(x), "val": to_str(x)}


def _datetime_json(v: Any) -> Any:
    from axon.values.clocks import iso_text
    from axon.values.zones import zone_name

    return {"_kind": "dateTime", "val": iso_text(v), "tz": zone_name(v)}


def _date_span_json(v: Any) -> Any:
    from axon.values.clocks import date_text

    return {"_kind": "dateSpan", "start": date_text(v.start), "end": date_text(v.end)}


def _span_json(v: Any) -> Any:
    return {"_kind": "span", "start": _datetime_json(v.start), "end": _datetime_json(v.end)}


def _range_json(v: Any) -> Any:
    return {"_kind": "range", "start": to_json(v.start), "end": to_json(v.end)}


def _col_json(v: Any) -> Any:
    return {"_kind": "col", "name": v.name(), "meta": _dict_json(v.meta())}


def _grid_json(v: Any) -> Any:
    cols = [{"name": c.name(), "meta": _dict_json(c.meta())} for c in v.cols()]
    rows = [_row_json(row) for row in v.iter_dicts()]
    return {"_kind": "grid", "meta": _dict_json(v.meta()), "cols": cols, "rows": rows}


def _row_json(v: dict[str, Any]) -> Any:
    return {name: to_json(val) for name, val in v.items()}


_BY_KIND: dict[str, Callable[[Any], Any]] = {
    "Dict": _dict_json,
    "Date": _kinded("date"),
    "Time": _kinded("time"),
    "DateTime": _datetime_json,
    "DateSpan": _date_span_json,
    "Span": _span_json,
    "Range": _range_json,
    "Grid": _grid_json,
    "Col": _col_json,
    "Func": lambda v: {"_kind": "func"},
    "Filter": _kinded("filter"),
}


# ---- from JSON --------------------------------------------------------------------------------------------


def from_json(obj: Any) -> Any:
    """The value of canonical JSON, or of any Haystack JSON ("Hayson").

    Raises:
        ParseErr: a kind that is not known or can't be read back (`func`), or a form that does not fit it.
    """
    kind = type(obj)
    if kind is dict:
        return _dict_from(obj)
    if kind is list:
        return [from_json(x) for x in obj]
    if obj is None or kind in (bool, str, float):
        return obj
    if kind is int:
        return norm(obj)
    raise ParseErr(f"fromJson: {kind.__name__} is not JSON")


def _dict_from(obj: dict[str, Any]) -> Any:
    kind = obj.get("_kind")
    if not isinstance(kind, str) or kind == "dict":
        return {name: from_json(val) for name, val in obj.items() if name != "_kind" and val is not None}
    how = _FROM.get(kind)
    if how is None:
        raise ParseErr(f"fromJson: unknown kind {kind}")
    try:
        return how(obj)
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise ParseErr(f"fromJson: bad {kind}: {err}") from err


def _number_from(obj: dict[str, Any]) -> Any:
    val = obj["val"]
    if isinstance(val, str):
        val = _SPECIAL[val]
    if type(val) not in (int, float):
        raise TypeError("val is no number")
    return number(norm(val), _unit_symbol(obj.get("unit")))


def _unit_symbol(id: str | None) -> str | None:
    """The symbol of a unit by any of its ids; an unknown one is kept as it is."""
    if not id:
        return None
    from axon.values.units import symbol_of

    return symbol_of(id) or id


def _text(obj: dict[str, Any], name: str = "val") -> str:
    val = obj[name]
    if not isinstance(val, str):
        raise TypeError(f"{name} is no string")
    return val


def _ref_from(obj: dict[str, Any]) -> Ref:
    dis = obj.get("dis")
    return Ref(_text(obj), dis if isinstance(dis, str) else None)


def _uri_from(obj: dict[str, Any]) -> Uri:
    from axon.values.uris import normalize

    return Uri(normalize(_text(obj)))


def _date_from(obj: dict[str, Any]) -> Any:
    from axon.values.clocks import parse_date

    return parse_date(_text(obj))


def _time_from(obj: dict[str, Any]) -> Any:
    from axon.values.clocks import parse_time

    return parse_time(_text(obj))


def _datetime_from(obj: dict[str, Any]) -> Any:
    from axon.values.clocks import parse_datetime

    tz = obj.get("tz")
    return parse_datetime(f"{_text(obj)} {tz}" if tz else _text(obj))


def _coord_from(obj: dict[str, Any]) -> Coord:
    return Coord(obj["lat"], obj["lng"])


def _xstr_from(obj: dict[str, Any]) -> Any:
    return XStr(_text(obj, "type"), _text(obj))


def _grid_from(obj: dict[str, Any]) -> Any:
    from pylib.grid import Col, Grid

    cols = [Col(_text(c, "name"), _meta_from(c.get("meta"))) for c in obj.get("cols") or []]
    rows = [_meta_from(row) for row in obj.get("rows") or []]
    meta = {name: val for name, val in _meta_from(obj.get("meta")).items() if name != "ver"}
    return Grid.from_rows(rows, meta, cols)


def _meta_from(obj: Any) -> dict[str, Any]:
    """Tags that are always a dict, also where one of them is called `_kind`."""
    return {name: from_json(val) for name, val in (obj or {}).items() if name != "_kind" and val is not None}


def _col_from(obj: dict[str, Any]) -> Any:
    from pylib.grid import Col

    return Col(_text(obj, "name"), _meta_from(obj.get("meta")))


def _date_span_from(obj: dict[str, Any]) -> Any:
    from axon.values.clocks import parse_date
    from axon.values.spans import DateSpan

    return DateSpan(parse_date(_text(obj, "start")), parse_date(_text(obj, "end")))


def _span_from(obj: dict[str, Any]) -> Any:
    from axon.values.spans import Span

    try:
        return Span(from_json(obj["start"]), from_json(obj["end"]))
    except ArgErr as err:
        raise ParseErr(f"fromJson: bad span: {err}") from err


def _range_from(obj: dict[str, Any]) -> Any:
    from axon.values.ranges import Range

    return Range(from_json(obj["start"]), from_json(obj["end"]))


def _filter_from(obj: dict[str, Any]) -> Any:
    from axon.values.filter import parse_filter

    return parse_filter(_text(obj))


_FROM: dict[str, Callable[[dict[str, Any]], Any]] = {
    "number": _number_from,
    "marker": lambda obj: MARKER,
    "na": lambda obj: NA_VALUE,
    "remove": lambda obj: REMOVE,
    "ref": _ref_from,
    "symbol": lambda obj: Symbol(_text(obj)),
    "uri": _uri_from,
    "date": _date_from,
    "time": _time_from,
    "dateTime": _datetime_from,
    "coord": _coord_from,
    "xstr": _xstr_from,
    "grid": _grid_from,
    "col": _col_from,
    "dateSpan": _date_span_from,
    "span": _span_from,
    "range": _range_from,
    "filter": _filter_from,
}
