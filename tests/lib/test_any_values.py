"""Every function takes values of any kind: it answers, or fails with an error of ours.

`AXON_CALLS=100000 pytest tests/lib/test_any_values.py` calls more; another `AXON_SEED` calls others.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from axon.engine import Runtime
from axon.errors import AxonError
from axon.lib import load_all
from axon.lib.registry import table

CALLS = int(os.environ.get("AXON_CALLS", "1000"))
SEED = int(os.environ.get("AXON_SEED", "3"))

#: Functions that start processes, wait, or end the program; and those that print much.
DOMAINS_LEFT_OUT = {"python", "pyobjects", "tasks", "shell", "docker"}
LEFT_OUT = {"ioHttp", "ioRandom", "ioPbk"}

VALUES = (
    "null", "true", "0", "-1", "2", "3.7", "1e300", "-1e300", "nan()", "posInf()", "5kW", "-3°F", "2hr",
    "1day",
    "9007199254740993", '""', '"a"', '"abc def"', '"é😀"', '"\\ud800"', '"UTC"', '"YYYY-MM-DD"', '"#,##0.00"',
    '"("', '"kW"', '"x => x"', "@a", 'parseRef("a", "D")', "`http://a.b/c?d=e#f`", "`../x`", "`io/x.txt`",
    "^site",
    "marker()", "na()", "none()", "coord(1, 2)", 'xstr("Foo", "x")', "2024-02-29", "9999-12-31", "0001-01-01",
    "2024-05", "2024-05-06..2024-05-01", "23:59:59.999", 'dateTime(2024-05-06, 8:30, "New_York")',
    'dateTime(9999-12-31, 23:59, "New_York")', 'dateTime(0001-01-01, 0:00, "Tokyo")', "toSpan(2024-05-06)",
    "1..3", "3..1", "nan()..3", '"a".."z"', "null..null", "[]", "[1, 2, 3]", '["b", "a", null]', "[[1], [2]]",
    '[{a:1}, {a:2, b:"x"}]', "[@a, @b]", "[nan(), 1, -1]", "[1kW, 1m]", '["a", "v0"]', "{}",
    '{a, b:"x", dis:"D"}',
    '{name:"x", id:@a}', "{rows:2, cols:2, init:0}", '{x:"a", y:"b"}', "{limit:-1}", '{delimiter:""}',
    "[].toGrid", "[{a:1, b:2}, {a:3}].toGrid", "toMatrix({rows:2, cols:2, init:1})",
    "[{a:1}].toGrid.cols.first",
    "[{a:1, b:2}].toGrid.first", '[{id:@a, dis:"x"}].toGrid', "x => x", "() => 1", "(a, b, c, d) => a", "sum",
    "count", "x => null", 'x => throw "no"', "(a, b) => a <=> b", "x => {z: x}", "x => [x]", "x => true",
    "toGrid", "foldStart()", "foldEnd()", "[1, 2].stream", "[{a:1}].toGrid.stream", "Number",
)  # fmt: skip


def calls(count: int) -> list[str]:
    """So many calls of library functions with arguments of any kind."""
    load_all()
    rng = random.Random(SEED)
    names = sorted(n for n, b in table().items() if b.domain not in DOMAINS_LEFT_OUT and n not in LEFT_OUT)
    out = []
    for _ in range(count):
        b = table()[rng.choice(names)]
        args = [rng.choice(VALUES) for _ in range(rng.randint(b.min_args, b.max_args))]
        out.append(f"{b.name}({', '.join(args)})")
    return out


def foreign(e: BaseException) -> bool:
    """Whether an error comes from a Python error that nobody foresaw."""
    first = e
    while first.__cause__ is not None:
        first = first.__cause__
    return not isinstance(first, AxonError) and type(first).__name__ in str(e)


@pytest.mark.timeout(60 + CALLS // 10)
def test_functions_take_values_of_any_kind(tmp_path: Path) -> None:
    wrong = []
    with Runtime(io=tmp_path, echo=lambda text: None) as rt:
        for src in calls(CALLS):
            try:
                rt.eval(src, time_limit=5)
            except AxonError as e:
                if foreign(e):
                    wrong.append(f"{src}: {e}")
    assert not wrong, "\n".join(wrong)
