"""Futures on the wire, of REST and the stream, and what we call it. What is like spot is in ``shapes`` and ``parse``.

Source: https://docs.coinex.com/api/v2/futures and its ``ws`` pages, read 2026-11-20.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from tradewire.decimals import EXACT
from tradewire.errors import RemoteProtocolError
from tradewire.model import AccountKind, Side
from tradewire.venues.coinex import parse, shapes
from tradewire.venues.coinex.futures.model import (
    Contract,
    FuturesBalance,
    FuturesMarket,
    FuturesPosition,
    FuturesTicker,
    MarginMode,
    PositionEnd,
    PositionExit,
    PremiumIndex,
)
from tradewire.venues.coinex.model import TriggerPrice
from tradewire.venues.coinex.parse import NS_PER_MS, SHOWN_CHARACTERS
from tradewire.wire import Amount, Flag, Id, MaybeAmount, MaybeWhole, Text

__all__ = [
    "SIDES",
    "BalanceRow",
    "MarketRow",
    "PositionPush",
    "PositionRow",
    "PremiumRow",
    "TickerRow",
    "balance",
    "closed_position",
    "exits",
    "known",
    "long_or_short",
    "market",
    "position",
    "premium",
    "ticker",
]

WordT = TypeVar("WordT", bound=StrEnum)
SIDES = {"long": Side.BUY, "short": Side.SELL}


class MarketRow(shapes.MarketRow, frozen=True):
    """``GET /v2/futures/market``. Leverages are documented as numbers and sent as text."""

    contract_type: Text = ""
    tick_size: MaybeAmount = None
    leverage: list[Amount] | None = None
    open_interest_volume: MaybeAmount = None
    delisted_at: MaybeWhole = 0
    is_market_available: Flag = True


class TickerRow(shapes.TickerRow, frozen=True):
    """``GET /v2/futures/ticker`` and ``state.update``; of pseudo markets some is absent."""

    index_price: MaybeAmount = None
    mark_price: MaybeAmount = None
    open_interest_volume: MaybeAmount = None
    open_interest_size: MaybeAmount = None
    insurance_fund_size: MaybeAmount = None
    latest_funding_rate: MaybeAmount = None
    next_funding_rate: MaybeAmount = None
    latest_funding_time: MaybeWhole = 0
    next_funding_time: MaybeWhole = 0


class BalanceRow(shapes.BalanceRow, frozen=True):
    """``GET /v2/assets/futures/balance`` and ``balance.update`` of futures."""

    margin: MaybeAmount = None
    transferrable: MaybeAmount = None
    unrealized_pnl: MaybeAmount = None
    equity: MaybeAmount = None


class ExitRow(msgspec.Struct, frozen=True):
    """One take-profit or stop-loss of a position."""

    id: Text
    price: Amount
    type: Text = ""
    amount: MaybeAmount = None
    is_all: Flag = False
    created_at: MaybeWhole = 0


class PositionRow(msgspec.Struct, frozen=True):
    """A position, as REST or the stream sends one. Prices that are not set are 0, or empty."""

    position_id: Id
    market: Id
    side: Text
    open_interest: Amount
    market_type: Text = ""
    margin_mode: Text = ""
    close_avbl: MaybeAmount = None
    ath_position_amount: MaybeAmount = None
    unrealized_pnl: MaybeAmount = None
    realized_pnl: MaybeAmount = None
    avg_entry_price: MaybeAmount = None
    cml_position_value: MaybeAmount = None
    max_position_value: MaybeAmount = None
    take_profit_price: MaybeAmount = None
    take_profit_type: Text = ""
    take_profit_list: list[ExitRow] | None = None
    stop_loss_price: MaybeAmount = None
    stop_loss_type: Text = ""
    stop_loss_list: list[ExitRow] | None = None
    leverage: MaybeWhole = 0
    margin_avbl: MaybeAmount = None
    ath_margin_size: MaybeAmount = None
    position_margin_rate: MaybeAmount = None
    maintenance_margin_rate: MaybeAmount = None
    maintenance_margin_value: MaybeAmount = None
    liq_price: MaybeAmount = None
    bkr_price: MaybeAmount = None
    adl_level: MaybeWhole = 0
    settle_price: MaybeAmount = None
    settle_value: MaybeAmount = None
    settle_val: MaybeAmount = None
    first_filled_price: MaybeAmount = None
    latest_filled_price: MaybeAmount = None
    created_at: MaybeWhole = 0
    updated_at: MaybeWhole = 0
    finished_type: Text = ""


class PositionPush(msgspec.Struct, frozen=True):
    """``position.update``."""

    position: msgspec.Raw
    event: Text = ""


class PremiumRow(msgspec.Struct, frozen=True):
    """``GET /v2/futures/premium-index-history`` and ``premium.update``, which name its time differently."""

    market: Id
    premium_index: Amount
    created_at: MaybeWhole = 0
    updated_at: MaybeWhole = 0


def known(kind: type[WordT], word: str) -> WordT | None:
    """Return what a word of the venue's means, in whatever case; ``None`` for one that is new to us."""
    found = word.lower()
    return kind(found) if found in {member.value for member in kind} else None


