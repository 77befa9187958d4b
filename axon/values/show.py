"""Values as text: `toStr`, Axon source, and the short forms of messages.

Kinds that most programs never meet (dates, spans, grids …) enter the tables below when they first turn up, so
that this module costs little at start-up. How a value looks to people is in `axon.values.valuefmt`.
"""

from __future__ import annotations

from axon.errors import UnsupportedErr
from axon.values.numbers import float_text, num_text
from pylib.kinds import MARKER, NA, Coord, Marker, Number, Ref, Remove, Symbol, Uri, XStr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = [
    "dis",
    "host_type",
    "is_tag_name",
    "kind_name",
    "num_text",
    "preview",
    "quote",
    "quote_uri",
    "summary",
    "to_code",
    "to_str",
]


# ---- toStr ------------------------------------------------------------------------------------------------


def to_str(v: Any) -> str:
    """The text that `toStr` and string concatenation give."""
    kind = type(v)
    if kind is str:
        return v  # type: ignore[no-any-return]
    return (_STR.get(kind) or _find_str(v))(v)


def _bool_text(v: bool) -> str:
    return "true" if v else "false"


def _coord_text(v: Coord) -> str:
    return f"C({_degrees(v.ulat)},{_degrees(v.ulng)})"


def _degrees(micros: int) -> str:
    whole, fraction = divmod(abs(micros), 1_000_000)
    text = f"{fraction:06}".rstrip("0") or "0"
    return f"{'-' if micros < 0 else ''}{whole}.{text}"


def _xstr_text(v: XStr) -> str:
    return v.val if v.type == "Bin" else f"{v.type}({quote(v.val)})"


def _list_text(v: list[Any]) -> str:
    return f"[{', '.join(map(to_str, v))}]" if v else "[,]"


def _dict_text(v: dict[str, Any]) -> str:
    return "{" + ", ".join([_tag_text(name, val) for name, val in v.items()]) + "}"


def _tag_text(name: str, val: Any) -> str:
    if val is MARKER:
        return name
    return f"{name}:@{val.val}" if type(val) is Ref else f"{name}:{to_str(val)}"


def _text_of(v: Any) -> str:
    return str(v.val)


def _buf_text(v: bytes) -> str:
    return f"Buf(size={len(v)})"


_STR: dict[type, Callable[[Any], str]] = {
    str: str,
    int: num_text,
    float: float_text,
    Number: num_text,
    type(None): lambda v: "null",
    bool: _bool_text,
    Ref: _text_of,
    Uri: _text_of,
    Symbol: _text_of,
    Marker: lambda v: "✓",
    Remove: lambda v: "∅",
    NA: lambda v: "NA",
    Coord: _coord_text,
    XStr: _xstr_text,
    list: _list_text,
    dict: _dict_text,
    bytes: _buf_text,
}


def _find_str(v: Any) -> Callable[[Any], str]:
    """The text function of a type that is not in the table yet."""
    import datetime as dt

    from axon.values import clocks, spans
    from axon.values.ranges import Range
    from pylib.grid import Col, Grid

    _STR.update(
        {
            dt.date: clocks.date_text,
            dt.time: clocks.time_text,
            dt.datetime: clocks.datetime_text,
            clocks.NanoTime: clocks.time_text,
            clocks.NanoDateTime: clocks.datetime_text,
            spans.DateSpan: spans.DateSpan.text,
            spans.Span: spans.Span.text,
            Range: _range_text,
            Col: Col.name,
        }
    )
    found = _STR.get(type(v))
    if found is not None:
        return found
    if isinstance(v, dict):
        return _dict_text
    if isinstance(v, Grid):
        return _grid_text
    for kind in (dt.datetime, dt.date, dt.time):
        if isinstance(v, kind):
            return _STR[kind]
    return str


def _range_text(v: Any) -> str:
    return f"{to_str(v.start)}..{to_str(v.end)}"


def _grid_text(v: Any) -> str:
    return f"{type(v).__name__} {len(v.col_names())}x{len(v)}"


