"""Orders: place, amend and cancel, over REST or over WebSocket, with the same arguments and the same results."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import lru_cache, partial
from typing import NamedTuple

import msgspec
from msgspec import field
from msgspec.structs import replace

from tradewire._native import FrameTemplate
from tradewire.errors import (
    ConfigError,
    NotSent,
    NotSupported,
    RemoteProtocolError,
    RequestError,
    StreamStopped,
)
from tradewire.model import (
    AccountKind,
    Order,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
    sent_order,
    unreadable_rows,
)
from tradewire.protocol.arguments import Exact, check_plain, flag, id_text, member
from tradewire.protocol.client_ids import counted_ids
from tradewire.protocol.endpoint import Effect, Reply
from tradewire.protocol.mismatch import mismatch, same
from tradewire.protocol.request import COUNT, UUID, Request
from tradewire.session.cancelling import cancel_each
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import failed
from tradewire.venues.exchange.api import OrderId, SideName, api, check_market, check_order_id, one, whole
from tradewire.venues.exchange.connection import refused
from tradewire.venues.exchange.dialect import submit_frame, submit_template
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.model import Execution, OrderEntry
from tradewire.venues.exchange.positions import POSITION_LIMIT
from tradewire.venues.exchange.rest.open_orders import OpenOrders
from tradewire.venues.exchange.shapes import OrderRow
from tradewire.venues.exchange.streams import StreamMethods
from tradewire.venues.exchange.user_values import Attributes
from tradewire.wire import Reader

__all__ = ["Orders"]


new_request_id = counted_ids(lambda: os.urandom(6).hex())
LIMIT, GTC, WS = OrderType.LIMIT, TimeInForce.GTC, OrderEntry.WS
ZERO = Decimal(0)


class PlaceOrder(Request, frozen=True):
    """A limit order: every value was checked before."""

    market: str
    side: SideName
    price: int
    size: int = field(name="quantity")


class OrderRef(Request, frozen=True):
    """A resting order."""

    order_id: OrderId


class AmendOrder(OrderRef, frozen=True):
    """A smaller open size for it."""

    remaining: int


class Submitted(msgspec.Struct, frozen=True):
    """Answer to a new order."""

    order: OrderRow
    fills: list[msgspec.Raw]
    resting: bool


class Changed(msgspec.Struct, frozen=True):
    """Answer to an amend or a cancel."""

    order: OrderRow


class _Reply(Changed, frozen=True):
    """What may come in its place: a second reply to the order's placing, which says nothing about a change."""

    resting: bool | None = None


def _changed(reply: _Reply) -> OrderRow:
    if reply.resting is not None:
        raise RemoteProtocolError("the reply is that to the placing of the order")
    return reply.order


def _mismatch(request: PlaceOrder, reply: Submitted) -> str:
    order = reply.order
    return mismatch(
        market=(request.market, order.market),
        side=(request.side, order.side),
        price=(request.price, order.price),
        size=(request.size, order.quantity),
    )


_ORDER = "/api/v1/orders/{order_id}"
_CHANGED = Reply(one(_Reply).then(_changed).decode, one(Changed).shape)
_executions = Reader(Execution)

PLACE_ORDER = api(
    "POST", "/api/v1/orders", PlaceOrder, one(Submitted),
    group="trader", source="rest-api", mismatch=_mismatch, is_placing=True, varying={"price": COUNT, "size": COUNT},
    lookup="Exchange.open_orders({request.market!r}), then Exchange.executions({request.market!r})",
)  # fmt: skip
AMEND_ORDER = api(
    "PATCH", _ORDER, AmendOrder, _CHANGED,
    group="trader", source="rest-api", mismatch=same("order_id", "remaining"),
    effect=Effect.REPEATABLE, lookup="Exchange.open_orders()", varying={"order_id": UUID, "remaining": COUNT},
)  # fmt: skip
CANCEL_ORDER = api(
    "DELETE", _ORDER, OrderRef, _CHANGED,
    group="trader", source="rest-api", mismatch=same("order_id"),
    effect=Effect.REPEATABLE, lookup="Exchange.open_orders()", is_cancel=True, varying={"order_id": UUID},
)  # fmt: skip


