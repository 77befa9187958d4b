"""The pytest plugin, as another project uses it: an `axon` fixture, and test files written in Axon."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = """\
// case: adds
1 + 2          //=> 3
---
// case: unlike units
3kW + 2m       //! UnitErr "kW.*m"
---
// case: two expectations
x: [1, 2]
x.size         //=> 2
x.map(v => v * 2)  //=> [2, 4]
---
// case: Python
// with: admin
py().pyEval("1 + 1")  //=> 2
---
// case: not yet
// xfail: on purpose
1              //=> 2
"""

WRONG = """\
// case: another value
1 + 1          //=> 3
---
// case: no failure
1 + 1          //! EvalErr
---
// case: another kind
3kW + 2m       //! CastErr
---
// case: another line
x: 3kW + 2m
x              //! UnitErr
---
// case: nothing expected
1 + 1
---
// case: not the right
py()           //=> 1
"""

PYTHON = """
import pytest
from axon import AxonError

def test_eval(axon):
    assert axon.eval("a + b", a=1, b=2) == 3
    with pytest.raises(AxonError, match="Unknown symbol"):
        axon.eval("foo()")

def test_session(axon):
    with axon.session() as py:
        assert py.eval("2 + 2") == 4
"""


def run(project: Path, *args: str) -> tuple[int, str]:
    """Exit code and output of pytest in a project."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", *args],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that has nothing to do with this one."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_good.axon").write_text(CASES)
    (tmp_path / "test_python.py").write_text(PYTHON)
    return tmp_path


@pytest.mark.timeout(60)
def test_fixture_and_cases_are_collected(project: Path) -> None:
    code, out = run(project)
    assert code == 0, out
    assert "6 passed, 1 xfailed" in out


@pytest.mark.timeout(60)
def test_one_case_is_named_like_a_test(project: Path) -> None:
    code, out = run(project, "test_good.axon::unlike units")
    assert code == 0, out
    assert "1 passed" in out


@pytest.mark.timeout(60)
def test_each_failure_says_what_came_out_and_where(project: Path) -> None:
    (project / "wrong_test.axon").write_text(WRONG)
    code, out = run(project, "wrong_test.axon")
    assert code == 1
    assert "6 failed" in out
    for text in (
        f"{project}/wrong_test.axon:2:\n  got      2\n  expected 3",
        "wrong_test.axon:5: expected EvalErr, got the value 2",
        "wrong_test.axon:8: expected CastErr, got another kind:\nUnitErr: kW + m",
        "wrong_test.axon:12: the error blames line 11:",
        "the case expects nothing: add //=> or //!",
        "wrong_test.axon:18: expected 1\nPermissionErr: py: the admin role is needed",
    ):
        assert text in out
