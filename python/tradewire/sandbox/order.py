"""The vocabulary of matching: orders, trades and what happens to them.

Knows no venue: names, codes and spellings belong to the venues.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tradewire.sandbox.exact import ZERO

__all__ = [
    "Accepted",
    "Amended",
    "Event",
    "FeeRates",
    "Finished",
    "Kind",
    "Order",
    "Reason",
    "Rested",
    "SelfTrade",
    "Side",
    "Trade",
    "Traded",
]


class Side(StrEnum):
    """Buy or sell."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> Side:
        """The side this one trades with."""
        return Side.SELL if self is Side.BUY else Side.BUY


class Kind(StrEnum):
    """How an order wants to trade; the time in force is part of it."""

    LIMIT = "limit"
    MARKET = "market"
    POST_ONLY = "post_only"
    IOC = "ioc"
    FOK = "fok"


class SelfTrade(StrEnum):
    """What to cancel when an order meets one of its own account; without a mode the two trade."""

    CANCEL_TAKER = "cancel_taker"
    CANCEL_MAKER = "cancel_maker"
    CANCEL_BOTH = "cancel_both"


class Reason(StrEnum):
    """Why an order is no longer live."""

    FILLED = "filled"
    CANCELLED = "cancelled"
    REMAINDER = "remainder"
    SELF_TRADE = "self_trade"


@dataclass(frozen=True, slots=True)
class FeeRates:
    """Fee per traded amount, by role."""

    maker: Decimal = ZERO
    taker: Decimal = ZERO
    hold: Decimal = ZERO
    """Rate at which fees are frozen beforehand, where a venue does so; at least the other two."""


@dataclass(slots=True, eq=False)
class Order:
    """One order and what became of it so far.

    ``quantity`` and ``remaining`` are in base units, or in quote units for a market order with ``in_quote``.
    ``held`` is what its account has frozen for it now: quote for a buy, base for a sale.
    """

    order_id: int
    account: str
    market: str
    side: Side
    kind: Kind
    quantity: Decimal
    price: Decimal | None = None
    in_quote: bool = False
    hidden: bool = False
    self_trade: SelfTrade | None = None
    client_id: str = ""
    rates: FeeRates = FeeRates()
    created_ms: int = 0
    updated_ms: int = 0
    remaining: Decimal = field(init=False)
    filled: Decimal = ZERO
    filled_value: Decimal = ZERO
    last_fill_price: Decimal = ZERO
    last_fill_quantity: Decimal = ZERO
    held: Decimal = ZERO
    base_fee: Decimal = ZERO
    quote_fee: Decimal = ZERO

    def __post_init__(self) -> None:
        self.remaining = self.quantity


@dataclass(slots=True, eq=False)
class Trade:
    """One execution at the resting order's price. Fees are written by whoever clears it."""

    trade_id: int
    market: str
    price: Decimal
    quantity: Decimal
    value: Decimal
    maker: Order
    taker: Order
    at_ms: int
    is_apart: bool = False
    """It happened outside of the book and is nobody else's business."""
    maker_fee: Decimal = ZERO
    taker_fee: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Accepted:
    """A new order passed its checks and is about to match."""

    order: Order


@dataclass(frozen=True, slots=True)
class Traded:
    """Two orders traded; both already carry the new quantities."""

    trade: Trade


@dataclass(frozen=True, slots=True)
class Amended:
    """An order carries a new price or quantity and is about to match again if it lost its place."""

    order: Order


@dataclass(frozen=True, slots=True)
class Rested:
    """An order, or what is left of it, took its place at the end of its price level."""

    order: Order


@dataclass(frozen=True, slots=True)
class Finished:
    """An order left for good."""

    order: Order
    reason: Reason


Event = Accepted | Traded | Amended | Rested | Finished
