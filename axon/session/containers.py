"""Containers that an Axon program starts by itself, with the `hx.docker` library; they end with the runtime.

The list of managed containers is kept in memory only; what a killed program leaves behind is known by its
labels and removed at the next start.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from axon.errors import ArgErr, Err
from axon.session.backends.docker_engine import Engine, EngineError, engine
from axon.session.backends.docker_io import give
from axon.session.backends.docker_profile import IO_DIR
from axon.session.backends.docker_reap import labels, reap_once

__all__ = ["Containers"]

_LABEL = "axon.container"
_NAME = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]+", re.ASCII)


class Containers:
    """The managed containers of one runtime, on the engine of the environment."""

    def __init__(self) -> None:
        self._ids: dict[str, Engine] = {}
        self._lock = threading.Lock()

    def images(self) -> list[dict[str, Any]]:
        """What the engine says of each of its images.

        Raises:
            Err: no engine.
        """
        with _as_axon_errors("dockerListImages"):
            return engine().images()

    def containers(self) -> list[dict[str, Any]]:
        """What the engine says of each managed container.

        Raises:
            Err: no engine.
        """
        with self._lock:
            ids = dict(self._ids)
        if not ids:
            return []
        with _as_axon_errors("dockerListContainers"):
            return [c for c in engine().containers(_LABEL) if c["Id"] in ids]

    def run(self, image: str, config: Mapping[str, Any], io_dir: str) -> str:
        """Create and start a container; its id.

        Args:
            config: in the shape of the engine's create call; names may begin with a small letter.
            io_dir: directory that the container sees as `/io`.

        Raises:
            ArgErr: a name that a container can't have.
            Err: it could not be started; nothing is left behind.
        """
        body = _create_body(image, config, os.environ.get("AXON_IO_MOUNT") or io_dir)
        name = config.get("name", config.get("Name"))
        if name is not None and (type(name) is not str or not _NAME.fullmatch(name)):
            raise ArgErr(f"dockerRun: not the name of a container: {name!r}")
        with _as_axon_errors(f"dockerRun: Failed to start container for image {image}"):
            docker = engine()
            give(io_dir)
            made = docker.create(body, name.lstrip("/") if name else None)
            try:
                docker.start(made)
            except BaseException:
                with contextlib.suppress(EngineError):
                    docker.remove(made)
                raise
        with self._lock:
            self._ids[made] = docker
        reap_once(docker)
        return made

    def delete(self, id: str) -> dict[str, Any]:
        """Kill and remove a managed container: `id`, `statusCode`, `msg`, and `err` where that failed.

        Raises:
            ArgErr: this runtime did not start it.
        """
        with self._lock:
            docker = self._ids.get(id)
        if docker is None:
            raise ArgErr(f"dockerDeleteContainer: No managed container {id}")
        try:
            docker.inspect(id)
            docker.remove(id)
            status, message = 204, "removed"
        except EngineError as e:
            status, message = e.status, e.message
        if status in (204, 404):
            with self._lock:
                self._ids.pop(id, None)
        found: dict[str, Any] = {"id": id, "statusCode": status, "msg": message}
        return found if status == 204 else {**found, "err": True}

    def close(self) -> None:
        """Kill and remove all managed containers; safe twice."""
        with self._lock:
            ids, self._ids = self._ids, {}
        for id, docker in ids.items():
            with contextlib.suppress(EngineError):
                docker.remove(id)


def _create_body(image: str, config: Mapping[str, Any], io_dir: str) -> dict[str, Any]:
    """The body of the engine's create call: what is known of a configuration, and nothing else."""
    given = _known(config, ("Cmd", "ExposedPorts", "HostConfig"))
    host = _known(given.get("HostConfig") or {}, ("Memory", "NetworkMode", "PortBindings"))
    bindings = host.get("PortBindings") or {}
    host_config: dict[str, Any] = {"Binds": [f"{io_dir}:{IO_DIR}"]}
    if "Memory" in host:
        host_config["Memory"] = int(getattr(host["Memory"], "val", host["Memory"]))
    if "NetworkMode" in host:
        host_config["NetworkMode"] = host["NetworkMode"]
    if bindings:
        host_config["PortBindings"] = {
            port: [_known(binding, ("HostIp", "HostPort")) for binding in found]
            for port, found in bindings.items()
        }
    body: dict[str, Any] = {"Image": image, "Labels": labels(_LABEL), "HostConfig": host_config}
    if given.get("Cmd"):
        body["Cmd"] = list(given["Cmd"])
    if given.get("ExposedPorts"):
        body["ExposedPorts"] = {port: {} for port in given["ExposedPorts"]}
    return body


def _known(config: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The tags of those names, in either spelling of their first letter."""
    if not isinstance(config, Mapping):
        raise ArgErr(f"dockerRun: expected a Dict in config, got {json.dumps(config, default=str)[:40]}")
    out: dict[str, Any] = {}
    for name, val in config.items():
        spelled = name[:1].upper() + name[1:]
        if spelled in names and val is not None:
            out[spelled] = val
    return out


@contextlib.contextmanager
def _as_axon_errors(what: str) -> Iterator[None]:
    try:
        yield
    except EngineError as e:
        raise Err(f"{what}: {e}") from e
