"""Library functions: filters and searches read from text."""

from __future__ import annotations

from axon.errors import ParseErr
from axon.lib.registry import Bool, Obj, Str, builtin
from axon.values import filter as filters


@builtin(pure=True)
def parse_filter(val: Str, checked: Bool = True) -> Obj:
    """Read the text of a filter; null if it is none and `checked` is false.

    Raises:
        ParseErr: it is not a filter.

    Examples:
        parseFilter("b and a").toStr              //=> "a and b"
        parseFilter("a == -5.5kW").toStr          //=> "a == -5.5kW"
        parseFilter("a &", false)                 //=> null
        parseFilter("a &")                        //! ParseErr "&"
    """
    try:
        return filters.parse_filter(val)
    except ParseErr:
        if checked:
            raise
        return None


@builtin(pure=True)
def parse_search(val: Str) -> Obj:
    """Read a search text, which is a filter on names, ids and texts; it never fails.

    Plain text is looked for in the display name, the Str tags and, if it has at least 8 characters, the id,
    without regard to case. `*` and `?` make it a pattern for the whole text; `re:` starts a regular
    expression, `f:` a filter.

    Examples:
        [{dis:"Pump A"}, {dis:"Fan"}].filter(parseSearch("pum")).size         //=> 1
        [{dis:"Pump A"}, {dis:"Fan"}].filter(parseSearch("f?n")).first->dis   //=> "Fan"
    """
    return filters.parse_search(val)
