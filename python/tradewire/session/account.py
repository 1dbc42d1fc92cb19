"""One account of ours at a venue: its stream, its orders and fills, and everything that keeps them certain.

A venue describes (``AccountDescription``, ``Questions``, a dialect); this wires: stream, order tracker, questions,
catching up, missing fills, following without a stream, closing. Every report of an order and every fill, whichever way
it came, goes through ``take_order`` and ``take_fill``.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from tradewire.errors import ConfigError, NotSent
from tradewire.model import AccountKind, Fill, Order
from tradewire.protocol import events
from tradewire.protocol.arguments import Exact
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import FrameEvent
from tradewire.protocol.timing import NS_PER_S
from tradewire.session.background import Tasks
from tradewire.session.cancelling import cancel_each, cancel_live
from tradewire.session.catch_up import CatchUp
from tradewire.session.inquiry import READ_LAG_S, Inquiries, Questions
from tradewire.session.journalling import Keeper, Reconciliation, reconcile
from tradewire.session.live_order import LiveOrder, OrderActions, OrderClock
from tradewire.session.missing_fills import MissingFills
from tradewire.session.orders import OrderTracker, failed, started
from tradewire.session.rest import RestSession
from tradewire.session.stream import StreamSession
from tradewire.session.venue_time import VenueTime
from tradewire.transport.seam import SYSTEM, Clocks

if TYPE_CHECKING:
    from tradewire.journal.journal import Journal

__all__ = ["AccountConnection", "AccountDescription", "AccountQuestions", "AnyAccount"]

EventT = TypeVar("EventT", bound=FrameEvent)
AnyT = TypeVar("AnyT")

NOT_RECONCILED = (
    "what an earlier run left in the journal must be reconciled before an order is sent: open the client with "
    "`async with`, or await client.reconcile()"
)
FILL_GRACE_S = 1.0
"""Where fills are pushed, one that is not there this long after its order's report is asked for."""
FIRST_POLL_S = 1.0
POLL_CAP_S = 10.0
QUIET_S = 30.0
"""How often live orders are asked for though a stream follows them: a push may be lost, or a login end, unnoticed."""


class AccountDescription(Struct, frozen=True):
    """What a venue says of its account."""

    venue: str
    """Its name."""
    orders: str
    """Topic of order reports."""
    fills: str
    """Topic of fills."""
    followed_by: Callable[[str], Sequence[Channel]]
    """Channels, any of which, once confirmed, reports every change of our orders in a market."""
    window_s: float
    """Seconds after which the venue refuses a request that is still under way."""
    account: AccountKind = AccountKind.SPOT
    """Reports of another account are passed on and never merged: its ids may be those of other orders."""
    pushes_fills: bool = True
    """Fills are pushed; else they are asked for when an order has traded."""
    fills_by_market: bool = True
    """Fills are asked for market by market; else for all of them together."""
    read_lag_s: float = READ_LAG_S
    """How far the venue's reads may be behind what it has accepted."""


class AccountQuestions(Questions, Protocol):
    """What a venue answers about our account, and how one order of it is acted on."""

    async def cancel(self, order: LiveOrder) -> object:
        """Cancel an order; raises ``RequestError``."""

    async def amend(self, order: LiveOrder, price: Exact | None, size: Exact | None) -> object:
        """Change price or size of an order; raises ``RequestError``."""

    def restored(self, order: LiveOrder) -> None:
        """Take note of an order of ours from the journal, where the venue's answers do not say whose they are."""


