"""Values as Python programmers know them, to values that cross: the standard library, numpy, pandas and
others.

The codec writes the Haystack kinds; what else a program may hold comes here, once per value, by the name of
its type or of one of its bases. No library is imported for that: whoever made the value has it. Data frames
are in `frames_of`, reached from `Grid`.
"""

from __future__ import annotations

from pylib.kinds import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    import pandas as pd

    from pylib.codec import Encoder
    from pylib.grid import Grid

__all__ = [
    "CONVERSIONS",
    "Quantity",
    "Uri",
    "grid_from_dataframe",
    "grid_to_arrow",
    "grid_to_dataframe",
    "grid_to_polars",
    "convert",
    "put_native",
    "to_kind",
]

MAX_ITEMS = 10_000_000
"""How many items of an iterable are taken before it counts as endless."""


class Uri(str):
    """A Uri in a session: the text, with a type that lets it come back as a Uri."""

    __slots__ = ()

    @property
    def val(self) -> str:
        """The text."""
        return str(self)


class Quantity:
    """A number with unit in a session that asked for units.

    Behaves as its `val` in arithmetic and comparison. The unit stays where it is certain: sums and
    differences with the same unit or a plain number, products and quotients with a plain number, signs and
    rounding. All else gives plain numbers.
    """

    __slots__ = ("unit", "val")

    def __init__(self, val: Any, unit: str) -> None:
        self.val = val
        self.unit = unit

    def __repr__(self) -> str:
        return f"{self.val!r}{self.unit}"

    def __hash__(self) -> int:
        return hash(self.val)

    def __float__(self) -> float:
        return float(self.val)

    def __int__(self) -> int:
        return int(self.val)

    def __index__(self) -> int:
        if type(self.val) is not int:
            raise TypeError("a quantity that is not whole cannot be an index")
        return self.val

    def __bool__(self) -> bool:
        return bool(self.val)

    def __format__(self, spec: str) -> str:
        return format(self.val, spec) + self.unit if spec else repr(self)

    def __pow__(self, other: Any) -> Any:
        return self.val ** _plain(other)

    def __rpow__(self, other: Any) -> Any:
        return other**self.val

    def __round__(self, digits: int | None = None) -> Any:
        return Quantity(round(self.val, digits), self.unit)


def _plain(x: Any) -> Any:
    return x.val if type(x) is Quantity else x


def _additive(name: str) -> Any:
    import operator

    op = getattr(operator, name)

    def forward(self: Quantity, other: Any) -> Any:
        if type(other) is Quantity and other.unit != self.unit:
            raise TypeError(f"units do not match: {self.unit} and {other.unit}")
        return Quantity(op(self.val, _plain(other)), self.unit)

    def backward(self: Quantity, other: Any) -> Any:
        return Quantity(op(other, self.val), self.unit)

    return forward, backward


def _scaling(name: str) -> Any:
    import operator

    op = getattr(operator, name)
    both = name == "mul"

    def forward(self: Quantity, other: Any) -> Any:
        found = op(self.val, _plain(other))
        return found if type(other) is Quantity else Quantity(found, self.unit)

    def backward(self: Quantity, other: Any) -> Any:
        found = op(other, self.val)
        return Quantity(found, self.unit) if both else found

    return forward, backward


def _compared(name: str) -> Any:
    import operator

    op = getattr(operator, name)

    def compare(self: Quantity, other: Any) -> Any:
        if type(other) is Quantity and other.unit != self.unit:
            if name in ("eq", "ne"):
                return name == "ne"
            raise TypeError(f"units do not match: {self.unit} and {other.unit}")
        return op(self.val, _plain(other))

    return compare


def _unary(name: str) -> Any:
    import operator

    op = getattr(operator, name)
    return lambda self: Quantity(op(self.val), self.unit)


for _name in ("add", "sub"):
    _f, _b = _additive(_name)
    setattr(Quantity, f"__{_name}__", _f)
    setattr(Quantity, f"__r{_name}__", _b)
for _name in ("mul", "truediv", "floordiv", "mod"):
    _f, _b = _scaling(_name)
    setattr(Quantity, f"__{_name}__", _f)
    setattr(Quantity, f"__r{_name}__", _b)
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Quantity, f"__{_name}__", _compared(_name))
for _name in ("neg", "pos", "abs"):
    setattr(Quantity, f"__{_name}__", _unary(_name))


