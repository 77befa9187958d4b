"""Speed of the language: each program's Axon time against its hand-written Python twin, in one run.

Prints one table. Times are the best of N runs, compiled once. Results of both must be equal, else it fails.
`--save` at one commit and `--compare` at another show the ratios of both.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterable
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


def mean_of(ratios: Iterable[float]) -> float:
    """The geometric mean."""
    return statistics.geometric_mean(ratios)


def change(now: dict[str, float], before: dict[str, float], names: list[str]) -> str:
    """What a row says of the ratios saved before, and how the time of Axon changed against its twin's."""
    if not names or any(name not in before for name in names):
        return ""
    old, new = mean_of(before[name] for name in names), mean_of(now[name] for name in names)
    return f"  before {old:.2f}, {(new / old - 1) * 100:+.0f} %"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench eval", description=__doc__)
    parser.add_argument("--only", action="append", metavar="TEXT", help="programs whose name contains it")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--save", type=Path, help="write the ratios to a file")
    parser.add_argument("--compare", type=Path, help="print the change against ratios saved before")
    args = parser.parse_args()
    before = json.loads(args.compare.read_text()) if args.compare else {}
    chosen = [p for p in PROGRAMS if not args.only or any(n in p.name for n in args.only)]
    ratios: dict[str, float] = {}
    wrong = 0
    out = sys.stdout.write
    out(f"{'program':26} {'Axon ms':>9} {'Python ms':>10} {'ratio':>7}  equal\n")
    with axon.Runtime(tz="UTC") as rt:
        for program in chosen:
            mine, twin, agree = measure(rt, program, args.repeat)
            ratios[program.name] = mine / twin
            wrong += not agree
            equal = "yes" if agree else "NO"
            times = f"{mine * 1e3:9.2f} {twin * 1e3:10.2f} {mine / twin:7.2f}"
            out(f"{program.name:26} {times}  {equal}{change(ratios, before, [program.name])}\n")
    shown = change(ratios, before, [name for name in ratios if name in before])
    out(f"{'geometric mean':26} {'':9} {'':10} {mean_of(ratios.values()):7.2f}     {shown}\n")
    if args.save:
        args.save.write_text(json.dumps(ratios, indent=1) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
