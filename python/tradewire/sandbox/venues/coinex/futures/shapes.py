"""How replies and pushes of perpetuals are spelled. Prices that are not set are ``"0"``, as on the live venue."""

from __future__ import annotations

from tradewire.sandbox.exact import ZERO, exactly, plain
from tradewire.sandbox.order import Order, Trade
from tradewire.sandbox.venues.coinex.futures.core import FuturesCore
from tradewire.sandbox.venues.coinex.futures.desk import FuturesDesk
from tradewire.sandbox.venues.coinex.futures.margins import INSURANCE, SETTLE, Holding
from tradewire.sandbox.venues.coinex.futures.positions import FuturesOrder, Position
from tradewire.sandbox.venues.coinex.handlers import Json
from tradewire.sandbox.venues.coinex.market_data import ticker_of
from tradewire.sandbox.venues.coinex.orders import order_parts
from tradewire.sandbox.venues.coinex.wallets import futures_wallet

__all__ = [
    "balance_of",
    "funding_rate_of",
    "futures_deal_of",
    "futures_order_of",
    "futures_ticker_of",
    "position_of",
    "state_of",
]

ADL_LEVEL = 1
"""Nobody is ever deleveraged here."""


def futures_order_of(order: Order) -> Json:
    """Return an order as replies carry it; pushes have neither ``market_type`` nor ``realized_pnl``."""
    assert isinstance(order, FuturesOrder)
    return order_parts(order) | {
        "market_type": "FUTURES",
        "fee": plain(order.fee),
        "fee_ccy": SETTLE,
        "realized_pnl": plain(order.realized_pnl),
    }


def futures_deal_of(trade: Trade, order: Order) -> Json:
    """Return a trade as the owner of ``order`` sees it; the push has ``client_id`` besides."""
    assert isinstance(order, FuturesOrder)
    is_maker = order is trade.maker
    return {
        "deal_id": trade.trade_id,
        "created_at": trade.at_ms,
        "order_id": order.order_id,
        "position_id": order.position_ids[trade.trade_id],
        "market": trade.market,
        "side": order.side.value,
        "price": plain(trade.price),
        "amount": plain(trade.quantity),
        "role": "maker" if is_maker else "taker",
        "fee": plain(trade.maker_fee if is_maker else trade.taker_fee),
        "fee_ccy": SETTLE,
    }


@exactly
def balance_of(core: FuturesCore, account: str, asset: str) -> Json:
    """Return what a futures wallet has of an asset; only ``SETTLE`` stands for positions."""
    if asset == SETTLE:
        held = core.margins.holding(account)
    else:
        other = core.ledger.balance(futures_wallet(account), asset)
        held = Holding(other.available, other.frozen, ZERO, other.available, ZERO)
    return {
        "ccy": asset,
        "available": plain(held.available),
        "frozen": plain(held.frozen),
        "margin": plain(held.margin),
        "transferrable": plain(held.transferrable),
        "unrealized_pnl": plain(held.unrealized_pnl),
        "equity": plain(held.equity),
    }


@exactly
def futures_ticker_of(desk: FuturesDesk, market: str, now_ms: int) -> Json:
    """Return a ticker."""
    prices = desk.core.prices[market]
    return ticker_of(market, desk.core.candles[market].day(now_ms)) | {
        "index_price": plain(prices.index),
        "mark_price": plain(prices.mark),
        "open_interest_volume": plain(desk.open_interest(market)),
    }


@exactly
def state_of(desk: FuturesDesk, market: str, now_ms: int) -> Json:
    """Return a state as it is pushed."""
    state = futures_ticker_of(desk, market, now_ms)
    state["open_interest_size"] = state.pop("open_interest_volume")
    rates = funding_rate_of(desk, market)
    for name in ("latest_funding_rate", "next_funding_rate", "latest_funding_time", "next_funding_time"):
        state[name] = rates[name]
    return state | {"insurance_fund_size": plain(desk.core.margins.owned(INSURANCE))}


@exactly
def funding_rate_of(desk: FuturesDesk, market: str) -> Json:
    """Return what funding costs; the times are 0 before the first settlement."""
    funding, prices = desk.funding, desk.core.prices[market]
    latest = funding.rates[market][-1].actual if funding.rates[market] else ZERO
    return {
        "market": market,
        "mark_price": plain(prices.mark),
        "latest_funding_rate": plain(latest),
        "next_funding_rate": plain(prices.funding_rate),
        "max_funding_rate": plain(prices.max_funding_rate),
        "min_funding_rate": plain(-prices.max_funding_rate),
        "latest_funding_time": funding.last_ms,
        "next_funding_time": funding.next_ms,
    }


@exactly
def position_of(desk: FuturesDesk, position: Position) -> Json:
    """Return a position as replies carry it; a finished one has ``finished_type`` besides.

    Simple: nothing is settled between opening and closing, so the settle price is the average entry price.
    """
    liquidations, is_open = desk.liquidations, bool(position.size)
    margin = desk.core.margins.own_margin(position) if is_open else ZERO
    maintenance = liquidations.maintenance(position)
    value = abs(position.cost)
    average = plain(position.average_price)
    shown = {
        "position_id": position.position_id,
        "market": position.market,
        "market_type": "FUTURES",
        "side": "long" if position.is_long else "short",
        "margin_mode": position.mode.value,
        "open_interest": plain(position.amount),
        "close_avbl": plain(desk.core.closable(position) if is_open else ZERO),
        "ath_position_amount": plain(position.largest),
        "unrealized_pnl": plain(desk.core.margins.pnl(position)),
        "realized_pnl": plain(position.realized_pnl),
        "avg_entry_price": average,
        "cml_position_value": plain(position.total_value),
        "max_position_value": plain(position.largest_cost),
        "leverage": str(position.leverage),
        "margin_avbl": plain(margin),
        "ath_margin_size": plain(position.largest_margin),
        "position_margin_rate": plain(desk.margin_rate(position)),
        "maintenance_margin_rate": plain(liquidations.maintenance_rate(position)),
        "maintenance_margin_value": plain(maintenance),
        "liq_price": plain(liquidations.liquidation_price(position)) if is_open else "0",
        "bkr_price": plain(liquidations.bankruptcy_price(position)) if is_open else "0",
        "adl_level": ADL_LEVEL,
        "settle_price": average,
        "settle_value": plain(value),
        "created_at": position.created_ms,
        "updated_at": position.updated_ms,
    }
    return shown | desk.protection.shown(position)
