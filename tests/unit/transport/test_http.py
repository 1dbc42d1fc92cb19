"""aiohttp behind the seam, against servers of a few lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tradewire.transport.http import AiohttpTransport
from tradewire.transport.seam import ConnectFailed, ConnectionLost, HttpRequest

HOST = "127.0.0.1"


class Server:
    """Answers every request with ``reply`` and keeps what it was sent."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply
        self.heads: list[bytes] = []
        self.connections = 0
        self.is_answering = True
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                if not self.is_answering:
                    raise ConnectionResetError
                writer.write(self.reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def serving(reply: bytes) -> AsyncIterator[Server]:
    server = Server(reply)
    listener = await asyncio.start_server(server.serve, HOST, 0)
    server.url = f"http://{HOST}:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield server


def reply_of(body: bytes, *headers: bytes) -> bytes:
    return (
        b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers]) + b"\r\n\r\n" + body
    )


def get(url: str, timeout_s: float = 5.0) -> HttpRequest:
    return HttpRequest("GET", url, {}, b"", timeout_s)


async def test_request_line_travels_exactly_as_it_was_signed() -> None:
    async with serving(reply_of(b"{}")) as server:
        transport = AiohttpTransport()
        await transport.send(get(f"{server.url}/v2/spot/ticker?market=BTCUSDT%2CETHUSDT&a=%7e,+/?"))
        await transport.close()
    assert server.heads[0].startswith(b"GET /v2/spot/ticker?market=BTCUSDT%2CETHUSDT&a=%7e,+/? HTTP/1.1\r\n")


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
async def test_request_on_a_kept_connection_that_breaks_is_sent_once(method: str) -> None:
    async with serving(reply_of(b"{}")) as server:
        transport = AiohttpTransport()
        await transport.send(get(server.url))
        server.is_answering = False
        with pytest.raises(ConnectionLost):
            await transport.send(HttpRequest(method, server.url, {}, b"", 5.0))
        await transport.close()
    assert (len(server.heads), server.connections) == (2, 1)


async def test_connection_is_kept_for_the_next_request() -> None:
    async with serving(reply_of(b"{}")) as server:
        transport = AiohttpTransport()
        for _ in range(3):
            await transport.send(get(server.url))
        await transport.close()
    assert (len(server.heads), server.connections) == (3, 1)


async def test_reply_has_its_headers_in_lower_case() -> None:
    async with serving(reply_of(b"hi", b"X-RateLimit-Remaining: 7")) as server:
        transport = AiohttpTransport()
        reply = await transport.send(get(server.url))
        await transport.close()
    assert (reply.status, reply.body, reply.headers["x-ratelimit-remaining"]) == (200, b"hi", "7")


async def test_sent_is_told_once_the_body_is_on_the_socket() -> None:
    told: list[bytes] = []
    async with serving(reply_of(b"{}")) as server:
        transport = AiohttpTransport(on_sent=lambda request: told.append(request.body))
        await transport.send(HttpRequest("POST", server.url, {}, b'{"a":1}', 5.0))
        await transport.close()
    assert told == [b'{"a":1}']


async def test_cookies_are_not_kept() -> None:
    async with serving(reply_of(b"{}", b"Set-Cookie: session=1")) as server:
        transport = AiohttpTransport()
        for _ in range(2):
            await transport.send(get(server.url))
        await transport.close()
    assert b"cookie" not in server.heads[1].lower()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://nowhere.invalid/", "gopher://x/", "http://", "x"]
)
async def test_nothing_is_sent_where_nothing_can_be(url: str) -> None:
    transport = AiohttpTransport()
    with pytest.raises(ConnectFailed):
        await transport.send(get(url))
    await transport.close()


@pytest.mark.parametrize(
    "reply", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"], ids=repr
)
async def test_broken_reply_is_a_lost_connection(reply: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    listener = await asyncio.start_server(serve, HOST, 0)
    transport = AiohttpTransport()
    async with listener:
        with pytest.raises(ConnectionLost):
            await transport.send(
                HttpRequest("POST", f"http://{HOST}:{listener.sockets[0].getsockname()[1]}/", {}, b"x", 5.0)
            )
        await transport.close()


async def test_closed_transport_sends_nothing() -> None:
    transport = AiohttpTransport()
    await transport.close()
    await transport.close()
    with pytest.raises(ConnectFailed, match="closed"):
        await transport.send(get("http://127.0.0.1:1/"))
