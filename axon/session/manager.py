"""Who owns which session: one per task, else one per call of `py`; all of them end with the runtime."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from axon.errors import DependErr, SessionClosed
from axon.session.options import SessionOptions
from axon.session.pool import WarmPool
from axon.session.session import OWNED, PySession

if TYPE_CHECKING:
    from axon.session.backends.base import Backend
    from axon.session.containers import Containers
    from axon.session.conversation import Conversation
    from axon.session.output import Echo

__all__ = ["SessionManager", "backend_of", "isolation_notice"]


class SessionManager:
    """Opens sessions and ends them.

    Args:
        io_dir: the project's `io/` directory, a function that gives it when the first session needs it, or
        None. echo: gets what Python prints, where a call gives nothing better.
        tz: Haystack name or full id of the zone for timestamps without one.
        backend: what sessions use unless their options say otherwise.
    """

    def __init__(
        self,
        *,
        io_dir: str | os.PathLike[str] | Callable[[], str] | None = None,
        echo: Echo | None = None,
        tz: str = "UTC",
        backend: str | None = None,
    ) -> None:
        self._io_dir = io_dir if callable(io_dir) or io_dir is None else os.fspath(io_dir)
        self.backend = backend
        self._echo = echo or _print
        self._tz = tz
        self._sessions: weakref.WeakSet[PySession] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False
        self._pool = WarmPool(self._connect)
        self._containers: Containers | None = None
        atexit.register(_close_at_exit, weakref.ref(self))

    def open(
        self,
        opts: Mapping[str, Any] | None = None,
        owner: Any = None,
        *,
        keep: bool = False,
        echo: Echo | None = None,
    ) -> PySession:
        """A session: the owner's, made at its first call, or a new one.

        Args:
            opts: options of `py`; ignored where the owner has its session already.
            owner: a task (anything with a dict `session_slot`), which kills the session when it ends; or
            None. keep: whether the interpreter lives on after an `eval` although no task owns it.

        Raises:
            ArgErr: an unknown option or a value that it can't have.
            SessionClosed: the runtime has ended.
        """
        if owner is None:
            return self._make(opts, keep, echo)
        found = self.owned(owner)
        if found is None:
            found = owner.session_slot[OWNED] = self._make(opts, True, echo)
        return found

    def owned(self, owner: Any) -> PySession | None:
        """The session that an owner has already."""
        found: PySession | None = owner.session_slot.get(OWNED)
        return None if found is None or found.closed is not None else found

    def _make(self, opts: Mapping[str, Any] | None, keep: bool, echo: Echo | None) -> PySession:
        options = SessionOptions.of(opts, self.backend)
        session = PySession(options, self._pool.take, echo or self._echo, keep=keep)
        with self._lock:
            if self._closed:
                raise SessionClosed("py: the runtime is closed")
            self._sessions.add(session)
        return session

    def close_all(self) -> None:
        """End every session; none can be opened any more. Safe twice."""
        with self._lock:
            self._closed = True
            sessions = list(self._sessions)
        for session in sessions:
            session.close("the runtime is closed")
        self._pool.close()
        if self._containers is not None:
            self._containers.close()
        docker = sys.modules.get("axon.session.backends.docker")
        if docker is not None:
            docker.settle()

    @property
    def containers(self) -> Containers:
        """The containers that programs started by themselves; they end with the runtime."""
        with self._lock:
            if self._closed:
                raise SessionClosed("docker: the runtime is closed")
            if self._containers is None:
                from axon.session.containers import Containers

                self._containers = Containers()
            return self._containers

    def _connect(self, options: SessionOptions) -> Conversation:
        from axon.session.backends.base import StartSpec
        from axon.session.client import Client
        from axon.values.zones import zone

        made = backend_of(options.backend)
        key = made.key_of(options.raw)
        io_dir = self._io_dir() if callable(self._io_dir) else self._io_dir
        if io_dir:
            os.makedirs(io_dir, exist_ok=True)
        spec = StartSpec(key, io_dir, options.start_timeout, options.raw)
        found = made(spec)
        if found.wire == 0:
            from axon.session.v0 import V0Client

            return V0Client(found, key, options)
        return Client(found, key, options, zone(self._tz).key)


def backend_of(name: str) -> type[Backend]:
    """The class of a backend.

    Raises:
        DependErr: it is not in this installation; there is no other in its place.
    """
    import importlib

    try:
        module = importlib.import_module(f"axon.session.backends.{name}")
    except ImportError as e:
        raise DependErr(f"py: the backend {name} is not available here ({e}); use the backend process") from e
    made: type[Backend] = module.backend
    return made


_NOTICE = {
    "process": 'Python sessions are guarded processes of this user; `py({backend: "docker"})` isolates more',
    "docker": "Python sessions run in containers without network",
    "attach": "Python sessions run in the program they are attached to, without isolation",
}


def isolation_notice(backend: str | None = None) -> str:
    """One line on what protects from session code, by the backend that sessions use unless told otherwise."""
    return _NOTICE[SessionOptions.of(None, backend).backend]


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _close_at_exit(found: weakref.ref[SessionManager]) -> None:
    manager = found()
    if manager is not None:
        manager.close_all()
