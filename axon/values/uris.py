"""Uri text: normal form, parts, resolving against a base, percent encoding.

A Uri holds plain text, not percent-encoded. A backslash marks a delimiter that is meant as an ordinary
character (`a\\#b`); it is kept only in front of a delimiter of its section.
"""

from __future__ import annotations

from axon.errors import ParseErr
from pylib.kinds import Uri

__all__ = ["UriParts", "decode", "encode", "make_uri", "normalize", "parts", "plus_slash", "resolve"]

_PORTS = {"http": 80, "https": 443, "ftp": 21}
_PATH_DELIMITERS = ":/?#\\"
_QUERY_DELIMITERS = "#&;=\\"
_ALNUM = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_SCHEME_CHARS = _ALNUM | frozenset("+-.")
_UNRESERVED = _ALNUM | frozenset("-._~!$&'()*+,;=:@")
_PATH_CHARS = _UNRESERVED | {"/"}
_TAIL_CHARS = _UNRESERVED | {"/", "?"}


class UriParts:
    """The sections of a Uri, normalised; None where a section is missing.

    `path` holds the segments of `path_str`; `port` is None when absent or the default of the scheme.
    """

    __slots__ = ("frag", "host", "path", "path_str", "port", "query", "scheme", "user")

    def __init__(
        self,
        scheme: str | None = None,
        user: str | None = None,
        host: str | None = None,
        port: int | None = None,
        path_str: str = "",
        query: str | None = None,
        frag: str | None = None,
    ) -> None:
        self.scheme = scheme
        self.user = user
        self.host = host
        self.port = port
        self.path_str = path_str
        self.path = _segments(path_str)
        self.query = query
        self.frag = frag

    @property
    def is_abs_path(self) -> bool:
        """Whether the path starts at the root."""
        return self.path_str.startswith("/")

    @property
    def is_dir(self) -> bool:
        """Whether the path ends with a slash."""
        return self.path_str.endswith("/")

    @property
    def name(self) -> str:
        """The last segment of the path, empty without one."""
        return self.path[-1] if self.path else ""

    @property
    def basename(self) -> str:
        """The name without its extension."""
        dot = self.name.rfind(".")
        return self.name if dot < 0 else self.name[:dot]

    @property
    def ext(self) -> str | None:
        """What follows the last point of the name, or None."""
        dot = self.name.rfind(".")
        return None if dot < 0 else self.name[dot + 1 :]

    def text(self) -> str:
        """The Uri of these parts."""
        out = [f"{self.scheme}:"] if self.scheme is not None else []
        if self.host is not None:
            out.append("//")
            if self.user is not None:
                out.append(f"{self.user}@")
            out.append(self.host)
            if self.port is not None:
                out.append(f":{self.port}")
        out.append(self.path_str)
        if self.query is not None:
            out.append(f"?{self.query}")
        if self.frag is not None:
            out.append(f"#{self.frag}")
        return "".join(out)

    def set_path(self, segments: list[str], is_abs: bool, is_dir: bool) -> None:
        """Replace the path."""
        text = "/".join(segments)
        self.path = segments
        self.path_str = ("/" if is_abs else "") + text + ("/" if is_dir and (text or not is_abs) else "")


def _segments(path: str) -> list[str]:
    """Cut at slashes that are not escaped; a slash at either end makes no segment."""
    out, start, i = [], 1 if path[:1] == "/" else 0, 0
    i = start
    while i < len(path):
        if path[i] == "\\":
            i += 2
            continue
        if path[i] == "/":
            out.append(path[start:i])
            start = i + 1
        i += 1
    if start < len(path):
        out.append(path[start:])
    return out


# ---- reading ----------------------------------------------------------------------------------------------


def normalize(text: str) -> str:
    """The normal form of Uri text.

    Scheme in lower case, no default port, `/` for an empty path of http, https and ftp, `.` and `seg/..`
    gone, a backslash only where it escapes a delimiter of its section.

    Raises:
        ParseErr: a port that is not a number.
    """
    return parts(text).text()


def make_uri(text: str) -> Uri:
    """A Uri of text that need not be in normal form."""
    return Uri(normalize(text))


