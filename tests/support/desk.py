"""One venue of a quiet sandbox with two clients of the same trader, and a market to trade in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from support.witness import PATIENCE_S
from tradewire.description import Product
from tradewire.interface import VenueClient
from tradewire.model import Market
from tradewire.registry import find_product
from tradewire.sandbox import Sandbox

__all__ = ["Desk", "open_desk"]


@dataclass(frozen=True)
class Desk:
    """Where a test trades: ``market`` has a full book, and ``size`` is one the venue takes."""

    box: Sandbox
    product: Product
    client: VenueClient
    other: VenueClient
    market: Market
    bid: Decimal
    ask: Decimal
    size: Decimal

    @property
    def venue(self) -> str:
        """The venue's name."""
        return self.product.venue

    @property
    def server(self) -> Any:
        """The venue itself, by which its secrets and faults are found."""
        return self.box.venue(self.venue)

    @property
    def faults(self) -> Any:
        """What the venue can be told to do wrong."""
        return self.server.faults

    @property
    def symbol(self) -> str:
        return self.market.symbol

    @property
    def low(self) -> Decimal:
        """A price far below the touch, on the tick."""
        return self.bid - 20 * self.market.tick_size


@asynccontextmanager
async def open_desk(name: str) -> AsyncIterator[Desk]:
    """Open the venue of a product and two clients of its default account."""
    product = find_product(name)
    make = product.client_class.for_sandbox
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(Sandbox([product.venue], seed=7, rate=0))
        client: VenueClient = await stack.enter_async_context(make(box))
        other: VenueClient = await stack.enter_async_context(make(box))
        await stack.enter_async_context(asyncio.timeout(PATIENCE_S))
        market = next(market for market in await client.load_markets() if market.is_tradable)
        book = await client.book(market.symbol, depth=5)
        size = max(market.min_size, market.lot_size) * 2
        yield Desk(box, product, client, other, market, book.bids[0].price, book.asks[0].price, size)
