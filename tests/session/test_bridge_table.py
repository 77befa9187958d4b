"""Each piece of code in the table of `axon/session/BRIDGE.md` is run, on a process and attached.

The tests are made from the table: a row without code, or with code that can't be run, fails.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import axon
import pylib.attach
from axon.errors import RemoteError
from axon.session.objects import PyObj
from axon.session.session import PySession
from axon.streams.stream import Stream
from pylib.grid import Grid
from pylib.kinds import Number
from tests.session.test_attach import PROGRAM

ROOT = Path(__file__).parents[2]

#: Code that is not run here: why, and the test that runs it.
ELSEWHERE = {
    "axon.eval": (
        "a name, called in the next column",
        "session/test_bridge_table.py::test_session_code",
    ),
    **dict.fromkeys(
        [f"samples/{name}.axon" for name in ("mandelbrot", "life", "languages", "references")],
        ("a program with an expected output", "cli/test_samples.py::test_sample"),
    ),
}

#: What some of it gives; all other code has to run without an error.
GIVES = {
    's.pyEval("⎕ + ⍞", [1, 2kW])': Number(3, "kW"),
    's.pyEval("a + b", {a: 1, b: 2})': 3,
    "obj->shape": [2, 2],
    'obj.pyGet("size")': 4,
    "obj.pyIter.collect": ["site", "v"],
    's.pyFn("math.hypot").call([3, 4])': 5.0,
    "[1, -2].map(f)": [1, 2],
    "[1, -2].pyMap(f)": [1, 2],
    "f(1)": 2,
    'axon.eval("1 + 1")': 2,
    'axon.fn("(a) => a + 1")(1)': 2,
    'try s.pyEval("1 / 0") catch (e) e->type': "py::ZeroDivisionError",
    "isinstance(e, axon.Error)": True,
    'e.err["type"]': "axon::EvalErr",
    "s.pyEval(\"(1, 2.5, None, {'a': b'x'})\")": [1, 2.5, None, {"a": b"x"}],
    'rt.eval("(a, b) => a + b", 1, 2)': 3,
    'rt.eval("v.map(f)", v=[1], f=abs)': [1],
    'rt.fn("upper")("a")': "A",
    "rt.load(path)": ["half"],
    'rt.eval("5kW", raw=False)': 5,
    'await rt.aeval("1 + 1")': 2,
    'await task.send("a")': "A",
    "[item for item in stream]": [0, 1, 2],
}

#: Kinds of what some of it gives.
KINDS = {
    "(obj->describe)()": Grid,
    'obj.pyRaw("shape")': PyObj,
    's.pyImport("json")': PyObj,
    "axon.obj([1])": PyObj,
    "axon.Runtime()": axon.Runtime,
    's.pyEval("table")': Grid,
    "err->pyTrace": str,
    "err->cause": dict,
    'e.err["errTrace"]': str,
}

SETUP = """
import pandas
frame = pandas.DataFrame({"site": ["a", "b"], "v": [1.0, 2.0]})
table = frame.copy()
def raised():
    try:
        fail()
    except axon.Error as e:
        return e
def passes():
    fail()
"""


def _spans(cell: str) -> list[str]:
    """The code in a cell of Markdown."""
    return [two or one for two, one in re.findall(r"``(.+?)``|`([^`]+)`", cell)]


def _rows() -> list[list[str]]:
    """The cells of each row: name, theirs, Axon, Python, tests."""
    lines = (ROOT / "axon/session/BRIDGE.md").read_text("utf-8").splitlines()
    found = [line.strip().strip("|") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"\|", line)] for line in found[2:]]


ROWS = _rows()
AXON = [span for row in ROWS for span in _spans(row[2])]
PYTHON = {
    place: [span for row in ROWS if row[3].startswith(f"{place}: ") for span in _spans(row[3])]
    for place in ("program", "session", "embedded")
}
ALL = [*AXON, *(span for spans in PYTHON.values() for span in spans)]


def _run_here(spans: list[str]) -> list[str]:
    return [span for span in spans if span not in ELSEWHERE]


def _check(span: str, found: Any) -> None:
    """What a piece of code gave is what it is said to give."""
    if isinstance(found, PySession):
        found = found.eval("[1 + 1]")
        assert found == [2]
    if isinstance(found, Stream):
        found = list(found)
    if span in GIVES:
        assert found == GIVES[span]
        assert type(found) is type(GIVES[span])
    if span in KINDS:
        assert isinstance(found, KINDS[span])


# ---- the table itself


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_row_has_code_and_tests(row: list[str]) -> None:
    """All code of a row is found by the tests below, and so are the tests that it names."""
    assert len(row) == 5
    assert not row[3] or row[3].split(":")[0] in PYTHON
    spans = _spans(row[2]) + _spans(row[3])
    assert spans
    assert set(spans) <= set(ALL)
    for name in _spans(row[4]):
        assert _tests_named(name), name


def _tests_named(name: str) -> list[str]:
    """Test functions with a prefix, a file by its path, or a file of this directory by its name."""
    if "/" in name:
        return [name] if (ROOT / name).is_file() else []
    if (ROOT / "tests/session" / f"{name}.py").is_file():
        return [name]
    texts = [path.read_text("utf-8") for path in (ROOT / "tests").glob("*/test_*.py")]
    assert name.endswith("…")
    return [found for text in texts for found in re.findall(rf"def ({name[:-1]}\w+)", text)]


def test_what_is_said_of_code_is_said_of_code_in_the_table() -> None:
    assert set(ALL) >= {*ELSEWHERE, *GIVES, *KINDS}
    assert all(PYTHON.values())


@pytest.mark.parametrize("span", ELSEWHERE)
def test_code_that_runs_elsewhere_has_its_test(span: str) -> None:
    why, test = ELSEWHERE[span]
    path, name = test.split("::")
    assert why
    assert f"\ndef {name}(" in (ROOT / "tests" / path).read_text("utf-8")
    assert "/" not in span or (ROOT / span).is_file()


# ---- where it is run


@pytest.fixture(scope="module", params=["process", "attach"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Everything that the code of the table names, on one backend."""
    made = Place(request.param, tmp_path_factory.mktemp("table"))
    yield made
    made.close()


