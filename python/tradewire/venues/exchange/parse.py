"""From the wire's shapes to the words of the face.

Source: the project's ``state.rs``, ``rest.rs`` and ``admin.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from tradewire.errors import ConfigError, FrameError
from tradewire.model import Market, Position, Rows, Side
from tradewire.signing import Token
from tradewire.venues.exchange import model, shapes
from tradewire.wire import Reader

__all__ = [
    "admin_state",
    "controls",
    "execution",
    "executions",
    "health",
    "leaderboard_row",
    "loaded",
    "market",
    "message",
    "nanoseconds",
    "portfolio",
    "position",
    "profile",
    "reset",
    "settlement",
    "side",
    "venue_market",
]

NS_PER_S = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_positions, _fills = Reader(shapes.PositionRow), Reader(shapes.FillRow)
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}


def nanoseconds(text: str) -> int:
    """Return an RFC 3339 time with ``Z`` or an offset and 0 to 9 digits of fraction as nanoseconds UTC.

    Raises:
        FrameError: It is none.
    """
    parts = _TIME.fullmatch(text)
    try:
        if parts is None:
            raise ValueError(text)
        seconds, digits, offset = parts.groups(default="")
        at = datetime.fromisoformat(seconds + offset)
    except ValueError:
        raise FrameError(f"not a time: {text[:40]!r}", kind="wrong_shape") from None
    return (at - _EPOCH) // _SECOND * NS_PER_S + int(digits.ljust(9, "0"))


def side(text: str) -> Side:
    """Return a side.

    Raises:
        FrameError: It is none.
    """
    try:
        return _SIDES[text.upper()]
    except KeyError:
        raise FrameError(f"not a side: {text[:40]!r}", kind="wrong_shape") from None


def profile(row: shapes.UserRow) -> model.Profile:
    """Build a profile; the latest generation has a team instead of a name.

    Raises:
        FrameError: The key is none. The message does not show it.
    """
    return model.Profile(
        trader_id=row.trader_id,
        username=row.username or row.team_number,
        api_key=_token(row.api_key) if row.api_key else None,
        created_at_ns=nanoseconds(row.created_at) if row.created_at else 0,
        role=row.role,
    )


def _token(api_key: str) -> Token:
    try:
        return Token(api_key)
    except ConfigError:
        raise FrameError("not an API key", kind="wrong_shape") from None


def position(row: shapes.PositionRow) -> Position:
    """Build a position."""
    average = row.average_entry_price
    return Position(
        market=row.market,
        size=Decimal(row.net_quantity),
        average_price=None if average is None else Decimal(average),
        realized_pnl=Decimal(row.realized_pnl),
        updated_at_ns=nanoseconds(row.updated_at),
    )


def portfolio(row: shapes.Portfolio) -> model.Portfolio:
    """Build a portfolio."""
    return model.Portfolio(
        trader_id=row.trader_id,
        position_limit=row.position_limit,
        positions=_positions.all(row.positions, position),
    )


def execution(row: shapes.FillRow) -> model.Execution:
    """Build an execution."""
    return model.Execution(
        fill_id=row.fill_id,
        market=row.market,
        maker_order_id=row.maker_order_id,
        taker_order_id=row.taker_order_id,
        price=row.price,
        size=row.quantity,
        time_ns=nanoseconds(row.occurred_at),
    )


def executions(raws: Iterable[msgspec.Raw]) -> Rows[model.Execution]:
    """Build the executions of a reply, each row on its own."""
    return _fills.all(raws, execution)


def market(row: shapes.MarketRow) -> Market:
    """Build a market of the common interface; sizes are whole numbers, fees there are none."""
    return Market(
        symbol=row.market_id,
        base=row.base_asset,
        quote=row.quote_asset,
        tick_size=Decimal(row.tick_size),
        lot_size=Decimal(1),
        min_size=Decimal(row.min_order_quantity),
        maker_fee_rate=Decimal(0),
        taker_fee_rate=Decimal(0),
        is_tradable=row.status == "enabled",
        status=row.status,
    )


def venue_market(row: shapes.MarketRow) -> model.VenueMarket:
    """Build a market's whole definition."""
    return model.VenueMarket(
        market=row.market_id,
        display_name=row.display_name,
        base=row.base_asset,
        quote=row.quote_asset,
        tick_size=row.tick_size,
        min_size=row.min_order_quantity,
        reference_price=row.reference_price,
        settlement_price=row.settlement_price,
        status=row.status,
        created_at_ns=nanoseconds(row.created_at),
        updated_at_ns=nanoseconds(row.updated_at),
    )


def leaderboard_row(row: shapes.LeaderboardRow) -> model.LeaderboardRow:
    """Build a row of the leaderboard."""
    return model.LeaderboardRow(
        rank=row.rank,
        trader_id=row.trader_id,
        username=row.username or row.team_number,
        net_pnl=row.net_pnl,
        realized_pnl=row.realized_pnl,
        unrealized_pnl=row.unrealized_pnl,
        gross_exposure=row.gross_exposure,
    )


def health(row: shapes.Health) -> model.Health:
    """Build the venue's health."""
    return model.Health(
        is_ok=row.status == "ok",
        now_ns=nanoseconds(row.now),
        backend=row.persistence.backend,
        mode=row.persistence.mode,
        last_error=row.persistence.last_error,
    )


def controls(row: shapes.Controls) -> model.Controls:
    """Build the switches."""
    return model.Controls(is_trading=row.trading_enabled, updated_at_ns=nanoseconds(row.updated_at))


def message(row: shapes.MessageRow) -> model.Message:
    """Build a message.

    Raises:
        FrameError: Its level is none.
    """
    try:
        level = model.MessageLevel(row.level)
    except ValueError:
        raise FrameError(f"not a level: {row.level[:40]!r}", kind="wrong_shape") from None
    return model.Message(
        message_id=row.message_id,
        level=level,
        title=row.title,
        body=row.body,
        market=row.market,
        target_username=row.target_username,
        target_trader_id=row.target_trader_id,
        created_at_ns=nanoseconds(row.created_at),
    )


def admin_state(row: shapes.State) -> model.AdminState:
    """Build the operator's view."""
    return model.AdminState(
        controls=controls(row.controls),
        markets=tuple(map(venue_market, row.markets)),
        recent_messages=tuple(map(message, row.recent_messages)),
        backend=row.persistence.backend,
        mode=row.persistence.mode,
        last_error=row.persistence.last_error,
    )


def loaded(row: shapes.Loaded) -> model.LoadedConfig:
    """Build what loading a configuration left."""
    return model.LoadedConfig(controls=controls(row.controls), markets=tuple(map(venue_market, row.markets)))


def settlement(row: shapes.Settled) -> model.Settlement:
    """Build what settling did."""
    return model.Settlement(
        market=venue_market(row.market),
        cancelled_orders=row.canceled_orders,
        affected_traders=row.affected_traders,
        settled_size=row.settled_quantity,
        settlement_price=row.settlement_price,
    )


def reset(row: shapes.Reset) -> model.Reset:
    """Build what a reset erased."""
    return model.Reset(orders=row.cleared_orders, positions=row.cleared_positions, fills=row.cleared_fills)
