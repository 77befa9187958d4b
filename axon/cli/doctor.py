"""`axon doctor`: what works on this machine, and how to mend the rest."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

from axon.cli.options import UsageError

__all__ = ["Finding", "doctor_command", "examine"]

_MARKS = {"ok": "✓", "note": "·", "bad": "✗"}
_NEEDED = ("lark", "numpy", "docker", "hszinc", "tzdata", "rich", "prompt_toolkit", "pygments")
_EXTRAS = {
    "pandas": "pandas",
    "pyarrow": "arrow",
    "polars": "arrow",
    "openpyxl": "excel",
}


class Finding:
    """One thing that was looked at: `state` is ok, note (works without) or bad; `cure`: what to do."""

    __slots__ = ("cure", "name", "state", "text")

    def __init__(self, state: str, name: str, text: str, cure: str = "") -> None:
        self.state = state
        self.name = name
        self.text = text
        self.cure = cure


def doctor_command(args: list[str]) -> int:
    """Print the findings; exit code 1 when something that is needed does not work."""
    if args not in ([], ["--json"]):
        raise UsageError(f"doctor: unknown option {args[0]}")
    found = list(examine())
    if args:
        print(json.dumps([{k: getattr(f, k) for k in f.__slots__} for f in found], indent=2))
    else:
        for f in found:
            print(f"{_MARKS[f.state]} {f.name:16} {f.text}")
            if f.cure:
                print(f"{'':19}→ {f.cure}")
    return 1 if any(f.state == "bad" for f in found) else 0


def examine() -> Iterator[Finding]:
    """Look at everything; each part is looked at by itself, so that one fault does not hide another."""
    for check in _CHECKS:
        try:
            yield from check()
        except Exception as e:  # a part of the examination failed: that is a finding
            yield Finding("bad", check.__name__.strip("_"), f"{type(e).__name__}: {e}")


def _versions() -> Iterator[Finding]:
    from axon import __version__

    yield Finding(
        "ok", "axon", f"{__version__} in {os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}"
    )
    good = sys.version_info >= (3, 11)
    cure = "" if good else "install Python 3.11 or later"
    system = f"{platform.system()} {platform.release()}"
    yield Finding(
        "ok" if good else "bad", "python", f"{platform.python_version()} ({sys.executable}), {system}", cure
    )


def _packages() -> Iterator[Finding]:
    for name in _NEEDED:
        version = _version(name)
        cure = "" if version else f"{sys.executable} -m pip install {name}"
        yield Finding("ok" if version else "bad", name, version or "not installed", cure)
    for name, extra in _EXTRAS.items():
        version = _version(name)
        cure = "" if version else f"optional: {sys.executable} -m pip install 'axon-haystack[{extra}]'"
        yield Finding("ok" if version else "note", name, version or "not installed", cure)


def _compiled() -> Iterator[Finding]:
    from axon import fast

    if fast.used():
        yield Finding("ok", "compiled modules", "used")
    else:
        cure = f"optional: {sys.executable} -m pip install 'axon-haystack[fast]'"
        yield Finding("note", "compiled modules", "not used", cure)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _language() -> Iterator[Finding]:
    from axon.engine import Runtime

    with Runtime() as rt:
        good = rt.eval("[1, 2, 3].map(x => x * 2).fold(sum)") == 12
        yield Finding(
            "ok" if good else "bad", "language", "programs run" if good else "a small program failed"
        )
        yield Finding("ok", "time zone", rt.tz)


def _sessions() -> Iterator[Finding]:
    import time

    from axon.engine import Runtime

    with Runtime(py_backend="process") as rt:
        start = time.perf_counter()
        with rt.session() as session:
            session.eval("1")
            took = (time.perf_counter() - start) * 1000
            layers = session.isolation
    yield Finding("ok", "session", f"a Python process answers after {took:.0f} ms")
    yield Finding("ok", "isolation", _layers_text(layers))


def _layers_text(layers: Any) -> str:
    if not isinstance(layers, dict):
        return str(layers)
    return "; ".join(f"{k}: {', '.join(v) if isinstance(v, list) else v}" for k, v in layers.items() if v)


def _docker() -> Iterator[Finding]:
    from axon.session.backends.docker_engine import Engine, EngineError
    from axon.session.backends.docker_image import our_images, pylib_digest

    try:
        engine = Engine(timeout=5)
        version = engine.version().get("Version", "?")
        images = our_images(engine)
    except EngineError as e:
        yield Finding("note", "docker engine", e.message, f"optional: {e.cure}" if e.cure else "")
        return
    engine.close()
    yield Finding("ok", "docker engine", f"{version} at {engine.address}")
    yield _image(images, pylib_digest())


def _image(images: list[dict[str, Any]], digest: str) -> Finding:
    from axon.session.backends.docker_image import PYLIB_LABEL

    current = [tag for i in images if i["Labels"][PYLIB_LABEL] == digest for tag in i.get("RepoTags") or ()]
    if current:
        return Finding("ok", "session image", ", ".join(current))
    if images:
        return Finding("note", "session image", "of another version of axon", "axon image build")
    return Finding("note", "session image", "none", "axon image build")


_CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _versions,
    _compiled,
    _packages,
    _language,
    _sessions,
    _docker,
)
