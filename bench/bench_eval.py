"""Speed of the language: each program's Axon time against its hand-written Python twin, in one run.

`python bench/bench_eval.py [NAME…] [--repeat N] [--save FILE] [--compare FILE]` prints one table. Times are
the best of N runs, compiled once; results of both must be equal.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import axon
from bench.programs import PROGRAMS, Program


def best(call: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """The shortest of `repeat` runs in seconds, and the result."""
    shortest, result = math.inf, None
    for _ in range(repeat):
        start = time.perf_counter()
        result = call()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def measure(rt: axon.Runtime, program: Program, repeat: int) -> tuple[float, float, bool]:
    """Axon seconds, twin seconds, whether the results agree."""
    inputs = program.inputs()
    mine, got = best(lambda: rt.eval(program.axon, **inputs), repeat)
    twin, want = best(lambda: program.twin(**inputs), repeat)
    agree = math.isclose(got, want) if isinstance(want, float) else got == want
    return mine, twin, agree


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", help="only programs whose name contains one of these")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--save", type=Path, help="write the ratios to a file")
    parser.add_argument("--compare", type=Path, help="print the change against ratios saved before")
    args = parser.parse_args()
    before = json.loads(args.compare.read_text()) if args.compare else {}
    chosen = [p for p in PROGRAMS if not args.name or any(n in p.name for n in args.name)]
    ratios: dict[str, float] = {}
    out = sys.stdout.write
    out(f"{'program':26} {'Axon ms':>9} {'Python ms':>10} {'ratio':>7}  equal\n")
    with axon.Runtime(tz="UTC") as rt:
        for program in chosen:
            mine, twin, agree = measure(rt, program, args.repeat)
            ratios[program.name] = mine / twin
            change = f"  before {before[program.name]:.2f}" if program.name in before else ""
            equal = "yes" if agree else "NO"
            times = f"{mine * 1e3:9.2f} {twin * 1e3:10.2f} {mine / twin:7.2f}"
            out(f"{program.name:26} {times}  {equal}{change}\n")
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    out(f"{'geometric mean':26} {'':9} {'':10} {mean:7.2f}\n")
    if args.save:
        args.save.write_text(json.dumps(ratios, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