class Place:
    """A runtime with a session in which a data frame is, and a program that is attached to."""

    def __init__(self, backend: str, path: Path) -> None:
        self.backend = backend
        (path / "job.py").write_text("y = 1\n")
        self.file = path / "half.axon"
        self.file.write_text("half: (x) => x / 2\n")
        self.rt = axon.Runtime(io=path)
        self.children: list[subprocess.Popen[str]] = []
        self.attached = self._program(path / "door")
        options = self._program(path / "other") if backend == "attach" else {}
        self.s = self.rt.session(**options, callbacks=True)
        self.s.exec(SETUP).define("fail", self.rt.fn('() => "x".parseNumber'))
        self.s.define("f", lambda x: x + 1).exec("e = raised()")

    def _program(self, door: Path) -> dict[str, str]:
        code = PROGRAM.format(root=str(ROOT), address=f"unix://{door}")
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        self.children.append(child)
        assert child.stdout is not None
        url, key = child.stdout.readline().split()
        return {"attach": url, "key": key}

    def names(self) -> dict[str, Any]:
        """What Axon code of the table names."""
        with pytest.raises(RemoteError) as caught:
            self.s.eval("passes()")
        return {
            "s": self.s,
            "obj": self.s.eval("axon.obj(frame.copy())"),
            "f": self.rt.eval('s.pyFn("abs")', s=self.s),
            "err": caught.value.err,
            "t": self.rt.task("(msg) => msg"),
            "url": self.attached["attach"],
            "k": self.attached["key"],
            "exe": sys.executable,
        }

    def close(self) -> None:
        """End all of it."""
        self.rt.close()
        for child in self.children:
            child.kill()
            child.wait()
            assert child.stdout is not None
            child.stdout.close()


@pytest.mark.parametrize("span", _run_here(AXON))
def test_axon_code(place: Place, span: str) -> None:
    _check(span, place.rt.eval(span, **place.names()))


@pytest.mark.parametrize("span", _run_here(PYTHON["session"]))
def test_session_code(place: Place, span: str) -> None:
    _check(span, place.s.eval(span))


@pytest.mark.parametrize("span", _run_here(PYTHON["embedded"]))
def test_embedding_code(tmp_path: Path, span: str) -> None:
    (tmp_path / "half.axon").write_text("half: (x) => x / 2\n")
    with axon.Runtime(io=tmp_path) as rt:
        space = {
            "axon": axon,
            "rt": rt,
            "path": tmp_path / "half.axon",
            "task": rt.task("(msg) => msg.upper"),
            "stream": rt.eval("(0..2).stream"),
        }
        code = compile(span, "<table>", "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        found = eval(code, space)
        if inspect.iscoroutine(found):
            found = asyncio.run(found)
        _check(span, found)
        if isinstance(found, axon.Runtime):
            found.close()


def test_program_code(tmp_path: Path) -> None:
    """The lines one after the other: the last one serves until the door is closed."""
    *before, last = _run_here(PYTHON["program"])
    space: dict[str, Any] = {"pylib": pylib}
    for line in before:
        exec(line, space)
    door = space["door"]
    worker = threading.Thread(target=exec, args=(last, space))
    worker.start()
    try:
        with axon.Runtime(io=tmp_path) as rt:
            options = {"attach": door.url, "key": door.key}
            assert rt.eval("py(o).pyEval(\"'served'\")", o=options) == "served"
    finally:
        door.close()
        worker.join(10)
    assert not worker.is_alive()
