"""TWAP: buy an amount in equal slices over a span, each at the touch, and what did not trade in time at market.

    python examples/twap.py --slices 6 --seconds 6

Needs ``rich`` (``tradewire[cli]``) for the progress bar.
"""

from __future__ import annotations

import argparse
import asyncio
from decimal import Decimal

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import tradewire

MARKET = "BTCUSDT"


async def buy_slice(
    venue: tradewire.VenueClient, book: tradewire.Book, size: Decimal, wait_s: float
) -> Decimal:
    """Buy ``size``: join the best bid for ``wait_s``, then take what is left; return what it cost in quote units."""
    bid = book.top().bid
    assert bid is not None, "nobody bids"
    order = venue.send_order(MARKET, "buy", size, bid)
    try:
        async with asyncio.timeout(wait_s):
            await order.finished()
    except TimeoutError:
        await order.cancel()
        await order.finished()
    cost, left = order.filled_notional, size - order.filled_size
    if left > 0:
        rest = venue.send_order(MARKET, "buy", left, type="market")
        await rest.finished()
        cost += rest.filled_notional
    return cost


async def main(total: Decimal, slices: int, seconds: float) -> None:
    """Buy ``total`` base units in ``slices`` over ``seconds``."""
    shown = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[price]}"),
        TimeElapsedColumn(),
    )
    async with tradewire.Sandbox() as box, tradewire.CoinEx.for_sandbox(box) as venue:
        await venue.load_markets()  # a market order needs to know what its size counts
        orders, watch = venue.watch_orders(MARKET), venue.watch_book(MARKET)
        async with orders, watch:
            await asyncio.gather(orders.ready(), watch.ready())
            arrival = watch.book.mid()
            cost, loop = Decimal(0), asyncio.get_running_loop()
            size = total / slices
            with Progress(*shown) as progress:
                bar = progress.add_task(f"buying {total} {MARKET}", total=slices, price="")
                start = loop.time()
                for done in range(1, slices + 1):
                    cost += await buy_slice(venue, watch.book, size, seconds / slices / 2)
                    progress.update(bar, advance=1, price=f"average {cost / (size * done):.2f}")
                    await asyncio.sleep(start + done * seconds / slices - loop.time())
        print(f"paid {cost / total:.2f} on average, the middle was {arrival} at the start")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--total", type=Decimal, default=Decimal("0.06"), help="base units")
    parser.add_argument("--slices", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=6.0)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.total, arguments.slices, arguments.seconds))
