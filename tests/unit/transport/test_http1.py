"""Our own HTTP/1.1: what goes out, what is refused unsent, and when bytes are on the socket."""

from __future__ import annotations

import asyncio
import select
import socket
import sys
from typing import Any

import pytest
from aiohttp import web

from support.http_server import sending, serving
from support.raw_server import HOST, listening, reply_of, reset
from tradewire.errors import ConfigError
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.seam import ConnectFailed, ConnectionLost, HttpRequest


async def test_request_is_written_as_it_was_signed_in_one_piece() -> None:
    async with serving() as server, sending() as transport:
        url = f"http://{HOST}:{server.port}/v2/spot/order?market=BTC%2CETH&a=%7e,+/?"
        await transport.send(
            HttpRequest("POST", url, {"X-Sign": "a b", "Content-Type": "x"}, b'{"a":1}', 5.0)
        )
    [(head, body)] = server.requests
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v2/spot/order?market=BTC%2CETH&a=%7e,+/? HTTP/1.1"
    assert lines[1:4] == [f"Host: {HOST}:{server.port}", "Accept-Encoding: identity", "X-Sign: a b"]
    assert lines[4:][:1] == ["Content-Type: x"]
    assert "Content-Length: 7" in lines
    assert body == b'{"a":1}'


async def test_request_is_told_as_sent_once_its_connection_is_open_and_not_before() -> None:
    told: list[int] = []
    async with serving() as server, sending() as transport:
        request = server.get()._replace(on_sent=lambda: told.append(len(server.requests)))
        await transport.send(request)
        assert told == [0]
        with pytest.raises(ConnectFailed):
            await transport.send(request._replace(url=f"http://{HOST}:1/"))
    assert len(told) == 1


async def test_started_request_is_on_the_socket_before_start_returns() -> None:
    listener = socket.create_server((HOST, 0))
    async with sending() as transport:
        url = f"http://{HOST}:{listener.getsockname()[1]}/"
        await transport.warm(url)
        peer, _ = listener.accept()
        pending = transport.start(HttpRequest("POST", url, {}, b"{}", 5.0))
        # No turn of the loop lies between: the kernel has it, head and body in one segment.
        assert select.select([peer], [], [], 5.0)[0] == [peer]
        data = peer.recv(4096)
        assert data.startswith(b"POST / HTTP/1.1\r\n")
        assert data.endswith(b"\r\n\r\n{}")
        assert pending is not None
        peer.sendall(reply_of(b"hi"))
        assert (await pending).body == b"hi"
        peer.close()
    listener.close()


async def test_without_a_ready_connection_nothing_is_started() -> None:
    async with serving() as server, sending() as transport:
        assert transport.start(server.get()) is None
        await transport.send(server.get())
        first = transport.start(server.get())
        assert first is not None
        assert transport.start(server.get()) is None, "nothing is pipelined"
        assert (await first).body == b"hi"
    assert len(server.requests) == 2
    assert len(server.writers) == 1


async def test_started_request_fails_with_its_connection_and_by_its_deadline() -> None:
    async with serving(b"") as server, sending() as transport:
        await transport.warm(server.get().url, 2)
        late = transport.start(server.get(timeout_s=0.05))
        lost = transport.start(server.get(timeout_s=5.0))
        assert late is not None
        assert lost is not None
        with pytest.raises(ConnectionLost, match=r"no reply within 0\.05 s"):
            await late
        for writer in server.writers:
            reset(writer)
        with pytest.raises(ConnectionLost, match="before the reply was whole"):
            await lost


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
async def test_request_on_a_kept_connection_that_breaks_is_sent_once(method: str) -> None:
    async with serving() as server, sending() as transport:
        await transport.send(server.get())
        server.reply = b""
        failing = asyncio.create_task(transport.send(server.get(method=method)))
        await server.until(lambda: len(server.requests) == 2)
        server.writers[0].close()
        with pytest.raises(ConnectionLost):
            await failing
        await asyncio.sleep(0.02)
    assert (len(server.requests), len(server.writers)) == (2, 1)


async def test_cancelled_request_gives_its_connection_back_with_its_reply() -> None:
    async with serving(b"") as server, sending() as transport:
        task = asyncio.create_task(transport.send(server.get("/first")))
        await server.until(lambda: bool(server.requests))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert transport.start(server.get()) is None, "its reply is still to come"
        server.writers[0].write(reply_of(b"first"))
        await asyncio.sleep(0.02)
        server.reply = reply_of(b"second")
        assert (await transport.send(server.get("/second"))).body == b"second"
    assert len(server.writers) == 1


