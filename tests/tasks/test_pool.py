from __future__ import annotations

import threading

from axon.tasks.pool import Pool
from axon.tasks.timer import Timer


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
