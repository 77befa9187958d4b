"""Bulk data beside its floors, measured in one run: `python -m bench.bench_bulk`.

The floor is what Arrow needs for the same table: its IPC bytes made, sent through a unix socket to another
process, read there and opened. A matrix is measured against its bare bytes through the same socket. The same
buffers are also handed over as a sealed memfd, beside the frames that a session uses: what shared memory
would give. All ways of a comparison run in turn, the medians are printed; nothing is asserted.
"""

from __future__ import annotations

import fcntl
import mmap
import multiprocessing
import os
import socket
import statistics
import struct
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from axon.session.manager import SessionManager
from axon.session.session import PySession
from pylib.codec import Codec
from pylib.frames import Frames
from pylib.grid import Grid, Matrix

ROWS = 1_000_000
SIDE = 2000
TURNS = 15
_BUFFER = 1 << 20
"""Bytes under way, as between a session and its host."""
_SEALS = 15
"""Neither its size nor its bytes nor these seals can be changed any more."""


def medians(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each of several ways, which run in turn."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(TURNS + 1):
        for name, run in ways.items():
            start = time.perf_counter()
            run()
            if turn:
                taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in taken.items()}


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
    """Another process at the end of a unix socket that takes bytes, as `serve` does."""

    def __init__(self, serve: Callable[..., None], *args: object) -> None:
        self.link, there = socket.socketpair()
        for end in (self.link, there):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        fork = multiprocessing.get_context("fork")
        self.child = fork.Process(target=serve, args=(there, self.link, *args), daemon=True)
        self.child.start()
        there.close()

    def send(self, data: Any) -> None:
        """Send bytes and wait until they were read."""
        self.link.sendall(struct.pack("<Q", len(data)))
        self.link.sendall(data)
        self.link.recv(1)

    def send_frame(self, buffers: Sequence[Any]) -> None:
        """Send buffers as a session does, and wait until all was summed and let go."""
        self.link.sendall(b"f")
        Frames(self.link).send(1, 0, b"", buffers)
        self.link.recv(1)

    def hand_over(self, buffers: Sequence[Any]) -> None:
        """Write buffers to a memfd, seal and send it, and wait until all was summed and let go."""
        fd = os.memfd_create("bench", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        for buffer in buffers:
            rest = memoryview(buffer)
            while rest:
                rest = rest[os.write(fd, rest) :]
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
        self.link.sendall(b"m")
        socket.send_fds(self.link, [struct.pack(f"<{len(buffers)}Q", *map(len, buffers))], [fd])
        os.close(fd)
        self.link.recv(1)

    def close(self) -> None:
        """End the other process."""
        self.link.close()
        self.child.terminate()  # a later one has a copy of this link
        self.child.join()


def _take_buffers(link: socket.socket, other: socket.socket) -> None:
    """Take buffers by a frame or by a memfd, sum each, let them go, say so with a byte."""
    other.close()
    frames = Frames(link)
    while way := link.recv(1):
        for buffer in frames.recv()[3] if way == b"f" else _map_buffers(link):
            np.frombuffer(buffer, np.uint8).view(np.uint64 if len(buffer) % 8 == 0 else np.uint8).sum()
        del buffer
        link.sendall(b"k")


def _map_buffers(link: socket.socket) -> list[memoryview]:
    data, fds, _, _ = socket.recv_fds(link, 4096, 1)
    sizes = struct.unpack(f"<{len(data) // 8}Q", data)
    if fcntl.fcntl(fds[0], fcntl.F_GET_SEALS) != _SEALS or os.fstat(fds[0]).st_size != sum(sizes):
        raise ValueError("the memory can change")
    room = memoryview(mmap.mmap(fds[0], sum(sizes), mmap.MAP_SHARED, mmap.PROT_READ))
    os.close(fds[0])
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return [room[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def shared_ways(floor: Floor, value: Any) -> dict[str, Callable[[], object]]:
    """The buffers of a grid or matrix through a frame, and through shared memory where there is any."""
    buffers = Codec(_refuse, _refuse).encode(value)[1]
    ways: dict[str, Callable[[], object]] = {"frame": lambda: floor.send_frame(buffers)}
    if hasattr(os, "memfd_create"):
        ways["memfd"] = lambda: floor.hand_over(buffers)
    return ways


def print_shared(found: dict[str, float]) -> None:
    """What shared memory would give."""
    print(f"its buffers by a frame, summed {found['frame'] * 1e3:8.1f} ms")
    if "memfd" in found:
        memfd, ratio = found["memfd"], found["memfd"] / found["frame"]
        print(f"by a sealed memfd, summed      {memfd * 1e3:8.1f} ms  {ratio:5.2f} x the frame")


def _refuse(*_: object) -> None:
    raise TypeError("a grid of plain columns has no references")


def arrow_way(floor: Floor, df: pd.DataFrame) -> Callable[[], object]:
    """The table as Arrow IPC."""
    import pyarrow as pa

    columns = pa.Table.from_pandas(df, preserve_index=False)

    def run() -> None:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, columns.schema) as writer:
            writer.write_table(columns)
        floor.send(memoryview(sink.getvalue()))

    return run


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
    arrow_floor, shared = Floor(_sink, True), Floor(_take_buffers)
    session.exec("import numpy, pandas, pyarrow").eval("None")

    def into() -> None:
        session.define("g", grid).exec("df = g.to_dataframe(); del g").eval("len(df)")

    def out() -> Grid:
        got: Grid = session.eval("df")
        return got

    into()
    ways = {"arrow": arrow_way(arrow_floor, df), "in": into, "out": out, **shared_ways(shared, grid)}
    found = medians(ways)
    floor, inward, outward = found["arrow"], found["in"], found["out"]
    arrow_floor.close()
    shared.close()
    kept: list[Grid] = []
    grown = peak_growth(os.getpid(), lambda: kept.append(out()))
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
    print_shared(found)
    print(f"the data                       {size / 1e6:8.1f} MB; peak of the host grew by {grown:.1f} MB")
    print(f"the data frame                 {frame / 1e6:8.1f} MB; peak of the session grew by {there:.1f} MB")
    start = time.perf_counter()
    kept[0].dicts()
    print(f"rows as dicts, if asked for    {(time.perf_counter() - start) * 1e3:8.1f} ms")


def bench_matrix(session: PySession) -> None:
    """A matrix of 32 MB each way."""
    array = np.random.default_rng(1).random((SIDE, SIDE))
    data = memoryview(array.reshape(-1).view(np.uint8))
    matrix = Matrix(array)
    raw, shared = Floor(_sink, False), Floor(_take_buffers)
    ways: dict[str, Callable[[], object]] = {
        "raw": lambda: raw.send(data),
        "in": lambda: session.define("m", matrix).eval("m.shape"),
        "out": lambda: session.eval("m"),
        **shared_ways(shared, matrix),
    }
    session.define("m", matrix).eval("m.shape")
    found = medians(ways)
    floor, inward, outward = found["raw"], found["in"], found["out"]
    raw.close()
    shared.close()
    print(f"raw bytes, 2000 x 2000         {floor * 1e3:8.1f} ms  {array.nbytes / floor / 1e9:5.2f} GB/s")
    print(f"matrix in                      {inward * 1e3:8.1f} ms  {inward / floor:5.2f} x")
    print(f"matrix out                     {outward * 1e3:8.1f} ms  {outward / floor:5.2f} x")
    print_shared(found)


def main() -> None:
    """Run all and print."""
    manager = SessionManager()
    with manager.open(keep=True) as session:
        bench_matrix(session)
        bench_table(session)
    manager.close_all()


if __name__ == "__main__":
    main()
