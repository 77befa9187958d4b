"""Docker: images of the engine, and containers that a program starts by itself.

Python sessions do not need these functions: `py({backend: "docker"})` looks after its own containers.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr
from axon.lib.registry import Dict, Obj, Str, builtin
from axon.values.show import preview
from axon.values.zones import UTC
from pylib.grid import Grid
from pylib.kinds import MARKER, Number, Ref

if TYPE_CHECKING:
    from axon.runtime.context import Context

_IMAGE = ("id", "repoTags", "created", "size", "dockerImage", "labels", "json")
_CONTAINER = (
    "id",
    "dockerState",
    "dockerStatus",
    "names",
    "image",
    "command",
    "created",
    "dockerContainer",
    "json",
)
_SHORT = 12


@builtin(lib="hx.docker", admin=True)
def docker_list_images(cx: Context) -> Grid:
    """The images of the Docker engine.

    Columns `id`, `repoTags`, `created`, `size`, `dockerImage`, and hidden `labels` and `json`, the engine's
    own answer.

    Raises:
        Err: there is no engine, or it may not be used.

    Examples:
        try dockerListImages().isGrid catch true         //=> true

    Source: Haxall docs, docker.
    """
    rows = [
        {
            "id": _id(found["Id"]),
            "repoTags": list(found.get("RepoTags") or []),
            "created": _moment(found.get("Created")),
            "size": Number(int(found.get("Size", 0)), "byte"),
            "dockerImage": MARKER,
            "labels": dict(found.get("Labels") or {}),
            "json": json.dumps(found),
        }
        for found in cx.runtime.sessions.containers.images()
    ]
    return _grid(rows, _IMAGE, ("labels", "json"))


@builtin(lib="hx.docker", admin=True)
def docker_list_containers(cx: Context) -> Grid:
    """The containers that this runtime started with `dockerRun`.

    Columns `id`, `dockerState` (created, restarting, running, removing, paused, exited, dead),
    `dockerStatus`, `names`, `image`, `command`, `created`, `dockerContainer`, and hidden `json`.

    Examples:
        dockerListContainers().size                      //=> 0

    Source: Haxall docs, docker.
    """
    rows = [
        {
            "id": _id(found["Id"]),
            "dockerState": str(found.get("State", "")),
            "dockerStatus": str(found.get("Status", "")),
            "names": list(found.get("Names") or []),
            "image": str(found.get("Image", "")),
            "command": str(found.get("Command", "")),
            "created": _moment(found.get("Created")),
            "dockerContainer": MARKER,
            "json": json.dumps(found),
        }
        for found in cx.runtime.sessions.containers.containers()
    ]
    return _grid(rows, _CONTAINER, ("json",))


@builtin(lib="hx.docker", admin=True)
def docker_run(cx: Context, image: Str, config: Obj = {}) -> Str:  # noqa: B006 - a value, never changed
    """Create and start a container of an image that is here; returns its id.

    `config` is a Dict or JSON text in the shape of Docker's create call: `name`, `cmd` (list of Str),
    `exposedPorts`, `hostConfig` with `memory` (bytes), `networkMode`, `portBindings`. Unknown names are
    ignored. The project's `io/` is `/io` in the container. It ends with the runtime at the latest.

    Unlike a Python session such a container has no walls but those of Docker.

    Raises:
        ArgErr: `config` is neither Dict nor JSON text, or has a name that no container can have.
        Err: the container could not be started; nothing is left behind.

    Examples:
        dockerRun("x", 5)                                //! ArgErr "expected Dict or Str"
        dockerRun("x", "{")                              //! ArgErr "not JSON"
        dockerRun("x", {name: "no name"})                //! ArgErr "not the name of a container"

    Source: Haxall docs, docker.
    """
    root = cx.io.root
    root.mkdir(parents=True, exist_ok=True)
    container: str = cx.runtime.sessions.containers.run(image, _config(config), str(root))
    return container


@builtin(lib="hx.docker", admin=True)
def docker_delete_container(cx: Context, id: Obj) -> Dict:
    """Kill and remove a container that this runtime started: `{id, statusCode, msg, err?}`.

    Raises:
        ArgErr: this runtime did not start it.

    Examples:
        dockerDeleteContainer("none")                    //! ArgErr "No managed container none"

    Source: Haxall docs, docker.
    """
    if type(id) not in (str, Ref):
        raise ArgErr(f"dockerDeleteContainer: expected Ref or Str for id, got {preview(id)}")
    found = cx.runtime.sessions.containers.delete(str(id))
    if "err" in found:
        found["err"] = MARKER
    return {**found, "id": _id(found["id"])}


def _config(config: Obj) -> Dict:
    if type(config) is dict:
        return config
    if type(config) is not str:
        raise ArgErr(f"dockerRun: expected Dict or Str for config, got {preview(config)}")
    try:
        found = json.loads(config)
    except ValueError as e:
        raise ArgErr(f"dockerRun: config is not JSON ({e})") from e
    if type(found) is not dict:
        raise ArgErr(f"dockerRun: expected an object in config, got {preview(config)}")
    return found


def _id(text: str) -> Ref:
    return Ref(text, text.removeprefix("sha256:")[:_SHORT])


def _moment(seconds: Any) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(int(seconds), UTC) if type(seconds) is int else None


def _grid(rows: list[dict[str, Any]], names: tuple[str, ...], hidden: tuple[str, ...]) -> Grid:
    grid = Grid.from_rows(rows, cols=names)
    for name in hidden:
        grid = grid.with_col_meta(name, {"hidden": MARKER})
    return grid
