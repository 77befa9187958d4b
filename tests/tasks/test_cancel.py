"""Requests to stop that come at the worst moments: each ends one evaluation, nothing else."""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import axon
from axon.errors import CancelledErr, CancelRequest, EvalTimeoutErr
from axon.runtime import limits
from axon.runtime.limits import SHIELD, Guard, Watcher
from axon.tasks.pool import Pool
from axon.tasks.task import Task
from pylib.kinds import Ref

from .conftest import LIMIT


@pytest.fixture
def rt() -> Iterator[axon.Runtime]:
    with axon.Runtime(tz="UTC") as rt:
        yield rt


class Canceller:
    """Calls `stop` again and again, at random moments, in a thread of its own."""

    def __init__(self, stop: Any, most: float = 0.001) -> None:
        self._stop = stop
        self._most = most
        self._done = threading.Event()
        self.count = 0
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._done.is_set():
            end = time.perf_counter() + random.uniform(0, self._most)
            while time.perf_counter() < end:
                time.sleep(0)
            self._stop()
            self.count += 1

    def __enter__(self) -> Canceller:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(LIMIT)


def test_a_guard_lets_no_request_out() -> None:
    current: list[Guard] = [Guard()]

    def work(depth: int) -> int:
        return sum(i for i in range(20)) + (work(depth - 1) if depth else 0)

    ended = stopped = 0
    with Canceller(lambda: current[0].cancel(), 0.0002):
        end = time.monotonic() + 2
        while time.monotonic() < end:
            guard = current[0] = Guard()
            try:
                guard.run(work, random.randrange(12))
                ended += 1
            except CancelRequest:
                stopped += 1
                assert guard.reason == "cancelled"
            for _ in range(5):  # a stray one would be thrown here
                work(0)
    assert ended
    assert stopped


TRACED = """
import sys, axon
from axon.errors import EvalTimeoutErr
try:
    axon.Runtime(time_limit=0.05).eval("(1..1000000000000).each x => x")
except EvalTimeoutErr as e:
    print(e)
sys.settrace(lambda frame, event, arg: None)
(lambda: print("traced"))()
"""


def test_a_traced_program_goes_on_after_a_time_limit() -> None:
    """Python 3.11 begins no traced function while the interpreter looks for an exception to throw."""
    run = [sys.executable, "-c", TRACED]
    assert subprocess.run(run, timeout=30, capture_output=True, text=True).stdout.endswith("traced\n")


@pytest.mark.parametrize("both", [True, False])
def test_an_inner_guard_takes_back_only_its_own(both: bool) -> None:
    outer, inner = Guard(), Guard()
    seen: list[str] = []

    def within() -> None:
        with SHIELD:
            inner.cancel("inner")
            if both:
                outer.cancel("outer")

    def around() -> None:
        try:
            inner.run(within)
        except CancelRequest:
            if outer.reason is not None:  # as `Context` does
                raise
        for _ in range(100):
            len("")
        seen.append("went on")

    if both:
        with pytest.raises(CancelRequest):
            outer.run(around)
    else:
        outer.run(around)
    assert seen == ([] if both else ["went on"])


def test_a_request_that_came_too_late_is_taken_back_and_the_outer_one_is_not() -> None:
    outer, inner = Guard(), Guard()

    def around() -> None:
        with SHIELD:
            outer.cancel("outer")
        pytest.fail("not stopped")

    with pytest.raises(CancelRequest):
        outer.run(inner.run, around)
    assert inner.reason is None


def test_nothing_is_thrown_where_python_holds_its_import_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    limits._load()
    file = importlib._bootstrap._find_and_load.__code__.co_filename  # type: ignore[attr-defined]
    assert file in limits._CAREFUL
    monkeypatch.setattr(limits, "_LONG", 10**6)
    monkeypatch.setitem(limits._CAREFUL, file, 10**6)
    space: dict[str, Any] = {"entered": threading.Event(), "leave": False, "left": False}
    code = "def work():\n entered.set()\n while not leave: pass\n globals()['left'] = True\n"
    exec(compile(code, file, "exec"), space)
    guard = Guard()
    ended: list[bool] = []

    def evaluate() -> None:
        try:
            guard.run(lambda: (space["work"](), time.sleep(LIMIT)))
        except CancelRequest:
            ended.append(space["left"])

    threads = [threading.Thread(target=evaluate), threading.Thread(target=guard.cancel)]
    threads[0].start()
    assert space["entered"].wait(LIMIT)
    threads[1].start()
    while guard.reason is None:
        time.sleep(0.001)
    assert guard._sent is None
    space["leave"] = True
    for t in threads:
        t.join(2 * LIMIT)
    assert ended == [True]


class Swallows:
    """Python drops what is thrown into its `__del__`; this one waits for it there."""

    def __init__(self, entered: threading.Event) -> None:
        self.entered = entered

    def __del__(self) -> None:
        self.entered.set()
        for _ in range(10**9):
            pass


