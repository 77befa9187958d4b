"""What compiled code does beyond its result: places, order, debugging tools, isolation."""

from __future__ import annotations

import bdb
import cProfile
import pstats
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import axon
from axon.compile.emit import emit
from axon.compile.resolve import resolve


@pytest.fixture
def rt() -> axon.Runtime:
    return axon.Runtime(tz="New_York", cache=False)


def fails(rt: axon.Runtime, src: str) -> axon.AxonError:
    with pytest.raises(axon.AxonError) as caught:
        rt.eval(src)
    return caught.value


def test_error_points_at_the_operator_that_failed(rt: axon.Runtime) -> None:
    err = fails(rt, "do\n  a: 3kW\n  b: a + 2m\nend")
    assert (err.loc.line, err.loc.col) == (3, 6)


def test_columns_count_characters_not_bytes(rt: axon.Runtime) -> None:
    err = fails(rt, 'do s: "é°F"; s + nope() end')
    assert err.loc.col == 18


def test_trace_names_functions_newest_first(rt: axon.Runtime) -> None:
    err = fails(rt, "do\n  f: () => 1kW + 1m\n  g: () => f()\n  g()\nend")
    assert err.axon_trace == ["  f (eval(2))", "  g (eval(3))"]


def test_python_traceback_shows_axon_lines(rt: axon.Runtime) -> None:
    err = fails(rt, "do\n  f: x => x + 1m\n  f(2kW)\nend")
    assert "f: x => x + 1m" in "".join(traceback.format_exception(err))


def test_profile_names_axon_functions(rt: axon.Runtime) -> None:
    profile = cProfile.Profile()
    profile.enable()
    rt.eval("do slowOne: x => x + 1; (1..3).map(slowOne) end")
    profile.disable()
    names = {name for _, _, name in pstats.Stats(profile).stats}  # type: ignore[attr-defined]
    assert "slowOne" in names


def test_debugger_stops_on_a_line_of_an_axon_file(rt: axon.Runtime, tmp_path: Path) -> None:
    script = tmp_path / "s.axon"
    script.write_text("x: 1\ny: x + 1\ny * 2\n")
    stops: list[tuple[int, Any]] = []

    class Debugger(bdb.Bdb):
        def user_line(self, frame: FrameType) -> None:
            if frame.f_code.co_filename == str(script) and frame.f_lineno == 3:
                stops.append((frame.f_lineno, {**frame.f_globals, **frame.f_locals}["y"]))

    debugger = Debugger()
    debugger.runcall(rt.run_file, script)
    assert stops[0] == (3, 2)


def test_line_coverage_of_an_axon_file(rt: axon.Runtime, tmp_path: Path) -> None:
    script = tmp_path / "s.axon"
    script.write_text("x: 1\nif (x > 5)\n  x = 2\nelse\n  x = 3\nx\n")
    lines: set[int] = set()

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename == str(script) and frame.f_code.co_name == "<main>":
            if event == "line":
                lines.add(frame.f_lineno)
            return trace
        return None

    sys.settrace(trace)
    try:
        assert rt.run_file(script) == 3
    finally:
        sys.settrace(None)
    assert {1, 2, 5, 6} <= lines
    assert 3 not in lines


@pytest.mark.parametrize(
    "src",
    [
        "do o: []; t: x => do o = o.add(x); x end; [t(1), if (t(true)) do t(2) end else 0, t(3)]; o end",
        "do o: []; t: x => do o = o.add(x); x end; t(1) + (try t(2) catch 0) * t(3); o end",
        "do o: []; t: x => do o = o.add(x); x end; {a: t(1), b: do t(2) end, c: t(3)}; o end",
        "do o: []; t: x => do o = o.add(x); x end; t(1).max(do t(2) end); t(3); o end",
    ],
)
def test_order_of_evaluation_survives_statements(rt: axon.Runtime, src: str) -> None:
    seen = [1, True, 2, 3] if "if (t(true))" in src else [1, 2, 3]
    assert rt.eval(src) == seen


def test_variable_read_before_a_later_assignment_keeps_its_value(rt: axon.Runtime) -> None:
    assert rt.eval("do n: 1; x: [n, (n = 5), n]; x end") == [1, 5, 5]


def test_emitted_code_refers_to_nothing_but_its_own_names(rt: axon.Runtime) -> None:
    src = "do print: 1; eval: 2; __x: 3 end"
    assert "Expect" in str(fails(rt, src)) or "Unexpected" in str(fails(rt, src))
    for name in ("open", "globals", "object", "type"):
        assert isinstance(fails(rt, name), axon.EvalError)


@pytest.mark.parametrize(
    "src",
    [
        "(1)->__class__",
        '"a"->upper',
        "[1]->append",
        "(x => x)->raw",
        "5kW->val",
        "{a: 1}->keys",
        'trap("a", "__class__")',
    ],
)
def test_trap_never_reaches_python_attributes(rt: axon.Runtime, src: str) -> None:
    assert isinstance(fails(rt, src), axon.AxonError)


def test_emitting_is_deterministic() -> None:
    src = "do f: (a, b: a) => [a, b].map(x => x + a); try f(1) catch (e) e->dis end"
    texts = set()
    for _ in range(3):
        tree = axon.parse(src)
        import ast

        texts.add(ast.dump(emit(resolve(tree, lambda _: None), lambda _: None, src).module))
    assert len(texts) == 1


def test_endless_recursion_is_an_axon_error(rt: axon.Runtime) -> None:
    assert "nested too deep" in str(fails(rt, "do f: x => f(x + 1); f(0) end"))


def test_time_limit_stops_an_endless_program(rt: axon.Runtime) -> None:
    with pytest.raises(axon.EvalError, match="longer than"):
        rt.eval(
            "do f: () => (1..1000000).each(x => x); g: () => do f(); g() end; try g() catch 1 end",
            time_limit=0.2,
        )


def test_code_cache_gives_the_same_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AXON_CACHE", str(tmp_path / "cache"))
    src = "do f: (x, y: 2) => x + y; [f(1), f(1, 5), @a, `b`, 2024-01-02, 5kW, {a, b: 1}] end"
    first = axon.Runtime().eval(src)
    second = axon.Runtime().eval(src)
    assert axon.to_json(first) == axon.to_json(second)
    assert list((tmp_path / "cache" / "code").iterdir())


def test_damaged_cache_entry_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AXON_CACHE", str(tmp_path / "cache"))
    assert axon.Runtime().eval("20 + 22") == 42
    for entry in (tmp_path / "cache" / "code").iterdir():
        entry.write_bytes(b"damaged" + entry.read_bytes()[7:])
    assert axon.Runtime().eval("20 + 22") == 42


def test_trace_of_a_runaway_recursion_is_short(rt: axon.Runtime) -> None:
    err = fails(rt, "do f: x => 1 + f(x + 1); f(0) end")
    assert len(err.axon_trace) <= 61
    assert any("more" in line for line in err.axon_trace)


def test_function_from_outside_sees_root_variables(rt: axon.Runtime) -> None:
    look = rt.fn("x => x + q")
    assert rt.eval("do q: 5; f(1) end", f=look) == 6
    assert rt.eval("do q: 5; q + v end", v=1) == 6
