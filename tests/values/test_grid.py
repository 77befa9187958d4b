from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axon.values.order import equals
from pylib.columns import ArrayColumn, as_column
from pylib.grid import Col, Grid, GridBuilder, Matrix, Row
from pylib.kinds import MARKER, NA_VALUE, Coord, Number, Ref, Symbol, Uri, XStr
from tests.values.strategies import grids, haystack_scalars, names

np = pytest.importorskip("numpy")


def make() -> Grid:
    return Grid([Col("a", {"m": 1}), Col("b")], [[1, None, 3], ["x", "y", None]], {"g": MARKER})


def kw(*vals: float) -> ArrayColumn:
    return ArrayColumn(np.array(vals), "kW")


# ---- making ----


def test_rows_make_columns_in_the_order_first_seen():
    grid = Grid.from_rows([{"b": 1}, None, {"a": 2, "b": None}, {}])
    assert grid.col_names() == ["b", "a"]
    assert grid.column("a") == [None, None, 2, None]
    assert grid.dicts() == [{"b": 1}, {}, {"a": 2}, {}]


def test_given_columns_set_order_and_selection():
    grid = Grid.from_rows([{"b": 1, "a": 2, "c": 3}], cols=[Col("a", {"m": 1}), "b", "z"])
    assert list(grid.dicts()[0].items()) == [("a", 2), ("b", 1)]
    assert grid.column("z") == [None]
    assert grid.cols()[0].meta() == {"m": 1}


def test_clean_rows_are_kept_and_not_copied():
    row = {"a": 1, "b": 2}
    grid = Grid.from_rows([row])
    assert grid.row_dict(0) is row
    assert grid.take([0, 0]).row_dict(1) is row


def test_rows_of_a_subclass_become_plain_dicts():
    grid = Grid.from_rows(make().rows())
    assert {type(row) for row in grid.dicts()} == {dict}
    assert grid.dicts() == make().dicts()


@pytest.mark.parametrize(
    ("cols", "columns", "size"),
    [(["a", "a"], [[1], [2]], None), (["a", "b"], [[1], [1, 2]], None), (["a"], [], None), (["a"], [[1]], 2)],
)
def test_columns_that_do_not_fit_are_refused(cols, columns, size):
    with pytest.raises(ValueError, match="grid"):
        Grid.from_columns(cols, columns, None, size)


def test_a_grid_without_columns_may_have_rows():
    grid = Grid.from_columns([], [], None, 3)
    assert (len(grid), grid.dicts()) == (3, [{}, {}, {}])
    assert len(grid.take([0, 1])) == 2
    assert len(Grid.from_rows([{}, {}])) == 2
    assert len(Grid.empty_grid({"x": 1})) == 0


def test_null_meta_is_left_out():
    assert Grid.empty_grid({"x": None, "y": 1}).meta() == {"y": 1}
    assert Col("a", {"x": None}).meta() == {}


# ---- the interface of hxPy ----


def test_asking_as_in_hxpy():
    grid = make()
    assert grid.meta() == {"g": MARKER}
    assert [c.name() for c in grid.cols()] == grid.col_names() == ["a", "b"]
    assert [c.index() for c in grid.cols()] == [0, 1]
    assert grid.col("a").meta() == {"m": 1}
    assert grid.col("z", False) is None
    with pytest.raises(KeyError, match="unknown column: z"):
        grid.col("z")
    assert (grid.has("a"), grid.has("z")) == (True, False)
    assert (grid.is_empty(), grid.size(), Grid.empty_grid().is_empty()) == (False, 3, True)
    assert grid.val(0, 1) == "x"
    assert grid.val(grid.get(0), 1) == "x"
    assert Grid.from_rows([{"a": 1}]).val(0, 0) == 1
    assert Grid.empty_grid().first() is None


def test_a_row_knows_its_grid():
    grid = make()
    row = grid.get(-2)
    assert (row, row.index(), row.cells()) == ({"b": "y"}, 1, [None, "y"])
    assert row.grid() is grid
    assert [row.val("a"), row.val(1), row.val(grid.cols()[1])] == [None, "y", "y"]
    assert [type(r) for r in grid.rows()] == [Row] * 3
    assert grid.first() == {"a": 1, "b": "x"}
    with pytest.raises(IndexError):
        grid.get(3)


