"""What hostile code tries in a container, each on the real engine, and each must fail. The host stays up."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import axon
from axon.errors import AxonError, EvalError, SessionClosed, SessionError, SessionTimeout, WireError
from axon.session.backends.docker_engine import Engine
from axon.session.backends.docker_reap import janitor
from axon.session.manager import SessionManager
from axon.session.session import PySession
from tests.docker.test_life import inspect

TRY = """
import ctypes, errno, os, socket, sys, threading, time
def tried(f, *args):
    try:
        f(*args)
    except OSError as e:
        return errno.errorcode.get(e.errno, type(e).__name__)
    return "done"
libc = ctypes.CDLL(None, use_errno=True)
def syscall(number, *args):
    got = libc.syscall(number, *args)
    return errno.errorcode[ctypes.get_errno()] if got == -1 else "done"
"""


@pytest.fixture
def hostile(manager: SessionManager) -> PySession:
    """A session with tools to try things; small limits."""
    opts = {"memory": "200m", "pids": 40, "tmp": "8m", "grace": 0.3}
    return manager.open(opts, keep=True).init(lambda s: s.exec(TRY))


# ---- files of the host


def test_files_of_the_host_are_not_there(hostile: PySession, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s")
    hostile.define("path", str(secret))
    hostile.exec("places = [path, '/proc/1/root' + path, '/proc/self/root' + path, '/io/../..' + path]")
    assert set(hostile.eval("[tried(open, place) for place in places]")) <= {"ENOENT", "EACCES"}
    assert hostile.eval("os.path.exists('/var/run/docker.sock')") is False
    devices = "[tried(os.open, '/dev/' + d, os.O_RDONLY) for d in ('mem', 'kmsg', 'sda', 'vda')]"
    assert hostile.eval(devices) == ["ENOENT"] * 4
    assert hostile.eval("tried(os.mknod, '/tmp/disk', 0o60600, os.makedev(254, 0))") == "EPERM"


def test_only_io_and_tmpfs_can_be_written(hostile: PySession) -> None:
    code = """
    found = set()
    for place, dirs, _ in os.walk("/", onerror=lambda e: None):
        dirs[:] = [d for d in dirs if not (place == "/" and d in ("proc", "sys"))]
        try:
            with open(os.path.join(place, "written-by-session"), "w"): pass
        except OSError:
            continue
        found.add("/".join(place.split("/")[:3]))
    """
    got = hostile.exec(textwrap.dedent(code)).eval("sorted(found)")
    assert set(got) <= {"/io", "/tmp", "/dev/shm", "/dev/mqueue"}
    assert {"/io", "/tmp"} <= set(got)
    hostile.exec(
        "places = ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/etc/passwd', '/sys/kernel/x']"
    )
    assert set(hostile.eval("[tried(open, p, 'w') for p in places]")) <= {"EROFS", "EACCES", "ENOENT"}
    assert hostile.eval("tried(open, '/sys/fs/cgroup/memory/memory.limit_in_bytes', 'w')") in (
        "EROFS", "EACCES", "ENOENT",
    )  # fmt: skip


def test_symbolic_link_in_io_does_not_lead_outside(manager: SessionManager, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    session = manager.open(keep=True).define("path", str(secret))
    session.exec(
        "import os; os.symlink(path, '/io/link'); os.symlink(os.path.dirname(path), '/io/dir')"
    ).eval("1")
    with axon.Runtime(io=str(tmp_path / "io")) as rt:
        for source in ("ioReadStr(`io/link`)", "ioReadStr(`io/dir/secret`)", 'ioWriteStr("x", `io/dir/new`)'):
            with pytest.raises(EvalError):
                rt.eval(source)
    assert secret.read_text() == "s3cret"
    assert not (tmp_path / "new").exists()


def test_pipe_in_io_does_not_block_the_host(manager: SessionManager, tmp_path: Path) -> None:
    manager.open().exec("import os; os.mkfifo('/io/pipe')").eval("1")
    with axon.Runtime(io=str(tmp_path / "io")) as rt, pytest.raises(EvalError):
        rt.eval("ioReadStr(`io/pipe`)")


# ---- network


def test_no_network(hostile: PySession) -> None:
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))
        server.listen()
        hostile.define("port", server.getsockname()[1])
        hostile.exec(
            "def call(host, port):\n    s = socket.socket(); s.settimeout(2); s.connect((host, port))\n"
        )
        got = hostile.eval(
            "[tried(call, h, port) for h in ('127.0.0.1', '172.17.0.1', '10.0.0.1', '8.8.8.8')]"
        )
    assert got == ["ECONNREFUSED", "ENETUNREACH", "ENETUNREACH", "ENETUNREACH"]
    assert hostile.eval("[n.split()[0] for n in open('/proc/net/dev').readlines()[2:]]") == ["lo:"]
    assert hostile.eval("tried(socket.getaddrinfo, 'example.com', 80)") != "done"


def test_no_odd_sockets(hostile: PySession) -> None:
    kinds = "[(40, 1, 0), (17, 3, 768), (16, 3, 0), (38, 5, 0), (2, 3, 1), (31, 3, 1), (29, 3, 1)]"
    got = hostile.eval(f"[tried(socket.socket, *kind) for kind in {kinds}]")
    assert set(got) <= {"EPERM", "EACCES"}, got


def test_socket_of_another_session_is_not_there(manager: SessionManager, hostile: PySession) -> None:
    other = manager.open(keep=True)
    other.eval("1")
    assert hostile.eval("os.listdir('/axon/call')") == []
    home = other._client.backend._home.path  # type: ignore[union-attr]
    assert hostile.define("home", home).eval("os.path.exists(home)") is False
    connect = "tried(lambda: socket.socket(socket.AF_UNIX).connect('/axon/call/s'))"
    assert hostile.eval(connect) == "ENOENT"


# ---- processes and the kernel


def test_processes_of_the_host_are_not_seen(hostile: PySession) -> None:
    assert hostile.eval("len([p for p in os.listdir('/proc') if p.isdigit()])") <= 3
    assert hostile.define("host", os.getpid()).eval("tried(os.kill, host, 0)") == "ESRCH"


def test_first_process_can_not_be_ended_or_stopped(hostile: PySession) -> None:
    hostile.exec("import signal\nfor n in (9, 19, 20, 11, 6, 1): tried(os.kill, 1, n)")
    assert hostile.eval("open('/proc/1/stat').read().split()[2] in 'SR'") is True


CALLS = {
    "ptrace": (101, 117), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "bpf": (321, 280), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "userfaultfd": (323, 282), "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "fsopen": (430, 430), "open_tree": (428, 428), "move_mount": (429, 429),
    "mount_setattr": (442, 442), "reboot": (169, 142), "swapon": (167, 224), "syslog": (103, 116),
    "settimeofday": (164, 170), "quotactl": (179, 60), "acct": (163, 89), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "fanotify_init": (300, 262), "vhangup": (153, 58),
    "process_madvise": (440, 440),
}  # fmt: skip


def test_dangerous_system_calls_are_refused(hostile: PySession) -> None:
    column = {"x86_64": 0, "aarch64": 1}[os.uname().machine]
    numbers = {name: both[column] for name, both in CALLS.items()}
    got = hostile.define("numbers", numbers).eval(
        "{n: syscall(k, 0, 0, 0, 0, 0) for n, k in numbers.items()}"
    )
    assert {name for name, word in got.items() if word not in ("EPERM", "ENOSYS")} == set()


def test_no_new_namespaces(hostile: PySession) -> None:
    number = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
    flags = [0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000, 0x00000080]
    hostile.define("number", number).define("flags", flags)
    assert set(hostile.eval("[syscall(number, f | 17, 0, 0, 0, 0) for f in flags]")) == {"EPERM"}
    assert hostile.eval("syscall(435, 0, 0)") == "ENOSYS"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file that gives root")
def test_setuid_file_in_io_gives_nothing(hostile: PySession, tmp_path: Path) -> None:
    hostile.eval("1")
    tool = tmp_path / "io" / "id"
    shutil.copy("/usr/bin/id", tool)
    os.chown(tool, 0, 0)
    tool.chmod(0o6755)
    hostile.exec("import subprocess")
    assert (
        hostile.eval("subprocess.run(['/io/id', '-u'], capture_output=True, text=True).stdout") == "65534\n"
    )
    assert "NoNewPrivs:\t1" in hostile.eval("open('/proc/self/status').read()")
    assert "CapBnd:\t0000000000000000" in hostile.eval("open('/proc/self/status').read()")


def test_other_users_can_not_be_become(hostile: PySession) -> None:
    assert (
        hostile.eval("[tried(os.setuid, 0), tried(os.setgid, 0), tried(os.setgroups, [0])]") == ["EPERM"] * 3
    )


# ---- exhaustion


def test_processes_are_limited(hostile: PySession) -> None:
    code = """
    children = []
    def bomb():
        while True:
            pid = os.fork()
            if not pid:
                time.sleep(60)
                os._exit(0)
            children.append(pid)
    """
    assert hostile.exec(textwrap.dedent(code)).eval("tried(bomb)") == "EAGAIN"
    assert 20 < hostile.eval("len(children)") < 40
    assert hostile.exec("for c in children: os.kill(c, 9)").eval("1") == 1


def test_memory_is_limited(hostile: PySession) -> None:
    with pytest.raises(SessionClosed, match="ran out of memory"):
        hostile.exec("held = []").eval("[held.append(b'x' * (1 << 20)) for _ in iter(int, 1)]")
    assert hostile.eval("1") == 1


def test_temporary_files_are_limited(hostile: PySession) -> None:
    code = """
    def fill(place):
        with open(place + "/fill", "wb") as f:
            for _ in range(1000): f.write(b"x" * (1 << 20)); f.flush()
    """
    hostile.exec(textwrap.dedent(code))
    assert hostile.eval("tried(fill, '/tmp')") == "ENOSPC"
    assert hostile.eval("tried(fill, '/dev/shm')") == "ENOSPC"
    assert hostile.eval("1") == 1


def test_output_is_limited_and_kept_nowhere(docker: Engine, hostile: PySession, printed: list[str]) -> None:
    hostile.exec("for _ in range(500): os.write(1, b'x' * 65536)\nfor fd in ('1', '2'):\n"
                 "    try: open('/proc/1/fd/' + fd, 'w').write('y' * 1000000)\n"
                 "    except OSError: pass").eval("1")  # fmt: skip
    assert sum(map(len, printed)) < 3 << 20
    log = inspect(docker, hostile)["LogPath"]
    if log and os.path.exists(log):
        assert os.path.getsize(log) < 3 << 20


def test_nothing_runs_on_after_close(sessions_here: Callable[[], list[str]], hostile: PySession) -> None:
    code = """
    import signal
    for _ in range(3):
        if not os.fork():
            os.setsid()
            for n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)
            while True: time.sleep(1)
    """
    hostile.exec(textwrap.dedent(code)).eval("1")
    hostile.close()
    janitor.settle(20)
    assert sessions_here() == []


# ---- the link

LINK = """
fds = [n for n in os.listdir('/proc/self/fd') if os.path.lexists('/proc/self/fd/' + n)]
link = next(int(n) for n in fds if 'socket' in os.readlink('/proc/self/fd/' + n))
from pylib.frames import HEADER, MAGIC
def frame(kind, request, body=b"", count=0, size=None, flags=0):
    return HEADER.pack(len(body) if size is None else size, request, count, kind, flags, 0, MAGIC) + body
