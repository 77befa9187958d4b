from __future__ import annotations

import datetime as dt

import pytest

from axon.errors import UnknownTypeErr
from axon.values.types import Type, find_type, type_of
from pylib.grid import Grid
from pylib.kinds import NA_VALUE, Number, XStr


def test_a_type_has_a_library_and_a_name():
    assert (Type("Number").qname, str(Type("ph::Site"))) == ("sys::Number", "ph::Site")
    assert Type("sys::Number") == Type("Number")
    assert hash(Type("sys::Number")) == hash(Type("Number"))
    assert Type("a.b::Number") != Type("Number")
    assert repr(Type("Str")) == "Type('sys::Str')"


@pytest.mark.parametrize("name", ["number", "", "Foo bar", "Foo::Bar", "::Foo"])
def test_other_text_is_no_type(name):
    with pytest.raises(UnknownTypeErr):
        Type(name)


def test_only_types_of_the_language_are_found():
    assert find_type("sys::Date") == Type("Date")
    for name in ("Foo", "ph::Date"):
        with pytest.raises(UnknownTypeErr, match=name):
            find_type(name)


@pytest.mark.parametrize(
    ("val", "name", "fits"),
    [
        (5, "Number", True),
        (Number(5, "m"), "Number", True),
        (5, "Scalar", True),
        (5, "Obj", True),
        (5, "Str", False),
        (True, "Number", False),
        (None, "Obj", False),
        ({}, "Dict", True),
        ({}, "Collection", True),
        (Grid.empty_grid(), "Grid", True),
        (XStr("Bin", "a/b"), "XStr", True),
        (XStr("Foo", "a"), "Bin", False),
        (dt.date(2024, 1, 1), "DateTime", False),
        (NA_VALUE, "NA", True),
        (object(), "Obj", True),
        (5, "ph::Number", False),
    ],
)
def test_a_value_fits_its_type_and_those_above(val, name, fits):
    assert Type(name).fits(val) is fits


def test_type_of_a_value():
    assert type_of(None) is None
    assert type_of("a") == Type("Str")
    assert type_of(object()) == Type("Obj")
