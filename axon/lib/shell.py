"""Library functions: those of the prompt, for scripts too: printing, variables, leaving."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from axon.errors import UnsupportedErr
from axon.lib.registry import Bool, Dict, Obj, builtin
from axon.runtime.calls import UNSET
from axon.values.numbers import NUMBER_TYPES, split, to_int
from axon.values.show import is_tag_name, preview, quote, to_code, to_str
from pylib.grid import Grid
from pylib.kinds import MARKER, Ref

if TYPE_CHECKING:
    from axon.runtime.context import Context


@builtin(lib="hx", name="print")
def print_(cx: Context, val: Obj = None, opts: Dict | None = None) -> Obj:
    """Print a value: scalars as Axon source, grids as a table, a record with its id before it.

    Options: `json` (as JSON), `text` (a Str as it is, anything else as `toStr`), `width` (columns of a grid
    that do not fit are left out), `escapeUnicode` (ASCII only).

    Examples:
        print([1, "a"])                       //=> null
        print("plain", {text})                //=> null
        print([{a:1, b}].toGrid, {width:20})  //=> null
    """
    given = opts or {}
    width = given.get("width")
    limit = to_int(split(width)[0]) if type(width) in NUMBER_TYPES else None  # type: ignore[arg-type]
    if "json" in given:
        text = _json(val)
    elif "text" in given and not isinstance(val, Grid):
        text = to_str(val)
    else:
        text = _text(val, limit)
    if "escapeUnicode" in given:
        text = "".join(c if c.isascii() else f"\\u{{{ord(c):x}}}" for c in text)
    cx.echo(text + "\n")
    return None


def _json(val: object) -> str:
    import json

    from axon.values.json import to_json

    return json.dumps(to_json(val), ensure_ascii=False, indent=2)


def _text(val: object, width: int | None) -> str:
    if isinstance(val, Grid):
        return "\n".join(_table(val, width))
    if isinstance(val, dict):
        return _record(val)
    return _source(val)


def _source(val: object) -> str:
    """Axon source; a short form where there is none."""
    try:
        return to_code(val)
    except UnsupportedErr:
        return preview(val, 200)


def _record(rec: dict[str, Any]) -> str:
    parts = []
    for name, val in rec.items():
        tag = name if is_tag_name(name) else quote(name)
        parts.append(tag if val is MARKER else f"{tag}: {_source(val)}")
    ref = rec.get("id")
    head = f"// @{ref.val} {quote(ref.dis())}\n" if type(ref) is Ref else ""
    return f"{head}{{{', '.join(parts)}}}"


def _table(grid: Grid, limit: int | None) -> list[str]:
    """The lines of a table: two spaces between columns, blanks for null, whole columns up to the limit."""
    columns = [[name, *map(_cell, grid.column(name))] for name in grid.col_names()]
    widths = [max(map(_width, cells)) for cells in columns]
    fitting = len(columns)
    while limit is not None and fitting > 1 and sum(widths[:fitting]) + 2 * (fitting - 1) > limit:
        fitting -= 1
    rows = [_line(cells, widths) for cells in zip(*columns[:fitting], strict=True)]
    rule = _line(["-" * w for w in widths[:fitting]], widths)
    return [*rows[:1], rule, *rows[1:]]


def _cell(val: object) -> str:
    if val is None:
        return ""
    text = val.dis() if type(val) is Ref else "<grid>" if isinstance(val, Grid) else to_str(val)
    return text.replace("\n", "\\n")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(c + " " * (w - _width(c)) for c, w in zip(cells, widths, strict=False)).rstrip()


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@builtin(lib="hx")
def scope(cx: Context) -> Obj:
    """Print the variables of the program or prompt, sorted, with their values in line.

    Examples:
        scope()                               //=> null
    """
    found = {k: v for k, v in (cx.root or {}).items() if k[:1] != "_" and v is not UNSET}
    width = max(map(len, found), default=0) + 1
    for name in sorted(found):
        cx.echo(f"{name + ':':{width}} {preview(found[name], 80)}\n")
    return None


@builtin(lib="hx")
def show_trace(cx: Context, flag: Bool) -> Obj:
    """Whether the prompt shows errors with their full trace.

    Examples:
        showTrace(true)                       //=> null
    """
    cx.runtime.show_trace = flag
    return None


@builtin(lib="hx", admin=True)
def quit_(cx: Context) -> Obj:
    """End the shell or the script that runs.

    Raises:
        UnsupportedErr: in a task, or where no shell runs, as in a program that embeds the language.

    Examples:
        quit()                                //! UnsupportedErr "no shell"
    """
    if cx.task is not None or not cx.runtime.shell:
        raise UnsupportedErr("quit: there is no shell to end here")
    raise SystemExit(0)
