"""Types as values: what `Number` or `sys::Str` in a program evaluates to.

The kinds form a small tree below `Obj`; `fits` answers whether a value is of a type, sub-types included.
"""

from __future__ import annotations

import re

from axon.errors import UnknownTypeErr
from axon.values.frozen import Frozen, put
from axon.values.show import kind_name

__all__ = ["Type", "find_type", "type_of"]

_PARENTS = {
    "Obj": "",
    "None": "Obj",
    "Scalar": "Obj",
    "Collection": "Obj",
    "Func": "Obj",
    "Filter": "Obj",
    "Stream": "Obj",
    "Range": "Obj",
    "Col": "Obj",
    "Type": "Obj",
    "Buf": "Obj",
    "PyObj": "Obj",
    "List": "Collection",
    "Dict": "Collection",
    "Grid": "Collection",
    "Remove": "Scalar",
    **dict.fromkeys(
        (
            "Bool",
            "Coord",
            "Date",
            "DateSpan",
            "DateTime",
            "Marker",
            "NA",
            "Number",
            "Ref",
            "Span",
            "Str",
            "Symbol",
            "Time",
            "Uri",
            "XStr",
        ),
        "Scalar",
    ),
    "Bin": "XStr",
}
_QNAME = re.compile(r"(?:[a-z][\w]*(?:\.[a-z][\w]*)*::)?[A-Z]\w*", re.ASCII)


class Type(Frozen):
    """A type by its name; equal when the qualified names are."""

    __slots__ = ("lib", "name")
    lib: str
    name: str

    def __init__(self, name: str) -> None:
        if not _QNAME.fullmatch(name):
            raise UnknownTypeErr(name)
        lib, sep, simple = name.rpartition("::")
        put(self, "name", simple)
        put(self, "lib", lib if sep else "sys")

    @property
    def qname(self) -> str:
        """Library and name: `sys::Number`."""
        return f"{self.lib}::{self.name}"

    @property
    def is_known(self) -> bool:
        """Whether it is one of the types of the language itself."""
        return self.lib == "sys" and self.name in _PARENTS

    def fits(self, val: object) -> bool:
        """Whether a value is of this type or of one below it; null is of none."""
        if val is None or self.lib != "sys":
            return False
        name = _name_of(val)
        while name and name != self.name:
            name = _PARENTS.get(name, "")
        return name == self.name

    def __eq__(self, other: object) -> bool:
        return type(other) is Type and self.name == other.name and self.lib == other.lib

    def __hash__(self) -> int:
        return hash(("Type", self.qname))

    def __reduce__(self) -> tuple[type[Type], tuple[str]]:
        return (Type, (self.qname,))

    def __str__(self) -> str:
        return self.qname

    def __repr__(self) -> str:
        return f"Type({self.qname!r})"


def find_type(name: str) -> Type:
    """The type of the language with this simple or qualified name.

    Raises:
        UnknownTypeErr: there is none.
    """
    found = Type(name)
    if not found.is_known:
        raise UnknownTypeErr(name)
    return found


def type_of(val: object) -> Type | None:
    """The type of a value; null has none."""
    return None if val is None else Type(_name_of(val))


def _name_of(val: object) -> str:
    name = kind_name(val)
    return name if name in _PARENTS else "Obj"