class _Kind(NamedTuple):
    """Orders of one market and side, and what writes their frames."""

    market: str
    side: Side
    template: FrameTemplate | None
    sample: Order

    def sent(self, price: int, size: int) -> Attributes:
        """Return what an order is recognised by."""
        return Attributes(self.market, self.side, price, size)

    def as_sent(self, price: int, size: int, name: str) -> Order:
        """Return an order as it is sent."""
        return replace(self.sample, price=Decimal(price), size=Decimal(size), client_order_id=name)


class PreparedOrder:
    """Sends orders of one market and side; ``prepare_order`` makes one."""

    def __init__(
        self,
        kind: _Kind,
        write: Callable[[_Kind, int, int], LiveOrder | None],
        send: Callable[[_Kind, int, int, str | None], LiveOrder],
    ) -> None:
        self._kind = kind
        self._write = write
        self._send = send

    def send(
        self, size: Exact, price: Exact | None = None, *, client_order_id: str | None = None
    ) -> LiveOrder:
        """Place one order without waiting; arguments and errors as ``send_order``."""
        if client_order_id is None and type(price) is type(size) is int:
            sent = self._write(self._kind, price, size)
            if sent is not None:
                return sent
        if price is None:
            raise ConfigError("an order on Exchange needs a price")
        return self._send(self._kind, whole("price", price), whole("size", size), client_order_id)


