"""Stop orders of both products: the venue places an order once a price is reached."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Annotated, TypedDict

from msgspec import field

from tradewire.errors import ConfigError, RequestError
from tradewire.model import AccountKind, OrderType, Page, Rows, Side, StpMode, TimeInForce
from tradewire.protocol.arguments import Exact, check_plain, exact, flag, member
from tradewire.protocol.endpoint import Effect, Reply
from tradewire.protocol.mismatch import same
from tradewire.protocol.new_order import check_terms
from tradewire.protocol.request import NOT_SENT, Argument, Checked, Name, Request, Switch, one_of
from tradewire.protocol.rules import check_price
from tradewire.session.paging import every, gather
from tradewire.venues.coinex import parse, parse_stops, replies, shapes
from tradewire.venues.coinex.api import (
    FUTURES,
    SPOT,
    AccountWord,
    Limit,
    OrderId,
    PageNumber,
    Product,
    SideWord,
    StpWord,
    both,
    check_client_order_id,
)
from tradewire.venues.coinex.model import StopOrder, StopStatus, TriggerPrice
from tradewire.venues.coinex.rest.orders import ClientOrderIdRef, Orders
from tradewire.venues.coinex.rest.placing import new_client_order_id, size_asset

__all__ = ["ROWS", "PlaceSpotStopOrder", "PlaceStopOrder", "StopOrderTerms", "StopOrders"]


class StopOrderTerms(TypedDict, total=False):
    """Arguments of ``place_stop_order``; ``market``, ``side``, ``size`` and ``trigger_price`` must be there."""

    market: str
    side: Side | str
    size: Exact
    trigger_price: Exact
    price: Exact | None
    type: OrderType | str
    time_in_force: TimeInForce | str
    post_only: bool
    trigger_price_type: TriggerPrice | str | None
    client_order_id: str | None
    stp: StpMode | str | None
    is_hidden: bool
    size_asset: str | None


class PlaceStopOrder(Request, frozen=True, kw_only=True):
    """A new stop order, every value checked."""

    market: str
    account: AccountWord = field(name="market_type")
    side: Side
    wire_type: str = field(name="type")
    size: Checked = field(name="amount")
    price: Checked | None
    trigger_price: Checked
    trigger_price_type: Annotated[TriggerPrice, one_of(TriggerPrice)] | None
    client_order_id: str = field(name="client_id")
    stp: StpWord | None = field(name="stp_mode")
    is_hidden: Switch = field(name="is_hide")
    size_asset: Annotated[str, NOT_SENT] = ""

    def placed(self, ref: shapes.StopRef) -> StopOrder:
        """Return the stop order as it was sent, with the id that the venue gave it."""
        order_type, time_in_force, post_only = parse.order_words(self.wire_type)
        return StopOrder(
            stop_id=ref.stop_id,
            client_order_id=self.client_order_id,
            market=self.market,
            account=self.account,
            side=self.side,
            type=order_type,
            time_in_force=time_in_force,
            post_only=post_only,
            price=self.price,
            size=self.size,
            size_asset=self.size_asset,
            trigger_price=self.trigger_price,
            trigger_price_type=self.trigger_price_type,
            direction=None,
            status=StopStatus.WAITING,
            venue_type=self.wire_type,
        )


class PlaceSpotStopOrder(PlaceStopOrder, frozen=True, kw_only=True):
    """A new stop order of spot, where a market order may count in either asset."""

    size_asset: Annotated[str, Argument(size_asset)] = field(name="ccy", default="")


class AmendStopOrder(Request, frozen=True):
    """New price, size or trigger price of a stop order."""

    market: Name
    account: AccountWord = field(name="market_type")
    stop_id: OrderId
    size: Checked | None = field(name="amount")
    price: Checked | None
    trigger_price: Checked | None

    def __post_init__(self) -> None:
        """Refuse to change nothing."""
        if self.price is None and self.size is None and self.trigger_price is None:
            raise ConfigError("amend_stop_order needs a new price, size or trigger_price")


class StopOrderRef(Request, frozen=True):
    """One stop order, by the venue's number."""

    market: Name
    stop_id: OrderId
    account: AccountWord = field(name="market_type")


