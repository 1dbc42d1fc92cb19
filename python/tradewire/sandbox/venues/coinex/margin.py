"""Pushes of a margin account, as they come on the topics of the spot account."""

from __future__ import annotations

from typing import Any

from tradewire.sandbox.exact import plain
from tradewire.sandbox.venues.coinex.markets import MarketRules

__all__ = ["margin_pushes"]

FIRST_MARGIN_ID = 900_000_000_000


def margin_pushes(rules: MarketRules, number: int, now_ms: int) -> list[tuple[str, dict[str, Any]]]:
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
