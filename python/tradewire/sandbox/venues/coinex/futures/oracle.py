"""What only a test may ask of the perpetuals: books, an account, to move the index, to settle funding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from tradewire.sandbox.exact import exactly, plain
from tradewire.sandbox.venue import Answer, ControlHandler
from tradewire.sandbox.venues.coinex.futures.desk import FuturesDesk
from tradewire.sandbox.venues.coinex.futures.margins import SETTLE
from tradewire.sandbox.venues.coinex.futures.shapes import (
    balance_of,
    futures_deal_of,
    futures_order_of,
    position_of,
)
from tradewire.sandbox.venues.coinex.orders import status_of

__all__ = ["routes"]

Book: TypeAlias = Callable[[str, int, str], dict[str, Any]]

OK = 200


def routes(desk: FuturesDesk, book: Book) -> Mapping[tuple[str, str], ControlHandler]:
    """Return the control requests of the perpetuals.

    GET  futures_book?market=&limit=&interval=
    GET  futures_ledger?trader=   balance, open positions, orders and deals
    GET  futures   index, mark, funding and open interest by market
    POST futures   {"market": "BTCUSDT", "index": "50000"}; an index of null follows spot again
                   {"settle_funding": true}
                   {"step": 10}   plays traffic
    """

    def show(_: Mapping[str, Any]) -> Answer:
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

    def books(query: Mapping[str, Any]) -> Answer:
        return OK, book(query["market"], int(query.get("limit", "50")), query.get("interval", "0"))

    @exactly
    def ledger(query: Mapping[str, Any]) -> Answer:
        core, trader = desk.core, query["trader"]
        live = core.live.get(trader, {})
        orders = [*core.finished.get(trader, {}).values(), *live.values()]
        return OK, {
            "balance": balance_of(core, trader, SETTLE),
            "positions": [
                position_of(desk, position) for position in core.margins.positions.get(trader, {}).values()
            ],
            "orders": [
                {**futures_order_of(order), "status": status_of(order, is_live=order.order_id in live)}
                for order in sorted(orders, key=lambda order: order.order_id)
            ],
            "deals": [futures_deal_of(trade, order) for trade, order in core.user_deals.get(trader, ())],
        }

    def change(document: Mapping[str, Any]) -> Answer:
        if "index" in document:
            desk.force_index(document["market"], _price(document["index"]))
        paid = desk.funding.settle(desk.now_ms()) if document.get("settle_funding") else 0
        desk.traffic.step(int(document.get("step", 0)))
        return OK, {**show({})[1], "positions_paid": paid}

    return {
        ("GET", "futures"): show,
        ("POST", "futures"): change,
        ("GET", "futures_book"): books,
        ("GET", "futures_ledger"): ledger,
    }


def _price(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        price = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price <= 0:
        raise ValueError(f"index must be a price above 0 as text, or null, got {value!r}")
    return price