# ---- to values that cross


def put_native(e: Encoder, value: Any, options: Mapping[str, Any]) -> None:
    """Write a value whose type the codec does not know.

    Args:
        options: `tz` (full id of the zone for timestamps without one), `nan` (keep NaN in data frames).

    Raises:
        TypeError: nothing is known of this type; the message says what to do.
    """
    e.put(to_kind(value, options))


def convert(value: Any, options: Mapping[str, Any]) -> tuple[Any, bool]:
    """The value that stands for `value` across the link, and True; or anything and False if there is none.

    Raises:
        TypeError: a value of a known type that can't cross all the same.
    """
    if type(value) is Quantity:
        return Number(value.val, value.unit), True
    for kind in type(value).__mro__:
        change = CONVERSIONS.get(_name_of(kind))
        if change is not None:
            return change[0](value, options), True
    for test, change_other in _BY_LOOKS:
        if test(value):
            return change_other(value, options), True
    return None, False


def to_kind(value: Any, options: Mapping[str, Any]) -> Any:
    """The value that stands for `value` across the link; parts of a container may need the same again.

    Raises:
        TypeError: nothing is known of this type.
    """
    found, done = convert(value, options)
    if done:
        return found
    raise TypeError(
        f"a {_name_of(type(value))} cannot cross to Axon: return text, numbers, lists, dicts, arrays or data "
        "frames made from it"
    )


def _name_of(kind: type) -> str:
    module = kind.__module__
    root = module.partition(".")[0]
    if root in ("pandas", "pyarrow", "polars", "matplotlib"):  # their inner modules move between versions
        module = root
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def _limited(value: Any, options: Any) -> list[Any]:
    """The items of an iterable.

    Raises:
        TypeError: more than MAX_ITEMS.
    """
    from itertools import islice

    items = list(islice(iter(value), MAX_ITEMS + 1))
    if len(items) > MAX_ITEMS:
        raise TypeError(
            f"a {type(value).__name__} with more than {MAX_ITEMS} items cannot cross: it may be endless"
        )
    return items


def _set_items(value: Any, options: Any) -> list[Any]:
    try:
        return sorted(value)
    except TypeError:
        return list(value)


def _namedtuple_or_list(value: Any, options: Any) -> Any:
    names = getattr(value, "_fields", None)
    return dict(zip(names, value)) if names else list(value)


def _mapping(value: Any, options: Any) -> dict[str, Any]:
    return dict(value)


def _datetime(value: Any, options: Any) -> Any:
    """A datetime whose zone has no id of its own; a naive one is in the runtime's zone."""
    from pylib.nanos import NanoDateTime
    from pylib.times import zone_by_id, zone_id

    if value.tzinfo is None:
        value = value.replace(tzinfo=zone_by_id(options.get("tz") or "UTC"))
    else:
        value = value.astimezone(zone_by_id(zone_id(value)))
    return NanoDateTime.of(value, getattr(value, "nanos", 0))


def _date(value: Any, options: Any) -> Any:
    import datetime as dt

    return dt.date(value.year, value.month, value.day)


def _time(value: Any, options: Any) -> Any:
    import datetime as dt

    return dt.time(value.hour, value.minute, value.second, value.microsecond)


