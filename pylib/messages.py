"""The messages of the protocol: kinds of frames, the Hello, and one conversation over frames.

Both ends are peers. A request (Eval, Call) is answered by one Result or Fault with the same request id;
while a peer waits for its answer it serves the requests of the other, so requests nest to any depth, strictly
last in, first out. Notices (Output, Progress, Release, Interrupt, Close, Ready, Part) have no answer.
"""

from __future__ import annotations

from pylib.frames import WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pylib.frames import Bytes, Frames

__all__ = [
    "CALL",
    "CLOSE",
    "EVAL",
    "FAULT",
    "HELLO",
    "INTERRUPT",
    "NAMES",
    "OUTPUT",
    "PART",
    "PROGRESS",
    "PROTOCOL",
    "READY",
    "RELEASE",
    "RESULT",
    "STEP_DEFINE",
    "STEP_EXEC",
    "Talk",
    "check_hello",
]

PROTOCOL = 1
"""Version of the protocol; `WIRE.md` lists what changed."""

HELLO = 1
RESULT = 2
FAULT = 3
EVAL = 4
CALL = 5
OUTPUT = 8
PROGRESS = 9
RELEASE = 10
INTERRUPT = 11
CLOSE = 12
READY = 13
PART = 14
_FIRST_NOTICE = OUTPUT

NAMES = {
    HELLO: "Hello",
    RESULT: "Result",
    FAULT: "Fault",
    EVAL: "Eval",
    CALL: "Call",
    OUTPUT: "Output",
    PROGRESS: "Progress",
    RELEASE: "Release",
    INTERRUPT: "Interrupt",
    CLOSE: "Close",
    READY: "Ready",
    PART: "Part",
}

STEP_DEFINE = 0
"""Step `[0, name, value]`: bind a variable."""
STEP_EXEC = 1
"""Step `[1, code, label]`: run statements."""


def check_hello(hello: object, key: str) -> None:
    """Refuse a peer with another protocol or key.

    Raises:
        WireFault: with a plain sentence for the user.
    """
    if type(hello) is not dict or type(hello.get("ver")) is not int or type(hello.get("key")) is not str:
        raise WireFault("the first message was not a Hello of this protocol")
    if hello["ver"] != PROTOCOL:
        raise WireFault(
            f"the other end speaks protocol {hello['ver']}, this end speaks {PROTOCOL}: update the older one"
        )
    from _operator import _compare_digest

    if not _compare_digest(hello["key"].encode(), key.encode()):
        raise WireFault("the other end does not have the key of this session")


class Talk:
    """One conversation: requests out, requests in, notices in.

    Args:
        frames: the stream.
        first: request id to begin with; the host counts even numbers, the session odd ones.
        serve: called with kind, request id, body, buffers of a request; it must send the answer.
        notice: called with kind, request id, body, buffers of a notice.
    """

    __slots__ = ("_next", "depth", "frames", "notice", "serve")

    def __init__(
        self,
        frames: Frames,
        first: int,
        serve: Callable[[int, int, bytes, list[memoryview]], None],
        notice: Callable[[int, int, bytes, list[memoryview]], None],
    ) -> None:
        self.frames = frames
        self.serve = serve
        self.notice = notice
        self.depth = 0
        self._next = first

    def start(self, kind: int, body: Bytes, buffers: Sequence[Bytes] = ()) -> int:
        """Send a request; its id, for `wait`."""
        request = self._next
        self._next = (request + 2) & 0xFFFFFFFF
        self.frames.send(kind, request, body, buffers)
        return request

    def wait(self, request: int) -> tuple[int, bytes, list[memoryview]]:
        """Serve the other end until the answer to a request is there: kind, body, buffers.

        Raises:
            WireFault: an answer to another request, or a broken link.
        """
        frames, serve = self.frames, self.serve
        self.depth += 1
        try:
            while True:
                kind, of, body, buffers = frames.recv()
                if kind == RESULT or kind == FAULT:
                    if of != request:
                        raise WireFault(f"an answer to request {of} came while {request} was waiting")
                    return kind, body, buffers
                if kind == CALL or kind == EVAL:
                    serve(kind, of, body, buffers)
                else:
                    self.take(kind, of, body, buffers)
        finally:
            self.depth -= 1

    def settle(self, request: int, probe: int) -> None:
        """Wait for the answer to `probe`, the last request; the one to `request`, before it, may have come.

        A request that is served meanwhile is of code that `request` runs: then its answer is still to come,
        after that to the probe.

        Raises:
            WireFault: an answer to another request, or a broken link.
        """
        left = {probe}
        self.depth += 1
        try:
            while left:
                kind, of, body, buffers = self.frames.recv()
                if kind == RESULT or kind == FAULT:
                    if of != probe and of != request:
                        raise WireFault(f"an answer to request {of} came while {request} was waiting")
                    left.discard(of)
                    continue
                if kind < _FIRST_NOTICE:
                    left.add(request)
                self.take(kind, of, body, buffers)
        finally:
            self.depth -= 1

    def take(self, kind: int, request: int, body: bytes, buffers: list[memoryview]) -> None:
        """Handle one frame that is not an answer."""
        if kind >= _FIRST_NOTICE:
            self.notice(kind, request, body, buffers)
        elif kind == EVAL or kind == CALL:
            self.serve(kind, request, body, buffers)
        else:
            raise WireFault(f"a message of kind {NAMES.get(kind, kind)} is not allowed here")
