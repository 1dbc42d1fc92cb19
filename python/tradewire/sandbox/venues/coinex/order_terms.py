"""What a new order says of itself, and in which words the venue refuses one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from tradewire.sandbox.engine import CannotFill, NoLiquidity, Refused, TooSmall, UnknownOrder, WouldTake
from tradewire.sandbox.ledger import Shortfall
from tradewire.sandbox.order import Kind, Side
from tradewire.sandbox.routing import Reader, struct
from tradewire.sandbox.venues.coinex.codes import Code, Refusal, invalid, unreadable
from tradewire.sandbox.venues.coinex.core import (
    BelowMinimum,
    MarketClosed,
    NotIsolated,
    PositionTooLarge,
    TooLittleMargin,
    WouldFire,
)
from tradewire.sandbox.venues.coinex.fields import (
    KINDS,
    ClientId,
    Flag,
    Market,
    Number,
    OneSide,
    OrderKind,
    SelfTradeMode,
    Text,
    one_of,
)
from tradewire.sandbox.venues.coinex.markets import MarketRules

__all__ = [
    "KIND_WORDS",
    "ORDER_TERMS",
    "SPOT_TERMS",
    "OrderTerms",
    "SpotTerms",
    "executed",
    "refusal_of",
    "require_minimum",
]

DoneT = TypeVar("DoneT")
KIND_WORDS = {kind: word for word, kind in KINDS.items()}
REFUSALS: dict[type[Exception], tuple[Code, str]] = {
    WouldTake: (Code.WOULD_TAKE, "Order cancelled: a maker_only order would take"),
    CannotFill: (Code.CANNOT_FILL, "Order cancelled: it cannot be filled completely"),
    NoLiquidity: (Code.NO_DEPTH, "Not enough depth: market orders are off for now"),
    UnknownOrder: (Code.ORDER_NOT_FOUND, "Order not found"),
    TooSmall: (Code.INVALID_PARAMETER, "Invalid Parameter: amount must be above the filled amount"),
    Shortfall: (Code.BALANCE_NOT_ENOUGH, "Balance not enough"),
    MarketClosed: (Code.MARKET_CLOSED, "Trading is closed in {0.name}"),
    PositionTooLarge: (
        Code.INVALID_PARAMETER,
        "Invalid Parameter: the position would be larger than its leverage allows",
    ),
    NotIsolated: (Code.INVALID_PARAMETER, "Invalid Parameter: the position is not isolated"),
    TooLittleMargin: (Code.INVALID_PARAMETER, "Invalid Parameter: too little margin would be left"),
    WouldFire: (Code.INVALID_PARAMETER, "Invalid Parameter: the price is reached already"),
    BelowMinimum: (Code.BELOW_MINIMUM, "The amount is below the minimum of {0.min_amount} {0.base}"),
}


def refusal_of(error: Refused | Shortfall, market: MarketRules) -> Refusal:
    """Return what the venue says."""
    code, text = REFUSALS[type(error)]
    return Refusal(code, text.format(market))


def executed(market: MarketRules, command: Callable[[], DoneT]) -> DoneT:
    """Return what ``command`` does, or raise what the venue says."""
    try:
        return command()
    except (Refused, Shortfall) as error:
        raise refusal_of(error, market) from None


def require_minimum(size: Decimal, market: MarketRules) -> None:
    """Refuse a size in base units that is below the market's minimum."""
    if size < market.min_amount:
        raise refusal_of(BelowMinimum(), market)


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """A new order, as orders and stop orders of perpetuals say it."""

    market: Market
    side: OneSide
    type_: OrderKind
    amount: Number
    price: Number | None = None
    client_id: ClientId = ""
    is_hide: Flag = False
    stp_mode: SelfTradeMode | None = None

    @property
    def quantity(self) -> Decimal:
        """Return the amount."""
        return self.amount.of(self.market.base_places)

    @property
    def limit(self) -> Decimal | None:
        """Return the price; market orders have none."""
        if self.type_ is Kind.MARKET:
            return None
        if self.price is None:
            raise unreadable("price is required")
        return self.price.of(self.market.quote_places)


@dataclass(frozen=True, slots=True)
class SpotTerms(OrderTerms):
    """A new order of a spot market, which may count its amount in quote units."""

    ccy: Text = ""

    @property
    def is_in_quote(self) -> bool:
        """The amount counts quote units."""
        if not self.ccy:
            return self.type_ is Kind.MARKET and self.side is Side.BUY
        chosen = one_of("ccy", self.ccy, (self.market.base, self.market.quote))
        if chosen == self.market.quote and self.type_ is not Kind.MARKET:
            raise invalid("ccy can be the quote currency for market orders only")
        return chosen == self.market.quote

    @property
    def quantity(self) -> Decimal:
        """Return the amount."""
        return self.amount.of(self.market.quote_places if self.is_in_quote else self.market.base_places)


ORDER_TERMS: Reader = struct(OrderTerms)
SPOT_TERMS: Reader = struct(SpotTerms)
