"""A small market maker: one quote a side at the best price, never two, and a position within its limit.

Run it on the sandbox: ``python examples/tested_bot/market_maker.py``. Its tests are in ``test_market_maker.py``.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

import tradewire
from tradewire import (
    Fill,
    LiveOrder,
    NotSynced,
    OrderStatus,
    OutcomeUnknown,
    Side,
    TradewireError,
    VenueClient,
)


class MarketMaker:
    """Quotes both sides of one market.

    Args:
        client: A client of any venue.
        market: Where to quote.
        size: Of each quote, base units.
        limit: Quote nothing that could take the position beyond this, base units.
        pause_s: Time between two looks at the market.

    Attributes:
        position: What our fills add up to, base units.
        quotes: The last order of each side.
        is_quoting: Set to ``False``, it withdraws its quotes and only listens.
    """

    def __init__(
        self, client: VenueClient, market: str, *, size: Decimal, limit: Decimal, pause_s: float = 0.2
    ) -> None:
        self.client = client
        self.market = market
        self.size = size
        self.limit = limit
        self.pause_s = pause_s
        self.position = Decimal(0)
        self.quotes: dict[Side, LiveOrder] = {}
        self.is_quoting = True

    async def run(self) -> None:
        """Quote until cancelled, then withdraw the quotes."""
        book = self.client.watch_book(self.market)
        fills = self.client.watch_fills(self.market, on_update=self.on_fill)
        try:
            while True:
                if not self.is_quoting:
                    await self.withdraw()
                for side in Side if self.is_quoting else ():
                    price = self.best(book, side)
                    if price is not None:
                        await self.quote(side, price)
                await asyncio.sleep(self.pause_s)
        finally:
            await self.withdraw()
            await book.close()
            await fills.close()

    def best(self, book: tradewire.BookSubscription[object, tradewire.Book], side: Side) -> Decimal | None:
        """Return the best price of a side; ``None`` while the book cannot be read."""
        try:
            best = book.book.best_bid() if side is Side.BUY else book.book.best_ask()
        except NotSynced:
            return None
        return None if best is None else Decimal(best[0])

    async def quote(self, side: Side, price: Decimal) -> None:
        """Have one order of a side at ``price``, or none."""
        order = self.quotes.get(side)
        if order is not None and not order.status.is_final:
            if order.status in {OrderStatus.PENDING, OrderStatus.UNKNOWN}:
                # What became of it is being asked for: until that is known it may rest or trade.
                return
            if order.price != price:
                await self.cancel(order)
            return
        if not self.has_room(side):
            return
        try:
            order = self.quotes[side] = self.client.send_order(self.market, side, self.size, price)
            await order
        except OutcomeUnknown:
            # It may rest at the venue: it stays our quote while that is being asked for.
            return
        except TradewireError:
            # Refused, or never sent: there is no quote, and the next look at the market tries again.
            return

    async def cancel(self, order: LiveOrder) -> None:
        """Ask the venue to cancel an order; its end is reported by itself."""
        try:
            await order.cancel()
        except TradewireError:
            # It is tried again with the next look at the market.
            return

    def has_room(self, side: Side) -> bool:
        """Tell whether another fill of a side keeps the position within its limit."""
        after = self.position + (self.size if side is Side.BUY else -self.size)
        return abs(after) <= self.limit

    def on_fill(self, fill: Fill) -> None:
        """Take a fill; the client delivers each once, also those of a lost connection."""
        self.position += fill.size if fill.side is Side.BUY else -fill.size

    async def withdraw(self) -> None:
        """Cancel what rests."""
        for order in self.quotes.values():
            if not order.status.is_final:
                await self.cancel(order)


async def main() -> None:
    """Quote for ten seconds on the sandbox."""
    async with tradewire.Sandbox("coinex") as box, tradewire.CoinEx.for_sandbox(box) as client:
        maker = MarketMaker(client, "BTCUSDT", size=Decimal("0.01"), limit=Decimal("0.05"))
        try:
            async with asyncio.timeout(10):
                await maker.run()
        except TimeoutError:
            print(f"position {maker.position}, open orders {len(client.live_orders)}")


if __name__ == "__main__":
    asyncio.run(main())
