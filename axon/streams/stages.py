"""Transform stages: iterators in, iterators out. Each pulls one item at a time and only when asked.

A `map` and a `findAll` that follow each other run as one generator (`joined`): an item costs the calls of
both callbacks and one resumption, not two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from axon.errors import Err
from axon.runtime.ops import want_bool
from axon.values.show import kind_name, preview
from pylib.grid import Grid

if TYPE_CHECKING:
    from axon.streams.stream import Stage

__all__ = ["filtering", "finding_all", "flat_mapping", "joined", "limiting", "mapping", "skipping"]


class _Mapping:
    __slots__ = ("f",)

    def __init__(self, f: Callable[[Any], Any]) -> None:
        self.f = f

    def __call__(self, items: Iterator[Any]) -> Iterator[Any]:
        return map(self.f, items)


class _Finding:
    __slots__ = ("f",)

    def __init__(self, f: Callable[[Any], Any]) -> None:
        self.f = f

    def __call__(self, items: Iterator[Any]) -> Iterator[Any]:
        f = self.f
        for item in items:
            found = f(item)
            if found is True or (found is not False and want_bool(found, "findAll")):
                yield item


def mapping(f: Callable[[Any], Any]) -> Stage:
    """Each item replaced by what `f` makes of it."""
    return _Mapping(f)


def finding_all(f: Callable[[Any], Any]) -> Stage:
    """The items for which `f` is true.

    Raises:
        NullErr, CastErr: `f` returned null or something else than a Bool.
    """
    return _Finding(f)


def joined(stages: Sequence[Stage]) -> Iterator[Stage]:
    """The same stages, neighbours in one where that can be."""
    waiting: Stage | None = None
    for stage in stages:
        if type(waiting) is _Mapping and type(stage) is _Finding:
            yield _mapped_found(waiting.f, stage.f)
            waiting = None
        elif type(waiting) is _Finding and type(stage) is _Mapping:
            yield _found_mapped(waiting.f, stage.f)
            waiting = None
        else:
            if waiting is not None:
                yield waiting
            waiting = stage
    if waiting is not None:
        yield waiting


def _mapped_found(f: Callable[[Any], Any], test: Callable[[Any], Any]) -> Stage:
    def stage(items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            made = f(item)
            found = test(made)
            if found is True or (found is not False and want_bool(found, "findAll")):
                yield made

    return stage


def _found_mapped(test: Callable[[Any], Any], f: Callable[[Any], Any]) -> Stage:
    def stage(items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            found = test(item)
            if found is True or (found is not False and want_bool(found, "findAll")):
                yield f(item)

    return stage


def flat_mapping(f: Callable[[Any], Any]) -> Stage:
    """The items of the lists or grids that `f` returns; null counts as empty.

    Raises:
        Err: `f` returned something else.
    """

    def stage(items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            out = f(item)
            if type(out) is list:
                yield from out
            elif isinstance(out, Grid):
                yield from out.iter_dicts()
            elif out is not None:
                raise Err(f"flatMap: the callback must return a list, got {kind_name(out)} {preview(out)}")

    return stage


def filtering(match: Callable[[dict[str, Any]], bool]) -> Stage:
    """The dicts that match; null items are passed over.

    Raises:
        Err: an item is neither dict nor null.
    """

    def stage(items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            if isinstance(item, dict):
                if match(item):
                    yield item
            elif item is not None:
                raise Err(f"filter: expected Dict items in the stream, got {kind_name(item)} {preview(item)}")

    return stage


def limiting(count: int) -> Stage:
    """The first `count` items; no further item is pulled."""
    return lambda items: islice(items, max(count, 0))


def skipping(count: int) -> Stage:
    """All but the first `count` items."""
    return lambda items: islice(items, max(count, 0), None)
