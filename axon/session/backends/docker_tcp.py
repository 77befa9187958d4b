"""Calling a container that listens: for Docker networks and published ports, where no file can be shared."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from axon.errors import StartError
from axon.session.backends.home import tune

__all__ = ["call", "offer"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.2
_PROXY_PATIENCE = 0.1
"""Seconds in which the engine's proxy hangs up when nobody listens behind it."""


def call(
    address: str, port: int, end: float, alive: Callable[[], bool], *, proxied: bool = False
) -> socket.socket:
    """Connect as soon as somebody listens.

    Args:
        end: of the monotonic clock, when to give up.
        alive: whether the container still runs.
        proxied: the engine's proxy answers before the server does.

    Raises:
        StartError: nobody listened in time, or the container ended.
    """
    pause = _FIRST_PAUSE
    while True:
        with contextlib.suppress(OSError):
            link = socket.create_connection(
                (address, port), timeout=max(0.1, min(2.0, end - time.monotonic()))
            )
            if not proxied or not _hung_up(link):
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return link
            link.close()
        if not alive():
            raise StartError("py: the container ended before it could be called")
        if time.monotonic() > end:
            raise StartError(f"py: nobody listens at {address} port {port} in the container")
        select.select([], [], [], pause)
        pause = min(_LONGEST_PAUSE, pause * 1.5)


def _hung_up(link: socket.socket) -> bool:
    poll = select.poll()
    poll.register(link, select.POLLIN | select.POLLRDHUP)
    return bool(poll.poll(_PROXY_PATIENCE * 1000))


def offer(link: socket.socket, key: str, timeout: float) -> None:
    """Greet by wire v0 and agree on protocol 1.

    Raises:
        StartError: the server refused, or does not know protocol 1.
    """
    from pylib.brio import BrioReader, encode
    from pylib.frames import WireFault

    def more() -> bytes:
        data = link.recv(1)  # not a byte more: what follows is of protocol 1
        if not data:
            raise WireFault("it closed the link")
        return data

    link.settimeout(timeout)
    try:
        hello = encode({"key": key, "ver": "0", "axon": 1})
        link.sendall(len(hello).to_bytes(4, "big") + hello)
        answer: Any = BrioReader(more=more, max_size=4096).message()
    except (OSError, WireFault) as e:
        raise StartError(f"py: the server in the container did not answer ({e})") from e
    if type(answer) is not dict or answer.get("axon") != 1:
        why = answer.get("errMsg", "it knows wire v0 only") if type(answer) is dict else "no Hello"
        raise StartError(f"py: the server in the container refused the session: {why}")
    tune(link)
