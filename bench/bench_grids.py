"""Speed of grids, lists and streams: library functions against hand-written Python over the same data, in one
run.

`python bench/bench_grids.py [NAME…] [--rows N] [--repeat N]` prints one table. Both sides start from the same
values and are called without conversion; times are the best of N runs, and both results are compared. A twin
does the least that gives the same data: it keeps columns where columns suffice.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

import axon
from pylib.grid import Grid


@dataclass(frozen=True)
class Case:
    """An Axon function of `(g, l)`, its twin of `(rows, list)`, and what to compare of their results."""

    name: str
    axon: str
    twin: Callable[[list[dict[str, Any]], list[Any]], Any]
    view: Callable[[Any], Any] = lambda val: val


def _twin_grid(rows: list[dict[str, Any]], _: list[Any]) -> dict[str, list[Any]]:
    names = sorted({name for row in rows for name in row})
    return {name: [row.get(name) for row in rows] for name in names}


def _twin_join(rows: list[dict[str, Any]], _: list[Any]) -> list[dict[str, Any]]:
    partner = {row["k"]: row for row in ({"k": row["k"], "q": row["v"]} for row in rows)}
    return [{**row, **partner[row["k"]]} for row in rows]


def _twin_unique(rows: list[dict[str, Any]], _: list[Any]) -> list[dict[str, Any]]:
    seen: set[Any] = set()
    out = []
    for row in rows:
        if row["site"] not in seen:
            seen.add(row["site"])
            out.append(row)
    return out


def _twin_total(rows: list[dict[str, Any]], _: list[Any]) -> float:
    total = 0.0
    for row in rows:
        total += row["v"]
    return total


def _twin_fold_cols(rows: list[dict[str, Any]], _: list[Any]) -> list[dict[str, Any]]:
    return [{"k": row["k"], "site": row["site"], "t": row["v"] + row["w"]} for row in rows]


def _twin_above(rows: list[dict[str, Any]], _: list[Any]) -> list[dict[str, Any]]:
    return [row for row in rows if row["v"] > 50]


def _dicts(grid: Grid) -> list[dict[str, Any]]:
    return grid.dicts()


def _twin_sort(rows: list[dict[str, Any]], _: list[Any]) -> list[dict[str, Any]]:
    return sorted(rows, key=cmp_to_key(lambda a, b: (a["v"] > b["v"]) - (a["v"] < b["v"])))


def _names(val: Any) -> list[str]:
    return val.col_names() if isinstance(val, Grid) else list(val)


def _twin_add_col(rows: list[dict[str, Any]], _: list[Any]) -> list[dict[str, Any]]:
    return [{**row, "x": row["v"] * 2} for row in rows]


def _twin_map(rows: list[dict[str, Any]], _: list[Any]) -> list[dict[str, Any]]:
    return [{"x": row["v"] * 2} for row in rows]


def _twin_stream(_: list[dict[str, Any]], vals: list[Any]) -> int:
    return sum(1 for x in (x * 2 for x in vals) if x > 50)


def _value(row: dict[str, Any]) -> Any:
    return row["v"]


CASES = (
    Case("list.toGrid", "(g, l) => g.toGrid", _twin_grid, _names),
    Case("grid.sort(col)", '(g, l) => g.sort("v")', lambda rows, _: sorted(rows, key=_value), _dicts),
    Case("grid.sort(fn)", "(g, l) => g.sort((a, b) => a->v <=> b->v)", _twin_sort, _dicts),
    Case("grid.findAll", "(g, l) => g.findAll(r => r->v > 50)", _twin_above, _dicts),
    Case("grid.filter", "(g, l) => g.filter(v > 50)", _twin_above, _dicts),
    Case("grid.foldCol(sum)", '(g, l) => g.foldCol("v", sum)', _twin_total),
    Case(
        "grid.foldCol(avg)", '(g, l) => g.foldCol("v", avg)', lambda rows, _: _twin_total(rows, _) / len(rows)
    ),
    Case("grid.foldCol(max)", '(g, l) => g.foldCol("v", max)', lambda rows, _: max(r["v"] for r in rows)),
    Case("grid.foldCols(sum)", '(g, l) => g.foldCols(["v", "w"], "t", sum)', _twin_fold_cols, _dicts),
    Case("grid.addCol", '(g, l) => g.addCol("x", r => r->v * 2)', _twin_add_col, _dicts),
    Case("grid.map", "(g, l) => g.map(r => {x: r->v * 2})", _twin_map, _dicts),
    Case("grid.colToList", '(g, l) => g.colToList("v")', lambda rows, _: [r["v"] for r in rows]),
    Case("grid.unique(col)", '(g, l) => g.unique("site")', _twin_unique, _dicts),
    Case(
        "grid.join", '(g, l) => join(g, g.keepCols(["k", "v"]).renameCol("v", "q"), "k")', _twin_join, _dicts
    ),
    Case("list.map", "(g, l) => l.map(x => x * 2)", lambda _, vals: [x * 2 for x in vals]),
    Case("list.findAll", "(g, l) => l.findAll(x => x > 50)", lambda _, vals: [x for x in vals if x > 50]),
    Case("list.sort", "(g, l) => l.sort", lambda _, vals: sorted(vals)),
    Case("list.unique", "(g, l) => l.unique", lambda _, vals: list(dict.fromkeys(vals))),
    Case("list.fold(sum)", "(g, l) => l.fold(sum)", lambda _, vals: sum(vals)),
    Case("stream", "(g, l) => l.stream.map(x => x * 2).findAll(x => x > 50).fold(count)", _twin_stream),
)


def _rows(count: int) -> list[dict[str, Any]]:
    rnd = random.Random(7)
    sites = [f"site-{i}" for i in range(100)]
    return [
        {"k": i, "site": rnd.choice(sites), "v": rnd.uniform(0, 100), "w": rnd.randrange(1000)}
        for i in range(count)
    ]


def _best(call: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    shortest, result = math.inf, None
    for _ in range(repeat):
        start = time.perf_counter()
        result = call()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b)
    return bool(a == b)


def _measure(
    rt: axon.Runtime, case: Case, rows: list[dict[str, Any]], repeat: int
) -> tuple[float, float, bool]:
    """Axon seconds, twin seconds, whether the results agree. Every run gets a grid not used before."""
    vals = [row["v"] for row in rows]
    fn = rt.fn(case.axon).c2
    mine, got = math.inf, None
    for _ in range(repeat):
        grid = rows if case.name == "list.toGrid" else Grid.from_rows(rows)
        start = time.perf_counter()
        got = fn(grid, vals)
        mine = min(mine, time.perf_counter() - start)
    twin, want = _best(lambda: case.twin(rows, vals), repeat)
    agree = _same(case.view(got), want if case.view is _dicts else case.view(want))
    return mine, twin, agree


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench grids", description=__doc__)
    parser.add_argument("name", nargs="*", help="only operations whose name contains one of these")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    rows = _rows(args.rows)
    print(f"{args.rows} rows\n{'operation':22} {'Axon ms':>9} {'Python ms':>10} {'ratio':>7}  equal")
    with axon.Runtime(tz="UTC") as rt:
        for case in CASES:
            if args.name and not any(name in case.name for name in args.name):
                continue
            mine, twin, agree = _measure(rt, case, rows, args.repeat)
            equal = "yes" if agree else "NO"
            print(f"{case.name:22} {mine * 1e3:9.2f} {twin * 1e3:10.2f} {mine / twin:7.2f}  {equal}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
