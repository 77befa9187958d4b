"""The log of a project that runs: how the service writes it, how `axon task log` shows it.

One JSON object per line, in a file for its owner only. A log that grew long is put away as `service.log.1`,
`.2`, `.3`; one that was moved away is begun anew.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axon.cli.options import InputError, UsageError
from axon.cli.project import STATE, state_of

if TYPE_CHECKING:
    from io import TextIOWrapper
    from typing import BinaryIO

__all__ = ["NAME", "LogFile", "lines_of", "log_command", "start_log"]

NAME = "service.log"
#: Characters of a message that are kept.
_LONGEST = 10_000

# Writing


class _JsonLines(logging.Formatter):
    """One JSON object per line: ts (seconds since 1970), level, message, and what else the caller says."""

    def format(self, record: logging.LogRecord) -> str:
        out: dict[str, Any] = {
            "ts": round(record.created, 3),
            "level": record.levelname.lower(),
            "message": _cut(record.getMessage()),
        }
        for key in ("event", "task", "dis", "at", "file", "pid", "tasks"):
            if hasattr(record, key):
                out[key] = getattr(record, key)
        if record.exc_info:
            out["trace"] = self.formatException(record.exc_info)
        return json.dumps(out, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


class LogFile(logging.handlers.RotatingFileHandler):
    """A log for its owner only, begun anew when it is moved away or grows long.

    It may find no room: the line is lost here, standard error has it.
    """

    def _open(self) -> TextIOWrapper:
        fd = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return open(fd, "a", encoding="utf-8", errors="backslashreplace")  # which JSON understands

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, to a new file when there is none of that name any more."""
        old = self.stream
        if old is not None and not self._is_in_place(old):
            with contextlib.suppress(OSError):  # the directory went too: it goes on in the old file
                self.stream = self._open()
                old.close()
        super().emit(record)

    def _is_in_place(self, stream: TextIOWrapper) -> bool:
        try:
            return os.path.samestat(os.stat(self.baseFilename), os.fstat(stream.fileno()))
        except OSError:
            return False

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing of each line; other faults are told as always."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def start_log(path: Path) -> None:
    """Log to a file of the owner, and for a person to standard error."""
    logger = logging.getLogger("axon")
    logger.setLevel(logging.INFO)
    to_file = LogFile(path, maxBytes=5_000_000, backupCount=3)
    path.chmod(0o600)
    to_file.setFormatter(_JsonLines())
    to_screen = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)-5s %(message)s", "%H:%M:%S")
    to_screen.setFormatter(plain if sys.stderr.isatty() else _JsonLines())
    for handler in (to_file, to_screen):
        logger.addHandler(handler)


# Reading


def log_command(words: list[str], flags: set[str]) -> int:
    """Print the service's log, of one task if an id is given; with -f go on as it grows."""
    if len(words) > 2:
        raise UsageError("usage: axon task log [-f] [ID] [PROJECT]")
    alone = len(words) == 1 and (_is_project(words[0]) or "/" in words[0])
    id = None if alone or not words else words[0].removeprefix("@")
    project = words[-1] if alone or len(words) == 2 else "."
    path = state_of(project) / NAME
    if not path.is_file():
        raise InputError(f"{project}: no log there")
    for line in lines_of(path, follow=bool(flags & {"-f", "--follow"})):
        _print_entry(line, id, as_json="--json" in flags)
    return 0


def _is_project(word: str) -> bool:
    found = Path(word)
    return found.is_file() if word.endswith(".trio") else (found / STATE).is_dir()


def lines_of(path: Path, *, follow: bool) -> Iterator[str]:
    """The lines of a log, those that were put away first; with `follow` those to come instead."""
    earlier = path.with_name(path.name + ".1")
    if earlier.is_file() and not follow:
        with earlier.open(encoding="utf-8", errors="replace") as f:
            yield from f
    while True:
        with path.open("rb") as f:
            line = b""
            while True:
                line += f.readline()
                if line.endswith(b"\n"):
                    yield line.decode("utf-8", "replace")
                    line = b""
                elif not follow:
                    return
                elif _is_begun_anew(path, f):
                    break
                else:
                    time.sleep(0.2)


def _is_begun_anew(path: Path, f: BinaryIO) -> bool:
    """Whether another file is in place of the one that is read, or the same one was cut short."""
    try:
        now = path.stat()
    except OSError:
        return False
    return not os.path.samestat(now, os.fstat(f.fileno())) or now.st_size < f.tell()


def _print_entry(line: str, id: str | None, *, as_json: bool) -> None:
    try:
        entry = json.loads(line)
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry["ts"]))
        text = f"{when} {entry['level']:7} {entry['message']}"
    except (ValueError, KeyError, TypeError):  # cut off by a full disk
        return
    if id is None or id in (entry.get("task"), entry.get("dis")):
        print(json.dumps(entry, ensure_ascii=False) if as_json else text)
        for place in () if as_json else entry.get("at") or ():
            print(f"    {place}")
        sys.stdout.flush()
