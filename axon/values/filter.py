"""The Filter value: a condition on records.

A filter is read from text (`parse_filter`) or put together by the constructors, which the compiler uses
for filters written as Axon expressions. It is kept in normal form; equality is equality of its text.

No filter ever runs code from its text: see `filter_code`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import TYPE_CHECKING, Any

from axon.errors import EvalError
from axon.values import filter_code
from axon.values.filter_code import Resolve
from axon.values.filter_parse import read_filter
from axon.values.filter_terms import (
    All,
    Cmp,
    Either,
    Has,
    IsSpec,
    IsSymbol,
    Missing,
    Path,
    Search,
    Term,
    all_of,
    any_of,
    check_value,
    term_text,
)

if TYPE_CHECKING:
    from pylib.grid import Grid

__all__ = ["Filter", "parse_filter", "parse_search"]


_OP_NAMES = {"==": "Eq", "!=": "Ne", ">": "Gt", ">=": "Ge", "<": "Lt", "<=": "Le"}
_TERM_NAMES: dict[type, str] = {
    Has: "Has",
    Missing: "Missing",
    All: "And",
    Either: "Or",
    IsSymbol: "IsSymbol",
    IsSpec: "IsSpec",
    Search: "Search",
}


class Filter:
    """A condition on records, immutable; `text` is its normalised text, `term` its structure."""

    __slots__ = ("_match", "_rows", "_select", "_text", "term")

    def __init__(self, term: Term) -> None:
        self.term = term
        self._text: str | None = None
        self._match: Callable[..., bool] | None = None
        self._select: Callable[..., list[Any]] | None = None
        self._rows: tuple[tuple[str, ...] | None, Callable[..., list[int]] | None] | None = None

    # -- making --

    @staticmethod
    def has(path: Path) -> Filter:
        """`a->b`"""
        return Filter(Has(_path(path)))

    @staticmethod
    def missing(path: Path) -> Filter:
        """`not a->b`"""
        return Filter(Missing(_path(path)))

    @staticmethod
    def cmp(op: str, path: Path, val: object) -> Filter:
        """`a->b == val`; op is one of `== != < <= > >=`.

        Raises:
            EvalError: the value can't be compared with in a filter.
        """
        if op not in ("==", "!=", "<", "<=", ">", ">="):
            raise EvalError(f"Expr is not a filter; operator {op}")
        check_value(val)
        return Filter(Cmp(op, _path(path), val))

    @staticmethod
    def is_symbol(sym: object) -> Filter:
        """`^site`; takes the Symbol or its text."""
        return Filter(IsSymbol(str(sym)))

    @staticmethod
    def is_spec(name: str) -> Filter:
        """`Site`, `ph::Site`"""
        return Filter(IsSpec(name))

    @staticmethod
    def and_(a: Filter, b: Filter) -> Filter:
        """`a and b`, in normal form.

        Raises:
            CastErr: values that are compared with one path in the same way are of different kinds.
            EvalError: nested too deep.
        """
        return Filter(all_of((a.term, b.term)))

    @staticmethod
    def or_(a: Filter, b: Filter) -> Filter:
        """`a or b`, in normal form; raises as `and_`."""
        return Filter(any_of((a.term, b.term)))

    # -- testing --

    @property
    def compiled(self) -> Callable[[dict[str, Any], Resolve | None], bool]:
        """The test as a Python function of a dict and a look-up of refs."""
        if self._match is None:
            self._match = filter_code.bind(self.term, "match")
        return self._match

    def match(self, rec: dict[str, Any], resolve: Resolve | None = None) -> bool:
        """Whether a dict matches; `resolve` finds the record of a ref for paths with `->`."""
        return self.compiled(rec, resolve)

    def select(self, recs: Iterable[dict[str, Any]], resolve: Resolve | None = None) -> list[dict[str, Any]]:
        """The dicts that match, in order; faster than one `match` each."""
        if self._select is None:
            self._select = filter_code.bind(self.term, "select")
        return self._select(recs, resolve)

    def rows(self, grid: Grid, resolve: Resolve | None = None) -> list[int]:
        """The numbers of the rows that match, read from the columns where the filter allows it."""
        if self._rows is None:
            shape, _ = filter_code.shape_of(self.term)
            whole = filter_code.needs_dicts(shape)
            self._rows = (
                (None, None)
                if whole
                else (filter_code.first_tags(shape), filter_code.bind(self.term, "rows"))
            )
        tags, test = self._rows
        if tags is None or test is None:
            match = self.compiled
            return [i for i, rec in enumerate(grid.iter_dicts()) if match(rec, resolve)]
        return test(len(grid), resolve, *(grid.column(t) if grid.has(t) else repeat(None) for t in tags))

    def required(self) -> list[tuple[str, Any]]:
        """Conditions that every match fulfils, for an index: `(tag, value)`; value None: the tag is there.

        Only values that are equal exactly when they are equal in Python stand here.
        """
        terms = self.term.terms if isinstance(self.term, All) else (self.term,)
        out: list[tuple[str, Any]] = []
        for t in terms:
            if isinstance(t, Cmp):
                exact = t.op == "==" and len(t.path) == 1 and type(t.val).__name__ in ("str", "Ref")
                out.append((t.path[0], t.val if exact else None))
            elif isinstance(t, Has):
                out.append((t.path[0], None))
            elif isinstance(t, IsSymbol):
                out += ((tag, None) for tag in t.tags)
        return out

    # -- as a value --

    @property
    def text(self) -> str:
        """The normalised text."""
        if self._text is None:
            self._text = term_text(self.term)
        return self._text

    @property
    def host_type(self) -> str:
        """The name that the reference has for filters of this form, such as `FilterHas`."""
        term = self.term
        return "Filter" + (_OP_NAMES[term.op] if isinstance(term, Cmp) else _TERM_NAMES[type(term)])

    def __eq__(self, other: object) -> bool:
        return type(other) is Filter and self.text == other.text

    def __hash__(self) -> int:
        return hash(("Filter", self.text))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Filter({self.text!r})"

    def __reduce__(self) -> Any:
        return (Filter, (self.term,))


def _path(path: Path) -> Path:
    if not path or not all(type(p) is str and p for p in path):
        raise EvalError("Expr is not a filter; empty tag path")
    return tuple(path)


def parse_filter(text: str) -> Filter:
    """Read the text of a filter.

    Raises:
        ParseErr: it is not a filter.
        CastErr: operands that can't be put in order (`a == 5 or a == "x"`).
    """
    return Filter(read_filter(text))


def parse_search(text: str) -> Filter:
    """Read a search text; it never fails.

    `re:<regex>` is a regular expression for the whole of a text, `f:<filter>` a filter. Anything else, also
    a bad expression or filter, is looked for without regard to case: as a glob for the whole text where
    `*` or `?` stand in it, else as a part of it.
    """
    if text.startswith("f:"):
        try:
            return parse_filter(text[2:])
        except EvalError:
            pass  # read as a part of a text then
    return Filter(Search(text))
