"""The wire's spelling of REST bodies. Nothing above this room and ``parse`` knows it.

Later generations add members and leave some out; what they change is optional here. What a member may look
like is said by its type, see ``tradewire.wire``.

Source: the project's ``state.rs``, ``rest.rs`` and ``admin.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

from typing import Any

import msgspec

from tradewire.wire import Flag, Id, Integer, Text, Whole

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


class ErrorBody(msgspec.Struct, frozen=True):
    """A refusal by the venue's own handlers."""

    error: Text


class UserRow(msgspec.Struct, frozen=True):
    """A trader's profile. Does not show the key."""

    trader_id: Id
    username: Text = ""
    api_key: Text = ""
    created_at: Text = ""
    team_number: Text = ""
    role: Text = ""

    def __repr__(self) -> str:
        return f"UserRow({self.trader_id!r})"


class PositionRow(msgspec.Struct, frozen=True):
    """One position."""

    market: Id
    net_quantity: Integer
    average_entry_price: int | None
    realized_pnl: Integer
    updated_at: Text


class Portfolio(msgspec.Struct, frozen=True):
    """Every position and the limit."""

    trader_id: Id
    position_limit: int | None
    positions: list[msgspec.Raw]


class OrderRow(msgspec.Struct, frozen=True):
    """An order as its owner sees it."""

    id: Id
    trader_id: Id
    market: Id
    side: Text
    price: Whole
    quantity: Whole
    remaining: Whole
    created_at: Text


class FillRow(msgspec.Struct, frozen=True):
    """One execution."""

    fill_id: Id
    market: Id
    maker_order_id: Id
    taker_order_id: Id
    price: Whole
    quantity: Whole
    occurred_at: Text


class MarketRow(msgspec.Struct, frozen=True):
    """A market's definition."""

    market_id: Id
    display_name: Text
    base_asset: Text
    quote_asset: Text
    tick_size: Whole
    min_order_quantity: Whole
    reference_price: int | None
    settlement_price: int | None
    status: Text
    created_at: Text
    updated_at: Text


class LeaderboardRow(msgspec.Struct, frozen=True):
    """One trader's place."""

    rank: Whole
    trader_id: Id
    net_pnl: Integer
    realized_pnl: Integer
    unrealized_pnl: Integer
    gross_exposure: Whole
    username: Text = ""
    team_number: Text = ""


class Submitted(msgspec.Struct, frozen=True):
    """Answer to a new order."""

    order: OrderRow
    fills: list[msgspec.Raw]
    resting: bool


class Amended(msgspec.Struct, frozen=True):
    """Answer to an amend or a cancel."""

    order: OrderRow


class Controls(msgspec.Struct, frozen=True):
    """The operator's switches."""

    trading_enabled: Flag
    updated_at: Text


class Persistence(msgspec.Struct, frozen=True):
    """How the venue keeps its state, as far as anybody asks."""

    backend: Text
    mode: Text
    queue_depth: Whole = 0
    backlog_depth: Whole = 0
    total_flush_failures: Whole = 0
    last_error: str | None = None


class Health(msgspec.Struct, frozen=True):
    """The venue's health."""

    status: Text
    service: Text
    now: Text
    persistence: Persistence


class MessageRow(msgspec.Struct, frozen=True):
    """A word of the operator."""

    message_id: Id
    target_username: str | None
    target_trader_id: str | None
    market: str | None
    level: Text
    title: str | None
    body: Text
    created_at: Text


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

    cleared_orders: Whole
    cleared_positions: Whole
    cleared_fills: Whole


class Deleted(msgspec.Struct, frozen=True):
    """Answer to a deletion."""

    market_id: Id


class Settled(msgspec.Struct, frozen=True):
    """What settling did."""

    market: MarketRow
    canceled_orders: Whole
    affected_traders: Whole
    settled_quantity: Whole
    settlement_price: Whole


class Loaded(msgspec.Struct, frozen=True):
    """What loading a configuration left."""

    controls: Controls
    markets: list[MarketRow]


OpenApi = dict[str, Any]
