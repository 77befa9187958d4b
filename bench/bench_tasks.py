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


def handover_micros(count: int) -> float:
    """Microseconds for a bare hand-over to a waiting thread and back: less than that no message can cost."""
    todo: queue.SimpleQueue[object] = queue.SimpleQueue()
    done: queue.SimpleQueue[object] = queue.SimpleQueue()

    def work() -> None:
        while (msg := todo.get()) is not None:
            done.put(msg)

    thread = threading.Thread(target=work)
    thread.start()

    def trip() -> None:
        todo.put(1)
        done.get()

    took = each_micros(trip, count)
    todo.put(None)
    thread.join()
    return took


def each_micros(call: Callable[[], object], count: int) -> float:
    """Microseconds of a call."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count * 1e6


def session_micros(rt: axon.Runtime, count: int = 500, rounds: int = 9) -> tuple[float, float, float]:
    """Microseconds of `pyEval("1")` in an open session, of a message that does one, of a bare hand-over.

    The three are measured in turns; the median of each.
    """
    with rt.session() as session, rt.task('(m) => py().pyEval("1")') as task:
        session.eval("1")
        task.send(1).result(30)
        turns = [
            (
                each_micros(lambda: session.eval("1"), count),
                each_micros(lambda: task.send(1).result(30), count),
                handover_micros(count),
            )
            for _ in range(rounds)
        ]
    plain, message, handover = (statistics.median(column) for column in zip(*turns, strict=True))
    return plain, message, handover


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
        plain, message, handover = session_micros(rt)
        print(f"pyEval in an open session     {plain:9.1f} us")
        print(f"message that does a pyEval    {message:9.1f} us   {message / plain:5.2f} x")
        print(
            f"bare hand-over, there and back{handover:9.1f} us   {1 + handover / plain:5.2f} x with a pyEval"
        )
    print(f"durable sends                 {durable_rate():9.0f} /s")
    print(f"durable sends, full_sync      {durable_rate(1000, full_sync=True):9.0f} /s")


if __name__ == "__main__":
    main()
