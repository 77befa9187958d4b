"""Library functions: new versions of lists and dicts.

Nothing is changed in place: each function returns a new value, or the same one where nothing changes.
Indexes count from 0, negative ones from the end, and fractions are cut off.
"""

from __future__ import annotations

from typing import Any

from axon.errors import CastErr, IndexErr, NullErr
from axon.lib.registry import Dict, List, Num, Obj, bad_arg, builtin
from axon.values import order
from axon.values.numbers import NUMBER_TYPES, split, to_int
from axon.values.show import kind_name, preview
from pylib.kinds import REMOVE


@builtin(pure=True)
def add(val: Obj, item: Obj) -> List:
    """The list with an item appended.

    Raises:
        ArgErr: the value is not a list.

    Examples:
        [1].add("x")                             //=> [1, "x"]
        [].add([])                               //=> [[]]
        {a}.add({b})                             //! ArgErr "add: expected List"
    """
    if type(val) is not list:
        raise bad_arg("add", "expected List, got", val)
    return [*val, item]


@builtin(pure=True)
def add_all(val: Obj, items: List) -> List:
    """The list with all items of another one appended.

    Raises:
        ArgErr: the value is not a list.
        CastErr: `items` is not a list.

    Examples:
        ["a"].addAll([7, null])                  //=> ["a", 7, null]
        [1].addAll([])                           //=> [1]
        [1].addAll(2)                            //! CastErr "addAll"
    """
    if type(val) is not list:
        raise bad_arg("addAll", "expected List, got", val)
    return [*val, *items]


@builtin()
def set_(val: Obj, key: Obj, item: Obj) -> Obj:
    """The list with another item at an index, or the dict with another value for a tag.

    Null as value of a tag removes the tag; `none()` is stored. A list does not grow.

    Raises:
        IndexErr: outside the list.
        CastErr: a key of the wrong kind.
        ArgErr: the value is neither list nor dict.

    Examples:
        [1, 2].set(-1, 9)                        //=> [1, 9]
        {a:1}.set("b", 2kW)                      //=> {a:1, b:2kW}
        {a:1, b:2}.set("a", null)                //=> {b:2}
        [1].set(1, 9)                            //! IndexErr "1"
        "abc".set(0, 1)                          //! ArgErr "set: expected List or Dict"
    """
    if isinstance(val, dict):
        name = _tag("set", key)
        if item is None:
            return _without(val, name)
        return {**val, name: item}
    if type(val) is list:
        at = _at("set", val, key)
        out = val.copy()
        out[at] = item
        return out
    raise bad_arg("set", "expected List or Dict, got", val)


@builtin()
def merge(a: Dict, b: Dict | None) -> Dict:
    """The tags of both dicts, those of the second over those of the first.

    A tag that is `none()` in the second is removed. Null as second counts as an empty dict.

    Examples:
        {a:1, b:2}.merge({b:none(), c:3})        //=> {a:1, c:3}
        {a:{x:1}}.merge({a:{y:2}})               //=> {a:{y:2}}
        {a:1}.merge(null)                        //=> {a:1}
        {a:1}.merge([1])                         //! CastErr "merge"
    """
    if not b:
        return a
    out = {**a, **b}
    if REMOVE in b.values():
        return {name: val for name, val in out.items() if val is not REMOVE or name not in b}
    return out


@builtin(pure=True)
def insert(val: Obj, index: Num, item: Obj) -> List:
    """The list with an item put before an index; the size of the list as index appends.

    Raises:
        IndexErr: outside the list.
        ArgErr: the value is not a list.

    Examples:
        [1, 2].insert(1, 9)                      //=> [1, 9, 2]
        [1, 2].insert(-1, 9)                     //=> [1, 9, 2]
        [1, 2].insert(2, 9)                      //=> [1, 2, 9]
        [1, 2].insert(3, 9)                      //! IndexErr "3"
    """
    return _insert("insert", val, index, [item])


