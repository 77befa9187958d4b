"""Images for sessions: which one runs, and what makes our own known again."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from typing import Any

from axon.errors import ArgErr
from axon.session.backends.docker_engine import Engine, EngineError

__all__ = ["PYLIB_LABEL", "REPOSITORY", "default_images", "find_image", "pylib_digest", "pylib_path"]

REPOSITORY = "axon-pylib"
PYLIB_LABEL = "axon.pylib"
"""Label of our images: the digest of the `pylib` that they hold."""


def default_images() -> tuple[str, ...]:
    """What is tried in order when no image is named: `AXON_IMAGE`, ours, then those of hxPy."""
    from axon import __version__

    named = os.environ.get("AXON_IMAGE")
    own = (f"{REPOSITORY}:{__version__}", f"{REPOSITORY}:latest")
    return (*((named,) if named else ()), *own, "ghcr.io/haxall/hxpy:latest", "ghcr.io/haxall/hxpy:main")


def find_image(engine: Engine, named: object) -> dict[str, Any]:
    """What the engine knows of the image to run: the named one, else the first default that is here.

    Raises:
        ArgErr: `named` is not a name.
        EngineError: there is no such image; with the cure.
    """
    if named is not None and (type(named) is not str or not named):
        raise ArgErr(f"py: the option image must be a Str, got {named!r}")
    for name in (str(named),) if named else default_images():
        try:
            return engine.image(name)
        except EngineError as e:
            if e.status != 404:
                raise
    if named:
        raise EngineError(f"there is no image {named} on this machine", 404, f"run: docker pull {named}")
    raise EngineError("there is no image for sessions on this machine", 404, "run: axon image build")


def pylib_path() -> str:
    """The directory of `pylib` on this machine."""
    import pylib

    return os.path.dirname(os.path.abspath(pylib.__file__))


@cache
def pylib_digest() -> str:
    """A digest of the sources of `pylib`: an image with the same digest holds the same code."""
    found = hashlib.sha256()
    root = pylib_path()
    for name in sorted(n for n in os.listdir(root) if n.endswith(".py")):
        with open(os.path.join(root, name), "rb") as f:
            found.update(name.encode() + b"\0" + f.read() + b"\0")
    return found.hexdigest()[:16]
