"""`axon task run PROJECT`: tasks that run until they are told to stop.

The main thread waits for a signal and looks at the project's files once a second; tasks work in their pool;
people and scripts talk to it over a control socket (see `control`).
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axon.cli.control import SOCKET, Server
from axon.cli.log import NAME, start_log
from axon.cli.project import Project, modified
from axon.errors import AxonError, ParseErr
from pylib.kinds import REMOVE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from axon.cli.options import Options
    from axon.db.diff import Diff
    from axon.engine import Runtime

__all__ = ["Service", "serve"]

_log = logging.getLogger("axon.service")

#: Seconds that messages in hand have when the service stops, and between two looks at the files.
GRACE = 10.0
WATCH = 1.0


def serve(project: Project, options: Options) -> int:
    """Run the tasks of a project until SIGTERM, SIGINT, SIGHUP or the command `stop`; gives the exit code."""
    state = project.make_state()
    start_log(state / NAME)
    if options.io is None:
        project.make_io()
    options.state = options.state or str(state)
    with project.runtime(options) as rt:
        service = Service(project, rt)
        signal.signal(signal.SIGTERM, service.on_signal)
        signal.signal(signal.SIGINT, service.on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, service.on_signal)
        return service.run()


class Service:
    """A project that runs."""

    def __init__(self, project: Project, rt: Runtime) -> None:
        self.project = project
        self.rt = rt
        self.started = time.time()
        self._signal = 0
        self._stopping = False
        self._bell, self._hand = (
            socket.socketpair()
        )  # no lock: the thread that a signal interrupts may have it
        self._files = _Files(project, rt)

    def stop(self) -> None:
        """Ask it to end."""
        self._stopping = True
        self._hand.send(b"x")

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """A signal asks it to end; a second one ends it at once."""
        if self._stopping:
            raise KeyboardInterrupt
        self._signal = number
        self.stop()

    def run(self) -> int:
        """Load, serve, stop; returns the exit code."""
        server = Server(self.project.state / SOCKET, self)
        try:
            self._load()
            count = sum(task.type == "rec" for task in self.rt.tasks.all())
            text = "1 task runs" if count == 1 else f"{count} tasks run"
            _log.info(text, extra={"event": "started", "pid": os.getpid(), "tasks": count})
            while not select.select([self._bell], [], [], WATCH)[0]:
                self._files.reload()
            why = signal.Signals(self._signal).name if self._signal else "axon task stop"
            _log.info("stopping: %s", why, extra={"event": "stopping"})
        finally:
            server.close()
            self.rt.close(grace=GRACE)
            server.finish()
            _log.info("stopped", extra={"event": "stopped"})
        return 0

    def _load(self) -> None:
        """Read the project; the log tells too why it can't start."""
        try:
            self._files.load()
        except (AxonError, OSError) as e:
            _log.error("not started: %s", e, extra={"event": "not started"})
            raise
        for path in self._files.open_to_all():
            _log.warning("any user may write to %s, and so change what this service does", path)
        journal = self.rt.tasks.journal
        for id, count in (journal.waiting() if journal is not None else {}).items():
            task = self.rt.tasks.find(id)
            if task is None or task.type != "rec":
                _log.warning(
                    "%d messages wait for task %s, which does not run", count, id, extra={"task": id}
                )


