"""Orders: place, amend, cancel. All of it needs credentials."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import cached_property
from typing import Annotated

from msgspec import field
from msgspec.structs import replace

from tradewire.errors import ConfigError, NotSent, NotSupported
from tradewire.model import Order, OrderStatus, OrderType, Side, StpMode, TimeInForce, unreadable_rows
from tradewire.protocol.arguments import Exact, check_plain, exact, flag, spelled
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.mismatch import mismatch
from tradewire.protocol.new_order import NewOrder, check_kind, check_numbers
from tradewire.protocol.request import (
    COUNT,
    NOT_SENT,
    SEGMENT,
    TEXT,
    Argument,
    Checked,
    Request,
    number,
    one_of,
)
from tradewire.session.cancelling import cancel_each
from tradewire.session.lane import Sending
from tradewire.session.live_order import LiveOrder
from tradewire.session.prepared import OrderPlan, PreparedOrder, remembered
from tradewire.venues.truex import errors, ids, increments, replies, shapes
from tradewire.venues.truex.api import StpWord, VenueId, api, legacy
from tradewire.venues.truex.model import STP_WORDS, Instrument
from tradewire.venues.truex.rest.clients import Clients
from tradewire.venues.truex.rest.order_queries import OrderQueries, OrderRef
from tradewire.wire import Accepted

__all__ = ["Orders"]

ONE = Decimal(1)
HOLES = {"size": number(), "price": number(), "client_order_id": TEXT}


def _when(word: object) -> Argument:
    """Return the argument that travels as ``word`` if it is set."""
    return Argument(lambda _, is_set: word if is_set else None)


class PlaceOrder(NewOrder, frozen=True, kw_only=True):
    """A new order; the venue's ids, and what its size counts in, are looked up when it is sent."""

    client_order_id: str = field(name="external_id")
    market: Annotated[str, NOT_SENT]
    account_id: str = field(name="client_id", default="")
    instrument_id: str = ""
    side: Annotated[Side, one_of(Side, str.upper)]
    type: Annotated[OrderType, one_of(OrderType, str.upper)]
    time_in_force: Annotated[TimeInForce, one_of(TimeInForce, str.upper)] = field(name="tif")
    size: Checked = field(name="qty")
    price: Checked | None
    post_only: Annotated[bool, _when(["ALO"])] = field(name="exec_inst_flags")
    aggressive: Annotated[bool, _when(["USE_AGGRESSIVE_PRICING"])] = field(name="flags")
    stp: StpWord | None
    size_asset: Annotated[str, NOT_SENT] = ""

    def body(self, members: dict[str, object]) -> object:
        """Return the body: all but our own id is nested."""
        return {"external_id": members.pop("external_id"), "info": members}

    def mismatch(self, row: shapes.OrderRow | Accepted) -> str:
        """Return how a reply contradicts this request."""
        if isinstance(row, Accepted):
            return mismatch(client_order_id=(self.client_order_id, row.client_order_id))
        info = row.info
        if info is None:
            return ""
        return mismatch(
            client_order_id=(self.client_order_id, row.external_id),
            account_id=(self.account_id, row.account_id),
            instrument_id=(self.instrument_id, info.instrument_id),
            side=(self.side, info.side),
            size=(self.size, info.qty or None),
            # A market order is given a price by the venue.
            price=(self.price, info.price),
        )


class AmendOrder(Request, frozen=True):
    """A new size and price for an order; both are always sent."""

    order_id: VenueId = field(name="id")
    client_order_id: str = field(name="external_id")
    account_id: str = field(name="client_id")
    size: Checked = field(name="new_qty")
    price: Checked = field(name="new_price")
    to_market: Annotated[bool, _when("MARKET")] = field(name="new_type")

    def body(self, members: dict[str, object]) -> object:
        """Return the body: all but the ids is nested."""
        return {"id": members.pop("id"), "external_id": members.pop("external_id"), "info": members}

    def mismatch(self, row: shapes.OrderRow) -> str:
        """Return how a reply does; which client id, size and price it has before it is confirmed is not published."""
        return mismatch(order_id=(self.order_id, row.id))


PLACE_ORDER = api(
    "POST", "/v1/cefi/orders", PlaceOrder, replies.placed_order,
    group="orders", source="apis/cefi/rest/v1/orders", mismatch=PlaceOrder.mismatch, is_placing=True,
    lookup="TrueX.order_status(client_order_id={request.client_order_id!r})", spellings=legacy("orders", "order"),
)  # fmt: skip
AMEND_ORDER = api(
    "PATCH", "/v1/cefi/orders", AmendOrder, replies.order,
    group="orders", source="apis/cefi/rest/v1/orders", mismatch=AmendOrder.mismatch,
    lookup="TrueX.order_status({request.order_id!r})", spellings=legacy("orders", "order"),
    varying={"order_id": COUNT, "client_order_id": TEXT, "size": number(), "price": number()},
)  # fmt: skip
CANCEL_ORDER = api(
    "DELETE", "/v1/cefi/orders/{ref_id}", OrderRef, replies.order,
    group="orders", source="apis/cefi/rest/v1/orders/cancelorders", mismatch=OrderRef.mismatch,
    lookup="TrueX.order_status({request.named})", effect=Effect.REPEATABLE, is_cancel=True,
    spellings=legacy("orders/{ref_id}", "order/{ref_id}"), varying={"ref_id": SEGMENT},
)  # fmt: skip


