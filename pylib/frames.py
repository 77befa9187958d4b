"""Frames on a stream: bytes out, bytes in, with sizes checked before anything is allocated.

A frame is a header of 20 bytes, a body, and any number of buffers that travel beside the body:

    u32 length of the body · u32 request id · u32 number of buffers · u8 kind · u8 flags · u16 zero · u32
    magic

then one u64 per buffer (its length), the body, the buffers. Numbers are little-endian. Frames know no
values and no transport: a link is anything with the four socket calls of `Link`.

The thread that reads is the only one that reads; any thread may send. A receive that finds nothing for the
link's own receive time-out calls `on_idle`, so that a waiting host can look at its clock without a thread.
"""

from __future__ import annotations

from _thread import allocate_lock
from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol, Union

    Bytes = Union[bytes, bytearray, memoryview]

    class Link(Protocol):
        """What frames need of a connected socket."""

        def recv(self, size: int, /) -> bytes: ...
        def recv_into(self, buffer: memoryview, /) -> int: ...
        def send(self, data: Bytes, /) -> int: ...
        def sendmsg(self, buffers: Sequence[Bytes], /) -> int: ...
        def fileno(self) -> int: ...
        def close(self) -> None: ...

    Frame = tuple[int, int, bytes, list[memoryview]]

__all__ = ["HEADER", "MAGIC", "MAX_BODY", "MAX_BUFFERS", "MAX_TOTAL", "Frames", "LinkClosed", "WireFault"]

HEADER = Struct("<IIIBBHI")
MAGIC = 0x4E4F5841
"""The letters AXON: tells a stranger on the socket from a frame."""
MAX_BODY = 1 << 30
"""Bytes: the longest body that is accepted."""
MAX_BUFFERS = 1 << 18
"""How many buffers a frame may carry."""
MAX_TOTAL = 1 << 34
"""Bytes: all buffers of one frame together."""
_CHUNK = 32768
_IOV = 512
_HUGE = 1 << 21
"""Bytes of a huge page."""
_LARGE = 1 << 22
"""Bytes: from this size on, a buffer is a mapping of its own; below, the heap has pages that are warm."""
_SIZE = HEADER.size
_HEAD = Struct("<IIIB7s")
"""The header with all that follows the kind in one piece."""
_TAIL = HEADER.pack(0, 0, 0, 0, 0, 0, MAGIC)[13:]
_pack = _HEAD.pack
_unpack = _HEAD.unpack_from


class WireFault(Exception):
    """What came over the link is not what the protocol allows; the message says what."""


class LinkClosed(WireFault):
    """The other end closed the link."""


