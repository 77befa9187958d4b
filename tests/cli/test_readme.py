"""What the README shows is what happens."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from .conftest import LIMIT

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PLACES = ("*.md", "axon/**/*.md", "fast/*.md", "pylib/*.md", "samples/**/*.md")
DOCUMENTS = [path for place in PLACES for path in sorted(ROOT.glob(place))]


def commands() -> list[tuple[str, str]]:
    """Each command, and the output shown below it."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", README, re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


INSTALLS = [command for command, _ in commands() if command.startswith("pip ")]
SERVICE = next(command for command, _ in commands() if command.startswith("axon task run samples/tasks "))
RUN = [(command, output) for command, output in commands() if command not in (SERVICE, *INSTALLS)]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the commands need of a checkout, with the Python of this test in its `.venv`."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples", ignore=shutil.ignore_patterns(".axon*"))
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, module in (("python", ""), ("axon", "-m axon")):
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {module} "$@"\n')
        (programs / name).chmod(0o755)
    (tmp_path / ".venv" / ".stamp").touch()
    return tmp_path


def start(command: str, checkout: Path) -> subprocess.Popen[str]:
    """The command in a shell, as somebody types it whose `.venv` is active."""
    path = f"{checkout}/.venv/bin{os.pathsep}{os.environ['PATH']}"
    # Under `make test`, a make in it would say which directory it enters.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.Popen(
        ["/bin/sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=checkout,
        env={**outside, "PATH": path, "NO_COLOR": "1", "PYTHONUTF8": "1", "TZ": "UTC"},
    )


def run(command: str, checkout: Path) -> str:
    """What it prints; it must succeed without a word on its error stream."""
    proc = start(command, checkout)
    output, errors = proc.communicate(timeout=LIMIT)
    assert (proc.returncode, errors) == (0, ""), command
    return output


@pytest.mark.timeout(90)
@pytest.mark.parametrize(("command", "output"), RUN, ids=[command for command, _ in RUN])
def test_command_prints_what_is_shown(checkout: Path, command: str, output: str) -> None:
    printed = run(command, checkout)
    assert not output or printed == output


@pytest.mark.timeout(90)
def test_service_answers(checkout: Path) -> None:
    service = start(f"exec {SERVICE}", checkout)
    try:
        assert service.stderr is not None
        assert any('"started"' in line for line in service.stderr)
        assert run("axon task send counter '{v: 3}' --wait samples/tasks", checkout) == "3\n"
        assert run("axon task send counter '{v: 4}' --wait samples/tasks", checkout) == "7\n"
        run("axon task stop samples/tasks", checkout)
        service.communicate(timeout=LIMIT)
        assert service.returncode == 0
    finally:
        service.kill()


@pytest.mark.parametrize("command", INSTALLS)
def test_what_is_installed_is_here(command: str) -> None:
    """Without installing it: `make wheel-test` and `make fast-test` do that."""
    for wanted in re.findall(r"pip install '?([^\s']+)", command):
        place, _, extras = wanted.partition("[")
        project = tomllib.loads((ROOT / place / "pyproject.toml").read_text("utf-8"))["project"]
        names = [name for name in extras.removesuffix("]").split(",") if name]
        assert set(names) <= set(project.get("optional-dependencies", ())), wanted


def test_links_lead_somewhere() -> None:
    for path in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_no_table_is_cut_in_two() -> None:
    for path in DOCUMENTS:
        for head, below in re.findall(r"\n\n(\|.*)\n(.*)", path.read_text("utf-8")):
            assert re.fullmatch(r"[|-]+", below), f"{path.name}: {head}"


def test_python_example_runs() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.S)
    assert code is not None
    results = re.findall(r"^ +(\S.*?) +# (\d+)$", code[1], re.M)
    assert len(results) >= 3
    lines = [re.sub(r"^( +)(\S.*?) +# (\d+)$", r"\1assert (\2) == \3", line) for line in code[1].split("\n")]
    exec("\n".join(lines), {})
