"""Start of a session's interpreter: guard the standard streams, call home, put the walls up, serve.

Where to call and with which key come by environment, never by command line, which everybody can read:
`AXON_HOME` is the path of the host's socket, or `tcp:HOST:PORT`; `AXON_KEY` is the key of this session.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["connect", "main"]

_BUFFER = 1 << 20
"""Bytes under way to the host: a large value takes twice as long through the system's default."""


def connect(home: str) -> Any:
    """Call the host: a connected socket."""
    import _socket as socket  # the C half: the Python half of `socket` costs 10 ms

    if home.startswith("tcp:"):
        host, _, port = home[4:].rpartition(":")
        link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        link.connect((host, int(port)))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    else:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        link.connect(home)
    return link


def _greet(frames: Any, key: str) -> dict[str, Any]:
    """Exchange Hellos; the options that the host sends with its own."""
    from pylib.codec import Codec
    from pylib.messages import HELLO, PROTOCOL, check_hello

    def refuse(*_: Any) -> Any:
        raise TypeError("a Hello carries plain values")

    codec = Codec(refuse, refuse)
    hello = {"ver": PROTOCOL, "key": key, "pid": os.getpid(), "python": sys.version.split()[0]}
    frames.send(HELLO, 0, codec.encode(hello)[0])
    kind, _, body, buffers = frames.recv()
    answer: Any = codec.decode(body, buffers) if kind == HELLO else None
    check_hello(answer, key)
    return dict(answer)


def main(link: Any = None) -> None:
    """Run one session to its end; `link` is the connected socket where somebody called already."""
    home = os.environ.pop("AXON_HOME", "")
    key = os.environ.pop("AXON_KEY", "")
    if not key or (link is None and not home):
        sys.exit("pylib: started without AXON_HOME and AXON_KEY; sessions are started by axon")
    if link is None:
        os.closerange(4, 4096)
    import builtins

    builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment] # what `site` would have brought
    sys.argv = [""]
    if sys.path[:1] == [""]:
        del sys.path[0]
    from pylib.frames import Frames

    frames = Frames(link or connect(home))
    options = _greet(frames, key)
    from pylib import guard, imports
    from pylib.server import Server

    layers = guard.apply(**options["guard"]) if "guard" in options else options.get("walls", [])
    if options.get("cwd"):
        os.chdir(options["cwd"])
    imports.install(os.environ.get("AXON_IO", ""))
    server = Server(frames, options, layers)
    server.install()
    server.ready()
    server.run()


if __name__ == "__main__":
    main()
