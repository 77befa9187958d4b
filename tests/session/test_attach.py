"""Attach: a program that runs already serves one Axon at a time (spec, sessions 8.1)."""

from __future__ import annotations

import importlib.util
import select
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from axon.errors import ArgErr, RemoteError, SessionClosed, SessionTimeout, StartError
from axon.session.manager import SessionManager
from pylib.attach import attach
from tests.session.conftest import wait_until

PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from pylib.attach import attach
counter = 10
door = attach({address!r})
print(door.url, door.key, flush=True)
door.serve()
"""


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[SessionManager]:
    """A manager without backend of its own."""
    made = SessionManager(io_dir=tmp_path)
    yield made
    made.close_all()


@pytest.fixture(params=["tcp://127.0.0.1:0", "unix"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Another program, serving from its main thread: options that attach to it."""
    address = request.param if request.param != "unix" else f"unix://{tmp_path}/door"
    code = PROGRAM.format(root=str(Path(__file__).parents[2]), address=address)
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    url, key = child.stdout.readline().split()
    yield {"attach": url, "key": key}
    child.kill()
    child.wait()
    child.stdout.close()


def test_program_is_used_and_left_running(manager: SessionManager, program: dict[str, str]) -> None:
    with manager.open(program, keep=True) as session:
        assert session.exec("counter += 1").eval("counter") == 11
        assert session.define("f", lambda x: x + 1).eval("f(f(1))") == 3
        assert session.isolation["layers"] == []
    with manager.open(program, keep=True) as session:
        assert session.eval("counter") == 11


def test_errors_do_not_end_the_program(manager: SessionManager, program: dict[str, str]) -> None:
    session = manager.open(program, keep=True)
    with pytest.raises(RemoteError, match="division"):
        session.eval("1 / 0")
    with pytest.raises(SessionClosed, match="exit"):
        session.eval("__import__('sys').exit(2)")
    assert session.eval("counter") == 10


def test_program_has_its_own_limit_of_frames_again(manager: SessionManager, program: dict[str, str]) -> None:
    with manager.open(program, keep=True) as session:
        session.exec("import sys, pylib.attach\nlimit = sys.getrecursionlimit()").eval("limit")
        session.exec(
            "old = pylib.attach.Door._leave\n"
            "def leave(self):\n    global after\n    old(self)\n    after = sys.getrecursionlimit()\n"
            "pylib.attach.Door._leave = leave"
        ).eval("None")
    with manager.open(program, keep=True) as session:
        assert session.eval("[limit, after]") == [5000, 1000]


def test_wrong_key_is_refused_without_a_word(manager: SessionManager, program: dict[str, str]) -> None:
    with pytest.raises(StartError, match="closed the link"):
        manager.open({**program, "key": "guess"}).eval("1")
    assert manager.open(program).eval("counter") == 10


