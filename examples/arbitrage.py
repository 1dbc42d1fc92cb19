"""Arbitrage over two venues: buy where the ask is below the other's bid, sell there, both with immediate-or-cancel.

    python examples/arbitrage.py --seconds 10

Each venue's sandbox has a market of its own, so their prices drift apart: this is about the mechanics.
"""

from __future__ import annotations

import argparse
import asyncio
from contextlib import AsyncExitStack
from decimal import Decimal

import tradewire
from tradewire import Side

SIZE = Decimal("0.001")
LEGS = {"coinex": "BTCUSDT", "truex": "BTC-PYUSD"}


class Arbitrage:
    """Compares two books on every push and never has more than one pair of orders under way."""

    def __init__(self, venues: dict[str, tradewire.VenueClient], edge: Decimal) -> None:
        self.venues = venues
        self.edge = edge
        self.is_trading = True
        self.books: dict[str, tradewire.Book] = {}
        self.trades: list[tuple[tradewire.LiveOrder, tradewire.LiveOrder]] = []
        self.pair: asyncio.Future[tuple[tradewire.LiveOrder, tradewire.LiveOrder]] | None = None

    def on_book(self, event: tradewire.BookEvent) -> None:
        """Send both legs in the loop iteration that read the push that made them worth it."""
        if not (self.is_trading and event.top_changed) or (self.pair is not None and not self.pair.done()):
            return
        if len(self.books) < len(LEGS) or not all(book.is_synced for book in self.books.values()):
            return
        for cheap, dear in (LEGS, reversed(LEGS)):
            ask, bid = self.books[cheap].top().ask, self.books[dear].top().bid
            if ask is not None and bid is not None and bid - ask > self.edge:
                buy = self.send(cheap, Side.BUY, ask)
                sell = self.send(dear, Side.SELL, bid)
                self.trades.append((buy, sell))
                self.pair = asyncio.ensure_future(asyncio.gather(buy.finished(), sell.finished()))
                return

    def send(self, name: str, side: Side, price: Decimal) -> tradewire.LiveOrder:
        """Take at ``price`` or not at all."""
        return self.venues[name].send_order(LEGS[name], side, SIZE, price, time_in_force="ioc")


async def main(seconds: float, edge: Decimal) -> None:
    """Trade between the sandboxes of two venues for ``seconds``."""
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(tradewire.Sandbox(list(LEGS)))
        venues: dict[str, tradewire.VenueClient] = {}
        for name in LEGS:
            client = tradewire.find_product(name).client_class
            venues[name] = await stack.enter_async_context(client.for_sandbox(box))
        trader = Arbitrage(venues, edge)
        for name, venue in venues.items():
            await venue.load_markets()
            orders = await stack.enter_async_context(venue.watch_orders())
            watch = venue.watch_book(LEGS[name], on_update=trader.on_book)
            await stack.enter_async_context(watch)
            await asyncio.gather(orders.ready(), watch.ready())
            trader.books[name] = watch.book
        await asyncio.sleep(seconds)
        trader.is_trading = False  # no leg may go to a venue that is being closed
        if trader.pair is not None:
            await trader.pair
        whole = [(buy, sell) for buy, sell in trader.trades if buy.filled_size == sell.filled_size == SIZE]
        gained = sum(sell.filled_notional - buy.filled_notional for buy, sell in whole)
        print(f"{len(trader.trades)} pairs, {len(whole)} filled on both legs, gained {gained} before fees")
        for buy, sell in trader.trades:
            if buy.filled_size != sell.filled_size:
                print(
                    f"one leg only: bought {buy.filled_size}, sold {sell.filled_size}; hedge the difference"
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--edge", type=Decimal, default=Decimal(0), help="quote units per base unit")
    arguments = parser.parse_args()
    tradewire.run(main(arguments.seconds, arguments.edge))
