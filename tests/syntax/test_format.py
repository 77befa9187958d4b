"""`format_source`: standard layout, same tree, same comments."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axon.errors import AxonSyntaxError
from axon.syntax.format import format_source
from axon.syntax.nodes import Node
from axon.syntax.parser import parse_program
from axon.syntax.printer import to_source
from tests.syntax.sources import same, trees, vectors

BEFORE = '''\
#!/usr/bin/env axon
// hello
x:5;y  :  6


z: readAll( point and equip==@ahu ).map( (r,i)=>do
      v:r->curVal+1 *-2   // aligned
  // own line
  if(v>100kW and not r.has ("alarm"))
  {id:r->id , val:v}
  else if (b) do
  null
  else
     [1,
   2 , 3
   ]
         // before end
end )
   .foo( 5 )
   .bar x=>x
f: ( a , b:2 ) => do
    if (a)
      b
        + 3
    else
      try
        c
      catch (e)
        d
    s: """one
            two
          three"""
    return - x
end
g: @a .size + 5 ->x
h: a :: b ( 3 ) .. 7
t:
  foo =>
  bar
// end
'''

AFTER = '''\
#!/usr/bin/env axon
// hello
x: 5; y: 6

z: readAll(point and equip == @ahu).map((r, i) => do
  v: r->curVal + 1 * -2   // aligned
  // own line
  if (v > 100kW and not r.has("alarm"))
    {id: r->id, val: v}
  else if (b) do
    null
  else
    [1,
      2, 3
    ]
  // before end
end)
  .foo(5)
  .bar x => x
f: (a, b: 2) => do
  if (a)
    b
      + 3
  else
    try
      c
    catch (e)
      d
  s: """one
          two
        three"""
  return -x
end
g: @a .size + 5 ->x
h: a::b(3)..7
t:
  foo =>
    bar
// end
'''


def test_a_whole_program() -> None:
    assert format_source(BEFORE) == AFTER
    assert format_source(AFTER) == AFTER


def test_line_ends_become_line_feeds() -> None:
    assert format_source("a\r\nb\r\n") == "a\nb\n"


@pytest.mark.parametrize(("text", "want"), [("", ""), ("\n\n", ""), ("  // x", "// x\n"), ("a", "a\n")])
def test_small_texts(text: str, want: str) -> None:
    assert format_source(text) == want


def test_what_does_not_parse_is_an_error() -> None:
    with pytest.raises(AxonSyntaxError):
        format_source("a b")


def check(text: str) -> None:
    once = format_source(text)
    assert same(parse_program(once), parse_program(text)), once
    assert format_source(once) == once


def test_vectors_keep_their_tree_and_settle() -> None:
    for vector in vectors(
        "programs", "lang-layout", "lang-lambdas", "lang-strings", "lang-literals", "lang-ast"
    ):
        try:
            parse_program(vector["src"])
        except AxonSyntaxError:
            continue
        check(vector["src"])


@settings(max_examples=150, deadline=None)
@given(trees())
def test_printed_trees_keep_their_meaning(tree: Node) -> None:
    check(to_source(tree))


_PARTS = [
    "a", "f(", ")", "[", "]", "do", "end", "\n", " ", "// c\n", "5", "-", "+", ".b", "x =>", ";", "if (a)",
    "else", ",", "/* d */", ": ", '"s"',
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(_PARTS), max_size=25))
def test_random_texts_keep_their_meaning(parts: list[str]) -> None:
    text = " ".join(parts)
    try:
        parse_program(text)
    except AxonSyntaxError:
        return
    check(text)
