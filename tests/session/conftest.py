"""Sessions, in processes unless overridden, and helpers that wait without sleeping."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from axon.session.manager import SessionManager
from axon.session.session import PySession

Open = Callable[..., PySession]


@pytest.fixture
def backend() -> str:
    """The name of a backend; tests of others override it, and import what they share."""
    return "process"


@pytest.fixture
def printed() -> list[str]:
    """What session code printed."""
    return []


@pytest.fixture
def manager(backend: str, tmp_path: Path, printed: list[str]) -> Iterator[SessionManager]:
    """A manager whose `io/` is an empty directory; nothing of it is left running."""
    io_dir = tmp_path / "io"
    io_dir.mkdir()
    made = SessionManager(io_dir=io_dir, echo=printed.append, tz="New_York", backend=backend)
    yield made
    made.close_all()


@pytest.fixture
def session(manager: SessionManager) -> PySession:
    """A session whose interpreter lives on between evals, as in a task."""
    return manager.open(keep=True)


def wait_until(test: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Look again and again, with short naps of the kernel's making, until `test` holds or the time is up."""
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            return False
        os.sched_yield()
    return True


def is_running(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def processes_with(marker: str) -> list[int]:
    """Processes whose environment names `marker`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker.encode() in (entry / "environ").read_bytes() and is_running(int(entry.name)):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
