"""A market maker: one quote a side around the middle, moved when the middle moves, leaning against its inventory.

    python examples/market_maker.py coinex --seconds 10

Trades on a sandbox. On the live venue only the line with ``for_sandbox`` changes, to ``from_env()``.
"""

from __future__ import annotations

import argparse
import asyncio
from decimal import Decimal

import tradewire
from tradewire import OrderStatus, Side

EDGE_TICKS = 4
"""How far from the middle each quote stands."""
MOST_HELD = 10
"""How many quotes may be filled on one side before that side is no longer quoted."""


class MarketMaker:
    """Keeps a bid and an ask in one market of any venue."""

    def __init__(self, venue: tradewire.VenueClient, market: tradewire.Market) -> None:
        self.venue = venue
        self.market = market
        self.size = max(market.min_size, market.lot_size) * 5
        self.held = Decimal(0)
        self.fills: list[tradewire.Fill] = []
        self.quotes: dict[Side, tradewire.LiveOrder] = {}
        self.cancelling: dict[Side, asyncio.Task[tradewire.LiveOrder]] = {}

    async def run(self, seconds: float) -> None:
        """Quote for ``seconds``, then leave nothing behind."""
        fills = self.venue.watch_fills(self.market.symbol, on_update=self.on_fill)
        async with fills:
            await fills.ready()
            async with self.venue.watch_book(self.market.symbol, on_update=self.on_book):
                await asyncio.sleep(seconds)
            await asyncio.gather(*self.cancelling.values())
            await asyncio.gather(*(order.cancel() for order in self.quotes.values()))
            await asyncio.gather(*(order.finished() for order in self.quotes.values()))

    def on_book(self, event: tradewire.BookEvent) -> None:
        """Move the quotes if the best prices moved. Called in the loop iteration that read the push."""
        if event.book is None or not event.top_changed or not event.book.is_synced:
            return  # a book that is not proved to equal the venue's would raise
        top = event.book.top()
        if top.bid is None or top.ask is None:
            return
        tick = self.market.tick_size
        lean = int(self.held / self.size)  # positive when long: buy and sell cheaper
        middle = (top.bid + top.ask) / 2 // tick * tick - lean * tick
        self.quote(Side.BUY, min(middle - EDGE_TICKS * tick, top.ask - tick), is_wanted=lean < MOST_HELD)
        self.quote(Side.SELL, max(middle + EDGE_TICKS * tick, top.bid + tick), is_wanted=lean > -MOST_HELD)

    def quote(self, side: Side, price: Decimal, *, is_wanted: bool) -> None:
        """Have one order at ``price``, or none. Until the fate of the last one is known, nothing is sent."""
        old = self.quotes.get(side)
        if old is None or old.status.is_final:
            if is_wanted:
                self.quotes[side] = self.venue.send_order(self.market.symbol, side, self.size, price)
        elif (old.price != price or not is_wanted) and self.may_cancel(side, old):
            # Its end comes with the stream, and the next push quotes again.
            task = self.cancelling[side] = asyncio.create_task(old.cancel())
            task.add_done_callback(lambda _: self.cancelling.pop(side))

    def may_cancel(self, side: Side, order: tradewire.LiveOrder) -> bool:
        """Return whether the venue has it and it is not being cancelled already."""
        return order.status is not OrderStatus.PENDING and side not in self.cancelling

    def on_fill(self, fill: tradewire.Fill) -> None:
        """Count what was bought and sold."""
        self.fills.append(fill)
        self.held += fill.size if fill.side is Side.BUY else -fill.size


async def main(product: str, seconds: float) -> None:
    """Quote the first market of a product of the sandbox and say what came of it."""
    client = tradewire.find_product(product).client_class
    async with tradewire.Sandbox() as box, client.for_sandbox(box, cancel_on_close=True) as venue:
        market, *_ = await venue.load_markets()
        maker = MarketMaker(venue, market)
        await maker.run(seconds)
        bought = sum(fill.size for fill in maker.fills if fill.side is Side.BUY)
        sold = sum(fill.size for fill in maker.fills if fill.side is Side.SELL)
        print(f"{market.symbol}: {len(maker.fills)} fills, bought {bought}, sold {sold}, held {maker.held}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("product", nargs="?", default="coinex", choices=tradewire.product_names())
    parser.add_argument("--seconds", type=float, default=5.0)
    arguments = parser.parse_args()
    tradewire.run(main(arguments.product, arguments.seconds))
