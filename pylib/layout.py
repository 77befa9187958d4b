"""How values lie in bytes: one tag per kind, and the payloads of fixed size; `WIRE.md` has the whole."""

from __future__ import annotations

import sys
from struct import Struct

# Tags. 0x80 to 0xff stand for the whole numbers -64 to 63 in one byte.
T_NULL, T_FALSE, T_TRUE, T_MARKER, T_NA, T_REMOVE = range(6)
T_INT64, T_BIGINT, T_FLOAT, T_NUMBER = 0x10, 0x11, 0x12, 0x13
T_STR, T_LONGSTR, T_URI, T_SYMBOL, T_REF, T_REFDIS, T_XSTR, T_BUF = range(0x18, 0x20)
T_COORD, T_DATE, T_TIME, T_DATETIME = 0x20, 0x21, 0x22, 0x23
T_LIST, T_DICT, T_INTS, T_FLOATS, T_STRS = 0x28, 0x29, 0x2A, 0x2B, 0x2C
T_GRID, T_MATRIX = 0x30, 0x31
T_OBJECT, T_FUNC = 0x38, 0x39
T_PLAIN = 0x40

I64 = Struct("<q")
F64 = Struct("<d")
U32 = Struct("<I")
COORD = Struct("<ii")
DATE = Struct("<HBB")
TIME = Struct("<Q")
DATETIME = Struct("<qI")

MAX_DEPTH = 200
"""How deep lists, dicts and grids may be nested."""
MAX_BIGINT = 4096
"""Bytes of a whole number."""
LARGE = 4096
"""Bytes: from this size on, a block travels as a buffer beside the body."""
KNOWN_NAMES = 1024
"""How many different rows of names are kept, as bytes by the writer and as texts by the reader."""
LITTLE = sys.byteorder == "little"
