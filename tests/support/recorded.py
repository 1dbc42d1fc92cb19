"""Recordings made in virtual time, of a sandbox that trades, with what the recorded client saw push by push."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradewire import Recorder, Sandbox
from tradewire.registry import find_product
from tradewire.testing.world import World

__all__ = ["MARKETS", "Recorded", "Seen", "record", "watch"]

MARKETS = {"coinex": "BTCUSDT", "coinex-futures": "BTCUSDT", "truex": "BTC-PYUSD", "exchange": "ABC-USD"}
Seen = tuple[Any, ...]


@dataclass
class Recorded:
    """A recording and what was seen while it was made."""

    product: str
    market: str
    path: Path
    seen: list[Seen] = field(default_factory=list)


def watch(client: Any, market: str, seen: list[Seen]) -> Any:
    """Watch book and trades, and note every push with the whole book after it."""

    def look(event: Any) -> None:
        book = event.book
        sides = (
            [book.orders(side, unsynced_ok=True) for side in ("buy", "sell")]
            if hasattr(book, "orders")
            else book.texts(unsynced_ok=True)
        )
        seen.append(("book", event.received_at_ns, event.change, event.proved, book.status, str(sides)))

    def trade(one: Any) -> None:
        seen.append(("trade", one.received_at_ns, one.price, one.size, one.side, one.trade_id))

    client.watch_trades(market, on_update=trade)
    return client.watch_book(market, on_update=look)


def record(
    product_name: str,
    path: Path,
    *,
    seconds: float = 6.0,
    rate: float = 50.0,
    meanwhile: Callable[[Sandbox, Any], Any] | None = None,
    **limits: Any,
) -> Recorded:
    """Record a client of a busy sandbox; ``meanwhile`` is awaited in the middle."""
    recorded = Recorded(product_name, MARKETS[product_name], path)
    product, world = find_product(product_name), World("recorded")
    recorders: list[Recorder] = []

    async def main() -> None:
        async with Sandbox(product.venue, seed=7, rate=rate, **world.sandbox_options()) as box:
            options = world.client_options(20.0)
            async with product.client_class.for_sandbox(box, **options) as client:
                recorders.append(Recorder(client, path, clocks=options["clocks"], **limits))
                await client.load_markets()
                book = watch(client, recorded.market, recorded.seen)
                await book.ready()
                await asyncio.sleep(seconds / 2)
                if meanwhile is not None:
                    await meanwhile(box, client)
                await asyncio.sleep(seconds / 2)
                recorders[0].stop()
            await world.network.close()

    world.run(main())
    return recorded
