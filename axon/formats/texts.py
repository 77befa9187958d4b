"""What the writers of all formats share: the texts of whole columns, and which class decides."""

from __future__ import annotations

import datetime as dt
from typing import Any

from axon.values import times
from axon.values.numbers import num_text
from pylib.grid import Grid
from pylib.kinds import Coord, Number

__all__ = ["MAX_DEPTH", "coord_of", "float_texts", "kind_of", "number_texts", "timestamp_texts"]

MAX_DEPTH = 200
"""How deep a value may be nested to be written."""


def coord_of(lat: str | float, lng: str | float) -> Coord:
    """A coordinate from decimal texts, or floats as their shortest text: digits past the sixth are cut off.

    The binary value of `33.395461` lies a little below it, so that cutting that would lose a digit.

    Raises:
        ValueError: not numbers, or out of range.
    """
    return Coord(_degrees(float(lat), 90), _degrees(float(lng), 180))


def _degrees(val: float, limit: int) -> float:
    """The middle of the micro-degree that a decimal number lies in."""
    if not -limit < val < limit:
        return val
    from decimal import Context, Decimal

    exact = Context(prec=40)  # not that of the thread, which a program may have changed
    micros = int(exact.multiply(Decimal(repr(val)), Decimal(1_000_000)))
    return (micros + (micros > 0) - 0.5) / 1e6 if micros else 0.0


def float_texts(cells: list[float]) -> list[str]:
    """The texts of floats; most take the short way."""
    return [repr(v) if 0.001 <= v < 1e7 and v % 1 else num_text(v) for v in cells]


def number_texts(cells: list[Number]) -> list[str]:
    """The texts of numbers with units."""
    texts = float_texts([v.val for v in cells])
    return [t if t[-1] in "NF" else t + v.unit for t, v in zip(texts, cells, strict=True)]


def timestamp_texts(cells: list[dt.datetime], *, name_utc: bool) -> list[str]:
    """The texts of timestamps with their zones; `name_utc` says whether UTC is named too."""
    names: dict[dt.tzinfo | None, str] = {}
    out = []
    for v in cells:
        text = v.isoformat()
        name = names.get(v.tzinfo)
        if name is None:
            named = name_utc or v.tzinfo is not times.UTC
            name = names[v.tzinfo] = " " + times.zone_name(v) if named else ""
        if len(text) == 25:
            out.append((f"{text[:19]}Z" if text.endswith("+00:00") else text) + name)
        else:  # a fraction, or an offset with seconds
            out.append(times.iso_text(v) + name)
    return out


def kind_of(val: Any) -> type:
    """The class that decides how a value is written: grid rows are dicts, matrices grids."""
    kind = type(val)
    if kind is list or kind is dict:
        return kind
    for base in (Grid, dict, list, dt.datetime, dt.date, dt.time):
        if isinstance(val, base):
            return base
    return kind
