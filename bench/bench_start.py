"""Start-up: a whole process from nothing to its exit, against `python -c pass`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 20


def seconds(command: list[str], env: dict[str, str]) -> float:
    """Wall time of a command."""
    start = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print times and ratios, with warm and with cold caches."""
    axon = [os.path.join(os.path.dirname(sys.executable), "axon"), "1 + 1"]
    with tempfile.TemporaryDirectory() as temp:
        env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        env |= {"PYTHONPYCACHEPREFIX": os.path.join(temp, "pyc"), "AXON_CACHE": os.path.join(temp, "axon")}
        seconds(axon, env)
        floors, warms, colds = [], [], []
        for n in range(RUNS):  # in turn, so that other load on the machine meets all alike
            floors.append(seconds([sys.executable, "-c", "pass"], env))
            warms.append(seconds(axon, env))
            colds.append(seconds(axon, env | {"AXON_CACHE": os.path.join(temp, f"cold{n}")}))
    floor, warm, cold = map(statistics.median, (floors, warms, colds))
    print(f"python -c pass                {floor * 1000:7.1f} ms")
    print(f"axon '1 + 1', warm            {warm * 1000:7.1f} ms  {warm / floor:5.2f} x")
    print(f"axon '1 + 1', no code cache   {cold * 1000:7.1f} ms  {cold / floor:5.2f} x")


if __name__ == "__main__":
    main()