# ---- Axon source ------------------------------------------------------------------------------------------


def to_code(v: Any) -> str:
    """The Axon source of a value, as `toAxonCode` gives it.

    Raises:
        UnsupportedErr: a grid.
    """
    return (_CODE.get(type(v)) or _find_code(v))(v)


_ESCAPES = {"\n": "\\n", "\r": "\\r", "\f": "\\f", "\t": "\\t", "\\": "\\\\", '"': '\\"', "$": "\\$"}
_STR_ESCAPES = str.maketrans({chr(c): f"\\u{{{c:x}}}" for c in range(32)} | _ESCAPES)
_URI_ESCAPES = str.maketrans({"\n": "\\n", "\r": "\\r", "\f": "\\f", "\t": "\\t", "`": "\\`", "$": "\\$"})


def quote(text: str) -> str:
    """A string literal of the text."""
    return f'"{text.translate(_STR_ESCAPES)}"'


def quote_uri(text: str) -> str:
    """A Uri literal of the text; backslashes stand as they are."""
    return f"`{text.translate(_URI_ESCAPES)}`"


def is_tag_name(name: str) -> bool:
    """Whether a tag needs no quotes: lower-case letter, or `_` and more, then letters, digits and `_`."""
    first = name[:1]
    if not ("a" <= first <= "z" or (first == "_" and len(name) > 1)):
        return False
    return name.isascii() and name.replace("_", "a").isalnum()


def _number_code(v: Any) -> str:
    val = v.val if type(v) is Number else v
    if val - val == 0:
        return num_text(v)
    return "nan()" if val != val else "posInf()" if val > 0 else "negInf()"


def _list_code(v: list[Any]) -> str:
    return f"[{', '.join(map(to_code, v))}]"


def _dict_code(v: dict[str, Any]) -> str:
    return "{" + ", ".join([_tag_code(name, val) for name, val in v.items()]) + "}"


def _tag_code(name: str, val: Any) -> str:
    key = name if is_tag_name(name) else quote(name)
    return key if val is MARKER else f"{key}:{to_code(val)}"


def _xstr_code(v: XStr) -> str:
    if v.type == "Bin":
        return f'xstr("Bin",{quote(v.val)})'
    return f"xstr({quote(v.type)}, {quote(v.val)})"


def _coord_code(v: Coord) -> str:
    return f"coord({_degrees(v.ulat)},{_degrees(v.ulng)})"


def _host_code(v: Any) -> str:
    return f"xstr({quote(host_type(v))}, {quote(to_str(v))})"


_CODE: dict[type, Callable[[Any], str]] = {
    str: quote,
    int: num_text,
    float: _number_code,
    Number: _number_code,
    type(None): lambda v: "null",
    bool: _bool_text,
    Ref: lambda v: f"@{v.val}",
    Uri: lambda v: quote_uri(v.val),
    Symbol: lambda v: f"^{v.val}",
    Marker: lambda v: "marker()",
    Remove: lambda v: "none()",
    NA: lambda v: "na()",
    Coord: _coord_code,
    XStr: _xstr_code,
    list: _list_code,
    dict: _dict_code,
}


def _find_code(v: Any) -> Callable[[Any], str]:
    import datetime as dt

    from axon.values import clocks, spans
    from pylib.grid import Grid

    _CODE.update(
        {
            dt.date: clocks.date_text,
            dt.time: clocks.time_text,
            clocks.NanoTime: clocks.time_text,
            dt.datetime: _datetime_code,
            clocks.NanoDateTime: _datetime_code,
            spans.DateSpan: spans.DateSpan.code,
            spans.Span: _span_code,
        }
    )
    found = _CODE.get(type(v))
    if found is not None:
        return found
    if isinstance(v, dict):
        return _dict_code
    if isinstance(v, Grid):
        raise UnsupportedErr("Cannot format grid to Axon")
    for kind in (dt.datetime, dt.date, dt.time):
        if isinstance(v, kind):
            return _CODE[kind]
    return _host_code


