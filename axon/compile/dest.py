"""Where values go, and the kinds that are worth remembering: facts shared by the emitter's files."""

from __future__ import annotations

from dataclasses import dataclass

from axon.compile.inline import PLAIN

__all__ = ["DROP", "LASTING", "RETURN", "SPECIAL", "Dest", "join"]


@dataclass(frozen=True, slots=True)
class Dest:
    """Where the value of a node goes: `return`, `drop`, or a temporary's name."""

    kind: str
    name: str = ""


RETURN = Dest("return")
DROP = Dest("drop")

#: Kinds for which a function is worth a variant.
SPECIAL = frozenset(
    {"int", "small", "num", "str", "list", "list:small", "list:int", "list:num", "list:str", "dict"}
)
#: Kinds that a variable keeps which is defined once and never assigned.
LASTING = SPECIAL | {"bool"}


def join(kinds: set[str]) -> str:
    """The kind of values of several kinds."""
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds and kinds <= {"int", "small"}:
        return "int"
    return "num" if kinds and kinds <= set(PLAIN) else ""
