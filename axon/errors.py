"""Every exception of axon.

AxonError                        message, loc (may be unknown), err (the dict that Axon `catch` binds)
├ AxonSyntaxError                also a SyntaxError; DepthError below it
└ EvalError                      + axon_trace; `type` is the name that Axon shows, such as "sys::ArgErr"
  ├ one class per error kind of the reference: ArgErr, CastErr, NullErr, UnitErr …
  ├ ThrowErr                     carries the thrown dict
  ├ SessionError                 StartError, WireError, RemoteError, SessionTimeout, SessionClosed
  └ TaskError                    TaskKilledErr, TaskFaultErr, TaskDisabledErr, UnknownTaskErr …
CancelRequest                    a BaseException: Axon `try` does not stop it

Raise with a message only: the place is added once, at the boundary (`runtime/trace`), and kept.
"""

from __future__ import annotations

from axon.source import NOWHERE, Loc

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, ClassVar


class AxonError(Exception):
    """Any error of the Axon language, its library, sessions or tasks."""

    type: ClassVar[str] = "sys::Err"

    def __init__(self, message: str = "", loc: Loc = NOWHERE) -> None:
        super().__init__(message)
        self.message = message
        if loc:
            self.loc = loc

    #: Where it happened; unknown until the boundary adds it.
    loc: Loc = NOWHERE
    #: The functions that were running, newest first.
    axon_trace: Sequence[str] = ()
    #: What `catch` would have bound, known once the error has left the program.
    bound: dict[str, Any] | None = None

    @property
    def err(self) -> dict[str, Any]:
        """The dict that an Axon `catch` clause binds."""
        if self.bound is not None:
            return dict(self.bound)
        from pylib.kinds import MARKER

        return {"err": MARKER, "dis": self.dis(), "type": self.type}

    def dis(self) -> str:
        """Full text: type, message and place, as Axon shows it."""
        at = f" [{self.loc.source.name}:{self.loc.line}]" if self.loc and self.loc.source else ""
        return f"{self.type}: {self.message}{at}"

    def __str__(self) -> str:
        return self.message


class AxonSyntaxError(AxonError, SyntaxError):
    """The text is not Axon. `expected` holds at most five things that could stand there, in Axon words."""

    type = "axon::SyntaxErr"

    def __init__(
        self,
        message: str = "",
        loc: Loc = NOWHERE,
        *,
        expected: tuple[str, ...] = (),
        hint: str = "",
    ) -> None:
        AxonError.__init__(self, message, loc)
        self.expected = expected
        self.hint = hint
        self.msg = message
        if loc and loc.source:
            self.filename = loc.source.name
            self.lineno = loc.line
            self.offset = loc.col
            self.end_lineno = loc.end_line or loc.line
            self.end_offset = loc.end_col or loc.col
            self.text = loc.source.line(loc.line)

    def __str__(self) -> str:
        return self.message


class DepthError(AxonSyntaxError):
    """The source is nested deeper than the compiler goes."""


class EvalError(AxonError):
    """An Axon program failed while running."""

    type = "axon::EvalErr"


class ThrowErr(EvalError):
    """`throw`: `thrown` holds the thrown tags, with `err` and `dis`.

    Made from the dict alone, without Python code that runs: programs throw in loops.
    """

    type = "axon::ThrowErr"
    if TYPE_CHECKING:

        def __init__(self, thrown: dict[str, Any], /) -> None: ...

    else:
        __init__ = Exception.__init__

    @property
    def thrown(self) -> dict[str, Any]:
        """The tags, with `err` and `dis`; what a Python function made of a mere text has that as `dis`."""
        tags: Any = self.args[0] if self.args else ""
        return tags if isinstance(tags, dict) else {"dis": str(tags)}

    @property
    def message(self) -> str:  # type: ignore[override]
        """The text that was thrown."""
        dis = self.thrown.get("dis")
        return dis if isinstance(dis, str) else ""

    @property
    def err(self) -> dict[str, Any]:
        """The thrown tags."""
        return dict(self.thrown)


class EvalTimeoutErr(EvalError):
    """The time limit of an evaluation ran out."""

    type = "axon::EvalTimeoutErr"


class HostErr(EvalError):
    """An error kind raised inside a library function; Axon `catch` shows it as an EvalErr that wraps it."""

    type = "sys::Err"
    #: True when it was raised by the evaluator itself and is not wrapped (an `if` condition, a symbol).
    raw = False


class Err(HostErr):
    """A failure without a kind of its own."""


class ArgErr(HostErr):
    """A value outside the accepted set, or a wrong kind of container."""

    type = "sys::ArgErr"


class IndexErr(HostErr):
    """An index outside the valid range."""

    type = "sys::IndexErr"


class CastErr(HostErr):
    """A value of the wrong kind."""

    type = "sys::CastErr"


class NullErr(HostErr):
    """null where a value is required."""

    type = "sys::NullErr"


class ParseErr(HostErr):
    """Text that can't be read as the wanted kind. `line` and `col` count from 1, 0 when unknown."""

    type = "sys::ParseErr"

    def __init__(self, message: str = "", loc: Loc = NOWHERE, *, line: int = 0, col: int = 0) -> None:
        super().__init__(message, loc)
        self.line = line
        self.col = col


class UnknownNameErr(HostErr):
    """A tag, column or name that is not there."""

    type = "haystack::UnknownNameErr"


