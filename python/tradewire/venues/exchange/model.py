"""What only Exchange has: executions without sides, profiles, rankings, the operator's view.

Prices and sizes are whole numbers on this venue and ``int`` here; the common interface has them as ``Decimal``.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from tradewire.errors import UnreadableRow
from tradewire.model import Position, unreadable_rows
from tradewire.signing import Token

__all__ = [
    "AdminState",
    "Controls",
    "Execution",
    "Health",
    "LeaderboardRow",
    "LoadedConfig",
    "Message",
    "MessageLevel",
    "OrderEntry",
    "Portfolio",
    "Profile",
    "Reset",
    "Settlement",
    "VenueMarket",
]


class OrderEntry(StrEnum):
    """The way an order takes to the venue."""

    REST = "rest"
    WS = "ws"


class MessageLevel(StrEnum):
    """How loud a message of the operator is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A trader."""

    trader_id: str
    username: str
    api_key: Token | None
    """What ``Exchange`` is opened with; not shown, copied or pickled. ``None`` where the latest generation keeps it."""
    created_at_ns: int
    role: str = ""
    """Later generations only."""


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """A fill as the venue tells it: one of the two orders is ours, or both are."""

    fill_id: str
    market: str
    maker_order_id: str
    taker_order_id: str
    price: int
    size: int
    time_ns: int


class Portfolio(msgspec.Struct, frozen=True, kw_only=True):
    """All positions of a trader."""

    trader_id: str
    position_limit: int | None
    """``None`` where there is none (later generations)."""
    positions: tuple[Position, ...]

    @property
    def unreadable(self) -> tuple[UnreadableRow, ...]:
        """Positions that could not be read, see ``Rows``."""
        return unreadable_rows(self.positions)


class LeaderboardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One trader's place."""

    rank: int
    trader_id: str
    username: str
    net_pnl: int
    realized_pnl: int
    unrealized_pnl: int
    gross_exposure: int


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the venue is."""

    is_ok: bool
    now_ns: int
    backend: str
    mode: str
    """``disabled``, ``ok``, ``backpressured``, ``retrying`` or ``stopped``."""
    last_error: str | None


class VenueMarket(msgspec.Struct, frozen=True, kw_only=True):
    """A market's whole definition."""

    market: str
    display_name: str
    base: str
    quote: str
    tick_size: int
    min_size: int
    reference_price: int | None
    settlement_price: int | None
    status: str
    created_at_ns: int
    updated_at_ns: int


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A word of the operator to one trader or to all."""

    message_id: str
    level: MessageLevel
    title: str | None
    body: str
    market: str | None
    target_username: str | None
    target_trader_id: str | None
    created_at_ns: int


class Controls(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's switches."""

    is_trading: bool
    updated_at_ns: int


class AdminState(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's view."""

    controls: Controls
    markets: tuple[VenueMarket, ...]
    recent_messages: tuple[Message, ...]
    """Newest first, at most 50."""
    backend: str
    mode: str
    last_error: str | None


class LoadedConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What loading a configuration left."""

    controls: Controls
    markets: tuple[VenueMarket, ...]


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What settling a market did."""

    market: VenueMarket
    cancelled_orders: int
    affected_traders: int
    settled_size: int
    settlement_price: int


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """What a reset erased."""

    orders: int
    positions: int
    fills: int
