"""Three tests of the market maker: ``pytest examples/tested_bot`` needs nothing but tradewire and pytest."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

from market_maker import MarketMaker

from tradewire.testing import STANDARD, BotRun, chaos

CONNECTION = ["drop_socket", "mute_socket", "skip_difference", "ws.reset", "ws.half_open", "ws.no_connection"]
FATE = ["lost_request", "lost_reply", "no_reply", "late_reply", "gateway_after", "error_after", "http.reset"]


@asynccontextmanager
async def trading(run: BotRun) -> AsyncIterator[MarketMaker]:
    """Trade for as long as faults strike; the bot goes on until the end of the block."""
    maker = MarketMaker(run.client, run.market, size=run.size, limit=1000 * run.size)
    task = asyncio.create_task(maker.run())
    try:
        await asyncio.sleep(run.seconds)
        yield maker
        assert not task.done(), "the bot ended by itself"
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def one_quote_a_side(run: BotRun) -> Iterator[str]:
    """No more than one order of a side rests: an invariant of this bot's own."""
    for side, count in Counter(order.side for order in run.ledger.open_orders).items():
        if count > 1:
            yield f"{count} quotes to {side} rest at the venue"


@chaos(faults=CONNECTION, invariants=[*STANDARD, one_quote_a_side])
async def test_it_quotes_the_venues_best_prices_again(run: BotRun) -> None:
    async with trading(run) as maker:
        await run.settle()
        bid, ask = run.best_prices()
        assert {side: order.price for side, order in maker.quotes.items()} == {"buy": bid, "sell": ask}


@chaos(faults=FATE, invariants=[*STANDARD, one_quote_a_side])
async def test_no_quote_is_sent_again_while_its_fate_is_unknown(run: BotRun) -> None:
    async with trading(run):
        await run.settle()


@chaos()
async def test_its_position_is_what_the_venue_says(run: BotRun) -> None:
    async with trading(run) as maker:
        maker.is_quoting = False
        await run.settle()
        assert maker.position == run.position
        assert not run.ledger.open_orders
