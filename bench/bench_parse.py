"""Rate of the parser: tokens a second on a made-up file of 10,000 lines, by stage, beside Lark's own loop.

`python bench/bench_parse.py [--lines N] [--repeat N]` prints one table. Times are processor time, the best of
N runs; the collector rests as it does in a parse of this size. Lark gets the same tokens and the same grammar
and makes its plain tree; it is the peer, its rate is printed and nothing is asserted. Python's own
`compile()` is a stage that nothing here can shorten, but by giving it less. The first line tells whether the
compiled modules of the extra `[fast]` are used; `AXON_PURE=1` turns them off.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import axon.syntax  # before the stages of axon.compile, so that compiled modules are in place
from axon import fast
from axon.compile.emit import emit
from axon.compile.resolve import resolve
from axon.source import Source
from axon.syntax.lalr import automaton
from axon.syntax.newlines import Arranged, arrange
from axon.syntax.parser import parse_program
from axon.syntax.pause import no_collection
from axon.syntax.printer import to_source
from axon.syntax.scanner import scan
from axon.syntax.tables import grammar_path

PART = """\
// Points of one air handler, and what they say
x{i}: readAll(point and equipRef == @ahu{i}).map() (r, i) => do
  v: r->curVal + {i}.5 * 2kW   // converted
  if (v > 100kW and not r.has("alarm")) {{id: r->id, val: v, dis: "too high"}}
  else [1, 2, 3].map(a => a * {i}).findAll v => v.isEven
end
t{i}: try parseDate("2024-01-0{digit}") catch (e) null
"""


def program(lines: int) -> str:
    """A program of about so many lines."""
    count = max(1, lines // PART.count("\n"))
    return "".join(PART.format(i=i, digit=i % 9 + 1) for i in range(count))


def best(work: Callable[[], object], repeat: int) -> float:
    """The shortest processor time of some runs, in seconds."""
    times = []
    for _ in range(repeat):
        with no_collection:
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
    return min(times)


def lark_parse(arranged: Arranged) -> Callable[[], object]:
    """Lark's own parser over tokens that are ready."""
    from lark import Lark, Token
    from lark.lexer import Lexer

    class Ready(Lexer):
        def __init__(self, conf: object) -> None:
            pass

        def lex(self, data: object) -> Iterator[Token]:
            tokens = arranged.scanned.tokens
            for kind, index in zip(arranged.kinds[:-1], arranged.indexes[:-1], strict=True):
                yield Token(kind, str(tokens[index][1]))

    lark = Lark(Path(grammar_path()).read_text(encoding="utf-8"), parser="lalr", lexer=Ready)
    return lambda: lark.parse("")


def compiled(text: str) -> Callable[[], object]:
    """From text to code object, without the cache."""
    rt = axon.Runtime(cache=False)
    fresh = iter(range(1_000_000))
    return lambda: rt.compile(text, f"bench{next(fresh)}.axon", program=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=10_000)
    options.add_argument("--repeat", type=int, default=3)
    args = options.parse_args()
    source = Source("bench", program(args.lines))
    machine = automaton()
    scanned = scan(source)
    arranged = arrange(scanned, wrap=True)
    node = machine.run(arranged)
    count = len(scanned.tokens)
    known = axon.Runtime(cache=False).known
    module = emit(resolve(node, known), known, source.text).module
    stages = {
        "scan": lambda: scan(source),
        "scan + arrange": lambda: arrange(scan(source), wrap=True),
        "scan + arrange + nodes": lambda: machine.run(arrange(scan(source), wrap=True)),
        "nodes alone": lambda: machine.run(arranged),
        "Lark's loop alone": lark_parse(arranged),
        "print": lambda: to_source(node),
        "parse_program": lambda: parse_program(source.text),
        "resolve": lambda: resolve(node, known),
        "resolve + emit": lambda: emit(resolve(node, known), known, source.text),
        "Python's compile() alone": lambda: compile(module, "bench", "exec", dont_inherit=True),
        "parse and compile": compiled(source.text),
    }
    modules = "compiled modules" if fast.used() else "pure Python"
    print(f"{modules}, {source.text.count(chr(10))} lines, {count} tokens")
    for name, work in stages.items():
        seconds = best(work, args.repeat)
        per_token = seconds / count
        print(
            f"{name:<24}{seconds * 1e3:8.0f} ms{per_token * 1e6:8.2f} us/token{1 / per_token:10.0f} tokens/s"
        )


if __name__ == "__main__":
    main()
