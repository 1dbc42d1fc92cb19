"""Where our order stands in its queue: Exchange publishes every single order, so the book knows.

python examples/queue_position.py
"""

from __future__ import annotations

import asyncio

import tradewire

MARKET = "ABC-USD"


async def main() -> None:
    """Join the best bid and print the queue ahead of us whenever it changes, until we are first or filled."""
    async with tradewire.Sandbox(["exchange"], rate=200) as box, tradewire.Exchange.for_sandbox(box) as venue:
        watch = venue.watch_book(MARKET)
        async with watch:
            await asyncio.gather(watch.ready(), venue.account_ready())
            bid = watch.book.top().bid
            order = await venue.place_order(MARKET, "buy", 5, bid)
            last = None
            async with asyncio.timeout(10):
                async for _ in watch:
                    place = watch.book.queue(order.order_id)
                    if place is None:
                        break  # filled, or cancelled by somebody else
                    ahead = place.orders_ahead, place.size_ahead
                    if ahead != last:
                        print(
                            f"{place.orders_ahead} orders with {place.size_ahead} stand ahead of ours at {bid}"
                        )
                        last = ahead
                    if place.orders_ahead == 0:
                        break
        print((await venue.order(MARKET, order.order_id)).status)


if __name__ == "__main__":
    asyncio.run(main())
