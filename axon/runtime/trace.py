"""Places of errors: Python tracebacks read as Axon traces, and the dict that `catch` binds.

Emitted code carries Axon positions, so the traceback of any exception tells where in the Axon text it came
from; nothing is recorded while a program runs.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from axon.errors import AxonError, AxonSyntaxError, CancelRequest, EvalError, HostErr, IndexErr, ThrowErr
from axon.source import NOWHERE, Loc

__all__ = ["as_axon", "caught", "locate"]


def locate(exc: BaseException) -> tuple[Loc, list[str]]:
    """The innermost Axon place of an exception, and the Axon trace, newest first."""
    loc = NOWHERE
    trace: list[str] = []
    tb = exc.__traceback__
    while tb is not None:
        unit = tb.tb_frame.f_globals.get("_unit")
        if unit is not None:
            code = tb.tb_frame.f_code
            loc = _place(tb, unit.source)
            if code.co_name not in ("<main>", "<module>"):
                trace.append(f"  {code.co_name} ({unit.source.name}({loc.line}))")
        tb = tb.tb_next
    return loc, trace[::-1]


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
        err.__cause__ = exc
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
    if isinstance(exc, CancelRequest):
        from axon.errors import CancelledErr

        return CancelledErr("evaluation was cancelled")
    if isinstance(exc, MemoryError):
        return EvalError("out of memory")
    return EvalError(f"{type(exc).__name__}: {exc}")


def caught(exc: BaseException) -> dict[str, Any]:
    """What `catch (e)` binds: the thrown dict, or `err`, `dis` and `type`, with `errTrace`."""
    err = as_axon(exc)
    if isinstance(err, HostErr) and not err.raw and type(err).err is AxonError.err:
        out = _wrapped(err)
    else:
        out = err.err
    out["errTrace"] = "\n".join([str(out.get("dis", "")), *err.axon_trace])
    return out


def _wrapped(err: HostErr) -> dict[str, Any]:
    """An error of a library function, as the EvalErr that the reference wraps it in."""
    name, colon, _ = err.message.partition(":")
    what = f"Func failed: {name}" if colon and name.isidentifier() else "Func failed"
    at = f" [{err.loc.source.name}:{err.loc.line}]" if err.loc and err.loc.source else ""
    plain = AxonError.err.fget(err)  # type: ignore[attr-defined]
    plain["dis"] = f"axon::EvalErr: {what}\n  {err.type}: {err.message}{at}"
    plain["type"] = EvalError.type
    return dict(plain)


def is_throw(exc: BaseException) -> bool:
    """Whether it came from `throw`."""
    return isinstance(exc, ThrowErr)
