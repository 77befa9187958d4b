"""HTTP against a real server on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import axon
from axon.errors import ArgErr, IOErr, UnsupportedErr


class _Pages(BaseHTTPRequestHandler):
    """Answers by path: an echo, redirects, cookies, errors."""

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(size)
        code, extra, text = (
            200,
            [],
            f"{self.command} {self.path} {body.decode()} {self.headers.get('X-Test')}",
        )
        if self.path == "/missing":
            code, text = 404, "no such page"
        elif self.path == "/moved":
            code, extra = 302, [("Location", "/echo")]
        elif self.path == "/escape":
            code, extra = 302, [("Location", "file:///etc/passwd")]
        elif self.path == "/loop":
            code, extra = 302, [("Location", "/loop")]
        elif self.path == "/cookies":
            extra = [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2"), ("X-Many", "1"), ("X-Many", "2")]
        elif self.path == "/type":
            text = self.headers.get("Content-Type", "none")
        self.send_response(code)
        for name, value in extra:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = _answer

    def log_message(self, *args: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def rt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[axon.Runtime]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with axon.Runtime(io=tmp_path) as runtime:
        yield runtime


def fetch(
    rt: axon.Runtime, url: str, path: str, rest: str = '"GET", null, null, (c, h, b) => [c, ioReadStr(b)]'
) -> object:
    return rt.eval(f"ioHttp(u, {rest})", u=axon.Uri(url + path))


def test_a_get_gives_code_and_body(rt: axon.Runtime, url: str) -> None:
    assert fetch(rt, url, "/echo?a=b c") == [200, "GET /echo?a=b+c  None"]


def test_a_body_and_headers_are_sent(rt: axon.Runtime, url: str) -> None:
    got = fetch(rt, url, "/echo", '"POST", {"X-Test": "yes"}, "héllo", (c, h, b) => ioReadStr(b)')
    assert got == "POST /echo héllo yes"


def test_a_body_is_bytes_unless_said_otherwise(rt: axon.Runtime, url: str) -> None:
    read = "(c, h, b) => ioReadStr(b)"
    assert fetch(rt, url, "/type", f'"PUT", null, "x", {read}') == "application/octet-stream"
    assert fetch(rt, url, "/type", f'"PUT", {{"Content-Type": "text/plain"}}, "x", {read}') == "text/plain"
    assert fetch(rt, url, "/type", f'"GET", null, null, {read}') == "none"


def test_an_error_status_is_an_answer(rt: axon.Runtime, url: str) -> None:
    assert fetch(rt, url, "/missing") == [404, "no such page"]


def test_redirects_are_followed_without_a_body_only(rt: axon.Runtime, url: str) -> None:
    assert fetch(rt, url, "/moved") == [200, "GET /echo  None"]
    assert fetch(rt, url, "/moved", '"POST", null, "x", c => c') == 302


def test_a_redirect_leaves_http_for_nothing(rt: axon.Runtime, url: str) -> None:
    assert fetch(rt, url, "/escape", '"GET", null, null, c => c') == 302
    assert fetch(rt, url, "/loop", '"GET", null, null, c => c') == 302


def test_headers_have_small_names_and_cookies_are_collected(rt: axon.Runtime, url: str) -> None:
    got = fetch(rt, url, "/cookies", '"GET", null, null, (c, h) => [h["set-cookie"], h["x-many"]]')
    assert got == ["a=1; b=2", "1, 2"]


def test_a_body_is_gone_after_the_call(rt: axon.Runtime, url: str) -> None:
    with pytest.raises(IOErr):
        rt.eval('ioReadStr(ioHttp(u, "GET", null, null, (c, h, b) => b))', u=axon.Uri(url + "/echo"))


def test_a_page_is_a_handle(rt: axon.Runtime, url: str) -> None:
    assert rt.eval("ioReadStr(u)", u=axon.Uri(url + "/echo")) == "GET /echo  None"
    assert (
        rt.eval("do ioCopy(u, `io/x`); ioReadStr(`io/x`) end", u=axon.Uri(url + "/echo")) == "GET /echo  None"
    )
    with pytest.raises(IOErr, match="404"):
        rt.eval("ioReadStr(u)", u=axon.Uri(url + "/missing"))
    with pytest.raises(UnsupportedErr):
        rt.eval('ioWriteStr("x", u)', u=axon.Uri(url + "/echo"))


@pytest.mark.parametrize("rest", ['"GE T", null, null, c => c', '"GET", {"a b": "x"}, null, c => c',
                                  '"GET", {"x": "a\\nb: c"}, null, c => c'])  # fmt: skip
def test_what_can_not_be_sent_is_refused(rt: axon.Runtime, url: str, rest: str) -> None:
    with pytest.raises((ArgErr, IOErr)):
        fetch(rt, url, "/echo", rest)
