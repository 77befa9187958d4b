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

    from pylib.encoder import Encoder
    from pylib.grid import Grid

__all__ = [
    "CONVERSIONS",
    "DELIVERED",
    "LOOKS",
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
    for test, change_other, _ in LOOKS.values():
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
    return _seconds(micros, 1_000_000)


def _seconds(count: int, per_second: int) -> Number:
    """A duration; ints are divided as such, a float would round twice."""
    whole, rest = divmod(count, per_second)
    return Number(count / per_second if rest else whole, "sec")


def _pandas_timestamp(value: Any, options: Any) -> Any:
    from pylib.nanos import NanoDateTime

    plain = value.to_pydatetime(warn=False)
    return NanoDateTime.of(_datetime(plain, options), value.nanosecond)


def _pandas_timedelta(value: Any, options: Any) -> Any:
    return _numpy_timedelta(value.to_numpy(), options)


def _item(value: Any, options: Any) -> Any:
    """A numpy scalar as the Python value that it holds."""
    found = value.item()
    return float(value) if type(found) is type(value) else found  # a longdouble has no Python type of its own


def _numpy_datetime(value: Any, options: Any) -> Any:
    """A timestamp of any numpy unit; casts of numpy to a finer one overflow without a word.

    Raises:
        TypeError: outside the years 1 to 9999.
    """
    import numpy as np

    if np.isnat(value):
        return None
    from pylib.nanos import NanoDateTime
    from pylib.times import datetime_of, zone_by_id

    year = int(value.astype("M8[Y]").astype("i8")) + 1970
    if not 1 <= year <= 9999:
        raise TypeError(f"a timestamp of the year {year} cannot cross")
    floor = value.astype("M8[s]")
    rest = int((value - floor).astype("m8[ns]").astype("i8"))
    naive = datetime_of(int(floor.astype("i8")), rest, zone_by_id("UTC"))
    return NanoDateTime.of(naive.replace(tzinfo=zone_by_id(options.get("tz") or "UTC")), rest % 1000)


_LONG_UNITS = {"Y": 31_556_952, "M": 2_629_746, "W": 604_800, "D": 86_400, "h": 3600, "m": 60, "s": 1}
"""Seconds; years and months of the mean length, as in numpy."""
_SHORT_UNITS = {"ms": 3, "us": 6, "ns": 9, "generic": 9, "ps": 12, "fs": 15, "as": 18}
"""Decimals of a second."""


def _numpy_timedelta(value: Any, options: Any) -> Any:
    import numpy as np

    if np.isnat(value):
        return None
    unit, step = np.datetime_data(value.dtype)
    count = int(value.astype("i8")) * step
    if unit in _LONG_UNITS:
        return _seconds(count * _LONG_UNITS[unit], 1)
    return _seconds(count, 10 ** _SHORT_UNITS[unit])


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
    if value.is_nan():  # float() refuses the signaling one
        return float("nan")
    return _whole(float(value), value)


def _fraction(value: Any, options: Any) -> Any:
    try:
        return _whole(float(value), value)
    except OverflowError:  # as a float of that size
        return float("inf") if value > 0 else float("-inf")


def _whole(found: float, exact: Any) -> Any:
    """`found` as an int where that is what the exact number is."""
    small = found and abs(found) <= 1 << 53
    return int(exact) if small and exact == int(found) else found


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
        levels = [_index(value.get_level_values(at), options) for at in range(value.nlevels)]
        return [list(row) for row in zip(*levels)]
    cells: list[Any] = _frame(value.to_frame(index=False, name="val"), options).column(0)
    return cells


def _arrow_table(value: Any, options: Any) -> Any:
    import pyarrow as pa

    lists = {
        field.name: value.column(at).to_pylist()
        for at, field in enumerate(value.schema)
        if pa.types.is_nested(field.type)
    }
    return _exact_frame(value, lists, options)


def _arrow_batch(value: Any, options: Any) -> Any:
    import pyarrow as pa

    return _arrow_table(pa.Table.from_batches([value]), options)


def _polars(value: Any, options: Any) -> Any:
    kinds = ("List", "Array", "Struct", "Date")
    columns = zip(value.columns, value.get_columns())
    lists = {name: col.to_list() for name, col in columns if col.dtype.base_type().__name__ in kinds}
    return _exact_frame(value, lists, options)


def _exact_frame(value: Any, lists: Mapping[str, list[Any]], options: Any) -> Any:
    """The grid of a table of another library; `lists` are columns of which pandas would change the kind."""
    df = value.to_pandas(integer_object_nulls=True)  # floats do not hold all whole numbers
    for name, cells in lists.items():
        if list(df.columns).count(name) == 1:
            import pandas as pd

            df[name] = pd.Series(cells, index=df.index, dtype=object)
    return _frame(df, options)


def _figure(value: Any, options: Any) -> dict[str, Any]:
    """A figure as a PNG image: `image` (bytes), `mime`, `width` and `height` in pixels."""
    import io

    out = io.BytesIO()
    value.savefig(out, format="png")
    data = out.getvalue()
    size = [int.from_bytes(data[at : at + 4], "big") for at in (16, 20)]
    return {"image": data, "mime": "image/png", "width": size[0], "height": size[1]}


def _dataclass(value: Any, options: Any) -> dict[str, Any]:
    import dataclasses

    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


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
    "enum.Enum": (_enum, "Str, Number or Bool: its value, or its name where that is none of them"),
    "bool": (lambda value, options: bool(value), "Bool"),
    "int": _FROM_INT,
    "float": _FROM_FLOAT,
    "decimal.Decimal": (_decimal, "Number"),
    "fractions.Fraction": (_fraction, "Number"),
    "datetime.datetime": (_datetime, "DateTime; without zone: in the runtime's zone"),
    "datetime.date": (_date, "Date"),
    "datetime.time": (_time, "Time; its zone is dropped"),
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
    "pandas.Categorical": (lambda value, options: _index(_as_index(value), options), "List"),
    "pyarrow.Table": (_arrow_table, "Grid"),
    "pyarrow.RecordBatch": (_arrow_batch, "Grid"),
    "pyarrow.RecordBatchReader": (lambda value, options: _arrow_table(value.read_all(), options), "Grid"),
    "pyarrow.Array": (lambda value, options: value.to_pylist(), "List"),
    "pyarrow.ChunkedArray": (lambda value, options: value.to_pylist(), "List"),
    "pyarrow.Scalar": (lambda value, options: value.as_py(), "what its value in Python becomes"),
    "polars.DataFrame": (_polars, "Grid"),
    "polars.Series": (lambda value, options: value.to_list(), "List"),
    "matplotlib.Figure": (_figure, "Dict of image (Buf, PNG), mime, width, height"),
}
"""Type by its module and name: how it crosses, and what it becomes. The docs' table is made from this."""

