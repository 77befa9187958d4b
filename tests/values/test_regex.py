"""Regular expressions: reading them, and two ways of matching that agree."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axon.errors import ArgErr, Err
from axon.values.regex import compile_regex
from axon.values.regex.cost import cost_of
from axon.values.regex.read import read
from axon.values.regex.walk import Walker
from axon.values.regex.write import write

ATOMS = st.sampled_from(
    ["a", "b", "c", ".", "[ab]", "[^a]", r"\w", r"\b", "^", "$", "(?=a)", "(?!b)", "(?<=a)"]
)
COUNTS = st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{1,2}", "{2}", "{0,2}?", "*+", "++"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("(?:{0[0]}|{0[1]})".format),
        st.tuples(inner, COUNTS).map("(?:{0[0]}){0[1]}".format),
        inner.map("({})".format),
        inner.map("(?>{})".format),
    )


PATTERNS = st.recursive(ATOMS, _larger, max_leaves=8)


@settings(max_examples=400, deadline=None)
@given(PATTERNS, st.text("abcx ", max_size=8))
def test_the_walker_finds_what_re_finds(pattern: str, text: str) -> None:
    parsed = read(pattern)
    if cost_of(parsed.node, whole=True).exponential and len(text) > 6:
        text = text[:6]
    walker = Walker(parsed.node, parsed.groups)
    matcher = re.compile(write(parsed.node), re.ASCII)
    m, spans = matcher.search(text), walker.search(text)
    assert (None if m is None else m.span()) == (None if spans is None else tuple(spans[:2]))
    assert (matcher.fullmatch(text) is not None) == walker.full_match(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(a+)+b", "a" * 5000),
        (r"(a|a)*b", "a" * 5000),
        (r"(\w+\s?)*!", "word " * 1000),
        (r"(.*)(.*)(.*)(.*)x", "a" * 3000),
        (r"\s+$", " " * 50_000 + "x"),
        (r"(x+x+)+y", "x" * 3000),
        (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 3000),
        (r"(?:a?){50}a{50}b", "a" * 200),
    ],
)
def test_no_pattern_blows_up(pattern: str, text: str) -> None:
    start = time.perf_counter()
    assert compile_regex(pattern).find(text) is None
    assert not compile_regex(pattern).full_match(text)
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    "pattern", [r"\d+", r"(\w+)-(\d+)", r"\w+\s+\w+", r"(\w+\.)+", r"\d+-\d+", r"[^,]*,"]
)
def test_common_patterns_are_left_to_re(pattern: str) -> None:
    parsed = read(pattern)
    text = "foo 12-34 bar baz, " * 5000
    assert not cost_of(parsed.node, whole=False).too_high(text, anchored=False)


def test_back_references_that_blow_up_are_stopped() -> None:
    with pytest.raises(Err, match="steps"):
        compile_regex(r"(a|a)+\1b").find("a" * 40)


@pytest.mark.parametrize(
    ("pattern", "text", "want"),
    [
        (r"[a-c[x-z]]+", "abxyq", "abxy"),
        (r"[a-z&&[^m-p]&&[^b]]+", "bacmp", "ac"),
        (r"[]a]+", "a]", "a]"),
        (r"[a\-z]+", "-a", "-a"),
        (r"[\Q^]\E]+", "]^", "]^"),
        (r"[&&a]", "a", "a"),
        (r"(?x) a b # tail", "ab", "ab"),
        (r"(?i)straße", "STRAßE", "STRAßE"),
        (r"(?iu)É", "é", "é"),
        (r"(?i:a)b", "Ab", "Ab"),
        (r"(?i-i:a)", "A", None),
        (r"(?<=ab?)c", "abc", "c"),
        (r"(?<!\d{1,3})x", "12x x", "x"),
        (r"\R", "a\r\nb", "\r\n"),
        (r"(?m)^b$", "a\r\nb\r\nc", "b"),
        (r"x$", "x\n", "x"),
        (r"x\z", "x\n", None),
        (r"x\Z", "x\r\n", "x"),
        (r"(?d)a.b", "a\rb", "a\rb"),
        (r"\p{IsGreek}+", "aλόγος", "λόγος"),
        (r"\P{L}", "a1", "1"),
        (r"\pN", "a1", "1"),
        (r"\p{javaUpperCase}", "aÉ", "É"),
        (r"\x{1F600}", "\U0001f600", "\U0001f600"),
        (r"\uD83D\uDE00", "\U0001f600", "\U0001f600"),
        (r"\e\cA\a", "\x1b\x01\x07", "\x1b\x01\x07"),
        (r"(a)(b)\2\1", "abba", "abba"),
        (r"(a)\10", "aa0", "aa0"),
        (r"(?i)(a)\1", "aA", "aA"),
    ],
)
def test_syntax_of_java(pattern: str, text: str, want: str | None) -> None:
    assert compile_regex(pattern).find(text) == want
    parsed = read(pattern)
    spans = Walker(parsed.node, parsed.groups).search(text)
    assert (None if spans is None else text[spans[0] : spans[1]]) == want


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "[a", "a**", "*", "{", "x{", "a{3,2}", "\\", r"\q", r"\1", r"\k<n>", r"\p{Foo}", "[b-a]",
     "(?z)", "(?P<n>a)", "(?<1>a)", "(?<n>a)(?<n>b)", r"(?<=a*)b", r"\x{110000}", "(" * 200 + ")" * 200,
     "a" * 30_000,
     "a{1,1000000}"],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ArgErr):
        compile_regex(pattern)


@given(st.text(r"ab01\[]{}()|*+?.^$-&<=!:\d\w\pLxuQE,i", max_size=12), st.text("ab01", max_size=6))
def test_any_text_is_a_pattern_or_refused(pattern: str, text: str) -> None:
    try:
        regex = compile_regex(pattern)
    except ArgErr:
        return
    regex.find_all(text)
    regex.full_match(text)
