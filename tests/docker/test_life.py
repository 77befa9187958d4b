"""The life of a container: lazily started, used, ended; nothing of it stays, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from axon.errors import ArgErr, SessionClosed, SessionTimeout, StartError
from axon.session.backends.docker_engine import Engine, EngineError
from axon.session.backends.docker_reap import HOST_LABEL, SESSION_LABEL, janitor, reap
from axon.session.manager import SessionManager
from axon.session.session import PySession
from tests.session.conftest import is_running, wait_until

MB = 1 << 20
Here = Callable[[], list[str]]


def container_of(session: PySession) -> str:
    return str(session._client.backend.container)  # type: ignore[union-attr]


def inspect(docker: Engine, session: PySession) -> dict[str, Any]:
    return docker.inspect(container_of(session))


# ---- start and end


def test_nothing_starts_before_the_first_eval(sessions_here: Here, session: PySession) -> None:
    session.define("a", 1)
    assert sessions_here() == []
    assert session.eval("a") == 1
    assert len(sessions_here()) == 1


def test_container_is_gone_when_the_session_is_closed(
    docker: Engine, manager: SessionManager, session: PySession
) -> None:
    session.eval("1")
    name = container_of(session)
    session.close()
    manager.close_all()
    with pytest.raises(EngineError) as caught:
        docker.inspect(name)
    assert caught.value.status == 404


@pytest.mark.parametrize("ending", ["return", "raise SystemExit(3)", "1 / 0", "os.kill(os.getpid(), 15)"])
def test_container_is_gone_after_the_program(sessions_here: Here, tmp_path: Path, ending: str) -> None:
    run_host(tmp_path, ending)
    assert wait_until(lambda: sessions_here() == [], 5)


def test_ctrl_c_leaves_no_container(sessions_here: Here, tmp_path: Path) -> None:
    host = start_host(tmp_path, "session.eval('__import__(\"time\").sleep(100)')")
    host.send_signal(signal.SIGINT)
    assert host.wait(20) != 0
    assert wait_until(lambda: sessions_here() == [], 5)


@pytest.mark.parametrize(
    "code",
    [
        "import time\nwhile True: time.sleep(1)",
        "import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
        "import os\nif not os.fork(): os.setsid()\nwhile True:\n    try: time.sleep(1)\n"
        "    except BaseException: pass",
    ],
    ids=["busy", "stubborn"],
)
def test_killed_host_leaves_no_container(sessions_here: Here, tmp_path: Path, code: str) -> None:
    host = start_host(tmp_path, f"session.exec({code!r}).eval('1')")
    assert len(sessions_here()) == 1
    host.kill()
    host.wait(10)
    assert wait_until(lambda: sessions_here() == [], 6)


def run_host(tmp_path: Path, ending: str) -> None:
    host = start_host(tmp_path, ending)
    host.wait(30)


def start_host(tmp_path: Path, then: str) -> subprocess.Popen[str]:
    """Another program with an open session, of which it tells, and then runs `then`."""
    code = """
    import os, sys
    from axon.session.manager import SessionManager
    def run():
        manager = SessionManager(io_dir=sys.argv[1], backend="docker")
        session = manager.open(keep=True)
        session.eval("1")
        print("open", flush=True)
        {}
    run()
    """
    program = textwrap.dedent(code).format(then)
    host = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "io2")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert host.stdout is not None
    assert host.stdout.readline() == "open\n"
    return host


def test_leftovers_of_dead_programs_are_removed(docker: Engine, base_image: str) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    space = os.readlink("/proc/self/ns/pid")
    dead = {SESSION_LABEL: "1", HOST_LABEL: f"{boot} {space} {2**22 - 1} 5"}
    other_boot = {SESSION_LABEL: "1", HOST_LABEL: f"00000000 {space} {os.getpid()} 5"}
    elsewhere = {SESSION_LABEL: "1", HOST_LABEL: f"{boot} pid:[1] 77 5"}
    made = [
        docker.create({"Image": base_image, "Cmd": ["true"], "Labels": found})
        for found in (dead, other_boot, elsewhere)
    ]
    try:
        reap(docker)
        assert [c["Id"] for c in docker.containers(SESSION_LABEL) if c["Id"] in made] == made[2:]
    finally:
        for name in made:
            docker.remove(name)


def test_janitor_outlives_a_failed_job(
    docker: Engine, base_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that was interrupted: what it should have removed is removed with the next."""
    made = docker.create({"Image": base_image, "Cmd": ["true"], "Labels": {}})

    def interrupted(container: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(docker, "remove", interrupted)
        janitor.remove(docker, made)
        janitor.settle(20)
    assert docker.inspect(made)["Id"] == made
    janitor.try_again()
    janitor.settle(20)
    with pytest.raises(EngineError):
        docker.inspect(made)


# ---- failed starts


@pytest.mark.parametrize(
    ("opts", "text"),
    [
        ({"python": "no-such-python"}, "no-such-python"),
        ({"python": "head"}, "ended before it called: head: invalid"),
        ({"image": "no/such:image"}, r"no image no/such:image .*docker pull"),
        ({"memory": "1k"}, "memory"),
        ({"env": {"LD_PRELOAD": "x"}, "python": "cat"}, "ended before it called: .*LD_PRELOAD"),
    ],
)
def test_failed_start_says_why_and_leaves_nothing(
    sessions_here: Here, manager: SessionManager, opts: dict[str, object], text: str
) -> None:
    with pytest.raises(StartError, match=f"(?s){text}"):
        manager.open(opts).eval("1")
    manager.close_all()
    assert sessions_here() == []


def test_start_that_takes_too_long_is_ended(manager: SessionManager, tmp_path: Path) -> None:
    mute = tmp_path / "io" / "mute"
    mute.write_text("#!/bin/sh\nexec sleep 1000\n")
    mute.chmod(0o755)
    with pytest.raises(StartError, match=r"did not call within 0\.3sec"):
        manager.open({"python": "/io/mute", "startTimeout": 0.3}).eval("1")


def test_no_engine_is_an_error_with_a_cure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, manager: SessionManager
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(StartError, match=r"no Docker engine runs at .*start it"):
        manager.open().eval("1")


@pytest.mark.parametrize(
    "opts",
    [{"pids": 0}, {"cpus": "two"}, {"io": "rx"}, {"io": 3}, {"tmp": "x"}, {"env": {"A": 1}}, {"image": 5}],
)
def test_bad_options_are_named(manager: SessionManager, opts: dict[str, object]) -> None:
    with pytest.raises(ArgErr, match=f"option {next(iter(opts))}"):
        manager.open(opts).eval("1")


# ---- io


def test_io_is_read_and_written_by_both_sides(manager: SessionManager, tmp_path: Path) -> None:
    io = tmp_path / "io"
    (io / "sub").mkdir()
    (io / "sub" / "in.txt").write_text("from the host")
    (io / "own.txt").write_text("old")
    session = manager.open(keep=True)
    assert session.eval("open('/io/sub/in.txt').read()") == "from the host"
    session.exec("open('/io/out.txt', 'w').write('from Python'); open('/io/own.txt', 'a').write(' new')")
    session.exec("import os; os.makedirs('/io/a/b'); open('/io/a/b/c', 'w').write('deep')").eval("1")
    assert (io / "out.txt").read_text() == "from Python"
    assert (io / "own.txt").read_text() == "old new"
    (io / "a" / "b" / "c").write_text("host again")
    (io / "a" / "late.txt").write_text("later")
    session.exec("open('/io/a/late.txt', 'a').write(' and more')").eval("1")
    assert session.eval("open('/io/a/b/c').read() + open('a/late.txt').read()") == "host againlater and more"
    (io / "a" / "b" / "c").unlink()


def test_io_can_be_read_only_or_absent(manager: SessionManager, tmp_path: Path) -> None:
    (tmp_path / "io" / "f").write_text("x")
    session = manager.open({"io": "ro"}, keep=True)
    session.exec("def writes(p):\n    try: open(p, 'w')\n    except OSError as e: return e.strerror\n")
    assert session.eval("open('/io/f').read(), writes('/io/f'), writes('/io/g')") == [
        "x", "Read-only file system", "Read-only file system",
    ]  # fmt: skip
    session = manager.open({"io": False}, keep=True)
    session.exec("import os")
    assert session.eval("os.path.exists('/io/f'), os.environ.get('AXON_IO'), os.getcwd()") == [
        False,
        None,
        "/tmp",
    ]


@pytest.mark.parametrize("mode", ["rw", "ro"])
def test_io_that_was_private_can_be_read(manager: SessionManager, tmp_path: Path, mode: str) -> None:
    """Also where the host is root, and its files are for nobody else."""
    io = tmp_path / "io"
    (io / "sub").mkdir(mode=0o700)
    for file in (io / "old", io / "sub" / "f", io / "public"):
        file.write_text(file.name)
        file.chmod(0o644 if file.name == "public" else 0o600)
    io.chmod(0o700)
    owner = (io / "public").stat().st_uid
    session = manager.open({"io": mode}, keep=True)
    assert (
        session.eval("open('/io/old').read() + open('/io/sub/f').read() + open('public').read()")
        == "oldfpublic"
    )
    (io / "new").write_text("later")
    assert session.eval("open('new').read()") == "later"
    if mode == "ro":
        assert (io / "public").stat().st_uid == owner


def test_files_of_others_are_not_given_away(manager: SessionManager, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / "io" / "link").symlink_to(outside)
    os.link(outside, tmp_path / "io" / "hard")
    manager.open().eval("1")
    assert outside.stat().st_uid == os.getuid()


# ---- limits and the profile


def test_profile_is_that_of_the_options(docker: Engine, manager: SessionManager) -> None:
    opts = {"memory": "300m", "cpus": 0.5, "pids": 40, "tmp": "5m"}
    session = manager.open(opts, keep=True)
    session.eval("1")
    found = inspect(docker, session)
    host = found["HostConfig"]
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"], host["PidsLimit"]) == (
        300 * MB, 300 * MB, 500_000_000, 40,
    )  # fmt: skip
    assert host["NetworkMode"] == "none"
    assert host["CapDrop"] == ["ALL"]
    assert host["CapAdd"] is None
    assert host["ReadonlyRootfs"] is True
    assert host["Privileged"] is False
    assert "no-new-privileges" in host["SecurityOpt"]
    assert any(o.startswith("seccomp=") and "unconfined" not in o for o in host["SecurityOpt"])
    assert "size=5242880" in host["Tmpfs"]["/tmp"]
    assert host["LogConfig"]["Config"] == {"max-size": "1m", "max-file": "1"}
    assert {m["Destination"] for m in found["Mounts"]} <= {"/io", "/axon/call", "/axon/lib"}
    assert [m["RW"] for m in found["Mounts"] if m["Destination"] != "/io"] == [False, False]
    assert found["Config"]["User"] not in ("", "0", "0:0", "root")
    assert not any(key in json.dumps(found["Args"]) for key in [session._client._key])  # type: ignore[union-attr]


