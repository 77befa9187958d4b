"""Values of the language: what they are, how they compare, print and compute.

The scalar kinds themselves live in `pylib.kinds`, shared with the sandboxed interpreter; this package is the
door through which the rest of axon gets them.
"""

from __future__ import annotations

from pylib.kinds import (
    MARKER,
    NA,
    NA_VALUE,
    REMOVE,
    Coord,
    Marker,
    Number,
    Ref,
    Remove,
    Symbol,
    Uri,
    XStr,
)

__all__ = [
    "MARKER",
    "NA",
    "NA_VALUE",
    "REMOVE",
    "Coord",
    "Marker",
    "Number",
    "Ref",
    "Remove",
    "Symbol",
    "Uri",
    "XStr",
]
