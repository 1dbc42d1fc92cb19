"""Transports that keep the bytes of every request and answer public questions only: the general way, and a lane."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tradewire._native import HttpDoor, Wire, http_request
from tradewire.errors import TradewireError
from tradewire.model import Order
from tradewire.transport.seam import HttpReply, HttpRequest

ROOT, HOST = "http://127.0.0.1:9", "127.0.0.1:9"
Asked = tuple[tuple[Any, ...], dict[str, Any]]


@dataclass
class General:
    """Takes requests the general way. What no answer is known for is never answered."""

    answers: Mapping[str, object]
    """What is answered, by path."""
    requests: list[bytes] = field(default_factory=list)

    def start(self, request: HttpRequest) -> asyncio.Future[HttpReply]:
        target = request.url.removeprefix(ROOT)
        return self.take(http_request(request.method, target, HOST, dict(request.headers), request.body))

    def take(self, data: bytes) -> asyncio.Future[HttpReply]:
        reply: asyncio.Future[HttpReply] = asyncio.get_running_loop().create_future()
        answer = self.answers.get(urlsplit(data.split(b" ")[1].decode()).path)
        if answer is None or not data.startswith(b"GET "):
            self.requests.append(data)
        else:
            reply.set_result(HttpReply(200, {}, json.dumps(answer).encode()))
        return reply

    async def send(self, request: HttpRequest) -> HttpReply:
        return await self.start(request)

    async def warm(self, url: str, connections: int = 1) -> None: ...

    async def close(self) -> None: ...


@dataclass
class Doorless(General):
    """The same, which also takes what a session has encoded."""

    authority: str = HOST
    door: HttpDoor | None = None
    lanes: int = 0
    """How many it took."""

    def lane(self, url: str) -> Doorless:
        assert url == ROOT
        return self

    def write(self, request: bytes, timeout_s: float) -> asyncio.Future[HttpReply]:
        self.lanes += 1
        return self.take(request)


class Lane(Doorless):
    """The same, which the core writes to by itself, as to a connection that is always ready."""

    def lane(self, url: str) -> Doorless:
        self._replies: list[asyncio.Future[HttpReply]] = []
        self.wire = Wire(self._write, lambda: False, None, float("inf"))
        self._idle = [self]
        self.door = HttpDoor(asyncio.get_running_loop(), self._idle)
        return super().lane(url)

    def _write(self, request: bytes) -> None:
        self._replies.append(self.write(request, 0.0))

    def written(self, connection: Lane, request: bytes, timeout_s: float) -> asyncio.Future[HttpReply]:
        assert not self._idle
        assert request in self.requests
        self._idle.append(connection)
        return self._replies.pop()

    def end(self) -> None:
        self._idle.append(self)


class Cold(Doorless):
    """The same while no connection is ready."""

    def write(self, request: bytes, timeout_s: float) -> None:  # type: ignore[override]  # never writes
        """Write nothing."""


def head_of(data: bytes) -> tuple[str, str, dict[str, str], str]:
    """Return method, path, header fields and body of a request, after a look at its length."""
    head, _, body = data.decode().partition("\r\n\r\n")
    line, *lines = head.split("\r\n")
    fields = dict(one.split(": ", 1) for one in lines)
    method, path, _ = line.split(" ")
    assert int(fields.get("Content-Length", "0")) == len(body.encode())
    return method, path, fields, body


async def outcomes(venue: Any, http: General, orders: list[Asked]) -> list[tuple[str | Order, list[bytes]]]:
    """Return of every order why it was refused, or what was sent, and the bytes of it."""
    found: list[tuple[str | Order, list[bytes]]] = []
    for number, (order, options) in enumerate(orders):
        http.requests.clear()
        try:
            sent = venue.send_order(*order, **{"client_order_id": f"id-{number}", **options})
        except TradewireError as error:
            assert not http.requests
            found.append((repr(error), []))
        else:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            found.append((sent.placed, list(http.requests)))
    await venue.close()
    return found


async def changes(
    client: Any, http: General, calls: list[tuple[str, Asked]]
) -> list[tuple[str, list[bytes]]]:
    """Return of every call of a method why it was refused, empty if it was sent, and the bytes of it."""
    found: list[tuple[str, list[bytes]]] = []
    for method, (arguments, options) in calls:
        http.requests.clear()
        task = asyncio.create_task(getattr(client, method)(*arguments, **options))
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        error = None if task.cancelled() else task.exception()
        found.append((repr(error) if isinstance(error, TradewireError) else "", list(http.requests)))
    await client.close()
    return found