def test_isolation_is_reported(session: PySession) -> None:
    found = session.isolation
    assert found["backend"] == "docker"
    assert {"no-network", "seccomp", "no-capabilities", "read-only-root", "no-new-privileges"} <= set(
        found["layers"]
    )
    assert any("kernel" in sentence for sentence in found["limits"])


# ---- ends that nobody planned


def test_out_of_memory_is_named(manager: SessionManager) -> None:
    session = manager.open({"memory": "100m"}, keep=True)
    session.init(lambda s: s.exec("n = 1")).eval("n")
    with pytest.raises(SessionClosed, match="ran out of memory"):
        session.eval("len(b'x' * (400 << 20))")
    assert session.eval("n") == 1


def test_kill_from_outside_is_named(docker: Engine, session: PySession) -> None:
    session.eval("1")
    pid = session.pid
    docker.signal(container_of(session), "SIGKILL")
    assert wait_until(lambda: not is_running(pid))
    start = time.monotonic()
    with pytest.raises(SessionClosed, match="killed from outside"):
        session.eval("1")
    assert time.monotonic() - start < 3
    assert session.eval("2") == 2


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("__import__('os')._exit(7)", "exit code 7"),
        ("__import__('os').abort()", "signal 6 .*SIGABRT"),
        ("__import__('os').kill(__import__('os').getpid(), 11)", "signal 11 .*SIGSEGV"),
        ("__import__('os').kill(__import__('os').getpid(), 9)", "signal 9 .*SIGKILL"),
    ],
)
def test_end_of_the_interpreter_is_told_and_repaired(session: PySession, code: str, text: str) -> None:
    session.init(lambda s: s.exec("n = 1")).exec("x = 1").eval("n")
    with pytest.raises(SessionClosed, match=text):
        session.eval(code)
    assert session.eval("[n, 'x' in globals()]") == [1, False]


