"""Programs in Axon, each beside its twin: the same job as a good Python programmer would write it by hand."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Program:
    """`axon` is the text, `twin` does the same; `inputs` become variables of both."""

    name: str
    axon: str
    twin: Callable[..., Any]
    inputs: Callable[[], dict[str, Any]] = dict


def fib_twin(size: int = 25) -> int:
    def fib(n: int) -> int:
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    return fib(size)


def accumulate_twin() -> int:
    total = 0

    def add(x: int) -> None:
        nonlocal total
        total = total + x

    for i in range(1, 300_001):
        add(i)
    return total


def map_reduce_twin() -> int:
    doubled = [x * 2 for x in range(1, 300_001)]
    return functools.reduce(lambda acc, x: acc + x, doubled, 0)


def map_find_size_twin() -> int:
    return len([x for x in [x * 3 for x in range(1, 100_001)] if x > 150_000])


def fold_sum_twin() -> int:
    return sum([x for x in [x + 1 for x in range(1, 100_001)] if x % 2])


def stream_twin() -> int:
    return sum(x for x in (x + 1 for x in range(1, 100_001)) if x % 2)


def dicts_twin() -> int:
    rows: list[dict[str, Any]] = [
        {"n": i, "even": True} if i % 2 == 0 else {"n": i} for i in range(1, 100_001)
    ]
    kept = [r for r in rows if "even" in r]
    return sum([r["n"] * 2 for r in kept])


def grid_twin() -> int:
    rows = [{"id": i, "v": i * 2} for i in range(1, 20_001)]
    rows = [{**r, "w": r["v"] + 1} for r in rows]
    return len([r for r in rows if r["w"] > 20_000])


def sort_twin() -> list[int]:
    out = sorted([i * 7919 % 100_003 for i in range(1, 100_001)])
    return [out[0], out[-1], len(out)]


def compare_twin() -> list[int]:
    vals = [i * 7919 % 100_003 for i in range(1, 100_001)]

    def compare(a: int, b: int) -> int:
        return b - a

    out = sorted(vals, key=functools.cmp_to_key(compare))
    return [out[0], out[-1]]


def strings_twin() -> int:
    parts = [("item," + str(i)).upper().split(",")[0] for i in range(1, 100_001)]
    return len("".join(parts))


def trap_twin() -> int:
    x = {"a": {"b": {"c": 1}}}
    total = 0
    for _ in range(1, 100_001):
        total += x["a"]["b"]["c"]
    return total


def lambda_twin() -> int:
    f = lambda a, b: a + b  # noqa: E731 - the twin of a lambda
    total = 0
    for i in range(1, 100_001):
        total = f(total, i)
    return total


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit, as a Python programmer would write it."""

    val: float
    unit: str

    def __add__(self, other: Quantity) -> Quantity:
        if self.unit != other.unit:
            raise ValueError(f"{self.unit} + {other.unit}")
        return Quantity(self.val + other.val, self.unit)


_SCALE = {"kWh": 3_600_000.0, "MWh": 3_600_000_000.0, "J": 1.0}


def units_twin() -> float:
    total = Quantity(0, "kWh")
    for i in range(1, 100_001):
        total = total + Quantity(i, "kWh")
    mwh = Quantity(total.val * _SCALE["kWh"] / _SCALE["MWh"], "MWh")
    return mwh.val


def try_twin() -> int:
    bad = 0
    for i in range(1, 50_001):
        try:
            if i % 5 == 0:
                raise ValueError("five")
        except ValueError:
            bad += 1
    return bad


def dates_twin() -> int:
    start = dt.date(1950, 1, 1)
    total = 0
    for i in range(1, 50_001):
        d = start + dt.timedelta(days=i)
        if d.weekday() >= 5:
            total += d.day
    return total


def zinc_text() -> dict[str, Any]:
    lines = ['ver:"3.0"', "ts,site,kw"]
    start = dt.datetime(2024, 1, 1)
    for i in range(10_000):
        ts = start + dt.timedelta(minutes=15 * i)
        lines.append(f'{ts.isoformat()}Z UTC,"site-{i % 7}",{i % 97}.5kW')
    return {"text": "\n".join(lines) + "\n"}


