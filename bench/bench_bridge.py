"""The two-way bridge beside the session round trip, in one run: `python -m bench.bench_bridge`.

All rows are measured in turn, round after round, and a ratio is the median of those within a round: whether
the system runs the two processes on one processor or on two decides more than anything else, and it may
change at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from axon.session.manager import SessionManager

ROUNDS = 30
SETUP = """
import time
class M:
    x = 5
    def add(self, a): return a + 1
m = M()
def many(n):
    for i in range(n): f(1)
def sq(x): return x * x
def loop():
    [sq(i) for i in range(100_000)]
def timed():
    t = time.perf_counter(); loop(); return time.perf_counter() - t
"""

Row = tuple[str, Callable[[], object], int]
"""Name, what is run, how often in a round."""


def seconds(run: Callable[[], object], count: int) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - start) / count


def show(name: str, times: list[float], floors: list[float]) -> None:
    """Print a row beside the first one."""
    ratio = median(time / floor for time, floor in zip(times, floors, strict=True))
    print(f"{name:<30} {median(times) * 1e6:8.1f} us  {ratio:5.2f} x")


def main() -> None:
    """Run all and print."""
    manager = SessionManager()
    session = manager.open(keep=True)

    def nest(n: int) -> int:
        return 0 if n == 0 else 1 + session.eval("nest(n)", {"n": n - 1})

    session.exec(SETUP).define("f", lambda x: x).define("nest", nest).eval("1")
    meter, function, numbers = session.eval("m"), session.eval("sq"), list(range(100_000))
    rows: list[Row] = [
        ('pyEval("1")', lambda: session.eval("1"), 200),
        ("attribute read", lambda: meter.get("x"), 200),
        ("method call", lambda: meter.call_method("add", [1]), 200),
        ("200 callbacks", lambda: session.eval("many(200)"), 1),
        ("ten levels: 5 evals, 5 calls", lambda: session.eval("nest(4)"), 20),
        ("ten evals, ten calls inside", lambda: session.eval("nest(9)"), 20),
    ]
    found = [[seconds(run, count) for _, run, count in rows] for _ in range(ROUNDS)]
    for (name, _, _), times in zip(rows, zip(*found, strict=True), strict=True):
        calls = 200 if name == "200 callbacks" else 1
        show(name.removeprefix("200 "), [t / calls for t in times], [times[0] for times in found])
    pairs = [(session.eval("timed()"), seconds(lambda: function.map(numbers), 1)) for _ in range(ROUNDS)]
    inside, batched = zip(*pairs, strict=True)
    show("loop over 100,000 in Python", list(inside), list(inside))
    show("map of 100,000, batched", list(batched), list(inside))
    manager.close_all()


if __name__ == "__main__":
    main()
