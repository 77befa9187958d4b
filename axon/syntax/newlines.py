"""The token pass: everything that line breaks and look-ahead decide, so that the grammar is LALR(1).

It names each opening parenthesis by its role, marks lambda parameters, puts separators between the statements
of a block, closes blocks that `else` or `catch` end, joins qualified names and lets keywords be names where
they may. It never fails: what is wrong gets a kind that the grammar does not know. Source of the rules: Axon
language reference, section 4; "step" in the comments below means a step of that section.
"""

from __future__ import annotations

from typing import Final

from axon.syntax.scanner import KEYWORDS, Scanned, Token

__all__ = ["MAX_DEPTH", "Arranged", "arrange"]

#: Brackets and blocks that may be open at one place.
MAX_DEPTH: Final = 2000

_KEYWORD_KINDS: Final = frozenset(KEYWORDS.values())

#: Kinds that can end an operand; `)` is decided by what it closes.
_ENDS: Final = frozenset("NAME TYPENAME STRING VALUE TRUE FALSE NULL QNAME QTYPE END RBRACK RBRACE".split())
#: Kinds that can start an expression.
_STARTS: Final = frozenset(
    "NAME TYPENAME QNAME QTYPE STRING VALUE LPAREN LBRACK LBRACE TRUE FALSE NULL DO IF RETURN THROW TRY NOT"
    " UNDERSCORE".split()
)
#: Kinds that need more than `_ENDS` to be dealt with.
_SPECIAL: Final = frozenset("NAME LPAREN RPAREN LBRACK RBRACK LBRACE RBRACE COMMA DO IF TRY END SEMI".split())
_OPENERS: Final = {"LBRACK": "[", "LBRACE": "{", "DO": "do", "IF": "if", "TRY": "try"}
_MARKERS: Final = frozenset(("if", "try", "lam"))


class Arranged:
    """Tokens as the grammar wants them: `kinds`, and for each the index of its token.

    A SEP or END that no token stands for has the index of the token before it; `made` holds the positions of
    these. `wrapped` says that a block was put around all of them.
    """

    __slots__ = ("indexes", "kinds", "made", "scanned", "wrapped")

    def __init__(self, scanned: Scanned, wrapped: bool) -> None:
        self.scanned = scanned
        self.wrapped = wrapped
        self.kinds: list[str] = []
        self.indexes: list[int] = []
        self.made: set[int] = set()


def arrange(scanned: Scanned, *, wrap: bool = False) -> Arranged:
    """Tokens for the grammar; `wrap` puts a block around them, as for a program of several statements."""
    _join_qualified(scanned)
    return _Pass(scanned, wrap).run()


