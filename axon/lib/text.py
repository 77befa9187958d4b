"""Strings: case, white space, parts, padding and joining.

Case and white space are ASCII: `é` has no capital here and a no-break space is not trimmed. Widths count
UTF-16 units, as all sizes of strings do. Functions of single characters are in `chars`, patterns in `regex`.
"""

from __future__ import annotations

import re
from typing import Any

from axon.errors import ArgErr, IndexErr
from axon.lib.registry import Bool, Dict, List, Num, Obj, Str, builtin, check_args, no_slot
from axon.values import utf16
from axon.values.numbers import is_number, number, to_int
from axon.values.numbers import split as split_number
from axon.values.show import preview
from axon.values.show import to_str as text_of
from axon.values.strings import SPACES, ascii_lower, ascii_upper

_A, _Z, _a, _z = ord("A"), ord("Z"), ord("a"), ord("z")
_CASE = _a - _A

#: No string is padded beyond this.
MAX_WIDTH = 100_000_000


@builtin(pure=True)
def upper(val: Obj) -> Obj:
    """Write small ASCII letters as capitals; a number is taken for a character and keeps its unit.

    Raises:
        UnknownSlotErr: neither a Str nor a Number.

    Examples:
        upper("pump 3")            //=> "PUMP 3"
        "aé".upper                 //=> "Aé"
        97.upper                   //=> 65
        upper(true)                //! UnknownSlotErr "upper"
    """
    if type(val) is str:
        return ascii_upper(val)
    return _change_case("upper", val, _a, _z, -_CASE)


@builtin(pure=True)
def lower(val: Obj) -> Obj:
    """Write ASCII capitals as small letters; a number is taken for a character and keeps its unit.

    Raises:
        UnknownSlotErr: neither a Str nor a Number.

    Examples:
        lower("MiXeD")             //=> "mixed"
        lower("ÀB")                //=> "Àb"
        lower(65)                  //=> 97
        lower(`A`)                 //! UnknownSlotErr "lower"
    """
    if type(val) is str:
        return ascii_lower(val)
    return _change_case("lower", val, _A, _Z, _CASE)


def _change_case(name: str, val: object, first: int, last: int, step: int) -> Any:
    if not is_number(val):
        raise no_slot(name, val)
    code, unit = split_number(val)
    code = to_int(code)
    return number(code + step, unit) if first <= code <= last else val


@builtin(pure=True)
def capitalize(val: Str) -> Str:
    """Make the first character a capital, if it is a small ASCII letter.

    Examples:
        capitalize("two words")    //=> "Two words"
        capitalize("1a")           //=> "1a"
        capitalize("")             //=> ""
    """
    return ascii_upper(val[:1]) + val[1:]


@builtin(pure=True)
def decapitalize(val: Str) -> Str:
    """Make the first character a small letter, if it is an ASCII capital.

    Examples:
        decapitalize("PUMP")       //=> "pUMP"
        decapitalize("")           //=> ""
    """
    return ascii_lower(val[:1]) + val[1:]


@builtin(pure=True, direct=True)
def trim(val: Str) -> Str:
    """Remove white space at both ends: U+0020 and the characters below, so a no-break space stays.

    Examples:
        trim("  a b  ")            //=> "a b"
        trim("\\u00a0a ")           //=> "\\u00a0a"
    """
    if type(val) is not str:
        check_args("trim", val)
    return val.strip(SPACES)


@builtin(pure=True)
def trim_start(val: Str) -> Str:
    """Remove white space at the start.

    Examples:
        trimStart("  a ")          //=> "a "
    """
    return val.lstrip(SPACES)


@builtin(pure=True)
def trim_end(val: Str) -> Str:
    """Remove white space at the end.

    Examples:
        trimEnd(" a\\n\\t")          //=> " a"
    """
    return val.rstrip(SPACES)


_RUN_OF_SPACES = re.compile("[\x00-\x20]+")


