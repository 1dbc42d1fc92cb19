"""The oracle of Exchange: a whole book as of any remembered sequence, and an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewire.sandbox.venue import Answer, ControlHandler
from tradewire.sandbox.venues.exchange.core import ExchangeCore
from tradewire.sandbox.venues.exchange.leaderboard import mark_of
from tradewire.sandbox.venues.exchange.positions import POSITION_LIMIT
from tradewire.sandbox.venues.exchange.records import BUY, Order, User

__all__ = ["Oracle"]

STATUSES = {"open": "open", "filled": "filled", "canceled": "cancelled"}
OK = 200
NOT_FOUND = 404


class Oracle:
    """Answers for the control surface."""

    def __init__(self, core: ExchangeCore) -> None:
        self._core = core

    def routes(self) -> Mapping[tuple[str, str], ControlHandler]:
        """Return the control requests: ``GET book?market=&sequence=`` and ``GET ledger?api_key=``."""
        return {("GET", "book"): self._book, ("GET", "ledger"): self._ledger}

    def book_at(self, market: str, sequence: int) -> dict[str, Any] | None:
        """Return ``[order_id, price, remaining]`` by side in priority as of ``sequence``; ``None`` if forgotten."""
        book = self._core.events.journal.book_at(market, sequence)
        return None if book is None else {"sequence": sequence, **book}

    def ledger_of(self, api_key: str) -> dict[str, Any]:
        """Return an account as the venue has it.

        Orders are those ever placed since the venue began or was reset, oldest first, with their last state.

        Raises:
            KeyError: No trader has this key.
        """
        core = self._core
        user = core.by_key[api_key]
        ended = core.finished.get(user.trader_id, {}).values()
        resting = core.open_orders(user.trader_id)
        orders = [*ended, *((order, "open") for order in resting)]
        orders.sort(key=lambda row: row[0].created_at_us)
        return {
            "orders": [{**order.shape(), "status": status} for order, status in orders],
            "fills": [fill.shape() for fill in core.fills_of(user.trader_id)],
            "positions": [position.shape() for position in core.positions_of(user.trader_id)],
            "position_limit": POSITION_LIMIT,
            "exposure": self._exposure(user, resting),
        }

    def account_of(self, api_key: str) -> dict[str, Any]:
        """Return an account in words that all venues share."""
        ledger = self.ledger_of(api_key)
        own = {row["id"] for row in ledger["orders"]}
        return {
            "orders": [
                {
                    "order_id": row["id"],
                    "status": STATUSES[row["status"]],
                    "filled_size": str(row["quantity"] - row["remaining"]),
                }
                for row in ledger["orders"]
            ],
            # A trade of two orders of one trader is a fill of both.
            "fills": [
                {
                    "order_id": order_id,
                    "trade_id": row["fill_id"],
                    "price": str(row["price"]),
                    "size": str(row["quantity"]),
                }
                for row in ledger["fills"]
                for order_id in (row["maker_order_id"], row["taker_order_id"])
                if order_id in own
            ],
            "positions": {row["market"]: self._valued(row) for row in ledger["positions"]},
        }

    def _valued(self, position: Mapping[str, Any]) -> dict[str, str | None]:
        """Return a position with its profit at the market's mark."""
        average, mark = position["average_entry_price"], mark_of(self._core, position["market"])
        size = position["net_quantity"]
        return {
            "size": str(size),
            "average_price": None if average is None else str(average),
            "realized_pnl": str(position["realized_pnl"]),
            "mark": str(mark),
            "unrealized_pnl": str(0 if average is None else (mark - average) * size),
        }

    def _exposure(self, user: User, resting: list[Order]) -> dict[str, dict[str, int]]:
        """Return by market the worst positions that resting orders can lead to."""
        core = self._core
        markets = {order.market for order in resting}
        markets |= {position.market for position in core.positions_of(user.trader_id)}
        exposure = {}
        for market in sorted(markets):
            net = core.position(user.trader_id, market).net_quantity
            own = [order for order in resting if order.market == market]
            buys = sum(order.remaining for order in own if order.side == BUY)
            sells = sum(order.remaining for order in own if order.side != BUY)
            exposure[market] = {"net": net, "longest": net + buys, "shortest": net - sells}
        return exposure

    def _book(self, query: Mapping[str, Any]) -> Answer:
        market = query["market"]
        now = self._core.events.sequences.get(market, 0)
        book = self.book_at(market, int(query.get("sequence", now)))
        if book is None:
            return NOT_FOUND, {"error": "no such sequence, or it is no longer remembered"}
        return OK, book

    def _ledger(self, query: Mapping[str, Any]) -> Answer:
        return OK, self.ledger_of(query["api_key"])