class _Pass:
    """One run over the tokens.

    `stack` holds what is open, innermost last, each with the index of its token: brackets by their role,
    blocks, and the markers `if`, `try` (waiting for their `else`, `catch`) and `lam` (in a lambda's body).
    `inner` is the innermost entry that is not a marker. `ends` says whether the previous token can end an
    operand, `role` whether it is a name right after a dot or the `)` of a call.
    """

    __slots__ = ("ends", "indexes", "inner", "kinds", "out", "prev", "role", "stack", "tokens", "wrap")

    def __init__(self, scanned: Scanned, wrap: bool) -> None:
        self.out = Arranged(scanned, wrap)
        self.kinds = self.out.kinds
        self.indexes = self.out.indexes
        self.tokens = scanned.tokens
        self.stack: list[tuple[str, int]] = []
        self.inner = ""
        self.ends = False
        self.role = ""
        self.prev = ""
        self.wrap = wrap

    def run(self) -> Arranged:
        """Go over all tokens; only what needs more than its own kind leaves this loop."""
        if self.wrap:
            self.emit("DO", 0)
            self.push("do", 0)
        kinds, indexes = self.kinds, self.indexes
        last_line = 0
        for i, (kind, _, _, _, line, end_line) in enumerate(self.tokens):
            fresh = line != last_line
            last_line = end_line
            if kind in _KEYWORD_KINDS and self.names(kind):
                kind = "NAME"
            if fresh and i:
                kind = self.on_new_line(kind, i)
            if kind in _SPECIAL:
                kind = _HANDLERS[kind](self, i, fresh)
            elif kind in _LATE:
                if kind == "EOF":
                    break
                self.close_blocks(kind, i)
                self.ends = False
                self.role = ""
            else:
                self.ends = kind in _ENDS
                self.role = ""
            kinds.append(kind)
            indexes.append(i)
            self.prev = kind
        self.finish(i)
        return self.out

    def finish(self, index: int) -> None:
        """The end of the text: it closes the block of a wrapped program."""
        self.clear_markers()
        if self.wrap and len(self.stack) == 1:
            self.emit("END", index - 1)
        self.emit("$END", index)

    # ---- what is open ----

    def emit(self, kind: str, index: int) -> None:
        self.out.made.add(len(self.kinds))
        self.kinds.append(kind)
        self.indexes.append(index)

    def push(self, what: str, index: int) -> None:
        self.stack.append((what, index))
        if what not in _MARKERS:
            self.inner = what

    def pop(self) -> str:
        what = self.stack.pop()[0]
        if what not in _MARKERS:
            self.inner = next((w for w, _ in reversed(self.stack) if w not in _MARKERS), "")
        return what

    def clear_markers(self) -> None:
        stack = self.stack
        while stack and stack[-1][0] in _MARKERS:
            stack.pop()

    # ---- the steps ----

    def names(self, kind: str) -> bool:
        """Step 2: whether a keyword is a name here, after a dot or as a dict key."""
        kinds = self.kinds
        before = kinds[-1] if kinds else ""
        if before == "DOT":
            return True
        if self.inner != "{":
            return False
        if before == "MINUS":
            before = kinds[-2]
        return before == "LBRACE" or before == "COMMA"

    def on_new_line(self, kind: str, i: int) -> str:
        """Steps 3 and 5: what a line break before a token means."""
        if self.prev in ("RETURN", "THROW") and kind != "EOF":
            return f"BAD_{self.prev}"
        if self.role == "dotname":
            if kind == "LPAREN":
                return "BAD_LPAREN"
            if kind == "NAME" and self.tokens[i + 1][0] == "ARROW":
                return kind
        if self.inner == "do" and self.ends:
            if kind in _STARTS or (kind == "MINUS" and self.prev == "END" and not self.in_lambda()):
                self.emit("SEP", i - 1)
                self.clear_markers()
                self.ends = False
                self.role = ""
        return kind

    def in_lambda(self) -> bool:
        """Whether a lambda's body is open in the current statement of the block."""
        for what, _ in reversed(self.stack):
            if what == "lam":
                return True
            if what not in _MARKERS:
                return False
        return False

    def close_blocks(self, kind: str, i: int) -> None:
        """Step 4: `else` and `catch` close the blocks between them and their `if` or `try`."""
        wanted = "if" if kind == "ELSE" else "try"
        stack = self.stack
        while stack:
            what = stack[-1][0]
            if what == "do":
                self.pop()
                self.emit("END", i - 1)
            elif what == wanted:
                self.pop()
                return
            elif what in _MARKERS and what != "try":
                self.pop()
            else:
                return

    def is_lambda(self, i: int) -> bool:
        """Whether the parenthesis at `i` opens the parameters of a lambda: three tokens decide."""
        tokens = self.tokens
        first = tokens[i + 1][0]
        if first == "RPAREN":
            return tokens[i + 2][0] == "ARROW"
        if first != "NAME":
            return False
        second = tokens[i + 2][0]
        return second in ("COMMA", "COLON") or (second == "RPAREN" and tokens[i + 3][0] == "ARROW")

    # ---- one method for each special kind: they give the kind for the grammar ----

    def name(self, i: int, fresh: bool) -> str:
        if self.tokens[i + 1][0] == "ARROW" and self.prev not in ("DOT", "TRAP"):
            trailing = self.role == "dotname" or (self.role == "callclose" and not fresh)
            self.ends = False
            self.role = ""
            if trailing:
                self.push("lam", i)
            return "T_LAMBDA_ID" if trailing else "LAMBDA_ID"
        self.ends = True
        self.role = "dotname" if self.prev == "DOT" else ""
        return "NAME"

    def lparen(self, i: int, fresh: bool) -> str:
        tokens = self.tokens
        what = "group"
        if self.prev == "IF":
            kind = what = "IF_LPAREN"
        elif self.prev == "CATCH" and (tokens[i + 1][0], tokens[i + 2][0]) == ("NAME", "RPAREN"):
            kind = what = "CATCH_LPAREN"
        elif self.ends and not fresh and self.role != "callclose":
            kind = what = "CALL_LPAREN"
        else:
            trailing = "T_" if self.ends and not fresh else ""
            if self.is_lambda(i):
                kind = what = "LAM_LPAREN"
            else:
                kind = "LPAREN"
            kind = trailing + kind
        return self.open(kind, what, i)

    def open(self, kind: str, what: str, i: int) -> str:
        self.ends = False
        self.role = ""
        if len(self.stack) >= MAX_DEPTH:
            return "BAD_DEPTH"
        self.push(what, i)
        return kind

    def rparen(self, i: int, fresh: bool) -> str:
        self.clear_markers()
        what = self.inner
        self.ends = True
        self.role = ""
        if what in _PARENS:
            self.pop()
            self.ends = what == "group" or what == "CALL_LPAREN"
            if what == "CALL_LPAREN":
                self.role = "callclose"
            elif what == "LAM_LPAREN":
                self.push("lam", i)
        return "RPAREN"

    def lbrack(self, i: int, fresh: bool) -> str:
        return self.open("INDEX_LBRACK" if self.ends and not fresh else "LBRACK", "[", i)

    def lbrace(self, i: int, fresh: bool) -> str:
        return self.open("LBRACE", "{", i)

    def do(self, i: int, fresh: bool) -> str:
        return self.open("DO", "do", i)

    def if_(self, i: int, fresh: bool) -> str:
        return self.open("IF", "if", i)

    def try_(self, i: int, fresh: bool) -> str:
        return self.open("TRY", "try", i)

    def rbrack(self, i: int, fresh: bool) -> str:
        return self.close("RBRACK", "[")

    def rbrace(self, i: int, fresh: bool) -> str:
        return self.close("RBRACE", "{")

    def end(self, i: int, fresh: bool) -> str:
        if self.wrap and self.inner == "do" and sum(what not in _MARKERS for what, _ in self.stack[:2]) < 2:
            self.clear_markers()
            if len(self.stack) == 1:
                return "BAD_END"
        return self.close("END", "do")

    def close(self, kind: str, what: str) -> str:
        self.clear_markers()
        if self.inner == what:
            self.pop()
        self.ends = True
        self.role = ""
        return kind

    def comma(self, i: int, fresh: bool) -> str:
        self.clear_markers()
        self.ends = False
        self.role = ""
        return "COMMA"

    def semi(self, i: int, fresh: bool) -> str:
        self.comma(i, fresh)
        return "SEP"