def long_or_short(word: str) -> Side:
    """Return the side of a position.

    Raises:
        RemoteProtocolError: It is a new word: what it would mean cannot be concluded.
    """
    side = SIDES.get(word.lower())
    if side is None:
        raise RemoteProtocolError(f"side must be long or short, got {word[:SHOWN_CHARACTERS]!r}")
    return side


def market(row: MarketRow) -> FuturesMarket:
    """Read a market's rules."""
    common = parse.market(row)
    return FuturesMarket(
        symbol=common.symbol,
        base=common.base,
        quote=common.quote,
        tick_size=row.tick_size or common.tick_size,
        lot_size=common.lot_size,
        min_size=common.min_size,
        maker_fee_rate=common.maker_fee_rate,
        taker_fee_rate=common.taker_fee_rate,
        is_tradable=common.is_tradable and row.is_market_available,
        status=common.status,
        contract=known(Contract, row.contract_type),
        leverages=tuple(sorted(int(leverage) for leverage in row.leverage or ())),
        open_interest=row.open_interest_volume,
        delisted_at_ns=row.delisted_at * NS_PER_MS,
    )


def ticker(row: TickerRow) -> FuturesTicker:
    """Read a market's last day."""
    return FuturesTicker(
        market=row.market,
        last=row.last,
        open=row.open,
        high=row.high,
        low=row.low,
        volume=row.volume,
        quote_volume=row.value,
        index_price=row.index_price,
        mark_price=row.mark_price,
        open_interest=parse.first(row.open_interest_size, row.open_interest_volume),
        insurance_fund=row.insurance_fund_size,
        latest_funding_rate=row.latest_funding_rate,
        next_funding_rate=row.next_funding_rate,
        latest_funding_ns=row.latest_funding_time * NS_PER_MS,
        next_funding_ns=row.next_funding_time * NS_PER_MS,
    )


def premium(row: PremiumRow) -> PremiumIndex:
    """Read how far a market is, or was, from its index."""
    time_ns = (row.created_at or row.updated_at) * NS_PER_MS
    return PremiumIndex(market=row.market, time_ns=time_ns, value=row.premium_index)


def balance(row: BalanceRow) -> FuturesBalance:
    """Read one asset of the account."""
    return FuturesBalance(
        asset=row.ccy,
        available=row.available,
        locked=row.frozen,
        account=AccountKind.FUTURES,
        updated_at_ns=row.updated_at * NS_PER_MS,
        margin=row.margin or Decimal(0),
        transferable=row.transferrable,
        unrealized_pnl=row.unrealized_pnl,
        equity=row.equity,
    )


def position(row: PositionRow, *, event: str = "") -> FuturesPosition:
    """Read a position of REST or the stream.

    Raises:
        RemoteProtocolError: Its side is a new word.
    """
    side = long_or_short(row.side)
    is_open = bool(row.open_interest)
    return FuturesPosition(
        market=row.market,
        size=EXACT.minus(row.open_interest) if side is Side.SELL and is_open else row.open_interest,
        average_price=(row.avg_entry_price or None) if is_open else None,
        realized_pnl=row.realized_pnl or Decimal(0),
        updated_at_ns=max(row.updated_at, row.created_at) * NS_PER_MS,
        position_id=row.position_id,
        margin_mode=known(MarginMode, row.margin_mode),
        leverage=row.leverage,
        closable_size=row.close_avbl or Decimal(0),
        created_at_ns=row.created_at * NS_PER_MS,
        entry_price=row.avg_entry_price or None,
        venue_unrealized_pnl=row.unrealized_pnl,
        highest_size=row.ath_position_amount,
        traded_notional=row.cml_position_value,
        highest_notional=row.max_position_value,
        take_profits=exits(row.take_profit_list, row.take_profit_price, row.take_profit_type),
        stop_losses=exits(row.stop_loss_list, row.stop_loss_price, row.stop_loss_type),
        margin=row.margin_avbl,
        highest_margin=row.ath_margin_size,
        margin_rate=row.position_margin_rate,
        maintenance_margin_rate=row.maintenance_margin_rate,
        maintenance_margin=row.maintenance_margin_value,
        liquidation_price=row.liq_price or None,
        bankruptcy_price=row.bkr_price or None,
        adl_level=row.adl_level,
        settle_price=row.settle_price or None,
        settle_value=parse.first(row.settle_value, row.settle_val),
        first_fill_price=row.first_filled_price or None,
        last_fill_price=row.latest_filled_price or None,
        event=event.lower(),
        ended_by=known(PositionEnd, row.finished_type),
    )


def closed_position(row: PositionRow) -> FuturesPosition:
    """Read a position found where only closed ones are."""
    return position(replace(row, open_interest=Decimal(0)))


def exits(rows: list[ExitRow] | None, price: Decimal | None, price_type: str) -> tuple[PositionExit, ...]:
    """Return the exits of one kind: those with ids, or the one for the whole position where the venue lists none."""
    listed = tuple(
        PositionExit(
            exit_id=row.id,
            price=row.price,
            price_type=known(TriggerPrice, row.type),
            size=None if row.is_all else row.amount,
            created_at_ns=row.created_at * NS_PER_MS,
        )
        for row in rows or ()
    )
    if listed or not price:
        return listed
    return (PositionExit(exit_id="", price=price, price_type=known(TriggerPrice, price_type), size=None),)
