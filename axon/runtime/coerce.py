"""Python values as Axon values, where a Python program hands them in.

Results go back as they are: Axon values are Python values (`axon.values`). Containers are converted
deeply, sharing what needs no change.
"""

from __future__ import annotations

from axon.errors import CoerceErr
from pylib.kinds import NA, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    import datetime as dt
    from typing import Any

    from axon.runtime.context import Context

__all__ = ["from_python", "variable_value"]

_PLAIN = (type(None), bool, float, str, bytes)
_AS_IS = frozenset({*_PLAIN, Coord, Marker, NA, Number, Ref, Remove, Symbol, Uri, XStr})
_MAX_DEPTH = 200


def from_python(val: Any, cx: Context | None, depth: int = 0) -> Any:
    """The Axon value for a Python value.

    Integers beyond 2**53 become floats, naive datetimes take the context's zone, a callable becomes a
    function; all other types become what they become as results of sessions: a tuple a list, a data frame a
    Grid, an array a matrix. Tags whose value is None are left out.

    Raises:
        CoerceErr: a value that Axon has no kind for.
    """
    kind = type(val)
    if kind in _AS_IS:
        return val
    if kind is int:
        return val if -9007199254740992 <= val <= 9007199254740992 else _big(val)
    if depth > _MAX_DEPTH:
        raise CoerceErr("value is nested too deep")
    if kind is list or kind is tuple:
        return [from_python(v, cx, depth + 1) for v in val]
    if kind is dict:
        return _dict(val, cx, depth)
    if kind.__module__ == "datetime":
        return _moment(val, cx, depth)
    return _other(val, cx, depth)


def variable_value(func: str, name: str, val: Any, cx: Context) -> Any:
    """The Axon value for a variable that a Python program gives to `func`; raises as `from_python`."""
    try:
        return from_python(val, cx)
    except CoerceErr as exc:
        raise CoerceErr(f"{func}: {name}: {exc.message}") from exc


def _big(val: int) -> float:
    try:
        return float(val)
    except OverflowError:
        return float("inf") if val > 0 else float("-inf")


def _dict(val: dict[Any, Any], cx: Context | None, depth: int) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, item in val.items():
        if type(key) is not str:
            raise CoerceErr(f"dict key must be a str, got {type(key).__name__}")
        if item is not None:
            out[key] = from_python(item, cx, depth + 1)
    return out


def _moment(val: Any, cx: Context | None, depth: int) -> Any:
    import datetime as dt

    if type(val) is dt.datetime:
        return _datetime(val, cx)
    return val if type(val) is dt.date or type(val) is dt.time else _other(val, cx, depth)


def _datetime(val: dt.datetime, cx: Context | None) -> dt.datetime:
    from zoneinfo import ZoneInfo

    if isinstance(val.tzinfo, ZoneInfo):
        return val
    if val.tzinfo is None:
        return val.replace(tzinfo=cx.zoneinfo if cx is not None else ZoneInfo("UTC"))
    if not val.utcoffset():
        return val.astimezone(ZoneInfo("UTC"))
    return val.astimezone(cx.zoneinfo if cx is not None else ZoneInfo("UTC"))


def _other(val: Any, cx: Context | None, depth: int) -> Any:
    from axon.runtime.calls import Fn
    from axon.runtime.calls import from_python as fn_from_python
    from pylib.grid import Grid

    if isinstance(val, (Fn, Grid)):
        return val
    kind = type(val)
    module = kind.__module__.partition(".")[0]
    if module == "axon" or (module == "pylib" and kind.__module__ != "pylib.native"):
        return val
    found, done = _converted(val, cx)
    if done:
        return found if isinstance(found, Grid) else from_python(found, cx, depth + 1)
    if callable(val) and cx is not None:
        return fn_from_python(getattr(val, "__name__", "func"), val, cx)
    raise CoerceErr(f"no Axon value for a Python {kind.__module__}.{kind.__qualname__}")


def _converted(val: Any, cx: Context | None) -> tuple[Any, bool]:
    """What sessions make of a value of its type, and whether they know the type."""
    from pylib.native import convert

    try:
        return convert(val, {"tz": cx.zoneinfo.key if cx is not None else "UTC"})
    except TypeError as exc:
        raise CoerceErr(str(exc)) from exc
