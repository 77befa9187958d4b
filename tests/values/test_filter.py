"""Filters: text, normal form, matching, and what their code may never do."""

from __future__ import annotations

import ast
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axon.errors import CastErr, EvalError, ParseErr, UnitErr
from axon.values import filter_code
from axon.values.filter import Filter, parse_filter, parse_search
from axon.values.filter_terms import All, Cmp, Either, Has, IsSymbol, Missing, Term, term_text
from axon.values.order import cmp, strict_eq
from axon.values.ranges import Range
from axon.values.times import DateSpan
from pylib.grid import Grid, Matrix
from pylib.kinds import MARKER, NA_VALUE, Coord, Number, Ref, Symbol, Uri, XStr

UTC = ZoneInfo("UTC")
SIX = dt.datetime(2024, 3, 5, 6, tzinfo=UTC)


def match(text: str, rec: dict[str, Any], recs: dict[str, dict[str, Any]] | None = None) -> bool:
    """All three entry points must agree."""
    f = parse_filter(text)

    def resolve(ref: Ref) -> dict[str, Any] | None:
        return (recs or {}).get(ref.val)

    found = f.match(rec, resolve)
    assert f.select([rec], resolve) == ([rec] if found else [])
    assert f.rows(Grid.from_rows([rec, rec]), resolve) == ([0, 1] if found else [])
    return found


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("b and a", "a and b"),
        ("z or y or x", "x or y or z"),
        ("a or b and c", "a or (b and c)"),
        ("(a or b) and c", "c and (a or b)"),
        ("z and y==3 and not x", "z and not x and y == 3"),
        ("((a and b) and (c and d))", "a and b and c and d"),
        ("a == 2 or a == 1", "a == 1 or a == 2"),
        ("a<=1 and a<1 and a>=1 and a>1", "a > 1 and a >= 1 and a < 1 and a <= 1"),
        ("a!=1 and a==1 and not a", "not a and a == 1 and a != 1"),
        ("Site and ^site and a", "a and ^site and Site"),
        ("ph.points::Point", "ph.points::Point"),
        ("and and and", "and and and"),
        ("not not", "not not"),
        ("not", "not"),
        ("or or or", "or or or"),
        ("true", "true"),
        ("a==-5.5kW", "a == -5.5kW"),
        ("a==0xff", "a == 255"),
        ("a==1_000", "a == 1000"),
        ("a==9_foo", "a == 9_foo"),
        ("a==`x y`", "a == `x y`"),
        ('a=="q\\"$\\n"', 'a == "q\\"\\$\\n"'),
        ('a=="\\u00e9\\u{1F600}"', 'a == "é😀"'),
        ("a==@x.y:z-1~", "a == @x.y:z-1~"),
        ("a==^lib:ph", "a == ^lib:ph"),
        ("a==08:30", "a == 08:30:00"),
        ("a==2024-01-05", "a == 2024-01-05"),
        ("a == 2024-01-05T06:00:00Z UTC", "a == 2024-01-05T06:00:00Z"),
        ("a == 2024-01-05T06:00:00-05:00 New_York", "a == 2024-01-05T06:00:00-05:00 New_York"),
        ("a /* x /* y */ */ and b // end", "a and b"),
        ("a->b->c", "a->b->c"),
        ("a == true and b == false", "a == true and b == false"),
    ],
)
def test_text_is_normalised_and_reads_back(text: str, want: str) -> None:
    f = parse_filter(text)
    assert f.text == want
    assert parse_filter(f.text) == f
    assert hash(parse_filter(f.text)) == hash(f)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "//",
        "a == null",
        "a & b",
        "(a",
        "a)",
        "5",
        '"x"',
        "a == b",
        "a\nand b",
        "a /*\n*/",
        "a == 2024-01",
        "a->",
        "->a",
        "a.b",
        "a.b::c",
        "a == NA",
        "a == 2024-01-05T06:00:00-05:00",
        "not (a)",
        "a <=> 5",
        "a == 'x'",
        "a == 2024-13-01",
        "a == 25:00",
        "a == 1.2.3",
        "a == -2024-01-01",
        "^A",
        "^",
        "a == @",
        "a ==",
        "a == [1]",
        'a == "\\q"',
        'a == "x',
        "a == `x",
        "a = 5",
        "a == 5furlongz",
        "A->b",
        "A == 5",
        "a b",
        "(" * 3000,
        'a == "\\u{110000}"',
        "a == 2024-01-05T06:00:00Z Nowhere",
    ],
)
def test_bad_text_is_refused(text: str) -> None:
    with pytest.raises(ParseErr):
        parse_filter(text)


