"""A Python session: its verbs, its buffered steps, and the interpreter behind it, which may be replaced.

Nothing is started before the first `eval`. `define` and `exec` are buffered and go with the next `eval`, in
order. The interpreter is replaced after a crash or a time-out that could not be interrupted; `init` then runs
again in the new one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from axon.errors import SessionClosed, SessionError
from axon.session.options import SessionOptions
from pylib.messages import STEP_DEFINE, STEP_EXEC

if TYPE_CHECKING:
    from axon.session.conversation import Conversation, Step
    from axon.session.objects import PyObj
    from axon.session.output import Echo

__all__ = ["OWNED", "PySession"]

OWNED = "py"
"""Key of a task's session among what ends with the task."""


class PySession:
    """Python code in another process, by the verbs of the `py` library.

    Used by one thread at a time; others wait. All verbs but `eval` return the session, so that calls chain.

    Args:
        options: of `py`.
        connect: makes a conversation with a fresh interpreter, not yet started.
        echo: gets what Python prints.
        keep: whether the interpreter lives on after an `eval`; else it ends, and the next finds a new one.
    """

    def __init__(
        self,
        options: SessionOptions,
        connect: Callable[[SessionOptions], Conversation],
        echo: Echo,
        *,
        keep: bool,
    ) -> None:
        self.options = options
        self._connect = connect
        self._echo = echo
        self._keep = keep
        self._client: Conversation | None = None
        self._steps: list[Step] = []
        self._init: Callable[[PySession], object] | None = None
        self._init_done = False
        self._init_steps = 0
        self._timeout = options.timeout
        self.closed: str | None = None
        """Why it can't be used any more."""
        self._lock = threading.RLock()
        self.user: object = None  # whose functions the next ones are for
        self.evaluate: Callable[[str, list[Any] | None], Any] | None = None
        self.make_function: Callable[[PyObj], Any] | None = None
        self.on_progress: Callable[[Any], object] | None = None

    def __repr__(self) -> str:
        state = "closed" if self.closed else "idle" if self._client is None else f"pid {self.pid}"
        return f"<PySession {self.options.backend} {state}>"

    # ---- verbs

    def define(self, name: str, val: Any) -> PySession:
        """Bind a variable, with the next `eval`."""
        with self._lock:
            if self.closed is not None:
                self._check_open()
            self._steps.append([STEP_DEFINE, name, val])
        return self

    def exec(self, code: str, label: str = "") -> PySession:
        """Run statements, with the next `eval`; `label` names them in tracebacks."""
        with self._lock:
            if self.closed is not None:
                self._check_open()
            self._steps.append([STEP_EXEC, code, label])
        return self

    def init(self, fn: Callable[[PySession], object]) -> PySession:
        """Call `fn(session)` once in the life of the interpreter, and again in each that replaces it."""
        with self._lock:
            self._check_open()
            self._init = fn
            if self._client is not None and not self._usable(self._client):
                self._tell_lost(self._client.backend.exit_reason())
                self._drop()
            if not self._init_done:
                self._run_init()
        return self

    def timeout(self, seconds: float | None) -> PySession:
        """Limit each later `eval`, in seconds; None for no limit."""
        with self._lock:
            self._timeout = seconds
        return self

    def eval(
        self,
        expr: str,
        names: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        echo: Echo | None = None,
    ) -> Any:
        """Send what is buffered, evaluate an expression, return its value.

        Args:
            names: variables that only this expression sees.
            timeout: seconds, instead of the session's own limit.
            echo: gets what is printed, instead of the session's own.

        Raises:
            ArgErr: a value that can't cross.
            RemoteError: Python code raised; the session and its variables live on where the session is kept.
            SessionTimeout: no result in time.
            SessionClosed: the interpreter ended, or the session is closed.
            StartError: no interpreter could be started.
        """
        with self._lock:
            client = self._client
            if client is None or client.ended or self.closed is not None:
                self._check_open()
                client = self._ready()
            output = client.output
            outer_echo, output.echo = output.echo, echo or self._echo
            client.timeout = self._timeout
            if self.on_progress is not None:
                client.progress = self.on_progress
            steps, self._steps = self._steps, []
            init_steps, self._init_steps = self._init_steps, 0
            limit = self._timeout if timeout is None else timeout
            try:
                return client.eval(steps, expr, dict(names) if names else None, limit)
            except SessionError as e:
                if 0 <= client.failed_step < init_steps:
                    self._init_done = False
                if client.ended:
                    self._tell_lost(e)
                raise
            finally:
                output.echo = outer_echo
                self._after(client)

    def _tell_lost(self, why: object) -> None:
        """Tell the log that an interpreter with variables is gone; a program may catch the error."""
        if self._keep and self.closed is None:
            import logging

            logging.getLogger("axon.session").warning("the variables of a Python session are lost: %s", why)

    def _after(self, client: Conversation) -> None:
        client.failed_step = -1
        if self._client is not client or client.busy:
            return
        if client.ended:
            self._drop()
        elif client.holds_objects:
            client.keeper = self  # whoever holds an object of the session holds the session
        elif not self._keep:
            self._drop()
        else:
            client.keeper = None

    def ask(self, *request: Any) -> Any:
        """One of the services of the session's server, such as `import`; what is buffered is sent before.

        Raises:
            RemoteError: Python code raised, and what else `eval` may raise.
        """
        with self._lock:
            self._flush()
            client = self._ready()
            try:
                return client.call(*request, timeout=self._timeout)
            except SessionError as e:
                if client.ended:
                    self._tell_lost(e)
                raise
            finally:
                self._after(client)

    def resolve(self, expr: str) -> PyObj:
        """A reference to what an expression gives; a name with dots is imported as far as needed.

        Raises:
            RemoteError: Python code raised, and what else `eval` may raise.
        """
        with self._lock:
            self._flush()
            found: PyObj = self.ask("resolve", expr)
            return found

    def _flush(self) -> None:
        """Run what is buffered, so that a service finds it done."""
        if self._steps:
            kept, self._keep = self._keep, True
            try:
                self.eval("None")
            finally:
                self._keep = kept

    def close(self, why: str = "this session is closed") -> None:
        """End the interpreter; the session can't be used any more. Safe twice.

        From another thread than the one that evaluates it ends at once, and that evaluation fails with
        SessionClosed. `why` is said to whoever uses the session later.
        """
        self.closed = self.closed or why
        if not self._lock.acquire(blocking=False):
            client = self._client
            if client is not None:
                client.backend.kill()
            self._lock.acquire()
        try:
            self._drop()
        finally:
            self._lock.release()

    def kill(self, why: str) -> None:
        """What a task calls when it ends: `close` from whatever thread."""
        self.close(why)

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the Python code that runs now; from another thread."""
        client = self._client
        if client is not None:
            client.interrupt()

    def __enter__(self) -> PySession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        client = getattr(self, "_client", None)
        if client is not None:
            client.kill()

    # ---- facts

    @property
    def is_closed(self) -> bool:
        """Whether the session was closed."""
        return self.closed is not None

    @property
    def is_running(self) -> bool:
        """Whether an interpreter is there now."""
        return self._client is not None and self._usable(self._client)

    @property
    def pid(self) -> int:
        """Process id of the interpreter on this machine; 0 when there is none."""
        return self._client.backend.pid if self._client is not None else 0

    @property
    def isolation(self) -> dict[str, Any]:
        """What protects from the session's code, and what does not; starts the interpreter to find out.

        A dict of `backend`, `layers` (names of the protections that are on) and `limits` (sentences).
        """
        with self._lock:
            self._check_open()
            client = self._ready()
            client.call("echo", None, timeout=self.options.start_timeout)
            found = {
                "backend": client.backend.name,
                "layers": client.layers,
                "limits": client.backend.isolation(),
            }
            self._after(client)
            return found

    @property
    def references(self) -> dict[str, int]:
        """How many references are held, to see what is not released; nothing is started for it.

        A dict of `objects` (of the session, referred to here), `exported` (that the session keeps for that)
        and `functions` (given to the session, which it has not dropped).
        """
        with self._lock:
            if not self.is_running or self._client is None:
                return {"objects": 0, "exported": 0, "functions": 0}
            exported = int(self._client.call("refs", timeout=self._timeout))
            objects, functions = self._client.held
            return {"objects": objects, "exported": exported, "functions": functions}

    # ---- the interpreter

    def _check_open(self) -> None:
        if self.closed is not None:
            raise SessionClosed(f"py: {self.closed}")

    def _usable(self, client: Conversation) -> bool:
        return not client.ended and client.backend.alive()

    def _ready(self) -> Conversation:
        client = self._client
        if client is not None:
            if not client.ended:
                return client
            self._drop()
        client = self._connect(self.options)
        client.lock = self._lock
        client.evaluate = self.evaluate
        client.make_function = self.make_function
        client.keeps = self._keep
        if not client.started:
            client.start()
        if self.closed is not None:
            client.kill()
            self._check_open()
        self._client = client
        if self._init is not None and not self._init_done:
            self._run_init()
        return client

    def _run_init(self) -> None:
        """Let the init function buffer its steps in front of what is buffered."""
        assert self._init is not None
        waiting, self._steps = self._steps, []
        self._init_done = True
        try:
            self._init(self)
        except BaseException:
            self._init_done = False
            self._steps = waiting
            raise
        self._init_steps = len(self._steps)
        self._steps = [*self._steps, *waiting]

    def _drop(self) -> None:
        client, self._client = self._client, None
        self._init_done = False
        self._init_steps = 0
        if client is not None:
            client.end()