def zinc_twin(text: str) -> int:
    lines = text.splitlines()[2:]
    days: dict[dt.date, float] = {}
    for line in lines:
        ts_text, _, kw_text = next(csv.reader([line]))
        ts = dt.datetime.fromisoformat(ts_text.removesuffix(" UTC").replace("Z", "+00:00"))
        days[ts.date()] = days.get(ts.date(), 0.0) + float(kw_text.removesuffix("kW"))
    out = io.StringIO()
    out.write('ver:"3.0"\nday,kw\n')
    for day, kw in days.items():
        out.write(f"{day.isoformat()},{kw!r}kW\n")
    return len(out.getvalue().splitlines())


def words_text() -> dict[str, Any]:
    words = "the quick brown fox jumps over lazy dogs while seven meters report kilowatt hours".split()
    text = " ".join(words[i * 31 % len(words)] for i in range(180_000))
    return {"text": text[:1_000_000]}


def words_twin(text: str) -> int:
    return Counter(text.split(" "))["meters"]


def queens_twin() -> int:
    def place(row: int, cols: list[int]) -> int:
        if row == 8:
            return 1
        total = 0
        for c in range(8):
            if all(c != q and abs(c - q) != row - r for r, q in enumerate(cols)):
                total += place(row + 1, [*cols, c])
        return total

    return place(0, [])


def locals_twin() -> int:
    def step(x: int) -> int:
        a1 = x + 1
        a2 = a1 + 2
        a3 = a2 - a1
        a4 = a3 * 2
        a5 = a4 + x
        a6 = a5 - 3 if a5 > 100 else a5 + 3
        a7 = a6 + a1
        a8 = a7 - a2
        a9 = a8 + a3
        a10 = a9 + a4
        b1 = a10 + 1
        b2 = b1 + 2
        b3 = b2 - b1
        b4 = b3 * 2
        b5 = b4 + x
        b6 = b5 - 3 if b5 > 100 else b5 + 3
        b7 = b6 + b1
        b8 = b7 - b2
        b9 = b8 + b3
        b10 = b9 + b4
        c1 = b10 + 1
        c2 = c1 + 2
        c3 = c2 - c1
        c4 = c3 * 2
        c5 = c4 + x
        c6 = c5 - 3 if c5 > 100 else c5 + 3
        c7 = c6 + c1
        c8 = c7 - c2
        c9 = c8 + c3
        c10 = c9 + c4
        d1 = c10 + 1
        d2 = d1 + 2
        d3 = d2 - d1
        d4 = d3 * 2
        d5 = d4 + x
        d6 = d5 - 3 if d5 > 100 else d5 + 3
        d7 = d6 + d1
        d8 = d7 - d2
        d9 = d8 + d3
        return d9 + d4

    total = 0
    for i in range(1, 50_001):
        total += step(i)
    return total


def _locals_axon() -> str:
    lines = []
    last = "x"
    for p in "abcd":
        lines += [
            f"{p}1: {last} + 1", f"{p}2: {p}1 + 2", f"{p}3: {p}2 - {p}1", f"{p}4: {p}3 * 2",
            f"{p}5: {p}4 + x",
            f"{p}6: if ({p}5 > 100) {p}5 - 3 else {p}5 + 3", f"{p}7: {p}6 + {p}1", f"{p}8: {p}7 - {p}2",
            f"{p}9: {p}8 + {p}3", f"{p}10: {p}9 + {p}4",
        ]  # fmt: skip
        last = f"{p}10"
    body = "\n    ".join(lines[:-1])
    calls = "t: 0\n  (1..50000).each(i => t = t + step(i))\n  t"
    return f"do\n  step: x => do\n    {body}\n    d9 + d4\n  end\n  {calls}\nend"


