"""The builder of grids that hxPy offers: columns first, then one row after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pylib.rows import Col

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import pandas as pd

    from pylib.grid import Grid

__all__ = ["GridBuilder"]


class GridBuilder:
    """Puts a grid together: columns first, then rows of cells."""

    def __init__(self) -> None:
        self._meta: dict[str, Any] = {}
        self._cols: list[Col] = []
        self._cells: list[list[Any]] = []
        self._size = 0

    def set_meta(self, meta: Mapping[str, Any]) -> GridBuilder:
        """Set the meta data of the grid."""
        self._meta = dict(meta)
        return self

    def add_col(self, name: str, meta: Mapping[str, Any] | None = None) -> GridBuilder:
        """Add a column; rows that are already there get null.

        Raises:
            ValueError: the name is taken.
        """
        if any(c.name() == name for c in self._cols):
            raise ValueError(f"grid: two columns are named {name!r}")
        self._cols.append(Col(name, meta, len(self._cols)))
        self._cells.append([None] * self._size)
        return self

    def add_col_names(self, names: Iterable[str]) -> GridBuilder:
        """Add columns without meta data."""
        for name in names:
            self.add_col(name)
        return self

    def set_col_meta(self, name: str, meta: Mapping[str, Any]) -> GridBuilder:
        """Set the meta data of a column.

        Raises:
            KeyError: there is no such column.
        """
        for i, col in enumerate(self._cols):
            if col.name() == name:
                self._cols[i] = Col(name, meta, i)
                return self
        raise KeyError(f"unknown column: {name}")

    def add_row(self, cells: Sequence[Any] | Mapping[str, Any]) -> GridBuilder:
        """Add a row: one cell for each column, None for null; or a dict.

        Raises:
            ValueError: too many or too few cells.
        """
        if isinstance(cells, Mapping):
            cells = [cells.get(c.name()) for c in self._cols]
        if len(cells) != len(self._cols):
            raise ValueError(f"grid: {len(cells)} cells for {len(self._cols)} columns")
        for column, cell in zip(self._cells, cells):
            column.append(cell)
        self._size += 1
        return self

    def to_grid(self) -> Grid:
        """The grid; what is added to the builder later does not change it."""
        from pylib.grid import Grid

        return Grid(self._cols, [list(cells) for cells in self._cells], self._meta, self._size)

    @staticmethod
    def from_dataframe(df: pd.DataFrame) -> GridBuilder:
        """A builder that holds the columns and rows of a pandas DataFrame."""
        from pylib.grid import Grid

        grid = Grid.from_dataframe(df)
        made = GridBuilder().set_meta(grid.meta())
        made._cols = grid.cols()
        made._cells = [list(grid.column(i)) for i in range(len(made._cols))]
        made._size = grid.size()
        return made
