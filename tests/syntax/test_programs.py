"""Programs and functions files; nesting."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from axon.errors import AxonSyntaxError, DepthError
from axon.syntax.astdict import ast_dict
from axon.syntax.newlines import MAX_DEPTH
from axon.syntax.nodes import Block, Literal
from axon.syntax.parser import parse, parse_file_functions, parse_program
from axon.syntax.pause import no_collection


def test_several_statements_are_a_block() -> None:
    assert parse_program("a: 1\nb: 2; a + b") == parse("do a: 1\nb: 2; a + b end")


def test_one_statement_stands_alone() -> None:
    assert parse_program("// note\n\na + 1\n") == parse("a + 1")
    assert parse_program("a;") == parse("a")


@pytest.mark.parametrize("text", ["", "\n\n", "// nothing", "#!/usr/bin/env axon\n"])
def test_nothing_is_null(text: str) -> None:
    assert parse_program(text) == Literal(None)


def test_shebang_line_ends_and_places() -> None:
    node = parse_program("#!/usr/bin/env axon\r\na: 1\r\n  b(2)\r\n", "x.axon")
    assert type(node) is Block
    assert str(node.exprs[1].loc) == "x.axon:3:3"


@pytest.mark.parametrize(
    "text", ["a\nend", "do 1 end\nend", "a\nelse b", "a;; b", "; a", "x\r\n\r y", "do a"]
)
def test_what_is_no_program(text: str) -> None:
    with pytest.raises(AxonSyntaxError):
        parse_program(text)


FUNCTIONS = """\
// A file of functions

/* The area
 * of a rectangle.
 */
area: (w, h) => w * h

// not attached

// Twice as much,
// that is.
twice: x => do
  return x * 2
end // trailing
plain: () => 1; last: () => 2
"""


def test_functions_file() -> None:
    got = parse_file_functions(FUNCTIONS, "f.axon")
    assert [(f.name, f.doc) for f in got] == [
        ("area", "The area\nof a rectangle."),
        ("twice", "Twice as much,\nthat is."),
        ("plain", ""),
        ("last", ""),
    ]
    assert got[0].func == parse("(w, h) => w * h")
    assert got[1].func.loc.line == 12


def test_an_empty_functions_file() -> None:
    assert parse_file_functions("// nothing\n") == []


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("f: () => 1\nlimit: 5", "Expecting a function definition", 2),
        ("f: () => 1\nf(2)", "Expecting a function definition", 2),
        ("f: () => 1\n\nf: () => 2", "Function 'f' is defined twice", 3),
    ],
)
def test_what_is_no_functions_file(text: str, message: str, line: int) -> None:
    with pytest.raises(AxonSyntaxError, match=message) as caught:
        parse_file_functions(text)
    assert caught.value.loc.line == line


@pytest.mark.parametrize(
    ("open_", "close"), [("(", ")"), ("[", "]"), ("{a:", "}"), ("do ", " end"), ("f(", ")")]
)
def test_nesting_has_a_limit(open_: str, close: str) -> None:
    parse(open_ * 1500 + "1" + close * 1500)
    with pytest.raises(DepthError, match="Nested deeper") as caught:
        parse(open_ * 60_000 + "1" + close * 60_000)
    assert caught.value.loc.line == 1
    assert caught.value.loc.col == len(open_) * MAX_DEPTH + 1 + (open_ == "f(")


@pytest.mark.parametrize(
    "text",
    [
        " + ".join("1" * 50_000),
        "x => " * 50_000 + "1",
        "a" + ".b" * 50_000,
        "a = " * 50_000 + "1",
        "if (a) 1 else " * 300 + "1",
    ],
)
def test_long_chains_parse(text: str) -> None:
    node = parse(text)
    if len(text) < 20_000:
        assert ast_dict(node)["type"] == "if"
    else:
        with pytest.raises(DepthError):
            ast_dict(node)


def test_the_collector_is_left_as_it_was() -> None:
    text = "x: 1\n" * 10_000 + "(a: )"
    for on in (True, False):
        (gc.enable if on else gc.disable)()
        try:
            with pytest.raises(AxonSyntaxError):
                parse_program(text)
            assert gc.isenabled() is on
            with no_collection, no_collection:
                assert not gc.isenabled()
            assert gc.isenabled() is on
        finally:
            gc.enable()


def test_threads_parse_at_once() -> None:
    def work(i: int) -> object:
        return parse_program(f"a: {i}\n" * 3000).exprs[-1].val.val  # type: ignore[attr-defined]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(12), timeout=15)) == list(range(12))
    assert gc.isenabled()