class Orders(OpenOrders, StreamMethods):
    """What a trader may do. All of it needs a key."""

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
        order_entry: OrderEntry | str = OrderEntry.REST,
        check_exposure: bool = True,
    ) -> Order:
        """Place one limit order and return it as the venue accepted it, perhaps filled already.

        Over WebSocket ``submit_order``, not metered: the venue acknowledges a request without naming its order.
        The order is found from the events that follow: the venue handles this client's requests in order, so that
        equal orders of this client do not get mixed up. If another program trades with the same key and places an
        equal order (market, side, price, size) at the same time, each may be taken for the other.
        ``OutcomeUnknown`` is raised if the answer is lost; which order it became, if any, is then concluded from
        open orders, executions and positions (``attribution``), since the venue takes no id of ours.

        Args:
            market: For instance ``ABC-USD``.
            side: ``buy`` or ``sell``.
            size: A whole number.
            price: A whole number, a multiple of the tick size. Always needed.
            type: ``limit`` is all the venue has.
            time_in_force: ``gtc`` is all the venue has.
            post_only: Refused: the venue has no such thing.
            client_order_id: Names the order in this client; the venue only echoes it over WebSocket.
            order_entry: ``rest`` or ``ws``.
            check_exposure: Refuse what would break the position limit before it is sent, if the account is
                known.

        Raises:
            ConfigError: An argument is malformed, a fraction, or the order could break the position limit.
            NotSupported: A market order, another time in force, or post only.
            NotSent: No connection, or too many requests; it is safe to try again.
            OrderRejected: It breaks a rule; the message says which.
            MarketUnavailable: The market is not there, disabled or settled.
            VenueUnavailable: The operator has stopped trading.
            OutcomeUnknown: No proof either way, and never sent twice. Look at ``open_orders`` and
                ``executions``; ``send_order`` does it for you.
        """
        kind, ticks = _priced(market, side, price, type, time_in_force, post_only=post_only)
        lots, name = whole("size", size), _request_id(client_order_id)
        way = member("order_entry", OrderEntry, order_entry)
        if way is OrderEntry.WS:
            await self.account_ready()
        live = self._send(kind, ticks, lots, name, way=way, check_exposure=check_exposure)
        return await self._streams.account.placed(live)

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
        order_entry: OrderEntry | str = WS,
        check_exposure: bool = True,
    ) -> LiveOrder:
        """Place one order without waiting, for instance from inside a callback; arguments as ``place_order``.

        Over WebSocket, the default here, the frame is on the socket before this returns. The user's stream
        must be open, which ``await account_ready()`` sees to, or the order ends as ``NotSent``; while only the
        account is being read, the order goes out once it has been. The order returned follows its own fate. If
        the answer is lost its fate is looked for until it is known.

        Raises:
            ConfigError: An argument is malformed, a live order has the client order id, or this is not the client's
                event loop.
        """
        is_plain = type is LIMIT and time_in_force is GTC and post_only is False and client_order_id is None
        if (
            is_plain
            and order_entry is WS
            and check_exposure is True
            and price.__class__ is size.__class__ is int
        ):
            try:
                sent = self._write(_kind_of(market, side), price, size)
            except TypeError:
                # Not even hashable.
                sent = None
            if sent is not None:
                return sent
        kind, ticks = _priced(market, side, price, type, time_in_force, post_only=post_only)
        lots = whole("size", size)
        way = order_entry if order_entry is WS else member("order_entry", OrderEntry, order_entry)
        return self._send(kind, ticks, lots, client_order_id, way=way, check_exposure=check_exposure)

    def prepare_order(
        self,
        market: str,
        side: Side | str,
        *,
        type: OrderType | str = OrderType.LIMIT,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,
        order_entry: OrderEntry | str = WS,
        check_exposure: bool = True,
    ) -> PreparedOrder:
        """Return what sends orders that differ in size, price and id only; arguments as ``place_order``.

        Raises:
            ConfigError: An argument is malformed.
            NotSupported: As ``place_order``.
        """
        kind, _ = _priced(market, side, 1, type, time_in_force, post_only=post_only)
        way = member("order_entry", OrderEntry, order_entry)
        flag("check_exposure", check_exposure)
        write = self._write if way is WS and check_exposure else lambda *_: None
        return PreparedOrder(kind, write, partial(self._send, way=way, check_exposure=check_exposure))

    @AMEND_ORDER.documents
    async def amend_order(
        self,
        market: str,
        order_id: str,
        *,
        price: Exact | None = None,
        size: Exact | None = None,
        remaining: Exact | None = None,
        order_entry: OrderEntry | str = OrderEntry.REST,
    ) -> Order:
        """Shrink a resting order, which keeps its place in the queue. Over WebSocket ``amend_order``.

        Args:
            market: Its market.
            order_id: ``Order.order_id``.
            price: Refused: the venue cannot change it. Cancel, then place another.
            size: New whole size, filled part included; smaller than it was. Asks what is filled unless the
                user's stream reports it.
            remaining: Or the size still open, as the venue counts; this is what may be sent again safely.
            order_entry: ``rest`` or ``ws``.

        Raises:
            ConfigError: Neither or both sizes, or a malformed one.
            NotSupported: A price.
            OrderNotFound: It does not rest any more, or never was ours.
            OrderRejected: It would grow.
            OutcomeUnknown: No proof either way. Ask ``open_orders``, or send the same ``remaining`` again.
        """
        if price is not None:
            raise NotSupported(
                "Exchange cannot change a price", venue=VENUE, instead="cancel_order, then place_order"
            )
        if (size is None) == (remaining is None):
            raise ConfigError("amend_order takes size or remaining, one of them")
        check_order_id(order_id)
        left = whole("remaining", remaining) if remaining is not None else 0
        if size is not None:
            wanted, filled = whole("size", size), await self._filled_size(market, order_id)
            left = wanted - filled
            if left < 1:
                raise ConfigError(f"size must be above what is filled, {filled}; cancel the order instead")
        if member("order_entry", OrderEntry, order_entry) is OrderEntry.WS:
            await self.account_ready()
            return await self._streams.change(order_id, left)
        row = await self._rest.call(AMEND_ORDER, AmendOrder(order_id, left))
        return self._streams.heard(row, is_amendment=await self._knows_fills(market, order_id))

    async def _knows_fills(self, market: str, order_id: str) -> bool:
        """Return whether every fill before now is known, so that what is missing of an order was amended away."""
        try:
            await self._filled_size(market, order_id)
        except RequestError:
            return False
        return True

    @CANCEL_ORDER.documents
    async def cancel_order(
        self,
        market: str,  # noqa: ARG002 - the common interface's; the id is enough here
        order_id: str,
        *,
        order_entry: OrderEntry | str = OrderEntry.REST,
    ) -> Order:
        """Cancel one order and return its last state. Over WebSocket ``cancel_order``.

        Works while trading is stopped, too.

        Args:
            market: Its market.
            order_id: ``Order.order_id``.
            order_entry: ``rest`` or ``ws``.

        Raises:
            OrderNotFound: It does not rest any more, or never was ours.
            OutcomeUnknown: No proof either way. Ask ``open_orders``, or cancel again: twice does no harm.
        """
        check_order_id(order_id)
        if member("order_entry", OrderEntry, order_entry) is OrderEntry.WS:
            await self.account_ready()
            return await self._streams.change(order_id, None)
        row = await self._rest.call(CANCEL_ORDER, OrderRef(order_id))
        report = self._streams.heard(row, OrderStatus.CANCELLED)
        # It has ended, though who follows it waits for fills that are still under way.
        return replace(report, status=OrderStatus.CANCELLED)

    async def cancel_all(
        self, market: str | None = None, *, order_entry: OrderEntry | str = OrderEntry.REST
    ) -> None:
        """Cancel every open order of a market, or of all markets, and go on past failures.

        The venue has no such request: one for each order, several at a time. Orders that end meanwhile are no failure.
        Orders placed meanwhile may stay.

        Args:
            market: Every market if left out.
            order_entry: ``rest`` or ``ws``.

        Raises:
            RequestError: The open orders could not be asked for.
            CancelAllFailed: Some orders failed, ``failures`` says which and why; the others were cancelled. Cancel
                again: twice does no harm.
        """
        found = await self.open_orders(market)
        await cancel_each(
            {order.order_id: order for order in found},
            lambda order: self.cancel_order(order.market, order.order_id, order_entry=order_entry),
            venue=VENUE,
            unreadable=unreadable_rows(found),
        )

    def _write(self, kind: _Kind, price: int, size: int) -> LiveOrder | None:
        """Write an order under an id of ours, as ``_send`` would; ``None`` if that has anything to do besides."""
        streams, template = self._streams, kind.template
        account, state = streams.account, streams.state.account
        if template is None or not state.is_known or account.keeper is not None:
            return None
        account.tracker.check_open()
        if state.exposure(kind.market, kind.side, size) is not None:
            return None
        try:
            name = template.send(streams.session.send, new_request_id, price, size)
        except NotSent:
            return None
        if name is None:
            return None
        return streams.follow(kind.as_sent(price, size, name), kind.sent(price, size))

    def _send(
        self, kind: _Kind, price: int, size: int, name: str | None, *, way: OrderEntry, check_exposure: bool
    ) -> LiveOrder:
        streams = self._streams
        state, tracker = streams.state, streams.account.tracker
        is_known, is_ours = state.account.is_known, name is None
        name = new_request_id() if name is None else _request_id(name)
        if not is_known and not streams.dialect.can_login:
            raise ConfigError("trading needs a trader: Exchange(Token(api_key))")
        if (check_exposure is True or flag("check_exposure", check_exposure)) and is_known:
            self._check_exposure(kind.market, kind.side, size)
        if is_ours:
            tracker.check_open()
        else:
            if state.is_waiting(name):
                raise ConfigError(f"client_order_id {name} is in flight; give every order its own")
            tracker.check_new(name)
        account = streams.account
        as_sent = partial(kind.as_sent, price, size, name)
        placing: Callable[[], Coroutine[object, object, Order]]
        if account.keeper is not None and (fault := account.intend(as_sent)) is not None:
            placing = partial(failed, fault)
        elif way is not WS:
            placing = partial(self._place_over_rest, kind.sent(price, size), name)
        elif not is_known and streams.is_live:
            placing = partial(
                self._place_once_read, kind.sent(price, size), name, check_exposure=check_exposure
            )
        else:
            # The bytes are on the socket when this returns; everything else comes after.
            frame = submit_frame(name, kind.sent(price, size))
            try:
                streams.send(frame)
            except NotSent as error:
                placing = partial(refused, error)
            else:
                return streams.follow(as_sent(), kind.sent(price, size))
        return account.submitted(as_sent, placing, is_intended=True)

    async def _place_once_read(self, sent: Attributes, name: str, *, check_exposure: bool) -> Order:
        try:
            with self._rest.line.stand(PLACE_ORDER):
                await self._streams.account_known(while_reading=True)
            if check_exposure:
                self._check_exposure(sent.market, sent.side, sent.size)
        except (ConfigError, StreamStopped) as error:
            raise NotSent(str(error), venue=VENUE) from error
        return await self._streams.submit(name, submit_frame(name, sent), sent)

    async def _place_over_rest(self, sent: Attributes, name: str) -> Order:
        state = self._streams.state
        state.rest_started(name, sent)
        try:
            reply = await self._rest.call(PLACE_ORDER, PlaceOrder(*msgspec.structs.astuple(sent)))
        except BaseException:
            self._streams.take(state.rest_failed, name, sent)
            raise
        executions = _executions.all(reply.fills, lambda row: row)
        self._rest.report_unreadable(PLACE_ORDER.name, executions.unreadable)
        self._streams.take(state.rest_placed, name, sent, reply.order, executions, is_resting=reply.resting)
        return self._streams.heard(reply.order, None if reply.resting else OrderStatus.FILLED)

    async def _filled_size(self, market: str, order_id: str) -> int:
        """Return what is filled of an order, as followed, or else as its fills say."""
        account = self._streams.state.account
        if not account.is_known:
            executions = await self.executions(check_market(market))
            self._streams.take(self._streams.state.executions_read, executions)
        known = account.find(order_id)
        return int((await self.order(market, order_id)).filled_size) if known is None else known.filled_size

    def _check_exposure(self, market: str, side: Side, size: int) -> None:
        worst = self._streams.state.account.exposure(market, side, size)
        if worst is not None:
            raise ConfigError(
                f"with every open order filled the position in {market} would be {worst}, the limit is "
                f"{POSITION_LIMIT} either way; cancel some, or pass check_exposure=False and let the venue judge"
            )