def send(data):
    data = memoryview(data)
    while data: data = data[os.write(link, data):]
"""
EVIL_FRAMES = {
    "noise": "send(os.urandom(4096))",
    "http": "send(b'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')",
    "flags": "send(frame(2, 2, flags=1))",
    "oversized body": "send(frame(2, 2, size=0xFFFFFFFF))",
    "too many buffers": "send(frame(2, 2, count=0xFFFFFFFF))",
    "oversized buffers": "send(frame(2, 2, count=2) + b'\\xff' * 16)",
    "another request": "send(frame(2, 0x7FFFFFFE, b'\\x00'))",
    "a request without leave": "send(frame(4, 1, b'\\x00'))",
    "a second hello": "send(frame(1, 0, b'\\x00'))",
    "deep nesting": "send(frame(2, now, b'\\x28\\x01\\x00\\x00\\x00' * 100000 + b'\\x00'))",
    "count without values": "send(frame(2, now, b'\\x28\\xff\\xff\\xff\\x7f'))",
    "unknown tag": "send(frame(2, now, b'\\x7f'))",
    "text that is no text": "send(frame(2, now, b'\\x18\\x02\\xff\\xfe'))",
    "a reference nobody gave": "send(frame(2, now, b'\\x38' + b'\\xb3' + b'\\xff' * 7 + b'\\x00'))",
    "an error that is none": "send(frame(3, now, b'\\xc1'))",
    "shut link": "socket.socket(fileno=os.dup(link)).shutdown(2)",
}


def rss() -> int:
    """Bytes: the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.parametrize("evil", EVIL_FRAMES.values(), ids=EVIL_FRAMES)
