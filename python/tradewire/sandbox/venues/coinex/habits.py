"""What a CoinEx venue does otherwise than its pages say, applied to documents on their way out.

Handlers and feeds answer as docs.coinex.com/api/v2 prints it, read 2026-11-20; each habit of ``CoinExOptions`` changes
the spelling here, so that no handler asks for it. Sources of the habits: captures in public client projects and a probe
of the live futures socket of 2026-09-23.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from tradewire.sandbox.exact import padded, plain
from tradewire.sandbox.routing import Route
from tradewire.sandbox.venues.coinex.codes import Code, Refusal, UnknownMarket
from tradewire.sandbox.venues.coinex.options import CoinExOptions

__all__ = ["Habits"]

PUSHED_AMOUNT_PLACES = 8
OLD_FILL_NAMES = {"last_filled_amount": "last_fill_amount", "last_filled_price": "last_fill_price"}
OLD_CANDLE_NAMES = {"volume": "value", "value": "volume"}
OLD_PUSH_NAMES = {
    "unfilled_amount": "unfill_amount",
    "filled_value": "fill_value",
    **OLD_FILL_NAMES,
}
NULL_WHEN_EMPTY = frozenset({"/v2/assets/futures/balance"})
NULL_WHEN_UNKNOWN = frozenset({"/v2/spot/order-status", "/v2/futures/order-status"})
KLINES = frozenset({"/v2/spot/kline", "/v2/futures/kline"})
MISSPELT_PAGE = frozenset({"/v2/assets/deposit-history"})


Spelling: TypeAlias = Callable[[Decimal, int], str]
"""Of a number, with the places of its market."""


def _unpadded_price(value: Decimal, _places: int) -> str:
    return plain(value)


def _long_amount(value: Decimal, _places: int) -> str:
    return padded(value, PUSHED_AMOUNT_PLACES)


class Habits:
    """The habits of one venue.

    Args:
        options: What the venue is to be like.
    """

    def __init__(self, options: CoinExOptions) -> None:
        self._options = options
        self.price: Spelling = _unpadded_price if options.unpadded_prices else padded
        """Returns a price as pushes carry it."""
        self.amount: Spelling = _long_amount if options.unpadded_prices else padded
        """Returns an amount as pushes carry it."""

    def refusal(self, refusal: Refusal) -> tuple[Code, str]:
        """Return code and message of a refusal over REST."""
        if isinstance(refusal, UnknownMarket) and self._options.answers_unknown_markets_4004:
            return Code.PARAMETER_ERROR, "invalid argument"
        return refusal.code, refusal.message

    def is_null(self, route: Route, refusal: Refusal) -> bool:
        """Say whether a refusal is sent as success with ``data: null``."""
        is_unknown = refusal.code is Code.ORDER_NOT_FOUND and route.path in NULL_WHEN_UNKNOWN
        return is_unknown and self._options.null_for_unknown_order

    def asked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the members of a request as this venue understands them."""
        kind = values.get("market_type")
        if self._options.any_case_market_types and isinstance(kind, str):
            return values | {"market_type": kind.upper()}
        return values

    def envelope(self, route: Route, document: dict[str, Any]) -> dict[str, Any]:
        """Return a successful reply as this venue spells it."""
        options, data = self._options, document["data"]
        if options.null_for_empty_balance and not data and route.path in NULL_WHEN_EMPTY:
            document["data"] = None
        if options.misspells_pagination and route.path in MISSPELT_PAGE and "pagination" in document:
            document["paginatation"] = document.pop("pagination")
        if options.old_candle_volumes and route.path in KLINES:
            document["data"] = [_renamed(row, OLD_CANDLE_NAMES) for row in data]
        if route.topic == "orders" and (options.old_fill_names or options.old_part_deal):
            rows = data if isinstance(data, list) else [data]
            shown = [self._row(route, row) for row in rows]
            document["data"] = shown if rows is data else shown[0]
        return document

    def batch_item(self, data: Any) -> dict[str, Any]:
        """Return a successful element of a batch."""
        return {"code": 0, "data": data, "message": "" if self._options.empty_batch_messages else "OK"}

    def order_push(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return the order in a push of the spot socket."""
        if self._options.old_order_pushes:
            del order["filled_amount"]
            return _renamed(order, OLD_PUSH_NAMES)
        return _renamed(order, OLD_FILL_NAMES) if self._options.old_fill_names else order

    def _row(self, route: Route, row: Any) -> Any:
        """Return an order, or an element of a batch with its order inside."""
        if not isinstance(row, dict):
            return row
        if isinstance(row.get("data"), dict):
            return row | {"data": self._row(route, row["data"])}
        if self._options.old_part_deal and row.get("status") == "part_filled":
            row = row | {"status": "part_deal"}
        is_spot = route.path.startswith("/v2/spot/")
        return _renamed(row, OLD_FILL_NAMES) if is_spot and self._options.old_fill_names else row


def _renamed(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in row.items()}
