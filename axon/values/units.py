"""Units: look-up, conversion and the unit of a product, quotient, sum or difference.

A unit is known by its symbol, the text that a Number carries; two units are the same when their symbols are.
The table is read on first use. What is not in it but starts with an underscore is a unit made on the spot:
without dimension, with scale 1.
"""

from __future__ import annotations

from axon.errors import Err, UnitErr
from axon.values.frozen import Frozen, put
from pylib.kinds import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from axon.values.numbers import Num

__all__ = [
    "DURATIONS",
    "Unit",
    "add_unit",
    "all_units",
    "by_symbol",
    "convert",
    "div_unit",
    "find",
    "is_duration",
    "mul_unit",
    "sub_unit",
    "symbol_of",
    "to_timedelta_ns",
]

DURATIONS = {
    "ns": 1,
    "µs": 1_000,
    "ms": 1_000_000,
    "sec": 1_000_000_000,
    "min": 60_000_000_000,
    "hr": 3_600_000_000_000,
    "day": 86_400_000_000_000,
    "wk": 604_800_000_000_000,
    "mo": 30 * 86_400_000_000_000,
    "yr": 365 * 86_400_000_000_000,
}
"""The units of time and their nanoseconds: a month counts 30 days, a year 365."""

_BASES = ("kg", "m", "sec", "K", "A", "mol", "cd")
_NO_DIM = (0,) * len(_BASES)
_MAX_LONG = 2**63 - 1

_Dim = tuple[int, ...]


class Unit(Frozen):
    """A unit of measure.

    `ids` runs from the long name to the symbol; `dim` holds the exponents of kg, m, sec, K, A, mol and cd;
    a value times `scale` plus `offset` is the value in the base unit of that dimension.
    """

    __slots__ = ("dim", "ids", "name", "offset", "quantity", "scale", "symbol")
    dim: _Dim
    ids: tuple[str, ...]
    name: str
    offset: float
    quantity: str
    scale: float
    symbol: str

    def __init__(
        self, ids: tuple[str, ...], dim: _Dim, scale: float, offset: float = 0.0, quantity: str = ""
    ) -> None:
        put(self, "ids", ids)
        put(self, "name", ids[0])
        put(self, "symbol", ids[-1])
        put(self, "dim", dim)
        put(self, "scale", scale)
        put(self, "offset", offset)
        put(self, "quantity", quantity)

    def __repr__(self) -> str:
        return f"Unit({self.symbol!r})"

    def __str__(self) -> str:
        return self.symbol

    @property
    def dim_text(self) -> str:
        """Such as `kg1*m2*sec-3`, empty without dimension."""
        return "*".join(f"{base}{e}" for base, e in zip(_BASES, self.dim, strict=True) if e)


class _Table:
    """The parsed table: every id with its line, and the units made from lines so far."""

    __slots__ = ("by_dim", "lines", "units")

    def __init__(self) -> None:
        from axon.values.unit_table import TABLE

        self.lines: dict[str, tuple[str, list[str]]] = {}
        self.units: dict[str, Unit] = {}
        self.by_dim: dict[_Dim, list[Unit]] | None = None
        head = ""
        for line in TABLE.splitlines():
            if line[0] == "[":
                head = line
                continue
            parts = line.split(" ")
            entry = (head, parts)
            for i in range(len(parts) - 1):
                self.lines[parts[i]] = entry

    def find(self, id: str) -> Unit | None:
        found = self.units.get(id)
        if found is None:
            entry = self.lines.get(id)
            if entry is None:
                return None
            symbol = entry[1][-2]
            found = self.units.get(symbol) or _make_unit(*entry)
            self.units[symbol] = self.units[id] = found
        return found

    def all(self) -> list[Unit]:
        out: dict[str, Unit] = {}
        for _, parts in self.lines.values():
            unit = self.find(parts[-2])
            if unit is not None:
                out[unit.symbol] = unit
        return list(out.values())

    def of_dim(self, dim: _Dim) -> list[Unit]:
        if self.by_dim is None:
            groups: dict[_Dim, list[Unit]] = {}
            for unit in self.all():
                groups.setdefault(unit.dim, []).append(unit)
            self.by_dim = groups
        return self.by_dim.get(dim, [])


_the_table: _Table | None = None


def _table() -> _Table:
    global _the_table
    if _the_table is None:
        _the_table = _Table()
    return _the_table


def _make_unit(head: str, parts: list[str]) -> Unit:
    quantity, _, dimension = head[1:].partition("]")
    scale, _, offset = parts[-1].partition("+")
    exponents = dict.fromkeys(_BASES, 0)
    for factor in dimension.split():
        base = factor.rstrip("-0123456789")
        exponents[base] = int(factor[len(base) :] or 1)
    return Unit(
        tuple(parts[:-1]),
        tuple(exponents.values()),
        float(scale),
        float(offset or 0),
        quantity.replace("_", " "),
    )


# ---- look-up ----------------------------------------------------------------------------------------------

_ad_hoc: dict[str, Unit] = {}


def find(id: str) -> Unit | None:
    """The unit of any of its ids, case sensitive; None when there is none.

    Text that starts with `_` and has only letters, `_`, `%`, `/`, `$` and characters beyond ASCII defines
    a unit of its own.
    """
    found = _table().find(id) or _ad_hoc.get(id)
    if found is None and id[:1] == "_" and _is_ad_hoc(id):
        found = _ad_hoc[id] = Unit((id,), _NO_DIM, 1.0)
    return found


