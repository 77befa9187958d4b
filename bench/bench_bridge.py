"""The two-way bridge beside the session round trip, in one run: `python -m bench.bench_bridge`."""

from __future__ import annotations

import time
from collections.abc import Callable

from axon.session.manager import SessionManager


def each(run: Callable[[], object], count: int = 500, times: int = 10) -> float:
    """Seconds of one call, the fastest of several rounds."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        for _ in range(count):
            run()
        best = min(best, (time.perf_counter() - start) / count)
    return best


def main() -> None:
    """Run all and print."""
    manager = SessionManager()
    session = manager.open(keep=True)
    session.exec(
        "class M:\n    x = 5\n    def add(self, a): return a + 1\nm = M()\ndef sq(x): return x * x\n"
    )
    meter = session.eval("m")
    floor = each(lambda: session.eval("1"))
    session.define("f", lambda x: x).exec("def many(n):\n    for i in range(n): f(1)\n").eval("1")

    def nest(n: int) -> int:
        return 0 if n == 0 else 1 + session.eval("nest(n)", {"n": n - 1})

    session.define("nest", nest).eval("1")
    rows = [
        ("attribute read", each(lambda: meter.get("x"))),
        ("method call", each(lambda: meter.call_method("add", [1]))),
        ("callback", each(lambda: session.eval("many(500)"), 1) / 500),
        ("ten levels: 5 evals, 5 calls", each(lambda: session.eval("nest(4)"), 50)),
        ("ten evals, ten calls inside", each(lambda: session.eval("nest(9)"), 50)),
    ]
    print(f'pyEval("1")                    {floor * 1e6:8.1f} us')
    for name, found in rows:
        print(f"{name:<30} {found * 1e6:8.1f} us  {found / floor:5.2f} x")
    numbers = list(range(100_000))
    function = session.eval("sq")
    batched = each(lambda: function.map(numbers), 1)
    session.exec("import time\ndef inner():\n    [sq(i) for i in range(100000)]\n")
    session.exec("def timed():\n    t = time.perf_counter(); inner(); return time.perf_counter() - t")
    inside = min(session.eval("timed()") for _ in range(10))
    print(f"loop over 100,000 in Python    {inside * 1e3:8.1f} ms")
    print(f"map of 100,000, batched        {batched * 1e3:8.1f} ms  {batched / inside:5.2f} x")
    manager.close_all()


if __name__ == "__main__":
    main()
