from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from axon.errors import Err
from axon.tasks.pool import Pool
from axon.tasks.task import Task
from axon.tasks.timer import Timer

from .conftest import LIMIT


class Work:
    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.go = threading.Event()

    def turn(self) -> None:
        self.started.release()
        self.go.wait(5)


def test_threads_grow_on_demand_up_to_the_limit() -> None:
    pool, work = Pool(3), Work()
    assert pool.size == 0
    for _ in range(5):
        pool.submit(work)
    for _ in range(3):
        assert work.started.acquire(timeout=5)
    assert not work.started.acquire(timeout=0.05)
    assert (pool.size, pool.queued) == (3, 2)
    work.go.set()
    for _ in range(2):
        assert work.started.acquire(timeout=5)
    assert pool.close()


def test_an_idle_thread_is_used_again_and_ends_after_a_while() -> None:
    pool, work = Pool(5, linger=0.05), Work()
    work.go.set()
    for _ in range(20):
        pool.submit(work)
        assert work.started.acquire(timeout=5)
    assert pool.peak <= 2
    ended = threading.Event()
    for _ in range(100):
        if pool.size == 0:
            ended.set()
            break
        threading.Event().wait(0.02)
    assert ended.is_set()
    pool.submit(work)
    assert work.started.acquire(timeout=5)
    assert pool.close()


def test_a_failing_job_does_not_cost_a_thread() -> None:
    class Bad:
        def turn(self) -> None:
            raise ValueError("no")

    pool, work = Pool(1), Work()
    work.go.set()
    pool.submit(Bad())
    pool.submit(work)
    assert work.started.acquire(timeout=5)
    assert pool.close()


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on the system gives no threads, until `monkeypatch.undo`."""

    def fail(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    return lambda: monkeypatch.setattr(threading.Thread, "start", fail)


def test_without_any_thread_a_job_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, no_threads: Callable[[], None]
) -> None:
    pool, work = Pool(3), Work()
    work.go.set()
    no_threads()
    with pytest.raises(Err, match="no thread can be started: can't start new thread"):
        pool.submit(work)
    monkeypatch.undo()
    assert (pool.size, pool.queued) == (0, 0)
    pool.submit(work)
    assert work.started.acquire(timeout=LIMIT)
    assert pool.close()


def test_the_threads_there_are_do_the_work_of_those_that_can_not_be_had(
    no_threads: Callable[[], None],
) -> None:
    pool, first, second = Pool(3), Work(), Work()
    pool.submit(first)
    assert first.started.acquire(timeout=LIMIT)
    no_threads()
    pool.submit(second)
    assert (pool.size, pool.queued) == (1, 1)
    first.go.set()
    second.go.set()
    assert second.started.acquire(timeout=LIMIT)
    assert pool.close()


def test_a_sender_is_told_that_there_is_no_thread(
    monkeypatch: pytest.MonkeyPatch, no_threads: Callable[[], None], make_task: Callable[..., Task]
) -> None:
    def echo(task: Task, msg: Any) -> Any:
        return msg

    task = make_task(echo)
    no_threads()
    with pytest.raises(Err, match="no thread"):
        task.send(1)
    monkeypatch.undo()
    assert (task.status, task.queue_size) == ("idle", 0)
    assert task.send(2).result(LIMIT) == 2


def test_a_timer_that_got_no_thread_gets_one_later(
    monkeypatch: pytest.MonkeyPatch, no_threads: Callable[[], None]
) -> None:
    timer, done = Timer(), threading.Event()
    no_threads()
    with pytest.raises(Err, match="axon-timer: no thread"):
        timer.later(0, done.set)
    monkeypatch.undo()
    timer.later(0, done.set)
    assert done.wait(LIMIT)
    timer.close()


def test_timer_calls_in_the_order_of_time() -> None:
    timer, seen, done = Timer(), [], threading.Event()
    timer.later(0.6, lambda: (seen.append("b"), done.set()))
    timer.later(0.01, lambda: seen.append("a"))
    dropped = timer.later(0.3, lambda: seen.append("x"))
    dropped.cancel()
    assert done.wait(5)
    assert seen == ["a", "b"]
    timer.close()


def test_closed_timer_drops_what_was_to_come() -> None:
    timer, dropped = Timer(), []
    timer.later(60, lambda: None, lambda: dropped.append(1))
    timer.close()
    timer.close()
    timer.later(0, lambda: None, lambda: dropped.append(2))
    assert dropped == [1, 2]


def test_a_failing_call_does_not_stop_the_timer() -> None:
    timer, done = Timer(), threading.Event()

    def bad() -> None:
        raise ValueError("no")

    timer.later(0, bad)
    timer.later(0.01, done.set)
    assert done.wait(5)
    timer.close()


def test_cancelled_calls_do_not_fill_the_timer() -> None:
    timer, done = Timer(), threading.Event()
    for _ in range(20_000):
        timer.later(3600, done.set).cancel()
    assert len(timer._heap) <= 2000
    timer.later(0, done.set)
    assert done.wait(5)
    timer.close()
