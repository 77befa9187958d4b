"""What `axon '1 + 1'` imports: each module costs start-up time, so the list is kept short and watched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = 60

#: What Python itself has loaded before the program begins differs from machine to machine; of the rest these.
ALLOWED = set(
    """
    __future__ _collections _datetime _operator binascii datetime itertools marshal math operator time
    pylib pylib.kinds
    axon axon.errors axon.source axon.own axon.engine
    axon.cli axon.cli.main axon.cli.options axon.cli.render axon.cli.run
    axon.compile axon.compile.cache axon.compile.compiler axon.compile.roots axon.compile.unit
    axon.runtime axon.runtime.calls axon.runtime.coerce axon.runtime.context axon.runtime.limits
    axon.runtime.ops axon.runtime.trace
    axon.values axon.values.frozen axon.values.numbers axon.values.order axon.values.ranges
    axon.values.show axon.values.units
    """.split()
)
THIRD_PARTY = {"docker", "hszinc", "lark", "numpy", "pandas", "prompt_toolkit", "rich"}
HEAVY = THIRD_PARTY | {
    "argparse", "ast", "asyncio", "contextlib", "dataclasses", "enum", "functools", "inspect", "json",
    "logging", "pathlib", "re", "threading", "typing", "zoneinfo",
}  # fmt: skip

CODE = """
import sys
before = set(sys.modules)
from axon.cli.main import main
code = main(["1 + 1"])
print(*sorted(set(sys.modules) - before))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules that a start with a warm code cache adds."""
    cache = tmp_path_factory.mktemp("cache")
    for _ in range(2):
        loaded = _loaded(cache)
    return loaded


def _loaded(cache: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", CODE],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=True,
        env={**os.environ, "AXON_CACHE": str(cache)},
    )
    shown, names = done.stdout.splitlines()
    assert shown == "2"
    return set(names.split())


def test_a_warm_start_imports_only_what_it_needs(warm: set[str]) -> None:
    assert warm - ALLOWED == set()


def test_a_warm_start_imports_nothing_heavy(warm: set[str]) -> None:
    assert warm & HEAVY == set()
    assert len(warm) <= 40


def test_a_cold_start_imports_no_third_party_module(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path)
    assert loaded & THIRD_PARTY == set()
    assert loaded & {"asyncio", "dataclasses", "inspect", "logging", "zoneinfo"} == set()
