"""The control socket of a running project: what is said over it, the server, and the commands that ask.

One request and one answer per connection, each a JSON object in one line; values are canonical Haystack JSON.
The socket lies in a directory that only its owner can enter.

    {"do": "send", "id": "counter", "msg": {"v": 3}, "wait": true}
    {"ok": 7}   or   {"err": "no task counter", "kind": "UnknownTaskErr"}
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axon.cli.options import InputError, UsageError, os_reason
from axon.cli.project import state_of
from axon.errors import AxonError, IOErr
from pylib.kinds import Ref

if TYPE_CHECKING:
    import datetime as dt

    from axon.cli.service import Service
    from axon.tasks.journal import Entry
    from axon.tasks.task import Task

__all__ = ["SOCKET", "VERBS", "Server", "control_command", "request"]

SOCKET = "control.sock"

_log = logging.getLogger("axon.service")
#: Seconds to wait when there is no room for one more client.
_PAUSE = 0.2
#: Longest request and longest answer, in bytes.
_LONGEST = 64 * 1024 * 1024
#: Seconds that a client has for its request and to take its answer.
_PATIENCE = 30.0
#: Seconds that clients have to take their answers when the service ends.
_FAREWELL = 2.0


class Server:
    """Answers requests; one thread accepts, one more for each connection.

    Raises:
        InputError: another service has the socket.
        IOErr: there can be no socket.
    """

    def __init__(self, path: Path, service: Service) -> None:
        self._path = path
        self._service = service
        self._closed = False
        self._talks: list[threading.Thread] = []
        self._lock = _lock(path.parent)
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            path.unlink(missing_ok=True)
            with _Near(path) as near:
                self._socket.bind(near)
            path.chmod(0o600)
        except OSError as e:
            raise IOErr(f"{path}: {os_reason(e)}") from e
        self._socket.listen(4096)  # the system has a smaller limit
        threading.Thread(target=self._accept, name="axon-control", daemon=True).start()

    def close(self) -> None:
        """Take no more requests; the project stays this service's until `finish`."""
        self._closed = True
        self._path.unlink(missing_ok=True)
        self._socket.close()

    def finish(self) -> None:
        """Let those who asked take their answers, then let others have the project."""
        end = time.monotonic() + _FAREWELL
        for talk in self._talks:
            talk.join(max(0.0, end - time.monotonic()))
        os.close(self._lock)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
                talk = threading.Thread(
                    target=self._talk, args=(connection,), name="axon-control", daemon=True
                )
                talk.start()
                self._talks = [*(t for t in self._talks if t.is_alive()), talk]
            except (OSError, RuntimeError) as e:  # no file descriptor or thread is left: later there may be
                if self._closed:
                    return
                _log.error("a control client can't be served: %s", e)
                time.sleep(_PAUSE)

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(_PATIENCE)
            try:
                answer = self._answer(json.loads(_read_line(connection)))
            except (ValueError, OSError, AttributeError) as e:
                answer = {"err": f"bad request: {e}", "kind": "UsageError"}
            try:
                connection.sendall(_answer_line(answer))
            except OSError:
                _log.info("a control client went away before its answer")

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        from axon.cli.report import kind_of
        from axon.values.json import to_json

        handler = _HANDLERS.get(str(request.get("do")))
        if handler is None:
            return {"err": f"no request {request.get('do')!r}", "kind": "UsageError"}
        try:
            return {"ok": to_json(handler(self._service, request))}
        except AxonError as e:
            return {"err": e.message or e.dis(), "kind": kind_of(e), "trace": e.axon_trace}
        except (TypeError, ValueError, RecursionError) as e:
            return {"err": f"bad request: {e}", "kind": "UsageError"}


def _answer_line(answer: dict[str, Any]) -> bytes:
    line = _line(answer)
    if len(line) <= _LONGEST:
        return line
    return _line({"err": f"the answer is too long: {_size(line)}", "kind": "IOErr"})


