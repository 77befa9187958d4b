"""The log of a service: written whatever happens to its file, read whatever became of it."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest

from axon.cli.log import LogFile, _JsonLines, lines_of

from .conftest import Run, Served

pytestmark = pytest.mark.timeout(120)


def test_a_log_is_read_whatever_became_of_it(cli: Run, tmp_path: Path) -> None:
    state = tmp_path / ".axon"
    state.mkdir()
    entries = [{"ts": n, "level": "info", "message": f"line {n}", "task": "t", "dis": "T"} for n in range(3)]
    (state / "service.log.1").write_text(json.dumps(entries[0]) + "\n")
    (state / "service.log").write_text(
        f'{json.dumps(entries[1])}\n{{"ts": 5, "lev\n[]\n{json.dumps(entries[2])}\n'
    )
    for id in ([], ["t"], ["@t"], ["T"]):
        done = cli("task", "log", *id, str(tmp_path))
        assert [x[-6:] for x in done.stdout.splitlines()] == ["line 0", "line 1", "line 2"], done
    assert cli("task", "log", "other", str(tmp_path)).stdout == ""


def test_a_log_is_followed_when_a_new_one_is_begun(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    log.write_text("a\n")
    lines = lines_of(log, follow=True)
    assert next(lines) == "a\n"
    log.rename(tmp_path / "service.log.1")
    log.write_text("b\n")
    assert next(lines) == "b\n"


def test_a_log_that_was_cut_short_is_followed(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    log.write_text("first\n")
    lines = lines_of(log, follow=True)
    assert next(lines) == "first\n"
    log.write_text("b\n")
    assert next(lines) == "b\n"


def test_a_log_line_holds_whatever_a_message_says(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "service.log"), maxBytes=2000, backupCount=3)
    log.setFormatter(_JsonLines())
    said = ["x" * 1500, "one\u2028two\x85three\rfour\nfive", "half \ud800", "long " * 10_000]
    for text in said:
        log.emit(logging.makeLogRecord({"msg": text}))
    log.close()
    lines = list(lines_of(tmp_path / "service.log", follow=False))
    found = [json.loads(line)["message"] for line in lines]
    assert ascii(found[:3]) == ascii(said[:3])
    assert found[3].endswith("… (50000 characters)")
    assert (tmp_path / "service.log.1").exists()


def test_a_log_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        log = LogFile(str(tmp_path / "service.log"), maxBytes=5_000_000, backupCount=3)
        log.emit(logging.makeLogRecord({"msg": "one"}))
        (tmp_path / "service.log").rename(tmp_path / "old.log")
        log.emit(logging.makeLogRecord({"msg": "two"}))
        (tmp_path / "service.log").unlink()
        log.emit(logging.makeLogRecord({"msg": "three"}))
        log.close()
    finally:
        os.umask(before)
    assert (tmp_path / "old.log").read_text() == "one\n"
    assert (tmp_path / "service.log").read_text() == "three\n"
    assert {p.stat().st_mode & 0o777 for p in tmp_path.iterdir()} == {0o600}


def test_a_failed_message_is_in_the_log_with_its_place(cli: Run, served: Served) -> None:
    cli("task", "send", "double", "{w: 1}", "--wait", str(served.home))
    shown = cli("task", "log", "Doubler", str(served.home)).stdout
    assert "Doubler" in shown
    assert "task(1)" in shown
    (entry,) = [
        json.loads(x) for x in cli("task", "log", "double", "--json", str(served.home)).stdout.splitlines()
    ]
    assert (entry["event"], entry["task"], bool(entry["at"])) == ("failed", "double", True)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full here")
def test_a_log_on_a_full_disk_is_quiet(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    handler = LogFile("/dev/full", maxBytes=5_000_000, backupCount=3)
    handler.emit(logging.makeLogRecord({"msg": "lost"}))
    assert capsys.readouterr().err == ""
    handler = LogFile(str(tmp_path / "log"), maxBytes=5_000_000, backupCount=3)
    handler.emit(logging.makeLogRecord({"msg": "%d", "args": ("no number",)}))
    handler.close()
    assert "Logging error" in capsys.readouterr().err
