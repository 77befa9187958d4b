"""Library functions: looking for items with a predicate or a filter.

A predicate must return a Bool: null is a NullErr, anything else a CastErr. There is no truthiness.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from axon.errors import CastErr
from axon.lib.registry import Bool, FilterArg, Obj, bad_arg, builtin
from axon.runtime.callbacks import REFUSED, RowsOf, through
from axon.runtime.calls import Fn, FnParam
from axon.runtime.ops import want_bool
from axon.streams import Stream, stages, terminals
from axon.values.show import kind_name, preview
from pylib.grid import Grid

if TYPE_CHECKING:
    from axon.runtime.context import Context
    from axon.values.filter import Filter


@builtin()
def find(val: Obj, fn: Fn) -> Obj:
    """The first item, row or value for which a predicate is true, or null.

    For lists and streams, rows of grids and values of dicts; the callback is offered the same as by `each`.

    Raises:
        NullErr, CastErr: the predicate returned null, or something else than a Bool.
        ArgErr: any other kind of value.

    Examples:
        [4, 5, 6].find((v, i) => i == 2)                     //=> 6
        {a:1, b:2}.find((v, n) => n == "b")                  //=> 2
        [{a:1}, {a:2}].toGrid.find(r => r->a == 2)           //=> {a:2}
        [1].find(x => false)                                 //=> null
        [1].find(x => null)                                  //! NullErr
        [1].find(x => 5)                                     //! CastErr
        "abc".find(c => true)                                //! ArgErr "find: can't go through"
    """
    if type(val) is Stream:
        return terminals.find(val, fn.c1)
    at: Any = REFUSED if type(val) is str else through(val, fn, _find)
    if at is REFUSED:
        raise bad_arg("find", "can't go through", val)
    if at is None:
        return None
    if isinstance(val, Grid):
        return val.get(at)
    return val[at] if type(val) is list else [*val.values()][at]  # type: ignore[attr-defined]


def _find(items: Iterable[Any], second: Iterable[Any] | None, fn: Fn) -> int | None:
    """The position of the first item for which the predicate is true."""
    if second is None:
        f = fn.c1
        for i, item in enumerate(items):
            found = f(item)
            if found is True or (found is not False and want_bool(found, "find")):
                return i
    else:
        g = fn.c2
        for i, (item, other) in enumerate(zip(items, second, strict=False)):
            found = g(item, other)
            if found is True or (found is not False and want_bool(found, "find")):
                return i
    return None


@builtin()
def find_all(val: Obj, fn: Fn) -> Obj:
    """The items of a list or stream, rows of a grid or tags of a dict for which a predicate is true.

    A grid keeps its meta and all its columns, also when no row is left.

    Raises:
        NullErr, CastErr: the predicate returned null, or something else than a Bool.
        ArgErr: any other kind of value.

    Examples:
        [1, 2, 3, 4].findAll(x => x.isEven)                  //=> [2, 4]
        {a:1, b:2}.findAll((v, n) => n == "a")               //=> {a:1}
        [{a:1}].toGrid.findAll(r => false).colNames          //=> ["a"]
        [1].findAll(x => null)                               //! NullErr
        (1..6).findAll(x => true)                            //! ArgErr "findAll: can't go through"
    """
    if type(val) is list:
        return _kept(val, fn)
    if isinstance(val, dict):
        return _tags_kept(val, fn)
    if isinstance(val, Grid):
        with RowsOf(val, fn) as rows:
            return val.pick(_kept(rows, fn)) if val.holds_rows() else val.take(_places(rows, fn))
    if type(val) is Stream:
        return val.then(stages.finding_all(fn.c1))
    raise bad_arg("findAll", "can't go through", val)


def _kept(items: list[Any], fn: Fn) -> list[Any]:
    """The items for which the predicate is true; its result is checked at no cost where it is a Bool."""
    if fn.arity <= 1:
        f = fn.c1
        return [x for x in items if (yes := f(x)) is True or (yes is not False and _bool(yes))]
    g = fn.c2
    return [x for i, x in enumerate(items) if (yes := g(x, i)) is True or (yes is not False and _bool(yes))]


def _places(rows: list[Any], fn: Fn) -> list[int]:
    """The positions of the rows for which the predicate is true."""
    if fn.arity <= 1:
        f = fn.c1
        return [i for i, x in enumerate(rows) if (yes := f(x)) is True or (yes is not False and _bool(yes))]
    g = fn.c2
    return [i for i, x in enumerate(rows) if (yes := g(x, i)) is True or (yes is not False and _bool(yes))]


def _bool(val: object) -> bool:
    return want_bool(val, "findAll")


def _tags_kept(val: dict[str, Any], fn: Fn) -> dict[str, Any]:
    f = fn.c2
    out = {name: item for name, item in val.items() if _bool(f(item, name))}
    return val if len(out) == len(val) else out


@builtin("filter")
def filter_(cx: Context, val: Obj, filter: FilterArg) -> Obj:
    """The rows of a grid or the dicts of a list or stream that match a filter.

    The second argument is read as a filter, not evaluated: names are tags, `a->b` follows refs, and what
    stands to the right of an operator is a value. A comparison with a missing tag is false, `!=` as well.
    Null items are passed over.

    Raises:
        ArgErr: the value is neither grid, list of dicts nor stream.
        Err: a stream brings something that is no dict.
        EvalErr: the expression is not a filter.

    Examples:
        [{a:1}, {b:2}].filter(b)                                       //=> [{b:2}]
        [{a:1}, {a:5}].toGrid.filter(a > 2 and not b).colToList("a")   //=> [5]
        [{a:1}, {b:2}].filter(a != 5)                                  //=> [{a:1}]
        [{a:1kW}].filter(a == 1)                                       //=> []
        [5].filter(a) //! ArgErr "filter: expected Dict items"
        {a:1}.filter(a)                                                //! ArgErr "filter: can't go through"
    """
    wanted: Filter = filter  # type: ignore[assignment]
    if isinstance(val, Grid):
        return val.take(wanted.rows(val, cx.db_resolve))
    if type(val) is list:
        if set(map(type, val)) - {dict}:
            val = _dicts(val)
        return wanted.select(val, cx.db_resolve)
    if type(val) is Stream:
        test, resolve = wanted.compiled, cx.db_resolve
        return val.then(stages.filtering(lambda item: test(item, resolve)))
    raise bad_arg("filter", "can't go through", val)


def _dicts(items: list[Any]) -> list[dict[str, Any]]:
    """The items that are not null, which must be dicts."""
    kept = [item for item in items if item is not None]
    for item in kept:
        if not isinstance(item, dict):
            raise bad_arg("filter", "expected Dict items, got", item)
    return kept


@builtin()
def filter_to_func(cx: Context, filter: FilterArg) -> Fn:
    """A predicate, for `find` and `findAll`, that tells whether a dict matches a filter.

    The argument is read as a filter, not evaluated.

    Raises:
        EvalErr: the expression is not a filter.
        CastErr: when the predicate is called with something else than a dict.

    Examples:
        [{a:1}, {b:2}].findAll(filterToFunc(a))              //=> [{a:1}]
        {a:5}.toList.any(filterToFunc(a > 7))                //=> false
    """
    wanted: Filter = filter  # type: ignore[assignment]
    test, resolve = wanted.compiled, cx.db_resolve

    def match(rec: Any) -> bool:
        if not isinstance(rec, dict):
            raise CastErr(f"filterToFunc: expected Dict, got {kind_name(rec)} {preview(rec)}")
        return test(rec, resolve)

    return Fn("", match, [FnParam("dict")], cx)


@builtin("all")
def all_(val: Obj, fn: Fn) -> Bool:
    """Whether a predicate is true for every item; true when there is none.

    For strings, lists, dicts, grids and streams; the callback is offered the same as by `each`. It is not
    called again after the first `false`.

    Raises:
        NullErr, CastErr: the predicate returned null, or something else than a Bool.
        ArgErr: any other kind of value, also a range.

    Examples:
        [2, 4].all(x => x.isEven)                            //=> true
        "ab1".all(c => c.isAlpha)                            //=> false
        {}.all(v => false)                                   //=> true
        [1].all(x => null)                                   //! NullErr
        (1..3).all(x => true)                                //! ArgErr "all: can't go through"
    """
    if type(val) is Stream:
        return terminals.all_match(val, fn.c1)
    found = through(val, fn, _some_false)
    if found is REFUSED:
        raise bad_arg("all", "can't go through", val)
    return not found


@builtin("any")
def any_(val: Obj, fn: Fn) -> Bool:
    """Whether a predicate is true for some item; false when there is none.

    For strings, lists, dicts, grids and streams; the callback is offered the same as by `each`. It is not
    called again after the first `true`.

    Raises:
        NullErr, CastErr: the predicate returned null, or something else than a Bool.
        ArgErr: any other kind of value, also a range.

    Examples:
        [1, 4].any((v, i) => i == 1 and v.isEven)            //=> true
        "ABC".any(c => c.isLower)                            //=> false
        {a:1, b:2}.any((v, n) => n == "b")                   //=> true
        [1].any(x => 0)                                      //! CastErr
        null.any(x => true)                                  //! ArgErr "any: can't go through"
    """
    if type(val) is Stream:
        return terminals.any_match(val, fn.c1)
    found = through(val, fn, _some_true)
    if found is REFUSED:
        raise bad_arg("any", "can't go through", val)
    return bool(found)


def _some_true(items: Iterable[Any], second: Iterable[Any] | None, fn: Fn) -> bool:
    if second is None:
        f = fn.c1
        return any(want_bool(f(item), "any") for item in items)
    g = fn.c2
    return any(want_bool(g(item, other), "any") for item, other in zip(items, second, strict=False))


def _some_false(items: Iterable[Any], second: Iterable[Any] | None, fn: Fn) -> bool:
    if second is None:
        f = fn.c1
        return not all(want_bool(f(item), "all") for item in items)
    g = fn.c2
    return not all(want_bool(g(item, other), "all") for item, other in zip(items, second, strict=False))