def _lock(state: Path) -> int:
    """Take the directory for this process till it ends or closes the descriptor that this gives.

    Raises:
        InputError: another process has it.
        IOErr: it can't be locked.
    """
    found = os.open(state, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as e:
        os.close(found)
        raise InputError(f"{state.parent}: its tasks run already (axon task list)") from e
    except OSError as e:
        os.close(found)
        raise IOErr(f"{state}: it can't be locked ({os_reason(e)})") from e
    return found


def _task(service: Service, request: dict[str, Any]) -> Task:
    from axon.errors import UnknownTaskErr

    wanted = str(request.get("id", "")).removeprefix("@")
    task = service.rt.tasks.find(wanted)
    if task is not None:
        return task
    named = [t for t in service.rt.tasks.all() if t.name == wanted]
    if len(named) > 1:
        ids = ", ".join(f"@{t.id.val}" for t in named)
        raise UnknownTaskErr(f"which task {wanted}: {ids}")
    if not named:
        raise UnknownTaskErr(f"no task {wanted}")
    return named[0]


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
        where = "is being evaluated" if future.running() else "stays in the queue"
        raise TimeoutErr(f"no answer within {limit:g}s; the message {where}")
    return future.result(0)


def _show(service: Service, request: dict[str, Any]) -> Any:
    from axon.lib.tasks import describe
    from axon.tasks.durable import DurableTask

    task = _task(service, request)
    text = describe(task)
    if isinstance(task, DurableTask):
        journal = task.journal
        text += _entries("last messages", journal.recent(task.id.val, 5))
        text += _entries("kept aside", journal.aside(task.id.val))
    return text


def _entries(title: str, found: list[Entry]) -> str:
    lines = [f"  {e.seq} {e.state}: {_cut(e.msg)} => {_cut(e.answer or '')}\n" for e in found]
    return f"\n{title}:\n" + "".join(lines) if lines else ""


def _cut(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"


def _moment(service: Service, seconds: float) -> dt.datetime:
    import datetime as dt

    return dt.datetime.fromtimestamp(seconds, service.rt.thread_context().zoneinfo)


def _aside(service: Service, request: dict[str, Any]) -> Any:
    """List the messages that a task kept aside; or try one of them, or all, again, or drop them."""
    from axon.errors import ArgErr
    from axon.tasks.durable import DurableTask

    task = _task(service, request)
    found = task.journal.aside(task.id.val) if isinstance(task, DurableTask) else []
    verb = next((v for v in ("retry", "drop") if request.get(v) is not None), None)
    if verb is None or not isinstance(task, DurableTask):
        return [
            {
                "number": e.seq,
                "begun": e.deliveries,
                "sent": _moment(service, e.sent),
                "msg": e.msg,
                "why": e.answer,
            }
            for e in found
        ]
    wanted = str(request[verb])
    chosen = [e.seq for e in found if wanted in ("all", str(e.seq))]
    if not chosen and wanted != "all":
        raise ArgErr(f"{task.name}: no message {wanted} is kept aside")
    for seq in chosen:
        task.retry(seq) if verb == "retry" else task.journal.drop(seq)
    return len(chosen)


def _cancel(service: Service, request: dict[str, Any]) -> Any:
    task = _task(service, request)
    task.cancel()
    return task.status


def _restart(service: Service, request: dict[str, Any]) -> Any:
    """Begin a task anew; one that was killed has its record still."""
    from axon.errors import UnknownTaskErr

    tasks = service.rt.tasks
    try:
        return tasks.restart(_task(service, request)).status
    except UnknownTaskErr:
        record = service.rt.db.get(Ref(str(request.get("id", "")).removeprefix("@")))
        if record is None or "task" not in record:
            raise
        return tasks.add(record).status


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
    "aside": _aside,
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
            raise InputError(f"{self._path}: this path is too long for a socket")
        self._fd = os.open(self._path.parent, os.O_RDONLY)
        return f"/proc/self/fd/{self._fd}/{self._path.name}"

    def __exit__(self, *exc: object) -> None:
        if self._fd >= 0:
            os.close(self._fd)


def request(path: Path, what: dict[str, Any], timeout: float | None = 30.0) -> Any:
    """Ask the service that has the socket; returns the value of its answer.

    Raises:
        InputError: no service has it, or one of another user; the request is too long.
        ControlError: the service refuses; `kind` is the name of its error.
        IOErr: it gives no answer.
    """
    from axon.values.json import from_json

    line = _line(what)
    if len(line) > _LONGEST:
        raise InputError(f"the message is too long: {_size(line)}")
    project = path.parent.parent
    try:
        with socket.socket(socket.AF_UNIX) as s, _Near(path) as near:
            s.settimeout(timeout)
            _connect(s, near)
            s.sendall(line)
            found = _read_line(s)
    except (FileNotFoundError, ConnectionRefusedError) as e:
        raise InputError(f"{project}: its tasks do not run (axon task run)") from e
    except PermissionError as e:
        raise InputError(f"{project}: its service is another user's") from e
    except (OSError, ValueError) as e:
        raise IOErr(f"{project}: its service does not answer: {e}") from e
    if not found.endswith(b"\n"):
        raise IOErr(f"{project}: its service ended before it answered")
    answer = json.loads(found)
    if "err" in answer:
        raise ControlError(answer["err"], answer.get("kind", "Err"), answer.get("trace") or [])
    try:
        return from_json(answer["ok"])
    except AxonError:  # such as a function: it has a text, but stays there
        return answer["ok"]


def _connect(s: socket.socket, near: str) -> None:
    """Reach a service, also one that many others call; nobody else's but root's.

    Raises:
        PermissionError: it is another user's.
    """
    end = time.monotonic() + (s.gettimeout() or 0.0)
    while True:
        try:
            s.connect(near)
            break
        except BlockingIOError:  # so many wait already; without a time-out the system waits
            if time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
    if hasattr(socket, "SO_PEERCRED") and os.geteuid() != 0:
        _, uid, _ = struct.unpack("3i", s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if uid not in (os.geteuid(), 0):
            raise PermissionError(f"a service of user {uid}")


class ControlError(AxonError):
    """The service refused."""

    def __init__(self, message: str, kind: str, trace: list[str]) -> None:
        super().__init__(message)
        self.kind = kind
        self.axon_trace = trace

    @property
    def err(self) -> dict[str, Any]:
        return {"dis": self.message, "type": f"hx::{self.kind}"}


def _line(what: dict[str, Any]) -> bytes:
    text = json.dumps(what, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"  # half a surrogate pair becomes its escape


def _size(line: bytes) -> str:
    return f"{len(line) / 1e6:.0f} MB, at most {_LONGEST / 1e6:.0f} MB are taken"


def _read_line(s: socket.socket) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        data = s.recv(65536)
        parts.append(data)
        size += len(data)
        if not data or data.endswith(b"\n"):
            return b"".join(parts)
        if size > _LONGEST:
            raise ValueError("the line is too long")


# Commands

VERBS = ("list", "send", "show", "log", "aside", "cancel", "restart", "kill", "stop")
_NEEDS_ID = ("send", "show", "aside", "cancel", "restart", "kill")
_FLAGS = ("--wait", "--watch", "--json", "-f", "--follow")
_VALUES = ("--timeout", "--retry", "--drop")


def control_command(verb: str, args: list[str]) -> int:
    """Run one of the commands that talk to a project that runs; returns the exit code."""
    words, flags, values = _read_args(args)
    wanted = (1 if verb in _NEEDS_ID else 0) + (1 if verb == "send" else 0)
    if verb == "log":
        from axon.cli.log import log_command

        return log_command(words, flags)
    if not wanted <= len(words) <= wanted + 1:
        need = "".join([" ID"] * (verb in _NEEDS_ID) + [" MSG"] * (verb == "send"))
        raise UsageError(f"usage: axon task {verb}{need} [PROJECT]")
    path = state_of(words[wanted] if len(words) > wanted else ".") / SOCKET
    if "--watch" in flags and not sys.stdout.isatty():
        raise UsageError("--watch wants a terminal; without --watch the table is printed once")
    if verb == "list" and "--json" not in flags and ("--watch" in flags or sys.stdout.isatty()):
        from axon.cli.watch import show, watch

        return (watch if "--watch" in flags else show)(lambda: request(path, {"do": "list"}))
    what: dict[str, Any] = {"do": verb}
    if verb in _NEEDS_ID:
        what["id"] = words[0]
    if verb == "send":
        what |= {"msg": _message(words[1]), "wait": "--wait" in flags, "timeout": _limit(values)}
    if verb == "aside":
        what |= {name[2:]: val for name, val in values.items() if name != "--timeout"}
    answer = request(path, what, None if "--wait" in flags else 30.0)
    from axon.cli.render import show_value

    show_value(answer, as_json="--json" in flags)
    return 0


def _message(text: str) -> Any:
    """The message that an Axon expression gives, for the wire; `-` reads the expression from standard input.

    Raises:
        InputError: it is no data.
    """
    from axon.cli.run import read_input
    from axon.engine import Runtime
    from axon.values.json import from_json, to_json
    from axon.values.show import kind_name

    with Runtime(admin=False) as rt:
        val = rt.eval(read_input(sys.stdin.read) if text == "-" else text)
        found = to_json(val)
        try:
            from_json(found)
        except AxonError as e:
            raise InputError(f"send: a message must be data, not {kind_name(val)}") from e
        return found


def _limit(values: dict[str, str]) -> float | None:
    from axon.cli.run import seconds_of

    return seconds_of(values["--timeout"]) if "--timeout" in values else None


def _read_args(args: list[str]) -> tuple[list[str], set[str], dict[str, str]]:
    """Words, flags and options with a value; what follows `--` are words."""
    words: list[str] = []
    flags: set[str] = set()
    values: dict[str, str] = {}
    todo = list(args)
    while todo:
        arg = todo.pop(0)
        name, eq, val = arg.partition("=")
        if arg == "--":
            words += todo
            break
        if name in _VALUES:
            if not eq and not todo:
                raise UsageError(f"{name} wants a value")
            values[name] = val if eq else todo.pop(0)
        elif arg in _FLAGS:
            flags.add(arg)
        elif arg.startswith("--"):
            raise UsageError(f"unknown option {arg}")
        else:
            words.append(arg)
    return words, flags, values
