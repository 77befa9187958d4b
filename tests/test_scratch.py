"""Temporary directories of processes that ended in order, or were killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import axon
from axon.errors import IOErr

LIMIT = 60
WRITE = """
import axon
rt = axon.Runtime()
rt.eval("ioWriteStr(v, `io/x.txt`)", v="x")
print(rt.io_path, flush=True)
"""


def start(code: str, root: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "TMPDIR": str(root)}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code], env=env, stdin=pipe, stdout=pipe, text=True)


@pytest.mark.parametrize("end", ["rt.close()", "del rt", "pass", "import sys; sys.exit(3)"])
def test_the_io_directory_of_a_runtime_ends_with_it(tmp_path: Path, end: str) -> None:
    process = start(f"{WRITE}\n{end}", tmp_path)
    out, _ = process.communicate(timeout=LIMIT)
    assert Path(out.strip()).parent.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_runtime_left_is_removed_by_the_next(tmp_path: Path) -> None:
    living = start(f"{WRITE}\ninput()", tmp_path)
    killed = start(f"{WRITE}\ninput()", tmp_path)
    assert living.stdout is not None
    assert killed.stdout is not None
    kept, left = Path(living.stdout.readline().strip()), Path(killed.stdout.readline().strip())
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=LIMIT)
    assert (left / "x.txt").read_text() == "x"
    start(WRITE, tmp_path).communicate(timeout=LIMIT)
    assert not left.exists()
    assert (kept / "x.txt").read_text() == "x"
    living.kill()
    living.communicate(timeout=LIMIT)


def test_no_room_for_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(path: str, mode: int = 0o777) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with axon.Runtime() as rt:
        monkeypatch.setattr(os, "mkdir", refuse)
        with pytest.raises(IOErr, match=f"no temporary directory in {tmp_path} .No space left"):
            rt.eval('ioWriteStr("x", `io/x.txt`)')
        monkeypatch.undo()
        rt.eval('ioWriteStr("x", `io/x.txt`)')