def test_values_of_one_path_must_be_comparable() -> None:
    with pytest.raises(CastErr):
        parse_filter('a == 5 or a == "x"')
    with pytest.raises(UnitErr):
        parse_filter("a == 5kW or a == 5m")
    assert parse_filter('a == 5 or b == "x"').text == 'a == 5 or b == "x"'


@pytest.mark.parametrize(
    ("text", "rec", "want"),
    [
        ("a", {"a": False}, True),
        ("a", {"a": NA_VALUE}, True),
        ("not a", {"b": 1}, True),
        ("a == 1", {"a": 1.0}, True),
        ("a == 1", {"a": True}, False),
        ("a == true", {"a": 1}, False),
        ("a == 1", {"a": Number(1, "kW")}, False),
        ("a == 1kW", {"a": Number(1.0, "kW")}, True),
        ("a != 1kW", {"a": 1}, True),
        ("a != 1", {}, False),
        ("a > 1", {"a": Number(5, "kW")}, False),
        ("a > 1kW", {"a": Number(5, "kW")}, True),
        ("a > 1kW", {"a": Number(5, "W")}, False),
        ("a < 5", {"a": float("nan")}, False),
        ("a >= 0", {"a": False}, False),
        ("a < true", {"a": False}, True),
        ("a < 5", {"a": "x"}, False),
        ('a < "z"', {"a": "x"}, True),
        ('a < "\ue000"', {"a": "\U0001f600"}, True),  # by UTF-16 units
        ('a == "X"', {"a": "x"}, False),
        ("a == @x", {"a": [Ref("y"), Ref("x")]}, True),
        ("a != @x", {"a": [Ref("x")]}, True),
        ("a == @x", {"a": "x"}, False),
        ("a == 1", {"a": [1, 2]}, False),
        ("a > @m", {"a": Ref("z")}, True),
        ("a > @m", {"a": [Ref("a"), Ref("z")]}, True),
        ("a == ^s", {"a": Symbol("s")}, True),
        ("a == `u`", {"a": Uri("u")}, True),
        ("a == 2024-03-05", {"a": dt.date(2024, 3, 5)}, True),
        ("a == 2024-03-05", {"a": dt.datetime(2024, 3, 5, tzinfo=UTC)}, False),
        ("a < 2024-03-05", {"a": dt.date(2024, 3, 4)}, True),
        ("a > 2024-03-05", {"a": SIX}, False),
        ("a >= 06:00", {"a": dt.time(6)}, True),
        ("a == 2024-03-05T01:00:00-05:00 New_York", {"a": SIX}, True),
        ("a > 2024-03-05T05:00:00Z", {"a": SIX}, True),
        ("a->date == 2024-03-05", {"a": SIX}, True),
        ("a->time > 07:00", {"a": SIX}, False),
        ('a->tz == "UTC"', {"a": SIX}, True),
        ("a->zone", {"a": SIX}, False),
        ("a->b == 2", {"a": {"b": 2}}, True),
        ("a->b->c", {"a": {"b": {"c": MARKER}}}, True),
        ("not a->b->c", {"a": {"b": 2}}, True),
        ("not a->b", {"a": 5}, True),
        ("a->b != 3", {"a": 5}, False),
        ("^site", {"site": MARKER}, True),
        ("^hot-water", {"hot": MARKER, "water": MARKER}, True),
        ("^hot-water", {"hot": MARKER}, False),
        ("^lib:ph", {"lib": MARKER}, False),
        ("Site", {"spec": Ref("ph::Site")}, True),
        ("ph::Site", {"spec": Ref("ph::Site")}, True),
        ("x::Site", {"spec": Ref("ph::Site")}, False),
        ("Site", {"site": MARKER}, False),
        ("Dict", {}, True),
        ("a and (b == 2 or c)", {"a": 1, "b": 2}, True),
        ("a and (b == 2 or c)", {"a": 1, "b": 3}, False),
    ],
)
def test_matching(text: str, rec: dict[str, Any], want: bool) -> None:
    assert match(text, rec) is want