def test_key_and_address_are_wanted(manager: SessionManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AXON_ATTACH_KEY", raising=False)
    with pytest.raises(ArgErr, match="wants the key"):
        manager.open({"attach": "tcp://127.0.0.1:1"}).eval("1")
    with pytest.raises(StartError, match=r"nobody answers at tcp://127\.0\.0\.1:1 "):
        manager.open({"attach": "tcp://127.0.0.1:1", "key": "k"}).eval("1")
    with pytest.raises(ArgErr, match="must be tcp://host:port"):
        manager.open({"attach": "somewhere", "key": "k"}).eval("1")
    with pytest.raises(ValueError, match="not an address"):
        attach("somewhere")


def test_thread_of_this_program_serves(manager: SessionManager) -> None:
    space: dict[str, Any] = {"x": 5}
    with attach(space=space) as door:
        thread = door.start()
        session = manager.open({"attach": door.url, "key": door.key}, keep=True)
        assert session.exec("y = x * 2").eval("[x, y]") == [5, 10]
        echoed: list[str] = []
        session.exec("axon.echo('hello')").eval("1", echo=echoed.append)
        assert echoed == ["hello\n"]
        session.close()
    thread.join(5)
    assert not thread.is_alive()
    assert space["y"] == 10


def test_time_limit_interrupts_the_program_and_keeps_its_link(
    manager: SessionManager, program: dict[str, str]
) -> None:
    session = manager.open(program, keep=True)
    session.exec("counter = 5").eval("1")
    for code in ("__import__('time').sleep(100)", "[0 for _ in iter(int, 1)]"):
        with pytest.raises(SessionTimeout, match=r"no result within 100ms; .* variables are kept"):
            session.eval(code, timeout=0.1)
    assert session.eval("counter") == 5


def test_time_limit_interrupts_a_thread_of_this_program(manager: SessionManager) -> None:
    space: dict[str, Any] = {}
    with attach(space=space) as door:
        thread = door.start()
        session = manager.open({"attach": door.url, "key": door.key}, keep=True)
        session.define("f", lambda x: x + 1).eval("1")
        for code in ("[0 for _ in iter(int, 1)]", "[f(1) for _ in iter(int, 1)]"):
            with pytest.raises(SessionTimeout, match="variables are kept"):
                session.eval(code, timeout=0.1)
            assert [session.eval("f(x)", {"x": i}) for i in range(50)] == list(range(1, 51))
        session.close()
    thread.join(5)
    assert not thread.is_alive()


def test_program_that_does_not_stop_is_left_and_that_is_said(
    manager: SessionManager, program: dict[str, str]
) -> None:
    code = (
        "def deaf():\n    try:\n        time.sleep(9)\n    except KeyboardInterrupt:\n        time.sleep(1)\n"
    )
    session = manager.open({**program, "grace": 0.2}, keep=True).exec("import time\n" + code)
    with pytest.raises(SessionTimeout, match="the program was left, and its code may still run"):
        session.eval("deaf()", timeout=0.1)
    assert session.eval("counter") == 10


_TK = ["tk"] if importlib.util.find_spec("_tkinter") else []


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="an event loop watches an epoll descriptor")
@pytest.mark.parametrize("loop", ["select", "asyncio", *_TK])
def test_event_loop_serves(manager: SessionManager, tmp_path: Path, loop: str) -> None:
    """The program's own loop calls `step` whenever the door is readable, and does its own work between."""
    code = LOOPS[loop].format(root=str(Path(__file__).parents[2]), address=f"unix://{tmp_path}/door")
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        url, key = child.stdout.readline().split()
        for _ in range(2):  # one Axon after the other
            with manager.open({"attach": url, "key": key}, keep=True) as session:
                assert [session.eval("x + 1", {"x": i}) for i in range(20)] == list(range(1, 21))
                assert session.define("f", lambda x: x * 2).eval("f(f(3))") == 12
                with pytest.raises(SessionTimeout, match="variables are kept"):
                    session.eval("[0 for _ in iter(int, 1)]", timeout=0.1)
                session.exec("ticks = 0").eval("None")
                assert wait_until(partial(session.eval, "ticks > 1"))
        with manager.open({"attach": url, "key": key}) as session:
            session.exec("stop()").eval("None")
        assert child.wait(10) == 0
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


_BEGIN = """
import sys
sys.path.insert(0, {root!r})
from pylib.attach import attach
ticks = 0
running = True
door = attach({address!r})
def tick():
    global ticks
    ticks += 1
def stop():
    global running
    running = False
print(door.url, door.key, flush=True)
"""

#: Programs with a loop of their own, which counts its turns.
LOOPS = {
    "select": _BEGIN
    + """
import select
while running:
    tick()
    if select.select([door.fileno()], [], [], 0.01)[0]:
        door.step()
""",
    "asyncio": _BEGIN
    + """
import asyncio
async def main():
    asyncio.get_running_loop().add_reader(door.fileno(), door.step)
    while running:
        tick()
        await asyncio.sleep(0.01)
asyncio.run(main())
""",
    "tk": _BEGIN
    + """
import tkinter
tcl = tkinter.Tcl()  # the loop of Tk, which needs no display for that
tcl.createfilehandler(door.fileno(), tkinter.READABLE, lambda file, mask: door.step())
def turn():
    tick()
    tcl.call("after", 10, again)
again = tcl.register(turn)
turn()
while running:
    tcl.dooneevent()
""",
}
