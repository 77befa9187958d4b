from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from axon.errors import (
    CancelledErr,
    Err,
    EvalError,
    NotImmutableErr,
    TaskDisabledErr,
    TaskEphemeralErr,
    TaskFaultErr,
    TaskKilledErr,
    TimeoutErr,
    UnitErr,
)
from axon.tasks.future import Future
from axon.tasks.pool import Pool
from axon.tasks.task import Task

from .conftest import LIMIT, Gate

Make = Callable[..., Task]


def echo(task: Task, msg: Any) -> Any:
    return msg


def test_messages_are_answered_in_order(make_task: Make) -> None:
    seen: list[int] = []
    task = make_task(lambda t, m: seen.append(m) or m)
    futures = [task.send(i) for i in range(500)]
    assert [f.result(LIMIT) for f in futures] == list(range(500))
    assert seen == list(range(500))


def test_status_follows_the_queue(make_task: Make, gate: Gate) -> None:
    task = make_task(gate)
    assert task.status == "idle"
    first = task.send(1)
    assert gate.entered.wait(LIMIT)
    assert task.status == "running"
    task.send(2)
    assert task.queue_size == 1
    gate.opened.set()
    first.result(LIMIT)
    assert task.stats.queue_peak >= 1


def test_one_evaluation_at_a_time(make_task: Make) -> None:
    inside = threading.Lock()

    def run(task: Task, msg: Any) -> Any:
        assert inside.acquire(blocking=False)
        time.sleep(0)
        inside.release()
        return msg

    task = make_task(run)
    got: list[Any] = []

    def sender() -> None:
        got.extend(f.result(LIMIT) for f in [task.send(i) for i in range(100)])

    threads = [threading.Thread(target=sender) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(LIMIT)
    assert len(got) == 400


def test_an_error_counts_and_leaves_the_status(make_task: Make) -> None:
    def run(task: Task, msg: Any) -> Any:
        raise UnitErr("kW + m") if msg == 1 else ZeroDivisionError("x")

    task = make_task(run)
    with pytest.raises(UnitErr):
        task.send(1).result(LIMIT)
    with pytest.raises(EvalError, match="ZeroDivisionError"):
        task.send(2).result(LIMIT)
    assert (task.status, task.stats.err_num, task.stats.eval_num) == ("idle", 2, 2)
    assert task.stats.last_error is not None
    assert task.stats.last_error[0] == "axon::EvalErr: ZeroDivisionError: x"


def test_a_failed_message_is_not_kept(make_task: Make) -> None:
    class Large:
        axon_mutable = False

    def run(task: Task, msg: Any) -> Any:
        raise UnitErr("kW + m")

    large = Large()
    gone = weakref.ref(large)
    task = make_task(run)
    with pytest.raises(UnitErr):
        task.send(large).result(LIMIT)
    del large
    gc.collect()
    assert gone() is None
    assert task.stats.last_error is not None


class NoText(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class NoDis(EvalError):
    def dis(self) -> str:
        raise RuntimeError("no dis")


class NoLook(type):
    @property
    def axon_mutable(cls) -> bool:
        raise RuntimeError("no look")


class Unseen(metaclass=NoLook):
    pass


@pytest.mark.parametrize(
    ("odd", "text"),
    [
        (NoText(), "NoText: its text"),
        (NoDis("x"), "RuntimeError: no dis"),
        (Unseen(), "RuntimeError: no look"),
    ],
)
def test_an_answer_that_can_not_be_looked_at_is_an_error(make_task: Make, odd: Any, text: str) -> None:
    """And the task goes on."""

    def run(task: Task, msg: Any) -> Any:
        if msg == 1 and isinstance(odd, Exception):
            raise odd
        return odd if msg == 1 else msg

    task = make_task(run)
    with pytest.raises(EvalError, match=text):
        task.send(1).result(LIMIT)
    assert task.send(2).result(LIMIT) == 2
    assert task.status == "idle"


def test_cancel_ends_the_evaluation_and_spares_the_queue(make_task: Make, gate: Gate) -> None:
    task = make_task(gate)
    running = task.send(1)
    queued = task.send(2)
    assert gate.entered.wait(LIMIT)
    gate.entered.clear()
    task.cancel()
    with pytest.raises(CancelledErr):
        running.result(LIMIT)
    assert running.state == "err"
    assert gate.entered.wait(LIMIT)
    gate.opened.set()
    assert queued.result(LIMIT) == 2


def test_cancel_of_an_idle_task_does_nothing(make_task: Make) -> None:
    task = make_task(echo)
    task.cancel()
    assert task.send(1).result(LIMIT) == 1
    task.cancel()
    assert task.send(2).result(LIMIT) == 2


def test_cancel_at_any_moment_hits_one_message_at_most(make_task: Make) -> None:
    task = make_task(lambda t, m: sum(range(200)) + m)
    futures = [task.send(i) for i in range(300)]
    for _ in range(40):
        task.cancel()
        time.sleep(0.0002)
    for f in futures:
        assert f.wait(LIMIT)
    assert all(f.state in ("ok", "err") for f in futures)
    assert task.send(5).result(LIMIT) == sum(range(200)) + 5


def test_kill_fails_what_is_queued_and_what_comes(make_task: Make, gate: Gate) -> None:
    task = make_task(gate)
    running, queued = task.send(1), task.send(2)
    assert gate.entered.wait(LIMIT)
    task.kill()
    task.kill()
    with pytest.raises(TaskKilledErr, match="Task killed"):
        queued.result(LIMIT)
    with pytest.raises(TaskKilledErr):
        running.result(LIMIT)
    with pytest.raises(TaskKilledErr):
        task.send(3)
    assert task.status == "killed"


def test_cancelled_future_leaves_the_queue(make_task: Make, gate: Gate) -> None:
    task = make_task(gate)
    running, queued = task.send(1), task.send(2)
    assert gate.entered.wait(LIMIT)
    assert queued.cancel()
    assert task.queue_size == 0
    assert running.cancel()  # goes on, its result is lost
    gate.opened.set()
    assert task.send(3).result(LIMIT) == 3
    assert task.stats.eval_num == 2


def test_cancelled_messages_leave_a_long_queue_without_a_search(make_task: Make, gate: Gate) -> None:
    class Message:
        axon_mutable = False

        def __eq__(self, other: object) -> bool:
            raise AssertionError("messages are not compared")

        __hash__ = object.__hash__

    task = make_task(gate, queue_limit=10_000)
    first = task.send(0)
    assert gate.entered.wait(LIMIT)
    sent = [task.send(Message()) for _ in range(10_000)]
    gone = weakref.ref(sent[5000])
    for future in reversed(sent[1:]):
        assert future.cancel()
    assert task.queue_size == 1
    del future, sent[1:]
    assert gone() is None
    more = [task.send(i) for i in range(9_999)]
    with pytest.raises(Err, match="full, 10000 messages wait"):
        task.send(0)
    gate.opened.set()
    assert [f.result(LIMIT) for f in (first, *more)] == [0, *range(9_999)]
    assert isinstance(sent[0].result(LIMIT), Message)
    assert task.queue_size == 0


@pytest.mark.parametrize("early", [True, False])
def test_a_cancel_beside_the_turn_of_its_message_counts_once(
    make_task: Make, gate: Gate, early: bool
) -> None:
    """The future is cancelled before the task hears of it; its turn may come between."""
    task = make_task(gate)
    task.send(0)
    assert gate.entered.wait(LIMIT)
    future = task.send(1)
    future.complete(None, "cancelled")
    if early:
        task.drop(future)
    gate.opened.set()
    assert task.send(2).result(LIMIT) == 2
    if not early:
        task.drop(future)
    assert task.queue_size == 0
    assert task._dropped == 0


def test_full_queue_refuses_at_once(make_task: Make, gate: Gate) -> None:
    task = make_task(gate, queue_limit=2)
    task.send(0)
    assert gate.entered.wait(LIMIT)
    task.send(1)
    task.send(2)
    with pytest.raises(Err, match="full, 2 messages wait"):
        task.send(3)
    gate.opened.set()


@pytest.mark.parametrize(
    ("type", "error"),
    [("disabled", TaskDisabledErr), ("fault", TaskFaultErr), ("ephemeral", TaskEphemeralErr)],
)
def test_tasks_that_take_no_messages(make_task: Make, type: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        make_task(echo, type=type).send(1)


class Changing:
    axon_mutable = True


@pytest.mark.parametrize("msg", [Changing(), [1, [Changing()]], {"a": {"b": Changing()}}])
def test_what_changes_may_not_cross(make_task: Make, msg: Any) -> None:
    task = make_task(echo)
    with pytest.raises(NotImmutableErr):
        task.send(msg)
    giver = make_task(lambda t, m: msg)
    with pytest.raises(NotImmutableErr, match="result"):
        giver.send(1).result(LIMIT)


def test_adjuncts_live_as_long_as_the_task(make_task: Make) -> None:
    class Session:
        closed = 0
        interrupted = 0

        def kill(self, why: str) -> None:
            self.closed += 1

        def interrupt(self) -> None:
            self.interrupted += 1

    made: list[Session] = []

    def run(task: Task, msg: Any) -> Any:
        slot = task.session_slot
        if "py" not in slot:
            made.append(Session())
            slot["py"] = made[-1]
        session = slot["py"]
        if msg == "wait":
            task.sleep(LIMIT)
        return session is made[0]

    task = make_task(run)
    assert task.send(1).result(LIMIT)
    assert task.send(2).result(LIMIT)
    waiting = task.send("wait")
    while task._waiting is None:
        time.sleep(0.001)
    task.cancel()
    with pytest.raises(CancelledErr):
        waiting.result(LIMIT)
    assert (len(made), made[0].interrupted, made[0].closed) == (1, 1, 0)
    task.kill()
    assert made[0].closed == 1
    with pytest.raises(TaskKilledErr):
        _ = task.session_slot


def test_cancel_ends_a_wait_for_a_future(make_task: Make) -> None:
    never = Future()
    task = make_task(lambda t, m: t.wait_for(never, None))
    future = task.send(1)
    while task._waiting is None:
        time.sleep(0.001)
    task.cancel()
    with pytest.raises(CancelledErr):
        future.result(LIMIT)


def test_tasks_that_wait_for_each_other_are_named(make_task: Make) -> None:
    other: list[Task] = []

    def run(task: Task, msg: Any) -> Any:
        if msg == "go":
            future = other[0].send("ask")
            task.wait_for(future, None)
            return future.result(0)
        future = first.send("back")
        task.wait_for(future, None)
        return future.result(0)

    first = make_task(run)
    other.append(make_task(run))
    with pytest.raises(TimeoutErr, match="wait for each other: T"):
        first.send("go").result(LIMIT)


def test_a_task_that_waits_for_itself_is_told(make_task: Make) -> None:
    def run(task: Task, msg: Any) -> Any:
        if msg == "inner":
            return 1
        return task.wait_for(task.send("inner"), 0.02 if msg == "short" else None)

    task = make_task(run)
    with pytest.raises(TimeoutErr, match="T0 → T0"):
        task.send("for ever").result(LIMIT)
    with pytest.raises(TimeoutErr, match=r"within 0\.02s.*T0 → T0"):
        task.send("short").result(LIMIT)


def test_idle_tasks_are_small_and_hold_no_thread(make_task: Make, pool: Pool) -> None:
    import tracemalloc

    make_task(echo)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = [make_task(echo) for _ in range(900)]
        each = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    finally:
        tracemalloc.stop()
    assert each < 3000
    assert pool.size == 0
