"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from .conftest import Run

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[tuple[str, str]]:
    """Commands with the output shown below them."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", README, re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            if output:
                found.append((re.sub(r"\s+#.*", "", command), output))
    return found


@pytest.mark.timeout(90)
@pytest.mark.parametrize(("command", "output"), commands())
def test_command_prints_what_is_shown(cli: Run, command: str, output: str) -> None:
    words = shlex.split(command)
    args = [str(ROOT / "samples/energy/energy.axon")] if words == ["make", "demo"] else words[1:]
    done = cli(*args, cwd=ROOT)
    assert (done.stdout, done.stderr) == (output, "")


def test_links_lead_somewhere() -> None:
    for text in (README, (ROOT / "CONTRIBUTING.md").read_text("utf-8")):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (ROOT / link).exists(), link


def test_python_example_runs() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.S)
    assert code is not None
    results = re.findall(r"^ +(\S.*?) +# (\d+)$", code[1], re.M)
    assert len(results) >= 3
    lines = [re.sub(r"^( +)(\S.*?) +# (\d+)$", r"\1assert (\2) == \3", line) for line in code[1].split("\n")]
    exec("\n".join(lines), {})
