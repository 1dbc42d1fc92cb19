"""What a guard promises, on every venue and product: real processes and signals, another bot's orders beside."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from support.guarded_bot import GuardedBot, is_alive
from support.kits import PRODUCTS
from support.witness import PATIENCE_S
from tradewire.errors import RequestError
from tradewire.interface import VenueClient
from tradewire.journal.journal import read_journal
from tradewire.registry import find_product, venue_names
from tradewire.sandbox import Sandbox

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
    pytest.mark.timeout(300),
]
SECRETS = ("secret", "api_key")
VENUES = [venue for venue in venue_names() if venue in PRODUCTS]


class Place(NamedTuple):
    """A venue with another bot on the same account, one client for each of its products."""

    box: Sandbox
    products: tuple[str, ...]
    others: tuple[VenueClient, ...]
    order: tuple[str, str, str]
    """Market, size and a price far from the touch, of an order that every product of it takes."""
    strangers: frozenset[str]
    """The other bot's orders."""
    url: str

    async def open_now(self) -> set[str]:
        """Return what is open at the venue, of whichever bot; asked again where a fault hits the question."""
        while True:
            with suppress(RequestError):
                listed = [await other.open_orders() for other in self.others]
                return {order.order_id for orders in listed for order in orders}

    async def until_open(self, count: int) -> None:
        """Wait until so many orders are open."""
        async with asyncio.timeout(PATIENCE_S):
            while len(await self.open_now()) != count:  # noqa: ASYNC110 - the venue tells nobody
                await asyncio.sleep(0.05)

    async def until_only_strangers_are_open(self) -> None:
        """Wait until nothing of the bot is open, and make sure that the other bot's orders are."""
        await self.until_open(len(self.strangers))
        assert await self.open_now() == self.strangers


@pytest.fixture(params=VENUES)
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    venue = str(request.param)
    products = tuple(name for name in PRODUCTS if find_product(name).venue == venue)
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(Sandbox([venue], seed=7, rate=0))
        others, strangers, order = [], set(), ("", "", "")
        for name in products:
            other: VenueClient = await stack.enter_async_context(
                find_product(name).client_class.for_sandbox(box)
            )
            market = next(one for one in await other.load_markets() if one.is_tradable)
            book = await other.book(market.symbol, depth=5)
            price = book.bids[0].price - 20 * market.tick_size
            size = max(market.min_size, market.lot_size) * 2
            # Of another size: where replies name no request, one under way is known by what it is.
            strangers.add((await other.place_order(market.symbol, "buy", 3 * size, price)).order_id)
            others.append(other)
            order = (market.symbol, str(size), str(price))
        url = str(box.venue(venue).keys()["rest_url"])
        yield Place(box, products, tuple(others), order, frozenset(strangers), url)


def a_bot(place: Place, folder: Path, **guard: object) -> GuardedBot:
    return GuardedBot(folder / "bot.journal", place.url, *place.products, **guard)


async def test_own_orders_and_no_others_are_cancelled_when_the_bot_is_killed_with_one_under_way(
    place: Place, tmp_path: Path
) -> None:
    count, venue = len(place.products), place.box.venue(find_product(place.products[0]).venue)
    async with a_bot(place, tmp_path) as bot:
        pid = (await bot.until("ready"))["pid"]
        secrets = [str(value) for name, value in venue.keys().items() if name in SECRETS]
        told = [
            await asyncio.to_thread(Path(f"/proc/{pid}/{name}").read_bytes) for name in ("cmdline", "environ")
        ]
        bot.do("send", *place.order)
        await bot.until("sent", count)
        venue.faults.no_reply(count=count)
        bot.do("begin", *place.order)
        await bot.until("begun")
        await place.until_open(3 * count)
        venue.faults.gateway_html(count=6)
        bot.send_signal(signal.SIGKILL)
        await place.until_only_strangers_are_open()
        await bot.until_guard_wrote("ends: acted")
        assert read_journal(bot.journal).live == ()
        assert secrets
        assert not any(secret in text for secret in secrets for text in (bot.guard_log(), *map(str, told)))


async def test_a_bot_and_its_guard_tell_each_other_and_neither_end_leaves_orders(
    place: Place, tmp_path: Path
) -> None:
    count = len(place.products)
    async with a_bot(place, tmp_path, mute_s=4.0) as bot:
        first = (await bot.until("ready"))["pid"]
        bot.do("send", *place.order)
        await bot.until("sent", count)
        # The guard is killed: the bot is told, and another one guards.
        os.kill(first, signal.SIGKILL)
        assert "its process has ended" in (await bot.until("GuardLost"))["text"]
        assert "another one is started" in (await bot.until("error"))["text"]
        second = (await bot.until("GuardStarted", 2))["pid"]
        assert second not in {0, first}
        # The bot is stopped: it is told when it wakes up, and refused until it resumes.
        bot.send_signal(signal.SIGSTOP)
        await place.until_only_strangers_are_open()
        bot.do("send", *place.order)
        bot.send_signal(signal.SIGCONT)
        assert "the guard" in (await bot.until("refused", count))["text"]
        await bot.until("GuardActed")
        bot.do("resume")
        await bot.until("GuardCleared")
        assert await bot.until("resumed") == {"what": "resumed", "is_guarding": True, "acted": ""}
        bot.do("send", *place.order)
        await bot.until("sent", 2 * count)
        # Twice Ctrl-C in the terminal, while the bot hangs at its end: the bot goes, the guard stays and acts.
        bot.do("never", "close")
        await bot.until("never closes")
        bot.press_ctrl_c()
        bot.press_ctrl_c()
        async with asyncio.timeout(PATIENCE_S):
            await bot.process.wait()
        await place.until_only_strangers_are_open()
        await bot.until_guard_wrote("ends: acted")
        async with asyncio.timeout(PATIENCE_S):
            while is_alive(second):  # noqa: ASYNC110 - no child of ours
                await asyncio.sleep(0.05)
