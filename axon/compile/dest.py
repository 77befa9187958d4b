"""Where values go, and the kinds that are worth remembering: facts shared by the emitter's files."""

from __future__ import annotations

from axon.compile.inline import bits, int_kind, is_int, is_plain
from axon.compile.shapes import is_dict, shared_shape

__all__ = ["DROP", "RETURN", "Dest", "join", "lasting", "list_of", "special"]


class Dest:
    """Where the value of a node goes: `return`, `drop`, or a temporary's name."""

    __slots__ = ("kind", "name")

    def __init__(self, kind: str, name: str = "") -> None:
        self.kind = kind
        self.name = name


RETURN = Dest("return")
DROP = Dest("drop")

_SPECIAL = frozenset({"num", "str", "list", "list:num", "list:str", "dict", "date"})


def lasting(kind: str) -> bool:
    """Whether a variable keeps this kind which is defined once and never assigned."""
    return kind in _SPECIAL or kind == "bool" or is_int(kind) or kind.startswith(("list:i", "list:d", "dict"))


def list_of(kind: str) -> str:
    """The kind of a list whose items have a kind."""
    return f"list:{kind}" if lasting(kind) and not kind.startswith("list") else "list"


def special(kind: str, recursive: bool) -> str:
    """The kind for which a function gets a variant when it is called with such an argument; "" for none.

    Sizes of integers are rounded up, and are left out of a recursive function, whose arguments change.
    """
    if is_int(kind):
        size = bits(kind)
        return "int" if recursive or size > 40 else "i24" if size <= 24 else "i40"
    if kind.startswith("list:i"):
        return "list:int"
    if is_dict(kind):
        return "dict"
    return "list" if kind.startswith("list:d") else kind if kind in _SPECIAL else ""


def join(kinds: set[str]) -> str:
    """The kind of values of several kinds."""
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds and all(map(is_int, kinds)):
        return int_kind(max(map(bits, kinds)))
    if kinds and all(map(is_dict, kinds)):
        return shared_shape(kinds)
    return "num" if kinds and all(map(is_plain, kinds)) else ""
