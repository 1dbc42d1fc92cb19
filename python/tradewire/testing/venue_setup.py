"""A venue as the campaign sees it: how to open one, reach it through proxies, and what it says is so.

What is so comes from the sandbox itself, never from a client.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Protocol, Unpack
from urllib.parse import urlsplit

from tradewire.interface import VenueClient
from tradewire.model import OrderStatus, Side
from tradewire.protocol.timing import NS_PER_S, Timing
from tradewire.sandbox import Sandbox
from tradewire.sandbox.faults import FaultKind
from tradewire.session.lifetime import ClientOptions

__all__ = [
    "QUOTES",
    "RATE_PER_S",
    "TRADER",
    "Ledger",
    "LedgerOrder",
    "VenueSetup",
    "address",
    "brisk",
    "via",
]

RATE_PER_S = 25.0
QUOTES = 24
"""A side at the beginning: a little more than a book of 20 levels shows."""
TIMEOUT_S = 1.0
TRADER = "trader"
BRISK = Timing(
    connect_ns=NS_PER_S,
    ping_interval_ns=NS_PER_S,
    pong_ns=NS_PER_S,
    reply_ns=NS_PER_S,
    retry_ns=NS_PER_S // 10,
    snapshot_ns=2 * NS_PER_S,
    resync_ns=NS_PER_S // 20,
    silence_ns=None,
)
FillKey = tuple[str, str]
"""Order and trade."""


@dataclass(slots=True)
class LedgerOrder:
    """An order as the venue has it."""

    order_id: str
    size: Decimal
    """As first sent: no two orders of a run share it."""
    status: OrderStatus
    """``OPEN`` whether or not some of it is filled."""
    market: str
    side: Side
    filled_size: Decimal = Decimal(0)
    filled_notional: Decimal = Decimal(0)


@dataclass(slots=True)
class Ledger:
    """Our account as the venue has it."""

    orders: dict[str, LedgerOrder] = field(default_factory=dict)
    fills: dict[FillKey, tuple[Decimal, Decimal]] = field(default_factory=dict)
    """Price and size."""
    others: dict[str, str] = field(default_factory=dict)
    """Orders of strangers that nothing at the venue tells from one of ours, which is the value."""

    def name_of(self, order_id: str) -> str:
        """Return the order's id, ours where nothing tells it from a stranger's."""
        return self.others.get(order_id, order_id)

    @property
    def open_orders(self) -> tuple[LedgerOrder, ...]:
        """Orders that rest at the venue, oldest first."""
        return tuple(order for order in self.orders.values() if order.status is OrderStatus.OPEN)

    def position(self, market: str) -> Decimal:
        """Return what our fills of a market add up to, base units: bought less sold."""
        signed = Decimal(0)
        for (order_id, _), (_, size) in self.fills.items():
            order = self.orders[order_id]
            if order.market == market:
                signed += size if order.side is Side.BUY else -size
        return signed

    def add_fill(self, order_id: str, trade_id: str, price: Decimal, size: Decimal) -> None:
        """Take one fill of one of our orders."""
        self.fills[order_id, trade_id] = price, size
        order = self.orders[order_id]
        order.filled_size += size
        order.filled_notional += price * size


class VenueSetup(Protocol):
    """One venue, or one product of it.

    Attributes:
        name: The product's.
        venue: Name of the sandbox venue that has it.
        market: Where the bot trades.
        tick: Of its prices.
        first_size: Of the first order; each next one is larger by ``size_step``.
        size_step: Lot size.
        window_s: How long a request of ours may still be accepted after we gave it up.
        has_size_only_amends: An amendment lowers what remains and leaves the price.
        book_options: Further arguments of ``watch_book``.
        ping_s: How often its client pings a stream by the protocol; 0 for never.
        connections: How many a book and the account's stream take.
        order_entries: Further arguments of ``send_order``, one for each way an order can take.
        lasting_faults: Faults after which nothing tells a client what is right, so that no schedule has them.
        absent_faults: Faults that this product's own streams and requests never see.
        misnumbering_faults: Faults besides the usual ones after which the venue's numbers of books prove nothing.
    """

    box: Sandbox
    name: str
    venue: str
    market: str
    tick: Decimal
    first_size: Decimal
    size_step: Decimal
    window_s: float
    has_size_only_amends: bool
    book_options: Mapping[str, Any]
    ping_s: float
    connections: int
    order_entries: Sequence[Mapping[str, Any]]
    lasting_faults: Collection[FaultKind]
    absent_faults: ClassVar[Collection[FaultKind]]
    misnumbering_faults: Collection[FaultKind]

    def open(
        self, seed: int, *, rate: float = RATE_PER_S, **where: Any
    ) -> AbstractAsyncContextManager[Sandbox]:
        """Run a sandbox of this venue as ``box``, with ``rate`` events of its own traffic a second.

        Args:
            seed: The sandbox's.
            rate: The sandbox's.
            where: ``now_ms`` and ``listen`` of ``tradewire.Sandbox``, for one in memory.
        """
        ...

    def secrets(self) -> tuple[str, ...]:
        """Return what no one may ever read."""
        ...

    def restart_ids(self) -> None:
        """Have clients of this process give orders the same ids again, as in the run before."""
        ...

    def target(self) -> tuple[str, int]:
        """Return host and port of the venue, the same for REST and streams."""
        ...

    def client(self, rest_port: int, stream_port: int, **options: Unpack[ClientOptions]) -> VenueClient:
        """Return a client that reaches the venue by these ports, ``brisk`` where ``options`` leave it open."""
        ...

    def stir(self, steps: int) -> None:
        """Play so many commands of the market's own traffic at once."""
        ...

    def account(self) -> dict[str, Any]:
        """Return our account in words that all venues share, see ``sandbox.venue.Venue.account``."""
        ...

    def ledger(self) -> Ledger:
        """Return our account as the venue has it."""
        ...

    def forgets(self, order: LedgerOrder) -> bool:
        """Tell whether the venue tells nobody any more how this order ended, so that its end can only be concluded."""
        ...

    def was_so(self, book: Any) -> bool:
        """Tell whether the venue's book was exactly this one at the moment the book names."""
        ...

    def is_so(self, book: Any) -> bool:
        """Tell whether the venue's book is exactly this one now."""
        ...

    def best_prices(self) -> tuple[Decimal, Decimal]:
        """Return the venue's best bid and ask now."""
        ...

    def watch_more(self, client: Any) -> Sequence[Any]:
        """Watch what only this product has."""
        ...

    def holds_otherwise(self, client: Any) -> str:
        """Say what the client believes of what only this product has, and the venue does not; empty if nothing."""
        ...


class NothingMore:
    """What a product without anything of its own says."""

    absent_faults: ClassVar[Collection[FaultKind]] = frozenset[FaultKind]()

    def watch_more(self, client: Any) -> Sequence[Any]:  # noqa: ARG002 - the contract's
        return ()

    def holds_otherwise(self, client: Any) -> str:  # noqa: ARG002 - the contract's
        return ""


def brisk(options: ClientOptions) -> ClientOptions:
    """Return ``options`` with the short patience of a test where they say nothing."""
    return {"timeout_s": TIMEOUT_S, "timing": BRISK, **options}


def address(url: str) -> tuple[str, int]:
    """Return host and port of a URL."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def via(url: str, port: int) -> str:
    """Return the URL with another port."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.hostname}:{port}").geturl()
