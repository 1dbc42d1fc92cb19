"""One venue of a quiet sandbox, a client whose stream can be cut, and another program of the same account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from support.link_proxy import LinkProxy
from support.witness import PATIENCE_S, Witness, ready
from tradewire.errors import TimestampRejected
from tradewire.interface import VenueClient
from tradewire.model import Fill, Order
from tradewire.registry import BUILT_IN
from tradewire.session.live_order import LiveOrder
from tradewire.testing.venue_setup import VenueSetup
from tradewire.testing.venues import SETUPS

__all__ = ["VENUES", "Floor", "open_floor"]

VENUES = tuple(BUILT_IN)
TIMEOUT_S = 10.0
"""Nothing is lost on the way of these replies: a busy machine may take longer than the campaign allows."""


@dataclass
class Floor:
    """Where a test trades.

    Attributes:
        client: Ours; its streams go through ``link``.
        other: Another program of the same account, straight at the venue.
        link: The way of the streams.
        faults: What the venue can be told to do wrong.
        bid: Best bid before anything was sent.
        ask: Best ask before anything was sent.
        size: A size the venue takes, small beside what rests.
        entry: Further arguments of placing over REST, which works while the stream is away.
        orders: Reports that ``watch`` has brought, in their order.
        fills: Fills that ``watch`` has brought, in their order.
        errors: What ``on_error`` of the client was told.
    """

    setup: VenueSetup
    client: VenueClient
    other: VenueClient
    link: LinkProxy
    faults: Any
    bid: Decimal
    ask: Decimal
    size: Decimal
    entry: Mapping[str, Any]
    orders: list[Order] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.witness = Witness(self.client)
        self._watched: list[Any] = []

    @property
    def name(self) -> str:
        return self.setup.name

    @property
    def market(self) -> str:
        return self.setup.market

    @property
    def low(self) -> Decimal:
        """A price at which a buy rests."""
        return self.bid - 20 * self.setup.tick

    def watch(self, *markets: str) -> None:
        """Begin to watch orders and fills, of all markets if none is named."""
        self._watched += [
            self.client.watch_orders(*markets, on_update=self.witness.into(self.orders)),
            self.client.watch_fills(*markets, on_update=self.witness.into(self.fills)),
        ]

    async def ready(self) -> None:
        """Wait until what is watched can be used and orders can be sent."""
        await ready(*self._watched)
        if hasattr(self.client, "account_ready"):
            async with asyncio.timeout(PATIENCE_S):
                await self.client.account_ready()

    def cut(self) -> None:
        """Reset the streams and let no new one through."""
        self.link.change(refuses=True)
        self.link.reset_all()

    async def heal(self) -> None:
        """Let streams through again and wait until what is watched is back."""
        self.link.heal()
        await self.ready()

    def send(self, side: str, price: Decimal, **more: Any) -> LiveOrder:
        """Send an order of ours over REST."""
        return self.client.send_order(self.market, side, self.size, price, **self.entry, **more)

    async def take(self, side: str, price: Decimal, size: Decimal | None = None) -> Order:
        """Let the other program place an order, though it trades with one of ours and the venue's clock jumped."""
        more: dict[str, Any] = {**self.entry, **({"stp": "none"} if self.name == "truex" else {})}
        amount = size or self.size
        try:
            return await self.other.place_order(self.market, side, amount, price, **more)
        except TimestampRejected:
            return await self.other.place_order(self.market, side, amount, price, **more)

    async def rest_to_be_taken(self) -> LiveOrder:
        """Rest a sell of ours that nobody's is before: the best there is, or as good as the best."""
        better = self.bid + self.setup.tick
        live = self.send("sell", min(better, self.ask))
        await live
        return live

    def fills_of(self, live: LiveOrder) -> Decimal:
        """Return how much of an order the fills that were brought add up to."""
        return sum((one.size for one in self.fills if one.order_id == live.order_id), Decimal(0))


@asynccontextmanager
async def open_floor(venue: str, *, rate: float = 0) -> AsyncIterator[Floor]:
    """Open a venue and two clients of its default account."""
    setup = SETUPS[venue]()
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(setup.open(7, rate=rate))
        host, port = setup.target()
        link = await LinkProxy((host, port)).start()
        stack.push_async_callback(link.close)
        errors: list[Exception] = []
        client = await stack.enter_async_context(
            setup.client(port, link.port, on_error=errors.append, timeout_s=TIMEOUT_S)
        )
        other = await stack.enter_async_context(
            setup.client(port, port, on_error=lambda _: None, timeout_s=TIMEOUT_S)
        )
        book = await other.book(setup.market, depth=5)
        yield Floor(
            setup,
            client,
            other,
            link,
            getattr(box, venue).faults,
            book.bids[0].price,
            book.asks[0].price,
            setup.first_size,
            setup.order_entries[0],
            errors=errors,
        )
