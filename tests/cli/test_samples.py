"""Every sample prints what the file beside it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PROGRAMS = sorted(
    p.relative_to(SAMPLES).as_posix() for p in SAMPLES.rglob("*.axon") if p.with_suffix(".out").exists()
)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("name", PROGRAMS)
def test_sample(name: str, cli: Run) -> None:
    done = cli(str(SAMPLES / name))
    assert done.stderr == ""
    assert done.stdout == (SAMPLES / name).with_suffix(".out").read_text("utf-8")
    assert done.returncode == 0


def test_each_sample_has_an_expected_output() -> None:
    missing = [p.name for p in SAMPLES.rglob("*.axon") if not p.with_suffix(".out").exists()]
    assert missing == []
