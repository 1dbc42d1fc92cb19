"""An HTTP server that counts requests and connections, and a transport to try on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from support.raw_server import HOST, listening, read_request, reply_of
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.seam import HttpReply, HttpRequest


class Server:
    """Answers with ``reply`` and keeps what came, and over how many connections."""

    def __init__(self, reply: bytes = reply_of(b"hi")) -> None:
        self.reply = reply
        self.requests: list[tuple[bytes, bytes]] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while True:
            self.requests.append(await read_request(reader))
            writer.write(self.reply)

    def get(self, target: str = "/", *, timeout_s: float = 5.0, method: str = "GET") -> HttpRequest:
        return HttpRequest(method, f"http://{HOST}:{self.port}{target}", {}, b"", timeout_s)

    def has_met(self, connections: int) -> bool:
        return len(self.writers) >= connections

    def was_asked(self, requests: int) -> bool:
        return len(self.requests) >= requests

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - nothing tells the test
                await asyncio.sleep(0.001)


async def start_when_ready(transport: Http1Transport, request: HttpRequest) -> asyncio.Future[HttpReply]:
    """Start ``request`` on a connection that is kept ready, or will be in a moment."""
    async with asyncio.timeout(30):
        while (pending := transport.start(request)) is None:  # noqa: ASYNC110 - nothing tells the test
            await asyncio.sleep(0.001)
    return pending


@asynccontextmanager
async def serving(reply: bytes = reply_of(b"hi")) -> AsyncIterator[Server]:
    server = Server(reply)
    async with listening(server.serve) as server.port:
        yield server


@asynccontextmanager
async def sending(*, spares: int = 0) -> AsyncIterator[Http1Transport]:
    transport = Http1Transport(spares=spares)
    try:
        yield transport
    finally:
        await transport.close()
