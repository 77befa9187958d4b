"""The session's end of a conversation: messages in, user code run, messages out.

One thread, the main one, reads the link and runs user code. While user code waits for the host it serves the
host's requests, so evaluations nest. The server knows no transport: it gets a connected link.

An interrupt is a SIGINT: it raises KeyboardInterrupt in user code and nowhere else. `hold` marks the
stretches that must not be cut (a frame half sent), `running` tells whether user code is on.
"""

from __future__ import annotations

import os
import sys
from marshal import loads

from pylib.calls import encode_call
from pylib.codec import Codec
from pylib.encoder import Encoder, put_link
from pylib.frames import Frames, LinkClosed, WireFault
from pylib.layout import T_FUNC, T_OBJECT
from pylib.messages import (
    CALL,
    CLOSE,
    EVAL,
    FAULT,
    OUTPUT,
    PART,
    PROGRESS,
    READY,
    RELEASE,
    RESULT,
    STEP_DEFINE,
    Talk,
)
from pylib.objects import Exports, about, services
from pylib.output import Meter, TextOut
from pylib.plain import PLAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

__all__ = ["DEPTH", "Server"]

_CACHED = 256
"""How many compiled expressions, and how many texts of code, are kept."""
DEPTH = 5000
"""Python frames: evaluations and callbacks nested a hundred deep need more than Python's own limit."""
_QUICK = 256
"""Bytes: requests up to this size that only evaluate are known again by their bytes."""


