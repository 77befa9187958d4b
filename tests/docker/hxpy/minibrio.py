"""Brio, as little as the tests need and independent of ours: plain Python values, markers as `MARKER`."""

from __future__ import annotations

import io
import struct
from typing import Any

MARKER = ("marker",)


class Table:
    """A grid: its meta, names of columns, rows as lists."""

    def __init__(self, meta: dict[str, Any], names: list[str], rows: list[list[Any]]) -> None:
        self.meta, self.names, self.rows = meta, names, rows


def varint(n: int) -> bytes:
    if n < 0:
        return b"\xff"
    if n < 0x80:
        return struct.pack(">B", n)
    if n < 0x4000:
        return struct.pack(">H", n | 0x8000)
    return struct.pack(">I", n | 0xC0000000)


def text(s: str) -> bytes:
    units = [
        int.from_bytes(u, "big") for (u,) in struct.iter_unpack("2s", s.encode("utf-16-be", "surrogatepass"))
    ]
    return b"\xff" + varint(len(units)) + b"".join(chr(u).encode("utf-8", "surrogatepass") for u in units)


def write(v: Any) -> bytes:
    if v is None or isinstance(v, bool):
        return b"\x00" if v is None else b"\x05" if v else b"\x04"
    if v is MARKER:
        return b"\x01"
    if isinstance(v, (int, float)):
        if v == int(v) and -32767 <= v <= 32767:
            return b"\x06" + struct.pack(">h", int(v)) + b"\xff\x00"
        return b"\x08" + struct.pack(">d", v) + b"\xff\x00"
    if isinstance(v, str):
        return b"\x09" + text(v)
    if isinstance(v, bytes):
        return b"\x13" + varint(len(v)) + v
    if isinstance(v, list):
        return b"\x17[" + varint(len(v)) + b"".join(map(write, v)) + b"]" if v else b"\x16"
    if isinstance(v, dict):
        return write_dict(v)
    cols = b"".join(text(name) + b"\x14" for name in v.names)
    cells = b"".join(write(cell) for row in v.rows for cell in row)
    return b"\x18<" + varint(len(v.names)) + varint(len(v.rows)) + write_dict(v.meta) + cols + cells + b">"


def write_dict(v: dict[str, Any]) -> bytes:
    if not v:
        return b"\x14"
    return b"\x15{" + varint(len(v)) + b"".join(text(n) + write(x) for n, x in v.items()) + b"}"


def read_varint(f: Any) -> int:
    b = f.read(1)[0]
    if b == 0xFF:
        return -1
    if b < 0x80:
        return int(b)
    if b < 0xC0:
        return (b & 0x3F) << 8 | f.read(1)[0]
    return (b & 0x1F) << 24 | int.from_bytes(f.read(3), "big")


def read_text(f: Any) -> str:
    assert read_varint(f) == -1
    units = []
    for _ in range(read_varint(f)):
        b = f.read(1)
        b += f.read(0 if b[0] < 0x80 else 1 if b[0] < 0xE0 else 2)
        units.append(ord(b.decode("utf-8", "surrogatepass")))
    return b"".join(struct.pack(">H", u) for u in units).decode("utf-16-be", "surrogatepass")


def read(f: Any) -> Any:
    c = f.read(1)[0]
    if c in (0, 1, 4, 5):
        return {0: None, 1: MARKER, 4: False, 5: True}[c]
    if c in (6, 7, 8):
        form, size = {6: (">h", 2), 7: (">i", 4), 8: (">d", 8)}[c]
        (v,) = struct.unpack(form, f.read(size))
        read_text(f)
        return int(v) if v == int(v) else v
    if c == 9:
        return read_text(f)
    if c == 0x13:
        return f.read(read_varint(f))
    if c in (0x14, 0x16):
        return {} if c == 0x14 else []
    if c == 0x15:
        f.read(1)
        found = {read_text(f): read(f) for _ in range(read_varint(f))}
        f.read(1)
        return found
    if c == 0x17:
        f.read(1)
        items = [read(f) for _ in range(read_varint(f))]
        f.read(1)
        return items
    if c == 0x18:
        f.read(1)
        width, size, meta = read_varint(f), read_varint(f), read(f)
        names = [(read_text(f), read(f))[0] for _ in range(width)]
        rows = [[read(f) for _ in range(width)] for _ in range(size)]
        f.read(1)
        return Table(meta, names, rows)
    raise ValueError(f"control byte {c:02x}")


def message(data: bytes) -> Any:
    return read(io.BytesIO(data))
