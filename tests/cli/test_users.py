"""A service among several users of one machine: it works for its own, and is closed to the others.

Only root can start processes of other users. They need an interpreter and a checkout that they may read.
Where those of this test are private, another interpreter of its version is looked for and the code is copied.
"""

from __future__ import annotations

import contextlib
import json
import marshal
import os
import shutil
import site
import subprocess
import sys
import tempfile
from binascii import crc32
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ..conftest import ROOT
from .conftest import LIMIT, Result

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can start processes of other users"),
]

ALICE, BOB = 54321, 54322
TASKS = """\
id: @double
task
taskExpr: (msg) => msg->v * 2
---
id: @count
task
durable
taskExpr:
  (msg) => do
    ioWriteStr("x", `io/out.txt`)
    taskLocalSet("n", taskLocalGet("n", 0) + 1)
  end
---
id: @py
task
taskExpr: (msg) => py().pyInit(s => s.pyExec("n = 0")).pyExec("n += 1").pyEval("n")
"""


class Code(NamedTuple):
    """An interpreter that every user may start, and where it finds our packages."""

    python: str
    path: str

    @property
    def env(self) -> dict[str, str]:
        path = {"PATH": "/usr/bin:/bin", "PYTHONPATH": self.path}
        return {**path, "PYTHONDONTWRITEBYTECODE": "1", "TZ": "UTC"}

    def works(self) -> bool:
        with contextlib.suppress(OSError):
            done = subprocess.run(
                [self.python, "-c", "import axon.cli.service"],
                user=ALICE, group=ALICE, extra_groups=[], env=self.env, cwd="/",
                check=False, capture_output=True, timeout=LIMIT,
            )  # fmt: skip
            return done.returncode == 0
        return False


@pytest.fixture(scope="module")
def code() -> Iterator[Code]:
    """The interpreter of this test, or another one of its version; the checkout, or a copy of it."""
    packages = [p for p in (*site.getsitepackages(), *sys.path) if p.endswith("site-packages")]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    pythons = (sys.executable, os.path.realpath(sys.executable), *(f"{d}/{version}" for d in _BINARIES))
    with contextlib.ExitStack() as stack:
        copy = stack.enter_context(tempfile.TemporaryDirectory(dir=_open_to_all(), prefix="users-"))
        os.chmod(copy, 0o755)
        for package in ("axon", "pylib", "grammar"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / package, Path(copy) / package, ignore=ignored)
        for path in (os.pathsep.join([str(ROOT), *dict.fromkeys(packages)]), copy):
            for python in pythons:
                found = Code(python, path)
                if found.works():
                    yield found
                    return
        pytest.skip(f"no {version} that other users can start")


_BINARIES = ("/usr/local/bin", "/usr/bin")


