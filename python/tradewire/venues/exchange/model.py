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
    """The venue's id of the trader."""
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
    """The venue's id."""
    market: Id
    """The market, in the venue's spelling."""
    maker_order_id: Id
    """The venue's id of the order that rested."""
    taker_order_id: Id
    """The venue's id of the order that came."""
    price: Whole
    """Quote units per base unit."""
    size: Whole = field(name="quantity")
    """Base units."""
    time_ns: TimeNs = field(name="occurred_at")
    """The venue's time, UTC."""


class Portfolio(msgspec.Struct, frozen=True, kw_only=True):
    """All positions of a trader."""

    trader_id: str
    """The venue's id of the trader."""
    position_limit: int | None
    """``None`` where there is none (later generations)."""
    positions: tuple[Position, ...]
    """The positions."""

    @property
    def unreadable(self) -> tuple[UnreadableRow, ...]:
        """Positions that could not be read, see ``Rows``."""
        return unreadable_rows(self.positions)


class LeaderboardRow(_Named, frozen=True, kw_only=True):
    """One trader's place."""

    rank: Whole
    """From 1, the best."""
    net_pnl: Integer
    """Realized and unrealized together."""
    realized_pnl: Integer
    """From what was closed."""
    unrealized_pnl: Integer
    """From what is open, at the mark."""
    gross_exposure: Whole
    """Value of all positions, whichever side."""


class Persistence(msgspec.Struct, frozen=True, kw_only=True):
    """How the venue keeps its state."""

    backend: Text
    """The venue's word, ``in_memory`` or ``postgres``."""
    mode: Text
    """``disabled``, ``ok``, ``backpressured``, ``retrying`` or ``stopped``."""
    last_error: str | None = None
    """The latest failure of it; ``None`` if there was none."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the venue is."""

    persistence: Persistence
    """How the venue keeps its state."""
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
    """The market, in the venue's spelling."""
    display_name: Text
    """Its name for people."""
    base: Text = field(name="base_asset")
    """The base asset."""
    quote: Text = field(name="quote_asset")
    """The quote asset, in which prices are counted."""
    tick_size: Whole
    """Prices are multiples of this."""
    min_size: Whole = field(name="min_order_quantity")
    """Least size of an order, base units."""
    reference_price: int | None
    """Marks positions while the book is empty."""
    settlement_price: int | None
    """At which it was settled; ``None`` while it was not."""
    status: Text
    """``enabled``, ``disabled`` or ``settled``."""
    created_at_ns: TimeNs = field(name="created_at")
    """The venue's time, UTC."""
    updated_at_ns: TimeNs = field(name="updated_at")
    """The venue's time of the last change, UTC."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the operator to one trader or to all."""

    message_id: Id
    """The venue's id."""
    level: MessageLevel
    """How urgent it is."""
    title: str | None
    """Its title; ``None`` where there is none."""
    body: Text
    """Its text."""
    market: str | None
    """The market it is about; ``None`` for none."""
    target_username: str | None
    """The trader it is for; ``None`` for all."""
    target_trader_id: str | None
    """The venue's id of that trader; ``None`` for all."""
    created_at_ns: TimeNs = field(name="created_at")
    """The venue's time, UTC."""


class Controls(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's switches."""

    is_trading: Flag = field(name="trading_enabled")
    """Orders are taken."""
    updated_at_ns: TimeNs = field(name="updated_at")
    """The venue's time of the last change, UTC."""


class LoadedConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What loading a configuration left."""

    controls: Controls
    """The operator's switches."""
    markets: tuple[VenueMarket, ...]
    """The markets."""


class AdminState(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's view."""

    persistence: Persistence
    """How the venue keeps its state."""
    controls: Controls
    """The operator's switches."""
    markets: tuple[VenueMarket, ...]
    """The markets."""
    recent_messages: tuple[Message, ...]
    """Newest first, at most 50."""


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What settling a market did."""

    market: VenueMarket
    """The market as it is now."""
    cancelled_orders: Whole = field(name="canceled_orders")
    """How many."""
    affected_traders: Whole
    """How many."""
    settled_size: Whole = field(name="settled_quantity")
    """Base units."""
    settlement_price: Whole
    """Quote units per base unit."""


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """What a reset erased."""

    orders: Whole = field(name="cleared_orders")
    """How many."""
    positions: Whole = field(name="cleared_positions")
    """How many."""
    fills: Whole = field(name="cleared_fills")
    """How many."""
