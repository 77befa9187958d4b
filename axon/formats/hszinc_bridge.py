"""Values and grids of the package hszinc, both ways, and documents that only it can read.

hszinc is known to many Haystack programs; here it is a neighbour, not a part: nothing else imports it, it is
imported when first needed, and the texts it gets are small and flat, because its parser takes exponential
time for nesting. It prints what it can't parse; that is silenced inside its own module, so that other output
is left alone.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from types import ModuleType
from typing import Any

from axon.errors import CoerceErr, HostErr, ParseErr
from axon.formats.texts import coord_of, kind_of
from axon.values import show, times, units, uris
from axon.values.numbers import norm, number
from pylib.grid import Col, Grid
from pylib.kinds import MARKER, NA, NA_VALUE, REMOVE, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

__all__ = ["MAX_TEXT", "from_hszinc", "read_with_hszinc", "to_hszinc"]

MAX_TEXT = 20_000
"""Most characters that hszinc's parser is given: it reads some 64 rows a second."""

_THEIRS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What its parser lets through."""


@cache
def _hszinc() -> ModuleType:
    """The package, its parser kept from printing."""
    import hszinc
    from hszinc import zincparser

    vars(zincparser)["print"] = lambda *args, **options: None
    module: ModuleType = hszinc
    return module


def to_hszinc(val: Any, version: str = "3.0") -> Any:
    """The hszinc value for a value, or the hszinc Grid for a grid.

    A symbol, a Span and what else hszinc has no kind for becomes an XStr of its kind. Nanoseconds are lost.

    Args:
        version: of the grids that are made, `2.0` or `3.0`.
    """
    if val is None or type(val) in (bool, int, float, str):
        return val
    hszinc = _hszinc()
    kind = kind_of(val)
    if kind is Grid:
        return _to_grid(val, version)
    if kind is list:
        return [to_hszinc(item, version) for item in val]
    if kind is dict:
        return {k: to_hszinc(v, version) for k, v in val.items()}
    if kind is dt.datetime:
        return _to_pytz(val)
    if kind in (dt.date, dt.time):
        return val
    if kind is Number:
        return hszinc.Quantity(val.val, val.unit)
    if kind is Ref:
        return hszinc.Ref(val.val, val.dis_text)
    if kind is Uri:
        return hszinc.Uri(val.val)
    if kind is Coord:
        return hszinc.Coordinate(val.lat, val.lng)
    if kind is XStr:
        return hszinc.Bin(val.val) if val.type == "Bin" else hszinc.XStr(val.type, val.val)
    singles = {Marker: hszinc.MARKER, NA: hszinc.NA, Remove: hszinc.REMOVE}
    if kind in singles:
        return singles[kind]
    return hszinc.XStr(show.host_type(val), show.to_str(val))


def _to_grid(grid: Grid, version: str) -> Any:
    made = _hszinc().Grid(version=version)
    for name, val in grid.meta().items():
        made.metadata[name] = to_hszinc(val, version)
    for col in grid.cols():
        made.column.add_item(col.name(), _meta_object(col.meta(), version))
    for row in grid.iter_dicts():
        made.append({name: to_hszinc(val, version) for name, val in row.items()})
    return made


def _meta_object(meta: dict[str, Any], version: str) -> Any:
    made = _hszinc().MetadataObject()
    for name, val in meta.items():
        made[name] = to_hszinc(val, version)
    return made


def _to_pytz(val: dt.datetime) -> dt.datetime:
    """hszinc knows the zones of pytz only."""
    from hszinc import zoneinfo

    plain = dt.datetime.combine(val.date(), val.time(), val.tzinfo).replace(fold=val.fold)
    try:
        return plain.astimezone(zoneinfo.timezone(times.zone_name(val)))
    except (KeyError, ValueError):
        return plain


def from_hszinc(val: Any) -> Any:
    """The value for an hszinc value, or the grid for an hszinc Grid.

    Raises:
        CoerceErr: a value of another kind, or a quantity whose unit is not known here.
    """
    kind = type(val)
    if val is None or kind in (bool, float, str):
        return val
    if kind is int:
        return norm(val)
    if kind is list:
        return [from_hszinc(item) for item in val]
    if isinstance(val, dict):
        return {str(k): from_hszinc(v) for k, v in val.items() if v is not None}
    if isinstance(val, dt.datetime):
        return times.clean_datetime(val, times.UTC)
    if isinstance(val, (dt.date, dt.time)):
        return val
    return _from_class(val)


def _from_class(val: Any) -> Any:
    hszinc = _hszinc()
    if isinstance(val, hszinc.Grid):
        return _from_grid(val)
    if isinstance(val, hszinc.Quantity):
        return _from_quantity(val)
    if isinstance(val, hszinc.Uri):
        return uris.make_uri(str(val))
    if isinstance(val, hszinc.Bin):
        return XStr("Bin", str(val))
    if isinstance(val, hszinc.Ref):
        return Ref(val.name, val.value if val.has_value else None)
    if isinstance(val, hszinc.Coordinate):
        return coord_of(val.latitude, val.longitude)
    if isinstance(val, hszinc.XStr):
        text = val.data_to_string()
        return Symbol(text) if val.encoding == "Symbol" else XStr(val.encoding, text)
    for theirs, ours in ((hszinc.MARKER, MARKER), (hszinc.NA, NA_VALUE), (hszinc.REMOVE, REMOVE)):
        if val is theirs:
            return ours
    raise CoerceErr(f"hszinc: no kind for {type(val).__name__}")


def _from_quantity(val: Any) -> Any:
    unit = None if val.unit is None else str(val.unit)
    if not unit:
        return norm(val.value)
    symbol = units.symbol_of(unit)
    if symbol is None:
        raise CoerceErr(f"hszinc: unknown unit {unit}")
    return number(val.value, symbol)


def _from_grid(grid: Any) -> Grid:
    cols = [Col(name, _from_meta(meta)) for name, meta in grid.column.items()]
    rows = [{k: from_hszinc(v) for k, v in row.items() if v is not None} for row in grid]
    return Grid.from_rows(rows, _from_meta(grid.metadata), cols)


def _from_meta(meta: Any) -> dict[str, Any]:
    return {name: from_hszinc(val) for name, val in meta.items() if name != "ver"}


def read_with_hszinc(text: str) -> Grid:
    """Read a Zinc 2.0 document with hszinc's own parser.

    Raises:
        ParseErr: not Zinc 2.0, too long, or a value that has no kind here.
    """
    if len(text) > MAX_TEXT or any(c in text for c in "[{<"):
        raise ParseErr("zinc: too long or nested for the reader of version 2.0")
    hszinc = _hszinc()
    from pyparsing import ParseBaseException

    try:
        made = from_hszinc(hszinc.parse(text, mode=hszinc.MODE_ZINC))
    except HostErr as e:
        raise ParseErr(f"zinc: {e.message}") from e
    except (*_THEIRS, ParseBaseException) as e:
        line = getattr(e, "line", 0)
        reason = str(e).partition("\n")[0]
        raise ParseErr(f"zinc: {reason}", line=line if isinstance(line, int) else 0) from e
    if not isinstance(made, Grid):
        raise ParseErr("zinc: expected a grid")
    return made
