"""The connections of one Exchange client: one for the user here, one for every watched market in ``markets``.

The user's connection carries orders, fills, messages and trading. Knows how its parts are joined; the methods bots
call are in ``streams`` and ``rest``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from msgspec.structs import replace

from tradewire._native import ExchangeFeed, FeedEvent, Level3Book, PublicTrade
from tradewire.errors import AuthRejected, ConfigError, NotSent
from tradewire.model import AccountKind, Fill, Order, OrderStatus, Position, Side
from tradewire.protocol import events
from tradewire.protocol.channels import Channel
from tradewire.protocol.states import State
from tradewire.protocol.timing import Timing
from tradewire.session.account import AccountDescription
from tradewire.session.event_feed import EventFeed
from tradewire.session.lifetime import AccountStreams, Wiring
from tradewire.session.live_order import LiveOrder
from tradewire.session.metrics import StreamMetrics
from tradewire.session.stream import StreamSession
from tradewire.session.subscription import Subscription
from tradewire.venues.exchange import errors
from tradewire.venues.exchange import user_values as values
from tradewire.venues.exchange.dialect import (
    FILLS,
    KNOWN,
    MESSAGES,
    MISSING,
    ORDERS,
    POSITIONS,
    USER,
    Item,
    MarketDialect,
    UserDialect,
    change_frame,
)
from tradewire.venues.exchange.markets import Markets
from tradewire.venues.exchange.model import Message
from tradewire.venues.exchange.queries import WINDOW_S
from tradewire.venues.exchange.user_state import UserState

__all__ = ["Streams", "refused"]

ItemT = TypeVar("ItemT")
LearnedP = ParamSpec("LearnedP")
WaitingT = TypeVar("WaitingT", asyncio.Future[Order], LiveOrder)

QUIET = Timing(silence_ns=None)
"""A quiet market says nothing; the heartbeat proves the connection and the sequence the book."""
MAX_FRAME_BYTES = 16 * 1024 * 1024
"""As much as the feed takes: a snapshot of 80,000 orders."""
ACCOUNT = AccountDescription(
    venue=errors.VENUE,
    orders=ORDERS,
    fills=FILLS,
    followed_by=lambda _: (Channel(USER),),
    window_s=WINDOW_S,
    account=AccountKind.FUTURES,
    fills_by_market=False,
)


TOPICS: dict[type, str] = {Fill: FILLS, Position: POSITIONS, Message: MESSAGES}


class _Request(NamedTuple):
    """A request on the socket, and who waits for its answer: a future, or an order that is followed."""

    waiting: asyncio.Future[Order] | LiveOrder
    deadline_s: float
    """By the loop's clock. All may take equally long: they are kept in the order in which they time out."""


