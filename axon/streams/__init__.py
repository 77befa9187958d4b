"""Streams: lazy pipelines of a source, stages and a terminal step.

A `Stream` is a description and never changes: nothing runs before a terminal step pulls, every run reads the
source anew, and items flow one at a time through all stages, so that memory does not grow with their number.
The functions of Axon that make and drive streams are in `axon/lib`; this package knows no contexts.
"""

from __future__ import annotations

from axon.streams.sources import of_column, of_grid, of_items, of_list, of_range, range_ints
from axon.streams.stream import Shape, Stream

__all__ = ["Shape", "Stream", "of_column", "of_grid", "of_items", "of_list", "of_range", "range_ints"]
