"""No secret of a client anywhere, on every venue: a canary is used in every way and then searched for.

Searched: logs at DEBUG, reprs, tracebacks with the locals of our frames, exceptions, pickles, and every object that
hangs on a client.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from support.crash_report import CANARY, attributes, leaks, shown
from support.witness import PATIENCE_S
from tradewire.errors import TradewireError
from tradewire.registry import BUILT_IN, find_venue
from tradewire.sandbox import Sandbox


@dataclass(frozen=True)
class Stall:
    """A quiet sandbox, a client with the right secret and one that has the canary for it."""

    box: Sandbox
    venue: str
    good: Any
    canary: Any
    secret: str
    market: str
    size: Decimal
    bid: Decimal

    def place(self, client: Any, **more: Any) -> Awaitable[object]:
        """Place an order at the best bid."""
        placed: Awaitable[object] = client.place_order(self.market, "buy", self.size, self.bid, **more)
        return placed


@pytest.fixture(params=BUILT_IN)
async def stall(request: pytest.FixtureRequest) -> AsyncIterator[Stall]:
    name = str(request.param)
    make = find_venue(name).client_class.for_sandbox
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(Sandbox([name], seed=7, rate=0))
        good = await stack.enter_async_context(make(box))
        venue: Any = box.venue(name)
        half = "secret" if hasattr(venue, "secret") else "api_key"
        secret = getattr(venue, half)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(venue), half, CANARY)
            canary = await stack.enter_async_context(make(box, allow_any_key=True))
        await stack.enter_async_context(asyncio.timeout(PATIENCE_S))
        market = next(market for market in await good.load_markets() if market.is_tradable)
        bid = (await good.book(market.symbol, depth=5)).bids[0].price
        size = max(market.min_size, market.lot_size) * 2
        yield Stall(box, name, good, canary, secret, market.symbol, size, bid)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


ATTEMPTS: dict[str, Callable[[Stall, Any], Awaitable[object]]] = {
    "place": lambda stall, client: stall.place(client),
    "place badly": lambda stall, client: client.place_order(stall.market, "buy", "x", "1"),
    "send": lambda stall, client: client.send_order(stall.market, "buy", stall.size, stall.bid),
    "amend": lambda stall, client: client.amend_order(stall.market, "1", price=stall.bid),
    "cancel": lambda stall, client: client.cancel_order(stall.market, "1"),
    "cancel badly": lambda stall, client: client.cancel_order(stall.market, "x\r\n"),
    "orders": lambda stall, client: client.open_orders(),
    "balances": lambda stall, client: client.balances(),
    "raw": lambda stall, client: client.request("GET", "/nothing/here"),
    "stream": lambda stall, client: client.watch_orders().ready(),
    "exchange: positions": lambda stall, client: client.positions(),
    "exchange: user": lambda stall, client: client.user(),
    "exchange: place over WebSocket": lambda stall, client: stall.place(client, order_entry="ws"),
    "truex: holdings": lambda stall, client: client.holdings(),
    "truex: transfer": lambda stall, client: client.start_transfer("DEPOSIT", "FIAT", "BTC", 1),
    "truex: book": lambda stall, client: client.watch_book(stall.market).ready(),
}
"""By name, those of one venue with its name before them."""
FAULTS = (
    "gateway_html", "rate_limited", "gone",
    "coinex: busy", "coinex: stale_timestamp",
    "exchange: gateway_after",
    "truex: busy", "truex: stale_timestamp", "truex: internal_error", "truex: timed_out",
)  # fmt: skip
SENDS_ITS_KEY = {"exchange"}
"""Venues that sign nothing: their key is in every request, so that a client has to keep it."""
CARRY_OFF: tuple[Callable[[object], Any], ...] = (
    pickle.dumps,
    copy.deepcopy,
    lambda value: pickle.dumps({"in": [value]}),
)


def of_each(names: Any) -> pytest.MarkDecorator:
    """Run a test on each venue with what all have and what it has alone."""
    return pytest.mark.parametrize(
        ("stall", "what"),
        [
            pytest.param(venue, what, id=f"{venue}-{what.rpartition(': ')[2]}")
            for venue in BUILT_IN
            for what in names
            if what.partition(": ")[0] in (venue, what)
        ],
        indirect=["stall"],
    )


@of_each(ATTEMPTS)
async def test_refused_secret_shows_nowhere(stall: Stall, log: pytest.LogCaptureFixture, what: str) -> None:
    with pytest.raises(TradewireError) as caught:
        await ATTEMPTS[what](stall, stall.canary)
    assert not leaks(shown(caught.value))
    assert not leaks(repr(stall.canary) + str(vars(stall.canary)))
    assert not leaks(log.text)


@of_each(FAULTS)
async def test_right_secret_shows_nowhere_when_the_venue_fails(
    stall: Stall, log: pytest.LogCaptureFixture, what: str
) -> None:
    if what == "gone":
        await stall.box.close()
    else:
        faults: Any = stall.box.venue(stall.venue).faults
        getattr(faults, what.rpartition(": ")[2])(count=3)
    with pytest.raises(TradewireError) as caught:
        await stall.place(stall.good)
    assert stall.secret not in shown(caught.value)
    assert stall.secret not in log.text


@pytest.mark.parametrize("stall", [venue for venue in BUILT_IN if venue not in SENDS_ITS_KEY], indirect=True)
async def test_client_keeps_no_secret(stall: Stall) -> None:
    await stall.canary.markets()
    kept = [thing for thing in attributes(stall.canary) if isinstance(thing, str | bytes)]
    assert len(kept) > 1
    assert [text for text in kept if leaks(str(text))] == []


def test_walk_would_find_a_secret_that_is_kept() -> None:
    class Careless:
        def __init__(self) -> None:
            self.inner = {"deep": [lambda secret=CANARY: secret]}

    assert any(isinstance(thing, str) and leaks(thing) for thing in attributes(Careless()))


@pytest.mark.parametrize("carry_off", CARRY_OFF)
async def test_client_is_not_carried_off(stall: Stall, carry_off: Callable[[object], Any]) -> None:
    with pytest.raises((TradewireError, TypeError)) as caught:
        carry_off(stall.canary)
    assert not leaks(str(caught.value))
