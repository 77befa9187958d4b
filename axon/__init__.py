"""Axon for Python: the language of Project Haystack as a Python tool.

>>> import axon
>>> axon.Runtime().eval("[1, 2, 3].map x => x * 2")
[2, 4, 6]

Programs: `Runtime`, and what it gives: `Fn`, `Task`, `Future`, `PySession`. Syntax trees: `parse`.
Values that are not Python's own: `Grid`, `Number` (with a unit), `Ref`, `Uri`, `Symbol`, `Coord`, `XStr`;
the instances `MARKER`, `NA` (also `NA_VALUE`) and `REMOVE`.
Other forms of values: `to_json`, `from_json`, `to_hszinc`, `from_hszinc`.
Errors: `AxonError`, below it `AxonSyntaxError`, `EvalError`, `ThrowErr`; the whole tree is in `axon.errors`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` would cost start-up

__version__ = "0.1.0"

#: Public name → module that holds it, and its name there if that is another; imported when first used, to
#: keep start-up short.
_HOMES = {
    "Runtime": "axon.engine",
    "parse": "axon.engine",
    "to_json": "axon.values.json",
    "from_json": "axon.values.json",
    "to_hszinc": "axon.formats.hszinc_bridge",
    "from_hszinc": "axon.formats.hszinc_bridge",
    "AxonError": "axon.errors",
    "AxonSyntaxError": "axon.errors",
    "EvalError": "axon.errors",
    "ThrowErr": "axon.errors",
    "Fn": "axon.runtime.calls",
    "Task": "axon.tasks.task",
    "Future": "axon.tasks.future",
    "PySession": "axon.session.session",
    "Grid": "pylib.grid",
    "Number": "pylib.kinds",
    "Ref": "pylib.kinds",
    "Uri": "pylib.kinds",
    "Symbol": "pylib.kinds",
    "Coord": "pylib.kinds",
    "XStr": "pylib.kinds",
    "MARKER": "pylib.kinds",
    "NA": "pylib.kinds:NA_VALUE",
    "NA_VALUE": "pylib.kinds",
    "REMOVE": "pylib.kinds",
}

__all__ = [*_HOMES, "__version__"]

if TYPE_CHECKING:
    from axon.engine import Runtime as Runtime
    from axon.engine import parse as parse
    from axon.errors import AxonError as AxonError
    from axon.errors import AxonSyntaxError as AxonSyntaxError
    from axon.errors import EvalError as EvalError
    from axon.errors import ThrowErr as ThrowErr
    from axon.formats.hszinc_bridge import from_hszinc as from_hszinc
    from axon.formats.hszinc_bridge import to_hszinc as to_hszinc
    from axon.runtime.calls import Fn as Fn
    from axon.session.session import PySession as PySession
    from axon.tasks.future import Future as Future
    from axon.tasks.task import Task as Task
    from axon.values.json import from_json as from_json
    from axon.values.json import to_json as to_json
    from pylib.grid import Grid as Grid
    from pylib.kinds import MARKER as MARKER
    from pylib.kinds import NA_VALUE as NA_VALUE
    from pylib.kinds import REMOVE as REMOVE
    from pylib.kinds import Coord as Coord
    from pylib.kinds import Number as Number
    from pylib.kinds import Ref as Ref
    from pylib.kinds import Symbol as Symbol
    from pylib.kinds import Uri as Uri
    from pylib.kinds import XStr as XStr

    NA = NA_VALUE
else:  # hidden from type checkers, which would take any name at all

    def __getattr__(name: str) -> object:
        home, _, there = _HOMES.get(name, "").partition(":")
        if not home:
            raise AttributeError(f"module 'axon' has no attribute {name!r}")
        from importlib import import_module

        val = globals()[name] = getattr(import_module(home), there or name)
        return val


def __dir__() -> list[str]:
    return sorted(__all__)
