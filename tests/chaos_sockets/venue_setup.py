"""The three venues as the campaign sees them: how to open one, reach it through proxies, and what it says is so.

What is so comes from the sandbox itself, never from a client.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import urlsplit

import tradewire
from tradewire import CoinExOptions, ExchangeOptions, TrueXOptions
from tradewire._native import Level2Book, Level3Book
from tradewire.interface import VenueClient
from tradewire.model import OrderStatus
from tradewire.protocol.timing import NS_PER_S, Timing
from tradewire.sandbox import Sandbox
from tradewire.sandbox.order import Accepted, Order
from tradewire.venues.coinex import hosts as coinex_hosts
from tradewire.venues.exchange import hosts as exchange_hosts
from tradewire.venues.truex import hosts as truex_hosts

__all__ = ["SETUPS", "Ledger", "LedgerOrder", "VenueSetup"]

RATE_PER_S = 25.0
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
ErrorSink = Callable[[Exception], None]
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

    def add_fill(self, order_id: str, trade_id: str, price: Decimal, size: Decimal) -> None:
        """Take one fill of one of our orders."""
        self.fills[order_id, trade_id] = price, size
        order = self.orders[order_id]
        order.filled_size += size
        order.filled_notional += price * size


class VenueSetup(Protocol):
    """One venue.

    Attributes:
        name: The venue's.
        market: Where the bot trades.
        tick: Of its prices.
        first_size: Of the first order; each next one is larger by ``size_step``.
        size_step: Lot size.
        window_s: How long a request of ours may still be accepted after we gave it up.
        has_size_only_amends: An amendment lowers what remains and leaves the price.
        book_options: Further arguments of ``watch_book``.
        connections: How many a book and the account's stream take.
        order_entries: Further arguments of ``send_order``, one for each way an order can take.
    """

    box: Sandbox
    name: str
    market: str
    tick: Decimal
    first_size: Decimal
    size_step: Decimal
    window_s: float
    has_size_only_amends: bool
    book_options: Mapping[str, Any]
    connections: int
    order_entries: Sequence[Mapping[str, Any]]

    def open(self, seed: int, *, rate: float = RATE_PER_S) -> AbstractAsyncContextManager[Sandbox]:
        """Run a sandbox of this venue as ``box``, with ``rate`` events of its own traffic a second."""
        ...

    def target(self) -> tuple[str, int]:
        """Return host and port of the venue, the same for REST and streams."""
        ...

    def client(self, rest_port: int, stream_port: int, on_error: ErrorSink) -> VenueClient:
        """Return a client that reaches the venue by these ports."""
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


class CoinExSetup:
    """CoinEx spot."""

    name = "coinex"
    market = "BTCUSDT"
    tick = Decimal("0.01")
    first_size = Decimal("0.00100")
    size_step = Decimal("0.00001")
    window_s = 6.0
    has_size_only_amends = False
    depth = 20
    book_options: Mapping[str, Any] = {"depth": depth}
    connections = 1
    order_entries: Sequence[Mapping[str, Any]] = ({},)

    def __init__(self) -> None:
        self._accepted: dict[str, Order] = {}

    @asynccontextmanager
    async def open(self, seed: int, *, rate: float = RATE_PER_S) -> AsyncIterator[Sandbox]:
        options = CoinExOptions(markets=(self.market,), push_ms=100)
        async with Sandbox([self.name], seed=seed, rate=rate, coinex=options) as self.box:
            self.box.coinex.core.listen(self._note, lambda market, now_ms: None)
            yield self.box

    def _note(self, event: object) -> None:
        # The venue forgets orders that were cancelled without a fill.
        if isinstance(event, Accepted) and event.order.account == TRADER:
            self._accepted[str(event.order.order_id)] = event.order

    def target(self) -> tuple[str, int]:
        return _address(self.box.coinex.rest_url)

    def client(self, rest_port: int, stream_port: int, on_error: ErrorSink) -> VenueClient:
        venue = self.box.coinex
        return tradewire.CoinEx(
            tradewire.Credentials(venue.access_id, venue.secret),
            environment=coinex_hosts.local(
                _via(venue.rest_url, rest_port), _via(venue.ws_spot_url, stream_port)
            ),
            timeout_s=TIMEOUT_S,
            timing=BRISK,
            on_error=on_error,
        )

    def ledger(self) -> Ledger:
        told, found = self.box.coinex.ledger_of(self.box.coinex.access_id), Ledger()
        live = {str(row["order_id"]) for row in told["orders"] if row["status"] in {"open", "part_filled"}}
        for order_id, order in self._accepted.items():
            ended = OrderStatus.CANCELLED if order.remaining else OrderStatus.FILLED
            status = OrderStatus.OPEN if order_id in live else ended
            found.orders[order_id] = LedgerOrder(order_id, order.quantity, status)
        for row in told["deals"]:
            found.add_fill(
                str(row["order_id"]), str(row["deal_id"]), Decimal(row["price"]), Decimal(row["amount"])
            )
        return found

    def forgets(self, order: LedgerOrder) -> bool:
        return order.status is OrderStatus.CANCELLED and not order.filled_size

    def was_so(self, book: Level2Book) -> bool:
        marks = {"updated_at": book.updated_at_ms, "checksum": book.checksum & 0xFFFFFFFF}
        pushed = self.box.coinex.pushed_book(self.market, self.depth, "0", **marks)
        return pushed is not None and _texts(book) == (pushed["bids"], pushed["asks"])

    def is_so(self, book: Level2Book) -> bool:
        now = self.box.coinex.book(self.market, self.depth)
        return _texts(book) == (now["bids"], now["asks"])


class ExchangeSetup:
    """Exchange, order by order."""

    name = "exchange"
    market = "ABC-USD"
    tick = Decimal(1)
    first_size = Decimal(3)
    size_step = Decimal(1)
    window_s = 10.0
    has_size_only_amends = True
    book_options: Mapping[str, Any] = {}
    connections = 2
    order_entries: Sequence[Mapping[str, Any]] = ({"order_entry": "rest"}, {"order_entry": "ws"})
    statuses: Mapping[str, OrderStatus] = {
        "open": OrderStatus.OPEN,
        "filled": OrderStatus.FILLED,
        "canceled": OrderStatus.CANCELLED,
    }

    @asynccontextmanager
    async def open(self, seed: int, *, rate: float = RATE_PER_S) -> AsyncIterator[Sandbox]:
        options = ExchangeOptions(per_user_requests_per_second=10_000)
        async with Sandbox([self.name], seed=seed, rate=rate, exchange=options) as self.box:
            yield self.box

    def target(self) -> tuple[str, int]:
        return _address(self.box.exchange.rest_url)

    def client(self, rest_port: int, stream_port: int, on_error: ErrorSink) -> VenueClient:
        venue = self.box.exchange
        return tradewire.Exchange(
            tradewire.Token(venue.api_key),
            environment=exchange_hosts.local(
                _via(venue.rest_url, rest_port), _via(venue.ws_url, stream_port)
            ),
            timeout_s=TIMEOUT_S,
            timing=BRISK,
            on_error=on_error,
        )

    def ledger(self) -> Ledger:
        told, found = self.box.exchange.ledger_of(self.box.exchange.api_key), Ledger()
        placed = {row["id"]: (row["quantity"], row["price"]) for row in told["orders"]}
        for row in told["orders"]:
            found.orders[row["id"]] = LedgerOrder(
                row["id"], Decimal(row["quantity"]), self.statuses[row["status"]]
            )
        for row in told["fills"]:
            ids = {row["maker_order_id"], row["taker_order_id"]}
            for order_id in ids & found.orders.keys():
                found.add_fill(order_id, row["fill_id"], Decimal(row["price"]), Decimal(row["quantity"]))
                # Executions name both orders and no side: of a single one at the order's own price either fits.
                if (row["quantity"], row["price"]) == placed[order_id]:
                    found.others |= dict.fromkeys(ids - found.orders.keys(), order_id)
        return found

    def forgets(self, order: LedgerOrder) -> bool:
        # It lists open orders and fills: what was filled whole is certain, how the others ended is not.
        return order.status is not OrderStatus.OPEN and order.filled_size < order.size

    def was_so(self, book: Level3Book) -> bool:
        return _orders(book) == _told_orders(self.box.exchange.book_at(self.market, book.sequence))

    def is_so(self, book: Level3Book) -> bool:
        now = self.box.exchange.core.events.sequences[self.market]
        return book.sequence == now and self.was_so(book)


class TrueXSetup:
    """TrueX."""

    name = "truex"
    market = "BTC-PYUSD"
    tick = Decimal("0.1")
    first_size = Decimal("0.0010")
    size_step = Decimal("0.0001")
    window_s = 16.0
    has_size_only_amends = False
    book_options: Mapping[str, Any] = {}
    connections = 1
    order_entries: Sequence[Mapping[str, Any]] = ({},)
    ends: Mapping[str, OrderStatus] = {
        "FILLED": OrderStatus.FILLED,
        "CANCELED": OrderStatus.CANCELLED,
        "REJECTED": OrderStatus.REJECTED,
    }

    @asynccontextmanager
    async def open(self, seed: int, *, rate: float = RATE_PER_S) -> AsyncIterator[Sandbox]:
        options = TrueXOptions(instruments=(self.market,), max_open_orders=1000)
        async with Sandbox([self.name], seed=seed, rate=rate, truex=options) as self.box:
            yield self.box

    def target(self) -> tuple[str, int]:
        return _address(self.box.truex.rest_url)

    def client(self, rest_port: int, stream_port: int, on_error: ErrorSink) -> VenueClient:
        venue = self.box.truex
        return tradewire.TrueX(
            tradewire.Credentials(venue.key_id, venue.secret),
            account_id=venue.client_id,
            organization_id=venue.organization_id,
            environment=truex_hosts.local(
                _via(venue.rest_url, rest_port), _via(venue.ws_url, stream_port), venue.auth_url
            ),
            rates_per_s={"orders": 100.0, "account": 100.0, "public": 100.0},
            timeout_s=TIMEOUT_S,
            timing=BRISK,
            on_error=on_error,
        )

    def ledger(self) -> Ledger:
        told, found = self.box.truex.ledger_of(self.box.truex.client_id), Ledger()
        for row in told["orders"]:
            size, status = Decimal(row["order_info"]["qty"]), self.ends.get(row["status"], OrderStatus.OPEN)
            found.orders[row["id"]] = LedgerOrder(row["id"], size, status)
        for row in told["trades"]:
            price, size = Decimal(row["trade_price"]), Decimal(row["trade_qty"])
            found.add_fill(row["order_id"], row["match_id"], price, size)
        return found

    def forgets(self, order: LedgerOrder) -> bool:
        return False

    def was_so(self, book: Level2Book) -> bool:
        levels = _counted_levels(book)
        text = ":".join(part for side in levels for level in side for part in level)
        told = self.box.truex.book(self.market, zlib.crc32(text.encode()))
        return told is not None and _exact(levels) == _exact((told["bids"], told["asks"]))

    def is_so(self, book: Level2Book) -> bool:
        now = self.box.truex.book(self.market)
        return now is not None and _exact(_counted_levels(book)) == _exact((now["bids"], now["asks"]))


SETUPS: dict[str, Callable[[], VenueSetup]] = {
    "coinex": CoinExSetup,
    "exchange": ExchangeSetup,
    "truex": TrueXSetup,
}
"""What makes each venue, by name."""


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def _via(url: str, port: int) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.hostname}:{port}").geturl()


def _texts(book: Level2Book) -> tuple[list[list[str]], list[list[str]]]:
    bids, asks = book.texts()
    return [list(level) for level in bids], [list(level) for level in asks]


def _orders(book: Level3Book) -> dict[str, list[tuple[str, int, int]]]:
    return {"bids": book.orders("buy"), "asks": book.orders("sell")}


def _told_orders(told: dict[str, Any] | None) -> dict[str, list[tuple[str, int, int]]] | None:
    if told is None:
        return None
    return {side: [(order[0], order[1], order[2]) for order in told[side]] for side in ("bids", "asks")}


def _counted_levels(book: Level2Book) -> tuple[list[list[str]], list[list[str]]]:
    def side_of(side: str) -> list[list[str]]:
        return [[_plain(price), _plain(size), str(orders)] for price, size, orders in book.levels(side)]

    return side_of("buy"), side_of("sell")


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _exact(sides: tuple[list[list[str]], list[list[str]]]) -> list[list[list[Decimal]]]:
    return [[[Decimal(part) for part in level] for level in side] for side in sides]
