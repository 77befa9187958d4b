"""Haystack scalars as immutable data, shared by both ends of a session.

Both the host (`axon`) and the sandboxed interpreter (`pylib`) use these classes, so a value needs no
conversion when it crosses. Standard library only, Python 3.9 or later.

What has a good Python type has no class here: null is `None`, Bool is `bool`, a Number without unit is
`int` or `float`, Str is `str`, Date, Time and DateTime are the `datetime` classes, Buf is `bytes`,
List is `list` and Dict is `dict` (neither is ever changed in place once it is a value).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # the module `typing` costs a session 5 ms at start
    from typing import Any, NoReturn

__all__ = [
    "MARKER",
    "NA",
    "NA_VALUE",
    "REMOVE",
    "Coord",
    "Marker",
    "Number",
    "Ref",
    "Remove",
    "Symbol",
    "Uri",
    "XStr",
]


class _Frozen:
    """Refuse to change a value after it was made."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable")


class Number(_Frozen):
    """A number that carries a unit.

    `val` is `int` or `float`; `unit` is the unit's symbol (`"kW"`, `"°F"`), never empty. A number
    without unit is a plain Python number, not a `Number`. Equality is strict: value and unit.
    """

    __slots__ = ("unit", "val")
    val: int | float
    unit: str

    def __init__(self, val: int | float, unit: str) -> None:
        _set_number_val(self, val)
        _set_number_unit(self, unit)

    def __eq__(self, other: object) -> bool:
        return type(other) is Number and self.val == other.val and self.unit == other.unit

    def __hash__(self) -> int:
        return hash((self.val, self.unit))

    def __float__(self) -> float:
        return float(self.val)

    def __repr__(self) -> str:
        return f"Number({self.val!r}, {self.unit!r})"

    def __reduce__(self) -> Any:
        return (Number, (self.val, self.unit))


_set_number_val: Any = Number.__dict__["val"].__set__
_set_number_unit: Any = Number.__dict__["unit"].__set__


class _Text(_Frozen):
    """A kind that is one text; equal and hashed by kind and text."""

    __slots__ = ("val",)
    val: str

    def __init__(self, val: str) -> None:
        object.__setattr__(self, "val", val)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.val == other.val

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.val))

    def __str__(self) -> str:
        return self.val

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.val!r})"

    def __reduce__(self) -> Any:
        return (type(self), (self.val,))


class Uri(_Text):
    """A universal resource identifier; `val` is its normalised text."""

    __slots__ = ()


class Symbol(_Text):
    """A def name without the caret, such as `site` or `lib:ph`."""

    __slots__ = ()


class Ref(_Frozen):
    """A record id without the at sign, and optionally the text to display for it.

    Equality ignores the display text. `id()` and `dis()` are the accessors known from hxPy.
    """

    __slots__ = ("_dis", "val")
    val: str
    _dis: str | None

    def __init__(self, val: str, dis: str | None = None) -> None:
        object.__setattr__(self, "val", val)
        object.__setattr__(self, "_dis", dis)

    def id(self) -> str:
        """The id without `@`."""
        return self.val

    def dis(self) -> str:
        """The display text, or the id where there is none."""
        return self._dis if self._dis is not None else self.val

    @property
    def dis_text(self) -> str | None:
        """The display text, or None where there is none."""
        return self._dis

    def __eq__(self, other: object) -> bool:
        return type(other) is Ref and self.val == other.val

    def __hash__(self) -> int:
        return hash(("Ref", self.val))

    def __str__(self) -> str:
        return self.val

    def __repr__(self) -> str:
        return f"Ref({self.val!r})" if self._dis is None else f"Ref({self.val!r}, {self._dis!r})"

    def __reduce__(self) -> Any:
        return (Ref, (self.val, self._dis))


class XStr(_Frozen):
    """A typed text of a kind that Haystack does not know; `Bin` is `XStr("Bin", mime)`."""

    __slots__ = ("type", "val")
    type: str
    val: str

    def __init__(self, type: str, val: str) -> None:
        object.__setattr__(self, "type", type)
        object.__setattr__(self, "val", val)

    def __eq__(self, other: object) -> bool:
        return other.__class__ is XStr and (self.type, self.val) == (other.type, other.val)

    def __hash__(self) -> int:
        return hash(("XStr", self.type, self.val))

    def __repr__(self) -> str:
        return f"XStr({self.type!r}, {self.val!r})"

    def __reduce__(self) -> Any:
        return (XStr, (self.type, self.val))


def _micro_degrees(degrees: float) -> int:
    """Whole micro-degrees, truncated; what a float misses by its last digits counts as whole."""
    micros = degrees * 1_000_000
    whole = round(micros)
    return whole if abs(micros - whole) < 1e-4 else int(micros)


class Coord(_Frozen):
    """A place on earth; latitude and longitude in degrees, kept as whole micro-degrees (truncated).

    Raises:
        ValueError: latitude outside -90…90 or longitude outside -180…180.
    """

    __slots__ = ("ulat", "ulng")
    ulat: int
    ulng: int

    def __init__(self, lat: float, lng: float) -> None:
        if not (-90 <= lat <= 90 and -180 <= lng <= 180):
            raise ValueError(f"coordinate out of range: {lat}, {lng}")
        object.__setattr__(self, "ulat", _micro_degrees(lat))
        object.__setattr__(self, "ulng", _micro_degrees(lng))

    @property
    def lat(self) -> float:
        """Latitude in degrees."""
        return self.ulat / 1_000_000

    @property
    def lng(self) -> float:
        """Longitude in degrees."""
        return self.ulng / 1_000_000

    def __eq__(self, other: object) -> bool:
        return type(other) is Coord and self.ulat == other.ulat and self.ulng == other.ulng

    def __hash__(self) -> int:
        return hash(("Coord", self.ulat, self.ulng))

    def __repr__(self) -> str:
        return f"Coord({self.lat!r}, {self.lng!r})"

    def __reduce__(self) -> Any:
        return (Coord, (self.lat, self.lng))


class _Singleton(_Frozen):
    """A kind with one value: calling the class returns it."""

    __slots__ = ()
    _instances: dict[type, _Singleton] = {}  # noqa: RUF012 - meant to be shared

    def __new__(cls) -> Any:
        found = cls._instances.get(cls)
        if found is None:
            found = cls._instances[cls] = object.__new__(cls)
        return found

    def __reduce__(self) -> Any:
        return (type(self), ())

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Marker(_Singleton):
    """The value of a tag that is just there."""

    __slots__ = ()


class NA(_Singleton):
    """Not available: a value that should be there but could not be had."""

    __slots__ = ()


class Remove(_Singleton):
    """The value `none()`: says that a tag is to be removed."""

    __slots__ = ()


MARKER: Marker = Marker()
NA_VALUE: NA = NA()
REMOVE: Remove = Remove()