def test_a_builder_makes_a_grid_and_lets_go_of_it():
    builder = GridBuilder().set_meta({"x": 1}).add_col("a").add_row([1]).add_col_names(["b", "c"])
    builder.set_col_meta("b", {"m": 1}).add_row([2, "y", None]).add_row({"c": 3})
    grid = builder.to_grid()
    builder.add_row([9, 9, 9])
    assert grid.dicts() == [{"a": 1}, {"a": 2, "b": "y"}, {"c": 3}]
    assert (grid.meta(), grid.col("b").meta()) == ({"x": 1}, {"m": 1})
    with pytest.raises(ValueError, match="2 cells for 3 columns"):
        builder.add_row([1, 2])
    with pytest.raises(ValueError, match="two columns"):
        builder.add_col("a")
    with pytest.raises(KeyError):
        builder.set_col_meta("z", {})


# ---- changing ----


def test_changes_share_what_stays():
    grid = make()
    a = grid.column("a")
    changed = [
        grid.add_col("c", [1, 2, 3]),
        grid.with_meta({}),
        grid.with_col_meta("b", {"x": 1}),
        grid.rename({"b": "c"}),
        grid.keep(["a"]),
        grid.drop(["b"]),
        grid.set_col("b", [1, 2, 3]),
    ]
    assert all(g.column("a") is a for g in changed)
    assert grid.dicts() == make().dicts()


def test_each_change():
    grid = make()
    wide = grid.add_col("c", [7, None, 9], {"u": 1})
    assert wide.dicts() == [{"a": 1, "b": "x", "c": 7}, {"b": "y"}, {"a": 3, "c": 9}]
    assert wide.col("c").index() == 2
    assert grid.keep(["b", "z", "a"]).col_names() == ["b", "a"]
    assert grid.keep(["b", "a"]).dicts()[0] == {"b": "x", "a": 1}
    assert grid.keep(["a", "b"]) is grid
    assert grid.drop(["a", "z"]).dicts() == [{"b": "x"}, {"b": "y"}, {}]
    assert grid.rename({"a": "z", "q": "r"}).dicts()[0] == {"z": 1, "b": "x"}
    assert grid.rename({"a": "z"}).col("z").meta() == {"m": 1}
    assert grid.with_col_meta("z", {}) is grid
    assert grid.with_columns(["z"], [[1]]).meta() == {"g": MARKER}
    assert grid.set_col("a", [7, 8, 9]).dicts()[1] == {"a": 8, "b": "y"}
    with pytest.raises(ValueError, match="two columns"):
        grid.add_col("a", [1, 2, 3])
    with pytest.raises(ValueError, match="two columns"):
        grid.rename({"a": "b"})
    with pytest.raises(KeyError):
        grid.set_col("z", [1, 2, 3])


@pytest.mark.parametrize("rows_first", [True, False])
def test_a_column_added_to_rows_shows_in_the_rows(rows_first):
    grid = Grid.from_rows([{"a": 1}, {"a": 2}])
    wide = grid.add_col("b", [None, 5]).add_col("c", kw(1.5, 2.5))
    if rows_first:
        assert wide.dicts() == [{"a": 1, "c": Number(1.5, "kW")}, {"a": 2, "b": 5, "c": Number(2.5, "kW")}]
    assert wide.with_meta({"x": 1}).take([1]).dicts() == [{"a": 2, "b": 5, "c": Number(2.5, "kW")}]
    assert wide.slice(1, 2).column("b") == [5]
    assert grid.dicts() == [{"a": 1}, {"a": 2}]
    with pytest.raises(ValueError, match="1 cells for 2 rows"):
        grid.add_col("b", [1])


@given(grids(), st.data())
def test_take_and_slice_pick_rows(grid, data):
    if data.draw(st.booleans()):
        grid = Grid.from_rows(grid.dicts(), grid.meta(), grid.cols())
    at = data.draw(st.lists(st.integers(0, max(len(grid) - 1, 0)), max_size=5)) if len(grid) else []
    assert equals(grid.take(at).dicts(), [grid.row_dict(i) for i in at])
    start, stop = data.draw(st.integers(-1, 6)), data.draw(st.integers(-1, 6))
    assert equals(grid.slice(start, stop).dicts(), grid.dicts()[start:stop])
    assert grid.slice(start, stop).meta() == grid.meta()


@given(grids())
def test_rows_and_columns_say_the_same(grid):
    again = Grid.from_rows(grid.dicts(), grid.meta(), grid.cols())
    assert equals(again, grid)
    columns = [grid.column(i) for i in range(len(grid.cols()))]
    assert equals([again.column(n) for n in grid.col_names()], columns)
    assert equals(list(grid), grid.dicts())
    assert equals([grid.row_dict(i) for i in range(len(grid))], list(grid.iter_dicts()))


