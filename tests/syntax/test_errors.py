"""Error pages of broken scripts: input and page stand together in the golden file; `--regen` rewrites it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axon.errors import AxonSyntaxError
from axon.source import excerpt
from axon.syntax.parser import parse, parse_file_functions, parse_program

GOLDEN = Path(__file__).parent.parent / "golden" / "syntax_errors.txt"


def read_cases() -> list[tuple[str, str, str]]:
    """Title, source and page of each case."""
    out = []
    for part in GOLDEN.read_text(encoding="utf-8").split("==== ")[1:]:
        title, _, rest = part.partition("\n")
        source, _, page = rest.partition("\n----\n")
        out.append((title, source, page.strip("\n")))
    return out


def page_of(source: str) -> str:
    """The page of the error in a source that has one."""
    with pytest.raises(AxonSyntaxError) as caught:
        parse_program(source, "case.axon")
    e = caught.value
    lines = [f"{e.loc}: {e.message}", excerpt(e.loc)]
    if e.expected:
        lines.append(f"expected: {', '.join(e.expected)}")
    if e.hint:
        lines.append(f"hint: {e.hint}")
    return "\n".join(lines)


@pytest.mark.parametrize(("title", "source", "page"), read_cases(), ids=lambda v: None)
def test_page(title: str, source: str, page: str, regen: bool) -> None:
    if not regen:
        assert page_of(source) == page


def test_regenerate(regen: bool) -> None:
    cases = [(title, source, page_of(source) if regen else page) for title, source, page in read_cases()]
    if regen:
        text = "\n".join(f"==== {title}\n{source}\n----\n{page}\n" for title, source, page in cases)
        GOLDEN.write_text(text, encoding="utf-8")
    assert len(cases) >= 60
    assert len({title for title, _, _ in cases}) == len(cases)


def test_every_page_says_what_and_where() -> None:
    for title, source, _ in read_cases():
        with pytest.raises(AxonSyntaxError) as caught:
            parse_program(source, title)
        e = caught.value
        assert e.message
        assert not e.message.endswith(".")
        assert 1 <= e.loc.line <= source.count("\n") + 1
        assert e.loc.end_line >= e.loc.line
        assert len(e.expected) <= 5
        assert (e.filename, e.lineno, e.offset) == (title, e.loc.line, e.loc.col)


def test_the_first_error_of_the_text_is_reported() -> None:
    with pytest.raises(AxonSyntaxError, match="Unexpected '\\)'") as caught:
        parse('f(1,)\n + "bad \\q"')
    assert (caught.value.loc.line, caught.value.loc.col) == (1, 5)


def test_an_error_is_also_a_python_syntax_error() -> None:
    with pytest.raises(SyntaxError) as caught:
        parse("1 +", "file.axon")
    assert (caught.value.filename, caught.value.lineno, caught.value.text) == ("file.axon", 1, "1 +")


def test_of_a_long_line_the_part_around_the_error_is_shown() -> None:
    with pytest.raises(AxonSyntaxError) as caught:
        parse("a + " * 100 + "'b'" + " + a" * 100)
    line, carets = excerpt(caught.value.loc).split("\n")
    assert len(line) < 130
    assert line[carets.index("^")] == "'"
    assert line.startswith("1 | …")
    assert line.endswith("…")


_WORDS = r"""
a B 5 5kW 8-3 2024-02-30 "s" " `u` @r ^s ( ) [ ] { } do end if else try catch return throw not and or true
null defcomp => = == < -> . .. :: : , ; + - * / _ ? ! & | # $ // /* */ é let for f( r"
"""
_PIECES = [*_WORDS.split(), "\n", "\t", "\r", "\0", "x: ", "x => ", '"""']


def error_of(read: Callable[[str], object], text: str) -> AxonSyntaxError | None:
    """The syntax error in a text, None without one; any other exception comes through."""
    try:
        read(text)
    except AxonSyntaxError as e:
        return e
    return None


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14), st.sampled_from(["", " "]))
def test_any_text_is_a_tree_or_a_page(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    for read in (parse, parse_program, parse_file_functions):
        e = error_of(read, text)
        if e is not None:
            assert e.message
            assert excerpt(e.loc)
            assert len(e.expected) <= 5


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_any_characters_are_a_tree_or_an_error(text: str) -> None:
    e = error_of(parse_program, text)
    assert e is None or excerpt(e.loc)
