"""Transform stages: iterators in, iterators out. Each pulls one item at a time and only when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from axon.errors import Err
from axon.runtime.ops import want_bool
from axon.streams.stream import Stage
from axon.values.show import kind_name, preview
from pylib.grid import Grid

__all__ = ["filtering", "finding_all", "flat_mapping", "limiting", "mapping", "skipping"]


def mapping(f: Callable[[Any], Any]) -> Stage:
    """Each item replaced by what `f` makes of it."""
    return lambda items: map(f, items)


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


def finding_all(f: Callable[[Any], Any]) -> Stage:
    """The items for which `f` is true.

    Raises:
        NullErr, CastErr: `f` returned null or something else than a Bool.
    """

    def stage(items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            found = f(item)
            if found is True or (found is not False and want_bool(found, "findAll")):
                yield item

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
