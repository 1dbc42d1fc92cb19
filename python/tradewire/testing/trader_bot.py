"""A bot that quotes, takes, amends and cancels whatever happens, and keeps what it was told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tradewire.errors import TradewireError
from tradewire.interface import VenueClient
from tradewire.model import Fill, Order, OrderStatus, Side
from tradewire.session.live_order import LiveOrder
from tradewire.session.subscription import Subscription
from tradewire.testing.venue_setup import VenueSetup

__all__ = ["LEAST_ORDERS", "UNSETTLED", "Bot", "Heard"]

PAUSE_S = (0.04, 0.12)
LEAST_ORDERS = 5
BURST = 60
"""More than any venue's group of requests has for a second."""
UNSETTLED = frozenset({OrderStatus.PENDING, OrderStatus.UNKNOWN})
LARGEST_QUOTE_TICKS = 12
TAKE_TICKS = 4
PLACED_SHARE = 0.25
"""Orders placed with ``place_order``, which nothing follows; the others are sent with ``send_order``."""


@dataclass(slots=True)
class Heard:
    """What the client said of the account, in order."""

    orders: list[Order] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    iterated: list[Fill] = field(default_factory=list)
    """The same fills by ``async for``, from a bounded queue."""


def _ignore(_: object) -> None:
    """Take what is told."""