@pytest.fixture
def dropped(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: found.append(what.exc_type))
    return found


def test_who_waits_ends_although_the_request_was_dropped(pool: Pool, dropped: list[Any]) -> None:
    entered = threading.Event()

    def work(task: Task, msg: Any) -> None:
        Swallows(entered)
        task.sleep(1000)

    task = Task(Ref("t"), {"id": Ref("t")}, work, pool)
    future = task.send(1)
    assert entered.wait(LIMIT)
    task.cancel()
    assert isinstance(future.exception(LIMIT), CancelledErr)
    assert dropped == [CancelRequest]


@pytest.mark.parametrize("limited", [True, False])
def test_a_dropped_request_is_thrown_again(
    limited: bool, dropped: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "AGAIN", 0.05)
    entered = threading.Event()

    def work() -> None:
        Swallows(entered)
        while True:
            pass

    watcher = Watcher()
    guard = Guard(watcher, 0.05) if limited else Guard()
    stop = Canceller(lambda: guard.cancel() if entered.is_set() and not limited else None, 0.01)
    with stop, pytest.raises(CancelRequest):
        guard.run(work)
    assert dropped == [CancelRequest]
    watcher.close()


def test_a_shield_defers_a_request_till_its_end() -> None:
    guard = Guard()
    seen: list[int] = []

    def work() -> None:
        with SHIELD:
            with SHIELD:
                guard.cancel()
                seen.append(1)
            seen.append(2)
        seen.append(3)

    with pytest.raises(CancelRequest):
        guard.run(work)
    assert seen == [1, 2]
    assert guard.run(lambda: 5) == 5


def test_a_dead_guard_evaluates_nothing() -> None:
    guard = Guard()
    guard.dead = True
    with pytest.raises(CancelRequest):
        guard.run(pytest.fail)
    assert not guard.cancel()


def test_many_guards_keep_their_deadlines() -> None:
    watcher = Watcher()
    for _ in range(3):
        with pytest.raises(CancelRequest):
            Guard(watcher, 0.02).run(_spin)
        assert Guard(watcher, 600).run(len, "abc") == 3
    watcher.close()


def _spin() -> None:
    while True:
        pass


def test_random_cancels_hurt_no_task(rt: axon.Runtime, caplog: pytest.LogCaptureFixture) -> None:
    """A task that sends, waits and starts tasks is cancelled at random; every other task must live."""
    strays: list[Any] = []
    hook, threading.excepthook = threading.excepthook, strays.append
    try:
        other = rt.task("m => m + 1")
        rt.define("ask", lambda n: other.send(n).result(LIMIT))
        rt.define("drop", lambda n: other.send(n).cancel())
        source = """m => do
          drop(m)
          taskRun(x => x * 2, m)
          taskSendLater(taskCur(), 1hr, 0)
          (0..20).each(i => taskLocalSet("n", i))
          taskRun(x => x * 2, ask(m)).futureGet(20sec)
        end"""
        rt.run('commit(diff(null, {id: @busy, task, taskExpr: "m => null"}, {add}))\nprojSync()')
        task: Task = rt.tasks.add({**rt.tasks.get(axon.Ref("busy")).record, "taskExpr": source})
        answers = {"ok": 0, "cancelled": 0}
        with Canceller(task.cancel, 0.02) as canceller:
            end = time.monotonic() + 6
            while time.monotonic() < end:
                for future in [task.send(i) for i in range(10)]:
                    try:
                        assert future.result(LIMIT) is not None
                        answers["ok"] += 1
                    except CancelledErr:
                        answers["cancelled"] += 1
        assert canceller.count > 50
        assert answers["ok"]
        assert answers["cancelled"]
        assert task.send(5).result(LIMIT) == 12
        assert other.send(1).result(LIMIT) == 2
        end = time.monotonic() + LIMIT
        while busy := [t for t in rt.tasks.all() if t.queue_size or t.status in ("running", "pending")]:
            assert time.monotonic() < end, busy
            time.sleep(0.01)
    finally:
        threading.excepthook = hook
    assert not strays
    assert "CancelRequest" not in caplog.text


def test_random_cancels_hurt_no_journal(tmp_path: Path) -> None:
    with axon.Runtime(state=tmp_path) as rt:
        record = 'commit(diff(null, {id: @d, task, durable, taskExpr: "m => m"}, {add}))\nprojSync()'
        rt.run(record)
        sender = rt.task("m => do taskSend(@d, m); taskSend(@d, m).futureGet(20sec) end")
        target = rt.tasks.get(axon.Ref("d"))

        def both() -> None:
            sender.cancel()
            target.cancel()

        with Canceller(both, 0.004) as canceller:
            end = time.monotonic() + 3
            while time.monotonic() < end:
                sender.send(1).wait(LIMIT)
        assert canceller.count > 50
        assert target.send(2).result(LIMIT) == 2
        journal = rt.tasks.journal
        assert journal is not None
        assert not [e for e in journal.recent("d", 10000) if e.state == "pending"]
    with axon.Runtime(state=tmp_path) as rt:
        rt.run(record)
        assert rt.run("taskSend(@d, 3).futureGet(20sec)") == 3
        assert rt.tasks.get(axon.Ref("d")).stats.eval_num == 1


