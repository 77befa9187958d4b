"""Axon values as plain Python data, for programs that do not want to know Axon's kinds."""

from __future__ import annotations

import importlib.util
from typing import Any

from pylib.kinds import NA, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

__all__ = ["to_plain"]


def to_plain(val: Any) -> Any:
    """What a Python program without knowledge of Axon would hold, deeply.

    A Number loses its unit; Uri, Ref, Symbol and XStr are their text; a marker is True, `na()` and `none()`
    are None; a Coord is a tuple (latitude, longitude); a matrix is an array; a Grid is a pandas DataFrame
    (units in `df.attrs["units"]`), or a list of dicts where there is no pandas; a stream is the list of its
    items. Everything else stays as it is: dates, functions, futures, tasks, sessions, objects of sessions.
    """
    kind = type(val)
    if kind is list:
        return [to_plain(item) for item in val]
    if kind is dict:
        return {name: to_plain(item) for name, item in val.items()}
    make = _MAKE.get(kind)
    if make is not None:
        return make(val)
    if kind.__module__ == "axon.streams.stream":
        return [to_plain(item) for item in val]
    return _table(val) if kind.__module__ == "pylib.grid" else val


def _table(val: Any) -> Any:
    from pylib.grid import Grid, Matrix

    if isinstance(val, Matrix):
        return val.to_numpy()
    if not isinstance(val, Grid):
        return val
    return val.to_pandas() if importlib.util.find_spec("pandas") else [to_plain(row) for row in val]


_MAKE: dict[type, Any] = {
    Number: lambda val: val.val,
    Uri: lambda val: val.val,
    Ref: lambda val: val.val,
    Symbol: lambda val: val.val,
    XStr: lambda val: val.val,
    Coord: lambda val: (val.lat, val.lng),
    Marker: lambda val: True,
    NA: lambda val: None,
    Remove: lambda val: None,
}
