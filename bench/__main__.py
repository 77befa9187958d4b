"""`make bench`: every benchmark in turn, each a table of ratios against a peer measured in the same run.

`make bench ARGS="eval tasks"` runs some of them. Options behind a name are for that benchmark:
`make bench ARGS="eval --save before.json"` at one commit and `ARGS="eval --compare before.json"` at another
show the ratios of both.
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
    if args[:1] in (["-h"], ["--help"]):
        print(f"{__doc__}\nBenchmarks: {', '.join(names())}")
        return 0
    options = [i for i, arg in enumerate(args) if arg.startswith("-")]
    chosen = args[: options[0]] if options else args
    if options and len(chosen) != 1:
        print("options need one benchmark before them, such as: eval --save FILE", file=sys.stderr)
        return 2
    unknown = [a for a in chosen if a not in names()]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are: {', '.join(names())}", file=sys.stderr)
        return 2
    failed = 0
    for name in chosen or names():
        print(f"\n== {name}", flush=True)
        code = f"import bench.bench_{name} as b; raise SystemExit(b.main())"
        command = [sys.executable, "-c", code, *args[len(chosen) :]]
        failed += subprocess.run(command, check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