async def test_byte_on_an_idle_connection_ends_it() -> None:
    async with serving() as server, sending() as transport:
        await transport.send(server.get())
        server.writers[0].write(b"\r\n")
        await asyncio.sleep(0.02)
        assert transport.start(server.get()) is None
        await transport.send(server.get())
    assert len(server.writers) == 2


async def test_unread_byte_on_an_idle_connection_ends_it_before_a_request_is_written() -> None:
    listener = socket.create_server((HOST, 0))
    async with sending() as transport:
        url = f"http://{HOST}:{listener.getsockname()[1]}/"
        await transport.warm(url)
        peer, _ = listener.accept()
        peer.sendall(reply_of(b"forged"))
        # The loop has not read it yet.
        assert transport.start(HttpRequest("GET", url, {}, b"", 5.0)) is None
        await asyncio.sleep(0.01)
        try:
            assert peer.recv(4096) == b""
        except ConnectionResetError:
            pass
        peer.close()
    listener.close()


async def test_reply_to_head_has_no_body() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") as server, sending() as transport:
        for _ in range(2):
            assert (await transport.send(server.get(method="HEAD"))).body == b""
    assert len(server.writers) == 1


async def test_headers_are_in_lower_case_and_lists_are_joined() -> None:
    reply = reply_of(b"", b"X-Rate: 7", b"x-rate: 8", b"Name: caf\xe9")
    async with serving(reply) as server, sending() as transport:
        got = await transport.send(server.get())
    assert got.headers == {"content-length": "0", "x-rate": "7, 8", "name": "caf\xe9"}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://nowhere.invalid/",
        "gopher://x/",
        "http://",
        "x",
        "http://a:b@h/",
        "http://h:x/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1?x=1",
        "http://h\r\n/",
    ],
)
@pytest.mark.parametrize("way", ["send", "start"])
async def test_nothing_is_sent_where_nothing_can_be(url: str, way: str) -> None:
    async with sending() as transport:
        request = HttpRequest("GET", url, {}, b"", 5.0)
        if way == "start" and url in {"http://127.0.0.1:1/", "http://nowhere.invalid/"}:
            assert transport.start(request) is None
            return
        with pytest.raises(ConnectFailed) as caught:
            transport.start(request) if way == "start" else await transport.send(request)
    assert str(caught.value)


@pytest.mark.parametrize(
    "headers", [{"A": "b\r\nX: y"}, {"A\n": "b"}, {"A": "\u20ac"}, {"Host": "x"}, {"A": None}], ids=repr
)
async def test_header_that_could_be_read_as_another_is_refused_unsent(headers: dict[str, str]) -> None:
    async with serving() as server, sending() as transport:
        with pytest.raises(ConnectFailed, match=r"header|transport writes"):
            await transport.send(server.get()._replace(headers=headers))
    assert server.requests == []


async def test_reply_that_comes_before_the_request_is_whole_ends_the_connection() -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply_of(b"too much", status=b"413 X"))
        await asyncio.Event().wait()

    async with listening(peer) as port, sending() as transport:
        url = f"http://{HOST}:{port}/"
        reply = await transport.send(HttpRequest("POST", url, {}, b"x" * (16 << 20), 5.0))
        assert reply.status == 413
        assert transport.start(HttpRequest("GET", url, {}, b"", 5.0)) is None


async def test_closed_transport_sends_nothing() -> None:
    transport = Http1Transport()
    await transport.close()
    await transport.close()
    request = HttpRequest("GET", f"http://{HOST}:1/", {}, b"", 5.0)
    with pytest.raises(ConnectFailed, match="closed"):
        await transport.send(request)
    with pytest.raises(ConnectFailed, match="closed"):
        transport.start(request)


def test_transport_belongs_to_one_loop() -> None:
    transport = Http1Transport()

    async def use() -> None:
        with pytest.raises(ConnectFailed):
            await transport.send(HttpRequest("GET", f"http://{HOST}:1/", {}, b"", 5.0))

    async def misuse() -> None:
        with pytest.raises(ConfigError, match="one event loop"):
            await transport.send(HttpRequest("GET", f"http://{HOST}:1/", {}, b"", 5.0))
        await transport.close()

    asyncio.run(use())
    asyncio.run(misuse())


async def test_another_thread_is_refused_and_sends_nothing() -> None:
    async with serving() as server, sending() as transport:
        await transport.warm(server.get().url)
        with pytest.raises(ConfigError, match="in its event loop"):
            await asyncio.to_thread(transport.start, server.get())
        assert transport.start(server.get()) is not None, "the connection is still there"
        await asyncio.sleep(0.02)
    assert len(server.requests) == 1