def parts(text: str) -> UriParts:
    """The normalised sections of Uri text.

    Raises:
        ParseErr: a port that is not a number.
    """
    scheme, rest = _split_scheme(text)
    user = host = None
    port = None
    if rest.startswith("//"):
        end = _find(rest, "/?#", 2)
        user, host, port = _split_authority(rest[2:end], text)
        rest = rest[end:]
    path_end = _find(rest, "?#", 0)
    path, rest = rest[:path_end], rest[path_end:]
    query = frag = None
    if rest[:1] == "?":
        query_end = _find(rest, "#", 1)
        query, rest = rest[1:query_end], rest[query_end:]
    if rest[:1] == "#":
        frag = rest[1:]
    made = UriParts(
        scheme,
        user,
        host,
        port,
        _keep_escapes(path, _PATH_DELIMITERS),
        None if query is None else _keep_escapes(query, _QUERY_DELIMITERS),
        None if frag is None else _keep_escapes(frag, _PATH_DELIMITERS),
    )
    return _normalize(made)


def _split_scheme(text: str) -> tuple[str | None, str]:
    head, colon, rest = text.partition(":")
    if colon and head and all(c in _SCHEME_CHARS for c in head):
        return head.lower(), rest
    return None, text


def _split_authority(text: str, whole: str) -> tuple[str | None, str, int | None]:
    head, at, host = text.rpartition("@")
    colon = host.rfind(":")
    port = None
    if colon > host.rfind("]"):
        digits, host = host[colon + 1 :], host[:colon]
        if digits and not (digits.isascii() and digits.isdigit()):
            raise ParseErr(f"Invalid Uri: '{whole}': port is not a number")
        port = int(digits) if digits else None
    return head if at else None, host, port


def _find(text: str, delimiters: str, start: int) -> int:
    """The place of the first delimiter that is not escaped, or the end."""
    i = start
    while i < len(text):
        if text[i] == "\\":
            i += 1
        elif text[i] in delimiters:
            return i
        i += 1
    return len(text)


def _keep_escapes(text: str, delimiters: str) -> str:
    """Drop each backslash that does not stand before a delimiter."""
    if "\\" not in text:
        return text
    out = []
    i = 0
    while i < len(text):
        c = text[i]
        if c == "\\" and i + 1 < len(text):
            i += 1
            c = text[i] if text[i] not in delimiters else "\\" + text[i]
        out.append(c)
        i += 1
    return "".join(out)


def _normalize(u: UriParts) -> UriParts:
    """Default port, empty path, dot segments; changes the parts in place."""
    default = _PORTS.get(u.scheme or "")
    if default is not None:
        if u.port == default:
            u.port = None
        if not u.path_str:
            u.path_str = "/"
    _drop_dots(u)
    return u


def _drop_dots(u: UriParts) -> None:
    """Remove `.` and `seg/..`; a lone `.` and leading `..` stay."""
    if "." not in u.path and ".." not in u.path:
        return
    out: list[str] = []
    ends_in_dot = changed = False
    left = len(u.path)
    for seg in u.path:
        if seg == "." and (left > 1 or u.host is not None):
            left -= 1
            ends_in_dot = changed = True
        elif seg == ".." and out and out[-1] != "..":
            out.pop()
            left -= 2
            ends_in_dot = changed = True
        else:
            out.append(seg)
            ends_in_dot = False
    if changed:
        is_dir = (u.is_dir or ends_in_dot) and bool(out) and out[-1] != ".."
        u.set_path(out, u.is_abs_path, is_dir)


# ---- making -----------------------------------------------------------------------------------------------


def resolve(base: str, other: str) -> str:
    """`other` as seen from `base` (RFC 3986 reference resolution on plain text)."""
    b, r = parts(base), parts(other)
    if (
        r.scheme is not None
        or (r.host is not None and b.scheme is None)
        or (r.is_abs_path and b.host is None)
    ):
        return r.text()
    made = UriParts(b.scheme, b.user, b.host, b.port, b.path_str, b.query, r.frag)
    if r.host is not None:
        made.user, made.host, made.port = r.user, r.host, r.port
        made.path, made.path_str, made.query = r.path, r.path_str, r.query
    elif not r.path and not r.is_abs_path:
        made.query = b.query if r.query is None else r.query
    else:
        if r.is_abs_path:
            made.path, made.path_str = r.path, r.path_str
        else:
            _merge_path(made, b, r)
        made.query = r.query
    return _normalize(made).text()


