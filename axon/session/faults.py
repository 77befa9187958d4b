"""Errors that cross the link: what session code is told of ours, and the error that its faults become."""

from __future__ import annotations

from typing import Any

from axon.errors import AxonError, RemoteError
from axon.runtime.trace import locate
from pylib.faults import lead_up, tags_of

__all__ = ["fault_of", "remote_error"]


def fault_of(error: Exception) -> dict[str, Any]:
    """What session code is told of an error of ours."""
    if isinstance(error, AxonError):
        err = {**lead_up(error), **tags_of(error.err)}
        trace = locate(error)[1]
        if trace and "errTrace" not in err:  # what catch would add: the way through Axon code to this level
            err["errTrace"] = "\n".join([error.message, *trace])
        return {"type": error.type, "dis": error.message, "err": err}
    name = type(error).__name__
    return {"type": name, "dis": str(error), "err": {"type": name, "dis": str(error), **lead_up(error)}}


def remote_error(fault: dict[str, Any]) -> RemoteError:
    """The error for an exception of session code; `type` and `dis` of the fault are texts."""
    found = RemoteError(fault["dis"], remote_type=fault["type"], py_trace=str(fault.get("trace", "")))
    if type(fault.get("err")) is dict or type(fault.get("errs")) is list:
        told = tags_of({"cause": fault.get("err"), "errs": fault.get("errs")})
        found.cause, found.errs = told.get("cause"), told.get("errs")
    return found
