"""Orders created, modified and canceled, with every check the venue makes.

What is wrong with a request is refused with a problem. What the exchange behind it does not take makes an order
that is ``REJECTED`` with a text, or ``CANCELED`` where the order's own conditions end it. Priority after a
modification is not published: it is lost on a new price or a larger size, kept on a smaller one.

Sources: the order pages of docs.truemarkets.co/apis/cefi and the vendor's samples, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from tradewire.sandbox.clearing import SpotMarket
from tradewire.sandbox.engine import TooSmall, WouldTake
from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.ledger import Shortfall
from tradewire.sandbox.order import FeeRates, Kind, Order, Side
from tradewire.sandbox.routing import Reader
from tradewire.sandbox.venues.truex import shapes
from tradewire.sandbox.venues.truex.clients import MAKER_RATES, TAKER_RATES, Client, Key, Prevention
from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.fields import (
    Amount,
    Deferred,
    Given,
    Id,
    Ignored,
    MessageId,
    Rate,
    StpMode,
    one_of,
    some_of,
)
from tradewire.sandbox.venues.truex.increments import MIN_NOTIONAL, aligned, bucket_of, is_multiple
from tradewire.sandbox.venues.truex.instruments import Instrument
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.venues.truex.records import Ticket

__all__ = ["Modification", "NewOrder", "Rejected", "Trading"]

SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
FUNDS = "Insufficient balance"
WOULD_TAKE = "Order would take liquidity"
HIGHEST_HOLD_RATE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """``info`` of a new order; ``price`` counts for limit orders only."""

    client_id: Id
    instrument_id: Id
    side: Annotated[str, one_of("BUY", "SELL")]
    type_: Annotated[str, one_of("LIMIT", "MARKET")]
    qty: Amount
    price: Annotated[Deferred, Reader(Deferred, ("price?",))]
    tif: Annotated[str, one_of("GTC", "IOC")] = "GTC"
    exec_inst_flags: Annotated[Sequence[str], some_of("ALO")] = ()
    flags: Annotated[Sequence[str], some_of("USE_AGGRESSIVE_PRICING")] = ()
    stp: StpMode | None = None
    hold_fee_rate: Rate = ZERO
    parent_id: MessageId = "0"
    msg_id: MessageId = "0"
    given: Given


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """``info`` of a changed order."""

    client_id: Id
    new_qty: Amount
    new_price: Amount
    new_type: Annotated[str, one_of("MARKET", "INVALID")] = "INVALID"
    prev_modify: Ignored = None
    parent_id: Ignored = None
    msg_id: Ignored = None
    given: Given


class Rejected(Exception):
    """The exchange does not take an order; the message says why."""


class Trading:
    """The clients' commands.

    Args:
        core: The venue's state.
        options: How the venue answers.
    """

    def __init__(self, core: ExchangeCore, options: TrueXOptions) -> None:
        self._core = core
        self._options = options

    def create(self, key: Key, external_id: str, info: NewOrder) -> dict[str, Any]:
        """Take a new order and return its order object.

        Raises:
            Problem: 400, 403 or 404.
        """
        client = self._client(key, info.client_id)
        instrument = self._core.instrument_of(info.instrument_id)
        if (client.client_id, external_id) in self._core.by_external_id:
            raise Problem(400, "Duplicate ClOrdID")
        ticket = self._new_ticket(client, instrument, external_id, info)
        self._core.begin(ticket)
        early = shapes.order(ticket, "NEW_PENDING") if self._options.replies_early else None
        try:
            self._place(ticket)
        except Rejected as rejection:
            self._core.report(ticket, "REJECTED", str(rejection))
            if self._options.refuse_with_problems:
                raise Problem(400, str(rejection)) from None
        self._core.command_done(instrument)
        return early or shapes.order(ticket)

    def modify(
        self, key: Key, order_id: str | None, external_id: str | None, info: Modification
    ) -> dict[str, Any]:
        """Change price and total quantity of an order and return its order object.

        ``external_id`` names the modification, as the vendor's samples use it; with no ``id`` it names the order,
        as the pages read.

        Raises:
            Problem: 400, 403 or 404; the order is as before.
        """
        client = self._client(key, info.client_id)
        if order_id is None and external_id is None:
            raise Problem(400, "id is required")
        ticket = self._find(client, order_id, external_id)
        price, is_market = info.new_price, info.new_type == "MARKET"
        if external_id is not None and external_id != ticket.external_id:
            if (client.client_id, external_id) in self._core.by_external_id:
                raise Problem(400, "Duplicate ClOrdID")
        else:
            external_id = None
        if is_market:
            price = self._aggressive_price(ticket.instrument, ticket.order.side)
        try:
            self._require_fit(ticket.instrument, price, info.new_qty)
        except Rejected as rejection:
            raise Problem(400, str(rejection)) from None
        self._amend(ticket, external_id, price, info, is_market=is_market)
        self._core.command_done(ticket.instrument)
        pending = self._options.replies_early and ticket.is_open
        return shapes.order(ticket, "MODIFY_PENDING" if pending else None)

    def cancel(self, key: Key, reference: str, id_type: str) -> dict[str, Any]:
        """Take an open order out and return its order object.

        Raises:
            Problem: 404, it is unknown or no longer open.
        """
        ticket = self._core.own_records().find(key.clients, reference, by_client=id_type == "client")
        if ticket is None:
            raise Problem(404, f"Order {reference} is unknown")
        if not ticket.is_open:
            raise Problem(404, f"Order {reference} is not open")
        market = self._core.markets[ticket.instrument.symbol]
        market.cancel(ticket.order.order_id, self._core.now_ms())
        self._core.command_done(ticket.instrument)
        return shapes.order(ticket, "CANCEL_PENDING" if self._options.replies_early else None)

    def _client(self, key: Key, client_id: str) -> Client:
        client = key.clients.get(client_id)
        if client is None or client.status != "ACTIVE":
            raise Problem(403, "Invalid client")
        return client

    def _find(self, client: Client, order_id: str | None, external_id: str | None) -> Ticket:
        records, by_client = self._core.own_records(), order_id is None
        reference = (external_id if by_client else order_id) or ""
        ticket = records.find([client.client_id], reference, by_client=by_client)
        if ticket is None or not ticket.is_open:
            raise Problem(404, f"Order {order_id or external_id} is unknown or not open")
        return ticket

    def _new_ticket(self, client: Client, instrument: Instrument, external_id: str, info: NewOrder) -> Ticket:
        side, given = SIDES[info.side], info.given
        shown = {}
        price = None
        if info.type_ == "LIMIT":
            price = info.price.fields.amount("price")
            shown["price"] = given["price"]
        is_immediate = info.tif == "IOC" or info.type_ == "MARKET"
        is_alo = bool(info.exec_inst_flags)
        if is_alo and is_immediate:
            raise Problem(400, "ALO does not go with IOC or MARKET")
        prevention = client.self_trade_prevention if info.stp is None else Prevention(info.stp)
        if info.hold_fee_rate > HIGHEST_HOLD_RATE:
            raise Problem(400, "info.hold_fee_rate must be at most 1")
        if info.hold_fee_rate:
            shown["hold_fee_rate"] = given["hold_fee_rate"]
        if price is None:
            price = self._aggressive_price(instrument, side)
        maker, taker = MAKER_RATES[client.maker_fee_tier], TAKER_RATES[client.taker_fee_tier]
        order = Order(
            order_id=self._core.next_id(),
            account=client.client_id,
            market=instrument.symbol,
            side=side,
            kind=Kind.IOC if is_immediate else Kind.POST_ONLY if is_alo else Kind.LIMIT,
            quantity=info.qty,
            price=price,
            self_trade=prevention.mode,
            client_id=external_id,
            rates=FeeRates(maker, taker, max(maker, taker, info.hold_fee_rate)),
        )
        asked = {
            "msg_id": str(order.order_id),
            "parent_id": info.parent_id,
            "client_id": client.client_id,
            "instrument_id": instrument.instrument_id,
            "qty": given["qty"],
            **shown,
            "side": info.side,
            "type": info.type_,
            "tif": "IOC" if is_immediate else "GTC",
            "exec_inst_flags": ["ALO"] if is_alo else [],
            "flags": list(info.flags),
            "stp": prevention.value,
        }
        return Ticket(order, instrument, asked, external_id)

    def _place(self, ticket: Ticket) -> None:
        order, instrument = ticket.order, ticket.instrument
        assert order.price is not None
        if len(self._core.open_tickets[ticket.client_id]) > self._options.max_open_orders:
            raise Rejected("Too many open orders")
        self._require_fit(instrument, order.price, order.quantity)
        try:
            self._market(instrument).place(order, self._core.now_ms())
        except Shortfall:
            raise Rejected(FUNDS) from None
        except WouldTake:
            self._core.report(ticket, "CANCELED", WOULD_TAKE)

    def _amend(
        self,
        ticket: Ticket,
        external_id: str | None,
        price: Decimal,
        info: Modification,
        *,
        is_market: bool,
    ) -> None:
        before = (ticket.external_id, ticket.ref_external_id, ticket.modify_info, ticket.order.kind)
        message_id = self._core.next_id()
        ticket.modify_info = {
            "msg_id": str(message_id),
            "parent_id": "0",
            "client_id": ticket.client_id,
            "prev_modify": (ticket.modify_info or {}).get("msg_id", "0"),
            "new_qty": info.given["new_qty"],
            "new_price": info.given["new_price"],
            "new_type": "MARKET" if is_market else "INVALID",
        }
        if external_id is not None:
            ticket.external_id, ticket.ref_external_id = external_id, ticket.external_id
        if is_market:
            ticket.order.kind = Kind.IOC
        market, order_id = self._market(ticket.instrument), ticket.order.order_id
        try:
            market.amend(order_id, price=price, quantity=info.new_qty, now_ms=self._core.now_ms())
        except TooSmall:
            ticket.text = "The new quantity is already executed"
            market.cancel(order_id, self._core.now_ms())
        except (Shortfall, WouldTake) as refusal:
            ticket.external_id, ticket.ref_external_id, ticket.modify_info, ticket.order.kind = before
            text = FUNDS if isinstance(refusal, Shortfall) else WOULD_TAKE
            raise Problem(400, text) from None
        if external_id is not None:
            self._core.name(ticket, external_id)

    def _market(self, instrument: Instrument) -> SpotMarket:
        return self._core.markets[instrument.symbol]

    @exactly
    def _require_fit(self, instrument: Instrument, price: Decimal, quantity: Decimal) -> None:
        bucket = bucket_of(price)
        if instrument.status != "ACTIVE":
            raise Rejected(f"Instrument is {instrument.status}")
        if not is_multiple(price, bucket.tick):
            raise Rejected(f"Invalid price increment: the tick at this price is {bucket.tick}")
        if not is_multiple(quantity, bucket.lot):
            raise Rejected(f"Invalid quantity increment: the lot at this price is {bucket.lot}")
        if price * quantity < MIN_NOTIONAL:
            raise Rejected(f"Order is below the minimum notional of {MIN_NOTIONAL}")
        mid = self._mid(instrument)
        if abs(price - mid) > instrument.price_bands_percent * mid:
            raise Rejected("Order outside book price bands")

    @exactly
    def _mid(self, instrument: Instrument) -> Decimal:
        engine = self._market(instrument).engine
        bid, ask = engine.best(Side.BUY), engine.best(Side.SELL)
        if bid is not None and ask is not None:
            return (bid[0] + ask[0]) / 2
        return instrument.last_price or instrument.reference_price

    @exactly
    def _aggressive_price(self, instrument: Instrument, side: Side) -> Decimal:
        """Return the last price inside the bands that a market order is turned into a limit order at."""
        sign = 1 if side is Side.BUY else -1
        edge = self._mid(instrument) * (1 + sign * instrument.price_bands_percent)
        return aligned(edge, up=side is Side.SELL)
