"""A venue gone mad, over a real socket: whatever it sends is told by name, and the book is right again afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pytest
from websockets import ConnectionClosed
from websockets.asyncio.server import Server, ServerConnection, serve

from support.witness import PATIENCE_S
from tradewire import CoinEx
from tradewire.protocol import events
from tradewire.protocol.timing import NS_PER_S, Timing
from tradewire.venues.coinex import hosts

BRISK = Timing(resync_ns=NS_PER_S // 50, retry_ns=NS_PER_S // 50)
LEVELS: dict[str, Any] = {"bids": [["99.50", "2"]], "asks": [["100.00", "1"]], "last": "99.50"}
CHECKSUM = zlib.crc32(b"99.50:2:100.00:1")


def push(time_ms: int) -> bytes:
    depth = {**LEVELS, "updated_at": time_ms, "checksum": CHECKSUM}
    data = {"market": "BTCUSDT", "is_full": True, "depth": depth}
    return json.dumps({"method": "depth.update", "data": data, "id": None}).encode()


class MadVenue:
    """Acknowledges everything, pushes a book at each subscription, and sends what it is told."""

    def __init__(self) -> None:
        self.connection: ServerConnection | None = None
        self.time_ms = 1_763_640_000_000

    async def speak(self, connection: ServerConnection) -> None:
        self.connection = connection
        async for text in connection:
            request = json.loads(text)
            await self.send(
                gzip.compress(json.dumps({"id": request["id"], "code": 0, "message": "OK"}).encode())
            )
            if request["method"] == "depth.subscribe":
                await self.send_book()

    async def send(self, frame: bytes) -> None:
        assert self.connection is not None
        await self.connection.send(frame)

    async def send_book(self) -> None:
        self.time_ms += 1
        await self.send(gzip.compress(push(self.time_ms)))


EventT = TypeVar("EventT")


class Heard:
    """Keeps what a client says about itself and lets a test wait for a kind of it."""

    def __init__(self, client: CoinEx) -> None:
        self._queue: asyncio.Queue[events.Event] = asyncio.Queue()
        self.seen: list[events.Event] = []
        client.watch_events(self._queue.put_nowait)

    async def first(self, kind: type[EventT]) -> EventT:
        while True:
            for event in self.seen:
                if isinstance(event, kind):
                    return event
            self.seen.append(await self._queue.get())


@pytest.fixture
async def venue() -> AsyncIterator[tuple[MadVenue, str]]:
    mad = MadVenue()
    server: Server
    async with serve(mad.speak, "127.0.0.1", 0, compression=None, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield mad, f"ws://127.0.0.1:{port}/v2/spot"


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        pytest.param(gzip.compress(b" " * (64 << 20)), "ratio_exceeded", id="bomb"),
        pytest.param(gzip.compress(push(1))[:-9], "compressed_truncated", id="truncated gzip"),
        pytest.param(gzip.compress(b'{"method":"\xff"}'), "invalid_utf8", id="invalid UTF-8"),
        pytest.param(gzip.compress(push(1)[:-20]), "unexpected_end", id="truncated JSON"),
        pytest.param(gzip.compress(b'{"a":' * 10_000), "too_deep", id="deep nesting"),
        pytest.param(gzip.compress(b"<html>502 Bad Gateway</html>"), "unexpected_byte", id="HTML"),
        pytest.param(bytes([0x1F, 0x8B, 8]), "compressed_truncated", id="three bytes"),
    ],
)
async def test_unreadable_frame_is_told_and_the_book_proved_again(
    venue: tuple[MadVenue, str], frame: bytes, kind: str
) -> None:
    mad, url = venue
    async with CoinEx(environment=hosts.local("http://127.0.0.1:9/v2", url), timing=BRISK) as client:
        heard = Heard(client)
        watch = client.watch_book("BTCUSDT", depth=5)
        async with asyncio.timeout(PATIENCE_S):
            await watch.ready()
            await mad.send(frame)
            told = await heard.first(events.Unreadable)
            assert told.kind == kind
            assert len(told.excerpt) <= 200
            await mad.send_book()
            await watch.ready()
        assert watch.book.is_synced
        assert client.stream_metrics.reconnects == 0


async def test_unknown_method_is_handed_up_whole(venue: tuple[MadVenue, str]) -> None:
    mad, url = venue
    raw = b'{"method":"weather.update","data":{"rain":true},"id":null}'
    async with CoinEx(environment=hosts.local("http://127.0.0.1:9/v2", url), timing=BRISK) as client:
        heard = Heard(client)
        watch = client.watch_book("BTCUSDT", depth=5)
        async with asyncio.timeout(PATIENCE_S):
            await watch.ready()
            await mad.send(gzip.compress(raw))
            told = await heard.first(events.Unrecognised)
        assert told.raw == raw
        assert watch.book.is_synced


async def test_frame_of_ten_megabytes_ends_the_connection_and_a_new_one_heals(
    venue: tuple[MadVenue, str],
) -> None:
    mad, url = venue
    async with CoinEx(environment=hosts.local("http://127.0.0.1:9/v2", url), timing=BRISK) as client:
        heard = Heard(client)
        watch = client.watch_book("BTCUSDT", depth=5)
        async with asyncio.timeout(PATIENCE_S):
            await watch.ready()
            with contextlib.suppress(ConnectionClosed):  # the client hangs up before the last byte
                await mad.send(b"x" * 10_000_000)
            await heard.first(events.Reconnected)
            await watch.ready()
            assert (await heard.first(events.Disconnected)).reason
        assert watch.book.is_synced
