"""`make bench`: every benchmark in turn, each a table of ratios against a peer measured in the same run.

`make bench ARGS="eval tasks"` runs some of them.
"""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import bench


def names() -> list[str]:
    """What there is: modules `bench_NAME` of this folder."""
    found = [m.name for m in pkgutil.iter_modules(bench.__path__)]
    return sorted(name.removeprefix("bench_") for name in found if name.startswith("bench_"))


def main(args: list[str]) -> int:
    """Run benchmarks, each in a process of its own so that none warms or burdens the next."""
    unknown = [a for a in args if a not in names()]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are: {', '.join(names())}", file=sys.stderr)
        return 2
    failed = 0
    for name in args or names():
        print(f"\n== {name}", flush=True)
        command = [sys.executable, "-c", f"import bench.bench_{name} as b; raise SystemExit(b.main())"]
        failed += subprocess.run(command, check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
