"""pandas frames and grids, both ways, a column at a time and without walking cells where the dtype allows it.

Towards pandas: numbers and Bools keep their arrays, timestamps become `datetime64[ns, zone]` (of whatever
unit they were; `[us, zone]` where one lies before 1677 or after 2262), texts `str`, a column of one unit puts
it in `df.attrs["units"]`. A null is NaN, NaT or None; a column of whole numbers with nulls becomes float64,
or `Int64` where a float could not hold them all.

From pandas: NaN, NaT and NA are null, unless the option `nan` keeps NaN. The index is left out unless it has
a name. Labels that are no tag names get one; the label stays in the column's `dis`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pylib.columns import ArrayColumn
from pylib.grid import Col, Grid
from pylib.kinds import Number
from pylib.packed import NAT, DictColumn, TimeColumn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["grid_from_dataframe", "grid_to_dataframe", "tag_names"]

_EXACT = 1 << 53


# ---- to pandas


def grid_to_dataframe(grid: Grid, index: str | None = None) -> pd.DataFrame:
    """A DataFrame of a grid; numbers share memory with the grid."""
    units: dict[str, str] = {}
    data: dict[str, Any] = {}
    for i, name in enumerate(grid.col_names()):
        cells = grid.buffer(i)
        data[name] = _to_pandas(cells)
        unit = _one_unit(cells) if type(cells) is list else getattr(cells, "unit", None)
        if unit:
            units[name] = unit
    df = pd.DataFrame(data, index=None if data else range(len(grid)), copy=False)
    if units:
        df.attrs["units"] = units
    return df if index is None else df.set_index(index)


def _to_pandas(cells: Any) -> Any:
    if isinstance(cells, ArrayColumn):
        return _numbers_to_pandas(cells.data, cells.valid)
    if type(cells) is TimeColumn:
        return _stamps_to_pandas(cells.data, cells.find_zone(cells.zone))
    if type(cells) is DictColumn and all(type(value) is str for value in cells.values):
        return _repeated_text(cells)
    return _list_to_pandas(cells if type(cells) is list else cells.tolist())


def _stamps_to_pandas(stamps: Any, zone: Any) -> Any:
    """Nanoseconds since 1970 in UTC as timestamps of a zone, in the same memory."""
    return pd.DatetimeIndex(stamps, dtype=pd.DatetimeTZDtype("ns", zone), copy=False)


def _numbers_to_pandas(data: Any, valid: Any) -> Any:
    if valid is None:
        return data
    if data.dtype.kind == "b":
        return np.where(valid, data.astype(object), None)
    if data.dtype.kind in "iu":
        real = data[valid]
        if real.size and not -_EXACT <= int(real.min()) <= int(real.max()) <= _EXACT:
            kind = pd.UInt64Dtype if data.dtype.kind == "u" else pd.Int64Dtype
            return pd.arrays.IntegerArray(data.astype(kind.type), ~valid)
    return np.where(valid, data, np.nan)


def _repeated_text(cells: DictColumn) -> Any:
    values = np.empty(len(cells.values) + 1, dtype=object)
    values[:-1] = cells.values
    values[-1] = None
    try:
        import pyarrow as pa

        missing = cells.data < 0
        codes = pa.array(cells.data, mask=missing if missing.any() else None)
        text = pa.DictionaryArray.from_arrays(codes, pa.array(cells.values, pa.large_string()))
        return pd.array(text.cast(pa.large_string()), dtype="str")
    except (ImportError, TypeError, UnicodeEncodeError, ValueError):
        return values[cells.data]


def _one_unit(cells: list[Any]) -> str | None:
    units = {getattr(cell, "unit", None) for cell in cells if cell is not None}
    unit = units.pop() if len(units) == 1 else None
    return unit if type(unit) is str else None


def _list_to_pandas(cells: list[Any]) -> Any:
    kinds = set(map(type, cells)) - {type(None)}
    if kinds and kinds <= {int, float, Number} and (Number not in kinds or _one_unit(cells)):
        return _number_cells(cells)
    if kinds == {bool} and None not in cells:
        return np.array(cells, dtype=bool)
    if kinds == {str}:
        return pd.Series(cells, dtype="str" if int(pd.__version__.partition(".")[0]) >= 3 else object).array
    if kinds and all(kind.__name__ in ("datetime", "NanoDateTime") for kind in kinds):
        return _time_cells(cells)
    out = np.empty(len(cells), dtype=object)
    for i, cell in enumerate(cells):
        out[i] = cell
    return out


def _number_cells(cells: list[Any]) -> Any:
    plain = [cell.val if type(cell) is Number else cell for cell in cells]
    real = [cell for cell in plain if cell is not None]
    if all(type(cell) is int for cell in real) and all(-(1 << 63) <= cell < 1 << 63 for cell in real):
        data = np.array([0 if cell is None else cell for cell in plain], dtype="i8")
        valid = None if len(real) == len(plain) else np.array([cell is not None for cell in plain])
        return _numbers_to_pandas(data, valid)
    return np.array([np.nan if cell is None else float(cell) for cell in plain], dtype="f8")


def _time_cells(cells: list[Any]) -> Any:
    from pylib.times import stamp_of

    zones = {cell.tzinfo for cell in cells if cell is not None}
    if len(zones) > 1:
        return pd.Series(cells, dtype=object).array
    stamps = [NAT if cell is None else stamp_of(cell) for cell in cells]
    if all(NAT <= stamp < -NAT for stamp in stamps):
        return _stamps_to_pandas(np.array(stamps, dtype="i8"), zones.pop())
    if any(stamp % 1000 for stamp in stamps if stamp != NAT):
        return pd.Series(cells, dtype=object).array
    micros = np.array([NAT if stamp == NAT else stamp // 1000 for stamp in stamps], dtype="i8")
    return pd.DatetimeIndex(micros.view("M8[us]"), copy=False).tz_localize("UTC").tz_convert(zones.pop())


# ---- from pandas


def grid_from_dataframe(df: pd.DataFrame, options: Mapping[str, Any]) -> Grid:
    """The grid of a DataFrame.

    Args:
        options: `tz` (full id of the zone for timestamps without one), `nan` (keep NaN instead of null),
            `objects` (keep a cell of a type that has no kind, which then crosses as a reference).

    Raises:
        TypeError: a column that can't be one; the message names it.
    """
    units = df.attrs.get("units")
    units = units if type(units) is dict else {}
    labels, columns = _labelled(df)
    cols = []
    data = []
    for name, label, column in zip(tag_names(labels), labels, columns):
        dis = label if type(label) is str else None
        cols.append(Col(name, {} if dis is None or dis == name else {"dis": dis}))
        unit = units.get(label, units.get(name))
        try:
            data.append(_from_pandas(column, unit if type(unit) is str else None, options))
        except TypeError as e:
            raise TypeError(f"column {label!r}: {e}") from e
    return Grid(cols, data, None, len(df))


def _labelled(df: pd.DataFrame) -> tuple[list[Any], list[Any]]:
    """Labels and columns, those of a named index first."""
    labels: list[Any] = []
    columns: list[Any] = []
    for level, label in enumerate(df.index.names):
        if label is not None:
            labels.append(label)
            columns.append(df.index.get_level_values(level).to_series(index=df.index))
    for at, label in enumerate(df.columns):
        labels.append(" ".join(map(str, label)) if isinstance(label, tuple) else label)
        columns.append(df.iloc[:, at])
    return labels, columns


def tag_names(labels: Sequence[Any]) -> list[str]:
    """A different tag name for each label; what is a tag name already stays where it can."""
    taken: dict[str, None] = {}
    for label in labels:
        base = _tag_name(label)
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken[name] = None
    return list(taken)


def _tag_name(label: Any) -> str:
    if type(label) is not str:
        text = str(label)
        label = "v" + text if text[:1].isdigit() else f"v_{text}"
    words = "".join(c if c.isascii() and (c.isalnum() or c == "_") else " " for c in label).split()
    if not words:
        return "v"
    head, rest = words[0], words[1:]
    name = head[0].lower() + head[1:] + "".join(word[0].upper() + word[1:] for word in rest)
    return name if name[0].isalpha() or (name[0] == "_" and len(name) > 1) else "v" + name


def _from_pandas(column: pd.Series[Any], unit: str | None, options: Mapping[str, Any]) -> Any:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _from_categories(column, unit, options)
    if isinstance(dtype, pd.DatetimeTZDtype) or dtype.kind == "M":
        return _from_stamps(column, options)
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return _from_numbers(column.to_numpy(), unit, options)
    if dtype.kind == "m":
        nanos = column.to_numpy().astype("m8[ns]").view("i8")
        valid = nanos != NAT
        return ArrayColumn(nanos / 1e9, "sec", None if valid.all() else valid)
    if dtype.kind in "biuf":
        return _from_masked(column, unit)
    if dtype.kind == "c":
        raise TypeError("complex numbers cannot cross: use their real and imag parts")
    return _from_objects(column, unit, options)


def _from_numbers(data: Any, unit: str | None, options: Mapping[str, Any]) -> ArrayColumn:
    if data.dtype.kind != "f" or options.get("nan"):
        return ArrayColumn(data, unit)
    missing = np.isnan(data)
    return ArrayColumn(data, unit, ~missing if missing.any() else None)


def _from_masked(column: pd.Series[Any], unit: str | None) -> ArrayColumn:
    """The nullable dtypes: Int64, Float64, boolean and those of Arrow."""
    missing = column.isna().to_numpy()
    kind = {"b": "bool", "i": "int64", "u": "uint64", "f": "float64"}[column.dtype.kind]
    data = column.to_numpy(dtype=kind, na_value=False if kind == "bool" else 0)
    return ArrayColumn(data, unit, ~missing if missing.any() else None)


def _from_stamps(column: pd.Series[Any], options: Mapping[str, Any]) -> TimeColumn | list[Any]:
    from pylib.times import zone_by_id, zone_id

    index = pd.DatetimeIndex(column)
    if index.tz is None:
        key = options.get("tz") or "UTC"
        first = np.ones(len(index), dtype=bool)
        index = index.tz_localize(zone_by_id(key), ambiguous=first, nonexistent="shift_forward")
    else:
        real = index[index.notna()]
        key = zone_id(real[0].to_pydatetime(warn=False)) if len(real) else "UTC"
    try:
        stamps = index.as_unit("ns").asi8
    except pd.errors.OutOfBoundsDatetime:  # nanoseconds reach from 1677 to 2262
        cells = index.tz_convert(zone_by_id(key)).to_pydatetime().tolist()
        return [None if cell is pd.NaT else cell for cell in cells]
    return TimeColumn(stamps, key, zone_by_id)


def _from_categories(column: pd.Series[Any], unit: str | None, options: Mapping[str, Any]) -> Any:
    values = _plain_list(column.cat.categories.to_series(), options)
    codes = column.cat.codes.to_numpy().astype("i4")
    if unit is not None or any(type(value) is not str for value in values):
        found = [*values, None]
        return _with_unit([found[code] for code in codes.tolist()], unit)
    return DictColumn(codes, values)


def _plain_list(column: pd.Series[Any], options: Mapping[str, Any]) -> list[Any]:
    cells = _from_pandas(column, None, options)
    found = cells if type(cells) is list else cells.tolist()
    return list(found)


def _from_objects(column: pd.Series[Any], unit: str | None, options: Mapping[str, Any]) -> Any:
    """Cells of any kind; text is looked at for repetition."""
    if isinstance(column.dtype, pd.StringDtype) and unit is None:
        found = _from_strings(column)
        if found is not None:
            return found
    cells: list[Any] = column.to_numpy(dtype=object).tolist()
    kinds = set(map(type, cells))
    if kinds != {str}:
        cells = [_clean(cell, options) for cell in cells]
        return _with_unit(cells, unit)
    sample = cells if len(cells) < 4000 else cells[:: len(cells) // 2000]
    if len(cells) >= 64 and len(set(sample)) * 4 <= len(sample):
        codes, values = pd.factorize(column.to_numpy(dtype=object))
        return DictColumn(codes.astype("i4"), list(values))
    return cells


def _from_strings(column: pd.Series[Any]) -> DictColumn | None:
    """Text that Arrow keeps, when it repeats: its dictionary, without making a Python object per cell."""
    if getattr(column.dtype, "storage", "") != "pyarrow" or len(column) < 64:
        return None
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.array(column.array)
    whole = pa.chunked_array([text]) if isinstance(text, pa.Array) else text
    step = max(1, len(column) // 2000)
    sample = whole.take(pa.array(np.arange(0, len(column), step)))
    if pc.count_distinct(sample).as_py() * 4 > len(sample):
        return None
    coded = pc.dictionary_encode(whole.combine_chunks())
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return DictColumn(codes.astype("i4", copy=False), coded.dictionary.to_pylist())


def _clean(cell: Any, options: Mapping[str, Any]) -> Any:
    """A cell of an object column; what is missing is null."""
    kind = type(cell)
    if (
        cell is None
        or cell is pd.NA
        or cell is pd.NaT
        or (kind is float and cell != cell and not options.get("nan"))
    ):
        return None
    if kind in _KEPT:
        return cell
    if kind.__module__.startswith("pylib."):
        return cell
    if kind is np.ndarray and cell.ndim == 1 and cell.dtype.kind in "biufO":  # lists, as Arrow reads them
        return [_clean(item, options) for item in cell.tolist()]
    from pylib.native import convert, to_kind

    if not options.get("objects"):
        return to_kind(cell, options)
    found, done = convert(cell, options)
    return found if done else cell


_KEPT = frozenset((str, int, float, bool, bytes, list, dict))


def _with_unit(cells: list[Any], unit: str | None) -> list[Any]:
    if unit is None:
        return cells
    return [Number(cell, unit) if type(cell) in (int, float) else cell for cell in cells]
