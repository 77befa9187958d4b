"""Hints of syntax errors: what was probably meant, for the mistakes that people make.

Each hint is a small function of the place where parsing stopped; the first that has something to say wins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from axon.syntax.scanner import KEYWORDS, Scanned, Token

__all__ = ["Stop", "hint"]


@dataclass(frozen=True, slots=True)
class Stop:
    """Where parsing stopped.

    `kind` is what the grammar saw of the token at `index`; `allowed` the kinds it would have taken; `opened`
    what is open there, innermost last; `before` the kinds taken so far.
    """

    scanned: Scanned
    kind: str
    index: int
    allowed: frozenset[str]
    opened: list[tuple[str, int]]
    before: list[str]

    @property
    def tokens(self) -> list[Token]:
        """All tokens of the source."""
        return self.scanned.tokens

    @property
    def text(self) -> str:
        """The source."""
        return self.scanned.source.text

    @property
    def found_text(self) -> str:
        """The source text of the token found, cut to one line of 30 characters."""
        return self.text_of(self.index)

    def text_of(self, index: int) -> str:
        """The source text of a token, cut to one line of 30 characters."""
        token = self.tokens[index]
        text = self.text[token[2] : token[3]]
        line = text.split("\n")[0]
        return line if line == text and len(line) <= 30 else f"{line[:30]}…"

    def raw(self, offset: int) -> str:
        """The kind of the token `offset` places away as scanned; empty before the first."""
        at = self.index + offset
        return self.tokens[at][0] if 0 <= at < len(self.tokens) else ""

    @property
    def last(self) -> str:
        """The kind taken last, as the grammar saw it."""
        return self.before[-1] if self.before else ""

    @property
    def same_line(self) -> bool:
        """Whether the token found is on the line where the one before it ends."""
        return self.index > 0 and self.tokens[self.index - 1][5] == self.tokens[self.index][4]


def hint(at: Stop) -> str:
    """What to say to whoever wrote this; empty when nothing is known to help."""
    for find in _HINTS:
        if text := find(at):
            return text
    return ""


_STARTS: Final = frozenset(
    ("NAME", "TYPENAME", "QNAME", "QTYPE", "STRING", "VALUE", "LAMBDA_ID", "LPAREN", "LBRACK", "LBRACE")
)
_FOLLOWS: Final = _STARTS | {"NOT", "IF", "NULL", "TRUE", "FALSE"}
_COMPARES: Final = frozenset(("EQ", "NE", "LT", "LE", "GT", "GE", "CMP"))
_STATEMENTS: Final = frozenset(("IF", "DO", "TRY", "RETURN", "THROW", "LAMBDA_ID"))
_CLOSERS: Final = {"RPAREN": ")", "RBRACK": "]", "RBRACE": "}", "END": "end", "BAD_END": "end"}
_PARTNER: Final = {"(": ")", "[": "]", "{": "}", "do": "end"}

_FIXED: Final = {
    "QUESTION": "write `if (cond) a else b`",
    "AMP": "conditions are combined with `and`",
    "BAR": "conditions are combined with `or`",
    "BANG": "write `not x`; unequal is `!=`",
    "BAD_RETURN": "put the value on the line of `return`, or write `return null`",
    "BAD_THROW": "put the value on the line of `throw`",
    "BAD_LPAREN": "put the '(' right after the name",
    "DEFCOMP": "components were removed from the language; write a function",
    "DEFLINKS": "`deflinks` is a reserved word",
    "COLON2": "a qualified name is `lib::name`, and the parts of `lib` start lower case",
}


def _fixed(at: Stop) -> str:
    return _FIXED.get(at.kind, "")


_FOREIGN: Final = {
    "let": "a variable is defined by `name: value`",
    "var": "a variable is defined by `name: value`",
    "const": "a variable is defined by `name: value`",
    "val": "a variable is defined by `name: value`",
    "def": "a function is defined by `name: (params) => body`",
    "fn": "a function is defined by `name: (params) => body`",
    "func": "a function is defined by `name: (params) => body`",
    "function": "a function is defined by `name: (params) => body`",
    "lambda": "a lambda is written `(params) => body`",
    "for": "loops are calls with a lambda: `list.each x => …`",
    "foreach": "loops are calls with a lambda: `list.each x => …`",
    "while": "loops are calls with a lambda: `eachWhile`, `findAll`, `fold` …",
    "elif": "write `else if (cond) …`",
    "elseif": "write `else if (cond) …`",
    "elsif": "write `else if (cond) …`",
    "then": "there is no `then`: `if (cond) value else other`",
    "finally": "there is no `finally`: `try expr catch (e) expr`",
    "switch": "write `if (…) … else if (…) … else …`",
    "import": "nothing is imported: functions are known by their names, or as `lib::name`",
    "is": "compare with `==`; types are tested by functions such as `isStr(x)`",
    "in": "write `list.contains(x)`",
    "mod": "write `x.mod(y)`",
    "xor": "write `a != b`",
}


def _foreign_word(at: Stop) -> str:
    for index in (at.index, at.index - 1):
        if index >= 0 and at.tokens[index][0] == "NAME" and (index == at.index or at.kind in _FOLLOWS):
            if text := _FOREIGN.get(at.text_of(index), ""):
                return text
    return ""


_FOREIGN_CALLS: Final = ("for", "foreach", "while", "switch", "elif", "elseif", "elsif")


def _foreign_statement(at: Stop) -> str:
    # while (x) do … end: so far a call
    line = at.tokens[at.index][4]
    for index in range(at.index - 1, 0, -1):
        token = at.tokens[index - 1]
        if token[4] != line:
            break
        if at.tokens[index][0] == "LPAREN" and token[0] == "NAME" and token[1] in _FOREIGN_CALLS:
            return _FOREIGN[at.text_of(index - 1)]
    return ""


def _operator_of_others(at: Stop) -> str:
    pair = at.last, at.kind
    if at.kind == "ASSIGN" and at.last in ("EQ", "NE"):
        return "equal is `==`, unequal is `!=`"
    return {
        ("COLON", "ASSIGN"): "define with `name: value`, assign with `name = value`",
        ("LT", "GT"): "unequal is `!=`",
        ("STAR", "STAR"): "a power is `pow(x, y)`",
        ("PLUS", "PLUS"): "write `x = x + 1`",
        ("PLUS", "ASSIGN"): "write `x = x + 1`",
        ("MINUS", "ASSIGN"): "write `x = x - 1`",
        ("STAR", "ASSIGN"): "write `x = x * 2`",
        ("SLASH", "ASSIGN"): "write `x = x / 2`",
        ("GT", "ASSIGN"): "greater or equal is `>=`",
    }.get(pair, "")


def _unit_apart(at: Stop) -> str:
    if at.kind not in ("NAME", "TYPENAME") or at.raw(-1) != "VALUE" or not at.same_line:
        return ""
    from axon.values.units import find

    if at.text_of(at.index - 1).startswith("0x"):
        return "a hex number has no unit"
    if at.text_of(at.index - 1)[-1:].isdigit() and find(at.found_text) is not None:
        return f"a unit follows its number without a space: `{at.text_of(at.index - 1)}{at.found_text}`"
    return ""


def _keyword_as_name(at: Stop) -> str:
    word = at.found_text
    if word not in KEYWORDS or at.kind == "$END":
        return ""
    if "NAME" in at.allowed and "VALUE" not in at.allowed:
        if at.last == "TRAP":
            return f'`{word}` is a keyword; write `x.trap("{word}")` or `x["{word}"]`'
        return f"`{word}` is a keyword and can't be a name here"
    called = at.raw(1) == "LPAREN" and word in ("end", "else", "catch", "and", "or")
    if called or at.raw(1) in ("COLON", "ARROW", "ASSIGN"):
        return f"`{word}` is a keyword and can't be a name"
    return ""


def _before_keyword(at: Stop) -> str:
    # true: 5, null = 3
    word = at.text_of(at.index - 1) if at.index else ""
    if at.kind in ("COLON", "ARROW") and word in ("true", "false", "null"):
        return f"`{word}` is a keyword and can't be a name"
    return ""


def _type_as_name(at: Stop) -> str:
    if at.kind in ("TYPENAME", "QTYPE"):
        if at.last == "DOT":
            return "the name of a function starts with a lower-case letter"
        if at.last in ("LBRACE", "COMMA") and at.opened and at.opened[-1][0] == "{":
            return f'a key starts with a lower-case letter, or is a string: `{{"{at.found_text}": …}}`'
        if "NAME" in at.allowed and "VALUE" not in at.allowed:
            return "a name starts with a lower-case letter"
    if at.kind in ("COLON", "ARROW") and at.raw(-1) == "TYPENAME":
        return "the name of a variable starts with a lower-case letter"
    if at.kind == "ARROW" and at.raw(-1) == "RPAREN" and at.raw(-2) == "TYPENAME":
        return "the name of a parameter starts with a lower-case letter"
    return ""


def _underscore(at: Stop) -> str:
    if at.last == "UNDERSCORE":
        return "`_` stands for a whole argument; for a part of one write a lambda: `x => x + 1`"
    if at.kind == "UNDERSCORE":
        if at.raw(1) in ("NAME", "TYPENAME") and at.tokens[at.index][3] == at.tokens[at.index + 1][2]:
            return "a name can't start with `_`"
        return "`_` can stand only as an argument of a call: `f(_, 2)`"
    return ""


def _lambda_place(at: Stop) -> str:
    if at.kind == "LAMBDA_ID" and at.raw(-1) in ("NAME", "QNAME"):
        return f"a lambda follows a call: `{at.text_of(at.index - 1)}() {at.found_text} => …`"
    if at.kind == "ARROW" and at.raw(-1) == "RPAREN":
        return _arrow_after_paren(at)
    if at.kind == "ARROW":
        return "a lambda is `x => body` or `(x, y) => body`, with names as parameters"
    if "ARROW" in at.allowed and at.last == "RPAREN":
        return "`(a, b)` and `(a: 1)` start a lambda, `=>` and its body must follow; a list is `[a, b]`"
    if at.last in ("T_LPAREN", "T_LAM_LPAREN") or (at.last == "RPAREN" and at.kind == "T_LPAREN"):
        return "what a call gives is called in parentheses: `(f())()`"
    if at.allowed == {"ARROW"} and at.last == "T_LAMBDA_ID":
        return "after a call on the same line only a lambda can follow"
    return ""


def _arrow_after_paren(at: Stop) -> str:
    """`list.map (x) => …`, `f() => …`, `(5) => …`: by what stands before the parenthesis."""
    depth = 0
    for back in range(1, at.index + 1):
        kind = at.raw(-back)
        depth += (kind == "RPAREN") - (kind == "LPAREN")
        if not depth:
            if at.raw(-back - 1) != "NAME":
                break
            name = at.text_of(at.index - back - 1)
            if at.raw(-back - 2) == "DOT":
                return (
                    f"a lambda with parentheses follows a call: `.{name}() (x) => …` or `.{name}((x) => …)`"
                )
            return f"a function is defined by `{name}: (params) => body`"
    return "a lambda is `x => body` or `(x, y) => body`, with names as parameters"


def _chain(at: Stop) -> str:
    if at.kind in _COMPARES and "AND" in at.allowed:
        return "comparisons do not chain; write `a < b and b < c`"
    if at.kind == "DOTDOT" and "AND" in at.allowed:
        return "a range has one start and one end"
    return ""


def _after_block(at: Stop) -> str:
    if at.last == "END" and at.kind not in ("$END", "END", "DO") and at.index and at.raw(-1) == "END":
        return "a block is no operand: put it in parentheses, `(do … end)`"
    return ""


def _operand(at: Stop) -> str:
    if at.last in ("MINUS", "NOT") and at.kind in ("MINUS", "NOT"):
        return "`-` and `not` apply to a term; use parentheses: `-(-x)`, `not (not x)`"
    if at.kind in _STATEMENTS and "NAME" in at.allowed and "LPAREN" in at.allowed:
        what = "a lambda" if at.kind == "LAMBDA_ID" else f"`{at.found_text}`"
        return f"{what} as an operand stands in parentheses"
    return ""


def _comma(at: Stop) -> str:
    if at.last == "COMMA" and at.kind == "RPAREN":
        return "no comma follows the last argument"
    if at.last in ("LBRACK", "LBRACE") and at.kind == "COMMA":
        return "an empty list is `[]`, an empty dict `{}`"
    if at.kind == "COMMA" and at.opened and at.opened[-1][0] == "[" and "RBRACK" in at.allowed:
        return "`[` right after an operand is an index of one expression; arguments stand in parentheses"
    if at.last == "LPAREN" and at.kind == "RPAREN":
        if at.index > 1 and at.tokens[at.index - 2][5] != at.tokens[at.index - 1][4]:
            return "`(` on a new line starts a new expression; a call has it on the line of its function"
        return "`()` is the parameter list of a lambda: `() => body`; nothing is `null`"
    if at.kind == "COMMA" and at.opened and at.opened[-1][0] == "(" and "RPAREN" in at.allowed:
        return "parentheses group one expression; a list is `[a, b]`"
    return ""


def _separator(at: Stop) -> str:
    if at.kind == "SEP":
        if at.last == "SEP":
            return "one `;` is enough"
        if at.last == "DO":
            return "the first statement follows `do` directly"
        if at.opened and at.opened[-1][0] != "do":
            return f"`;` separates the statements of a block, not what is inside `{at.opened[-1][0]}`"
        if not at.opened:
            return "several statements stand in a block: `do … end`"
    if at.last == "DO" and at.kind == "END":
        return "a block needs a statement, for instance `null`"
    return ""


def _if_and_try(at: Stop) -> str:
    if at.last == "IF":
        return "the condition stands in parentheses: `if (cond) …`"
    if "CATCH" in at.allowed and ("$END" == at.kind or at.kind in ("SEP", "END", "RPAREN")):
        return "`try` needs its `catch`: `try expr catch (e) expr`"
    if at.kind in ("ELSE", "CATCH") and "VALUE" in at.allowed and at.last in ("RPAREN", "TRY"):
        return f"an expression is missing before `{at.found_text}`"
    if at.kind == "ELSE":
        return "there is no `if` that this `else` could belong to"
    if at.kind == "CATCH":
        return "there is no `try` that this `catch` could belong to"
    return ""


def _comment_open(at: Stop) -> str:
    if at.kind != "$END" or not at.scanned.comments:
        return ""
    start, end = at.scanned.comments[-1]
    if end == len(at.text) and at.text.startswith("/*", start) and not at.text.endswith("*/"):
        return f"the comment that starts at line {at.scanned.region(start, end).line} is not closed by `*/`"
    return ""


def _ref_swallows(at: Stop) -> str:
    text = at.text_of(at.index - 1) if at.index else ""
    if at.raw(-1) == "VALUE" and text[0] in "@^" and text[-1] in ".-:":
        sign = text.rstrip(".-:")
        return f"`.`, `-` and `:` belong to a ref or symbol: put it in parentheses, `({sign})`"
    return ""


def _open(at: Stop) -> str:
    """An opener that was not closed, when the text has gone on past its line or has ended."""
    if at.kind in _CLOSERS and not at.opened:
        return f"nothing is open that `{_CLOSERS[at.kind]}` could close"
    if not at.opened:
        return ""
    what, index = at.opened[-1]
    token = at.tokens[index]
    if at.kind == "$END" or at.kind in _CLOSERS or (what != "do" and token[4] != at.tokens[at.index][4]):
        start = at.text.rfind("\n", 0, token[2])
        place = f"line {token[4]}, column {token[2] - start}"
        wanted = _PARTNER[what]
        if at.kind in _CLOSERS and _CLOSERS[at.kind] == wanted:
            return ""
        return f"`{what}` at {place} is still open: `{wanted}` is missing"
    return ""


def _dict(at: Stop) -> str:
    if not at.opened or at.opened[-1][0] != "{":
        return ""
    if at.kind == "ASSIGN":
        return "a dict pairs with `:`: `{key: value}`"
    if at.last == "MINUS":
        return ""
    if "COLON" in at.allowed and at.kind in _STARTS:
        return "a dict is `{key: value, marker}`: `:` before a value, `,` between pairs"
    if "COMMA" in at.allowed and at.kind in _STARTS:
        return "pairs of a dict are separated by `,`"
    if at.kind == "COLON" and at.raw(-2) == "MINUS":
        return "`-key` removes a tag and has no value"
    return ""


def _missing_comma(at: Stop) -> str:
    if at.kind not in _STARTS or not at.opened:
        return ""
    what = at.opened[-1][0]
    if at.raw(-1) == "STRING" and at.raw(0) == "STRING":
        return "strings are joined by `+`"
    if not at.same_line and at.raw(1) in ("COLON", "ASSIGN"):
        return ""
    if what == "[" and "COMMA" in at.allowed:
        return "items of a list are separated by `,`"
    if what == "(" and "COMMA" in at.allowed:
        return "arguments are separated by `,`"
    return ""


def _two_expressions(at: Stop) -> str:
    if at.kind == "DOT" and at.raw(1) == "VALUE" and "VALUE" in at.allowed:
        return f"a number starts with a digit: `0.{at.text_of(at.index + 1)}`"
    if at.kind not in _STARTS | _STATEMENTS or not {"$END", "SEP"} & at.allowed:
        return ""
    if at.raw(-1) == "STRING" and at.raw(0) == "STRING":
        return "strings are joined by `+`"
    if not at.same_line:
        return "several statements stand in a block: `do … end`"
    if at.raw(-1) == "RPAREN":
        return "after a call, on the same line, only a lambda, an operator or a dot can follow"
    if at.raw(-1) == "NAME":
        return f"arguments stand in parentheses: `{at.text_of(at.index - 1)}({at.found_text})`"
    return ""


_HINTS: Final[tuple[Callable[[Stop], str], ...]] = (
    _fixed,
    _foreign_statement,
    _foreign_word,
    _comment_open,
    _ref_swallows,
    _operator_of_others,
    _unit_apart,
    _keyword_as_name,
    _before_keyword,
    _type_as_name,
    _underscore,
    _lambda_place,
    _chain,
    _after_block,
    _operand,
    _comma,
    _separator,
    _if_and_try,
    _dict,
    _missing_comma,
    _open,
    _two_expressions,
)
