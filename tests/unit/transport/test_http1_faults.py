"""HTTP that breaks in every place: the right reply, or one of two errors with a reason; nothing of a key anywhere."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from support.crash_report import shown
from support.raw_server import HOST, listening, read_head, read_request, reply_of, reset
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.http1.connection import Connection
from tradewire.transport.seam import (
    ConnectFailed,
    ConnectionLost,
    HttpReply,
    HttpRequest,
    HttpTransport,
    TransportError,
)

CANARY = "CANARY0SECRET"
BODY = b'{"key":"CANARY0SECRET"}'
GOOD = reply_of(BODY, b"X-Key: CANARY0SECRET")
Step = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(
    params=[partial(Http1Transport, spares=0), Http1Transport],
    ids=["alone", "with a spare"],
)
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[HttpTransport]:
    """Each HTTP transport, checked at the end for what it left behind."""
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(str(context)))
    made: HttpTransport = request.param()
    yield made
    await made.close()
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()
    assert complaints == []


def post(port: int, timeout_s: float = 5.0, method: str = "POST") -> HttpRequest:
    headers = {"X-Key": CANARY, "Content-Type": "application/json"}
    return HttpRequest(method, f"http://{HOST}:{port}/order?a=1", headers, BODY, timeout_s)


async def fails(transport: HttpTransport, request: HttpRequest) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await transport.send(request)
    assert str(caught.value).strip(": ")
    assert CANARY not in shown(caught.value)
    return caught.value


def answering(*, reply: bytes, ending: str = "") -> Step:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(reply)
        await writer.drain()
        if ending == "reset":
            reset(writer)
        elif ending != "close":
            await reader.read()

    return peer


BROKEN: dict[str, tuple[bytes, str]] = {
    "close before the reply": (b"", "close"),
    "reset before the reply": (b"", "reset"),
    "half a status line, reset": (b"HTTP/1.1 20", "reset"),
    "half a head, reset": (b"HTTP/1.1 200 OK\r\nContent-Le", "reset"),
    "half a body, reset": (GOOD[:-3], "reset"),
}


@pytest.mark.parametrize(("reply", "ending"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_reply_that_breaks_leaves_the_outcome_unknown(
    transport: HttpTransport, reply: bytes, ending: str
) -> None:
    async with listening(answering(reply=reply, ending=ending)) as port:
        assert isinstance(await fails(transport, post(port)), ConnectionLost)


@pytest.mark.parametrize("ending", ["close", "reset"])
async def test_a_connection_ended_at_once_has_a_reason(transport: HttpTransport, ending: str) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if ending == "reset":
            reset(writer)

    async with listening(peer) as port:
        for _ in range(5):
            await fails(transport, post(port))


async def test_a_half_open_connection_ends_with_the_deadline(transport: HttpTransport) -> None:
    async with listening(answering(reply=b"")) as port:
        error = await fails(transport, post(port, timeout_s=0.1))
    assert isinstance(error, ConnectionLost)
    assert "no reply within 0.1 s" in str(error)


async def test_a_body_that_never_ends_ends_with_the_deadline(transport: HttpTransport) -> None:
    async with listening(answering(reply=GOOD[:-1])) as port:
        assert isinstance(await fails(transport, post(port, timeout_s=0.1)), ConnectionLost)


@pytest.mark.parametrize("status", [b"502 Bad Gateway", b"503 X", b"429 Too Many Requests", b"302 Found"])
async def test_any_status_is_a_reply(transport: HttpTransport, status: bytes) -> None:
    html = reply_of(b"<html></html>", b"Content-Type: text/html", b"Location: /x", status=status)
    async with listening(answering(reply=html)) as port:
        reply = await transport.send(post(port))
    assert (reply.status, reply.body) == (int(status[:3]), b"<html></html>")


async def test_a_reply_in_single_bytes_is_the_same_reply(transport: HttpTransport) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for byte in GOOD:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        await reader.read()

    async with listening(peer) as port:
        assert (await transport.send(post(port))).body == BODY


class Numbered:
    """Answers with the number of the connection and of the request, and can answer twice."""

    def __init__(self, *, again_after_s: float) -> None:
        self.again_after_s = again_after_s
        self.connections = 0
        self.heads: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        while True:
            head, _ = await read_request(reader)
            self.heads.append(head)
            reply = reply_of(b"%d/%d" % (number, len(self.heads)))
            writer.write(reply)
            if number == 1:
                await asyncio.sleep(self.again_after_s)
                writer.write(reply)


@pytest.mark.parametrize("again_after_s", [0.0, 0.02], ids=["with the first", "on the idle connection"])
async def test_a_second_reply_ends_its_connection_and_never_answers_the_next_request(
    transport: HttpTransport, again_after_s: float
) -> None:
    server = Numbered(again_after_s=again_after_s)
    async with listening(server.serve) as port:
        assert (await transport.send(post(port))).body == b"1/1"
        await asyncio.sleep(0.05)
        second, third = [(await transport.send(post(port))).body.split(b"/") for _ in range(2)]
    assert (second[1], third[1]) == (b"2", b"3")
    assert b"1" not in {second[0], third[0]}


async def test_closing_the_transport_is_not_a_cancellation_for_who_waits(transport: HttpTransport) -> None:
    seen = asyncio.Event()
    count = 0

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        await read_head(reader)
        count += 1
        if count == 64:
            seen.set()
        await reader.read()

    async with listening(never) as port:
        on_the_wire = [asyncio.create_task(transport.send(post(port))) for _ in range(64)]
        await asyncio.wait_for(seen.wait(), 10)
        waiting = [asyncio.create_task(transport.send(post(port))) for _ in range(3)]
        await asyncio.sleep(0.05)
        await transport.close()
        sent = await asyncio.gather(*on_the_wire, return_exceptions=True)
        unsent = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(error) for error in sent} == {ConnectionLost}
    assert {type(error) for error in unsent} == {ConnectFailed}
    assert all(str(error) for error in (*sent, *unsent))


async def test_a_cancelled_request_is_cancelled_and_shows_no_key(transport: HttpTransport) -> None:
    arrived = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        arrived.set()
        await reader.read()

    async with listening(mute) as port:
        task: asyncio.Task[HttpReply] = asyncio.create_task(transport.send(post(port)))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert CANARY not in shown(caught.value)


async def test_logs_and_reprs_show_no_key(transport: HttpTransport, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    # Everything is slow, so that every callback is logged with its arguments.
    loop.slow_callback_duration = 0.0
    async with listening(answering(reply=GOOD)) as good, listening(answering(reply=GOOD + GOOD)) as twice:
        for port in (good, twice):
            sending = asyncio.create_task(transport.send(post(port)))
            reply = await sending
            assert CANARY not in repr((sending, reply, post(port)))
        await fails(transport, post(good, timeout_s=0.05))
        loop.set_debug(False)
        await transport.close()
    assert "Executing" in caplog.text
    assert CANARY not in caplog.text


async def test_no_connection_shows_no_key(transport: HttpTransport) -> None:
    assert isinstance(await fails(transport, post(1)), ConnectFailed)


@pytest.mark.parametrize("raises", [False, True])
async def test_transport_that_breaks_down_in_the_write_leaves_no_request_behind(raises: bool) -> None:
    gone: list[Connection] = []

    class Owner:
        def is_free(self, connection: Connection) -> None: ...

        def is_gone(self, connection: Connection) -> None:
            gone.append(connection)

    connection = Connection(Owner())

    class Broken(asyncio.Transport):
        def write(self, data: Any) -> None:
            if raises:
                raise RuntimeError("broken")
            connection.connection_lost(None)

        def abort(self) -> None:
            asyncio.get_running_loop().call_soon(connection.connection_lost, None)

        def get_extra_info(self, name: str, default: Any = None) -> Any:
            return listener

    with socket.create_server((HOST, 0)) as listener:
        connection.connection_made(Broken())
        if raises:
            with pytest.raises(RuntimeError, match="broken"):
                connection.write(b"GET", 1e9, 5.0, is_head=False)
            await asyncio.sleep(0)
        else:
            with pytest.raises(ConnectionLost, match="before the reply was whole"):
                await connection.write(b"GET", 1e9, 5.0, is_head=False)
    assert gone == [connection]
