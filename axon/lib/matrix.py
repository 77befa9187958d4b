"""The math library: matrices.

A matrix is a grid of Numbers without units whose columns are v0, v1, …; inside it is one two-dimensional
numpy array, and rows are made only when they are asked for. numpy is imported when a matrix is first made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr, Err, NullErr
from axon.lib.registry import Dict, Num, Obj, builtin
from axon.values.numbers import NUMBER_TYPES, split, to_int
from pylib.columns import ArrayColumn
from pylib.grid import Grid, Matrix
from pylib.kinds import NA_VALUE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

#: The largest number of cells that `toMatrix` makes from a dict.
_MAX_CELLS = 500_000_000


@builtin(lib="hx.math")
def to_matrix(obj: Obj, opts: Dict = {}) -> Grid:  # noqa: B006 - values are never changed
    """Make a matrix: a grid of Numbers without units with columns v0, v1 and so on.

    From a grid: its cells by row and column, without units, with its meta. Option `nullVal` stands for null
    cells, `naVal` for NA. From a dict `{rows, cols, init}`: that many cells filled with `init`. A matrix
    comes back as it is.

    Raises:
        Err: a cell is no Number, or a value that no matrix can be made of.
        ArgErr: no rows or no columns; a tag of the dict is missing.

    Examples:
        [{a:1kW, b:2}, {a:3, b:4}].toGrid.toMatrix.first->v1      //=> 2
        toMatrix({rows:2, cols:3, init:7}).size                   //=> 2
        [{a:1}, {b:2}].toGrid.toMatrix({nullVal:0}).last->v0      //=> 0
        [{a:1}, {b:2}].toGrid.toMatrix                            //! Err "not a number"
        toMatrix({rows:2})                                        //! ArgErr "cols"
    """
    if isinstance(obj, Matrix):
        return obj
    if isinstance(obj, Grid):
        return _matrix(_from_grid(obj, opts), obj.meta())
    if type(obj) is dict:
        return _matrix(_filled(obj), None)
    from axon.values.show import kind_name

    if obj is None:
        raise NullErr("toMatrix: obj may not be null")
    raise Err(f"toMatrix: unsupported type {kind_name(obj)}")


def _matrix(array: Array, meta: dict[str, Any] | None) -> Matrix:
    return Matrix(array, meta)


def _filled(spec: dict[str, Any]) -> Array:
    import numpy as np

    for name in ("rows", "cols", "init"):
        if type(spec.get(name)) not in NUMBER_TYPES:
            raise ArgErr(f"toMatrix: expected Number for {name}")
    rows, cols = (to_int(split(spec[name])[0]) for name in ("rows", "cols"))
    if rows < 1 or cols < 1:
        raise ArgErr(f"toMatrix: no cells in {rows} x {cols}")
    if rows * cols > _MAX_CELLS:
        raise ArgErr(f"toMatrix: too many cells: {rows} x {cols}")
    return np.full((rows, cols), float(split(spec["init"])[0]))


def _from_grid(grid: Grid, opts: dict[str, Any]) -> Array:
    """The cells of a grid; columns that are kept as buffers are copied as they are."""
    import numpy as np

    names = grid.col_names()
    if not len(grid) or not names:
        raise ArgErr(f"toMatrix: no cells in a grid of {len(grid)} rows and {len(names)} columns")
    out = np.empty((len(grid), len(names)))
    for c, name in enumerate(names):
        cells = grid.buffer(name)
        if isinstance(cells, ArrayColumn) and cells.valid is None and cells.data.dtype.kind in "iuf":
            out[:, c] = cells.data
        else:
            out[:, c] = _cells(name, grid.column(name), opts)
    return out


def _cells(name: str, column: list[Any], opts: dict[str, Any]) -> list[float]:
    nulls, nas = (_option(opts, key) for key in ("nullVal", "naVal"))
    out: list[float] = []
    for r, cell in enumerate(column):
        if type(cell) in NUMBER_TYPES:
            out.append(split(cell)[0])
            continue
        default = nulls if cell is None else nas if cell is NA_VALUE else None
        if default is None:
            from axon.values.show import preview

            raise Err(f"toMatrix: Grid cell ({r}, {name}) not a number: {preview(cell)}")
        out.append(default)
    return out


def _option(opts: dict[str, Any], name: str) -> float | None:
    val = opts.get(name)
    if val is None:
        return None
    if type(val) not in NUMBER_TYPES:
        raise ArgErr(f"toMatrix: expected Number for option {name}")
    return split(val)[0]


# -- operations ------------------------------------------------------------------------------------------


def _operand(obj: object) -> Matrix:
    m = to_matrix(obj, {})
    assert isinstance(m, Matrix)
    return m


def _square(name: str, obj: object) -> Matrix:
    m = _operand(obj)
    rows, cols = m.array2d.shape
    if rows != cols:
        raise ArgErr(f"{name}: Matrix is not square: {rows} x {cols}")
    return m


def _alike(name: str, a: object, b: object) -> tuple[Matrix, Matrix]:
    x, y = _operand(a), _operand(b)
    if x.array2d.shape != y.array2d.shape:
        raise ArgErr(f"{name}: Matrix dimensions not equal: {_size(x)} != {_size(y)}")
    return x, y


def _size(m: Matrix) -> str:
    return "{} x {}".format(*m.array2d.shape)


@builtin(lib="hx.math")
def matrix_transpose(m: Obj) -> Grid:
    """The matrix with rows and columns exchanged; its meta is kept.

    Takes whatever `toMatrix` takes, as all matrix functions do.

    Raises:
        ArgErr, Err: as `toMatrix`.

    Examples:
        [{a:1, b:2}].toGrid.matrixTranspose.size        //=> 2
        [{a:1, b:2}].toGrid.matrixTranspose.last->v0    //=> 2
    """
    x = _operand(m)
    return _matrix(x.array2d.T, x.meta())


@builtin(lib="hx.math")
def matrix_determinant(m: Obj) -> Num:
    """The determinant of a square matrix.

    Raises:
        ArgErr: not square.

    Examples:
        [{a:1, b:2}, {a:3, b:4}].toGrid.matrixDeterminant     //=> -2
        [{a:1, b:2}].toGrid.matrixDeterminant                 //! ArgErr "not square"
    """
    return _determinant(_square("matrixDeterminant", m).array2d)


def _determinant(a: Array) -> float:
    import numpy as np

    if len(a) > 3:
        return float(np.linalg.det(a))
    if len(a) == 1:
        return float(a[0, 0])
    return float(a[0] @ _cofactors(a)[0])


def _cofactors(a: Array) -> Array:
    """The cofactors of a 2 x 2 or 3 x 3 matrix; exact for whole numbers, which elimination is not."""
    import numpy as np

    if len(a) == 2:
        return np.array([[a[1, 1], -a[1, 0]], [-a[0, 1], a[0, 0]]])
    return np.array([_cross(a[1], a[2]), _cross(a[2], a[0]), _cross(a[0], a[1])])


def _cross(u: Array, v: Array) -> list[float]:
    return [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]


@builtin(lib="hx.math")
def matrix_inverse(m: Obj) -> Grid:
    """The inverse of a square matrix; its meta is kept.

    Raises:
        ArgErr: not square.
        Err: the determinant is zero.

    Examples:
        [{a:4, b:0}, {a:0, b:2}].toGrid.matrixInverse.first->v0   //=> 0.25
        [{a:4}].toGrid.matrixInverse.first->v0                    //=> 0.25
        [{a:1, b:2}, {a:2, b:4}].toGrid.matrixInverse             //! Err "Determinant is zero"
    """
    x = _square("matrixInverse", m)
    return _matrix(_inverse(x.array2d), x.meta())


def _inverse(a: Array) -> Array:
    import numpy as np

    if len(a) <= 3:
        det = _determinant(a)
        if det != 0:
            return (_cofactors(a).T if len(a) > 1 else np.ones((1, 1))) / det
    else:
        try:
            return np.asarray(np.linalg.inv(a), np.float64)
        except np.linalg.LinAlgError:
            pass
    raise Err("matrixInverse: Determinant is zero, the matrix is not invertible")


@builtin(lib="hx.math")
def matrix_add(a: Obj, b: Obj) -> Grid:
    """Add two matrices cell by cell; the meta is that of `a`.

    Raises:
        ArgErr: the dimensions differ.

    Examples:
        matrixAdd([{a:1}].toGrid, [{a:2}].toGrid).first->v0       //=> 3
        matrixAdd([{a:1}].toGrid, [{a:2, b:1}].toGrid)            //! ArgErr "1 x 1 != 1 x 2"
    """
    x, y = _alike("matrixAdd", a, b)
    return _matrix(x.array2d + y.array2d, x.meta())


@builtin(lib="hx.math")
def matrix_sub(a: Obj, b: Obj) -> Grid:
    """Subtract matrix `b` from `a` cell by cell; the meta is that of `a`.

    Raises:
        ArgErr: the dimensions differ.

    Examples:
        matrixSub({rows:1, cols:2, init:5}, [{a:1, b:2}].toGrid).first->v1    //=> 3
    """
    x, y = _alike("matrixSub", a, b)
    return _matrix(x.array2d - y.array2d, x.meta())


@builtin(lib="hx.math")
def matrix_mult(a: Obj, b: Obj) -> Grid:
    """Multiply two matrices; the meta is that of `a`.

    Raises:
        ArgErr: `a` has not as many columns as `b` has rows.

    Examples:
        matrixMult([{a:1, b:2}].toGrid, [{a:3}, {a:4}].toGrid).first->v0      //=> 11
        matrixMult([{a:1, b:2}].toGrid, [{a:3}].toGrid)                       //! ArgErr "2 != 1"
    """
    x, y = _operand(a), _operand(b)
    cols, rows = x.array2d.shape[1], y.array2d.shape[0]
    if cols != rows:
        raise ArgErr(f"matrixMult: Matrix cols don't match rows: {cols} != {rows}")
    return _matrix(x.array2d @ y.array2d, x.meta())


@builtin(lib="hx.math")
def matrix_fit_linear_regression(y: Obj, x: Obj) -> Grid:
    """Fit `y` as a linear function of the columns of `x`, by least squares.

    `y` has one column, `x` one per independent variable. The result has one column `b` with a coefficient per
    column of `x`; its meta holds `bias` (intercept), `r2` (coefficient of determination) and its root `r`,
    `ymean` and `rowCount`.

    Raises:
        Err: the rows differ in number, or `x` has more columns than rows.

    Examples:
        matrixFitLinearRegression([{y:3}, {y:5}].toGrid, [{x:1}, {x:2}].toGrid).meta->ymean     //=> 4
        matrixFitLinearRegression([{y:3}].toGrid, [{x:1, z:2}].toGrid)    //! Err "cannot be more"
    """
    xs, ys = _operand(x).array2d, _operand(y).array2d
    if len(xs) != len(ys):
        raise Err("matrixFitLinearRegression: The number of rows in X matrix should be that of the Y matrix")
    if xs.shape[1] > len(xs):
        raise Err("matrixFitLinearRegression: The number of columns in X matrix cannot be more than of rows")
    if ys.shape[1] != 1:
        raise Err(f"matrixFitLinearRegression: expected one column in the Y matrix, got {ys.shape[1]}")
    coefficients, bias, r2 = _least_squares(xs, ys[:, 0])
    meta = {"bias": bias, "r2": r2, "r": r2**0.5 if r2 >= 0 else float("nan")}
    meta |= {"ymean": float(ys.mean()), "rowCount": len(ys)}
    return Grid.from_columns(["b"], [coefficients.tolist()], meta)


def _least_squares(x: Array, y: Array) -> tuple[Array, float, float]:
    """Coefficients, intercept and coefficient of determination."""
    import numpy as np

    xmean, ymean = x.mean(axis=0), y.mean()
    b = np.linalg.lstsq(x - xmean, y - ymean, rcond=None)[0]
    bias = float(ymean - xmean @ b)
    total = float(((y - ymean) ** 2).sum())
    rest = float(((y - x @ b - bias) ** 2).sum())
    return b, bias, 1 - rest / total if total else float("nan")
