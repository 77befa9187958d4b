"""Interchangeable with hxPy: our runtime with a server of wire v0, a client of wire v0 with our image."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from axon.errors import ArgErr, RemoteError, SessionClosed, SessionTimeout
from axon.session.backends.docker_engine import Engine
from axon.session.backends.docker_image import build_image
from axon.session.manager import SessionManager
from pylib.grid import Grid
from pylib.kinds import MARKER, Number
from tests.docker.conftest import BASE, HERE, free_port
from tests.docker.hxpy import minibrio
from tests.docker.test_life import container_of, inspect

OURS = "axon-test/pylib:bare"
THEIRS = "axon-test/hxpy:mini"


@pytest.fixture(scope="module")
def theirs(docker: Engine, base_image: str) -> str:
    """An image with a server of wire v0 that shares no code with ours."""
    files = {f"hxpy/{f.name}": f.read_bytes() for f in (HERE / "hxpy").glob("*.py")}
    files["Dockerfile"] = (
        f'FROM {BASE}\nCOPY hxpy /opt/hxpy\nENV PYTHONPATH=/opt\nENTRYPOINT ["python"]\n'
    ).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    out.seek(0)
    for said in docker.build(out, tag=THEIRS):
        assert "error" not in said, said
    return THEIRS


@pytest.fixture(scope="module")
def ours(docker: Engine, base_image: str) -> str:
    """Our image, without the packages for data work."""
    for _ in build_image(docker, tag=OURS, base=BASE, bare=True):
        pass
    return OURS


# ---- our runtime, their server


@pytest.fixture(params=["socket", "port"])
def opts(request: pytest.FixtureRequest, theirs: str) -> dict[str, Any]:
    """Reached over the socket, without network; and by a published port, as hxPy does."""
    return {"image": theirs, **({"port": free_port()} if request.param == "port" else {})}


def test_quick_start(manager: SessionManager, opts: dict[str, Any]) -> None:
    code = "def mult(x, y): return x * y\n"
    assert manager.open(opts).define("a", 100).define("b", 2).exec(code).eval("mult(a, b)") == 200


def test_values_go_and_come(manager: SessionManager, opts: dict[str, Any]) -> None:
    session = manager.open(opts, keep=True)
    value = {
        "n": None,
        "t": True,
        "i": 5,
        "f": 1.5,
        "big": 2**40,
        "s": "häß😀",
        "l": [1, []],
        "b": b"\x00\xff",
    }
    found = session.define("v", value).eval("v")
    assert found == {name: val for name, val in value.items() if val is not None}
    assert session.define("m", MARKER).eval("m") is MARKER
    assert session.define("q", Number(3, "kW")).eval("q + 1") == 4
    grid = Grid.from_rows([{"a": 1, "b": "x"}, {"a": 2.5}], {"dis": "g"})
    back = session.define("g", grid).eval("g")
    assert (back.col_names(), back.dicts(), back.meta()) == (grid.col_names(), grid.dicts(), grid.meta())
    assert session.eval("x + y", {"x": 1, "y": 2}) == 3
    assert session.eval("2 ** 10") == 1024


def test_matrix_crosses_as_its_bytes(manager: SessionManager, opts: dict[str, Any]) -> None:
    import numpy as np

    from pylib.grid import Matrix

    session = manager.open(opts, keep=True)
    session.define("m", Matrix(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])))
    assert session.eval("[m['r'], m['c'], m['bytes'][:8].hex()]") == [2, 3, "3ff0000000000000"]
    got = session.eval("m")
    assert type(got) is Matrix
    assert got.array2d.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_exception_is_told_and_the_next_eval_starts_afresh(
    manager: SessionManager, opts: dict[str, Any]
) -> None:
    session = manager.open(opts, keep=True).init(lambda s: s.exec("n = 1"))
    with pytest.raises(RemoteError, match="division by zero") as caught:
        session.exec("x = 1").eval("x / 0")
    assert caught.value.remote_type == "ZeroDivisionError"
    assert "Traceback" in caught.value.py_trace
    assert session.eval("[n, 'x' in globals()]") == [1, False]


def test_timeout_and_end_are_told(manager: SessionManager, opts: dict[str, Any]) -> None:
    session = manager.open(opts, keep=True)
    with pytest.raises(SessionTimeout, match="can't be interrupted"):
        session.eval("__import__('time').sleep(100)", timeout=0.3)
    with pytest.raises(SessionClosed, match="exit code 5"):
        session.eval("__import__('os')._exit(5)")
    with pytest.raises(ArgErr, match="the value of odd cannot go to Python"):
        session.define("odd", object()).eval("1")
    assert session.eval("1") == 1


def test_without_port_their_server_has_no_network(
    docker: Engine, manager: SessionManager, theirs: str
) -> None:
    session = manager.open({"image": theirs}, keep=True)
    session.eval("1")
    found = inspect(docker, session)
    assert found["HostConfig"]["NetworkMode"] == "none"
    assert not found["NetworkSettings"]["Ports"]
    assert session._client.backend._spec.key not in " ".join(found["Args"])  # type: ignore[union-attr]


def test_published_port_is_on_the_loopback_only(docker: Engine, manager: SessionManager, theirs: str) -> None:
    port = free_port()
    session = manager.open({"image": theirs, "port": port}, keep=True)
    session.eval("1")
    assert inspect(docker, session)["HostConfig"]["PortBindings"] == {
        f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]
    }


# ---- their client, our image


class TheirClient:
    """A client of wire v0 that shares no code with ours."""

    def __init__(self, port: int, key: str) -> None:
        end = time.monotonic() + 10
        while True:
            try:
                self.link = socket.create_connection(("127.0.0.1", port), timeout=10)
                self.stream = self.link.makefile("rb")
                self.send({"key": key, "ver": "0"})
                self.hello = minibrio.read(self.stream)
                return
            except (OSError, IndexError):
                assert time.monotonic() < end

    def send(self, value: Any) -> None:
        data = minibrio.write(value)
        self.link.sendall(len(data).to_bytes(4, "big") + data)

    def ask(self, *steps: dict[str, Any]) -> Any:
        self.send(list(steps))
        return minibrio.read(self.stream)


@pytest.fixture
def served(docker: Engine, ours: str) -> Iterator[tuple[str, int]]:
    """Our image started as clients of hxPy start it: container and port."""
    port = free_port()
    name = docker.create(
        {
            "Image": ours,
            "Cmd": ["-m", "hxpy", "--key", "k3y", "--port", "8888", "--level", "WARN", "--timeout", "20"],
            "ExposedPorts": {"8888/tcp": {}},
            "HostConfig": {"PortBindings": {"8888/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]}},
        }
    )
    docker.start(name)
    yield name, port
    docker.remove(name)


def test_our_image_serves_a_client_of_hxpy(docker: Engine, served: tuple[str, int]) -> None:
    name, port = served
    client = TheirClient(port, "k3y")
    assert client.hello == {"ok": minibrio.MARKER}
    steps = [{"def": "a", "v": 100}, {"def": "b", "v": 2}, {"exec": "def mult(x, y): return x * y\n"}]
    assert client.ask(*steps, {"eval": "mult(a, b)"}) == 200
    assert client.ask({"def": "s", "v": "häß😀"}, {"def": "n"}, {"eval": "[s, len(s), n]"}) == [
        "häß😀",
        4,
        None,
    ]
    assert (
        client.ask({"eval": "from_hx().x if 0 else __import__('hxpy.haystack').haystack.Marker()"})
        == minibrio.MARKER
    )
    client.send([{"eval": "1"}, {"eval": "2"}])
    assert [minibrio.read(client.stream), minibrio.read(client.stream)] == [1, 2]
    table = client.ask({"def": "g", "v": minibrio.Table({}, ["a"], [[1], [2.5]])}, {"eval": "g"})
    assert (table.names, table.rows) == (["a"], [[1], [2.5]])
    assert client.ask({"eval": "complex(1, 2)"}) == "(1+2j)"
    failed = client.ask({"eval": "1 / 0"})
    assert failed.rows == []
    assert failed.meta["err"] == minibrio.MARKER
    assert failed.meta["errMsg"] == "division by zero"
    assert "ZeroDivisionError" in failed.meta["errTrace"]
    assert client.stream.read() == b""
    assert ended(docker, name)


def ended(docker: Engine, name: str) -> bool:
    end = time.monotonic() + 5
    while docker.inspect(name)["State"]["Running"]:
        if time.monotonic() > end:
            return False
        os.sched_yield()
    return True


def test_our_image_refuses_a_wrong_key(docker: Engine, served: tuple[str, int]) -> None:
    name, port = served
    client = TheirClient(port, "wrong")
    assert client.hello["err"] == minibrio.MARKER
    assert "key" in client.hello["errMsg"]
    assert ended(docker, name)


def test_our_image_ends_when_its_client_leaves(docker: Engine, served: tuple[str, int]) -> None:
    name, port = served
    client = TheirClient(port, "k3y")
    client.send([{"exec": "import signal, time\nwhile True:\n    time.sleep(1)"}])
    client.link.shutdown(socket.SHUT_RDWR)
    client.link.close()
    client.stream.close()
    assert ended(docker, name)


def test_our_image_speaks_version_1_on_a_port(manager: SessionManager, ours: str) -> None:
    session = manager.open({"image": ours, "port": free_port()}, keep=True)
    assert session.define("a", Number(2, "kW")).exec("x = 5").eval("a + x") == 7
    with pytest.raises(RemoteError):
        session.eval("1 / 0")
    assert session.eval("x") == 5
    with pytest.raises(SessionTimeout, match="variables are kept"):
        session.eval("__import__('time').sleep(100)", timeout=0.3)
    assert session.eval("x") == 5


def test_any_image_with_python_can_listen(manager: SessionManager) -> None:
    session = manager.open({"transport": "tcp", "port": free_port()}, keep=True)
    assert session.exec("x = 5").eval("x + 1") == 6


def test_our_image_runs_its_own_library_over_the_socket(
    docker: Engine, manager: SessionManager, ours: str
) -> None:
    session = manager.open({"image": ours}, keep=True)
    assert session.eval("__import__('pylib').__path__[0]") == "/opt/axon/pylib"
    assert {m["Destination"] for m in inspect(docker, session)["Mounts"]} == {"/io", "/axon/call"}
    assert container_of(session)


# ---- a Docker network


@pytest.fixture
def network(docker: Engine) -> Iterator[str]:
    name = f"axon-test-{os.getpid()}"
    docker._api.create_network(name)
    yield name
    docker._api.remove_network(name)


def test_network_is_joined(
    docker: Engine, manager: SessionManager, ours: str, theirs: str, network: str
) -> None:
    for image in (ours, theirs):
        session = manager.open({"image": image, "network": network}, keep=True)
        assert session.eval("1 + 1") == 2
        assert list(inspect(docker, session)["NetworkSettings"]["Networks"]) == [network]
        session.close()


@pytest.mark.skipif(not os.path.exists("/var/run/docker.sock"), reason="the engine has no socket file here")
def test_runtime_in_a_container_on_that_network(
    docker: Engine, ours: str, base_image: str, network: str, tmp_path: Path
) -> None:
    """Docker in Docker: the program that opens the session is itself in a container."""
    site = next(p for p in sys.path if p.endswith("site-packages"))
    code = (
        "from axon.session.manager import SessionManager\n"
        f"m = SessionManager(backend='docker')\ns = m.open({{'image': {ours!r}, 'network': {network!r}}})\n"
        "print(s.define('a', 20).eval('a * 10'))\nm.close_all()\n"
    )
    done = subprocess.run(
        [
            "/usr/bin/docker", "run", "--rm", "--network", network,
            "-v", "/var/run/docker.sock:/var/run/docker.sock",
            "-v", f"{Path.cwd()}:/repo:ro", "-v", f"{site}:/site:ro", "-e", "PYTHONPATH=/repo:/site",
            base_image, "python3", "-c", code,
        ],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "200\n", done.stderr
