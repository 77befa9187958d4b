"""Many numbers at a time: a list in pieces, those of one kind as a block, and a function called with each.

Pieces, because what fits in the processor's cache need not be fetched, nor its memory asked for, again.
"""

from __future__ import annotations

import struct
import sys

from pylib.codec import are_small, whole
from pylib.frames import WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["join", "map_pieces", "split"]

_PIECE = 2048
"""Items of a piece."""
_EXACT = 1 << 53
_CODES = {int: "q", float: "d"}


def split(items: list[Any]) -> list[list[Any]]:
    """A list as pieces, each a code and items: `q` or `d` and a little-endian block where all are int64
    or float64, else an empty code and a list."""
    return [_pack(items[at : at + _PIECE]) for at in range(0, len(items), _PIECE)]


def _pack(items: list[Any]) -> list[Any]:
    kind = type(items[0])
    code = _CODES.get(kind)
    if code is not None and list(map(type, items)).count(kind) == len(items):
        try:
            return [code, struct.pack(f"<{len(items)}{code}", *items)]  # faster than an `array`
        except struct.error:  # beyond 64 bits
            pass
    return ["", items]


def join(pieces: Any) -> list[Any]:
    """The list of such pieces as it is in Axon: whole numbers beyond 2**53 are floats.

    Raises:
        WireFault: they are no such pieces.
    """
    out: list[Any] = []
    for piece in pieces if type(pieces) is list else [[]]:
        code, items = piece if type(piece) is list and len(piece) == 2 else (None, None)
        if code == "" and type(items) is list:
            out += items
        elif (code != "q" and code != "d") or type(items) is not bytes or len(items) % 8:
            raise WireFault("a piece of a list on the link is damaged")
        else:
            found = _unpack(code, items)
            if code == "q" and not are_small(items):
                found = [val if -_EXACT <= val <= _EXACT else float(val) for val in found]
            out += found
    return out


def _unpack(code: str, block: bytes) -> list[Any]:
    if sys.byteorder == "little":
        view: Any = memoryview(block)
        found: list[Any] = view.cast(code).tolist()
        return found
    return list(struct.unpack(f"<{len(block) // 8}{code}", block))


def map_pieces(fn: Callable[[Any], Any], pieces: list[list[Any]]) -> list[list[Any]]:
    """What a function gives for each item, in pieces again."""
    out = []
    for code, items in pieces:
        if code:
            items = _unpack(code, items)
            if code == "d":
                items = [whole(val) if val.is_integer() else val for val in items]
        out.append(_pack([fn(item) for item in items]))
    return out
