"""`+` and `-` of dates, times and spans, and `+` of a Uri: `OPERATORS` by kind of the left operand.

Read by `runtime/ops` when such a value first turns up.
"""

from __future__ import annotations

import datetime as dt

from axon.errors import EvalError
from axon.values.clocks import diff_ns, shift_date, shift_datetime, shift_time
from axon.values.numbers import NUMBER_TYPES
from axon.values.show import host_type, kind_name
from axon.values.units import to_timedelta_ns
from axon.values.uris import resolve
from pylib.kinds import Number, Uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from axon.values.spans import DateSpan

__all__ = ["OPERATORS"]

_HOUR_NS = 3_600_000_000_000
_LAST_DAY = dt.date.max.toordinal()


def _shift(a: Any, b: Any, sign: str) -> int:
    """The nanoseconds of a duration on the right of a date or time."""
    if type(b) not in NUMBER_TYPES:
        raise EvalError(f"Unsupported operation: {kind_name(a)} {sign} {host_type(b)}")
    return to_timedelta_ns(b)


def _add_date(a: dt.date, b: Any) -> Any:
    if type(b) is Number and b.unit == "day" and type(b.val) is int:
        day = a.toordinal() + b.val
        if 0 < day <= _LAST_DAY:
            return dt.date.fromordinal(day)
    return shift_date(a, _shift(a, b, "+"))


def _sub_date(a: dt.date, b: Any) -> Any:
    if type(b) is dt.date:
        return Number((a - b).days, "day")
    return shift_date(a, -_shift(a, b, "-"))


def _add_datetime(a: dt.datetime, b: Any) -> Any:
    return shift_datetime(a, _shift(a, b, "+"))


def _sub_datetime(a: dt.datetime, b: Any) -> Any:
    if isinstance(b, dt.datetime):
        ns = diff_ns(a, b)
        return Number(ns / _HOUR_NS if ns % _HOUR_NS else ns // _HOUR_NS, "hr")
    return shift_datetime(a, -_shift(a, b, "-"))


def _add_time(a: dt.time, b: Any) -> Any:
    return shift_time(a, _shift(a, b, "+"))


def _sub_time(a: dt.time, b: Any) -> Any:
    return shift_time(a, -_shift(a, b, "-"))


def _add_date_span(a: DateSpan, b: Any) -> Any:
    return a.shift(_shift(a, b, "+"))


def _sub_date_span(a: DateSpan, b: Any) -> Any:
    return a.shift(-_shift(a, b, "-"))


def _add_uri(a: Uri, b: Any) -> Any:
    if type(b) is not str and type(b) is not Uri:
        raise EvalError(f"Unsupported operation: Uri + {host_type(b)}")
    return Uri(resolve(a.val, str(b)))


OPERATORS: dict[tuple[str, str], Callable[[Any, Any], Any]] = {
    ("Date", "add"): _add_date,
    ("Date", "sub"): _sub_date,
    ("DateTime", "add"): _add_datetime,
    ("DateTime", "sub"): _sub_datetime,
    ("Time", "add"): _add_time,
    ("Time", "sub"): _sub_time,
    ("DateSpan", "add"): _add_date_span,
    ("DateSpan", "sub"): _sub_date_span,
    ("Uri", "add"): _add_uri,
}