def _room(size: int) -> Any:
    """Memory of at least `size` zeros that can be written.

    A large piece is a mapping in huge pages, where the kernel has them, and is not cleared before it is
    filled: the thousands of page faults of ordinary memory cost more than all the rest of a transfer. Only a
    mapping of whole huge pages begins at one; the last of them is huge where that wastes an eighth at most.
    """
    if size < _LARGE:
        return bytearray(size)
    full = -(-size // _HUGE) * _HUGE
    try:
        from mmap import MADV_HUGEPAGE, MAP_ANONYMOUS, MAP_PRIVATE, mmap

        made = mmap(-1, full, MAP_PRIVATE | MAP_ANONYMOUS)
    except (ImportError, OSError):  # another system than Linux; no memory is said by the next line
        return bytearray(size)
    try:
        made.madvise(MADV_HUGEPAGE, 0, full if (full - size) * 8 <= size else full - _HUGE)
    except OSError:  # a kernel without huge pages
        pass
    return made


def _nothing() -> None:
    """Wait on: there is no clock to look at."""


class Frames:
    """A stream of frames over a link.

    Args:
        link: a connected socket.
        max_body: bytes, the longest body accepted from the other end.
        max_total: bytes, the most that the buffers of one frame may hold together.
        on_idle: called whenever the link's own time-out passes without data; may raise.
        on_part: called after each piece of a large frame; may raise.
    """

    __slots__ = (
        "_early",
        "_lock",
        "_max_body",
        "_max_total",
        "_recv",
        "_send",
        "inside",
        "link",
        "on_idle",
        "on_part",
    )

    def __init__(
        self,
        link: Link,
        max_body: int = MAX_BODY,
        max_total: int = MAX_TOTAL,
        on_idle: Callable[[], None] = _nothing,
        on_part: Callable[[], None] = _nothing,
    ) -> None:
        self.link = link
        self.on_idle = on_idle
        self.on_part = on_part
        self.inside = False
        """Whether a large frame is half read, or one is half sent: who leaves now can't come back."""
        self._max_body = max_body
        self._max_total = max_total
        self._early = b""
        self._lock = allocate_lock()
        self._recv = link.recv
        self._send = link.send

    @property
    def has_more(self) -> bool:
        """Whether more has arrived than was handed out."""
        return bool(self._early)

    @property
    def next_kind(self) -> int:
        """The kind of a frame that has arrived but was not handed out, else 0."""
        return self._early[12] if len(self._early) >= _SIZE else 0

    def limit(self, max_body: int, max_total: int) -> None:
        """Set what is accepted from now on, in bytes."""
        self._max_body = max_body
        self._max_total = max_total

    def send(self, kind: int, request: int, body: Bytes, buffers: Sequence[Bytes] = ()) -> None:
        """Send one frame; a whole small frame costs one system call.

        Raises:
            LinkClosed: the other end is gone.
            WireFault: the body is longer than a frame can hold.
        """
        size = len(body)
        if buffers or size > _CHUNK:
            self._send_large(kind, request, body, buffers)
            return
        data = _pack(size, request, 0, kind, _TAIL) + body
        with self._lock:
            try:
                sent = self._send(data)
            except OSError as e:
                self._cannot_send(e)
                sent = 0
            if sent != len(data):
                self._send_rest([memoryview(data)[sent:]])

    def _send_large(self, kind: int, request: int, body: Bytes, buffers: Sequence[Bytes]) -> None:
        if len(body) > MAX_BODY:
            raise WireFault(f"a value of {len(body)} bytes does not fit in a frame of {MAX_BODY}")
        head = _pack(len(body), request, len(buffers), kind, _TAIL)
        sizes = b"".join([len(b).to_bytes(8, "little") for b in buffers])
        with self._lock:
            self._send_rest([memoryview(p) for p in (head + sizes, body, *buffers) if len(p)])

    def send_now(self, kind: int, seconds: float) -> bool:
        """Send an empty frame from whatever thread; False when another frame is half sent for that long.

        Raises:
            LinkClosed: the other end is gone.
        """
        if not self._lock.acquire(timeout=seconds):
            return False
        try:
            self._send_rest([memoryview(_pack(0, 0, 0, kind, _TAIL))])
        finally:
            self._lock.release()
        return True

    def _send_rest(self, views: list[memoryview]) -> None:
        first = 0
        while first < len(views):
            try:
                sent = self.link.sendmsg(views[first : first + _IOV])
            except OSError as e:
                self._cannot_send(e)
                continue
            while sent:
                size = len(views[first])
                if sent < size:
                    views[first] = views[first][sent:]
                    break
                sent -= size
                first += 1

    def _cannot_send(self, error: OSError) -> None:
        """Go on where the link just took nothing within its own time."""
        if not isinstance(error, BlockingIOError):
            raise LinkClosed(f"the link is closed ({error})") from error
        was, self.inside = self.inside, True
        self.on_idle()
        self.inside = was

    def recv(self) -> Frame:
        """Wait for the next frame: kind, request id, body, buffers.

        Raises:
            LinkClosed: the other end closed the link.
            WireFault: what came is not a frame, or larger than allowed.
        """
        data = self._early
        while len(data) < _SIZE:
            self._early = data = data + self._some()
        length, request, count, kind, tail = _unpack(data)
        if tail != _TAIL:
            raise WireFault("what came over the link is not a frame of this protocol")
        end = _SIZE + length
        if not count and len(data) >= end and length <= self._max_body:
            self._early = data[end:]
            return kind, request, data[_SIZE:end], []
        return self._recv_large(data[_SIZE:], length, request, count, kind)

    def _recv_large(self, early: bytes, length: int, request: int, count: int, kind: int) -> Frame:
        if length > self._max_body:
            raise WireFault(f"a frame of {length} bytes is longer than the limit of {self._max_body}")
        if count > MAX_BUFFERS:
            raise WireFault(f"a frame with {count} buffers has more than the limit of {MAX_BUFFERS}")
        self._early = early
        self.inside = True
        table = self._take(8 * count)
        sizes = [int.from_bytes(table[i : i + 8], "little") for i in range(0, 8 * count, 8)]
        if sum(sizes) > self._max_total:
            raise WireFault(f"buffers of {sum(sizes)} bytes are more than the limit of {self._max_total}")
        body = self._take(length)
        blocks = [self._take(size) for size in sizes]
        self.inside = False
        return kind, request, bytes(body), blocks

    def _take(self, size: int) -> memoryview:
        """Read exactly `size` bytes, without a copy for what has not arrived yet."""
        room = memoryview(_room(size))[:size]
        have = min(size, len(self._early))
        room[:have] = self._early[:have]
        self._early = self._early[have:]
        while have < size:
            try:
                got = self.link.recv_into(room[have:])
            except BlockingIOError:
                self.on_idle()
                continue
            except OSError as e:
                raise LinkClosed(f"the link is closed ({e})") from e
            if not got:
                raise LinkClosed("the link was closed in the middle of a frame")
            have += got
            self.on_part()
        return room

    def _some(self) -> bytes:
        while True:
            try:
                data = self._recv(_CHUNK)
            except BlockingIOError:
                self.on_idle()
                continue
            except OSError as e:
                raise LinkClosed(f"the link is closed ({e})") from e
            if not data:
                raise LinkClosed("the other end closed the link")
            return data

    def close(self) -> None:
        """Close the link; safe twice."""
        self.link.close()
