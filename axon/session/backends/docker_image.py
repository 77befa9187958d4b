"""Images for sessions: which one runs, how ours is built, and what makes it known again."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from axon.errors import ArgErr
from axon.session.backends.docker_engine import Engine, EngineError

__all__ = [
    "PYLIB_LABEL",
    "REPOSITORY",
    "VERSION_LABEL",
    "build_image",
    "default_images",
    "find_image",
    "image_tag",
    "our_images",
    "pylib_digest",
    "pylib_path",
]

REPOSITORY = "axon-pylib"
PYLIB_LABEL = "axon.pylib"
"""Label of our images: the digest of the `pylib` that they hold."""


VERSION_LABEL = "axon.version"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


def image_tag() -> str:
    """The name of the image of this version."""
    from axon import __version__

    return f"{REPOSITORY}:{__version__}"


def default_images() -> tuple[str, ...]:
    """What is tried in order when no image is named: `AXON_IMAGE`, ours, then those of hxPy."""
    named = os.environ.get("AXON_IMAGE")
    own = (image_tag(), f"{REPOSITORY}:latest")
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


def our_images(engine: Engine) -> list[dict[str, Any]]:
    """The images here that `axon image build` made, newest first."""
    found = [i for i in engine.images() if PYLIB_LABEL in (i.get("Labels") or {})]
    return sorted(found, key=lambda i: int(i.get("Created", 0)), reverse=True)


def build_image(
    engine: Engine,
    *,
    tag: str | None = None,
    base: str | None = None,
    extra: Sequence[str] = (),
    bare: bool = False,
) -> Iterator[str]:
    """Build an image for sessions; gives the engine's progress, line by line.

    Args:
        base: the image with Python to start from.
        extra: further packages, as pip takes them.
        bare: without the packages for data work.

    Raises:
        EngineError: a step failed; the message is the engine's.
    """
    from axon import __version__

    arguments = {name: os.environ[name] for name in _PROXIES if os.environ.get(name)}
    arguments["EXTRA_PACKAGES"] = " ".join(extra)
    if base:
        arguments["BASE_IMAGE"] = base
    if bare:
        arguments["PACKAGES"] = ""
    messages = engine.build(
        _context(),
        tag=tag or image_tag(),
        buildargs=arguments,
        labels={PYLIB_LABEL: pylib_digest(), VERSION_LABEL: __version__},
    )
    for message in messages:
        if "error" in message:
            raise EngineError(f"the image could not be built: {str(message['error']).strip()}")
        for line in str(message.get("stream") or message.get("status") or "").splitlines():
            if line.strip():
                yield line.rstrip()


def _context() -> io.BytesIO:
    """What the engine needs to build: the Dockerfile and the sources of `pylib`, as a tar file."""
    out = io.BytesIO()
    root = pylib_path()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in sorted(os.listdir(root)):
            if name == "Dockerfile" or name.endswith(".py"):
                entry = tar.gettarinfo(os.path.join(root, name), name)
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = ""
                entry.mode = 0o644
                with open(os.path.join(root, name), "rb") as f:
                    tar.addfile(entry, f)
    out.seek(0)
    return out