def test_paths_follow_refs_and_lists_of_refs() -> None:
    recs = {"s": {"geo": "NY", "up": Ref("r")}, "t": {"geo": "LA"}, "r": {"name": "top"}}
    assert match('site->geo == "NY"', {"site": Ref("s")}, recs)
    assert match('site->up->name == "top"', {"site": Ref("s")}, recs)
    assert match('site->geo == "LA"', {"site": [Ref("s"), Ref("t")]}, recs)
    assert match("not site->geo", {"site": Ref("gone")}, recs)
    assert not match("site->geo", {"site": Ref("gone")}, recs)
    assert not match("site->geo", {"site": [Ref("gone"), "s"]}, recs)
    assert not parse_filter("site->geo").match({"site": Ref("s")})  # without a look-up


def test_special_values_are_equal_to_themselves() -> None:
    for val in (float("nan"), Number(float("nan"), "kW"), NA_VALUE, MARKER, Coord(1, 2), XStr("Foo", "x")):
        f = Filter.cmp("==", ("a",), val)
        assert f.match({"a": val})
        assert not f.match({"a": 5})
        assert Filter.cmp("!=", ("a",), val).match({"a": 5})


@pytest.mark.parametrize(
    "val", [None, [1], {"a": 1}, DateSpan(dt.date(2024, 1, 1), dt.date(2024, 1, 2)), Range(1, 2), len]
)
def test_constructor_refuses_values_that_are_no_scalars(val: object) -> None:
    with pytest.raises(EvalError, match="Expr is not a filter"):
        Filter.cmp("==", ("a",), val)


def test_constructors_give_the_filter_that_the_text_gives() -> None:
    a, b = Filter.has(("a",)), Filter.cmp(">", ("b", "c"), Number(5, "kW"))
    assert Filter.and_(b, a) == parse_filter("a and b->c > 5kW")
    assert Filter.or_(Filter.missing(("x",)), Filter.is_symbol(Symbol("s"))) == parse_filter("not x or ^s")
    assert Filter.is_spec("ph::Site").text == "ph::Site"
    with pytest.raises(EvalError):
        Filter.has(())


def test_nesting_has_a_limit_and_length_has_none() -> None:
    assert parse_filter(" and ".join(["a"] * 5000)).match({"a": 1})
    f = parse_filter("a")
    for i in range(99):
        f = (Filter.and_, Filter.or_)[i % 2](f, Filter.has((f"t{i}",)))
    assert not f.match({})
    with pytest.raises(EvalError, match="nested too deep"):
        Filter.or_(f, Filter.has(("last",)))


def test_filters_of_one_shape_share_code() -> None:
    def code(text: str) -> object:
        return parse_filter(text).compiled.__code__

    assert code('a == "x" and b > 5') is code('a == "__import__" and b > 7')
    assert code('a == "x"') is not code('b == "x"')


@pytest.mark.parametrize(
    "nasty", ['"; import os #', "__import__('os')", "k0", '\\"\\n', "{x}", "%s", "\U0001f600"]
)
def test_no_text_becomes_code(nasty: str) -> None:
    """Values reach the code through its globals; the code itself holds our names and the tag names only."""
    f = Filter.cmp("==", ("a",), nasty)
    assert f.match({"a": nasty})
    assert not f.match({"a": ""})
    code = f.compiled.__code__
    assert nasty not in code.co_consts
    assert set(code.co_names) <= {"get", "k0"}
    named = Filter.has((nasty, nasty))
    assert named.match({nasty: {nasty: 1}})
    assert set(named.compiled.__code__.co_names) <= {"get", "walk", "t0"}
    assert named.compiled.__globals__["__builtins__"] == {}


def test_only_known_syntax_is_emitted() -> None:
    allowed = (
        ast.Module,
        ast.FunctionDef,
        ast.arguments,
        ast.arg,
        ast.Return,
        ast.If,
        ast.For,
        ast.Assign,
        ast.Expr,
        ast.BoolOp,
        ast.UnaryOp,
        ast.Compare,
        ast.Call,
        ast.Name,
        ast.NamedExpr,
        ast.Constant,
        ast.Attribute,
        ast.Tuple,
        ast.List,
        ast.boolop,
        ast.unaryop,
        ast.cmpop,
        ast.expr_context,
    )
    term = parse_filter(
        'a and not b and c->d == 5 and (e != @x or f < 5kW) and ^g-h and Foo and i == "x"'
    ).term
    shape, _ = filter_code.shape_of(term)
    emitter = filter_code._Emitter(None)
    for node in ast.walk(emitter.condition(shape)):
        assert isinstance(node, allowed)
        if isinstance(node, ast.Attribute):
            assert node.attr in ("get", "val", "unit")
        if isinstance(node, ast.Constant):
            assert node.value is None or isinstance(node.value, (str, bool))


