"""From texts to units: the stages of the compiler behind the caches in memory and on disk."""

from __future__ import annotations

from axon.source import Source

TYPE_CHECKING = False  # `typing` would cost start-up
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from axon.compile.cache import CodeCache
    from axon.compile.library import Function
    from axon.compile.resolve import Known
    from axon.compile.unit import Unit

__all__ = ["Compiler"]

#: Compiled texts that are kept at hand: how many, and how long each may be in characters.
_KEPT_UNITS = 512
_KEPT_SIZE = 20_000


class Compiler:
    """Compiles the programs and libraries of one runtime.

    Args:
        known: what a top-level name means: True for a user's function, a `Builtin`, or None.
        cache: keeps code from one process to the next; None for no such thing.
        optimize: False compiles every operator to a call.
    """

    tops: tuple[str, ...] = ()
    """Names of the user's functions, sorted: what `known` tells of all others never changes."""

    def __init__(self, known: Known, cache: CodeCache | None, *, optimize: bool) -> None:
        self._known = known
        self._cache = cache
        self._optimize = optimize
        self._units: dict[Any, Unit] = {}

    def compile(
        self,
        text: str,
        name: str,
        roots: Sequence[str] = (),
        *,
        program: bool = False,
        tag: str = "",
        hidden: frozenset[str] = frozenset(),
        sealed: bool = False,
    ) -> Unit:
        """A compiled program.

        `hidden` names are looked up when it runs, even where the library has them; `sealed`: no variable of
        `roots` holds a function.

        Raises:
            AxonSyntaxError: the text is not Axon.
        """
        parts = (
            name,
            tuple(roots),
            program,
            tag,
            tuple(sorted(hidden)),
            self.tops,
            self._optimize,
            sealed,
        )
        ready = self._units.get((text, parts))
        if ready is not None:
            return ready
        key = self._cache.key(text, parts) if self._cache is not None else ""
        found = self._cached_unit(key, text, name) if key else None
        if found is None:
            found = self._compile(text, name, roots, program, tag, hidden, sealed or not roots)
            if key and self._cache is not None:
                self._cache.write(key, found.entry)
        if len(text) <= _KEPT_SIZE and not tag:
            if len(self._units) >= _KEPT_UNITS:
                self._units.clear()
            self._units[text, parts] = found
        return found

    def _cached_unit(self, key: str, text: str, name: str) -> Unit | None:
        from axon.compile.unit import Unit

        assert self._cache is not None
        entry = self._cache.read(key)
        return Unit.of(entry, Source(name, text)) if entry is not None else None

    def _compile(
        self,
        text: str,
        name: str,
        roots: Sequence[str],
        program: bool,
        tag: str,
        hidden: frozenset[str],
        sealed: bool,
    ) -> Unit:
        from axon.compile.unit import compile_program
        from axon.syntax import parser

        tree = parser.parse_program(text, name) if program else parser.parse(text, name)
        source = Source(name, text)

        def known(known_name: str) -> object | None:
            return None if known_name in hidden else self._known(known_name)

        plain = not self._optimize
        return compile_program(tree, source, known, roots, tag=tag, plain=plain, sealed=sealed)

    def library(self, what: Source | Mapping[str, Source]) -> list[Function]:
        """The functions of a file, or of texts by name; raises as `compile_library`."""
        from axon.compile import library

        sources = [what] if isinstance(what, Source) else list(what.values())
        names = None if isinstance(what, Source) else tuple(what)
        origins = tuple((source.name, len(source.text)) for source in sources)
        parts = ("library", origins, names, self.tops, self._optimize)
        key, entry = "", None
        if self._cache is not None:
            key = self._cache.key("".join(source.text for source in sources), parts)
            entry = self._cache.read(key)
        found = library.from_entry(entry, what) if entry is not None else None
        if found is None:
            found = library.compile_library(what, self._known, plain=not self._optimize)
            if self._cache is not None:
                self._cache.write(key, library.entry_of(found))
        return found
