"""The server of wire v0: what a client of hxPy finds in our image under `python -m hxpy`.

    python -m hxpy --key KEY [--port 8888] [--host 0.0.0.0] [--timeout 10] [--level WARN|INFO|DEBUG]

One client, for which it waits `--timeout` seconds. It sends a length and a Brio value; it gets a Brio value.
First the Hello `{key, ver}`, answered by `{ok}`; then lists of `{def, v}`, `{exec}` and `{eval}`, one answer
for each `eval`. An error is a grid with `err` in its meta, and the end. A client that offers `axon` in its
Hello, and gets it back, goes on with protocol 1 on the same link.

The key may come by the environment (`AXON_KEY`), where other users of the machine can't read it.
"""

from __future__ import annotations

import os
import sys

from pylib.brio import MAX_SIZE, BrioReader, BrioWriter
from pylib.frames import LinkClosed, WireFault
from pylib.kinds import MARKER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["error_grid", "main", "matrix_dict", "matrix_of"]

_HELLO_SIZE = 4096
_LEVELS = {"WARN": 0, "INFO": 1, "DEBUG": 2}


def main(argv: Sequence[str] | None = None) -> None:
    """Wait for one client and serve it to its end."""
    options = _arguments(argv)
    key = options.key or os.environ.pop("AXON_KEY", "")
    if not key:
        sys.exit("hxpy: a key is needed: --key KEY")
    link = _accept(options.host, options.port, options.timeout)
    if link is None:
        sys.exit(f"hxpy: nobody called within {options.timeout:g} seconds")
    if os.getpid() == 1:  # in a container: end with the client, whatever the code does
        from pylib.contained import watch

        if not watch(link):
            return
    Session(link, key, _LEVELS[options.level]).run()


def _arguments(argv: Sequence[str] | None) -> Any:
    import argparse

    parser = argparse.ArgumentParser(prog="hxpy", description="A Python session for one client.")
    parser.add_argument("--key", default="")
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8888)
    parser.add_argument("--timeout", type=float, default=10.0)
    parser.add_argument("--level", choices=sorted(_LEVELS), default="WARN")
    return parser.parse_args(argv)


def _accept(host: str, port: int, timeout: float) -> Any:
    """The link to the first who calls; then nobody else can call. None when nobody does."""
    import socket

    with socket.create_server((host, port), backlog=1) as server:
        server.settimeout(timeout)
        try:
            link, _ = server.accept()
        except socket.timeout:
            return None
    link.settimeout(None)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


