"""A service as those see it who look after it: many clients, long messages, ends of all kinds."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import axon
from axon.cli import control, service
from axon.cli.options import UsageError
from axon.cli.project import Project
from axon.cli.service import Service
from axon.errors import IOErr

from .conftest import LIMIT, TASKS, Run, Served, eventually

pytestmark = pytest.mark.timeout(120)


def test_many_clients_at_once_are_all_answered(served: Served) -> None:
    (served.home / "tasks.trio").write_text("id: @echo\ntask\ntaskExpr: m => m\n")
    assert eventually(lambda: len(served.ask(do="list").dicts()) == 1)
    count = 300
    together = threading.Barrier(count)

    def ask(number: int) -> Any:
        together.wait(LIMIT)
        return served.ask(do="send", id="echo", msg=number, wait=True)

    with ThreadPoolExecutor(count) as pool:
        assert list(pool.map(ask, range(count))) == list(range(count))


def test_messages_and_answers_that_are_too_long(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    (served.home / "tasks.trio").write_text('id: @echo\ntask\ntaskExpr: m => "".padl(m, "x")\n')
    assert eventually(lambda: len(served.ask(do="list").dicts()) == 1)
    assert len(served.ask(do="send", id="echo", msg=20_000_000, wait=True)) == 20_000_000
    with pytest.raises(axon.AxonError, match="the answer is too long: 68 MB, at most 67 MB are taken"):
        served.ask(do="send", id="echo", msg=68_000_000, wait=True)
    monkeypatch.setattr(control, "_LONGEST", 5_000_000)
    with pytest.raises(UsageError, match="the message is too long: 6 MB, at most 5 MB"):
        served.ask(do="send", id="echo", msg="x" * 6_000_000)


def test_half_a_surrogate_pair_crosses(served: Served) -> None:
    (served.home / "tasks.trio").write_text("id: @echo\ntask\ntaskExpr: m => m\n")
    assert eventually(lambda: len(served.ask(do="list").dicts()) == 1)
    assert ascii(served.ask(do="send", id="echo", msg="a\ud800b", wait=True)) == r"'a\ud800b'"


def test_who_waits_gets_an_answer_when_the_service_ends(cli: Run, served: Served) -> None:
    """The message in hand is finished, the one behind it is refused, and both clients are told."""
    sleep = {"sleep": {"_kind": "number", "val": 1.5, "unit": "s"}}
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(served.ask, do="send", id="count", msg=sleep, wait=True)
        assert eventually(lambda: served.ask(do="list").dicts()[1]["taskStatus"] == "running")
        second = pool.submit(served.ask, do="send", id="count", msg={}, wait=True)
        assert eventually(lambda: served.ask(do="list").dicts()[1]["queueSize"] == 1)
        served.proc.send_signal(signal.SIGTERM)
        assert eventually(lambda: not served.socket.exists())
        assert "run already" in cli("task", "run", str(served.home)).stderr  # it ends, but did not yet
        assert first.result(LIMIT) == 1
        with pytest.raises(axon.AxonError, match="the next start will answer it"):
            second.result(LIMIT)
    assert served.proc.wait(LIMIT) == 0


def test_messages_that_a_changed_record_ends_are_told(served: Served) -> None:
    sleep = {"sleep": {"_kind": "number", "val": 60, "unit": "s"}}
    for _ in range(3):
        served.ask(do="send", id="count", msg=sleep)
    assert eventually(lambda: served.ask(do="list").dicts()[1]["queueSize"] == 2)
    (served.home / "tasks.trio").write_text(TASKS.replace("durable", 'durable\ndis: "Counter"'))
    log = served.home / ".axon" / "service.log"
    text = "task count changes: its message in hand is stopped, 2 that wait fail"
    assert eventually(lambda: text in log.read_text())
    assert served.ask(do="send", id="count", msg={}, wait=True, timeout=LIMIT) == 1


def test_a_service_that_is_killed_gives_no_answer(served: Served) -> None:
    with ThreadPoolExecutor(1) as pool:
        sleep = {"sleep": {"_kind": "number", "val": 60, "unit": "s"}}
        waiting = pool.submit(served.ask, do="send", id="count", msg=sleep, wait=True)
        assert eventually(lambda: served.ask(do="list").dicts()[1]["taskStatus"] == "running")
        served.end(signal.SIGKILL)
        with pytest.raises(IOErr, match="project: its service ended before it answered"):
            waiting.result(LIMIT)
    with pytest.raises(UsageError, match="project: its tasks do not run"):
        served.ask(do="list")


def test_a_killed_task_is_brought_back(cli: Run, served: Served) -> None:
    home = str(served.home)
    assert cli("task", "kill", "double", home).stdout == "killed\n"
    assert "no task double" in cli("task", "send", "double", "{v: 1}", home).stderr
    assert cli("task", "restart", "@double", home).stdout == "idle\n"
    assert cli("task", "send", "double", "{v: 4}", "--wait", home).stdout == "8\n"
    assert "no task hill" in cli("task", "restart", "hill", home).stderr


def test_a_live_table_wants_a_terminal(cli: Run, served: Served) -> None:
    done = cli("task", "list", "--watch", str(served.home))
    assert (done.returncode, done.stdout) == (2, "")
    assert "--watch wants a terminal" in done.stderr


def test_output_may_be_cut_off(served: Served) -> None:
    """As `axon task log | head -1`: no complaint, and the exit code of a broken pipe."""
    for _ in range(5):
        served.ask(do="send", id="double", msg={"w": 1}, wait=False)
    for args in (["log"], ["log", "-f"], ["list"], ["list", "--json"], ["show", "double"]):
        proc = subprocess.Popen(
            [sys.executable, "-m", "axon", "task", *args, str(served.home)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        assert proc.stdout is not None
        proc.stdout.close()
        for _ in range(3):  # a log that is followed writes when there is something new
            served.ask(do="send", id="double", msg={"w": 1})
        assert proc.communicate(timeout=LIMIT)[1] == b""
        assert proc.returncode == 141, args


def test_what_tasks_write_outlives_a_service(served: Served) -> None:
    (served.home / "tasks.trio").write_text("id: @w\ntask\ntaskExpr: m => ioWriteStr(m, `io/out.txt`)\n")
    assert eventually(lambda: len(served.ask(do="list").dicts()) == 1)
    served.ask(do="send", id="w", msg="kept", wait=True)
    assert served.end() == 0
    assert (served.home / "io" / "out.txt").read_text() == "kept"


def test_a_service_without_standard_streams(cli: Run, project: Path) -> None:
    home = str(project)
    script = f'exec "{sys.executable}" -m axon task run "{home}" <&- >&- 2>&-'
    proc = subprocess.Popen(["sh", "-c", script])
    try:
        assert eventually(lambda: cli("task", "list", home).returncode == 0)
        assert cli("task", "send", "py", "1", "--wait", home).stdout == "1\n"
        assert [os.readlink(f"/proc/{proc.pid}/fd/{n}") for n in range(3)] == ["/dev/null"] * 3
        assert cli("task", "stop", home).returncode == 0
        assert proc.wait(LIMIT) == 0
    finally:
        proc.kill()


class _AtLine:
    """Raises a signal at the n-th line of Python that runs."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, frame: FrameType, event: str, arg: object) -> _AtLine:
        self._left -= event == "line"
        if self._left == 0:
            self._left = -1
            signal.raise_signal(signal.SIGTERM)
        return self


