"""Grid: a table of named columns with meta data, immutable.

Columns are kept, not rows. A column is a list or a buffer (`pylib.columns`); a grid made from rows keeps the
rows and cuts a column out of them when it is first asked for. Every change gives a new grid that shares what
did not change. Rows are made on demand: plain dicts without null cells (`dicts`, `row_dict`), or `Row`
objects that know their grid (`get`, `rows`).

Methods named as in hxPy behave as there. No arithmetic here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Callable, overload

from pylib.builder import GridBuilder
from pylib.columns import AnyColumn, ArrayColumn, as_column, same
from pylib.rows import Col, Row, are_clean, list_rows, make_rows, no_nulls, widen

if TYPE_CHECKING:
    from typing import Literal

    import numpy as np
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["Col", "Grid", "GridBuilder", "Matrix", "Row"]


class Grid:
    """An immutable table.

    `==` compares meta data, columns and cells: cells as Python does, but NaN is equal to itself. That is
    `equals` in Axon, where `==` asks whether it is the same grid.

    Args:
        cols: the columns, in order; names must differ.
        columns: the cells of each, all of one length, None for null.
        meta: the meta data of the grid.
        size: the number of rows, needed only where there are no columns.

    Raises:
        ValueError: repeated names, or columns of different length.
    """

    __slots__ = ("__weakref__", "_cols", "_data", "_index", "_later", "_meta", "_names", "_rows", "_size")

    _cols: tuple[Col, ...]
    _data: list[AnyColumn | None]
    _index: dict[str, int]
    _later: Callable[[], list[dict[str, Any]]] | None  # makes the rows out of those of the grid before
    _meta: dict[str, Any]
    _names: list[str]
    _rows: list[dict[str, Any]] | None
    _size: int

    def __init__(
        self,
        cols: Sequence[Col],
        columns: Sequence[Any],
        meta: Mapping[str, Any] | None = None,
        size: int | None = None,
    ) -> None:
        data: list[AnyColumn | None] = [as_column(c) for c in columns]
        sizes = {len(c) for c in data if c is not None}
        if len(cols) != len(data) or len(sizes) > 1 or (size is not None and sizes - {size}):
            raise ValueError(f"grid: {len(cols)} columns, cells of length {sorted(sizes)}")
        _set_up(self, cols, data, no_nulls(meta), sizes.pop() if sizes else size or 0, None)

    # ---- making ----

    @staticmethod
    def from_rows(
        rows: Iterable[Mapping[str, Any] | None],
        meta: Mapping[str, Any] | None = None,
        cols: Sequence[Col | str] | None = None,
        *,
        clean: bool = False,
    ) -> Grid:
        """A grid of dicts, one row each; None is a row without cells.

        Columns stand in the order first seen, unless `cols` gives them; tags without a column are left out.
        Dicts that have their tags in that order are kept and must not be changed any more. `clean` says that
        all of them are plain dicts with their tags in the order of `cols`, without nulls.
        """
        kept: list[Any] = list(rows)
        names: dict[str, Any]
        if cols is None:
            names = dict.fromkeys(chain.from_iterable(filter(None, kept)))
            made_cols = [Col(name, None, i) for i, name in enumerate(names)]
        else:
            made_cols = [Col(c) if isinstance(c, str) else c for c in cols]
            names = dict.fromkeys(c.name() for c in made_cols)
        made = Grid.__new__(Grid)
        if clean or are_clean(kept, names):
            data: list[AnyColumn | None] = [None] * len(made_cols)
            _set_up(made, made_cols, data, no_nulls(meta), len(kept), kept)
        else:
            filled = [row or {} for row in kept]
            data = [[row.get(name) for row in filled] for name in names]
            _set_up(made, made_cols, data, no_nulls(meta), len(kept), None)
        return made

    @staticmethod
    def from_columns(
        cols: Sequence[Col | str],
        columns: Sequence[Any],
        meta: Mapping[str, Any] | None = None,
        size: int | None = None,
    ) -> Grid:
        """A grid of columns given by name or Col; raises as the constructor."""
        return Grid([Col(c) if isinstance(c, str) else c for c in cols], columns, meta, size)

    @staticmethod
    def empty_grid(meta: Mapping[str, Any] | None = None) -> Grid:
        """A grid without columns and rows."""
        return Grid([], [], meta)

    @staticmethod
    def from_dataframe(df: pd.DataFrame) -> Grid:
        """The grid of a pandas DataFrame."""
        from pylib import native

        made: Grid = native.grid_from_dataframe(df)
        return made

    @staticmethod
    def from_pandas(df: pd.DataFrame) -> Grid:
        """The grid of a pandas DataFrame."""
        return Grid.from_dataframe(df)

    # ---- asking (hxPy) ----

    def meta(self) -> dict[str, Any]:
        """The meta data of the grid; not to be changed."""
        return self._meta

    def cols(self) -> list[Col]:
        """The columns in order."""
        return list(self._cols)

    def col_names(self) -> list[str]:
        """The names of the columns in order; not to be changed."""
        return self._names

    @overload
    def col(self, name: str, checked: Literal[True] = True) -> Col: ...

    @overload
    def col(self, name: str, checked: bool) -> Col | None: ...

    def col(self, name: str, checked: bool = True) -> Col | None:
        """The column of a name.

        Raises:
            KeyError: there is none; with `checked` false the result is None then.
        """
        at = self._index.get(name)
        if at is not None:
            return self._cols[at]
        if checked:
            raise KeyError(f"unknown column: {name}")
        return None

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return name in self._index

    def is_empty(self) -> bool:
        """Whether there are no rows."""
        return self._size == 0

    def size(self) -> int:
        """The number of rows."""
        return self._size

    def rows(self) -> list[Row]:
        """All rows."""
        return [Row(self, i) for i in range(self._size)]

    def first(self) -> Row | None:
        """The first row, or None."""
        return Row(self, 0) if self._size else None

    def get(self, index: int) -> Row:
        """The row at a position.

        Raises:
            IndexError: outside the grid.
        """
        return Row(self, self._position(index))

    def val(self, row: int | Row, col: int) -> Any:
        """The cell of a row, given as such or by its position, at a column; None for null."""
        if isinstance(row, Row):
            return row.val(col)
        cells = self._data[col]
        if cells is None:
            return self._all_rows()[row].get(self._names[col])
        return cells[row] if type(cells) is list else cells.item(row)  # type: ignore[union-attr]

    # ---- rows as plain dicts ----

    def dicts(self) -> list[dict[str, Any]]:
        """All rows as dicts without null cells, made once; neither list nor dicts are to be changed."""
        return self._all_rows()

    def iter_dicts(self) -> Iterator[dict[str, Any]]:
        """The rows one by one as dicts without null cells; a grid that has no rows yet does not keep them."""
        rows = self._known_rows()
        if rows is not None:
            return iter(rows)
        return make_rows(self._names, [self.column(i) for i in range(len(self._names))], self._size)

    def row_dict(self, index: int) -> dict[str, Any]:
        """The row at a position as a dict without null cells; not to be changed.

        Raises:
            IndexError: outside the grid.
        """
        at = self._position(index)
        rows = self._known_rows()
        if rows is not None:
            return rows[at]
        out = {}
        for i, name in enumerate(self._names):
            cell = self.val(at, i)
            if cell is not None:
                out[name] = cell
        return out

    def _all_rows(self) -> list[dict[str, Any]]:
        if self._rows is None:
            self._rows = list_rows(self.iter_dicts(), self._size)
        return self._rows

    def _known_rows(self) -> list[dict[str, Any]] | None:
        """The rows where they are there, or quickly made; else None."""
        later = self._later
        if later is not None:
            self._rows = later()
            self._later = None
        return self._rows

    def _position(self, index: int) -> int:
        if not -self._size <= index < self._size:
            raise IndexError(f"row {index} of {self._size}")
        return index + self._size if index < 0 else index

    # ---- columns ----

    def column(self, which: str | int | Col) -> list[Any]:
        """The cells of a column by name, position or Col, None for null; not to be changed.

        Raises:
            KeyError: no such column.
        """
        cells = self._cells(self._at(which))
        return cells if type(cells) is list else cells.tolist()  # type: ignore[union-attr]

    def buffer(self, which: str | int | Col) -> AnyColumn:
        """The column as it is kept: a list or an object of `pylib.columns`; raises as `column`."""
        return self._cells(self._at(which))

    def array(self, which: str | int | Col) -> np.ndarray[Any, Any] | None:
        """The numpy array of a column that is kept as one, else None; raises as `column`."""
        cells = self._cells(self._at(which))
        return None if type(cells) is list else cells.array  # type: ignore[union-attr]

    def _at(self, which: str | int | Col) -> int:
        if isinstance(which, int):
            return which
        name = which if isinstance(which, str) else which.name()
        at = self._index.get(name)
        if at is None:
            raise KeyError(f"unknown column: {name}")
        return at

    def _cells(self, at: int) -> AnyColumn:
        cells = self._data[at]
        if cells is None:
            name = self._names[at]
            cells = self._data[at] = [row.get(name) for row in self._all_rows()]
        return cells

    def _all_cells(self) -> list[AnyColumn]:
        return [self._cells(i) for i in range(len(self._data))]

    # ---- changing ----

    def take(self, indexes: Sequence[int]) -> Grid:
        """The rows at these positions, in that order."""
        rows = self._known_rows()
        taken = None if rows is None else [rows[i] for i in indexes]
        data: list[AnyColumn | None] = []
        for cells in self._data:
            if cells is not None and type(cells) is not list:
                data.append(cells.take(indexes))  # type: ignore[union-attr]
            elif taken is not None or cells is None:
                data.append(None)
            else:
                data.append([cells[i] for i in indexes])
        return self._with(data=data, rows=taken, size=len(indexes))

    def holds_rows(self) -> bool:
        """Whether the rows are there as dicts and no column is kept in an array."""
        made = all(cells is None or type(cells) is list for cells in self._data)
        return made and self._known_rows() is not None

    def pick(self, rows: list[dict[str, Any]]) -> Grid:
        """The grid of some of its own rows, dicts of `iter_dicts`; for one that `holds_rows`."""
        return self._with(data=[None] * len(self._data), rows=rows, size=len(rows))

    def slice(self, start: int, stop: int) -> Grid:
        """The rows from position `start` up to `stop`, as Python counts."""
        start, stop, _ = slice(start, stop).indices(self._size)
        stop = max(start, stop)
        if stop - start == self._size:
            return self
        rows = self._known_rows()
        data = [
            None if c is None else c[start:stop] if type(c) is list else c.slice(start, stop)  # type: ignore[union-attr]
            for c in self._data
        ]
        return self._with(data=data, rows=None if rows is None else rows[start:stop], size=stop - start)

    def keep(self, names: Iterable[str]) -> Grid:
        """Just these columns, in the order given; unknown names are left out."""
        at = [self._index[name] for name in dict.fromkeys(names) if name in self._index]
        if at == list(range(len(self._names))):
            return self
        cols = [self._cols[i] for i in at]
        return self._with(cols=cols, data=[self._cells(i) for i in at], rows=None)

    def drop(self, names: Iterable[str]) -> Grid:
        """Without these columns; unknown names do not matter."""
        gone = set(names)
        return self.keep([name for name in self._names if name not in gone])

    def rename(self, mapping: Mapping[str, str]) -> Grid:
        """With columns renamed from key to value; unknown keys do not matter.

        Raises:
            ValueError: two columns would have one name.
        """
        cols = [Col(mapping.get(c.name(), c.name()), c.meta(), c.index()) for c in self._cols]
        return self._with(cols=cols, data=list(self._all_cells()), rows=None)

    def add_col(self, name: str, column: Any, meta: Mapping[str, Any] | None = None) -> Grid:
        """With one more column at the end.

        Raises:
            ValueError: the name is taken, or the column has another length.
        """
        rows = self._known_rows()
        if rows is None:
            return self.with_columns([*self._cols, Col(name, meta)], [*self._all_cells(), column])
        cells = as_column(column)
        if len(cells) != self._size:
            raise ValueError(f"grid: {len(cells)} cells for {self._size} rows")
        made = self._with(cols=[*self._cols, Col(name, meta)], data=[*self._data, cells], rows=None)
        made._later = lambda: widen(rows, name, made.column(name))
        return made

    def set_col(self, name: str, column: Any) -> Grid:
        """With other cells in a column; raises as `column` and `add_col`."""
        at = self._at(name)
        data = self._all_cells()
        return self.with_columns(self._cols, [*data[:at], column, *data[at + 1 :]])

    def with_columns(
        self, cols: Sequence[Col | str], columns: Sequence[Any], meta: Mapping[str, Any] | None = None
    ) -> Grid:
        """Other columns under the same meta data, or under `meta`; raises as the constructor."""
        size = None if cols else self._size
        return Grid.from_columns(cols, columns, self._meta if meta is None else meta, size)

    def with_meta(self, meta: Mapping[str, Any]) -> Grid:
        """With other meta data."""
        return self._with(meta=no_nulls(meta))

    def with_col_meta(self, name: str, meta: Mapping[str, Any]) -> Grid:
        """With other meta data of a column; an unknown column changes nothing."""
        at = self._index.get(name)
        if at is None:
            return self
        cols = list(self._cols)
        cols[at] = Col(name, meta, at)
        return self._with(cols=cols)

    def _with(
        self,
        *,
        cols: Sequence[Col] | None = None,
        data: list[AnyColumn | None] | None = None,
        meta: dict[str, Any] | None = None,
        rows: Any = ...,
        size: int | None = None,
    ) -> Grid:
        made = Grid.__new__(Grid)
        _set_up(
            made,
            self._cols if cols is None else cols,
            list(self._data) if data is None else data,
            self._meta if meta is None else meta,
            self._size if size is None else size,
            self._rows if rows is ... else rows,
        )
        if rows is ...:
            made._later = self._later
        return made

    # ---- as a Python object ----

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self.iter_dicts()

    def __getitem__(self, key: Any) -> Any:
        """A row by position, a grid by slice, the cells of a column by name."""
        if isinstance(key, str):
            return self.column(key)
        if isinstance(key, slice):
            start, stop, step = key.indices(self._size)
            return self.slice(start, stop) if step == 1 else self.take(range(start, stop, step))
        return self.row_dict(key)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Grid):
            return NotImplemented
        return (
            self._size == other._size
            and self._names == other._names
            and same(self._meta, other._meta)
            and all(same(a.meta(), b.meta()) for a, b in zip(self._cols, other._cols))
            and all(same(self.column(i), other.column(i)) for i in range(len(self._names)))
        )

    def __hash__(self) -> int:
        return hash((self._size, *self._names))

    def __repr__(self) -> str:
        return f"<Grid {', '.join(self._names)} · {self._size} row{'' if self._size == 1 else 's'}>"

    def __reduce__(self) -> Any:
        return (Grid, (list(self._cols), self._all_cells(), self._meta, self._size))

    def _repr_html_(self) -> str:
        from pylib.tables import html_table

        return html_table(self)

    def to_numpy(self) -> np.ndarray[Any, Any]:
        """The cells in two dimensions: float64 where all are numbers (null is NaN), else objects."""
        from pylib.tables import numpy_table

        return numpy_table(self)

    def to_dataframe(self, index: str | None = None) -> pd.DataFrame:
        """A pandas DataFrame; `index` names the column that becomes its index."""
        from pylib import native

        return native.grid_to_dataframe(self, index)

    def to_pandas(self, index: str | None = None) -> pd.DataFrame:
        """A pandas DataFrame; `index` names the column that becomes its index."""
        return self.to_dataframe(index)

    def to_arrow(self) -> pa.Table:
        """A pyarrow Table."""
        from pylib import native

        return native.grid_to_arrow(self)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The grid for any library that takes Arrow data: `pyarrow.table(grid)`, `polars.DataFrame(grid)`."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> Any:
        """The columns and their types, as Arrow has them."""
        return self.to_arrow().schema.__arrow_c_schema__()

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> Any:
        """The grid by the data frame interchange protocol."""
        return self.to_arrow().__dataframe__(nan_as_null=nan_as_null, allow_copy=allow_copy)

    def to_polars(self) -> pl.DataFrame:
        """A polars DataFrame."""
        from pylib import native

        made: pl.DataFrame = native.grid_to_polars(self)
        return made

    def to_hszinc(self) -> Any:
        """The grid as a `hszinc.Grid`; on the host only, where axon is installed."""
        return _hszinc_bridge().to_hszinc(self)

    @staticmethod
    def from_hszinc(grid: Any) -> Grid:
        """The grid of a `hszinc.Grid`; on the host only, where axon is installed."""
        made: Grid = _hszinc_bridge().from_hszinc(grid)
        return made


def _hszinc_bridge() -> Any:
    """Found by name: this side of a session does without the host's packages."""
    from importlib import import_module

    return import_module("axon.formats.hszinc_bridge")


