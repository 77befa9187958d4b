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

__all__ = ["describe", "lead_up", "publish", "tags_of"]

_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_MAX_TEXT = 8192
_MAX_TRACE = 65536
_DEEP = 120
"""Levels of causes: more than evaluations nest, fewer than the codec's."""
_MANY = 100
"""Members of an exception group, and items of a list, that are told."""


def publish(sources: dict[str, str]) -> None:
    """Give the lines of code that came from the host to everything that prints tracebacks."""
    for label, text in sources.items():
        if label not in linecache.cache:
            linecache.cache[label] = (len(text), None, text.splitlines(keepends=True), label)


def describe(error: BaseException, sources: dict[str, str], step: int) -> dict[str, Any]:
    """Tags `type`, `dis`, `trace`, and `step`, the index of the step that failed (-1: the expression)."""
    publish(sources)
    kind = type(error)
    out: dict[str, Any] = {
        "type": kind.__name__,
        "dis": _text(error),
        "trace": _cut(_trace(error), _MAX_TRACE),
        "step": step,
    }
    err = _err_of(error)
    if err is not None:
        out["err"] = tags_of(err)
    else:
        found = lead_up(error)
        if "cause" in found:
            out["err"] = found["cause"]
        if "errs" in found:
            out["errs"] = found["errs"]
    number = _number(error)
    if number:
        out["number"] = number
    if isinstance(error, SystemExit):
        out["exit"] = error.code if type(error.code) in (int, str, type(None)) else str(error.code)
    return out


def _text(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception as inner:  # the user's own __str__ failed
        text = f"<no text: {type(inner).__name__} in __str__>"
    return _cut(text or type(error).__name__, _MAX_TEXT)


def _err_of(error: BaseException | None) -> dict[Any, Any] | None:
    """What Axon's `catch` would bind, of an error of Axon code that was called from here; else None."""
    err = getattr(error, "err", None) if type(error).__module__ == "pylib.bridge" else None
    return err if type(err) is dict else None


def _is_axon(error: BaseException | None) -> bool:
    return _err_of(error) is not None


def _number(error: BaseException | None) -> int:
    """That of the Axon error which is this one, or which it was raised from; 0 where there is none."""
    for _ in range(_DEEP):
        if error is None or _is_axon(error):
            return getattr(error, "number", 0)
        context = None if error.__suppress_context__ else error.__context__
        error = error.__cause__ or (context if _is_axon(context) else None)
    return 0


def lead_up(error: BaseException, depth: int = 0, told: set[int] | None = None) -> dict[str, Any]:
    """What led to an exception: `cause`, what it was raised from, and `errs`, the members of a group, where
    there are such, each a dict of `type`, `dis` and its own `cause` and `errs`; no traces.

    An Axon error that was being handled is a cause too, so that its trace is not lost. `told` holds the ids
    of exceptions that were seen: each is told once, they may refer to each other in a ring.
    """
    out: dict[str, Any] = {}
    told = set() if told is None else told
    told.add(id(error))
    cause = error.__cause__
    if cause is None and not error.__suppress_context__ and _is_axon(error.__context__):
        cause = error.__context__
    if cause is not None and id(cause) not in told and depth < _DEEP:
        out["cause"] = _tell(cause, depth, told)
    members = getattr(error, "exceptions", None)
    if type(members) is tuple and depth < _DEEP:
        mine = [one for one in members[:_MANY] if isinstance(one, BaseException) and id(one) not in told]
        if mine:
            out["errs"] = [_tell(one, depth, told) for one in mine]
    return out


def _tell(error: BaseException, depth: int, told: set[int]) -> dict[str, Any]:
    err = _err_of(error)
    if err is not None:
        return tags_of(err, depth + 1)
    kind = getattr(error, "type", None)  # an error of the host's own has an Axon name
    name = kind if type(kind) is str and "::" in kind else f"py::{type(error).__name__}"
    return {"type": name, "dis": _text(error), **lead_up(error, depth + 1, told)}


def tags_of(err: dict[Any, Any], depth: int = 0) -> dict[str, Any]:
    """The tags of an error that can cross as themselves, and its causes with theirs."""
    tags = ((name, _plain(val, depth + 1)) for name, val in err.items() if type(name) is str)
    return {name: val for name, val in tags if val is not None}


def _plain(val: Any, depth: int) -> Any:
    """A value of a kind that is the same on both sides, None for another."""
    kind = type(val)
    if kind in (str, bool, int, float, bytes) or kind.__module__ in ("pylib.kinds", "datetime"):
        return val
    if depth > _DEEP:
        return None
    if kind is dict:
        return tags_of(val, depth)
    if kind is list:
        items = (_plain(item, depth + 1) for item in val[:_MANY])
        return [item for item in items if item is not None]
    return None


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
