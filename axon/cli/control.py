"""The control socket of a running project: what is said over it, the server, and the commands that ask.

One request and one answer per connection, each a JSON object in one line; values are canonical Haystack JSON.
The socket lies in a directory that only its owner can enter.

    {"do": "send", "id": "counter", "msg": {"v": 3}, "wait": true}
    {"ok": 7}   or   {"err": "no task counter", "kind": "UnknownTaskErr"}
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axon.cli.options import UsageError
from axon.errors import AxonError, IOErr

if TYPE_CHECKING:
    from axon.cli.service import Service
    from axon.tasks.task import Task

__all__ = ["VERBS", "Server", "control_command", "request"]

_log = logging.getLogger("axon.service")
#: Longest request, in bytes.
_LIMIT = 64 * 1024 * 1024


class Server:
    """Answers requests; one thread accepts, one more for each connection.

    Raises:
        UsageError: another service has the socket.
    """

    def __init__(self, path: Path, service: Service) -> None:
        self._path = path
        self._service = service
        if _is_answered(path):
            raise UsageError(f"{path.parent.parent}: its tasks run already (axon task list)")
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        with _Near(path) as near:
            self._socket.bind(near)
        path.chmod(0o600)
        self._socket.listen(16)
        threading.Thread(target=self._accept, name="axon-control", daemon=True).start()

    def close(self) -> None:
        """Take no more requests."""
        self._path.unlink(missing_ok=True)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), name="axon-control", daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                answer = self._answer(json.loads(_read_line(connection)))
            except (ValueError, OSError, AttributeError) as e:
                answer = {"err": f"bad request: {e}", "kind": "UsageError"}
            try:
                connection.sendall(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
            except OSError:
                _log.info("a control client went away before its answer")

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        from axon.values.json import to_json

        handler = _HANDLERS.get(str(request.get("do")))
        if handler is None:
            return {"err": f"no request {request.get('do')!r}", "kind": "UsageError"}
        try:
            return {"ok": to_json(handler(self._service, request))}
        except AxonError as e:
            return {"err": e.message or e.dis(), "kind": type(e).__name__, "trace": e.axon_trace}


def _task(service: Service, request: dict[str, Any]) -> Task:
    from axon.errors import UnknownTaskErr

    wanted = str(request.get("id", "")).removeprefix("@")
    for task in service.rt.tasks.all():
        if wanted in (task.id.val, task.name):
            return task
    raise UnknownTaskErr(f"no task {wanted}")


def _list(service: Service, request: dict[str, Any]) -> Any:
    return service.rt.eval("tasks()")


def _send(service: Service, request: dict[str, Any]) -> Any:
    from axon.errors import TimeoutErr
    from axon.values.json import from_json

    future = _task(service, request).send(from_json(request.get("msg")))
    if not request.get("wait"):
        return future.state
    limit = request.get("timeout")
    if not future.wait(limit):
        raise TimeoutErr(f"no answer within {limit:g}s; the message stays in the queue")
    return future.result(0)


def _show(service: Service, request: dict[str, Any]) -> Any:
    from axon.lib.tasks import describe

    task = _task(service, request)
    text = describe(task)
    journal = service.rt.tasks.journal
    if journal is not None:
        aside = journal.aside(task.id.val)
        if aside:
            text += "\nkept aside:\n" + "".join(f"  {e.seq}: {e.msg[:200]}\n" for e in aside)
    return text


def _cancel(service: Service, request: dict[str, Any]) -> Any:
    task = _task(service, request)
    task.cancel()
    return task.status


def _restart(service: Service, request: dict[str, Any]) -> Any:
    return service.rt.tasks.restart(_task(service, request)).status


def _kill(service: Service, request: dict[str, Any]) -> Any:
    task = _task(service, request)
    service.rt.tasks.kill(task)
    return task.status


def _ping(service: Service, request: dict[str, Any]) -> Any:
    return {"pid": os.getpid(), "seconds": round(time.time() - service.started)}


def _stop(service: Service, request: dict[str, Any]) -> Any:
    service.stop()
    return "stopping"


_HANDLERS: dict[str, Callable[[Service, dict[str, Any]], Any]] = {
    "list": _list,
    "send": _send,
    "show": _show,
    "cancel": _cancel,
    "restart": _restart,
    "kill": _kill,
    "ping": _ping,
    "stop": _stop,
}


# Talking to it


class _Near:
    """A name of a socket that is short enough for the system, whatever the path."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def __enter__(self) -> str:
        if len(os.fsencode(self._path)) < 100:
            return str(self._path)
        if not os.path.isdir("/proc/self/fd"):
            raise UsageError(f"{self._path}: this path is too long for a socket")
        self._fd = os.open(self._path.parent, os.O_RDONLY)
        return f"/proc/self/fd/{self._fd}/{self._path.name}"

    def __exit__(self, *exc: object) -> None:
        if self._fd >= 0:
            os.close(self._fd)


