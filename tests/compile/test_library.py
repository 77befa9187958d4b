"""Libraries come from the code cache as they were compiled: same results, places, trees and docs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import axon
from axon.compile import library
from axon.errors import DepthError, EvalError

FILE = """\
// Twice as much
twice: (x) => x * 2

// Uses what stands below it
fails: (x, y: 3) => do
  last(x) + y
end
last: (list) => list.get(-1)
"""

TRIO = """\
func
name: half
src: (x) => x / 2
---
func
name: quarter
src: (x) => half(half(x))
---
id: @s
site
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AXON_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, no library can be compiled."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("compiled although it is in the cache")

    return lambda: monkeypatch.setattr(library, "compile_library", refuse)


def write(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_a_file_of_functions_is_not_compiled_again(tmp_path: Path, no_compiler: Callable[[], None]) -> None:
    path = write(tmp_path, "lib.axon", FILE)
    with axon.Runtime() as first:
        assert first.load(path) == ["twice", "fails", "last"]
    no_compiler()
    with axon.Runtime() as rt:
        assert rt.load(path) == ["twice", "fails", "last"]
        assert rt.fn("twice")(4) == 8
        assert rt.fn("fails")([1, 2]) == 5


def test_functions_of_records_are_not_compiled_again(tmp_path: Path, no_compiler: Callable[[], None]) -> None:
    path = write(tmp_path, "lib.trio", TRIO)
    with axon.Runtime() as first:
        assert first.load(path) == ["half", "quarter", "s"]
    no_compiler()
    with axon.Runtime() as rt:
        assert rt.load(path) == ["half", "quarter", "s"]
        assert rt.fn("quarter")(8) == 2


@pytest.mark.parametrize("way", ["compiled", "cached"])
def test_a_cached_library_is_as_good_as_a_compiled_one(tmp_path: Path, way: str) -> None:
    path = write(tmp_path, "lib.axon", FILE)
    if way == "cached":
        with axon.Runtime() as first:
            first.load(path)
    with axon.Runtime() as rt:
        rt.load(path)
        with pytest.raises(EvalError) as found:
            rt.eval("fails([@a], 1)")
        assert [line.split("/")[-1] for line in found.value.axon_trace] == ["lib.axon(6))"]
        assert found.value.axon_trace[0].startswith("  fails (")
        assert rt.eval("toAxonCode(fails)") == rt.eval("toAxonCode((x, y: 3) => do last(x) + y end)")
        assert rt.eval('params(fails).colToList("name")') == ["x", "y"]
        assert rt.eval("toAxonCode(last)") == rt.eval("toAxonCode((list) => list.get(-1))")


def test_a_library_that_replaces_a_library_function_is_not_confused_with_one_that_uses_it(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "lib.axon", "twoTimes: (x) => x.abs\n")
    with axon.Runtime() as rt:
        rt.load(path)
        assert rt.eval("twoTimes(-3)") == 3
    with axon.Runtime() as rt:
        rt.define("abs", "(x) => x * 2")
        rt.load(path)
        assert rt.eval("twoTimes(-3)") == -6


def test_bad_texts_change_nothing(tmp_path: Path) -> None:
    with axon.Runtime() as rt:
        rt.define("a", "() => 1")
        with pytest.raises(axon.AxonError, match="not a function"):
            rt.define_all({"a": "() => 2", "b": "3"})
        with pytest.raises(axon.AxonError, match="not a name"):
            rt.define_all({"a": "() => 2", "B c": "() => 3"})
        with pytest.raises(axon.AxonSyntaxError) as found:
            rt.define_all({"a": "() => 2", "b": "() =>"}, "proj.trio")
        assert "proj.trio:b" in str(found.value.loc)
        with pytest.raises(DepthError):
            rt.load_functions("a: () => 2\nb: () => " + "(" * 5000 + "1" + ")" * 5000 + "\n")
        assert rt.eval("a()") == 1
        with pytest.raises(axon.AxonError, match="Unknown symbol 'b'"):
            rt.eval("b()")
