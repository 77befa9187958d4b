"""Line breaks, lambdas, blocks, comments: rules N1 to N6 and the oddities of the language reference."""

from __future__ import annotations

import pytest

from axon.errors import AxonSyntaxError
from axon.syntax.parser import parse
from axon.syntax.printer import to_source


@pytest.mark.parametrize(
    ("source", "same_as"),
    [
        ("do a\n b end", "do a; b end"),
        ("do a\n; b end", "do a; b end"),
        ("do f\n(x) end", "do f; (x) end"),
        ("do x\n[0] end", "do x; [0] end"),
        ("do x.f\n(y) => 1 end", None),
        ("f()\nx => x", None),
        ("x.map\nv => v", "x.map(v => v)"),
        ("a\n-b", "a - b"),
        ("a\n: 5", "a: 5"),
        ("a\n= 5", "a = 5"),
        ("x\n=> x", "(x) => x"),
        ("a\n.b\n.c", "a.b.c"),
        ("a\n->b", "a->b"),
        ("a.\nb", "a.b"),
        ("if (a) 1\nelse 2", "if (a) 1 else 2"),
        ("try 1\ncatch\n(e)\n2", "try 1 catch (e) 2"),
        ("if\n(a) 1", "if (a) 1"),
        ("do if (c) do 1 end\n-x end", "do if (c) do 1 end; -x end"),
        ("do f() (x) => do 1 end\n-x end", "do (f() (x) => do 1 end) - x end"),
        ("do (x) => do 1 end\n-x end", "do ((x) => do 1 end) - x end"),
        ("if (a) do if (b) 1 else 2 else 3", "if (a) (do if (b) 1 else 2 end) else 3"),
        ("if (a) do\n  if (b) 1\n  else 2\nelse 3", "if (a) (do if (b) 1 else 2 end) else 3"),
        ("try do a catch b", "try (do a end) catch b"),
        ("(x) => do x end (5)", "((x) => do x end)(5)"),
        ("x => do x end (5)", None),
        ("f() (x) => do x end (5)", "(f((x) => do x end))(5)"),
        ("1 + (x) => x", "1 + ((x) => x)"),
        ("(x) => x + 1", "(x) => (x + 1)"),
        ("list.map() (v) => do v + 1 end.first", "(list.map((v) => do v + 1 end)).first"),
        ("list.map v => v.first", "list.map((v) => (v.first))"),
        ("f() ((x) => x)", "f((x) => x)"),
        ("not a == b", "(not a) == b"),
        ("-4.abs", "-(4.abs)"),
        ("a or b and c", "a or (b and c)"),
        ("a = b = c", "a = (b = c)"),
        ("x: y: 3", "x: (do y: 3 end)"),
        ("my . lib\n:: fn(3)", "my.lib::fn(3)"),
        ("a.end.if", "a.end().if()"),
        ("a::end", "a::end"),
        ("{end: 1, -if, or}", "{end:1, -if, or}"),
        ("a /* one /* two */ */ + b", "a + b"),
        ("do a /* line\n */ b end", "do a; b end"),
        ("a // note\n+ b", "a + b"),
        ("1 /* open", "1"),
        ("a\xa0+\tb", "a + b"),
        ("a\0b", "a"),
    ],
)
def test_means(source: str, same_as: str | None) -> None:
    if same_as is None:
        with pytest.raises(AxonSyntaxError):
            parse(source)
    elif same_as == "x: (do y: 3 end)":
        assert to_source(parse(source)) == "x: y: 3"
    else:
        assert parse(source) == parse(same_as)


_REFUSED = [
    "do end", "do ; 1 end", "do a;; b end", "f(a,)", "[,]", "{,}", "(a: 5)", "(a, b)", "[a: 5]", "x.f\n(y)",
    "return\n5", "throw\n5", "f(1)(2)", "f() (3)", "f x => x", "x.map (v) => v", "--x", "not not x",
    "1 < x < 5", "a == b == c", "a..b..c", "1 + if (a) 2 else 3", "do 1 end + 2", "do 1 end.x", "x->end",
    "x.Foo", "{Foo: 1}", "f(_ + 1)", "_", "a\r", "#!x", "(\na\nb\n)", "Foo::bar", "f().a::b",
    "x.lib::fn()::y", "deflinks", "{-a: 1}", "{a: 1,, b}", "()", "try a catch (b)", "a ? b", "end", "x[1, 2]",
    "if (a) 1 else", "16:", "a b",
]  # fmt: skip


@pytest.mark.parametrize("source", _REFUSED)
def test_refused(source: str) -> None:
    with pytest.raises(AxonSyntaxError):
        parse(source)


def test_tail_returns_are_dropped() -> None:
    assert parse("() => return 5") == parse("() => 5")
    assert parse("() => do a; return 5 end") == parse("() => do a; 5 end")
    assert parse("() => do if (a) return 1; 2 end") != parse("() => do if (a) 1; 2 end")


def test_regions_are_those_of_the_text() -> None:
    text = "do\n  x: foo(1,\n    bar)\n  y\nend"
    block = parse(text)
    x, y = block.exprs  # type: ignore[attr-defined]
    assert (block.loc.line, block.loc.col, block.loc.end_line, block.loc.end_col) == (1, 1, 5, 4)
    assert (x.loc.line, x.loc.col, x.loc.end_line, x.loc.end_col) == (2, 3, 3, 9)
    assert (x.val.loc.col, x.val.args[1].loc.line) == (6, 3)
    assert (y.loc.line, y.loc.col, y.loc.end_col) == (4, 3, 4)


def test_a_block_closed_by_else_ends_before_it() -> None:
    node = parse("if (a) do\n  1\nelse 2")
    assert (node.then.loc.end_line, node.then.loc.end_col) == (2, 4)  # type: ignore[attr-defined]
