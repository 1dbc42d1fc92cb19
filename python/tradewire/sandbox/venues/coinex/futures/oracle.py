"""What only a test may ask of the perpetuals: an account, to move the index, to settle funding, to play traffic."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from tradewire.sandbox.exact import exactly, plain
from tradewire.sandbox.venue import Answer, ControlHandler
from tradewire.sandbox.venues.coinex.futures.desk import FuturesDesk
from tradewire.sandbox.venues.coinex.futures.shapes import (
    balance_of,
    futures_deal_of,
    futures_order_of,
    position_of,
)
from tradewire.sandbox.venues.coinex.orders import status_of
from tradewire.sandbox.venues.coinex.wallets import futures_wallet

__all__ = ["ledger_of", "positions_of", "routes"]

OK = 200


def routes(desk: FuturesDesk) -> Mapping[tuple[str, str], ControlHandler]:
    """Return the control requests of the perpetuals.

    GET  futures   index, mark, funding and open interest by market
    POST futures   {"market": "BTCUSDT", "index": "50000"}   is index and mark price until it is null again
                   {"market": "BTCUSDT", "funding_rate": "-0.001"}   the same of the funding rate
                   {"settle_funding": true}
                   {"step": 10}   plays traffic
    """

    def show(_: Mapping[str, Any]) -> Answer:
        desk.open()
        core = desk.core
        markets = {
            name: {
                "index": plain(prices.index),
                "mark": plain(prices.mark),
                "last": plain(core.last_price(name)),
                "funding_rate": plain(prices.funding_rate),
                "open_interest": plain(desk.open_interest(name)),
            }
            for name, prices in core.prices.items()
        }
        return OK, {"markets": markets, "next_funding_ms": desk.funding.next_ms}

    def change(document: Mapping[str, Any]) -> Answer:
        desk.open()
        if "index" in document:
            index = _number("index", document["index"])
            if index is not None and index <= 0:
                raise ValueError(f"index must be above 0, got {index}")
            desk.force_index(document["market"], index)
        if "funding_rate" in document:
            prices = desk.core.prices[document["market"]]
            prices.forced_rate = _number("funding_rate", document["funding_rate"])
        paid = desk.funding.settle(desk.now_ms()) if document.get("settle_funding") else 0
        desk.traffic.step(int(document.get("step", 0)))
        return OK, {**show({})[1], "positions_paid": paid}

    return {
        ("GET", "futures"): show,
        ("POST", "futures"): change,
    }


@exactly
def ledger_of(desk: FuturesDesk, trader: str) -> dict[str, Any]:
    """Return an account as the venue has it: balances by asset, orders with status, deals, positions; oldest first."""
    core = desk.core
    live = core.live[trader]
    orders = [*core.finished[trader].values(), *live.values()]
    held = core.ledger.accounts.get(futures_wallet(trader), {})
    return {
        "balances": {asset: balance_of(core, trader, asset) for asset in sorted(held)},
        "orders": [
            {**futures_order_of(order), "status": status_of(order, is_live=order.order_id in live)}
            for order in sorted(orders, key=lambda order: order.order_id)
        ],
        "deals": [
            {**futures_deal_of(trade, order), "client_id": order.client_id}
            for trade, order in core.user_deals[trader]
        ],
        "positions": [position_of(desk, one) for one in core.margins.positions[trader].values()],
        "finished_positions": [
            {**position_of(desk, one), "finished_type": one.finished_type}
            for one in core.positions.finished[trader]
        ],
    }


@exactly
def positions_of(desk: FuturesDesk, ledger: Mapping[str, Any]) -> dict[str, Any]:
    """Return the last position of each market in words that all venues share, as the part of an account."""
    found = {}
    for row in (*ledger["finished_positions"], *ledger["positions"]):
        size = Decimal(row["open_interest"]) * (1 if row["side"] == "long" else -1)
        average, mark = Decimal(row["avg_entry_price"]), desk.core.prices[row["market"]].mark
        found[row["market"]] = {
            "size": plain(size),
            "average_price": plain(average) if size else None,
            "realized_pnl": row["realized_pnl"],
            "mark": plain(mark),
            # By the average as it is shown, which is rounded.
            "unrealized_pnl": plain((mark - average) * size) if size else "0",
        }
    return {"positions": found}


def _number(name: str, value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        number = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{name} must be a number as text, or null, got {value!r}")
    return number
