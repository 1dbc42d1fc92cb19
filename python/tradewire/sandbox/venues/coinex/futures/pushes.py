"""What the futures socket pushes besides depth: the topics of spot in their futures spelling, premium and positions.

Positions and balances are pushed when they change by trading, funding or liquidation, not with every mark price.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tradewire.sandbox.exact import exactly, plain
from tradewire.sandbox.order import Order, Trade
from tradewire.sandbox.venues.coinex.feeds import Feeds, Listener
from tradewire.sandbox.venues.coinex.framing import push
from tradewire.sandbox.venues.coinex.futures.desk import FuturesDesk
from tradewire.sandbox.venues.coinex.futures.margins import SETTLE
from tradewire.sandbox.venues.coinex.futures.markets import FUTURES_FEE_RATES
from tradewire.sandbox.venues.coinex.futures.positions import FuturesOrder, Position
from tradewire.sandbox.venues.coinex.futures.shapes import (
    balance_of,
    futures_deal_of,
    futures_order_of,
    position_of,
    state_of,
)
from tradewire.sandbox.venues.coinex.habits import Habits
from tradewire.sandbox.venues.coinex.stop_orders import stop_parts
from tradewire.sandbox.venues.coinex.stops import StopOrder
from tradewire.sandbox.venues.coinex.stream import Topics

__all__ = ["FUTURES_TOPICS", "FuturesFeeds"]

FUTURES_TOPICS = Topics(
    frozenset({"state", "deals", "bbo", "index", "premium"}),
    frozenset({"order", "stop", "user_deals", "balance", "position", "notice"}),
)


class FuturesFeeds(Feeds):
    """Pushes of the futures socket.

    Args:
        desk: Where news comes from.
        listeners: Who may want them.
        habits: How they are spelled.
    """

    def __init__(self, desk: FuturesDesk, listeners: Collection[Listener], habits: Habits) -> None:
        super().__init__(desk.core, listeners, habits)
        self._desk = desk
        self._changed: dict[int, tuple[Position, str]] = {}
        desk.core.listen_to_positions(self.on_position)

    def on_position(self, position: Position, event: str) -> None:
        """Take note of a position that changed; its last state goes out at the end of the command."""
        if self._listeners:
            self._changed[position.position_id] = position, event
            self._touched.setdefault(position.account, set()).add(SETTLE)

    def on_command(self, market: str, now_ms: int) -> None:
        """Send what goes out in real time: after orders, deals and balances, positions."""
        super().on_command(market, now_ms)
        changed, self._changed = self._changed, {}
        for position, event in changed.values():
            for listener in self._owners(position.account):
                if listener.wants("position", position.market):
                    news = {"event": event, "position": self._position_of(position)}
                    listener.send(push("position.update", news))

    @exactly
    def tick_index(self) -> None:
        """Send index, mark and premium."""
        super().tick_index()
        now_ms = self._desk.now_ms()
        for market, prices in self._desk.core.prices.items():
            news = {"market": market, "premium_index": plain(prices.premium), "updated_at": now_ms}
            self._broadcast("premium", market, "premium.update", news)

    def _assets(self, order: Order) -> tuple[str, ...]:  # noqa: ARG002 - the same for all
        return (SETTLE,)

    def _order_of(self, order: Order) -> dict[str, Any]:
        assert isinstance(order, FuturesOrder)
        shown = futures_order_of(order) | {"stop_id": order.stop_id}
        del shown["market_type"], shown["realized_pnl"]
        return shown

    def _stop_of(self, stop: StopOrder) -> dict[str, Any]:
        return stop_parts(stop) | {
            "trigger_price_type": stop.price_kind.value,
            "taker_fee_rate": plain(FUTURES_FEE_RATES.taker),
            "maker_fee_rate": plain(FUTURES_FEE_RATES.maker),
            "status": stop.status.value,
        }

    def _deal_of(self, trade: Trade, order: Order) -> dict[str, Any]:
        return futures_deal_of(trade, order)

    def _balance_of(self, account: str, asset: str, now_ms: int) -> dict[str, Any]:  # noqa: ARG002 - has no time
        return balance_of(self._desk.core, account, asset)

    def _position_of(self, position: Position) -> dict[str, Any]:
        shown = position_of(self._desk, position)
        del shown["market_type"]
        shown["settle_val"] = shown.pop("settle_value")
        return shown | {
            "first_filled_price": plain(position.first_price),
            "latest_filled_price": plain(position.last_price),
        }

    @exactly
    def _index(self, market: str) -> dict[str, Any]:
        prices = self._desk.core.prices[market]
        return {"market": market, "index_price": plain(prices.index), "mark_price": plain(prices.mark)}

    def _state(self, market: str, now_ms: int) -> dict[str, Any]:
        return state_of(self._desk, market, now_ms)
