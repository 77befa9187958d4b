"""Reads the text of a filter.

    filter : or                              path : NAME ("->" NAME)*
    or     : and ("or" and)*                 spec : UPPER | NAME ("." NAME)* "::" UPPER
    and    : term ("and" term)*              op   : == != < <= > >=
    term   : "(" or ")" | "not" path | SYMBOL | spec | path [op val]

Values are numbers, strings, refs, symbols, uris, dates, times, date-times, `true` and `false`. One line;
comments are allowed. `and`, `or` and `not` are ordinary names wherever they can't be operators.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from axon.errors import EvalError, HostErr, ParseErr
from axon.values.filter_terms import (
    MAX_DEPTH,
    Cmp,
    Has,
    IsSpec,
    IsSymbol,
    Missing,
    Path,
    Term,
    all_of,
    any_of,
)
from pylib.kinds import Ref, Symbol, Uri

_SPACE = re.compile(r"[ \t\u00a0]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ID = re.compile(r"[A-Za-z0-9_:.~-]+")
_OP = re.compile(r"==|!=|<=|>=|->|::|[<>().]")
_HEX = re.compile(r"0x([0-9a-fA-F_]*)")
_ZONE = re.compile(r"[A-Za-z_][A-Za-z0-9_/-]*(?:[+-]\d+)?")
_SYMBOL = re.compile(r"[a-z][A-Za-z0-9_]*(?:(?:-[a-z][A-Za-z0-9_]*)*|:[a-z][A-Za-z0-9_-]*)")
_COMPARE = frozenset(("==", "!=", "<", "<=", ">", ">="))
_ESCAPES = dict(zip("bfnrt", "\b\f\n\r\t", strict=True)) | {c: c for c in "\"$'`\\"}
_URI_KEPT = frozenset(":/?#[]@\\&=;$")


@dataclass(frozen=True, slots=True)
class _Token:
    """kind is `name`, `val`, `symbol`, `eof` or the operator itself."""

    kind: str
    val: object = None


def read_filter(text: str) -> Term:
    """The term that a text stands for.

    Raises:
        ParseErr: it is not a filter.
        CastErr: operands that can't be put in order, see `filter_terms.all_of`.
    """
    return _Parser(*_tokens(text)).parse()


class _Parser:
    """Recursive descent over the tokens; the nesting of parentheses is limited."""

    def __init__(self, tokens: list[_Token], places: list[int]) -> None:
        self.tokens = tokens
        self.places = places
        self.at = 0
        self.depth = 0

    @property
    def cur(self) -> _Token:
        return self.tokens[self.at]

    @property
    def peek(self) -> _Token:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def parse(self) -> Term:
        term = self.either()
        if self.cur.kind != "eof":
            self.fail("end of filter")
        return term

    def either(self) -> Term:
        terms = [self.all()]
        while self.cur == _Token("name", "or"):
            self.at += 1
            terms.append(self.all())
        return any_of(terms)

    def all(self) -> Term:
        terms = [self.term()]
        while self.cur == _Token("name", "and"):
            self.at += 1
            terms.append(self.term())
        return all_of(terms)

    def term(self) -> Term:
        cur = self.cur
        if cur.kind == "(":
            return self.parens()
        if cur.kind == "symbol":
            self.at += 1
            return IsSymbol(str(cur.val))
        if cur.kind != "name":
            self.fail("tag name")
        if cur.val == "not" and self.peek.kind == "name":
            self.at += 1
            return Missing(self.path())
        if self.peek.kind in (".", "::") or str(cur.val)[:1].isupper():
            return IsSpec(self.spec())
        path = self.path()
        if self.cur.kind not in _COMPARE:
            return Has(path)
        op = self.cur.kind
        self.at += 1
        return Cmp(op, path, self.value())

    def parens(self) -> Term:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _error("parentheses nested too deep", self.places[self.at])
        self.at += 1
        term = self.either()
        self.expect(")")
        self.depth -= 1
        return term

    def path(self) -> Path:
        names = [self.name()]
        while self.cur.kind == "->":
            self.at += 1
            names.append(self.name())
        return tuple(names)

    def spec(self) -> str:
        text = self.name()
        if self.cur.kind not in (".", "::"):
            return text
        while self.cur.kind == ".":
            self.at += 1
            text += "." + self.name()
        self.expect("::")
        name = self.name()
        if not name[:1].isupper():
            raise _error(f"expected a type name after {text}::, got {name}", self.places[self.at - 1])
        return f"{text}::{name}"

    def value(self) -> object:
        cur = self.cur
        if cur.kind == "name" and cur.val in ("true", "false"):
            self.at += 1
            return cur.val == "true"
        if cur.kind == "symbol":
            self.at += 1
            return Symbol(str(cur.val))
        if cur.kind != "val":
            self.fail("value")
        self.at += 1
        return cur.val

    def name(self) -> str:
        if self.cur.kind != "name":
            self.fail("name")
        self.at += 1
        return str(self.tokens[self.at - 1].val)

    def expect(self, kind: str) -> None:
        if self.cur.kind != kind:
            self.fail(f"'{kind}'")
        self.at += 1

    def fail(self, wanted: str) -> NoReturn:
        cur = self.cur
        got = "end of filter" if cur.kind == "eof" else str(cur.val) if cur.kind == "name" else cur.kind
        raise _error(f"expected {wanted}, got {got}", self.places[self.at])


def _error(what: str, at: int) -> ParseErr:
    return ParseErr(f"parseFilter: {what} [col {at + 1}]", line=1, col=at + 1)


# -- tokens ----------------------------------------------------------------------------------------------


def _tokens(text: str) -> tuple[list[_Token], list[int]]:
    """The tokens and where each begins."""
    out: list[_Token] = []
    places: list[int] = []
    at = 0
    while True:
        at = _skip(text, at)
        if at >= len(text) or text[at] == "\0":
            break
        places.append(at)
        try:
            token, at = _token(text, at)
        except ParseErr as e:
            raise _error(e.message.removeprefix("parseFilter: "), at) from None
        out.append(token)
    out.append(_Token("eof"))
    places.append(at)
    return out, places


def _skip(text: str, at: int) -> int:
    """Past white space and comments; block comments nest."""
    while at < len(text):
        space = _SPACE.match(text, at)
        if space:
            at = space.end()
        elif text.startswith("//", at):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif text.startswith("/*", at):
            at = _skip_block(text, at)
        else:
            break
    return at


def _skip_block(text: str, at: int) -> int:
    depth = 0
    for m in re.compile(r"/\*|\*/|\n").finditer(text, at):
        if m[0] == "\n":
            raise _error("a filter is one line", m.start())
        depth += 1 if m[0] == "/*" else -1
        if depth == 0:
            return m.end()
    return len(text)


def _token(text: str, at: int) -> tuple[_Token, int]:
    c = text[at]
    m = _NAME.match(text, at)
    if m:
        return _Token("name", m[0]), m.end()
    if c.isascii() and (c.isdigit() or (c == "-" and text[at + 1 : at + 2].isdigit())):
        val, at = _number(text, at)
        return _Token("val", val), at
    if c == '"':
        return _quoted(text, at)
    if c == "`":
        return _uri(text, at)
    if c in "@^":
        m = _ID.match(text, at + 1)
        if m is None:
            raise ParseErr(f"parseFilter: expected an id after {c}")
        return (_Token("val", Ref(m[0])) if c == "@" else _Token("symbol", _symbol(m[0]))), m.end()
    m = _OP.match(text, at)
    if m is None:
        what = "a filter is one line" if c in "\r\n" else f"unexpected character {c!r}"
        raise ParseErr(f"parseFilter: {what}")
    return _Token(m[0]), m.end()


def _symbol(text: str) -> str:
    if not _SYMBOL.fullmatch(text):
        raise ParseErr(f"parseFilter: invalid symbol ^{text}")
    return text


def _quoted(text: str, at: int) -> tuple[_Token, int]:
    out: list[str] = []
    at += 1
    while True:
        c = text[at : at + 1]
        if c in ("", "\n"):
            raise ParseErr("parseFilter: string without end")
        if c == '"':
            return _Token("val", "".join(out)), at + 1
        if c == "\\":
            c, at = _escape(text, at + 1)
            out.append(c)
        else:
            out.append(c)
            at += 1


def _uri(text: str, at: int) -> tuple[_Token, int]:
    from axon.values.uris import normalize

    out: list[str] = []
    at += 1
    while True:
        c = text[at : at + 1]
        if c in ("", "\n"):
            raise ParseErr("parseFilter: uri without end")
        if c == "`":
            return _Token("val", Uri(normalize("".join(out)))), at + 1
        if c == "\\" and text[at + 1 : at + 2] in _URI_KEPT and at + 1 < len(text):
            out.append(text[at : at + 2])
            at += 2
        elif c == "\\":
            c, at = _escape(text, at + 1)
            out.append(c)
        else:
            out.append(c)
            at += 1


_UNICODE = re.compile(r"u(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{4}))")


def _escape(text: str, at: int) -> tuple[str, int]:
    m = _UNICODE.match(text, at)
    if m:
        code = int(m[1] or m[2], 16)
        if code > 0x10FFFF:
            raise ParseErr(f"parseFilter: invalid character code {m[0]}")
        return chr(code), m.end()
    c = _ESCAPES.get(text[at : at + 1])
    if c is None:
        raise ParseErr(f"parseFilter: invalid escape \\{text[at : at + 1]}")
    return c, at + 1


# -- numbers, dates, times ---------------------------------------------------------------------------------


def _number(text: str, at: int) -> tuple[object, int]:
    sign = -1 if text[at] == "-" else 1
    start = at + (sign < 0)
    m = _HEX.match(text, start)
    if m:
        bits = int(m[1].replace("_", "") or "0", 16) & (2**64 - 1)
        return _plain(str(sign * (bits - 2**64 if bits >= 2**63 else bits)), ""), m.end()
    end, dashes, colons, unit = _scan(text, start)
    body = text[start:end]
    if sign > 0 and dashes >= 2 and colons:
        return _date_time(text, body, end)
    if sign > 0 and dashes == 2:
        return _date(body), end
    if sign > 0 and not dashes and colons:
        return _time(body), end
    split = len(body) if unit is None else unit - start
    return _plain(("-" if sign < 0 else "") + body[:split].replace("_", ""), body[split:]), end


def _scan(text: str, at: int) -> tuple[int, int, int, int | None]:
    """Where a number, date or time ends; its dashes and colons; where the unit starts."""
    dashes = colons = 0
    exp = False
    unit: int | None = None
    while at < len(text):
        c, nxt = text[at], text[at + 1 : at + 2]
        digit = nxt.isascii() and nxt.isdigit()
        if c.isascii() and c.isdigit():
            pass
        elif c in "+-" and exp:
            pass
        elif c == "-":
            dashes += 1
        elif c == ":" and digit:
            colons += 1
        elif c == "+" and colons:
            pass
        elif c == "." and digit:
            pass
        elif c in "eE" and (digit or nxt in ("+", "-")):
            exp = True
        elif (c.isascii() and c.isalpha()) or c in "%$/" or ord(c) > 128:
            unit = at if unit is None else unit
        elif c == "_":
            unit = at if unit is None and not digit else unit
        else:
            break
        at += 1
    return at, dashes, colons, unit


def _plain(text: str, unit_id: str) -> object:
    from axon.values.numbers import number
    from axon.values.units import find

    try:
        val = float(text)
        whole = int(text) if re.fullmatch(r"-?\d+", text) else None
    except ValueError:
        raise ParseErr(f"parseFilter: invalid number {text}{unit_id}") from None
    unit = find(unit_id) if unit_id else None
    if unit_id and unit is None:
        raise ParseErr(f"parseFilter: unknown unit {unit_id}")
    return number(val if whole is None else whole, None if unit is None else unit.symbol)


def _date(text: str) -> object:
    from axon.values.times import parse_date

    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ParseErr(f"parseFilter: invalid date {text}")
    return parse_date(text)


def _time(text: str) -> object:
    from axon.values.times import parse_time

    full = ("0" if text[1:2] == ":" else "") + text
    if full.count(":") == 1:
        full += ":00"
    if not re.fullmatch(r"\d\d:\d\d:\d\d(\.\d+)?", full):
        raise ParseErr(f"parseFilter: invalid time {text}")
    return parse_time(full)


def _date_time(text: str, body: str, at: int) -> tuple[object, int]:
    from axon.values.times import parse_datetime

    zone = _ZONE.match(text, at + 1) if text[at : at + 1] == " " and text[at + 1 : at + 2].isupper() else None
    if zone is None and not body.endswith("Z"):
        raise ParseErr("parseFilter: expected a time zone after the date-time")
    name, end = (zone[0], zone.end()) if zone else ("UTC", at)
    try:
        return parse_datetime(f"{body} {name}"), end
    except (HostErr, EvalError, ValueError) as e:
        raise ParseErr(f"parseFilter: invalid date-time {body} {name}") from e
