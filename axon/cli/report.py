"""Errors as people read them: what, where (file, line, caret), and what to do about it."""

from __future__ import annotations

import os
import re
import sys
import traceback
from itertools import groupby
from typing import TYPE_CHECKING

from axon.cli.options import os_reason
from axon.errors import AxonError, AxonSyntaxError, CancelRequest, RemoteError
from axon.source import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["error_page", "kind_of", "library_names", "report", "suggest"]

_UNKNOWN = re.compile(r"Unknown (?:symbol|function|func|name)\W*([A-Za-z_]\w*)")
_BUG = "This is a fault of axon itself, not of your program. Please report it with the text below."


def report(error: BaseException, *, trace: bool = False, names: Iterable[str] = ()) -> int:
    """Write an error page to standard error; returns the exit code.

    `names` are variables that a misspelt name may have meant, besides the library's functions.
    """
    sys.stdout.flush()
    if isinstance(error, AxonError):
        print(error_page(error, names=names), file=sys.stderr)
        if trace:
            print("\n" + "".join(traceback.format_exception(error)), end="", file=sys.stderr)
        return 3 if isinstance(error, AxonSyntaxError) else 1
    if isinstance(error, CancelRequest):
        print(f"axon: {error.reason}", file=sys.stderr)
        return 1
    if isinstance(error, OSError):
        print(f"axon: {_os_text(error)}", file=sys.stderr)
        return 1
    print(f"axon: {type(error).__name__}: {error}\n{_BUG}\n", file=sys.stderr)
    print("".join(traceback.format_exception(error)), end="", file=sys.stderr)
    return 70


def error_page(error: AxonError, *, names: Iterable[str] = (), colour: bool | None = None) -> str:
    """The text of an error page, without line end."""
    if colour is None:
        colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    red, dim, off = ("\x1b[1;31m", "\x1b[2m", "\x1b[0m") if colour else ("", "", "")
    lines = [f"{red}{kind_of(error)}{off}: {_message(error)}"]
    if error.loc:
        lines.append(f"{dim}  at{off} {error.loc}")
        lines += [f"  {line}" for line in excerpt(error.loc).split("\n") if line]
    expected = getattr(error, "expected", ())
    if any(word not in error.message for word in expected):
        lines.append(f"  expected: {', '.join(expected)}")
    hint = _hint(error, names)
    if hint:
        lines.append(f"  hint: {hint}")
    lines += [f"{dim}  {line}{off}" for line in _trace(error)]
    if isinstance(error, RemoteError) and error.py_trace:
        lines.append(f"{dim}  in the Python session:{off}")
        lines += [f"    {line}" for line in error.py_trace.rstrip().split("\n")]
    return "\n".join(lines)


def suggest(name: str, names: Iterable[str] = ()) -> str:
    """The known name most like a misspelt one, or an empty text."""
    from difflib import get_close_matches

    name = name.lower()
    known = {n.lower(): n for n in (*names, *library_names())}
    close = get_close_matches(name, list(known), 8, 0.66 if len(name) < 5 else 0.78)
    close.sort(key=lambda found: sorted(found) != sorted(name))  # letters that changed places come first
    return known[close[0]] if close else ""


def kind_of(error: AxonError) -> str:
    """The name of an error's kind, as error pages have it."""
    if isinstance(error, AxonSyntaxError):
        return "syntax error"
    if isinstance(error, RemoteError):
        return f"py::{error.remote_type}"
    own = error.err.get("type") if type(error).err is not AxonError.err else None
    return str(own or error.type).rpartition("::")[2]


def _message(error: AxonError) -> str:
    return error.message or str(error.err.get("dis") or "no message")


def _hint(error: AxonError, names: Iterable[str]) -> str:
    hint = getattr(error, "hint", "")
    if hint:
        return str(hint)
    kind = kind_of(error)
    if kind == "UnknownNameErr" and f"->{error.message}" in excerpt(error.loc):
        return f'no tag {error.message}: `->` fails where `["{error.message}"]` gives null'
    m = _UNKNOWN.search(error.message)
    if m:
        close = suggest(m[1], names)
        return f"did you mean {close}?" if close else "axon docs lists all functions"
    return ""


def _trace(error: AxonError) -> list[str]:
    """The functions that were running, the innermost first."""
    calls = []
    for line, same in groupby(str(line).strip() for line in error.axon_trace):
        count = sum(1 for _ in same)
        calls.append(line if count == 1 else f"{line} × {count}")
    if len(calls) > 12:
        calls = [*calls[:6], f"… {len(calls) - 12} more …", *calls[-6:]]
    return [f"in {line}" for line in calls]


def _os_text(error: OSError) -> str:
    what = os_reason(error)
    return f"{error.filename}: {what}" if error.filename else what


def library_names() -> Iterable[str]:
    """The names of all library functions; no domain module is read for it."""
    from importlib.util import find_spec

    if find_spec("axon.lib.index") is not None:
        from axon.lib.index import INDEX

        return INDEX
    from axon.lib import load_all
    from axon.lib.registry import table

    load_all()
    return table()
