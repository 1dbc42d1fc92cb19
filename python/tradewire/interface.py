"""The common interface: what every venue's client offers under the same names, so that a bot changes venue in one line.

A venue adds methods and arguments of its own; what it cannot do raises ``NotSupported`` naming its own way, and
``capabilities`` says so beforehand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from tradewire.book import Book, BookEvent
from tradewire.description import Capabilities
from tradewire.model import (
    Balance,
    BookSnapshot,
    Candle,
    CandleInterval,
    Fill,
    Market,
    Order,
    OrderType,
    Page,
    Side,
    Ticker,
    TimeInForce,
    Trade,
)
from tradewire.protocol.arguments import Exact
from tradewire.protocol.events import Event
from tradewire.session.journalling import Reconciliation
from tradewire.session.lifetime import ClientOptions
from tradewire.session.live_order import LiveOrder
from tradewire.session.metrics import StreamMetrics
from tradewire.session.subscription import Subscription
from tradewire.session.watched_book import BookSubscription

__all__ = ["Capabilities", "ClientOptions", "OrderSender", "VenueClient", "VenueClientClass"]


class OrderSender(Protocol):
    """Sends orders of one kind: what does not change between two of them was checked once."""

    def send(
        self, size: Exact, price: Exact | None = None, *, client_order_id: str | None = None
    ) -> LiveOrder:
        """Place one order without waiting; arguments and errors as ``send_order``."""
        ...


class VenueClient(Protocol):
    """A venue's client as a bot sees it. Every method is documented where a venue implements it."""

    capabilities: Capabilities

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
    async def close(self) -> None:
        """Close every connection and leave no task behind."""
        ...

    async def reconcile(self, *, cancel: bool = False) -> Reconciliation:
        """Ask what became of the orders that an earlier run left in the journal, and ``cancel`` them."""
        ...

    @property
    def reconciliation(self) -> Reconciliation | None:
        """What was found of the orders of an earlier run."""
        ...

    async def request(
        self,
        verb: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        group: str = "",
        is_signed: bool = True,
    ) -> Any:
        """Send what has no method here, signed and limited like everything else; return the JSON of the reply."""
        ...

    async def time(self) -> int:
        """Return the venue's time, nanoseconds UTC."""
        ...

    async def markets(self) -> tuple[Market, ...]:
        """Return every market and its rules."""
        ...

    async def load_markets(self) -> tuple[Market, ...]:
        """Return every market and its rules, and keep what later requests need of them."""
        ...

    async def ticker(self, market: str) -> Ticker:
        """Return a market's last 24 hours."""
        ...

    async def book(self, market: str, *, depth: int = ...) -> BookSnapshot:
        """Return the top of a book, once."""
        ...

    async def trades(self, market: str, *, limit: int = ...) -> tuple[Trade, ...]:
        """Return the latest public trades, newest first."""
        ...

    def candles(
        self, market: str, interval: CandleInterval | str, start_ns: int, end_ns: int | None = None
    ) -> AsyncIterator[Candle]:
        """Yield the candles that begin from ``start_ns`` on and before ``end_ns`` or now, oldest first, each once."""
        ...

    async def place_order(
        self,
        market: str,
        side: Side | str,
        size: Exact,
        price: Exact | None = None,
        *,
        type: OrderType | str = ...,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = ...,
        post_only: bool = False,
        client_order_id: str | None = None,
    ) -> Order:
        """Place one order and return it as the venue accepted it."""
        ...

    def send_order(
        self,
        market: str,
        side: Side | str,
        size: Exact,
        price: Exact | None = None,
        *,
        type: OrderType | str = ...,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = ...,
        post_only: bool = False,
        client_order_id: str | None = None,
    ) -> LiveOrder:
        """Place one order without waiting; what is returned follows its fate."""
        ...

    def prepare_order(
        self,
        market: str,
        side: Side | str,
        *,
        type: OrderType | str = ...,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = ...,
        post_only: bool = False,
    ) -> OrderSender:
        """Return what sends orders that differ in size, price and client order id only, at less cost."""
        ...

    async def amend_order(
        self, market: str, order_id: str, *, price: Exact | None = None, size: Exact | None = None
    ) -> Order:
        """Change price or size of an open order."""
        ...

    async def cancel_order(self, market: str, order_id: str) -> Order:
        """Cancel one order."""
        ...

    @property
    def stream_metrics(self) -> StreamMetrics:
        """Counters of the streams since the client was opened."""
        ...

    @property
    def live_orders(self) -> tuple[LiveOrder, ...]:
        """Orders that are not final, as far as this client has heard of them."""
        ...

    async def cancel_all(self, market: str | None = None) -> None:
        """Cancel every open order of a market, or of all markets; raise ``CancelAllFailed`` for those that are left."""
        ...

    async def order(self, market: str, order_id: str) -> Order:
        """Return one order."""
        ...

    async def open_orders(self, market: str | None = None) -> tuple[Order, ...]:
        """Return every open order."""
        ...

    async def fills(self, market: str, *, start_ns: int | None = None, page: int = 1) -> Page[Fill]:
        """Return a page of our trades, newest first."""
        ...

    async def balances(self) -> tuple[Balance, ...]:
        """Return the account's assets."""
        ...

    def watch_book(
        self, market: str, *, depth: int = ..., on_update: Callable[[BookEvent], None] | None = None
    ) -> BookSubscription[Any, Book]:
        """Keep a live book, which is the subscription's ``book``."""
        ...

    def watch_trades(
        self, market: str = "", *, on_update: Callable[[Trade], None] | None = None
    ) -> Subscription[Trade]:
        """Watch public trades."""
        ...

    def watch_orders(
        self, market: str = "", *, on_update: Callable[[Order], None] | None = None
    ) -> Subscription[Order]:
        """Watch our orders."""
        ...

    def watch_fills(
        self, market: str = "", *, on_update: Callable[[Fill], None] | None = None
    ) -> Subscription[Fill]:
        """Watch our trades."""
        ...

    def watch_balances(
        self, asset: str = "", *, on_update: Callable[[Balance], None] | None = None
    ) -> Subscription[Balance]:
        """Watch the account's assets."""
        ...

    def watch_events(self, on_update: Callable[[Event], None] | None = None) -> Subscription[Event]:
        """Watch what the connection tells about itself."""
        ...


class VenueClientClass(Protocol):
    """The class of a ``VenueClient``: made without arguments, for public data of the live venue, or for a sandbox."""

    capabilities: Capabilities

    def __call__(self) -> VenueClient:
        """Return a client without credentials."""
        ...

    def from_env(self, **options: Any) -> VenueClient:
        """Return a client of the live venue with the credentials of the process environment."""
        ...

    def for_sandbox(self, box: Any, /, **options: Any) -> VenueClient:
        """Return a client of a sandbox's venue, with the keys of its default trader."""
        ...
