"""Python sessions beside their floors, measured in one run: `python -m bench.bench_session`.

Round trip against a raw echo over the same kind of socket, start against a bare `python -c pass`, a grid to a
data frame and back. Figures are printed, never asserted.
"""

from __future__ import annotations

import multiprocessing
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from axon.session.manager import SessionManager
from axon.session.session import PySession
from pylib.grid import Grid


def best_of(times: int, run: Callable[[], object]) -> float:
    """Seconds of the fastest of several runs."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def _echo(link: socket.socket) -> None:
    while data := link.recv(65536):
        link.sendall(data)


def echo_seconds(count: int = 5000) -> float:
    """Seconds of one 64-byte round trip between two processes over a unix socket."""
    here, there = socket.socketpair()
    context = multiprocessing.get_context("fork")
    child = context.Process(target=_echo, args=(there,), daemon=True)
    child.start()
    there.close()
    data = b"x" * 64

    def run() -> None:
        for _ in range(count):
            here.sendall(data)
            here.recv(65536)

    run()
    found = best_of(3, run) / count
    here.close()
    child.terminate()
    child.join()
    return found


def eval_seconds(session: PySession, expr: str, count: int = 3000, **define: object) -> float:
    """Seconds of one eval in a session that is kept."""

    def run() -> None:
        for _ in range(count):
            for name, val in define.items():
                session.define(name, val)
            session.eval(expr)

    run()
    return best_of(3, run) / count


def bench_start(manager: SessionManager) -> None:
    """Open to first result, and the whole life of a session outside a task."""

    def bare() -> None:
        subprocess.run([sys.executable, "-c", "pass"], check=True)

    kept: list[PySession] = []

    def first() -> None:
        kept.append(manager.open(keep=True))
        kept[-1].eval("1")

    floor = best_of(15, bare)
    opened = best_of(15, first)
    for session in kept:
        session.close()
    whole = best_of(15, lambda: manager.open().eval("1"))
    print(f"python -c pass                 {floor * 1e3:8.1f} ms")
    print(f"open to first result           {opened * 1e3:8.1f} ms  {opened / floor:5.2f} x")
    print(f"open, eval, end                {whole * 1e3:8.1f} ms  {whole / floor:5.2f} x")


def bench_round_trip(session: PySession) -> None:
    """Small evals against the raw echo; both in turn, so that what else runs hits them alike."""
    floor = echo_seconds()
    small = {f"tag{i}": i * 1.5 if i % 2 else f"value {i}" for i in range(20)}
    turns = [
        (eval_seconds(session, "1", 200), eval_seconds(session, "len(d)", 200, d=small)) for _ in range(20)
    ]
    one, with_dict = (statistics.median(found) for found in zip(*turns, strict=True))
    print(f"socket echo, 64 bytes          {floor * 1e6:8.1f} us")
    print(f'pyEval("1")                    {one * 1e6:8.1f} us  {one / floor:5.2f} x')
    print(f"dict of 20, eval on it         {with_dict * 1e6:8.1f} us  {with_dict / one:5.2f} x pyEval")


def bench_grid(session: PySession) -> None:
    """100,000 x 5 numbers and strings, as dicts in Axon, to a data frame and back to dicts."""
    rng = random.Random(1)
    rows = [
        {"n": rng.random(), "i": i, "s": f"state {i % 20}", "id": f"id-{i}", "x": rng.random()}
        for i in range(100_000)
    ]
    session.exec("import pandas").eval("None")

    def run() -> None:
        grid = Grid.from_rows(rows)
        back = session.define("g", grid).exec("df = g.to_dataframe()").eval("df")
        if len(back.dicts()) != len(rows):
            raise AssertionError("rows were lost")

    print(f"100,000 x 5 to frame and back  {best_of(3, run) * 1e3:8.1f} ms")


def main() -> None:
    """Run all and print."""
    manager = SessionManager()
    with manager.open(keep=True) as session:
        bench_round_trip(session)
        bench_start(manager)
        bench_grid(session)
    manager.close_all()


if __name__ == "__main__":
    main()
