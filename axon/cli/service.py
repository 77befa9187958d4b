"""`axon task run PROJECT`: tasks that run until they are told to stop.

The main thread waits for a signal and looks at the project's files once a second; tasks work in their pool;
people and scripts talk to it over a control socket (see `control`).
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axon.cli.control import Server
from axon.cli.project import Project, modified
from axon.errors import AxonError
from pylib.kinds import REMOVE

if TYPE_CHECKING:
    from types import FrameType

    from axon.cli.options import Options
    from axon.engine import Runtime

__all__ = ["Service", "serve"]

_log = logging.getLogger("axon.service")

#: Seconds that messages in hand have when the service stops, and between two looks at the files.
GRACE = 10.0
WATCH = 1.0


def serve(project: Project, options: Options) -> int:
    """Run a project's tasks until SIGTERM, SIGINT or the control command `stop`; returns the exit code."""
    state = project.make_state()
    _start_log(state / "service.log")
    options.state = options.state or str(state)
    with project.runtime(options) as rt:
        service = Service(project, rt)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, service.on_signal)
        return service.run()


class Service:
    """A project that runs."""

    def __init__(self, project: Project, rt: Runtime) -> None:
        self.project = project
        self.rt = rt
        self.started = time.time()
        self._stop = threading.Event()
        self._files = _Files(project, rt)

    def stop(self) -> None:
        """Ask it to end."""
        self._stop.set()

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """A signal asks it to end; a second one ends it at once."""
        if self._stop.is_set():
            raise KeyboardInterrupt
        _log.info("stopping: %s", signal.Signals(number).name, extra={"event": "stopping"})
        self._stop.set()

    def run(self) -> int:
        """Load, serve, stop; returns the exit code."""
        server = Server(self.project.state / "control.sock", self)
        try:
            self._files.load()
            count = len(self.rt.tasks.all())
            _log.info("%d tasks run", count, extra={"event": "started", "pid": os.getpid(), "tasks": count})
            while not self._stop.wait(WATCH):
                self._files.reload()
        finally:
            server.close()
            self.rt.close(grace=GRACE)
            _log.info("stopped", extra={"event": "stopped"})
        return 0


class _Files:
    """What the project's files brought, so that a changed file changes just that."""

    def __init__(self, project: Project, rt: Runtime) -> None:
        self._project = project
        self._rt = rt
        self._times: dict[str, int] = {}
        self._ids: dict[str, dict[str, Any]] = {}  # file → id → record as it was read
        self._made: dict[str, Any] = {}  # ids of records that have none in their file

    def load(self) -> None:
        """Read everything; any fault is the caller's."""
        files = self._all()
        self._times = modified(files)
        for path in files:
            self._read(path)
        self._rt.tasks.sync(30)

    def reload(self) -> None:
        """Read what changed; a file with a fault is reported and what it brought before stays."""
        files = self._all()
        now = modified(files)
        changed = [p for p in files if now.get(str(p)) != self._times.get(str(p))]
        gone = [name for name in self._times if name not in now]
        self._times = now
        for path in changed:
            try:
                self._read(path)
                _log.info("read %s", path.name, extra={"event": "reloaded", "file": str(path)})
            except (AxonError, OSError) as e:
                extra = {"event": "reload failed", "file": str(path)}
                _log.error("%s: %s", _place(path, e), e, extra=extra)
        for name in gone:
            self._replace(name, [])
            _log.info("%s is gone", os.path.basename(name), extra={"event": "reloaded", "file": name})

    def _all(self) -> list[Path]:
        tasks = self._project.tasks_file
        return [*self._project.files(), *([tasks] if tasks.is_file() else [])]

    def _read(self, path: Path) -> None:
        if path.suffix == ".axon":
            self._rt.load(path)
        elif path == self._project.tasks_file:
            self._replace(str(path), self._project.task_records())
        else:
            from axon.db.load import load_file

            self._replace(str(path), load_file(path))

    def _replace(self, name: str, records: list[dict[str, Any]]) -> None:
        """Commit the difference between what a file brought before and brings now."""
        from axon.db.diff import Diff, make_diff

        db = self._rt.db
        now: dict[str, Any] = {}
        functions: dict[str, str] = {}
        for number, rec in enumerate(records):
            if "func" in rec and type(rec.get("src")) is str:
                functions[str(rec.get("name", ""))] = rec["src"]
            else:
                ref = rec.get("id") or self._made.setdefault(f"{name}#{number}", db.new_id())
                now[ref.val] = {**rec, "id": ref}
        self._rt.define_all(functions, name)
        before = self._ids.get(name, {})
        diffs: list[Diff] = []
        for key, rec in now.items():
            old = db.get(rec["id"])
            tags = {k: v for k, v in rec.items() if k not in ("id", "mod")}
            if old is None:
                diffs.append(make_diff(None, {**tags, "id": rec["id"]}, ("add",)))
            elif rec != before.get(key):
                removed = {k: REMOVE for k in before.get(key, {}) if k not in rec}
                diffs.append(make_diff(old, {**removed, **tags}, ("force",)))
        gone = [db.get(rec["id"]) for key, rec in before.items() if key not in now]
        diffs += [make_diff(old, None, ("remove", "force")) for old in gone if old is not None]
        if diffs:
            db.commit(diffs)
        self._ids[name] = now


def _place(path: Path, error: Exception) -> str:
    """`file`, or `file:line:column` where the error knows its place."""
    loc = getattr(error, "loc", None)
    return f"{path.name}:{loc.line}:{loc.col}" if loc else path.name


class _JsonLines(logging.Formatter):
    """One JSON object per line: ts (seconds since 1970), level, message, and what else the caller says."""

    def format(self, record: logging.LogRecord) -> str:
        out: dict[str, Any] = {
            "ts": round(record.created, 3),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        for key in ("event", "task", "file", "pid", "tasks"):
            if hasattr(record, key):
                out[key] = getattr(record, key)
        if record.exc_info:
            out["trace"] = self.formatException(record.exc_info)
        return json.dumps(out, ensure_ascii=False)


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log that may find no room: the line is lost here, standard error has it."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing of each line; other faults are told as always."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def _start_log(path: Path) -> None:
    """Log to a file of the owner, and for a person to standard error."""
    logger = logging.getLogger("axon")
    logger.setLevel(logging.INFO)
    to_file = _LogFile(path, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    path.chmod(0o600)
    to_file.setFormatter(_JsonLines())
    to_screen = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)-5s %(message)s", "%H:%M:%S")
    to_screen.setFormatter(plain if sys.stderr.isatty() else _JsonLines())
    for handler in (to_file, to_screen):
        logger.addHandler(handler)