LOOKS: dict[str, tuple[Callable[[Any], bool], Callable[[Any, Any], Any], str]] = {
    "any dataclass": (
        lambda value: hasattr(type(value), "__dataclass_fields__"),
        _dataclass,
        "Dict of its fields",
    ),
}
"""What is known by its looks, after the types: the test, how it crosses, what it becomes."""

DELIVERED: dict[str, tuple[str, str]] = {
    "null": ("NoneType", "null"),
    "Bool": ("bool", "Bool"),
    "Number": ("int, float", "Number"),
    "Number with unit": ("int, float", "Number without unit; in columns with it"),
    "Number with unit, option `units`": ("pylib.native.Quantity", "Number with unit"),
    "Str": ("str", "Str"),
    "Uri": ("pylib.native.Uri", "Uri"),
    "Ref": ("pylib.kinds.Ref", "Ref"),
    "Symbol": ("pylib.kinds.Symbol", "Symbol"),
    "Coord": ("pylib.kinds.Coord", "Coord"),
    "XStr": ("pylib.kinds.XStr", "XStr"),
    "Marker": ("pylib.kinds.Marker", "Marker"),
    "NA": ("pylib.kinds.NA", "NA"),
    "Remove": ("pylib.kinds.Remove", "Remove"),
    "Date": ("datetime.date", "Date"),
    "Time": ("datetime.time, pylib.nanos.NanoTime", "Time"),
    "DateTime": ("datetime.datetime, pylib.nanos.NanoDateTime", "DateTime"),
    "Span, DateSpan": ("pylib.kinds.XStr", "XStr"),
    "Buf": ("bytes", "Buf"),
    "List": ("list", "List"),
    "Dict": ("dict", "Dict"),
    "Grid": ("pylib.grid.Grid", "Grid"),
    "matrix Grid": ("numpy.ndarray", "matrix Grid"),
    "Func": ("pylib.bridge.AxonFunction", "Func"),
    "PyObj": ("the object itself", "PyObj"),
}
"""Axon kind: what session code gets, and what that is when it comes back."""


def _as_index(value: Any) -> Any:
    import pandas as pd

    return pd.Index(value)


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
