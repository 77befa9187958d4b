"""Text to tokens: one pass of one regular expression, exact scans only where that can't decide.

The scanner knows no grammar. A token is a plain tuple, for speed. A literal that is none becomes a FAULT
token which holds the error, and ends the scan: the parser raises it when it gets there, unless the text
before it is wrong already. Comments are not tokens; their places are kept for `format` and for docs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from axon.errors import AxonSyntaxError
from axon.source import Loc, Source
from axon.syntax.literals import (
    BadLiteral,
    number_literal,
    ref_value,
    string_literal,
    symbol_value,
    triple_literal,
    uri_literal,
)

__all__ = ["KEYWORDS", "Scanned", "Token", "scan"]

Obj = object

Token = tuple[str, Obj, int, int, int, int]
"""Kind (a terminal of the grammar), value, start and end offset, line of start and of end."""

KEYWORDS: Final = {
    word: word.upper()
    for word in (
        "and", "catch", "defcomp", "deflinks", "do", "else", "end", "false", "if", "not", "null",
        "or", "return", "throw", "true", "try",
    )
}  # fmt: skip

_OPERATORS: Final = {
    "=>": "ARROW", "=": "ASSIGN", "<=>": "CMP", ":": "COLON", ",": "COMMA", ".": "DOT", "..": "DOTDOT",
    "==": "EQ", ">=": "GE", ">": "GT", "{": "LBRACE", "<=": "LE", "<": "LT", "-": "MINUS", "!=": "NE",
    "+": "PLUS", "}": "RBRACE", "]": "RBRACK", ")": "RPAREN", "/": "SLASH", "*": "STAR", "->": "TRAP",
    "_": "UNDERSCORE", "(": "LPAREN", "[": "LBRACK", ";": "SEMI", "::": "COLON2", "!": "BANG",
    "?": "QUESTION", "&": "AMP", "|": "BAR",
}  # fmt: skip

# A number that the greedy scan of the language would take as it stands: nothing after it continues a literal.
_SIMPLE_NUMBER = r"[0-9]+(?:\.[0-9]+)?(?![0-9A-Za-z_%$/:\-]|[^\x00-\x80]|\.[0-9])"

_MASTER: Final = re.compile(
    r"[ \t\xa0]*(?:"
    r"([a-qs-z][A-Za-z0-9_]*|r(?!\")[A-Za-z0-9_]*)"  # 1 identifier or keyword
    r"|(//[^\n]*)"  # 2 comment
    r"|(<=>|=>|==|!=|<=|>=|->|\.\.|::|/(?!\*)|[:.;,+\-*!?&=<>{}()\[\]|_])"  # 3 operator
    r"|(\n[ \t\xa0\n]*)"  # 4 line ends
    r'|("(?:[^"\\$\n\0]+"|"(?!")))'  # 5 string without escapes
    rf"|({_SIMPLE_NUMBER})"  # 6 number
    r"|([A-Z][A-Za-z0-9_]*)"  # 7 type name
    r"|([@^][A-Za-z0-9_:\-.~]+)"  # 8 ref or symbol
    r'|(r"[^"\n\0]*")'  # 9 raw string
    r"|(\Z|\0)"  # 10 end
    r"|([\s\S]))"  # 11 anything else
)
_WORD, _COMMENT, _OP, _LINES, _STRING, _NUMBER, _TYPE, _REF, _RAW, _END, _OTHER = range(1, 12)


class Scanned:
    """The tokens of a source, with two EOF at the end, and what is needed to say where they are."""

    __slots__ = ("comments", "line_starts", "source", "tokens")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens: list[Token] = []
        #: Start and end offset of each.
        self.comments: list[tuple[int, int]] = []
        #: Offsets by line number; there is no line 0.
        self.line_starts = [0, 0, *(m.end() for m in re.finditer("\n", source.text))]

    def loc(self, first: int, last: int) -> Loc:
        """The region from one token to another, by their indexes."""
        a, b = self.tokens[first], self.tokens[last]
        starts = self.line_starts
        return Loc(a[4], a[2] - starts[a[4]] + 1, b[5], b[3] - starts[b[5]] + 1, self.source)

    def region(self, start: int, end: int) -> Loc:
        """The region between two offsets."""
        starts = self.line_starts
        line, end_line = bisect_right(starts, start, 1) - 1, bisect_right(starts, end, 1) - 1
        return Loc(line, start - starts[line] + 1, end_line, end - starts[end_line] + 1, self.source)


def scan(source: Source) -> Scanned:
    """All tokens of a source, up to its end or the first text that is none."""
    text = source.text
    out = Scanned(source)
    end, line = _scan(text, out)
    out.tokens += [("EOF", None, end, end, line, line)] * 2
    return out


def _scan(text: str, out: Scanned) -> tuple[int, int]:
    """Fill in the tokens; give offset and line of the end. Long, because this loop sets the parse rate."""
    tokens = out.tokens
    keywords, operators = KEYWORDS, _OPERATORS
    line = 1
    end = 0
    while True:
        for m in _MASTER.finditer(text, end):
            group = m.lastindex or 0
            start, end = m.span(group)
            if group == _WORD:
                word = text[start:end]
                tokens.append((keywords.get(word, "NAME"), word, start, end, line, line))
            elif group == _OP:
                op = text[start:end]
                tokens.append((operators[op], op, start, end, line, line))
            elif group == _LINES:
                line += text.count("\n", start, end)
            elif group == _STRING:
                tokens.append(("STRING", text[start + 1 : end - 1], start, end, line, line))
            elif group == _NUMBER:
                number = text[start:end]
                if len(number) < 16 and number.isdecimal():
                    tokens.append(("VALUE", int(number), start, end, line, line))
                else:
                    tokens.append(("VALUE", number_literal(text, start)[0], start, end, line, line))
            elif group == _COMMENT:
                out.comments.append((start, end))
            elif group == _TYPE:
                tokens.append(("TYPENAME", text[start:end], start, end, line, line))
            elif group == _RAW:
                tokens.append(("STRING", text[start + 2 : end - 1], start, end, line, line))
            elif group == _END:
                return start, line
            else:
                matched = end
                token = _slow_token(text, start, end, line, out)
                if token is None:
                    end = out.comments[-1][1]
                    line += text.count("\n", start, end)
                else:
                    tokens.append(token)
                    if token[0] == "FAULT":
                        return token[2], line
                    end, line = token[3], token[5]
                if end != matched:
                    break  # the pattern goes on where the token ends


def _slow_token(text: str, start: int, end: int, line: int, out: Scanned) -> Token | None:
    """A token that the pattern alone can't make; None after a block comment, which is then in `out`."""
    char = text[start]
    end_line = line
    kind = "VALUE"
    value: Obj
    try:
        if char == "/":
            out.comments.append((start, _comment_end(text, start)))
            return None
        if char == "@" and end > start + 1:
            value = ref_value(text[start + 1 : end])
        elif char == "^" and end > start + 1:
            value = symbol_value(text[start + 1 : end])
        elif "0" <= char <= "9":
            value, end = number_literal(text, start)
        elif char == "`":
            value, end = uri_literal(text, start)
        elif char == '"':
            kind = "STRING"
            if text.startswith('"""', start):
                value, end = triple_literal(text, start, start + 3 - out.line_starts[line])
                end_line = line + text.count("\n", start, end)
            else:
                value, end = string_literal(text, start)
        else:
            raise _bad_char(text, start)
    except BadLiteral as e:
        at = out.region(start if e.start is None else e.start, _fault_end(text, start, e))
        return ("FAULT", AxonSyntaxError(e.message, at, hint=e.hint), start, start, line, line)
    return (kind, value, start, end, line, end_line)


