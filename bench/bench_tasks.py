"""Tasks: messages against a bare queue and thread, idle tasks, sessions in tasks, durable sends."""

from __future__ import annotations

import os
import queue
import resource
import statistics
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import NamedTuple

import axon
from pylib.kinds import MARKER, Ref

COUNT = 50_000


def best(call: Callable[[], float], repeat: int = 5) -> float:
    """The highest of some rates."""
    return max(call() for _ in range(repeat))


def bare_rate() -> float:
    """Messages a second: put in a queue, taken by a thread, put in the queue of answers, taken from there."""
    todo: queue.Queue[object] = queue.Queue()
    done: queue.Queue[object] = queue.Queue()

    def work() -> None:
        while (msg := todo.get()) is not None:
            done.put(msg)

    thread = threading.Thread(target=work)
    thread.start()
    start = time.perf_counter()
    for i in range(COUNT):
        todo.put(i + 1)
    got = [done.get() for _ in range(COUNT)]
    took = time.perf_counter() - start
    todo.put(None)
    thread.join()
    assert got == list(range(1, COUNT + 1))
    return COUNT / took


def task_rate(rt: axon.Runtime) -> float:
    """Messages a second through an Axon task that gives each back."""
    with rt.task("(m) => m") as task:
        start = time.perf_counter()
        futures = [task.send(i) for i in range(COUNT)]
        got = [f.result(60) for f in futures]
        took = time.perf_counter() - start
    assert got == list(range(COUNT))
    return COUNT / took


def idle_bytes(rt: axon.Runtime, count: int = 10_000) -> tuple[float, float]:
    """Bytes for each idle task, before and after it answered a message."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tasks = [
        rt.tasks.add({"id": Ref(f"idle{i}"), "task": MARKER, "taskExpr": "(m) => m"}) for i in range(count)
    ]
    fresh = tracemalloc.get_traced_memory()[0] - before
    for f in [t.send(1) for t in tasks]:
        f.result(60)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return fresh / count, used / count


def idle_cpu(seconds: float = 1.0) -> float:
    """Share of a processor that this process uses while it waits."""
    start = resource.getrusage(resource.RUSAGE_SELF)
    threading.Event().wait(seconds)
    end = resource.getrusage(resource.RUSAGE_SELF)
    return (end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime) / seconds


def order_rate(rt: axon.Runtime) -> float:
    """1,000 tasks × 100 messages; each task must see its messages in order."""
    source = 'm => do last: taskLocalGet("last", -1); taskLocalSet("last", m); last == m - 1 end'
    tasks = [rt.task(source) for _ in range(1000)]
    start = time.perf_counter()
    futures = [t.send(i) for i in range(100) for t in tasks]
    assert all(f.result(60) for f in futures)
    return len(futures) / (time.perf_counter() - start)


def each_micros(call: Callable[[], object], count: int) -> float:
    """Microseconds of a call."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count * 1e6


class Hand:
    """A bare thread that does one thing for each item of a queue and puts the result in another.

    Without any task this is the least that an answer by another thread costs.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._todo: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._work = work
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while self._todo.get() is not None:
            self._done.put(self._work())

    def __call__(self) -> object:
        """Hand one over and wait for it."""
        self._todo.put(1)
        return self._done.get()

    def __enter__(self) -> Hand:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._todo.put(None)
        self._thread.join()


class Micros(NamedTuple):
    """Microseconds of a `pyEval("1")`, each way in the same session of one task."""

    plain: float
    """By Python's `session.eval`."""
    axon: float
    """By Axon code, in a loop within one message."""
    queued: float
    """As a message of its own, of many that wait."""
    alone: float
    """As a message of its own, sent when the one before was answered."""
    bare: float
    """`session.eval` by a bare thread that is asked again when it has answered."""


def session_micros(rt: axon.Runtime, count: int = 500, rounds: int = 9) -> Micros:
    """The median of some rounds; all are measured in turns, with one interpreter, where it runs then."""
    source = '(n) => if (n == 1) py().pyEval("1") else do s: py(); (1..n).each(i => s.pyEval("1")) end'
    with rt.task(source) as task:
        task.send(1).result(30)
        session = rt.sessions.open(None, task)

        def queued() -> None:
            for future in [task.send(1) for _ in range(count)][-1:]:
                future.result(30)

        with Hand(lambda: session.eval("1")) as hand:
            turns = [
                (
                    each_micros(lambda: session.eval("1"), count),
                    each_micros(lambda: task.send(count).result(30), 1) / count,
                    each_micros(queued, 1) / count,
                    each_micros(lambda: task.send(1).result(30), count),
                    each_micros(hand, count),
                )
                for _ in range(rounds)
            ]
    return Micros(*(statistics.median(column) for column in zip(*turns, strict=True)))


def durable_rate(count: int = 5000, *, full_sync: bool = False) -> float:
    """Durable sends a second, from one thread, while the task answers."""
    with (
        tempfile.TemporaryDirectory(dir=os.getcwd()) as state,
        axon.Runtime(state=state, full_sync=full_sync) as rt,
    ):
        record = {"id": Ref("d"), "task": MARKER, "durable": MARKER, "taskExpr": "(m) => m"}
        task = rt.tasks.add(record)
        start = time.perf_counter()
        futures = [task.send({"v": i}) for i in range(count)]
        took = time.perf_counter() - start
        assert all(f.wait(60) for f in futures)
    return count / took


def main() -> None:
    """Print the table."""
    with axon.Runtime() as rt:
        bare, ours = best(bare_rate), best(lambda: task_rate(rt))
        print(f"queue.Queue and thread        {bare:9.0f} /s")
        print(f"task (m) => m                 {ours:9.0f} /s   {ours / bare:5.2f} of it")
        print(f"1,000 tasks x 100 messages    {order_rate(rt):9.0f} /s   in order")
        fresh, used = idle_bytes(rt)
        print(f"idle task                     {fresh:9.0f} bytes, {used:.0f} after a message")
        print(f"10,000 idle tasks             {idle_cpu() * 100:9.1f} % of a processor")
    with axon.Runtime() as rt:  # without the many tasks
        took = session_micros(rt)
    print(f"pyEval in an open session     {took.plain:9.1f} us")
    print(f"from Axon, within a message   {took.axon:9.1f} us   {took.axon / took.plain:5.2f} x")
    for name, micros in (
        ("a message each, queued", took.queued),
        ("a message each, one by one", took.alone),
        ("bare thread, one by one", took.bare),
    ):
        of_each = f"{micros / took.plain:5.2f} x, {micros / took.axon:.2f} x the one from Axon"
        print(f"{name:<30}{micros:9.1f} us   {of_each}")
    print(f"durable sends                 {durable_rate():9.0f} /s")
    print(f"durable sends, full_sync      {durable_rate(1000, full_sync=True):9.0f} /s")


if __name__ == "__main__":
    main()
