"""Filters: text, normal form, matching, and what their code may never do."""

from __future__ import annotations

import ast
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from axon.errors import CastErr, EvalError, ParseErr, UnitErr
from axon.values import filter_code
from axon.values.filter import Filter, parse_filter, parse_search
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
