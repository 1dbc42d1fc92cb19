"""The WebSocket transport against a bare TCP server that speaks RFC 6455 by hand."""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from support.witness import PATIENCE_S
from tradewire.errors import ConfigError
from tradewire.transport.seam import ConnectFailed, ConnectionLost, WsConnection
from tradewire.transport.ws import PicowsTransport

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Heard:
    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.stamps_ns: list[int] = []
        self.closed: list[tuple[int, str]] = []
        self.news = asyncio.Event()

    def on_frame(self, data: bytes, received_at_ns: int) -> None:
        self.frames.append(data)
        self.stamps_ns.append(received_at_ns)
        self.news.set()

    def on_closed(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))
        self.news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.news.clear()
                await self.news.wait()


def frame(opcode: int, payload: bytes, *, fin: bool = True, rsv1: bool = False) -> bytes:
    head = bytes([(0x80 if fin else 0) | (0x40 if rsv1 else 0) | opcode])
    if len(payload) < 126:
        return head + bytes([len(payload)]) + payload
    return head + b"\x7e" + struct.pack("!H", len(payload)) + payload


async def read_client_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    assert second & 0x80, "a client masks"
    assert second & 0x7F < 126
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(second & 0x7F)
    return first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


@asynccontextmanager
async def listening(peer: Peer) -> AsyncIterator[str]:
    handlers: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await peer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            await asyncio.wait([asyncio.ensure_future(writer.wait_closed())])

    def start(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.add(asyncio.create_task(accept(reader, writer)))

    server = await asyncio.start_server(start, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2/spot"
    finally:
        server.close()
        await server.wait_closed()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*handlers)


@asynccontextmanager
async def serving(peer: Peer, *, status: str = "101 Switching Protocols") -> AsyncIterator[str]:
    async def upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        lower = {name.lower(): value for name, value in lines.items()}
        assert b"sec-websocket-extensions" not in lower
        accepted = base64.b64encode(hashlib.sha1(lower[b"sec-websocket-key"] + GUID).digest()).decode()
        writer.write(
            f"HTTP/1.1 {status}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accepted}\r\n\r\n".encode()
        )
        await peer(reader, writer)

    async with listening(upgrade) as url:
        yield url


async def connect(
    url: str, heard: Heard, *, timeout_s: float = 5, max_frame_bytes: int = 1000
) -> WsConnection:
    return await PicowsTransport().connect(
        url, heard, headers={}, timeout_s=timeout_s, max_frame_bytes=max_frame_bytes
    )


async def test_messages_arrive_whole_and_stamped_and_text_goes_out() -> None:
    got: list[tuple[int, bytes]] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await read_client_frame(reader))
        writer.write(frame(2, b"one") + frame(2, b"tw", fin=False) + frame(9, b"ping!") + frame(0, b"o"))
        got.append(await read_client_frame(reader))
        got.append(await read_client_frame(reader))
        writer.write(frame(8, struct.pack("!H", 1000)))

    heard = Heard()
    async with serving(peer) as url:
        connection = await connect(url, heard)
        connection.send_text(b'{"id":1}')
        await heard.until(lambda: len(heard.frames) == 2)
        await connection.close()
        await connection.close()
        with pytest.raises(ConnectionLost):
            connection.send_text(b"late")
    assert heard.frames == [b"one", b"two"]
    assert heard.stamps_ns == sorted(heard.stamps_ns)
    assert heard.stamps_ns[0] > 1_600_000_000 * 10**9
    assert got[0] == (1, b'{"id":1}')
    assert got[1] == (10, b"ping!")
    assert got[2][0] == 8
    assert heard.closed == [(1000, "")]


@pytest.mark.parametrize(
    ("sent", "code", "words"),
    [
        (frame(2, b"x" * 1001), 1009, "exceeding"),
        (frame(2, b"x" * 900, fin=False) + frame(0, b"x" * 101), 1006, "more than 1000 bytes"),
        (frame(0, b"x"), 1006, "continuation of nothing"),
        (frame(2, b"x", fin=False) + frame(2, b"y"), 1006, "inside a fragmented"),
        (frame(2, b"x", rsv1=True), 1006, "extension"),
        (frame(8, struct.pack("!H", 1001) + b"going"), 1001, "going"),
        (b"", 1006, "broke"),
    ],
)
async def test_a_peer_that_misbehaves_or_leaves_is_reported_once(sent: bytes, code: int, words: str) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()
        if sent:
            await reader.read()

    heard = Heard()
    async with serving(peer) as url:
        connection = await connect(url, heard)
        await heard.until(lambda: bool(heard.closed))
        await connection.close()
    assert heard.frames == []
    [(heard_code, reason)] = heard.closed
    assert heard_code == code
    assert words in reason


@pytest.mark.parametrize(
    "sent",
    [
        frame(8, struct.pack("!H", 1000) + b"\xff\xfe"),
        frame(9, b"x", fin=False),
        frame(2, b"x" * 1001),
        frame(0, b"x"),
    ],
    ids=["close with a reason that is no text", "ping in parts", "too long", "continuation of nothing"],
)
async def test_a_violation_leaves_no_exception_that_nobody_retrieved(sent: bytes) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await reader.read()

    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    heard = Heard()
    async with serving(peer) as url:
        connection = await connect(url, heard)
        await heard.until(lambda: bool(heard.closed))
        # As a session does, which is informed and has nothing left to close.
        del connection
        await asyncio.sleep(0.01)
        gc.collect()
    assert complaints == []


async def test_a_mute_peer_is_aborted_when_it_does_not_answer_the_close() -> None:
    release = asyncio.Event()

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()

    heard = Heard()
    async with serving(peer) as url:
        connection = await connect(url, heard)
        await connection.close()
        release.set()
    assert len(heard.closed) == 1


async def test_protocol_pings_are_sent_and_a_peer_that_answers_none_is_left() -> None:
    got: list[tuple[int, bytes]] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await read_client_frame(reader))
        writer.write(frame(10, got[0][1]))
        got.append(await read_client_frame(reader))
        await reader.read()

    heard = Heard()
    async with serving(peer) as url:
        connection = await PicowsTransport(ping_interval_s=0.1, pong_timeout_s=0.1).connect(
            url, heard, headers={}, timeout_s=5, max_frame_bytes=1000
        )
        await heard.until(lambda: bool(heard.closed))
        await connection.close()
    assert [kind for kind, _ in got] == [9, 9]
    assert heard.frames == []
    assert len(heard.closed) == 1


def test_a_pong_cannot_be_waited_for_longer_than_until_the_next_ping() -> None:
    with pytest.raises(ConfigError, match="at most"):
        PicowsTransport(ping_interval_s=1, pong_timeout_s=2)


@pytest.mark.parametrize("status", ["502 Bad Gateway", "302 Found"])
async def test_a_refused_upgrade_is_a_failed_connect(status: str) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        return

    async with serving(peer, status=status) as url:
        with pytest.raises(ConnectFailed, match=url):
            await connect(url, Heard())


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/v2/spot", "http://127.0.0.1:1/", "ws://"])
async def test_no_peer_is_a_failed_connect(url: str) -> None:
    with pytest.raises(ConnectFailed):
        await connect(url, Heard())


async def test_a_peer_that_never_upgrades_times_out_and_leaks_nothing() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(mute) as url:
        with pytest.raises(ConnectFailed):
            await connect(url, Heard(), timeout_s=0.05)


async def test_cancelling_a_connect_leaks_nothing() -> None:
    arrived = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        await reader.read()

    async with listening(mute) as url:
        task = asyncio.create_task(connect(url, Heard()))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
