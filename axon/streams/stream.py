"""The stream value: where items come from, the stages they pass, and what becomes of them at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from axon.errors import Err
from axon.streams.stages import joined

if TYPE_CHECKING:
    from pylib.grid import Grid

__all__ = ["MAX_STAGES", "Shape", "Stage", "Stream"]

#: Items in, items out; it must pull no more than it needs.
Stage = Callable[[Iterator[Any]], Iterable[Any]]

#: Each stage is a level of the host's stack while a stream runs.
MAX_STAGES = 500


@dataclass(frozen=True, slots=True)
class Shape:
    """What the meta and column stages ask for; `axon.streams.collect` applies it to the collected grid.

    `edits` change meta, in the order of the stages. Columns follow: removals, then keeps (several add up),
    then the last order.
    """

    edits: tuple[Callable[[Grid], Grid], ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] | None = None
    order: tuple[str, ...] | None = None

    def __bool__(self) -> bool:
        return bool(self.edits or self.removed) or self.kept is not None or self.order is not None


class Run:
    """One run of a stream, to be used with `with`: gives the items, and closes the source at the end."""

    __slots__ = ("_items", "_source")

    def __init__(self, stream: Stream) -> None:
        self._source = iter(stream.source())
        items: Iterable[Any] = self._source
        for stage in joined(stream.stages):
            items = stage(iter(items))
        self._items = iter(items)

    def __enter__(self) -> Iterator[Any]:
        return self._items

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._items = iter(())
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


class Stream:
    """A source with stages; immutable, and each run starts at the beginning.

    `source` is called once per run and returns the items; an iterator with `close` is closed when the run
    ends, also when it ends early. A stream with a `template` collects into a grid that starts
    with its meta and columns, unless asked otherwise.
    """

    __slots__ = ("shape", "source", "stages", "template")

    #: May not cross to another thread: what it reads from belongs to the one that made it.
    axon_mutable = True

    def __init__(
        self,
        source: Callable[[], Iterable[Any]],
        stages: tuple[Stage, ...] = (),
        *,
        template: Grid | None = None,
        shape: Shape | None = None,
    ) -> None:
        self.source = source
        self.stages = stages
        self.template = template
        self.shape = shape or Shape()

    def run(self) -> Run:
        """`with stream.run() as items:` reads the source from its beginning."""
        return Run(self)

    def __iter__(self) -> Iterator[Any]:
        """The items, read from the source's beginning as far as they are wanted."""
        with self.run() as items:
            yield from items

    def collect_grid(self) -> Grid:
        """All items as the rows of a grid."""
        from axon.streams.terminals import collect_grid

        return collect_grid(self)

    def then(self, stage: Stage) -> Stream:
        """The stream with one more stage.

        Raises:
            Err: more stages than `MAX_STAGES`.
        """
        if len(self.stages) >= MAX_STAGES:
            raise Err(f"stream: more than {MAX_STAGES} stages")
        return Stream(self.source, (*self.stages, stage), template=self.template, shape=self.shape)

    def edit(self, edit: Callable[[Grid], Grid]) -> Stream:
        """The stream whose collected grid goes through `edit` (a change of meta)."""
        return self._shaped(replace(self.shape, edits=(*self.shape.edits, edit)))

    def remove_cols(self, names: Iterable[str]) -> Stream:
        """The stream whose collected grid lacks these columns."""
        return self._shaped(replace(self.shape, removed=(*self.shape.removed, *names)))

    def keep_cols(self, names: Iterable[str]) -> Stream:
        """The stream whose collected grid has these columns, beside those that earlier stages keep."""
        return self._shaped(replace(self.shape, kept=(*(self.shape.kept or ()), *names)))

    def reorder_cols(self, names: Iterable[str]) -> Stream:
        """The stream whose collected grid has exactly these columns, in this order."""
        return self._shaped(replace(self.shape, order=tuple(names)))

    def _shaped(self, shape: Shape) -> Stream:
        return Stream(self.source, self.stages, template=self.template, shape=shape)

    def __repr__(self) -> str:
        return f"<axon.Stream of {len(self.stages)} stages>"
