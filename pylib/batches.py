"""Many numbers at a time: a list in pieces, those of one kind as a block, and a function called with each.

Pieces, because what fits in the processor's cache need not be fetched, nor its memory asked for, again; and
because one end can read a piece while the other makes the next.
"""

from __future__ import annotations

import struct
import sys
from array import array

from pylib.decoder import are_small
from pylib.frames import WireFault
from pylib.plain import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["items_of", "map_pieces", "split"]

_PIECE = 8192
"""Items of a piece."""
_EXACT = 1 << 53
_LITTLE = sys.byteorder == "little"
_LONG = "{}l" if _LITTLE and struct.calcsize("l") == 8 else "<{}q"
"""How `struct` is told: it packs a C `long` faster than a `long long`, which is the same."""
_CODES = {int: ("q", _LONG), float: ("d", "<{}d")}


def split(items: list[Any]) -> list[list[Any]]:
    """A list as pieces, each a code and items: `q` or `d` and a little-endian block where all are int64
    or float64, else an empty code and a list."""
    return [_pack(items[at : at + _PIECE]) for at in range(0, len(items), _PIECE)]


def _pack(items: list[Any]) -> list[Any]:
    kind = type(items[0])
    if kind in _CODES and list(map(type, items)).count(kind) == len(items):
        code, form = _CODES[kind]
        try:
            return [code, struct.Struct(form.format(len(items))).pack(*items)]  # faster than an `array`
        except struct.error:  # beyond 64 bits
            pass
    return ["", items]


def items_of(piece: Any) -> list[Any]:
    """The items of a piece as they are in Axon: whole numbers beyond 2**53 are floats.

    Raises:
        WireFault: it is no piece.
    """
    code, items = piece if type(piece) is list and len(piece) == 2 else (None, None)
    if code == "" and type(items) is list:
        return items
    if (code != "q" and code != "d") or type(items) is not bytes or len(items) % 8:
        raise WireFault("a piece of a list on the link is damaged")
    found = _unpack(code, items).tolist()
    if code == "q" and not are_small(items):
        return [val if -_EXACT <= val <= _EXACT else float(val) for val in found]
    return found


def _unpack(code: str, block: bytes) -> array[Any]:
    found: array[Any] = array(code, block)
    if not _LITTLE:
        found.byteswap()
    return found


def map_pieces(fn: Callable[[Any], Any], pieces: list[list[Any]], give: Callable[[list[Any]], None]) -> None:
    """Call a function with each item, and give away what comes of a piece before the next is begun."""
    for code, items in pieces:
        vals: Any = items
        if code:
            vals = _unpack(code, items)
            if code == "d":
                vals = [whole(val) if val.is_integer() else val for val in vals]
        give(_pack([fn(val) for val in vals]))