def test_columns_are_filtered_without_rows() -> None:
    import numpy as np

    m = Matrix(np.arange(12.0).reshape(4, 3))
    assert parse_filter("v0 > 2 and v1 < 9").rows(m) == [1, 2]
    assert parse_filter("nope").rows(m) == []
    assert parse_filter("not nope").rows(m) == [0, 1, 2, 3]
    assert parse_filter("a").rows(Grid.from_columns(["a"], [[]])) == []


def test_required_conditions_serve_an_index() -> None:
    f = parse_filter('site == @x and dis == "Y" and ahu and a->b == 5 and not c and n == 5 and ^p-q')
    assert sorted(f.required(), key=str) == sorted(
        [("ahu", None), ("a", None), ("dis", "Y"), ("n", None), ("p", None), ("q", None), ("site", Ref("x"))],
        key=str,
    )
    assert parse_filter("a or b").required() == []
    assert parse_filter("a != 5 and b < 5").required() == [("a", None), ("b", None)]


def test_equality_with_a_list_of_refs_stays_in_the_index_condition() -> None:
    f = parse_filter("a->b == @x")
    assert f.required() == [("a", None)]


@pytest.mark.parametrize(
    ("text", "rec", "want"),
    [
        ("pump", {"dis": "Main Pump"}, True),
        ("m*p", {"dis": "Main Pump"}, True),
        ("fa?", {"dis": "Fan"}, True),
        ("fa??", {"dis": "Fan"}, False),
        ("an", {"dis": "Fan"}, True),
        ("a*n", {"dis": "Fan"}, False),
        ("f*a*n", {"dis": "Fan"}, True),
        ("fa*an", {"dis": "Fan"}, False),
        ("*", {"dis": ""}, True),
        ("*a?", {"dis": "Fan\nFan"}, True),
        ("a.c*", {"dis": "abc"}, False),
        ("a*" * 40 + "b", {"dis": "a" * 3000}, False),
        ("re:(a*)*b", {"dis": "a" * 3000}, False),
        ("re:\\p{Upper}an", {"dis": "Fan"}, True),
        ("", {"dis": "Fan"}, True),
        ("re:.*Pump", {"dis": "Main Pump"}, True),
        ("re:Pump", {"dis": "Main Pump"}, False),
        ("re:(", {"dis": "a re:( b"}, True),
        ("f:dis", {"dis": "Fan"}, True),
        ("f:dis ==", {"dis": "has f:dis == in it"}, True),
        ("roof", {"area": "Roof"}, True),
        ("55", {"size": 55}, False),
        ("abcdefgh", {"id": Ref("abcdefgh-1")}, True),
        ("abc", {"id": Ref("abc")}, False),
        ("abc", {"id": Ref("x", "Abc")}, True),
        ("roof 2", {"disMacro": "$area $n", "area": "Roof", "n": 2}, True),
    ],
)
def test_search(text: str, rec: dict[str, Any], want: bool) -> None:
    f = parse_search(text)
    assert f.match(rec) is want
    assert f.select([rec]) == ([rec] if want else [])
    assert f.rows(Grid.from_rows([rec])) == ([0] if want else [])


def test_search_joins_other_filters() -> None:
    f = Filter.and_(parse_search("pump"), Filter.has(("equip",)))
    assert f.text == 'equip and parseSearch("pump")'
    assert f.match({"dis": "Pump", "equip": MARKER})
    assert not f.match({"dis": "Pump"})


# -- the compiled code against a plain reading of the rules -------------------------------------------------

_NAMES = st.sampled_from("abc")
_VALS = st.one_of(
    st.integers(-2, 2),
    st.sampled_from([0.5, float("nan"), True, False, "", "a", "b", "\ue000", "\U0001f600"]),
    st.builds(Number, st.integers(0, 2), st.sampled_from(["kW", "m"])),
    st.builds(Ref, _NAMES),
    st.sampled_from([Symbol("a"), Uri("a"), NA_VALUE, MARKER, dt.date(2024, 1, 1), dt.time(1), SIX]),
)
_CELLS = st.recursive(
    _VALS, lambda v: st.lists(v, max_size=2) | st.dictionaries(_NAMES, v, max_size=2), max_leaves=4
)
_RECS = st.dictionaries(_NAMES, _CELLS, max_size=3)
_PATHS = st.lists(_NAMES, min_size=1, max_size=3).map(tuple)
_LEAVES = st.one_of(
    st.builds(Has, _PATHS),
    st.builds(Missing, _PATHS),
    st.builds(Cmp, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), _PATHS, _VALS),
    st.builds(IsSymbol, st.sampled_from(["a", "a-b", "a:b"])),
)


