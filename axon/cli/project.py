"""A project on disk: tasks, functions, records, io/, and the private state of its service.

    tasks.trio            task records, followed while the service runs
    *.axon                top-level functions
    *.trio *.zinc *.json *.csv   records
    io/                   what io functions and sessions see; a service makes it
    .axon/                control socket, journal, log; readable by the owner only

A single Trio file is a project too: its directory gives io/ and the state.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axon.cli.options import InputError, os_reason
from axon.errors import AxonError, IOErr, ParseErr
from axon.own import make_state_dir
from pylib.kinds import Ref

if TYPE_CHECKING:
    from axon.cli.options import Options
    from axon.engine import Runtime

__all__ = ["STATE", "Project", "modified", "state_of"]

TASKS_FILE = "tasks.trio"
STATE = ".axon"


class Project:
    """See the module's docstring."""

    def __init__(self, home: Path, tasks_file: Path, *, whole: bool) -> None:
        self.home = home
        self.tasks_file = tasks_file
        self.whole = whole

    @classmethod
    def open(cls, path: str) -> Project:
        """The project of a directory or Trio file.

        Raises:
            InputError: it is not there, or has no tasks.trio.
        """
        found = Path(path)
        if found.is_dir():
            tasks = found / TASKS_FILE
            if not tasks.is_file():
                raise InputError(f"{path}: no {TASKS_FILE} in this directory")
            return cls(found, tasks, whole=True)
        if not found.is_file():
            raise InputError(f"{path}: no such file or directory")
        return cls(found.parent, found, whole=False)

    @property
    def state(self) -> Path:
        """The directory of the service's private files."""
        return self.home / STATE

    def make_state(self) -> Path:
        """Make that directory, for the owner only.

        Raises:
            IOErr: it can't be made, or is not this user's alone.
        """
        make_state_dir(str(self.state))
        self.state.chmod(0o700)
        return self.state

    def make_io(self) -> None:
        """Make `io/`, so that what tasks write outlives the service.

        Raises:
            IOErr: it can't be made.
        """
        try:
            (self.home / "io").mkdir(exist_ok=True)
        except OSError as e:
            raise IOErr(f"{self.home / 'io'}: {os_reason(e)}") from e

    def runtime(self, options: Options) -> Runtime:
        """A runtime for it; `io/` is the project's unless the options name another."""
        from axon.cli.run import make_runtime

        return make_runtime(options, str(self.home))

    def files(self) -> list[Path]:
        """Functions and records beside the tasks, in the order in which they are read."""
        if not self.whole:
            return []
        endings = (".axon", ".trio", ".zinc", ".json", ".csv")
        found = [p for p in sorted(self.home.iterdir()) if p.suffix in endings and p.is_file()]
        return sorted((p for p in found if p != self.tasks_file), key=lambda p: p.suffix != ".axon")

    def load(self, rt: Runtime) -> list[str]:
        """Read functions, records and tasks, and start these; returns the ids of the tasks."""
        for path in self.files():
            rt.load(path)
        records = self.task_records()
        rt.db.add_records(records)
        rt.tasks.sync(30)
        return [rec["id"].val for rec in records]

    def task_records(self) -> list[dict[str, Any]]:
        """The records of the tasks file, each with an id: its own, or one made of its name.

        Raises:
            ParseErr: it is not Trio.
        """
        from axon.formats.trio import read_trio

        try:
            records = read_trio(self.tasks_file.read_text("utf-8"))
        except AxonError as e:
            raise ParseErr(f"{self.tasks_file}: {e.message}") from e
        except UnicodeDecodeError as e:
            raise ParseErr(f"{self.tasks_file}: not UTF-8 text") from e
        return [_with_id(rec, n) for n, rec in enumerate(records, 1)]


def _with_id(rec: dict[str, Any], number: int) -> dict[str, Any]:
    from axon.values.tags import to_tag_name

    if type(rec.get("id")) is Ref:
        return rec
    name = rec.get("name") or rec.get("dis")
    return {"id": Ref(to_tag_name(name) if isinstance(name, str) and name else f"task{number}"), **rec}


def modified(paths: list[Path]) -> dict[str, tuple[int, int]]:
    """What tells that a file changed: time in nanoseconds and size; files that are gone are left out."""
    out: dict[str, tuple[int, int]] = {}
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            continue
        out[os.fspath(path)] = (stat.st_mtime_ns, stat.st_size)
    return out


def state_of(project: str) -> Path:
    """Where the service of a project keeps its private files, whatever else is there.

    Raises:
        InputError: there is no such directory or file.
    """
    found = Path(project)
    if not found.exists():
        raise InputError(f"{project}: no such file or directory")
    return (found if found.is_dir() else found.parent) / STATE
