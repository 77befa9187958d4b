"""Frames: whole ones pass in any pieces; what is truncated, oversized or foreign is refused in words."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from pylib.frames import HEADER, MAGIC, Frames, LinkClosed, WireFault
from pylib.messages import PROTOCOL, RESULT, Talk, check_hello


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two connected sockets."""
    a, b = socket.socketpair()
    yield a, b
    a.close()
    b.close()


def resident() -> int:
    """Bytes of memory that this process has."""
    import resource

    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize()


Pair = tuple[socket.socket, socket.socket]


def header(length: int, buffers: int = 0, magic: int = MAGIC, flags: int = 0) -> bytes:
    return HEADER.pack(length, 1, buffers, RESULT, flags, 0, magic)


def test_frames_come_whole(pair: Pair) -> None:
    out, back = Frames(pair[0]), Frames(pair[1])
    out.send(4, 7, b"one")
    out.send(5, 8, b"")
    out.send(6, 9, b"two", [b"12345678", b""])
    assert back.recv() == (4, 7, b"one", [])
    assert back.recv() == (5, 8, b"", [])
    kind, request, body, buffers = back.recv()
    assert (kind, request, body, [bytes(b) for b in buffers]) == (6, 9, b"two", [b"12345678", b""])


def test_frames_come_in_pieces(pair: Pair) -> None:
    size = (3).to_bytes(8, "little")
    data = header(5, 1) + size + b"hello" + b"abc" + header(2) + b"ok"

    def drip() -> None:
        for at in range(len(data)):
            pair[0].sendall(data[at : at + 1])

    sender = threading.Thread(target=drip)
    sender.start()
    frames = Frames(pair[1])
    _, _, body, buffers = frames.recv()
    assert (body, bytes(buffers[0])) == (b"hello", b"abc")
    assert frames.recv()[2] == b"ok"
    sender.join()


def test_many_large_buffers_pass(pair: Pair) -> None:
    buffers = [bytes([i % 256]) * (i * 100) for i in range(1500)]
    sender = threading.Thread(target=lambda: Frames(pair[0]).send(3, 1, b"x" * 100000, buffers))
    sender.start()
    got = Frames(pair[1]).recv()
    sender.join()
    assert got[2] == b"x" * 100000
    assert [bytes(b) for b in got[3]] == buffers


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "not a frame"),
        (header(5, magic=0), "not a frame"),
        (header(5, flags=1), "not a frame"),
        (header(1 << 20), "longer than the limit"),
        (header(0xFFFFFFFF), "longer than the limit"),
        (header(0, 0xFFFFFFFF), "more than the limit"),
        (header(0, 1) + (1 << 62).to_bytes(8, "little"), "more than the limit"),
    ],
)
def test_foreign_and_oversized_frames_are_refused(pair: Pair, data: bytes, text: str) -> None:
    pair[0].sendall(data)
    with pytest.raises(WireFault, match=text):
        Frames(pair[1], max_body=1000, max_total=1000).recv()


@pytest.mark.parametrize(
    "data", [b"", header(5)[:7], header(5) + b"he", header(0, 1) + (9).to_bytes(8, "little")]
)
def test_truncated_frames_are_told_from_waiting(pair: Pair, data: bytes) -> None:
    pair[0].sendall(data)
    pair[0].close()
    with pytest.raises(LinkClosed):
        Frames(pair[1]).recv()


def test_large_buffers_are_writable_memory(pair: Pair) -> None:
    sent = bytes(range(256)) * ((9 << 20) // 256)
    sender = threading.Thread(target=Frames(pair[0]).send, args=(RESULT, 1, b"", [sent, b"small"]))
    sender.start()
    _, _, _, (large, small) = Frames(pair[1]).recv()
    sender.join()
    assert (large == sent, bytes(small)) == (True, b"small")
    large[5] = 77
    assert (large[4], large[5], large[6]) == (4, 77, 6)


def test_buffers_around_whole_huge_pages_come_whole_and_waste_little(pair: Pair) -> None:
    huge = 1 << 21
    sizes = [2 * huge - 1, 2 * huge, 2 * huge + 1, 3 * huge - 1, 4 * huge - huge // 4, 5 * huge + 7]
    sent = [bytes([i + 1]) * size for i, size in enumerate(sizes)]
    sender = threading.Thread(target=Frames(pair[0]).send, args=(RESULT, 1, b"", sent))
    frames = Frames(pair[1])
    before = resident()
    sender.start()
    got = frames.recv()[3]
    sender.join()
    grown = resident() - before
    assert [b.nbytes for b in got] == sizes
    assert all(a == b for a, b in zip(got, sent, strict=True))
    assert grown <= sum(sizes) * 9 // 8 + (1 << 20)


def test_buffers_cost_memory_as_they_come_not_as_they_are_announced(pair: Pair) -> None:
    before, after = resident(), []
    frames = Frames(pair[1], on_part=lambda: after.append(resident()))
    pair[0].sendall(header(0, 1) + (1 << 30).to_bytes(8, "little") + b"not much")
    pair[0].sendall(b"more")
    pair[0].close()
    with pytest.raises(LinkClosed, match="middle of a frame"):
        frames.recv()
    assert max([before, *after]) - before < 100 << 20


def test_send_to_a_closed_link_is_told(pair: Pair) -> None:
    pair[1].close()
    with pytest.raises(LinkClosed):
        Frames(pair[0]).send(1, 1, b"x")


def test_silence_calls_on_idle(pair: Pair) -> None:
    pair[1].setblocking(False)
    calls = []

    def idle() -> None:
        calls.append(1)
        if len(calls) == 3:
            pair[0].sendall(header(2) + b"ok")

    assert Frames(pair[1], on_idle=idle).recv()[2] == b"ok"
    assert len(calls) >= 3


@pytest.mark.parametrize(
    ("hello", "text"),
    [
        (None, "not a Hello"),
        ({"ver": PROTOCOL}, "not a Hello"),
        ({"ver": "1", "key": "k"}, "not a Hello"),
        ({"ver": 99, "key": "k"}, "speaks protocol 99, this end speaks 1"),
        ({"ver": PROTOCOL, "key": "other"}, "does not have the key"),
    ],
)
def test_strangers_are_refused(hello: object, text: str) -> None:
    with pytest.raises(WireFault, match=text):
        check_hello(hello, "k")


def test_answers_to_other_requests_are_refused(pair: Pair) -> None:
    Frames(pair[0]).send(RESULT, 99, b"")
    talk = Talk(Frames(pair[1]), 2, lambda *a: None, lambda *a: None)
    with pytest.raises(WireFault, match="an answer to request 99 came while 2 was waiting"):
        talk.wait(talk.start(4, b""))


def test_unknown_kinds_are_refused(pair: Pair) -> None:
    Frames(pair[0]).send(1, 0, b"")
    talk = Talk(Frames(pair[1]), 2, lambda *a: None, lambda *a: None)
    with pytest.raises(WireFault, match="Hello is not allowed here"):
        talk.wait(talk.start(4, b""))
