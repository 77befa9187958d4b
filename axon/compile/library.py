"""Libraries: texts that define top-level functions, each function compiled to a unit of its own.

All functions of a file, or of the records of a file, are one entry of the code cache.
"""

from __future__ import annotations

from axon.errors import ArgErr
from axon.source import Source

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from axon.compile.resolve import Known
    from axon.compile.unit import Unit
    from axon.syntax.nodes import Func

__all__ = ["Function", "compile_library", "entry_of", "from_entry"]


class Function:
    """A top-level function of a library; `doc` is the comment above it, or empty."""

    __slots__ = ("doc", "name", "unit")

    def __init__(self, name: str, unit: Unit, doc: str = "") -> None:
        self.name = name
        self.unit = unit
        self.doc = doc


class _Trees:
    """The syntax trees of a file that came from the cache: parsed once, when the first is asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: dict[str, Func] = {}

    def reader(self, name: str) -> Callable[[], Func]:
        """What reads the tree of a function."""
        return lambda: self._get(name)

    def _get(self, name: str) -> Func:
        if not self._found:
            self._found = {name: tree for name, tree, _, _ in _read_file(self._source)}
        return self._found[name]


def compile_library(what: Source | Mapping[str, Source], known: Known, *, plain: bool) -> list[Function]:
    """The functions of a file, or of texts by name; they may use each other.

    Args:
        what: a file of `name: (params) => body` definitions, or functions by name, each the only content of
        its text.

    Raises:
        AxonSyntaxError: it is not Axon, or a file holds something else than definitions, or a name twice.
        ArgErr: a text is no function.
        DepthError: it is nested too deep.
    """
    from axon.compile.unit import compile_program

    read = _read_file(what) if isinstance(what, Source) else _read_texts(what)
    names = {name for name, _, _, _ in read}

    def known_here(name: str) -> object | None:
        return True if name in names else known(name)

    return [
        Function(name, compile_program(tree, source, known_here, name=name, plain=plain), doc)
        for name, tree, source, doc in read
    ]


def _read_file(source: Source) -> list[tuple[str, Func, Source, str]]:
    from axon.syntax.parser import parse_file_functions

    return [(f.name, f.func, source, f.doc) for f in parse_file_functions(source.text, source.name)]


def _read_texts(texts: Mapping[str, Source]) -> list[tuple[str, Func, Source, str]]:
    from axon.syntax import nodes, parser

    out = []
    for name, source in texts.items():
        tree = parser.parse(source.text, source.name)
        if not isinstance(tree, nodes.Func):
            raise ArgErr(f"define: {name} is not a function: its text must be `(params) => body`")
        out.append((name, tree, source, ""))
    return out


def entry_of(functions: Sequence[Function]) -> tuple[Any, ...]:
    """What the code cache keeps of a library."""
    return tuple((f.name, f.doc, f.unit.entry) for f in functions)


def from_entry(entry: tuple[Any, ...], what: Source | Mapping[str, Source]) -> list[Function]:
    """The functions of a cache entry."""
    from axon.compile.unit import Unit

    if not isinstance(what, Source):
        return [Function(name, Unit.of(unit, what[name]), doc) for name, doc, unit in entry]
    trees = _Trees(what)
    out = [Function(name, Unit.of(unit, what), doc) for name, doc, unit in entry]
    for f in out:
        f.unit.tree_from(trees.reader(f.name))
    return out
