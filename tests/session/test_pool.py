"""Warm interpreters: started ahead, used once, ended when they wait too long."""

from __future__ import annotations

import pytest

from axon.errors import ArgErr, SessionClosed, StartError
from axon.session.client import Client
from axon.session.manager import SessionManager
from axon.session.options import SessionOptions
from axon.session.pool import WarmPool
from tests.session.conftest import wait_until


def warm(manager: SessionManager, opts: dict[str, object], seconds: float = 20) -> bool:
    """Whether as many as wanted are warm; where a start failed, its error."""
    if manager._pool.wait(SessionOptions.of(opts, manager.backend), seconds):
        return True
    if manager._pool.failure is not None:
        raise manager._pool.failure
    return False


def idle(manager: SessionManager) -> int:
    return sum(map(len, manager._pool._idle.values()))


def test_next_session_finds_a_started_interpreter(manager: SessionManager) -> None:
    opts: dict[str, object] = {"pool": 1}
    assert manager.open(opts).eval("1") == 1
    assert warm(manager, opts)
    client = manager._pool._idle[repr(SessionOptions.of(opts, manager.backend))][0][1]
    session = manager.open(opts, keep=True)
    assert session.eval("2") == 2
    assert session._client is client


def test_interpreter_serves_one_session_only(manager: SessionManager) -> None:
    opts: dict[str, object] = {"pool": 2}
    assert manager.open(opts).exec("import os; os.environ['SEEN'] = 'x'; secret = 1").eval("1") == 1
    for _ in range(4):
        assert warm(manager, opts)
        found = manager.open(opts).exec("import os").eval("['SEEN' in os.environ, 'secret' in globals()]")
        assert found == [False, False]


def test_pool_is_kept_full_and_not_more(manager: SessionManager) -> None:
    opts: dict[str, object] = {"pool": 2}
    manager.open(opts).eval("1")
    for _ in range(4):
        assert warm(manager, opts)
        assert idle(manager) == 2
        assert not any(manager._pool._starting.values())  # none counts as started and as starting
        manager.open(opts, keep=True).eval("1")


def test_other_options_get_another_interpreter(manager: SessionManager) -> None:
    manager.open({"pool": 1}).eval("1")
    assert warm(manager, {"pool": 1})
    assert manager.open({"pool": 1, "env": {"WHO": "me"}}).eval("__import__('os').environ['WHO']") == "me"


def test_what_waits_too_long_is_ended(manager: SessionManager) -> None:
    opts: dict[str, object] = {"pool": 1, "poolIdle": 0.3}
    manager.open(opts).eval("1")
    assert wait_until(lambda: idle(manager) == 1)
    assert wait_until(lambda: idle(manager) == 0, 5)


def test_dead_interpreter_is_not_given_out(manager: SessionManager) -> None:
    opts: dict[str, object] = {"pool": 1}
    manager.open(opts).eval("1")
    assert warm(manager, opts)
    client = next(iter(manager._pool._idle.values()))[0][1]
    client.backend.kill()
    assert wait_until(lambda: not client.backend.alive())
    assert manager.open(opts).eval("5") == 5


def test_closed_manager_leaves_none(manager: SessionManager) -> None:
    manager.open({"pool": 3}).eval("1")
    manager.close_all()
    assert idle(manager) == 0
    assert not any(manager._pool._starting.values())
    with pytest.raises(SessionClosed):
        manager.open({"pool": 3})


def test_start_that_has_not_begun_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[SessionOptions] = []

    def make(options: SessionOptions) -> Client:
        made.append(options)
        raise StartError("not expected")

    monkeypatch.setattr("axon.session.pool._PAUSE", 1000)
    pool = WarmPool(make)
    pool.fill(SessionOptions.of({"pool": 3}))
    pool.close()
    assert (made, list(pool._starting.values())) == ([], [0])


def test_failing_start_is_told_by_the_session(manager: SessionManager) -> None:
    opts = {"pool": 1, "python": "no-such-python"}
    for _ in range(2):
        with pytest.raises(Exception, match="no-such-python"):
            manager.open(opts).eval("1")


def test_bad_options_are_named() -> None:
    with pytest.raises(ArgErr, match="option pool"):
        SessionOptions.of({"pool": -1})
