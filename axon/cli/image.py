"""`axon image`: build, list and remove the Docker images in which sandboxed sessions run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from axon.cli.options import UsageError

__all__ = ["image_command"]


def image_command(args: list[str]) -> int:
    """Run one of the sub-commands."""
    from axon.session.backends.docker_engine import EngineError

    if not args or args[0] not in _COMMANDS:
        raise UsageError(f"image: expected build, list or rm{', got ' + args[0] if args else ''}")
    try:
        return _COMMANDS[args[0]](args[1:])
    except EngineError as e:
        print(f"axon: {e.message}" + (f"\n  → {e.cure}" if e.cure else ""), file=sys.stderr)
        return 1


def _build(args: list[str]) -> int:
    from axon.session.backends.docker_engine import engine
    from axon.session.backends.docker_image import build_image, image_tag

    tag, base, extra, bare = image_tag(), None, list[str](), False
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if word == "--bare":
            bare = True
        elif word in ("--tag", "--base") and rest:
            value = rest.pop(0)
            tag, base = (value, base) if word == "--tag" else (tag, value)
        elif word == "--with" and rest:
            while rest and not rest[0].startswith("--"):
                extra.append(rest.pop(0))
        else:
            raise UsageError(f"image build: unknown option or missing value: {word}")
    start = time.monotonic()
    for line in build_image(engine(), tag=tag, base=base, extra=extra, bare=bare):
        print(line, flush=True)
    print(f"built {tag} in {time.monotonic() - start:.0f} s")
    return 0


def _list(args: list[str]) -> int:
    from axon.session.backends.docker_engine import engine
    from axon.session.backends.docker_image import PYLIB_LABEL, VERSION_LABEL, our_images, pylib_digest

    if args:
        raise UsageError(f"image list: unknown option {args[0]}")
    found = our_images(engine())
    if not found:
        print("no image for sessions here; run: axon image build")
        return 0
    print(f"{'TAG':32} {'VERSION':10} {'SIZE':>9}  STATE")
    for image in found:
        labels = image["Labels"]
        state = "current" if labels[PYLIB_LABEL] == pylib_digest() else "other version: build it again"
        for tag in image.get("RepoTags") or [image["Id"].removeprefix("sha256:")[:12]]:
            size = f"{image['Size'] / 1e6:.0f} MB"
            print(f"{tag:32} {labels.get(VERSION_LABEL, '?'):10} {size:>9}  {state}")
    return 0


def _remove(args: list[str]) -> int:
    from axon.session.backends.docker_engine import engine
    from axon.session.backends.docker_image import PYLIB_LABEL

    if len(args) != 1 or args[0].startswith("-"):
        raise UsageError("image rm: expected the tag of one image")
    found = engine().image(args[0])
    if PYLIB_LABEL not in ((found.get("Config") or {}).get("Labels") or {}):
        print(f"axon: {args[0]} is no image of axon; it is left alone", file=sys.stderr)
        return 1
    engine().remove_image(args[0])
    print(f"removed {args[0]}")
    return 0


_COMMANDS: dict[str, Callable[[list[str]], int]] = {"build": _build, "list": _list, "rm": _remove}
