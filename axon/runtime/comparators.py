"""Comparators that are keys in disguise: `(a, b) => b - a`, `(a, b) => a->name <=> b->name`.

A sort by a function of two items calls it some 17 times per item of a list of 100,000. Most such functions
only compare the items, or a tag of each. To know that, the function is run once on two symbols, in a
namespace that holds nothing but stand-ins for the helpers of that kind: what uses anything else ends with
an error and is no such function, and nothing outside can notice the run.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

from axon.runtime.calls import Fn
from axon.values.ordering import plain_keys

__all__ = ["Comparison", "comparison_of"]


class _Symbol:
    """One of the two items, or a tag of it. No operator works on it, not even the test for truth."""

    __slots__ = ("path", "right")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, right: bool, path: tuple[str, ...] = ()) -> None:
        self.right = right
        self.path = path

    def __eq__(self, other: object) -> bool:
        raise TypeError

    def __bool__(self) -> bool:
        raise TypeError


class Comparison:
    """What a function of `(a, b)` was found to be: the difference or the order of the same part of both."""

    __slots__ = ("_difference", "_path", "reverse")

    def __init__(self, x: _Symbol, y: _Symbol, *, difference: bool) -> None:
        if x.right is y.right or x.path != y.path:
            raise TypeError
        self._difference = difference
        self._path = x.path
        self.reverse = x.right

    @property
    def whole(self) -> bool:
        """Whether each result is -1, 0 or 1, whatever the items."""
        return not self._difference

    def keys(self, items: Sequence[Any]) -> Sequence[Any] | None:
        """Keys that Python sorts as the function would; None where it has to be asked."""
        keys = items
        for name in self._path:
            if set(map(type, keys)) != {dict}:
                return None
            try:
                keys = [key[name] for key in keys]
            except KeyError:
                return None
        if self._difference:
            return keys if set(map(type, keys)) == {int} else None
        return plain_keys(keys)


def _tag(of: _Symbol, name: str, _cx: Any) -> _Symbol:
    return _Symbol(of.right, (*of.path, name))


_SPACE: dict[str, Any] = {
    "__builtins__": {},
    "_type": lambda _: object(),  # no kind is known: the helpers are asked
    "_int": int,
    "_float": float,
    "_dict_type": dict,
    "_cx": None,
    "_trap": _tag,
    "_sub": lambda x, y: Comparison(x, y, difference=True),
    "_cmp": lambda x, y: Comparison(x, y, difference=False),
}


def comparison_of(fn: Fn) -> Comparison | None:
    """What kind of comparator a function is; None for one that can only be called."""
    code: types.CodeType | None = getattr(fn.raw, "__code__", None)
    if not fn.is_lambda or fn.arity != 2 or code is None or code.co_freevars:
        return None
    space = _SPACE.copy()
    symbolic: Callable[[Any, Any], Any] = types.FunctionType(code, space)
    try:
        found = symbolic(_Symbol(False), _Symbol(True))
    except Exception:  # whatever it is, symbols were not enough
        return None
    unchanged = space.keys() == _SPACE.keys() and all(space[key] is val for key, val in _SPACE.items())
    return found if unchanged and type(found) is Comparison else None
