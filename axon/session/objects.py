"""Python objects that stay in their session: what Axon holds is a reference.

A reference keeps the object alive there; when the last one goes here, the session is told with the next
request, many at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from axon.errors import ArgErr, SessionClosed, UnknownNameErr
from pylib.batches import items_of, split
from pylib.frames import WireFault

if TYPE_CHECKING:
    from axon.session.client import Client

__all__ = ["PyObj"]

_BATCH = 1000
"""Items that an iteration fetches at once."""
_MANY = 256
"""Items from this count on are mapped in pieces."""


class PyObj:
    """An object in a Python session, made by the client that received its reference.

    `type_name` is its class with the module, `is_callable` whether it can be called.
    """

    __slots__ = ("__weakref__", "_client", "_received", "_ref", "is_callable", "name", "type_name")

    def __init__(self, client: Client, ref: int, about: dict[str, Any]) -> None:
        self._client = client
        self._ref = ref
        self._received = 0
        self.type_name = str(about.get("type", "object"))
        self.is_callable = about.get("call") is True
        self.name = str(about.get("name", self.type_name))

    def received(self) -> None:
        """The reference came once more."""
        self._received += 1

    def number_for(self, client: Client) -> int:
        """Its number, to be sent back to the session that it is of.

        Raises:
            ArgErr: it is of another session.
            SessionClosed: its session has ended.
        """
        self._check()
        if client is not self._client:
            raise ArgErr(f"{self!r} belongs to another Python session")
        return self._ref

    def _check(self) -> None:
        if self._client.ended:
            raise SessionClosed(f"the Python session of {self!r} has ended")

    def _ask(self, service: str, *args: Any, raw: bool = False) -> Any:
        self._check()
        return self._client.ask(*(("raw", service) if raw else (service,)), self, *args)

    def get(self, name: str, *, raw: bool = False) -> Any:
        """An attribute; with `raw` as a reference whatever it is.

        Raises:
            RemoteError: there is none, and what else reading it may raise.
        """
        return self._ask("get", name, raw=raw)

    def set(self, name: str, val: Any) -> None:
        """Set an attribute; raises as `get`."""
        self._ask("set", name, val)

    def item(self, key: Any, *, raw: bool = False) -> Any:
        """`obj[key]`; raises as `get`."""
        return self._ask("item", key, raw=raw)

    def set_item(self, key: Any, val: Any) -> None:
        """`obj[key] = val`; raises as `get`."""
        self._ask("setItem", key, val)

    def call(
        self, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None, *, raw: bool = False
    ) -> Any:
        """Call it; raises as `get`."""
        return self._ask("call", list(args), kwargs, raw=raw)

    def call_method(
        self, name: str, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None, *, raw: bool = False
    ) -> Any:
        """Call a method; raises as `get`."""
        return self._ask("callMethod", name, list(args), kwargs, raw=raw)

    def map(self, items: Sequence[Any]) -> list[Any]:
        """Call it with each item, all in one request; raises as `get`."""
        items = items if type(items) is list else list(items)
        if len(items) < _MANY:
            few: list[Any] = self._ask("map", items)
            return few
        found: list[Any] = []

        def take(piece: Any) -> None:
            found.extend(items_of(piece))
            if len(found) > len(items):
                raise WireFault("a function gave more values than it was called with")

        self._check()
        self._client.ask_in_parts(take, "mapPieces", self, split(items))
        if len(found) < len(items):
            raise self._client.refused(WireFault("a function gave fewer values than it was called with"))
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.call(args, kwargs or None)

    def __iter__(self) -> Iterator[Any]:
        iterator = self._ask("iter")
        while True:
            items = iterator._ask("next", _BATCH)
            yield from items
            if len(items) < _BATCH:
                return

    def __len__(self) -> int:
        return int(self._ask("len"))

    def __bool__(self) -> bool:
        return True

    def axon_trap(self, name: str) -> Any:
        """`obj->name`: an attribute; one that can be called is an Axon function.

        Raises:
            UnknownNameErr: a name that starts with an underscore, unless the session's option `private` is
            set.
        """
        if name.startswith("_") and not self._client.private:
            raise UnknownNameErr(
                f"{name}: names with an underscore are not reached, unless by the option private"
            )
        found = self.get(name)
        make = self._client.make_function
        return make(found) if type(found) is PyObj and found.is_callable and make is not None else found

    def __str__(self) -> str:
        if self._client.ended:
            return f"<{self.type_name} of a session that has ended>"
        return str(self._ask("repr"))

    def __repr__(self) -> str:
        return f"<PyObj {self.type_name}>"

    def __del__(self) -> None:
        self._client.references.dropped.append([self._ref, self._received])
