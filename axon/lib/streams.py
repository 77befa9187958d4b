"""Library functions: where streams begin, how many items pass, and what they are collected into.

Other stages and terminal steps are the functions that go through lists as well: `map`, `flatMap`, `findAll`,
`filter`, the functions of meta and columns; `each`, `eachWhile`, `find`, `first`, `last`, `all`, `any`,
`reduce` and `fold`.
"""

from __future__ import annotations

from axon.errors import CastErr, Err
from axon.lib.registry import Num, Obj, Str, bad_arg, builtin
from axon.runtime.calls import Fn
from axon.streams import Stream, of_column, of_grid, of_list, of_range, stages, terminals
from axon.values.numbers import split, to_int
from axon.values.ranges import Range
from axon.values.show import kind_name, preview
from pylib.grid import Col, Grid


@builtin("stream")
def stream_(val: Obj) -> Stream:
    """A stream over the items of a list, the rows of a grid or the whole numbers of a range.

    Nothing is read before a terminal step pulls. A stream can be run more than once; each run reads anew.

    Raises:
        ArgErr: any other kind of value.

    Examples:
        [1, 2, 3, 4].stream.findAll(x => x.isEven).map(x => x * 10).collect    //=> [20, 40]
        (3..1).stream.collect                                //=> [3, 2, 1]
        [{a:1}, {a:2}].toGrid.stream.map(r => {b: r->a}).collect.colNames      //=> ["a", "b"]
        {a:1}.stream                                         //! ArgErr "stream: expected"
    """
    if type(val) is list:
        return of_list(val)
    if isinstance(val, Grid):
        return of_grid(val)
    if type(val) is Range:
        return of_range(val, "stream")
    raise bad_arg("stream", "expected List, Grid or range, got", val)


@builtin()
def stream_col(grid: Grid, col: Str | Col) -> Stream:
    """A stream over the cells of a column, nulls included.

    Raises:
        UnknownNameErr: no such column; when the stream runs.

    Examples:
        [{a:1}, {b:2}].toGrid.streamCol("a").collect         //=> [1, null]
        [{a:1}, {a:2}].toGrid.streamCol("a").fold(sum)       //=> 3
        [{a:1}].toGrid.streamCol("z").collect                //! UnknownNameErr "z"
    """
    return of_column(grid, col if isinstance(col, str) else col.name())


@builtin()
def limit(stream: Stream, limit: Num) -> Stream:
    """The stream of the first items only; none where the limit is zero or less.

    Nothing is pulled beyond the limit.

    Examples:
        (1..100).stream.limit(2).collect                     //=> [1, 2]
        [1, 2].stream.limit(-1).collect                      //=> []
        [1, 2].limit(1)                                      //! CastErr "limit"
    """
    return stream.then(stages.limiting(to_int(split(limit)[0])))


@builtin()
def skip(stream: Obj, count: Num) -> Obj:
    """The stream without its first items; what is given comes back where the count is zero or less.

    Raises:
        CastErr: not a stream, and the count is above zero.

    Examples:
        (1..100).stream.skip(98).collect                     //=> [99, 100]
        [1, 2].stream.skip(0).collect                        //=> [1, 2]
        [1, 2].skip(1)                                       //! CastErr "skip: expected Stream"
    """
    wanted = to_int(split(count)[0])
    if wanted <= 0:
        return stream
    if type(stream) is not Stream:
        raise CastErr(f"skip: expected Stream, got {kind_name(stream)} {preview(stream)}")
    return stream.then(stages.skipping(wanted))


@builtin()
def collect(stream: Stream, to: Fn | None = None) -> Obj:
    """Run a stream and return its items as a list or a grid.

    `to` is the function `toList` or `toGrid`; without it a grid is made where the source is a grid, or a
    stage concerns meta or columns. In a grid dicts are rows and other items become `{val:
    item}`; a source that is a grid gives its meta and its columns, used or not.

    Raises:
        Err: `to` is another function.

    Examples:
        [1, 2].stream.collect                                //=> [1, 2]
        [1, 2].stream.collect(toGrid).colToList("val")       //=> [1, 2]
        [{a:1, b:2}].stream.keepCols(["b"]).collect.colNames //=> ["b"]
        [1].stream.collect(abs)                              //! Err "collect: expected toList or toGrid"
    """
    if to is None:
        as_grid = stream.template is not None or bool(stream.shape)
    elif to.builtin is not None and to.name in ("toList", "toGrid"):
        as_grid = to.name == "toGrid"
    else:
        raise Err(f"collect: expected toList or toGrid, got function {to.name}")
    return terminals.collect_grid(stream) if as_grid else terminals.collect_list(stream)