class Session:
    """One client and its variables."""

    def __init__(self, link: Any, key: str, level: int = 0) -> None:
        self._link = link
        self._key = key
        self._level = level
        self._writer = BrioWriter()
        main = type(sys)("__main__")
        sys.modules["__main__"] = main
        self._space = main.__dict__
        self._space["__builtins__"] = __builtins__

    def _log(self, level: int, text: str) -> None:
        if level <= self._level:
            sys.stderr.write(f"hxpy: {text}\n")
            sys.stderr.flush()

    def run(self) -> None:
        """Greet the client, then serve until it leaves or its code fails."""
        try:
            if not self._greet():
                return
            while self._serve(self._receive(MAX_SIZE)):
                pass
        except LinkClosed:
            self._log(1, "the client left")
        except WireFault as e:
            self._log(0, str(e))
            sys.exit(1)

    # ---- messages

    def _receive(self, limit: int) -> Any:
        size = int.from_bytes(self._read(4), "big")
        if size > limit:
            raise WireFault(f"a message of {size} bytes is longer than the limit of {limit}")
        reader = BrioReader(self._read(size), native=True)
        found = reader.value()
        if reader.left:
            raise WireFault(f"{reader.left} bytes follow the value")
        return found

    def _read(self, size: int) -> bytes:
        """Bytes as they arrive: no room is made for what was only promised."""
        out = bytearray()
        while len(out) < size:
            try:
                data = self._link.recv(min(size - len(out), 1 << 20))
            except OSError as e:
                raise LinkClosed(str(e)) from e
            if not data:
                raise LinkClosed("the client left")
            out += data
        return bytes(out)

    def _send(self, value: Any) -> None:
        data = self._writer.value(value)
        try:
            self._link.sendall(data)
        except OSError as e:
            raise LinkClosed(str(e)) from e

    def _greet(self) -> bool:
        """Whether the client may stay, and stays with this protocol."""
        from _operator import _compare_digest

        hello = self._receive(_HELLO_SIZE)
        if type(hello) is not dict or type(hello.get("key")) is not str or str(hello.get("ver")) != "0":
            self._refuse("the first message is not a Hello of version 0")
            return False
        if not _compare_digest(hello["key"].encode(), self._key.encode()):
            self._refuse("the key is not that of this server")
            return False
        if hello.get("axon") == 1:
            self._send({"ok": MARKER, "axon": 1})
            self._go_on_with_version_1()
            return False
        self._install()
        self._send({"ok": MARKER})
        self._log(1, "a client is here")
        return True

    def _refuse(self, why: str) -> None:
        self._log(0, why)
        self._send({"err": MARKER, "errMsg": why})

    def _go_on_with_version_1(self) -> None:
        from pylib.__main__ import main

        os.environ["AXON_KEY"] = self._key
        main(self._link)

    def _install(self) -> None:
        from pylib import imports

        sys.argv = [""]
        imports.install(os.environ.get("AXON_IO", "/io"))

    # ---- user code

    def _serve(self, message: Any) -> bool:
        """Run the steps of one message; whether the session goes on."""
        try:
            if type(message) is not list or not all(type(step) is dict for step in message):
                raise WireFault("a message is not a list of steps")
            for step in message:
                self._step(step)
        except LinkClosed:
            raise
        except BaseException as e:
            self._log(1, f"{type(e).__name__}: {e}")
            for out in (sys.stdout, sys.stderr):
                out.flush()
            self._send(error_grid(e))
            return False
        return True

    def _step(self, step: dict[str, Any]) -> None:
        if "def" in step:
            self._log(2, f"def {step['def']}")
            self._space[step["def"]] = matrix_of(step.get("v"))
        elif "exec" in step:
            self._log(2, f"exec {step['exec']!r}")
            exec(compile(step["exec"], "<pyExec>", "exec", dont_inherit=True), self._space)
        elif "eval" in step:
            self._log(2, f"eval {step['eval']!r}")
            value = eval(compile(step["eval"].strip(), "<pyEval>", "eval", dont_inherit=True), self._space)
            sys.stdout.flush()
            self._send(self._outgoing(value))
        else:
            raise WireFault(f"a step is none of def, exec, eval: {sorted(step)}")

    def _outgoing(self, value: Any) -> Any:
        """A value as v0 has it: what has no kind is its text."""
        from pylib.native import convert

        if type(value) in (list, tuple):
            return [self._outgoing(v) for v in value]
        if type(value) is dict:
            return {name if type(name) is str else str(name): self._outgoing(v) for name, v in value.items()}
        found, done = convert(value, {"tz": "UTC"})
        if not done:
            found = value
        try:
            found = matrix_dict(found)
            self._writer.value(found)
        except WireFault:
            return str(value)
        return found


def matrix_of(value: Any) -> Any:
    """A numpy array of the dict `{ndarray, r, c, bytes}`; any other value as it is.

    Raises:
        WireFault: the bytes are not those of that many cells.
    """
    if type(value) is not dict or "ndarray" not in value:
        return value
    rows, columns, data = value.get("r"), value.get("c"), value.get("bytes")
    if type(rows) is not int or type(columns) is not int or type(data) is not bytes:
        raise WireFault("a matrix without r, c and bytes")
    if min(rows, columns) < 0 or rows * columns * 8 != len(data):
        raise WireFault(f"a matrix of {rows} × {columns} can't have {len(data)} bytes")
    import numpy as np

    return np.frombuffer(data, dtype=">f8").astype(np.float64).reshape(rows, columns)


def matrix_dict(value: Any) -> Any:
    """The dict `{ndarray, r, c, bytes}` of a numpy array or a matrix grid; any other value as it is."""
    array = getattr(value, "array2d", None)
    if array is None and type(value).__name__ == "ndarray" and value.ndim in (1, 2):
        array = value.reshape(-1, 1) if value.ndim == 1 else value
    if array is None:
        return value
    rows, columns = array.shape
    return {"ndarray": MARKER, "r": rows, "c": columns, "bytes": array.astype(">f8").tobytes()}


def error_grid(error: BaseException) -> Any:
    """The grid that tells of an exception: no rows, and `err`, `errMsg`, `errTrace` in its meta."""
    from pylib.faults import describe
    from pylib.grid import Grid

    found = describe(error, {}, -1)
    return Grid([], [], {"err": MARKER, "errMsg": found["dis"], "errTrace": found["trace"]}, 0)


if __name__ == "__main__":
    main()