def by_symbol(symbol: str) -> Unit:
    """The unit that a Number with this symbol has; one made by a product when the table has none."""
    found = _table().find(symbol) or _ad_hoc.get(symbol)
    if found is None:
        found = _ad_hoc[symbol] = Unit((symbol,), _NO_DIM, 1.0)
    return found


def symbol_of(id: str) -> str | None:
    """The symbol of the unit with this id, or None."""
    found = find(id)
    return found.symbol if found is not None else None


def all_units() -> list[Unit]:
    """Every unit of the table, in its order."""
    return _table().all()


def _is_ad_hoc(text: str) -> bool:
    return all(("a" <= c <= "z") or ("A" <= c <= "Z") or c in "_%/$" or c > "\x80" for c in text)


# ---- conversion -------------------------------------------------------------------------------------------


def convert(val: int | float, from_symbol: str, to_symbol: str) -> int | float:
    """`val` in another unit, not rounded.

    Raises:
        Err: the units measure different things.
    """
    if from_symbol == to_symbol:
        return val
    a, b = by_symbol(from_symbol), by_symbol(to_symbol)
    if a.dim != b.dim:
        raise Err(f"Inconvertible units: {a.name} and {b.name}")
    return ((val * a.scale + a.offset) - b.offset) / b.scale


def is_duration(symbol: str | None) -> bool:
    """Whether a number with this unit is a length of time."""
    return symbol in DURATIONS


def to_timedelta_ns(n: Num) -> int:
    """A duration as whole nanoseconds (truncated).

    Raises:
        UnitErr: no unit, or one that does not measure time.
    """
    factor = DURATIONS.get(n.unit) if type(n) is Number else None
    if factor is None:
        from axon.values.numbers import num_text

        raise UnitErr(f"Not duration unit: {num_text(n)}")
    val = n.val  # type: ignore[union-attr]
    if type(val) is int:
        ticks: int | float = val * factor
    else:
        ticks = val * factor
        if ticks != ticks:
            return 0
    if ticks > _MAX_LONG:
        return _MAX_LONG
    if ticks < -_MAX_LONG:
        return -_MAX_LONG
    return int(ticks)


# ---- unit of a result -------------------------------------------------------------------------------------

_SUMS = {
    ("°F", "Δ°F"): "°F",
    ("Δ°F", "°F"): "°F",
    ("°C", "Δ°C"): "°C",
    ("Δ°C", "°C"): "°C",
}
_DIFFERENCES = {
    ("°F", "°F"): "Δ°F",
    ("°C", "°C"): "Δ°C",
    ("°F", "Δ°F"): "°F",
    ("°C", "Δ°C"): "°C",
}


def add_unit(a: str, b: str) -> str:
    """The unit of a sum.

    Raises:
        UnitErr: the units do not go together.
    """
    if a == b:
        return a
    found = _SUMS.get((a, b))
    if found is None:
        raise UnitErr(f"{a} + {b}")
    return found


def sub_unit(a: str, b: str) -> str:
    """The unit of a difference.

    Raises:
        UnitErr: the units do not go together.
    """
    found = _DIFFERENCES.get((a, b))
    if found is None:
        if a == b:
            return a
        raise UnitErr(f"{a} - {b}")
    return found


_products: dict[tuple[str, str], str] = {}
_quotients: dict[tuple[str, str], str] = {}
_CACHE_LIMIT = 10_000


def mul_unit(a: str, b: str) -> str:
    """The unit of a product: the one unit of the table that fits, else `_a_b`."""
    found = _products.get((a, b))
    if found is None:
        found = _find_product(by_symbol(a), by_symbol(b)) or f"_{a.removeprefix('_')}_{b.removeprefix('_')}"
        _remember(_products, (a, b), found)
    return found


def div_unit(a: str, b: str) -> str:
    """The unit of a quotient: the one unit of the table that fits, else `_a/b`."""
    found = _quotients.get((a, b))
    if found is None:
        found = _find_quotient(by_symbol(a), by_symbol(b)) or f"_{a.removeprefix('_')}/{b.removeprefix('_')}"
        _remember(_quotients, (a, b), found)
    return found


def _remember(cache: dict[tuple[str, str], str], key: tuple[str, str], symbol: str) -> None:
    if len(cache) >= _CACHE_LIMIT:
        cache.clear()
    cache[key] = symbol


def _find_product(a: Unit, b: Unit) -> str | None:
    if a.dim == _NO_DIM or b.dim == _NO_DIM:
        return None
    dim = tuple(x + y for x, y in zip(a.dim, b.dim, strict=True))
    matches = _matches(dim, a.scale * b.scale)
    if len(matches) == 1:
        return matches[0].symbol
    name = f"{a.name}_{b.name}"
    return next((u.symbol for u in matches if u.name == name), None)


def _find_quotient(a: Unit, b: Unit) -> str | None:
    if a.dim == _NO_DIM or b.dim == _NO_DIM:
        return None
    dim = tuple(x - y for x, y in zip(a.dim, b.dim, strict=True))
    matches = _matches(dim, a.scale / b.scale)
    if len(matches) == 1:
        return matches[0].symbol
    name = f"{a.name}_per_{b.name}"
    return next((u.symbol for u in matches if name in u.name), None)


def _matches(dim: _Dim, scale: float) -> list[Unit]:
    """Units of the table with this dimension whose scale differs by a thousandth at most."""
    return [
        u
        for u in _table().of_dim(dim)
        if u.scale == scale or abs(u.scale - scale) <= min(abs(u.scale), abs(scale)) / 1000
    ]
