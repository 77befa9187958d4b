"""Tasks of a runtime, from Python."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import time
from collections.abc import Iterator
from gc import collect
from pathlib import Path
from typing import Any
from weakref import ref

import numpy as np
import pytest

import axon
from axon.errors import CancelledErr, CoerceErr, RemoteError, TaskKilledErr

from .conftest import LIMIT


@pytest.fixture
def rt() -> Iterator[axon.Runtime]:
    with axon.Runtime(tz="UTC") as rt:
        yield rt


def test_text_function_and_python_callable_are_tasks(rt: axon.Runtime) -> None:
    rt.define("triple", lambda x: x * 3)
    for source, want in (
        ("(m) => m->v * 2", 6),
        ("m => triple(m->v)", 9),
        (rt.fn("(m) => m->v + 1"), 4),
        (lambda m: m["v"] - 1, 2),
    ):
        with rt.task(source) as task:
            assert task.send({"v": 3}).result(LIMIT) == want
        with pytest.raises(TaskKilledErr):
            task.send({"v": 3})


@pytest.mark.parametrize("source", [5, None, object()])
def test_what_is_no_function_makes_no_task(rt: axon.Runtime, source: Any) -> None:
    with pytest.raises(axon.EvalError, match="task: expected a function or its text, got a Python"):
        rt.task(source)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_queue_that_takes_nothing_is_refused(rt: axon.Runtime, limit: int) -> None:
    with pytest.raises(axon.EvalError, match=f"queue_limit must be at least 1, got {limit}"):
        rt.task("m => m", queue_limit=limit)


def test_threads_and_the_time_of_finished_tasks_are_options() -> None:
    with axon.Runtime(max_threads=2, ephemeral_linger=0) as rt:
        ask = threading.Semaphore(0)
        futures = [rt.task(lambda _: ask.acquire(timeout=LIMIT)).send(n) for n in range(5)]
        while rt.tasks.pool.size < 2:
            time.sleep(0.001)
        assert "2 at most" in rt.eval("taskDebugPool().first->val")
        for _ in futures:
            ask.release()
        assert [f.result(LIMIT) for f in futures] == [True] * 5
        assert rt.tasks.pool.peak == 2
        assert rt.eval("taskRun(1).futureGet(20sec)") == 1
        while rt.eval('tasks().any(t => t->type == "ephemeral")'):
            time.sleep(0.001)


@pytest.mark.parametrize("options", [{"max_threads": 0}, {"ephemeral_linger": -1}])
def test_options_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(axon.EvalError, match="Runtime: "):
        axon.Runtime(**options)


def test_answers_can_be_awaited(rt: axon.Runtime) -> None:
    task = rt.task("(m) => m * m")

    async def ask() -> list[object]:
        return list(await asyncio.gather(*(_await(task.send(i)) for i in range(20))))

    async def _await(future: object) -> object:
        return await future  # type: ignore[misc]

    assert asyncio.run(ask()) == [i * i for i in range(20)]


def test_messages_are_what_python_has(rt: axon.Runtime) -> None:
    task = rt.task("m => [m, debugType(m)]")
    sent = {"a": (1, 2)}
    answer = task.send(sent)
    sent["a"] = (3,)
    assert answer.result(LIMIT)[0] == {"a": [1, 2]}
    naive = dt.datetime(2024, 5, 6)
    assert task.send(naive).result(LIMIT)[0].tzinfo is not None
    assert isinstance(task.send(np.array([[1.0, 2.0]])).result(LIMIT)[0], axon.Grid)
    assert rt.task("f => f(4)").send(lambda x: x + 1).result(LIMIT) == 5
    with pytest.raises(CoerceErr, match="no Axon value"):
        task.send(object())


def test_who_gives_up_waiting_leaves_nothing_behind(rt: axon.Runtime) -> None:
    async def main() -> None:
        future = rt.task("m => taskSleep(1hr)").send(1)
        for _ in range(5):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(future, 0.001)
        assert (future.state, future._callbacks) == ("pending", [])

    asyncio.run(main())


def test_each_message_has_a_fresh_context(rt: axon.Runtime) -> None:
    task = rt.task('(m) => do x: m; try nosuch catch "none" end')
    assert [task.send(i).result(LIMIT) for i in range(3)] == ["none"] * 3
    other = rt.task("do y: 5; y + 1 end")
    assert [other.send(i).result(LIMIT) for i in range(3)] == [6] * 3


def test_a_redefined_function_is_seen_by_the_next_message(rt: axon.Runtime) -> None:
    rt.define("f", "(x) => x + 1")
    by_name, by_call = rt.task("f"), rt.task("m => f(m)")
    assert (by_name.send(1).result(LIMIT), by_call.send(1).result(LIMIT)) == (2, 2)
    rt.define("f", "(x) => x + 10")
    assert (by_name.send(1).result(LIMIT), by_call.send(1).result(LIMIT)) == (11, 11)


def test_a_killed_task_is_forgotten(rt: axon.Runtime) -> None:
    with rt.task("m => m") as task:
        assert rt.tasks.all() == [task]
    assert rt.tasks.all() == []
    kept = rt.task("m => m")
    gone = ref(rt.task("m => m"))
    found = gone()
    assert found is not None
    found.kill()
    del found
    collect()
    assert gone() is None
    assert rt.tasks.all() == [kept]


def test_errors_carry_their_axon_place(rt: axon.Runtime) -> None:
    task = rt.task("m => m->v + 1kW")
    with pytest.raises(axon.EvalError) as e:
        task.send({"v": axon.Number(2, "m")}).result(LIMIT)
    assert e.value.loc.line == 1
    assert e.value.axon_trace


def test_cancel_stops_an_endless_axon_loop_at_once(rt: axon.Runtime) -> None:
    task = rt.task("m => if (m == 0) (1..1000000000).each(x => x) else m")
    future = task.send(0)
    while task.status != "running":
        time.sleep(0.001)
    task.cancel()
    with pytest.raises(CancelledErr):
        future.result(LIMIT)
    assert task.send(7).result(LIMIT) == 7


def test_axon_try_does_not_stop_a_cancel(rt: axon.Runtime) -> None:
    task = rt.task('m => try (1..1000000000).each(x => x) catch "caught"')
    future = task.send(0)
    while task.status != "running":
        time.sleep(0.001)
    task.cancel()
    with pytest.raises(CancelledErr):
        future.result(LIMIT)


def test_session_state_stays_between_messages_and_ends_with_the_task(rt: axon.Runtime) -> None:
    task = rt.task('m => py().pyInit(s => s.pyExec("n = 0")).pyExec("n += 1").pyEval(m)')
    assert [task.send("n").result(LIMIT) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(RemoteError, match="oops"):
        task.send("[][0] if False else oops").result(LIMIT)
    assert task.send("n").result(LIMIT) >= 4
    pid = task.send("__import__('os').getpid()").result(LIMIT)
    assert isinstance(pid, int)
    fresh = rt.tasks.restart(task)
    assert fresh.send("n").result(LIMIT) == 1
    assert _gone(pid)
    again = fresh.send("__import__('os').getpid()").result(LIMIT)
    fresh.kill()
    assert _gone(int(str(again)))


def test_cancel_interrupts_python_code_and_keeps_the_session(tmp_path: Path) -> None:
    with axon.Runtime(io=tmp_path) as rt:
        task = rt.task('m => py().pyExec("import time, os").pyEval(m)')
        pid = task.send("os.getpid()").result(LIMIT)
        future = task.send("[open('here', 'w').close(), time.sleep(60)]")
        _wait_for(tmp_path / "here")
        task.cancel()
        with pytest.raises(CancelledErr):
            future.result(LIMIT)
        assert task.send("os.getpid()").result(LIMIT) == pid


def test_cancel_ends_python_code_that_does_not_stop(tmp_path: Path) -> None:
    source = 'm => py({grace: 300ms}).pyExec("import time, os").pyExec(m).pyEval("os.getpid()")'
    endless = "while True:\n  try:\n    time.sleep(60)\n  except BaseException:\n    pass"
    stubborn = f"open('here', 'w').close()\n{endless}"
    with axon.Runtime(io=tmp_path) as rt:
        task = rt.task(source)
        pid = int(str(task.send("").result(LIMIT)))
        future = task.send(stubborn)
        _wait_for(tmp_path / "here")
        task.cancel()
        with pytest.raises(CancelledErr):
            future.result(LIMIT)
        assert _gone(pid)
        assert task.send("").result(LIMIT) != pid


def _wait_for(path: Path) -> None:
    end = time.monotonic() + LIMIT
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_tasks_with_sessions_work_at_the_same_time(tmp_path: Path) -> None:
    """Each writes a file, and waits for the files of all others."""
    code = """
