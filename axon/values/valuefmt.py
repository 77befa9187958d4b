"""Any value as people read it: what `format` gives, and the display form that `dis` gives for a tag.

Both differ in Bool, null and lists only. How numbers and dates look is in `numfmt` and `datefmt`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from axon.values.clocks import NanoDateTime, NanoTime
from axon.values.datefmt import (
    format_date,
    format_date_span,
    format_datetime,
    format_span,
    format_time,
)
from axon.values.locale import Locale
from axon.values.macros import Resolve, ref_dis
from axon.values.numfmt import format_number
from axon.values.show import to_str
from axon.values.spans import DateSpan, Span
from pylib.grid import Grid
from pylib.kinds import Number, Ref

__all__ = ["Style", "display_cell", "display_tag", "display_value", "format_value"]

#: A display text of a Str is cut behind that many characters when it is longer.
_MAX_STR = 61
#: The text of a tag is cut to one more when it is longer.
_MAX_TAG = 55


@dataclass(frozen=True, slots=True)
class Style:
    """What the look of a value depends on."""

    locale: Locale
    today: Callable[[], dt.date]
    resolve: Resolve | None = None


def format_value(val: Any, pattern: str | None, style: Style) -> str:
    """The text that `format` gives.

    Raises:
        ArgErr: bad pattern.
    """
    kind = type(val)
    if kind is bool:
        return "True" if val else "False"
    write = _WRITERS.get(kind)
    return write(val, pattern, style) if write is not None else to_str(val)


_WRITERS: dict[type, Callable[[Any, str | None, Style], str]] = {
    **dict.fromkeys((int, float, Number), lambda v, p, s: format_number(v, p, s.locale)),
    dt.date: lambda v, p, s: format_date(v, p, s.locale),
    **dict.fromkeys((dt.time, NanoTime), lambda v, p, s: format_time(v, p, s.locale)),
    **dict.fromkeys((dt.datetime, NanoDateTime), lambda v, p, s: format_datetime(v, p, s.locale)),
    DateSpan: lambda v, p, s: format_date_span(v, s.today(), s.locale),
    Span: lambda v, p, s: format_span(v, s.locale),
}


def display_value(val: Any, style: Style, pattern: str | None = None) -> str:
    """The display form of a value; long strings are cut."""
    kind = type(val)
    if isinstance(val, str):
        return val if len(val) <= _MAX_STR else val[:_MAX_STR] + "..."
    if val is None:
        return ""
    if kind is bool:
        return "true" if val else "false"
    if kind is list:
        return ", ".join([display_value(v, style) for v in val])
    if kind is Ref:
        return ref_dis(val, style.resolve)
    if isinstance(val, Grid):
        return "<<Nested Grid>>"
    return format_value(val, pattern, style)


def display_tag(val: Any, style: Style) -> str:
    """The display form of a tag of a dict: cut to 56 characters unless it is a Ref."""
    text = display_value(val, style)
    return text if len(text) <= _MAX_TAG or type(val) is Ref else text[: _MAX_TAG + 1] + "..."


def display_cell(val: Any, meta: Mapping[str, Any], style: Style) -> str:
    """The display form of a cell, by the meta of its column: `format` for numbers and times, `enum` for Bool.

    Raises:
        ArgErr: bad pattern.
    """
    if type(val) is bool:
        enum = meta.get("enum")
        names = enum.split(",") if isinstance(enum, str) else []
        if len(names) == 2:
            text: str = names[val].strip()
            return text
    pattern = meta.get("format")
    return display_value(val, style, pattern if isinstance(pattern, str) else None)
