"""Connections that are kept: spares, what replaces a connection, how many there are, and who waits for one."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from support.http_server import sending, serving, start_when_ready
from support.raw_server import HOST, BlackHole, listening, read_request, reply_of
from tradewire.transport import dial
from tradewire.transport.http1 import connection, pool
from tradewire.transport.seam import ConnectFailed, ConnectionLost, HttpRequest


async def test_spare_is_ready_and_what_the_server_closes_is_replaced() -> None:
    async with serving() as server, sending(spares=1) as transport:
        await transport.send(server.get())
        server.reply = b""
        for count in (2, 4):
            await server.until(partial(server.has_met, count))
            both = [await start_when_ready(transport, server.get()) for _ in range(2)]
            assert len(server.writers) == count
            await server.until(partial(server.was_asked, count + 1))
            for writer in server.writers:
                writer.write(reply_of(b"hi"))
            assert [(await pending).body for pending in both] == [b"hi"] * 2
            for writer in server.writers:
                writer.close()


async def test_server_that_closes_every_spare_is_not_asked_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "SPARE_PAUSE_S", 3600.0)
    count = 0

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        if count == 1:
            while True:
                await read_request(reader)
                writer.write(reply_of(b"hi"))

    async with listening(peer) as port, sending(spares=1) as transport:
        for _ in range(5):
            await transport.send(HttpRequest("GET", f"http://{HOST}:{port}/", {}, b"", 5.0))
            await asyncio.sleep(0.01)
    assert count == 2


async def test_idle_connection_is_replaced_before_the_server_would_close_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "IDLE_LIMIT_S", 0.1)
    async with serving() as server, sending(spares=1) as transport:
        await transport.send(server.get())
        await server.until(partial(server.has_met, 6))
        assert (await (await start_when_ready(transport, server.get()))).body == b"hi"


async def test_connections_beyond_the_limit_wait_for_one_that_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "MAX_CONNECTIONS", 2)
    async with serving() as server, sending() as transport:
        replies = await asyncio.gather(*(transport.send(server.get()) for _ in range(20)))
        assert [reply.body for reply in replies] == [b"hi"] * 20
        assert len(server.writers) == 2
        server.reply = b""
        stuck = [await start_when_ready(transport, server.get(timeout_s=60)) for _ in range(2)]
        with pytest.raises(ConnectFailed, match=r"no connection to .* within 0\.05 s"):
            await transport.send(server.get(timeout_s=0.05))
        await server.until(partial(server.was_asked, 22))
        server.reply = reply_of(b"hi")
        waiting = asyncio.create_task(transport.send(server.get(timeout_s=60)))
        server.writers[0].close()
        assert (await waiting).body == b"hi"
        assert sum(pending.done() for pending in stuck) == 1
    failed = await asyncio.gather(*stuck, return_exceptions=True)
    assert {type(error) for error in failed} == {ConnectionLost}


async def test_connect_that_takes_too_long_is_unsent() -> None:
    hole = BlackHole()
    async with sending() as transport:
        with pytest.raises(ConnectFailed, match=r"within 0\.1 s"):
            await transport.send(HttpRequest("POST", f"http://{HOST}:{hole.port}/", {}, b"x", 0.1))
    hole.close()


async def test_spares_that_the_server_closes_are_replaced_after_a_pause_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "SPARE_PAUSE_S", 0.1)
    async with serving() as server, sending(spares=1) as transport:
        await transport.send(server.get())
        for count in (2, 4, 6, 8):
            await server.until(partial(server.has_met, count))
            for writer in server.writers:
                writer.close()


async def test_spares_come_back_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SPARE_PAUSE_S", 0.1)
    async with sending(spares=1) as transport:
        async with serving() as server:
            await transport.send(server.get())
            await server.until(lambda: len(server.writers) == 2)
        # Nobody listens for a while: several spares in a row cannot be opened.
        await asyncio.sleep(0.3)
        async with listening(server.serve, port=server.port):
            await server.until(lambda: len(server.writers) == 4)


async def test_connect_that_is_given_up_lets_the_next_request_connect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "MAX_CONNECTIONS", 1)
    connecting = asyncio.Event()

    async def open_never(*_: object, **__: object) -> None:
        connecting.set()
        await asyncio.Event().wait()

    async with serving() as server, sending() as transport:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dial, "open_socket", open_never)
            first = asyncio.create_task(transport.send(server.get(timeout_s=60)))
            await connecting.wait()
        second = asyncio.create_task(transport.send(server.get(timeout_s=60)))
        await asyncio.sleep(0)
        first.cancel()
        assert (await asyncio.wait_for(second, 10)).body == b"hi"
