"""Characters: a character is a Number, its code point, as `"s"[0]` and `each` deliver it. All is ASCII."""

from __future__ import annotations

from axon.errors import Err
from axon.lib.registry import Bool, Num, Str, builtin
from axon.values.numbers import split, to_int

_MAX_CODE = 0x10FFFF
_SPACES = frozenset((9, 10, 12, 13, 32))


def _code(num: Num) -> int:
    return to_int(split(num)[0])


@builtin(pure=True)
def is_space(num: Num) -> Bool:
    """Whether it is a space, tab, line feed, form feed or carriage return.

    Examples:
        isSpace(32)                //=> true
        isSpace(160)               //=> false
    """
    return _code(num) in _SPACES


@builtin(pure=True)
def is_alpha(num: Num) -> Bool:
    """Whether it is an ASCII letter.

    Examples:
        "ab1".all(isAlpha)         //=> false
        isAlpha(233)               //=> false
    """
    return _is_letter(_code(num))


@builtin(pure=True)
def is_alpha_num(num: Num) -> Bool:
    """Whether it is an ASCII letter or digit.

    Examples:
        "ab1".all(isAlphaNum)      //=> true
        isAlphaNum(95)             //=> false
    """
    code = _code(num)
    return _is_letter(code) or 48 <= code <= 57


@builtin(pure=True)
def is_upper(num: Num) -> Bool:
    """Whether it is an ASCII capital.

    Examples:
        isUpper(65)                //=> true
        "abc".any(isUpper)         //=> false
    """
    return 65 <= _code(num) <= 90


@builtin(pure=True)
def is_lower(num: Num) -> Bool:
    """Whether it is a small ASCII letter.

    Examples:
        isLower(97)                //=> true
        "ABC".any(isLower)         //=> false
    """
    return 97 <= _code(num) <= 122


@builtin(pure=True)
def is_digit(num: Num, radix: Num = 10) -> Bool:
    """Whether it is a digit of the radix; beyond radix 10 letters count too.

    As a callback of `all` or `any` it would be given the index as radix: write `c => c.isDigit`.

    Examples:
        isDigit(48)                //=> true
        isDigit(97, 16)            //=> true
        isDigit(103, 16)           //=> false
        "2024".all(c => c.isDigit) //=> true
    """
    code, base = _code(num), _code(radix)
    if code <= 57:
        return 48 <= code < 48 + base
    return _is_letter(code) and (code | 32) - 87 < base


def _is_letter(code: int) -> bool:
    return 65 <= code <= 90 or 97 <= code <= 122


@builtin(pure=True)
def to_char(num: Num) -> Str:
    """The string of one character.

    Raises:
        Err: not a code point of Unicode, or half of a surrogate pair.

    Examples:
        toChar(233)                //=> "é"
        "energy"[0].toChar         //=> "e"
        toChar(-1)                 //! Err "-1"
    """
    code = _code(num)
    if not 0 <= code <= _MAX_CODE or 0xD800 <= code <= 0xDFFF:
        raise Err(f"toChar: Invalid unicode char: {code}")
    return chr(code)
