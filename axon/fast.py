"""Compiled modules in the place of Python ones: the extra `[fast]`.

The distribution `axon-haystack-fast` brings a package `axon_fast`. It holds modules of `axon.syntax` and
`axon.compile` that were compiled to C, and says of which version and from which sources. A finder gives them
for the Python modules of the same names, if they were made from the very files that lie here. Otherwise, and
with `AXON_PURE=1` in the environment, the Python modules are used: they do the same.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["install", "used"]


class Finder:
    """Finds the compiled modules of a package, if they fit (`sys.meta_path`)."""

    def __init__(self, package: ModuleType) -> None:
        self.package = package
        self._fits: bool | None = None

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is, if it is a compiled one."""
        if name not in self.package.MODULES or not self.fits():
            return None
        from importlib.machinery import PathFinder

        return PathFinder.find_spec(name, list(self.package.__path__))

    def fits(self) -> bool:
        """Whether they can be used here: found out, and if not warned of, when the first is asked for."""
        if self._fits is None:
            fault = _fault(self.package)
            self._fits = not fault
            if fault:
                import warnings

                cure = "pip install --force-reinstall --no-deps axon-haystack-fast"
                warnings.warn(f"axon_fast is not used: {fault}; run {cure}", RuntimeWarning, stacklevel=1)
        return self._fits


_asked = False
_finder: Finder | None = None


def install() -> None:
    """Use compiled modules from now on, if there are any; looked for once. `axon.syntax` calls it.

    Before the stages of `axon.compile` are imported one by one, that room has to be.
    """
    global _asked, _finder
    if _asked:
        return
    _asked = True
    if os.environ.get("AXON_PURE"):
        return
    try:
        import axon_fast
    except ImportError:
        return
    _finder = Finder(axon_fast)
    sys.meta_path.insert(0, _finder)


def used() -> bool:
    """Whether compiled modules are used."""
    install()
    return _finder is not None and _finder.fits()


def _fault(package: ModuleType) -> str:
    """Why compiled modules can't be used here; empty when they can."""
    from importlib import import_module
    from zlib import crc32

    from axon import __version__

    if package.VERSION != __version__:
        return f"it is of version {package.VERSION}, axon of {__version__}"
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        for file, check in package.SOURCES.items():
            with open(os.path.join(root, file), "rb") as f:
                if crc32(f.read()) != check:
                    return f"{file} has changed since it was compiled"
        import_module("axon_fast.native__mypyc")
    except (OSError, ImportError) as e:
        return str(e)
    return ""
