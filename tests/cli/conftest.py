"""The command line as a person or script uses it: a process of its own, with its streams and exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

LIMIT = 60

Result = subprocess.CompletedProcess[str]
Run = Callable[..., Result]


@pytest.fixture
def cli(tmp_path: Path) -> Run:
    """Run `axon ARGS` in an empty directory."""

    def run(
        *args: str, stdin: str = "", cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> Result:
        return subprocess.run(
            [sys.executable, "-m", "axon", *args],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LIMIT,
            cwd=cwd or tmp_path,
            env={**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1", "TZ": "UTC", **(env or {})},
            check=False,
        )

    return run
