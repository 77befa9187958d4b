"""Text to nodes: the one entry of this room.

scanner (text → tokens) → newlines (what line breaks mean) → lalr (tables of grammar/axon.lark) → nodes.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import NamedTuple

from axon.errors import AxonSyntaxError
from axon.source import Source
from axon.syntax.lalr import Unexpected, automaton
from axon.syntax.newlines import arrange
from axon.syntax.nodes import Block, Def, Func, Literal, Node
from axon.syntax.pause import LARGE, no_collection
from axon.syntax.scanner import Scanned, scan

__all__ = ["FunctionDef", "parse", "parse_file_functions", "parse_program", "read_source"]


class FunctionDef(NamedTuple):
    """A top-level function of a file: `doc` is the text of the comment directly above it, or empty."""

    name: str
    func: Func
    doc: str = ""


def parse(text: str, name: str = "<axon>") -> Node:
    """The node of one expression.

    Raises:
        AxonSyntaxError: the text is not one Axon expression.
        DepthError: it is nested too deep.
    """
    return _parse(Source(name, text), wrap=False)[1]


def parse_program(text: str, name: str = "<axon>") -> Node:
    """The node of a program: several statements are the body of a block; nothing at all is null.

    A first line that starts with `#!` is passed over, and CRLF is read as a line end. Places are those of
    the file.

    Raises:
        AxonSyntaxError: the text is no program.
        DepthError: it is nested too deep.
    """
    scanned, block = _parse(read_source(text, name), wrap=True)
    if scanned.tokens[0][0] == "EOF":
        return Literal(None, loc=scanned.loc(0, 0))
    if type(block) is Block and len(block.exprs) == 1:
        return block.exprs[0]
    return block


def parse_file_functions(text: str, name: str = "<axon>") -> list[FunctionDef]:
    """The functions of a file of `name: (params) => body` definitions, each ended by a line end or `;`.

    Raises:
        AxonSyntaxError: the text holds something else, or a name twice.
        DepthError: it is nested too deep.
    """
    scanned, block = _parse(read_source(text, name), wrap=True)
    docs = _comments_by_line(scanned)
    out: list[FunctionDef] = []
    seen: set[str] = set()
    for expr in block.exprs if type(block) is Block else ():
        if not (type(expr) is Def and type(expr.val) is Func):
            raise AxonSyntaxError(
                "Expecting a function definition",
                expr.loc,
                expected=("name: (params) => body",),
                hint="a functions file holds only `name: (params) => body`; a script is run, not loaded",
            )
        if expr.name in seen:
            raise AxonSyntaxError(f"Function '{expr.name}' is defined twice", expr.loc)
        seen.add(expr.name)
        out.append(FunctionDef(expr.name, expr.val, _doc(docs, expr.loc.line)))
    return out


def read_source(text: str, name: str) -> Source:
    """The text of a file as the scanner wants it: line ends are line feeds, a `#!` line is a comment."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if text.startswith("#!"):
        text = "//" + text[2:]
    return Source(name, text)


def _parse(source: Source, *, wrap: bool) -> tuple[Scanned, Node]:
    """The tokens and the node of a source; of a program that is empty, an empty block."""
    with no_collection if len(source.text) > LARGE else nullcontext():
        scanned = scan(source)
        if wrap and scanned.tokens[0][0] == "EOF":
            return scanned, Block(())
        arranged = arrange(scanned, wrap=wrap)
        machine = automaton()
        try:
            node: Node = machine.run(arranged)
        except Unexpected as stop:
            from axon.syntax.faults import fault

            raise fault(machine, arranged, stop) from None
        return scanned, node


def _comments_by_line(scanned: Scanned) -> dict[int, tuple[int, str]]:
    """The comments that stand alone on their lines: `{last line: (first line, words)}`."""
    text = scanned.source.text
    out: dict[int, tuple[int, str]] = {}
    for start, end in scanned.comments:
        loc = scanned.region(start, end)
        if not text[scanned.line_starts[loc.line] : start].strip():
            out[loc.end_line] = loc.line, _comment_text(text[start:end])
    return out


def _doc(comments: dict[int, tuple[int, str]], line: int) -> str:
    """The words of the comments that end right above a line."""
    parts: list[str] = []
    while found := comments.get(line - 1):
        line, words = found
        parts.append(words)
    return "\n".join(reversed(parts)).strip("\n")


def _comment_text(comment: str) -> str:
    """The words of one comment."""
    if comment.startswith("//"):
        body = comment.lstrip("/")
        return body.removeprefix(" ").rstrip()
    first, *rest = comment.removeprefix("/*").removesuffix("*/").lstrip("*").split("\n")
    lines = [first.strip(), *(line.strip().removeprefix("*").removeprefix(" ") for line in rest)]
    return "\n".join(lines).strip("\n")
