"""Every kind of reply, one row each: what is read and whether its connection is kept, or why it is refused.

What is refused is ``ConnectionLost``, which a session reports as ``OutcomeUnknown``: the request was on the wire.
"""

from __future__ import annotations

import asyncio
import gzip
import select
import socket
import zlib
from typing import Any

import pytest

from support.raw_server import HOST, listening, read_request, reply_of
from tradewire.transport import dial
from tradewire.transport.dial import open_socket
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.seam import ConnectFailed, ConnectionLost, HttpRequest

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n"
HI = reply_of(b"hi")


def headed(*lines: bytes, body: bytes = b"hi") -> bytes:
    """Return a reply with just these lines in its head."""
    return b"".join(line + b"\r\n" for line in (b"HTTP/1.1 200 OK", *lines, b"")) + body


def status(line: bytes) -> bytes:
    return line + b"\r\nContent-Length: 2\r\n\r\nhi"


READ: dict[str, tuple[bytes, int, bytes, bool]] = {
    "length": (HI, 200, b"hi", True),
    "length twice": (headed(b"Content-Length: 2", b"content-length: 2, 2"), 200, b"hi", True),
    "length with zeros and tabs": (headed(b"Content-Length:\t0002\t"), 200, b"hi", True),
    "no reason": (status(b"HTTP/1.1 200"), 200, b"hi", True),
    "Latin-1 reason": (status(b"HTTP/1.1 200 \xe9t\xe9"), 200, b"hi", True),
    "unknown status": (status(b"HTTP/1.1 999 X"), 999, b"hi", True),
    "empty value": (headed(b"A:", b"Content-Length: 2"), 200, b"hi", True),
    "line feeds": (HI.replace(b"\r\n", b"\n"), 200, b"hi", True),
    "line feed and CRLF": (OK + b"Content-Length: 2\n\r\nhi", 200, b"hi", True),
    "close": (reply_of(b"hi", b"Connection: close"), 200, b"hi", False),
    "close and keep-alive": (reply_of(b"hi", b"Connection: Keep-Alive, CLOSE"), 200, b"hi", False),
    "HTTP/1.0": (status(b"HTTP/1.0 200 OK"), 200, b"hi", False),
    "HTTP/1.0, kept": (status(b"HTTP/1.0 200 OK\r\nConnection: keep-alive"), 200, b"hi", True),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
    "204 that announces a body": (b"HTTP/1.1 204 X\r\nContent-Length: 2\r\n\r\n", 204, b"", False),
    "204 with chunks": (b"HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n", 204, b"", False),
    "304 that announces a body": (b"HTTP/1.1 304 X\r\nContent-Length: 2\r\n\r\nhi", 304, b"", False),
    "205": (b"HTTP/1.1 205 X\r\nContent-Length: 0\r\n\r\n", 205, b"", True),
    "100": (b"HTTP/1.1 100 Continue\r\n\r\n" + HI, 200, b"hi", True),
    "102, 103": (b"HTTP/1.1 102 X\r\n\r\nHTTP/1.1 103 X\r\nLink: a\r\n\r\n" + HI, 200, b"hi", True),
    "100 with a length": (b"HTTP/1.1 100 X\r\nContent-Length: 9\r\n\r\n" + HI, 200, b"hi", True),
    "chunks": (CHUNKS + b"1\r\nh\r\n001\r\ni\r\n0\r\n\r\n", 200, b"hi", True),
    "chunk extension": (CHUNKS + b'2 ; a="b c";d\r\nhi\r\n0;e\r\n\r\n', 200, b"hi", True),
    "trailers": (CHUNKS + b"2\r\nhi\r\n0\r\nA: b\r\nContent-Length: 9\r\n\r\n", 200, b"hi", True),
    "CHUNKED": (CHUNKS.replace(b"chunked", b"CHUNKED") + b"2\r\nhi\r\n0\r\n\r\n", 200, b"hi", True),
    "identity": (reply_of(b"hi", b"Content-Encoding: identity"), 200, b"hi", True),
    "upgrade offered": (reply_of(b"hi", b"Connection: upgrade", b"Upgrade: h2c"), 200, b"hi", True),
    "redirect": (reply_of(b"hi", b"Location: http://127.0.0.1:1/", status=b"307 X"), 307, b"hi", True),
    "cookie": (reply_of(b"hi", b"Set-Cookie: a=b"), 200, b"hi", True),
    "short keep-alive": (reply_of(b"hi", b"Keep-Alive: timeout=1"), 200, b"hi", False),
    "long keep-alive": (reply_of(b"hi", b"Keep-Alive: timeout=30, max=9"), 200, b"hi", True),
    "odd keep-alive": (reply_of(b"hi", b"Keep-Alive: timeout=-1, timeout=x, \xe9"), 200, b"hi", True),
    "a reply behind it": (HI + reply_of(b"no"), 200, b"hi", False),
    "a byte behind it": (HI + b"\n", 200, b"hi", False),
    "bytes behind the chunks": (CHUNKS + b"2\r\nhi\r\n0\r\n\r\n\r\n", 200, b"hi", False),
}


