"""Places of errors: Python tracebacks read as Axon traces, and the dict that `catch` binds.

Emitted code carries Axon positions, so the traceback of any exception tells where in the Axon text it came
from; nothing is recorded while a program runs.
"""

from __future__ import annotations

from axon.errors import (
    AxonError,
    AxonSyntaxError,
    CancelRequest,
    EvalError,
    HostErr,
    IndexErr,
    UnknownNameErr,
)
from axon.source import NOWHERE, Loc
from pylib.kinds import MARKER

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

#: Functions that a trace names at most.
_TRACE_LIMIT = 60

__all__ = ["as_axon", "caught", "finished", "locate"]


def locate(exc: BaseException) -> tuple[Loc, list[str]]:
    """The innermost Axon place of an exception, and the Axon trace, newest first."""
    trace: list[str] = []
    inner: TracebackType | None = None
    tb = exc.__traceback__
    while tb is not None:
        unit = tb.tb_frame.f_globals.get("_unit")
        if unit is not None:
            inner = tb
            name = tb.tb_frame.f_code.co_name
            if name not in ("<main>", "<module>"):
                trace.append(f"  {name} ({unit.source.name}({tb.tb_lineno}))")
        tb = tb.tb_next
    loc = _place(inner, inner.tb_frame.f_globals["_unit"].source) if inner is not None else NOWHERE
    return loc, _shortened(trace[::-1])


def _shortened(trace: list[str]) -> list[str]:
    """A trace of a runaway recursion without its middle."""
    left_out = len(trace) - _TRACE_LIMIT
    if left_out <= 0:
        return trace
    half = _TRACE_LIMIT // 2
    return [*trace[:half], f"  … {left_out} more", *trace[-half:]]


def _place(tb: TracebackType, source: Any) -> Loc:
    positions = list(tb.tb_frame.f_code.co_positions())
    at = tb.tb_lasti // 2
    line, end_line, col, end_col = positions[at] if at < len(positions) else (tb.tb_lineno, None, None, None)
    if line is None:
        return Loc(tb.tb_lineno or 1, 1, source=source)
    text = source.line(line)
    end_text = text if end_line in (line, None) else source.line(end_line)
    return Loc(line, _chars(text, col), end_line or line, _chars(end_text, end_col), source)


def _chars(text: str, offset: int | None) -> int:
    """A column from 1 in characters, for a byte offset."""
    if offset is None:
        return 1
    return offset + 1 if text.isascii() else len(text.encode()[:offset].decode("utf-8", "ignore")) + 1


def as_axon(exc: BaseException) -> AxonError:
    """An exception that leaves Axon code, as an `AxonError` that knows its place."""
    if isinstance(exc, AxonError):
        err = exc
    else:
        err = _translated(exc)
        if type(err) is EvalError:  # an error that Axon has no kind for keeps what it came from
            err.__cause__ = exc
        else:
            err = err.with_traceback(exc.__traceback__)
    if not isinstance(err, AxonSyntaxError) and not err.loc:
        err.loc, err.axon_trace = locate(exc)
    elif not err.axon_trace:
        err.axon_trace = locate(exc)[1]
    return err


def _translated(exc: BaseException) -> AxonError:
    if isinstance(exc, RecursionError):
        return EvalError("calls are nested too deep (stack overflow)")
    if isinstance(exc, IndexError):
        return IndexErr("index is out of range")
    if isinstance(exc, KeyError) and _raised_in_axon(exc):  # x->name, inline
        return UnknownNameErr(str(exc.args[0]))
    if isinstance(exc, CancelRequest):
        from axon.errors import CancelledErr

        return CancelledErr("evaluation was cancelled")
    if isinstance(exc, MemoryError):
        return EvalError("out of memory")
    return EvalError(f"{type(exc).__name__}: {exc}")


def caught(exc: BaseException) -> dict[str, Any]:
    """What `catch (e)` binds: the thrown dict, or `err`, `dis` and `type`, with `errTrace`."""
    return _bound(as_axon(exc), exc)


def finished(exc: BaseException) -> AxonError:
    """An exception that leaves a program, as an `AxonError` that knows its place and what `catch` binds."""
    err = as_axon(exc)
    if type(err).err is AxonError.err:
        err.bound = _bound(err, exc)
    return err


def _bound(err: AxonError, exc: BaseException) -> dict[str, Any]:
    if isinstance(err, AxonSyntaxError) or (
        isinstance(err, HostErr) and not err.raw and type(err).err is AxonError.err
    ):
        out = _wrapped(err, exc)
    else:
        out = err.err
    out["errTrace"] = "\n".join([str(out.get("dis", "")), *err.axon_trace])
    return out


def _wrapped(err: AxonError, exc: BaseException) -> dict[str, Any]:
    """An error of a library function or operator, as the EvalErr that the reference wraps it in.

    Of an operator the place is that of its left operand, and literals have none there (spec 10.1).
    """
    at = _at(err.loc)
    if _raised_by(exc) in _OPERATORS:
        left = err.loc.source.line(err.loc.line)[err.loc.col - 1 :].lstrip("(") if err.loc.source else ""
        dis = f"axon::EvalErr: {err.type}: {err.message}{'' if left[:1] in _LITERAL_STARTS else at}"
    else:
        name, colon, _ = err.message.partition(":")
        what = f"Func failed: {name}" if colon and name.isidentifier() else "Func failed"
        dis = f"axon::EvalErr: {what}\n  {err.type}: {err.message}{at}"
    return {"err": MARKER, "dis": dis, "type": EvalError.type}


_OPERATORS = frozenset({"axon.runtime.ops", "axon.values.order", "axon.values.ordering"})
_LITERAL_STARTS = tuple('0123456789"`@^')


def _at(loc: Loc) -> str:
    return f" [{loc.source.name}:{loc.line}]" if loc and loc.source else ""


def _raised_in_axon(exc: BaseException) -> bool:
    """Whether emitted code itself raised it, and nothing that it called."""
    tb = exc.__traceback__
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    return tb is not None and "_unit" in tb.tb_frame.f_globals


def _raised_by(exc: BaseException) -> str:
    """The module that the innermost Axon place called when the error was raised."""
    tb = exc.__traceback__
    module = ""
    after = False
    while tb is not None:
        if "_unit" in tb.tb_frame.f_globals:
            after, module = True, ""
        elif after and not module:
            module = str(tb.tb_frame.f_globals.get("__name__", ""))
        tb = tb.tb_next
    return module