PROGRAMS = [
    Program(
        "fib(22)",
        "do fib: (n) => if (n < 2) n else fib(n - 1) + fib(n - 2); fib(22) end",
        functools.partial(fib_twin, 22),
    ),
    Program("fib(25)", "do fib: (n) => if (n < 2) n else fib(n - 1) + fib(n - 2); fib(25) end", fib_twin),
    Program("closure accumulate 300k", "do t: 0; (1..300000).each(x => t = t + x); t end", accumulate_twin),
    Program(
        "map + reduce 300k", "(1..300000).map(x => x * 2).reduce(0, (acc, x) => acc + x)", map_reduce_twin
    ),
    Program(
        "map, findAll, size 100k",
        "(1..100000).map(x => x * 3).findAll(x => x > 150000).size",
        map_find_size_twin,
    ),
    Program("map, findAll, fold 100k", "(1..100000).map(x => x + 1).findAll(isOdd).fold(sum)", fold_sum_twin),
    Program(
        "the same as a stream",
        "(1..100000).stream.map(x => x + 1).findAll(x => x.isOdd).fold(sum)",
        stream_twin,
    ),
    Program(
        "100k dicts",
        '(1..100000).map(i => if (i.isEven) {n: i, even} else {n: i}).findAll(r => r.has("even"))'
        ".map(r => r->n * 2).fold(sum)",
        dicts_twin,
    ),
    Program(
        "20k-row grid",
        '(1..20000).map(i => {id: i, v: i * 2}).toGrid.addCol("w", r => r->v +'
        " 1).findAll(r => r->w > 20000).size",
        grid_twin,
    ),
    Program(
        "sort 100k computed",
        "do l: (1..100000).map(i => (i * 7919).remainder(100003)).sort; [l.first, l.last, l.size] end",
        sort_twin,
    ),
    Program(
        "sort 100k, comparator",
        "do l: (1..100000).map(i => (i * 7919).remainder(100003)).sort((a, b) => b - a);"
        " [l.first, l.last] end",
        compare_twin,
    ),
    Program(
        "strings 100k",
        '(1..100000).map(i => ("item," + i).upper.split(",").first).concat.size',
        strings_twin,
    ),
    Program(
        "nested trap 100k",
        "do x: {a: {b: {c: 1}}}; t: 0; (1..100000).each(i => t = t + x->a->b->c); t end",
        trap_twin,
    ),
    Program(
        "small lambda 100k",
        "do f: (a, b) => a + b; t: 0; (1..100000).each(i => t = f(t, i)); t end",
        lambda_twin,
    ),
    Program(
        "units 100k",
        "do t: 0kWh; (1..100000).each(i => t = t + i.as(1kWh)); t.to(1MWh).to(null) end",
        units_twin,
    ),
    Program(
        "try/catch 50k",
        'do bad: 0; (1..50000).each(i => try (if (i.remainder(5) == 0) throw "five")'
        " catch bad = bad + 1); bad end",
        try_twin,
    ),
    Program(
        "dates 50k",
        "do start: 1950-01-01; t: 0; (1..50000).each(i => do d: start + i.as(1day);"
        " if (d.isWeekend) t = t + d.day end); t.to(null) end",
        dates_twin,
    ),
    Program(
        "Zinc 10k rows, roll-up",
        "do g: ioReadZinc(text); days: {}; g.each(r => do k: r->ts.date.toStr;"
        " days = days.set(k, (if (days.has(k)) days[k] else 0kW) + r->kw) end);"
        " out: days.names.map(n => {day: parseDate(n), kw: days[n]}).toGrid;"
        ' ioWriteZinc(out, "").split("\\n").findAll(l => not l.isEmpty).size end',
        zinc_twin,
        zinc_text,
    ),
    Program(
        "word count 1 MB",
        'do n: {}; text.split(" ").each(w => n = n.set(w, (if (n.has(w)) n[w] else 0) + 1)); n->meters end',
        words_twin,
        words_text,
    ),
    Program(
        "n-queens 8",
        "do place: (row, cols) => do if (row == 8) return 1; total: 0; (0..7).each(c =>"
        " if (cols.all((q, r) => c != q and (c - q).abs != row - r)) total = total +"
        " place(row + 1, cols.add(c)));"
        " total end; place(0, []) end",
        queens_twin,
    ),
    Program("40 locals 50k", _locals_axon(), locals_twin),
]