@pytest.mark.parametrize(("reply", "code", "body", "is_kept"), READ.values(), ids=READ.keys())
async def test_reply_is_read(reply: bytes, code: int, body: bytes, is_kept: bool) -> None:
    heads: list[list[bytes]] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append([])
        while True:
            heads[-1].append((await read_request(reader))[0])
            writer.write(reply)

    async with listening(peer) as port:
        transport = Http1Transport(spares=0)
        for _ in range(2):
            got = await transport.send(HttpRequest("POST", f"http://{HOST}:{port}/", {}, b"{}", 5.0))
            assert (got.status, got.body) == (code, body)
        await transport.close()
    assert [len(those) for those in heads] == ([2] if is_kept else [1, 1])
    assert all(b"ookie" not in head for those in heads for head in those)


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "before the reply was whole"),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-Le", "before the reply was whole"),
    "half a body": (HI[:-1], "before the reply was whole"),
    "length longer than the body": (headed(b"Content-Length: 3"), "before the reply was whole"),
    "100 and no more": (b"HTTP/1.1 100 X\r\n\r\n", "before the reply was whole"),
    "half a chunk": (CHUNKS + b"8\r\n{}", "before the reply was whole"),
    "no last chunk": (CHUNKS + b"2\r\n{}\r\n", "before the reply was whole"),
    "no end of the trailers": (CHUNKS + b"2\r\n{}\r\n0\r\n", "before the reply was whole"),
    "garbage": (b"\0\1garbage\r\n\r\n", "not HTTP/1.1"),
    "HTTP/0.9": (b"hi", "not HTTP/1.1"),
    "HTTP/2": (status(b"HTTP/2.0 200 OK"), "not HTTP/1.1"),
    "HTTP/1.2": (status(b"HTTP/1.2 200 OK"), "not HTTP/1.1"),
    "HTTP/1.10": (status(b"HTTP/1.10 200 OK"), "not HTTP/1.1"),
    "http/1.1": (status(b"http/1.1 200 OK"), "not HTTP/1.1"),
    "empty line before": (b"\r\n" + HI, "not HTTP/1.1"),
    "byte order mark before": (b"\xef\xbb\xbf" + HI, "not HTTP/1.1"),
    "TLS alert": (b"\x15\x03\x01\0\x02\x02\x28", "not HTTP/1.1"),
    "HTTP/2 frame": (b"\0\0\x12\x04\0\0\0\0\0", "not HTTP/1.1"),
    "tab before the status": (status(b"HTTP/1.1\t200 OK"), "not HTTP/1.1"),
    "status of letters": (status(b"HTTP/1.1 abc OK"), "the status"),
    "status of 2 digits": (status(b"HTTP/1.1 20 OK"), "the status"),
    "status of 4 digits": (status(b"HTTP/1.1 2000 OK"), "the status"),
    "signed status": (status(b"HTTP/1.1 +20 OK"), "the status"),
    "status 099": (status(b"HTTP/1.1 099 OK"), "status of the reply must be 100 or more, got 99"),
    "NUL in the reason": (status(b"HTTP/1.1 200 a\0b"), "the status"),
    "carriage return in the reason": (status(b"HTTP/1.1 200 a\rb"), "the status"),
    "101": (b"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n", "switches to a protocol"),
    "100 a thousand times": (b"HTTP/1.1 100 X\r\n\r\n" * 1000, "informational"),
    "folded line": (headed(b"Content-Length: 2", b" 3"), "a header name"),
    "folded first line": (headed(b" Content-Length: 2"), "a header name"),
    "blank before the colon": (headed(b"Content-Length : 2"), "a header name"),
    "no colon": (headed(b"abc", b"Content-Length: 2"), "a header name"),
    "no name": (headed(b": b", b"Content-Length: 2"), "a header name"),
    "Latin-1 name": (headed(b"\xe9: b", b"Content-Length: 2"), "a header name"),
    "NUL in a name": (headed(b"A\0: b", b"Content-Length: 2"), "a header name"),
    "NUL in a value": (headed(b"A: a\0b", b"Content-Length: 2"), "a header value"),
    "escape in a value": (headed(b"A: a\x1bb", b"Content-Length: 2"), "a header value"),
    "carriage return in a value": (headed(b"A: b\rContent-Length: 9", b"Content-Length: 2"), "a header value"),
    "head too large": (headed(b"A: " + b"a" * (64 << 10)), "more than 65536 bytes"),
    "head without end": (OK + b"A: " + b"a" * (128 << 10), "more than 65536 bytes"),
    "fields": (headed(*[b"A: b"] * 200), "more than 128"),
    "empty length": (headed(b"Content-Length:"), "not a number"),
    "negative length": (headed(b"Content-Length: -1"), "not a number"),
    "signed length": (headed(b"Content-Length: +2"), "not a number"),
    "hexadecimal length": (headed(b"Content-Length: 0x2"), "not a number"),
    "length with an underscore": (headed(b"Content-Length: 0_2"), "not a number"),
    "fractional length": (headed(b"Content-Length: 2.0"), "not a number"),
    "length of Arabic digits": (headed("Content-Length: \u0662".encode()), "not a number"),
    "lengths in a row": (headed(b"Content-Length: 2 2"), "not a number"),
    "length and an empty one": (headed(b"Content-Length: 2,"), "not a number"),
    "two lengths": (headed(b"Content-Length: 2", b"Content-Length: 3"), "two Content-Lengths"),
    "list of lengths": (headed(b"Content-Length: 2, 3"), "two Content-Lengths"),
    "length of 2^64 + 2": (headed(b"Content-Length: 18446744073709551618"), "more than 33554432 bytes"),
    "length over the limit": (headed(b"Content-Length: 33554433"), "more than 33554432 bytes"),
    "chunk over the limit": (CHUNKS + b"2000001\r\n", "more than 33554432 bytes"),
    "length and chunks": (headed(b"Content-Length: 2", b"Transfer-Encoding: chunked"), "both Content-Length"),
    "chunks and length": (headed(b"Transfer-Encoding: chunked", b"Content-Length: 2"), "both Content-Length"),
    "chunked twice": (headed(*[b"Transfer-Encoding: chunked"] * 2), "must be chunked"),
    "gzip, chunked": (headed(b"Transfer-Encoding: gzip, chunked"), "must be chunked"),
    "chunked, identity": (headed(b"Transfer-Encoding: chunked, identity"), "must be chunked"),
    "identity": (headed(b"Transfer-Encoding: identity", b"Content-Length: 2"), "must be chunked"),
    "xchunked": (headed(b"Transfer-Encoding: xchunked"), "must be chunked"),
    "no coding": (headed(b"Transfer-Encoding:", b"Content-Length: 2"), "must be chunked"),
    "chunks in HTTP/1.0": (CHUNKS.replace(b"1.1", b"1.0") + b"0\r\n\r\n", "must be chunked"),
    "gzip": (reply_of(gzip.compress(b"hi"), b"Content-Encoding: gzip"), "compressed"),
    "deflate": (reply_of(zlib.compress(b"hi"), b"Content-Encoding: deflate"), "compressed"),
    "gzip, cut": (reply_of(gzip.compress(b"hi")[:-4], b"Content-Encoding: identity, GZIP"), "compressed"),
    "claimed gzip": (reply_of(b"hi", b"Content-Encoding: gzip"), "compressed"),
    "chunk of letters": (CHUNKS + b"zz\r\nhi\r\n0\r\n\r\n", "a chunk"),
    "chunk without a size": (CHUNKS + b"2\r\nhi\r\n\r\n\r\n", "a chunk"),
    "chunk of an extension": (CHUNKS + b"2\r\nhi\r\n;a=b\r\n\r\n", "a chunk"),
    "chunk of 0x2": (CHUNKS + b"0x2\r\nhi\r\n0\r\n\r\n", "a chunk"),
    "chunk of -2": (CHUNKS + b"-2\r\nhi\r\n0\r\n\r\n", "a chunk"),
    "chunk of 17 digits": (CHUNKS + b"10000000000000002\r\nhi\r\n0\r\n\r\n", "a chunk"),
    "chunk longer than it says": (CHUNKS + b"1\r\nhi\r\n0\r\n\r\n", "a chunk"),
    "chunk with a line feed": (CHUNKS + b"2\nhi\r\n0\r\n\r\n", "a chunk"),
    "chunk that ends with a line feed": (CHUNKS + b"2\r\nhi\n0\r\n\r\n", "a chunk"),
    "line feed in an extension": (CHUNKS + b"2;a\nb\r\nhi\r\n0\r\n\r\n", "a chunk"),
    "NUL in an extension": (CHUNKS + b"2;\0\r\nhi\r\n0\r\n\r\n", "a chunk"),
    "extension without end": (CHUNKS + b"2;" + b"a" * 8192, "a chunk"),
    "trailer without a colon": (CHUNKS + b"0\r\nab\r\n\r\n", "trailers"),
    "folded trailer": (CHUNKS + b"0\r\nA: b\r\n c\r\n\r\n", "trailers"),
    "carriage return in a trailer": (CHUNKS + b"0\r\nA: b\rc\r\n\r\n", "trailers"),
    "trailers without end": (CHUNKS + b"0\r\n" + b"A: b\r\n" * 20_000, "trailers"),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "reason"), REFUSED.values(), ids=REFUSED.keys())
