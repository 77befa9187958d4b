"""Regular expressions, in the syntax of `java.util.regex`.

Patterns that would keep a backtracking matcher busy for ever are matched another way (`axon.values.regex`).
"""

from __future__ import annotations

from axon.lib.registry import Bool, List, Str, builtin
from axon.values.regex import compile_regex


@builtin(pure=True)
def re_matches(regex: Str, s: Str) -> Bool:
    """Whether the whole string matches.

    Raises:
        ArgErr: no regular expression.

    Examples:
        reMatches(r"[A-Z]{3}-\\d{2}", "AHU-12") //=> true
        reMatches(r"\\d+", "12a")   //=> false
        reMatches("(", "x")        //! ArgErr "regex"
    """
    return compile_regex(regex).full_match(s)


@builtin(pure=True)
def re_find(regex: Str, s: Str) -> Str | None:
    """The first match anywhere in the string, or null.

    Raises:
        ArgErr: no regular expression.

    Examples:
        reFind(r"\\d+", "zone 12 floor 3") //=> "12"
        reFind(r"\\d+", "none")     //=> null
    """
    return compile_regex(regex).find(s)


@builtin(pure=True)
def re_find_all(regex: Str, s: Str) -> List:
    """All matches, from left to right without overlaps.

    Raises:
        ArgErr: no regular expression.

    Examples:
        reFindAll(r"\\d+", "a1b22") //=> ["1", "22"]
        reFindAll("x", "abc")      //=> []
    """
    return compile_regex(regex).find_all(s)


@builtin(pure=True)
def re_groups(regex: Str, s: Str) -> List | None:
    """The first match anywhere and its groups; null for a group that took no part, null without a match.

    Raises:
        ArgErr: no regular expression.

    Examples:
        reGroups(r"(\\w+)-(\\d+)", "AHU-12") //=> ["AHU-12", "AHU", "12"]
        reGroups("(a)|(b)", "xb")  //=> ["b", null, "b"]
        reGroups("q", "abc")       //=> null
    """
    return compile_regex(regex).groups(s)