@builtin(pure=True)
def insert_all(val: Obj, index: Num, items: List) -> List:
    """The list with all items of another one put before an index; its size as index appends.

    Raises:
        IndexErr: outside the list.
        ArgErr: the value is not a list.

    Examples:
        [1, 2].insertAll(1, [7, 8])              //=> [1, 7, 8, 2]
        [].insertAll(0, [1])                     //=> [1]
        [1].insertAll(0, 9)                      //! CastErr "insertAll"
    """
    return _insert("insertAll", val, index, items)


def _insert(func: str, val: Any, index: Num, items: list[Any]) -> list[Any]:
    if type(val) is not list:
        raise bad_arg(func, "expected List, got", val)
    given = to_int(split(index)[0])
    at = given + len(val) if given < 0 else given
    if not 0 <= at <= len(val):
        raise IndexErr(str(given))
    return [*val[:at], *items, *val[at:]]


@builtin()
def remove(val: Obj, key: Obj) -> Obj:
    """The list without the item at an index, or the dict without a tag.

    Raises:
        IndexErr: outside the list.
        CastErr: a key of the wrong kind.
        ArgErr: the value is neither list nor dict.

    Examples:
        [7, 8, 9].remove(0)                      //=> [8, 9]
        [7, 8, 9].remove(-1)                     //=> [7, 8]
        {a:1, b:2}.remove("a")                   //=> {b:2}
        {a:1}.remove("z")                        //=> {a:1}
        [7].remove("a")                          //! CastErr "remove"
    """
    if isinstance(val, dict):
        return _without(val, _tag("remove", key))
    if type(val) is list:
        at = _at("remove", val, key)
        return val[:at] + val[at + 1 :]
    raise bad_arg("remove", "expected List or Dict, got", val)


def _without(val: dict[str, Any], name: str) -> dict[str, Any]:
    if name not in val:
        return val
    out = val.copy()
    del out[name]
    return out


def _tag(func: str, key: object) -> str:
    if type(key) is str:
        return key
    if key is None:
        raise NullErr(f"{func}: the name of a tag may not be null")
    raise CastErr(f"{func}: expected Str as name of a tag, got {kind_name(key)} {preview(key)}")


def _at(func: str, items: list[Any], key: object) -> int:
    """The index meant, from 0.

    Raises:
        IndexErr: outside the list.
    """
    if type(key) not in NUMBER_TYPES:
        if key is None:
            raise NullErr(f"{func}: the index may not be null")
        raise CastErr(f"{func}: expected Number as index, got {kind_name(key)} {preview(key)}")
    given = to_int(split(key)[0])  # type: ignore[arg-type]
    at = given + len(items) if given < 0 else given
    if not 0 <= at < len(items):
        raise IndexErr(str(given))
    return at


@builtin(pure=True)
def move_to(list_: List, item: Obj, to_index: Num) -> List:
    """The list with the first item equal to `item` moved, so that it ends up at an index of the result.

    The list is unchanged where no item is equal.

    Raises:
        IndexErr: outside the list.

    Examples:
        ["a", "b", "c"].moveTo("a", 1)           //=> ["b", "a", "c"]
        [1, 2, 3].moveTo(1, -1)                  //=> [2, 3, 1]
        [1, 2].moveTo(9, 0)                      //=> [1, 2]
        [1, 2].moveTo(1, 2)                      //! IndexErr "2"
    """
    found = next((i for i, own in enumerate(list_) if order.strict_eq(own, item)), -1)
    if found < 0:
        return list_
    at = _at("moveTo", list_, to_index)
    out = list_.copy()
    out.insert(at, out.pop(found))
    return out


@builtin(pure=True)
def to_list(val: Obj) -> List:
    """A list as it is, anything else as the only item of a list.

    Examples:
        toList([1, 2])                           //=> [1, 2]
        toList({a:1})                            //=> [{a:1}]
        toList(null)                             //=> [null]
    """
    return val if type(val) is list else [val]
