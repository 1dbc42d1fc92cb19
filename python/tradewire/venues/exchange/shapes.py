"""The wire's spelling of REST bodies. Nothing above this room and ``parse`` knows it.

Later generations add members and leave some out; what they change is optional here.

Source: the project's ``state.rs``, ``rest.rs`` and ``admin.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

__all__ = [
    "Added",
    "Amended",
    "Controls",
    "Deleted",
    "ErrorBody",
    "FillRow",
    "Health",
    "LeaderboardRow",
    "Loaded",
    "MarketRow",
    "MessageRow",
    "OrderRow",
    "Persistence",
    "Portfolio",
    "PositionRow",
    "Reset",
    "Settled",
    "State",
    "Submitted",
    "Switched",
    "UserRow",
]

U64 = Annotated[int, msgspec.Meta(ge=0)]


class ErrorBody(msgspec.Struct, frozen=True):
    """A refusal by the venue's own handlers."""

    error: str


class UserRow(msgspec.Struct, frozen=True):
    """A trader's profile. Does not show the key."""

    trader_id: str
    username: str = ""
    api_key: str = ""
    created_at: str = ""
    team_number: str = ""
    role: str = ""

    def __repr__(self) -> str:
        return f"UserRow({self.trader_id!r})"


class PositionRow(msgspec.Struct, frozen=True):
    """One position."""

    market: str
    net_quantity: int
    average_entry_price: U64 | None
    realized_pnl: int
    updated_at: str


class Portfolio(msgspec.Struct, frozen=True):
    """Every position and the limit."""

    trader_id: str
    position_limit: int | None
    positions: list[PositionRow]


class OrderRow(msgspec.Struct, frozen=True):
    """An order as its owner sees it."""

    id: str
    trader_id: str
    market: str
    side: str
    price: U64
    quantity: U64
    remaining: U64
    created_at: str


class FillRow(msgspec.Struct, frozen=True):
    """One execution."""

    fill_id: str
    market: str
    maker_order_id: str
    taker_order_id: str
    price: U64
    quantity: U64
    occurred_at: str


class MarketRow(msgspec.Struct, frozen=True):
    """A market's definition."""

    market_id: str
    display_name: str
    base_asset: str
    quote_asset: str
    tick_size: U64
    min_order_quantity: U64
    reference_price: U64 | None
    settlement_price: U64 | None
    status: str
    created_at: str
    updated_at: str


class LeaderboardRow(msgspec.Struct, frozen=True):
    """One trader's place."""

    rank: U64
    trader_id: str
    net_pnl: int
    realized_pnl: int
    unrealized_pnl: int
    gross_exposure: U64
    username: str = ""
    team_number: str = ""


class Submitted(msgspec.Struct, frozen=True):
    """Answer to a new order."""

    order: OrderRow
    fills: list[FillRow]
    resting: bool


class Amended(msgspec.Struct, frozen=True):
    """Answer to an amend or a cancel."""

    order: OrderRow


class Controls(msgspec.Struct, frozen=True):
    """The operator's switches."""

    trading_enabled: bool
    updated_at: str


class Persistence(msgspec.Struct, frozen=True):
    """How the venue keeps its state, as far as anybody asks."""

    backend: str
    mode: str
    queue_depth: U64 = 0
    backlog_depth: U64 = 0
    total_flush_failures: U64 = 0
    last_error: str | None = None


class Health(msgspec.Struct, frozen=True):
    """The venue's health."""

    status: str
    service: str
    now: str
    persistence: Persistence


class MessageRow(msgspec.Struct, frozen=True):
    """A word of the operator."""

    message_id: str
    target_username: str | None
    target_trader_id: str | None
    market: str | None
    level: str
    title: str | None
    body: str
    created_at: str


class State(msgspec.Struct, frozen=True):
    """The operator's view."""

    controls: Controls
    markets: list[MarketRow]
    recent_messages: list[MessageRow]
    persistence: Persistence


class Switched(msgspec.Struct, frozen=True):
    """Answer to a switch."""

    controls: Controls


class Added(msgspec.Struct, frozen=True):
    """Answer to a new trader."""

    profile: UserRow


class Reset(msgspec.Struct, frozen=True):
    """What a reset erased."""

    cleared_orders: U64
    cleared_positions: U64
    cleared_fills: U64


class Deleted(msgspec.Struct, frozen=True):
    """Answer to a deletion."""

    market_id: str


class Settled(msgspec.Struct, frozen=True):
    """What settling did."""

    market: MarketRow
    canceled_orders: U64
    affected_traders: U64
    settled_quantity: U64
    settlement_price: U64


class Loaded(msgspec.Struct, frozen=True):
    """What loading a configuration left."""

    controls: Controls
    markets: list[MarketRow]


OpenApi = dict[str, Any]
