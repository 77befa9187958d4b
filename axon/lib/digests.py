"""Library functions: bytes as text, check sums, digests and keys.

Results that are bytes are buffers: handles whose content can be read once.
"""

from __future__ import annotations

import base64
import os
import re
import zlib
from typing import TYPE_CHECKING

from axon.errors import ArgErr, Err
from axon.lib.registry import Dict, Num, Obj, Str, builtin
from axon.runtime import io_opts
from axon.runtime.handles import Buffer, Handle, handle_of
from axon.values.numbers import split, to_int

if TYPE_CHECKING:
    from axon.runtime.context import Context

_MAX_BYTES = 1 << 28
_MAX_ROUNDS = 100_000_000
_DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256"}
_KEY_DIGESTS = re.compile(r"PBKDF2WithHmac(SHA1|SHA224|SHA256|SHA384|SHA512)")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


@builtin(lib="hx.io", admin=True)
def io_random(size: Num) -> Handle:
    """A buffer of random bytes, good enough for keys.

    Raises:
        ArgErr: a negative size, or more than 256 MB.

    Examples:
        ioToHex(ioRandom(4)).size                            //=> 8
        ioRandom(-1)                                         //! ArgErr "size"
    """
    return Buffer(os.urandom(_bounded("ioRandom", "size", size, 0, _MAX_BYTES)))


def _bounded(func: str, name: str, val: Num, low: int, high: int) -> int:
    number = to_int(split(val)[0])
    if not low <= number <= high:
        raise ArgErr(f"{func}: {name} must be {low} to {high}, got {number}")
    return number


@builtin(lib="hx.io", admin=True)
def io_to_hex(cx: Context, handle: Obj) -> Str:
    """The bytes of a handle as lower-case hexadecimal digits; of a Str, its UTF-8 bytes.

    Examples:
        ioToHex("hi")                                        //=> "6869"
        do b: ioFromBase64("aGk="); [ioToHex(b), ioToHex(b)] end               //=> ["6869", ""]
        ioToHex(5)                                           //! ArgErr "handle"
    """
    return handle_of(handle, cx).read_bytes().hex()


@builtin(lib="hx.io", admin=True)
def io_to_base64(cx: Context, handle: Obj, opts: Dict | None = None) -> Str:
    """The bytes of a handle in base64, with `=` at the end; of a Str, its UTF-8 bytes.

    Options:
        uri: use `-` and `_` for `+` and `/`, and leave out `=`.

    Examples:
        ioToBase64("hi?>~")                                  //=> "aGk/Pn4="
        ioToBase64("hi?>~", {uri})                           //=> "aGk_Pn4"
    """
    data = handle_of(handle, cx).read_bytes()
    if io_opts.flag(opts, "uri"):
        return base64.urlsafe_b64encode(data).decode().rstrip("=")
    return base64.b64encode(data).decode()


@builtin(lib="hx.io", admin=True)
def io_from_base64(s: Str) -> Handle:
    """A buffer of the bytes that base64 stands for; both alphabets are read, other characters left out.

    Examples:
        ioReadStr(ioFromBase64("aGk_Pn4"))                   //=> "hi?>~"
        ioReadStr(ioFromBase64("aG k="))                     //=> "hi"
    """
    digits = _NOT_BASE64.sub("", s.replace("-", "+").replace("_", "/"))
    if len(digits) % 4 == 1:  # six bits are no byte
        digits = digits[:-1]
    return Buffer(base64.b64decode(digits + "=" * (-len(digits) % 4)))


@builtin(lib="hx.io", admin=True)
def io_crc(cx: Context, handle: Obj, algorithm: Str) -> Num:
    """The check sum of the bytes of a handle: `CRC-16`, `CRC-32` or `CRC-32-Adler`.

    Raises:
        ArgErr: another algorithm.

    Examples:
        ioCrc("abc", "CRC-32")                               //=> 891568578
        ioCrc("abc", "CRC-16")                               //=> 22345
        ioCrc("abc", "x")                                    //! ArgErr "algorithm"
    """
    source = handle_of(handle, cx)
    if algorithm == "CRC-16":
        return _crc16(source)
    step, sum_ = {"CRC-32": (zlib.crc32, 0), "CRC-32-Adler": (zlib.adler32, 1)}.get(algorithm, (None, 0))
    if step is None:
        raise ArgErr(f"ioCrc: unknown algorithm {algorithm!r}; known are CRC-16, CRC-32, CRC-32-Adler")
    for block in source.blocks():
        sum_ = step(block, sum_)
    return sum_


