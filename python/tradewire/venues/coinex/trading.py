"""The client's signed REST methods."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from decimal import Decimal
from typing import Any

from tradewire.errors import ConfigError
from tradewire.model import Balance, Fill, Order, OrderType, Page, Side, StpMode, TimeInForce
from tradewire.protocol.arguments import Exact, exact, member
from tradewire.session.orders import LiveOrder
from tradewire.session.paging import every
from tradewire.session.rest import RestSession
from tradewire.venues.coinex import endpoints as rows
from tradewire.venues.coinex import parse, requests
from tradewire.venues.rooms import calls

__all__ = ["Trading"]

NS_PER_MS = 1_000_000
WHOLE_PAGE = 100


class Trading:
    """What an account may do. All of it needs credentials."""

    _rest: RestSession
    _fire: Callable[..., LiveOrder]

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
        client_id: str | None = None,
        stp: StpMode | str | None = None,
        is_hidden: bool = False,
        size_asset: str | None = None,
    ) -> Order:
        """Place one order and return it as the venue accepted it.  ``POST /v2/spot/order``, rate group spot-put, signed.

        Args:
            market: For instance ``BTCUSDT``.
            side: ``buy`` or ``sell``.
            size: Base units, a multiple of the market's lot size. A market order may count in ``size_asset``.
            price: Quote units per base unit, a multiple of the tick size; none for market orders.
            type: ``limit`` or ``market``.
            time_in_force: ``gtc``, ``ioc`` or ``fok``.
            post_only: Refuse rather than take liquidity.
            client_id: Your own id, 1 to 31 of ``A-Z a-z 0-9 - _``. Made up if left out, so that the order can be
                asked for. The venue does not refuse one that is used twice.
            stp: What gives way when the order would trade with one of your own.
            is_hidden: Keep it out of the public book.
            size_asset: Market orders: the asset ``size`` counts in. The venue takes quote for buys, base for sells.

        Raises:
            InsufficientFunds: Lower the size or free some balance.
            PostOnlyRejected: It would have taken liquidity: quote further away.
            OrderRejected: It breaks a rule of the market; the message says which.
            OutcomeUnknown: No answer. Ask ``open_orders(client_id=...)``, then ``closed_orders(client_id=...)``
                before anything else; ``send_order`` does it for you.

        Shape:
            {"data": {"order_id": int, "market": str, "side": str, "type": str, "amount": str, "price": str,
            "unfilled_amount": str, "filled_amount": str, "filled_value": str, "client_id": str, "created_at": int ms}}

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/put-order, read 2026-11-20.
        """
        request = _new_order(
            market, side, size, price, type, time_in_force, stp, size_asset,
            client_id=client_id, post_only=post_only, is_hidden=is_hidden,
        )  # fmt: skip
        return await self._rest.call(rows.PLACE_ORDER, request)

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
        client_id: str | None = None,
        stp: StpMode | str | None = None,
        is_hidden: bool = False,
        size_asset: str | None = None,
    ) -> LiveOrder:
        """Place one order without waiting, for instance from inside a callback. Arguments as for ``place_order``.

        The order returned follows its own fate: ``await order`` for the venue's answer, ``order.status`` at any
        time. If the answer is lost its fate is asked for until it is known. Follow fills with ``watch_orders`` and
        ``watch_fills``.
        """
        request = _new_order(
            market, side, size, price, type, time_in_force, stp, size_asset,
            client_id=client_id, post_only=post_only, is_hidden=is_hidden,
        )  # fmt: skip

        def placing() -> Coroutine[Any, Any, Order]:
            return self._rest.call(rows.PLACE_ORDER, request)

        return self._fire(
            market=market,
            side=request.side,
            size=request.size,
            price=request.price,
            client_id=request.client_id,
            placing=placing,
        )

    @calls(rows.AMEND_ORDER)
    async def amend_order(
        self, market: str, order_id: str, *, price: Exact | None = None, size: Exact | None = None
    ) -> Order:
        """Change price or size of an open order.  ``POST /v2/spot/modify-order``, rate group spot-put, signed.

        The order may lose its place in the queue. Its id stays; take it from the reply all the same.

        Args:
            market: The order's market.
            order_id: ``Order.venue_id``.
            price: New price.
            size: New whole size, more than is filled already.

        Raises:
            OrderNotFound: It is finished.
            OutcomeUnknown: No answer. Ask ``order(market, order_id)``.

        Shape:
            As ``place_order``, with "status".

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/modify-order, read 2026-11-20.
        """
        new_price = None if price is None else exact("price", price)
        new_size = None if size is None else exact("size", size)
        return await self._rest.call(
            rows.AMEND_ORDER, requests.AmendOrder(market, order_id, new_price, new_size)
        )

    @calls(rows.CANCEL_ORDER)
    async def cancel_order(self, market: str, order_id: str) -> Order:
        """Cancel one order and return its last state.  ``POST /v2/spot/cancel-order``, rate group spot-cancel, signed.

        Args:
            market: The order's market.
            order_id: ``Order.venue_id``.

        Raises:
            OrderNotFound: It is finished, or never was. The venue forgets a cancelled order without fills.
            OutcomeUnknown: No answer. Ask ``order(market, order_id)``, or cancel again: twice does no harm.

        Shape:
            As ``place_order``.

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/cancel-order, read 2026-11-20.
        """
        return await self._rest.call(rows.CANCEL_ORDER, requests.OrderRef(market, order_id))

    @calls(rows.CANCEL_BY_CLIENT_ID)
    async def cancel_by_client_id(self, client_id: str, *, market: str | None = None) -> tuple[Order, ...]:
        """Cancel every order with ``client_id``.

        ``POST /v2/spot/cancel-order-by-client-id``, rate group spot-cancel-batch, signed.

        Raises:
            OrderNotFound: No open order has it.
            OutcomeUnknown: No answer. Ask ``open_orders(client_id=...)``, or cancel again.

        Shape:
            {"data": [{"code": int, "data": order as in ``place_order`` or null, "message": str}]}

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/cancel-order-by-client-id, read 2026-11-20.
        """
        return await self._rest.call(rows.CANCEL_BY_CLIENT_ID, requests.ClientIdRef(client_id, market))

    @calls(rows.CANCEL_ALL)
    async def cancel_all(self, market: str, *, side: Side | str | None = None) -> None:
        """Cancel every order of a market.  ``POST /v2/spot/cancel-all-order``, rate group spot-cancel-batch, signed.

        The venue does not say which orders it cancelled: watch ``watch_orders`` or ask ``open_orders(market)``.

        Args:
            market: For instance ``BTCUSDT``.
            side: Only one side of it.

        Raises:
            OutcomeUnknown: No answer. Ask ``open_orders(market)``, or cancel again.

        Shape:
            {"data": {}}

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/cancel-all-order, read 2026-11-20.
        """
        return await self._rest.call(rows.CANCEL_ALL, requests.CancelAll(market, _side(side)))

    @calls(rows.ORDER)
    async def order(self, market: str, order_id: str) -> Order:
        """Return one order.  ``GET /v2/spot/order-status``, rate group spot-query, signed.

        Raises:
            OrderNotFound: There is none, or it was cancelled without a fill: those are forgotten.

        Shape:
            As ``place_order``, with "status".

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/get-order-status, read 2026-11-20.
        """
        return await self._rest.call(rows.ORDER, requests.OrderRef(market, order_id))

    @calls(rows.OPEN_ORDERS)
    async def open_orders(
        self, market: str | None = None, *, side: Side | str | None = None, client_id: str | None = None
    ) -> tuple[Order, ...]:
        """Return every open order, one request per hundred.  ``GET /v2/spot/pending-order``, rate group spot-query, signed.

        Args:
            market: Only of this market.
            side: Only of this side.
            client_id: Only those with this client id.

        Shape:
            {"data": [order as in ``place_order``], "pagination": {"total": int, "has_next": bool}}

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/list-pending-order, read 2026-11-20.
        """
        wanted = _side(side)

        async def fetch(page: int) -> Page[Order]:
            query = requests.OrdersQuery(market, wanted, client_id, page, WHOLE_PAGE)
            return await self._rest.call(rows.OPEN_ORDERS, query)

        return tuple([order async for order in every(fetch)])

    @calls(rows.CLOSED_ORDERS)
    async def closed_orders(
        self,
        market: str | None = None,
        *,
        side: Side | str | None = None,
        client_id: str | None = None,
        page: int = 1,
        limit: int = WHOLE_PAGE,
    ) -> Page[Order]:
        """Return a page of finished orders, newest first.  ``GET /v2/spot/finished-order``, rate group spot-history, signed.

        Filled and partly filled orders only: the venue forgets those cancelled without a fill.

        Args:
            market: Only of this market.
            side: Only of this side.
            client_id: Only those with this client id; whether the venue heeds it was seen in one client only.
            page: From 1.
            limit: 1 to 100.

        Shape:
            {"data": [order as in ``place_order``], "pagination": {"has_next": bool}}

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/list-finished-order, read 2026-11-20.
        """
        query = requests.OrdersQuery(market, _side(side), client_id, page, limit)
        return await self._rest.call(rows.CLOSED_ORDERS, query)

    @calls(rows.FILLS)
    async def fills(
        self,
        market: str,
        *,
        side: Side | str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = WHOLE_PAGE,
    ) -> Page[Fill]:
        """Return a page of our trades, newest first.  ``GET /v2/spot/user-deals``, rate group spot-history, signed.

        Args:
            market: For instance ``BTCUSDT``.
            side: Only of this side.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.

        Shape:
            {"data": [{"deal_id": int, "created_at": int ms, "market": str, "side": str, "order_id": int, "price": str,
            "amount": str, "role": str, "fee": str, "fee_ccy": str}], "pagination": {"has_next": bool}}

        Source:
            https://docs.coinex.com/api/v2/spot/deal/http/list-user-deals, read 2026-11-20.
        """
        query = requests.FillsQuery(market, _side(side), _ms(start_ns), _ms(end_ns), page, limit)
        return await self._rest.call(rows.FILLS, query)

    async def iter_fills(self, market: str, *, start_ns: int | None = None) -> AsyncIterator[Fill]:
        """Yield all our trades of a market, newest first; one request per hundred, as ``fills``."""

        async def fetch(page: int) -> Page[Fill]:
            return await self.fills(market, start_ns=start_ns, page=page)

        async for fill in every(fetch):
            yield fill

    @calls(rows.ORDER_FILLS)
    async def order_fills(
        self, market: str, order_id: str, *, page: int = 1, limit: int = WHOLE_PAGE
    ) -> Page[Fill]:
        """Return a page of one order's trades.  ``GET /v2/spot/order-deals``, rate group spot-history, signed.

        Shape:
            As ``fills``.

        Source:
            https://docs.coinex.com/api/v2/spot/deal/http/list-user-order-deals, read 2026-11-20.
        """
        return await self._rest.call(rows.ORDER_FILLS, requests.OrderRef(market, order_id, page, limit))

    @calls(rows.BALANCES)
    async def balances(self) -> tuple[Balance, ...]:
        """Return the account's assets.  ``GET /v2/assets/spot/balance``, rate group account-query, signed.

        Shape:
            {"data": [{"ccy": str, "available": str, "frozen": str}]}

        Source:
            https://docs.coinex.com/api/v2/assets/balance/http/get-spot-balance, read 2026-11-20.
        """
        return await self._rest.call(rows.BALANCES, None)


def _side(side: Side | str | None) -> Side | None:
    return None if side is None else member("side", Side, side)


def _ms(time_ns: int | None) -> int | None:
    return None if time_ns is None else time_ns // NS_PER_MS


def _new_order(
    market: str,
    side: Side | str,
    size: Exact,
    price: Exact | None,
    order_type: OrderType | str,
    time_in_force: TimeInForce | str,
    stp: StpMode | str | None,
    size_asset: str | None,
    *,
    client_id: str | None,
    post_only: bool,
    is_hidden: bool,
) -> requests.PlaceOrder:
    kind = member("type", OrderType, order_type)
    lasting = member("time_in_force", TimeInForce, time_in_force)
    if kind is OrderType.MARKET and (price is not None or post_only):
        raise ConfigError("a market order has no price and cannot be post-only")
    if kind is OrderType.LIMIT and price is None:
        raise ConfigError("a limit order needs a price")
    if post_only and lasting is not TimeInForce.GTC:
        raise ConfigError("a post-only order rests: its time in force is gtc")
    if size_asset is not None and kind is not OrderType.MARKET:
        raise ConfigError("only market orders count in size_asset")
    limit: Decimal | None = None if price is None else exact("price", price)
    return requests.PlaceOrder(
        market=market,
        side=member("side", Side, side),
        wire_type=parse.wire_type(kind, lasting, post_only=post_only),
        size=exact("size", size),
        price=limit,
        client_id=f"tw-{secrets.token_hex(8)}" if client_id is None else requests.check_client_id(client_id),
        stp=None if stp is None else member("stp", StpMode, stp),
        is_hidden=is_hidden,
        size_asset=size_asset,
    )
