"""The verbs of the `py` library: define, exec, init, timeout, eval, and the life of sessions."""

from __future__ import annotations

import sys

import pytest

from axon.errors import ArgErr, RemoteError, SessionClosed
from axon.session.manager import SessionManager
from axon.session.options import SessionOptions, byte_count, seconds
from axon.session.session import PySession
from pylib.kinds import MARKER, Number


class Owner:
    """A task, as far as sessions care."""

    def __init__(self) -> None:
        self.session_slot: dict[str, object] = {}


def test_quick_start(manager: SessionManager) -> None:
    code = "def mult(x, y): return x * y\n"
    assert manager.open().define("a", 100).define("b", 2).exec(code).eval("mult(a, b)") == 200


def test_steps_run_in_order(session: PySession) -> None:
    assert session.exec("x = 1").define("y", 10).exec("x = x + y").define("y", 5).eval("[x, y]") == [11, 5]


def test_nothing_starts_before_the_first_eval(session: PySession) -> None:
    session.define("a", 1).exec("b = 2").init(lambda s: s.exec("c = 3"))
    assert not session.is_running
    assert session.eval("a + b + c") == 6
    assert session.is_running


def test_kept_session_keeps_its_variables(session: PySession) -> None:
    session.exec("def sq(x): return x * x").eval("None")
    assert session.eval("sq(7)") == 49


def test_session_outside_a_task_ends_with_its_eval(manager: SessionManager) -> None:
    session = manager.open()
    assert session.define("x", 1).eval("x") == 1
    assert not session.is_running
    with pytest.raises(RemoteError, match="name 'x' is not defined"):
        session.eval("x")
    assert not session.is_running


def test_owner_has_one_session(manager: SessionManager) -> None:
    owner, other = Owner(), Owner()
    first = manager.open(None, owner)
    first.exec("x = 1").eval("x")
    assert manager.open({"timeout": 5}, owner) is first
    assert first.eval("x") == 1
    assert manager.open(None, other) is not first
    first.close()
    assert manager.open(None, owner) is not first


def test_closed_session_says_so(manager: SessionManager) -> None:
    with manager.open(keep=True) as session:
        session.eval("1")
    for use in (lambda: session.eval("1"), lambda: session.define("x", 1), lambda: session.exec("x = 1")):
        with pytest.raises(SessionClosed, match="this session is closed"):
            use()
    session.close()


def test_closed_manager_says_so(manager: SessionManager, session: PySession) -> None:
    session.eval("1")
    manager.close_all()
    with pytest.raises(SessionClosed, match="the runtime is closed"):
        session.eval("1")
    with pytest.raises(SessionClosed, match="the runtime is closed"):
        manager.open()
    manager.close_all()


def test_init_runs_once_in_the_life_of_an_interpreter(session: PySession) -> None:
    calls = []

    def init(s: PySession) -> None:
        calls.append(1)
        s.exec("n = 40")

    assert session.init(init).eval("n + 2") == 42
    assert session.init(init).eval("n + 3") == 43
    assert len(calls) == 1


def test_init_goes_before_what_was_buffered_for_a_new_interpreter(session: PySession) -> None:
    session.init(lambda s: s.exec("n = 1")).eval("n")
    with pytest.raises(SessionClosed):
        session.eval("__import__('os')._exit(1)")
    assert session.exec("n = n + 1").eval("n") == 2


def test_init_may_evaluate(session: PySession) -> None:
    got = []
    session.init(lambda s: got.append(s.exec("n = 5").eval("n")))
    assert session.eval("n") == 5
    assert got == [5]


def test_init_that_fails_runs_again(session: PySession) -> None:
    codes = ["n = 1 / 0", "n = 7"]
    session.init(lambda s: s.exec(codes.pop(0)))
    with pytest.raises(RemoteError, match="division"):
        session.eval("1")
    assert session.init(lambda s: s.exec(codes.pop(0))).eval("n") == 7


def test_names_are_seen_by_one_expression_only(session: PySession) -> None:
    session.define("a", 1).eval("None")
    assert session.eval("[a + b for _ in range(2)]", {"b": 2}) == [3, 3]
    with pytest.raises(RemoteError, match="'b'"):
        session.eval("b")


def test_indented_code_and_expressions_run(session: PySession) -> None:
    session.exec("\n    if True:\n        x = '''\n    kept'''\n")
    assert session.eval("  len(x) ") > 4


def test_classes_of_session_code_can_be_pickled_there(session: PySession) -> None:
    session.exec("import pickle\nclass C:\n    x = 4\n")
    assert session.eval("pickle.loads(pickle.dumps(C())).x") == 4