def _merge_path(made: UriParts, base: UriParts, other: UriParts) -> None:
    if not base.path:
        made.set_path(list(other.path), base.is_abs_path, other.is_dir)
        return
    out = list(base.path) if base.is_dir else base.path[:-1]
    ends_in_dot = False
    for seg in other.path:
        if seg == ".":
            ends_in_dot = True
        elif seg == ".." and out:
            out.pop()
            ends_in_dot = True
        elif seg != ".." or not base.is_abs_path:
            out.append(seg)
            ends_in_dot = False
    made.set_path(out, base.is_abs_path, other.is_dir or ends_in_dot)


def plus_slash(text: str) -> str:
    """The same Uri with a slash at the end of its path."""
    u = parts(text)
    if not u.is_dir:
        u.path_str += "/"
    return u.text()


# ---- percent encoding -------------------------------------------------------------------------------------


def encode(text: str) -> str:
    """Percent-encode a Uri: what is not ASCII or not allowed in its section; space is `+` in the query."""
    u = parts(text)
    u.path_str = _encode_section(u.path_str, _PATH_CHARS)
    if u.query is not None:
        u.query = _encode_section(u.query, _TAIL_CHARS - {"+"}).replace("%20", "+")
    if u.frag is not None:
        u.frag = _encode_section(u.frag, _TAIL_CHARS)
    if u.host is not None:
        u.host = _encode_section(u.host, _UNRESERVED | frozenset("[]"))
    return u.text()


def _encode_section(text: str, allowed: frozenset[str]) -> str:
    out = []
    escaped = False
    for c in text:
        if c == "\\" and not escaped:
            escaped = True
            continue
        if c in allowed and not escaped:
            out.append(c)
        else:
            out += [f"%{byte:02X}" for byte in c.encode("utf-8", "surrogatepass")]
        escaped = False
    return "".join(out)


def decode(text: str) -> str:
    """The Uri text of percent-encoded text, in normal form.

    Raises:
        ParseErr: a character that should have been encoded, or a bad percent sequence.
    """
    head, frag_mark, frag = text.partition("#")
    head, query_mark, query = head.partition("?")
    out = _decode_section(head, _PATH_DELIMITERS + "?", _PATH_CHARS | frozenset("[]"), text, "path")
    if query_mark:
        out += "?" + _decode_section(query, _QUERY_DELIMITERS, _TAIL_CHARS, text, "query", plus=" ")
    if frag_mark:
        out += "#" + _decode_section(frag, _PATH_DELIMITERS, _TAIL_CHARS, text, "frag")
    return normalize(out)


def _decode_section(
    text: str, delimiters: str, allowed: frozenset[str], whole: str, section: str, plus: str = "+"
) -> str:
    out: list[str] = []
    raw = bytearray()
    i = 0
    while i < len(text):
        c = text[i]
        if c == "%":
            digits = text[i + 1 : i + 3]
            try:
                if len(digits) < 2:
                    raise ValueError
                raw.append(int(digits, 16))
            except ValueError:
                raise ParseErr(f"Invalid Uri: '{whole}': bad percent sequence") from None
            i += 3
            continue
        if c not in allowed:
            raise ParseErr(f"Invalid Uri: '{whole}': Invalid char in {section} at index {i}")
        out.append(_decoded(raw, delimiters, whole))
        out.append(plus if c == "+" else c)
        i += 1
    out.append(_decoded(raw, delimiters, whole))
    return "".join(out)


def _decoded(raw: bytearray, delimiters: str, whole: str) -> str:
    """The text of the collected bytes, delimiters escaped; empties the buffer."""
    if not raw:
        return ""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ParseErr(f"Invalid Uri: '{whole}': not UTF-8") from None
    raw.clear()
    return "".join("\\" + c if c in delimiters else c for c in text)