class Orders(OrderQueries, Clients):
    """What an account may do with orders."""

    @PLACE_ORDER.documents
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
        order = self._prepared(market, side, type, time_in_force, post_only, stp, aggressive)
        return order.send(size, price, client_order_id=client_order_id)

    def prepare_order(
        self,
        market: str,
        side: Side | str,
        *,
        type: OrderType | str = OrderType.LIMIT,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,
        stp: StpMode | str | None = None,
        aggressive: bool = False,
    ) -> PreparedOrder[PlaceOrder]:
        """Return what sends orders that differ in size, price and id only; arguments as ``place_order``.

        Its ``send(size, price)`` is ``send_order`` without what is the same for all of them: that is checked here, and
        encoded once the venue's ids are known.

        Raises:
            ConfigError: An argument is malformed, or does not go with another.
            NotSupported: ``fok``.
        """
        return self._prepare(market, side, type, time_in_force, post_only, stp, aggressive)

    @AMEND_ORDER.documents
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
        request = AmendOrder(
            order_id, ids.new_client_order_id(), await self.account_id(), new_size, new_price, to_market
        )
        return self._heard(await self._rest.call_as(AMEND_ORDER, request, self._order))

    @CANCEL_ORDER.documents
    async def cancel_order(
        self, market: str, order_id: str | None = None, *, client_order_id: str | None = None
    ) -> Order:
        """Cancel one order and return its state; it may still fill while it is ``CANCEL_PENDING``.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.
            client_order_id: Or our own id, as last amended.

        Raises:
            OrderNotFound: It is finished, or never was.
            OutcomeUnknown: No proof either way. Ask ``order_status(order_id)``, or cancel again: twice does
                no harm.
        """
        check_plain("market", market)
        await self._learn_names()
        ref = OrderRef(*ids.id_type(order_id, client_order_id))
        return self._heard(await self._rest.call_as(CANCEL_ORDER, ref, self._order))

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

    @cached_property
    def _prepared(self) -> Callable[..., PreparedOrder[PlaceOrder]]:
        return remembered(self._prepare)

    def _prepare(
        self,
        market: str,
        side: Side | str,
        type: OrderType | str,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str,
        post_only: bool,
        stp: StpMode | str | None,
        aggressive: bool,
    ) -> PreparedOrder[PlaceOrder]:
        if time_in_force == TimeInForce.FOK:
            raise NotSupported("TrueX has no fill-or-kill orders", venue=errors.VENUE, instead="ioc")
        kind = check_kind(market, side, type, time_in_force, post_only)
        stp_mode = None if stp is None else spelled("stp", STP_WORDS, stp)[0]
        flag("aggressive", aggressive)

        def check(size: Exact, price: Exact | None) -> tuple[Decimal, Decimal | None]:
            exact_size, exact_price = check_numbers(kind, size, price)
            if exact_price is not None:
                increments.check(exact_size, exact_price)
            return exact_size, exact_price

        def plan() -> OrderPlan[PlaceOrder]:
            known = self._instrument(market)

            def build(size: Decimal, price: Decimal | None, client_order_id: str) -> PlaceOrder:
                order = PlaceOrder(
                    **kind,
                    size=size,
                    price=price,
                    client_order_id=client_order_id,
                    stp=stp_mode,
                    aggressive=aggressive,
                )
                return order if known is None else self._named(order)

            if known is None:
                return OrderPlan(check, build, None)
            is_market = kind["type"] is OrderType.MARKET
            holes = {"size": number(), "client_order_id": TEXT} if is_market else HOLES
            sample = build(ONE, None if is_market else ONE, "")
            # Grids depend on the price.
            return OrderPlan(
                check, build, self._rest.lanes.make(PLACE_ORDER, sample, holes), checks_first=True
            )

        return PreparedOrder(
            self._streams.account,
            plan=plan,
            basis=lambda: self._instrument(market),
            begin=self._place,
            new_id=ids.new_client_order_id,
            check_id=ids.check_client_order_id,
        )

    def _instrument(self, market: str) -> Instrument | None:
        """Return the instrument once everything is known that an order must name."""
        return self._directory.find(market) if self._account_id and self._directory.is_known else None

    def _place(self, request: PlaceOrder, sending: Sending | None) -> Coroutine[object, object, Order]:
        if not request.instrument_id:
            return self._place_once_known(request)
        return self._placed(request, self._begin(request, sending))

    async def _place_once_known(self, wanted: PlaceOrder) -> Order:
        try:
            await self._instrument_id(wanted.market)
            await self.account_id()
            request = self._named(wanted)
        except ConfigError as error:
            raise NotSent(str(error), venue=errors.VENUE, endpoint=PLACE_ORDER.name) from error
        return await self._placed(request, self._begin(request, None))

    def _named(self, wanted: PlaceOrder) -> PlaceOrder:
        return replace(
            wanted,
            instrument_id=self._directory.instrument(wanted.market).instrument_id,
            account_id=self._account_id,
            size_asset=self._directory.base_asset(wanted.market),
        )

    def _begin(self, request: PlaceOrder, sending: Sending | None) -> Coroutine[object, object, Order]:
        def read(reply: shapes.OrderRow | Accepted) -> Order:
            if isinstance(reply, Accepted):
                # The venue has it; all else the reply says is lost, so that it is the order as it was sent.
                self._rest.report_unreadable(PLACE_ORDER.name, [reply.fault])
                return reply.order(request.as_sent())
            return self._order(reply)

        return self._rest.begin(PLACE_ORDER, request, read, sending)

    async def _placed(self, request: PlaceOrder, placing: Coroutine[object, object, Order]) -> Order:
        report = await placing
        self._streams.account.tracker.identify(request.client_order_id, report.order_id)
        if report.status is OrderStatus.REJECTED:
            # The venue tells a refused order with success and a state that says so. Why is what the drop copy reports
            # next; a report without it would come first.
            raise errors.refused_order(PLACE_ORDER.name, report.reason)
        return self._heard(report)
