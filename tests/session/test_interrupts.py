"""Ctrl-C and cancels at any moment of a request: no bytes are lost, so the session lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from axon.errors import CancelRequest
from axon.runtime.limits import Guard
from axon.session.interrupts import Interrupts
from axon.session.manager import SessionManager
from pylib.kinds import Number

LIMIT = 60

#: Python says which interrupt came where; in a process of its own, since its main thread is hit.
PROGRAM = """
import os, random, signal, sys, threading
import numpy, pandas  # an import that is interrupted is broken for good
import axon

signal.signal(signal.SIGINT, signal.default_int_handler)
expr, most = sys.argv[1], float(sys.argv[2])
SETUP = '''
import numpy as np, pandas as pd
large = np.zeros(2_000_000)
frame = pd.DataFrame({"a": np.arange(200_000.0), "b": ["x"] * 200_000})
kept = 5
'''
counts = {"answered": 0, "interrupted": 0, "lost": 0}


def strike(session, after):
    done = threading.Event()

    def kill():
        if not done.wait(after):
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=kill)
    try:
        thread.start()
        session.eval(expr)
        done.set()
        thread.join()
        counts["answered"] += 1
    except KeyboardInterrupt:
        done.set()
        thread.join()
        counts["interrupted"] += 1


with axon.Runtime(echo=lambda text: None) as rt, rt.session() as session:
    session.define("host", lambda x: sum(range(3000))).exec(SETUP).eval("kept")
    pid, moments = session.pid, random.Random(7)
    for _ in range(40):
        strike(session, moments.random() * most)
        if session.pid != pid or session.eval("kept") != 5:
            counts["lost"] += 1
            session.define("host", lambda x: sum(range(3000))).exec(SETUP).eval("kept")
            pid = session.pid
print(counts["lost"], counts["interrupted"] > 0, sum(counts.values()))
"""


@pytest.mark.parametrize(
    ("expr", "most"),
    [
        ("large", 0.02),
        ("frame", 0.02),
        ("[str(i) for i in range(3000)]", 0.003),
        ("[print(i) for i in range(2000)]", 0.01),
        ("[host(i) for i in range(200)]", 0.02),
        ("[i for i in iter(int, 1)]", 0.02),
    ],
)
def test_ctrl_c_at_any_moment_keeps_the_session(expr: str, most: float) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, expr, str(most)], capture_output=True, text=True, timeout=LIMIT
    )
    assert done.stderr == ""
    lost, some, rounds = done.stdout.split()
    assert (lost, some, rounds) == ("0", "True", "40")


@pytest.fixture
def hit() -> Iterator[list[int]]:
    """The signals that reached the program's own handler."""
    found: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        found.append(number)

    before = signal.signal(signal.SIGINT, note)
    yield found
    signal.signal(signal.SIGINT, before)


def test_what_is_held_back_comes_later_and_once(hit: list[int]) -> None:
    interrupts = Interrupts()
    own = signal.getsignal(signal.SIGINT)
    with interrupts:
        interrupts.hold()  # what is held is not held twice
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupts.waiting
        assert hit == []
        interrupts.let()
        assert hit == [signal.SIGINT]
        os.kill(os.getpid(), signal.SIGINT)
        assert hit == [signal.SIGINT] * 2
        interrupts.hold()
        assert not interrupts.waiting
    assert hit == [signal.SIGINT] * 2
    assert signal.getsignal(signal.SIGINT) == own


def test_a_handler_that_a_program_sets_meanwhile_stays(hit: list[int]) -> None:
    interrupts = Interrupts()
    with interrupts:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    with interrupts:  # who ignores it has nothing to wait for
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_other_threads_leave_the_handler_alone(hit: list[int]) -> None:
    interrupts = Interrupts()
    own, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with interrupts:
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(LIMIT)
    assert seen == [own]


TRICKLE = """
import os, time
from pylib.frames import HEADER, MAGIC
names = ["/proc/self/fd/" + n for n in os.listdir("/proc/self/fd")]
link = next(int(n.rpartition("/")[2]) for n in names if os.path.lexists(n) and "socket" in os.readlink(n))
def trickle(request):
    os.write(link, HEADER.pack(1 << 20, request, 0, 2, 0, 0, MAGIC))
    while True:
        os.write(link, b"x")
        time.sleep(0.01)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks its link up in /proc")
def test_a_frame_that_never_ends_does_not_keep_a_cancel_out(manager: SessionManager) -> None:
    """The link is never idle, and there is no time limit: after the grace period the interpreter goes."""
    session = manager.open({"grace": Number(0.2, "sec")}, keep=True)
    session.exec(TRICKLE).eval("1")
    client = session._client
    assert client is not None
    session.define("request", client._talk._next).eval("1")
    pid, guard = session.pid, Guard()
    timer = threading.Timer(0.2, guard.cancel, ["test"])
    timer.start()
    with pytest.raises(CancelRequest):
        guard.run(lambda: session.eval("trickle(request + 1)", timeout=None))
    timer.join(LIMIT)
    assert session.eval("1 + 1") == 2
    assert session.pid != pid
