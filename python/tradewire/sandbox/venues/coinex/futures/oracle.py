"""What only a test may ask of the perpetuals: to move the index, to settle funding, to play traffic."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from tradewire.sandbox.exact import plain
from tradewire.sandbox.venue import Answer, ControlHandler
from tradewire.sandbox.venues.coinex.futures.desk import FuturesDesk

__all__ = ["routes"]

OK = 200


def routes(desk: FuturesDesk) -> Mapping[tuple[str, str], ControlHandler]:
    """Return the control requests of the perpetuals.

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

    def change(document: Mapping[str, Any]) -> Answer:
        if "index" in document:
            desk.force_index(document["market"], _price(document["index"]))
        paid = desk.funding.settle(desk.now_ms()) if document.get("settle_funding") else 0
        desk.traffic.step(int(document.get("step", 0)))
        return OK, {**show({})[1], "positions_paid": paid}

    return {("GET", "futures"): show, ("POST", "futures"): change}


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
