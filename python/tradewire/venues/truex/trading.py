"""The client's signed methods about orders: place, amend, cancel, ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from tradewire.errors import ConfigError, NotSent
from tradewire.model import (
    Order,
    OrderStatus,
    OrderType,
    Page,
    Rows,
    Side,
    StpMode,
    TimeInForce,
    unreadable_rows,
)
from tradewire.protocol.arguments import Exact, check_plain, exact
from tradewire.protocol.endpoint import calls
from tradewire.session.cancelling import cancel_each
from tradewire.session.live_order import LiveOrder
from tradewire.session.paging import every, gather
from tradewire.session.rest import RestSession
from tradewire.venues.truex import endpoints as rows
from tradewire.venues.truex import errors, ids, increments, parse, requests, shapes
from tradewire.venues.truex.connection import Streams
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.new_order import NewOrder, validate_new_order
from tradewire.wire import Accepted, WireRows

__all__ = ["Trading"]


class Trading:
    """What an account may do with orders. All of it needs credentials."""

    _rest: RestSession
    _directory: Directory
    _streams: Streams
    _account_id: str
    _page: Callable[..., Awaitable[Page[Any]]]
    _as_page: Callable[..., Page[Any]]
    _learn_names: Callable[[], Awaitable[None]]
    account_id: Callable[[], Awaitable[str]]

    @calls(rows.PLACE_ORDER)
    async def place_order(
        self,
        market: str,
        side: Side | str,
        size: Exact,
        price: Exact | None = None,
        *,
        type: OrderType | str = OrderType.LIMIT,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,
        client_order_id: str | None = None,
        stp: StpMode | str | None = None,
        aggressive: bool = False,
    ) -> Order:
        """Place one order and return it as the venue answered: perhaps not confirmed yet, perhaps filled.

        ``POST /v1/cefi/orders``, rate group orders, signed, once.

        A post-only order that would take is accepted and cancelled at once by the venue: look at ``status``.

        Args:
            market: For instance ``BTC-PYUSD``.
            side: ``buy`` or ``sell``.
            size: Base units, a multiple of the lot at this price, see ``increments``.
            price: Quote units per base unit, a multiple of the tick at this price; none for market orders.
            type: ``limit`` or ``market``.
            time_in_force: ``gtc`` or ``ioc``.
            post_only: Add liquidity only (``ALO``).
            client_order_id: Your own id: a version-4 UUID in lower case or 1 to 18 of ``A-Z a-z 0-9 . _ ~ -``; made
                up if left out. Never use one twice.
            stp: What gives way when the order would trade with one of your own; the account's setting if left
                out.
            aggressive: ``USE_AGGRESSIVE_PRICING``; the venue publishes only that it is there.

        Raises:
            ConfigError: An argument is malformed, off the grids, or worth less than one quote unit.
            NotSupported: ``fok``.
            NotSent: No connection, or too many orders; it is safe to try again.
            InsufficientFunds: Lower the size or free some balance.
            OrderRejected: The venue refused it, for instance outside its price bands. Where the reply does not
                say why, ``watch_orders`` does, as ``Order.reason``.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``order_status(client_order_id=...)``
                before anything else; ``send_order`` does it for you.

        Shape:
            {"id": str, "status": str, "order_info": {"client_id": str, "instrument_id": str, "side": str,
            "type": str, "tif": str, "qty": str, "price": str, "exec_inst_flags": [str], "stp": str},
            "external_id": str, "ref_external_id": str, "leaves_qty": str, "executed_qty" or "exeuted_qty": str,
            "executed_vwap": str, "timestamp": ns, "update_timestamp": ns}

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/orders, read 2026-11-20.
        """
        order = self.send_order(
            market, side, size, price, type=type, time_in_force=time_in_force, post_only=post_only,
            client_order_id=client_order_id, stp=stp, aggressive=aggressive,
        )  # fmt: skip
        return await self._streams.account.placed(order)

    def send_order(
        self,
        market: str,
        side: Side | str,
        size: Exact,
        price: Exact | None = None,
        *,
        type: OrderType | str = OrderType.LIMIT,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,
        client_order_id: str | None = None,
        stp: StpMode | str | None = None,
        aggressive: bool = False,
    ) -> LiveOrder:
        """Place one order without waiting, for instance from inside a callback; arguments as ``place_order``.

        The order returned follows its own fate: ``await order`` for the venue's answer, ``order.status`` at
        any time. An answer that comes before the exchange has confirmed the order is followed by questions until
        it has. If the answer is lost its fate is asked for until it is known. It follows its fills while
        ``watch_orders`` is open. Cost: the first order reads instruments, assets and, unless it was given, the
        account beforehand; ``await venue.load_markets()`` and ``await venue.account_id()`` do that earlier.

        Raises:
            ConfigError: An argument is malformed, a live order has the client order id, or this is not the client's
                event loop.
        """
        wanted = validate_new_order(
            market, side, size, price, order_type=type, time_in_force=time_in_force, stp=stp,
            client_order_id=client_order_id, post_only=post_only, aggressive=aggressive,
        )  # fmt: skip
        account = self._streams.account

        async def placing() -> Order:
            try:
                request = await self._request(wanted)
            except ConfigError as error:
                raise NotSent(str(error), venue=errors.VENUE, endpoint=rows.PLACE_ORDER.name) from error
            report = await self._place(request)
            account.tracker.identify(wanted.client_order_id, report.order_id)
            return self._taken(report)

        return account.submit(
            placing,
            market=market,
            side=wanted.side,
            size=wanted.size,
            price=wanted.price,
            client_order_id=wanted.client_order_id,
            type=wanted.type,
            time_in_force=wanted.time_in_force,
            post_only=wanted.post_only,
        )

    @calls(rows.AMEND_ORDER)
    async def amend_order(
        self,
        market: str,
        order_id: str,
        *,
        price: Exact | None = None,
        size: Exact | None = None,
        to_market: bool = False,
    ) -> Order:
        """Change price or size of an open order; the venue wants both, what is left out stays as it is.

        ``PATCH /v1/cefi/orders``, rate group orders, signed, once.

        The order gets a new client id, its venue id stays. Cost: a request more if one is left out and
        ``watch_orders`` is not open. It may lose its place in the queue.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.
            price: New price, quote units per base unit.
            size: New whole size, base units; no more than is filled already ends the order.
            to_market: Make it a market order.

        Raises:
            ConfigError: Nothing is to change, or the new size or price is off the grids, whose steps depend on
                the price.
            OrderNotFound: It is finished.
            OutcomeUnknown: No proof either way. Ask ``order_status(order_id)``.

        Shape:
            As ``place_order``, with "modify_info": {"new_qty": str, "new_price": str}.

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/orders, read 2026-11-20.
        """
        check_plain("market", market)
        await self._learn_names()
        new_price = None if price is None else exact("price", price)
        new_size = None if size is None else exact("size", size)
        if price is None and size is None and not to_market:
            raise ConfigError("nothing to change: give price, size or to_market")
        if new_price is None or new_size is None:
            known = self._streams.followed(order_id) or await self.order(market, order_id)
            new_price, new_size = new_price or known.price, new_size or known.size
        if new_price is None:
            raise ConfigError("a market order has no price to keep: give one")
        increments.check(new_size, new_price)
        request = requests.AmendOrder(
            ids.check_venue_id("order_id", order_id),
            ids.new_client_order_id(),
            await self.account_id(),
            new_size,
            new_price,
            to_market,
        )
        return self._heard(await self._rest.call_as(rows.AMEND_ORDER, request, self._order))

    @calls(rows.CANCEL_ORDER)
    async def cancel_order(
        self, market: str, order_id: str | None = None, *, client_order_id: str | None = None
    ) -> Order:
        """Cancel one order and return its state; it may still fill while it is ``CANCEL_PENDING``.

        ``DELETE /v1/cefi/orders/{ref_id}``, rate group orders, signed, repeatable.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.
            client_order_id: Or our own id, as last amended.

        Raises:
            OrderNotFound: It is finished, or never was.
            OutcomeUnknown: No proof either way. Ask ``order_status(order_id)``, or cancel again: twice does
                no harm.

        Shape:
            As ``place_order``.

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/orders/cancelorders, read 2026-11-20.
        """
        check_plain("market", market)
        await self._learn_names()
        ref = requests.OrderRef(*ids.id_type(order_id, client_order_id))
        return self._heard(await self._rest.call_as(rows.CANCEL_ORDER, ref, self._order))

    async def cancel_all(self, market: str | None = None) -> None:
        """Cancel every open order of a market, or of all markets, and go on past failures.

        The venue has no such request: one for each order, several at a time. Orders that end meanwhile are no failure.
        Orders placed meanwhile may stay.

        Args:
            market: Every market if left out.

        Raises:
            RequestError: The open orders could not be asked for.
            CancelAllFailed: Some orders failed, ``failures`` says which and why; the others were cancelled. Cancel
                again: twice does no harm.
        """
        found = await self.open_orders(market)
        await cancel_each(
            {order.order_id: order for order in found},
            lambda order: self.cancel_order(order.market, order.order_id),
            venue=errors.VENUE,
            unreadable=unreadable_rows(found),
        )

    async def order(self, market: str, order_id: str) -> Order:
        """Return one order, as ``order_status`` does.

        Raises:
            OrderNotFound: There is none.
        """
        check_plain("market", market)
        return await self.order_status(order_id)

    @calls(rows.ORDER_STATUS)
    async def order_status(self, order_id: str | None = None, *, client_order_id: str | None = None) -> Order:
        """Return one order of the last weeks, finished and refused ones too.

        ``GET /v1/cefi/orders/status/{ref_id}``, rate group orders, signed, read.

        Args:
            order_id: ``Order.order_id``.
            client_order_id: Or our own id, as last amended.

        Raises:
            OrderNotFound: There is none.

        Shape:
            As ``place_order``, once or in a list.

        Source:
            https://docs.truemarkets.co/apis/institutional/get-order-status, read 2026-11-20.
        """
        await self._learn_names()
        ref = requests.OrderRef(*ids.id_type(order_id, client_order_id))
        return self._heard(await self._rest.call_as(rows.ORDER_STATUS, ref, self._order))

    @calls(rows.ACTIVITY)
    async def activity(
        self, order_id: str | None = None, *, client_order_id: str | None = None
    ) -> Rows[Order]:
        """Return every state one order went through, oldest first.

        ``GET /v1/cefi/orders/activity/{ref_id}``, rate group orders, signed, read.

        Not confirmed: the pages mention an activity history and show neither path nor reply.

        Args:
            order_id: ``Order.order_id``.
            client_order_id: Or our own id, as last amended.

        Raises:
            OrderNotFound: There is none.

        Shape:
            [order as in ``place_order``]

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/orders, read 2026-11-20.
        """
        await self._learn_names()
        ref = requests.OrderRef(*ids.id_type(order_id, client_order_id))
        return await self._rest.call_as(rows.ACTIVITY, ref, lambda found: found.build(self._order))

    @calls(rows.ACTIVE_ORDERS)
    async def open_orders(self, market: str | None = None) -> Rows[Order]:
        """Return every open order of the account, or of all the key has if none was chosen.

        ``GET /v1/cefi/orders/active``, rate group orders, signed, read.

        Args:
            market: Only of this market; the venue sends them all.

        Shape:
            [order as in ``place_order``]

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/orders/getordersactive, read 2026-11-20.
        """
        await self._learn_names()
        own = {"", self._account_id} if self._account_id else None

        def read(found: WireRows[shapes.OrderRow]) -> Page[Order]:
            built = found.where(lambda row: own is None or row.account_id in own).build(self._order)
            return Page(
                built,
                has_next=bool(found.next_cursor),
                next_cursor=found.next_cursor,
                unreadable=built.unreadable,
            )

        async def fetch(_: int, cursor: str) -> Page[Order]:
            query = requests.NameQuery("id", cursor=cursor)
            return await self._rest.call_as(rows.ACTIVE_ORDERS, query, read)

        found = await gather(fetch)
        for report in found:
            self._heard(report)
        return Rows([report for report in found if market in {None, report.market}], found.unreadable)

    @calls(rows.ORDERS)
    async def orders(
        self,
        *,
        statuses: tuple[str, ...] = (),
        page: int = 1,
        limit: int = requests.MAX_PAGE,
        cursor: str = "",
    ) -> Page[Order]:
        """Return a page of the orders of the last four weeks, newest first.

        ``GET /v1/cefi/orders/list``, rate group orders, signed, read.

        Args:
            statuses: Only in these states, in the venue's words: ``ACTIVE``, ``FILLED``, ``CANCELED`` ... Of the
                venue's filter language only this form is known to work.
            page: From 1; page n takes n requests under the newer version, which pages by cursor.
            limit: 1 to 100.
            cursor: ``Page.next_cursor`` of the page before, instead of ``page``.

        Shape:
            [order as in ``place_order``]

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/orders/getorderslist, read 2026-11-20.
        """
        await self._learn_names()
        wanted = requests.status_filter(statuses)

        def read(found: WireRows[shapes.OrderRow]) -> Rows[Order]:
            return found.build(self._order)

        async def fetch(skip: int, after: str) -> Page[Order]:
            query = requests.OrdersQuery(wanted, limit, skip, after)
            return await self._rest.call_as(
                rows.ORDERS, query, lambda found: self._as_page(found, read(found), limit)
            )

        return await self._page(fetch, page, limit, cursor)

    async def iter_orders(self, *, statuses: tuple[str, ...] = ()) -> AsyncIterator[Order]:
        """Yield the orders of the last four weeks, newest first; one request per hundred, as ``orders``."""

        async def fetch(page: int, cursor: str) -> Page[Order]:
            return await self.orders(statuses=statuses, page=page, cursor=cursor)

        async for order in every(fetch):
            yield order

    async def _request(self, wanted: NewOrder) -> requests.PlaceOrder:
        await self._learn_names()
        instrument = self._directory.instrument(wanted.market)
        return requests.PlaceOrder(wanted, await self.account_id(), instrument.instrument_id)

    async def _place(self, request: requests.PlaceOrder) -> Order:
        def read(reply: shapes.OrderRow | Accepted) -> Order:
            if isinstance(reply, Accepted):
                # The venue has it; all else the reply says is lost, so that it is the order as it was sent.
                self._rest.report_unreadable(rows.PLACE_ORDER.name, [reply.fault])
                return request.accepted(reply, self._directory.base_asset(request.wanted.market))
            return self._order(reply)

        return await self._rest.call_as(rows.PLACE_ORDER, request, read)

    def _taken(self, report: Order) -> Order:
        """Return a new order as the venue has it; it tells a refused one with success and a state that says so."""
        if report.status is OrderStatus.REJECTED:
            # Why is what the drop copy reports next; a report without it would come first.
            raise errors.refused_order(rows.PLACE_ORDER.name, report.reason)
        return self._heard(report)

    def _order(self, row: shapes.OrderRow) -> Order:
        return parse.order(row, self._directory, self._streams.account.tracker.order(row.id))

    def _heard(self, report: Order) -> Order:
        """Let the order that is followed, if it is, know what REST said of it."""
        return self._streams.account.heard(report)
