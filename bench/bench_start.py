"""Start-up: a process from nothing to its exit, against `python -c pass`; large files in the code cache."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.bench_parse import program

RUNS = 20

LIBRARY = """\
// Function {i}
scale{i}: (rec, factor) => do
  v: rec->curVal + {i}.5 * 2kW
  if (v > 100kW and not rec.has("alarm")) {{id: rec->id, val: v, dis: "too high"}}
  else [1, 2, 3].map(a => a * factor).findAll v => v.isEven
end
"""

#: What a fresh process times: a program is read and made ready to run, a library is loaded.
READ = """\
import sys, time, axon
rt = axon.Runtime()
start = time.perf_counter()
if sys.argv[1].endswith("program.axon"):
    with open(sys.argv[1]) as file:
        rt.compile(file.read(), sys.argv[1], program=True)
else:
    rt.load(sys.argv[1])
print(time.perf_counter() - start)
"""


def seconds(command: list[str], env: dict[str, str]) -> float:
    """Wall time of a command."""
    start = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def load_millis(path: Path, env: dict[str, str]) -> float:
    """Milliseconds of reading a file whose code is in the cache, in a fresh process."""
    command = [sys.executable, "-c", READ, str(path)]
    took = [subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True).stdout for _ in range(RUNS)]
    return statistics.median(map(float, took[1:])) * 1000


def large_files(folder: Path, env: dict[str, str]) -> None:
    """Print how long 10,000 lines take, as a program and as a library."""
    for name, text in (
        ("program", program(10_000)),
        ("library", "".join(LIBRARY.format(i=i) for i in range(10_000 // LIBRARY.count("\n")))),
    ):
        path = folder / f"{name}.axon"
        path.write_text(text)
        lines = f"{text.count(chr(10)):,} lines"
        print(f"{name} of {lines}, cached{load_millis(path, env):10.1f} ms")


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
        large_files(Path(temp), env)
    floor, warm, cold = map(statistics.median, (floors, warms, colds))
    print(f"python -c pass                {floor * 1000:7.1f} ms")
    print(f"axon '1 + 1', warm            {warm * 1000:7.1f} ms  {warm / floor:5.2f} x")
    print(f"axon '1 + 1', no code cache   {cold * 1000:7.1f} ms  {cold / floor:5.2f} x")


if __name__ == "__main__":
    main()
