"""Bodies of calls of functions of the host: all begin alike, and most have one small whole number."""

from __future__ import annotations

from struct import Struct

from pylib.encoder import Encoder
from pylib.layout import I64, T_INT64, T_LIST, T_STR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pylib.codec import Codec

__all__ = ["decode_call", "encode_call", "head_of"]

_HEAD = bytes((T_LIST, 3, 0, 0, 0, T_STR, 2)) + b"fn" + bytes((T_INT64,))
_HEAD_AT = len(_HEAD)
_ARGS_AT = _HEAD_AT + I64.size
_ONE = bytes((T_LIST, 1, 0, 0, 0))
_ONE_SMALL = [_ONE + bytes((0xC0 + n,)) for n in range(-64, 64)]
"""A list of one small whole number."""
_CALL_ONE = Struct(f"<{len(_HEAD)}sq{len(_ONE)}sB")
"""A call with one small whole number, the most frequent."""
_CALL_SIZE = _CALL_ONE.size
_unpack_call = _CALL_ONE.unpack


def head_of(number: int) -> bytes:
    """How the call of a function of the host begins: a list of `fn`, its number, and its arguments."""
    return _HEAD + I64.pack(number)


def encode_call(codec: Codec, head: bytes, args: tuple[Any, ...]) -> tuple[bytes | bytearray, list[Any]]:
    """Body and buffers of the call of a function of the host, by its head; raises as `Codec.encode`."""
    if len(args) == 1:
        arg = args[0]
        if type(arg) is int and -64 <= arg < 64:
            return head + _ONE_SMALL[arg + 64], []
    encoder = Encoder(codec)
    encoder.out += head
    encoder.put(list(args))
    return encoder.out, encoder.buffers


def decode_call(codec: Codec, body: bytes, buffers: Sequence[memoryview]) -> tuple[int, Any] | None:
    """The number of one of our functions and the list of arguments, where a body calls one; else None.

    Raises:
        WireFault: the arguments are no value.
    """
    if len(body) == _CALL_SIZE:
        head, number, one, arg = _unpack_call(body)
        if arg >= 0x80 and one == _ONE and head == _HEAD:
            return number, [arg - 0xC0]
    if body[:_HEAD_AT] != _HEAD or len(body) < _ARGS_AT:
        return None
    return I64.unpack_from(body, _HEAD_AT)[0], codec.decode(body[_ARGS_AT:], buffers)
