"""The benchmarks can be asked for by name, and two commits compared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def bench(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *args], cwd=ROOT, capture_output=True, text=True, timeout=100
    )


def test_ratios_are_saved_and_compared(tmp_path: Path) -> None:
    file = tmp_path / "before.json"
    only = ["--only", "try/catch", "--only", "dates", "--repeat", "1"]
    done = bench("eval", *only, "--save", str(file))
    assert done.returncode == 0, done.stderr
    kept = json.loads(file.read_text())
    assert [name.split()[0] for name in kept] == ["try/catch", "dates"]
    file.write_text(json.dumps(dict.fromkeys(kept, 1000)))
    done = bench("eval", *only, "--compare", str(file))
    rows = done.stdout.strip().split("\n")[2:]
    assert len(rows) == 3
    for row in rows:  # each program, and the mean
        assert "before 1000.00, -" in row


def test_what_it_does_not_know_is_told() -> None:
    assert "no benchmark moon; there are: " in bench("moon").stderr
    done = bench("eval", "start", "--save", "x")
    assert done.returncode == 2
    assert "options need one benchmark" in done.stderr


def test_without_an_image_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AXON_IMAGE", "axon-test/no-such:image")
    done = bench("docker")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no image axon-test/no-such:image here: " in done.stdout
