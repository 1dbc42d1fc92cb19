"""No secret of a client anywhere, on every venue: a canary is used in every way and then searched for.

Searched: logs at DEBUG, reprs, tracebacks with the locals of our frames, exceptions, pickles, and every object that
hangs on a client.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from support.crash_report import CANARY, attributes, leaks, shown
from support.desk import Desk
from tradewire.errors import TradewireError
from tradewire.registry import BUILT_IN


def secret_half(server: Any) -> str:
    """Return the attribute of a venue that holds its default trader's secret."""
    return "secret" if hasattr(server, "secret") else "api_key"


@pytest.fixture
async def canary(desk: Desk) -> AsyncIterator[Any]:
    """A client that has the canary for its secret."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(desk.server), secret_half(desk.server), CANARY)
        client = desk.product.client_class.for_sandbox(desk.box, allow_any_key=True)
    async with client:
        yield client


def place(desk: Desk, client: Any, **more: Any) -> Awaitable[object]:
    """Place an order at the best bid."""
    placed: Awaitable[object] = client.place_order(desk.symbol, "buy", desk.size, desk.bid, **more)
    return placed


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


async def send_by_the_lane(desk: Desk, client: Any) -> object:
    """Send an order that is written at once, on a connection that is open, from a template that is made."""
    await client.load_markets()
    with contextlib.suppress(TradewireError):
        await client.send_order(desk.symbol, "buy", desk.size, desk.low)
    return await client.send_order(desk.symbol, "buy", desk.size, desk.bid)


ATTEMPTS: dict[str, Callable[[Desk, Any], Awaitable[object]]] = {
    "place": lambda desk, client: place(desk, client),
    "place badly": lambda desk, client: client.place_order(desk.symbol, "buy", "x", "1"),
    "send": lambda desk, client: client.send_order(desk.symbol, "buy", desk.size, desk.bid),
    "send by the lane": send_by_the_lane,
    "amend": lambda desk, client: client.amend_order(desk.symbol, "1", price=desk.bid),
    "cancel": lambda desk, client: client.cancel_order(desk.symbol, "1"),
    "cancel badly": lambda desk, client: client.cancel_order(desk.symbol, "x\r\n"),
    "orders": lambda desk, client: client.open_orders(),
    "balances": lambda desk, client: client.balances(),
    "raw": lambda desk, client: client.request("GET", "/nothing/here"),
    "stream": lambda desk, client: client.watch_orders().ready(),
    "exchange: positions": lambda desk, client: client.positions(),
    "exchange: user": lambda desk, client: client.user(),
    "exchange: place over WebSocket": lambda desk, client: place(desk, client, order_entry="ws"),
    "truex: holdings": lambda desk, client: client.holdings(),
    "truex: transfer": lambda desk, client: client.start_transfer("DEPOSIT", "FIAT", "BTC", 1),
    "truex: book": lambda desk, client: client.watch_book(desk.symbol).ready(),
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
        ("desk", "what"),
        [
            pytest.param(venue, what, id=f"{venue}-{what.rpartition(': ')[2]}")
            for venue in BUILT_IN
            for what in names
            if what.partition(": ")[0] in (venue, what)
        ],
        indirect=["desk"],
    )


@of_each(ATTEMPTS)
async def test_refused_secret_shows_nowhere(
    desk: Desk, canary: Any, log: pytest.LogCaptureFixture, what: str
) -> None:
    with pytest.raises(TradewireError) as caught:
        await ATTEMPTS[what](desk, canary)
    assert not leaks(shown(caught.value))
    assert not leaks(repr(canary) + str(vars(canary)))
    assert not leaks(log.text)


@of_each(FAULTS)
async def test_right_secret_shows_nowhere_when_the_venue_fails(
    desk: Desk, log: pytest.LogCaptureFixture, what: str
) -> None:
    if what == "gone":
        await desk.box.close()
    else:
        getattr(desk.faults, what.rpartition(": ")[2])(count=3)
    with pytest.raises(TradewireError) as caught:
        await place(desk, desk.client)
    secret = getattr(desk.server, secret_half(desk.server))
    assert secret not in shown(caught.value)
    assert secret not in log.text


@pytest.mark.parametrize("desk", [venue for venue in BUILT_IN if venue not in SENDS_ITS_KEY], indirect=True)
async def test_client_keeps_no_secret(desk: Desk, canary: Any) -> None:
    with pytest.raises(TradewireError):
        await send_by_the_lane(desk, canary)
    kept = [thing for thing in attributes(canary) if isinstance(thing, str | bytes)]
    assert len(kept) > 1
    assert [text for text in kept if leaks(str(text))] == []


def test_walk_would_find_a_secret_that_is_kept() -> None:
    class Careless:
        def __init__(self) -> None:
            self.inner = {"deep": [lambda secret=CANARY: secret]}

    assert any(isinstance(thing, str) and leaks(thing) for thing in attributes(Careless()))


@pytest.mark.parametrize("carry_off", CARRY_OFF)
async def test_client_is_not_carried_off(canary: Any, carry_off: Callable[[object], Any]) -> None:
    with pytest.raises((TradewireError, TypeError)) as caught:
        carry_off(canary)
    assert not leaks(str(caught.value))
