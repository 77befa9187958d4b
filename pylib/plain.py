"""Small values of nothing but None, Bool, number, text, list and dict, in the format of Python's `marshal`.

That format is written and read by C code. It can hurt its reader, so only a session reads it, which runs the
code of the host anyway; what comes from a session never has it. The most frequent requests have bodies of
their own in it, where all that they tell is plain.
"""

from __future__ import annotations

from marshal import dumps

from pylib.layout import T_PLAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["MARSHAL", "PLAIN", "encode_ask", "encode_define", "encode_eval", "plain_of", "whole"]

PLAIN = bytes((T_PLAIN,))
"""How such a body begins."""
MARSHAL = 2
"""Version of the format: one without references."""
_MARSHAL_REFS = 4
"""Version with references, quicker to write: for values in which nothing can be changed but the outermost."""
_NULL = type(None)
_MOST_PLAIN = 256
"""Items of a list or dict that is still small."""
_PLAIN_KINDS = frozenset((bool, int, float, str))
_NESTED_KINDS = _PLAIN_KINDS | {list, dict, _NULL}
_STR_ONLY = {str}
_is_whole = float.is_integer


def encode_eval(expr: str | None, names: dict[str, Any]) -> bytes | None:
    """Body of an Eval without steps, where the variables are plain; else None."""
    if expr is None:
        return None
    plain = names if _is_flat(names) else plain_of(names)
    try:
        return None if plain is None else PLAIN + dumps((expr, plain), MARSHAL)
    except ValueError:  # a text of a subclass among the names
        return None


def encode_define(name: str, value: Any, expr: str | None) -> bytes | None:
    """Body of an Eval whose one step binds a small dict of plain cells, the most frequent; else None."""
    if expr is None or type(value) is not dict or not _is_flat(value):
        return None
    try:
        return PLAIN + dumps((expr, None, name, value), _MARSHAL_REFS)
    except ValueError:  # a text of a subclass among the names
        return None


def encode_ask(name: str, number: int, args: list[Any]) -> bytes | None:
    """Body of a Call about an object of the other end, where further arguments are plain; else None."""
    plain = plain_of(args)
    return None if plain is None else PLAIN + dumps((name, number, *plain), MARSHAL)


def _is_flat(value: dict[str, Any]) -> bool:
    """Whether a dict is small and has only plain cells, of which no float is a whole number.

    A plain loop: `map`, `itemgetter` and remembered shapes are faster where they run again and again, and
    slower where they are cold because the other end of the link ran in between.
    """
    if len(value) > _MOST_PLAIN:
        return False
    for name, cell in value.items():
        kind = type(cell)
        if kind is float:
            if cell.is_integer():
                return False
        elif kind is not str and kind not in _PLAIN_KINDS:
            return False
        if type(name) is not str:
            return False
    return True


def plain_of(value: Any, depth: int = 0) -> Any:
    """A small list or dict as session code is to get it, if it holds nothing but plain kinds; else None."""
    if len(value) > _MOST_PLAIN or depth > 4:
        return None
    is_dict = type(value) is dict
    if is_dict and value and set(map(type, value)) != _STR_ONLY:
        return None
    items = value.values() if is_dict else value
    kinds = set(map(type, items))
    if kinds <= _PLAIN_KINDS:
        if float not in kinds or True not in map(_is_whole, [v for v in items if type(v) is float]):
            return value
    elif not kinds <= _NESTED_KINDS or (is_dict and _NULL in kinds):
        return None
    out: Any = value.copy()
    for at, item in value.items() if is_dict else enumerate(value):
        kind = type(item)
        if kind is float:
            out[at] = whole(item)
        elif kind is list or kind is dict:
            plain = plain_of(item, depth + 1)
            if plain is None:
                return None
            out[at] = plain
    return out


def whole(val: float) -> int | float:
    """The int of the same value, where there is one within 2**53; -0.0 stays."""
    if val.is_integer() and -9007199254740992.0 <= val <= 9007199254740992.0:
        return int(val) if val or str(val) == "0.0" else val
    return val