class AccountConnection(Generic[EventT]):
    """Keeps one account certain."""

    def __init__(
        self,
        session: StreamSession[EventT],
        description: AccountDescription,
        questions: AccountQuestions,
        rest: RestSession,
        *,
        journal: Journal | None = None,
        refusal: Callable[[], str] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clocks: Clocks = SYSTEM,
    ) -> None:
        self._session = session
        self._questions = questions
        self._clocks = clocks
        self._rest = rest
        self._description = description
        self._sleep = sleep
        self._venue_time = VenueTime(lambda: rest.venue_now_ns, rest.ask_time, clocks.monotonic_ns)
        self._inquiries = Inquiries(
            questions,
            self,
            window_s=description.window_s,
            read_lag_s=description.read_lag_s,
            sleep=sleep,
            monotonic_s=lambda: clocks.monotonic_ns() / NS_PER_S,
        )
        book = journal and journal.book(f"{description.venue}/{description.account}")
        self.keeper = Keeper(book, session.report, refusal) if book else None
        self.tracker = OrderTracker(
            self.inquire,
            session.report,
            on_reply=self.take_order,
            actions=OrderActions(questions.cancel, questions.amend, self.inquire),
            clock=OrderClock(clocks.wall_ns, clocks.monotonic_ns, lambda: rest.venue_now_ns),
            keeper=self.keeper,
        )
        if self.keeper is not None:
            self.tracker.refusal = NOT_RECONCILED
        self._missing_fills = MissingFills(
            self._inquiries,
            session.report,
            by_market=description.fills_by_market,
            grace_s=FILL_GRACE_S if description.pushes_fills else 0.0,
            sleep=sleep,
        )
        self._catch_up = CatchUp(
            self.tracker,
            self._inquiries,
            self,
            session.publish_event,
            self._venue_time,
            markets=lambda: session.watched_keys(description.fills),
            by_market=description.fills_by_market,
            sleep=sleep,
            monotonic_ns=clocks.monotonic_ns,
        )
        self._tasks = Tasks[str](session.report)
        self._followed_by: dict[str, tuple[Channel, ...]] = {}
        self.on_fill: Callable[[Fill], None] = lambda _: None
        """Called with every fill of ours, once."""
        self._is_closed = False
        session.intercept(Channel(description.orders), self._merge_order)
        session.intercept(Channel(description.fills), self._merge_fill)
        for topic in (description.orders, description.fills):
            session.on_unreadable(Channel(topic), self.missed)
        session.watch_events(self._on_event)

    @property
    def is_certain(self) -> bool:
        """Nothing that happened to the account is unasked for."""
        return not self._catch_up.is_behind

    def is_followed(self, market: str) -> bool:
        """Return whether the stream reports every change of our orders in ``market``."""
        channels = self._followed_by.get(market)
        if channels is None:
            channels = self._followed_by[market] = tuple(self._description.followed_by(market))
        return any(map(self._session.is_confirmed, channels))

    def take_order(self, report: Order) -> None:
        """Take a report of an order of ours that REST brought, as if it were pushed."""
        news = self._merge_order(report)
        if news is not None:
            self._publish_order(news)

    def take_fill(self, fill: Fill) -> None:
        """Take a fill of ours that REST brought, as if it were pushed."""
        if self._merge_fill(fill) is not None:
            self._session.publish(Channel(self._description.fills, fill.market), fill)

    def heard(self, report: Order) -> Order:
        """Let the order that is followed, if it is, know what REST said of it, and return the report."""
        if self.tracker.order(report.order_id) is not None:
            self.take_order(report)
        return report

    async def settle(self, order: LiveOrder) -> Order:
        """Ask about an order until it is certain what the venue has of it, and return the newest report.

        Cost: where the venue does not know it, as long as its reads may lag.
        """
        await self._inquiries.settled(order)
        return order.described()

    def inquire(self, order: LiveOrder) -> None:
        """Have the venue asked about an order, unless it is closed."""
        if not self._is_closed:
            self._inquiries.ask(order)

    def missed(self) -> None:
        """Ask what happened: a report could not be read, or is known to be missing."""
        self._catch_up.missed()

    def also_ask(
        self, question: str, ask: Callable[[], Awaitable[object]], is_wanted: Callable[[], bool]
    ) -> None:
        """Ask something more whenever it is asked what happened, as long as it is wanted.

        Args:
            question: What, in words.
            ask: Asks once and takes the answer; raises ``RequestError`` if that fails.
            is_wanted: Returns whether anybody wants to know.
        """
        self._catch_up.also[question] = (ask, is_wanted)

    def restart(self) -> None:
        """Ask what happened at once, and again what is being asked already: its answers may be too old."""
        self._catch_up.lost()
        if not self._is_closed:
            self._catch_up.begin()

    def submit(
        self,
        client_order_id: str,
        placing: Callable[[], Coroutine[object, object, Order]],
        as_sent: Callable[[], Order],
    ) -> LiveOrder:
        """Send an order without waiting and return what follows it.

        Args:
            client_order_id: Its id of ours.
            placing: Sends it, unless it has to wait, and returns what waits for the reply.
            as_sent: Returns it as it was sent. Called after ``placing``, bytes first, unless there is a journal.

        Raises:
            ConfigError: A live order has this client order id, or the client is closed or of another event loop.
        """
        self.tracker.check_new(client_order_id)
        return self.submitted(as_sent, placing)

    def submitted(
        self,
        as_sent: Callable[[], Order],
        placing: Callable[[], Coroutine[object, object, Order]],
        pending: asyncio.Future[AnyT] | None = None,
        *,
        is_intended: bool = False,
    ) -> LiveOrder:
        """Do the same where the id was checked, and the order perhaps sent: ``pending``, then, is its answer.

        ``is_intended``, or sent, its intent is in the journal already, where there is one.
        """
        if pending is None:
            fault = None if is_intended else self.intend(as_sent)
            reply = started(placing) if fault is None else failed(fault)
            order = self.tracker.register(as_sent(), is_checked=True)
            self.tracker.submit(order, lambda: reply)
        else:
            order = self.tracker.register(as_sent(), is_checked=True)
            self.tracker.follow(order, placing, pending)
        self._follow(order)
        return order

    def sent(self, placed: Order) -> LiveOrder:
        """Follow an order that was sent under an id that was checked; its answer is for ``tracker.answer``."""
        order = self.tracker.register(placed, is_checked=True)
        self.tracker.expect(order)
        self._follow(order)
        return order

    def intend(self, as_sent: Callable[[], Order]) -> NotSent | None:
        """Write that an order is about to be sent, where there is a journal; return why it must not be."""
        if self.keeper is not None:
            try:
                self.keeper.intend(as_sent())
            except NotSent as error:
                return error
        return None

    async def reconcile(self, *, cancel: bool = False) -> Reconciliation:
        """Bring back what an earlier run left in the journal and ask until nothing of it is unknown.

        Args:
            cancel: Cancel every such order as soon as the venue has named it, until each has ended.

        Raises:
            ConfigError: There is no journal, or this is another event loop.
        """
        if self.keeper is None:
            raise ConfigError("there is nothing to reconcile without a journal; pass journal= to the client")
        await self._inquiries.until_answered("the venue's time", self._venue_time.refresh)
        found = await reconcile(
            self.keeper.book,
            self.tracker,
            self._inquiries,
            self,
            by_market=self._description.fills_by_market,
            to_venue_ns=lambda ours_ns: ours_ns + self._rest.clock.offset_ns,
            on_restored=self._questions.restored,
            cancel=partial(cancel_live, within_s=math.inf, venue=self._description.venue) if cancel else None,
            monotonic_ns=self._clocks.monotonic_ns,
        )
        if not self._is_closed:
            self.tracker.refusal = ""
            for order in self.tracker.live:
                self._follow(order)
        return found

    async def cancel_own(self, prefix: str) -> int:
        """Cancel what the venue lists as open and is ours, by journal or by its id; return how many were listed.

        Raises:
            RequestError: The venue could not be asked, or some could not be cancelled.
        """
        listed = await self._questions.open_orders()
        self._inquiries.hand_on("open orders", self.take_order, listed)
        own: dict[str, LiveOrder] = {}
        for report in listed:
            order = self.tracker.order(report.order_id)
            is_named = prefix and report.client_order_id.startswith(prefix)
            if order is not None and (order.sent_at_ns or is_named):
                own[report.order_id] = order
        await cancel_each(own, self._questions.cancel, venue=self._description.venue)
        return len(own)

    async def placed(self, order: LiveOrder) -> Order:
        """Wait until the venue has a submitted order and return the newest report; raises as ``await order``.

        Cancelled while the order still stands in line for its rate limit, it is not sent.

        Raises:
            ConfigError: The order turned out to make no sense before anything was sent.
        """
        try:
            await order
        except asyncio.CancelledError:
            # Who gave up must not find it at the venue later: what still stands in line is not sent.
            task = self.tracker.placing(order)
            if task is not None:
                self._rest.line.withdraw(task)
            raise
        except NotSent as error:
            if isinstance(error.__cause__, ConfigError):
                raise error.__cause__ from None
            raise
        return order.described()

    async def close(self, cancel_within_s: float = 0.0) -> None:
        """Cancel live orders that this client sent, then stop everything that is kept up. Safe to call twice.

        Args:
            cancel_within_s: Bound of cancelling, seconds; 0 leaves the orders to the venue.
        """
        await self.tracker.cancel_live(cancel_within_s, venue=self._description.venue)
        self._is_closed = True
        self._rest.close()
        await self._session.close()
        await self._catch_up.close()
        await self._missing_fills.close()
        await self._tasks.close()
        await self._inquiries.close()
        await self.tracker.close()
        if self.keeper is not None:
            self.keeper.book.release()

    # Where the answers to questions go.

    def answered(self, order: LiveOrder, report: Order) -> None:
        """Take the answer to a question about ``order``."""
        self.tracker.answered(order, report)

    def confirm_absent(self, order: LiveOrder, reason: str) -> None:
        """Take the conclusion that the venue has no such order."""
        news = self.tracker.mark_not_found(order, reason)
        if news is not None:
            self._publish_order(news)

    def failing(self, question: str, error: Exception) -> None:
        """Report a question that failed and is asked again."""
        if self._is_closed:
            return
        self._session.report(error)
        self._session.publish_event(events.CatchUpFailing(question, error))

    def _publish_order(self, report: Order) -> None:
        self._session.publish(Channel(self._description.orders, report.market), report)

    def _merge_order(self, report: Order) -> Order | None:
        if report.account is not self._description.account:
            return report
        self._venue_time.reported(report.updated_at_ns)
        order, news = self.tracker.merge(report)
        if not self._is_closed:
            is_short_of_fills = order.fills_size < order.filled_size
            if is_short_of_fills and (self._session.is_private_wanted or self.keeper is not None):
                self._missing_fills.look_at(order)
            if not order.status.is_final:
                self._follow(order)
        return news

    def _merge_fill(self, fill: Fill) -> Fill | None:
        if fill.account is not self._description.account:
            return fill
        self._venue_time.reported(fill.time_ns)
        if not self.tracker.take_fill(fill):
            return None
        order = self.tracker.order(fill.order_id)
        revised = None if order is None else order.revision()
        if revised is not None:
            self._publish_order(revised)
        if not self._is_closed:
            self.on_fill(fill)
            if order is not None:
                self._follow(order)
        return fill

    def _on_event(self, event: events.Event) -> None:
        if self._is_closed:
            return
        if isinstance(event, events.Disconnected):
            self._catch_up.lost()
            for order in self.tracker.live:
                self._follow(order)
        elif isinstance(event, events.AccountSubscribed):
            self._catch_up.begin()
        elif isinstance(event, events.Unreadable | events.Gap) and self._session.is_private_wanted:
            self.missed()

    def _follow(self, order: LiveOrder) -> None:
        """Look after ``order`` until it ends; ask for it soon if its reports will not come, or are late."""
        if not order.status.is_final:
            self._tasks.start("quiet", self._look_after)
            if self._is_doubtful(order):
                self._tasks.start("poll", self._poll)

    def _is_doubtful(self, order: LiveOrder) -> bool:
        """Return whether no stream reports an order, or some of its fills or its end are not known."""
        return order.is_incomplete or not self.is_followed(order.market)

    def _doubtful(self) -> list[LiveOrder]:
        return [order for order in self.tracker.live if self._is_doubtful(order)]

    async def _poll(self) -> None:
        wait_s = FIRST_POLL_S
        while self._doubtful():
            await self._sleep(wait_s)
            wait_s = min(2 * wait_s, POLL_CAP_S)
            await self._ask_for(self._doubtful())

    async def _look_after(self) -> None:
        while self.tracker.live:
            await self._sleep(QUIET_S)
            await self._ask_for(self.tracker.live)

    async def _ask_for(self, orders: Iterable[LiveOrder]) -> None:
        asked = dict.fromkeys(order.order_id for order in orders if order.order_id)
        if asked:
            found = [one for one in await self._inquiries.open_now() or () if one.order_id in asked]
            self._inquiries.hand_on("open orders", self.take_order, found)
            listed = {report.order_id for report in found}
            for order_id in (one for one in asked if one not in listed):
                order = self.tracker.order(order_id)
                if order is not None and not order.status.is_final:
                    # Not waited for: a question that keeps failing must not hold up the other orders.
                    self._inquiries.ask(order)


AnyAccount: TypeAlias = AccountConnection[Any]
"""An account where the events of its stream do not matter."""
