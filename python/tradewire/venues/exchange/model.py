"""What only Exchange has: executions without sides, profiles, rankings, the operator's view.

Prices and sizes are whole numbers on this venue and ``int`` here; the common interface has them as ``Decimal``. Most of
these are read as they are, by the names of the wire where those differ.

Source: the project's ``state.rs``, ``rest.rs`` and ``admin.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import field

from tradewire.errors import UnreadableRow
from tradewire.model import Position, unreadable_rows
from tradewire.venues.exchange.shapes import ApiKey, TimeNs
from tradewire.wire import Flag, Id, Integer, Text, Whole

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
    "Persistence",
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


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    """What has a trader's name; the latest generation has teams instead."""

    trader_id: Id
    username: Text = ""
    """The team's number where there is no name."""
    team_number: Text = ""
    """The latest generation only."""

    def __post_init__(self) -> None:
        """Take the team for the name."""
        if not self.username:
            msgspec.structs.force_setattr(self, "username", self.team_number)


class Profile(_Named, frozen=True, kw_only=True):
    """A trader."""

    api_key: ApiKey = None
    """What ``Exchange`` is opened with; not shown, copied or pickled. ``None`` where the latest generation keeps it."""
    created_at_ns: TimeNs = field(name="created_at", default=0)
    """UTC; 0 where the latest generation does not say it."""
    role: Text = ""
    """Later generations only."""


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """A fill as the venue reports it: one of the two orders is ours, or both are."""

    fill_id: Id
    market: Id
    maker_order_id: Id
    taker_order_id: Id
    price: Whole
    size: Whole = field(name="quantity")
    time_ns: TimeNs = field(name="occurred_at")
    """The venue's time, UTC."""


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


class LeaderboardRow(_Named, frozen=True, kw_only=True):
    """One trader's place."""

    rank: Whole
    net_pnl: Integer
    realized_pnl: Integer
    unrealized_pnl: Integer
    gross_exposure: Whole


class Persistence(msgspec.Struct, frozen=True, kw_only=True):
    """How the venue keeps its state."""

    backend: Text
    mode: Text
    """``disabled``, ``ok``, ``backpressured``, ``retrying`` or ``stopped``."""
    last_error: str | None = None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the venue is."""

    persistence: Persistence
    status: Text
    """``ok`` or ``degraded``."""
    now_ns: TimeNs = field(name="now")
    """The venue's time, UTC."""

    @property
    def is_ok(self) -> bool:
        """Nothing is wrong."""
        return self.status == "ok"


class VenueMarket(msgspec.Struct, frozen=True, kw_only=True):
    """A market's whole definition."""

    market: Id = field(name="market_id")
    display_name: Text
    base: Text = field(name="base_asset")
    quote: Text = field(name="quote_asset")
    tick_size: Whole
    min_size: Whole = field(name="min_order_quantity")
    reference_price: int | None
    """Marks positions while the book is empty."""
    settlement_price: int | None
    status: Text
    """``enabled``, ``disabled`` or ``settled``."""
    created_at_ns: TimeNs = field(name="created_at")
    updated_at_ns: TimeNs = field(name="updated_at")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the operator to one trader or to all."""

    message_id: Id
    level: MessageLevel
    title: str | None
    body: Text
    market: str | None
    target_username: str | None
    target_trader_id: str | None
    created_at_ns: TimeNs = field(name="created_at")


class Controls(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's switches."""

    is_trading: Flag = field(name="trading_enabled")
    updated_at_ns: TimeNs = field(name="updated_at")


class LoadedConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What loading a configuration left."""

    controls: Controls
    markets: tuple[VenueMarket, ...]


class AdminState(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's view."""

    persistence: Persistence
    controls: Controls
    markets: tuple[VenueMarket, ...]
    recent_messages: tuple[Message, ...]
    """Newest first, at most 50."""


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What settling a market did."""

    market: VenueMarket
    cancelled_orders: Whole = field(name="canceled_orders")
    affected_traders: Whole
    settled_size: Whole = field(name="settled_quantity")
    settlement_price: Whole


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """What a reset erased."""

    orders: Whole = field(name="cleared_orders")
    positions: Whole = field(name="cleared_positions")
    fills: Whole = field(name="cleared_fills")
