"""Tables through wire v0 beside the slow way, measured in one run: `python -m bench.bench_v0`.

Wire v0 has no columns: a grid is one Brio value, cell by cell. The floor here is a ceiling: a twin of what a
server does that walks a data frame by `iterrows`, writes each cell by a chain of kinds, and reads each cell
into a row, of which it makes the frame. Written from the description of the protocol. Only writing walks a
frame (`iterrows`), nearly three quarters of the twin's time; a server of hxPy was measured with that share:
1646 and 614 times the Arrow floor of `bench_bulk`. So each way is printed, and both together; nothing is
asserted.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pylib.brio import BrioReader, BrioWriter
from pylib.grid import Grid
from pylib.native import convert

ROWS = 20_000
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
ZONES = {"New_York": "America/New_York"}


def table(rows: int) -> pd.DataFrame:
    """A meter history: timestamp, three floats, a whole number, a state out of twenty."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "ts": pd.date_range("2000-01-01", periods=rows, freq="min", tz="America/New_York").as_unit("ns"),
            "a": rng.random(rows),
            "b": rng.random(rows),
            "c": rng.random(rows),
            "n": rng.integers(0, 1 << 40, rows),
            "state": pd.Series([f"state {i % 20}" for i in range(rows)], dtype="str"),
        }
    )


class SlowWriter:
    """Walks rows, writes one cell after the other."""

    def __init__(self) -> None:
        self.out = io.BytesIO()

    def count(self, n: int) -> None:
        """A varint."""
        if n <= 0x7F:
            self.out.write(struct.pack(">B", n))
        elif n <= 0x3FFF:
            self.out.write(struct.pack(">H", n | 0x8000))
        else:
            self.out.write(struct.pack(">I", n | 0xC0000000))

    def text(self, text: str) -> None:
        """A text that is in no table of constants."""
        self.out.write(b"\xff")
        self.count(len(text))
        for c in text:
            self.out.write(c.encode())

    def cell(self, val: Any) -> None:
        """One value, by the first kind that fits."""
        if val is None:
            self.out.write(b"\x00")
        elif isinstance(val, bool):
            self.out.write(b"\x05" if val else b"\x04")
        elif isinstance(val, int | np.integer):
            if -32767 <= val <= 32767:
                self.out.write(struct.pack(">Bh", 6, val))
            elif -(1 << 31) <= val < 1 << 31:
                self.out.write(struct.pack(">Bi", 7, val))
            else:
                self.out.write(struct.pack(">Bd", 8, val))
            self.text("")
        elif isinstance(val, float | np.floating):
            self.out.write(struct.pack(">Bd", 8, val))
            self.text("")
        elif isinstance(val, str):
            self.out.write(b"\x09")
            self.text(val)
        elif isinstance(val, dt.datetime):
            seconds = int((val - EPOCH).total_seconds())
            self.out.write(struct.pack(">Bi", 15, seconds))
            self.text(str(val.tzinfo).rpartition("/")[2])
        else:
            raise TypeError(str(type(val)))

    def frame(self, df: pd.DataFrame) -> bytes:
        """A data frame as a grid."""
        names = [str(name) for name in df.columns]
        rows = [dict(row.items()) for _, row in df.iterrows()]
        self.out.write(b"\x18<")
        self.count(len(names))
        self.count(len(rows))
        self.out.write(b"\x14")
        for name in names:
            self.text(name)
            self.out.write(b"\x14")
        for found in rows:
            for name in names:
                self.cell(found.get(name))
        self.out.write(b">")
        return self.out.getvalue()


class SlowReader:
    """Reads one cell after the other into rows."""

    def __init__(self, data: bytes) -> None:
        self.data = io.BytesIO(data)

    def take(self, form: str) -> Any:
        """A number."""
        return struct.unpack(form, self.data.read(struct.calcsize(form)))[0]

    def count(self) -> int:
        """A varint."""
        first = self.take(">B")
        if first == 0xFF:
            return -1
        if first <= 0x7F:
            return int(first)
        if first <= 0xBF:
            return (first & 0x3F) << 8 | int(self.take(">B"))
        return (first & 0x1F) << 24 | int.from_bytes(self.data.read(3), "big")

    def text(self) -> str:
        """A text that is in no table of constants."""
        if self.count() != -1:
            raise ValueError("a constant")
        return "".join([chr(self.take(">B")) for _ in range(self.count())])

    def cell(self) -> Any:
        """One value, by its control byte."""
        control = self.take(">B")
        if control == 0:
            return None
        if control in (4, 5):
            return control == 5
        if control in (6, 7, 8):
            val = self.take({6: ">h", 7: ">i", 8: ">d"}[control])
            self.text()
            return int(val) if val == int(val) else val
        if control == 9:
            return self.text()
        if control == 15:
            seconds = self.take(">i")
            return (EPOCH + dt.timedelta(seconds=seconds)).astimezone(ZoneInfo(ZONES[self.text()]))
        raise ValueError(f"control byte {control}")

    def frame(self) -> pd.DataFrame:
        """A grid as a data frame."""
        if self.data.read(2) != b"\x18<":
            raise ValueError("no grid")
        width, size = self.count(), self.count()
        self.data.read(1)
        names = []
        for _ in range(width):
            names.append(self.text())
            self.data.read(1)
        rows = [{name: self.cell() for name in names} for _ in range(size)]
        return pd.DataFrame(rows, columns=names)


def best_of(times: int, run: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the fastest of several runs, and its result."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        found = run()
        best = min(best, time.perf_counter() - start)
    return best, found


def main() -> None:
    """Run all and print."""
    df = table(ROWS)
    slow_out, data = best_of(2, lambda: SlowWriter().frame(df))
    slow_in, old = best_of(2, lambda: SlowReader(data).frame())
    out, made = best_of(5, lambda: BrioWriter().value(convert(df, {"tz": "UTC"})[0]))
    into, back = best_of(5, lambda: BrioReader(data, native=True).value().to_dataframe())
    grid = Grid.from_dataframe(df)
    host_out, _ = best_of(5, lambda: BrioWriter().value(grid))
    host_in, _ = best_of(5, lambda: BrioReader(made).value())
    if made != data or not back.equals(df) or not (old["n"] == df["n"]).all():
        raise AssertionError("the ways differ")
    for what, slow, fast in (
        ("data frame to v0", slow_out, out),
        ("v0 to data frame", slow_in, into),
        ("there and back", slow_out + slow_in, out + into),
    ):
        print(
            f"{what:22} {fast / ROWS * 1e6:6.2f} us a row; row by row {slow / ROWS * 1e6:6.2f}, "
            f"{slow / fast:5.1f} x"
        )
    print(
        f"on the host: grid to v0 {host_out / ROWS * 1e6:.2f}, v0 to grid {host_in / ROWS * 1e6:.2f} us a row"
    )


if __name__ == "__main__":
    main()