def test_io_is_the_working_directory(manager: SessionManager, session: PySession, tmp_path: object) -> None:
    session.exec("import os\nwith open('f.txt', 'w') as f: f.write('hi')").eval("1")
    assert session.eval("open(os.environ['AXON_IO'] + '/f.txt').read()") == "hi"
    session.exec("with open('m1.py', 'w') as f: f.write('x = 5')\nimport m1").eval("m1.x")


def test_files_that_code_left_open_are_written_at_the_end(manager: SessionManager, tmp_path: object) -> None:
    manager.open().exec("f = open('late.txt', 'w'); f.write('text')").eval("1")
    assert manager.open().eval("open('late.txt').read()") == "text"


def test_directories_of_killed_hosts_are_removed(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    from axon import scratch
    from axon.session.backends import home

    root = Path(str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(root))
    monkeypatch.setattr(scratch, "_swept", True)
    mine = home.Home()
    left = root / f"axon-{'0' * 16}"
    (left / "tmp").mkdir(parents=True)
    (left / "lock").touch()
    new = root / f"axon-{'1' * 16}"
    new.mkdir()
    other = root / "axon-things"
    other.mkdir()
    monkeypatch.setattr(scratch, "_swept", False)
    home.Home().close()
    assert sorted(p.name for p in root.iterdir()) == sorted([Path(mine.path).name, new.name, other.name])
    mine.close()


def test_any_interpreter_without_our_package_will_do(manager: SessionManager) -> None:
    bare = getattr(sys, "_base_executable", sys.executable)
    session = manager.open({"python": bare, "args": ["-B"]}, keep=True)
    assert session.eval("__import__('sys').version_info[:2]") == list(sys.version_info[:2])


def test_isolation_is_reported(session: PySession) -> None:
    found = session.isolation
    assert found["backend"] == session.options.backend
    assert {"leash", "seccomp", "no-network"} <= set(found["layers"])
    assert any("can read" in sentence for sentence in found["limits"])


@pytest.mark.parametrize(
    ("opts", "text"),
    [
        ({"bakend": "process"}, "unknown option bakend, did you mean backend"),
        ({"backend": "moon"}, "unknown backend 'moon'"),
        ({"timeout": Number(5, "kW")}, "expected a duration"),
        ({"units": "yes"}, "must be a marker or Bool"),
        ({"memory": "lots"}, "must be a size"),
        ({"output": -1}, "must be a Number"),
        ({"transport": "pipe"}, 'transport must be "unix" or "tcp"'),
        ({"logLevel": "LOUD"}, 'logLevel must be "WARN" or "INFO" or "DEBUG"'),
    ],
)
def test_bad_options_are_named(opts: dict[str, object], text: str) -> None:
    with pytest.raises(ArgErr, match=text):
        SessionOptions.of(opts)


def test_backend_is_chosen_by_options_then_runtime_then_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SessionOptions.of(None).backend == "process"
    monkeypatch.setenv("AXON_PY", "docker")
    assert SessionOptions.of(None).backend == "docker"
    assert SessionOptions.of(None, "attach").backend == "attach"
    assert SessionOptions.of({"backend": "process"}, "attach").backend == "process"
    assert SessionOptions.of({"image": "x"}, "process").backend == "docker"
    assert SessionOptions.of({"network": "x"}).backend == "docker"


def test_sizes_and_durations_are_read() -> None:
    assert [byte_count("m", v) for v in (5, "512m", "2g", "1kb", Number(2, "MB"))] == [
        5, 512 << 20, 2 << 30, 1 << 10, 2 << 20,
    ]  # fmt: skip
    assert seconds("x", Number(2, "min")) == 120
    assert SessionOptions.of({"units": MARKER, "timeout": None}).units
    with pytest.raises(ArgErr, match="must not be negative"):
        seconds("x", Number(-1, "sec"))


def test_interpreter_calls_by_tcp_where_that_is_wanted(manager: SessionManager) -> None:
    session = manager.open({"transport": "tcp"}, keep=True)
    assert session.eval("1 + 1") == 2
    assert session.eval("len(x)", {"x": b"x" * 1_000_000}) == 1_000_000


def test_log_level_shows_frames(manager: SessionManager, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", "axon.session"):
        manager.open({"logLevel": "DEBUG"}).eval("40 + 2")
    said = [record.getMessage() for record in caplog.records]
    assert any("-> Eval #2," in text and "40 + 2" in text for text in said)
    assert any("<- Result #2," in text for text in said)
    assert any("-> Hello" in text and "it has the key" in text for text in said)
