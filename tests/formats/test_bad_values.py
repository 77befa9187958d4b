"""Values that do not fit their kind are refused with what is wrong and where."""

from __future__ import annotations

import pytest

from axon.errors import Err, ParseErr
from axon.formats.hayson import read_hayson, write_hayson
from axon.formats.jeto import read_jeto, write_jeto
from axon.formats.json3 import read_json3, write_json3
from axon.formats.trio import read_trio
from axon.formats.zinc import read_zinc_value, write_zinc, zinc_text
from axon.values.times import Span
from pylib.grid import Grid
from pylib.kinds import Number, Uri


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"_kind":"number","val":"5"}', "not a Number"),
        ('{"_kind":"number","val":true}', "not a Number"),
        ('{"_kind":"number","val":5,"unit":3}', "unit is not a Str"),
        ('{"_kind":"number","val":5,"unit":"kx"}', "unknown unit kx"),
        ('{"_kind":"ref"}', "val is missing"),
        ('{"_kind":"ref","val":5}', "val is not a Str"),
        ('{"_kind":"date","val":"2024-02-30"}', "2024-02-30"),
        ('{"_kind":"time","val":"25:00"}', "25:00"),
        ('{"_kind":"dateTime","val":"2024-05-06T08:00:00-04:00","tz":"Nowhere"}', "Nowhere"),
        ('{"_kind":"coord","lat":"1","lng":2}', "must be Numbers"),
        ('{"_kind":"coord","lat":91,"lng":2}', "range"),
        ('{"_kind":"xstr","type":"foo","val":"x"}', "no type name"),
        ('{"_kind":"xstr","type":"Span","val":"never"}', "never"),
        ('{"_kind":"uri","val":"http://h:x/"}', "port"),
        ('{"_kind":"grid"}', "cols is missing"),
        ('{"_kind":"grid","meta":5,"cols":[]}', "meta must be"),
        ('{"_kind":"grid","cols":[5]}', "bad grid"),
        ('{"_kind":"grid","cols":[{"name":5}]}', "name is not a Str"),
        ('{"_kind":"grid","cols":[{"name":"a","meta":5}]}', "meta of a column"),
        ('{"_kind":"grid","cols":[{"name":"a"},{"name":"a"}]}', "two columns"),
        ('{"_kind":"grid","cols":[{"name":"a"}],"rows":[5]}', "no object"),
        ('{"_kind":5}', "unknown _kind 5"),
    ],
)
def test_hayson(text: str, why: str) -> None:
    with pytest.raises(ParseErr, match=why) as caught:
        read_hayson(f"[1,\n {text}]")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('"n:5 kx"', "unknown unit"),
        ('"n:"', "bad value"),
        ('"n:5 kW h"', "bad value"),
        ('"m:x"', "nothing after the code"),
        ('"c:1"', "two parts"),
        ('"c:1,x"', "bad value"),
        ('"x:foo:b"', "Type:text"),
        ('"x:Foo"', "Type:text"),
        ('"?:x"', "unknown code"),
        ('{"meta":5,"cols":[],"rows":[]}', "bad grid"),
        ('{"meta":{},"cols":[{}],"rows":[]}', "no name"),
        ('{"meta":{},"cols":[{"name":"a"},{"name":"a"}],"rows":[]}', "two columns"),
    ],
)
def test_json3(text: str, why: str) -> None:
    with pytest.raises(ParseErr, match=why):
        read_json3(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5kx", "unknown unit 'kx'"),
        ("1.2.3", "invalid number"),
        ("-", "digits"),
        ("2024-02-30", "2024-02-30"),
        ("24:00", "24:00"),
        ("C(91,1)", "range"),
        ("C(x)", "string"),
        ('foo("x")', "no type name"),
        ("nope", "got 'nope'"),
        ("@", "id of a ref"),
        ("^", "name after"),
        ("`a", "not closed"),
        ("`http://h:x/`", "port"),
        ('"a\\qb"', "unknown escape"),
        ("`a\\qb`", "unknown escape"),
        ("[1 2]", "',' or '\\]'"),
        ("{a:1 a:2}", "duplicate tag 'a'"),
        ("{5}", "expected a name"),
        ('Span("never")', "never"),
        ("Foo(5)", "string"),
        ("0xfg", "invalid number"),
        ("1 2", "end of text"),
        ("#", "got '#'"),
        ('<<ver:"3.0"\na\n1', "'>>'"),
        ('ver:"3.0"\n1\n', "expected a name"),
        ('ver:"3.0"\na b:1 c,a\n', "duplicate column"),
        ("ver:5\na\n", "version 5"),
    ],
)
def test_zinc(text: str, why: str) -> None:
    with pytest.raises(ParseErr, match=why) as caught:
        read_zinc_value(text)
    assert caught.value.line >= 1


@pytest.mark.parametrize(
    "text", ["a b:1", "1:2", ":x", "a:[1", "a:{b} c", 'a:"x" y', "g:Zinc:\n  5", "a:1\nb:2024-13-01"]
)
def test_trio(text: str) -> None:
    with pytest.raises(ParseErr):
        read_trio(text)


def test_jeto() -> None:
    for text in (
        '{"val":"x","spec":"sys::Number"}',
        '{"val":"1","spec":"sys::Nope"}',
        '{"val":"maybe","spec":"sys::Bool"}',
    ):
        with pytest.raises(ParseErr, match="sys::"):
            read_jeto(text)


def test_what_no_format_can_hold() -> None:
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    for write in (write_hayson, write_json3, write_jeto, zinc_text):
        with pytest.raises(Err, match="nested deeper"):
            write(deep)
    for write in (write_hayson, write_json3, write_jeto):
        with pytest.raises(Err, match="unrecognized"):
            write([print])


def test_spans_are_kinds_of_their_own() -> None:
    span = read_zinc_value('Span("2024-05-01,2024-05-03")')
    assert isinstance(span, Span)
    assert read_hayson(write_hayson(span)) == span
    assert read_json3(write_json3(span)) == span
    assert read_zinc_value(zinc_text(span)) == span


def test_names_that_are_no_words_are_quoted_in_zinc() -> None:
    grid = Grid.from_columns(["a b", "c"], [[{"d e": 1}], [Uri("x\\#y")]], {"m n": Number(1, "kW")})
    text = write_zinc(grid)
    assert text.startswith('ver:"3.0" "m n":1kW\n"a b",c\n{"d e":1},')
    back = read_zinc_value(text)
    assert (back.meta(), back.dicts()) == (grid.meta(), grid.dicts())
