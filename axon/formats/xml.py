"""XML: grids to text."""

from __future__ import annotations

import re
from typing import Any

from axon.errors import Err
from axon.formats.texts import MAX_DEPTH
from axon.values import show
from pylib.grid import Grid
from pylib.kinds import NA, Marker, Ref, Remove

__all__ = ["escape", "write_xml"]

_ESCAPES = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&quot;"})
_LINE_ENDS = str.maketrans({"\n": "&#x0a;", "\r": "&#x0d;", "\t": "&#x09;"})
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def write_xml(grid: Grid) -> str:
    """Write a grid: an element for each cell that is not null, named as its column."""
    return _grid(grid, 0) + "\n"


def escape(text: str) -> str:
    """Text for XML or HTML; characters that XML can't hold become the replacement character."""
    return _NO_XML.sub("\ufffd", text).translate(_ESCAPES)


def _grid(grid: Grid, depth: int) -> str:
    lines = ["<grid ver='3.0'>"]
    meta = {k: v for k, v in grid.meta().items() if k != "ver"}
    if meta:
        lines += _meta(meta, depth)
    lines += ["", "<cols>"]
    for col in grid.cols():
        name = _name(col.name())
        if col.meta():
            lines += [f"<{name}>", *_meta(col.meta(), depth), f"</{name}>"]
        else:
            lines.append(f"<{name}/>")
    lines += ["</cols>", ""]
    for row in grid.iter_dicts():
        lines.append("<row>")
        lines += [_element(_name(name), val, depth) for name, val in row.items()]
        lines.append("</row>")
    lines.append("</grid>")
    return "\n".join(lines)


def _meta(meta: dict[str, Any], depth: int) -> list[str]:
    return ["<meta>", *(_element(_name(k), v, depth) for k, v in meta.items()), "</meta>"]


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Err(f"xml: {name!r} can't be the name of an element")
    return name


def _element(name: str, val: Any, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise Err(f"xml: value is nested deeper than {MAX_DEPTH} levels")
    if val is None:
        return f"<{name}/>"
    kind = show.kind_name(val)
    if type(val) in (Marker, NA, Remove):
        return f"<{name} kind='{kind}'/>"
    if type(val) is list:
        items = "\n".join([_element("item", item, depth + 1) for item in val])
        return f"<{name} kind='List'>\n{items}\n</{name}>" if val else f"<{name} kind='List'/>"
    if isinstance(val, dict):
        tags = "\n".join([_element(_name(k), v, depth + 1) for k, v in val.items()])
        return f"<{name} kind='Dict'>\n{tags}\n</{name}>" if val else f"<{name} kind='Dict'/>"
    if isinstance(val, Grid):
        return f"<{name} kind='Grid'>\n{_grid(val, depth + 1)}\n</{name}>"
    dis = f" dis='{_attribute(val.dis_text)}'" if type(val) is Ref and val.dis_text is not None else ""
    return f"<{name} kind='{kind}'{dis} val='{_attribute(show.to_str(val))}'/>"


def _attribute(text: str) -> str:
    return escape(text).translate(_LINE_ENDS)
