"""The engine stops, is killed, comes back: what sessions say, and that they work again."""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from axon.errors import SessionClosed, StartError
from axon.session.backends.docker_engine import Engine
from axon.session.backends.docker_reap import SESSION_LABEL
from axon.session.manager import SessionManager
from tests.docker.conftest import BASE, IN_CI, build_base
from tests.docker.private_engine import PrivateEngine
from tests.docker.test_life import run_host, start_host
from tests.session.conftest import wait_until

pytestmark = [pytest.mark.timeout(120), pytest.mark.slow]


@pytest.fixture(params=[False, True], ids=["plain", "live-restore"])
def own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateEngine]:
    missing = PrivateEngine.missing()
    if missing:
        if IN_CI:
            pytest.fail(missing)
        pytest.skip(missing)
    made = PrivateEngine(Path(tempfile.mkdtemp(prefix="axe-")), live_restore=bool(request.param))
    try:
        made.start()
        build_base(BASE, made.address)
        monkeypatch.setenv("DOCKER_HOST", made.address)
        yield made
    finally:
        made.close()


def test_engine_that_stops_and_comes_back(own: PrivateEngine, manager: SessionManager) -> None:
    session = manager.open(keep=True).init(lambda s: s.exec("n = 1"))
    assert session.exec("x = 5").eval("x") == 5
    lives_on = own._live_restore
    own.stop()
    start = time.monotonic()
    if lives_on:
        assert session.eval("x") == 5
    else:
        with pytest.raises(
            SessionClosed, match=r"ended with its engine: no Docker engine runs|was killed from outside"
        ):
            session.eval("x")
        with pytest.raises(StartError, match="no Docker engine runs"):
            session.eval("x")
    assert time.monotonic() - start < 3
    own.start()
    if lives_on:
        assert session.eval("x") == 5
    assert session.eval("n") == 1
    manager.close_all()
    assert wait_until(lambda: Engine(own.address).containers(SESSION_LABEL) == [], 5)


def test_engine_that_is_killed_and_comes_back(own: PrivateEngine, manager: SessionManager) -> None:
    """A killed engine can't end its containers: a session goes on, and is cleaned up when there is one."""
    session = manager.open(keep=True)
    assert session.exec("x = 5").eval("x") == 5
    own.stop(signal.SIGKILL)
    assert session.eval("x") == 5
    session.close()
    own.start()
    assert manager.open().eval("1 + 1") == 2
    manager.close_all()
    assert wait_until(lambda: Engine(own.address).containers(SESSION_LABEL) == [], 15)


@pytest.mark.parametrize("own", [True], indirect=True, ids=["live-restore"])
def test_containers_that_engines_keep_are_ended_and_removed(own: PrivateEngine, tmp_path: Path) -> None:
    """Where an engine restores containers they end with their program, and the next one removes them."""
    docker = Engine(own.address)
    host = start_host(tmp_path, "import time; time.sleep(1000)")
    (found,) = docker.containers(SESSION_LABEL)
    assert docker.inspect(found["Id"])["HostConfig"]["AutoRemove"] is False
    host.kill()
    host.wait(10)
    assert wait_until(lambda: not docker.inspect(found["Id"])["State"]["Running"], 10)
    run_host(tmp_path, "pass")
    assert wait_until(lambda: docker.containers(SESSION_LABEL) == [], 10)
