"""A reply to a cancel that may be the placing's, come a second time, is no proof that the order has ended."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from support.witness import PATIENCE_S
from tradewire.errors import OutcomeUnknown
from tradewire.model import OrderStatus
from tradewire.signing import Credentials
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import ConnectionLost, HttpReply, HttpRequest
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.hosts import local

MARKET = "BTCUSDT"


class Venue:
    """One resting order; whatever is asked by POST is answered as its placing was."""

    def __init__(self) -> None:
        self.cancelled_at_ms = 1000
        self.status: dict[str, Any] | Exception | None = None
        self.http = MockHttp(self.answer)

    def client(self) -> CoinEx:
        environment = local("http://127.0.0.1:1", "ws://127.0.0.1:1")
        return CoinEx(Credentials("key", "secret"), environment=environment, http=self.http)

    def order(self, client_order_id: str, **more: Any) -> dict[str, Any]:
        return {
            "order_id": 1001, "market": MARKET, "side": "buy", "type": "limit", "amount": "2", "price": "3",
            "unfilled_amount": "2", "filled_amount": "0", "filled_value": "0", "client_id": client_order_id,
            "created_at": 1000, "updated_at": 1000,
        } | more  # fmt: skip

    def answer(self, request: HttpRequest) -> HttpReply:
        if request.method == "POST":
            updated_at = self.cancelled_at_ms if "cancel" in request.url else 1000
            return ok(self.order("mine", updated_at=updated_at))
        if "order-status" not in request.url:
            return ok([], pagination={"has_next": False})
        if isinstance(self.status, Exception):
            raise self.status
        if self.status is None:
            return HttpReply(200, {}, json.dumps({"code": 3600, "message": "order not found"}).encode())
        return ok(self.order("mine", **self.status))

    @property
    def asked(self) -> int:
        return sum("order-status" in request.url for request in self.http.requests)


def ok(data: Any, **more: Any) -> HttpReply:
    return HttpReply(200, {}, json.dumps({"code": 0, "message": "OK", "data": data} | more).encode())


async def test_second_reply_to_a_placing_does_not_cancel() -> None:
    venue = Venue()
    venue.status = {"status": "open"}
    async with venue.client() as client:
        live = await client.send_order(MARKET, "buy", 2, 3, client_order_id="mine")
        with pytest.raises(OutcomeUnknown, match="does not prove"):
            await live.cancel()
        assert (live.status, venue.asked) == (OrderStatus.OPEN, 1)
        with pytest.raises(OutcomeUnknown, match="does not prove"):
            await client.cancel_order(MARKET, "1001")
        venue.status = {"status": "part_canceled", "filled_amount": "1", "unfilled_amount": "1",
                        "filled_value": "3", "updated_at": 1001}  # fmt: skip
        assert (await client.cancel_order(MARKET, "1001")).filled_size == 1
        assert live.status is OrderStatus.CANCELLED


async def test_a_doubtful_cancel_that_cannot_be_asked_about_proves_nothing() -> None:
    venue = Venue()
    venue.status = ConnectionLost("reset")
    async with venue.client() as client:
        live = await client.send_order(MARKET, "buy", 2, 3, client_order_id="mine")
        with pytest.raises(OutcomeUnknown, match="does not prove"):
            await live.cancel()
        assert live.status is OrderStatus.OPEN


async def test_an_order_cancelled_in_the_moment_of_its_placing_is_asked_about_once() -> None:
    venue = Venue()
    async with venue.client() as client:
        live = await client.send_order(MARKET, "buy", 2, 3, client_order_id="mine")
        assert (await client.cancel_order(MARKET, "1001")).status is OrderStatus.CANCELLED
        assert live.status is OrderStatus.OPEN
        async with asyncio.timeout(PATIENCE_S):
            await live.finished()
        assert live.status is OrderStatus.CANCELLED


async def test_a_doubtful_cancel_of_an_order_that_changed_since_is_forgotten() -> None:
    venue = Venue()
    async with venue.client() as client:
        live = await client.send_order(MARKET, "buy", 2, 3, client_order_id="mine")
        await client.cancel_order(MARKET, "1001")
        # Reads lagged: it was not the cancel's reply.
        venue.status = {"status": "open", "updated_at": 1002}
        await client.order(MARKET, "1001")
        venue.status = None
        async with asyncio.timeout(PATIENCE_S):
            await live.finished()
        assert live.status is OrderStatus.NOT_FOUND


async def test_a_reply_newer_than_the_order_was_needs_no_question() -> None:
    venue = Venue()
    venue.cancelled_at_ms = 1001
    async with venue.client() as client:
        live = await client.send_order(MARKET, "buy", 2, 3, client_order_id="mine")
        await live.cancel()
        assert (live.status, venue.asked) == (OrderStatus.CANCELLED, 0)
