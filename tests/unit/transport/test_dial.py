"""Sockets to a venue: a race of its addresses, and both kinds of proxy, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from support.crash_report import shown
from support.raw_server import HOST, BlackHole, listening, read_head, read_request, reply_of
from support.tunnel import Tunnel
from tradewire.transport.dial import open_socket
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.transport.seam import ConnectFailed, HttpRequest
from tradewire.transport.ws import PicowsTransport

PASSWORD = "CANARY0PASSWORD"


@pytest.fixture
def black_hole() -> Iterator[BlackHole]:
    hole = BlackHole()
    yield hole
    hole.close()


def resolve(monkeypatch: pytest.MonkeyPatch, *ports: int) -> None:
    """Make ``venue.test`` have one address for each port."""

    async def getaddrinfo(host: str, port: int, **kwargs: Any) -> list[Any]:
        if host != "venue.test":
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (HOST, port)) for port in ports]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo, raising=False)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(reply_of(b"hi"))


class Owner:
    def on_frame(self, data: bytes, received_at_ns: int) -> None: ...

    def on_closed(self, code: int, reason: str) -> None: ...


async def test_a_first_address_that_swallows_syns_costs_a_quarter_of_a_second(
    black_hole: BlackHole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(answer) as port:
        resolve(monkeypatch, black_hole.port, port)
        began_s = time.monotonic()
        opened = await open_socket("venue.test", port, DIRECT, is_tls=False)
        took_s = time.monotonic() - began_s
        assert opened.getpeername() == (HOST, port)
        assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        opened.close()
    assert 0.2 < took_s < 60


async def test_a_first_address_that_refuses_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(answer) as port:
        resolve(monkeypatch, 1, port)
        opened = await open_socket("venue.test", port, DIRECT, is_tls=False)
        assert opened.getpeername() == (HOST, port)
        opened.close()


async def test_a_websocket_gets_past_an_address_that_swallows_syns(
    black_hole: BlackHole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(answer) as port:
        resolve(monkeypatch, black_hole.port, port)
        with pytest.raises(ConnectFailed, match="expected upgrade response with status 101"):
            await PicowsTransport().connect(
                f"ws://venue.test:{port}/", Owner(), headers={}, timeout_s=2, max_frame_bytes=1000
            )


@pytest.mark.parametrize("ports", [(1,), (1, 1), ()], ids=["one", "two", "none"])
async def test_no_address_that_answers_is_a_failed_connect_that_says_so(
    ports: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, *ports)
    with pytest.raises(ConnectFailed, match=r"no connection to venue\.test:7: .+"):
        await open_socket("venue.test", 7, DIRECT, is_tls=False)
    with pytest.raises(ConnectFailed, match="not known"):
        await open_socket("elsewhere.test", 7, DIRECT, is_tls=False)


async def test_cancelling_a_connect_closes_its_sockets(
    black_hole: BlackHole, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, black_hole.port, black_hole.port)
    task = asyncio.create_task(open_socket("venue.test", 7, DIRECT, is_tls=False))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_is_passed_with_user_and_password_and_resolves_the_name(scheme: str) -> None:
    tunnel = Tunnel()
    peer = tunnel.http if scheme == "http" else tunnel.socks
    async with listening(answer) as port, listening(peer) as proxy_port:
        network = NetworkOptions(proxy=f"{scheme}://desk%407:{PASSWORD}@{HOST}:{proxy_port}")
        opened = await open_socket("venue.test", port, network, is_tls=False)
        reader, writer = await asyncio.open_connection(sock=opened)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert (await read_head(reader)).startswith(b"HTTP/1.1 200")
        writer.close()
        with pytest.raises(ConnectFailed, match="expected upgrade response with status 101"):
            await PicowsTransport(network).connect(
                f"ws://venue.test:{port}/", Owner(), headers={}, timeout_s=5, max_frame_bytes=1000
            )
    assert tunnel.asked == [f"venue.test:{port}"] * 2
    assert tunnel.credentials == [f"desk@7:{PASSWORD}"] * 2


async def _say(writer: asyncio.StreamWriter, words: bytes) -> None:
    writer.write(words)
    await writer.drain()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "refused with HTTP 407"),
        (b"HTTP/1.1 2xx OK\r\n\r\n", "did not answer with HTTP"),
        (b"garbage\r\n\r\n", "did not answer with HTTP"),
        (b"", "closed the connection"),
        (b"HTTP/1.1 200 OK\r\n", "closed the connection"),
        (b"x" * 20_000, "more than 16384 bytes"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "bytes of its own"),
    ],
    ids=["407", "status", "garbage", "nothing", "half", "endless", "injected"],
)
async def test_a_proxy_that_misbehaves_is_a_failed_connect_that_shows_no_password(
    reply: bytes, reason: str
) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        await _say(writer, reply)

    async with listening(peer) as port:
        network = NetworkOptions(proxy=f"http://desk:{PASSWORD}@{HOST}:{port}")
        with pytest.raises(ConnectFailed, match=reason) as caught:
            await open_socket("venue.test", 443, network, is_tls=True)
    assert PASSWORD not in shown(caught.value)
    assert f"http://{HOST}:{port}" in str(caught.value)


@pytest.mark.parametrize(
    "reply", [b"", b"\x05\xff", b"\x04\x00", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=repr
)
async def test_a_socks_proxy_that_misbehaves_is_a_failed_connect_that_shows_no_password(reply: bytes) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(3)
        await _say(writer, reply)

    async with listening(peer) as port:
        network = NetworkOptions(proxy=f"socks5://desk:{PASSWORD}@{HOST}:{port}")
        with pytest.raises(ConnectFailed, match=r"no connection to venue\.test:443: .+") as caught:
            await open_socket("venue.test", 443, network, is_tls=True)
    assert PASSWORD not in shown(caught.value)


async def test_cancelling_a_proxy_handshake_shows_no_password() -> None:
    arrived = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        arrived.set()
        await reader.read()

    async with listening(mute) as port:
        network = NetworkOptions(proxy=f"http://desk:{PASSWORD}@{HOST}:{port}")
        task = asyncio.create_task(open_socket("venue.test", 443, network, is_tls=True))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert PASSWORD not in shown(caught.value)


async def test_environment_is_ignored_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with listening(answer) as port:
        request = HttpRequest("GET", f"http://{HOST}:{port}/", {}, b"", 5.0)
        transport = Http1Transport()
        assert (await transport.send(request)).body == b"hi"
        await transport.close()