def test_paused_container_is_named_and_replaced(docker: Engine, manager: SessionManager) -> None:
    session = manager.open({"grace": 0.3, "timeout": 0.5}, keep=True)
    session.init(lambda s: s.exec("n = 1")).eval("n")
    name = container_of(session)
    threading.Timer(0.2, docker._api.pause, [name]).start()
    start = time.monotonic()
    with pytest.raises(SessionTimeout, match="paused"):
        session.eval("__import__('time').sleep(100)")
    assert time.monotonic() - start < 3
    assert session.eval("n") == 1


def test_full_tmp_is_an_exception_of_python(manager: SessionManager) -> None:
    session = manager.open({"tmp": "2m"}, keep=True)
    session.exec(
        "import errno\ndef fill():\n    try:\n"
        "        with open('/tmp/f', 'wb') as f: f.write(b'x' * (5 << 20))\n"
        "    except OSError as e: return errno.errorcode[e.errno]\n"
    )
    assert session.eval("fill()") == "ENOSPC"
    assert session.exec("import os; os.unlink('/tmp/f'); open('/tmp/g', 'w').write('ok')").eval("1") == 1


def test_sessions_run_side_by_side(manager: SessionManager) -> None:
    got: list[object] = []

    def run(n: int) -> None:
        got.append(manager.open().define("n", n).eval("n * n"))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)
    assert sorted(got) == [0, 1, 4, 9, 16, 25]  # type: ignore[type-var]
