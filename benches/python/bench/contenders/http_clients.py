"""HTTP clients, each with one warm connection to the peer, and one loop that never sleeps for all of them."""

import asyncio
import atexit
import json
import mmap
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from bench.peer import SLOTS, STAMPS_BYTES

T = TypeVar("T")
Send = Callable[[str, dict[str, str], bytes], Awaitable[tuple[int, bytes]]]
"""Path, headers and body of a POST; status and body of the reply."""
Open = Callable[[str], Awaitable[tuple[Send, Callable[[], Awaitable[object]]]]]
"""From the peer's root to a way to send, and a way to close."""


class Peer:
    """The peer's process, its stamps, and the loop in which the clients run."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp()
        os.truncate(handle, STAMPS_BYTES)
        self._stamps = mmap.mmap(handle, STAMPS_BYTES)
        os.close(handle)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.peer", name],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert self._process.stdout is not None
        self.root = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        Path(name).unlink()
        self._loop = _new_loop()
        self._is_polled = False
        self._closers: list[Callable[[], Awaitable[object]]] = []
        self._clients: dict[str, Send] = {}

    def client(self, name: str, opening: Open) -> Send:
        """Give the client of this name, opened once."""
        if name not in self._clients:
            send, close = self.run(opening(self.root))
            self._clients[name] = send
            self._closers.append(close)
        return self._clients[name]

    def run(self, work: Awaitable[T]) -> T:
        """Run ``work`` in a loop that polls and never sleeps."""

        async def polled() -> T:
            self._is_polled = True
            self._poll()
            try:
                return await work
            finally:
                self._is_polled = False

        return self._loop.run_until_complete(polled())

    @property
    def last_complete_ns(self) -> int:
        """When the peer had the last request whole."""
        (count,) = struct.unpack_from("=q", self._stamps, 0)
        (stamp_ns,) = struct.unpack_from("=q", self._stamps, 8 * (1 + (count - 1) % SLOTS))
        return int(stamp_ns)

    def close(self) -> None:
        """End the clients, the loop and the process."""
        for close in self._closers:
            self.run(close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
        self._process.kill()
        self._process.communicate()
        self._stamps.close()

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
def peer() -> Peer:
    """Start the peer once for the process."""
    started = Peer()
    atexit.register(started.close)
    return started


async def ours(root: str) -> tuple[Send, Callable[[], Awaitable[object]]]:
    from tradewire.transport.http1 import Http1Transport
    from tradewire.transport.seam import HttpRequest

    transport = Http1Transport(spares=0)
    await transport.warm(root)

    def send(path: str, headers: dict[str, str], body: bytes) -> Awaitable[tuple[int, bytes]]:
        pending = transport.start(HttpRequest("POST", root + path, headers, body, 5.0))
        assert pending is not None, "a warm connection is ready"
        return _answered(pending)

    return send, transport.close


async def _answered(pending: Awaitable[Any]) -> tuple[int, bytes]:
    reply = await pending
    return reply.status, reply.body


async def aiohttp(root: str) -> tuple[Send, Callable[[], Awaitable[object]]]:
    import aiohttp
    from yarl import URL

    session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def send(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        url = URL(root + path, encoded=True)
        async with session.post(url, headers=headers, data=body) as reply:
            return reply.status, await reply.read()

    return send, session.close


async def httpx(root: str) -> tuple[Send, Callable[[], Awaitable[object]]]:
    client = import_module("httpx").AsyncClient()

    async def send(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        reply = await client.post(root + path, headers=headers, content=body)
        return reply.status_code, reply.content

    return send, client.aclose


async def pyreqwest(root: str) -> tuple[Send, Callable[[], Awaitable[object]]]:
    client = import_module("pyreqwest.client").ClientBuilder().build()

    async def send(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        reply = await client.post(root + path).headers(headers).body_bytes(body).build().send()
        return reply.status, bytes(await reply.bytes())

    return send, client.close


class _Bare(asyncio.Protocol):
    """As little as a Protocol can do: it trusts that a reply comes in one piece."""

    def __init__(self) -> None:
        self.waiter: asyncio.Future[bytes] | None = None
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.waiter is not None:
            self.waiter.set_result(data)


async def bare(root: str) -> tuple[Send, Callable[[], Awaitable[object]]]:
    import aiofastnet

    loop = asyncio.get_running_loop()
    authority = root.removeprefix("http://")
    host, _, port = authority.partition(":")
    _, protocol = await aiofastnet.create_connection(loop, _Bare, host, int(port))

    def send(path: str, headers: dict[str, str], body: bytes) -> Awaitable[tuple[int, bytes]]:
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        waiter = protocol.waiter = loop.create_future()
        protocol.transport.write(
            f"POST {path} HTTP/1.1\r\nHost: {authority}\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        return _split(waiter)

    async def close() -> None:
        protocol.transport.abort()
        await asyncio.sleep(0.01)

    return send, close


async def _split(waiter: Awaitable[bytes]) -> tuple[int, bytes]:
    data = await waiter
    return int(data[9:12]), data.partition(b"\r\n\r\n")[2]


def echoed(
    send: Send, requests: list[tuple[str, dict[str, str], bytes]]
) -> Coroutine[Any, Any, list[object]]:
    """Send each request to the peer's echo and give what it saw."""

    async def ask() -> list[object]:
        replies = [await send(f"/echo{path}", headers, body) for path, headers, body in requests]
        return [(status, json.loads(body)) for status, body in replies]

    return ask()
