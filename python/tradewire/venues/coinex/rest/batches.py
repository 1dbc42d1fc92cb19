"""Batches of both products: several orders in one request, with an outcome for each.

A batch costs one token of its rate group for each item, here as at the venue: it saves round trips and no quota.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, TypedDict, TypeVar

from msgspec import field
from msgspec.structs import replace

from tradewire.errors import ConfigError, OutcomeUnknown, RequestError, VenueUnavailable
from tradewire.model import AccountKind, Order, OrderType, Side, StpMode, TimeInForce
from tradewire.protocol.arguments import Exact, check_plain, exact
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.mismatch import mismatch
from tradewire.protocol.request import Argument, Name, Request
from tradewire.session.batch import Shared, check_count, each_outcome, fitting, placed_together, send_together
from tradewire.session.live_order import LiveOrder
from tradewire.venues.coinex import errors, parse, parse_stops, replies, shapes
from tradewire.venues.coinex.api import FUTURES, SPOT, AccountWord, ProductRow, both, venue_number
from tradewire.venues.coinex.model import StopOrder
from tradewire.venues.coinex.rest import placing, stop_orders
from tradewire.venues.coinex.rest.orders import AmendOrder
from tradewire.venues.coinex.rest.placing import PlaceOrder
from tradewire.venues.coinex.rest.stop_orders import PlaceStopOrder, StopOrders, StopOrderTerms
from tradewire.wire import Accepted

__all__ = ["MAX_BATCH", "AmendTerms", "Batches", "OrderTerms"]

MAX_BATCH = 20
"""The venue publishes no bound; its examples have five. More would not fit the smallest bucket that pays for them."""

RequestT = TypeVar("RequestT", bound=Request)
ResponseT = TypeVar("ResponseT")
ItemT = TypeVar("ItemT")


class OrderTerms(TypedDict, total=False):
    """Arguments of ``place_order``, of which ``market``, ``side`` and ``size`` must be there."""

    market: str
    side: Side | str
    size: Exact
    price: Exact | None
    type: OrderType | str
    time_in_force: TimeInForce | str
    post_only: bool
    client_order_id: str | None
    stp: StpMode | str | None
    is_hidden: bool
    size_asset: str | None
    account: AccountKind | str | None


class AmendTerms(TypedDict, total=False):
    """Arguments of ``amend_order``, of which ``market``, ``order_id`` and a new value must be there."""

    market: str
    order_id: str
    price: Exact | None
    size: Exact | None
    account: AccountKind | str | None


def _each(_: str, items: Sequence[Request]) -> list[dict[str, object]]:
    return [item.members() for item in items]


def _numbers(name: str, ids: Sequence[str]) -> list[int]:
    return [venue_number(name, one) for one in ids]


def _listed(name: str, ids: Sequence[str]) -> str:
    return ",".join(map(str, _numbers(name, ids)))


class PlaceOrders(Request, frozen=True):
    """New orders."""

    orders: Annotated[Sequence[PlaceOrder], Argument(_each)]


class AmendOrders(Request, frozen=True):
    """New prices and sizes of orders."""

    orders: Annotated[Sequence[AmendOrder], Argument(_each)]


class PlaceStopOrders(Request, frozen=True):
    """New stop orders."""

    orders: Annotated[Sequence[PlaceStopOrder], Argument(_each)]


class OrderRefs(Request, frozen=True):
    """Orders of a market, by the venue's numbers."""

    market: Name
    order_ids: Annotated[Sequence[str], Argument(_numbers)]


class FuturesOrderRefs(OrderRefs, frozen=True):
    """The same of futures, which must say so."""

    account: AccountWord = field(name="market_type", default=AccountKind.FUTURES)


class OrdersQuery(Request, frozen=True):
    """Orders of a market, to be asked for."""

    market: Name
    order_ids: Annotated[Sequence[str], Argument(_listed)]


class StopOrderRefs(Request, frozen=True):
    """Stop orders of a market, by the venue's numbers."""

    market: Name
    stop_ids: Annotated[Sequence[str], Argument(_numbers)]


class FuturesStopOrderRefs(StopOrderRefs, frozen=True):
    """The same of futures, which must say so."""

    account: AccountWord = field(name="market_type", default=AccountKind.FUTURES)


ASK = "{client}.orders(market, order_ids), or {client}.open_orders()"
ASK_STOPS = "{client}.open_stop_orders(), then {client}.closed_stop_orders()"

