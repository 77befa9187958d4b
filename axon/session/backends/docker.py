"""The docker backend: the interpreter runs in a hardened container and calls home over a unix socket.

The socket lies in a private directory that is mounted into the container read-only, so the container needs no
network at all. Three kinds of images run: ours (`axon image build`) and any with a Python, both by protocol
1; and images of hxPy, known by their entry point `python`, by wire v0. With the options `network` or `port`
there is no socket file: the container listens, and is reached by address.

Containers end when the link closes, also by the death of this program. The engine removes them then; where it
restores containers after its own restart, we remove them, as it would end those that it is to remove.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from axon.errors import ArgErr, StartError
from axon.session.backends.base import BOOT, ENDED, Backend, Link, StartSpec, fresh_key
from axon.session.backends.docker_engine import Engine, EngineError, engine
from axon.session.backends.docker_image import PYLIB_LABEL, find_image, pylib_digest, pylib_path
from axon.session.backends.docker_io import container_user, give
from axon.session.backends.docker_profile import (
    CALL_DIR,
    IO_DIR,
    LIB_DIR,
    Limits,
    Place,
    container_config,
    io_mode,
    walls,
)
from axon.session.backends.docker_reap import Attached, janitor, labels, reap_once
from axon.session.backends.docker_tcp import call, offer
from axon.session.backends.home import Home, tune

__all__ = ["DockerBackend", "backend", "settle"]

_SERVE = BOOT.format("v0").replace("main()", "main(sys.argv[2:])")
_IMAGE_LIB = "/opt/axon/pylib"
"""Where our own image has `pylib`."""
_CLOSE_GRACE = 2.5
"""Seconds that an interpreter has to finish by itself (flush files, run exit handlers)."""


class DockerBackend:
    """An interpreter in a container.

    Options: `image`, `memory`, `cpus`, `pids`, `tmp`, `io` (`"rw"`, `"ro"`, false), `env`, `python`,
    `network`, `port`, `logLevel`, `maxRetry`, `transport`.
    """

    name = "docker"
    host_first = False
    asks_to_stop = False
    after_kill = ENDED

    @staticmethod
    def key_of(options: Mapping[str, Any]) -> str:
        """A fresh one."""
        return fresh_key()

    def __init__(self, spec: StartSpec) -> None:
        self._spec = spec
        self._options = spec.options
        self._limits = Limits.of(spec.options)
        self.reply_limit = self._limits.memory
        self._home: Home | None = None
        self._output: int | None = None
        self._link: Link | None = None
        self._engine: Engine | None = None
        self._found: dict[str, Any] | None = None
        self._place: Place | None = None
        self._since = 0.0
        self._reason = ""
        self._trouble = ""
        self._killed = False
        self._pid = 0
        self.container = ""
        """Name of the container; empty before the start and when it was removed."""

    # ---- what will run

    @property
    def wire(self) -> int:
        """Version of the protocol that the image speaks: 1, or 0 for images of hxPy.

        Raises:
            StartError: no engine, or no such image.
        """
        config = self._image().get("Config") or {}
        if PYLIB_LABEL in (config.get("Labels") or {}) or self._options.get("transport") == "unix":
            return 1
        entry = (config.get("Entrypoint") or [""])[-1]
        return 0 if os.path.basename(entry).startswith("python") else 1

    def _image(self) -> dict[str, Any]:
        if self._found is None:
            with _as_start_errors():
                self._engine = engine()
                self._found = find_image(self._engine, self._options.get("image"))
        return self._found

    def _is_ours(self) -> bool:
        return PYLIB_LABEL in ((self._image().get("Config") or {}).get("Labels") or {})

    def _plan(self) -> Place:
        """The container for a call over the unix socket."""
        assert self._home is not None
        image = self._image()
        mounts = [(self._home.call, CALL_DIR, True)]
        lib = _IMAGE_LIB
        if not self._is_ours() or image["Config"]["Labels"][PYLIB_LABEL] != pylib_digest():
            lib = LIB_DIR
            mounts.append((pylib_path(), LIB_DIR, True))
        env = self._environment() | {
            "AXON_HOME": f"{CALL_DIR}/s",
            "AXON_KEY": self._spec.key,
            "AXON_OUT": f"{CALL_DIR}/o",
        }
        if self.wire == 0:
            env["AXON_SERVER"] = " ".join(self._server_arguments())
            return self._at(mounts, env, None, ["-c", BOOT.format("relay"), lib])
        python = str(self._options.get("python") or "python3")
        return self._at(mounts, env, [python, "-E", "-S", "-c", BOOT.format("contained"), lib], [])

    def _at(
        self,
        mounts: list[tuple[str, str, bool]],
        env: dict[str, str],
        entrypoint: list[str] | None,
        command: list[str],
    ) -> Place:
        mode = io_mode(self._options)
        cwd = "/tmp"
        if self._spec.io_dir and mode:
            source = os.path.realpath(self._spec.io_dir)
            give(source, to_read=mode == "ro")
            mounts.append((os.environ.get("AXON_IO_MOUNT") or source, IO_DIR, mode == "ro"))
            env["AXON_IO"] = cwd = IO_DIR
        user, group = container_user()
        return Place(
            image=self._image()["Id"],
            entrypoint=entrypoint,
            command=command,
            env=env,
            user=f"{user}:{group}",
            cwd=cwd,
            mounts=mounts,
            labels=labels(),
        )

    def _environment(self) -> dict[str, str]:
        cpus = str(max(1, round(self._limits.cpus or os.cpu_count() or 1)))
        out = {
            "HOME": "/tmp",
            "TMPDIR": "/tmp",
            "LANG": "C.UTF-8",
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": cpus,
            "OMP_NUM_THREADS": cpus,
            "MPLCONFIGDIR": "/tmp/.matplotlib",
        }
        for name, val in (self._options.get("env") or {}).items():
            if type(val) is not str or "\0" in val or "=" in name or not name:
                raise ArgErr(f"py: the option env must map names to Str, got {name}")
            out[name] = val
        return out

    def _server_arguments(self) -> list[str]:
        level = str(self._options.get("logLevel") or "WARN")
        if level not in ("WARN", "INFO", "DEBUG"):
            raise ArgErr(f'py: the option logLevel must be "WARN", "INFO" or "DEBUG", got {level!r}')
        return ["--timeout", f"{max(1, int(self._spec.start_timeout))}", "--level", level]

    # ---- start

    @property
    def pid(self) -> int:
        """Process id, on the engine's machine, of the container's first process; 0 when none runs."""
        if not self._pid and self.container and self._engine is not None:
            with contextlib.suppress(EngineError, KeyError):
                self._pid = int(self._engine.inspect(self.container)["State"]["Pid"])
        return self._pid if self.container else 0

    def start(self) -> Link:
        """Start the container and wait for its call.

        Raises:
            StartError: it could not be started or did not call in time; nothing is left behind.
        """
        self._image()
        if self._listens:
            return self._start_listening()
        try:
            self._home = Home(shared=True)
            pipe = os.path.join(self._home.call, "o")
            os.mkfifo(pipe)
            os.chmod(pipe, 0o622)
            self._output = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            _widen(self._output)
            link = self._link = self._run(self._plan(), self._home)
            os.unlink(pipe)
            return link
        except BaseException:
            self.kill()
            self._free()
            raise

    # ---- a container that listens

    @property
    def _listens(self) -> bool:
        options = self._options
        return bool(options.get("network") or options.get("port") or options.get("transport") == "tcp")

    def _start_listening(self) -> Link:
        end = time.monotonic() + self._patience()
        port = self._port()
        place = self._plan_listening(port)
        try:
            docker = self._create(place)
            with _as_start_errors():
                docker.start(self.container)
                address = self._address(docker, place)
            reap_once(docker)
            link = call(address, port, end, self._runs, proxied=bool(place.publish))
            if self.wire:
                offer(link, self._spec.key, max(1.0, end - time.monotonic()))
            tune(link)
            self._link = link
            return link
        except BaseException:
            self.kill()
            self._free()
            raise

    def _plan_listening(self, port: int) -> Place:
        command = ["-m", "hxpy", "--port", str(port), *self._server_arguments()]
        env = self._environment()
        if self._is_ours():
            place = self._at([], env | {"AXON_KEY": self._spec.key}, ["python3"], command)
        elif self.wire:  # any image with Python: our server comes with us
            boot = ["python3", "-c", _SERVE, LIB_DIR, *command[2:]]
            place = self._at([(pylib_path(), LIB_DIR, True)], env | {"AXON_KEY": self._spec.key}, boot, [])
        else:
            place = self._at([], env, None, [*command, "--key", self._spec.key])
        network = self._options.get("network") or ""
        if type(network) is not str:
            raise ArgErr(f"py: the option network must be a Str, got {network!r}")
        return replace(place, network=network, publish=0 if network else port)

    def _port(self) -> int:
        port = self._options.get("port", 8888)
        if type(port) not in (int, float) or not 0 < port < 65536:
            raise ArgErr(f"py: the option port must be a Number from 1 to 65535, got {port!r}")
        return int(port)

    def _patience(self) -> float:
        """Seconds to try: those of `startTimeout`; less with `maxRetry`, which counts seconds in hxPy."""
        tries = self._options.get("maxRetry")
        if tries is None:
            return self._spec.start_timeout
        if type(tries) not in (int, float) or tries < 0:
            raise ArgErr(f"py: the option maxRetry must be a Number, got {tries!r}")
        return min(self._spec.start_timeout, float(tries) + 1)

    def _address(self, docker: Engine, place: Place) -> str:
        if place.publish:
            return "127.0.0.1"
        networks = docker.inspect(self.container)["NetworkSettings"]["Networks"]
        return next((str(n["IPAddress"]) for n in networks.values() if n.get("IPAddress")), "")

    def _runs(self) -> bool:
        assert self._engine is not None
        try:
            return bool(self._engine.inspect(self.container)["State"]["Running"])
        except EngineError:
            return False

    # ---- a container that calls

    def _run(self, place: Place, home: Home) -> Link:
        docker = self._create(place)
        words = Attached(docker, self.container)
        try:
            with _as_start_errors():
                docker.start(self.container)
            reap_once(docker)
            return home.accept(self._spec.start_timeout, words.open, words.fileno())
        except StartError as e:
            raise StartError(f"{e.message}{words.text()}") from e
        finally:
            words.close()

    def _create(self, place: Place) -> Engine:
        self._image()
        assert self._engine is not None
        self._since = time.time() - 1
        with _as_start_errors():
            self._place = replace(place, stays=self._engine.restores)
            self.container = f"axon-{os.urandom(8).hex()}"
            self._engine.create(container_config(self._place, self._limits), self.container)
        return self._engine

    def hello_options(self) -> dict[str, Any]:
        """The names of the walls around the interpreter, and its working directory."""
        assert self._place is not None
        return {"walls": walls(self._place, self._limits), "cwd": self._place.cwd}

    def ready(self, layers: list[str]) -> None:
        """The walls are ours, not the interpreter's: nothing to learn."""

    def output_fd(self) -> int | None:
        """The pipe behind the container's descriptors 1 and 2."""
        return self._output

    # ---- while it runs

    def alive(self) -> bool:
        """Whether the interpreter still runs: the kernel hangs the link up when it ends."""
        if self._link is None or self._killed:
            return False
        poll = select.poll()
        try:
            poll.register(self._link.fileno(), select.POLLRDHUP)
            return not poll.poll(0)
        except (OSError, ValueError):
            return False

    def interrupt(self) -> None:
        """Send SIGINT to the container's first process, which passes it on to the session."""
        if self._engine is not None and self.container:
            self._note_state(self.container)
            with contextlib.suppress(EngineError):
                self._engine.signal(self.container, "SIGINT")

    # ---- the end

    def kill(self) -> None:
        """End and remove the container now."""
        name, self.container = self.container, ""
        if name and self._engine is not None:
            self._killed = True
            with contextlib.suppress(EngineError):
                self._engine.remove(name)
            janitor.remove(self._engine, name)

    def trouble(self) -> str:
        """What explains a silence."""
        return self._trouble

    def _note_state(self, name: str) -> None:
        """A container that does not answer may be paused: worth saying."""
        assert self._engine is not None
        with contextlib.suppress(EngineError, KeyError):
            if self._engine.inspect(name)["State"]["Paused"]:
                self._trouble = "the container was paused"

    def close(self) -> None:
        """Wait a moment for the interpreter, then have the container removed, then remove its files."""
        if self.container:
            self._wait_for_silence(_CLOSE_GRACE)
        name, self.container = self.container, ""
        if name and self._engine is not None:
            janitor.remove(self._engine, name)
        self._free()

    def _wait_for_silence(self, seconds: float) -> None:
        """Until no process of the container has its output open any more; throws away what is printed."""
        if self._output is None:
            self._wait_for_the_end(seconds)
            return
        poll = select.poll()
        poll.register(self._output, select.POLLIN)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and poll.poll(left * 1000):
            try:
                if not os.read(self._output, 65536):
                    return
            except BlockingIOError:
                continue

    def _wait_for_the_end(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._runs():
            select.select([], [], [], 0.01)

    def _free(self) -> None:
        if self._output is not None:
            os.close(self._output)
            self._output = None
        if self._home is not None:
            janitor.do(self._home.close)
            self._home = None

    def exit_reason(self) -> str:
        """Why the interpreter ended, by what the engine saw."""
        if self._reason or not self.container or self._engine is None:
            return self._reason or "it never ran"
        code: str | None = None
        memory = outside = False
        try:
            for action, about in self._engine.events(self.container, self._since, 1.5):
                memory = memory or action == "oom"
                outside = outside or (action == "kill" and about.get("signal") not in ("2", "SIGINT"))
                if action == "die":
                    code = about.get("exitCode", "?")
                    break
        except EngineError as e:
            self._reason = f"the container ended with its engine: {e.message}"
            return self._reason
        self._reason = self._describe(code, memory, outside)
        return self._reason

    def _describe(self, code: str | None, memory: bool, outside: bool) -> str:
        if code is None:
            return "its link was closed"
        if memory:
            return f"the container ran out of memory (its limit is {self._limits.memory >> 20} MB)"
        if outside:
            return "the container was killed from outside"
        number = int(code) if code.isdigit() else 0
        if number > 128 and number != 255:
            import signal

            known = number - 128 in signal.valid_signals()
            name = signal.Signals(number - 128).name if known else "?"
            return f"it was killed by signal {number - 128} ({name})"
        return f"it ended with exit code {code}"

    def isolation(self) -> list[str]:
        """What this place does not protect."""
        place = self._place
        out = ["it shares the kernel with this machine: a fault of the kernel is a way out"]
        if place is not None and (place.network or place.publish):
            out.append("the code can use the network of its container, and reach services of this machine")
        if not self._limits.cpus:
            out.append("processors are not limited (option cpus)")
        return out


def _widen(pipe: int) -> None:
    """A larger buffer: what is printed is read when the link is silent, at each look at the clock."""
    import fcntl

    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)


@contextlib.contextmanager
def _as_start_errors() -> Iterator[None]:
    try:
        yield
    except EngineError as e:
        raise StartError(f"py: {e}") from e


def settle(seconds: float = 10.0) -> None:
    """Wait until every container that was given up is removed."""
    janitor.settle(seconds)


backend: type[Backend] = DockerBackend
