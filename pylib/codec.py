"""Values to bytes and back: one tag byte per kind, then its payload; large columns travel as buffers.

Both ends use this one codec, so that a value needs no other form on the way. It knows no streams. What it
does not know itself it hands to the two hooks of a `Codec`: `other` writes a value of a type that has no tag
of its own (a Python object, a function), `link` makes a value of what came as a reference. Numbers are
little-endian, text is UTF-8 in which lone surrogates pass.
"""

from __future__ import annotations

from marshal import dumps, loads
from struct import error as struct_error

from pylib.decoder import Decoder
from pylib.encoder import PUTS, Encoder
from pylib.frames import WireFault
from pylib.kinds import Uri
from pylib.layout import T_NULL, T_PLAIN
from pylib.plain import MARSHAL, PLAIN, plain_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from typing import Any, Optional

    from pylib.encoder import Put

__all__ = ["Codec"]


class Codec:
    """What one end of a session does beyond the kinds that both know.

    Args:
        other: writes a value whose type has no tag; raises TypeError where it can't cross.
        link: gives the value for a reference that came: tag, id, and what was said of it.
        native: deliver what Python code expects: numbers without unit, whole ones as `int`, a Uri as a `str`.
        units: with `native`, makes the object for a number with unit.
        uri: with `native`, makes the object for a Uri.
        zone: finds a time zone by its full id.
        exact: False delivers single whole numbers beyond 2**53 as floats, which is what they are in Axon.

    Where `plain` is set, small values of plain kinds are written in the format of Python's `marshal`
    (`pylib.plain`).
    """

    __slots__ = ("exact", "link", "native", "other", "plain", "puts", "units", "uri", "zone")

    def __init__(
        self,
        other: Callable[[Encoder, Any], None],
        link: Callable[[int, int, Any], Any],
        *,
        native: bool = False,
        units: Optional[Callable[[Any, str], Any]] = None,
        uri: Callable[[str], Any] = Uri,
        zone: Optional[Callable[[str], dt.tzinfo]] = None,
        exact: bool = True,
    ) -> None:
        self.other = other
        self.link = link
        self.native = native
        self.exact = exact
        self.plain = False
        self.units = units
        self.uri = uri
        self.zone = zone or _zone
        self.puts: dict[type, Put] = dict(PUTS)

    def encode(self, value: Any) -> tuple[bytearray, list[Any]]:
        """Body and buffers of a value.

        Raises:
            TypeError: a value of a type that can't cross, or one nested too deep.
        """
        kind = type(value)
        if kind is int and -64 <= value < 64:
            return bytearray((0xC0 + value,)), []
        if self.plain and (kind is dict or kind is list):
            plain = plain_of(value)
            if plain is not None:
                return bytearray(PLAIN + dumps(plain, MARSHAL)), []
        encoder = Encoder(self)
        encoder.put(value)
        return encoder.out, encoder.buffers

    def decode(self, body: Any, buffers: Sequence[memoryview] = ()) -> Any:
        """The value of a body and its buffers; a list of buffers is emptied while reading.

        Raises:
            WireFault: the bytes are not a value, or more follows.
        """
        if type(body) is not bytes:
            body = bytes(body)
        first = body[0] if body else T_NULL
        if first >= 0x80 and len(body) == 1 and not buffers:
            return first - 0xC0
        if first == T_PLAIN and self.native:
            return loads(body[1:])
        decoder = Decoder(self, body, buffers)
        try:
            value = decoder.get()
        except (IndexError, UnicodeDecodeError, ValueError, OverflowError) as e:
            raise WireFault(f"a value on the link is damaged ({e})") from e
        except struct_error as e:
            raise WireFault("a value on the link is damaged (it ends early)") from e
        if decoder.at != decoder.end:
            raise WireFault(f"a value on the link is followed by {decoder.end - decoder.at} bytes too many")
        if decoder.used != len(decoder.buffers):
            raise WireFault(f"a value on the link left {len(decoder.buffers) - decoder.used} buffers unused")
        return value


def _zone(key: str) -> dt.tzinfo:
    from pylib.times import zone_by_id

    return zone_by_id(key)
