"""The order lane over real sockets: what is on the socket before ``send_order`` returns, and what is not."""

from __future__ import annotations

import asyncio
import json
import select
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from support.raw_server import HOST
from support.witness import PATIENCE_S
from tradewire import CoinEx, Credentials
from tradewire.errors import ConfigError, NotSent, OutcomeUnknown, TimestampRejected
from tradewire.model import OrderStatus
from tradewire.transport.http1 import Http1Transport
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.auth import Auth


class Wire:
    """A venue on a socket that blocks: its bytes are read by hand, while the client's loop stands still."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.accepted: list[socket.socket] = []

    async def accept(self) -> socket.socket:
        """Take the next connection."""
        async with asyncio.timeout(PATIENCE_S):
            accepted, _ = await asyncio.get_running_loop().sock_accept(self.listener)
        accepted.setblocking(False)
        self.accepted.append(accepted)
        return accepted

    def written(self) -> bytes:
        """Return what stands on the sockets now, without letting the loop turn."""
        ready, _, _ = select.select(self.accepted, [], [], 0)
        return b"".join(one.recv(1 << 16) for one in ready)

    async def answer(
        self, connection: socket.socket, data: object, code: int = 0, message: str = "OK"
    ) -> None:
        body = json.dumps({"code": code, "data": data, "message": message}).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        await asyncio.get_running_loop().sock_sendall(connection, head + body)

    async def request(self, connection: socket.socket) -> bytes:
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.get_running_loop().sock_recv(connection, 1 << 16)


@asynccontextmanager
async def warm_client(max_wait_s: float = 5.0) -> AsyncIterator[tuple[CoinEx, Wire, socket.socket]]:
    """Return a client that has asked one question, and the connection it keeps."""
    with socket.create_server((HOST, 0)) as listener:
        listener.setblocking(False)
        wire = Wire(listener)
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        venue = CoinEx(
            Credentials("SANDBOX_ID", "SANDBOX_SECRET"),
            environment=hosts.local(f"{url}/v2", "ws://127.0.0.1:9/"),
            # One connection, so that its bytes are all there are.
            http=Http1Transport(spares=0),
            on_error=lambda error: None,
            max_wait_s=max_wait_s,
        )
        try:
            async with venue:
                asked = asyncio.ensure_future(venue.time())
                connection = await wire.accept()
                await wire.request(connection)
                await wire.answer(connection, {"timestamp": time.time_ns() // 1_000_000})
                await asked
                yield venue, wire, connection
        finally:
            for one in wire.accepted:
                one.close()


def order_data(request: bytes) -> dict[str, object]:
    body = json.loads(request.partition(b"\r\n\r\n")[2])
    return {
        "order_id": 7, "market": body["market"], "side": body["side"], "type": "limit", "ccy": "BTC",
        "amount": body["amount"], "price": body["price"], "unfilled_amount": body["amount"], "filled_amount": "0",
        "filled_value": "0", "client_id": body["client_id"], "created_at": 0, "updated_at": 0,
    }  # fmt: skip


async def test_order_is_on_the_socket_before_send_order_returns() -> None:
    async with warm_client() as (venue, wire, connection):
        order = venue.send_order("BTCUSDT", "buy", "0.01", "50000", client_order_id="mine-1")
        written = wire.written()
        assert written.startswith(b"POST /v2/spot/order HTTP/1.1\r\n")
        assert b"x-coinex-sign: " in written.lower()
        assert json.loads(written.partition(b"\r\n\r\n")[2])["client_id"] == "mine-1"
        assert order.status is OrderStatus.PENDING
        await wire.answer(connection, order_data(written))
        assert await order is order
        assert (order.status, order.order_id) == (OrderStatus.OPEN, "7")


async def test_order_without_a_ready_connection_is_sent_over_a_new_one() -> None:
    async with warm_client() as (venue, wire, _):
        first = venue.send_order("BTCUSDT", "buy", "0.01", "50000")
        assert wire.written()
        second = venue.send_order("BTCUSDT", "sell", "0.01", "60000")
        assert wire.written() == b""
        another = await wire.accept()
        written = await wire.request(another)
        assert b'"side":"sell"' in written
        await wire.answer(another, order_data(written) | {"order_id": 8})
        assert (await second).order_id == "8"
        assert first.status is OrderStatus.PENDING


async def test_order_beyond_the_rate_limit_waits_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hosts.RATES_PER_S, "spot-put", 2)
    async with warm_client(max_wait_s=0.0) as (venue, wire, _):
        venue.send_order("BTCUSDT", "buy", "0.01", "50000")
        assert wire.written()
        with pytest.raises(NotSent, match="rate group spot-put is"):
            await venue.place_order("BTCUSDT", "buy", "0.01", "50000")
        assert wire.written() == b""


async def test_order_whose_connection_breaks_after_the_write_is_unknown() -> None:
    async with warm_client() as (venue, wire, connection):
        order = venue.send_order("BTCUSDT", "buy", "0.01", "50000")
        assert wire.written()
        connection.close()
        wire.accepted.remove(connection)
        with pytest.raises(OutcomeUnknown, match="connection lost"):
            await order


async def test_order_of_a_client_that_closes_at_once_is_not_called_unsent() -> None:
    async with warm_client() as (venue, wire, _):
        order = venue.send_order("BTCUSDT", "buy", "0.01", "50000")
        assert wire.written()
    assert not isinstance(order.error, NotSent)
    with pytest.raises(OutcomeUnknown):
        await order.finished()


async def test_closed_client_writes_nothing() -> None:
    async with warm_client() as (venue, wire, _):
        await venue.close()
        with pytest.raises(ConfigError, match="closed"):
            venue.send_order("BTCUSDT", "buy", "0.01", "50000")
        assert wire.written() == b""


async def test_refused_timestamp_is_not_sent_again_and_the_time_is_asked() -> None:
    async with warm_client() as (venue, wire, connection):
        placing = asyncio.ensure_future(venue.place_order("BTCUSDT", "buy", "0.01", "50000"))
        assert b"/v2/spot/order" in await wire.request(connection)
        await wire.answer(connection, {}, code=4010, message="timestamp expired")
        assert (await wire.request(connection)).startswith(b"GET /v2/time ")
        await wire.answer(connection, {"timestamp": time.time_ns() // 1_000_000})
        with pytest.raises(TimestampRejected):
            await placing
        assert wire.written() == b""


@pytest.mark.parametrize("act", ["cancel", "amend"])
async def test_cancel_and_amend_are_written_as_soon_as_they_are_awaited(act: str) -> None:
    async with warm_client() as (venue, wire, connection):
        order = venue.send_order("BTCUSDT", "buy", "0.01", "50000")
        data = order_data(wire.written())
        await wire.answer(connection, data)
        await order
        acting = order.cancel() if act == "cancel" else order.amend(price="50001")
        # Its first step, as ``await`` takes it.
        acting.send(None)
        path = b"POST /v2/spot/cancel-order " if act == "cancel" else b"POST /v2/spot/modify-order "
        assert wire.written().startswith(path)
        acting.close()


async def test_exception_of_the_first_half_ends_the_order_unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    async with warm_client() as (venue, wire, _):

        def refuse(*_: object) -> Callable[[], None]:
            raise ConfigError("nothing signs here")

        for way in ("headers", "template"):
            monkeypatch.setattr(Auth, way, refuse)
        order = venue.send_order("BTCUSDT", "buy", "0.01", "50000")
        with pytest.raises(NotSent, match="nothing signs here"):
            await order
        with pytest.raises(ConfigError, match="nothing signs here"):
            await venue.place_order("BTCUSDT", "buy", "0.01", "50000")
        assert wire.written() == b""
