"""The walls of the process backend: each test tries what must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from axon.errors import RemoteError, SessionTimeout, WireError
from axon.session.manager import SessionManager
from axon.session.session import PySession


@pytest.fixture
def backend() -> str:
    """These are the walls of this backend only."""
    return "process"


@pytest.mark.parametrize(
    "code",
    [
        "open('/tmp/axon-escape', 'w')",
        "open('../outside', 'w')",
        "os.mknod('disk', 0o60600, os.makedev(8, 0))",
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "os.kill(os.getppid(), 0)",
        "os.unshare(0x10000000)",
        "os.chroot('.')",
        "os.link('/etc/hostname', 'copy')",
        "os.unlink(outside)",
        "open(outside, 'a')",
        "open('link', 'w')",
    ],
)
def test_refused(session: PySession, tmp_path: Path, code: str) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    session.define("outside", str(outside))
    session.exec(
        "import os, socket\nos.symlink(outside, 'link') if not os.path.lexists('link') else None"
    ).eval("1")
    with pytest.raises(RemoteError) as caught:
        session.eval(code)
    assert caught.value.remote_type in ("PermissionError", "OSError", "AttributeError")
    assert outside.read_text() == "mine"


def test_tracing_is_refused(session: PySession) -> None:
    assert session.exec("import ctypes").eval("ctypes.CDLL(None).ptrace(16, 1, 0, 0)") == -1


def test_leash_cannot_be_slipped(session: PySession) -> None:
    code = """
    import os, fcntl
    tried = []
    for use in (lambda: os.close(3), lambda: os.closerange(3, 4), lambda: os.setsid(), lambda: os.setpgid(0,
    0)):
        use()
    for use in (lambda: os.dup2(0, 3), lambda: fcntl.fcntl(3, fcntl.F_SETOWN, 0)):
        try:
            use()
        except OSError:
            tried.append(True)
    os.fstat(3)
    """
    assert session.exec(code).eval("tried, os.getpgrp() == os.getpid()") == [[True, True], True]


def test_threads_processes_and_numbers_work(session: PySession) -> None:
    code = """
    import concurrent.futures, subprocess, tempfile, threading
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        total = sum(pool.map(abs, range(-3, 3)))
    said = subprocess.run(["echo", "hi"], capture_output=True, text=True).stdout
    with tempfile.NamedTemporaryFile("w") as f:
        f.write("x")
    """
    assert session.exec(code).eval("[total, said]") == [9, "hi\n"]


def test_secrets_of_the_host_are_not_inherited(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    session = manager.open({"env": {"EXTRA": "1"}}, keep=True)
    names = session.exec("import os").eval("sorted(os.environ)")
    assert "EXTRA" in names
    assert not {"SECRET_TOKEN", "AXON_KEY", "AXON_HOME"} & set(names)
    assert session.eval("open('/proc/self/cmdline').read().count('axon-')") == 0


# Code that finds the link itself and writes what it likes.
LINK = """
import os, stat, struct
def is_socket(n):
    try:
        return stat.S_ISSOCK(os.fstat(n).st_mode)
    except OSError:
        return False
fd = next(n for n in range(4, 64) if is_socket(n))
def frame(kind, body=b'', length=None, request=0, buffers=0, magic=0x4E4F5841):
    size = len(body) if length is None else length
    return struct.pack('<IIIBBHI', size, request, buffers, kind, 0, 0, magic) + body
def write(data):
    while data:
        data = data[os.write(fd, data):]
"""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("b'GET / HTTP/1.1\\r\\n\\r\\n' * 2", "not a frame"),
        ("frame(2, b'\\xc1', request=77)", "answer to request 77"),
        ("frame(8, length=0xffffffff)", "longer than the limit"),
        ("frame(2, buffers=0xffffffff)", "more than the limit"),
        ("frame(1, b'\\x00')", "Hello is not allowed"),
        ("frame(4, b'\\xc1', request=1)", "there is not"),
        ("frame(13, b'\\xc1')", "not a list of names"),
        ("frame(10, b'\\xc1')", "not a list"),
        ("frame(5, b'\\x28\\xff\\xff\\xff\\xff', request=1)", "counts 4294967295 items"),
    ],
)
def test_nonsense_on_the_link_ends_the_interpreter(session: PySession, data: str, text: str) -> None:
    session.exec(LINK).eval("1")
    pid = session.pid
    with pytest.raises(WireError, match=text):
        session.eval(f"write({data})")
    assert session.eval("1") == 1
    assert session.pid != pid


def test_endless_frames_do_not_outlast_the_time_limit(manager: SessionManager, printed: list[str]) -> None:
    session = manager.open({"grace": 0.2, "output": 1000}, keep=True)
    session.exec(LINK + "def flood():\n    while True: write(frame(8, b'x' * 1000) * 50)\n")
    with pytest.raises((SessionTimeout, WireError)):  # the interrupt may cut a frame
        session.eval("flood()", timeout=0.3)
    assert len("".join(printed)) < 5000


def test_endless_output_below_python_does_not_outlast_the_time_limit(
    manager: SessionManager, printed: list[str]
) -> None:
    session = manager.open({"output": 1000}, keep=True)
    session.exec("import subprocess\np = subprocess.Popen(['yes'])").eval("1")
    with pytest.raises(SessionTimeout):
        session.eval("__import__('time').sleep(100)", timeout=0.3)
    assert session.exec("p.kill()").eval("1") == 1
    assert len("".join(printed)) < 300000


def test_network_can_be_asked_for(manager: SessionManager) -> None:
    session = manager.open({"net": True}, keep=True)
    session.exec("import socket").eval("socket.socket().close()")
    with pytest.raises(RemoteError):
        session.eval("socket.socket(socket.AF_UNIX)")
    assert "no-network" not in session.isolation["layers"]
