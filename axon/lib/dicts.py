"""Library functions: singleton values, tags of dicts, and tag names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axon.lib.registry import Bool, Dict, List, Obj, Str, builtin
from axon.runtime import ops
from axon.values.tags import is_tag_name as matches_tag_name
from axon.values.tags import to_tag_name as make_tag_name
from pylib.kinds import MARKER, NA, NA_VALUE, REMOVE, Marker, Remove

if TYPE_CHECKING:
    from axon.runtime.context import Context


@builtin(pure=True)
def marker() -> Marker:
    """The value of a tag that is just there.

    Examples:
        {a: marker()}.has("a")                               //=> true
        {a}->a == marker()                                   //=> true
    """
    return MARKER


@builtin(pure=True)
def none() -> Remove:
    """The value that tells `merge`, `addMeta` and diffs to remove a tag.

    Examples:
        {a:1, b:2}.merge({a: none()})                        //=> {b:2}
        {-a}->a == none()                                    //=> true
    """
    return REMOVE


@builtin(pure=True, deprecated=True)
def remove_marker() -> Remove:
    """The same as `none()`.

    Examples:
        removeMarker() == none()                             //=> true
    """
    return REMOVE


@builtin(pure=True)
def na() -> NA:
    """Not available: a value that should be there but could not be had.

    Examples:
        na() + 1                                             //=> na()
        na() == null                                         //=> false
    """
    return NA_VALUE


@builtin(pure=True)
def names(dict: Dict) -> List:
    """The names of the tags of a dict, in their order.

    Examples:
        {b:1, a:2}.names                                     //=> ["b", "a"]
        {}.names                                             //=> []
        names(null)                                          //! NullErr "names"
    """
    return [*dict]


@builtin(pure=True)
def vals(dict: Dict) -> List:
    """The values of the tags of a dict, in their order.

    Examples:
        {b:1, a:2}.vals                                      //=> [1, 2]
        vals([1])                                            //! CastErr "vals"
    """
    return [*dict.values()]


@builtin()
def trap(cx: Context, val: Obj, name: Str) -> Obj:
    """The value of a tag: what `val->name` does. A ref stands for its record.

    Raises:
        UnknownNameErr: the tag is missing.
        ArgErr: neither dict nor ref.

    Examples:
        trap({a:1}, "a")                                     //=> 1
        trap({a:1}, "b")                                     //! UnknownNameErr "b"
        trap([1], "a")                                       //! ArgErr
    """
    return ops.trap(val, name, cx)


@builtin(pure=True)
def is_tag_name(n: Str) -> Bool:
    """Whether a string can be the name of a tag.

    It begins with a small letter, or with `_` and a letter or digit; the rest are letters, digits and `_`,
    all of them ASCII.

    Examples:
        isTagName("siteRef")                                 //=> true
        isTagName("_1")                                      //=> true
        isTagName("Site")                                    //=> false
        isTagName("a b")                                     //=> false
    """
    return matches_tag_name(n) is not None


@builtin(pure=True)
def to_tag_name(n: Str) -> Str:
    """Make a tag name of a string; one that is comes back as it is.

    Raises:
        ArgErr: the string is empty.

    Examples:
        toTagName("Room Temp")                               //=> "roomTemp"
        toTagName("AHU 5 zone")                              //=> "ahu5Zone"
        toTagName("9 lives")                                 //=> "v9Lives"
        toTagName("***")                                     //=> "v"
        toTagName("")                                        //! ArgErr "toTagName"
    """
    return make_tag_name(n)
