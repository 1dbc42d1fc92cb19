"""What only CoinEx has, in the words of the common interface; what only futures have is in ``futures.model``."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tradewire.model import AccountKind, Candle, OrderType, Received, Side, TimeInForce

__all__ = [
    "CoinExCandle",
    "IndexPrice",
    "IndexSource",
    "StopOrder",
    "StopStatus",
    "TriggerDirection",
    "TriggerPrice",
]


class TriggerPrice(StrEnum):
    """Which price is watched."""

    LATEST = "latest_price"
    MARK = "mark_price"
    INDEX = "index_price"


class CoinExCandle(Candle, frozen=True, kw_only=True):
    """A candle with the venue's own sums beside ours.

    Two captures of 2024 have base units in ``value`` and quote units in ``volume``, the pages say the opposite. Which
    is which follows from the prices where the two differ enough: ``volume`` and ``quote_volume`` go by that, and by the
    pages where it does not.
    """

    venue_volume: Decimal
    """``volume`` as it came."""
    venue_value: Decimal
    """``value`` as it came."""


class IndexSource(Struct, frozen=True):
    """One source of an index price."""

    name: str
    """The venue's name of it."""
    weight: Decimal
    """Its part of the whole, 0 to 1."""
    price: Decimal | None
    """``None`` where it has none now."""
    time_ns: int
    """The venue's time of it, UTC; 0 where it does not tell."""


class IndexPrice(Struct, frozen=True, kw_only=True):
    """What a market is worth elsewhere."""

    market: str
    """The market, in the venue's spelling."""
    price: Decimal
    """Quote units per base unit."""
    mark_price: Decimal | None = None
    """The price positions are valued at; pushes of futures only."""
    time_ns: int = 0
    """The venue's time, UTC; 0 for pushes, which have none."""
    sources: tuple[IndexSource, ...] = ()
    """What it is made of; pushes do not tell."""


class TriggerDirection(StrEnum):
    """From which side the price has to come."""

    HIGHER = "higher"
    LOWER = "lower"


class StopStatus(StrEnum):
    """What became of a stop order."""

    WAITING = "waiting"
    FIRED = "fired"
    """Its price came. Lists over REST do not tell whether the venue then took the order."""
    PLACED = "placed"
    """Its price came, and the venue took the order."""
    FAILED = "failed"
    """Its price came, and the venue did not take the order, for want of money for instance."""
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Nothing can happen to it any more."""
        return self is not StopStatus.WAITING


class StopOrder(Received, frozen=True, kw_only=True):
    """An order that the venue places once a price is reached. It holds no money before, and may fail for want of it."""

    stop_id: str
    """The venue's id; a changed stop order has another one."""
    client_order_id: str
    """Our own id, which the order that it becomes has as well."""
    market: str
    """The market, in the venue's spelling."""
    account: AccountKind
    """Which of the holder's accounts it is about."""
    side: Side
    """``buy`` or ``sell``."""
    type: OrderType | None
    """``None`` where the venue's word is new to us; ``venue_type`` has it."""
    time_in_force: TimeInForce | None
    """How long the order lives that it will send."""
    post_only: bool
    """It only makes: it never takes liquidity."""
    price: Decimal | None
    """``None`` for market orders."""
    size: Decimal
    """Units of ``size_asset``."""
    trigger_price: Decimal
    """At it the order is sent, quote units per base unit."""
    trigger_price_type: TriggerPrice | None
    """Which price has to reach it; ``None`` where the venue does not tell, as pushes of spot do not."""
    direction: TriggerDirection | None
    """``None`` where the venue does not tell."""
    status: StopStatus
    """Where it is in its life."""
    size_asset: str = ""
    """Asset ``size`` is counted in; empty where the venue does not tell."""
    created_at_ns: int = 0
    """The venue's time, UTC; 0 where it does not tell."""
    updated_at_ns: int = 0
    """The venue's time, UTC; 0 where it does not tell."""
    venue_type: str = ""
    """The venue's own word for type and time in force."""
    venue_status: str = ""
    """The venue's own word for the status, where it has one."""
