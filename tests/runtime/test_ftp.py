"""FTP against a small server in a thread, which speaks as much of the protocol as the client asks for."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

import axon
from axon.errors import ArgErr, IOErr, UnsupportedErr


class _Session(socketserver.StreamRequestHandler):
    """One control connection; files are in memory, directories are names with a slash at the end."""

    files: ClassVar[dict[str, bytes]] = {}
    users: ClassVar[list[str]] = []
    data: socket.socket | None = None

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            answer = getattr(self, f"on_{verb.lower()}", None)
            if answer is None:
                self.say("502 not here")
            else:
                answer(rest)
            if verb == "QUIT":
                return

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def on_user(self, name: str) -> None:
        self.users.append(name)
        self.say("331 password?")

    def on_pass(self, word: str) -> None:
        self.say("530 no" if word == "bad" else "230 in")

    def on_type(self, _: str) -> None:
        self.say("200 ok")

    on_opts = on_type

    def on_quit(self, _: str) -> None:
        self.say("221 bye")

    def on_epsv(self, _: str) -> None:
        self.data = socket.create_server(("127.0.0.1", 0))
        self.say(f"229 here (|||{self.data.getsockname()[1]}|)")

    def on_pasv(self, _: str) -> None:
        self.data = socket.create_server(("127.0.0.1", 0))
        high, low = divmod(self.data.getsockname()[1], 256)
        self.say(f"227 here (127,0,0,1,{high},{low})")

    def transfer(self) -> socket.socket:
        assert self.data is not None
        self.say("150 coming")
        peer = self.data.accept()[0]
        self.data.close()
        return peer

    def on_retr(self, path: str) -> None:
        if path not in self.files:
            self.say("550 none")
            return
        with self.transfer() as peer:
            peer.sendall(self.files[path])
        self.say("226 done")

    def on_stor(self, path: str) -> None:
        got = b""
        with self.transfer() as peer:
            while block := peer.recv(1000):
                got += block
        self.files[path] = got
        self.say("226 done")

    def on_mlsd(self, path: str) -> None:
        base = path.rstrip("/") + "/"
        facts = []
        for name in self.files:
            rest = name.removeprefix(base)
            if name.startswith(base) and rest and "/" not in rest.rstrip("/"):
                kind = "dir" if rest.endswith("/") else "file"
                size = len(self.files[name])
                facts.append(f"type={kind};size={size};modify=20240506080000; {rest.rstrip('/')}\r\n")
        with self.transfer() as peer:
            peer.sendall("".join(facts).encode())
        self.say("226 done")

    def on_mkd(self, path: str) -> None:
        if path + "/" in self.files:
            self.say("550 there")
        else:
            self.files[path + "/"] = b""
            self.say(f'257 "{path}"')

    def on_dele(self, path: str) -> None:
        self.say("250 gone" if self.files.pop(path, None) is not None else "550 none")

    def on_rmd(self, path: str) -> None:
        self.on_dele(path + "/")


@pytest.fixture
def base() -> Iterator[str]:
    _Session.files.clear()
    _Session.users.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(5)


@pytest.fixture
def rt(tmp_path: Path) -> Iterator[axon.Runtime]:
    with axon.Runtime(io=tmp_path, tz="UTC") as runtime:
        yield runtime


def test_files_are_written_and_read(rt: axon.Runtime, base: str) -> None:
    uri = axon.Uri(f"ftp://{base}/d/e/a.txt")
    assert rt.eval('ioWriteStr("héllo", u)', u=uri) is None
    assert rt.eval("ioReadStr(u)", u=uri) == "héllo"
    assert set(_Session.files) == {"/d/", "/d/e/", "/d/e/a.txt"}
    assert set(_Session.users) == {"anonymous"}


def test_a_directory_is_listed_made_and_deleted(rt: axon.Runtime, base: str) -> None:
    home = axon.Uri(f"ftp://{base}/d/")
    rt.eval("ioCreate(u)", u=home)
    rt.eval('ioWriteStr("x", u)', u=axon.Uri(f"ftp://{base}/d/a.csv"))
    rows = rt.eval("ioDir(u)", u=home).dicts()
    assert [(r["name"], r["size"], r["mimeType"], r["mod"].hour) for r in rows] == [
        ("a.csv", 1, "text/csv", 8)
    ]
    assert rows[0]["uri"] == axon.Uri(f"ftp://{base}/d/a.csv")
    rt.eval("ioDelete([a, a, d])", a=rows[0]["uri"], d=home)
    assert _Session.files == {}


def test_the_user_stands_in_the_uri(rt: axon.Runtime, base: str) -> None:
    rt.eval('ioWriteStr("x", u)', u=axon.Uri(f"ftp://me:secret@{base}/a"))
    assert _Session.users == ["me"]
    with pytest.raises(IOErr, match="530"):
        rt.eval("ioReadStr(u)", u=axon.Uri(f"ftp://me:bad@{base}/a"))


def test_what_is_not_there_or_not_possible(rt: axon.Runtime, base: str) -> None:
    uri = axon.Uri(f"ftp://{base}/none")
    with pytest.raises(IOErr, match="550"):
        rt.eval("ioReadStr(u)", u=uri)
    with pytest.raises(UnsupportedErr):
        rt.eval("ioInfo(u)", u=uri)
    with pytest.raises(ArgErr):
        rt.eval("ioReadStr(u)", u=axon.Uri(f"ftp://{base}/a%0d%0aDELE b"))
    with pytest.raises(IOErr):
        rt.eval("ioReadStr(`ftp://127.0.0.1:1/x`)")