PLACE_ORDERS = both(
    "POST", "batch-order", PlaceOrders,
    lambda product: replies.placed_batch(placing.ROWS[product], f"POST /v2/{product.name}/batch-order"),
    group="put", source="order/http/put-multi-order", is_placing=True,
    lookup="{client}.open_orders(), then {client}.closed_orders(), by client order id",
)  # fmt: skip
AMEND_ORDERS = both(
    "POST", "batch-modify-order", AmendOrders,
    lambda product: replies.batch(
        placing.ROWS[product], parse.order, f"POST /v2/{product.name}/batch-modify-order"
    ),
    group="put", source="order/http/batch-modify-order", lookup=ASK,
)  # fmt: skip
CANCEL_ORDERS = both(
    "POST", "cancel-batch-order", {SPOT: OrderRefs, FUTURES: FuturesOrderRefs},
    lambda product: replies.batch(
        placing.ROWS[product], parse.finished_order, f"POST /v2/{product.name}/cancel-batch-order"
    ),
    group="cancel-batch", source="order/http/cancel-batch-order", effect=Effect.REPEATABLE, is_cancel=True,
    lookup=ASK,
)  # fmt: skip
ORDERS = both(
    "GET", "batch-order-status", OrdersQuery,
    lambda product: replies.order_batch(placing.ROWS[product], f"GET /v2/{product.name}/batch-order-status"),
    group="query", source="order/http/get-multi-order-status",
)  # fmt: skip
PLACE_STOP_ORDERS = both(
    "POST", "batch-stop-order", PlaceStopOrders,
    lambda product: replies.batch(
        shapes.StopRef, lambda row: row, f"POST /v2/{product.name}/batch-stop-order"
    ),
    group="put", source="order/http/put-multi-stop-order", lookup=ASK_STOPS,
)  # fmt: skip
CANCEL_STOP_ORDERS = both(
    "POST", "cancel-batch-stop-order", {SPOT: StopOrderRefs, FUTURES: FuturesStopOrderRefs},
    lambda product: replies.batch(
        stop_orders.ROWS[product], parse_stops.cancelled_stop, f"POST /v2/{product.name}/cancel-batch-stop-order"
    ),
    group="cancel-batch", source="order/http/cancel-batch-stop-order", effect=Effect.REPEATABLE,
    is_cancel=True, lookup=ASK_STOPS,
)  # fmt: skip