def test_evil_frames_end_the_session_and_not_the_host(hostile: PySession, evil: str) -> None:
    hostile.exec(LINK).eval("1")
    now = hostile._client._talk._next  # type: ignore[union-attr]
    hostile.define("now", now).exec("def attack():\n    " + evil + "\n    time.sleep(30)")
    before, start = rss(), time.monotonic()
    with pytest.raises(SessionError) as caught:
        hostile.eval("attack()", timeout=10)
    assert not isinstance(caught.value, SessionTimeout)
    assert isinstance(caught.value, (WireError, SessionClosed))
    assert time.monotonic() - start < 6
    assert rss() - before < 64 << 20
    assert hostile.eval("1 + 1") == 2


@pytest.mark.parametrize(
    "evil",
    [
        "while True: send(frame(8, 1, b'x' * 1000))",
        "while True: send(frame(9, 0, b'\\x00'))",
        "while True: send(frame(2, now, size=1 << 29)); [send(bytes(1 << 20)) for _ in iter(int, 1)]",
        "send(frame(2, now, b'\\xc0')[:-1])\n    time.sleep(100)",
        "data = frame(2, now, size=1 << 20)\n    send(data)\n    while True: send(b'x'); time.sleep(0.01)",
        "for n in (2, 15): signal.signal(n, signal.SIG_IGN)\n    while True: time.sleep(1)",
    ],
    ids=["endless output", "endless progress", "endless body", "half a frame", "trickle", "silence"],
)
def test_endless_answers_end_with_the_time(hostile: PySession, evil: str) -> None:
    hostile.exec(LINK + "\nimport signal").eval("1")
    now = hostile._client._talk._next  # type: ignore[union-attr]
    hostile.define("now", now).exec("def attack():\n    " + evil + "\n")
    before, start = rss(), time.monotonic()
    try:  # half a frame may be made whole by the answer that follows: then it is the value
        hostile.eval("attack()", timeout=1)
        hostile.eval("1 + 1")
    except SessionError:
        pass
    assert time.monotonic() - start < 8
    assert rss() - before < 300 << 20
    assert hostile.eval("1 + 1") == 2


def test_answers_while_the_host_is_away_do_not_pile_up(hostile: PySession) -> None:
    """The link holds what its buffer holds; then the sender waits."""
    hostile.exec(LINK + "\ndef flood():\n    while True: send(frame(8, 1, b'x' * 1000))\n")
    hostile.exec("threading.Thread(target=flood, daemon=True).start()").eval("1")
    before = rss()
    threading.Event().wait(0.5)
    assert rss() - before < 64 << 20
    try:
        hostile.eval("1", timeout=2)
    except AxonError:
        assert hostile.eval("1 + 1") == 2
