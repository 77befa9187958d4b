"""The host's end of a conversation by the protocol of `WIRE.md`: evaluate, serve, interrupt.

While an evaluation is on, the session may ask us in turn: who waits for the answer serves that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from axon.errors import (
    ArgErr,
    EvalError,
    SessionClosed,
    SessionTimeout,
    StartError,
    WireError,
)
from axon.runtime.limits import SHIELD
from axon.session.backends.base import Backend, Link
from axon.session.conversation import Conversation, Step
from axon.session.interrupts import INTERRUPTS
from axon.session.objects import PyObj
from axon.session.options import SessionOptions
from axon.session.references import References
from pylib.calls import decode_call
from pylib.codec import Codec
from pylib.frames import MAX_BODY, MAX_TOTAL, Frames, LinkClosed, WireFault
from pylib.messages import (
    CALL,
    CLOSE,
    EVAL,
    FAULT,
    HELLO,
    INTERRUPT,
    OUTPUT,
    PART,
    PROGRESS,
    PROTOCOL,
    READY,
    RELEASE,
    RESULT,
    STEP_DEFINE,
    Talk,
    check_hello,
)
from pylib.plain import encode_ask, encode_define, encode_eval

__all__ = ["Client"]

_HELLO_SIZE = 4096
_PATIENCE = 0.2
"""Seconds that a request to stop waits for a frame that is half sent."""
_YOUNG, _AGAIN = 0.1, 0.05
"""Seconds: a request that is younger when it is stopped is interrupted again after that, once."""
_NO_SUCH_THING = "the session asked for something that there is not"
_QUICK = 256
"""Bytes, and how many: bodies of plain evals that are kept."""


class Client(Conversation):
    """One conversation with one interpreter.

    Args:
        zone: full id of the time zone for timestamps without one.
    """

    _frames: Frames

    def __init__(self, backend: Backend, key: str, options: SessionOptions, zone: str) -> None:
        super().__init__(backend, key, options)
        self._zone = zone
        self.references = References(self, zone)
        self._codec = Codec(self.references.put, self.references.get, zone=_find_zone, exact=False)
        self._bodies: dict[str | None, bytearray] = {}
        self.private = options.private
        self._take_part: Callable[[Any], object] | None = None
        self._unwinding: BaseException | None = None
        self._failed: tuple[int, BaseException | None] = 0, None
        self._began = 0.0
        self._stopping = False
        self._once_more = False
        self._talk: Talk

    @property
    def busy(self) -> bool:
        """Whether a request is on, and waits for what we do now."""
        return self._talk.depth > 0

    @property
    def holds_objects(self) -> bool:
        """Whether someone here refers to an object of the session."""
        return len(self.references.objects) > 0

    @property
    def held(self) -> tuple[int, int]:
        """How many objects of the session are referred to here, and how many functions of ours it has."""
        return len(self.references.objects), len(self.references.functions)

    # ---- start

    def start(self) -> None:
        """Start the interpreter and greet it; raises as any conversation's."""
        self._frames = self._make_frames(self._open())
        self._talk = Talk(self._frames, 2, self._serve, self._notice)
        try:
            self._greet()
        except LinkClosed as e:
            reason = self.backend.exit_reason()
            self.end()
            raise StartError(f"py: the interpreter called and went away: {reason}") from e
        except WireFault as e:
            self.end()
            raise WireError(f"py: {e}") from e
        except BaseException:
            self.end()
            raise
        self._codec.plain = True
        limit = self.backend.reply_limit
        self._frames.limit(min(MAX_BODY, limit), min(MAX_TOTAL, limit))
        self.started = True

    def _make_frames(self, link: Link) -> Frames:
        level = self._options.log_level
        if level == "WARN":
            return Frames(link, _HELLO_SIZE, 0, self.on_idle, self._on_part)
        from axon.session.framelog import LoggedFrames, logger_for

        log = logger_for(level)
        who = f"{self.backend.name} {self.backend.pid or ''}".strip()
        log.info("%s: a session starts", who)
        if level == "INFO":
            return Frames(link, _HELLO_SIZE, 0, self.on_idle, self._on_part)
        frames = LoggedFrames(link, _HELLO_SIZE, 0, self.on_idle, self._on_part)
        frames.log, frames.who = log, who
        return frames

    def _greet(self) -> None:
        """Exchange Hellos; who was called speaks last."""
        if self.backend.host_first:
            self._send_hello()
        kind, _, body, _ = self._frames.recv()
        hello = self._codec.decode(body) if kind == HELLO else None
        check_hello(hello, self._key)
        if not self.backend.host_first:
            self._send_hello()

    def _send_hello(self) -> None:
        options = self._options
        mine = {
            "ver": PROTOCOL,
            "key": self._key,
            "tz": self._zone,
            "units": options.units,
            "nan": options.nan,
            "output": options.output,
            **self.backend.hello_options(),
        }
        self._frames.send(HELLO, 0, self._codec.encode(mine)[0])

    # ---- evaluate

    def eval(
        self, steps: Sequence[Step], expr: str | None, names: dict[str, Any] | None, timeout: float | None
    ) -> Any:
        """Run buffered steps, then evaluate an expression; raises as any conversation's."""
        if not steps and not names:
            known = self._bodies.get(expr)
            if known is not None:
                return self._request(EVAL, known, (), timeout)
        elif len(steps) == 1 and not names and steps[0][0] == STEP_DEFINE:
            one = encode_define(steps[0][1], steps[0][2], expr)
            if one is not None:
                return self._request(EVAL, one, (), timeout)
        elif not steps and names:
            quick = encode_eval(expr, names)
            if quick is not None:
                return self._request(EVAL, quick, (), timeout)
        try:
            body, buffers = self._codec.encode([steps or None, expr, names])
            if not steps and not names and len(body) < _QUICK:
                if len(self._bodies) >= _QUICK:
                    self._bodies.clear()
                self._bodies[expr] = body
        except (TypeError, WireFault) as e:
            raise self._cannot_cross(steps, names, e) from e
        return self._request(EVAL, body, buffers, timeout)

    def call(self, name: str, *args: Any, timeout: float | None = None) -> Any:
        """Ask the session's server for one of its own services."""
        if args and type(args[0]) is PyObj:
            quick = encode_ask(name, args[0].number_for(self), list(args[1:]))
            if quick is not None:
                return self._request(CALL, quick, (), timeout)
        try:
            body, buffers = self._codec.encode([name, *args])
        except (TypeError, WireFault) as e:
            raise ArgErr(f"py: {e}") from e
        return self._request(CALL, body, buffers, timeout)

    def _request(
        self, kind: int, body: bytes | bytearray, buffers: Sequence[Any], timeout: float | None
    ) -> Any:
        outer = self._deadline, self._limit
        outer_stop = self._stopping, self._once_more
        outer_began, self._began = self._began, time.monotonic()
        if self.references.dropped:
            self.references.tell_dropped(self._release)
        if not self._talk.depth:
            self._stopping = self._once_more = False
            self.output.renew()
        if timeout is None:
            self._deadline = self._limit = None
        else:
            self._deadline, self._limit = self._began + timeout, timeout
        if self._talk.depth and outer[0] is not None:  # what is nested does not get more time than the whole
            if self._deadline is None or outer[0] < self._deadline:
                self._deadline, self._limit = outer
        try:
            answer, body_in, buffers_in = self._exchange(kind, body, buffers)
            if not self._talk.depth:
                self.output.look()
            if self._unwinding is not None:
                cause, self._unwinding = self._unwinding, None
                raise cause
            if answer == FAULT:
                raise self._error(self._codec.decode(body_in, buffers_in))
            return self._codec.decode(body_in, buffers_in)
        except LinkClosed as e:
            raise self._gone() from e
        except WireFault as e:
            raise self.refused(e) from e
        finally:
            self._deadline, self._limit = outer
            self._began = outer_began
            if self._talk.depth:
                self._stopping, self._once_more = outer_stop
            elif self._failed[1] is not None:
                self._failed = self._failed[0], None

    def refused(self, fault: WireFault) -> WireError:
        """End the interpreter, which sent nonsense; the error that says so."""
        self.kill()
        return WireError(f"pyEval: {fault}; the interpreter was ended, the next pyEval starts a fresh one")

    def _release(self, dropped: list[list[int]]) -> None:
        self._frames.send(RELEASE, 0, self._codec.encode(dropped)[0])

    def _exchange(
        self, kind: int, body: bytes | bytearray, buffers: Sequence[Any]
    ) -> tuple[int, bytes, list[memoryview]]:
        talk = self._talk
        request = None
        begun = False
        try:
            # A request to stop comes between two frames, while code of ours runs, or at last.
            with SHIELD, INTERRUPTS:
                begun = True
                request = talk.start(kind, body, buffers)
                return talk.wait(request)
        except (WireFault, SessionTimeout):
            raise
        except BaseException as e:
            if request is not None and not self._frames.inside:
                self._unwind(request)
            elif begun:  # who knows how much of it was sent, or read
                self._give_up(e)
            raise

    def _unwind(self, request: int) -> None:
        """We were interrupted ourselves: stop the code that runs there, keep the session if it answers."""
        if self.ended:
            return
        if not self._options.interrupts:
            self.kill()
            return
        now = time.monotonic()
        self._stop(now, self._deadline is not None and now - self._deadline + (self._limit or 0) < _YOUNG)
        self._limit = None
        try:
            # The answer may have come and be lost; the one to a question that is asked after it is not.
            self._talk.settle(request, self._talk.start(CALL, *self._codec.encode(["echo", None])))
        except (WireFault, SessionTimeout) as e:
            self._give_up(e)
        except BaseException as e:
            self._give_up(e)
            raise

    def _give_up(self, error: BaseException) -> None:
        """End the interpreter, and say so: its variables are lost."""
        self.kill()
        import logging

        logging.getLogger("axon.session").warning(
            "an interpreter was ended, the next pyEval starts a fresh one: %s",
            error if str(error) else f"{type(error).__name__} while its code was being stopped",
        )

    # ---- what the session asks of us

    def _serve(self, kind: int, request: int, body: bytes, buffers: list[memoryview]) -> None:
        """Answer a request of session code, which waits for it; whatever fails is told there."""
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self.look_at_clock()
        if kind != CALL:
            raise WireFault(_NO_SUCH_THING)
        codec = self._codec
        called = decode_call(codec, body, buffers)
        asked = codec.decode(body, buffers) if called is None else None
        try:
            try:
                held = SHIELD.lift()
                try:
                    INTERRUPTS.let()
                    if called is None:
                        value = self._do(asked)
                    else:
                        number, args = called
                        functions = self.references.functions
                        if number not in functions or type(args) is not list:
                            raise WireFault("the session called a function that it was not given")
                        value = functions[number][0](*args)
                finally:
                    INTERRUPTS.hold()
                    SHIELD.hold_again(held)
                out, bufs = codec.encode(value)
                answer = RESULT
            except (WireFault, SessionClosed):
                raise
            except Exception as e:
                if type(e) is SessionTimeout and self._is_late():
                    raise _TimeIsUp(e) from e
                from axon.session.faults import fault_of

                out, bufs = self._codec.encode({**fault_of(e), "number": self._remember(e)})
                answer = FAULT
        except (WireFault, SessionClosed):
            raise
        except BaseException as e:
            self._unwinding = e.error if type(e) is _TimeIsUp else e
            self._stopping = True
            self._limit = None
            self._deadline = time.monotonic() + self._options.grace
            out, bufs = self._codec.encode({"type": "KeyboardInterrupt", "dis": "interrupted"})
            answer = FAULT
        self._frames.send(answer, request, out, bufs)

    def _remember(self, error: Exception) -> int:
        """Keep an error that goes to session code, in case one comes of it here; its number."""
        origin = error.__cause__ if type(error) is EvalError else None  # Axon's name for an exception
        number = self._failed[0] + 1
        self._failed = number, origin or error
        return number

    def _is_late(self) -> bool:
        """Whether the time of the request that waits for this answer is up too."""
        return self._limit is not None and self._deadline is not None and time.monotonic() >= self._deadline

    def _do(self, asked: Any) -> Any:
        """Do what session code may ask for besides functions that it was given: evaluate, if it may."""
        if type(asked) is not list or len(asked) < 2:
            raise WireFault(_NO_SUCH_THING)
        what = asked[0]
        if what in ("eval", "function") and type(asked[1]) is str:
            if self.evaluate is None:
                raise ArgErr(
                    f"axon.{what[:4]}: this session may not evaluate Axon; open it with {{callbacks}}"
                )
            return self.evaluate(asked[1], asked[2] if what == "eval" else None)
        raise WireFault(_NO_SUCH_THING)

    # ---- what objects of the session ask

    def ask(self, *request: Any) -> Any:
        """A request about an object of the session, under the session's own time limit."""
        with self.lock:
            return self.call(*request, timeout=self.timeout)

    def ask_in_parts(self, take: Callable[[Any], object], *request: Any) -> None:
        """`ask`, where the answer comes in parts: `take` gets each while the session makes the next.

        What it raises must be a WireFault.
        """
        with self.lock:
            outer, self._take_part = self._take_part, take
            try:
                self.call(*request, timeout=self.timeout)
            finally:
                self._take_part = outer

    # ---- what comes besides answers

    def _notice(self, kind: int, request: int, body: bytes, buffers: list[memoryview]) -> None:
        self.look_at_clock()
        self._let_in()
        if kind == OUTPUT:
            self.output.show(body.decode("utf-8", "replace"))
        elif kind == PROGRESS:
            self.progress(self._codec.decode(body, buffers))
        elif kind == PART and self._take_part is not None:
            self._take_part(self._codec.decode(body, buffers))
        elif kind == RELEASE:
            self.references.release(self._codec.decode(body))
        elif kind == READY:
            layers = self._codec.decode(body)
            if type(layers) is not list or not all(type(layer) is str for layer in layers):
                raise WireFault("the session's Ready is not a list of names")
            self.layers = layers
            self.backend.ready(layers)

    def _time_is_up(self, now: float) -> None:
        if self._limit is None and not self._stopping:
            raise LinkClosed("the interpreter did not answer")
        if self._once_more:
            self._once_more = False
            self._deadline = now + self._options.grace
            self.interrupt()
            return
        if not self._stopping and self._options.interrupts:
            self._stop(now, now - self._began < _YOUNG)
            return
        limit = self._limit
        self.kill()
        if limit is None:
            raise SessionTimeout("pyEval: the Python code did not stop when interrupted")
        why = (
            "and the Python code did not stop when interrupted"
            if self._options.interrupts
            else "no interrupts"
        )
        raise SessionTimeout(
            f"pyEval: no result within {_duration(limit)}{self._trouble()}, {why}: {self.backend.after_kill}"
        )

    def _stop(self, now: float, young: bool) -> None:
        """Interrupt, and give it time; the code of a young request may not have begun, and miss it."""
        self._stopping, self._once_more = True, young
        self._deadline = now + (_AGAIN if young else self._options.grace)
        self.interrupt()

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the code that runs in the session."""
        if not self.backend.asks_to_stop:
            self.backend.interrupt()
            return
        try:
            self._frames.send_now(INTERRUPT, _PATIENCE)
        except LinkClosed:  # nothing runs there any more
            return

    # ---- errors

    def _error(self, fault: Any) -> Exception:
        if type(fault) is not dict or type(fault.get("type")) is not str or type(fault.get("dis")) is not str:
            raise WireFault("the session's error is not one")
        self.failed_step = fault.get("step", -1)
        if "exit" in fault or fault["type"] == "SystemExit":
            self.end()
            return SessionClosed(
                f"pyEval: the Python code ended its interpreter by exit({fault.get('exit', 0)}); "
                "the next pyEval starts a fresh one"
            )
        if fault["type"] == "KeyboardInterrupt" and self._stopping and self._limit is not None:
            return SessionTimeout(
                f"pyEval: no result within {_duration(self._limit)}{self._trouble()}; "
                f"the Python code was interrupted{', its variables are kept' if self.keeps else ''}"
            )
        from axon.session.faults import remote_error

        found = remote_error(fault)
        number, origin = self._failed
        if fault.get("number") == number:
            found.__cause__ = origin
        return found

    def _cannot_cross(self, steps: Sequence[Step], names: dict[str, Any] | None, error: Exception) -> ArgErr:
        """Name the variable whose value can't cross."""
        values = [(step[1], step[2]) for step in steps if step[0] == STEP_DEFINE] + list(
            (names or {}).items()
        )
        for name, value in values:
            try:
                self._codec.encode(value)
            except (TypeError, WireFault) as e:
                return ArgErr(f"pyDefine: the value of {name} cannot go to Python: {e}")
        return ArgErr(f"pyEval: {error}")

    def _say_goodbye(self) -> None:
        try:
            self._frames.send(CLOSE, 0, b"")
        except (WireFault, SessionTimeout):
            pass


class _TimeIsUp(BaseException):
    """The time of a whole chain of requests is up: `error` says so, no code on the way may go on."""

    def __init__(self, error: SessionTimeout) -> None:
        super().__init__()
        self.error = error


def _find_zone(key: str) -> Any:
    from pylib.times import zone_by_id

    return zone_by_id(key)


def _duration(seconds: float) -> str:
    for size, unit in ((3600, "hr"), (60, "min"), (1, "sec")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}sec" if seconds >= 1 else f"{seconds * 1000:g}ms"
