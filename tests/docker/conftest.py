"""Tests on a real Docker engine. Without one they are skipped with the reason, in CI they fail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from axon.session.backends.docker_engine import Engine, EngineError, engine
from axon.session.backends.docker_reap import SESSION_LABEL, janitor
from tests.session.conftest import manager, printed, session

__all__ = ["BASE", "manager", "printed", "session"]

HERE = Path(__file__).parent
BASE = "axon-test/python:base"
"""An image with a bare Python, made of this machine's own."""
IN_CI = os.environ.get("CI", "") not in ("", "false", "0")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.docker)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(60))


@pytest.fixture(scope="session")
def docker() -> Engine:
    """The engine."""
    try:
        found = engine()
        found.version()
    except EngineError as e:
        if IN_CI:
            pytest.fail(f"no Docker engine in CI: {e}")
        pytest.skip(str(e))
    return found


def build_base(tag: str = BASE, address: str | None = None) -> None:
    """Make the base image with the engine's own client."""
    env = {**os.environ, "PYTHON": sys.executable, **({"DOCKER_HOST": address} if address else {})}
    client = "/usr/bin/docker" if os.access("/usr/bin/docker", os.X_OK) else "docker"
    script = ["bash", str(HERE / "base-image.sh"), tag]
    done = subprocess.run(script, capture_output=True, text=True, timeout=120, env={**env, "DOCKER": client})
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def base_image(docker: Engine) -> str:
    """The image with a bare Python, on the engine."""
    try:
        docker.image(BASE)
    except EngineError:
        build_base()
    return BASE


@pytest.fixture(autouse=True)
def _default_image(base_image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AXON_IMAGE", base_image)


@pytest.fixture
def sessions_here(docker: Engine, tmp_path: Path) -> Callable[[], list[str]]:
    """Names of the session containers that use this test's files: others may use the engine, too."""

    def look() -> list[str]:
        found = docker.containers(SESSION_LABEL)
        return [
            str(c["Names"][0])
            for c in found
            if any(str(m.get("Source", "")).startswith(f"{tmp_path}/") for m in c.get("Mounts", ()))
        ]

    return look


@pytest.fixture(autouse=True)
def _nothing_is_left(sessions_here: Callable[[], list[str]], _default_image: None) -> Iterator[None]:
    """After each test none of its session containers is there any more."""
    yield
    janitor.settle(20)
    assert sessions_here() == []


@pytest.fixture
def backend() -> str:
    """The tests of sessions run on this backend here."""
    return "docker"


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
