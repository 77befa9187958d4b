"""Our loop over the tables against Lark's own parser: the same token sequences are accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark, Token
from lark.exceptions import UnexpectedInput
from lark.lexer import Lexer

from axon.source import Source
from axon.syntax.lalr import Unexpected, automaton
from axon.syntax.newlines import arrange
from axon.syntax.scanner import scan
from axon.syntax.tables import grammar_path
from tests.syntax.sources import vectors

Accepts = Callable[[list[str]], bool]


@pytest.fixture(scope="module")
def lark_accepts() -> Accepts:
    """Whether Lark takes a sequence of kinds."""
    ready: list[str] = []

    class Ready(Lexer):
        def __init__(self, conf: object) -> None:
            pass

        def lex(self, data: object) -> Iterator[Token]:  # type: ignore[override]
            return (Token(kind, "") for kind in ready)

    lark = Lark(Path(grammar_path()).read_text(encoding="utf-8"), parser="lalr", lexer=Ready)

    def accepts(kinds: list[str]) -> bool:
        ready[:] = kinds
        try:
            lark.parse("")
        except UnexpectedInput:
            return False
        return True

    return accepts


def check(text: str, lark_accepts: Accepts) -> None:
    for wrap in (False, True):
        arranged = arrange(scan(Source("test", text)), wrap=wrap)
        try:
            automaton().run(arranged)
            stopped = None
        except Unexpected as e:
            stopped = e.position
        except SyntaxError:  # by a rule outside the grammar
            continue
        kinds = arranged.kinds[:-1]
        assert lark_accepts(kinds) is (stopped is None), text
        if stopped is not None:
            assert arranged.kinds[stopped] not in automaton().allowed(arranged.kinds[:stopped])


def test_vectors(lark_accepts: Accepts) -> None:
    for vector in vectors(
        "lang-layout", "lang-lambdas", "lang-errors", "lang-ast", "lang-precedence", "programs"
    ):
        check(vector["src"], lark_accepts)


_WORDS = """
a b 5 "s" ( ) [ ] { } do end if(a) else try catch catch(e) return not and => = == -> . .. : , ; + - _ f( x=>
(x)=> .g() lib::f Foo
"""
_PIECES = [*_WORDS.split(), "\n", "\n", "\n", "\n"]


@settings(max_examples=1500, deadline=None)
@given(pieces=st.lists(st.sampled_from(_PIECES), min_size=1, max_size=16))
def test_random_texts(pieces: list[str], lark_accepts: Accepts) -> None:
    check(" ".join(pieces), lark_accepts)
