"""What goes wrong on real sockets: each fault has its own error, says what to do, and disturbs nothing else."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from support.witness import PATIENCE_S
from tradewire.errors import (
    AuthRejected,
    FrameError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    TimestampRejected,
    VenueUnavailable,
)
from tradewire.model import OrderStatus
from tradewire.sandbox import Sandbox
from tradewire.signing import Credentials
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.http1.connection import MAX_BODY_BYTES
from tradewire.transport.seam import ConnectionLost, HttpReply, HttpRequest
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.hosts import Environment, local

MARKET = "BTCUSDT"
FAR = Decimal(30000)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def orders_of(box: Sandbox) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = box.coinex.ledger_of(box.coinex.access_id)["orders"]
    return orders


async def place(venue: CoinEx, **more: Any) -> Any:
    return await venue.place_order(MARKET, "buy", "0.001", FAR, **more)


async def test_wrong_secret(box: Sandbox) -> None:
    environment = local(box.coinex.rest_url, box.coinex.ws_spot_url)
    async with CoinEx(Credentials(box.coinex.access_id, "0" * 48), environment=environment) as venue:
        with pytest.raises(AuthRejected) as caught:
            await place(venue)
        assert caught.value.code == "4006"
        assert await venue.markets()
    assert orders_of(box) == []


async def test_unknown_key(box: Sandbox) -> None:
    environment = local(box.coinex.rest_url, box.coinex.ws_spot_url)
    async with CoinEx(Credentials("NOBODY", "0" * 48), environment=environment) as venue:
        with pytest.raises(AuthRejected) as caught:
            await venue.balances()
    assert caught.value.code == "4005"


async def test_gateway_page_instead_of_json_hides_an_orders_fate(venue: CoinEx, box: Sandbox) -> None:
    box.coinex.faults.gateway_html()
    with pytest.raises(OutcomeUnknown, match=r"HTTP 502.*open_orders") as caught:
        await place(venue)
    assert caught.value.http_status == 502
    assert (await place(venue)).status is OrderStatus.OPEN


async def test_gateway_page_only_delays_a_read(venue: CoinEx, box: Sandbox) -> None:
    box.coinex.faults.gateway_html(count=2, status=503)
    assert await venue.balances()
    box.coinex.faults.gateway_html(count=3)
    with pytest.raises(VenueUnavailable) as caught:
        await venue.balances()
    assert caught.value.http_status == 502


async def test_busy_venue_may_have_taken_the_order(venue: CoinEx, box: Sandbox) -> None:
    box.coinex.faults.busy()
    with pytest.raises(OutcomeUnknown) as caught:
        await place(venue, client_order_id="busy-1")
    assert caught.value.code == "3008"
    assert await venue.open_orders(client_order_id="busy-1") == ()


@pytest.mark.parametrize("code", [4010, 4017])
async def test_refused_timestamp_of_a_read_mends_itself(venue: CoinEx, box: Sandbox, code: int) -> None:
    box.coinex.faults.stale_timestamp(code=code)
    assert await venue.balances()


async def test_venue_whose_clock_is_a_minute_ahead(venue: CoinEx, box: Sandbox) -> None:
    box.coinex.faults.clock_skew(60_000)
    with pytest.raises(TimestampRejected, match="ahead of ours"):
        await place(venue)
    assert (await place(venue)).status is OrderStatus.OPEN
    assert len(orders_of(box)) == 1
    box.coinex.faults.clock_skew(-60_000)
    assert await venue.balances()


async def test_refused_for_the_rate(venue: CoinEx, box: Sandbox) -> None:
    box.coinex.faults.rate_limited()
    with pytest.raises(RateLimited) as caught:
        await place(venue)
    assert caught.value.code == "4213"
    assert caught.value.retry_after_s > 0
    assert (await place(venue)).status is OrderStatus.OPEN


async def test_nobody_listens() -> None:
    environment = Environment("local", "http://127.0.0.1:1", "ws://127.0.0.1:1")
    async with CoinEx(Credentials("key", "secret"), environment=environment) as venue:
        with pytest.raises(NotSent, match="no connection"):
            await place(venue)


class LossyHttp:
    """Delivers everything and loses the replies to the next ``lost`` orders."""

    def __init__(self, lost: int = 0) -> None:
        self.lost = lost
        self.sent: list[str] = []
        self._http = Http1Transport()

    async def send(self, request: HttpRequest) -> HttpReply:
        self.sent.append(request.url.partition("/v2")[2].partition("?")[0])
        reply = await self._http.send(request)
        if self.lost and request.url.endswith("/spot/order"):
            self.lost -= 1
            raise ConnectionLost("the reply got lost")
        return reply

    async def close(self) -> None:
        await self._http.close()


async def test_lost_reply_to_a_placed_order_says_what_to_ask(box: Sandbox) -> None:
    http = LossyHttp(lost=1)
    async with CoinEx.for_sandbox(box, http=http) as venue:
        with pytest.raises(OutcomeUnknown, match="open_orders"):
            await place(venue, client_order_id="lost-1")
        [order] = await venue.open_orders(MARKET, client_order_id="lost-1")
    assert http.sent.count("/spot/order") == 1
    assert [str(truth["order_id"]) for truth in orders_of(box)] == [order.order_id]


@pytest.mark.parametrize("price", ["30000", "90000"], ids=["resting", "filled"])
async def test_sent_order_whose_reply_got_lost_is_found_and_never_sent_twice(
    box: Sandbox, price: str
) -> None:
    http = LossyHttp(lost=1)
    async with CoinEx.for_sandbox(box, http=http) as venue:
        order = venue.send_order(MARKET, "buy", "0.001", price)
        with pytest.raises(OutcomeUnknown):
            await order
        settled = asyncio.Event()
        order.on_change = lambda _: settled.set()
        async with asyncio.timeout(PATIENCE_S):
            await settled.wait()
    [truth] = orders_of(box)
    assert http.sent.count("/spot/order") == 1
    assert order.order_id == str(truth["order_id"])
    assert order.status == {"open": OrderStatus.OPEN, "filled": OrderStatus.FILLED}[truth["status"]]


@asynccontextmanager
async def venue_that_says(talk: Talk, **more: Any) -> AsyncIterator[CoinEx]:
    """A client of a server that answers each request with whatever ``talk`` writes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    environment = Environment("local", f"http://127.0.0.1:{port}", "ws://127.0.0.1:1")
    async with server, CoinEx(Credentials("key", "secret"), environment=environment, **more) as venue:
        yield venue


