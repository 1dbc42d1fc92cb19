"""A bot typed strictly against the common interface: what it uses must be there, and typed, on every venue.

Type checkers read this (``make lint``, ``make types``); ``surface/test_typing.py`` runs it on every venue's sandbox.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

import tradewire
from tradewire import events

PATIENCE_S = 20.0


class Bot:
    """Quotes below the touch, lifts the offer once, and tells what came of it."""

    def __init__(self, client: tradewire.VenueClient, symbol: str = "") -> None:
        self._client = client
        self._symbol = symbol
        self.fills: list[tradewire.Fill] = []
        self.reports: list[tradewire.Order] = []
        self.seen: list[tradewire.Event] = []
        self.pushes = 0

    async def run(self) -> tradewire.LiveOrder:
        """Trade once and return the order that took."""
        client = self._client
        markets: tuple[tradewire.Market, ...] = await client.load_markets()
        market = next(one for one in markets if one.is_tradable and self._symbol in {"", one.symbol})
        size: Decimal = max(market.min_size, market.lot_size) * 2
        notices: tradewire.Subscription[tradewire.Event] = client.watch_events(self.seen.append)
        orders: tradewire.Subscription[tradewire.Order] = client.watch_orders(on_update=self.reports.append)
        fills: tradewire.Subscription[tradewire.Fill] = client.watch_fills()
        watch = client.watch_book(market.symbol, on_update=self._on_push)
        async with asyncio.timeout(PATIENCE_S), notices, orders, fills, watch:
            await asyncio.gather(orders.ready(), fills.ready(), watch.ready())
            bid, ask = best(watch.book)
            quote = await client.place_order(
                market.symbol,
                tradewire.Side.BUY,
                size,
                bid - 20 * market.tick_size,
                post_only=self._is_careful,
            )
            await client.cancel_order(market.symbol, quote.order_id)
            prepared: tradewire.OrderSender = client.prepare_order(market.symbol, "buy")
            taker = prepared.send(size, ask)
            await taker.finished()
            async for fill in fills:
                self.fills.append(fill)
                if sum(one.size for one in self.fills) == size:
                    break
        page: tradewire.Page[tradewire.Fill] = await client.fills(market.symbol)
        assert {fill.trade_id for fill in page} >= {fill.trade_id for fill in self.fills}
        metrics: tradewire.StreamMetrics = client.stream_metrics
        assert metrics.frames > 0
        return taker

    @property
    def _is_careful(self) -> bool:
        capabilities: tradewire.Capabilities = self._client.capabilities
        return capabilities.post_only

    def _on_push(self, event: tradewire.BookEvent) -> None:
        if event.book is not None and event.top_changed:
            self.pushes += 1

    def has_lost_nothing(self) -> bool:
        """Return whether no connection was lost and no queue ran over."""
        return not any(isinstance(event, events.Disconnected) for event in self.seen)


def best(book: tradewire.Book) -> tuple[Decimal, Decimal]:
    """Return best bid and best ask."""
    top = book.top()
    assert top.bid is not None
    assert top.ask is not None
    return top.bid, top.ask


async def on_sandbox(venue: str) -> tradewire.LiveOrder:
    """Run the bot on the sandbox of a venue, or of another product of one."""
    product = tradewire.find_product(venue)
    async with (
        tradewire.Sandbox(product.venue) as box,
        product.client_class.for_sandbox(box) as client,
    ):
        bot = Bot(client)
        order = await bot.run()
        assert bot.pushes
        assert bot.has_lost_nothing()
        return order


def clients() -> list[tradewire.VenueClient]:
    """Return a client of every venue, made as bots make them."""
    timing = tradewire.Timing()
    network = tradewire.NetworkOptions()
    return [
        tradewire.CoinEx(timing=timing, network=network),
        tradewire.CoinExFutures(timing=timing, network=network),
        tradewire.Exchange(timing=timing, network=network),
        tradewire.TrueX(timing=timing, network=network),
    ]