import os, time
def meet(n):
    open(f"{n}.here", "w").close()
    while not all(os.path.exists(f"{i}.here") for i in range(4)):
        time.sleep(0.002)
    return n
"""
    with axon.Runtime(io=tmp_path) as rt:
        rt.define("code", lambda: code)
        tasks = [rt.task('m => py().pyExec(code()).pyEval("meet(n)", {n: m})') for _ in range(4)]
        futures = [task.send(i) for i, task in enumerate(tasks)]
        assert [f.result(LIMIT) for f in futures] == [0, 1, 2, 3]


def test_a_kill_during_python_code_leaves_nothing_running(rt: axon.Runtime) -> None:
    task = rt.task('m => py().pyExec("import time, os").pyEval(m)')
    pid = task.send("os.getpid()").result(LIMIT)
    future = task.send("time.sleep(60)")
    while task.status != "running":
        time.sleep(0.001)
    task.kill()
    with pytest.raises(TaskKilledErr):
        future.result(LIMIT)
    assert _gone(int(str(pid)))


def test_closing_the_runtime_ends_everything() -> None:
    rt = axon.Runtime()
    task = rt.task('m => py().pyExec("import time, os").pyEval(m)')
    pid = task.send("os.getpid()").result(LIMIT)
    waiting = task.send("time.sleep(60)")
    rt.close()
    assert waiting.done()
    assert _gone(int(str(pid)))
    assert not [t for t in threading.enumerate() if t.name.startswith("axon-task") and not t.daemon]
    with pytest.raises(axon.EvalError, match="closed"):
        rt.task("m => m")


@pytest.mark.parametrize("used", [False, True])
def test_nothing_is_started_after_the_end(used: bool) -> None:
    with axon.Runtime() as rt:
        late = rt.fn("() => taskRun(41 + 1).futureGet(20sec)")
        commit, sync = rt.fn("() => commit(diff(null, {task}, {add}))"), rt.fn("() => projSync()")
        if used:
            assert late() == 42
    with pytest.raises(axon.EvalError, match="the runtime is closed"):
        late()
    assert "task" in commit(), "records can still be changed, but none follows"
    if used:
        assert sync() == "synced"


def test_a_session_is_opened_while_messages_may_end_and_not_later() -> None:
    with axon.Runtime() as rt:
        entered = threading.Event()

        def late(_: object) -> object:
            entered.set()
            while not rt._closed:
                time.sleep(0.001)
            with rt.session() as session:
                return session.eval("6 * 7")

        answer = rt.task(late).send(1)
        assert entered.wait(LIMIT)
        rt.close(grace=LIMIT)
        assert answer.result(LIMIT) == 42
    with axon.Runtime() as rt:
        pass
    with pytest.raises(axon.EvalError, match="the runtime is closed"):
        rt.session()


def test_a_task_that_closes_its_runtime_ends_everything() -> None:
    rt = axon.Runtime()
    pid = rt.task('m => py().pyExec("import os").pyEval("os.getpid()")').send(1).result(LIMIT)
    with pytest.raises(TaskKilledErr):
        rt.task(lambda _: rt.close(grace=1000)).send(1).result(LIMIT)
    assert _gone(int(str(pid)))
    with pytest.raises(axon.EvalError, match="the runtime is closed"):
        rt.session()


def test_a_row_crosses_as_any_dict(rt: axon.Runtime) -> None:
    row = axon.Grid.from_columns(["f"], [[rt.fn("() => taskIsRunning()")]]).first()
    assert rt.eval('taskRun(m => m["f"](), row).futureGet(20sec)', row=row) is True
    row = axon.Grid.from_columns(["s"], [[rt.eval("[1].stream")]]).first()
    with pytest.raises(axon.EvalError, match="that changes"):
        rt.eval("taskRun(m => 1, row)", row=row)


def test_the_test_helper_alone_asks_for_no_role() -> None:
    with axon.Runtime(admin=False) as rt:
        with pytest.raises(axon.EvalError, match="task context"):
            rt.eval("taskTestAdjunct()")
        with pytest.raises(axon.EvalError, match="admin"):
            rt.eval("taskIsRunning()")


def test_a_restarted_task_takes_what_python_has(rt: axon.Runtime) -> None:
    task = rt.tasks.restart(rt.task("m => m"))
    assert task.send({"v": (1, 2)}).result(LIMIT) == {"v": [1, 2]}


def test_the_session_of_an_ephemeral_task_ends_with_its_answer(rt: axon.Runtime) -> None:
    pid = rt.eval('taskRun(py().pyExec("import os").pyEval("os.getpid()")).futureGet(20sec)')
    assert _gone(int(str(pid)))


def test_durable_tasks_of_a_runtime(tmp_path: Path) -> None:
    record = 'commit(diff(null, {id: @d, task, durable, taskExpr: "m => taskSleep(m)"}, {add}))\nprojSync()'
    with axon.Runtime(state=tmp_path) as rt:
        rt.run(record)
        rt.run("taskSend(@d, 60sec)\n[1ms, 2ms].each(x => taskSend(@d, x))")
    source = record.replace(
        "taskSleep(m)", 'do l: taskLocalGet(\\"l\\", []).add(m); taskLocalSet(\\"l\\", l) end'
    )
    with axon.Runtime(state=tmp_path) as rt:
        rt.run(source)
        got = rt.run("taskSend(@d, 0sec).futureGet(20sec).map(x => x.toStr)")
    assert got == ["60sec", "1ms", "2ms", "0sec"]


def _gone(pid: int) -> bool:
    """Whether a process ends in time."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]:
            return True
        time.sleep(0.02)
    return False
