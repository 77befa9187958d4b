from __future__ import annotations

import asyncio
import threading

import pytest

from axon.errors import CancelledErr, TimeoutErr, UnitErr
from axon.tasks.future import Future


def test_answer_arrives_in_the_waiting_thread() -> None:
    future = Future()
    threading.Timer(0.01, future.complete, [7]).start()
    assert future.result(5) == 7
    assert (future.state, future.done(), future.cancelled()) == ("ok", True, False)


def test_error_of_the_task_is_raised_to_the_asker() -> None:
    future = Future()
    assert future.fail(UnitErr("kW + m"))
    with pytest.raises(UnitErr, match="kW"):
        future.result(0)
    assert isinstance(future.exception(), UnitErr)
    assert future.state == "err"


def test_first_answer_stays() -> None:
    future = Future()
    assert future.complete(1)
    assert not future.complete(2)
    assert not future.fail(UnitErr(""))
    assert not future.cancel()
    assert future.result() == 1


def test_timeout_leaves_it_pending() -> None:
    future = Future()
    with pytest.raises(TimeoutErr):
        future.result(0.01)
    assert future.state == "pending"
    assert not future.wait(0)


def test_cancelled_future_raises_cancelled() -> None:
    future = Future()
    assert future.cancel()
    with pytest.raises(CancelledErr):
        future.result(0)
    with pytest.raises(CancelledErr):
        future.exception(0)
    assert not future.complete(1)


def test_callbacks_run_once_before_or_after_completion() -> None:
    seen: list[str] = []
    future = Future()
    future.add_done_callback(lambda f: seen.append(f"early {f.state}"))
    future.complete(1)
    future.add_done_callback(lambda f: seen.append(f"late {f.state}"))
    assert seen == ["early ok", "late ok"]


def test_poke_wakes_waiters_without_an_answer() -> None:
    future = Future()
    done = threading.Event()

    def wait() -> None:
        future.wait(5)
        done.set()

    threading.Thread(target=wait, daemon=True).start()
    future.poke()
    assert not done.wait(0.05)
    future.complete(1)
    assert done.wait(5)


def test_many_waiters_all_wake() -> None:
    future = Future()
    got: list[object] = []
    threads = [threading.Thread(target=lambda: got.append(future.result(5))) for _ in range(20)]
    for t in threads:
        t.start()
    future.complete("x")
    for t in threads:
        t.join(5)
    assert got == ["x"] * 20


def test_await_gives_the_value_and_the_error() -> None:
    async def ask() -> object:
        good, bad, ready = Future(), Future(), Future()
        ready.complete(0)
        threading.Timer(0.01, good.complete, [5]).start()
        threading.Timer(0.01, bad.fail, [UnitErr("no")]).start()
        with pytest.raises(UnitErr):
            await bad
        return await good, await ready

    assert asyncio.run(ask()) == (5, 0)
