"""The first process of a container that holds a server of hxPy: lets it be reached without any network.

It calls home, starts the image's own `python -m hxpy` on the container's loopback, and passes bytes on in
both directions. So an image of hxPy needs no port that others could find.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

__all__ = ["main"]

_PORT = 8888
_CHUNK = 1 << 18


def main() -> None:
    """Run the server of this image to its end."""
    from pylib.__main__ import connect
    from pylib.contained import take_output, watch

    key = os.environ.pop("AXON_KEY", "")
    arguments = os.environ.pop("AXON_SERVER", "").split()
    take_output()
    link = connect(os.environ.pop("AXON_HOME", ""))
    if not watch(link):
        return
    command = [sys.executable, "-m", "hxpy", "--key", key, "--port", str(_PORT), "--host", "127.0.0.1"]
    server = subprocess.Popen([*command, *arguments])
    inner = _connect(server)
    if inner is not None:
        _pass_on(link, inner)
        server.wait()
    code = server.returncode
    sys.exit(128 - code if code < 0 else code)


def _connect(server: subprocess.Popen[bytes]) -> socket.socket | None:
    """Call the server as soon as it listens; None when it ended before."""
    import socket

    while server.poll() is None:
        try:
            found = socket.create_connection(("127.0.0.1", _PORT), timeout=5)
        except OSError:
            time.sleep(0.005)
            continue
        found.settimeout(None)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found
    return None


def _pass_on(link: object, inner: socket.socket) -> None:
    """Bytes from each side to the other, until either closes."""
    import socket
    import threading

    outer = socket.socket(fileno=os.dup(link.fileno()))  # type: ignore[attr-defined]

    def pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while True:
                data = source.recv(_CHUNK)
                if not data:
                    break
                target.sendall(data)
        except OSError:
            pass
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    back = threading.Thread(target=pump, args=(inner, outer), daemon=True)
    back.start()
    threading.Thread(target=pump, args=(outer, inner), daemon=True).start()
    back.join()


if __name__ == "__main__":
    main()
