"""The interpreter of a task's session is killed in every state; the task answers and goes on."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import axon
from axon.errors import CancelledErr, SessionClosed
from axon.tasks.task import Task

from .conftest import LIMIT

START = 'm => py().pyInit(s => s.pyExec("import os, time\\nn = 0")).pyExec("n += 1").'
STATE = "(os.getpid(), n)"


@pytest.fixture
def rt() -> Iterator[axon.Runtime]:
    with axon.Runtime(tz="UTC") as rt:
        yield rt


def state(task: Task) -> tuple[int, int]:
    """Process id and count of the messages that the interpreter saw."""
    found = task.send({"code": "", "expr": STATE}).result(LIMIT)
    assert isinstance(found, list)
    return found[0], found[1]


@pytest.fixture
def task(rt: axon.Runtime) -> Task:
    """Runs the code of a message, then evaluates its expression."""
    rt.define("told", lambda: reached.set())
    reached.clear()
    return rt.task(START + 'pyDefine("told", () => told()).pyExec(m->code).pyEval(m->expr)')


#: Session code calls `told()` to set it.
reached = threading.Event()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def gone(pid: int) -> bool:
    """Whether a process ends soon."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def check_replaced(task: Task, pid: int) -> None:
    """The next message finds a fresh interpreter, set up by its init function."""
    fresh, count = state(task)
    assert fresh != pid
    assert count == 1
    assert state(task) == (fresh, 2)


def check_noticed(task: Task, pid: int) -> None:
    """The next message may still meet the dying interpreter, and then says so."""
    first = task.send({"code": "", "expr": STATE})
    error = first.exception(LIMIT)
    if error is None:
        found = first.result()
        assert isinstance(found, list)
        assert (found[0] != pid, found[1]) == (True, 1)
        return
    assert isinstance(error, SessionClosed)
    assert "gone" in error.message
    check_replaced(task, pid)


def test_killed_between_messages(task: Task) -> None:
    pid, _ = state(task)
    kill(pid)
    assert gone(pid)
    check_noticed(task, pid)


def test_killed_just_after_a_message(task: Task) -> None:
    for _ in range(5):
        pid, _ = state(task)
        kill(pid)  # the next message meets it dying
        check_noticed(task, pid)


@pytest.mark.parametrize(
    ("code", "expr"),
    [
        ("told(); time.sleep(60)", "1"),
        ("", "told() or time.sleep(60)"),
        ("told()\nwhile True: pass", "1"),
    ],
    ids=["in exec", "in eval", "in a busy loop"],
)
def test_killed_while_it_works(task: Task, code: str, expr: str) -> None:
    pid, _ = state(task)
    future = task.send({"code": code, "expr": expr})
    assert reached.wait(LIMIT)
    kill(pid)
    with pytest.raises(SessionClosed, match=r"gone.*(signal|killed|SIGKILL)"):
        future.result(LIMIT)
    check_replaced(task, pid)


def test_killed_during_a_callback(rt: axon.Runtime, task: Task) -> None:
    pid, _ = state(task)
    inside, leave = threading.Event(), threading.Event()

    def called() -> None:
        inside.set()
        leave.wait(LIMIT)

    rt.define("told", called)
    future = task.send({"code": "", "expr": "told()"})
    assert inside.wait(LIMIT)
    kill(pid)
    leave.set()
    with pytest.raises(SessionClosed, match="gone"):
        future.result(LIMIT)
    rt.define("told", lambda: None)
    check_replaced(task, pid)


def test_killed_while_large_values_cross(task: Task) -> None:
    pid, _ = state(task)
    future = task.send({"code": "", "expr": "(told(), b'x' * 200_000_000)[1]"})
    assert reached.wait(LIMIT)
    time.sleep(0.05)
    kill(pid)
    assert isinstance(future.exception(LIMIT), SessionClosed | None)
    assert gone(pid)
    assert state(task)[0] != pid


def test_it_ends_itself(task: Task) -> None:
    pid, _ = state(task)
    with pytest.raises(SessionClosed):
        task.send({"code": "", "expr": "os._exit(7)"}).result(LIMIT)
    check_replaced(task, pid)


def test_the_reason_is_in_the_log(task: Task, caplog: pytest.LogCaptureFixture) -> None:
    pid, _ = state(task)
    with caplog.at_level(logging.INFO, "axon"):
        future = task.send({"code": "", "expr": "told() or time.sleep(60)"})
        assert reached.wait(LIMIT)
        kill(pid)
        with pytest.raises(SessionClosed):
            future.result(LIMIT)
    assert "gone" in caplog.text


def test_what_is_lost_is_in_the_log_though_nobody_saw_an_error(
    rt: axon.Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    idle = rt.task(START + 'pyEval("[os.getpid(), n]")')
    found = idle.send(1).result(LIMIT)
    kill(found[0])
    assert gone(found[0])
    assert idle.send(1).result(LIMIT)[1] == 1
    assert "the variables of a Python session are lost: it was killed by signal 9" in caplog.text
    caplog.clear()
    caught = rt.task('m => try py().pyEval(m) catch "caught"')
    assert caught.send("__import__('os')._exit(3)").result(LIMIT) == "caught"
    assert "it ended with exit code 3" in caplog.text
    caplog.clear()
    caught.kill()
    assert not caplog.text


def test_a_cancel_while_an_interpreter_starts_leaves_no_process(
    rt: axon.Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request comes when the process is there and nobody knows its number yet."""
    task = rt.task('m => py().pyEval("1")')
    started: list[int] = []
    spawn = os.posix_spawn

    def spawn_and_cancel(*args: Any, **kwargs: Any) -> int:
        started.append(spawn(*args, **kwargs))
        other = threading.Thread(target=task.cancel)
        other.start()
        other.join(LIMIT)
        return started[-1]

    monkeypatch.setattr(os, "posix_spawn", spawn_and_cancel)
    with pytest.raises(CancelledErr):
        task.send(1).result(LIMIT)
    (pid,) = started
    with pytest.raises(ProcessLookupError):  # also not as a zombie
        os.kill(pid, 0)
    monkeypatch.undo()
    assert task.send(1).result(LIMIT) == 1


@pytest.mark.parametrize("end", [Task.kill, Task.close])
def test_it_ends_with_its_task(task: Task, end: Callable[[Task], None]) -> None:
    pid, _ = state(task)
    kill(pid)
    end(task)
    assert gone(pid)


def test_tasks_run_python_code_at_the_same_time(tmp_path: Path) -> None:
    """Each waits for the code of all others, so that none ends unless all run."""
    meet = (
        "import os, time\n"
        "def meet(me, count):\n"
        "    open(f'here{me}', 'w').close()\n"
        f"    end = time.monotonic() + {LIMIT}\n"
        "    while time.monotonic() < end:\n"
        "        if len([name for name in os.listdir() if name.startswith('here')]) == count:\n"
        "            return True\n"
        "    return False"
    )
    with axon.Runtime(io=tmp_path) as rt:
        rt.define("code", lambda: meet)
        tasks = [rt.task('m => py().pyExec(code()).pyEval("meet(m, 4)", {m: m})') for _ in range(4)]
        answers = [task.send(i) for i, task in enumerate(tasks)]
        assert [answer.result(2 * LIMIT) for answer in answers] == [True] * 4
