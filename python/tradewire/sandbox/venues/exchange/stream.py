"""One client over WebSocket: its identity, its one market, its requests answered in order.

Nothing a client says ends the connection. The answer to a request is sent before anything it made happen.

Source: the project's ``ws.rs`` and ``marketdata.rs`` at 6a38735 and its WebSocket guide, read 2026-11-20.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from tradewire.sandbox.documents import to_json
from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.routing import invoke, method, methods_of
from tradewire.sandbox.venues.exchange.api import RestApi
from tradewire.sandbox.venues.exchange.core import ExchangeCore
from tradewire.sandbox.venues.exchange.events import resync_required
from tradewire.sandbox.venues.exchange.fields import (
    Fields,
    OneSide,
    Text,
    Unpublished,
    Uuid,
    Whole,
    read_json,
)
from tradewire.sandbox.venues.exchange.journal import BookChange
from tradewire.sandbox.venues.exchange.lagging import LaggingOutbox, Queue
from tradewire.sandbox.venues.exchange.options import ExchangeOptions
from tradewire.sandbox.venues.exchange.records import BUY, SELL, User, utc
from tradewire.sandbox.venues.exchange.refusals import BodyRefusal, Refusal
from tradewire.sandbox.venues.exchange.rest.orders import require_limit
from tradewire.sandbox.venues.exchange.trading import Trading

__all__ = ["Stream"]

L3 = "l3"
GAP = "market sequence gap detected; resubscribe for a fresh snapshot"
EARLY_CHANGES = 3
"""Changes a snapshot holds ahead of its number, when that fault is injected."""
STALE_CHANGES = 20
"""How many changes a stale snapshot is behind."""
LAG_WORDS = {
    Queue.BOOK: "market data lagged by {0} messages; resubscribe for a fresh snapshot",
    Queue.USER: "user event stream lagged by {0} messages; refresh account state and reconnect if needed",
    Queue.SYSTEM: "system event stream lagged by {0} messages; refresh state if needed",
}


class Stream:
    """A conversation.

    Args:
        outbox: Where frames go.
        core: The venue's state.
        trading: The traders' commands.
        rest: Knows the traders' rate.
        options: Extensions.
        faults: Faults to inject.
    """

    def __init__(
        self,
        outbox: LaggingOutbox,
        core: ExchangeCore,
        trading: Trading,
        rest: RestApi,
        options: ExchangeOptions,
        faults: Faults,
    ) -> None:
        self._outbox = outbox
        self._core = core
        self._trading = trading
        self._rest = rest
        self._options = options
        self._faults = faults
        self.user: User | None = None
        self.market: str | None = None
        self.last_sequence = 0
        self._methods = methods_of(self)
        outbox.on_lag = self._lagged
        self.beat()

    def follows(self, market: str) -> bool:
        """Say whether the client is subscribed to ``market``."""
        return self.market == market

    def beat(self) -> None:
        """Send a heartbeat."""
        self._send({"type": "heartbeat"})

    def receive(self, text: str, now_ms: int) -> None:  # noqa: ARG002 - the listener's contract
        """Answer one message."""
        try:
            fields = Fields(read_json(text))
            handler = self._methods.get(fields.text("op"))
            if handler is None:
                self._error("invalid_message", "invalid websocket message")
            else:
                invoke(handler, None, fields)
        except BodyRefusal:
            self._error("invalid_message", "invalid websocket message")
        self._core.events.publish()

    @method("authenticate")
    def authenticate(self, api_key: Text) -> None:
        """Take note of who asks."""
        user = self._core.by_key.get(api_key)
        if user is None:
            self._error("invalid_api_key", "invalid websocket api key")
            return
        self.user = user
        self._send({"type": "authenticated", "trader_id": user.trader_id, "username": user.username})

    @method("subscribe")
    def subscribe(self, channel: Text, market: Text, _last_sequence: Whole | None = None) -> None:
        """Send a market's book and then its changes."""
        if channel != L3:
            self._error("unsupported_channel", "only the l3 channel is supported")
            return
        book = self._core.books.get(market)
        sequence = self._core.events.sequences.get(market, 0)
        early: list[BookChange] = []
        if self._faults.take(FaultKind.EARLY_EFFECTS, market) is not None:
            early = self._core.events.journal.newest(market, EARLY_CHANGES)
            sequence -= len(early)
        self._outbox.discard(Queue.BOOK)
        self.market, self.last_sequence = market, sequence
        sides = {
            name: [] if book is None else [order.public() for order in book.side(side)]
            for name, side in (("bids", BUY), ("asks", SELL))
        }
        snapshot = {"type": "snapshot", "channel": L3, "market": market, "sequence": sequence, **sides}
        if self._faults.take(FaultKind.STALE_SNAPSHOT, market) is not None:
            snapshot = {**snapshot, **self._older_book(market, sequence)}
        self._send(snapshot)
        for change in early:
            self._outbox.put(self._delta(change))
        if self._faults.take(FaultKind.STALE_EVENT, market) is not None:
            self._outbox.put(self._resync_book(max(0, sequence - 1), GAP))

    @method("unsubscribe")
    def unsubscribe(self, channel: Text, market: Text) -> None:
        """Send nothing more about a market."""
        if channel != L3:
            self._error("unsupported_channel", "only the l3 channel is supported")
            return
        if market == self.market:
            self.market = None
        self._send({"type": "unsubscribed", "channel": L3, "market": market})

    @method("submit_order")
    def submit(
        self,
        market: Text,
        side: OneSide,
        price: Whole,
        quantity: Whole,
        order_type: Unpublished,
        request_id: Text | None = None,
    ) -> None:
        """Take a limit order."""

        def work() -> None:
            require_limit(self._options, order_type)
            self._trading.submit(self._trader(), market, side, price, quantity)

        self._trade("submit_order", request_id, work)

    @method("amend_order")
    def amend(self, order_id: Uuid, remaining: Whole, request_id: Text | None = None) -> None:
        """Shrink an order."""
        self._trade(
            "amend_order", request_id, lambda: self._trading.amend(self._trader(), order_id, remaining)
        )

    @method("cancel_order")
    def cancel(self, order_id: Uuid, request_id: Text | None = None) -> None:
        """Pull an order."""
        self._trade("cancel_order", request_id, lambda: self._trading.cancel(self._trader(), order_id))

    def answer_instead(self, text: str, fault: FaultKind) -> None:
        """Answer a message as ``fault`` says, and do nothing of what it asks.

        A subscription has no answer of its own but the snapshot, so a silent one gets none. The server puts
        nothing off by itself: it calls for another subscription, and refuses the rest by its rate.
        """
        if fault is FaultKind.LOGIN_REFUSED:
            self._error("invalid_api_key", "invalid websocket api key")
        elif fault is FaultKind.SUBSCRIPTION_PUT_OFF:
            market = json.loads(text)["market"]
            current = self._core.events.sequences.get(market, 0)
            self._send(resync_required(L3, GAP, market, current, current))
        elif fault is FaultKind.UNSUBSCRIPTION_PUT_OFF:
            refusal = self._rest.too_many()
            self._error(refusal.code, refusal.message)

    def expire_login(self) -> bool:
        """Forget who authenticated; say whether anybody had."""
        had_login, self.user = self.user is not None, None
        return had_login

    def on_book(self, change: BookChange) -> None:
        """Queue a change of any market."""
        self._outbox.put_of(Queue.BOOK, partial(self._book_frame, change))

    def on_user(self, trader_id: str, message: dict[str, Any]) -> None:
        """Queue an event of any trader."""
        self._outbox.put_of(Queue.USER, partial(self._user_frame, trader_id, message))

    def on_system(self, trader_id: str | None, message: dict[str, Any]) -> None:
        """Queue a message to one trader or to all who are authenticated."""
        self._outbox.put_of(Queue.SYSTEM, partial(self._system_frame, trader_id, message))

    def on_market(self, message: dict[str, Any]) -> None:
        """Queue a change of a market's definition."""
        self._outbox.put_of(Queue.SYSTEM, partial(to_json, message))

    def _book_frame(self, change: BookChange) -> bytes | None:
        if change.market != self.market:
            return None
        if self._faults.take(FaultKind.SKIP_DIFFERENCE, change.market) is not None:
            self.last_sequence = change.sequence
            return None
        if (lag := self._faults.take(FaultKind.LAG, change.market)) is not None:
            return self._lagged(Queue.BOOK, max(1, lag.values["lost"]))
        if self._faults.take(FaultKind.OUT_OF_ORDER, change.market) is not None:
            # The next change comes first, and the server takes that for a gap.
            return None
        if change.sequence != self.last_sequence + 1:
            return self._resync_book(change.sequence, GAP)
        return self._delta(change)

    def _user_frame(self, trader_id: str, message: dict[str, Any]) -> bytes | None:
        if self.user is None or self.user.trader_id != trader_id:
            return None
        if (lag := self._faults.take(FaultKind.USER_LAG)) is not None:
            return self._lagged(Queue.USER, max(1, lag.values["lost"]))
        return to_json(message)

    def _system_frame(self, trader_id: str | None, message: dict[str, Any]) -> bytes | None:
        is_meant = self.user is not None and trader_id in {None, self.user.trader_id}
        return to_json(message) if is_meant else None

    def _older_book(self, market: str, sequence: int) -> dict[str, Any]:
        """Return number and sides of a snapshot from some changes ago."""
        older = max(0, sequence - STALE_CHANGES)
        rows = self._core.events.journal.book_at(market, older)
        if rows is None:
            return {}
        now = utc(self._core.now_us(), "+00:00")
        return {"sequence": older} | {
            name: [
                {"order_id": order_id, "side": side, "price": price, "remaining": left, "created_at": now}
                for order_id, price, left in rows[name]
            ]
            for name, side in (("bids", BUY), ("asks", SELL))
        }

    def _trade(self, op: str, request_id: str | None, work: Callable[[], object]) -> None:
        answer: dict[str, Any] = {"type": "ack", "op": op, "request_id": request_id}
        try:
            work()
        except Refusal as refusal:
            answer = {**answer, "type": "reject", "code": refusal.code, "message": refusal.message}
        except sqlite3.Error as error:
            answer = {**answer, "type": "reject", "code": "overflow", "message": f"not kept: {error}"}
        if answer["type"] == "ack" and self._faults.take(FaultKind.LOST_ACK) is not None:
            return
        self._send(answer)

    def _trader(self) -> User:
        if self.user is None:
            raise Refusal(401, "authenticate before trading", "unauthenticated")
        if self._options.with_ws_rate_limit and not self._rest.allows(self.user):
            raise self._rest.too_many()
        return self.user

    def _delta(self, change: BookChange) -> bytes:
        self.last_sequence = change.sequence
        delta = {"type": "delta", "channel": L3, "market": change.market, "sequence": change.sequence}
        return to_json({**delta, "events": [change.event]})

    def _lagged(self, queue: Queue, lost: int) -> bytes | None:
        reason = LAG_WORDS[queue].format(lost)
        if queue is not Queue.BOOK:
            return None if self.user is None else to_json(resync_required(queue.value, reason))
        if self.market is None:
            return None
        return self._resync_book(self._core.events.sequences.get(self.market, 0), reason)

    def _resync_book(self, current: int, reason: str) -> bytes:
        """End the subscription and say why."""
        market, self.market = self.market, None
        return to_json(resync_required(L3, reason, market, self.last_sequence + 1, current))

    def _error(self, code: str, message: str) -> None:
        self._send({"type": "error", "code": code, "message": message})

    def _send(self, message: dict[str, Any]) -> None:
        self._outbox.put(to_json(message))
