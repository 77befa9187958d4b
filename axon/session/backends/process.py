"""The embedded backend: the interpreter is a child process of ours, with the walls that the kernel gives.

It leads a process group of its own, gets a scrubbed environment and a private temporary directory, and hangs
on a leash: a pipe that only we hold open. When we end, even by SIGKILL, the kernel kills the whole group.
Inside, `pylib.guard` sets limits and puts up Landlock and seccomp where the kernel has them; `isolation` and
the layers that the interpreter reports say what is on.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from axon.errors import ArgErr, StartError
from axon.runtime.limits import SHIELD
from axon.session.backends.base import BOOT, ENDED, Backend, Link, StartSpec, fresh_key
from axon.session.backends.home import Home
from axon.session.interrupts import INTERRUPTS

__all__ = ["ProcessBackend", "backend"]

_KEEP = (
    "PATH",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "VIRTUAL_ENV",
)
_LEASH = 3
_CLOSE_GRACE = 2.0
"""Seconds that an interpreter has to finish by itself (flush files, run exit handlers)."""
_STARTUP_TEXT = 4000


class ProcessBackend:
    """A CPython process on this machine.

    Options: `python` (path of the interpreter), `net` (Marker or true: internet sockets may be opened),
    `memory` (bytes of private memory), `env` (further environment), `args` (further arguments of the
    interpreter), `transport` (`tcp`: a port of this machine instead of a unix socket).
    """

    name = "process"
    reply_limit = 1 << 34
    wire = 1
    host_first = False
    asks_to_stop = False
    after_kill = ENDED

    @staticmethod
    def key_of(options: Mapping[str, Any]) -> str:
        """A fresh one."""
        return fresh_key()

    def __init__(self, spec: StartSpec) -> None:
        self._spec = spec
        self._home: Home | None = None
        self._pid = 0
        self._pidfd: int | None = None
        self._status: int | None = None
        self._leash: int | None = None
        self._output: int | None = None
        self._killed = False
        self._contained = False
        self._end_lock = threading.RLock()

    @property
    def pid(self) -> int:
        """Process id of the interpreter, 0 when none runs."""
        return self._pid if self._status is None else 0

    def start(self) -> Link:
        """Start the interpreter and wait for its call.

        Raises:
            StartError: it could not be started or did not call in time; nothing is left behind.
        """
        self._home = Home(tcp=self._spec.options.get("transport") == "tcp")
        try:
            with SHIELD, INTERRUPTS:  # else there may be a process that nobody knows of
                self._spawn(self._home)
            return self._home.accept(self._spec.start_timeout, self.alive, self._pidfd)
        except StartError as e:
            said = self._last_words()
            self.kill()
            self._free()
            raise StartError(f"{e.message}{said}") from e
        except BaseException:
            self.kill()
            self._free()
            raise

    def _spawn(self, home: Home) -> None:
        python = self._python()
        environment = self._environment(home)
        leash, self._leash = os.pipe()
        self._output, output = os.pipe()
        os.set_blocking(self._output, False)
        flags = ["-E", "-S", *(["-s"] if sys.flags.no_user_site else [])]
        package = os.path.dirname(_pylib_file())
        try:
            self._pid = os.posix_spawn(
                python,
                [python, *flags, *self._arguments(), "-c", BOOT.format("__main__"), package],
                environment,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, output, 1),
                    (os.POSIX_SPAWN_DUP2, output, 2),
                    (os.POSIX_SPAWN_DUP2, leash, _LEASH),
                ],
                setsid=True,
                setsigmask=(),
                setsigdef=(signal.SIGINT, signal.SIGPIPE, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT),
            )
        except OSError as e:
            raise StartError(f"py: cannot start {python} ({e.strerror}); set the option {{python}}") from e
        finally:
            os.close(leash)
            os.close(output)
        if hasattr(os, "pidfd_open"):
            try:
                self._pidfd = os.pidfd_open(self._pid)
            except OSError:
                self._pidfd = None

    def _python(self) -> str:
        found = self._spec.options.get("python") or sys.executable
        if not found:
            raise StartError(
                "py: this program is not a Python interpreter; name one with the option {python}"
            )
        if os.sep not in found:
            import shutil

            found = shutil.which(found) or found
        return str(found)

    def _arguments(self) -> list[str]:
        args = self._spec.options.get("args") or []
        if any(type(a) is not str for a in args):
            raise ArgErr("py: the option args must be a list of Str")
        return list(args)

    def _environment(self, home: Home) -> dict[str, str]:
        out = {name: os.environ[name] for name in _KEEP if name in os.environ}
        out |= {
            "HOME": home.temp,
            "TMPDIR": home.temp,
            "AXON_HOME": home.address,
            "AXON_KEY": self._spec.key,
        }
        if self._spec.io_dir:
            out["AXON_IO"] = os.path.realpath(self._spec.io_dir)
        for name, val in (self._spec.options.get("env") or {}).items():
            if type(val) is not str or "\0" in val or "=" in name:
                raise ArgErr(f"py: the option env must map names to Str, got {name}")
            out[name] = val
        return out

    def hello_options(self) -> dict[str, Any]:
        """The walls that the interpreter puts up around itself, and its working directory."""
        assert self._home is not None
        options = self._spec.options
        io_dir = os.path.realpath(self._spec.io_dir) if self._spec.io_dir else ""
        guard = {
            "write": [self._home.temp, *([io_dir] if io_dir else [])],
            "network": bool(options.get("net")),
            "memory": int(options.get("memory") or _three_quarters()),
        }
        return {"guard": guard, "cwd": io_dir or self._home.temp}

    def ready(self, layers: list[str]) -> None:
        """With seccomp no process can leave the group, so none has to be searched for at the end."""
        self._contained = "seccomp" in layers

    def output_fd(self) -> int | None:
        """The pipe behind the interpreter's descriptors 1 and 2."""
        return self._output

    # ---- while it runs

    def alive(self) -> bool:
        """Whether the interpreter still runs. It is not reaped here: its group id stays its own."""
        with self._end_lock:
            if not self._pid or self._status is not None:
                return False
            return os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def interrupt(self) -> None:
        """Send SIGINT to the interpreter, not to what it started."""
        with self._end_lock:
            if self.alive():
                os.kill(self._pid, signal.SIGINT)

    # ---- the end

    def kill(self) -> None:
        """SIGKILL to the whole process group, then to any process that got away from it."""
        with self._end_lock:
            self._killed = self._killed or self.alive()
            self._end_group()

    def _end_group(self) -> None:
        """Kill what is left of the group before the leader is reaped: until then its number is its own."""
        with self._end_lock:
            if self._pid and self._status is None:
                self._kill_group()
                _, self._status = os.waitpid(self._pid, 0)

    def _kill_group(self) -> None:
        try:
            os.killpg(self._pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        except PermissionError:  # macOS: a group of zombies only
            pass
        if self._home is not None and not self._contained:
            kill_marked(self._home.temp)

    def close(self) -> None:
        """Wait a moment for the interpreter, then kill what is left of it, then remove its files."""
        if self._pid and self._status is None:
            self._wait(_CLOSE_GRACE)
            self._end_group()
        self._free()

    def _wait(self, seconds: float) -> None:
        if self._pidfd is not None:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            if self._output is not None:
                poll.register(self._output, select.POLLIN)
            end = time.monotonic() + seconds
            while self.alive() and (left := end - time.monotonic()) > 0:
                poll.poll(left * 1000)
                if not self._drain():
                    poll = select.poll()
                    poll.register(self._pidfd, select.POLLIN)
            return
        end = time.monotonic() + seconds
        while self.alive() and time.monotonic() < end:
            select.select([], [], [], 0.005)

    def _drain(self) -> bool:
        """Throw away what the ending interpreter prints, so that it does not wait for a reader."""
        try:
            return self._output is not None and os.read(self._output, 65536) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _free(self) -> None:
        for fd in (self._leash, self._output, self._pidfd):
            if fd is not None:
                os.close(fd)
        self._leash = self._output = self._pidfd = None
        if self._home is not None:
            self._home.close()

    def trouble(self) -> str:
        """Nothing is known."""
        return ""

    def exit_reason(self) -> str:
        """Why the interpreter ended."""
        status = self._status
        if status is None and self._pid:
            self._wait(0.5)
            if self.alive():
                return "it closed its link without ending"
            self._end_group()
            status = self._status
        if status is None:
            return "it never ran"
        code = os.waitstatus_to_exitcode(status)
        if code >= 0:
            return f"it ended with exit code {code}"
        name = signal.Signals(-code).name if -code in signal.valid_signals() else "?"
        hint = (
            " (often: the machine ran out of memory)" if code == -signal.SIGKILL and not self._killed else ""
        )
        return f"it was killed by signal {-code} ({name}){hint}"

    def _last_words(self) -> str:
        """What the interpreter printed before it failed to call, for the error message."""
        if self._output is None:
            return ""
        try:
            said = os.read(self._output, _STARTUP_TEXT)
        except OSError:
            return ""
        text = said.decode("utf-8", "replace").strip()
        return f": {text}" if text else ""

    def isolation(self) -> list[str]:
        """What this place does not protect."""
        return [
            "session code can read every file that this user can read",
            "processors and the number of processes are not limited",
            "it shares the kernel and the user id with this program: for hostile code use the docker backend",
        ]


def _pylib_file() -> str:
    import pylib

    return os.path.abspath(pylib.__file__)


def _three_quarters() -> int:
    """Bytes: three quarters of the machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 3 // 4


def kill_marked(marker: str) -> None:
    """Kill every process of this machine whose environment names `marker`, our private directory.

    Only where seccomp is missing can a process leave its group; this finds the ones that did.
    """
    own = os.getpid()
    needle = marker.encode()
    try:
        names = os.listdir("/proc")
    except OSError:
        return
    for name in names:
        if not name.isdigit() or int(name) == own:
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as f:
                found = needle in f.read(65536)
            if found:
                os.kill(int(name), signal.SIGKILL)
        except OSError as e:
            if e.errno not in (errno.ENOENT, errno.ESRCH, errno.EACCES, errno.EPERM):
                raise


backend: type[Backend] = ProcessBackend
