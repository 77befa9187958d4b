"""The library `hx.docker`, from Axon, on the real engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import axon
from axon.errors import EvalError
from axon.session.backends.docker_engine import Engine, EngineError
from tests.docker.conftest import BASE, free_port
from tests.session.conftest import wait_until

NAME = f"axon-test-lib-{os.getpid()}"


@pytest.fixture
def rt(tmp_path: Path) -> Iterator[axon.Runtime]:
    with axon.Runtime(io=str(tmp_path / "io")) as found:
        yield found


def states(docker: Engine, where: Path) -> list[str]:
    """States of the containers that use this test's files: others may use the engine, too."""
    found = docker.containers("axon.container")
    return [c["State"] for c in found if any(m["Source"] == f"{where}/io" for m in c["Mounts"])]


def test_images_are_listed(rt: axon.Runtime) -> None:
    rt.define("base", lambda: BASE)
    source = "dockerListImages().find(r => r->repoTags.contains(base()))"
    found = rt.eval(source)
    assert found["dockerImage"] is axon.MARKER
    assert (found["size"].unit, found["size"].val > 1e6) == ("byte", True)
    assert found["id"].dis() == found["id"].val.removeprefix("sha256:")[:12]
    grid = rt.eval("dockerListImages()")
    assert grid.col("json").meta() == {"hidden": axon.MARKER}


def test_container_runs_with_io_and_is_deleted(docker: Engine, rt: axon.Runtime, tmp_path: Path) -> None:
    write = "open('/io/made', 'w').write('by the container'); __import__('time').sleep(100)"
    rt.define("cmd", lambda: ["python3", "-c", write])
    rt.eval(f'id: dockerRun("{BASE}", {{name: "{NAME}", cmd: cmd(), hostConfig: {{memory: 67108864}}}})')
    assert wait_until(lambda: (tmp_path / "io" / "made").exists())
    listed = rt.eval("dockerListContainers()")
    row = listed.first()
    assert (row["dockerState"], row["names"]) == ("running", [f"/{NAME}"])
    assert docker.inspect(NAME)["HostConfig"]["Memory"] == 67108864
    rt.define("id", lambda: row["id"])
    assert rt.eval("dockerDeleteContainer(id())->statusCode") == 204
    assert states(docker, tmp_path) == []
    assert rt.eval("dockerListContainers().size") == 0
    with pytest.raises(EvalError, match="No managed container"):
        rt.eval("dockerDeleteContainer(id())")


def test_configuration_may_be_json_with_capitals(docker: Engine, rt: axon.Runtime) -> None:
    port = free_port()
    config = {
        "Cmd": ["sleep", "100"],
        "Unknown": 1,
        "ExposedPorts": {"80/tcp": {}},
        "HostConfig": {
            "Memory": 67108864,
            "Binds": ["/:/host"],
            "Privileged": True,
            "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]},
        },
    }
    rt.define("config", lambda: json.dumps(config))
    container = rt.eval(f'dockerRun("{BASE}", config())')
    found = docker.inspect(container)
    assert found["HostConfig"]["Privileged"] is False
    assert [m["Destination"] for m in found["Mounts"]] == ["/io"]
    assert found["HostConfig"]["PortBindings"]["80/tcp"][0]["HostPort"] == str(port)


def test_failed_start_leaves_nothing(docker: Engine, rt: axon.Runtime, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="Failed to start container for image no/such"):
        rt.eval('dockerRun("no/such:image")')
    with pytest.raises(EvalError, match="Failed to start container for image"):
        rt.eval(f'dockerRun("{BASE}", {{cmd: ["no-such-program"]}})')
    assert states(docker, tmp_path) == []


def test_container_that_is_gone_is_dropped(docker: Engine, rt: axon.Runtime) -> None:
    container = rt.eval(f'dockerRun("{BASE}", {{cmd: ["sleep", "100"]}})')
    docker.remove(container)
    rt.define("id", lambda: container)
    found = rt.eval("dockerDeleteContainer(id())")
    assert (found["statusCode"], "err" in found) == (404, True)
    with pytest.raises(EvalError, match="No managed container"):
        rt.eval("dockerDeleteContainer(id())")


def test_containers_end_with_the_runtime(docker: Engine, tmp_path: Path) -> None:
    with axon.Runtime(io=str(tmp_path / "io")) as rt:
        container = rt.eval(f'dockerRun("{BASE}", {{cmd: ["sleep", "100"]}})')
        assert states(docker, tmp_path) == ["running"]
    with pytest.raises(EngineError):
        docker.inspect(container)


def test_only_admins_may(tmp_path: Path) -> None:
    with (
        axon.Runtime(io=str(tmp_path / "io"), admin=False) as rt,
        pytest.raises(EvalError, match=r"(?i)admin"),
    ):
        rt.eval("dockerListImages()")


def test_image_command_builds_lists_and_removes(docker: Engine, base_image: str) -> None:
    def axon_image(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "axon", "image", *args], capture_output=True, text=True, timeout=50
        )

    tag = f"axon-test/cli:{os.getpid()}"
    done = axon_image("build", "--bare", "--base", base_image, "--tag", tag)
    assert done.returncode == 0, done.stderr
    assert f"built {tag}" in done.stdout
    assert any(line.startswith(tag) and "current" in line for line in axon_image("list").stdout.splitlines())
    assert axon_image("rm", tag).stdout == f"removed {tag}\n"
    assert axon_image("rm", tag).returncode == 1
    assert "left alone" in axon_image("rm", base_image).stderr
    assert axon_image("build", "--nonsense").returncode == 2
    assert axon_image("build", "--base", "no/such:base", "--tag", tag).returncode == 1


def test_doctor_finds_the_engine(docker: Engine) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "axon", "doctor"], capture_output=True, text=True, timeout=50
    )
    assert "✓ docker engine" in done.stdout
