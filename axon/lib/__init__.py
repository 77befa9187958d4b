"""The function library: one module per domain, read when one of its functions is first needed.

`DOMAINS` lists the modules in the order of the docs. `find` imports the module that holds a name and no
other: `axon/lib/index.py`, written by `axon docs`, tells which. Without that file every module is read.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from axon.lib.registry import Builtin, table

__all__ = ["DOMAINS", "find", "load_all"]

#: Modules of this package that hold library functions.
DOMAINS = (
    "funcs",
    "types",
    "lists",
    "updates",
    "sorting",
    "iterate",
    "search",
    "folds",
    "streams",
    "dicts",
    "grids",
    "columns",
    "rows",
    "numbers",
    "maths",
    "matrix",
    "regress",
    "units",
    "dates",
    "datefields",
    "spans",
    "text",
    "chars",
    "regex",
    "parsing",
    "formatting",
    "display",
    "uris",
    "refs",
    "filters",
    "files",
    "files_text",
    "files_grid",
    "digests",
    "python",
    "pyobjects",
    "tasks",
    "db",
    "commits",
    "host",
    "shell",
    "docker",
)


@cache
def load_all() -> None:
    """Read every domain module, so that the table holds the whole library."""
    for domain in DOMAINS:
        import_module(f"axon.lib.{domain}")


def find(name: str) -> Builtin | None:
    """The library function of that name; only the module that holds it is read."""
    found = table().get(name)
    if found is not None:
        return found
    index = _index()
    if index is None:
        load_all()
    elif name in index:
        import_module(f"axon.lib.{index[name]}")
    return table().get(name)


@cache
def _index() -> dict[str, str] | None:
    """Function name → domain module, or None where the index was not written yet."""
    try:
        index: dict[str, str] = import_module("axon.lib.index").INDEX
    except ModuleNotFoundError:
        return None
    return index
