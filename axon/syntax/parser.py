"""Text to nodes: the one entry of this room.

scanner (text → tokens) → newlines (what line breaks mean) → lalr (tables of grammar/axon.lark) → nodes.
"""

from __future__ import annotations

from typing import NamedTuple

from axon.errors import AxonSyntaxError
from axon.source import Source
from axon.syntax.lalr import Unexpected, automaton
from axon.syntax.newlines import Arranged, arrange
from axon.syntax.nodes import Block, Def, Func, Literal, Node
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
    return _node(arrange(scan(Source(name, text))))


def parse_program(text: str, name: str = "<axon>") -> Node:
    """The node of a program: several statements are the body of a block; nothing at all is null.

    A first line that starts with `#!` is passed over, and CRLF is read as a line end. Places are those of
    the file.

    Raises:
        AxonSyntaxError: the text is no program.
        DepthError: it is nested too deep.
    """
    scanned = scan(read_source(text, name))
    if scanned.tokens[0][0] == "EOF":
        return Literal(None, loc=scanned.loc(0, 0))
    block = _node(arrange(scanned, wrap=True))
    if type(block) is Block and len(block.exprs) == 1:
        return block.exprs[0]
    return block


def parse_file_functions(text: str, name: str = "<axon>") -> list[FunctionDef]:
    """The functions of a file of `name: (params) => body` definitions, each ended by a line end or `;`.

    Raises:
        AxonSyntaxError: the text holds something else, or a name twice.
        DepthError: it is nested too deep.
    """
    scanned = scan(read_source(text, name))
    if scanned.tokens[0][0] == "EOF":
        return []
    block = _node(arrange(scanned, wrap=True))
    out: list[FunctionDef] = []
    seen: set[str] = set()
    for expr in block.exprs:  # type: ignore[attr-defined]
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
        out.append(FunctionDef(expr.name, expr.val, _doc(scanned, expr.loc.line)))
    return out


def read_source(text: str, name: str) -> Source:
    """The text of a file as the scanner wants it: line ends are line feeds, a `#!` line is a comment."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if text.startswith("#!"):
        text = "//" + text[2:]
    return Source(name, text)


def _node(arranged: Arranged) -> Node:
    machine = automaton()
    try:
        node: Node = machine.run(arranged)
    except Unexpected as stop:
        from axon.syntax.faults import fault

        raise fault(machine, arranged, stop) from None
    return node


def _doc(scanned: Scanned, line: int) -> str:
    """The text of the comments that end on the line above `line`, without their signs."""
    text = scanned.source.text
    parts: list[str] = []
    for start, end in reversed(scanned.comments):
        first, last = scanned.region(start, start).line, scanned.region(end, end).line
        before = text[scanned.line_starts[first] : start]
        if last >= line:
            continue
        if last != line - 1 or before.strip():
            break
        parts.append(_comment_text(text[start:end]))
        line = first
    return "\n".join(reversed(parts)).strip("\n")


def _comment_text(comment: str) -> str:
    """The words of one comment."""
    if comment.startswith("//"):
        body = comment.lstrip("/")
        return body.removeprefix(" ").rstrip()
    first, *rest = comment.removeprefix("/*").removesuffix("*/").lstrip("*").split("\n")
    lines = [first.strip(), *(line.strip().removeprefix("*").removeprefix(" ") for line in rest)]
    return "\n".join(lines).strip("\n")