class _Files:
    """What the project's files brought, so that a changed file changes just that.

    A file counts as changed, or gone, when two looks in a row find it the same: not while it is written.
    """

    def __init__(self, project: Project, rt: Runtime) -> None:
        self._project = project
        self._rt = rt
        self._read_at: dict[str, Any] = {}  # file → what told its state when it was read
        self._seen: dict[str, Any] = {}  # the same at the last look
        self._lost = False
        self._ids: dict[str, dict[str, Any]] = {}  # file → id → record as it was read
        self._made: dict[str, Any] = {}  # ids of records that have none in their file
        self._functions: dict[str, set[str]] = {}  # file → names

    def load(self) -> None:
        """Read everything; any fault is the caller's."""
        files = self._all()
        self._read_at = modified(files)
        self._seen = dict(self._read_at)
        for path in files:
            self._read(path)
        self._rt.tasks.sync(30)

    def reload(self) -> None:
        """Read what changed; a file with a fault is reported and what it brought before stays."""
        try:
            files = self._all()
        except OSError as e:
            if not self._lost:
                _log.error("the project can't be read, its tasks go on: %s", e, extra={"event": "lost"})
            self._lost = True
            return
        self._lost = False
        now = modified(files)
        before, self._seen = self._seen, now
        for path in files:
            name = str(path)
            state = now.get(name)
            if state is not None and state == before.get(name) and state != self._read_at.get(name):
                self._read_at[name] = state
                self._reread(path)
        for name in [name for name in self._read_at if name not in now and name not in before]:
            del self._read_at[name]
            self._replace(name, [])
            _log.info("%s is gone", os.path.basename(name), extra={"event": "reloaded", "file": name})

    def _reread(self, path: Path) -> None:
        try:
            self._read(path)
            _log.info("read %s", path.name, extra={"event": "reloaded", "file": str(path)})
        except Exception as e:  # whatever a file holds, the tasks go on
            extra = {"event": "reload failed", "file": str(path)}
            ours = not isinstance(e, (AxonError, OSError))
            _log.error("%s: %s", _place(path, e), e, extra=extra, exc_info=ours)

    def open_to_all(self) -> list[Path]:
        """The project's directory and files that every user of the machine may write to."""
        return [path for path in (self._project.home, *self._all()) if path.stat().st_mode & 0o002]

    def _all(self) -> list[Path]:
        tasks = self._project.tasks_file
        return [*self._project.files(), *([tasks] if tasks.is_file() else [])]

    def _read(self, path: Path) -> None:
        name = str(path)
        if path.suffix == ".axon":
            self._set_functions(name, self._rt.load(path))
        elif path == self._project.tasks_file:
            self._replace(name, self._project.task_records())
        else:
            from axon.db.load import load_file

            self._replace(name, load_file(path))

    def _set_functions(self, name: str, functions: Iterable[str]) -> None:
        """Note the functions of a file; those that it has no more are forgotten."""
        before, self._functions[name] = self._functions.get(name, set()), set(functions)
        for function in before - self._functions[name]:
            others = [file for file, names in self._functions.items() if function in names]
            if not others:
                self._rt.undefine(function)
            for file in others:
                self._read_at[file] = None  # it is read again

    def _replace(self, name: str, records: list[dict[str, Any]]) -> None:
        """Commit the difference between what a file brought before and brings now."""
        from axon.db.diff import RESERVED, committable, make_diff

        db = self._rt.db
        now: dict[str, Any] = {}
        functions: dict[str, str] = {}
        for number, rec in enumerate(records):
            if "func" in rec and type(rec.get("src")) is str:
                functions[str(rec.get("name", ""))] = rec["src"]
                continue
            ref = rec.get("id") or self._made.setdefault(f"{name}#{number}", db.new_id())
            if ref.val in now:
                raise ParseErr(f"{name}: two records have the id @{ref.val}")
            now[ref.val] = {k: v for k, v in committable({**rec, "id": ref}).items() if k not in RESERVED}
        self._set_functions(name, self._rt.define_all(functions, name))
        before = self._ids.get(name, {})
        diffs: list[Diff] = []
        for key, rec in now.items():
            old = db.get(rec["id"])
            tags = {k: v for k, v in rec.items() if k != "id"}
            if old is None:
                diffs.append(make_diff(None, {**tags, "id": rec["id"]}, ("add",)))
            elif rec != before.get(key):
                removed = {k: REMOVE for k in before.get(key, {}) if k not in rec}
                diffs.append(make_diff(old, {**removed, **tags}, ("force",)))
        gone = [db.get(rec["id"]) for key, rec in before.items() if key not in now]
        diffs += [make_diff(old, None, ("remove", "force")) for old in gone if old is not None]
        if diffs:
            self._warn_of_lost(diffs)
            db.commit(diffs)
        self._ids[name] = now

    def _warn_of_lost(self, diffs: list[Diff]) -> None:
        """A task whose record changes or goes is ended: say what that ends with it."""
        for diff in diffs:
            task = None if diff.id is None else self._rt.tasks.find(diff.id.val)
            if task is None or task.status not in ("running", "pending"):
                continue
            text = "task %s changes: its message in hand is stopped, %d that wait fail"
            extra = {"event": "changed", "task": task.id.val, "dis": task.name}
            _log.warning(text, task.name, task.queue_size, extra=extra)


def _place(path: Path, error: Exception) -> str:
    """`file`, or `file:line:column` where the error knows its place."""
    loc = getattr(error, "loc", None)
    return f"{path.name}:{loc.line}:{loc.col}" if loc else path.name
