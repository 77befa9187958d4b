from __future__ import annotations

import asyncio
import itertools
import logging
import random
import threading
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import pytest

import axon
from axon.errors import CancelledErr, TimeoutErr, UnitErr
from axon.tasks.future import Future

LIMIT = 30.0


@pytest.fixture
def rt() -> Iterator[axon.Runtime]:
    with axon.Runtime() as made:
        yield made


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


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
def test_a_callback_that_fails_does_not_stop_its_task(
    rt: axon.Runtime, error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_future: Future) -> None:
        raise error("in a callback")

    seen: list[Future] = []
    task = rt.task("m => taskSleep(m)")
    wait = task.send(rt.eval("20ms"))
    with caplog.at_level(logging.ERROR, "axon.tasks"):
        wait.add_done_callback(fail)
        wait.add_done_callback(seen.append)
        wait.result(LIMIT)
        assert task.send(rt.eval("1ms")).result(LIMIT) is None
    assert seen == [wait]
    assert "callback of a future failed" in caplog.text


@pytest.mark.parametrize("count", [30, 5000])
def test_a_chain_of_futures_ends_however_long(count: int) -> None:
    """Each completes the next in a callback; at the end of a long one they do not nest."""
    chain = [Future() for _ in range(count)]
    order: list[int] = []
    for i, (one, following) in enumerate(itertools.pairwise(chain)):
        one.add_done_callback(lambda f, i=i: order.append(i))  # type: ignore[misc]
        one.add_done_callback(lambda f, following=following: following.fail(f.exception()))  # type: ignore[misc]
    chain[0].fail(UnitErr("x"))
    assert all(f.state == "err" for f in chain)
    assert order == list(range(count - 1))


def test_a_callback_sees_that_what_it_completed_was_told() -> None:
    seen: list[str] = []
    inner, outer = Future(), Future()
    inner.add_done_callback(lambda _: seen.append("inner"))
    outer.add_done_callback(lambda _: seen.append(f"{inner.cancel()} {seen}"))
    outer.complete(1)
    assert seen == ["inner", "True ['inner']"]


def test_errors_are_also_those_of_python() -> None:
    """So that code for futures of executors works with ours."""
    future = Future()
    for ask in (future.result, future.exception):
        with pytest.raises(TimeoutError) as no_answer:
            ask(0.0)
        assert isinstance(no_answer.value, TimeoutErr)
        assert no_answer.value.type == "sys::TimeoutErr"
    future.cancel()
    for ask in (future.result, future.exception):
        with pytest.raises(futures.CancelledError) as given_up:
            ask(0.0)
        assert isinstance(given_up.value, CancelledErr)
        assert given_up.value.type == "sys::CancelledErr"


def test_standard_wait_takes_them() -> None:
    other: futures.Future[int] = futures.Future()
    good: Any = Future()
    bad: Any = Future()
    never: Any = Future()
    other.set_result(1)
    done, rest = futures.wait([good, other, never], 0)
    assert (done, rest) == ({other}, {good, never})

    threading.Timer(0.01, good.complete, [1]).start()
    done, rest = futures.wait([good, bad, never], LIMIT, futures.FIRST_COMPLETED)
    assert (done, rest) == ({good}, {bad, never})

    threading.Timer(0.01, bad.fail, [UnitErr("no")]).start()
    done, rest = futures.wait([good, bad, never], LIMIT, futures.FIRST_EXCEPTION)
    assert (done, rest) == ({good, bad}, {never})

    threading.Timer(0.01, never.cancel).start()
    assert futures.wait([good, bad, never], LIMIT) == ({good, bad, never}, set())
    assert futures.wait([good, bad, never], LIMIT) == ({good, bad, never}, set())


def test_standard_wait_misses_none_that_completes_meanwhile() -> None:
    for _ in range(200):
        asked: list[Any] = [Future() for _ in range(20)]
        order = random.sample(asked, 20)

        def answer(order: list[Any] = order) -> None:
            for f in order[::3]:
                f.cancel()
            for f in order:
                f.complete(1)

        thread = threading.Thread(target=answer)
        thread.start()
        assert set(futures.as_completed(asked, LIMIT)) == set(asked)
        assert futures.wait(asked, LIMIT).not_done == set()
        thread.join()


def test_as_completed_gives_the_answers_of_a_task(rt: axon.Runtime) -> None:
    task = rt.task("m => m")
    asked: list[Any] = [task.send(i) for i in range(100)]
    never: Any = Future()
    assert sorted(f.result() for f in futures.as_completed(asked, LIMIT)) == list(range(100))
    with pytest.raises(TimeoutError):
        next(futures.as_completed([never], 0.01))


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
