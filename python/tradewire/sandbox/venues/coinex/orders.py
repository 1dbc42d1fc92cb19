"""Orders as both products have them: changed, cancelled and asked for, singly and in batches."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping

from tradewire.sandbox.engine import UnknownOrder
from tradewire.sandbox.exact import ZERO, plain
from tradewire.sandbox.order import Order
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
from tradewire.sandbox.venues.coinex.order_terms import KIND_WORDS, executed, refusal_of, require_minimum

__all__ = ["OrderHandlers", "order_parts", "status_of"]


class OrderHandlers(ProductHandlers):
    """Page groups ``spot/order`` and ``futures/order``; a product adds placing, cancelling by ids and its spellings."""

    topic = "orders"
    place: Callable[..., Json]
    """Takes one order."""

    @abstractmethod
    def wallet(self, call: Call, market: MarketRules, market_type: str) -> str:
        """Return the account of an order; refuse a market type that the product or the market does not have."""

    @abstractmethod
    def wallets(self, call: Call, market: MarketRules | None, market_type: str) -> list[str]:
        """Return the accounts in which orders can be, in one market or in all of them."""

    @abstractmethod
    def every_wallet(self, call: Call, market: MarketRules) -> list[str]:
        """Return the accounts in which orders of a market can be, whatever their market type."""

    @abstractmethod
    def shown(self, order: Order) -> Json:
        """Return an order as replies carry it, without a status."""

    @route("POST", "/v2/{product}/batch-order", group="{product}-put", action="place", cost="orders")
    def place_batch(self, call: Call, orders: Items) -> list[Json]:
        """Take new orders, each by itself; the spot markets of 2024 did not wrap those they took."""
        bare = self.options.bare_batch_items and self.product == "spot"
        return self.run_batch(self.place, call, orders, bare=bare)

    @route("POST", "/v2/{product}/modify-order", group="{product}-put", action="amend")
    def modify(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        order_id: Id,
        amount: Number | None = None,
        price: Number | None = None,
    ) -> Json:
        """Change price or size of an order, which keeps its id."""
        if market.status != ONLINE:
            raise refusal_of(MarketClosed(), market)
        wallet = self._own(self.wallet(call, market, market_type), market, order_id)
        if amount is None and price is None:
            raise unreadable("amount or price is required")
        size = None if amount is None else amount.of(market.base_places)
        if size is not None:
            require_minimum(size, market)
        at = None if price is None else price.of(market.quote_places)
        order = executed(
            market,
            lambda: self.core.amend(market.name, order_id, price=at, quantity=size, now_ms=call.now_ms),
        )
        return {
            **self.shown(order),
            "status": status_of(order, is_live=order_id in self.core.live[wallet]),
        }

    @route("POST", "/v2/{product}/batch-modify-order", group="{product}-put", action="amend", cost="orders")
    def modify_batch(self, call: Call, orders: Items) -> list[Json]:
        """Change orders, each by itself."""
        return self.run_batch(self.modify, call, orders)

    @route("POST", "/v2/{product}/cancel-order", group="{product}-cancel", action="cancel")
    def cancel(self, call: Call, market: Market, market_type: MarketType, order_id: Id) -> Json:
        """Cancel an order."""
        self._own(self.wallet(call, market, market_type), market, order_id)
        order = executed(market, lambda: self.core.cancel(market.name, order_id, call.now_ms))
        return self.shown(order)

    @route("POST", "/v2/{product}/cancel-all-order", group="{product}-cancel-batch", action="cancel")
    def cancel_all(
        self, call: Call, market: Market, market_type: MarketType, side: OneSide | None = None
    ) -> Json:
        """Cancel every order of a market, or of one side of it."""
        wallet = self.wallet(call, market, market_type)
        for order in OrderFilter(market, side).of(self.core.live[wallet]):
            self.core.cancel(market.name, order.order_id, call.now_ms)
        return {}

    @route("POST", "/v2/{product}/cancel-order-by-client-id", group="{product}-cancel-batch", action="cancel")
    def cancel_by_client_id(
        self, call: Call, client_id: ClientId, market_type: MarketType, market: Market | None = None
    ) -> list[Json]:
        """Cancel every order with this client id; none gives an empty list."""
        done = []
        for wallet in self.wallets(call, market, market_type):
            for order in OrderFilter(market, client_id=client_id).of(self.core.live[wallet]):
                data = self.cancel(call, self.core.rules[order.market], market_type, order.order_id)
                done.append({"code": 0, "data": data, "message": "OK"})
        return done

    @route("GET", "/v2/{product}/order-status", group="{product}-query")
    def order_status(self, call: Call, market: Market, order_id: Id) -> Json:
        """Return an order that is live, or was filled at least in part."""
        records = self.reads.view()
        for wallet in self.every_wallet(call, market):
            for orders in (records.live, records.finished):
                order = orders.get(wallet, {}).get(order_id)
                if order is not None and order.market == market.name:
                    is_live = orders is records.live
                    return {**self.shown(order), "status": status_of(order, is_live=is_live)}
        raise refusal_of(UnknownOrder(), market)

    @route("GET", "/v2/{product}/batch-order-status", group="{product}-query")
    def order_statuses(self, call: Call, market: Market, order_ids: Items) -> list[Json]:
        """Return orders, each by itself."""
        items = [{"market": market.name, "order_id": one} for one in order_ids]
        return self.run_batch(self.order_status, call, items, from_query=True)

    @route("GET", "/v2/{product}/pending-order", group="{product}-query")
    def pending(self, call: Call, market_type: MarketType, page: Page, wanted: Filter) -> Paged:
        """Return live orders, newest first, with their number."""
        live = self.reads.view().live
        return page.of(list(self._listed(call, live, market_type, wanted)), with_total=True)

    @route("GET", "/v2/{product}/finished-order", group="{product}-history")
    def finished(self, call: Call, market_type: MarketType, page: Page, wanted: Filter) -> Paged:
        """Return orders that are done and were filled at least in part, newest first."""
        shown = list(self._listed(call, self.reads.view().finished, market_type, wanted))
        for order in shown:
            del order["last_filled_amount"], order["last_filled_price"]
        return page.of(shown)

    def _listed(
        self,
        call: Call,
        records: Mapping[str, Mapping[int, Order]],
        market_type: str,
        wanted: OrderFilter,
    ) -> Iterator[Json]:
        wallets = self.wallets(call, wanted.market, market_type)
        orders = {key: order for wallet in wallets for key, order in records.get(wallet, {}).items()}
        for order in reversed(wanted.of(orders)):
            yield self.shown(order)

    def _own(self, wallet: str, market: MarketRules, order_id: int) -> str:
        """Return the wallet, which has a live order of this id."""
        order = self.core.live[wallet].get(order_id)
        if order is None or order.market != market.name:
            raise refusal_of(UnknownOrder(), market)
        return wallet


def order_parts(order: Order) -> Json:
    """Return what replies and pushes say of an order alike."""
    return {
        "order_id": order.order_id,
        "market": order.market,
        "side": order.side.value,
        "type": KIND_WORDS[order.kind],
        "amount": plain(order.quantity),
        "price": plain(order.price or ZERO),
        "unfilled_amount": plain(order.remaining),
        "filled_amount": plain(order.filled),
        "filled_value": plain(order.filled_value),
        "client_id": order.client_id,
        "maker_fee_rate": plain(order.rates.maker),
        "taker_fee_rate": plain(order.rates.taker),
        "last_filled_amount": plain(order.last_fill_quantity),
        "last_filled_price": plain(order.last_fill_price),
        "created_at": order.created_ms,
        "updated_at": order.updated_ms,
    }


def status_of(order: Order, *, is_live: bool) -> str:
    """Return the status of an order that can be queried."""
    if is_live:
        return "part_filled" if order.filled else "open"
    if not order.remaining:
        return "filled"
    return "part_canceled" if order.filled else "canceled"
