"""An error that leaves a program holds what `catch` would have bound, and its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import axon


@pytest.fixture(scope="module")
def rt() -> Iterator[axon.Runtime]:
    with axon.Runtime(tz="UTC") as runtime:
        yield runtime


@pytest.mark.parametrize(
    "src",
    [
        "{a: 1}->b",
        "1kW + 2m",
        "if (5) 1",
        "[1][9]",
        "nope()",
        'throw {dis: "x", k: 1}',
        "true and 5",
        "padl(1, 2)",
        'eval("1 +")',
        "ioReadStr(`io/x`)",
    ],
)
def test_err_is_what_catch_binds(rt: axon.Runtime, src: str) -> None:
    with pytest.raises(axon.AxonError) as info:
        rt.eval(src)
    bound = rt.eval(f"try {src} catch (e) e")
    assert info.value.err.items() <= bound.items()
    assert "dis" in info.value.err


def test_type_is_that_of_the_innermost_cause(rt: axon.Runtime) -> None:
    with pytest.raises(axon.EvalError, match=r"kW \+ m") as info:
        rt.eval("do f: (x) => x + 2m\n  f(1kW)\nend")
    error = info.value
    assert error.type == "haystack::UnitErr"
    assert error.err["type"] == "axon::EvalErr"
    assert (error.loc.line, error.loc.col) == (1, 14)
    assert [line.strip() for line in error.axon_trace] == ["f (eval(1))"]


def test_a_thrown_dict_comes_out_whole(rt: axon.Runtime) -> None:
    with pytest.raises(axon.ThrowErr) as info:
        rt.eval('throw {dis: "no", code: 7}')
    assert info.value.err == {"dis": "no", "code": 7, "err": axon.MARKER}


def test_syntax_error_has_the_attributes_that_editors_use(rt: axon.Runtime) -> None:
    with pytest.raises(SyntaxError) as info:
        rt.eval("1 +\n 2 + )")
    error = info.value
    assert (error.lineno, error.offset, error.text) == (2, 6, " 2 + )")
    assert isinstance(error, axon.AxonSyntaxError)


def test_errors_of_python_functions_keep_their_cause(rt: axon.Runtime) -> None:
    def fails(x: object) -> object:
        raise ValueError(f"not {x}")

    rt.define("fails", fails)
    with pytest.raises(axon.EvalError, match="ValueError: not 3") as info:
        rt.eval("fails(3)")
    assert isinstance(info.value.__cause__, ValueError)
    assert rt.eval("try fails(3) catch (e) e->dis").startswith("axon::EvalErr: ValueError: not 3")
