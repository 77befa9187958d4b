"""Feed a reader with damaged documents for as long as you like.

    python -m tests.formats.fuzz zinc trio hayson json3 csv filter --seconds 600

Documents are cut, doubled, mixed and spiced with words of the format; each reader must give a value or an
error of ours within two seconds. With `--atheris`, if that package is installed, the mutations are guided by
coverage (one reader at a time). What fails is printed and kept as `fuzz-<reader>.txt`.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axon.errors import AxonError
from axon.formats.csv import read_csv
from axon.formats.hayson import read_hayson
from axon.formats.jeto import read_jeto
from axon.formats.json3 import read_json3
from axon.formats.trio import read_trio
from axon.formats.zinc import read_zinc_value
from axon.values.filter import parse_filter
from tests.formats.test_fuzz import CSV, JSON, TRIO, ZINC

ZINC_DOC = (
    'ver:"3.0" dis:"T" m n:5kW\nts,id dis:"Id",v unit:"kW",x\n'
    '2024-05-06T08:00:00-04:00 New_York,@a "Dis",5kW,"s, \\u00e9"\n'
    "2024-05-06T12:00:00Z,@b,-1.5e3,[1,{a b:2},N]\n"
    ',,NaN,<<\nver:"3.0"\na\nC(1.5,-2)\n>>\n2024-05-06,^sym,08:30:00,Foo("x")\n,`a\\#b`,INF,\n'
)
JSON_DOC = (
    '{"_kind":"grid","meta":{"ver":"3.0","x":{"_kind":"marker"}},"cols":[{"name":"a","meta":{"unit":"kW"}}],'
    '"rows":[{"a":{"_kind":"number","val":5,"unit":"kW"}},{"a":[1,null,"n:5 kW"]},{"a":{"_kind":"dateTime",'
    '"val":"2024-05-06T08:00:00-04:00","tz":"New_York"}},{"a":{"_kind":"coord","lat":1.5,"lng":2}}]}'
)
TRIO_DOC = (
    'dis:A site\nsite\nid:@a "D"\narea:100ft²\nsrc:\n  (a) => do\n\n    a\n  end\n---\n// c\n'
    "t:2024-05-06T08:00:00Z UTC\n"
    'l:[1,\n 2]\nd:{a b:1}\ng:Zinc:\n  ver:"3.0"\n  a\n  1\nx:"q\\n"\ny:5 apples\n'
)
FILTER_WORDS = (
    "a",
    " and ",
    " or ",
    "not ",
    "(",
    ")",
    "->",
    "==",
    "<",
    ">=",
    "!=",
    "5kW",
    '"s"',
    "@r",
    "^s",
    "Foo",
    " ",
)

SPECS = (
    "sys::Str", "sys::Number", "sys::Bool", "sys::Date", "sys::Time", "sys::DateTime", "sys::Uri", "sys::Ref",
    "sys::Marker", "sys::Span", "ph::Coord", "ph::Symbol",
)  # fmt: skip
JETO_DOC = "[" + ",".join([f'{{"val":"1.5","spec":"{spec}"}}' for spec in SPECS]) + "]"

TARGETS: dict[str, tuple[Callable[[str], Any], str, tuple[str, ...]]] = {
    "zinc": (read_zinc_value, ZINC_DOC, ZINC),
    "trio": (read_trio, TRIO_DOC, TRIO),
    "hayson": (read_hayson, JSON_DOC, JSON),
    "json3": (read_json3, JSON_DOC, JSON),
    "jeto": (read_jeto, JETO_DOC, (*JSON, *[f'"{spec}"' for spec in SPECS])),
    "csv": (read_csv, 'a,b,c\n1,"x, ""y""\nz",\n p , q ,r\n', CSV),
    "filter": (parse_filter, 'a and b->c == 5kW or not (d < "x" and e != @r)', FILTER_WORDS),
}


def check(read: Callable[[str], Any], text: str) -> str:
    """What is wrong with how a reader takes a text; empty if nothing."""
    start = time.process_time()
    try:
        read(text)
    except AxonError:
        pass
    except Exception as e:
        return f"{type(e).__name__}: {e}"
    took = time.process_time() - start
    return f"took {took:.1f} s" if took > 2 else ""


def mutate(rng: random.Random, doc: str, words: tuple[str, ...]) -> str:
    """A damaged document."""
    text = doc
    for _ in range(rng.choice((1, 1, 2, 3, 8, 30))):
        at = rng.randrange(len(text) + 1)
        size = rng.choice((0, 1, 1, 2, 10))
        how = rng.randrange(5)
        if how == 0:
            text = text[:at] + text[at + size :]
        elif how == 1:
            text = text[:at] + rng.choice(words) + text[at + size :]
        elif how == 2:
            text = (
                text[:at] + chr(rng.choice((rng.randrange(128), rng.randrange(0x110000)))) + text[at + size :]
            )
        elif how == 3:
            start = rng.randrange(len(text) + 1)
            text = text[:at] + text[start : start + rng.randrange(40)] + text[at:]
        else:
            text = text[:at] + rng.choice(words) * rng.choice((2, 5, 70)) + text[at:]
        text = text[:20_000]
    return text


def fuzz(name: str, seconds: float, seed: int) -> int:
    """Fuzz one reader; returns how many texts were found that it takes wrongly."""
    read, doc, words = TARGETS[name]
    rng = random.Random(seed)
    end = time.monotonic() + seconds
    runs = 0
    found: dict[str, str] = {}
    while time.monotonic() < end:
        text = mutate(rng, doc, words)
        runs += 1
        wrong = check(read, text)
        if wrong and wrong.partition(":")[0] not in found:
            found[wrong.partition(":")[0]] = wrong
            Path(f"fuzz-{name}.txt").write_text(text, encoding="utf-8", errors="surrogatepass")
            print(f"{name}: {wrong}: {text!r}")
    print(f"{name}: {runs} texts, {len(found)} wrong")
    return len(found)


def guided(name: str, seconds: float) -> None:
    """Fuzz one reader guided by coverage; ends the process."""
    import gc
    import tempfile
    from types import FunctionType

    import atheris  # type: ignore[import-not-found]

    read, doc, words = TARGETS[name]

    def one(data: bytes) -> None:
        wrong = check(read, data.decode("utf-8", "surrogateescape"))
        if wrong:
            raise RuntimeError(wrong)

    with tempfile.TemporaryDirectory() as corpus:
        for i, seed in enumerate([doc, *doc.split("\n"), *words]):
            Path(corpus, str(i)).write_text(seed, encoding="utf-8", errors="replace")
        for function in [f for f in gc.get_objects() if type(f) is FunctionType]:
            if str(function.__module__).startswith(("axon.formats", "axon.values")):
                atheris.instrument_func(function)
        atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}", "-timeout=20", corpus], one)
        atheris.Fuzz()


def main() -> int:
    """The command."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("reader", nargs="+", choices=list(TARGETS))
    args.add_argument("--seconds", type=float, default=60)
    args.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    args.add_argument("--atheris", action="store_true")
    given = args.parse_args()
    if given.atheris:
        guided(given.reader[0], given.seconds)
        return 0
    return min(1, sum([fuzz(name, given.seconds, given.seed) for name in given.reader]))


if __name__ == "__main__":
    sys.exit(main())
