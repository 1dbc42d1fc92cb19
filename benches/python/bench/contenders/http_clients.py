"""HTTP clients, each with one warm connection to the peer, and one loop that never sleeps for all of them."""

import asyncio
import atexit
import json
from collections.abc import Awaitable, Callable, Coroutine
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from bench.contenders.tick_http import Buffered
from bench.peer import Peer, Place

T = TypeVar("T")
Reply = tuple[int, bytes]
"""Status and body."""
Send = Callable[[str, dict[str, str], bytes], Awaitable[Reply]]
"""Path, headers and body of a POST."""
Close = Callable[[], Awaitable[object]]
Open = Callable[[Place], Awaitable[tuple[Send, Close]]]
"""From where the peer is to a way to send, and a way to close."""


class Clients:
    """The peer, the clients that are connected to it, and the loop in which they run."""

    def __init__(self, *, is_tls: bool) -> None:
        self._peer = Peer("coinex", is_tls=is_tls)
        self._loop = _new_loop()
        self._is_polled = False
        self._closers: list[Close] = []
        self._clients: dict[str, Send] = {}

    def client(self, name: str, opening: Open) -> Send:
        """Give the client of this name, opened once."""
        if name not in self._clients:
            send, close = self.run(opening(self._peer.place))
            self._clients[name] = send
            self._closers.append(close)
        return self._clients[name]

    def run(self, work: Awaitable[T]) -> T:
        """Run ``work`` in a loop that polls and never sleeps, against a peer that does the same."""

        async def polled() -> T:
            self._is_polled = True
            self._poll()
            try:
                return await work
            finally:
                self._is_polled = False

        self._peer.tell("poll")
        try:
            return self._loop.run_until_complete(polled())
        finally:
            self._peer.tell("rest")

    def close(self) -> None:
        """End the clients, the loop and the peer."""
        for close in self._closers:
            self.run(close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
        self._peer.close()

    def _poll(self) -> None:
        if self._is_polled:
            self._loop.call_soon(self._poll)


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


@cache
def clients(*, is_tls: bool) -> Clients:
    """Start the peer once for the process."""
    started = Clients(is_tls=is_tls)
    atexit.register(started.close)
    return started


async def ours(place: Place) -> tuple[Send, Close]:
    from tradewire import NetworkOptions
    from tradewire.transport.http1 import Http1Transport
    from tradewire.transport.seam import HttpRequest

    transport, root = Http1Transport(NetworkOptions(tls=place.tls), spares=0), place.http
    await transport.warm(root)

    def send(path: str, headers: dict[str, str], body: bytes) -> Awaitable[Reply]:
        pending = transport.start(HttpRequest("POST", root + path, headers, body, 5.0))
        assert pending is not None, "a warm connection is ready"
        return _answered(pending)

    return send, transport.close


async def _answered(pending: Awaitable[Any]) -> Reply:
    reply = await pending
    return reply.status, reply.body


async def aiohttp(place: Place) -> tuple[Send, Close]:
    import aiohttp
    from yarl import URL

    connector, root = aiohttp.TCPConnector(ssl=place.tls or True), place.http
    session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def send(path: str, headers: dict[str, str], body: bytes) -> Reply:
        url = URL(root + path, encoded=True)
        async with session.post(url, headers=headers, data=body) as reply:
            return reply.status, await reply.read()

    return send, session.close


async def httpx(place: Place) -> tuple[Send, Close]:
    client, root = import_module("httpx").AsyncClient(verify=place.tls or True), place.http

    async def send(path: str, headers: dict[str, str], body: bytes) -> Reply:
        reply = await client.post(root + path, headers=headers, content=body)
        return reply.status_code, reply.content

    return send, client.aclose


async def pyreqwest(place: Place) -> tuple[Send, Close]:
    builder, root = import_module("pyreqwest.client").ClientBuilder(), place.http
    if place.cafile:
        builder = builder.add_root_certificate_pem(Path(place.cafile).read_bytes())  # noqa: ASYNC240 - before anything runs
    client = builder.build()

    async def send(path: str, headers: dict[str, str], body: bytes) -> Reply:
        reply = await client.post(root + path).headers(headers).body_bytes(body).build().send()
        return reply.status, bytes(await reply.bytes())

    return send, client.close


class _Protocol(Buffered):
    def __init__(self) -> None:
        super().__init__()
        self.waiter: asyncio.Future[Reply] | None = None
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport


class _Bare(_Protocol):
    """As little as a Protocol can do: it trusts that a reply comes in one piece."""

    def received(self, data: bytes) -> None:
        if self.waiter is not None:
            self.waiter.set_result((int(data[9:12]), data.partition(b"\r\n\r\n")[2]))


class _ByLength(_Protocol):
    """What one writes by hand: a reply is whole when its length says so."""

    def __init__(self) -> None:
        super().__init__()
        self._input = bytearray()

    def received(self, data: bytes) -> None:
        self._input += data
        head = self._input.find(b"\r\n\r\n") + 4
        if head < 4:
            return
        at = self._input.find(b"Content-Length: ", 0, head) + 16
        end = head + int(self._input[at : self._input.index(b"\r\n", at)])
        if len(self._input) < end or self.waiter is None:
            return
        reply = int(self._input[9:12]), bytes(self._input[head:end])
        del self._input[:end]
        self.waiter.set_result(reply)


async def bare(place: Place) -> tuple[Send, Close]:
    """The floor: one write of a ready-made request, and whatever comes is the reply."""
    return await _by_hand(place, _Bare)


async def handmade(place: Place) -> tuple[Send, Close]:
    return await _by_hand(place, _ByLength)


async def _by_hand(place: Place, protocol_of: type[_Protocol]) -> tuple[Send, Close]:
    import aiofastnet

    loop, authority = asyncio.get_running_loop(), place.authority
    _, protocol = await aiofastnet.create_connection(
        loop, protocol_of, "127.0.0.1", place.port, ssl=place.tls
    )

    def send(path: str, headers: dict[str, str], body: bytes) -> Awaitable[Reply]:
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        waiter: asyncio.Future[Reply] = loop.create_future()
        protocol.waiter = waiter
        protocol.transport.write(
            f"POST {path} HTTP/1.1\r\nHost: {authority}\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        return waiter

    async def close() -> None:
        protocol.transport.abort()
        await asyncio.sleep(0.01)

    return send, close


def echoed(
    send: Send, requests: list[tuple[str, dict[str, str], bytes]]
) -> Coroutine[Any, Any, list[object]]:
    """Send each request to the peer's echo and give what it saw of them."""

    async def ask() -> list[object]:
        replies = [await send(f"/echo{path}", headers, body) for path, headers, body in requests]
        return [(status, _seen(body.decode())) for status, body in replies]

    return ask()


def _seen(request: str) -> list[object]:
    """Give what matters of a request, in one spelling for all clients."""
    head, _, body = request.partition("\r\n\r\n")
    request_line, *lines = head.split("\r\n")
    kept = [line.split(": ", 1) for line in lines if line.startswith(("x-coinex", "content-type"))]
    return [request_line, sorted(kept), body]


def received_at_ns(body: bytes) -> int:
    """Give the moment at which the peer had a request whole, on the clock of ``time_ns``."""
    moment_ns: int = json.loads(body)["data"]["received_at_ns"]
    return moment_ns