@builtin(pure=True, direct=True)
def split(val: Str, sep: Str | None = None, opts: Dict | None = None) -> List:
    """Cut a string into a list of strings.

    Without `sep` it is cut at runs of white space, leading and trailing ones dropped; else at each `sep`,
    which is one character. Parts are trimmed unless `opts` has the tag `noTrim`. An empty string gives one
    empty part.

    Raises:
        ArgErr: `sep` is not exactly one character.

    Examples:
        " a  b ".split             //=> ["a", "b"]
        "a, b,,".split(",")        //=> ["a", "b", "", ""]
        "a, b".split(",", {noTrim}) //=> ["a", " b"]
        "".split(",")              //=> [""]
        "a--b".split("--")         //! ArgErr "one char"
    """
    if type(val) is not str or (sep is not None and type(sep) is not str) or opts is not None:
        check_args("split", val, sep, opts)
    if sep is None:
        return _RUN_OF_SPACES.split(val.strip(SPACES))
    if (len(sep) != 1 or not sep.isascii()) and utf16.size(sep) != 1:
        raise ArgErr(f"split: sep must be one char, got {preview(sep)}")
    parts = val.split(sep)
    if opts is not None and "noTrim" in opts:
        return parts
    if val.isprintable() and (sep == " " or " " not in val):
        return parts  # nothing to trim
    return [p.strip(SPACES) for p in parts]


@builtin(pure=True)
def starts_with(val: Str, sub: Str) -> Bool:
    """Whether the string begins with `sub`.

    Examples:
        "chiller".startsWith("ch") //=> true
        "chiller".startsWith("")   //=> true
    """
    return val.startswith(sub)


@builtin(pure=True)
def ends_with(val: Str, sub: Str) -> Bool:
    """Whether the string ends with `sub`.

    Examples:
        "report.csv".endsWith(".csv") //=> true
        "a".endsWith("ba")         //=> false
    """
    return val.endswith(sub)


@builtin(pure=True)
def replace(val: Str, from_: Str, to: Str) -> Str:
    """Replace every `from` by `to`, left to right without overlaps; plain text, no patterns.

    An empty `from` changes nothing.

    Examples:
        "aaa".replace("aa", "b")   //=> "ba"
        "ab".replace("", "x")      //=> "ab"
    """
    return val.replace(from_, to) if from_ else val


@builtin(pure=True)
def padl(val: Str, width: Num, char: Str = " ") -> Str:
    """Pad a string on the left up to a width; a longer string comes back unchanged.

    Only the first character of `char` is used.

    Raises:
        IndexErr: `char` is empty.

    Examples:
        padl("7", 3, "0")          //=> "007"
        padl("abcd", 3)            //=> "abcd"
        padl("a", 3, "")           //! IndexErr "char"
    """
    return _padding("padl", val, width, char) + val


@builtin(pure=True)
def padr(val: Str, width: Num, char: Str = " ") -> Str:
    """Pad a string on the right up to a width; a longer string comes back unchanged.

    Only the first character of `char` is used.

    Raises:
        IndexErr: `char` is empty.

    Examples:
        padr("total", 8, ".")      //=> "total..."
        padr("abc", 2)             //=> "abc"
    """
    return val + _padding("padr", val, width, char)


def _padding(name: str, val: str, width: Num, char: str) -> str:
    if not char:
        raise IndexErr(f"{name}: char is empty")
    size = to_int(split_number(width)[0])
    if size > MAX_WIDTH:
        raise ArgErr(f"{name}: width is at most {MAX_WIDTH}, got {size}")
    return char[0] * max(0, size - utf16.size(val))


@builtin(pure=True)
def concat(list: List, sep: Str = "") -> Str:
    """Join the items of a list as text, with `sep` between them; null is `null`.

    Examples:
        concat(["a", "b"])         //=> "ab"
        [1kW, null, "x"].concat("/") //=> "1kW/null/x"
        concat([], ",")            //=> ""
    """
    try:
        return sep.join(list)
    except TypeError:  # not all of them are text
        return sep.join([v if type(v) is str else text_of(v) for v in list])


@builtin(pure=True)
def to_str(val: Obj) -> Str:
    """Text of any value, without quotes: what joining it to a string gives.

    Examples:
        toStr(null)                //=> "null"
        5kW.toStr                  //=> "5kW"
        [1, "a"].toStr             //=> "[1, a]"
        toStr([])                  //=> "[,]"
        {a, b: "x y"}.toStr        //=> "{a, b:x y}"
    """
    return val if type(val) is str else text_of(val)