def request(path: Path, what: dict[str, Any], timeout: float | None = 30.0) -> Any:
    """Ask the service that has the socket; returns the value of its answer.

    Raises:
        UsageError: no service has it.
        ControlError: the service refuses; `kind` is the name of its error.
    """
    from axon.values.json import from_json

    try:
        with socket.socket(socket.AF_UNIX) as s, _Near(path) as near:
            s.settimeout(timeout)
            s.connect(near)
            s.sendall(json.dumps(what, ensure_ascii=False).encode() + b"\n")
            answer = json.loads(_read_line(s))
    except (FileNotFoundError, ConnectionRefusedError) as e:
        raise UsageError(f"{path.parent.parent}: its tasks do not run (axon task run)") from e
    except (OSError, ValueError) as e:
        raise IOErr(f"the service does not answer: {e}") from e
    if "err" in answer:
        raise ControlError(answer["err"], answer.get("kind", "Err"), answer.get("trace") or [])
    return from_json(answer["ok"])


class ControlError(AxonError):
    """The service refused."""

    def __init__(self, message: str, kind: str, trace: list[str]) -> None:
        super().__init__(message)
        self.kind = kind
        self.axon_trace = trace

    @property
    def err(self) -> dict[str, Any]:
        return {"dis": self.message, "type": f"hx::{self.kind}"}


def _is_answered(path: Path) -> bool:
    try:
        request(path, {"do": "ping"}, 2.0)
    except UsageError:
        return False
    except AxonError:
        return True
    return True


def _read_line(s: socket.socket) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        data = s.recv(65536)
        parts.append(data)
        size += len(data)
        if not data or data.endswith(b"\n"):
            return b"".join(parts)
        if size > _LIMIT:
            raise ValueError("the line is too long")


# Commands

VERBS = ("list", "send", "show", "log", "cancel", "restart", "kill", "stop")
_NEEDS_ID = ("send", "show", "cancel", "restart", "kill")


def control_command(verb: str, args: list[str]) -> int:
    """Run one of the commands that talk to a project that runs; returns the exit code."""
    words, flags, timeout = _read_args(args)
    wanted = (1 if verb in _NEEDS_ID else 0) + (1 if verb == "send" else 0)
    if verb == "log":
        return _log_command(words, flags)
    if not wanted <= len(words) <= wanted + 1:
        need = " ".join(["ID"] * (verb in _NEEDS_ID) + ["MSG"] * (verb == "send"))
        raise UsageError(f"usage: axon task {verb} {need} [PROJECT]")
    path = _socket_of(words[wanted] if len(words) > wanted else ".")
    if verb == "list" and "--watch" in flags:
        from axon.cli.watch import watch

        return watch(lambda: request(path, {"do": "list"}))
    what: dict[str, Any] = {"do": verb}
    if verb in _NEEDS_ID:
        what["id"] = words[0]
    if verb == "send":
        what |= {"msg": _message(words[1]), "wait": "--wait" in flags, "timeout": timeout}
    answer = request(path, what, None if "--wait" in flags else 30.0)
    from axon.cli.render import show_value

    show_value(answer, as_json="--json" in flags)
    return 0


def _message(text: str) -> Any:
    from axon.engine import Runtime
    from axon.values.json import to_json

    with Runtime(admin=False) as rt:
        return to_json(rt.eval(text))


def _read_args(args: list[str]) -> tuple[list[str], set[str], float | None]:
    from axon.cli.run import seconds_of

    words: list[str] = []
    flags: set[str] = set()
    timeout: float | None = None
    todo = list(args)
    while todo:
        arg = todo.pop(0)
        if arg == "--timeout" and todo:
            timeout = seconds_of(todo.pop(0))
        elif arg in ("--wait", "--watch", "--json", "-f", "--follow"):
            flags.add(arg)
        elif arg.startswith("--"):
            raise UsageError(f"unknown option {arg}")
        else:
            words.append(arg)
    return words, flags, timeout


def _socket_of(project: str) -> Path:
    found = Path(project)
    return (found if found.is_dir() else found.parent) / ".axon" / "control.sock"


def _log_command(words: list[str], flags: set[str]) -> int:
    """Print the service's log, of one task if an id is given; with -f go on as it grows."""
    id = next((w.removeprefix("@") for w in words if not os.path.exists(w)), None)
    project = next((w for w in words if os.path.exists(w)), ".")
    path = _socket_of(project).with_name("service.log")
    if not path.is_file():
        raise UsageError(f"{project}: no log there")
    with path.open(encoding="utf-8") as f:
        while True:
            line = f.readline()
            if line:
                _print_entry(json.loads(line), id, as_json="--json" in flags)
            elif not flags & {"-f", "--follow"}:
                return 0
            else:
                time.sleep(0.2)


def _print_entry(entry: dict[str, Any], id: str | None, *, as_json: bool) -> None:
    if id is not None and entry.get("task") != id:
        return
    if as_json:
        print(json.dumps(entry, ensure_ascii=False))
        return
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry["ts"]))
    print(f"{when} {entry['level']:7} {entry['message']}")
    sys.stdout.flush()
