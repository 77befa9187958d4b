"""The command line as a person or script uses it: a process of its own, with its streams and exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from axon.cli.control import request

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


TASKS = """\
id: @double
dis: "Doubler"
task
taskExpr: (msg) => msg->v * 2
---
id: @count
task
durable
taskExpr:
  (msg) => do
    if (msg.has("sleep")) taskSleep(msg->sleep)
    taskLocalSet("n", taskLocalGet("n", 0) + 1)
  end
---
id: @py
task
taskExpr:
  (msg) => py().pyInit(s => s.pyExec("n = 0")).pyExec("n += 1").pyEval("n")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    home = tmp_path / "project"
    home.mkdir()
    (home / "tasks.trio").write_text(TASKS)
    (home / "funcs.axon").write_text("triple: (x) => x * 3\n")
    (home / "sites.trio").write_text('id: @hill\ndis: "Hill"\nsite\n')
    return home


class Served:
    """A service that runs, and how to talk to it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.socket = home / ".axon" / "control.sock"
        self.proc = self.start()

    def start(self) -> subprocess.Popen[str]:
        proc = subprocess.Popen(
            [sys.executable, "-m", "axon", "task", "run", str(self.home)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert proc.stderr is not None
        for line in proc.stderr:
            if json.loads(line).get("event") == "started":
                break
        self.proc = proc
        return proc

    def ask(self, **what: Any) -> Any:
        return request(self.socket, what)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.proc.send_signal(number)
        self.proc.communicate(timeout=LIMIT)
        return self.proc.returncode


@pytest.fixture
def served(project: Path) -> Iterator[Served]:
    served = Served(project)
    yield served
    if served.proc.poll() is None:
        served.end(signal.SIGKILL)


def eventually(check: Any) -> Any:
    """Ask again till the answer is true; the service looks at its files once a second."""
    end = time.monotonic() + LIMIT
    while True:
        found = check()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.05)
