"""The state of the venue: books, accounts, orders and trades, and who is informed when they change.

Commands come from ``trading``; here money moves, orders get their state, and listeners hear of it. Knows no
wire format but the order report it keeps as an order's history.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.ledger import Ledger
from tradewire.sandbox.order import Accepted, Amended, Event, Finished, Reason, Trade, Traded
from tradewire.sandbox.venues.truex import shapes
from tradewire.sandbox.venues.truex.clearing import QuoteFeeMarket, fee_hold_of
from tradewire.sandbox.venues.truex.clients import Directory
from tradewire.sandbox.venues.truex.fields import ID
from tradewire.sandbox.venues.truex.increments import bucket_of
from tradewire.sandbox.venues.truex.instruments import Instrument
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.venues.truex.records import Execution, Ticket
from tradewire.sandbox.venues.truex.settlement import Settlement

__all__ = ["ExchangeCore", "Listener", "OwnRecords"]

KEPT_PUBLIC_TRADES = 1000
KEPT_EXECUTIONS = 100_000
KEPT_ORDERS = 50_000
FIRST_ID = 799_477_895_858_487_977
"""A number of 18 digits, like those seen: beyond what a double holds."""
MATCHES_PER_INSTRUMENT = 10**15
FINISHED_TEXTS = {
    Reason.CANCELLED: "Canceled by client",
    Reason.REMAINDER: "Immediate or cancel",
    Reason.SELF_TRADE: "Self trade prevention",
}


class Listener(Protocol):
    """Who hears of changes."""

    def on_trade(self, instrument: Instrument, trade: Trade) -> None:
        """Hear of a trade."""

    def on_report(self, client_id: str, report: dict[str, Any]) -> None:
        """Hear of an order's new state."""

    def on_book(self, instrument: Instrument) -> None:
        """Hear that a command on ``instrument`` is done."""

    def on_status(self, instrument: Instrument) -> None:
        """Hear of an instrument's new status."""


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """What clients ask about their own orders and executions; open orders by client and id."""

    tickets: dict[int, Ticket]
    open_tickets: Mapping[str, Mapping[int, Ticket]]
    by_external_id: Mapping[tuple[str, str], Ticket]
    executions: Sequence[Execution]

    def find(self, client_ids: Iterable[str], reference: str, *, by_client: bool) -> Ticket | None:
        """Return an order of one of these clients by its own id, or ``by_client`` by the client's id for it."""
        for client_id in client_ids:
            ticket = self.by_external_id.get((client_id, reference)) if by_client else self._by_id(reference)
            if ticket is not None and ticket.client_id == client_id:
                return ticket
        return None

    def _by_id(self, reference: str) -> Ticket | None:
        return self.tickets.get(int(reference)) if ID.fullmatch(reference) else None


