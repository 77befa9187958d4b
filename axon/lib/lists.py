"""Library functions: what strings, lists, dicts and grids hold.

Indexes count from 0, negative ones from the end, and fractions are cut off. The new versions of lists and
dicts are in `updates`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axon.errors import CastErr, Err, IndexErr, NullErr
from axon.lib.registry import Bool, Num, Obj, Str, bad_arg, builtin, no_slot
from axon.runtime import ops
from axon.streams import Stream, terminals
from axon.values import order, utf16
from axon.values.numbers import NUMBER_TYPES, split, to_int
from axon.values.ranges import Range
from axon.values.show import kind_name, preview
from axon.values.times import DateSpan
from pylib.grid import Grid
from pylib.kinds import Symbol

if TYPE_CHECKING:
    from axon.runtime.context import Context


@builtin(pure=True)
def equals(a: Obj, b: Obj) -> Bool:
    """Whether two values are equal, units included.

    Lists are compared item by item, dicts tag by tag whatever their order, grids by meta, columns and cells.

    Examples:
        equals(4, 4)                             //=> true
        equals(4, 4ft)                           //=> false
        equals([{a}, 2], [{a}, 2])               //=> true
        equals({a:1, b:2}, {b:2, a:1})           //=> true
        equals(null, false)                      //=> false
    """
    return order.equals(a, b)


@builtin(pure=True)
def is_empty(val: Obj) -> Bool:
    """Whether a string, list, dict or grid holds nothing.

    Raises:
        NullErr: the value is null.
        UnknownSlotErr: any other kind, also a range and a stream.

    Examples:
        "".isEmpty                               //=> true
        [null].isEmpty                           //=> false
        {a: null}.isEmpty                        //=> true
        isEmpty(0)                               //! UnknownSlotErr "no isEmpty of Number"
    """
    if type(val) in _SIZED or isinstance(val, dict):
        return not val
    if isinstance(val, Grid):
        return len(val) == 0
    raise no_slot("isEmpty", val)


_SIZED = frozenset((str, list, dict, bytes))


@builtin(pure=True)
def size(val: Obj) -> Num:
    """How many characters a string has, items a list, rows a grid.

    Characters are counted in UTF-16 units. A plain symbol has size 0, a conjunct as many as it has parts.

    Raises:
        ArgErr: the value is a dict.
        NullErr: the value is null.
        UnknownSlotErr: any other kind, also a range and a stream.

    Examples:
        "Füße".size                              //=> 4
        [1, null, [2, 3]].size                   //=> 3
        [{a:1}, {a:2}].toGrid.size               //=> 2
        {a}.size                                 //! ArgErr "size"
        (1..5).size                              //! UnknownSlotErr "no size"
    """
    kind = type(val)
    if kind is list or kind is bytes:
        return len(val)  # type: ignore[arg-type]
    if kind is str:
        return utf16.size(val)  # type: ignore[arg-type]
    if isinstance(val, Grid):
        return len(val)
    if isinstance(val, dict):
        raise bad_arg("size", "no size of", val)
    if isinstance(val, Symbol):
        parts = val.val.count("-") + 1
        return parts if parts > 1 else 0
    raise no_slot("size", val)


@builtin(pure=True)
def get(val: Obj, key: Obj) -> Obj:
    """The item, character, tag or row at a key, or a part of the value for a range: the same as `val[key]`.

    A string gives the code of a character. A dict gives null for a missing tag. Both ends of a range are
    included; an empty range is fine as long as it starts no later than the end.

    Raises:
        IndexErr: outside the value.
        CastErr: a dict with a key that is not a string.
        NullErr: null as value or as key.
        UnknownSlotErr: the value is of another kind.

    Examples:
        get("axon", -1)                          //=> 110
        get("axon", 1..2)                        //=> "xo"
        get([7, 8, 9], 1.9)                      //=> 8
        get([7, 8, 9], 3..2)                     //=> []
        get({a:4}, "z")                          //=> null
        get([7, 8], 2)                           //! IndexErr "2"
    """
    return ops.get(val, key)


@builtin(pure=True)
def get_safe(val: Obj, key: Obj) -> Obj:
    """As `get` for strings, lists and grids, but null or an empty part where the key is outside.

    A range is cut to what is there; one that runs backwards inside the value is still an error.

    Raises:
        Err: the value is of another kind.
        IndexErr: a range that ends before it starts.

    Examples:
        [7, 8].getSafe(9)                        //=> null
        [7, 8].getSafe(1..9)                     //=> [8]
        "ab".getSafe(5..9)                       //=> ""
        "abc".getSafe(-9..1)                     //=> "ab"
        [7, 8, 9].getSafe(2..0)                  //! IndexErr "2..0"
        {a:1}.getSafe(0)                         //! Err "getSafe"
    """
    if type(key) in NUMBER_TYPES:
        return _safe_item(val, to_int(split(key)[0]))  # type: ignore[arg-type]
    if type(key) is Range:
        return _safe_part(val, key)
    if key is None:
        raise NullErr("getSafe: key may not be null")
    raise CastErr(f"getSafe: expected Number or range for key, got {kind_name(key)} {preview(key)}")


def _safe_item(val: Any, at: int) -> Any:
    count = _count(val)
    if not -count <= at < count:
        return None
    return ops.get(val, at)


def _safe_part(val: Any, key: Range) -> Any:
    count = _count(val)
    start, end = (_range_end(end, count) for end in (key.start, key.end))
    if start >= count or end < 0:
        return val.slice(0, 0) if isinstance(val, Grid) else type(val)()
    start, end = max(start, 0), min(end, count - 1)
    if end < start - 1:
        raise IndexErr(f"{start}..{end}")
    if isinstance(val, Grid):
        return val.slice(start, end + 1)
    if type(val) is str and utf16.is_wide(val):
        return utf16.join(utf16.split(val)[start : end + 1])
    return val[start : end + 1]


def _range_end(end: Any, count: int) -> int:
    if type(end) not in NUMBER_TYPES:
        raise CastErr(f"getSafe: expected Number in the range, got {kind_name(end)} {preview(end)}")
    at = to_int(split(end)[0])
    return at + count if at < 0 else at


def _count(val: Any) -> int:
    if type(val) is str:
        return utf16.size(val)
    if type(val) is list or isinstance(val, Grid):
        return len(val)
    raise Err(f"getSafe: expected Str, List or Grid, got {kind_name(val)} {preview(val)}")


@builtin()
def first(cx: Context, val: Obj) -> Obj:
    """The first item of a list or stream or the first row of a grid; null when there is none.

    A dict is asked for its tag `first`.

    Raises:
        UnknownNameErr: the value is a dict without that tag.
        UnknownSlotErr: the value is of another kind, also a string and a range.

    Examples:
        [4, 5].first                             //=> 4
        [].first                                 //=> null
        [{a:1}, {a:2}].toGrid.first              //=> {a:1}
        (7..9).stream.first                      //=> 7
        "ab".first                               //! UnknownSlotErr "no first of Str"
        {a:1}.first                              //! UnknownNameErr "first"
    """
    if type(val) is list:
        return val[0] if val else None
    if isinstance(val, Grid):
        return val.first()
    if isinstance(val, Stream):
        return terminals.first(val)
    if isinstance(val, dict):
        return ops.trap(val, "first", cx)
    raise no_slot("first", val)


@builtin()
def last(cx: Context, val: Obj) -> Obj:
    """The last item of a list or stream or the last row of a grid; null when there is none.

    A dict is asked for its tag `last`.

    Raises:
        UnknownNameErr: the value is a dict without that tag.
        UnknownSlotErr: the value is of another kind, also a string and a range.

    Examples:
        [4, 5].last                              //=> 5
        [{a:1}, {a:2}].toGrid.last               //=> {a:2}
        [].stream.last                           //=> null
        (3..9).last                              //! UnknownSlotErr "no last"
    """
    if type(val) is list:
        return val[-1] if val else None
    if isinstance(val, Grid):
        return val.get(-1) if len(val) else None
    if isinstance(val, Stream):
        return terminals.last(val)
    if isinstance(val, dict):
        return ops.trap(val, "last", cx)
    raise no_slot("last", val)


@builtin(pure=True)
def has(val: Obj, name: Str) -> Bool:
    """Whether a dict has a tag, or a grid a column, of that name.

    Raises:
        ArgErr: the value is neither dict nor grid.

    Examples:
        {a: na()}.has("a")                       //=> true
        {a: null}.has("a")                       //=> false
        [{a:1}, {b:2}].toGrid.has("b")           //=> true
        "abc".has("a")                           //! ArgErr "has: expected Dict or Grid"
    """
    if isinstance(val, dict):
        return name in val
    if isinstance(val, Grid):
        return val.has(name)
    raise bad_arg("has", "expected Dict or Grid, got", val)


@builtin(pure=True)
def missing(val: Obj, name: Str) -> Bool:
    """Whether a dict lacks a tag, or a grid a column, of that name.

    Raises:
        ArgErr: the value is neither dict nor grid.

    Examples:
        {a:1}.missing("b")                       //=> true
        [{a:1}].toGrid.missing("a")              //=> false
        null.missing("a")                        //! ArgErr "missing: expected Dict or Grid"
    """
    if isinstance(val, dict):
        return name not in val
    if isinstance(val, Grid):
        return not val.has(name)
    raise bad_arg("missing", "expected Dict or Grid, got", val)


@builtin(pure=True)
def index(val: Obj, x: Obj, offset: Num = 0) -> Num | None:
    """Where a text first stands in a string, or an equal item in a list; null where it does not.

    The search begins at `offset`. Items are compared strictly: units count, and dicts are the same only if
    they are one and the same value.

    Raises:
        IndexErr: an offset outside a list that is not empty.
        ArgErr: the value is neither string nor list.

    Examples:
        "banana".index("an", 2)                  //=> 3
        "abc".index("x")                         //=> null
        [5, 6, 5].index(5, 1)                    //=> 2
        [5, 6, 5].index(5, -1)                   //=> 2
        [5].index(5kW)                           //=> null
        [5].index(5, 4)                          //! IndexErr "4"
    """
    at = to_int(split(offset)[0])
    if type(val) is str:
        text, part = utf16.split(val), utf16.split(_text("index", x))
        start = max(at + len(text), 0) if at < 0 else at
        return _found(text.find(part, start)) if start < len(text) else None
    if type(val) is list:
        if not val:
            return None
        start = at + len(val) if at < 0 else at
        if not 0 <= start < len(val):
            raise IndexErr(str(at))
        return _found(_position(val, x, start))
    raise bad_arg("index", "expected Str or List, got", val)


@builtin("indexr", pure=True)
def index_reverse(val: Obj, x: Obj, offset: Num = -1) -> Num | None:
    """Where a text last stands in a string, or an equal item in a list, searched backwards from `offset`.

    Raises:
        IndexErr: an offset beyond the end of a list that is not empty.
        ArgErr: the value is neither string nor list.

    Examples:
        "banana".indexr("an")                    //=> 3
        "banana".indexr("an", 2)                 //=> 1
        [5, 6, 5].indexr(5, -2)                  //=> 0
        [5, 6].indexr(6kW)                       //=> null
        [5].indexr(5, 9)                         //! IndexErr "9"
    """
    at = to_int(split(offset)[0])
    if type(val) is str:
        text, part = utf16.split(val), utf16.split(_text("indexr", x))
        start = min(at + len(text) if at < 0 else at, len(text) - 1)
        return _found(text.rfind(part, 0, start + len(part))) if start >= 0 else None
    if type(val) is list:
        if not val:
            return None
        start = at + len(val) if at < 0 else at
        if start >= len(val):
            raise IndexErr(str(at))
        return next((i for i in range(start, -1, -1) if order.strict_eq(val[i], x)), None)
    raise bad_arg("indexr", "expected Str or List, got", val)


def _text(func: str, x: object) -> str:
    if type(x) is str:
        return x
    if x is None:
        raise NullErr(f"{func}: x may not be null")
    raise CastErr(f"{func}: expected Str for x, got {kind_name(x)} {preview(x)}")


def _found(at: int) -> int | None:
    return at if at >= 0 else None


def _position(items: list[Any], x: object, start: int = 0) -> int:
    """Index of the first item strictly equal to `x`, or -1."""
    if type(x) is str:  # equal to nothing but strings, so Python's own search will do
        try:
            return items.index(x, start)
        except ValueError:
            return -1
    eq = order.strict_eq
    for i in range(start, len(items)):
        if eq(items[i], x):
            return i
    return -1


@builtin(pure=True)
def contains(val: Obj, x: Obj) -> Bool:
    """Whether a string contains a text, a list an equal item, a range or a DateSpan a value.

    The ends of a range and of a DateSpan are included. No range contains null.

    Raises:
        ArgErr: any other kind of value.
        CastErr: `x` is of another kind than the ends of the range.
        UnitErr: its unit does not fit theirs.

    Examples:
        "axon".contains("xo")                    //=> true
        [1, 2kW].contains(2)                     //=> false
        (1..3).contains(2.5)                     //=> true
        (08:00..17:00).contains(17:00)           //=> true
        2024-02.contains(2024-02-29)             //=> true
        {a:1}.contains("a")                      //! ArgErr "contains"
        (1kW..5kW).contains(3m)                  //! UnitErr
    """
    if type(val) is str:
        return _text("contains", x) in val
    if type(val) is list:
        return _position(val, x) >= 0
    if type(val) is Range:
        return x is not None and order.compare(val.start, x) <= 0 and order.compare(x, val.end) <= 0
    if type(val) is DateSpan:
        return _in_span(val, x)
    raise bad_arg("contains", "expected Str, List, range or DateSpan, got", val)


def _in_span(span: DateSpan, x: Any) -> bool:
    import datetime as dt

    if type(x) is not dt.date:
        raise CastErr(f"contains: expected Date for x, got {kind_name(x)} {preview(x)}")
    return bool(span.start <= x <= span.end)