def test_a_time_limit_holds_for_each_message() -> None:
    with axon.Runtime(time_limit=1) as rt:
        task = rt.task(
            "m => if (m == 0) (1..1000000000).each(x => x) else if (m == 1) taskSleep(1min) else m"
        )
        for slow in (0, 1):
            with pytest.raises(EvalTimeoutErr, match=r"longer than 1sec"):
                task.send(slow).result(LIMIT)
            assert task.send(7).result(LIMIT) == 7
        end = time.monotonic() + 1.2
        while time.monotonic() < end:  # the limit is of one message, not of all
            task.send(2).result(LIMIT)
        with pytest.raises(EvalTimeoutErr):
            rt.run("taskRun(taskSleep(1min)).futureGet")


@pytest.mark.parametrize("wait", ["f.futureGet", "f.futureWaitFor", "futureWaitForAll([f, f])"])
def test_a_time_limit_ends_a_wait_outside_of_tasks(rt: axon.Runtime, wait: str) -> None:
    future = rt.task("m => taskSleep(1hr)").send(1)
    with pytest.raises(EvalTimeoutErr):
        rt.eval(wait, f=future, time_limit=0.2)
    assert future.state == "pending"


def test_a_time_limit_stops_python_code_and_keeps_the_session() -> None:
    with axon.Runtime(time_limit=3) as rt:
        task = rt.task('m => py().pyExec("import os, time").pyEval(m)')
        pid = task.send("os.getpid()").result(LIMIT)
        with pytest.raises(EvalTimeoutErr):
            task.send("time.sleep(60)").result(LIMIT)
        assert task.send("os.getpid()").result(LIMIT) == pid


def test_a_cancel_finds_a_message_that_is_about_to_begin(pool: Pool) -> None:
    seen: list[Any] = []

    class Late(Task):
        def _answer(self, msg: Any, future: Any, guard: Guard) -> None:
            if msg == 1:
                assert self.status == "running"
                self.cancel()
            super()._answer(msg, future, guard)

    late = Late(Ref("t"), {}, lambda t, m: seen.append(m), pool)
    first, second = late.send(1), late.send(2)
    with pytest.raises(CancelledErr):
        first.result(LIMIT)
    assert second.result(LIMIT) is None
    assert seen == [2]


def test_a_late_cancel_does_not_interrupt_the_next_message(pool: Pool) -> None:
    """A cancel that is held up between its request and the interrupt finds the next message."""
    interrupted: list[Any] = []

    class Session:
        def interrupt(self) -> None:
            interrupted.append(task.status)

        def kill(self, why: str) -> None:
            pass

    task = Task(Ref("t"), {}, lambda t, m: m, pool)
    task.session_slot["py"] = Session()
    over = Guard()
    over.reason = "cancelled"
    task._nudge(over)
    task.guard = over
    task._nudge(over)
    assert interrupted == ["idle"]  # by the second only


def test_cancels_at_any_moment_keep_the_interpreter(rt: axon.Runtime) -> None:
    """Also when the answer has just come, or the request has just been sent."""
    task = rt.task('m => py().pyExec("import os, time").pyEval(m)')
    pid = task.send("os.getpid()").result(LIMIT)
    answers = {"ok": 0, "cancelled": 0}
    rounds = 0
    with Canceller(task.cancel, 0.004):
        while (min(answers.values()) < 20 or rounds < 60) and rounds < 3000:
            rounds += 1
            code = ("time.sleep(0.002)", "[os.getpid()] * 3000", "sum(range(20000))")[rounds % 3]
            try:
                task.send(code).result(LIMIT)
                answers["ok"] += 1
            except CancelledErr:
                answers["cancelled"] += 1
    assert min(answers.values()) >= 20, answers
    assert task.send("os.getpid()").result(LIMIT) == pid


def test_an_interrupt_that_comes_before_the_code_begins_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("axon.session.client._YOUNG", 1e9)
    with axon.Runtime(io=tmp_path) as rt:
        task = rt.task('m => py().pyExec("import os, time").pyEval(m)')
        pid = task.send("os.getpid()").result(LIMIT)
        backend = task.session_slot["py"]._client.backend  # type: ignore[attr-defined]
        send, missed = backend.interrupt, [1, 2]  # that of the task, and that of the client
        monkeypatch.setattr(backend, "interrupt", lambda: missed.pop() if missed else send())
        future = task.send("[open('here', 'w').close(), time.sleep(60)]")
        end = time.monotonic() + LIMIT
        while not (tmp_path / "here").exists():
            assert time.monotonic() < end
            time.sleep(0.002)
        task.cancel()
        with pytest.raises(CancelledErr):
            future.result(LIMIT)
        assert not missed
        assert task.send("os.getpid()").result(LIMIT) == pid
