"""A world without faults: every venue's client trades in it."""

from __future__ import annotations

import asyncio

import pytest

from tradewire.testing.invariants import differences
from tradewire.testing.trader_bot import LEAST_ORDERS, Bot
from tradewire.testing.venues import SETUPS
from tradewire.testing.world import World

TRADING_S = 2.0
SETTLED_S = 8.0


def _trade(venue: str, seed: int) -> str:
    """Trade in a world of its own, see that client and venue agree, and return the hash of all that happened."""
    world, setup = World(seed), SETUPS[venue]()
    setup.restart_ids()

    async def main() -> None:
        async with setup.open(seed, **world.sandbox_options()):
            errors: list[Exception] = []
            port = setup.target()[1]
            options = world.client_options(setup.ping_s) | {"on_error": errors.append}
            client = setup.client(port, port, **options)
            bot = Bot(setup, client, seed)
            bot.watch(lambda book: None)
            for watch in bot.watches:
                await watch.ready()
            await bot.trade(TRADING_S)
            setup.box.venues[setup.venue].traffic.paused = True
            await bot.finish()
            await asyncio.sleep(SETTLED_S)
            assert differences(setup, bot) == []
            assert len(setup.ledger().orders) >= LEAST_ORDERS
            assert errors == []
            await client.close()
            await world.network.close()

    world.run(main())
    return world.trace.hexdigest()


@pytest.mark.parametrize("venue", SETUPS)
def test_a_bot_trades_in_virtual_time(venue: str) -> None:
    assert _trade(venue, 1) != _trade(venue, 2)