@given(st.lists(st.dictionaries(names, st.one_of(st.none(), haystack_scalars), max_size=4), max_size=6))
def test_any_rows_give_their_cells(rows):
    grid = Grid.from_rows(rows)
    assert equals(grid.dicts(), [{k: v for k, v in r.items() if v is not None} for r in rows])
    order = grid.col_names()
    assert all(list(r) == [n for n in order if n in r] for r in grid.dicts())


# ---- buffers ----


def test_a_numeric_array_is_kept_and_read_with_its_unit():
    grid = Grid.from_columns(["a", "b"], [kw(1, 2), np.array([1, 2])])
    assert grid.column("a") == [Number(1.0, "kW"), Number(2.0, "kW")]
    assert grid.dicts()[1] == {"a": Number(2.0, "kW"), "b": 2}
    assert grid.row_dict(0) == {"a": Number(1.0, "kW"), "b": 1}
    assert type(grid.val(0, 1)) is int
    assert grid.array("a").tolist() == [1.0, 2.0]  # type: ignore[union-attr]
    assert grid.array("b").dtype.kind == "i"  # type: ignore[union-attr]
    assert Grid.from_rows([{"a": 1}]).array("a") is None
    assert grid.slice(1, 2).array("a").base is not None  # type: ignore[union-attr]
    assert grid.take([1, 0]).column("a") == [Number(2.0, "kW"), Number(1.0, "kW")]


def test_a_mask_makes_nulls():
    column = ArrayColumn(np.array([True, False]), None, np.array([False, True]))
    grid = Grid.from_columns(["a"], [column])
    assert grid.column("a") == [None, False]
    assert grid.dicts() == [{}, {"a": False}]
    assert (column.item(0), column.item(1), list(column)) == (None, False, [None, False])
    assert column.take([1]).tolist() == [False]
    assert column.slice(0, 1).tolist() == [None]


def test_what_is_no_column_of_numbers_is_refused_or_listed():
    with pytest.raises(TypeError):
        ArrayColumn(np.array(["a"]))
    with pytest.raises(ValueError, match="mask"):
        ArrayColumn(np.array([1]), None, np.array([True, False]))
    assert as_column(np.array(["a", "b"])) == ["a", "b"]
    assert as_column((1, 2)) == [1, 2]
    assert as_column(range(2)) == [0, 1]


def test_a_matrix_is_its_array():
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    matrix = Matrix(array, {"x": 1})
    assert matrix.array2d is array
    assert matrix.to_numpy() is array
    assert matrix.col_names() == ["v0", "v1"]
    assert matrix.dicts() == [{"v0": 1.0, "v1": 2.0}, {"v0": 3.0, "v1": 4.0}]
    assert type(matrix.with_meta({"y": 1})) is Matrix
    assert type(matrix.keep(["v1"])) is Grid
    assert repr(matrix) == "<Matrix 2 x 2>"
    with pytest.raises(ValueError, match="two dimensions"):
        Matrix([1, 2])


# ---- as a Python object ----


def test_python_protocols():
    grid = make()
    assert len(grid) == 3
    assert grid["a"] == [1, None, 3]
    assert grid[0] == {"a": 1, "b": "x"}
    assert grid[1:].dicts() == [{"b": "y"}, {"a": 3}]
    assert grid[::2].column("a") == [1, 3]
    assert grid[::-1].column("a") == [3, None, 1]
    assert repr(grid) == "<Grid a, b · 3 rows>"
    assert repr(grid[:1]) == "<Grid a, b · 1 row>"
    assert repr(grid.cols()[0]) == "Col('a')"


@pytest.mark.parametrize("grid", [make(), Matrix(np.eye(2)), Grid.from_columns(["a"], [kw(1, 2)])])
def test_pickling(grid):
    again = pickle.loads(pickle.dumps(grid))
    assert type(again) is type(grid)
    assert again == grid == copy.deepcopy(grid)
    assert equals(again, grid)
    assert pickle.loads(pickle.dumps(grid.first())) == grid.first()


NAN = float("nan")


