"""A conversation with one interpreter, whatever protocol it speaks: open a link, wait on it, end.

No thread: whoever calls waits on the link, and looks at the clock, at the output below Python and at the
interpreter's health whenever the link has been silent for a tick.
"""

from __future__ import annotations

import select
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from axon.errors import SessionClosed
from axon.runtime.limits import SHIELD
from axon.session.backends.base import Backend, Link
from axon.session.backends.home import TICK
from axon.session.interrupts import INTERRUPTS
from axon.session.options import SessionOptions
from axon.session.output import Output
from pylib.frames import LinkClosed

if TYPE_CHECKING:
    from axon.session.objects import PyObj

__all__ = ["Conversation", "Step"]

Step = list[Any]
"""`[0, name, value]` binds a variable, `[1, code, label]` runs statements."""


class Stream(Protocol):
    """What a conversation needs to know of its messages on the link."""

    inside: bool
    """Whether one is half sent, or half read."""

    def close(self) -> None:
        """Close the link; safe twice."""


class Conversation(ABC):
    """One conversation with one interpreter.

    Args:
        backend: where the interpreter runs; owned by the conversation from here on.
        key: what the interpreter must show.
        options: of the session.
    """

    started = False
    """Whether the interpreter was started and greeted."""
    ended = False
    """Whether it is over; another interpreter must be started."""
    failed_step = -1
    """Index of the step in which the last RemoteError arose, -1 for the expression."""

    _frames: Stream

    def __init__(self, backend: Backend, key: str, options: SessionOptions) -> None:
        self.backend = backend
        self.layers: list[str] = []
        self.output = Output(options.output)
        self._options = options
        self._key = key
        # What the session lends, and asks of us:
        self.lock = threading.RLock()
        self.timeout = options.timeout
        self.keeps = True
        self.keeper: Any = None
        self.evaluate: Callable[[str, list[Any] | None], Any] | None = None
        self.make_function: Callable[[PyObj], Any] | None = None
        self.progress: Callable[[Any], object] = _swallow
        self._deadline: float | None = None
        self._limit: float | None = None
        self._waits_since: float | None = None

    # ---- what the protocol makes of it

    @abstractmethod
    def start(self) -> None:
        """Start the interpreter and greet it.

        Raises:
            StartError: it did not start; nothing is left behind.
            WireError: it speaks another protocol or does not have the key.
        """

    @abstractmethod
    def eval(
        self, steps: Sequence[Step], expr: str | None, names: dict[str, Any] | None, timeout: float | None
    ) -> Any:
        """Run buffered steps, then evaluate an expression; None without expression.

        Args:
            timeout: seconds, None for no limit.

        Raises:
            ArgErr: a value that can't cross.
            RemoteError: Python code raised; `step` of its fault is in `failed_step`.
            SessionTimeout: the time ran out; `ended` tells whether the interpreter survived.
            SessionClosed: the interpreter ended.
            WireError: the interpreter sent nonsense, and was killed for it.
        """

    @abstractmethod
    def call(self, name: str, *args: Any, timeout: float | None = None) -> Any:
        """Ask the session's server for one of its own services."""

    @abstractmethod
    def interrupt(self) -> None:
        """Stop the code that runs in the session."""

    @abstractmethod
    def _time_is_up(self, now: float) -> None:
        """The deadline has passed: go on with a later one, or raise.

        Raises:
            SessionTimeout: of the request that is on.
            LinkClosed: there was no Hello in time.
        """

    @abstractmethod
    def _say_goodbye(self) -> None:
        """The last word, if the protocol has one."""

    @property
    def busy(self) -> bool:
        """Whether a request is on, and waits for what we do now."""
        return False

    @property
    def holds_objects(self) -> bool:
        """Whether someone here refers to an object of the session."""
        return False

    @property
    def held(self) -> tuple[int, int]:
        """How many objects of the session are referred to here, and how many functions of ours it has."""
        return 0, 0

    # ---- start

    def _open(self) -> Link:
        """Start the interpreter, which is to be greeted in time; watch its link and what it prints."""
        link = self.backend.start()
        self._poll = select.poll()
        self._poll.register(link.fileno(), select.POLLIN)
        self.output.open(self.backend.output_fd(), self._poll)
        self._deadline = time.monotonic() + self._options.start_timeout
        return link

    # ---- wait

    def on_idle(self) -> None:
        """The link was silent for a tick."""
        if self._frames.inside:
            self._on_part()
        else:
            self._let_in()
        self.output.drain()
        now = time.monotonic()
        wait = TICK
        if self._deadline is not None:
            if now >= self._deadline:
                self._time_is_up(now)
            wait = min(wait, max(0.0, (self._deadline or now) - now))
        if not self._poll.poll(wait * 1000) and not self.backend.alive():
            if not self._poll.poll(0):
                raise LinkClosed("the interpreter ended")

    def _let_in(self) -> None:
        """Let a request to stop come, if one waits."""
        self._waits_since = None
        SHIELD.hold_again(SHIELD.lift())
        if INTERRUPTS.waiting:
            INTERRUPTS.let()
            INTERRUPTS.hold()

    def _on_part(self) -> None:
        """A piece of a frame came. One that never gets whole does not keep a request to stop out for ever."""
        self.look_at_clock()
        if INTERRUPTS.waiting or SHIELD.waiting:
            now = time.monotonic()
            if self._waits_since is None:
                self._waits_since = now
            elif now - self._waits_since > self._options.grace:
                self._let_in()

    def look_at_clock(self) -> None:
        """A flood, or a trickle, leaves no idle moment to do so."""
        if self._deadline is not None:
            now = time.monotonic()
            if now >= self._deadline:
                self._time_is_up(now)

    def _trouble(self) -> str:
        found = self.backend.trouble()
        return f" ({found})" if found else ""

    def _gone(self) -> SessionClosed:
        reason = self.backend.exit_reason()
        self.output.drain()
        self.end()
        return SessionClosed(
            f"pyEval: the Python interpreter is gone: {reason}; the next pyEval starts a fresh one"
        )

    # ---- end

    def end(self) -> None:
        """End the interpreter, letting it finish by itself for a moment. Safe twice."""
        self._finish(kind=True)

    def kill(self) -> None:
        """End the interpreter at once. Safe twice."""
        self._finish(kind=False)

    def _finish(self, kind: bool) -> None:
        if self.ended:
            return
        self.ended = True
        self.output.close()
        try:
            if not kind:
                self.backend.kill()
            else:
                try:
                    self._say_goodbye()
                finally:
                    self._frames.close()
        finally:
            self.backend.close()
            self._frames.close()


def _swallow(progress: Any) -> None:
    """Nobody wants it."""
