"""Batches whose requests and replies are lost, on virtual time: in the end the client holds what the venue has."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tradewire.model import OrderStatus
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.testing.world import World
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.futures.client import CoinExFutures

MARKET = "BTCUSDT"
SETTLED_S = 90
"""Far beyond the request window and every question that is asked after it."""


def arm(faults: Any, chance: random.Random) -> None:
    """Let one thing go wrong, or nothing."""
    mishaps: list[Callable[[], object]] = [
        lambda: None,
        lambda: faults.lost_reply(requests="place"),
        lambda: faults.lost_request(requests="place"),
        lambda: faults.no_reply(requests="place"),
        lambda: faults.gateway_after(requests="place"),
        lambda: faults.gateway_html(requests="place"),
        lambda: faults.broken_reply(requests="place"),
        lambda: faults.timed_out(executed=chance.random() < 0.5),
        lambda: faults.busy(),
        lambda: faults.bad_row("missing_field", "orders", where="rest"),
    ]
    chance.choice(mishaps)()


@pytest.mark.parametrize("kind", [CoinEx, CoinExFutures], ids=lambda kind: kind.product.name)
@pytest.mark.parametrize("seed", range(3))
def test_every_order_of_every_batch_has_a_fate_and_none_is_sent_twice(seed: int, kind: Any) -> None:
    world, chance = World(seed), random.Random(f"batches/{seed}")

    async def main() -> None:
        options = CoinExOptions(markets=(MARKET,), push_ms=0, rate_limits=False)
        async with (
            Sandbox(["coinex"], rate=0, coinex=options, **world.sandbox_options()) as box,
            kind.for_sandbox(box, on_error=lambda _: None, timeout_s=2, **world.client_options()) as client,
        ):
            venue = box.coinex
            venue.core.ledger.deposit("trader/futures", "USDT", Decimal(1_000_000))
            watched = chance.random() < 0.7
            if watched:
                client.watch_orders(on_update=lambda _: None)
            live = []
            for batch in range(6):
                arm(venue.faults, chance)
                live += client.send_orders(
                    {
                        "market": MARKET,
                        "side": chance.choice(["buy", "sell"]),
                        "size": "0.001",
                        "price": chance.choice(["30000", "90000"]),
                        "client_order_id": f"{batch}-{item}",
                        "post_only": chance.random() < 0.5,
                    }
                    for item in range(chance.randint(1, 6))
                )
                await asyncio.sleep(chance.uniform(0, 3))
            await asyncio.sleep(SETTLED_S)
            there = Counter(order.client_order_id for order in await client.open_orders(MARKET))
            held = {order.client_order_id for order in live if order.status is OrderStatus.OPEN}
            assert there == Counter(held)
            for order in live:
                assert order.status is not OrderStatus.PENDING
                assert order.status is not OrderStatus.UNKNOWN or order.error is not None
            assert {order.client_order_id for order in client.live_orders} == held

    world.run(main())