class Server:
    """Runs the code of one session.

    Args:
        frames: the stream to the host; Hellos have been exchanged.
        options: `tz` (full id of the zone for naive timestamps), `units`, `nan`, `output` (characters
            shown per evaluation).
        layers: names of the protections that are on.
        space: the variables that code sees; those of a fresh `__main__` by default.
    """

    def __init__(
        self,
        frames: Frames,
        options: dict[str, Any],
        layers: list[str],
        space: dict[str, Any] | None = None,
    ) -> None:
        self.frames = frames
        self.options = {**options, "objects": True}
        self.talk = Talk(frames, 1, self.serve, self.notice)
        self.codec = self._make_codec()
        self.running = False
        self.closing = False
        self._layers = layers
        self._held = 0
        self._pending = False
        self._forked = False
        self._meter = Meter(int(options.get("output", 1 << 20)))
        self._outs: list[TextOut] = []
        self._compiled: dict[str, CodeType] = {}
        self._quick: dict[bytes, CodeType] = {}
        self._sources: dict[str, str] = {}
        self._chunks = 0
        self._step = -1
        self.exports = Exports()
        self._dropped: list[int] = []
        self.space = self._make_space() if space is None else space
        self._install_bridge()

    def _make_codec(self) -> Codec:
        units = None
        if self.options.get("units"):
            from pylib.native import Quantity

            units = Quantity
        return Codec(self._other, self._link, native=True, units=units, uri=_make_uri)

    def _other(self, encoder: Encoder, value: Any) -> None:
        """Write a value without a kind: converted, or else as a reference."""
        kind = type(value).__name__
        if kind == "AxonFunction" and hasattr(value, "number"):
            put_link(encoder, T_FUNC, -value.number, None)
            return
        if kind == "ByReference":
            self._put_object(encoder, value.value)
            return
        from pylib.native import convert

        found, done = convert(value, self.options)
        if done:
            encoder.put(found)
        else:
            self._put_object(encoder, value)

    def _put_object(self, encoder: Encoder, obj: Any) -> None:
        put_link(encoder, T_OBJECT, self.exports.give(obj), about(obj))

    def _link(self, tag: int, ref: int, said: Any) -> Any:
        if tag == T_OBJECT and ref < 0:
            return self.exports.find(-ref)
        if tag == T_FUNC and ref > 0:
            from pylib.bridge import AxonFunction

            return AxonFunction(self.caller, ref, said if type(said) is str else "?")
        raise WireFault("a reference came that this session did not give out")

    def _install_bridge(self) -> None:
        """Put the object `axon` among the variables."""
        from pylib.bridge import Axon, Caller

        self.caller = Caller(self._ask, self._call_function, self._dropped.append)
        if type(self.space.get("axon")) is type(sys):  # an attached program that imported the package axon
            return
        self.space["axon"] = Axon(self.caller, self._echo, self._progress)

    def _echo(self, text: str) -> None:
        if not self._outs:
            self._send_text(1, text)
            return
        for out in self._outs:
            out.flush()
        self._outs[0].write(text)

    def _progress(self, value: Any) -> None:
        self._tell(PROGRESS, value)

    def _give_part(self, piece: list[Any]) -> None:
        self._tell(PART, piece)

    def _tell(self, kind: int, value: Any) -> None:
        """Send a notice while code runs."""
        body, buffers = self.codec.encode(value)
        if not self.caller.is_here:  # interrupts are for the other thread: nothing to hold back in this one
            self.frames.send(kind, 0, body, buffers)
            return
        self.hold(True)
        try:
            self.frames.send(kind, 0, body, buffers)
        finally:
            self.hold(False)

    def _ask(self, request: list[Any]) -> Any:
        return self._send_request(*self.codec.encode(request))

    def _call_function(self, head: bytes, args: tuple[Any, ...]) -> Any:
        body, buffers = encode_call(self.codec, head, args)
        return self._send_request(body, buffers)

    def _send_request(self, body: bytes | bytearray, buffers: list[Any]) -> Any:
        """Send a request of user code and wait for the host's answer; an interrupt waits until it is
        there."""
        for out in self._outs:
            if out.pending:
                out.flush()
        self._held += 1  # as `hold` does
        try:
            if self._dropped:
                dropped, self._dropped[:] = list(self._dropped), []
                self.frames.send(RELEASE, 0, self.codec.encode(dropped)[0])
            kind, answer, blocks = self.talk.wait(self.talk.start(CALL, body, buffers))
        finally:
            self._held -= 1
            if self._pending:
                self._strike()
        value = self.codec.decode(answer, blocks)
        if kind == RESULT:
            return value
        if value.get("type") == "KeyboardInterrupt":
            raise KeyboardInterrupt
        from pylib.bridge import AxonError

        error = AxonError(value.get("dis", ""), value.get("err"))
        error.number = value.get("number", 0)
        raise error

    def _make_space(self) -> dict[str, Any]:
        """The variables of the session: those of a module `__main__`, so that pickle and friends find
        them."""
        main = type(sys)("__main__")
        sys.modules["__main__"] = main
        space = main.__dict__
        space["__builtins__"] = __builtins__
        return space

    # ---- set up

    def install(self) -> None:
        """Take over the streams, the interrupt signal and forks of this process."""
        sys.setrecursionlimit(max(DEPTH, sys.getrecursionlimit()))
        import _signal as signal  # type: ignore[import-not-found] # the Python half builds enums for 6 ms

        signal.signal(signal.SIGINT, self._on_signal)
        self._outs = [
            TextOut(number, self._meter, self._send_text, self.hold, raw)
            for number, raw in ((1, sys.stdout), (2, sys.stderr))
        ]
        sys.stdout, sys.stderr = self._outs
        os.register_at_fork(after_in_child=self._after_fork)

    def _after_fork(self) -> None:
        """A child has no part in the conversation."""
        self._forked = True
        self.frames.close()
        for out in self._outs:
            out.forked = True

    def _send_text(self, number: int, text: str) -> None:
        self.frames.send(OUTPUT, number, text.encode("utf-8", "surrogatepass"))

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        if self._held:
            self._pending = True
        elif self.running:
            self._pending = False
            raise KeyboardInterrupt

    def hold(self, on: bool) -> None:
        """Begin or end a stretch that no interrupt may cut; at its end a waiting one strikes."""
        if on:
            self._held += 1
            return
        self._held -= 1
        if self._pending:
            self._strike()

    def _strike(self) -> None:
        """Let the waiting interrupt come, unless another stretch holds it back."""
        if not self._held:
            self._pending = False
            if self.running:
                raise KeyboardInterrupt

    # ---- the loop

    def ready(self) -> None:
        """Tell the host which protections are on."""
        self.frames.send(READY, 0, self.codec.encode(self._layers)[0])

    def run(self) -> None:
        """Serve until the host closes.

        Raises:
            WireFault: what the host sent makes no sense.
        """
        recv = self.frames.recv
        take = self.talk.take
        try:
            while not self.closing:
                take(*recv())
        except LinkClosed:
            return

    def step(self) -> None:
        """Serve what has arrived: one frame, and those that came in one piece with it; raises as `run`."""
        self.talk.take(*self.frames.recv())
        while self.frames.has_more and not self.closing:
            self.talk.take(*self.frames.recv())

    def notice(self, kind: int, request: int, body: bytes, buffers: list[memoryview]) -> None:
        """A message without answer."""
        if kind == CLOSE:
            self.closing = True
        elif kind == RELEASE:
            dropped = self.codec.decode(body)
            for number, times in dropped:
                self.exports.release(number, times)
            self.exports.released(len(dropped))

    def serve(self, kind: int, request: int, body: bytes, buffers: list[memoryview]) -> None:
        """Answer a request: run it, send its Result or its Fault."""
        was, held = self.running, self._held
        self._held = 0
        try:
            try:
                self._step = -1
                out, bufs = self._answer(kind, body, buffers)
                answer = RESULT
            finally:
                self.running = was
        except BaseException as e:
            self.running = was
            if isinstance(e, WireFault) and not isinstance(e, LinkClosed):
                raise
            if self._forked:
                self._leave_fork()
            out, bufs = self._fault(e)
            answer = FAULT
        self._held = held
        if self._forked:
            self._leave_fork()
        for text in self._outs:
            if text.pending:
                text.flush()
        self.frames.send(answer, request, out, bufs)
        if self.exports.wants_room:
            self.exports.make_room()

    def _leave_fork(self) -> None:
        """End a forked child whose code came back to us: only the parent answers."""
        for out in self._outs:
            out.flush()
        os._exit(0)

    def _fault(self, error: BaseException) -> tuple[bytearray, list[Any]]:
        from pylib.faults import describe

        if isinstance(error, SystemExit):
            self.closing = True
        return self.codec.encode(describe(error, self._sources, self._step))

    def _answer(self, kind: int, body: bytes, buffers: list[memoryview]) -> tuple[bytearray, list[Any]]:
        code = self._quick.get(body) if len(body) < _QUICK else None
        if code is not None and kind == EVAL:
            if not self.talk.depth:
                self._meter.left = self._meter.limit
            self.running = True
            return self.codec.encode(eval(code, self.space))
        # the most frequent form without the detour: as `decode` would read it
        request = loads(body[1:]) if body[:1] == PLAIN else self.codec.decode(body, buffers)
        if type(request) is tuple:
            if kind == EVAL:
                return self._eval_quickly(*request)
            request = [request[0], self.exports.find(request[1]), *request[2:]]
        if type(request) is not list or not request:
            raise WireFault("a request is not a list")
        if not self.talk.depth:
            self._meter.reset()
        if kind == CALL:
            call = services.get(request[0])
            if call is None:
                raise WireFault(f"unknown call {request[0]!r}")
            self.running = True
            if request[0] == "resolve":
                request.append(self.space)
            elif request[0] == "mapPieces":
                request.append(self._give_part)
            elif request[0] == "refs":
                request.append(self.exports)
            return self.codec.encode(call(*request[1:]))
        steps, expr, names = request
        self.running = True
        value = self._run_steps(steps, expr, names)
        if not steps and not names and expr in self._compiled and len(body) < _QUICK:
            if len(self._quick) >= _CACHED:
                self._quick.clear()
            self._quick[body] = self._compiled[expr]
        return self.codec.encode(value)

    # ---- user code

    def _eval_quickly(
        self, expr: str, names: dict[str, Any] | None, name: str = "", value: Any = None
    ) -> tuple[bytearray, list[Any]]:
        """The most frequent requests: an expression with variables for it alone, or else with one to bind."""
        if not self.talk.depth:
            self._meter.left = self._meter.limit
        self.running = True
        space = self.space
        if names is None:
            space[name] = value
        else:
            space = {**space, **names}
        return self.codec.encode(eval(self._compiled.get(expr) or self._compile_expr(expr), space))

    def _run_steps(
        self, steps: list[list[Any]] | None, expr: str | None, names: dict[str, Any] | None
    ) -> Any:
        space = self.space
        for index, step in enumerate(steps or ()):
            self._step = index
            if step[0] == STEP_DEFINE:
                space[step[1]] = step[2]
            else:
                exec(self._compile_code(step[1], step[2]), space)
        self._step = -1
        if expr is None:
            return None
        code = self._compiled.get(expr)
        if code is None:
            code = self._compile_expr(expr)
        return eval(code, {**space, **names} if names else space)

    def _compile_expr(self, expr: str) -> CodeType:
        text = expr.strip()
        label = self._label("pyEval", text)
        code = compile(text, label, "eval", dont_inherit=True)
        if len(self._compiled) >= _CACHED:
            self._compiled.clear()
        self._compiled[expr] = code
        return code

    def _compile_code(self, text: str, name: str) -> CodeType:
        if text[:1] in (" ", "\t", "\n"):
            import textwrap

            text = textwrap.dedent(text)
        label = name or self._label("pyExec", text)
        self._sources[label] = text
        return compile(text, label, "exec", dont_inherit=True)

    def _label(self, what: str, text: str) -> str:
        """A name for a piece of code; its text is kept for tracebacks."""
        self._chunks += 1
        label = f"<{what} {self._chunks}>"
        if len(self._sources) >= _CACHED:
            del self._sources[next(iter(self._sources))]
        self._sources[label] = text
        if "linecache" in sys.modules:
            from pylib.faults import publish

            publish({label: text})
        return label


def _make_uri(text: str) -> Any:
    from pylib.native import Uri

    return Uri(text)
