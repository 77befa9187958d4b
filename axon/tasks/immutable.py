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
    if isinstance(val, dict):  # also a row of a grid
        return all(type(v) in SCALARS or is_immutable(v) for v in val.values())
    if getattr(kind, "axon_mutable", False):
        return False
    return not hasattr(kind, "col_names") or _grid_is_immutable(val)


def _grid_is_immutable(grid: object) -> bool:
    from pylib.grid import Grid

    if not isinstance(grid, Grid):
        return True
    return is_immutable(grid.meta()) and all(
        is_immutable(col.meta())
        and (grid.array(col.name()) is not None or is_immutable(grid.column(col.name())))
        for col in grid.cols()
    )