def _combined(terms: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    pairs = st.lists(terms, min_size=2, max_size=3)
    return st.one_of(pairs.map(lambda ts: All(tuple(ts))), pairs.map(lambda ts: Either(tuple(ts))))


_TERMS: st.SearchStrategy[Term] = st.recursive(_LEAVES, _combined, max_leaves=5)


def holds(term: Term, rec: dict[str, Any], recs: dict[str, dict[str, Any]]) -> bool:
    if isinstance(term, All):
        return all(holds(t, rec, recs) for t in term.terms)
    if isinstance(term, Either):
        return any(holds(t, rec, recs) for t in term.terms)
    if isinstance(term, IsSymbol):
        return bool(term.tags) and all(t in rec for t in term.tags)
    assert isinstance(term, (Has, Missing, Cmp))
    return found(term, rec.get(term.path[0]), term.path[1:], recs)


def found(
    term: Has | Missing | Cmp, val: Any, rest: tuple[str, ...], recs: dict[str, dict[str, Any]]
) -> bool:
    if type(val) is list:
        if any(type(v) is Ref and found(term, v, rest, recs) for v in val):
            return True
        return passes(term, None if rest else val)
    if not rest or val is None:
        return passes(term, val)
    if type(val) is Ref:
        val = recs.get(val.val)
    if isinstance(val, dt.datetime):
        val = {"date": val.date(), "time": val.time(), "tz": "UTC"}
    return found(term, val.get(rest[0]) if isinstance(val, dict) else None, rest[1:], recs)


def passes(term: Has | Missing | Cmp, val: Any) -> bool:
    if not isinstance(term, Cmp):
        return (val is None) is isinstance(term, Missing)
    if val is None:
        return False
    if term.op in ("==", "!="):
        return strict_eq(val, term.val) is (term.op == "==")
    numbers = {int, float}
    if type(val) is not type(term.val) and not {type(val), type(term.val)} <= numbers:
        return False
    if isinstance(val, Number) and val.unit != term.val.unit:  # type: ignore[attr-defined]
        return False
    if any(type(v) is float and v != v for v in (val, term.val)):
        return False
    sign = cmp(val, term.val) if not isinstance(val, (list, dict)) else 0
    return {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[term.op] and not isinstance(
        val, dict
    )


@settings(max_examples=300, deadline=None)
@given(_TERMS, _RECS, st.dictionaries(_NAMES, _RECS, max_size=3))
def test_code_does_what_the_rules_say(
    term: Term, rec: dict[str, Any], recs: dict[str, dict[str, Any]]
) -> None:
    f = Filter(term)

    def resolve(ref: Ref) -> dict[str, Any] | None:
        return recs.get(ref.val)

    want = holds(term, rec, recs)
    assert f.match(rec, resolve) is want
    assert f.select([rec], resolve) == ([rec] if want else [])
    assert f.rows(Grid.from_rows([rec]), resolve) == ([0] if want else [])


@settings(max_examples=300, deadline=None)
@given(_TERMS)
def test_text_reads_back_as_the_same_filter(term: Term) -> None:
    text = term_text(term)
    try:
        again = parse_filter(text)
    except (ParseErr, CastErr, UnitErr):
        return  # special values have no text that reads back, and some values have no order
    assert parse_filter(again.text) == again


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab \"'`@^()=<>!-.:/*\\nr{}u05kW2024TZ+_é\n", max_size=30))
def test_any_text_is_a_filter_or_an_error_of_ours(text: str) -> None:
    try:
        f = parse_filter(text)
    except (ParseErr, CastErr, UnitErr):
        return
    assert parse_filter(f.text) == f


@pytest.mark.parametrize(
    ("text", "col"),
    [
        ("a and", 6),
        ("a b", 3),
        ("a == 5kW and !", 14),
        ("a == 5zz", 6),
        ('a == "x', 6),
        ("/* \n */ a", 4),
        ("foo::bar", 6),
        ("(" * 300, 101),
    ],
)
def test_errors_tell_the_column(text: str, col: int) -> None:
    with pytest.raises(ParseErr, match=rf"\[col {col}\]$") as caught:
        parse_filter(text)
    assert (caught.value.line, caught.value.col) == (1, col)
