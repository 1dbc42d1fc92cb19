"""Venues that speak a later generation: which one is said clearly, what works goes on, what does not says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets

from support.exchange_trader import ABC, client_of
from support.witness import PATIENCE_S, Witness, ready
from tradewire import ExchangeOptions
from tradewire.errors import NotSupported
from tradewire.protocol import events
from tradewire.sandbox import Sandbox
from tradewire.signing import Token
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.exchange.hosts import local
from tradewire.venues.exchange.rest.admin_markets import MarketDefinition

TRADER = "7a1d3c55-90be-4c53-8a35-1f6a2b9e4d02"


class LaterVenue:
    """Answers as generation M or L does, in plain JSON."""

    def __init__(self, generation: str) -> None:
        self.generation = generation
        self.asked: list[dict[str, Any]] = []

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(message)
        match self.generation, message["op"]:
            case "M", "authenticate":
                return {"type": "authenticated", "trader_id": TRADER, "username": "desk-7"}
            case "L", "authenticate":
                return {"type": "authenticated", "trader_id": TRADER, "team_number": "17"}
            case "M", "subscribe" if message["channel"] == "l3":
                words = "authenticate before subscribing to l3"
                return {"type": "error", "code": "unauthenticated", "message": words}
            case "L", "subscribe":
                words = "supported market-data channel is data"
                return {"type": "error", "code": "unsupported_channel", "message": words}
            case _, "submit_order":
                told = {"type": "reject", "op": "submit_order", "request_id": message["request_id"]}
                return {**told, "code": "price_below_minimum", "message": "price must be at least 10"}
        raise AssertionError(message)


@asynccontextmanager
async def spoken(generation: str) -> AsyncIterator[tuple[LaterVenue, Exchange]]:
    """Serve the stream; there is no REST."""
    venue = LaterVenue(generation)

    async def serve(socket: websockets.ServerConnection) -> None:
        await socket.send(json.dumps({"type": "heartbeat"}))
        async for frame in socket:
            await socket.send(json.dumps(venue.answer(json.loads(frame))))

    async with websockets.serve(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        environment = local("http://127.0.0.1:1", f"ws://127.0.0.1:{port}/ws")
        async with Exchange(Token("ABC1234"), environment=environment, on_error=lambda _: None) as client:
            yield venue, client


@pytest.mark.parametrize("generation", ["M", "L"])
async def test_a_book_is_refused_by_name_and_the_client_goes_on(generation: str) -> None:
    async with spoken(generation) as (venue, client), asyncio.timeout(PATIENCE_S):
        witness = Witness(client)
        assert client.generation == "P"
        watched = client.watch_book(ABC)
        with pytest.raises(NotSupported, match=f"generation {generation}") as caught:
            await watched.ready()
        assert caught.value.instead
        assert client.generation == generation
        told = [event for event in witness.seen if isinstance(event, events.ProtocolVersionDetected)]
        assert [event.generation for event in told] == [generation]
        assert "order-by-order books" in told[0].missing
        with pytest.raises(NotSupported):
            await client.book(ABC)
        with pytest.raises(NotSupported):
            await client.watch_trades(ABC).ready()
        messages = client.watch_messages()
        await messages.ready()
        assert {"op": "authenticate", "api_key": "ABC1234"} in venue.asked


async def test_the_latest_generations_login_is_understood() -> None:
    async with spoken("L") as (_, client), asyncio.timeout(PATIENCE_S):
        witness = Witness(client)
        await client.watch_orders().ready()
        await witness.until_told(events.ProtocolVersionDetected)
        assert client.generation == "L"


@pytest.mark.parametrize("with_pushes", [False, True])
async def test_what_a_venue_adds_of_later_generations_takes_no_book_away(with_pushes: bool) -> None:
    options = ExchangeOptions(
        fresh=True, with_market_pushes=with_pushes, with_role=True, with_order_type=True
    )
    async with Sandbox(["exchange"], exchange=options) as box:
        environment = local(box.exchange.rest_url, box.exchange.ws_url)
        async with ExchangeAdmin(Token(box.exchange.admin_token), environment=environment) as admin:
            profile = await admin.create_user("desk-7")
            assert profile.role == "trader"
            async with client_of(box, profile.api_key) as client, asyncio.timeout(PATIENCE_S):
                witness = Witness(client)
                watched = client.watch_book(ABC, on_update=witness.poke)
                await ready(watched)
                await admin.put_market(MarketDefinition(base="ABC", quote="USD"))
                order = await client.place_order(ABC, "buy", 5, 100, order_entry="ws")
                await witness.until(lambda: watched.book.order(order.order_id) is not None)
                if with_pushes:
                    await witness.until_told(events.ProtocolVersionDetected)
                assert client.generation == ("L" if with_pushes else "P")
                assert watched.book.is_synced
                assert (await client.book(ABC)).bids[0].size == 5
