"""Where values go, and the kinds that are worth remembering: facts shared by the emitter's files."""

from __future__ import annotations

from dataclasses import dataclass

from axon.compile.inline import bits, int_kind, is_int, is_plain

__all__ = ["DROP", "RETURN", "Dest", "join", "lasting", "special"]


@dataclass(frozen=True, slots=True)
class Dest:
    """Where the value of a node goes: `return`, `drop`, or a temporary's name."""

    kind: str
    name: str = ""


RETURN = Dest("return")
DROP = Dest("drop")

_SPECIAL = frozenset({"num", "str", "list", "list:num", "list:str", "dict"})


def lasting(kind: str) -> bool:
    """Whether a variable keeps this kind which is defined once and never assigned."""
    return kind in _SPECIAL or kind == "bool" or is_int(kind) or kind.startswith("list:i")


def special(kind: str, recursive: bool) -> str:
    """The kind for which a function gets a variant when it is called with such an argument; "" for none.

    Sizes of integers are rounded up, and are left out of a recursive function, whose arguments change.
    """
    if is_int(kind):
        size = bits(kind)
        return "int" if recursive or size > 40 else "i24" if size <= 24 else "i40"
    if kind.startswith("list:i"):
        return "list:int"
    return kind if kind in _SPECIAL else ""


def join(kinds: set[str]) -> str:
    """The kind of values of several kinds."""
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds and all(map(is_int, kinds)):
        return int_kind(max(map(bits, kinds)))
    return "num" if kinds and all(map(is_plain, kinds)) else ""
