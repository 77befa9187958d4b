"""Formats against the csv module on the same tables, in one run: `python -m bench.bench_formats`."""

from __future__ import annotations

import csv
import io
import json
import random
import time
from collections.abc import Callable
from typing import Any

from axon.formats.csv import read_csv, write_csv
from axon.formats.hayson import read_hayson, write_hayson
from axon.formats.json3 import read_json3, write_json3
from axon.formats.trio import read_trio, write_trio
from axon.formats.zinc import read_zinc, write_zinc
from axon.values.times import zone
from pylib.grid import Grid
from pylib.kinds import Number, Ref


def best(run: Callable[[], object], times: int = 5) -> float:
    """Seconds of the fastest of several runs."""
    fastest = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        run()
        fastest = min(fastest, time.perf_counter() - start)
    return fastest


def table(rows: int) -> Grid:
    """Timestamp, ref with a display text, number with a unit, float, integer, string."""
    rng = random.Random(7)
    start = 1_704_067_200
    tz = zone("New_York")
    import datetime as dt

    return Grid.from_columns(
        ["ts", "site", "kw", "temp", "n", "note"],
        [
            [dt.datetime.fromtimestamp(start + 900 * i, tz) for i in range(rows)],
            [Ref(f"site{i % 20}", f"Site {i % 20}") for i in range(rows)],
            [Number(round(rng.random() * 100, 2), "kW") for _ in range(rows)],
            [rng.random() * 30 for _ in range(rows)],
            list(range(rows)),
            [f"note {i}, with a comma" for i in range(rows)],
        ],
    )


def csv_floor(grid: Grid) -> tuple[str, float, float]:
    """The grid's CSV text, and what the csv module needs to read it and to write its rows of strings."""
    text = write_csv(grid)
    rows = list(csv.reader(io.StringIO(text)))

    def write() -> str:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue()

    return text, best(lambda: list(csv.reader(io.StringIO(text)))), best(write)


def line(name: str, seconds: float, floor: float, limit: str = "") -> None:
    """One line of the table."""
    print(f"{name:<34} {seconds * 1000:9.1f} ms {seconds / floor:7.2f} x   {limit}")


def forms(grid: Grid) -> list[tuple[str, Callable[[], Any], Callable[[], Any], str, str]]:
    """Per format its reader, its writer and the limits that are wanted."""
    zinc, hayson, three, trio = (
        write_zinc(grid),
        write_hayson(grid),
        write_json3(grid),
        write_trio(grid.dicts()),
    )
    return [
        ("Zinc", lambda: read_zinc(zinc), lambda: write_zinc(grid), "20", "4"),
        ("Hayson", lambda: read_hayson(hayson), lambda: write_hayson(grid), "", ""),
        ("JSON 3", lambda: read_json3(three), lambda: write_json3(grid), "", ""),
        ("Trio", lambda: read_trio(trio), lambda: write_trio(grid.dicts()), "", ""),
    ]


def main() -> int:
    """Print the tables."""
    grid = table(10_000)
    text, read_floor, write_floor = csv_floor(grid)
    print("10,000 x 6: timestamps, refs, units, floats, integers, strings")
    line("csv.reader", read_floor, read_floor)
    line("csv.writer, of strings", write_floor, write_floor)
    line("CSV read", best(lambda: read_csv(text)), read_floor)
    line("CSV write", best(lambda: write_csv(grid)), write_floor)
    for name, read, write, read_limit, write_limit in forms(grid):
        line(f"{name} read", best(read), read_floor, read_limit and f"wanted: {read_limit} x")
        line(f"{name} write", best(write), write_floor, write_limit and f"wanted: {write_limit} x")
    hayson = write_hayson(grid)
    line("json.loads of the Hayson text", best(lambda: json.loads(hayson)), read_floor)

    big = table(100_000)
    text, read_floor, write_floor = csv_floor(big)
    print("\n100,000 x 6")
    line("csv.reader", read_floor, read_floor)
    line("CSV read into a grid", best(lambda: read_csv(text), 3), read_floor, "wanted: 3 x")
    line("CSV write", best(lambda: write_csv(big), 3), write_floor)
    zinc = write_zinc(big)
    line("Zinc read", best(lambda: read_zinc(zinc), 3), read_floor)
    line("Zinc write", best(lambda: write_zinc(big), 3), write_floor)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
