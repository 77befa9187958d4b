"""The session is a program that runs already and opened itself with `pylib.attach`; no walls, no life of
ours.

Leaving closes the link; the program goes on. An interrupt is a message: the program's door looks for it while
code runs. Code that does not stop then is left behind.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Any

from axon.errors import ArgErr, StartError
from axon.session.backends.base import Backend, Link, StartSpec
from axon.session.backends.home import tune

__all__ = ["AttachBackend", "backend"]


class AttachBackend:
    """A link to a running program. Options: `attach` (`tcp://host:port` or `unix:///path`) and `key`."""

    name = "attach"
    reply_limit = 1 << 34
    wire = 1
    host_first = True
    """The program says nothing before it has seen our key."""
    asks_to_stop = True
    after_kill = (
        "the program was left, and its code may still run; the next pyEval calls it again, and is answered "
        "when it is free"
    )
    pid = 0

    def __init__(self, spec: StartSpec) -> None:
        self._spec = spec
        self._link: socket.socket | None = None

    @staticmethod
    def key_of(options: Mapping[str, Any]) -> str:
        """The key of the program, by the option `key` or the variable `AXON_ATTACH_KEY`.

        Raises:
            ArgErr: neither is set.
        """
        key = options.get("key") or os.environ.get("AXON_ATTACH_KEY")
        if type(key) is not str:
            raise ArgErr("py: attach wants the key of the program: option {key}, or AXON_ATTACH_KEY")
        return key

    def start(self) -> Link:
        """Call the program.

        Raises:
            ArgErr: no address.
            StartError: nobody answers there.
        """
        address = self._spec.options.get("attach")
        scheme, _, rest = str(getattr(address, "val", address)).partition("://")
        try:
            if scheme == "unix":
                link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                link.settimeout(self._spec.start_timeout)
                link.connect(rest)
            elif scheme == "tcp":
                host, _, port = rest.rpartition(":")
                link = socket.create_connection((host, int(port)), self._spec.start_timeout)
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            else:
                raise ArgErr(
                    f"py: the option attach must be tcp://host:port or unix:///path, got {address!r}"
                )
        except (OSError, ValueError) as e:
            raise StartError(f"py: nobody answers at {address} ({e}); call pylib.attach there first") from e
        tune(link)
        self._link = link
        return link

    def hello_options(self) -> dict[str, Any]:
        """Nothing: the program is what it is."""
        return {}

    def ready(self, layers: list[str]) -> None:
        """There are no layers."""

    def output_fd(self) -> int | None:
        """What is printed below Python stays with the program."""
        return None

    def alive(self) -> bool:
        """As far as we can tell; the link tells when it ends."""
        return self._link is not None

    def interrupt(self) -> None:
        """A program that is not ours gets no signals: it is asked by a message."""

    def kill(self) -> None:
        """Leave."""
        link, self._link = self._link, None
        if link is not None:
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            link.close()

    def close(self) -> None:
        """Leave."""
        self.kill()

    def trouble(self) -> str:
        """Nothing is known."""
        return ""

    def exit_reason(self) -> str:
        """The program closed the link."""
        return "the program closed the link"

    def isolation(self) -> list[str]:
        """What this place does not protect."""
        return ["session code runs with all rights of the program it is attached to"]


backend: type[Backend] = AttachBackend
