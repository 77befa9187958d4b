"""The host's end of wire v0: a conversation with a server of hxPy.

The protocol has no interrupts, no output and no references, its server ends at the first exception. So a
time-out and an exception cost the interpreter, which the errors say.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from axon.errors import ArgErr, RemoteError, SessionTimeout, StartError, WireError
from axon.session.conversation import Conversation, Step
from pylib.brio import BrioReader, BrioWriter
from pylib.frames import LinkClosed, WireFault
from pylib.grid import Grid
from pylib.messages import STEP_DEFINE

__all__ = ["V0Client"]

_CHUNK = 1 << 18


class _Stream:
    """A stream of messages: what a conversation needs, and Brio in both directions."""

    inside = False
    """Who is stopped may leave at once: the server ends then, it has no way to be asked to stop."""

    def __init__(self, link: Any, client: V0Client) -> None:
        from axon.values.zones import zone, zone_name

        self._link = link
        self._client = client
        self.writer = BrioWriter(zone_name)
        self._reader = BrioReader(more=self._more, zone=zone, max_size=client.backend.reply_limit)

    def _more(self) -> bytes:
        while True:
            try:
                data = bytes(self._link.recv(_CHUNK))
            except BlockingIOError:
                self._client.on_idle()
                continue
            except OSError as e:
                raise LinkClosed(f"the link is closed ({e})") from e
            if not data:
                raise LinkClosed("the server closed the link")
            self._client.look_at_clock()
            return data

    def receive(self) -> Any:
        """Wait for one value."""
        try:
            return self._reader.message()
        except (ValueError, OverflowError) as e:
            raise WireFault(str(e)) from e

    def put(self, data: bytes) -> None:
        """Send one value: its length, then its bytes."""
        if len(data) >= 1 << 32:
            raise WireFault(f"a message of {len(data)} bytes is too long for hxPy")
        for part in (len(data).to_bytes(4, "big"), data):
            rest = memoryview(part)
            while len(rest):
                try:
                    rest = rest[self._link.send(rest) :]
                except BlockingIOError:
                    self._client.on_idle()
                except OSError as e:
                    raise LinkClosed(f"the link is closed ({e})") from e

    def close(self) -> None:
        """Close the link; safe twice."""
        self._link.close()


class V0Client(Conversation):
    """One conversation with one server of hxPy."""

    _frames: _Stream

    def start(self) -> None:
        """Start the server and greet it.

        Raises:
            StartError: it did not start, or refused us; nothing is left behind.
        """
        self._frames = _Stream(self._open(), self)
        try:
            self._frames.put(self._frames.writer.value({"key": self._key, "ver": "0"}))
            answer = self._frames.receive()
        except LinkClosed as e:
            reason = self.backend.exit_reason()
            said = self._said()
            self.end()
            raise StartError(f"py: the server in the image did not answer: {reason}{said}") from e
        except WireFault as e:
            self.end()
            raise WireError(f"py: the server in the image does not speak wire v0: {e}") from e
        except BaseException:
            self.end()
            raise
        if type(answer) is not dict or "ok" not in answer:
            self.end()
            why = answer.get("errMsg", "no reason") if type(answer) is dict else "no Hello"
            raise StartError(f"py: the server in the image refused the session: {why}")
        self.started = True

    def _said(self) -> str:
        """What the server printed before it failed."""
        texts: list[str] = []
        echo, self.output.echo = self.output.echo, texts.append
        self.output.drain()
        self.output.echo = echo
        said = "".join(texts).strip()[-2000:]
        return f": {said}" if said else ""

    def eval(
        self, steps: Sequence[Step], expr: str | None, names: dict[str, Any] | None, timeout: float | None
    ) -> Any:
        """Run buffered steps, then evaluate an expression; None without expression.

        Raises:
            ArgErr: a value that has no form in Brio.
            RemoteError: Python code raised; its interpreter ended with it.
            SessionTimeout: the time ran out; the interpreter was ended.
            SessionClosed: the interpreter ended.
            WireError: the server sent nonsense, and was killed for it.
        """
        message = self._message(steps, expr, names)
        self.output.renew()
        self._limit = timeout
        self._deadline = None if timeout is None else time.monotonic() + timeout
        try:
            self._frames.put(message)
            answer = self._frames.receive()
        except LinkClosed as e:
            raise self._gone() from e
        except WireFault as e:
            self.kill()
            raise WireError(f"pyEval: {e}; the server was ended, the next pyEval starts a fresh one") from e
        except BaseException:
            self.kill()
            raise
        finally:
            self._deadline = self._limit = None
            self.output.drain()
        return self._answer(answer)

    def _message(self, steps: Sequence[Step], expr: str | None, names: dict[str, Any] | None) -> bytes:
        from pylib.v0 import matrix_dict

        out: list[dict[str, Any]] = []
        values: list[tuple[str, Any]] = []
        for step in steps:
            if step[0] == STEP_DEFINE:
                values.append((step[1], step[2]))
                out.append({"def": step[1], "v": matrix_dict(step[2])})
            else:
                out.append({"exec": step[1]})
        text = "None" if expr is None else expr.strip()
        for i, (name, value) in enumerate((names or {}).items()):
            values.append((name, value))
            out.append({"def": f"_axon_{i}", "v": matrix_dict(value)})
        if names:
            given = ", ".join(f"_axon_{i}" for i in range(len(names)))
            text = f"(lambda {', '.join(names)}: (\n{text}\n))({given})"
        out.append({"eval": text})
        try:
            data: bytes = self._frames.writer.value(out)
        except WireFault as e:
            raise self._unfit(values, e) from e
        return data

    def _unfit(self, values: list[tuple[str, Any]], error: WireFault) -> ArgErr:
        """Name the variable whose value can't cross."""
        from pylib.v0 import matrix_dict

        for name, value in values:
            try:
                self._frames.writer.value(matrix_dict(value))
            except WireFault as e:
                return ArgErr(f"pyDefine: the value of {name} cannot go to Python: {e}")
        return ArgErr(f"pyEval: {error}")

    def _answer(self, answer: Any) -> Any:
        if isinstance(answer, Grid) and "err" in answer.meta():
            meta = answer.meta()
            trace = str(meta.get("errTrace", ""))
            self.end()
            last = (trace.strip().splitlines() or [""])[-1]
            kind = last.partition(":")[0].rpartition(".")[2]
            raise RemoteError(
                str(meta.get("errMsg", "no message")),
                remote_type=kind if kind.isidentifier() else "Exception",
                py_trace=trace,
            )
        if type(answer) is dict and "ndarray" in answer:
            from pylib.grid import Matrix
            from pylib.v0 import matrix_of

            try:
                return Matrix(matrix_of(answer))
            except WireFault as e:
                self.kill()
                raise WireError(f"pyEval: {e}") from e
        return answer

    def call(self, name: str, *args: Any, timeout: float | None = None) -> Any:
        """Only `echo`, which asks whether the server is there.

        Raises:
            ArgErr: any other service; wire v0 has none.
        """
        if name == "echo":
            return self.eval((), "None", None, timeout)
        raise ArgErr(f"py: a server of hxPy has no {name}: it only knows define, exec and eval")

    def interrupt(self) -> None:
        """A server of hxPy can't be interrupted: it is ended."""
        self.backend.kill()

    def _say_goodbye(self) -> None:
        """The server ends when its client leaves."""

    def _time_is_up(self, now: float) -> None:
        if self._limit is None:
            raise LinkClosed("the server did not answer")
        limit = self._limit
        trouble = self._trouble()
        self.kill()
        raise SessionTimeout(
            f"pyEval: no result within {limit:g}sec{trouble}; a server of hxPy can't be interrupted: "
            "it was ended, its variables are lost; the next pyEval starts a fresh one"
        )
