"""Everything that is said about the user, reduced to one state: what is learned goes in, effects come out. Sans-IO.

Joins what the account adds up to (``account_state``), which order a request became (``acks``), and which requests wait
for their answer or for the event that shows what they did. Refuses to know sockets, futures and clocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec

from tradewire._native import FeedEvent
from tradewire.errors import OutcomeUnknown
from tradewire.model import Order, OrderStatus
from tradewire.protocol import events
from tradewire.venues.exchange import dialect, errors
from tradewire.venues.exchange.account_state import AccountState
from tradewire.venues.exchange.acks import AckMatcher
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.user_values import (
    AccountRead,
    Attributes,
    Change,
    Effect,
    Identified,
    Now,
    ReadAccount,
    Report,
    RequestDone,
    RequestFailed,
    WireOrder,
    attributes_of,
)

__all__ = ["UserState"]

MISSED = "the event that names its order was perhaps lost"
LOOKUP = "Exchange.open_orders(), then Exchange.executions()"


AskedP = ParamSpec("AskedP")


def _answering(
    read: Callable[Concatenate[UserState, Now, AskedP], Iterable[Effect]],
) -> Callable[Concatenate[UserState, Now, AskedP], Sequence[Effect]]:
    """Return ``read`` with answers to the requests whose effect has shown with what it returns."""

    @wraps(read)
    def answered(
        state: UserState, now: Now, /, *args: AskedP.args, **more: AskedP.kwargs
    ) -> Sequence[Effect]:
        return state.answered(list(read(state, now, *args, **more)), now)

    return answered


class UserState:
    """The user's account and requests. What is learned goes in, what is to be done about it comes out, in order."""

    def __init__(self) -> None:
        self.account = AccountState()
        self.acks = AckMatcher()
        # Requests that somebody waits for.
        self._waiting: dict[str, Attributes | Change] = {}
        # Changes whose answer has come; their event has not.
        self._acked: set[str] = set()
        # Orders that REST listed while an equal request was under way: their first event may yet name them.
        self._awaited: set[str] = set()
        # How often the account had begun to be read when a submit went out over REST.
        self._rest_reads: dict[str, int] = {}
        self._readers: dict[str, Callable[[FeedEvent, Now], list[Effect]]] = {
            "ack": self._on_ack,
            "reject": self._on_reject,
            "order_state": self._on_order_state,
            "fill": self._on_fill,
            "resync_required": self._on_resync,
            "admin_message": self._on_message,
        }

    def take(self, now: Now, event: FeedEvent) -> Sequence[Effect]:
        """Take what the venue pushed and return what is to be done about it, in this order.

        Raises:
            FrameError: A push lacks the documented shape. Nothing was taken.
        """
        effects = self._readers[event.topic](event, now)
        return self.answered(effects, now) if effects else effects

    def sent(self, request_id: str, content: Attributes | Change) -> None:
        """Take note of a request that is on the socket."""
        self._waiting[request_id] = content
        attributes = content if isinstance(content, Attributes) else None
        if attributes is not None:
            self.account.sent(request_id)
        self.acks.sent(request_id, attributes)

    def is_waiting(self, request_id: str) -> bool:
        """Return whether a request with this id is under way: the answers to two could not be told apart."""
        return request_id in self._waiting or request_id in self.acks.unanswered

    def answered(self, effects: list[Effect], now: Now) -> list[Effect]:
        """Add the answers to requests whose effect has shown, and return all."""
        answers: list[Effect] = []
        for effect in effects:
            if isinstance(effect, Identified):
                if self._waiting.pop(effect.request_id, None) is not None:
                    latest = effects[-1]
                    if not isinstance(latest, Order) or latest.order_id != effect.order_id:
                        known = self.account.find(effect.order_id)
                        assert known is not None
                        latest = known.report(now.venue_ns)
                    answers.append(RequestDone(effect.request_id, latest))
            elif self._acked and isinstance(effect, Order):
                for request_id in [one for one in self._acked if self._is_done(one, effect)]:
                    self._acked.discard(request_id)
                    del self._waiting[request_id]
                    answers.append(RequestDone(request_id, effect))
        effects += answers
        return effects

    def _is_done(self, request_id: str, effect: Order) -> bool:
        change = self._waiting[request_id]
        return isinstance(change, Change) and change.is_done_by(effect)

    def _identified(self, found: Iterable[Identified]) -> Iterator[Effect]:
        """Take which order is whose."""
        for one in found:
            self.account.name(one.order_id, one.request_id)
            yield one

    def _fail(self, request_ids: Iterable[str], reason: str) -> list[Effect]:
        """Answer requests somebody waits for of which nothing more will be heard."""
        failures: list[Effect] = []
        for request_id in request_ids:
            content = self._waiting.pop(request_id, None)
            if content is not None:
                self._acked.discard(request_id)
                failures.append(RequestFailed(request_id, _unknown(content, reason)))
        return failures

    def _on_ack(self, news: FeedEvent, _: Now) -> list[Effect]:
        request_id = news.request_id or ""
        if isinstance(self._waiting.get(request_id), Change):
            self._acked.add(request_id)
        return self._fail(self.acks.acked(request_id), "its answer was lost")

    def _on_reject(self, news: FeedEvent, _: Now) -> list[Effect]:
        request_id = news.request_id or ""
        failures = self._fail(self.acks.refused(request_id), "its answer was lost")
        if self._waiting.pop(request_id, None) is not None:
            failures.append(RequestFailed(request_id, dialect.rejection(news)))
        return failures

    def _on_order_state(self, news: FeedEvent, now: Now) -> list[Effect]:
        order, status = news.order, news.status
        assert order is not None
        order_id, remaining, account = order.order_id, order.remaining, self.account
        known = account.find(order_id)
        effects: list[Effect] = []
        if known is None or order_id in self._awaited:
            self._awaited.discard(order_id)
            known = known or account.meet(order)
            # The first state of a new order is never its cancel.
            if status != "canceled":
                for one in self.acks.seen(order_id, known.attributes):
                    known.client_order_id = one.request_id
                    effects.append(one)
        is_amendment = False
        if self._acked:
            change = Change(order_id, remaining)
            is_amendment = any(self._waiting[request_id] == change for request_id in self._acked)
        effects += account.take_state(known, remaining, status, now, is_amendment=is_amendment)
        return effects

    def _on_fill(self, news: FeedEvent, _: Now) -> list[Effect]:
        fill = news.fill
        assert fill is not None
        self.account.take_fill(
            Execution(
                fill_id=fill.fill_id,
                market=fill.market,
                maker_order_id=fill.maker_order_id,
                taker_order_id=fill.taker_order_id,
                price=fill.price,
                size=fill.quantity,
                time_ns=fill.time_ns,
            )
        )
        return []

    def _on_message(self, news: FeedEvent, _: Now) -> list[Effect]:
        message = dialect.read_message(news)
        if message.market is None:
            return [message]
        # A settlement closes positions without a fill, and only the message about its market says so.
        self.account.forget_baseline()
        return [message, self._read_account(f"a message about {message.market}")]

    def _on_resync(self, news: FeedEvent, _: Now) -> list[Effect]:
        """The venue skipped events for us, or erased the account; the latter is announced on the system channel."""
        effects: list[Effect] = [Report(events.Gap(f"resync_required {news.channel}", news.message))]
        if news.channel == "account":
            self.account.erase()
        if news.channel != "system":
            effects += self._fail(self.acks.missed(), MISSED)
        return [*effects, self._read_account(news.message)]

    @_answering
    def missed(self, _: Now, reason: str, *, are_orders: bool = True) -> Iterator[Effect]:
        """Events did not reach us or could not be read; ``are_orders`` if an order or a fill may be among them."""
        if are_orders:
            yield from self._fail(self.acks.missed(), MISSED)
        yield self._read_account(reason)

    @_answering
    def disconnected(self, _: Now) -> Iterator[Effect]:
        """The connection is lost."""
        self.acks.disconnected()
        yield from self._fail(list(self._waiting), "the connection was lost before the answer")
        self._awaited.clear()
        self.account.mark_suspect()

    @_answering
    def timed_out(self, _: Now, request_id: str, timeout_s: float) -> Iterable[Effect]:
        """A request was not answered in time, or what it made happen was not reported."""
        self.acks.forget(request_id)
        return self._fail((request_id,), f"no answer within {timeout_s:g} s")

    def rest_started(self, request_id: str, attributes: Attributes) -> None:
        """A submit goes out over REST."""
        self._rest_reads[request_id] = self.account.reads
        self.account.sent(request_id)
        self.acks.rest_began(attributes)

    @_answering
    def rest_placed(
        self, now: Now, request_id: str, sent: Attributes, reply: WireOrder, executions: Sequence[Execution],
        *, is_resting: bool,
    ) -> Iterator[Effect]:  # fmt: skip
        """A submit over REST was answered. The reply has the order's fills; its events may have come before."""
        yield from self._identified(self.acks.rest_ended(sent, reply.order_id))
        self.account.placed(reply)
        self.account.name(reply.order_id, request_id)
        yield from self.account.take_executions(executions, now)
        final = None if is_resting else OrderStatus.FILLED
        yield self.account.read_order(reply, final, now)
        if self._rest_reads.pop(request_id) != self.account.reads:
            yield self._read_account("an order was answered after the account was read")

    @_answering
    def rest_failed(self, _: Now, request_id: str, sent: Attributes) -> Iterable[Effect]:
        """A submit over REST made no order, or one that no reply names."""
        self._rest_reads.pop(request_id)
        return self._identified(self.acks.rest_ended(sent))

    @_answering
    def order_read(
        self, now: Now, order: WireOrder, final: OrderStatus | None = None, *, is_amendment: bool = False
    ) -> Iterable[Effect]:
        """REST has said what an order is now; ``final`` if it has ended, ``is_amendment`` in answer to one of ours."""
        return (self.account.read_order(order, final, now, is_explained=is_amendment),)

    def orders_listed(self, orders: Sequence[WireOrder]) -> None:
        """REST has listed resting orders."""
        self._await_events(orders)
        for order in orders:
            self.account.placed(order)

    @_answering
    def order_found(self, _: Now, request_id: str, order: WireOrder) -> Iterable[Effect]:
        """A question has shown which order a request became."""
        self.account.found(order)
        self.acks.forget(request_id)
        self._awaited.discard(order.order_id)
        return self._identified([Identified(request_id, order.order_id)])

    @_answering
    def executions_read(self, now: Now, executions: Sequence[Execution]) -> Iterable[Effect]:
        """REST has returned executions."""
        return self.account.take_executions(executions, now)

    @_answering
    def account_read(self, now: Now, read: AccountRead) -> Iterable[Effect]:
        """REST has said what the account is, all of one moment."""
        self._await_events(read.open_orders)
        return self.account.take_account(read, now)

    def _await_events(self, orders: Sequence[WireOrder]) -> None:
        under_way = self.acks.under_way()
        new = (order for order in orders if self.account.find(order.order_id) is None)
        self._awaited |= {order.order_id for order in new if attributes_of(order) in under_way}

    def _read_account(self, reason: str) -> ReadAccount:
        self.account.mark_suspect()
        return ReadAccount(reason)


def _unknown(content: Attributes | Change, reason: str) -> OutcomeUnknown:
    if isinstance(content, Attributes):
        op = "submit_order"
    else:
        op = "cancel_order" if content.remaining is None else "amend_order"
    return OutcomeUnknown(reason, lookup=LOOKUP, venue=errors.VENUE, endpoint=f"WS {op}")
