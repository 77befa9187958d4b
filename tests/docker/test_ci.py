"""The script that CI runs these tests with: where no engine can be had it says so, at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "docker"
TOOLS = "bash env timeout mktemp rm cat tail umount kill seq sleep id dirname".split()


@pytest.mark.parametrize(
    ("apt", "words"),
    [
        ("", ["no apt-get to install one"]),
        ("#!/bin/sh\necho no such package\nexit 100\n", ["no such package", "could not be installed"]),
    ],
)
def test_no_engine_to_be_had_is_told(tmp_path: Path, apt: str, words: list[str]) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    (tools / "sudo").write_text('#!/bin/sh\nshift\nexec "$@"\n')
    (tools / "sudo").chmod(0o755)
    if apt:
        (tools / "apt-get").write_text(apt)
        (tools / "apt-get").chmod(0o755)
    env = {
        "PATH": str(tools),
        "PYTHON": sys.executable,
        "DOCKER_HOST": f"unix://{tmp_path}/none",
        "TMPDIR": str(tmp_path),
        "HOME": os.environ.get("HOME", str(tmp_path)),
    }
    done = subprocess.run([str(SCRIPT)], env=env, capture_output=True, text=True, timeout=50)
    assert done.returncode == 1, done.stderr
    assert [said for said in words if said not in done.stderr] == []
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["bin"]
