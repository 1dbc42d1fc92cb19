"""The words of the common face: what a bot sees, the same for every venue.

Prices, sizes and amounts are ``decimal.Decimal``, exact as the venue wrote them. Times are ``int``
nanoseconds UTC (``_ns``). Nothing here knows a venue's spelling; a venue's ``parse`` room builds these.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

import msgspec

__all__ = [
    "Balance",
    "BestQuote",
    "BookSnapshot",
    "Fill",
    "Level",
    "Liquidity",
    "Market",
    "Order",
    "OrderStatus",
    "OrderType",
    "Page",
    "Position",
    "Side",
    "StpMode",
    "Ticker",
    "TimeInForce",
    "Trade",
]


class Side(StrEnum):
    """Side of an order, or of the taker in a trade."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How an order is priced."""

    LIMIT = "limit"
    MARKET = "market"


class TimeInForce(StrEnum):
    """How long an order lives."""

    GTC = "gtc"
    """Good till cancelled."""

    IOC = "ioc"
    """Immediate or cancel: what does not fill at once is cancelled."""

    FOK = "fok"
    """Fill or kill: all at once or nothing."""


class StpMode(StrEnum):
    """Self-trade prevention: which of one's own two orders gives way."""

    CANCEL_TAKER = "cancel_taker"
    CANCEL_MAKER = "cancel_maker"
    CANCEL_BOTH = "cancel_both"


class Liquidity(StrEnum):
    """One's part in a trade."""

    MAKER = "maker"
    TAKER = "taker"


class OrderStatus(StrEnum):
    """Life cycle of an order."""

    PENDING = "pending"
    """Sent, not yet confirmed by the venue."""

    OPEN = "open"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    """Finished before it was filled; ``filled_size`` tells how much was."""

    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """Sent, and no proof of its fate: ask the venue."""

    @property
    def is_final(self) -> bool:
        """Nothing can happen to the order any more."""
        return self in _FINAL


_FINAL = frozenset({OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED})


class Level(NamedTuple):
    """One price level."""

    price: Decimal
    size: Decimal


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """A market and its rules."""

    symbol: str
    base: str
    quote: str
    tick_size: Decimal
    """Prices are multiples of this."""
    lot_size: Decimal
    """Sizes are multiples of this."""
    min_size: Decimal
    maker_fee_rate: Decimal | None = None
    taker_fee_rate: Decimal | None = None
    is_tradable: bool = True
    status: str = ""
    """The venue's own word."""


class Ticker(msgspec.Struct, frozen=True, kw_only=True):
    """A market's last 24 hours."""

    market: str
    last: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    """Base units traded."""
    quote_volume: Decimal
    """Quote units traded."""


class BestQuote(msgspec.Struct, frozen=True, kw_only=True):
    """Best bid and best ask; ``None`` where a side is empty."""

    market: str
    bid: Level | None
    ask: Level | None
    time_ns: int


class BookSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A book at one moment, best levels first."""

    market: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    time_ns: int
    last: Decimal | None = None
    checksum: int | None = None


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """A public trade."""

    trade_id: str
    market: str
    side: Side | None
    """The taker's side; ``None`` where the venue does not tell and it cannot be concluded."""
    price: Decimal
    size: Decimal
    time_ns: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the venue described it at one moment. ``session.orders.LiveOrder`` follows one through time."""

    order_id: str
    """The venue's id."""
    client_order_id: str
    """Our own id, as the venue has it; empty where there is none."""
    market: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    post_only: bool
    price: Decimal | None
    """``None`` for market orders."""
    size: Decimal
    filled_size: Decimal
    filled_notional: Decimal
    """Quote units traded, so ``filled_notional / filled`` is the average price."""
    status: OrderStatus
    created_at_ns: int
    """The venue's time, UTC."""
    updated_at_ns: int
    size_asset: str = ""
    """Asset ``size`` is counted in, where the venue lets a market order name it; else the base."""
    reason: str = ""
    """Why it was refused or cancelled, where the venue tells."""

    @property
    def remaining(self) -> Decimal:
        """Size not yet filled."""
        return self.size - self.filled_size


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One of our trades."""

    trade_id: str
    """The venue's; both sides of a trade may share it, so a fill is known by order and trade together."""
    order_id: str
    """The venue's id of our order."""
    client_order_id: str
    """Our own id of it; empty where the venue does not tell and it cannot be concluded."""
    market: str
    side: Side | None
    """``None`` where the venue does not tell and it cannot be concluded."""
    price: Decimal
    """Quote units per base unit."""
    size: Decimal
    """Base units."""
    liquidity: Liquidity | None
    """``None`` where the venue does not tell."""
    fee: Decimal | None
    """Units of ``fee_asset``, below zero for a rebate; ``None`` where the venue does not tell."""
    fee_asset: str
    time_ns: int
    """The venue's time, UTC."""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """A position in a market that settles in profit and loss instead of assets."""

    market: str
    size: Decimal
    """Above zero when long, below when short."""
    average_price: Decimal | None
    """As the venue rounds it; ``None`` when flat."""
    realized_pnl: Decimal
    """What closing parts of it has brought so far."""
    updated_at_ns: int
    """The venue's time of the last fill, UTC."""

    def unrealized_pnl(self, mark: Decimal | int) -> Decimal:
        """Return what closing at ``mark`` would add to ``realized_pnl``."""
        return Decimal(0) if self.average_price is None else (mark - self.average_price) * self.size


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """One asset of an account."""

    asset: str
    available: Decimal
    locked: Decimal
    """Held by open orders, transfers or withdrawals."""

    @property
    def total(self) -> Decimal:
        """Available and locked together."""
        return self.available + self.locked


ItemT = TypeVar("ItemT")


class Page(NamedTuple, Generic[ItemT]):
    """One page of a list."""

    items: tuple[ItemT, ...]
    has_next: bool
    total: int | None = None
    """Items on all pages together, where the venue tells."""
    next_cursor: str = ""
    """What the next page is asked for with, where the venue gives that."""