@lru_cache(maxsize=1000)
def _kind_of(market: str, side: Side | str) -> _Kind:
    """Return what is the same of all orders of a side of a market, checked once."""
    check_market(market)
    side = member("side", Side, side)
    sample = sent_order(
        market=market, side=side, size=ZERO, price=ZERO, client_order_id="", account=AccountKind.FUTURES
    )
    return _Kind(market, side, submit_template(market, side), sample)


def _priced(
    market: str,
    side: Side | str,
    price: Exact | None,
    kind: OrderType | str,
    time_in_force: TimeInForce | str,
    *,
    post_only: bool,
) -> tuple[_Kind, int]:
    """Return the kind of an order, and its price."""
    if kind is not LIMIT and member("type", OrderType, kind) is not LIMIT:
        raise NotSupported("Exchange has limit orders only", venue=VENUE, instead="a price that crosses")
    if time_in_force is not GTC and member("time_in_force", TimeInForce, time_in_force) is not GTC:
        raise NotSupported(
            "on Exchange every order is good till cancelled", venue=VENUE, instead="cancel what rests"
        )
    if flag("post_only", post_only):
        raise NotSupported(
            "Exchange has no post-only orders", venue=VENUE, instead="a price that does not cross"
        )
    if price is None:
        raise ConfigError("an order on Exchange needs a price")
    try:
        found = _kind_of(market, side)
    except TypeError:
        # Not even hashable.
        found = _kind_of.__wrapped__(market, side)
    return found, whole("price", price)


def _request_id(client_order_id: str | None) -> str:
    """Return the caller's id, or one that is ours alone."""
    if client_order_id is None:
        return new_request_id()
    return check_plain("client_order_id", id_text("client_order_id", client_order_id))
