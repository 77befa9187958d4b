"""A Python exception as data: its kind, its text, and a traceback that shows the user's code and not ours.

Imports `traceback`, so it is imported with the first exception.
"""

from __future__ import annotations

import linecache
import os
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["describe", "publish"]

_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_MAX_TEXT = 8192
_MAX_TRACE = 65536


def publish(sources: dict[str, str]) -> None:
    """Give the lines of code that came from the host to everything that prints tracebacks."""
    for label, text in sources.items():
        if label not in linecache.cache:
            linecache.cache[label] = (len(text), None, text.splitlines(keepends=True), label)


def describe(error: BaseException, sources: dict[str, str], step: int) -> dict[str, Any]:
    """Tags `type`, `dis`, `trace`, and `step`, the index of the step that failed (-1: the expression)."""
    publish(sources)
    kind = type(error)
    try:
        text = str(error)
    except Exception as inner:  # the user's own __str__ failed
        text = f"<no text: {type(inner).__name__} in __str__>"
    out: dict[str, Any] = {
        "type": kind.__name__,
        "dis": _cut(text or kind.__name__, _MAX_TEXT),
        "trace": _cut(_trace(error), _MAX_TRACE),
        "step": step,
    }
    if kind.__module__ == "pylib.bridge" and type(getattr(error, "err", None)) is dict:
        out["err"] = {name: val for name, val in error.err.items() if type(val) is str}  # type: ignore[attr-defined]
    if isinstance(error, SystemExit):
        out["exit"] = error.code if type(error.code) in (int, str, type(None)) else str(error.code)
    return out


def _trace(error: BaseException) -> str:
    try:
        found = traceback.TracebackException(type(error), error, error.__traceback__)
        _hide(found)
        return "".join(found.format())
    except Exception as inner:  # an exception whose own methods fail
        return f"{type(error).__name__} (its traceback could not be shown: {type(inner).__name__})\n"


def _hide(found: Any) -> None:
    """Take our frames out of a traceback and of all that led to it."""
    seen = set()
    todo = [found]
    while todo:
        at = todo.pop()
        if at is None or id(at) in seen:
            continue
        seen.add(id(at))
        at.stack = traceback.StackSummary.from_list([f for f in at.stack if not _is_ours(f.filename)])
        todo += [at.__cause__, at.__context__, *(getattr(at, "exceptions", None) or ())]


def _is_ours(filename: str) -> bool:
    return filename.startswith(_OURS) or filename == "<axon session>"


def _cut(text: str, size: int) -> str:
    if len(text) <= size:
        return text
    return text[: size // 2] + f"\n… {len(text) - size} characters left out …\n" + text[-(size // 2) :]
