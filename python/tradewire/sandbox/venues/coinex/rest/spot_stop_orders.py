"""Stop orders in spot markets: they hold no money and become orders when their price comes.

``finished-stop-order`` lists those that fired, whether or not the venue then took the order; which of the two,
``stop.update`` alone says. Cancelled ones are forgotten, as cancelled orders are.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from tradewire.sandbox.engine import UnknownOrder
from tradewire.sandbox.exact import ZERO, exactly, plain
from tradewire.sandbox.order import Kind
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import unreadable
from tradewire.sandbox.venues.coinex.core import FEE_RATES, MarketClosed
from tradewire.sandbox.venues.coinex.fields import (
    ClientId,
    Filter,
    Id,
    Items,
    Market,
    Number,
    OneSide,
    OrderFilter,
    Page,
    Paged,
    SpotType,
    TriggerPriceType,
)
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.coinex.markets import ONLINE, MarketRules
from tradewire.sandbox.venues.coinex.order_terms import (
    KIND_WORDS,
    SPOT_TERMS,
    SpotTerms,
    refusal_of,
    require_minimum,
)
from tradewire.sandbox.venues.coinex.stops import PriceKind, StopOrder
from tradewire.sandbox.venues.coinex.wallets import (
    margin_market_of,
    margin_wallet,
    market_type_of,
    spot_wallet,
    spot_wallets,
)

__all__ = ["SpotStopOrders", "pushed_stop_of", "stop_parts"]


class SpotStopOrders(Handlers):
    """The stop orders of page group ``spot/order``."""

    topic = "stop_orders"

    @route("POST", "/v2/spot/stop-order", group="spot-put", action="place")
    @exactly
    def place(
        self,
        call: Call,
        terms: Annotated[SpotTerms, SPOT_TERMS],
        market_type: SpotType,
        trigger_price: Number,
        trigger_price_type: TriggerPriceType = PriceKind.MARK,
    ) -> Json:
        """Take a new stop order; captured orders that did not say which price they watch report the mark price."""
        market = terms.market
        _require_open(market)
        stop = StopOrder(
            stop_id=self.core.stops.next_id(),
            account=spot_wallet(call.account, market, market_type),
            market=market.name,
            side=terms.side,
            kind=terms.type_,
            quantity=terms.quantity,
            price=terms.limit,
            trigger_price=trigger_price.of(market.quote_places),
            price_kind=trigger_price_type,
            in_quote=terms.is_in_quote,
            hidden=terms.is_hide,
            self_trade=terms.stp_mode,
            client_id=terms.client_id,
        )
        _require_size(stop, market)
        self.core.stops.place(stop, self.core.last_price(market.name), call.now_ms)
        return {"stop_id": stop.stop_id}

    @route("POST", "/v2/spot/batch-stop-order", group="spot-put", action="place", cost="orders")
    def place_batch(self, call: Call, orders: Items) -> list[Json]:
        """Take new stop orders, each by itself."""
        return self.run_batch(self.place, call, orders)

    @route("POST", "/v2/spot/modify-stop-order", group="spot-put", action="amend")
    @exactly
    def modify(
        self,
        call: Call,
        market: Market,
        market_type: SpotType,
        stop_id: Id,
        amount: Number | None = None,
        price: Number | None = None,
        trigger_price: Number | None = None,
    ) -> Json:
        """Cancel a stop order and place it anew, changed, with an id of its own."""
        _require_open(market)
        stop = self._own(spot_wallet(call.account, market, market_type), market, stop_id)
        if amount is None and price is None and trigger_price is None:
            raise unreadable("amount, price or trigger_price is required")
        size = None
        if amount is not None:
            size = amount.of(market.quote_places if stop.in_quote else market.base_places)
        limit = None
        if price is not None and stop.kind is not Kind.MARKET:
            limit = price.of(market.quote_places)
        trigger = None if trigger_price is None else trigger_price.of(market.quote_places)
        if size is not None and not stop.in_quote:
            require_minimum(size, market)
        fresh = self.core.stops.replace(
            stop,
            quantity=size,
            limit=limit,
            trigger_price=trigger,
            price=self.core.last_price(market.name),
            now_ms=call.now_ms,
        )
        return {"stop_id": fresh.stop_id}

    @route("POST", "/v2/spot/cancel-stop-order", group="spot-cancel", action="cancel")
    def cancel(self, call: Call, market: Market, market_type: SpotType, stop_id: Id) -> Json:
        """Cancel a stop order."""
        stop = self._own(spot_wallet(call.account, market, market_type), market, stop_id)
        self.core.stops.cancel(stop, call.now_ms)
        return stop_of(stop, market)

    @route(
        "POST",
        "/v2/spot/cancel-batch-stop-order",
        group="spot-cancel-batch",
        action="cancel",
        cost="stop_ids",
    )
    def cancel_batch(self, call: Call, market: Market, stop_ids: Items) -> list[Json]:
        """Cancel stop orders of the spot and the margin account, each by itself."""
        in_margin = self.core.stops.live[margin_wallet(call.account, market.name)]
        items = [
            {
                "market": market.name,
                "market_type": "MARGIN" if one in in_margin else "SPOT",
                "stop_id": one,
            }
            for one in stop_ids
        ]
        return self.run_batch(self.cancel, call, items)

    @route("POST", "/v2/spot/cancel-stop-order-by-client-id", group="spot-cancel-batch", action="cancel")
    def cancel_by_client_id(
        self, call: Call, client_id: ClientId, market_type: SpotType, market: Market | None = None
    ) -> list[Json]:
        """Cancel every stop order with this client id; none gives an empty list."""
        done = []
        for wallet in spot_wallets(call.account, self.core.rules, market, market_type):
            for stop in OrderFilter(market, client_id=client_id).of(self.core.stops.live[wallet]):
                self.core.stops.cancel(stop, call.now_ms)
                data = stop_of(stop, self.core.rules[stop.market])
                done.append({"code": 0, "data": data, "message": "OK"})
        return done

    @route("GET", "/v2/spot/pending-stop-order", group="spot-query")
    def pending(self, call: Call, market_type: SpotType, page: Page, wanted: Filter) -> Paged:
        """Return stop orders that wait, newest first, with their number."""
        shown = self._listed(call, self.reads.view().stops, market_type, wanted)
        return page.of(shown, with_total=True)

    @route("GET", "/v2/spot/finished-stop-order", group="spot-history")
    def finished(
        self,
        call: Call,
        market_type: SpotType,
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
        wallets = spot_wallets(call.account, self.core.rules, wanted.market, market_type)
        stops = {key: stop for wallet in wallets for key, stop in records.get(wallet, {}).items()}
        return [stop_of(stop, self.core.rules[stop.market]) for stop in reversed(wanted.of(stops))]

    def _own(self, wallet: str, market: MarketRules, stop_id: int) -> StopOrder:
        stop = self.core.stops.live[wallet].get(stop_id)
        if stop is None or stop.market != market.name:
            raise refusal_of(UnknownOrder(), market)
        return stop


def stop_of(stop: StopOrder, rules: MarketRules) -> Json:
    """Return a stop order as replies carry it, without a status."""
    return stop_parts(stop) | {
        "market_type": market_type_of(stop.account),
        "ccy": rules.quote if stop.in_quote else rules.base,
        "trigger_price_type": stop.price_kind.value,
    }


def pushed_stop_of(stop: StopOrder) -> Json:
    """Return a stop order as pushes of spot carry it, without the kind of price it watches."""
    return stop_parts(stop) | {
        "margin_market": margin_market_of(stop.account),
        "taker_fee_rate": plain(FEE_RATES.taker),
        "maker_fee_rate": plain(FEE_RATES.maker),
        "status": stop.status.value,
    }


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


def _require_size(stop: StopOrder, market: MarketRules) -> None:
    size: Decimal = stop.quantity
    if stop.in_quote:
        size = stop.quantity // (stop.trigger_price * market.lot) * market.lot
    require_minimum(size, market)
