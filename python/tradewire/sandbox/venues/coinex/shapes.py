"""What the venue's objects look like on the wire.

REST numbers carry no trailing zeros; pushed depth carries the market's full precision. Field names as in
docs.coinex.com/api/v2, read 2026-11-20.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tradewire.sandbox.candles import Candle
from tradewire.sandbox.exact import ZERO, plain
from tradewire.sandbox.ledger import Balance
from tradewire.sandbox.order import FeeRates, Kind, Order, SelfTrade, Side, Trade
from tradewire.sandbox.venues.coinex.markets import ONLINE, MarketRules

__all__ = [
    "KINDS",
    "SELF_TRADE_MODES",
    "balance_of",
    "candle_of",
    "deal_of",
    "deposit_config_of",
    "depth_side",
    "margin_pushes",
    "market_of",
    "order_of",
    "pushed_balance_of",
    "pushed_order_of",
    "status_of",
    "ticker_of",
    "user_deal_of",
]

Json = dict[str, Any]

KINDS = {
    "limit": Kind.LIMIT,
    "market": Kind.MARKET,
    "maker_only": Kind.POST_ONLY,
    "ioc": Kind.IOC,
    "fok": Kind.FOK,
}
KIND_WORDS = {kind: word for word, kind in KINDS.items()}
SELF_TRADE_MODES = {
    "ct": SelfTrade.CANCEL_TAKER,
    "cm": SelfTrade.CANCEL_MAKER,
    "both": SelfTrade.CANCEL_BOTH,
}
DAY_S = 86_400
FIRST_MARGIN_ID = 900_000_000_000


def market_of(rules: MarketRules, rates: FeeRates) -> Json:
    """Return a SpotMarket."""
    return {
        "market": rules.name,
        "taker_fee_rate": plain(rates.taker),
        "maker_fee_rate": plain(rates.maker),
        "min_amount": plain(rules.min_amount),
        "base_ccy": rules.base,
        "quote_ccy": rules.quote,
        "base_ccy_precision": rules.base_places,
        "quote_ccy_precision": rules.quote_places,
        "status": rules.status,
        "delisted_at": 0,
        "is_amm_available": False,
        "is_margin_available": False,
        "is_pre_market_trading_available": False,
        "is_api_trading_available": rules.status == ONLINE,
    }


def ticker_of(market: str, day: Candle | None) -> Json:
    """Return a SpotTicker; the pushed State has the same fields."""
    if day is None:
        day = Candle(0, ZERO, ZERO, ZERO, ZERO)
    return {
        "market": market,
        "last": plain(day.close),
        "open": plain(day.open),
        "close": plain(day.close),
        "high": plain(day.high),
        "low": plain(day.low),
        "volume": plain(day.volume),
        "value": plain(day.value),
        "volume_sell": plain(day.volume - day.bought),
        "volume_buy": plain(day.bought),
        "period": DAY_S,
    }


def candle_of(market: str, candle: Candle) -> Json:
    """Return a Kline."""
    return {
        "market": market,
        "created_at": candle.opened_ms,
        "open": plain(candle.open),
        "close": plain(candle.close),
        "high": plain(candle.high),
        "low": plain(candle.low),
        "volume": plain(candle.volume),
        "value": plain(candle.value),
    }


def deal_of(trade: Trade) -> Json:
    """Return a public Deal."""
    return {
        "deal_id": trade.trade_id,
        "created_at": trade.at_ms,
        "side": trade.taker.side.value,
        "price": plain(trade.price),
        "amount": plain(trade.quantity),
    }


def user_deal_of(trade: Trade, order: Order, rules: MarketRules) -> Json:
    """Return a UserDeal as the owner of ``order`` sees it; the push has ``client_id`` besides."""
    return {
        "deal_id": trade.trade_id,
        "created_at": trade.at_ms,
        "order_id": order.order_id,
        "market": trade.market,
        "margin_market": "",
        "side": order.side.value,
        "price": plain(trade.price),
        "amount": plain(trade.quantity),
        "role": "maker" if order is trade.maker else "taker",
        "fee": plain(trade.maker_fee if order is trade.maker else trade.taker_fee),
        "fee_ccy": rules.base if order.side is Side.BUY else rules.quote,
    }


def order_of(order: Order, rules: MarketRules) -> Json:
    """Return a SpotOrder."""
    return {
        "order_id": order.order_id,
        "market": order.market,
        "market_type": "SPOT",
        "ccy": rules.quote if order.in_quote else rules.base,
        "side": order.side.value,
        "type": KIND_WORDS[order.kind],
        "amount": plain(order.quantity),
        "price": plain(order.price or ZERO),
        "unfilled_amount": plain(order.remaining),
        "filled_amount": plain(order.filled),
        "filled_value": plain(order.filled_value),
        "client_id": order.client_id,
        "base_fee": plain(order.base_fee),
        "quote_fee": plain(order.quote_fee),
        "discount_fee": "0",
        "maker_fee_rate": plain(order.rates.maker),
        "taker_fee_rate": plain(order.rates.taker),
        "last_filled_amount": plain(order.last_fill_quantity),
        "last_filled_price": plain(order.last_fill_price),
        "created_at": order.created_ms,
        "updated_at": order.updated_ms,
    }


def pushed_order_of(order: Order) -> Json:
    """Return the order of an order.update."""
    return {
        "order_id": order.order_id,
        "market": order.market,
        "margin_market": "",
        "type": KIND_WORDS[order.kind],
        "side": order.side.value,
        "amount": plain(order.quantity),
        "price": plain(order.price or ZERO),
        "unfilled_amount": plain(order.remaining),
        "filled_amount": plain(order.filled),
        "filled_value": plain(order.filled_value),
        "taker_fee_rate": plain(order.rates.taker),
        "maker_fee_rate": plain(order.rates.maker),
        "base_ccy_fee": plain(order.base_fee),
        "quote_ccy_fee": plain(order.quote_fee),
        "discount_ccy_fee": "0",
        "last_filled_amount": plain(order.last_fill_quantity),
        "last_filled_price": plain(order.last_fill_price),
        "client_id": order.client_id,
        "created_at": order.created_ms,
        "updated_at": order.updated_ms,
    }


def margin_pushes(rules: MarketRules, number: int, now_ms: int) -> list[tuple[str, Json]]:
    """Return the pushes of a margin account whose order rested, was filled in part and moved money.

    They come on the same topics as those of the spot account, with ``margin_market`` set.
    """
    order_id = FIRST_MARGIN_ID + number
    amount, price = rules.min_amount * 2, rules.start_price
    order = {
        "order_id": order_id,
        "market": rules.name,
        "margin_market": rules.name,
        "type": "limit",
        "side": "buy",
        "amount": plain(amount),
        "price": plain(price),
        "unfilled_amount": plain(rules.min_amount),
        "filled_amount": plain(rules.min_amount),
        "filled_value": plain(rules.min_amount * price),
        "taker_fee_rate": "0.002",
        "maker_fee_rate": "0.002",
        "base_ccy_fee": "0",
        "quote_ccy_fee": "0",
        "discount_ccy_fee": "0",
        "last_filled_amount": plain(rules.min_amount),
        "last_filled_price": plain(price),
        "client_id": "",
        "created_at": now_ms,
        "updated_at": now_ms,
    }
    deal = {
        "deal_id": order_id,
        "created_at": now_ms,
        "market": rules.name,
        "margin_market": rules.name,
        "side": "buy",
        "order_id": order_id,
        "client_id": "",
        "price": plain(price),
        "amount": plain(rules.min_amount),
        "role": "taker",
        "fee": "0",
        "fee_ccy": rules.base,
    }
    balance = {
        "margin_market": rules.name,
        "ccy": rules.base,
        "available": plain(rules.min_amount),
        "frozen": "0",
        "updated_at": now_ms,
    }
    return [
        ("order.update", {"event": "update", "order": order}),
        ("user_deals.update", deal),
        ("balance.update", {"balance_list": [balance]}),
    ]


def status_of(order: Order, *, live: bool) -> str:
    """Return the status of an order that can be queried."""
    if live:
        return "part_filled" if order.filled else "open"
    if not order.remaining:
        return "filled"
    return "part_canceled" if order.filled else "canceled"


def balance_of(asset: str, balance: Balance) -> Json:
    """Return one element of the balance list."""
    return {"ccy": asset, "available": plain(balance.available), "frozen": plain(balance.frozen)}


def pushed_balance_of(asset: str, balance: Balance, now_ms: int) -> Json:
    """Return one element of a balance.update."""
    return {"margin_market": "", **balance_of(asset, balance), "updated_at": now_ms}


def deposit_config_of(asset: str) -> Json:
    """Return a DepositWithdrawConfig; the only chain is the sandbox's own, and nothing moves over it."""
    return {
        "asset": {
            "ccy": asset,
            "deposit_enabled": False,
            "withdraw_enabled": False,
            "inter_transfer_enabled": False,
            "is_st": False,
        },
        "chains": [
            {
                "chain": "SANDBOX",
                "min_deposit_amount": "1",
                "min_withdraw_amount": "1",
                "deposit_enabled": False,
                "withdraw_enabled": False,
                "deposit_delay_minutes": 0,
                "safe_confirmations": 1,
                "irreversible_confirmations": 1,
                "deflation_rate": "0",
                "withdrawal_fee": "0",
                "withdrawal_precision": 8,
                "memo": "",
                "is_memo_required_for_deposit": False,
                "explorer_asset_url": "",
            }
        ],
    }


def depth_side(levels: list[tuple[Decimal, Decimal]]) -> list[list[str]]:
    """Return levels as REST carries them."""
    return [[plain(price), plain(quantity)] for price, quantity in levels]