class Batches(StopOrders):
    """Batches. Each returns one outcome for each item, in this order, and raises for none of them.

    An outcome is what the call for a single item returns, or the error that it would raise: ``NotSent`` for an item
    that makes no sense, which does not keep the others back, and for all of them if nothing could be sent.
    """

    @PLACE_ORDERS.documents
    async def place_orders(self, items: Iterable[OrderTerms]) -> tuple[Order | RequestError, ...]:
        """Place orders in one request and return what became of each. Cost: one token of the rate group each.

        Each order is followed as one that was placed alone: if its outcome is unknown, it is asked for, and nothing is
        ever sent twice. ``live_orders`` has them.

        Args:
            items: 1 to 20, each with the arguments of ``place_order``: ``{"market": "BTCUSDT", "side": "buy", ...}``.

        Raises:
            ConfigError: There is no item, there are more than 20, or two have the same client order id.
        """
        return await each_outcome(items, self._order_of, self._placed_together, most=MAX_BATCH)

    def send_orders(self, items: Iterable[OrderTerms]) -> tuple[LiveOrder, ...]:
        """Place orders in one request without waiting, as ``place_orders``, and return what follows each.

        Args:
            items: As for ``place_orders``.

        Raises:
            ConfigError: An item makes no sense, a live order has its client order id, there is no item or there are
                more than 20. Nothing was sent.
        """
        requests = [self._order_of(item) for item in items]
        check_count(requests, MAX_BATCH)
        return self._send_together(requests)[0]

    @AMEND_ORDERS.documents
    async def amend_orders(self, items: Iterable[AmendTerms]) -> tuple[Order | RequestError, ...]:
        """Change prices and sizes of open orders in one request. Cost: one token of the rate group each.

        Args:
            items: 1 to 20, each with the arguments of ``amend_order``.

        Raises:
            ConfigError: There is no item, or there are more than 20.
        """
        return await each_outcome(items, self._amendment_of, self._amended, most=MAX_BATCH)

    @CANCEL_ORDERS.documents
    async def cancel_orders(self, market: str, order_ids: Iterable[str]) -> tuple[Order | RequestError, ...]:
        """Cancel orders of a market in one request. Cost: one token of the rate group each.

        The venue finds them in the spot and the margin account alike. To cancel twice does no harm.

        Args:
            market: The orders' market.
            order_ids: 1 to 20 of ``Order.order_id``.

        Raises:
            ConfigError: The market is malformed, there is no id, or there are more than 20.
        """
        check_plain("market", market)

        async def send(ids: Sequence[str]) -> Sequence[Order | RequestError]:
            kind = OrderRefs if self.product is SPOT else FuturesOrderRefs
            found = await self._send(CANCEL_ORDERS, kind(market, ids), ids, _same_id)
            return [self._heard(one) for one in found]

        return await each_outcome(order_ids, _checked_id, send, most=MAX_BATCH)

    @ORDERS.documents
    async def orders(self, market: str, order_ids: Iterable[str]) -> tuple[Order | RequestError, ...]:
        """Return orders of a market in one request; ``OrderNotFound`` for one that was cancelled without a fill.

        Args:
            market: The orders' market.
            order_ids: 1 to 20 of ``Order.order_id``.

        Raises:
            ConfigError: The market is malformed, there is no id, or there are more than 20.
        """
        check_plain("market", market)

        async def send(ids: Sequence[str]) -> Sequence[Order | RequestError]:
            found = await self._send(ORDERS, OrdersQuery(market, ids), ids, _same_id, weight=1)
            return [_unanswered(one) or self._heard(one) for one in found]

        return await each_outcome(order_ids, _checked_id, send, most=MAX_BATCH)

    @PLACE_STOP_ORDERS.documents
    async def place_stop_orders(
        self, items: Iterable[StopOrderTerms]
    ) -> tuple[StopOrder | RequestError, ...]:
        """Have the venue place orders once prices are reached. Cost: one token of the rate group each.

        Args:
            items: 1 to 20, each with the arguments of ``place_stop_order``.

        Raises:
            ConfigError: There is no item, or there are more than 20.
        """

        async def send(asked: Sequence[PlaceStopOrder]) -> Sequence[StopOrder | RequestError]:
            found = await self._send(PLACE_STOP_ORDERS, PlaceStopOrders(asked), asked, lambda _item, _ref: "")
            return [
                ref if isinstance(ref, RequestError) else item.placed(ref)
                for item, ref in zip(asked, found, strict=True)
            ]

        return await each_outcome(items, self._stop_order_of, send, most=MAX_BATCH)

    @CANCEL_STOP_ORDERS.documents
    async def cancel_stop_orders(
        self, market: str, stop_ids: Iterable[str]
    ) -> tuple[StopOrder | RequestError, ...]:
        """Cancel stop orders of a market in one request. Cost: one token of the rate group each.

        Args:
            market: The stop orders' market.
            stop_ids: 1 to 20 of ``StopOrder.stop_id``.

        Raises:
            ConfigError: The market is malformed, there is no id, or there are more than 20.
        """
        check_plain("market", market)

        async def send(ids: Sequence[str]) -> Sequence[StopOrder | RequestError]:
            kind = StopOrderRefs if self.product is SPOT else FuturesStopOrderRefs
            return await self._send(
                CANCEL_STOP_ORDERS,
                kind(market, ids),
                ids,
                lambda one, stop: mismatch(stop_id=(one, stop.stop_id)),
            )

        return await each_outcome(stop_ids, _checked_id, send, most=MAX_BATCH)

    def _order_of(self, item: OrderTerms) -> PlaceOrder:
        """Return what is sent of an item; raises ``ConfigError`` for one that makes no sense."""
        check_item(item, OrderTerms, "market", "side", "size")
        prepared = self._prepared(
            item["market"],
            item["side"],
            item.get("type", OrderType.LIMIT),
            item.get("time_in_force", TimeInForce.GTC),
            item.get("post_only", False),
            item.get("stp"),
            item.get("is_hidden", False),
            item.get("size_asset"),
            item.get("account"),
        )
        return prepared.request(item["size"], item.get("price"), client_order_id=item.get("client_order_id"))

    def _stop_order_of(self, item: StopOrderTerms) -> PlaceStopOrder:
        check_item(item, StopOrderTerms, "market", "side", "size", "trigger_price")
        return self.stop_request(**item)

    async def _placed_together(self, requests: Sequence[PlaceOrder]) -> Sequence[Order | RequestError]:
        live, shared = self._send_together(requests)
        return await placed_together(
            live, shared, lambda order: self._streams.account_of(order.placed.account), self._rest.line
        )

    def _send_together(self, requests: Sequence[PlaceOrder]) -> tuple[tuple[LiveOrder, ...], Shared[Order]]:
        row = replace(PLACE_ORDERS[self.product], weight=len(requests))

        def read(found: Sequence[Order | Accepted | RequestError]) -> Sequence[Order | RequestError]:
            fit = fitting(requests, found, _placed_other, venue=errors.VENUE, endpoint=row.name)
            return [self._read(item, one) for item, one in zip(requests, fit, strict=True)]

        return send_together(
            lambda request: self._streams.account_of(request.account),
            requests,
            lambda: self._rest.begin(row, PlaceOrders(requests), read),
        )

    def _read(self, request: PlaceOrder, found: Order | Accepted | RequestError) -> Order | RequestError:
        if not isinstance(found, Accepted):
            return found
        # The venue has it; all else the reply says is lost, so that it is the order as it was sent.
        self._rest.report_unreadable(PLACE_ORDERS[self.product].name, [found.fault])
        return found.order(request.as_sent())

    def _amendment_of(self, item: AmendTerms) -> AmendOrder:
        check_item(item, AmendTerms, "market", "order_id")
        wanted_size, wanted_price = item.get("size"), item.get("price")
        size = None if wanted_size is None else exact("size", wanted_size)
        price = None if wanted_price is None else exact("price", wanted_price)
        market = check_plain("market", item["market"])
        self._check_rules(market, size, price)
        return AmendOrder(
            market, self._account(item.get("account")), _checked_id(item["order_id"]), size, price
        )

    async def _amended(self, asked: Sequence[AmendOrder]) -> Sequence[Order | RequestError]:
        found = await self._send(
            AMEND_ORDERS, AmendOrders(asked), asked, lambda item, order: _same_id(item.order_id, order)
        )
        return [self._heard(one) for one in found]

    def _heard(self, outcome: Order | RequestError) -> Order | RequestError:
        return outcome if isinstance(outcome, RequestError) else self._streams.order_heard(outcome)

    async def _send(
        self,
        row: ProductRow[RequestT, tuple[ResponseT | RequestError, ...]],
        request: RequestT,
        items: Sequence[ItemT],
        differ: Callable[[ItemT, ResponseT], str],
        weight: int | None = None,
    ) -> Sequence[ResponseT | RequestError]:
        """Send a batch and return its results, with ``OutcomeUnknown`` for one that is of another item."""

        def other(item: ItemT, result: ResponseT | RequestError) -> str:
            return "" if isinstance(result, RequestError) else differ(item, result)

        weighed = replace(row[self.product], weight=len(items) if weight is None else weight)
        found = await self._rest.call_as(
            weighed,
            request,
            lambda found: fitting(items, found, other, venue=errors.VENUE, endpoint=weighed.name),
        )
        for outcome in found:
            if isinstance(outcome, OutcomeUnknown):
                outcome.lookup = weighed.lookup_of(request)
        return found


def check_item(item: object, terms: type, *required: str) -> None:
    """Refuse an item that lacks an argument, or has one that there is not.

    Raises:
        ConfigError: It is one.
    """
    known = set(terms.__annotations__)
    given = set(item) if isinstance(item, Mapping) else {type(item).__name__}
    if given - known or set(required) - given:
        raise ConfigError(
            f"an item must have {', '.join(required)} and may have {', '.join(sorted(known - set(required)))}, "
            f"got {', '.join(sorted(map(str, given))) or 'nothing'}"
        )


def _unanswered(outcome: Order | RequestError) -> VenueUnavailable | None:
    """Return the error of a question without an answer: of a read, "unknown" says no more than that."""
    if not isinstance(outcome, OutcomeUnknown):
        return None
    return VenueUnavailable(
        outcome.message, code=outcome.code, venue=outcome.venue, endpoint=outcome.endpoint
    )


def _checked_id(order_id: str) -> str:
    venue_number("id", order_id)
    return order_id


def _placed_other(asked: PlaceOrder, found: Order | Accepted | RequestError) -> str:
    return "" if isinstance(found, RequestError) else asked.mismatch(found)


def _same_id(asked: str, order: Order) -> str:
    return mismatch(order_id=(asked, order.order_id))