def saying(body: bytes, *headers: bytes, length: int | None = None) -> Talk:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = [b"HTTP/1.1 200 OK", b"Content-Type: application/json", b"Connection: close", *headers]
        head.append(b"Content-Length: %d" % (len(body) if length is None else length))
        writer.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
        await writer.drain()

    return talk


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>maintenance</html>",
        b'{"code":0,"data":{"order_id":1',
        b'{"code":0,"data":{}}',
        b'{"code":0,"data":{"order_id":{}}}',
        b'{"code":0,"message":"\xff\xfe","data":{}}',
        b'{"code":0,"data":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    ],
    ids=["empty", "html", "truncated", "another shape", "wrong type", "not UTF-8", "deep"],
)
async def test_unreadable_reply_to_an_order_leaves_its_fate_unknown(body: bytes) -> None:
    async with venue_that_says(saying(body)) as venue:
        with pytest.raises(OutcomeUnknown, match="unreadable") as caught:
            await place(venue)
    assert isinstance(caught.value.__cause__, FrameError)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize("retry_after", [b"30", b"Sat, 28 Nov 2026 23:00:30 GMT"])
async def test_retry_after_keeps_later_orders_off_the_wire(retry_after: bytes) -> None:
    requests = 0

    async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        requests += 1
        head = [b"HTTP/1.1 429 Too Many Requests", b"Connection: close", b"Content-Length: 0"]
        head += [b"Date: Sat, 28 Nov 2026 23:00:00 GMT", b"Retry-After: " + retry_after]
        writer.write(b"\r\n".join(head) + b"\r\n\r\n")
        await writer.drain()

    async with venue_that_says(refuse) as venue:
        with pytest.raises(RateLimited) as refused:
            await place(venue)
        assert refused.value.retry_after_s == 30.0
        for attempt in (place(venue), venue.cancel_order(MARKET, "1"), venue.time()):
            # The gateway counts by address: every group waits.
            with pytest.raises(NotSent, match="the venue closed rate group") as closed:
                await attempt
            assert 25 < closed.value.retry_after_s <= 30
    assert requests == 1


async def test_compressed_reply_is_refused_by_name() -> None:
    packed = gzip.compress(b'{"code":0}')
    async with venue_that_says(saying(packed, b"Content-Encoding: gzip")) as venue:
        with pytest.raises(OutcomeUnknown, match="compressed, which was not asked for"):
            await place(venue)


async def test_reply_that_is_too_large_is_refused_before_it_is_read() -> None:
    async with venue_that_says(saying(b"{", length=MAX_BODY_BYTES + 1)) as venue:
        with pytest.raises(OutcomeUnknown, match="more than 33554432 bytes"):
            await place(venue)


async def test_reply_that_breaks_off() -> None:
    async with venue_that_says(saying(b'{"code":0', length=1_000)) as venue:
        with pytest.raises(OutcomeUnknown, match="connection lost"):
            await place(venue)


async def test_connection_that_closes_without_a_reply() -> None:
    async def hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        return

    async with venue_that_says(hang_up) as venue:
        with pytest.raises(OutcomeUnknown, match=r"connection lost.*CoinEx\.open_orders"):
            await place(venue)


async def test_venue_that_never_answers() -> None:
    async def say_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with venue_that_says(say_nothing, timeout_s=0.1) as venue:
        with pytest.raises(OutcomeUnknown, match=r"no reply within 0\.1 s"):
            await place(venue)


async def test_redirect_is_not_followed() -> None:
    async def send_away(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with venue_that_says(send_away) as venue:
        with pytest.raises(OutcomeUnknown, match="HTTP 302"):
            await place(venue)


async def test_used_up_quota_of_hours_slows_orders_and_no_cancel(box: Sandbox, venue: CoinEx) -> None:
    """The venue says in ``X-RateLimit-LongPeriod-*`` that nothing is left for an hour."""
    box.coinex.faults.remaining_headers(20, long_remaining=0)
    order = await place(venue)
    started = asyncio.get_running_loop().time()
    await asyncio.gather(*(place(venue) for _ in range(3)))
    assert asyncio.get_running_loop().time() - started >= 0.9
    slow = asyncio.gather(*(place(venue) for _ in range(3)))
    await venue.cancel_order(MARKET, order.order_id)
    assert not slow.done()
    await slow
