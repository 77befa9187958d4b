"""Programs nested without end are errors of ours: never a crash, in compiled modules neither."""

from __future__ import annotations

import os
import threading

import pytest

from axon import Runtime
from axon.errors import DepthError

#: `AXON_DEPTH=1000000` goes further than the suite.
DEPTHS = [5, 150, 1_500, int(os.environ.get("AXON_DEPTH", "20000"))]

NESTED = {
    "parentheses": lambda k: "(" * k + "1" + ")" * k,
    "lists": lambda k: "[" * k + "x" + "]" * k,
    "constant lists": lambda k: "[" * k + "1" + "]" * k,
    "dicts": lambda k: "{a:" * k + "1" + "}" * k,
    "lambdas": lambda k: "".join(f"x{i} => " for i in range(k)) + "1",
    "sums": lambda k: "+".join("x" * k),
    "sums of constants": lambda k: "+".join("1" * k),
    "ands": lambda k: " and ".join("x" * k),
    "negations": lambda k: "-(" * k + "x" + ")" * k,
    "nots": lambda k: "not (" * k + "x" + ")" * k,
    "definitions": lambda k: "".join(f"x{i}: " for i in range(k)) + "1",
    "assignments": lambda k: "x: 1; " + "x = " * k + "1",
    "else ifs": lambda k: "".join(f"if (x == {i}) {i} else " for i in range(k)) + "1",
    "dots": lambda k: "x" + ".foo" * k,
    "dots of the library": lambda k: "x" + ".size" * k,
    "maps": lambda k: "x" + ".map(v => v)" * k,
    "maps in maps": lambda k: "x.map(x => " * k + "x" + ")" * k,
    "traps": lambda k: "x" + "->foo" * k,
    "indexes": lambda k: "x" + "[0]" * k,
    "calls": lambda k: "foo(" * k + "x" + ")" * k,
    "calls of calls": lambda k: "(" * k + "x" + ")()" * k,
    "partial calls": lambda k: "foo(_, " * k + "x" + ")" * k,
    "blocks": lambda k: "do " * k + "1" + " end" * k,
    "tries": lambda k: "try " * k + "1" + " catch 2" * k,
    "catches": lambda k: "try 1 catch " * k + "2",
    "returns": lambda k: "() => " + "return " * k + "1",
    "throws": lambda k: "throw " * k + "1",
    "ranges": lambda k: "(1.." * k + "1" + ")" * k,
    "filters": lambda k: "readAll(" + " and ".join("x" * k) + ")",
    "filters of paths": lambda k: "readAll(x" + "->x" * k + ")",
    "filters in parentheses": lambda k: "readAll(" + "x and (" * k + "x" + ")" * k + ")",
}  # fmt: skip


def compiles(rt: Runtime, text: str) -> bool:
    """Whether a text compiles; if not, it is nested too deep."""
    try:
        rt.compile(text, "deep", program=True)
    except DepthError:
        return False
    return True


@pytest.mark.parametrize("what", NESTED)
def test_nesting_ends_in_an_error(what: str) -> None:
    rt = Runtime(cache=False)
    fits = [compiles(rt, NESTED[what](depth)) for depth in DEPTHS]
    assert fits[0]
    assert sorted(fits, reverse=True) == fits
    assert not fits[-1] or what == "filters of paths"  # those Python goes along without a call for each


def test_nesting_in_a_thread() -> None:
    """Threads have stacks of their own."""
    done = []

    def work() -> None:
        rt = Runtime(cache=False)
        done.extend(compiles(rt, make(depth)) for make in NESTED.values() for depth in DEPTHS[:3])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(done) == 3 * len(NESTED)
