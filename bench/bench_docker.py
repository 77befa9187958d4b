"""Sessions in containers beside their floors, measured in one run: `python -m bench.bench_docker [IMAGE]`.

Cold open against a bare `docker run` of the same image, warm open, round trip against the process backend, an
array of 100 MB into the container against the same bytes through a raw socket, with packages from this
machine mounted. Figures are printed, never asserted. Needs a Docker engine and an image with Python; says so
where they are missing.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from axon.session.manager import SessionManager
from axon.session.options import SessionOptions
from axon.session.session import PySession
from bench.bench_session import echo_seconds, eval_seconds

_RUNS = 7


def bare_run_seconds(image: str) -> float:
    """Seconds of `docker run` of an interpreter that does nothing, without network too."""
    client = (
        "/usr/bin/docker" if os.access("/usr/bin/docker", os.X_OK) else shutil.which("docker") or "docker"
    )
    command = [client, "run", "--rm", "--network", "none", "--entrypoint", "python3", image, "-c", "pass"]
    return _median(lambda: subprocess.run(command, check=True, capture_output=True, timeout=60))


def _median(run: Any, times: int = _RUNS) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return median(found)


def bench_open(manager: SessionManager, image: str) -> None:
    """Cold and warm: from `py()` to the first result."""
    floor = bare_run_seconds(image)
    kept: list[PySession] = []

    def cold() -> None:
        session = manager.open({"image": image}, keep=True)
        session.eval("1")
        kept.append(session)

    found = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        cold()
        found.append(time.perf_counter() - start)
        kept.pop().close()
        manager_settle()
    opened = median(found)
    print(f"docker run python3 -c pass       {floor * 1e3:8.1f} ms")
    print(f"cold open to first result        {opened * 1e3:8.1f} ms   {opened / floor:5.2f} × docker run")
    opts = {"image": image, "pool": 1}
    options = SessionOptions.of(opts, "docker")
    manager.open(opts).eval("1")
    warm = []
    for _ in range(_RUNS):
        manager._pool.wait(options, 30)
        session = manager.open(opts, keep=True)
        start = time.perf_counter()
        session.eval("1")
        warm.append(time.perf_counter() - start)
        session.close()
    print(f"warm open to first result        {median(warm) * 1e3:8.1f} ms")
    closed = []
    for _ in range(_RUNS):
        manager._pool.wait(options, 30)
        manager_settle()
        start = time.perf_counter()
        manager.open(opts).eval("1")
        closed.append(time.perf_counter() - start)
    print(f"  and the session closed again   {median(closed) * 1e3:8.1f} ms")


def manager_settle() -> None:
    """Wait until the engine has cleaned up, so that runs do not disturb each other."""
    from axon.session.backends import docker

    docker.settle()


def bench_round_trip(manager: SessionManager, image: str) -> None:
    """A small eval in both places, taken in turns, so that both see the same machine."""
    process = manager.open({"backend": "process"}, keep=True)
    container = manager.open({"image": image}, keep=True)
    took: dict[str, list[float]] = {"process": [], "docker": []}
    for _ in range(5):
        took["process"].append(eval_seconds(process, "1", 1000))
        took["docker"].append(eval_seconds(container, "1", 1000))
    mine, theirs = min(took["docker"]), min(took["process"])
    print(f"round trip, raw echo             {echo_seconds() * 1e6:8.1f} µs")
    print(f"round trip, process              {theirs * 1e6:8.1f} µs")
    print(f"round trip, container            {mine * 1e6:8.1f} µs   {mine / theirs:5.2f} × process")
    process.close()
    container.close()


def raw_socket(data: bytes, fresh: bool) -> Callable[[], None]:
    """A function that sends bytes through a unix socket to a process: into one buffer, or new memory."""
    here, there = socket.socketpair()
    for end in (here, there):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
    if not os.fork():
        here.close()
        room = memoryview(bytearray(len(data)))
        while there.recv(1):
            room = memoryview(bytearray(len(data))) if fresh else room
            have = 0
            while have < len(data):
                have += there.recv_into(room[have:]) or os._exit(0)
            there.sendall(b"k")
        os._exit(0)
    there.close()

    def run() -> None:
        here.sendall(b"n")
        here.sendall(data)
        here.recv(1)

    return run


def bench_bulk(manager: SessionManager, image: str) -> None:
    """100 MB of floats as a numpy array into the container."""
    import numpy as np

    from pylib.grid import Matrix

    site = next(p for p in sys.path if p.endswith("site-packages"))
    data = np.random.default_rng(1).random((2500, 5000))
    raw = data.tobytes()
    runs = [raw_socket(raw, False), raw_socket(raw, True)]
    with tempfile.TemporaryDirectory() as io_dir:
        library = os.path.join(io_dir, "numpy")
        shutil.copytree(os.path.join(site, "numpy"), library)
        shutil.copytree(os.path.join(site, "numpy.libs"), os.path.join(io_dir, "numpy.libs"))
        inner = SessionManager(io_dir=io_dir, backend="docker")
        session = inner.open({"image": image, "memory": "2g"}, keep=True)
        session.exec("import sys; sys.path.insert(0, '/io'); import numpy").eval("1")
        matrix = Matrix(data)

        def into() -> None:
            assert session.define("m", matrix).eval("m.shape[0]") == 2500

        def out() -> None:
            assert len(session.eval("m")) == 2500

        floor, fresh, took, back = _in_turns([*runs, into, out])
        inner.close_all()
    rate = data.nbytes / took / 1e9
    print(f"100 MB raw, into one buffer      {floor * 1e3:8.1f} ms")
    print(f"100 MB raw, into new memory      {fresh * 1e3:8.1f} ms")
    print(f"100 MB array into the container  {took * 1e3:8.1f} ms   {rate:5.2f} GB/s")
    print(f"  of these raw rates             {floor / took:8.0%}      {fresh / took:.0%}")
    print(f"100 MB array out of it           {back * 1e3:8.1f} ms   {floor / back:.0%} of the first raw rate")


def _in_turns(runs: list[Callable[[], None]], times: int = 12) -> list[float]:
    """Median seconds of each; taken in turns, so that all see the same machine."""
    took: list[list[float]] = [[] for _ in runs]
    for turn in range(times):
        for run, found in zip(runs, took, strict=True):
            start = time.perf_counter()
            run()
            if turn:
                found.append(time.perf_counter() - start)
    return [median(found) for found in took]


def main() -> None:
    """Print the table."""
    image = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("AXON_IMAGE", "axon-test/python:base")
    inspect = ["docker", "image", "inspect", image]
    if not shutil.which("docker") or subprocess.run(inspect, capture_output=True).returncode:
        print(f"no image {image} here: `make test-docker` makes one, AXON_IMAGE names another")
        return
    manager = SessionManager(backend="docker")
    try:
        bench_open(manager, image)
        bench_round_trip(manager, image)
        bench_bulk(manager, image)
    finally:
        manager.close_all()
    assert threading.active_count() < 20


if __name__ == "__main__":
    main()
