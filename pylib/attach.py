"""A running program (a notebook, a service, a window) lets one Axon at a time work in it.

    from pylib.attach import attach
    door = attach()                  # tcp on this machine, any free port, a fresh key
    print(door.url, door.key)        # py({attach: url, key: key}) on the other side
    door.serve()                     # in this thread, until `close`; or `start()` for a thread of its own

A program with an event loop watches `fileno()` and calls `step()` when it is readable. Whoever has the key
runs code in this program with all its rights: there is no sandbox here. What the code prints stays here;
`axon.echo` writes to the caller. When Axon leaves, the program goes on and waits for the next.

While code of the caller runs, a thread looks twenty times a second whether the caller wants it to stop.
KeyboardInterrupt then rises in that code: at once where the main thread serves, also out of a `sleep`; in
another thread as soon as it runs Python code.
"""

from __future__ import annotations

import os
import select
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from typing import Any

    from pylib.attached import AttachedServer

__all__ = ["Door", "attach"]

_HELLO_SIZE = 4096
_GREET_SECONDS = 5.0


def attach(address: str = "tcp://127.0.0.1:0", key: str = "", space: dict[str, Any] | None = None) -> Door:
    """Open this program to one Axon at a time.

    Args:
        address: `unix:///path` or `tcp://host:port`; port 0 takes a free one.
        key: what the caller must know; made here when empty.
        space: the variables that evaluations see; those of `__main__` by default.

    Raises:
        OSError: the address can't be used.
        ValueError: it is no address.
    """
    return Door(
        address, key or os.urandom(16).hex(), sys.modules["__main__"].__dict__ if space is None else space
    )


class Door:
    """The listening end; made by `attach`."""

    def __init__(self, address: str, key: str, space: dict[str, Any]) -> None:
        self.key = key
        self._space = space
        self._path = ""
        self._server: AttachedServer | None = None
        self._link: socket.socket | None = None
        self._closed = False
        self._limit = 0
        scheme, _, rest = address.partition("://")
        if scheme == "unix":
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            old = os.umask(0o177)
            try:
                self._listener.bind(rest)
            finally:
                os.umask(old)
            self._path = rest
            self.url = address
        elif scheme == "tcp":
            host, _, port = rest.rpartition(":")
            self._listener = socket.create_server((host, int(port)))
            self.url = f"tcp://{host}:{self._listener.getsockname()[1]}"
        else:
            raise ValueError(f"not an address such as tcp://127.0.0.1:0 or unix:///path: {address}")
        self._listener.listen(1)
        self._listener.setblocking(False)
        self._wake, self._waker = socket.socketpair()
        self._poll = select.epoll() if hasattr(select, "epoll") else None
        if self._poll is not None:
            self._poll.register(self._listener.fileno(), select.EPOLLIN)
            self._poll.register(self._wake.fileno(), select.EPOLLIN)

    def fileno(self) -> int:
        """What an event loop watches; Linux only."""
        if self._poll is None:
            raise OSError("this system has no epoll: use serve() or start()")
        return self._poll.fileno()

    def serve(self) -> None:
        """Serve in this thread until `close`, one Axon after the other."""
        while not self._closed:
            watched = [self._wake, self._link or self._listener]
            if self._wake in select.select(watched, [], [])[0]:
                return
            self.step()

    def start(self) -> threading.Thread:
        """Serve in a thread of its own."""
        import threading

        thread = threading.Thread(target=self.serve, name="axon attach", daemon=True)
        thread.start()
        return thread

    def step(self) -> None:
        """Do what is to be done now: let a caller in, or serve its next request; blocks no longer than
        that."""
        if self._closed:
            return
        if self._server is None:
            self._let_in()
        else:
            self._serve_once(self._server)

    def _let_in(self) -> None:
        from pylib.frames import WireFault

        try:
            link, _ = self._listener.accept()
        except BlockingIOError:
            return
        link.settimeout(_GREET_SECONDS)
        try:
            self._server = self._greet(link)
        except (WireFault, OSError):
            link.close()
            return
        link.settimeout(None)
        self._link = link
        self._make_room()
        self._watch(self._server, link)
        if self._poll is not None:
            self._poll.unregister(self._listener.fileno())
            self._poll.register(link.fileno(), select.EPOLLIN)

    def _greet(self, link: socket.socket) -> AttachedServer:
        """Check the caller's Hello before saying anything."""
        from pylib.attached import AttachedServer
        from pylib.codec import Codec
        from pylib.frames import MAX_BODY, MAX_TOTAL, Frames, WireFault
        from pylib.messages import HELLO, PROTOCOL, check_hello

        def refuse(*_: Any) -> Any:
            raise TypeError("a Hello carries plain values")

        def idle() -> None:
            raise WireFault("the caller did not greet in time")

        codec = Codec(refuse, refuse)
        frames = Frames(link, _HELLO_SIZE, 0, idle)
        kind, _, body, buffers = frames.recv()
        hello: Any = codec.decode(body, buffers) if kind == HELLO else None
        check_hello(hello, self.key)
        mine = {"ver": PROTOCOL, "key": self.key, "pid": os.getpid(), "python": sys.version.split()[0]}
        frames.send(HELLO, 0, codec.encode(mine)[0])
        frames.limit(MAX_BODY, MAX_TOTAL)
        server = AttachedServer(frames, hello, self._space)
        server.ready()
        return server

    def _make_room(self) -> None:
        """Allow as many frames as evaluations and callbacks need that nest a hundred deep, until the caller
        leaves."""
        from pylib.server import DEPTH

        self._limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(DEPTH, self._limit))

    def _take_room(self) -> None:
        """Set the program's own limit of frames again, unless its code has set another one."""
        from pylib.server import DEPTH

        if sys.getrecursionlimit() == DEPTH and self._limit:
            sys.setrecursionlimit(self._limit)
        self._limit = 0

    def _watch(self, server: AttachedServer, link: socket.socket) -> None:
        import threading

        args = (link.dup(),)
        threading.Thread(target=server.watch, args=args, name="axon attach watch", daemon=True).start()

    def _serve_once(self, server: AttachedServer) -> None:
        from pylib.frames import LinkClosed, WireFault

        try:
            server.step()
        except (LinkClosed, WireFault):
            server.closing = True
        if server.closing:
            self._leave()

    def _leave(self) -> None:
        link, self._link, server, self._server = self._link, None, self._server, None
        if server is not None:
            server.closing = True
        if link is not None:
            self._take_room()
            if self._poll is not None:
                self._poll.unregister(link.fileno())
                self._poll.register(self._listener.fileno(), select.EPOLLIN)
            link.close()

    def close(self) -> None:
        """Let nobody in any more, and end `serve`; safe twice."""
        if self._closed:
            return
        self._closed = True
        self._waker.send(b"x")
        self._listener.close()
        if self._path:
            os.unlink(self._path)

    def __enter__(self) -> Door:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