class _NoServer:
    def __init__(self, path: Path, service: Service) -> None: ...
    def close(self) -> None: ...
    def finish(self) -> None: ...


@pytest.mark.timeout(60)
def test_a_signal_at_any_moment_ends_a_service(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the main thread does, and whatever locks it holds."""
    monkeypatch.setattr(service, "Server", _NoServer)
    monkeypatch.setattr(service, "WATCH", 0.0)
    monkeypatch.setattr(service._Files, "load", lambda self: None)
    monkeypatch.setattr(service._Files, "reload", lambda self: None)
    handler, tracer = signal.getsignal(signal.SIGTERM), sys.gettrace()
    try:
        for number in range(1, 250):
            with axon.Runtime(cache=False) as rt:
                running = Service(Project.open(str(project)), rt)
                signal.signal(signal.SIGTERM, running.on_signal)
                sys.settrace(_AtLine(number))
                assert running.run() == 0
                sys.settrace(tracer)
    finally:
        sys.settrace(tracer)
        signal.signal(signal.SIGTERM, handler)


class Terminal:
    """`axon task …` on a terminal of its own."""

    def __init__(self, *args: str) -> None:
        self._fd, end = pty.openpty()
        termios.tcsetwinsize(end, (30, 100))
        self.proc = subprocess.Popen(
            [sys.executable, "-m", "axon", "task", *args],
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "TERM": "xterm"},
        )
        os.close(end)
        self.shown = ""

    def read_until(self, *words: str) -> None:
        """Read on until each of the words came; what came before is forgotten."""
        self.shown = ""
        while not all(word in self.shown for word in words):
            self.shown += self._read()

    def _read(self) -> str:
        assert select.select([self._fd], [], [], LIMIT)[0], f"nothing more came: {self.shown!r}"
        return os.read(self._fd, 65536).decode("utf-8", "replace")

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def rest(self) -> str:
        """What comes till the end."""
        try:
            while True:
                self.shown += self._read()
        except OSError:  # the other end is closed
            os.close(self._fd)
            return self.shown


PROGRESS = """\
id: @slow
dis: "Slow one"
task
taskExpr:
  (msg) => do
    taskProgress({percent: 50%})
    taskSleep(1min)
  end
"""


def test_a_live_table_on_a_terminal(served: Served) -> None:
    (served.home / "tasks.trio").write_text(PROGRESS)
    assert eventually(lambda: len(served.ask(do="list").dicts()) == 1)
    live = Terminal("list", "--watch", str(served.home))
    live.read_until("Slow one", "idle")
    served.ask(do="send", id="slow")
    live.read_until("running", "━━")
    served.ask(do="cancel", id="slow")
    live.read_until("Slow one", "idle")
    live.type("\x03")
    assert live.rest().endswith("\x1b[?25h")  # the cursor is shown again
    assert live.proc.wait(LIMIT) == 0


def test_a_live_table_ends_with_its_service(served: Served) -> None:
    live = Terminal("list", "--watch", str(served.home))
    live.read_until("Doubler")
    assert served.end() == 0
    assert "its tasks do not run" in live.rest()
    assert live.proc.wait(LIMIT) == 2
