"""What each end of a session holds of the other: objects of the session here, functions of ours there."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from axon.session.objects import PyObj
from axon.values.show import to_str
from axon.values.times import DateSpan, Span
from pylib.encoder import Encoder, put_link
from pylib.frames import WireFault
from pylib.kinds import XStr
from pylib.layout import T_FUNC, T_OBJECT
from pylib.memory import Releases

if TYPE_CHECKING:
    from axon.session.client import Client

__all__ = ["References"]


class References:
    """The references of one conversation; `put` and `get` are the hooks of its codec.

    Args:
        client: whom the objects ask.
        zone: full id of the time zone for timestamps without one.
    """

    def __init__(self, client: Client, zone: str) -> None:
        self._client = client
        self._zone = zone
        self.functions: dict[int, list[Any]] = {}
        """Functions of ours by number, each with how often it was given to the session."""
        self._numbers: dict[int, int] = {}
        self._next = 1
        self.objects: weakref.WeakValueDictionary[int, PyObj] = weakref.WeakValueDictionary()
        """Objects of the session by number."""
        self.dropped: list[list[int]] = []
        """What nobody here refers to any more, to be told: number, and how often it came."""
        self._releases = Releases()

    # ---- the codec's hooks

    def put(self, encoder: Encoder, value: Any) -> None:
        """Write a value that has no tag of its own.

        Raises:
            TypeError: it can't cross.
            ArgErr: an object of another session.
            SessionClosed: one of a session that has ended.
        """
        if type(value) is PyObj:
            put_link(encoder, T_OBJECT, -value.number_for(self._client), None)
            return
        if callable(value) and not isinstance(value, type):
            name = str(getattr(value, "name", value.__class__.__name__))
            put_link(encoder, T_FUNC, self._number_of(value), name)
            return
        from pylib.native import put_native

        if type(value) in (Span, DateSpan):  # as in Zinc: a kind that Python has not, by its text
            encoder.put(XStr(type(value).__name__, to_str(value)))
            return
        if type(value).__module__.startswith("axon."):
            raise TypeError(f"a {type(value).__name__} cannot cross")
        put_native(encoder, value, {"tz": self._zone})

    def get(self, tag: int, ref: int, about: Any) -> Any:
        """What a reference means that came.

        Raises:
            WireFault: it makes no sense.
        """
        if tag == T_FUNC and -ref in self.functions:
            return self.functions[-ref][0]
        if tag != T_OBJECT or ref <= 0 or type(about) is not dict:
            raise WireFault("a reference came that makes no sense")
        found = self.objects.get(ref)
        if found is None:
            found = self.objects[ref] = PyObj(self._client, ref, about)
        found.received()
        return found

    # ---- functions of ours

    def _number_of(self, fn: Any) -> int:
        """The number of a function that is given to the session."""
        number = self._numbers.get(id(fn))
        if number is None:
            number = self._next
            self._next += 1
            self._numbers[id(fn)] = number
            self.functions[number] = [fn, 0]
        self.functions[number][1] += 1
        return number

    def release(self, numbers: Any) -> None:
        """The session has dropped functions of ours, each as often as its number is there.

        Raises:
            WireFault: that is no list.
        """
        if type(numbers) is not list:
            raise WireFault("the session's Release is not a list")
        for number in numbers:
            found = self.functions.get(number)
            if found is not None:
                found[1] -= 1
                if found[1] <= 0:
                    del self.functions[number]
                    del self._numbers[id(found[0])]

    # ---- objects of the session

    def tell_dropped(self, tell: Callable[[list[list[int]]], object]) -> None:
        """Tell the session what was dropped."""
        count = len(self.dropped)  # another thread may add to it meanwhile
        dropped = self.dropped[:count]
        del self.dropped[:count]
        tell(dropped)
        del dropped
        if self._releases.add(count, len(self.objects)):
            self.objects = weakref.WeakValueDictionary(self.objects)
            self._releases.give_back()