class Bot:
    """Trades on one market.

    Args:
        setup: The venue.
        client: The client under test.
        seed: Decides what it does.
        pause_s: Least and longest time between two things it does.
        on_failure: Is told every error that a request of its ended with.
        bursts: Ask now and then more at once than the venue takes in a second.

    Attributes:
        sent: Side and price of every order by its size, which no two share.
        live: The orders sent with ``send_order``, by size.
        heard: Reports of orders and fills.
        watches: Its subscriptions; the first is the book's.
        cancels_after_s: How long each of the next requests is awaited before the bot gives up waiting.
        in_callback: Called in each of its callbacks after it took note of what it was told; may raise.
    """

    def __init__(
        self,
        setup: VenueSetup,
        client: VenueClient,
        seed: int,
        pause_s: tuple[float, float] = PAUSE_S,
        on_failure: Callable[[TradewireError], None] = _ignore,
        *,
        bursts: bool = False,
    ) -> None:
        self._weights = [80, 30, 30, 40, int(bursts)]
        self._pause_s = pause_s
        self._on_failure = on_failure
        self.in_callback: Callable[[], None] = lambda: None
        self.cancels_after_s: list[float] = []
        self.sent: dict[Decimal, tuple[Side, Decimal]] = {}
        self.live: dict[Decimal, LiveOrder] = {}
        self.heard = Heard()
        self._setup = setup
        self._client = client
        self._chance = random.Random(f"{setup.name}/{seed}/bot")
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._is_stopped = False
        self._mid = Decimal(0)
        self.book_watch: Any = None
        self.watches: list[Any] = []

    def watch(self, on_book: Callable[[Any], None]) -> None:
        """Watch orders, fills and the book; ``on_book`` is shown the book after each change."""
        client, market = self._client, self._setup.market

        def show(_: object) -> None:
            on_book(self.book_watch.book)
            self.in_callback()

        def take_order(report: Order) -> None:
            self.heard.orders.append(report)
            self.in_callback()

        def take_fill(fill: Fill) -> None:
            self.heard.fills.append(fill)
            self.in_callback()

        self.book_watch = client.watch_book(market, **self._setup.book_options, on_update=show)
        self.watches = [
            self.book_watch,
            client.watch_orders(on_update=take_order),
            client.watch_fills(on_update=take_fill),
            fills := client.watch_fills(),
            *self._setup.watch_more(client),
        ]
        self._reading = asyncio.create_task(self._read(fills))

    async def _read(self, fills: Subscription[Fill]) -> None:
        async for fill in fills:
            self.heard.iterated.append(fill)

    @property
    def is_uncertain(self) -> bool:
        """Whether an order's state is unknown at this moment."""
        return any(order.status in UNSETTLED for order in self.live.values())

    def holds_otherwise(self) -> str:
        """Say what the client believes otherwise than the venue, besides orders, fills and the book."""
        return self._setup.holds_otherwise(self._client)

    async def trade(self, seconds: float) -> None:
        """Do something every few hundredths of a second; on a machine too busy for it longer than ``seconds``."""
        loop = asyncio.get_running_loop()
        end_s = loop.time() + seconds
        acts = [self.quote, self.take, self.amend, self.cancel, self.burst]
        while not self._is_stopped and (loop.time() < end_s or len(self.sent) < LEAST_ORDERS):
            act = self._chance.choices(acts, self._weights)[0]
            try:
                act()
            except TradewireError as error:
                # Refused before it was sent, or by a client that knows it cannot.
                self._on_failure(error)
            await asyncio.sleep(self._chance.uniform(*self._pause_s))

    def stop(self) -> None:
        """Do nothing more."""
        self._is_stopped = True

    async def finish(self) -> None:
        """Wait until every request has been answered or given up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def quote(self) -> None:
        """Place an order beside the best price."""
        side = self._chance.choice(list(Side))
        away = self._setup.tick * self._chance.randint(1, LARGEST_QUOTE_TICKS)
        self._place(side, self._touch(side) + (-away if side is Side.BUY else away))

    def take(self) -> None:
        """Place an order through the best price of the other side."""
        side = self._chance.choice(list(Side))
        through = self._setup.tick * self._chance.randint(1, TAKE_TICKS)
        self._place(side, self._touch(side.opposite) + (through if side is Side.BUY else -through))

    def amend(self) -> None:
        """Change the price of an open order, or its size where that is all the venue can change."""
        if (order := self._pick()) is None or order.price is None:
            return
        market, order_id = self._setup.market, order.order_id
        if not self._setup.has_size_only_amends:
            price = order.price + self._setup.tick * self._chance.randint(-3, 3)
            self._run(self._client.amend_order(market, order_id, price=price))
        elif order.remaining is not None and order.remaining > 1:
            self._run(self._client.amend_order(market, order_id, size=order.filled_size + 1))

    def cancel(self) -> None:
        """Cancel an open order."""
        if (order := self._pick()) is not None:
            self._run(self._client.cancel_order(self._setup.market, order.order_id))

    def burst(self) -> None:
        """Ask for the open orders many times at once."""
        for _ in range(BURST):
            self._run(self._client.open_orders(self._setup.market))

    def _place(self, side: Side, price: Decimal) -> None:
        size = self._setup.first_size + self._setup.size_step * len(self.sent)
        self.sent[size] = side, price
        if self._chance.random() < PLACED_SHARE:
            self._run(self._client.place_order(self._setup.market, side, size, price))
        else:
            way = self._chance.choice(self._setup.order_entries)
            self.live[size] = self._client.send_order(self._setup.market, side, size, price, **way)
            self._run(self.live[size])

    def _pick(self) -> LiveOrder | None:
        alive = [order for order in self.live.values() if order.order_id and not order.status.is_final]
        return self._chance.choice(alive) if alive else None

    def _touch(self, side: Side) -> Decimal:
        book = self.book_watch.book
        if book.is_synced:
            best = book.best_bid() if side is Side.BUY else book.best_ask()
            if best is not None:
                self._mid = best[0]
        return self._mid

    def _run(self, doing: Awaitable[object]) -> None:
        task = asyncio.create_task(self._tolerant(doing))
        self._tasks[task] = None
        if self.cancels_after_s:
            asyncio.get_running_loop().call_later(self.cancels_after_s.pop(), task.cancel)
        task.add_done_callback(self._tasks.pop)

    async def _tolerant(self, doing: Awaitable[object]) -> None:
        try:
            await doing
        except TradewireError as error:
            # What became of it is compared with the venue's ledger in the end.
            self._on_failure(error)
