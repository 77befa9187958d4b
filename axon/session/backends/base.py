"""What a backend is: a place where a session's interpreter runs. Nothing here knows messages or values."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["BOOT", "ENDED", "Backend", "Link", "StartSpec", "fresh_key"]

BOOT = (
    "import sys;sys.version_info<(3,9)and sys.exit("
    "'it is Python %s, and a session needs Python 3.9 or later'%sys.version.split()[0]);"
    "m=type(sys)('pylib');m.__path__=[sys.argv[1]];sys.modules['pylib']=m;"
    "from pylib.{} import main;main()"
)
"""The program of an interpreter, to be given a module of `pylib`; its argument is the directory of that.

Makes the package importable without putting anything on the session's path. Python 2 can read it, too.
"""

ENDED = "its interpreter was ended, its variables are lost; the next pyEval starts a fresh one"
"""`after_kill` of an interpreter that is ours."""

Bytes = bytes | bytearray | memoryview


class Link(Protocol):
    """The connected stream to an interpreter: what a stream socket offers.

    `recv`, `recv_into`, `send` and `sendmsg` raise BlockingIOError when nothing moved for the link's own
    time-out (`TICK`), so that the caller can look at its clock.
    """

    def recv(self, size: int, /) -> bytes: ...
    def recv_into(self, buffer: memoryview, /) -> int: ...
    def send(self, data: Bytes, /) -> int: ...
    def sendmsg(self, buffers: Sequence[Bytes], /) -> int: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class StartSpec:
    """What a backend needs to know to start an interpreter.

    `key` proves to the host that the caller is the interpreter it started. `io_dir` is the project's `io/`
    directory, or None. `start_timeout` is in seconds. `options` are the options of `py` that the backend
    reads.
    """

    key: str
    io_dir: str | None = None
    start_timeout: float = 30.0
    options: Mapping[str, Any] = field(default_factory=dict)


def fresh_key() -> str:
    """A key for an interpreter that the host starts."""
    return os.urandom(16).hex()


class Backend(Protocol):
    """One interpreter: made, started once, ended once.

    The module of a backend has its class under the name `backend`, too.
    """

    name: str
    """Such as `process`; the value of the option `backend`."""

    host_first: bool
    """Whether the host greets first, as it does where it calls and is not called."""

    reply_limit: int
    """Bytes: the longest answer that such an interpreter can have reason to send."""

    asks_to_stop: bool
    """Whether code is stopped by a message on the link; else `interrupt` does it."""

    after_kill: str
    """For the message of a time-out: what has become of code that did not stop when interrupted (`ENDED`)."""

    def __init__(self, spec: StartSpec) -> None: ...

    @staticmethod
    def key_of(options: Mapping[str, Any]) -> str:
        """The key that both ends must show, by the options of `py`.

        Raises:
            ArgErr: the interpreter has a key of its own, and they do not tell it.
        """
        ...

    @property
    def wire(self) -> int:
        """Version of the protocol that the interpreter speaks: 1, or 0 for servers of hxPy."""
        ...

    @property
    def pid(self) -> int:
        """Process id of the interpreter on this machine; 0 when none runs, or it is not ours."""
        ...

    def start(self) -> Link:
        """Start the interpreter and wait for its call.

        Raises:
            StartError: it could not be started or did not call in time; nothing is left behind.
        """
        ...

    def hello_options(self) -> dict[str, Any]:
        """What the interpreter is told about its place, such as the walls to put up (`guard`)."""
        ...

    def ready(self, layers: list[str]) -> None:
        """The interpreter tells which of its own protections are on."""
        ...

    def output_fd(self) -> int | None:
        """A descriptor from which the output below Python can be read without blocking, if there is one."""
        ...

    def alive(self) -> bool:
        """Whether the interpreter still runs."""
        ...

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the code that runs there; nothing where none runs."""
        ...

    def kill(self) -> None:
        """End the interpreter and all it started, at once. Safe twice."""
        ...

    def close(self) -> None:
        """End the interpreter: let it finish by itself for a moment, then kill. Free everything. Safe
        twice."""
        ...

    def trouble(self) -> str:
        """What explains a silence, such as `the container was paused`; empty when nothing is known."""
        ...

    def exit_reason(self) -> str:
        """Why the interpreter ended, for an error message: `it was killed by signal 11 (SIGSEGV)`."""
        ...

    def isolation(self) -> list[str]:
        """What this backend's place does not protect, in plain sentences."""
        ...
