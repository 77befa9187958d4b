"""Speed of filters, database and matrices, against hand-written Python or numpy over the same data, in one
run.

`python bench/bench_db.py [NAME…] [--rows N] [--repeat N]` prints two tables: times (best of N runs; both
results are compared) and the peak memory of making things, as a multiple of the arrays that hold the data.
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import axon
from axon.db import Database, make_diff
from axon.values.filter import parse_filter
from pylib.grid import Grid, Matrix
from pylib.kinds import MARKER, Number, Ref

Case = tuple[str, Callable[[], Any], Callable[[], Any]]


def records(count: int) -> list[dict[str, Any]]:
    """Points of 100 sites: one in four has the tag `his`."""
    return [
        {
            "id": Ref(f"p{i}"),
            "dis": f"Point {i}",
            "point": MARKER,
            **({"his": MARKER} if i % 4 == 0 else {}),
            "kind": "Number" if i % 3 else "Bool",
            "area": i % 50,
            "power": Number(i % 900, "kW"),
            "siteRef": Ref(f"s{i % 100}"),
        }
        for i in range(count)
    ]


def filter_cases(recs: list[dict[str, Any]], rt: axon.Runtime) -> Iterator[Case]:
    """Filters over dicts and grids, as library calls and from Axon."""
    f = parse_filter('his and kind == "Number"')
    g = parse_filter("his and area == 7")
    h = parse_filter("power > 800kW and not his")
    match = g.compiled
    grid = Grid.from_rows(recs)
    axon_fn = rt.fn("(recs) => recs.filter(his and area == 7).size").c1

    def by_kind() -> list[Any]:
        return [r for r in recs if "his" in r and r.get("kind") == "Number"]

    def by_area() -> list[Any]:
        return [r for r in recs if "his" in r and r.get("area") == 7]

    def by_power() -> list[Any]:
        out = []
        for r in recs:
            p = r.get("power")
            if type(p) is Number and p.unit == "kW" and p.val > 800 and "his" not in r:
                out.append(r)
        return out

    yield "select: tag and text", lambda: f.select(recs), by_kind
    yield "select: tag and number", lambda: g.select(recs), by_area
    yield "select: unit and no tag", lambda: h.select(recs), by_power
    yield "match called per dict", lambda: [r for r in recs if match(r, None)], by_area
    yield "rows of a grid", lambda: len(g.rows(grid)), lambda: len(by_area())
    yield "Axon filter of a list", lambda: axon_fn(recs), lambda: len(by_area())


def database_cases(recs: list[dict[str, Any]]) -> Iterator[Case]:
    """Reading and changing, against a dict of dicts."""
    db = Database()
    db.add_records(recs)
    plain = {r["id"]: r for r in recs}
    views = db.read_all(parse_filter("id"))
    by_site = parse_filter("point and siteRef == @s7")
    no_index = parse_filter("area == 7 or area == 8")
    ref, site = Ref("p5"), Ref("s7")

    def change() -> int:
        for i in range(1000):
            db.commit([make_diff(db.read_by_id(ref), {"area": i})])
        return 999

    def twin_change() -> int:
        for i in range(1000):
            plain[ref] = {**plain[ref], "area": i}
        return 999

    def load() -> int:
        fresh = Database()
        return len(fresh.add_records(recs))

    yield (
        "read by index of a ref",
        lambda: db.count(by_site),
        lambda: sum(1 for r in views if "point" in r and r.get("siteRef") == site),
    )
    yield (
        "read without index",
        lambda: db.count(no_index),
        lambda: sum(1 for r in views if r.get("area") in (7, 8)),
    )
    yield (
        "read by id, 1000 times",
        lambda: [db.get(ref) for _ in range(1000)][-1]["dis"],
        lambda: [plain.get(ref) for _ in range(1000)][-1]["dis"],
    )
    yield "commit of one, 1000 times", change, twin_change
    yield "add all records", load, lambda: len({r["id"]: dict(r) for r in recs})


def matrix_cases(rt: axon.Runtime) -> Iterator[Case]:
    """Matrix functions against numpy itself."""
    import numpy as np

    a = np.random.default_rng(1).random((500, 500))
    m = Matrix(a)
    mult = rt.fn("(m) => matrixMult(m, m)").c1
    inverse = rt.fn("(m) => matrixInverse(m)").c1
    grid = Grid.from_columns([f"c{i}" for i in range(6)], [np.arange(1e6) for _ in range(6)])
    to_matrix = rt.fn("(g) => toMatrix(g)").c1
    arrays = [grid.array(f"c{i}") for i in range(6)]
    yield "matrixMult 500 x 500", lambda: mult(m).array2d.sum(), lambda: (a @ a).sum()
    yield "matrixInverse 500 x 500", lambda: inverse(m).array2d.sum(), lambda: np.linalg.inv(a).sum()
    yield "toMatrix of 1M x 6", lambda: to_matrix(grid).array2d.sum(), lambda: np.column_stack(arrays).sum()


def best(call: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """The shortest of `repeat` runs in seconds, and the result."""
    shortest, result = float("inf"), None
    for _ in range(repeat):
        start = time.perf_counter()
        result = call()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def peak(make: Callable[[], Any]) -> int:
    """The peak of memory in bytes while something is made, what was there before not counted."""
    tracemalloc.start()
    kept = make()
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del kept
    return size


def memory_rows() -> Iterator[tuple[str, float]]:
    """Peaks for a grid of 1,000,000 x 6 numbers, as multiples of its arrays (48 MB)."""
    import numpy as np

    names = [f"v{i}" for i in range(6)]
    arrays = [np.arange(1e6) + i for i in range(6)]
    size = sum(a.nbytes for a in arrays)
    grid = Grid.from_columns(names, arrays)
    matrix = Matrix(np.column_stack(arrays))
    with axon.Runtime() as rt:
        fns = {
            src: rt.fn(src).c1
            for src in ("m => toMatrix(m)", "m => matrixAdd(m, m)", "m => matrixTranspose(m)")
        }
        fns["m => toMatrix(m)"](Grid.from_columns(["a"], [[1]]))  # what is imported does not count
        yield (
            "grid of 6 new arrays",
            peak(lambda: Grid.from_columns(names, [np.arange(1e6) for _ in names])) / size,
        )
        yield (
            "add and rename columns",
            peak(lambda: grid.add_col("x", arrays[0]).rename({"v0": "y"}).with_meta({})) / size,
        )
        yield "toMatrix of a grid", peak(lambda: fns["m => toMatrix(m)"](grid)) / size
        yield "matrixAdd", peak(lambda: fns["m => matrixAdd(m, m)"](matrix)) / size
        yield "matrixTranspose", peak(lambda: fns["m => matrixTranspose(m)"](matrix)) / size


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="bench db", description=__doc__)
    parser.add_argument("name", nargs="*", help="only cases whose name contains one of these")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    out = sys.stdout.write
    out(f"{'case':28} {'ours ms':>9} {'twin ms':>9} {'ratio':>7}  equal\n")
    recs = records(args.rows)
    with axon.Runtime(tz="UTC") as rt:
        for cases in (filter_cases(recs, rt), database_cases(recs), matrix_cases(rt)):
            for name, ours, twin in cases:
                if args.name and not any(n in name for n in args.name):
                    continue
                mine, got = best(ours, args.repeat)
                other, want = best(twin, args.repeat)
                equal = "yes" if got == want or abs(got - want) < 1e-6 * abs(want) else "NO"
                out(f"{name:28} {mine * 1e3:9.2f} {other * 1e3:9.2f} {mine / other:7.2f}  {equal}\n")
    if not args.name:
        out(f"\n{'made':28} {'peak / arrays':>13}\n")
        for name, ratio in memory_rows():
            out(f"{name:28} {ratio:13.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
