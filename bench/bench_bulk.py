"""Bulk data beside its floors, measured in one run: `python -m bench.bench_bulk`.

The floor is what Arrow needs for the same table: its IPC bytes made, sent through a unix socket to another
process, read there and opened. A matrix is measured against its bare bytes through the same socket. Printed,
never asserted.
"""

from __future__ import annotations

import multiprocessing
import resource
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from axon.session.manager import SessionManager
from axon.session.session import PySession
from pylib.grid import Grid, Matrix

ROWS = 1_000_000
SIDE = 2000


def best_of(times: int, run: Callable[[], object]) -> float:
    """Seconds of the fastest of several runs."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def table() -> pd.DataFrame:
    """A meter history: timestamp, three floats, a whole number, a state out of twenty."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "ts": pd.date_range("2000-01-01", periods=ROWS, freq="min", tz="America/New_York"),
            "a": rng.random(ROWS),
            "b": rng.random(ROWS),
            "c": rng.random(ROWS),
            "n": rng.integers(0, 1 << 40, ROWS),
            "state": pd.Series([f"state {i % 20}" for i in range(ROWS)], dtype="str"),
        }
    )


def _receive(link: socket.socket) -> bytearray:
    size = struct.unpack("<Q", link.recv(8, socket.MSG_WAITALL))[0]
    room = bytearray(size)
    view = memoryview(room)
    while view:
        view = view[link.recv_into(view) :]
    return room


def _sink(link: socket.socket, other: socket.socket, arrow: bool) -> None:
    """Read tables or bytes, open them, say so with a byte."""
    import pyarrow as pa

    other.close()
    while True:
        try:
            data = _receive(link)
        except struct.error:
            return
        if arrow:
            pa.ipc.open_stream(data).read_all()
        link.sendall(b"k")


class Floor:
    """Another process at the end of a unix socket that takes bytes."""

    def __init__(self, arrow: bool) -> None:
        self.link, there = socket.socketpair()
        for end in (self.link, there):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        fork = multiprocessing.get_context("fork")
        self.child = fork.Process(target=_sink, args=(there, self.link, arrow), daemon=True)
        self.child.start()
        there.close()

    def send(self, data: Any) -> None:
        """Send bytes and wait until they were read."""
        self.link.sendall(struct.pack("<Q", len(data)))
        self.link.sendall(data)
        self.link.recv(1)

    def close(self) -> None:
        """End the other process."""
        self.link.close()
        self.child.join()


def arrow_seconds(df: pd.DataFrame) -> float:
    """Seconds for the table as Arrow IPC."""
    import pyarrow as pa

    columns = pa.Table.from_pandas(df, preserve_index=False)
    floor = Floor(arrow=True)

    def run() -> None:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, columns.schema) as writer:
            writer.write_table(columns)
        floor.send(memoryview(sink.getvalue()))

    run()
    found = best_of(5, run)
    floor.close()
    return found


def peak_growth(pid: int, run: Callable[[], object]) -> float:
    """By how many MB the memory of a process grows at its peak while something runs (Linux)."""

    def status(field: str) -> float:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(field)) * 1024 / 1e6

    Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = status("VmRSS")
    run()
    return status("VmHWM") - before


def bench_table(session: PySession) -> None:
    """A million rows in and out."""
    df = table()
    grid = Grid.from_dataframe(df)
    size = sum(8 * ROWS for _ in range(5)) + 4 * ROWS
    floor = arrow_seconds(df)
    session.exec("import numpy, pandas, pyarrow").eval("None")

    def into() -> None:
        session.define("g", grid).exec("df = g.to_dataframe(); del g").eval("len(df)")

    def out() -> Grid:
        got: Grid = session.eval("df")
        return got

    into()
    inward = best_of(5, into)
    outward = best_of(5, out)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    back = out()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    frame = float(session.eval("float(df.memory_usage(index=False).sum())"))
    pid = int(session.exec("import os").eval("os.getpid()"))
    session.exec("df = None; import gc; gc.collect(); pyarrow.default_memory_pool().release_unused()").eval(
        "1"
    )
    session.exec("import ctypes; ctypes.CDLL(None).malloc_trim(0)").eval("1")
    there = peak_growth(pid, into)
    print(f"Arrow IPC, 1,000,000 x 6       {floor * 1e3:8.1f} ms  {size / floor / 1e9:5.2f} GB/s")
    print(f"grid in, to a data frame       {inward * 1e3:8.1f} ms  {inward / floor:5.2f} x")
    print(f"data frame out, to a grid      {outward * 1e3:8.1f} ms  {outward / floor:5.2f} x")
    grown = (after - before) / 1e3
    print(f"the data                       {size / 1e6:8.1f} MB; peak of the host grew by {grown:.1f} MB")
    print(f"the data frame                 {frame / 1e6:8.1f} MB; peak of the session grew by {there:.1f} MB")
    start = time.perf_counter()
    back.dicts()
    print(f"rows as dicts, if asked for    {(time.perf_counter() - start) * 1e3:8.1f} ms")


def bench_matrix(session: PySession) -> None:
    """A matrix of 32 MB each way."""
    array = np.random.default_rng(1).random((SIDE, SIDE))
    floor_link = Floor(arrow=False)
    floor = best_of(7, lambda: floor_link.send(memoryview(array.reshape(-1).view(np.uint8))))
    floor_link.close()
    matrix = Matrix(array)

    def into() -> None:
        session.define("m", matrix).eval("m.shape")

    into()
    inward = best_of(7, into)
    outward = best_of(7, lambda: session.eval("m"))
    print(f"raw bytes, 2000 x 2000         {floor * 1e3:8.1f} ms  {array.nbytes / floor / 1e9:5.2f} GB/s")
    print(f"matrix in                      {inward * 1e3:8.1f} ms  {inward / floor:5.2f} x")
    print(f"matrix out                     {outward * 1e3:8.1f} ms  {outward / floor:5.2f} x")


def main() -> None:
    """Run all and print."""
    manager = SessionManager()
    with manager.open(keep=True) as session:
        bench_matrix(session)
        bench_table(session)
    manager.close_all()


if __name__ == "__main__":
    main()
