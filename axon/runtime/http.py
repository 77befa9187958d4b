"""HTTP and HTTPS requests, for handles and `ioHttp`."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, BinaryIO

from axon.errors import ArgErr, IOErr
from axon.values import uris

__all__ = ["TIMEOUT", "Response", "fetch", "request"]

TIMEOUT = 60.0
"""Seconds without any answer after which a request fails."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class Response:
    """The answer to a request: `code`, `headers` by lower-case name, and the `body` to be read once."""

    def __init__(self, code: int, headers: dict[str, str], body: Any) -> None:
        self.code = code
        self.headers = headers
        self.body: BinaryIO = body


def request(
    uri: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Response:
    """Send a request; redirects are followed when there is no body. Any status is an answer.

    Raises:
        ArgErr: no such URI, method or header can be sent.
        IOErr: no connection, or it broke.
    """
    sent = dict(headers or {})
    for word in (method, *sent):
        if not _TOKEN.fullmatch(word):
            raise ArgErr(f"{uri}: {word!r} can't be sent as a method or the name of a header")
    if body is not None and not any(name.lower() == "content-type" for name in sent):
        sent["Content-Type"] = "application/octet-stream"
    try:
        message = urllib.request.Request(uris.encode(uri), data=body, headers=sent, method=method)
        answer = _opener(follow=body is None).open(message, timeout=TIMEOUT)
    except urllib.error.HTTPError as e:
        answer = e
    except urllib.error.URLError as e:
        raise IOErr(f"{uri}: {e.reason}") from e
    except ValueError as e:  # also UnicodeError and http.client.InvalidURL
        raise ArgErr(f"{uri}: {e}") from e
    except (OSError, HTTPException) as e:
        raise IOErr(f"{uri}: {e or type(e).__name__}") from e
    return Response(answer.status or 0, _headers(answer.headers), answer)


def fetch(uri: str) -> BinaryIO:
    """The body that GET gives.

    Raises:
        IOErr: no connection, or an answer that is an error.
    """
    answer = request(uri)
    if answer.code >= 400:
        answer.body.close()
        raise IOErr(f"{uri}: the server answered {answer.code}")
    return answer.body


def _opener(*, follow: bool) -> urllib.request.OpenerDirector:
    """Only HTTP and HTTPS, whatever a server redirects to."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ]
    if follow:
        handlers.append(urllib.request.HTTPRedirectHandler())
    for handler in handlers:
        opener.add_handler(handler)
    return opener


def _headers(message: Any) -> dict[str, str]:
    out: dict[str, str] = {}
    cookies = []
    for name, value in message.items():
        key = name.lower()
        if key == "set-cookie":
            cookies.append(value.partition(";")[0].strip())
        else:
            out[key] = f"{out[key]}, {value}" if key in out else value
    if cookies:
        out["set-cookie"] = "; ".join(cookies)
    return out