def _timedelta(value: Any, options: Any) -> Number:
    micros = (value.days * 86400 + value.seconds) * 1_000_000 + value.microseconds
    return Number(micros // 1_000_000 if micros % 1_000_000 == 0 else micros / 1e6, "sec")


def _pandas_timestamp(value: Any, options: Any) -> Any:
    from pylib.nanos import NanoDateTime

    plain = value.to_pydatetime(warn=False)
    return NanoDateTime.of(_datetime(plain, options), value.nanosecond)


def _pandas_timedelta(value: Any, options: Any) -> Number:
    nanos = value.as_unit("ns").value
    return Number(nanos // 1_000_000_000 if nanos % 1_000_000_000 == 0 else nanos / 1e9, "sec")


def _item(value: Any, options: Any) -> Any:
    """A numpy scalar as the Python value that it holds."""
    found = value.item()
    if type(found) is type(value):
        raise TypeError(f"a numpy {type(value).__name__} cannot cross")
    return found


def _numpy_datetime(value: Any, options: Any) -> Any:
    import numpy as np

    if np.isnat(value):
        return None
    from pylib.times import datetime_of, zone_by_id

    ns = int(value.astype("datetime64[ns]").astype("i8"))
    seconds, rest = divmod(ns, 1_000_000_000)
    naive = datetime_of(seconds, rest, zone_by_id("UTC"))
    from pylib.nanos import NanoDateTime

    return NanoDateTime.of(naive.replace(tzinfo=zone_by_id(options.get("tz") or "UTC")), rest % 1000)


def _numpy_timedelta(value: Any, options: Any) -> Any:
    import numpy as np

    if np.isnat(value):
        return None
    ns = int(value.astype("timedelta64[ns]").astype("i8"))
    return Number(ns // 1_000_000_000 if ns % 1_000_000_000 == 0 else ns / 1e9, "sec")


def _ndarray(value: Any, options: Any) -> Any:
    """A 2-D array of numbers becomes a matrix grid, a 1-D one of one column; all else nested lists."""
    kind = value.dtype.kind
    if kind in "biuf" and value.ndim in (1, 2):
        from pylib.grid import Matrix

        return Matrix(value.reshape(-1, 1) if value.ndim == 1 else value)
    if kind == "c":
        raise TypeError("an array of complex numbers cannot cross: return its real and imag parts")
    if kind in "mM":
        return [to_kind(item, options) for item in value] if value.ndim else to_kind(value[()], options)
    return value.tolist()


def _enum(value: Any, options: Any) -> Any:
    return value.value if type(value.value) in (str, int, float, bool) else value.name


def _decimal(value: Any, options: Any) -> Any:
    found = float(value)
    return (
        int(value)
        if found == found and abs(found) != float("inf") and value == value.to_integral_value()
        else found
    )


def _fraction(value: Any, options: Any) -> Any:
    return value.numerator if value.denominator == 1 else float(value)


def _text(value: Any, options: Any) -> str:
    return str(value)


def _bytes(value: Any, options: Any) -> bytes:
    return bytes(value)


def _null(value: Any, options: Any) -> None:
    return None


def _frame(value: Any, options: Any) -> Any:
    from pylib.dataframes import grid_from_dataframe

    return grid_from_dataframe(value, options)


def _series(value: Any, options: Any) -> Any:
    name = value.name
    return _frame(value.to_frame("val" if name is None else name), options)


def _index(value: Any, options: Any) -> list[Any]:
    if value.nlevels > 1:
        return [list(row) for row in value]
    cells: list[Any] = _frame(value.to_frame(index=False, name="val"), options).column(0)
    return cells


def _arrow_table(value: Any, options: Any) -> Any:
    return _frame(value.to_pandas(integer_object_nulls=True), options)  # floats do not hold all whole numbers


def _polars(value: Any, options: Any) -> Any:
    return _frame(value.to_pandas(integer_object_nulls=True), options)


def _figure(value: Any, options: Any) -> dict[str, Any]:
    """A figure as a PNG image: `image` (bytes), `mime`, `width` and `height` in pixels."""
    import io

    out = io.BytesIO()
    value.savefig(out, format="png")
    data = out.getvalue()
    size = [int.from_bytes(data[at : at + 4], "big") for at in (16, 20)]
    return {"image": data, "mime": "image/png", "width": size[0], "height": size[1]}


def _dataclass(value: Any, options: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


_FROM_INT = (lambda value, options: int(value), "Number")
_FROM_FLOAT = (lambda value, options: float(value), "Number")

CONVERSIONS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "tuple": (_namedtuple_or_list, "List; a namedtuple becomes a Dict"),
    "list": (lambda value, options: list(value), "List"),
    "set": (_set_items, "List, sorted where the items have an order"),
    "frozenset": (_set_items, "List, sorted where the items have an order"),
    "range": (_limited, "List"),
    "generator": (_limited, f"List of at most {MAX_ITEMS} items"),
    "map": (_limited, f"List of at most {MAX_ITEMS} items"),
    "filter": (_limited, f"List of at most {MAX_ITEMS} items"),
    "zip": (_limited, f"List of at most {MAX_ITEMS} items"),
    "enumerate": (_limited, f"List of at most {MAX_ITEMS} items"),
    "dict_keys": (_limited, "List"),
    "dict_values": (_limited, "List"),
    "dict_items": (_limited, "List"),
    "collections.deque": (_limited, "List"),
    "dict": (_mapping, "Dict"),
    "mappingproxy": (_mapping, "Dict"),
    "pylib.grid.Grid": (lambda value, options: value, "Grid"),
    "pylib.native.Uri": (lambda value, options: _kinds_uri(value), "Uri"),
    "str": (lambda value, options: str.__str__(value), "Str"),
    "bytes": (_bytes, "Buf"),
    "bytearray": (_bytes, "Buf"),
    "memoryview": (_bytes, "Buf"),
    "enum.Enum": (_enum, "Str or Number: its value, or its name where the value is neither"),
    "bool": (lambda value, options: bool(value), "Bool"),
    "int": _FROM_INT,
    "float": _FROM_FLOAT,
    "decimal.Decimal": (_decimal, "Number"),
    "fractions.Fraction": (_fraction, "Number"),
    "datetime.datetime": (_datetime, "DateTime; without zone: in the runtime's zone"),
    "datetime.date": (_date, "Date"),
    "datetime.time": (_time, "Time"),
    "datetime.timedelta": (_timedelta, "Number in sec"),
    "uuid.UUID": (_text, "Str"),
    "pathlib.PurePath": (_text, "Str"),
    "pathlib._local.PurePath": (_text, "Str"),
    "numpy.datetime64": (_numpy_datetime, "DateTime in the runtime's zone; NaT is null"),
    "numpy.timedelta64": (_numpy_timedelta, "Number in sec; NaT is null"),
    "numpy.bool": (_item, "Bool"),
    "numpy.bool_": (_item, "Bool"),
    "numpy.integer": (_item, "Number"),
    "numpy.floating": (_item, "Number"),
    "numpy.str_": (_text, "Str"),
    "numpy.bytes_": (_bytes, "Buf"),
    "numpy.ndarray": (_ndarray, "1-D and 2-D numbers: matrix Grid; else nested List"),
    "pandas.DataFrame": (_frame, "Grid"),
    "pandas.Series": (_series, "Grid of one column, after the index where that has a name"),
    "pandas.Index": (_index, "List"),
    "pandas.Timestamp": (_pandas_timestamp, "DateTime with nanoseconds; without zone: in the runtime's zone"),
    "pandas.Timedelta": (_pandas_timedelta, "Number in sec"),
    "pandas.Period": (_text, "Str"),
    "pandas.Interval": (_text, "Str"),
    "pandas.NAType": (_null, "null"),
    "pandas.NaTType": (_null, "null"),
    "pandas.Categorical": (lambda value, options: list(value), "List"),
    "pyarrow.Table": (_arrow_table, "Grid"),
    "polars.DataFrame": (_polars, "Grid"),
    "polars.Series": (lambda value, options: value.to_list(), "List"),
    "matplotlib.Figure": (_figure, "Dict of image (Buf, PNG), mime, width, height"),
}
"""Type by its module and name: how it crosses, and what it becomes. The docs' table is made from this."""

_BY_LOOKS: list[tuple[Callable[[Any], bool], Callable[[Any, Any], Any]]] = [
    (lambda value: hasattr(type(value), "__dataclass_fields__"), _dataclass),
]


def _kinds_uri(value: Any) -> Any:
    from pylib.kinds import Uri as Kind

    return Kind(str.__str__(value))


# ---- data frames, by the names that Grid uses


def grid_from_dataframe(df: pd.DataFrame) -> Grid:
    """The grid of a pandas DataFrame; raises TypeError for a column that can't be one."""
    from pylib.dataframes import grid_from_dataframe

    return grid_from_dataframe(df, {})


def grid_to_dataframe(grid: Grid, index: str | None = None) -> pd.DataFrame:
    """A pandas DataFrame; `index` names the column that becomes its index."""
    from pylib.dataframes import grid_to_dataframe

    return grid_to_dataframe(grid, index)


def grid_to_arrow(grid: Grid) -> Any:
    """A pyarrow Table."""
    import pyarrow as pa

    return pa.Table.from_pandas(grid_to_dataframe(grid), preserve_index=False)


def grid_to_polars(grid: Grid) -> Any:
    """A polars DataFrame."""
    import polars as pl

    return pl.from_arrow(grid_to_arrow(grid))
