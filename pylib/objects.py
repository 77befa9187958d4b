"""Objects of a session that stay there: what has no Haystack kind crosses as a reference.

`Exports` keeps what was given out, by number, until the host says that it dropped it. The services below are
what the host may ask of such an object.
"""

from __future__ import annotations

from pylib.memory import Releases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

__all__ = ["ByReference", "Exports", "services"]


class ByReference:
    """Says that a value is to cross as a reference although it could cross as itself."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Exports:
    """Objects by number, each with how often its number was sent."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._kept: dict[int, list[Any]] = {}
        self._next = 1
        self._releases = Releases()
        self.wants_room = False

    def __len__(self) -> int:
        return len(self._kept)

    def give(self, obj: Any) -> int:
        """The number of an object, which is about to be sent once more."""
        number = self._numbers.get(id(obj))
        if number is None:
            number = self._next
            self._next += 1
            self._numbers[id(obj)] = number
            self._kept[number] = [obj, 0]
        self._kept[number][1] += 1
        return number

    def find(self, number: int) -> Any:
        """The object of a number.

        Raises:
            ReferenceError: it was released.
        """
        kept = self._kept.get(number)
        if kept is None:
            raise ReferenceError("the object of this reference is gone")
        return kept[0]

    def release(self, number: int, times: int) -> None:
        """The other end dropped a number that it had received so many times."""
        kept = self._kept.get(number)
        if kept is None:
            return
        kept[1] -= times
        if kept[1] <= 0:
            del self._kept[number]
            del self._numbers[id(kept[0])]

    def released(self, count: int) -> None:
        """So many numbers were released."""
        self.wants_room = self._releases.add(count, len(self._kept)) or self.wants_room

    def make_room(self) -> None:
        """Tables that were large do not stay large; to be called where `wants_room` is set."""
        self.wants_room = False
        self._kept, self._numbers = dict(self._kept), dict(self._numbers)
        self._releases.give_back()


def about(obj: Any) -> dict[str, Any]:
    """What the host is told of an object with its number."""
    kind = type(obj)
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None)
    out: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}", "call": callable(obj)}
    if type(name) is str:
        out["name"] = name
    return out


def _call(fn: Any, args: list[Any], kwargs: dict[str, Any] | None) -> Any:
    return fn(*args, **(kwargs or {}))


def _call_method(obj: Any, name: str, args: list[Any], kwargs: dict[str, Any] | None) -> Any:
    return getattr(obj, name)(*args, **(kwargs or {}))


def _set(obj: Any, name: str, value: Any) -> None:
    setattr(obj, name, value)


def _get_item(obj: Any, key: Any) -> Any:
    return obj[key]


def _set_item(obj: Any, key: Any, value: Any) -> None:
    obj[key] = value


def _next(iterator: Iterator[Any], count: int) -> list[Any]:
    """At most `count` further items; fewer at the end."""
    from itertools import islice

    return list(islice(iterator, count))


def _iterate(obj: Any) -> ByReference:
    return ByReference(iter(obj))


def _import(name: str) -> ByReference:
    import importlib

    return ByReference(importlib.import_module(name))


def _resolve(expr: str, space: dict[str, Any]) -> ByReference:
    """What an expression gives; the first name of a dotted one may be a module that is not imported yet."""
    import builtins
    import importlib

    head, dot, _ = expr.partition(".")
    if dot and head.isidentifier() and head not in space and not hasattr(builtins, head):
        space = {**space, head: importlib.import_module(head)}
        parent = expr.rpartition(".")[0]
        if all(part.isidentifier() for part in parent.split(".")):
            try:
                importlib.import_module(parent)
            except ImportError:  # a class of the module, not a module
                pass
    return ByReference(eval(expr, space))


def _map(fn: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    return [fn(item) for item in items]


def _map_pieces(fn: Callable[[Any], Any], pieces: list[list[Any]], give: Callable[[list[Any]], None]) -> None:
    from pylib.batches import map_pieces

    map_pieces(fn, pieces, give)


def _raw(service: str, *args: Any) -> ByReference:
    return ByReference(services[service](*args))


services: dict[str, Callable[..., Any]] = {
    "echo": lambda value: value,
    "get": getattr,
    "set": _set,
    "call": _call,
    "callMethod": _call_method,
    "item": _get_item,
    "setItem": _set_item,
    "repr": repr,
    "str": str,
    "len": len,
    "iter": _iterate,
    "next": _next,
    "import": _import,
    "map": _map,
    "mapPieces": _map_pieces,
    "resolve": _resolve,
    "raw": _raw,
    "refs": len,
}
"""What the host may call, by name."""