def _crc16(source: Handle) -> int:
    """The CRC of Modbus: polynomial 0x8005 reflected, all bits set at the start."""
    table = _crc16_table()
    crc = 0xFFFF
    for block in source.blocks():
        for byte in block:
            crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc


def _crc16_table() -> list[int]:
    out = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
        out.append(crc)
    return out


@builtin(lib="hx.io", admin=True)
def io_digest(cx: Context, handle: Obj, algorithm: Str) -> Handle:
    """The digest of the bytes of a handle, as a buffer: `MD5`, `SHA-1` or `SHA-256`.

    Raises:
        ArgErr: another algorithm.

    Examples:
        ioToHex(ioDigest("abc", "MD5"))                      //=> "900150983cd24fb0d6963f7d28e17f72"
        ioDigest("abc", "nosuch")                            //! ArgErr "algorithm"
    """
    import hashlib

    digest = hashlib.new(_digest_name("ioDigest", algorithm), usedforsecurity=False)
    for block in handle_of(handle, cx).blocks():
        digest.update(block)
    return Buffer(digest.digest())


def _digest_name(func: str, algorithm: str) -> str:
    name = _DIGESTS.get(algorithm)
    if name is None:
        raise ArgErr(f"{func}: unknown algorithm {algorithm!r}; known are {', '.join(_DIGESTS)}")
    return name


@builtin(lib="hx.io", admin=True)
def io_hmac(cx: Context, handle: Obj, algorithm: Str, key: Obj) -> Handle:
    """The keyed digest (RFC 2104) of the bytes of a handle, as a buffer; `key` is any handle.

    Raises:
        ArgErr: an algorithm other than those of `ioDigest`, or an empty key.

    Examples:
        ioToHex(ioHmac("abc", "SHA-1", "k"))                 //=> "f9bef091fe00d9f5128593836dba99e193f08174"
        ioHmac("abc", "MD5", "")                             //! ArgErr "key"
    """
    import hmac

    secret = handle_of(key, cx).read_bytes()
    if not secret:
        raise ArgErr("ioHmac: the key is empty")
    made = hmac.new(secret, digestmod=_digest_name("ioHmac", algorithm))
    for block in handle_of(handle, cx).blocks():
        made.update(block)
    return Buffer(made.digest())


@builtin(lib="hx.io", admin=True)
def io_pbk(cx: Context, algorithm: Str, password: Str, salt: Obj, iterations: Num, key_len: Num) -> Handle:
    """A key made of a password (PBKDF2, RFC 8018), as a buffer.

    `salt` is any handle, `keyLen` the length of the key in bytes.

    Raises:
        Err: an algorithm other than `PBKDF2WithHmacSHA1`, `…SHA224`, `…SHA256`, `…SHA384`, `…SHA512`.
        ArgErr: no rounds, no length, or too many of them.

    Examples:
        ioPbk("PBKDF2WithHmacSHA512", "pw", "salt", 5, 4).ioToHex              //=> "d33dd31c"
        ioPbk("nosuch", "pw", "salt", 10, 16)                //! Err "algorithm"
    """
    import hashlib

    known = _KEY_DIGESTS.fullmatch(algorithm)
    if known is None:
        raise Err(f"ioPbk: unknown algorithm {algorithm!r}")
    rounds = _bounded("ioPbk", "iterations", iterations, 1, _MAX_ROUNDS)
    size = _bounded("ioPbk", "keyLen", key_len, 1, 1 << 20)
    data = handle_of(salt, cx).read_bytes()
    secret = password.encode(errors="surrogatepass")
    return Buffer(hashlib.pbkdf2_hmac(known[1].lower(), secret, data, rounds, size))


@builtin(lib="hx.io", admin=True)
def io_gzip(cx: Context, handle: Obj) -> Handle:
    r"""A handle that is compressed when it is written and expanded when it is read.

    What is read may come to 1 GB.

    Examples:
        do h: ioGzip(`io/x.gz`); ioWriteStr("hello", h); ioReadStr(h) end      //=> "hello"
        ioReadStr(ioGzip(`io/none.gz`))                      //! IOErr "does not exist"
        ioReadStr(ioGzip("abc"))                             //! UnsupportedErr "binary"
    """
    from axon.runtime.wrappers import GzipHandle

    return GzipHandle(handle_of(handle, cx))
