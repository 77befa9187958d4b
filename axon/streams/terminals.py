"""Terminal steps: they pull items through all stages and end the run, also where they need no more."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from axon.runtime.ops import want_bool
from axon.streams.stream import Shape, Stream
from axon.values.folding import run_fold
from pylib.grid import Grid

Prefix = Callable[[Iterator[Any]], "tuple[Any, list[Any]]"]

__all__ = [
    "all_match",
    "any_match",
    "collect_grid",
    "collect_list",
    "each",
    "each_while",
    "find",
    "first",
    "fold",
    "last",
    "reduce",
]


def each(stream: Stream, f: Callable[[Any], Any]) -> None:
    """Call `f` with every item."""
    with stream.run() as items:
        for item in items:
            f(item)


def each_while(stream: Stream, f: Callable[[Any], Any]) -> Any:
    """The first result of `f` that is not null."""
    with stream.run() as items:
        for item in items:
            found = f(item)
            if found is not None:
                return found
    return None


def find(stream: Stream, f: Callable[[Any], Any]) -> Any:
    """The first item for which `f` is true, or null."""
    with stream.run() as items:
        for item in items:
            if want_bool(f(item), "find"):
                return item
    return None


def all_match(stream: Stream, f: Callable[[Any], Any]) -> bool:
    """Whether `f` is true for every item; pulls no further than the first that is not."""
    with stream.run() as items:
        return all(want_bool(f(item), "all") for item in items)


def any_match(stream: Stream, f: Callable[[Any], Any]) -> bool:
    """Whether `f` is true for some item; pulls no further than that one."""
    with stream.run() as items:
        return any(want_bool(f(item), "any") for item in items)


def reduce(stream: Stream, init: Any, f: Callable[[Any, Any], Any]) -> Any:
    """`f(acc, item)` over all items, from `init`."""
    acc = init
    with stream.run() as items:
        for item in items:
            acc = f(acc, item)
    return acc


def fold(stream: Stream, f: Callable[[Any, Any], Any], prefix: Prefix | None = None) -> Any:
    """Fold all items; NA ends the run, but the fold function still gets its last call.

    `prefix` may fold the first items itself; it returns the accumulator and the items taken but not folded.
    """
    with stream.run() as items:
        if prefix is None:
            return run_fold(items, f, end_on_na=True)
        acc, rest = prefix(items)
        return run_fold(chain(rest, items), f, end_on_na=True, acc=acc)


def first(stream: Stream) -> Any:
    """The first item, or null; no second item is pulled."""
    with stream.run() as items:
        return next(items, None)


def last(stream: Stream) -> Any:
    """The last item, or null."""
    with stream.run() as items:
        tail = deque(items, 1)
    return tail[0] if tail else None


def collect_list(stream: Stream) -> list[Any]:
    """All items."""
    with stream.run() as items:
        return list(items)


def collect_grid(stream: Stream) -> Grid:
    """All items as rows: dicts as they are, others as `{val: item}`.

    The grid starts with meta and columns of the template, if any, even where no row uses them; further
    columns follow in the order first seen. Then come the meta and column stages.
    """
    items = collect_list(stream)
    rows = [item if isinstance(item, dict) else {"val": item} for item in items]
    grid = _rows_grid(rows, stream.template)
    return _apply(stream.shape, grid) if stream.shape else grid


def _rows_grid(rows: list[dict[str, Any]], template: Grid | None) -> Grid:
    known = [] if template is None else template.cols()
    names = dict.fromkeys(col.name() for col in known)
    added = [name for name in dict.fromkeys(chain.from_iterable(rows)) if name not in names]
    columns = [[row.get(name) for row in rows] for name in (*names, *added)]
    meta = None if template is None else template.meta()
    return Grid.from_columns([*known, *added], columns, meta, size=len(rows))


def _apply(shape: Shape, grid: Grid) -> Grid:
    for edit in shape.edits:
        grid = edit(grid)
    if shape.removed:
        grid = grid.drop(shape.removed)
    if shape.kept is not None:
        kept = set(shape.kept)
        grid = grid.keep([name for name in grid.col_names() if name in kept])
    if shape.order is not None:
        grid = grid.keep([name for name in shape.order if grid.has(name)])
    return grid
