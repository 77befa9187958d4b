"""The bridge in a program that is attached to: the tests of `test_bridge`, where they apply."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import axon
from axon.session.manager import SessionManager
from axon.session.session import PySession
from tests.session.test_attach import PROGRAM
from tests.session.test_bridge import *  # noqa: F403

#: These want two sessions at a time, an interpreter that may end, or one of their own making, or what is
#: printed, which stays in the program.
_OF_OTHER_BACKENDS = (
    "test_8_1_options_reach_the_interpreter",
    "test_8_4_foreign_and_dead_references_are_told",
    "test_8_4_underscore_names_are_not_reached",
    "test_8_5_parts_that_are_not_the_answer_are_refused",
    "test_8_6_echo_reaches_the_caller",
    "test_8_9_without_interrupts_a_time_limit_ends_the_interpreter",
)
for _name in _OF_OTHER_BACKENDS:
    del globals()[_name]


@pytest.fixture
def backend() -> str:
    """Another program."""
    return "attach"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A program that serves from its main thread: options that attach to it."""
    code = PROGRAM.format(root=str(Path(__file__).parents[2]), address=f"unix://{tmp_path}/door")
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert child.stdout is not None
    url, key = child.stdout.readline().split()
    yield {"attach": url, "key": key}
    child.kill()
    child.wait()
    child.stdout.close()


@pytest.fixture
def session(manager: SessionManager, program: dict[str, Any]) -> PySession:
    """A session in that program."""
    return manager.open(program, keep=True)


@pytest.fixture
def rt(tmp_path: Path, program: dict[str, Any]) -> Iterator[axon.Runtime]:
    """A runtime whose sessions are in that program."""
    with axon.Runtime(io=tmp_path, py_options=program) as made:
        yield made
