"""Source to tidy source, for `axon fmt`: same lines, same comments, same meaning, standard spacing.

Line ends stay where they are. What changes: indentation (two spaces for each line that opens something),
spaces between tokens, trailing spaces, runs of empty lines, CRLF. The result is parsed again: were its tree
another one, the text would come back as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from axon.syntax.newlines import arrange
from axon.syntax.parser import parse_program, read_source
from axon.syntax.scanner import Scanned, Token, scan

__all__ = ["format_source"]

_STEP: Final = 2


def format_source(text: str, name: str = "<axon>") -> str:
    """The text of a program or a functions file in standard layout.

    Raises:
        AxonSyntaxError: the text is no program.
    """
    before = parse_program(text, name)
    out = _Layout(scan(read_source(text, name)), text).run()
    try:
        return out if parse_program(out, name) == before else text
    except RecursionError:
        return text


@dataclass(slots=True)
class _Frame:
    """Something open: `indent` is that of its line, `base` that of the expression around it."""

    kind: str
    indent: int
    base: int


_OPENERS: Final = frozenset(("DO", "LBRACE", "LBRACK", "INDEX_LBRACK"))
_CLOSERS: Final = frozenset(("END", "RBRACE", "RBRACK", "RPAREN"))
_MARKERS: Final = frozenset(("IF", "TRY"))
#: After these the next expression starts, on a line of its own or not.
_INTRODUCE: Final = frozenset(("ELSE", "CATCH", "ARROW", "COLON", "ASSIGN", "RETURN", "THROW", "TRY"))
_TIGHT_BEFORE: Final = frozenset(
    "RPAREN RBRACK RBRACE COMMA SEP COLON DOT DOTDOT TRAP CALL_LPAREN INDEX_LBRACK".split()
)
_TIGHT_AFTER: Final = frozenset("LBRACK INDEX_LBRACK LBRACE DOT DOTDOT TRAP UNARY".split())
_ENDS: Final = frozenset(
    "NAME TYPENAME STRING VALUE TRUE FALSE NULL QNAME QTYPE END RBRACK RBRACE RPAREN UNDERSCORE".split()
)


class _Layout:
    """One run: tokens and comments in order, each put on the line where it was."""

    def __init__(self, scanned: Scanned, original: str) -> None:
        self.arranged = arrange(scanned, wrap=True)
        # Qualified names were joined: the tokens to go by are those of `arranged`.
        self.scanned = scanned
        self.text = scanned.source.text
        self.first_line = original.removeprefix("\ufeff").split("\n", 1)[0].rstrip()
        self.out: list[str] = []
        self.frames = [_Frame("ROOT", -_STEP, 0)]
        self.indent = 0
        self.base = 0
        self.body = 0
        self.prev = "SEP"
        self.prev_text = ""
        self.ended = 0
        self.comments = list(reversed(scanned.comments))

    def run(self) -> str:
        """The whole text."""
        tokens = self.scanned.tokens
        arranged = self.arranged
        # The first and the last two are the block around the program, and the end.
        for position in range(1, len(arranged.kinds) - 2):
            kind, token = arranged.kinds[position], tokens[arranged.indexes[position]]
            real = position not in arranged.made
            if real:
                self.comments_before(token[2], kind)
                self.place(kind, self.token_text(token), token[2])
                self.ended = token[3]
            self.track(kind, real)
        self.comments_before(len(self.text) + 1, "$END")
        body = "".join(self.out)
        return f"{body}\n" if body else ""

    def token_text(self, token: Token) -> str:
        if token[0] in ("QNAME", "QTYPE"):
            return str(token[1])
        return self.text[token[2] : token[3]]

    # ---- where a token goes ----

    def place(self, kind: str, text: str, start: int) -> None:
        """Put a token on the current line, or start a new one for it."""
        if kind == "MINUS" and (self.prev not in _ENDS):
            kind = "UNARY"
        lines = self.line_ends(start)
        if lines:
            self.indent = self.indent_of(kind)
            self.out.append("\n" * lines + " " * self.indent)
        elif self.out:
            self.out.append(self.gap(kind, start))
        if self.starts_expression(kind):
            self.base = self.indent
        if text.startswith('"""') and "\n" in text:
            text = self.shifted(text, start)
        self.out.append(text)
        self.prev_text = text
        self.prev = kind

    def line_ends(self, start: int) -> int:
        """How many line ends go before what starts there: none, one, or two for an empty line between."""
        return min(2, self.text.count("\n", self.ended, start)) if self.out else 0

    def starts_expression(self, kind: str) -> bool:
        """Whether what stands now is the first token of a statement, an item or a body."""
        prev = self.prev
        return prev in ("SEP", "COMMA", "IF_CLOSE") or prev in _INTRODUCE or prev in _OPENERS

    def indent_of(self, kind: str) -> int:
        """The indentation of a line that starts with a token of this kind."""
        if kind in _CLOSERS:
            return self.innermost().indent
        if kind in ("ELSE", "CATCH"):
            wanted = "IF" if kind == "ELSE" else "TRY"
            return next((f.indent for f in reversed(self.frames) if f.kind == wanted), self.indent)
        if self.prev in ("SEP", "COMMA") or self.prev in _OPENERS or self.prev.endswith("LPAREN"):
            return self.innermost().indent + _STEP
        if self.prev == "IF_CLOSE":
            return self.body + _STEP
        if self.prev in _INTRODUCE:
            return self.indent + _STEP
        return self.base + _STEP

    def gap(self, kind: str, start: int) -> str:
        """The space between two tokens on one line."""
        prev = self.prev
        apart = start > self.ended
        if self.prev_text[-1:] in "-.:~" and self.prev_text[:1] in "@^":
            return " " if apart else ""
        if apart and kind in ("DOT", "DOTDOT", "TRAP", "COLON", "MINUS", "SLASH") and prev == "VALUE":
            return " "
        if prev in _TIGHT_AFTER or prev.endswith("LPAREN"):
            return ""
        return "" if kind in _TIGHT_BEFORE else " "

    def shifted(self, text: str, start: int) -> str:
        """A triple quoted string that moves: its later lines move as far, so that its value stays."""
        line = self.text.rfind("\n", 0, start) + 1
        here = "".join(self.out).rpartition("\n")[2]
        by = len(here) - (start - line)
        head, *rest = text.split("\n")
        if by > 0:
            rest = [" " * by + row if row else row for row in rest]
        else:
            rest = [row[min(-by, len(row) - len(row.lstrip(" "))) :] for row in rest]
        return "\n".join([head, *rest])

    # ---- what is open ----

    def innermost(self) -> _Frame:
        """The innermost bracket or block that is open; the program itself if none is."""
        return next(frame for frame in reversed(self.frames) if frame.kind not in _MARKERS)

    def track(self, kind: str, real: bool) -> None:
        """Keep account of what a token opens or closes."""
        if kind in _OPENERS or kind in _MARKERS or kind.endswith("LPAREN"):
            self.frames.append(_Frame(kind, self.indent, self.base))
        elif kind in _CLOSERS:
            self.drop_markers()
            if len(self.frames) > 1:
                self.close(self.frames.pop())
        elif kind in ("ELSE", "CATCH"):
            self.pop_marker("IF" if kind == "ELSE" else "TRY")
        elif kind in ("SEP", "COMMA"):
            self.drop_markers()
        if not real and kind == "SEP":
            self.prev = "SEP"

    def close(self, frame: _Frame) -> None:
        self.base = frame.base
        if frame.kind in ("IF_LPAREN", "CATCH_LPAREN"):
            self.prev = "IF_CLOSE"
            self.body = frame.indent

    def drop_markers(self) -> None:
        while self.frames[-1].kind in _MARKERS:
            self.frames.pop()

    def pop_marker(self, wanted: str) -> None:
        while len(self.frames) > 1:
            frame = self.frames.pop()
            if frame.kind == wanted:
                self.base = frame.base
                return

    # ---- comments ----

    def comments_before(self, end: int, kind: str) -> None:
        """Put the comments that stand before the next token, which is of this kind."""
        while self.comments and self.comments[-1][0] < end:
            start, stop = self.comments.pop()
            shebang = start == 0 and self.first_line.startswith("#!")
            text = self.first_line if shebang else self.text[start:stop]
            lines = self.line_ends(start)
            if lines:
                self.out.append("\n" * lines + " " * self.comment_indent(kind))
            elif self.out:
                width = start - self.ended
                self.out.append(" " * max(1, width if text.startswith("//") else 1))
            self.out.append(text.rstrip())
            self.prev_text = ""
            self.ended = stop

    def comment_indent(self, kind: str) -> int:
        """The indentation of a comment on its own line: that of the next line, or of the block it ends."""
        frame = self.innermost()
        at_end = kind in _CLOSERS or kind in ("ELSE", "CATCH", "$END")
        if at_end or (self.prev in _ENDS and frame.kind in ("ROOT", "DO")):
            return frame.indent + _STEP
        return self.indent_of(kind)
