"""Start-up: a whole process from nothing to its exit, against `python -c pass`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 15


def seconds(command: list[str], env: dict[str, str], runs: int = RUNS) -> float:
    """Median wall time of a command."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print times and ratios, with warm and with cold caches."""
    axon = [os.path.join(os.path.dirname(sys.executable), "axon"), "1 + 1"]
    with tempfile.TemporaryDirectory() as temp:
        env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        env |= {"PYTHONPYCACHEPREFIX": os.path.join(temp, "pyc"), "AXON_CACHE": os.path.join(temp, "axon")}
        seconds(axon, env, 2)
        floor = seconds([sys.executable, "-c", "pass"], env)
        warm = seconds(axon, env)
        program = iter(range(1000))
        cold = statistics.median(
            seconds([axon[0], f"1 + {next(program)}"], env | {"AXON_CACHE": os.path.join(temp, f"c{n}")}, 1)
            for n in range(RUNS)
        )
    print(f"python -c pass                {floor * 1000:7.1f} ms")
    print(f"axon '1 + 1', warm            {warm * 1000:7.1f} ms  {warm / floor:5.2f} x")
    print(f"axon '1 + 1', no code cache   {cold * 1000:7.1f} ms  {cold / floor:5.2f} x")


if __name__ == "__main__":
    main()
