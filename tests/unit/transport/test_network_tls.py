"""TLS on both doors: what is verified, and what is refused before a byte of a request is sent."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from support.certificates import server_context, trusting
from support.raw_server import HOST, listening, read_request, reply_of, reset, upgrade_reply
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.transport.seam import ConnectFailed, HttpRequest
from tradewire.transport.ws import PicowsTransport

REQUESTS: list[bytes] = []


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        head, _ = await read_request(reader)
        REQUESTS.append(head)
        writer.write(upgrade_reply(head) if b"pgrade" in head else reply_of(b"hi"))


class Owner:
    def on_frame(self, data: bytes, received_at_ns: int) -> None: ...

    def on_closed(self, code: int, reason: str) -> None: ...


async def over_http(port: int, network: NetworkOptions) -> None:
    transport = Http1Transport(network)
    try:
        request = HttpRequest("POST", f"https://{HOST}:{port}/", {}, b"x", 5.0)
        for _ in range(3):
            assert (await transport.send(request)).body == b"hi"
        await asyncio.sleep(0.05)
        pending = transport.start(request)
        assert pending is not None, "a warm connection is ready over TLS, too"
        assert (await pending).body == b"hi"
    finally:
        await transport.close()


async def over_websocket(port: int, network: NetworkOptions) -> None:
    connection = await PicowsTransport(network).connect(
        f"wss://{HOST}:{port}/", Owner(), headers={}, timeout_s=5, max_frame_bytes=1000
    )
    await connection.close()


DOORS = pytest.mark.parametrize("door", [over_http, over_websocket], ids=["HTTP", "WebSocket"])
Door = Callable[[int, NetworkOptions], Awaitable[None]]


@DOORS
async def test_own_context_trusts_what_it_is_told_to(door: Door, tmp_path: Path) -> None:
    async with listening(answer, server_context(tmp_path)) as port:
        await door(port, NetworkOptions(tls=trusting(tmp_path)))


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("has_uvloop", [False, True], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("has_aiofastnet", [False, True], ids=["its transport", "aiofastnet"])
def test_body_larger_than_what_is_read_at_once_is_whole_on_every_loop_and_transport(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_tls: bool, has_uvloop: bool, has_aiofastnet: bool
) -> None:
    body = bytes(range(256)) * 2000

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            writer.write(reply_of(body))

    async def read_twice() -> None:
        async with listening(serve, server_context(tmp_path) if is_tls else None) as port:
            transport = Http1Transport(NetworkOptions(tls=trusting(tmp_path)) if is_tls else DIRECT)
            request = HttpRequest("GET", f"http{'s' * is_tls}://{HOST}:{port}/", {}, b"", 30.0)
            assert (await transport.send(request)).body == body
            assert (await transport.send(request)).body == body
            await transport.close()

    if not has_aiofastnet:
        monkeypatch.setitem(sys.modules, "aiofastnet", None)
    factory = pytest.importorskip("uvloop").new_event_loop if has_uvloop else None
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(read_twice())


def old_protocol(folder: Path) -> ssl.SSLContext:
    context = server_context(folder)
    with pytest.warns(DeprecationWarning, match="TLS"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLS"):
        context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@DOORS
@pytest.mark.parametrize(
    ("server", "is_trusted", "reason"),
    [
        (server_context, False, "self-signed certificate"),
        (lambda folder: server_context(folder, is_expired=True), True, "expired"),
        (lambda folder: server_context(folder, host="127.0.0.2"), True, "IP address mismatch"),
        (old_protocol, True, "SSL|ConnectionReset"),
    ],
    ids=["self-signed", "expired", "another host", "TLS 1.0"],
)
async def test_peer_that_is_not_verified_is_sent_nothing(
    door: Door, tmp_path: Path, server: Callable[[Path], ssl.SSLContext], is_trusted: bool, reason: str
) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    REQUESTS.clear()
    tls = server(tmp_path)
    network = NetworkOptions(tls=trusting(tmp_path)) if is_trusted else DIRECT
    async with listening(answer, tls) as port:
        with pytest.raises(ConnectFailed, match=reason):
            await door(port, network)
    assert REQUESTS == []


async def test_failure_without_a_reason_says_that_it_was_the_tls_handshake() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(5)
        reset(writer)

    async with listening(deaf) as port:
        with pytest.raises(ConnectFailed, match=r"the TLS handshake failed: .+"):
            await over_http(port, DIRECT)


async def test_handshake_that_is_never_answered_ends_with_the_deadline_and_leaves_no_socket() -> None:
    ended = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()

    async with listening(mute) as port:
        transport = Http1Transport()
        with pytest.raises(ConnectFailed, match=r"no connection to .* within 0\.2 s"):
            await transport.send(HttpRequest("POST", f"https://{HOST}:{port}/", {}, b"x", 0.2))
        await asyncio.wait_for(ended.wait(), 10)
        await transport.close()


@DOORS
async def test_peer_that_speaks_no_tls_is_a_failed_connect(door: Door) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(5)
        writer.write(reply_of(b"hi"))

    async with listening(plain) as port:
        with pytest.raises(ConnectFailed, match=r"127\.0\.0\.1:\d+.*: .+"):
            await door(port, DIRECT)
