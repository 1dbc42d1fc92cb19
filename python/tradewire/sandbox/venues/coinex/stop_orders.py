"""Stop orders as both products have them: they hold no money and become orders when their price comes.

``finished-stop-order`` lists those that fired, whether or not the venue then took the order; which of the two,
``stop.update`` alone says. Cancelled ones are forgotten, as cancelled orders are.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tradewire.sandbox.engine import UnknownOrder
from tradewire.sandbox.exact import ZERO, exactly, plain
from tradewire.sandbox.order import Kind
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import unreadable
from tradewire.sandbox.venues.coinex.core import MarketClosed
from tradewire.sandbox.venues.coinex.fields import (
    ClientId,
    Filter,
    Id,
    Items,
    Market,
    MarketType,
    Number,
    OneSide,
    OrderFilter,
    Page,
    Paged,
)
from tradewire.sandbox.venues.coinex.handlers import Call, Json, ProductHandlers
from tradewire.sandbox.venues.coinex.markets import ONLINE, MarketRules
from tradewire.sandbox.venues.coinex.order_terms import KIND_WORDS, refusal_of, require_minimum
from tradewire.sandbox.venues.coinex.stops import PriceKind, StopOrder

__all__ = ["StopOrderHandlers", "stop_parts"]


class StopOrderHandlers(ProductHandlers):
    """The stop orders of page groups ``spot/order`` and ``futures/order``; a product adds placing and its spellings."""

    topic = "stop_orders"
    place: Callable[..., Json]
    """Takes one stop order, see ``added``."""

    @abstractmethod
    def wallet(self, call: Call, market: MarketRules, market_type: str) -> str:
        """Return the wallet that pays an order; refuse a market type that the product or the market does not have."""

    @abstractmethod
    def wallets(self, call: Call, market: MarketRules | None, market_type: str) -> list[str]:
        """Return the wallets in which orders can be, in one market or in all of them."""

    @abstractmethod
    def shown(self, stop: StopOrder) -> Json:
        """Return a stop order as replies carry it, without a status."""

    @abstractmethod
    def watched(self, market: MarketRules, kind: PriceKind) -> Decimal:
        """Return a market's price now, of the kind that stop orders watch."""

    def limit_of(self, market: MarketRules, price: Any) -> Decimal:
        """Return a price that came, on the grid of the market."""
        at: Decimal = price.of(market.quote_places)
        return at

    def added(self, call: Call, market: MarketRules, stop: StopOrder) -> Json:
        """Keep a new stop order; refuse it where an order would be."""
        _require_open(market)
        size = stop.quantity
        if stop.in_quote:
            size = stop.quantity // (stop.trigger_price * market.lot) * market.lot
        require_minimum(size, market)
        self.core.stops.place(stop, self.watched(market, stop.price_kind), call.now_ms)
        return {"stop_id": stop.stop_id}

    @route("POST", "/v2/{product}/batch-stop-order", group="{product}-put", action="place", cost="orders")
    def place_batch(self, call: Call, orders: Items) -> list[Json]:
        """Take new stop orders, each by itself."""
        return self.run_batch(self.place, call, orders)

    @route("POST", "/v2/{product}/modify-stop-order", group="{product}-put", action="amend")
    @exactly
    def modify(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        stop_id: Id,
        amount: Number | None = None,
        price: Number | None = None,
        trigger_price: Number | None = None,
    ) -> Json:
        """Cancel a stop order and place it anew, changed, with an id of its own."""
        _require_open(market)
        stop = self._own(self.wallet(call, market, market_type), market, stop_id)
        if amount is None and price is None and trigger_price is None:
            raise unreadable("amount, price or trigger_price is required")
        size = None
        if amount is not None:
            size = amount.of(market.quote_places if stop.in_quote else market.base_places)
        limit = None
        if price is not None and stop.kind is not Kind.MARKET:
            limit = self.limit_of(market, price)
        trigger = None if trigger_price is None else self.limit_of(market, trigger_price)
        if size is not None and not stop.in_quote:
            require_minimum(size, market)
        fresh = self.core.stops.replace(
            stop,
            quantity=size,
            limit=limit,
            trigger_price=trigger,
            price=self.watched(market, stop.price_kind),
            now_ms=call.now_ms,
        )
        return {"stop_id": fresh.stop_id}

    @route("POST", "/v2/{product}/cancel-stop-order", group="{product}-cancel", action="cancel")
    def cancel(self, call: Call, market: Market, market_type: MarketType, stop_id: Id) -> Json:
        """Cancel a stop order."""
        stop = self._own(self.wallet(call, market, market_type), market, stop_id)
        self.core.stops.cancel(stop, call.now_ms)
        return self.shown(stop)

    @route(
        "POST",
        "/v2/{product}/cancel-stop-order-by-client-id",
        group="{product}-cancel-batch",
        action="cancel",
    )
    def cancel_by_client_id(
        self, call: Call, client_id: ClientId, market_type: MarketType, market: Market | None = None
    ) -> list[Json]:
        """Cancel every stop order with this client id; none gives an empty list."""
        done = []
        for wallet in self.wallets(call, market, market_type):
            for stop in OrderFilter(market, client_id=client_id).of(self.core.stops.live[wallet]):
                self.core.stops.cancel(stop, call.now_ms)
                done.append({"code": 0, "data": self.shown(stop), "message": "OK"})
        return done

    @route("GET", "/v2/{product}/pending-stop-order", group="{product}-query")
    def pending(self, call: Call, market_type: MarketType, page: Page, wanted: Filter) -> Paged:
        """Return stop orders that wait, newest first, with their number."""
        shown = self._listed(call, self.reads.view().stops, market_type, wanted)
        return page.of(shown, with_total=True)

    @route("GET", "/v2/{product}/finished-stop-order", group="{product}-history")
    def finished(
        self,
        call: Call,
        market_type: MarketType,
        page: Page,
        market: Market | None = None,
        side: OneSide | None = None,
    ) -> Paged:
        """Return stop orders that fired, newest first."""
        fired = self.reads.view().fired_stops
        return page.of(self._listed(call, fired, market_type, OrderFilter(market, side)))

    def _listed(
        self,
        call: Call,
        records: Mapping[str, Mapping[int, StopOrder]],
        market_type: str,
        wanted: OrderFilter,
    ) -> list[Json]:
        wallets = self.wallets(call, wanted.market, market_type)
        stops = {key: stop for wallet in wallets for key, stop in records.get(wallet, {}).items()}
        return [self.shown(stop) for stop in reversed(wanted.of(stops))]

    def _own(self, wallet: str, market: MarketRules, stop_id: int) -> StopOrder:
        stop = self.core.stops.live[wallet].get(stop_id)
        if stop is None or stop.market != market.name:
            raise refusal_of(UnknownOrder(), market)
        return stop


def stop_parts(stop: StopOrder) -> Json:
    """Return what replies and pushes of both products say of a stop order alike."""
    return {
        "stop_id": stop.stop_id,
        "market": stop.market,
        "side": stop.side.value,
        "type": KIND_WORDS[stop.kind],
        "amount": plain(stop.quantity),
        "price": plain(stop.price or ZERO),
        "client_id": stop.client_id,
        "trigger_price": plain(stop.trigger_price),
        "trigger_direction": stop.direction.value,
        "created_at": stop.created_ms,
        "updated_at": stop.updated_ms,
    }


def _require_open(market: MarketRules) -> None:
    if market.status != ONLINE:
        raise refusal_of(MarketClosed(), market)