class Streams(AccountStreams):
    """Every connection of one client. Each opens with the first subscription that needs it.

    Args:
        wiring: What the streams of every venue are made with.
        api_key: Returns the trader's key; leave it out for public data only.
        timeout_s: Longest wait for an answer to an order over WebSocket.
    """

    def __init__(self, wiring: Wiring, api_key: Callable[[], str] | None, timeout_s: float) -> None:
        self._wiring = replace(wiring, timing=wiring.timing or QUIET)
        self._timeout_s = timeout_s
        self._wall_ns, self._monotonic_ns = wiring.clocks.wall_ns, wiring.clocks.monotonic_ns
        self._venue_ns = wiring.rest.clock.venue_ns
        self.rest = wiring.rest
        self.reading = asyncio.Lock()
        """Of two reads of the account at a time each would take what happens meanwhile for newer than both."""
        self.events = EventFeed(lambda _, error: self.session.report(error))
        self._is_closed = False
        self.generation = "P"
        """The generation of the protocol the venue speaks, as far as it has shown."""
        self._user_feed = ExchangeFeed()
        self.state = UserState()
        self._requests: dict[str, _Request] = {}
        # One timer for all of them: it is left alone by those that are answered in time.
        self._timer: asyncio.TimerHandle | None = None
        self._changes = 0
        self.dialect = UserDialect(api_key, self._on_push)
        self._wire(self._wiring, ACCOUNT, self.dialect, self._user_feed)
        self._markets = Markets(self._open_market, lambda: self.state.account.own_ids)
        self.session.on_unreadable(Channel("admin_message"), self._on_unreadable_message)
        self.session.watch_events(self._on_user_event)

    async def close(self, cancel_within_s: float = 0.0) -> None:
        """Cancel live orders of ours within that time, close every connection and leave no task behind."""
        await super().close(cancel_within_s)
        self._is_closed = True
        self.take(self.state.disconnected)
        if self._timer is not None:
            self._timer.cancel()
        await self._markets.close()
        for watcher in self.events.watchers:
            watcher.finish()

    @property
    def metrics(self) -> StreamMetrics:
        """Counters of every connection together, those closed too."""
        return self.session.metrics + self._markets.metrics

    def watch_user(
        self, topic: str, market: str, on_update: Callable[[ItemT], None] | None, bound: int
    ) -> Subscription[ItemT]:
        """Watch one topic of the user.

        Raises:
            ConfigError: There is no key, or the client is closed.
        """
        if not self.dialect.can_login:
            raise ConfigError(f"watching {topic} needs a trader: Exchange(Token(api_key))")
        # The other channel is the login's; nothing is published there.
        return self.session.watch((Channel(topic, market), Channel(USER)), on_update, bound)

    @property
    def markets(self) -> Markets:
        """Every watched market.

        Raises:
            ConfigError: The client is closed.
        """
        self._check_open()
        return self._markets

    def take(
        self,
        read: Callable[Concatenate[values.Now, LearnedP], Iterable[values.Effect]],
        *learned: LearnedP.args,
        **more: LearnedP.kwargs,
    ) -> None:
        """Have ``read``, a method of ``state``, take what was learned, and do what follows from it."""
        for topic, market, item in self._carry_out(read(self.now(), *learned, **more)):
            if isinstance(item, Order):
                self.account.take_order(item)
            elif isinstance(item, Fill):
                self.account.take_fill(item)
            else:
                self.session.publish(Channel(topic, market), item)
        self.session.publish(Channel(KNOWN), True)

    def heard(
        self, order: values.WireOrder, final: OrderStatus | None = None, *, is_amendment: bool = False
    ) -> Order:
        """Return the order that REST describes, and let whoever follows it know; ``final`` if it has ended."""
        effects = self.state.order_read(self.now(), order, final, is_amendment=is_amendment)
        [report] = [effect for effect in effects if isinstance(effect, Order)]
        return self.account.heard(report)

    def send(self, frame: bytes) -> None:
        """Send a submit at once.

        Raises:
            NotSent: The connection is not live, or the account is being read.
        """
        if not self.state.account.is_known:
            # An order of before could be reported now and be taken for this one.
            raise NotSent("the account is being read: await account_ready()", venue=errors.VENUE)
        self.session.send(frame)

    def follow(self, placed: Order, attributes: values.Attributes) -> LiveOrder:
        """Follow a submit that ``send`` has sent, and return its order."""
        order = self.account.sent(placed)
        self._sent(placed.client_order_id, attributes, order)
        return order

    def submit(self, request_id: str, frame: bytes, attributes: values.Attributes) -> asyncio.Future[Order]:
        """Send a submit at once and return the future of its order; raises as ``send``."""
        self.send(frame)
        return self._sent(request_id, attributes, asyncio.get_running_loop().create_future())

    def change(self, order_id: str, remaining: int | None) -> asyncio.Future[Order]:
        """Shrink an order, or cancel it with ``None``; the future becomes its new state once that is reported.

        Raises:
            NotSent: The connection is not live.
        """
        self._changes += 1
        # With a blank, which no client order id has.
        request_id = f"change {self._changes}"
        change = values.Change(order_id, remaining)
        self.session.send(change_frame(request_id, change))
        return self._sent(request_id, change, asyncio.get_running_loop().create_future())

    @property
    def is_live(self) -> bool:
        """The user's connection reports everything."""
        return self.session.state is State.LIVE

    async def account_known(self, *, while_reading: bool = False) -> None:
        """Wait until orders and positions have been read.

        Raises:
            ConfigError: There is no key, or the client is closed.
            StreamStopped: What keeps the connection up has ended.
            NotSent: ``while_reading``, and the connection is not live.
        """
        changes: Subscription[bool] = self.watch_user(KNOWN, "", None, 1000)
        async with changes:
            while not self.state.account.is_known:
                if while_reading and not self.is_live:
                    raise NotSent(
                        "the user's connection is not live: await account_ready()", venue=errors.VENUE
                    )
                if await anext(changes, None) is None:
                    raise ConfigError("the client is closed; open a new one")

    def public_side(self, market: str, order_id: str) -> Side | None:
        """Return the side of anybody's order as the public book and trades have shown it, if they have."""
        return self._markets.side_of(market, order_id)

    def mark_own(self, order: Order) -> None:
        """Mark an order of ours on its market's book, if that is watched, or take the mark away once it has ended."""
        self._markets.mark_own(order.market, order.order_id, rests=not order.status.is_final)

    def _check_open(self) -> None:
        if self._is_closed:
            raise ConfigError("the client is closed; open a new one")

    def _open_market(
        self, feed: ExchangeFeed, on_released: Callable[[Channel], None]
    ) -> StreamSession[FeedEvent[Level3Book]]:
        dialect = MarketDialect(self._on_trade)
        session = self._session_of(self._wiring, dialect, feed, on_released, max_frame_bytes=MAX_FRAME_BYTES)
        session.watch_events(lambda event: self._on_event(event, feed))
        return session

    def _on_trade(self, trade: PublicTrade) -> None:
        if self.account.tracker.index.nameless:
            self._markets.saw(trade)

    def _on_event(self, event: events.Event, feed: ExchangeFeed) -> None:
        self._look_for_generation(feed)
        self.events.publish(event)

    def _look_for_generation(self, feed: ExchangeFeed) -> None:
        """Take note of a sign that the venue speaks a later generation, and tell it once."""
        if feed.generation and self.generation != feed.generation:
            self.generation = feed.generation
            self.events.publish(events.ProtocolVersionDetected(feed.generation, MISSING[feed.generation]))

    def _on_user_event(self, event: events.Event) -> None:
        if isinstance(event, events.Disconnected):
            self.take(self.state.disconnected)
        elif isinstance(event, events.Unreadable):
            self.take(self.state.missed, f"a frame could not be read: {event.kind}")
        self._on_event(event, self._user_feed)

    def _on_unreadable_message(self) -> None:
        # It may have announced a settlement.
        self.take(self.state.missed, "a message could not be read", are_orders=False)

    def _on_push(self, news: FeedEvent) -> Iterable[Item]:
        if news.generation:
            self._look_for_generation(self._user_feed)
        effects = self.state.take(self.now(), news)
        return self._carry_out(effects) if effects else ()

    def now(self) -> values.Now:
        """Return the time."""
        monotonic_ns = self._monotonic_ns()
        return values.Now(monotonic_ns, self._venue_ns(self._wall_ns(), monotonic_ns))

    def _sent(
        self, request_id: str, content: values.Attributes | values.Change, waiting: WaitingT
    ) -> WaitingT:
        """Take note of a request in the step of the loop that sent it: no answer can have come before."""
        self.state.sent(request_id, content)
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self._timeout_s
        self._requests[request_id] = _Request(waiting, deadline_s)
        if self._timer is None:
            self._timer = loop.call_at(deadline_s, self._look_at_deadlines)
        return waiting

    def _look_at_deadlines(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        due = [name for name, request in self._requests.items() if request.deadline_s <= now_s]
        for request_id in due:
            self.take(self.state.timed_out, request_id, self._timeout_s)
        if self._requests and self._timer is None:
            oldest = next(iter(self._requests.values()))
            self._timer = loop.call_at(oldest.deadline_s, self._look_at_deadlines)

    def _carry_out(self, effects: Iterable[values.Effect]) -> list[Item]:
        """Do what follows from an input, and return what is to be published."""
        items: list[Item] = []
        for effect in effects:
            match effect:
                case Order():
                    self.mark_own(effect)
                    items.append((ORDERS, effect.market, effect))
                case Fill() | Position() | Message():
                    items.append((TOPICS[type(effect)], effect.market or "", effect))
                case values.Report():
                    self.session.publish_event(effect.event)
                case values.ReadAccount():
                    self.account.restart()
                case values.Identified():
                    self.account.tracker.identify(effect.request_id, effect.order_id)
                case values.RequestDone() | values.RequestFailed():
                    if isinstance(effect, values.RequestFailed) and isinstance(effect.error, AuthRejected):
                        # The login was accepted and has ended without a word: nothing more would be pushed. What this
                        # frame says is taken first.
                        reason = f"the venue has ended the login: {effect.error}"
                        asyncio.get_running_loop().call_soon(self.session.reconnect, reason)
                    self._answer(effect)
        return items

    def _answer(self, effect: values.RequestDone | values.RequestFailed) -> None:
        waiting = self._requests.pop(effect.request_id).waiting
        if isinstance(waiting, LiveOrder):
            # After what the same push says of the order, as a future would be.
            answer = effect.order if isinstance(effect, values.RequestDone) else effect.error
            asyncio.get_running_loop().call_soon(self.account.tracker.answer, waiting, answer)
        elif waiting.done():
            # Whoever waited was cancelled.
            return
        elif isinstance(effect, values.RequestDone):
            waiting.set_result(effect.order)
        else:
            waiting.set_exception(effect.error)


async def refused(error: NotSent) -> Order:
    """Raise ``error`` when awaited, a loop iteration later: whoever sent the order gets to wait for it first."""
    await asyncio.sleep(0)
    raise error