class UnknownSlotErr(HostErr):
    """A function that dispatches on its receiver got a kind without that member."""

    type = "sys::UnknownSlotErr"


class UnknownTypeErr(HostErr):
    """A type name that is not known."""

    type = "sys::UnknownTypeErr"


class UnknownLibErr(HostErr):
    """A library name that is not known."""

    type = "haystack::UnknownLibErr"


class UnknownPodErr(HostErr):
    """The name before `::` in the key of a localised text that is not known."""

    type = "sys::UnknownPodErr"


class UnknownSpecErr(HostErr):
    """A name that is not in its library."""

    type = "haystack::UnknownSpecErr"


class UnknownFuncErr(HostErr):
    """A function name that is not known."""

    type = "haystack::UnknownFuncErr"


class UnknownRecErr(HostErr):
    """A record that is not in the database."""

    type = "haystack::UnknownRecErr"


class UnitErr(HostErr):
    """Units that do not go together."""

    type = "haystack::UnitErr"


class CoerceErr(HostErr):
    """A value that can't be taken as the wanted one."""

    type = "haystack::CoerceErr"


class UnsupportedErr(HostErr):
    """An operation that this value or host does not support."""

    type = "sys::UnsupportedErr"


class NotImmutableErr(HostErr):
    """A value that may not cross to another thread."""

    type = "sys::NotImmutableErr"


class IOErr(HostErr):
    """Reading or writing failed."""

    type = "sys::IOErr"


class PermissionErr(HostErr):
    """The user may not call this function."""

    type = "hx::PermissionErr"


class DiffErr(HostErr):
    """A change that can't be described so."""

    type = "folio::DiffErr"


class CommitErr(HostErr):
    """A change that can't be made."""

    type = "folio::CommitErr"


class ConcurrentChangeErr(CommitErr):
    """The record changed after it was read."""

    type = "folio::ConcurrentChangeErr"


class InvalidTagNameErr(DiffErr):
    """A tag name that can't be stored."""

    type = "folio::InvalidTagNameErr"


class InvalidTagValErr(DiffErr):
    """A tag value that can't be stored."""

    type = "folio::InvalidTagValErr"


class InvalidRecIdErr(DiffErr):
    """An id that can't be stored."""

    type = "folio::InvalidRecIdErr"


class TimeoutErr(HostErr):
    """A wait ran out."""

    type = "sys::TimeoutErr"


class CancelledErr(HostErr):
    """The evaluation or message was cancelled."""

    type = "sys::CancelledErr"


class DependErr(HostErr):
    """A needed package or service is not there; the message tells how to get it."""

    type = "axon::DependErr"


class SessionError(HostErr):
    """A Python session failed."""

    type = "py::SessionErr"


class StartError(SessionError):
    """The interpreter of a session could not be started."""

    type = "py::StartErr"


class WireError(SessionError):
    """The two ends of a session do not understand each other."""

    type = "py::WireErr"


class RemoteError(SessionError):
    """Python code in a session raised: `remote_type` is its class name, `py_trace` the traceback as text."""

    def __init__(
        self, message: str = "", loc: Loc = NOWHERE, *, remote_type: str = "Exception", py_trace: str = ""
    ) -> None:
        super().__init__(message, loc)
        self.remote_type = remote_type
        self.py_trace = py_trace
        #: What it was raised from: the err dict of an Axon error that Python code let pass, or of an
        #: exception, with its own `cause`.
        self.cause: dict[str, Any] | None = None
        #: Of an exception group: the err dicts of its members.
        self.errs: list[dict[str, Any]] | None = None
        self.type = f"py::{remote_type}"  # type: ignore[misc] # the class of each Python exception is a kind

    @property
    def err(self) -> dict[str, Any]:
        from pylib.kinds import MARKER

        tags = {"err": MARKER, "dis": self.message, "type": self.type, "pyTrace": self.py_trace}
        more = {"cause": self.cause, "errs": self.errs}
        return {**tags, **{name: val for name, val in more.items() if val}}


class SessionTimeout(SessionError):
    """Python code ran longer than the session's limit."""

    type = "sys::TimeoutErr"


class SessionClosed(SessionError):
    """The interpreter ended or the session is closed; the message says why."""

    type = "py::ClosedErr"


class TaskError(HostErr):
    """A task can't do what was asked."""

    type = "hx::TaskErr"


class UnknownTaskErr(TaskError):
    """No such task."""

    type = "hx::UnknownTaskErr"


class NotTaskContextErr(TaskError):
    """The caller does not run inside a task."""

    type = "hx::NotTaskContextErr"


class TaskDisabledErr(TaskError):
    """The task is disabled."""

    type = "hx::TaskDisabledErr"


class TaskFaultErr(TaskError):
    """The task's record is faulty."""

    type = "hx::TaskFaultErr"


class TaskKilledErr(TaskError):
    """The task was killed."""

    type = "hx::TaskKilledErr"


class TaskEphemeralErr(TaskError):
    """A task made by `taskRun` takes no messages."""

    type = "hx::TaskEphemeralErr"


class CancelRequest(BaseException):
    """Thrown into a running evaluation to stop it; no Axon `try` and no library function catches it."""

    def __init__(self, reason: str = "cancelled") -> None:
        super().__init__(reason)
        self.reason = reason
