"""The first process of a session's container: calls home, forks the session, watches over it.

As process 1 it can't be killed or stopped by the session's code, and when it ends the kernel ends everything
else in the container. It ends when the session ends, with the session's exit code, and a moment after the
host closed its end of the link, for whatever reason. It never reads the link: it only sees it hang up.

Output below Python (C code, programs that were started) goes to a named pipe of the host, not to the
engine's log.
"""

from __future__ import annotations

import os
import select
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["main", "take_output", "watch"]

GRACE = 2.0
"""Seconds that the session has to finish by itself after the host closed."""
_HANG_UP = getattr(select, "POLLRDHUP", 0x2000)


def main() -> None:
    """Run a session in this container to its end."""
    from pylib.__main__ import connect, main

    take_output()
    home = os.environ.get("AXON_HOME", "")
    if not home:
        sys.exit("pylib: started without AXON_HOME; sessions are started by axon")
    link = connect(home)
    if watch(link):
        main(link)


def take_output() -> None:
    """Have descriptors 1 and 2 lead to the host's pipe, where it has one."""
    out = os.environ.pop("AXON_OUT", "")
    if out:
        pipe = os.open(out, os.O_WRONLY)
        os.dup2(pipe, 1)
        os.dup2(pipe, 2)
        os.close(pipe)


def watch(link: Any) -> bool:
    """Fork: True in the session, which is the child; the first process stays here and never returns."""
    import _signal as signal  # type: ignore[import-not-found] # the Python half builds enums for 6 ms

    woken, waker = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(waker, False)
    child = [0]

    def pass_on(number: int, frame: Any) -> None:
        if child[0]:
            os.kill(child[0], number)

    def end(number: int, frame: Any) -> None:
        os._exit(128 + number)

    old = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, pass_on)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.signal(signal.SIGTERM, end)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    child[0] = os.fork()
    if not child[0]:
        signal.set_wakeup_fd(-1)
        os.close(woken)
        os.close(waker)
        signal.signal(signal.SIGINT, old)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return True
    _watch(link.fileno(), woken, child[0])
    return False


def _watch(link: int, woken: int, child: int) -> None:
    poll = select.poll()
    poll.register(link, _HANG_UP)
    poll.register(woken, select.POLLIN)
    end: float | None = None
    while True:
        ready = poll.poll(None if end is None else max(0.0, end - time.monotonic()) * 1000)
        if end is not None and time.monotonic() >= end:
            os._exit(0)
        for fd, _ in ready:
            if fd == woken:
                _drain(woken)
            else:  # the host is gone, or does not want us any more
                poll.unregister(link)
                end = time.monotonic() + GRACE
        _reap(child)


def _drain(fd: int) -> None:
    try:
        while os.read(fd, 4096):
            pass
    except BlockingIOError:
        pass


def _reap(child: int) -> None:
    """Collect what ended; end with the session."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            os._exit(0)
        if pid == 0:
            return
        if pid == child:
            code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
            os._exit(code)