@pytest.mark.parametrize("has_uvloop", [False, True], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("has_aiofastnet", [False, True], ids=["its transport", "aiofastnet"])
def test_every_loop_and_transport_writes_in_the_call_and_ends_what_speaks_unasked(
    monkeypatch: pytest.MonkeyPatch, has_uvloop: bool, has_aiofastnet: bool
) -> None:
    if not has_aiofastnet:
        monkeypatch.setitem(sys.modules, "aiofastnet", None)
    factory = pytest.importorskip("uvloop").new_event_loop if has_uvloop else None
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(test_started_request_is_on_the_socket_before_start_returns())
        runner.run(test_unread_byte_on_an_idle_connection_ends_it_before_a_request_is_written())
        runner.run(test_byte_on_an_idle_connection_ends_it())
        runner.run(test_request_on_a_kept_connection_that_breaks_is_sent_once("POST"))
        runner.run(test_started_request_fails_with_its_connection_and_by_its_deadline())
        runner.run(test_reply_that_comes_before_the_request_is_whole_ends_the_connection())


async def test_sent_is_told_when_the_request_is_on_the_socket() -> None:
    told: list[bytes] = []
    async with serving() as server:
        transport = Http1Transport(on_sent=lambda request: told.append(request[-1:]))
        await transport.send(server.get(method="POST")._replace(body=b"x"))
        assert transport.start(server.get(method="POST")._replace(body=b"y")) is not None
        assert told == [b"x", b"y"]
        await transport.close()


async def test_request_goes_on_where_what_is_told_of_it_raises() -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

    def stumble(data: bytes) -> None:
        raise IndexError(len(data))

    async with serving() as server:
        transport = Http1Transport(on_sent=stumble)
        assert (await transport.send(server.get())).body == b"hi"
        pending = transport.start(server.get())
        assert pending is not None
        assert (await pending).body == b"hi"
        lane = transport.lane(server.get().url)
        written = lane.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", 5.0)
        assert written is not None
        assert (await written).body == b"hi"
        await transport.close()
    assert [(type(one["exception"]), one["exception"].__traceback__) for one in reported] == [
        (IndexError, None)
    ] * 3


async def test_aiohttp_answers_as_it_does_to_its_own_client() -> None:
    async def echo(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.path == "/chunked":
            response = web.StreamResponse()
            await response.prepare(request)
            for at in range(0, len(body), 1000):
                await response.write(body[at : at + 1000])
            return response
        return web.Response(body=body, headers={"X-Method": request.method})

    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{path:.*}", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    [(_, port)] = [address[:2] for address in runner.addresses]
    async with sending() as transport:
        for size in (0, 1, 1000, 70_000, 5_000_000):
            for path in ("/plain", "/chunked"):
                for method in ("GET", "POST", "PUT", "DELETE"):
                    body = bytes(range(256)) * (size // 256 + 1)
                    request = HttpRequest(method, f"http://{HOST}:{port}{path}", {}, body[:size], 10.0)
                    reply = await transport.send(request)
                    assert (reply.status, reply.body) == (200, body[:size])
        head = await transport.send(HttpRequest("HEAD", f"http://{HOST}:{port}/plain", {}, b"", 10.0))
        assert (head.status, head.body, head.headers["x-method"]) == (200, b"", "HEAD")
    await runner.cleanup()


async def test_lane_writes_in_the_call_what_is_whole_already_and_nothing_without_a_connection() -> None:
    sent: list[bytes] = []
    async with serving() as server:
        transport = Http1Transport(spares=0, on_sent=sent.append)
        lane = transport.lane(f"http://{HOST}:{server.port}")
        request = b"POST /a HTTP/1.1\r\nHost: %s\r\nContent-Length: 1\r\n\r\nx" % lane.authority.encode()
        assert lane.write(request, 5.0) is None
        await transport.warm(f"http://{HOST}:{server.port}")
        pending = lane.write(request, 5.0)
        assert pending is not None
        assert sent == [request]
        # The one connection is taken.
        assert lane.write(request, 5.0) is None
        assert (await pending).body == b"hi"
        assert [body for _, body in server.requests] == [b"x"]
        await transport.close()
        assert lane.write(request, 5.0) is None
        with pytest.raises(ConnectFailed, match="closed"):
            transport.lane(f"http://{HOST}:{server.port}")


async def test_lane_writes_nothing_from_another_event_loop() -> None:
    async with serving() as server:
        transport = Http1Transport(spares=0)
        await transport.warm(f"http://{HOST}:{server.port}")
        lane = transport.lane(f"http://{HOST}:{server.port}")

        async def elsewhere() -> object:
            return lane.write(b"GET / HTTP/1.1\r\n\r\n", 5.0)

        assert await asyncio.to_thread(lambda: asyncio.run(elsewhere())) is None
        assert server.requests == []
        await transport.close()
