"""Which values may cross from one thread to another: all but those that change while they are used."""

from __future__ import annotations

import datetime as dt

from pylib.kinds import NA, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

__all__ = ["SCALARS", "is_immutable"]

#: Exact types whose values never change.
SCALARS = frozenset(
    {type(None), bool, int, float, str, bytes, dt.date, dt.time, dt.datetime}
    | {Number, Ref, Uri, Symbol, XStr, Coord, Marker, NA, Remove}
)


def is_immutable(val: object) -> bool:
    """Whether `val` never changes, and nothing inside it does.

    Streams and the like say so by a class attribute `axon_mutable = True`.
    """
    kind = type(val)
    if kind in SCALARS:
        return True
    if kind is list:
        return all(type(v) in SCALARS or is_immutable(v) for v in val)  # type: ignore[attr-defined]
    if kind is dict:
        return all(type(v) in SCALARS or is_immutable(v) for v in val.values())  # type: ignore[attr-defined]
    if getattr(kind, "axon_mutable", False):
        return False
    return not hasattr(kind, "col_names") or _grid_is_immutable(val)


def _grid_is_immutable(grid: object) -> bool:
    from pylib.grid import Grid

    if not isinstance(grid, Grid):
        return True
    for name in grid.col_names():
        if grid.array(name) is None and not is_immutable(grid.column(name)):
            return False
    return True