_PARENS: Final = frozenset(("group", "CALL_LPAREN", "IF_LPAREN", "CATCH_LPAREN", "LAM_LPAREN"))
_LATE: Final = frozenset(("ELSE", "CATCH", "EOF"))
_HANDLERS: Final = {
    "NAME": _Pass.name,
    "LPAREN": _Pass.lparen,
    "RPAREN": _Pass.rparen,
    "LBRACK": _Pass.lbrack,
    "RBRACK": _Pass.rbrack,
    "LBRACE": _Pass.lbrace,
    "RBRACE": _Pass.rbrace,
    "COMMA": _Pass.comma,
    "DO": _Pass.do,
    "IF": _Pass.if_,
    "TRY": _Pass.try_,
    "END": _Pass.end,
    "SEMI": _Pass.semi,
}


# ---- Qualified names (step 1) ----


def _join_qualified(scanned: Scanned) -> None:
    """Make one QNAME or QTYPE token of `lib.sub::name`, in place."""
    tokens = scanned.tokens
    if not any(token[0] == "COLON2" for token in tokens):
        return
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token[0] == "COLON2" and (start := _path_start(out)) >= 0 and _is_name(tokens[i + 1], types=True):
            last = tokens[i + 1]
            path = "".join(str(part[1]) for part in out[start:])
            first = out[start]
            del out[start:]
            kind = "QTYPE" if last[0] == "TYPENAME" else "QNAME"
            out.append((kind, f"{path}::{last[1]}", first[2], last[3], first[4], last[5]))
            i += 2
        else:
            out.append(token)
            i += 1
    scanned.tokens = out


def _path_start(out: list[Token]) -> int:
    """Where the dotted path starts that ends the tokens so far; -1 if they do not end in one."""
    at = len(out)
    while at and _is_name(out[at - 1]):
        at -= 1
        if not at or out[at - 1][0] not in ("DOT", "TRAP", "COLON2"):
            return at if out[at][0] == "NAME" else -1
        if out[at - 1][0] != "DOT":
            return -1
        at -= 1
    return -1


def _is_name(token: Token, *, types: bool = False) -> bool:
    kind = token[0]
    return kind == "NAME" or kind in _KEYWORD_KINDS or (types and kind == "TYPENAME")