@pytest.mark.parametrize(
    "make_cells",
    [
        lambda nan: [1, None, "x", NA_VALUE],
        lambda nan: [nan, None],
        lambda nan: [Number(nan, "kW"), [1, {"a": [nan]}], Grid.from_rows([{"a": nan}])],
        lambda nan: ArrayColumn(np.array([1.5, nan, 0.0]), "kW", np.array([True, True, False])),
    ],
)
def test_grids_of_the_same_content_are_equal(make_cells):
    one, other = (
        Grid.from_columns([Col("a", {"m": nan})], [make_cells(nan)], {"g": nan})
        for nan in (float("nan"), float("nan"))
    )
    assert one == other
    assert not one != other
    assert {one: 1}[other] == 1
    assert Grid.from_rows(one.dicts(), one.meta(), one.cols()) == other


@pytest.mark.parametrize(
    "other",
    [
        make().with_meta({}),
        make().with_col_meta("b", {"m": 1}),
        make().keep(["b", "a"]),
        make().rename({"b": "c"}),
        make().slice(0, 2),
        make().set_col("b", ["x", "y", "z"]),
        make().set_col("a", [1, NAN, 3]),
        make().dicts(),
        None,
    ],
)
def test_grids_that_differ_are_not_equal(other):
    assert make() != other
    assert not make() == other


def test_how_cells_are_kept_does_not_matter_to_equality():
    buffer = Grid.from_columns(["v0", "v1"], [np.array([1.0, 3.0]), np.array([2, NAN])])
    lists = Grid.from_rows([{"v0": 1, "v1": 2}, {"v0": 3, "v1": NAN}])
    matrix = Matrix([[1, 2], [3, NAN]])
    assert buffer == lists == matrix
    assert {buffer, lists, matrix} == {matrix}
    assert Grid.from_columns(["a"], [kw(1)]) != Grid.from_columns(["a"], [np.array([1.0])])


@given(grids())
def test_any_grid_is_equal_to_one_of_the_same_parts(grid):
    rows = [dict(row) for row in grid.iter_dicts()]
    assert Grid.from_rows(rows, dict(grid.meta()), grid.cols()) == grid
    assert grid.with_meta({**grid.meta(), "more": MARKER}) != grid


def test_cells_as_an_array():
    numbers = Grid.from_columns(["a", "b"], [kw(1, 2), [None, Number(3, "m")]])
    assert np.array_equal(numbers.to_numpy(), np.array([[1, np.nan], [2, 3]]), equal_nan=True)
    masked = Grid.from_columns(["a"], [ArrayColumn(np.array([1, 2]), None, np.array([True, False]))])
    assert np.array_equal(masked.to_numpy(), np.array([[1], [np.nan]]), equal_nan=True)
    mixed = make().to_numpy()
    assert (mixed.dtype, mixed.tolist()) == (object, [[1, "x"], [None, "y"], [3, None]])
    assert Grid.from_columns(["a"], [np.array([True])]).to_numpy().dtype == object


def test_html_is_escaped_and_cut():
    cells = [
        "<b>",
        MARKER,
        True,
        Number(1.5, "kW"),
        2.0,
        Ref("r", "Dis"),
        Uri("u"),
        Symbol("s"),
        XStr("T", "v"),
        None,
    ]
    html = Grid.from_columns([Col("a", {"dis": "Name & more"})], [[*cells, Coord(1, 2)]])._repr_html_()
    assert "<th>Name &amp; more</th>" in html
    for text in (
        "&lt;b&gt;",
        "✓",
        "true",
        "1.5kW",
        ">2<",
        "Dis",
        ">u<",
        ">s<",
        "T(v)",
        "<td></td>",
        "1.0, 2.0",
    ):
        assert text in html
    assert "11 rows × 1 columns<" in html
    assert "100 rows × 1 columns, 60 shown" in Grid.from_columns(["a"], [list(range(100))])._repr_html_()


def test_pick_keeps_columns_meta_and_the_very_rows() -> None:
    grid = Grid.from_rows([{"a": 1, "b": 2}, {"b": 3}, {"a": 4}], {"m": 1}, ["a", "b"])
    assert grid.holds_rows()
    rows = list(grid.iter_dicts())
    picked = grid.pick(rows[1:2])
    assert (picked.dicts(), picked.col_names(), picked.meta()) == ([{"b": 3}], ["a", "b"], {"m": 1})
    assert picked.column("a") == [None]
    assert not grid.pick([]).rows()


def test_a_grid_of_columns_holds_no_rows() -> None:
    assert not Grid.from_columns(["a"], [[1, 2]]).holds_rows()
