"""Which values may cross from one thread to another: all but those that change while they are used."""

from __future__ import annotations

import datetime as dt

from pylib.grid import Grid
from pylib.kinds import Coord, Marker, NA, Number, Ref, Remove, Symbol, Uri, XStr

__all__ = ["is_immutable"]

_SCALARS = frozenset(
    {type(None), bool, int, float, str, bytes, dt.date, dt.time, dt.datetime}
    | {Number, Ref, Uri, Symbol, XStr, Coord, Marker, NA, Remove}
)


def is_immutable(val: object) -> bool:
    """Whether `val` never changes, and nothing inside it does.

    Streams and the like say so by a class attribute `axon_mutable = True`.
    """
    kind = type(val)
    if kind in _SCALARS:
        return True
    if kind is list:
        return all(type(v) in _SCALARS or is_immutable(v) for v in val)  # type: ignore[attr-defined]
    if kind is dict:
        return all(type(v) in _SCALARS or is_immutable(v) for v in val.values())  # type: ignore[attr-defined]
    if isinstance(val, Grid):
        return _grid_is_immutable(val)
    return not getattr(kind, "axon_mutable", False)


def _grid_is_immutable(grid: Grid) -> bool:
    for name in grid.col_names():
        if grid.array(name) is None and not is_immutable(grid.column(name)):
            return False
    return True
