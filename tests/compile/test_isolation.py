"""No Axon expression reaches a Python attribute, frame or module."""

from __future__ import annotations

import itertools

import pytest

import axon
from pylib.grid import Grid

NAMES = (
    "__class__ __globals__ __dict__ __init__ __subclasses__ gi_frame f_back mro raw cx unit val append pop "
    "format keys runtime io db c1 entry builtin node"
).split()
VALUES = (
    '1 "a" [1] {a:1} (x=>x) abs 5kW @r `u` 2024-01-01 [{a:1}].toGrid (1..3) na() [1].stream parseFilter("a") '
    "2024-01 Number toSpan(2024-01-01) py() null"
).split(" ")
FORMS = ("({v})->{n}", '({v})["{n}"]', 'trap({v}, "{n}")', '({v}).get("{n}")', '({v}).has("{n}")')
#: Modules of the classes that are Axon values.
HOMES = ("builtins", "datetime", "pylib.kinds", "pylib.grid", "axon.runtime.calls", "axon.values")


@pytest.mark.parametrize("form", FORMS)
def test_names_of_python_attributes_lead_nowhere(form: str) -> None:
    rt = axon.Runtime(tz="UTC", cache=False)
    for name, val in itertools.product(NAMES, VALUES):
        src = form.format(v=val, n=name)
        got = outcome(rt, src)
        if isinstance(got, BaseException):
            assert isinstance(got, axon.AxonError), src
            continue
        assert type(got).__module__.startswith(HOMES), src
        assert not callable(got) or isinstance(got, (axon.Fn, Grid)), src


def outcome(rt: axon.Runtime, src: str) -> object:
    """The value, or the error; an error that comes from one of Python's own is that one."""
    try:
        return rt.eval(src)
    except axon.AxonError as exc:
        return exc if exc.__cause__ is None else exc.__cause__


@pytest.mark.parametrize("name", ["__builtins__", "__import__", "__loader__", "_cx", "_f0", "_type", "_unit"])
def test_names_of_emitted_code_are_no_axon_names(name: str) -> None:
    rt = axon.Runtime(tz="UTC", cache=False)
    for src in (name, f"{name}(1)", f"{name} = 1", f"do x: 1; {name} end", f"(1).{name}"):
        with pytest.raises(axon.AxonError):
            rt.eval(src)


@pytest.mark.parametrize("name", ["_add", "__builtins__", "Foo", "a b", "é", ""])
def test_variables_from_python_must_have_axon_names(name: str) -> None:
    rt = axon.Runtime(tz="UTC", cache=False)
    with pytest.raises(axon.AxonError, match="not the name of a variable"):
        rt.eval("1 + 1", **{name: len})
