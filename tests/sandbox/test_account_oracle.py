"""What every sandbox venue tells of itself in the same words, so that a checker needs to know no venue."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from support.kits import PRODUCTS
from support.witness import PATIENCE_S
from tradewire.registry import find_product
from tradewire.sandbox import Sandbox


@pytest.mark.parametrize("name", PRODUCTS)
async def test_the_account_has_orders_fills_and_holdings_in_common_words(name: str) -> None:
    product = find_product(name)
    async with (
        asyncio.timeout(PATIENCE_S),
        Sandbox(product.venue, rate=0) as box,
        product.client_class.for_sandbox(box) as client,
        aiohttp.ClientSession() as session,
    ):
        venue = box.venue(product.venue)
        market = next(market for market in await client.markets() if market.is_tradable)
        book = await client.book(market.symbol, depth=5)
        size = max(market.min_size, market.lot_size) * 2
        rests = await client.place_order(
            market.symbol, "buy", size, book.bids[0].price - 20 * market.tick_size
        )
        takes = await client.place_order(market.symbol, "buy", size, book.asks[0].price)
        async with session.get(_control(name, venue.keys(), "account")) as reply:
            account = await reply.json()
    assert [(row["order_id"], row["status"], Decimal(row["filled_size"])) for row in account["orders"]] == [
        (rests.order_id, "open", 0),
        (takes.order_id, "filled", size),
    ]
    assert {row["order_id"] for row in account["fills"]} == {takes.order_id}
    assert sum(Decimal(row["size"]) for row in account["fills"]) == size
    assert "balances" in account or "positions" in account
    if "balances" in account:
        assert any(Decimal(held["locked"]) > 0 for held in account["balances"].values())
    if "positions" in account:
        assert Decimal(account["positions"][market.symbol]["size"]) == size


@pytest.mark.parametrize("name", PRODUCTS)
async def test_a_book_that_was_never_sent_is_not_found(name: str) -> None:
    venue = find_product(name).venue
    async with Sandbox(venue, rate=0) as box, aiohttp.ClientSession() as session:
        keys = box.venue(venue).keys()
        marks = {"market": keys["markets"][0], "checksum": 1, "limit": 50, "time_ms": 1, "sequence": 10**9}
        url = _control(name, keys, "sent_book")
        async with session.get(url, params=marks) as reply:
            assert reply.status == 404
        async with session.get(url, params={"market": keys["markets"][0]}) as reply:
            assert reply.status == 400


def _control(name: str, keys: Mapping[str, Any], what: str) -> str:
    """Return where the control surface has something of a product."""
    venue, _, product = name.partition("-")
    origin = "/".join(keys["rest_url"].split("/")[:3])
    return f"{origin}/sandbox/{venue}/{what}" + (f"?product={product}" if product else "")