class ExchangeCore:
    """The venue's state.

    Args:
        seed: Makes ids.
        instruments: What is traded, by symbol.
        now_ms: The clock.
        halt_ms: How long a breach of the price limit halts an instrument.
    """

    def __init__(
        self, seed: int, instruments: dict[str, Instrument], now_ms: Callable[[], int], halt_ms: int
    ) -> None:
        self.now_ms = now_ms
        self.instruments = instruments
        self.by_id = {instrument.instrument_id: instrument for instrument in instruments.values()}
        self.directory = Directory(seed)
        self.ledger = Ledger()
        self.settlement = Settlement()
        self.tickets: dict[int, Ticket] = {}
        self.by_external_id: dict[tuple[str, str], Ticket] = {}
        self.open_tickets: dict[str, dict[int, Ticket]] = {}
        self.executions: deque[Execution] = deque(maxlen=KEPT_EXECUTIONS)
        self.public_trades: dict[str, deque[Trade]] = {
            symbol: deque(maxlen=KEPT_PUBLIC_TRADES) for symbol in instruments
        }
        self.is_degraded = False
        self.listener: Listener | None = None
        self._halt_ms = halt_ms
        self._dice = random.Random(f"truex ids {seed}")  # noqa: S311 - ids to be repeated, not secrets
        self._last_id = FIRST_ID
        self.markets = {
            symbol: QuoteFeeMarket(
                symbol,
                base=instrument.base,
                quote=instrument.quote,
                lot=bucket_of(instrument.reference_price).lot,
                ledger=self.ledger,
                observe=self._on_event,
                first_trade_id=FIRST_ID + number * MATCHES_PER_INSTRUMENT,
            )
            for number, (symbol, instrument) in enumerate(instruments.items(), start=1)
        }

    def next_id(self) -> int:
        """Return a new id of 18 digits."""
        self._last_id += self._dice.randrange(1, 1000)
        return self._last_id

    def instrument_of(self, instrument_id: str) -> Instrument:
        """Return an instrument.

        Raises:
            Problem: 404, there is none.
        """
        if (instrument := self.by_id.get(instrument_id)) is None:
            raise Problem(404, "Unknown instrument")
        return instrument

    def own_records(self) -> OwnRecords:
        """Return every client's orders and executions as they are."""
        return OwnRecords(self.tickets, self.open_tickets, self.by_external_id, self.executions)

    def copied_records(self) -> OwnRecords:
        """Return a copy of every client's orders and executions.

        Cost: one pass over the orders; what is final does not change and is shared.
        """
        tickets = {
            order_id: ticket.copied() if ticket.is_open else ticket
            for order_id, ticket in self.tickets.items()
        }
        return OwnRecords(
            tickets,
            {
                client_id: {order_id: tickets[order_id] for order_id in own}
                for client_id, own in self.open_tickets.items()
            },
            {name: tickets[ticket.order.order_id] for name, ticket in self.by_external_id.items()},
            tuple(self.executions),
        )

    def begin(self, ticket: Ticket) -> None:
        """Take note of a client's new order."""
        if len(self.tickets) >= KEPT_ORDERS:
            self._forget_oldest()
        ticket.created_ms = ticket.updated_ms = self.now_ms()
        self.tickets[ticket.order.order_id] = ticket
        self.open_tickets.setdefault(ticket.client_id, {})[ticket.order.order_id] = ticket
        self.name(ticket, ticket.external_id)

    def name(self, ticket: Ticket, external_id: str) -> None:
        """Let ``ticket`` be found under ``external_id`` too."""
        self.by_external_id[ticket.client_id, external_id] = ticket
        ticket.names.append(external_id)

    def report(self, ticket: Ticket, status: str, text: str = "") -> None:
        """Give an order a state and publish it."""
        ticket.status, ticket.text = status, text
        ticket.updated_ms = self.now_ms()
        if not ticket.is_open:
            self.open_tickets[ticket.client_id].pop(ticket.order.order_id, None)
        document = shapes.report(ticket)
        ticket.activity.append(document)
        if self.listener is not None:
            self.listener.on_report(ticket.client_id, document)

    def command_done(self, instrument: Instrument) -> None:
        """Report that a command on ``instrument`` is done and its book may have changed."""
        for side, levels in self.markets[instrument.symbol].engine.sides.items():
            instrument.see_best(side, next(levels.counted(), None), self.now_ms())
        if self.listener is not None:
            self.listener.on_book(instrument)

    def set_status(self, instrument: Instrument, status: str) -> None:
        """Open, halt or close an instrument; its orders stay."""
        if status == instrument.status:
            return
        instrument.status = status
        instrument.halted_until_ms = None
        if self.listener is not None:
            self.listener.on_status(instrument)

    def reopen(self) -> None:
        """Reopen what was halted long enough, with the last price as its reference."""
        now_ms = self.now_ms()
        for instrument in self.instruments.values():
            if instrument.halted_until_ms is not None and now_ms >= instrument.halted_until_ms:
                instrument.reference_price = instrument.last_price or instrument.reference_price
                instrument.window_began_ms = now_ms
                self.set_status(instrument, "ACTIVE")

    @exactly
    def fees_held(self, client_id: str, quote: str) -> Decimal:
        """Return what open orders of a client hold for fees in ``quote``."""
        return sum((fee_hold_of(ticket.order) for ticket in self._open_in(client_id, quote)), ZERO)

    @exactly
    def orders_hold(self, client_id: str, asset: str) -> Decimal:
        """Return what open orders of a client hold of ``asset``, without fees."""
        total = ZERO
        for ticket in self.open_tickets.get(client_id, {}).values():
            market = self.markets[ticket.instrument.symbol]
            if market.paying_asset(ticket.order.side) == asset:
                total += ticket.order.held - fee_hold_of(ticket.order)
        return total

    def _forget_oldest(self) -> None:
        finished = (ticket for ticket in self.tickets.values() if not ticket.is_open)
        if (oldest := next(finished, None)) is not None:
            del self.tickets[oldest.order.order_id]
            for name in oldest.names:
                del self.by_external_id[oldest.client_id, name]

    def _open_in(self, client_id: str, quote: str) -> Iterable[Ticket]:
        tickets = self.open_tickets.get(client_id, {}).values()
        return (ticket for ticket in tickets if ticket.instrument.quote == quote)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Traded):
            self._on_trade(event.trade)
            return
        if isinstance(event, Accepted):
            return
        ticket = self.tickets.get(event.order.order_id)
        if ticket is None:
            return
        if not isinstance(event, Finished):
            # An order that traded or was amended on its way is reported as ACTIVE already.
            if isinstance(event, Amended) or ticket.status != "ACTIVE":
                self.report(ticket, "ACTIVE")
        elif event.reason is Reason.FILLED:
            self.report(ticket, "FILLED")
        else:
            self.report(ticket, "CANCELED", ticket.text or FINISHED_TEXTS[event.reason])

    def _on_trade(self, trade: Trade) -> None:
        instrument = self.instruments[trade.market]
        is_breach = instrument.breaches_limit(trade.price, trade.at_ms)
        instrument.last_price, instrument.last_quantity = trade.price, trade.quantity
        instrument.last_trade_ms = instrument.last_update_ms = trade.at_ms
        instrument.volume.add(trade.value, trade.quantity, trade.at_ms)
        self.public_trades[trade.market].append(trade)
        if is_breach:
            self.set_status(instrument, "HALTED")
            instrument.halted_until_ms = trade.at_ms + self._halt_ms
        if self.listener is not None:
            self.listener.on_trade(instrument, trade)
        for order, liquidity, rate, fee in (
            (trade.maker, "MAKER", trade.maker.rates.maker, trade.maker_fee),
            (trade.taker, "TAKER", trade.taker.rates.taker, trade.taker_fee),
        ):
            self.settlement.traded(order, instrument, trade, fee)
            ticket = self.tickets.get(order.order_id)
            if ticket is None:
                continue
            self.executions.append(
                Execution(ticket, trade.trade_id, trade.price, trade.quantity, rate, liquidity, trade.at_ms)
            )
            if order.remaining:
                self.report(ticket, "ACTIVE")