async def test_reply_is_refused_by_name_and_its_request_not_sent_again(reply: bytes, reason: str) -> None:
    requests = 0

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await read_request(reader)
        requests += 1
        writer.write(reply)
        await writer.drain()
        if reason != "before the reply was whole":
            await reader.read()

    async with listening(peer) as port:
        transport = Http1Transport(spares=0)
        request = HttpRequest("POST", f"http://{HOST}:{port}/", {}, b"{}", 5.0)
        with pytest.raises(ConnectionLost, match=reason):
            await transport.send(request)
        assert transport.start(request) is None, "the connection is not used again"
        await transport.close()
    assert requests == 1


@pytest.mark.parametrize("first", [HI, b"\n", b""], ids=["reply", "byte", "end"])
async def test_request_is_not_sent_to_a_peer_that_speaks_first(
    monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    got: list[bytes] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        if not first:
            writer.write_eof()
        got.append(await reader.read(1))

    async def open_late(*way: Any, **options: Any) -> socket.socket:
        connected = await open_socket(*way, **options)
        while not select.select([connected], [], [], 0)[0]:  # noqa: ASYNC110 - the kernel sets no event
            await asyncio.sleep(0.001)
        return connected

    monkeypatch.setattr(dial, "open_socket", open_late)
    async with listening(peer) as port:
        transport = Http1Transport(spares=0)
        for _ in range(3):
            with pytest.raises(ConnectFailed, match="closed the connection at once"):
                await transport.send(HttpRequest("POST", f"http://{HOST}:{port}/", {}, b"{}", 5.0))
        await transport.close()
    assert set(got) <= {b""}


async def test_reply_that_ends_with_the_connection() -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")

    async with listening(peer) as port:
        transport = Http1Transport()
        reply = await transport.send(HttpRequest("GET", f"http://{HOST}:{port}/", {}, b"", 5.0))
        await transport.close()
    assert reply.body == b"until the end"