class StopOrdersQuery(Request, frozen=True):
    """A page of stop orders that wait."""

    market: Name | None
    side: SideWord | None
    client_order_id: str | None = field(name="client_id")
    account: AccountWord = field(name="market_type")
    page: PageNumber = 1
    limit: Limit = 100


class FiredStopOrdersQuery(Request, frozen=True):
    """A page of stop orders that fired."""

    market: Name | None
    side: SideWord | None
    account: AccountWord = field(name="market_type")
    page: PageNumber = 1
    limit: Limit = 100


ROWS = {SPOT: shapes.StopOrderRow, FUTURES: shapes.FuturesStopOrderRow}
BY_CLIENT_ID = "cancel-stop-order-by-client-id"


def _cancelled(product: Product) -> Reply[StopOrder]:
    return replies.one(ROWS[product], parse_stops.cancelled_stop)


STOP_REF = replies.one(shapes.StopRef, lambda ref: ref)
LOOKUP = "{client}.open_stop_orders({request.market!r}), then {client}.closed_stop_orders({request.market!r})"
PLACE_STOP_ORDER = both(
    "POST", "stop-order", {SPOT: PlaceSpotStopOrder, FUTURES: PlaceStopOrder}, STOP_REF,
    group="put", source="order/http/put-stop-order",
    lookup="{client}.open_stop_orders(client_order_id={request.client_order_id!r}), then "
    "{client}.closed_stop_orders({request.market!r})",
)  # fmt: skip
AMEND_STOP_ORDER = both(
    "POST", "modify-stop-order", AmendStopOrder, STOP_REF,
    group="put", source="order/http/modify-stop-order", lookup=LOOKUP,
)  # fmt: skip
CANCEL_STOP_ORDER = both(
    "POST", "cancel-stop-order", StopOrderRef, _cancelled,
    group="cancel", source="order/http/cancel-stop-order", mismatch=same("stop_id", "market"),
    effect=Effect.REPEATABLE, is_cancel=True, lookup=LOOKUP,
)  # fmt: skip
CANCEL_STOP_ORDERS_BY_ID = both(
    "POST", BY_CLIENT_ID, ClientOrderIdRef,
    lambda product: replies.batch(ROWS[product], parse_stops.cancelled_stop, f"POST /v2/{product.name}/{BY_CLIENT_ID}"),
    group="cancel-batch", source=f"order/http/{BY_CLIENT_ID}", mismatch=same("client_order_id", "market"),
    effect=Effect.REPEATABLE, is_cancel=True,
    lookup="{client}.open_stop_orders(client_order_id={request.client_order_id!r})",
)  # fmt: skip
OPEN_STOP_ORDERS = both(
    "GET", "pending-stop-order", StopOrdersQuery, lambda product: replies.page(ROWS[product], parse_stops.stop_order),
    group="query", source="order/http/list-pending-stop-order", mismatch=same("market"),
)  # fmt: skip
CLOSED_STOP_ORDERS = both(
    "GET", "finished-stop-order", FiredStopOrdersQuery,
    lambda product: replies.page(ROWS[product], parse_stops.fired_stop),
    group="history", source="order/http/list-finished-stop-order", mismatch=same("market"),
)  # fmt: skip