def _datetime_code(v: Any) -> str:
    return f"parseDateTime({quote(to_str(v))})"


def _span_code(v: Any) -> str:
    return f"toSpan({quote(v.text())})"


# ---- names of kinds ---------------------------------------------------------------------------------------

_KINDS: dict[type, str] = {
    type(None): "null",
    str: "Str",
    bool: "Bool",
    int: "Number",
    float: "Number",
    Number: "Number",
    Ref: "Ref",
    Uri: "Uri",
    Symbol: "Symbol",
    Marker: "Marker",
    Remove: "Remove",
    NA: "NA",
    Coord: "Coord",
    XStr: "XStr",
    list: "List",
    dict: "Dict",
    bytes: "Buf",
}


def kind_name(v: Any) -> str:
    """The name of the kind of a value for messages: `Str`, `Number`, `Dict`, `null` …"""
    found = _KINDS.get(type(v))
    if found is None:
        found = _KINDS[type(v)] = _find_kind(type(v))
    return "Bin" if found == "XStr" and v.type == "Bin" else found


def _find_kind(kind: type) -> str:
    """By class name along the base classes, so that nothing has to be imported."""
    for base in kind.__mro__:
        name = _CLASS_KINDS.get(base.__name__)
        if name is not None:
            return name
    return kind.__name__


_CLASS_KINDS = {
    "datetime": "DateTime",
    "date": "Date",
    "time": "Time",
    "dict": "Dict",
    "Grid": "Grid",
    "Col": "Col",
    "DateSpan": "DateSpan",
    "Span": "Span",
    "Range": "Range",
    "Filter": "Filter",
    "Fn": "Func",
    "Type": "Type",
    "Stream": "Stream",
}

_HOST_TYPES = {"Range": "ObjRange", "Buf": "MemBuf", "Func": "Fn"}


def host_type(v: Any) -> str:
    """The type name that stands in the code form of a value that is no Haystack kind."""
    own = getattr(v, "host_type", None)
    if isinstance(own, str):
        return own
    kind = kind_name(v)
    return _HOST_TYPES.get(kind, kind)


# ---- short forms ------------------------------------------------------------------------------------------

_SUMMARY_SIZE = 50


def summary(v: Any) -> str:
    """A value in a message: scalars as code, lists and dicts cut, functions by name, grids by size."""
    return _brief(v, _SUMMARY_SIZE)


def preview(v: Any, limit: int = 40) -> str:
    """The start of a value's code form, at most `limit` characters; never walks a long value to its end."""
    text = _brief(v, limit)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _brief(v: Any, size: int) -> str:
    kind = type(v)
    if kind is str:
        return quote(v if len(v) <= size else v[:size] + "...")
    if kind is list:
        return f"[{_cut((_brief(x, size) for x in v), size)}]"
    if isinstance(v, dict):
        return "{" + _cut((_brief_tag(k, x, size) for k, x in v.items()), size) + "}"
    name = kind_name(v)
    if name == "Func":
        return f"Func {_signature(v)}"
    if name == "Grid":
        return _grid_text(v)
    if kind in _CODE or name in ("Date", "Time", "DateTime", "DateSpan", "Span"):
        return to_code(v)
    return to_str(v)


def _brief_tag(name: str, val: Any, size: int) -> str:
    return name if val is MARKER else f"{name}:{_brief(val, size)}"


def _cut(texts: Any, size: int) -> str:
    out: list[str] = []
    left = size
    for text in texts:
        if left <= 0:
            out.append("...")
            break
        out.append(text)
        left -= len(text) + 2
    return ", ".join(out)


def _signature(v: Any) -> str:
    text = getattr(v, "signature", None)
    return text if isinstance(text, str) else f"{getattr(v, 'name', None) or 'anon'}()"


def dis(v: Any) -> str:
    """How a value looks to people, in English; `axon.values.valuefmt` knows other locales."""
    import datetime as dt

    from axon.values.locale import find_locale
    from axon.values.valuefmt import Style, display_value

    return display_value(v, Style(find_locale("en"), dt.date.today))
