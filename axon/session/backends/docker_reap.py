"""Nothing is left behind: who a container belongs to, the janitor that removes, the search for leftovers.

A container carries the program that started it in its labels: boot of the machine, namespace of processes,
process id, start time. A container of a program that does not run any more is removed at the next start of
any session on this machine.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import queue
import select
import threading
import time
from functools import cache
from typing import Any

from axon.session.backends.docker_engine import Engine, EngineError

__all__ = ["HOST_LABEL", "SESSION_LABEL", "Attached", "janitor", "labels", "reap", "reap_once"]

SESSION_LABEL = "axon.session"
HOST_LABEL = "axon.host"
_log = logging.getLogger("axon.session")
_WORDS = 4000
"""Characters of a failed start's output that are shown."""


@cache
def _this_host(pid: int) -> str:
    return f"{_read('/proc/sys/kernel/random/boot_id')} {_processes()} {pid} {_start_time(pid)}"


def labels(what: str = SESSION_LABEL) -> dict[str, str]:
    """The labels of a container that this program starts."""
    return {what: "1", HOST_LABEL: _this_host(os.getpid())}


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as f:
            return f.read().strip()
    except OSError:
        return "?"


def _processes() -> str:
    """The namespace in which our process ids count."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return "?"


def _start_time(pid: int) -> str:
    """When a process started, in ticks since boot; `-` when there is none with that id."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 and fields[0] != "Z" else "-"


def _is_left_over(host: str) -> bool:
    """Whether the program of a label is known to be gone; one in another namespace may live."""
    boot, processes, pid, start = [*host.split(" "), "", "", "", ""][:4]
    if boot != _read("/proc/sys/kernel/random/boot_id"):
        return bool(boot)
    if processes != _processes() or not pid.isdigit():
        return False
    return _start_time(int(pid)) != start


def reap(engine: Engine) -> int:
    """Remove the containers of programs that are gone; how many there were."""
    count = 0
    for found in engine.containers(HOST_LABEL):
        if _is_left_over(found.get("Labels", {}).get(HOST_LABEL, "")):
            with contextlib.suppress(EngineError):
                engine.remove(found["Id"])
                count += 1
    return count


_reaped: set[int] = set()


def reap_once(engine: Engine) -> None:
    """Have leftovers removed in the background, once in the life of this program; it is known that the engine
    runs, so our own that it could not remove while it was away go, too."""
    if os.getpid() not in _reaped:
        _reaped.add(os.getpid())
        janitor.do(lambda: reap(engine))
    janitor.try_again()


class _Janitor:
    """A thread that removes containers, so that nobody waits for the engine to clean up."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._idle = threading.Condition()
        self._open = 0
        self._pid = 0
        self._undone: list[tuple[Engine, str]] = []

    def remove(self, engine: Engine, name: str) -> None:
        """Have a container removed, which may be gone already; later, where its engine is away."""
        self.do(lambda: self._remove(engine, name))

    def try_again(self) -> None:
        """Have removed what could not be removed."""
        with self._idle:
            undone, self._undone = self._undone, []
        for engine, name in undone:
            self.remove(engine, name)

    def _remove(self, engine: Engine, name: str) -> None:
        try:
            _remove(engine, name)
        except BaseException:
            with self._idle:
                self._undone.append((engine, name))
            raise

    def do(self, job: Any) -> None:
        """Run a job in the background."""
        with self._idle:
            if self._pid != os.getpid():
                self._pid, self._open = os.getpid(), 0
                self._undone = []
                self._jobs = queue.SimpleQueue()
                threading.Thread(
                    target=self._work, args=(self._jobs,), daemon=True, name="axon-janitor"
                ).start()
                atexit.register(self._finish)
            self._open += 1
        self._jobs.put(job)

    def settle(self, seconds: float) -> None:
        """Wait until all jobs are done."""
        with self._idle:
            self._idle.wait_for(lambda: not self._open or self._pid != os.getpid(), seconds)

    def _finish(self) -> None:
        """At the end of the program; what can't be removed now is left to the next one."""
        self.settle(10.0)
        if self._undone and self._pid == os.getpid():
            self.try_again()
            self.settle(10.0)

    def _work(self, jobs: queue.SimpleQueue[Any]) -> None:
        while True:
            job = jobs.get()
            try:
                job()
            except BaseException as e:  # a janitor that dies leaves all that comes after it
                _log.debug("a clean-up failed: %r", e)
            finally:
                with self._idle:
                    self._open -= 1
                    self._idle.notify_all()


janitor = _Janitor()


def _remove(engine: Engine, name: str) -> None:
    """Remove a container, and wait until the engine has forgotten it."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            engine.remove(name)
            engine.inspect(name)
        except EngineError as e:
            if e.status == 404:
                return
            raise
        select.select([], [], [], 0.02)
    raise EngineError(f"the container {name} could not be removed")


class Attached:
    """What a container prints while it starts, kept for the error message of a start that fails."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._socket = engine.attach(name)
        self._ended = False
        self._data = b""
        self._raw = getattr(self._socket, "_sock", self._socket)
        self._raw.setblocking(False)

    def fileno(self) -> int:
        """Readable when something was printed or the container ended."""
        return int(self._socket.fileno())

    def open(self) -> bool:
        """Whether the container can still be expected to call; takes in what it printed."""
        while not self._ended:
            try:
                data = self._raw.recv(65536)
            except (BlockingIOError, InterruptedError):
                return True
            except OSError:
                data = b""
            self._ended = not data
            self._data = (self._data + data)[: 4 * _WORDS]
        return False

    def text(self) -> str:
        """What was printed, for an error message."""
        self.open()
        said, data = b"", self._data
        while len(data) >= 8:  # kind, three zeros, u32 length, text
            size = int.from_bytes(data[4:8], "big")
            said, data = said + data[8 : 8 + size], data[8 + size :]
        words = said.decode("utf-8", "replace").strip()
        return f": {words[-_WORDS:]}" if words else ""

    def close(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self._socket.close()
