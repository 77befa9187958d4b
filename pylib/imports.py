"""What session code can import that a bare interpreter does not have.

The session starts without `site`, which would cost a third of its start: the first import that finds nothing
runs it then, so that installed packages are there for whoever uses them. Behind it comes `hxpy.haystack`, the
import path of programs written for hxPy, and last the project's `io/` directory.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any

__all__ = ["install"]

_HXPY = {
    "hxpy": (),
    "hxpy.haystack": (
        "Marker",
        "NA",
        "Remove",
        "Ref",
        "Coord",
        "Grid",
        "GridBuilder",
        "Number",
        "Symbol",
        "Uri",
        "XStr",
    ),
    "hxpy.haystack.marker": ("Marker",),
    "hxpy.haystack.na": ("NA",),
    "hxpy.haystack.remove": ("Remove",),
    "hxpy.haystack.ref": ("Ref",),
    "hxpy.haystack.coord": ("Coord",),
    "hxpy.haystack.grid": ("Grid", "GridBuilder", "Col", "Row"),
}


def install(last: str) -> None:
    """Add the finder; `last` is a directory to be searched after everything else, or empty."""
    sys.meta_path.append(_Finder(last))


class _Finder:
    """The last finder that Python asks."""

    def __init__(self, last: str) -> None:
        self._last = last
        self._complete = False

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        if not self._complete and path is None:
            self._complete = True
            self._complete_path()
            for finder in sys.meta_path:
                spec = None if finder is self else finder.find_spec(name, path, target)
                if spec is not None:
                    return spec
        if name in _HXPY:
            make: Any = type(sys.__spec__)
            return make(name, self, is_package=name in ("hxpy", "hxpy.haystack"))
        return None

    def _complete_path(self) -> None:
        if sys.flags.no_site:
            import site

            site.main()
        if self._last:
            sys.path.append(self._last)

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        from pylib import grid, kinds, native

        for name in _HXPY[module.__name__]:
            home = native if name == "Uri" else kinds if hasattr(kinds, name) else grid
            setattr(module, name, getattr(home, name))
