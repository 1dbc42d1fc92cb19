"""The client's signed REST methods that act: place, amend, cancel."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal

from tradewire.errors import ConfigError, RequestError
from tradewire.model import Market, Order, OrderType, Side, StpMode, TimeInForce, unreadable_rows
from tradewire.protocol.arguments import Exact, check_plain, exact, flag, member
from tradewire.protocol.endpoint import calls
from tradewire.protocol.rules import check_price, check_size
from tradewire.session.cancelling import cancel_each
from tradewire.session.live_order import LiveOrder
from tradewire.session.rest import RestSession
from tradewire.venues.coinex import endpoints as rows
from tradewire.venues.coinex import errors, requests
from tradewire.venues.coinex.connection import Streams
from tradewire.wire import Accepted

__all__ = ["Trading"]


class Trading:
    """What an account may do. All of it needs credentials."""

    _rest: RestSession
    _rules: Mapping[str, Market]
    _streams: Streams
    open_orders: Callable[..., Awaitable[tuple[Order, ...]]]

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
        is_hidden: bool = False,
        size_asset: str | None = None,
    ) -> Order:
        """Place one order and return it as the venue accepted it, perhaps filled already.

        ``POST /v2/spot/order``, rate group spot-put, signed, once.

        Args:
            market: For instance ``BTCUSDT``.
            side: ``buy`` or ``sell``.
            size: Base units, a multiple of the market's lot size; a market order may count in ``size_asset``.
            price: Quote units per base unit, a multiple of the tick size; none for market orders.
            type: ``limit`` or ``market``.
            time_in_force: ``gtc``, ``ioc`` or ``fok``; market orders take at once whatever it says.
            post_only: Refuse rather than take liquidity.
            client_order_id: Your own id, 1 to 32 of ``A-Z a-z 0-9 - _``, made up if left out so that the order can
                be asked for. Never use one twice: the venue does not refuse it.
            stp: What gives way when the order would trade with one of your own.
            is_hidden: Keep it out of the public book.
            size_asset: Market orders only: the asset ``size`` counts in, base or quote. A market buy needs it
                unless ``load_markets`` was called, because the venue would take the size as quote units.

        Raises:
            ConfigError: An argument is malformed or, after ``load_markets``, breaks a rule of the market.
            NotSent: No connection, or too many orders; it is safe to try again.
            InsufficientFunds: Lower the size or free some balance.
            PostOnlyRejected: It would have taken liquidity: quote further away.
            OrderRejected: It breaks a rule of the market; the message says which.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``open_orders(client_order_id=...)``,
                then ``closed_orders(client_order_id=...)`` before anything else; ``send_order`` does it for you.

        Shape:
            {"data": {"order_id": int, "market": str, "side": str, "type": str, "ccy": str, "amount": str,
            "price": str, "unfilled_amount": str, "filled_amount": str, "filled_value": str,
            "client_id": str, "created_at": int ms, "updated_at": int ms}}

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/put-order, read 2026-11-20.
        """
        order = self.send_order(
            market, side, size, price, type=type, time_in_force=time_in_force, post_only=post_only,
            client_order_id=client_order_id, stp=stp, is_hidden=is_hidden, size_asset=size_asset,
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
        is_hidden: bool = False,
        size_asset: str | None = None,
    ) -> LiveOrder:
        """Place one order without waiting, for instance from inside a callback; arguments as ``place_order``.

        The order returned follows its own fate: ``await order`` for the venue's answer, ``order.status`` at
        any time, ``await order.finished()`` for its end. If the answer is lost its fate is asked for until it is
        known. While ``watch_orders`` is open it is followed by the stream; else the venue is asked every few seconds.

        Raises:
            ConfigError: An argument is malformed, a live order has the client order id, or this is not the client's
                event loop.
        """
        request = self._new_order(
            market, side, size, price, type, time_in_force, stp, size_asset,
            client_order_id=client_order_id, post_only=post_only, is_hidden=is_hidden,
        )  # fmt: skip

        return self._streams.account.submit(
            lambda: self._place(request),
            market=market,
            side=request.side,
            size=request.size,
            price=request.price,
            client_order_id=request.client_order_id,
            type=request.type,
            time_in_force=request.time_in_force,
            post_only=request.post_only,
            size_asset=request.size_asset or "",
        )

    @calls(rows.AMEND_ORDER)
    async def amend_order(
        self, market: str, order_id: str, *, price: Exact | None = None, size: Exact | None = None
    ) -> Order:
        """Change price or size of an open order.

        ``POST /v2/spot/modify-order``, rate group spot-put, signed, once.

        The order may lose its place in the queue. Its id stays; take it from the reply all the same.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.
            price: New price, quote units per base unit.
            size: New whole size, base units, more than is filled already.

        Raises:
            OrderNotFound: It is finished.
            OutcomeUnknown: No proof either way. Ask ``order(market, order_id)``.

        Shape:
            As ``place_order``, with "status".

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/modify-order, read 2026-11-20.
        """
        new_price = None if price is None else exact("price", price)
        new_size = None if size is None else exact("size", size)
        self._check_rules(market, new_size, new_price)
        request = requests.AmendOrder(market, order_id, new_price, new_size)
        return self._streams.account.heard(await self._rest.call(rows.AMEND_ORDER, request))

    @calls(rows.CANCEL_ORDER)
    async def cancel_order(self, market: str, order_id: str) -> Order:
        """Cancel one order and return its last state.

        ``POST /v2/spot/cancel-order``, rate group spot-cancel, signed, repeatable.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.

        Raises:
            OrderNotFound: It is finished, or never was. The venue forgets a cancelled order without fills.
            OutcomeUnknown: No proof either way. Ask ``order(market, order_id)``, or cancel again: twice does
                no harm.

        Shape:
            As ``place_order``.

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/cancel-order, read 2026-11-20.
        """
        return self._streams.account.heard(
            await self._rest.call(rows.CANCEL_ORDER, requests.OrderRef(market, order_id))
        )

    @calls(rows.CANCEL_BY_CLIENT_ORDER_ID)
    async def cancel_by_client_order_id(
        self, client_order_id: str, *, market: str | None = None
    ) -> tuple[Order | RequestError, ...]:
        """Cancel every order with ``client_order_id`` and return what became of each: its last state, or why not.

        ``POST /v2/spot/cancel-order-by-client-id``, rate group spot-cancel-batch, signed, repeatable.

        Args:
            client_order_id: The id the orders were placed with.
            market: Only in this market.

        Raises:
            OrderNotFound: No open order has it.
            OutcomeUnknown: No proof either way. Ask ``open_orders(client_order_id=...)``, or cancel again.

        Shape:
            {"data": [{"code": int, "data": order as in ``place_order`` or null, "message": str}]}

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/cancel-order-by-client-id, read 2026-11-20.
        """
        results = await self._rest.call(
            rows.CANCEL_BY_CLIENT_ORDER_ID, requests.ClientOrderIdRef(client_order_id, market)
        )
        for result in results:
            if isinstance(result, Order):
                self._streams.account.heard(result)
        return results

    @calls(rows.CANCEL_ALL)
    async def cancel_all(self, market: str | None = None, *, side: Side | str | None = None) -> None:
        """Cancel every open order of a market, or of all markets, and go on past failures.

        ``POST /v2/spot/cancel-all-order``, rate group spot-cancel-batch, signed, repeatable.

        The venue cancels by market and does not say which orders it cancelled: use ``watch_orders`` or ask
        ``open_orders(market)``. Orders placed meanwhile may stay. Cost: one request a market; without a market the
        open orders are asked for first.

        Args:
            market: For instance ``BTCUSDT``; every market with an open order if left out.
            side: Only one side.

        Raises:
            RequestError: The open orders could not be asked for.
            CancelAllFailed: Some markets failed, ``failures`` says which and why; the others were cancelled. Cancel
                again: twice does no harm.

        Shape:
            {"data": {}}

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/cancel-all-order, read 2026-11-20.
        """
        wanted = None if side is None else member("side", Side, side)
        if market is not None:
            check_plain("market", market)
        found: tuple[Order, ...] = () if market is not None else await self.open_orders(side=wanted)
        markets = [order.market for order in found] if market is None else [check_plain("market", market)]
        await cancel_each(
            {name: requests.CancelAll(name, wanted) for name in markets},
            lambda request: self._rest.call(rows.CANCEL_ALL, request),
            venue=errors.VENUE,
            unreadable=unreadable_rows(found),
        )

    async def _place(self, request: requests.PlaceOrder) -> Order:
        def read(reply: Order | Accepted) -> Order:
            if isinstance(reply, Order):
                return reply
            # The venue has it; all else the reply says is lost, so that it is the order as it was sent.
            self._rest.report_unreadable(rows.PLACE_ORDER.name, [reply.fault])
            return request.accepted(reply)

        return await self._rest.call_as(rows.PLACE_ORDER, request, read)

    def _new_order(
        self,
        market: str,
        side: Side | str,
        size: Exact,
        price: Exact | None,
        order_type: OrderType | str,
        time_in_force: TimeInForce | str,
        stp: StpMode | str | None,
        size_asset: str | None,
        *,
        client_order_id: str | None,
        post_only: bool,
        is_hidden: bool,
    ) -> requests.PlaceOrder:
        check_plain("market", market)
        taken_side = member("side", Side, side)
        kind = member("type", OrderType, order_type)
        lasting = member("time_in_force", TimeInForce, time_in_force)
        amount = exact("size", size)
        limit = None if price is None else exact("price", price)
        if kind is OrderType.MARKET:
            if limit is not None or post_only:
                raise ConfigError("a market order has no price and cannot be post-only")
            size_asset = self._size_asset(market, taken_side, size_asset)
        elif limit is None:
            raise ConfigError("a limit order needs a price")
        elif size_asset is not None:
            raise ConfigError("only market orders count in size_asset")
        if post_only and lasting is not TimeInForce.GTC:
            raise ConfigError("a post-only order rests: its time in force is gtc")
        rules = self._rules.get(market)
        is_in_base = size_asset is None or rules is None or size_asset == rules.base
        self._check_rules(market, amount if is_in_base else None, limit)
        return requests.PlaceOrder(
            market=market,
            side=taken_side,
            type=kind,
            time_in_force=TimeInForce.IOC if kind is OrderType.MARKET else lasting,
            post_only=flag("post_only", post_only),
            size=amount,
            price=limit,
            client_order_id=_new_client_order_id()
            if client_order_id is None
            else requests.check_client_order_id(client_order_id),
            stp=None if stp is None else member("stp", StpMode, stp),
            is_hidden=is_hidden,
            size_asset=size_asset,
        )

    def _size_asset(self, market: str, side: Side, wanted: str | None) -> str | None:
        """Return the unit of a market order; left out, the venue takes quote for buys, base for sells."""
        if wanted is not None:
            return check_plain("size_asset", wanted)
        rules = self._rules.get(market)
        if rules is not None:
            return rules.base
        if side is Side.BUY:
            raise ConfigError(
                f"a market buy of {market} needs size_asset, base or quote, or load_markets() beforehand"
            )
        return None

    def _check_rules(self, market: str, size: Decimal | None, price: Decimal | None) -> None:
        rules = self._rules.get(check_plain("market", market))
        if rules is None:
            return
        if size is not None:
            check_size(rules, size)
        if price is not None:
            check_price(rules, price)


def _new_client_order_id() -> str:
    return f"tw-{secrets.token_hex(8)}"
