"""Error pages of broken scripts: input and page stand together in the golden file; `--regen` rewrites it."""

from __future__ import annotations

from pathlib import Path

import pytest

from axon.errors import AxonSyntaxError
from axon.source import excerpt
from axon.syntax.parser import parse, parse_program

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