def _fault_end(text: str, start: int, fault: BadLiteral) -> int:
    """Where the region of a bad literal ends: as said, or with the characters that look like part of it."""
    if fault.end is not None:
        return fault.end
    match = re.compile(r"[^\s,;()\[\]{}]*").match(text, start)
    return max(match.end() if match else start, start + 1)


def _comment_end(text: str, start: int) -> int:
    """Where the block comment at `start` ends: comments nest, an open one runs to the end of the text."""
    depth = 0
    for edge in re.compile(r"/\*|\*/").finditer(text, start):
        depth += 1 if edge[0] == "/*" else -1
        if not depth:
            return edge.end()
    return len(text)


_CHAR_HINTS: Final = {
    "@": "an at sign is followed by an id: `@p:demo:r:1`",
    "^": "a caret is followed by a name; a power is `pow(x, y)`",
    "r": 'a raw string ends with " on the same line',
    "'": 'a string is written with double quotes: "text"',
    "#": "a comment starts with //",
    "%": "for the rest of a division call `x.mod(y)` of the math library",
    "\\": "a backslash has a meaning only inside a string",
    "$": "a dollar sign can stand only in a string, or as a unit right after a number",
    "~": "'not' negates a Bool",
    "\r": "lines of Axon end with a line feed only",
    "“": 'a string is written with straight quotes: "text"',
    "”": 'a string is written with straight quotes: "text"',
    "‘": 'a string is written with straight double quotes: "text"',
    "’": 'a string is written with straight double quotes: "text"',
}


def _bad_char(text: str, start: int) -> BadLiteral:
    char = text[start]
    message = {"@": "Invalid empty ref", "^": "Invalid empty symbol", "r": "Unexpected end of str"}.get(char)
    if message is None:
        shown = char if char.isprintable() else f"\\u{{{ord(char):x}}}"
        message = f"Unexpected symbol: {shown} (0x{ord(char):x})"
    return BadLiteral(message, _CHAR_HINTS.get(char, ""), start, start + 1)