def _set_up(
    grid: Grid,
    cols: Sequence[Col],
    data: list[AnyColumn | None],
    meta: dict[str, Any],
    size: int,
    rows: list[dict[str, Any]] | None,
) -> None:
    """Fill the fields of a new grid, whose parts are checked but for the names."""
    grid._cols = tuple(col.at(i) for i, col in enumerate(cols))
    grid._names = [col._name for col in grid._cols]
    grid._index = {name: i for i, name in enumerate(grid._names)}
    if len(grid._index) < len(grid._names):
        twice = next(name for name in grid._names if grid._names.count(name) > 1)
        raise ValueError(f"grid: two columns are named {twice!r}")
    grid._data = data
    grid._meta = meta
    grid._size = size
    grid._rows = rows
    grid._later = None


class Matrix(Grid):
    """A grid over a 2-D float64 array: columns `v0`, `v1` … and rows are made when someone asks for them."""

    __slots__ = ("array2d",)
    array2d: np.ndarray[Any, Any]

    def __init__(self, array2d: Any, meta: Mapping[str, Any] | None = None) -> None:
        import numpy as np

        array = np.asarray(array2d, dtype=np.float64)
        if array.ndim != 2:
            raise ValueError(f"matrix: expected two dimensions, got {array.ndim}")
        self.array2d = array
        self._meta = no_nulls(meta)
        self._size = len(array)
        self._rows = None
        self._later = None

    def __getattr__(self, name: str) -> Any:
        """Make the columns when one of their fields is first needed; a matrix may be very wide."""
        if name not in ("_cols", "_data", "_index", "_names"):
            raise AttributeError(f"Matrix has no attribute {name!r}")
        width = self.array2d.shape[1]
        cols = [Col(f"v{i}", None, i) for i in range(width)]
        data: list[AnyColumn | None] = [ArrayColumn(self.array2d[:, i]) for i in range(width)]
        _set_up(self, cols, data, self._meta, self._size, None)
        return getattr(self, name)

    def with_meta(self, meta: Mapping[str, Any]) -> Matrix:
        """The same matrix with other meta data."""
        return Matrix(self.array2d, meta)

    def to_numpy(self) -> np.ndarray[Any, Any]:
        """The array itself; not to be changed."""
        return self.array2d

    def __repr__(self) -> str:
        return f"<Matrix {self.array2d.shape[0]} x {self.array2d.shape[1]}>"

    def __reduce__(self) -> Any:
        return (Matrix, (self.array2d, self._meta))
