"""What a syntax error says: from the place where the automaton stopped to message, expectation and hint.

The message follows the reference (Axon language reference 10.4) where that has one; `expected` names at most
five things that could stand there; the hint says what was probably meant. Hints are in `hints`.
"""

from __future__ import annotations

from typing import Final

from axon.errors import AxonSyntaxError, DepthError
from axon.source import Loc
from axon.syntax.hints import Stop, hint
from axon.syntax.lalr import Automaton, Unexpected
from axon.syntax.newlines import MAX_DEPTH, Arranged
from axon.syntax.scanner import KEYWORDS

__all__ = ["fault"]

_STARTERS: Final = frozenset(("NAME", "VALUE", "LPAREN"))
_OPERATORS: Final = frozenset(("PLUS", "STAR", "DOTDOT", "EQ", "AND", "OR"))

#: In the order in which they are worth naming.
_WORDS: Final = {
    "RPAREN": "')'",
    "RBRACK": "']'",
    "RBRACE": "'}'",
    "COMMA": "','",
    "COLON": "':'",
    "ARROW": "'=>'",
    "IF_LPAREN": "'('",
    "CATCH": "'catch'",
    "ELSE": "'else'",
    "SEP": "a line end",
    "END": "'end'",
}


def fault(machine: Automaton, arranged: Arranged, stop: Unexpected) -> AxonSyntaxError:
    """The error for the token at which the automaton stopped."""
    at = _stop(machine, arranged, stop)
    value = at.tokens[at.index][1]
    if at.kind == "FAULT" and isinstance(value, AxonSyntaxError):
        return value
    loc = _place(arranged, at)
    if at.kind == "BAD_DEPTH":
        return DepthError(f"Nested deeper than {MAX_DEPTH} levels", loc)
    message = _special(at.kind) or _message(at)
    return AxonSyntaxError(message, loc, expected=_expected(at), hint=hint(at))


def _stop(machine: Automaton, arranged: Arranged, stop: Unexpected) -> Stop:
    """Everything known about the place: the token found, what could stand there, what is open."""
    tokens = arranged.scanned.tokens
    kind, index = arranged.kinds[stop.position], arranged.indexes[stop.position]
    if stop.position in arranged.made and kind != "$END":
        # Made by the token pass after this token: the one to blame is the next.
        index += 1
        kind = tokens[index][0]
    kind = "$END" if kind == "EOF" else kind
    before = arranged.kinds[: stop.position]
    allowed = machine.allowed(before)
    return Stop(arranged.scanned, kind, index, allowed, _opened(arranged, stop.position), before)


_CLOSES: Final = {"RPAREN": "(", "RBRACK": "[", "RBRACE": "{", "END": "do"}
_OPENS: Final = {"LBRACK": "[", "INDEX_LBRACK": "[", "LBRACE": "{", "DO": "do"}


def _opened(arranged: Arranged, position: int) -> list[tuple[str, int]]:
    """What is open before `position`, innermost last, each with its token; not the block around a program."""
    out: list[tuple[str, int]] = []
    first = int(arranged.wrapped)
    for kind, index in zip(arranged.kinds[first:position], arranged.indexes[first:position], strict=True):
        if kind in _CLOSES:
            if out:
                out.pop()
        elif kind in _OPENS or kind.endswith("LPAREN"):
            out.append((_OPENS.get(kind, "("), index))
    return out


def _place(arranged: Arranged, at: Stop) -> Loc:
    """The region to blame; the end of the text is blamed right after the last token."""
    if at.kind != "$END" or not at.index:
        return arranged.scanned.loc(at.index, at.index)
    last = arranged.scanned.loc(at.index - 1, at.index - 1)
    return Loc(last.end_line, last.end_col, last.end_line, last.end_col, last.source)


def _special(kind: str) -> str:
    """The message for a kind that always has the same one."""
    return {
        "BAD_RETURN": "return must be followed by expr on same line",
        "BAD_THROW": "throw must be followed by expr on same line",
        "BAD_LPAREN": "opening call '(' paren cannot be on new line",
        "BAD_END": "Unexpected 'end'",
        "QUESTION": "Ternary '?:' operator not supported (use if/else)",
        "DEFCOMP": "defcomp is not supported",
    }.get(kind, "")


def _message(at: Stop) -> str:
    found = _found(at)
    allowed = at.allowed
    if at.kind == "$END":
        if "END" in allowed and at.opened:
            return "Expecting 'end', not end of file"
    elif "$END" in allowed:
        return f"Expecting end of file, not {found}"
    elif "SEP" in allowed:
        return f"Expecting newline or semicolon, not {found}"
    if _STARTERS <= allowed:
        return f"Unexpected {found}"
    wanted = [word for word in _expected(at) if word not in ("an operator", "'else'")]
    return f"Expected {' or '.join(wanted)}, not {found}" if wanted else f"Unexpected {found}"


def _expected(at: Stop) -> tuple[str, ...]:
    """At most five things that could stand at the place, in Axon words."""
    allowed = at.allowed
    out = [word for kind, word in _WORDS.items() if kind in allowed and not (kind == "END" and not at.opened)]
    if "$END" in allowed:
        out.append("the end of the text")
    if _STARTERS <= allowed:
        out.insert(0, "an expression")
    elif "NAME" in allowed:
        out.insert(0, "a name or a string" if "STRING" in allowed else "a name")
    if "T_LAMBDA_ID" in allowed and "T_LAM_LPAREN" not in allowed and len(allowed) < 3:
        out.append("a lambda")
    if _OPERATORS & allowed:
        out.append("an operator")
    return tuple(out[:5])


def _found(at: Stop) -> str:
    """The token found, in words."""
    kind = at.tokens[at.index][0]
    text = at.found_text
    if kind == "EOF":
        return "end of file"
    if kind in ("NAME", "QNAME"):
        return f"identifier '{text}'"
    if kind in ("TYPENAME", "QTYPE"):
        return f"type name '{text}'"
    if kind == "STRING":
        return f"string {text}"
    if kind == "VALUE":
        return f"value {text}"
    return f"keyword '{text}'" if text in KEYWORDS else f"'{text}'"