def _open_to_all() -> str:
    for root in ("/var/tmp", "/dev/shm", "/tmp"):
        if os.path.isdir(root) and os.stat(root).st_mode & 0o005 == 0o005:
            return root
    pytest.skip("no directory for temporary files that other users can enter")


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that every user can enter; those of pytest are for one user only."""
    found = Path(tempfile.mkdtemp(dir=_open_to_all(), prefix="users-"))
    found.chmod(0o755)
    yield found
    shutil.rmtree(found)


class User:
    """Runs programs as one user of the machine; all share one directory for temporary files."""

    def __init__(self, uid: int, place: Path, code: Code) -> None:
        self.uid = uid
        self.python = code.python
        self.home = place / f"home{uid}"
        self.temp = place / "tmp"
        self.home.mkdir(mode=0o755)
        self.give(self.home)
        self.temp.mkdir(exist_ok=True)
        self.temp.chmod(0o1777)
        self.env = {**code.env, "HOME": str(self.home), "TMPDIR": str(self.temp)}

    def give(self, *paths: Path) -> None:
        for path in paths:
            os.chown(path, self.uid, self.uid, follow_symlinks=False)

    def project(self, home: Path) -> Path:
        """A project that is this user's."""
        home.mkdir(exist_ok=True)
        (home / "io").mkdir()
        (home / "tasks.trio").write_text(TASKS)
        self.give(home, home / "io", home / "tasks.trio")
        return home

    def start(
        self, *command: str, umask: int = 0o022, env: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.python, *command],
            user=self.uid, group=self.uid, extra_groups=[], umask=umask, cwd=self.home, text=True,
            env={**self.env, **(env or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *command: str, umask: int = 0o022, env: dict[str, str] | None = None) -> Result:
        proc = self.start(*command, umask=umask, env=env)
        out, err = proc.communicate(timeout=LIMIT)
        assert "Traceback" not in err
        return Result(command, proc.returncode, out, err)

    def axon(self, *args: str, umask: int = 0o022, env: dict[str, str] | None = None) -> Result:
        return self.run("-m", "axon", *args, umask=umask, env=env)

    @contextlib.contextmanager
    def service(self, home: Path, umask: int = 0o022) -> Iterator[subprocess.Popen[str]]:
        """A service that runs meanwhile."""
        proc = self.start("-m", "axon", "task", "run", str(home), umask=umask)
        assert proc.stderr is not None
        for line in proc.stderr:
            assert line.startswith("{"), line
            if json.loads(line).get("event") == "started":
                break
        try:
            yield proc
        finally:
            proc.terminate()
            try:
                proc.communicate(timeout=LIMIT)
            finally:
                proc.kill()
        assert proc.returncode == 0


@pytest.fixture
def alice(place: Path, code: Code) -> User:
    return User(ALICE, place, code)


@pytest.fixture
def bob(place: Path, code: Code) -> User:
    return User(BOB, place, code)


TRY_ALL = """
import os, socket, sys
def attempt(what, path, *args):
    try:
        what(path, *args)
        print(what.__name__, path)
    except OSError:
        pass
def connect(path):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
def plant(path):
    open(path + "/planted", "w")
for path in sys.argv[1:]:
    if path.endswith((".sock", "/s")):
        attempt(connect, path)
    for what, *args in ((os.scandir,), (open,), (open, "r+b"), (plant,), (os.unlink,), (os.rename, "x")):
        attempt(what, path, *args)
"""


def private_files(alice: User, home: Path) -> list[Path]:
    """What nobody but Alice may touch: the state of her service, her cache, her temporary directories."""
    roots = [home / ".axon", alice.home / ".cache" / "axon", *alice.temp.glob("axon-*")]
    return [path for root in roots for path in (root, *root.rglob("*"))]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_service_is_its_users_alone(alice: User, bob: User, place: Path, umask: int) -> None:
    home = alice.project(place / "project")
    with alice.service(home, umask):
        sent = alice.axon("task", "send", "double", "{v: 4}", "--wait", str(home), umask=umask)
        assert sent.stdout == "8\n"
        for number in ("1\n", "2\n"):
            assert alice.axon("task", "send", "count", "{}", "--wait", str(home)).stdout == number
            assert alice.axon("task", "send", "py", "1", "--wait", str(home)).stdout == number
        assert "last messages:" in alice.axon("task", "show", "count", str(home)).stdout
        assert "3 tasks run" in alice.axon("task", "log", str(home)).stdout
        private = private_files(alice, home)
        names = {path.name for path in private}
        assert {"control.sock", "journal.db", "journal.db-wal", "service.log", "code", "lock"} <= names
        assert {path.lstat().st_uid for path in private} == {ALICE}
        assert [str(p) for p in private if p.lstat().st_mode & 0o022 and not p.is_socket()] == []
        assert bob.run("-c", TRY_ALL, *map(str, private)).stdout == ""
        for args in (["list"], ["send", "double", "{v: 1}"], ["show", "count"], ["stop"]):
            refused = bob.axon("task", *args, str(home))
            assert (refused.returncode, refused.stdout) == (2, "")
            assert "project: its service is another user's" in refused.stderr
        assert "service.log: permission denied" in bob.axon("task", "log", str(home)).stderr
        assert "state directory" in bob.axon("task", "run", str(home)).stderr
    assert (home / "io" / "out.txt").stat().st_mode & 0o777 == 0o666 & ~umask
    assert list(alice.temp.glob("axon-*")) == []


def test_what_others_prepared_is_not_taken(alice: User, bob: User, place: Path) -> None:
    """A project in a directory where everybody can make files."""
    home = alice.project(place / "project")
    home.chmod(0o1777)
    with alice.service(home):
        warned = alice.axon("task", "log", str(home)).stdout
        assert f"any user may write to {home}, and so change what this service does" in warned
        assert "tasks.trio" not in warned
    shutil.rmtree(home / ".axon")
    state = home / ".axon"
    state.mkdir()
    state.chmod(0o777)
    bob.give(state)
    for args in (["task", "run", str(home)], ["task", "run", str(home), "--to", "count", "--send", "{}"]):
        refused = alice.axon(*args)
        assert refused.returncode == 1
        assert f"state directory {state}: it belongs to user {BOB}, not to user {ALICE}" in refused.stderr
    state.rmdir()
    state.symlink_to(alice.home)
    bob.give(state)
    refused = alice.axon("task", "run", str(home))
    assert f"state directory {state}: user {BOB} made this link" in refused.stderr
    assert list(alice.home.iterdir()) == []


LISTEN = """
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
s.listen()
print("ready", flush=True)
link, _ = s.accept()
print(link.recv(1000))
"""


def test_a_message_goes_to_no_other_users_service(alice: User, bob: User, place: Path) -> None:
    state = alice.project(place / "project") / ".axon"
    state.mkdir()
    bob.give(state)
    proc = bob.start("-c", LISTEN, str(state / "control.sock"))
    assert proc.stdout is not None
    assert proc.stdout.readline() == "ready\n"
    refused = alice.axon("task", "send", "double", '"secret"', str(state.parent))
    assert "its service is another user's" in refused.stderr
    assert proc.communicate(timeout=LIMIT)[0] == "b''\n"


def entry_of(user: User, program: str, cache: Path) -> tuple[Path, str, object]:
    """The entry of a program in a code cache that is made for it: its file, key and code."""
    assert user.axon(program, env={"AXON_CACHE": str(cache)}).returncode == 0
    (path,) = (cache / "code").iterdir()
    key, code = marshal.loads(path.read_bytes()[4:])
    return path, key, code


@pytest.mark.parametrize("owner", [ALICE, BOB])
def test_code_of_another_user_is_not_run(alice: User, bob: User, place: Path, owner: int) -> None:
    path, key, _ = entry_of(alice, "1 + 1", alice.home / "a")
    _, _, code = entry_of(alice, "40 + 2", alice.home / "b")
    data = marshal.dumps((key, code))
    path.write_bytes(crc32(data).to_bytes(4, "big") + data)
    os.chown(path, owner, owner)
    shown = alice.axon("1 + 1", env={"AXON_CACHE": str(alice.home / "a")}).stdout
    assert shown == ("42\n" if owner == ALICE else "2\n")  # what is her own is believed
    os.chown(path.parent, BOB, BOB)
    os.chown(path, ALICE, ALICE)
    assert alice.axon("1 + 1", env={"AXON_CACHE": str(alice.home / "a")}).stdout == "2\n"


def test_directories_of_others_among_the_temporary_ones(alice: User, bob: User, place: Path) -> None:
    """Alice can't list the directory, and it has what looks like her own."""
    theirs = alice.temp / f"axon-{'0' * 16}"
    theirs.mkdir()
    (theirs / "lock").write_text("")
    bob.give(theirs, theirs / "lock")
    (alice.temp / f"axon-{'1' * 16}").symlink_to(alice.home)
    for mode in (0o1777, 0o1733):
        alice.temp.chmod(mode)
        assert alice.axon('py().pyEval("6 * 7")').stdout == "42\n"
    assert len(list(alice.temp.iterdir())) == 2
    assert alice.home.exists()


def test_without_a_temporary_directory_a_session_says_so(alice: User, place: Path) -> None:
    """None can be written, and so the working directory is tried last."""
    code = "import os; os.access = lambda *a: False; os.chdir('/'); from axon.cli.main import main; "
    code += """main(['py().pyEval("1")'])"""
    refused = alice.run("-c", code)
    assert refused.stdout == ""
    assert "no temporary directory in / (Permission denied); set TMPDIR" in refused.stderr


@pytest.mark.parametrize("home", ["", "/nowhere/at/all", "/", "relative", None])
def test_without_a_home_everything_works(alice: User, place: Path, home: str | None) -> None:
    project = alice.project(place / "project")
    if home is None:
        del alice.env["HOME"]
    else:
        alice.env["HOME"] = home
    done = alice.axon("task", "run", str(project), "--to", "count", "--send", "{}")
    assert (done.stdout, done.stderr) == ("1\n", "")
    with alice.service(project):
        assert alice.axon("task", "send", "py", "1", "--wait", str(project)).stdout == "1\n"
    assert list(alice.home.iterdir()) == []


def test_faults_of_ownership_are_told_with_their_place(alice: User, place: Path) -> None:
    home = alice.project(place / "project")
    state = home / ".axon"

    def refused(*args: str) -> str:
        done = alice.axon("task", "run", str(home), *args)
        assert done.returncode in (1, 2)
        assert done.stdout == ""
        return done.stderr

    os.chown(home, 0, 0)
    for args in ([], ["--to", "count", "--send", "{}"]):
        assert f"state directory {state}: Permission denied" in refused(*args)
    elsewhere = ["--state", str(alice.home / "state"), "--to", "count", "--send", "{}"]
    assert alice.axon("task", "run", str(home), *elsewhere).stdout == "1\n"
    state.mkdir(mode=0o755)
    assert f"state directory {state}: it belongs to root, not to user {ALICE}" in refused()
    alice.give(home, state)
    for name in ("service.log", "journal.db"):
        (state / name).touch(0o600)
        assert f"{state / name}: " in refused()
        (state / name).unlink()
    (home / "more.trio").write_text("x: 1\n")
    (home / "more.trio").chmod(0o600)
    assert f"{home / 'more.trio'}: permission denied" in refused()
    (home / "more.trio").unlink()
    (state / "control.sock").mkdir()
    assert f"{state / 'control.sock'}: " in refused()


def test_a_socket_that_another_user_left_is_replaced(alice: User, bob: User, place: Path) -> None:
    home = alice.project(place / "project")
    with alice.service(home):
        pass
    os.mknod(home / ".axon" / "control.sock", 0o140600)
    bob.give(home / ".axon" / "control.sock")
    with alice.service(home):
        assert alice.axon("task", "send", "double", "{v: 1}", "--wait", str(home)).stdout == "2\n"


def test_root_may_look_after_the_services_of_all(alice: User, place: Path) -> None:
    home = alice.project(place / "project")
    with alice.service(home):
        done = subprocess.run(
            [sys.executable, "-m", "axon", "task", "send", "double", "{v: 1}", "--wait", str(home)],
            check=False, capture_output=True, text=True, timeout=LIMIT,
        )  # fmt: skip
        assert done.stdout == "2\n"
        done = subprocess.run(
            [sys.executable, "-m", "axon", "task", "run", str(home)],
            check=False, capture_output=True, text=True, timeout=LIMIT,
        )  # fmt: skip
        assert f"it belongs to user {ALICE}, not to root" in done.stderr
