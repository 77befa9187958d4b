"""Compiled modules (`axon.fast`): used when they fit, passed over with a warning when not."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType
from zlib import crc32

import pytest

import axon
from axon import fast

SOURCE = "axon/syntax/nodes.py"


def package(**changes: object) -> ModuleType:
    """A package of compiled modules that says it fits; without its library it can't be loaded."""
    made = ModuleType("axon_fast")
    check = crc32((Path(axon.__file__).parent / "syntax/nodes.py").read_bytes())
    fields = {"VERSION": axon.__version__, "MODULES": {"axon.syntax.nodes"}, "SOURCES": {SOURCE: check}}
    made.__dict__.update({**fields, **changes})
    return made


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"VERSION": "0.0.1"}, "it is of version 0.0.1, axon of "),
        ({"SOURCES": {SOURCE: 1}}, f"{SOURCE} has changed since it was compiled"),
        ({"SOURCES": {"axon/syntax/gone.py": 1}}, "No such file"),
        ({}, "axon_fast"),
    ],
)
def test_what_does_not_fit_is_passed_over(
    changes: dict[str, object], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("axon_fast", "axon_fast.native__mypyc"):
        monkeypatch.setitem(sys.modules, name, None)
    finder = fast.Finder(package(**changes))
    with pytest.warns(RuntimeWarning, match=fault):
        assert finder.find_spec("axon.syntax.nodes") is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not finder.fits()


def test_other_modules_are_left_alone() -> None:
    assert fast.Finder(package(VERSION="0.0.1")).find_spec("axon.syntax.parser") is None


def test_all_compiled_modules_are_used_or_none() -> None:
    """`AXON_TEST_FAST=1` says that they must be."""
    assert fast.used() or "AXON_TEST_FAST" not in os.environ
    if fast.used():
        modules = [import_module(name) for name in import_module("axon_fast").MODULES]
        assert not [m.__name__ for m in modules if str(m.__file__).endswith(".py")]


def test_pure_python_on_demand() -> None:
    code = "from axon import fast; from axon.syntax import nodes; print(fast.used(), nodes.__file__)"
    env = {**os.environ, "AXON_PURE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("False")
    assert done.stdout.endswith("nodes.py\n")