class StopOrders(Orders):
    """Stop orders. All of it needs credentials."""

    @PLACE_STOP_ORDER.documents
    async def place_stop_order(
        self,
        market: str,
        side: Side | str,
        size: Exact,
        trigger_price: Exact,
        price: Exact | None = None,
        *,
        type: OrderType | str = OrderType.LIMIT,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,
        trigger_price_type: TriggerPrice | str | None = None,
        client_order_id: str | None = None,
        stp: StpMode | str | None = None,
        is_hidden: bool = False,
        size_asset: str | None = None,
        account: AccountKind | str | None = None,
    ) -> StopOrder:
        """Have the venue place an order once a price is reached, and return the stop order as it was sent.

        The venue answers with an id and nothing else. From which side the price has to come follows from where it is
        when the stop order arrives. Money is asked for when it fires, so that it may fail then: ``watch_stop_orders``
        says so. The order that it becomes has the same client order id and is reported by ``watch_orders``.

        Args:
            market: For instance ``BTCUSDT``.
            side: ``buy`` or ``sell``.
            size: As for ``place_order``.
            trigger_price: Price at which it fires, a multiple of the tick size.
            price: Of the order; none for market orders.
            type: As for ``place_order``.
            time_in_force: As for ``place_order``.
            post_only: As for ``place_order``.
            trigger_price_type: Which price is watched: ``latest_price``, ``mark_price`` or ``index_price``. Left out,
                spot decides by itself and futures watch the latest price.
            client_order_id: Your own id, as for ``place_order``.
            stp: As for ``place_order``.
            is_hidden: As for ``place_order``.
            size_asset: As for ``place_order``.
            account: As for ``place_order``.

        Raises:
            ConfigError: An argument is malformed or, after ``load_markets``, breaks a rule of the market.
            NotSent: No connection, or too many orders; it is safe to try again.
            OrderRejected: It breaks a rule of the market; the message says which.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``open_stop_orders(client_order_id=...)``;
                it may have fired already, too: ``closed_stop_orders(market)``.
        """
        request = self.stop_request(
            market=market, side=side, size=size, trigger_price=trigger_price, price=price, type=type,
            time_in_force=time_in_force, post_only=post_only, trigger_price_type=trigger_price_type,
            client_order_id=client_order_id, stp=stp, is_hidden=is_hidden, size_asset=size_asset, account=account,
        )  # fmt: skip
        return await self._rest.call_as(PLACE_STOP_ORDER[self.product], request, request.placed)

    @AMEND_STOP_ORDER.documents
    async def amend_stop_order(
        self,
        market: str,
        stop_id: str,
        *,
        price: Exact | None = None,
        size: Exact | None = None,
        trigger_price: Exact | None = None,
        account: AccountKind | str | None = None,
    ) -> str:
        """Change a stop order that waits and return its new id. The old one is void, and cancelled on the stream.

        Args:
            market: The stop order's market.
            stop_id: ``StopOrder.stop_id``.
            price: New price of the order.
            size: New size of the order.
            trigger_price: New price at which it fires; from which side is decided anew.
            account: As for ``place_order``.

        Raises:
            OrderNotFound: It has fired, was cancelled, or never was.
            OutcomeUnknown: No proof either way. Ask ``open_stop_orders(market)``.
        """
        new = [
            None if value is None else exact(name, value)
            for name, value in (("size", size), ("price", price), ("trigger_price", trigger_price))
        ]
        request = AmendStopOrder(market, self._account(account), stop_id, *new)
        self._check_prices(market, request.price, request.trigger_price)
        return await self._rest.call_as(
            AMEND_STOP_ORDER[self.product], request, lambda reference: reference.stop_id
        )

    @CANCEL_STOP_ORDER.client_method
    async def cancel_stop_order(
        self, market: str, stop_id: str, *, account: AccountKind | str | None = None
    ) -> StopOrder:
        """Cancel a stop order that waits and return it.

        Args:
            market: The stop order's market.
            stop_id: ``StopOrder.stop_id``.
            account: As for ``place_order``.

        Raises:
            OrderNotFound: It has fired, was cancelled, or never was.
            OutcomeUnknown: No proof either way. Cancel again: twice does no harm.
        """
        request = StopOrderRef(market, stop_id, self._account(account))
        return await self._rest.call(CANCEL_STOP_ORDER[self.product], request)

    @CANCEL_STOP_ORDERS_BY_ID.client_method
    async def cancel_stop_orders_by_client_order_id(
        self,
        client_order_id: str,
        *,
        market: str | None = None,
        account: AccountKind | str | None = None,
    ) -> tuple[StopOrder | RequestError, ...]:
        """Cancel every stop order with ``client_order_id`` and return what became of each: its last state, or why not.

        Args:
            client_order_id: The id they were placed with.
            market: Only in this market.
            account: As for ``place_order``.

        Raises:
            OutcomeUnknown: No proof either way. Cancel again: twice does no harm.
        """
        request = ClientOrderIdRef(client_order_id, market, self._account(account))
        return await self._rest.call(CANCEL_STOP_ORDERS_BY_ID[self.product], request)

    @OPEN_STOP_ORDERS.documents
    async def open_stop_orders(
        self,
        market: str | None = None,
        *,
        side: Side | str | None = None,
        client_order_id: str | None = None,
        account: AccountKind | str | None = None,
    ) -> Rows[StopOrder]:
        """Return every stop order that waits, one request per hundred.

        Beyond one page, those that come or fire meanwhile may shift another one out of sight.

        Args:
            market: Only of this market.
            side: Only of this side.
            client_order_id: Only those with this client id.
            account: As for ``place_order``.
        """
        kind, row = self._account(account), OPEN_STOP_ORDERS[self.product]
        if client_order_id is not None:
            check_client_order_id(client_order_id)
        return await gather(
            lambda page, _: self._rest.call(row, StopOrdersQuery(market, side, client_order_id, kind, page))
        )

    @CLOSED_STOP_ORDERS.client_method
    async def closed_stop_orders(
        self,
        market: str | None = None,
        *,
        side: Side | str | None = None,
        page: int = 1,
        limit: int = 100,
        account: AccountKind | str | None = None,
    ) -> Page[StopOrder]:
        """Return a page of stop orders that fired, newest first; whether their order was taken is not told here.

        Args:
            market: Only of this market.
            side: Only of this side.
            page: From 1.
            limit: 1 to 100.
            account: As for ``place_order``.
        """
        query = FiredStopOrdersQuery(market, side, self._account(account), page, limit)
        return await self._rest.call(CLOSED_STOP_ORDERS[self.product], query)

    async def all_closed_stop_orders(
        self,
        market: str | None = None,
        *,
        side: Side | str | None = None,
        account: AccountKind | str | None = None,
    ) -> AsyncIterator[StopOrder]:
        """Yield all stop orders that fired, newest first; one request per hundred, as ``closed_stop_orders``."""
        async for stop in every(
            lambda page, _: self.closed_stop_orders(market, side=side, page=page, account=account)
        ):
            yield stop

    def stop_request(
        self,
        *,
        market: str,
        side: Side | str,
        size: Exact,
        trigger_price: Exact,
        price: Exact | None = None,
        type: OrderType | str = OrderType.LIMIT,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,
        trigger_price_type: TriggerPrice | str | None = None,
        client_order_id: str | None = None,
        stp: StpMode | str | None = None,
        is_hidden: bool = False,
        size_asset: str | None = None,
        account: AccountKind | str | None = None,
    ) -> PlaceStopOrder:
        """Return what is sent for a stop order; raises ``ConfigError`` for what makes no sense."""
        terms = check_terms(market, side, size, price, type, time_in_force, post_only)
        is_market = terms["type"] is OrderType.MARKET
        unit = self._size_asset(market, terms["side"], size_asset) if is_market else None
        if size_asset is not None and not is_market:
            raise ConfigError("only market orders count in size_asset")
        rules = self._rules.get(market)
        trigger = exact("trigger_price", trigger_price)
        self._check_rules(market, terms["size"] if rules and unit in {None, rules.base} else None, None)
        self._check_prices(market, terms["price"], trigger)
        kind = (
            None
            if trigger_price_type is None
            else member("trigger_price_type", TriggerPrice, trigger_price_type)
        )
        name = new_client_order_id() if client_order_id is None else check_client_order_id(client_order_id)
        if kind is None and self.product is not SPOT:
            kind = TriggerPrice.LATEST
        return (PlaceSpotStopOrder if self.product is SPOT else PlaceStopOrder)(
            market=market,
            account=self._account(account),
            side=terms["side"],
            wire_type=parse.wire_type(terms["type"], terms["time_in_force"], post_only=terms["post_only"]),
            size=terms["size"],
            price=terms["price"],
            trigger_price=trigger,
            trigger_price_type=kind,
            client_order_id=name,
            stp=None if stp is None else member("stp", StpMode, stp),
            is_hidden=flag("is_hidden", is_hidden),
            size_asset=unit or "",
        )

    def _check_prices(self, market: str, *prices: Decimal | None) -> None:
        rules = self._rules.get(check_plain("market", market))
        for price in prices:
            if rules is not None and price is not None:
                check_price(rules, price)
