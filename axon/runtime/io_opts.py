"""What the functions of the I/O library share: their options, and their values as grids."""

from __future__ import annotations

from typing import Any

from axon.errors import ArgErr, IndexErr
from axon.values.numbers import is_number, split, to_int
from pylib.grid import Grid, Row
from pylib.kinds import MARKER

__all__ = ["count", "delimiter", "flag", "grid_of", "text"]

Opts = dict[str, Any] | None


def flag(opts: Opts, name: str) -> bool:
    """Whether an option is set: as a marker, or as true."""
    val = opts.get(name) if opts else None
    return val is MARKER or val is True


def text(opts: Opts, name: str, default: str) -> str:
    """An option that is a Str; the default where it is missing or of another kind."""
    val = opts.get(name) if opts else None
    return val if type(val) is str else default


def count(func: str, opts: Opts, name: str) -> int:
    """An option that is a whole number of at least 0; 0 where it is missing.

    Raises:
        ArgErr: it is something else.
    """
    val = opts.get(name) if opts else None
    if val is None:
        return 0
    if not is_number(val) or to_int(split(val)[0]) < 0:
        from axon.values.show import kind_name, preview

        raise ArgErr(
            f"{func}: expected a Number of at least 0 for {name}, got {kind_name(val)} {preview(val)}"
        )
    return to_int(split(val)[0])


def delimiter(func: str, opts: Opts) -> str:
    """The first character of the option `delimiter`; a comma where it is missing or no Str.

    Raises:
        IndexErr: it is empty.
    """
    given = text(opts, "delimiter", ",")
    if not given:
        raise IndexErr(f"{func}: the delimiter is empty")
    return given[0]


def grid_of(val: Any) -> Grid:
    """Any value as a grid, as `toGrid` makes it; a stream is collected."""
    from axon.values.tables import of_any

    if isinstance(val, Row) and len(val.grid()) == 1:
        return val.grid()
    return of_any(val)
