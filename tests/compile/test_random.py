"""Random programs: optimised code gives what plain code gives, a value or the same kind of error."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import axon

FAST = axon.Runtime(tz="UTC", cache=False)
PLAIN = axon.Runtime(tz="UTC", cache=False, optimize=False)

VARS = ("a", "b", "c", "x", "y")
ATOMS = [
    *("0", "1", "-3", "2.5", "7kW", "2hr", "null", "true", "false", "na()", '""', '"s"', '"b a"', "[]"),
    *("[1, 2, 3]", '["q", "p"]', "[1, null]", "{}", '{a: 1, b: "t"}', "{a: {b: 2}}", "2020-02-28", "@r"),
    *("marker()", "1..4", "[{a: 1}, {a: 2, b: 3}].toGrid", "(2020-01-30..2020-02-02)", "`u`", "nan()"),
]
BINARY = ("+", "-", "*", "/", "==", "!=", "<", ">=", "<=>", "and", "or")
#: A method of one value, `{}` stands for a function of an item.
METHODS = [
    *("size", "isEmpty", "first", "last", "toStr", "upper", "split", "reverse", "sort", "unique", "day"),
    *("isWeekend", "concat", 'concat("-")', "isOdd", "abs", "add(1)", 'add("z")', 'set("a", 5)', "set(0, 9)"),
    *('get("a")', "get(0)", 'has("a")', 'missing("b")', "names", "vals", "isStr", "isNumber", "isNonNull"),
    *("as(1day)", "as(1kW)", "to(1min)", "fold(sum)", "fold(max)", "fold(count)", "merge({c: 3})", "trim"),
    *('remove("a")', "contains(1)", 'index("q")', "toGrid", "toList", "stream.collect", "format"),
    *("insert(0, 4)", "getSafe(5)", "map({})", "findAll({})", "find({})", "each({})", "any({})", "all({})"),
    *("eachWhile({})", "sort({})", "stream.map({}).collect(toList)", "stream.findAll({}).collect(toList)"),
    "stream.limit(2).map({}).fold(count)",
]


def _wrap(expr: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger expressions of smaller ones."""
    name = st.sampled_from(VARS)
    function = st.one_of(
        st.builds("{} => {}".format, name, expr),
        st.builds("({}, {}) => {}".format, st.just("x"), st.just("y"), expr),
        st.builds("{0} => do {1}: {2}; {1} = {3}; {1} end".format, name, name, expr, expr),
        st.builds("{} => {} = {}".format, name, name, expr),
        st.sampled_from(["sum", "x => x->a", "isOdd", "toStr"]),
    )
    return st.one_of(
        st.builds("({} {} {})".format, expr, st.sampled_from(BINARY), expr),
        st.builds(lambda e, m, f: f"({e}).{m.replace('{}', f)}", expr, st.sampled_from(METHODS), function),
        st.builds("({})->{}".format, expr, st.sampled_from(["a", "b"])),
        st.builds("({})[{}]".format, expr, st.sampled_from(["0", "-1", '"a"', "0..1", "x"])),
        st.builds("(if ({} == {}) {} else {})".format, expr, expr, expr, expr),
        st.builds("(if (({}).isStr) {} else {})".format, name, expr, expr),
        st.builds("[{}, {}]".format, expr, expr),
        st.builds("{{a: {}, k: {}}}".format, expr, expr),
        st.builds("(not ({}).isNull)".format, expr),
        st.builds("(try {} catch do {} end)".format, expr, expr),
        st.builds("(try {} catch (e) e[\"dis\"].isStr)".format, expr),
        st.builds("({})({})".format, function, expr),
        st.builds("({} = {})".format, name, expr),
        st.builds("do {}: {}; {} = {}; {} end".format, name, expr, name, expr, expr),
    )  # fmt: skip


EXPR = st.recursive(st.one_of(st.sampled_from(ATOMS), st.sampled_from(VARS)), _wrap, max_leaves=9)
STATEMENT = st.one_of(
    st.builds("{} = {}".format, st.sampled_from(VARS), EXPR),
    st.builds("[1, 2].each(n => {0} = {1})".format, st.sampled_from(VARS), EXPR),
    st.builds("if ({} == {}) {} = {}".format, EXPR, EXPR, st.sampled_from(VARS), EXPR),
    EXPR,
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Variables of various kinds, some statements, and what the variables are in the end."""
    lines = [f"{name}: {draw(st.sampled_from(ATOMS))}" for name in VARS]
    statements = draw(st.lists(STATEMENT, min_size=1, max_size=5))
    lines += [s if draw(st.integers(0, 3)) == 0 else f"try {s} catch null" for s in statements]
    lines.append("[" + ", ".join(VARS) + f', try {draw(EXPR)} catch "e"]')
    return "do\n  " + "\n  ".join(lines) + "\nend"


def outcome(rt: axon.Runtime, source: str) -> Any:
    try:
        return axon.to_json(rt.eval(source))
    except axon.AxonError as e:
        return type(e).__name__


@settings(max_examples=150)
@given(programs())
def test_optimised_code_does_what_plain_code_does(source: str) -> None:
    assert outcome(FAST, source) == outcome(PLAIN, source)
