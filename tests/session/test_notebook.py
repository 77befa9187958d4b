"""A notebook: Axon in its cells, its kernel interrupted, its kernel attached to (spec, sessions 8.1, 8.9)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from axon.session.manager import SessionManager

_ROOT = str(Path(__file__).parents[2])


class Kernel:
    """A running kernel; `run` executes a cell."""

    def __init__(self) -> None:
        from jupyter_client.manager import start_new_kernel

        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def run(self, code: str, *, interrupt_at: str = "") -> list[str]:
        """What a cell prints or gives, and the name of its error; interrupted when it has printed a text."""
        request = self.client.execute(code)
        out: list[str] = []
        end = time.monotonic() + 60
        while time.monotonic() < end:
            message: dict[str, Any] = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                out.append(content["text"].strip())
                if interrupt_at and interrupt_at in content["text"]:
                    self.manager.interrupt_kernel()
            elif kind == "execute_result":
                out.append(content["data"]["text/plain"])
            elif kind == "error":
                out.append(content["ename"])
            elif kind == "status" and content["execution_state"] == "idle":
                return out
        raise TimeoutError(code)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    """A kernel with a runtime in `rt` and a kept session in `s`."""
    made = Kernel()
    assert made.run(
        f"import sys; sys.path.insert(0, {_ROOT!r})\nimport axon\nrt = axon.Runtime()\n"
        "s = rt.sessions.open(keep=True, echo=lambda text: print(text, end='', flush=True))\n"
        "s.exec('y = 5').eval('y')"
    ) == ["5"]
    yield made
    made.client.stop_channels()
    made.manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("code", ["[0 for _ in iter(int, 1)]", "__import__('time').sleep(1000)"])
def test_8_9_kernel_interrupt_stops_python_and_keeps_the_session(kernel: Kernel, code: str) -> None:
    pid = kernel.run("s.pid")
    cell = f"s.exec('axon.echo(\"on\")').eval({code!r})"
    assert kernel.run(cell, interrupt_at="on") == ["on", "KeyboardInterrupt"]
    assert kernel.run("s.eval('y')") == ["5"]
    assert kernel.run("s.pid") == pid


def test_8_9_kernel_interrupt_stops_axon_and_keeps_the_runtime(kernel: Kernel) -> None:
    kernel.run("def on(): print('on', flush=True)")
    cell = "rt.eval('do tick(); (1..90000000).fold(0, (a, b) => a + b) end', tick=on)"
    assert kernel.run(cell, interrupt_at="on") == ["on", "KeyboardInterrupt"]
    assert kernel.run("rt.eval('40 + 2')") == ["42"]


def test_8_1_a_notebook_serves_from_its_own_loop(kernel: Kernel, tmp_path: Path) -> None:
    cell = (
        "import asyncio\nfrom pylib.attach import attach\nz = 7\ndoor = attach()\n"
        "asyncio.get_running_loop().add_reader(door.fileno(), door.step)\nprint(door.url, door.key)"
    )
    url, key = kernel.run(cell)[0].split()
    manager = SessionManager(io_dir=tmp_path)
    try:
        with manager.open({"attach": url, "key": key}, keep=True) as session:
            assert session.eval("z + 1") == 8
            assert session.define("f", lambda x: x * 2).eval("f(z)") == 14
            assert kernel.run("z = 100") == []
            assert session.exec("z += 1").eval("z") == 101
        assert kernel.run("z") == ["101"]
    finally:
        manager.close_all()
