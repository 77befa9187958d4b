"""The terms that a filter is made of: plain frozen data, their text and their normal order.

`and` and `or` are flat here: a term never has a child of its own kind, and the children stand in the
normal order (kind of term, path, value), so two filters that differ only in the order of their operands
are the same term and have the same text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import TypeAlias

from axon.errors import CastErr, EvalError
from pylib.kinds import MARKER, NA_VALUE, REMOVE, Coord, Number, Ref, Symbol, Uri, XStr

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Has:
    """`a->b`: something is found there."""

    path: Path


@dataclass(frozen=True, slots=True)
class Missing:
    """`not a->b`: nothing is found there."""

    path: Path


@dataclass(frozen=True, slots=True)
class Cmp:
    """`a->b < val`: op is one of `== != > >= < <=`."""

    op: str
    path: Path
    val: object


@dataclass(frozen=True, slots=True)
class All:
    """`a and b`: at least two terms, none of them an All."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """`a or b`: at least two terms, none of them an Either."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class IsSymbol:
    """`^site`; without inference a symbol stands for its tags."""

    sym: str

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that must be there, the parts of a conjunct; empty for a key symbol: nothing matches."""
        return () if ":" in self.sym else tuple(self.sym.split("-"))


@dataclass(frozen=True, slots=True)
class IsSpec:
    """`Site`, `ph::Site`: the record's `spec` names that type."""

    name: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search text as `parseSearch` takes it."""

    pattern: str


Term: TypeAlias = Has | Missing | Cmp | All | Either | IsSymbol | IsSpec | Search

#: Deeper nesting of `and` within `or` within `and` … is refused.
MAX_DEPTH = 100

_RANKS = ("has", "missing", "==", "!=", ">", ">=", "<", "<=", "and", "or", "symbol", "spec", "search")
_RANK_OF: dict[type, str] = {
    Has: "has",
    Missing: "missing",
    All: "and",
    Either: "or",
    IsSymbol: "symbol",
    IsSpec: "spec",
    Search: "search",
}


def all_of(terms: Iterable[Term]) -> Term:
    """`a and b and …` in normal form.

    Raises:
        CastErr: two values that are compared with one path in the same way have different kinds.
        EvalError: the terms are nested too deep.
    """
    return _join(All, terms)


def any_of(terms: Iterable[Term]) -> Term:
    """`a or b or …` in normal form; raises as `all_of`."""
    return _join(Either, terms)


def _join(kind: type[All] | type[Either], terms: Iterable[Term]) -> Term:
    flat: list[Term] = []
    for t in terms:
        flat += t.terms if isinstance(t, kind) else (t,)
    if len(flat) == 1:
        return flat[0]
    joined = kind(tuple(sorted(flat, key=cmp_to_key(_order))))
    if _depth(joined) > MAX_DEPTH:
        raise EvalError("Expr is not a filter; nested too deep")
    return joined


def _depth(term: Term) -> int:
    depth, level = 0, [term]
    while level:
        depth += 1
        level = [c for t in level if isinstance(t, (All, Either)) for c in t.terms]
    return depth


def _order(a: Term, b: Term) -> int:
    ra, rb = _rank(a), _rank(b)
    if ra != rb:
        return ra - rb
    if isinstance(a, Cmp) and isinstance(b, Cmp):
        return _sign(path_text(a.path), path_text(b.path)) or _order_values(a.val, b.val)
    return _sign(term_text(a), term_text(b))


def _rank(term: Term) -> int:
    return _RANKS.index(term.op if isinstance(term, Cmp) else _RANK_OF[type(term)])


def _sign(a: str, b: str) -> int:
    return (a > b) - (a < b)


def _order_values(a: object, b: object) -> int:
    from axon.values.order import cmp
    from axon.values.show import kind_name

    if kind_name(a) != kind_name(b):
        raise CastErr(f"filter: can't order {kind_name(a)} and {kind_name(b)}")
    return int(cmp(a, b))


def path_text(path: Path) -> str:
    """Such as `siteRef->geoCity`."""
    return "->".join(path)


def term_text(term: Term) -> str:
    """The normalised text: it reads back as the same term."""
    if isinstance(term, Cmp):
        return f"{path_text(term.path)} {term.op} {value_text(term.val)}"
    if isinstance(term, Has):
        return path_text(term.path)
    if isinstance(term, Missing):
        return f"not {path_text(term.path)}"
    if isinstance(term, All):
        return " and ".join(_operand(t) for t in term.terms)
    if isinstance(term, Either):
        return " or ".join(_operand(t) for t in term.terms)
    if isinstance(term, IsSymbol):
        return f"^{term.sym}"
    if isinstance(term, IsSpec):
        return term.name
    return f"parseSearch({value_text(term.pattern)})"


def _operand(term: Term) -> str:
    text = term_text(term)
    return f"({text})" if isinstance(term, (All, Either)) else text


def value_text(val: object) -> str:
    """A value as it stands in the text of a filter."""
    from axon.values.numbers import is_number, num_text
    from axon.values.show import to_code, to_str

    if is_number(val):
        return num_text(val)
    if isinstance(val, dt.datetime):
        text = to_str(val)
        return text.removesuffix(" UTC") if text.endswith("Z UTC") else text
    if type(val) in (str, Ref, Symbol, Uri, bool, dt.date) or isinstance(val, dt.time):
        return to_code(val)
    return {MARKER: "M", NA_VALUE: "NA", REMOVE: "R"}.get(val) or to_str(val)  # type: ignore[call-overload]


_TIMES = (dt.date, dt.time, dt.datetime)
_SINGLETONS = (type(MARKER), type(NA_VALUE), type(REMOVE))
_SCALARS = frozenset((bool, int, float, Number, str, Uri, Ref, Symbol, Coord, XStr, *_TIMES, *_SINGLETONS))


def check_value(val: object) -> None:
    """Refuse what can't be compared with in a filter.

    Raises:
        EvalError: null, a collection, a DateSpan, a range, a function or another host value.
    """
    if type(val) in _SCALARS or isinstance(val, (dt.time, dt.datetime)):
        return
    from axon.values.show import kind_name

    if val is None:
        raise EvalError("Expr is not a filter; Cannot use value type 'null' in filter")
    if type(val).__name__ == "Span":
        return
    raise EvalError(f"Expr is not a filter; Cannot use {kind_name(val)} in filter")
