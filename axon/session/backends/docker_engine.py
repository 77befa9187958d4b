"""The Docker engine: the only file that knows docker-py. Errors come out as one class, with a cure.

docker-py has one exception for "no engine" and "no permission"; the cause tells them apart.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

__all__ = ["Engine", "EngineError", "engine"]

_TIMEOUT = 60
"""Seconds that one answer of the engine may take."""


class EngineError(Exception):
    """What the engine, or the way to it, refused.

    `status` is the HTTP status of the engine's answer, 0 when there was none. `cure` tells what to do.
    """

    def __init__(self, message: str, status: int = 0, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}; {self.cure}" if self.cure else self.message


class Engine:
    """A Docker engine at an address, by default that of the environment (`DOCKER_HOST`) or the local one.

    Raises:
        EngineError: it can't be reached.
    """

    def __init__(self, address: str | None = None, timeout: int = _TIMEOUT) -> None:
        import docker
        from docker.utils import kwargs_from_env

        with _translated():
            settings: dict[str, Any] = {**kwargs_from_env()}
            if address:
                settings["base_url"] = address
            self._api: Any = docker.APIClient(timeout=timeout, **settings)
        self.address = address or settings.get("base_url") or "unix:///var/run/docker.sock"

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def version(self) -> dict[str, Any]:
        """What the engine says of itself."""
        with _translated():
            return dict(self._api.version())

    @cached_property
    def restores(self) -> bool:
        """Whether containers live on while the engine is stopped or exchanged (its setting live-restore)."""
        with _translated():
            return bool(self._api.info().get("LiveRestoreEnabled"))

    # ---- images

    def image(self, name: str) -> dict[str, Any]:
        """An image that is here; status 404 when it is not."""
        with _translated():
            return dict(self._api.inspect_image(name))

    def images(self) -> list[dict[str, Any]]:
        """All images that are here."""
        with _translated():
            return list(self._api.images())

    def remove_image(self, name: str) -> None:
        """Remove an image or a tag of it."""
        with _translated():
            self._api.remove_image(name)

    def build(self, context: Any, **options: Any) -> Iterator[dict[str, Any]]:
        """Build an image from a tar file; the engine's messages as they come."""
        with _translated():
            yield from self._api.build(
                fileobj=context, custom_context=True, rm=True, forcerm=True, decode=True, **options
            )

    # ---- containers

    def create(self, config: Mapping[str, Any], name: str | None = None) -> str:
        """Create a container from the body of the engine's create call; its id."""
        with _translated():
            return str(self._api.create_container_from_config(dict(config), name)["Id"])

    def start(self, container: str) -> None:
        """Start a container."""
        with _translated():
            self._api.start(container)

    def attach(self, container: str) -> Any:
        """A stream of what the container prints from now on."""
        with _translated():
            return self._api.attach_socket(container, {"stdout": 1, "stderr": 1, "stream": 1})

    def signal(self, container: str, name: str) -> None:
        """Send a signal to the first process of a container."""
        with _translated():
            self._api.kill(container, name)

    def unpause(self, container: str) -> None:
        """Let a paused container run on."""
        with _translated():
            self._api.unpause(container)

    def remove(self, container: str) -> None:
        """End and remove a container; fine when it is gone, or on its way."""
        try:
            with _translated():
                self._api.remove_container(container, force=True, v=True)
        except EngineError as e:
            if e.status not in (404, 409):
                raise
            if e.status == 409 and "paused" in e.message:
                with contextlib.suppress(EngineError):
                    self.unpause(container)
                self.remove(container)

    def inspect(self, container: str) -> dict[str, Any]:
        """Everything that the engine knows of a container; status 404 when it is gone."""
        with _translated():
            return dict(self._api.inspect_container(container))

    def containers(self, label: str) -> list[dict[str, Any]]:
        """All containers, also ended ones, that have a label."""
        with _translated():
            return list(self._api.containers(all=True, filters={"label": label}))

    def events(self, container: str, since: float, wait: float) -> Iterator[tuple[str, dict[str, str]]]:
        """What happened to a container since a time: name and attributes; waits a while for more."""
        until = time.time() + wait
        with _translated():
            stream = self._api.events(
                since=f"{since:.9f}",
                until=f"{until:.9f}",
                filters={"container": [container], "type": ["container"]},
                decode=True,
            )
            try:
                for event in stream:
                    yield event.get("Action", ""), dict(event.get("Actor", {}).get("Attributes", {}))
            finally:
                stream.close()


_lock = threading.Lock()
_found: dict[tuple[int, str], Engine] = {}


def engine() -> Engine:
    """This process' connection to the engine, made at the first call.

    Raises:
        EngineError: the engine can't be reached; the next call tries again.
    """
    key = os.getpid(), os.environ.get("DOCKER_HOST", "")
    with _lock:
        found = _found.get(key)
        if found is None:
            found = _found[key] = Engine()
        return found


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn every error of docker-py and of its HTTP library into an EngineError."""
    import docker.errors
    import requests.exceptions

    try:
        yield
    except docker.errors.APIError as e:
        raise EngineError(_said(e), int(e.status_code or 0)) from e
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as e:
        raise _unreachable(e) from e


def _said(error: Any) -> str:
    text = error.explanation or str(error)
    if type(text) is bytes:
        text = text.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, TypeError, KeyError):
        text = json.loads(text)["message"]
    return " ".join(str(text).split())


def _unreachable(error: BaseException) -> EngineError:
    cause = _root(error)
    at = os.environ.get("DOCKER_HOST") or "/var/run/docker.sock"
    if isinstance(cause, PermissionError):
        cure = "add this user to the group docker (sudo usermod -aG docker $USER, then log in again)"
        return EngineError(f"no permission to use the Docker engine at {at}", 0, cure)
    if isinstance(cause, (FileNotFoundError, ConnectionRefusedError)):
        cure = "start it (sudo systemctl start docker), or use the backend process"
        return EngineError(f"no Docker engine runs at {at}", 0, cure)
    if isinstance(cause, TimeoutError) or "timed out" in str(error).lower():
        return EngineError("the Docker engine does not answer", 0, "see whether it is overloaded or stopped")
    return EngineError(f"the Docker engine at {at} can't be used: {cause or error}", 0, "run: axon doctor")


def _root(error: BaseException) -> BaseException | None:
    """The operating system's error below the layers of HTTP libraries."""
    todo: list[BaseException | None] = [error]
    seen: list[BaseException] = []
    while todo:
        found = todo.pop()
        if found is None or any(found is s for s in seen):
            continue
        if isinstance(found, OSError) and found.errno:
            return found
        seen.append(found)
        todo += [found.__cause__, found.__context__, *(a for a in found.args if isinstance(a, BaseException))]
    return None
