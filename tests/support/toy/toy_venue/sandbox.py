"""A local toy exchange: one market, plain limit orders, no fees. Judges with the standard library."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar

from tradewire.sandbox.checksum import checksum_of
from tradewire.sandbox.documents import to_json
from tradewire.sandbox.engine import Engine
from tradewire.sandbox.exact import plain
from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.faults.points import Asked, FaultPoints, Push, RowFields, Slot
from tradewire.sandbox.ledger import DoesNotAddUp
from tradewire.sandbox.market import Cancel, Command, Pair, Quote
from tradewire.sandbox.order import Event, Kind, Order, Side, Trade, Traded
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.traffic import Traffic
from tradewire.sandbox.venue import SANDBOX_MARK, ControlHandler

from .sandbox_api import LOT, MARKET, TICK, Refusal, ToyApi, reply

__all__ = ["ToyOptions", "ToyVenue"]

START = {"TOY": Decimal(10_000), "USD": Decimal(1_000_000)}
TRADER = "trader"
REMEMBERED_BOOKS = 4096
Levels = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyOptions:
    """Options of the toy exchange."""

    mid: float = 100.0
    """Where prices start."""


class ToyFaults(Faults):
    """What can go wrong here: less than what a class inherits is named."""

    kinds: ClassVar[frozenset[FaultKind]] = frozenset(
        {FaultKind.DROP_SOCKET, FaultKind.SKIP_DIFFERENCE, FaultKind.LOST_REPLY}
    )


class ToyFaultPoints(FaultPoints):
    """Where faults are injected."""

    fields: ClassVar[Mapping[str, RowFields]] = {}
    sequence_back: ClassVar[int] = 0

    def refusal(self, kind: FaultKind, values: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """Return what the exchange says when ``kind`` happens."""
        return reply({"error": kind.value}, 503)

    def rows_of_reply(self, topic: str, document: Any) -> Iterable[Slot]:
        """Yield none."""
        return ()

    def rows_of_push(self, topic: str, message: dict[str, Any]) -> Iterable[Slot]:
        """Yield none."""
        return ()

    def asked(self, text: str) -> Asked:
        """Say what a message wants."""
        row = json.loads(text)
        return Asked("subscribe" if row["do"] == "subscribe" else "unsubscribe", tuple(row["markets"]))

    def push(self, message: dict[str, Any]) -> Push | None:
        """Say what a message is about."""
        return Push(message["push"], message["market"]) if "push" in message else None

    def number(self, message: dict[str, Any]) -> int | None:
        """Return the number of a push of a book."""
        return message.get("n")

    def renumber(self, message: dict[str, Any], number: int | None) -> None:
        """Write a number into a push of a book."""
        message["n"] = number


class Stream:
    """One client over WebSocket."""

    def __init__(self, venue: ToyVenue, outbox: Outbox) -> None:
        self._venue = venue
        self._outbox = outbox
        self.topics: set[str] = set()

    def receive(self, text: str, now_ms: int) -> None:
        """Take one message."""
        row = json.loads(text)
        is_known = row["topic"] == "book" or row["key"] == self._venue.key
        code = "ok" if is_known and set(row["markets"]) <= {"", MARKET} else "refused"
        self.send({"id": row["id"], "code": code, "message": "" if code == "ok" else "no such market or key"})
        if code != "ok" or row["do"] == "unsubscribe":
            self.topics.discard(row["topic"])
            return
        self.topics.add(row["topic"])
        if row["topic"] == "book":
            self.send(self._venue.whole_book())

    def follows(self, market: str) -> bool:
        """Say whether it gets anything about ``market``."""
        return bool(self.topics)

    def answer_instead(self, text: str, fault: FaultKind) -> None:
        """Answer nothing."""

    def expire_login(self) -> bool:
        """Say that there is none."""
        return False

    def send(self, message: dict[str, Any]) -> None:
        """Queue a message."""
        self._outbox.put(to_json(message))


class ToyVenue:
    """The exchange."""

    name = "toy"
    frames_are_text = True
    refuses_binary = True
    idle_cut_is_abrupt = False
    max_body_bytes = 64 * 1024
    max_message_bytes = 64 * 1024
    faults_class = ToyFaults
    idle_s: float | None = None

    def __init__(
        self,
        *,
        seed: int,
        rate_per_s: float,
        faults: ToyFaults,
        now_ms: Callable[[], int],
        options: ToyOptions,
    ) -> None:
        self.faults, self.now_ms, self.fault_points = faults, now_ms, ToyFaultPoints()
        self.api = ToyApi(self)
        self.rest_url = self.ws_url = ""
        self.key = f"toy-{SANDBOX_MARK}-{seed}"
        self.orders: dict[str, Order] = {}
        self.trades: list[tuple[Trade, Order]] = []
        self._engine = Engine(MARKET, lot=LOT, observe=self._on_event)
        self._ids, self._number = count(1), 0
        self._quotes: dict[int, int] = {}
        self._streams: set[Stream] = set()
        self._touched: list[Order] = []
        self._shown: tuple[Levels, Levels] = ([], [])
        self._sent: OrderedDict[int, tuple[Levels, Levels]] = OrderedDict()
        pair = Pair(MARKET, mid=Decimal(str(options.mid)), tick=TICK, lot=LOT, size=Decimal(5))
        self.traffic = Traffic(seed, [pair], rate_per_s, self._play)
        self.traffic.open()

    # What the listener asks.

    def has_stream(self, path: str) -> bool:
        """Say whether ``path`` is the stream."""
        return path == "/stream"

    def outbox(self) -> Outbox:
        """Return what keeps frames for one client."""
        return Outbox()

    def connect(self, outbox: Outbox, path: str) -> Stream:
        """Begin a conversation."""
        stream = Stream(self, outbox)
        self._streams.add(stream)
        return stream

    def disconnect(self, stream: Stream) -> None:
        """End it."""
        self._streams.discard(stream)

    def listening(self, host: str, port: int) -> None:
        """Take note of where the exchange can be reached."""
        self.rest_url, self.ws_url = f"http://{host}:{port}", f"ws://{host}:{port}/stream"

    async def run(self) -> None:
        """Play the traffic until cancelled."""
        await self.traffic.run()
        await asyncio.Event().wait()

    def keys(self) -> dict[str, Any]:
        """Return what a client needs to begin."""
        return {"rest_url": self.rest_url, "ws_url": self.ws_url, "key": self.key, "markets": [MARKET]}

    def control_routes(self) -> Mapping[tuple[str, str], ControlHandler]:
        """Return none beside those all venues have."""
        return {}

    # What it knows itself.

    def account(self) -> dict[str, Any]:
        """Return the default trader's account in words that all venues share."""
        return {
            "orders": [
                {"order_id": row["order_id"], "status": row["status"], "filled_size": row["filled"]}
                for row in map(self.order_row, self.orders.values())
            ],
            "fills": [{**row, "fee": "0"} for row in self.fill_rows(0)],
            "balances": {row["asset"]: row for row in self.balance_rows()},
        }

    def sent_book(self, market: str, marks: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the book that was sent with this checksum."""
        found = self._sent.get(int(marks["checksum"]))
        return None if found is None else {"bids": found[0], "asks": found[1]}

    def whole_book(self) -> dict[str, Any]:
        """Return the book as a push."""
        bids, asks = self._shown
        return {
            "push": "book",
            "market": MARKET,
            "n": self._number,
            "whole": True,
            "bids": bids,
            "asks": asks,
        }

    def assert_adds_up(self) -> None:
        """Prove that the trader's assets are worth what was traded.

        Raises:
            DoesNotAddUp: They are not.
        """
        if any(Decimal(row["available"]) < 0 for row in self.balance_rows()):
            raise DoesNotAddUp("a balance is below zero")

    # Trading.

    def place(self, side: Side, size: Decimal, price: Decimal, client_id: str) -> object:
        """Place an order of the trader and return it."""
        order = Order(next(self._ids), TRADER, MARKET, side, Kind.LIMIT, size, price, client_id=client_id)
        self.orders[str(order.order_id)] = order
        self._engine.place(order, self.now_ms())
        self._publish()
        return self.order_row(order)

    def cancel(self, order: Order) -> object:
        """Cancel an order and return it.

        Raises:
            Refusal: It is not live.
        """
        if order.order_id not in self._engine.orders:
            raise Refusal("no_such_order", 404)
        self._engine.cancel(order.order_id, self.now_ms())
        self._publish()
        return self.order_row(order)

    def _play(self, command: Command) -> None:
        if isinstance(command, Cancel):
            order_id = self._quotes.pop(command.ref, 0)
            if order_id in self._engine.orders:
                self._engine.cancel(order_id, self.now_ms())
        else:
            kind = Kind.LIMIT if isinstance(command, Quote) else Kind.IOC
            order = Order(
                next(self._ids), command.account, MARKET, command.side, kind, command.quantity, command.price
            )
            self._engine.place(order, self.now_ms())
            if isinstance(command, Quote):
                self._quotes[command.ref] = order.order_id
        self._publish()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Traded):
            for order in (event.trade.maker, event.trade.taker):
                if order.account == TRADER:
                    self.trades.append((event.trade, order))
                    self._push("fills", self._fill_row(event.trade, order))
                    self._touched.append(order)
        elif event.order.account == TRADER:
            self._touched.append(event.order)

    def _publish(self) -> None:
        """Send what a command changed: orders, and the book."""
        touched, self._touched = self._touched, []
        for order in dict.fromkeys(touched):
            self._push("orders", self.order_row(order))
        now: tuple[Levels, Levels] = (self._levels(Side.BUY), self._levels(Side.SELL))
        if now == self._shown:
            return
        changed = [_changes(old, new) for old, new in zip(self._shown, now, strict=True)]
        self._shown, self._number = now, self._number + 1
        self._sent[checksum_of(*now)] = now
        if len(self._sent) > REMEMBERED_BOOKS:
            self._sent.popitem(last=False)
        message = {
            "push": "book", "market": MARKET, "n": self._number, "whole": False, "bids": changed[0], "asks": changed[1],
        }  # fmt: skip
        if self.faults.take(FaultKind.SKIP_DIFFERENCE, MARKET):
            return
        for stream in tuple(self._streams):
            if "book" in stream.topics:
                stream.send(message)

    def _push(self, topic: str, row: Mapping[str, Any]) -> None:
        for stream in tuple(self._streams):
            if topic in stream.topics:
                stream.send({"push": topic, "market": MARKET, "row": dict(row)})

    def _levels(self, side: Side) -> Levels:
        return [(plain(price), plain(size)) for price, size in self._engine.sides[side].visible()]

    def order_row(self, order: Order) -> dict[str, Any]:
        """Return an order."""
        is_open = order.order_id in self._engine.orders
        return {
            "order_id": str(order.order_id),
            "client_order_id": order.client_id,
            "market": MARKET,
            "side": order.side.value,
            "price": plain(order.price or Decimal(0)),
            "size": plain(order.quantity),
            "filled": plain(order.filled),
            "value": plain(order.filled_value),
            "status": "open" if is_open else "filled" if not order.remaining else "cancelled",
            "created_ms": order.created_ms,
            "updated_ms": order.updated_ms,
        }

    def fill_rows(self, after_ms: int) -> list[dict[str, Any]]:
        """Return the trader's trades, newest first."""
        return [self._fill_row(*one) for one in reversed(self.trades) if one[0].at_ms >= after_ms]

    def _fill_row(self, trade: Trade, order: Order) -> dict[str, Any]:
        return {
            "trade_id": str(trade.trade_id),
            "order_id": str(order.order_id),
            "client_order_id": order.client_id,
            "market": MARKET,
            "side": order.side.value,
            "price": plain(trade.price),
            "size": plain(trade.quantity),
            "liquidity": "maker" if order is trade.maker else "taker",
            "time_ms": trade.at_ms,
        }

    def balance_rows(self) -> list[dict[str, str]]:
        """Return the trader's assets."""
        held, locked = dict(START), dict.fromkeys(START, Decimal(0))
        for trade, order in self.trades:
            sign = 1 if order.side is Side.BUY else -1
            held["TOY"] += sign * trade.quantity
            held["USD"] -= sign * trade.value
        for order in self.orders.values():
            if order.order_id in self._engine.orders:
                asset = "USD" if order.side is Side.BUY else "TOY"
                locked[asset] += order.remaining * ((order.price or 0) if asset == "USD" else 1)
        return [
            {"asset": asset, "available": plain(held[asset] - locked[asset]), "locked": plain(locked[asset])}
            for asset in held
        ]


def _changes(old: Levels, new: Levels) -> Levels:
    """Return what turns one side into another; size 0 for levels that went."""
    left = dict(old)
    changed = [(price, size) for price, size in new if left.pop(price, None) != size]
    return [(price, "0") for price in left] + changed
