"""Trees to text and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from axon.errors import DepthError
from axon.syntax.nodes import Literal, Node, Unary
from axon.syntax.parser import parse
from axon.syntax.printer import to_source
from tests.syntax.sources import same, trees


@settings(max_examples=600, deadline=None)
@given(trees())
def test_printed_trees_read_back(tree: Node) -> None:
    text = to_source(tree)
    assert same(parse(text), tree), text


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("(x + 1)->a", "(x + 1)->a"),
        ("(-5).abs", "(-5).abs()"),
        ("(@a).size", "(@a).size()"),
        ("(@a)..@b", "(@a)..@b"),
        ("(5)->x", "(5)->x"),
        ("not (-5)", "not (-5)"),
        ("if (a) (if (b) 1) else 2", "if (a) (if (b) 1) else 2"),
        ("if (a) x => (if (b) 1) else 2", "if (a) (x) => (if (b) 1) else 2"),
        ("try x catch ((e) => e)", "try x catch ((e) => e)"),
        ("a = b: 5", "a = b: 5"),
        ("f(1) x => x", "f(1, (x) => x)"),
        ("(f(1))(2)", "(f(1))(2)"),
        ("l[0](2)", "(l.get(0))(2)"),
        ("d->f(2)", "d->f(2)"),
        ("Foo(1).bar", "(Foo(1)).bar()"),
        ("my.lib::Foo.make(_, 2)", "my.lib::Foo.make(_, 2)"),
        ("f(_)", "f(_)"),
        ('{"Site": 1, if: 2, x}', '{"Site":1, if:2, x}'),
        ("do do 1 end end", "do\n  do\n    1;\n  end\n  ;\nend\n"),
        ("return return x", "return return x"),
    ],
)
def test_forms(source: str, printed: str) -> None:
    node = parse(source)
    assert to_source(node) == printed
    assert same(parse(printed), node)


def test_a_tag_to_remove_prints_as_in_the_reference() -> None:
    assert to_source(parse("{a, -c}")) == "{a, c:none()}"


def test_a_tree_too_deep_is_an_error() -> None:
    tree: Node = Literal(1)
    for _ in range(100_000):
        tree = Unary("not", tree)
    with pytest.raises(DepthError):
        to_source(tree)
