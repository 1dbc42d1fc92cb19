"""Our own orders: every report of them, whichever way they came and in whatever order, becomes one state.

``LiveOrder`` follows one order; ``OrderTracker`` knows them all. Reports are REST replies, order events and
fills; each may come twice, late or in the wrong order, and the result is the same. Nothing here knows a venue or a
socket, and nothing asks: who asks about an order of unknown fate is a callable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

import msgspec

from tradewire.errors import CancelAllFailed, ConfigError, NotSent, OutcomeUnknown, RequestError
from tradewire.model import Fill, Order, OrderStatus
from tradewire.session.background import begun, own_loop, watched
from tradewire.session.callbacks import CALLBACK_FAULTS, as_exception
from tradewire.session.cancelling import cancel_live
from tradewire.session.live_order import SYSTEM_CLOCK, LiveOrder, OrderActions, OrderClock
from tradewire.session.order_index import OrderIndex
from tradewire.session.recent import Recent

if TYPE_CHECKING:
    from tradewire.journal.journal import JournalledOrder

__all__ = ["LiveOrder", "OrderKeeper", "OrderTracker", "failed", "started"]

SEEN_FILLS_BOUND = 100_000
"""Fills remembered as seen, so that REST after a reconnect repeats none of them."""

CLOSED = "the client was closed while the order was under way"
AnyT = TypeVar("AnyT")


NOT_FOUND = OrderStatus.NOT_FOUND
UNHEARD = frozenset({OrderStatus.PENDING, OrderStatus.UNKNOWN})
"""What no word of the venue's says: an order left in such a state is asked about as if nothing had been heard of it."""
CLIENT_CLOSED = "the client is closed; open a new one"


class OrderKeeper(Protocol):
    """Writes what becomes of our orders."""

    def changed(self, order: LiveOrder, /) -> None:
        """Take note that something may be new of an order."""


class OrderTracker:
    """Every order of ours that is live, and the recently finished ones.

    Memory is bounded: finished orders, orphaned fills and remembered trade ids each have their limit and the oldest
    give way; the ``forgotten...`` counters of ``index`` and ``seen_fills`` say how many did.

    Args:
        inquire: Called with an order whose fate is unknown, that a reply left unconfirmed, or whose concluded end
            turned out to be wrong: ask the venue about it. Must not block.
        on_error: Called with exceptions of background work that no one awaits.
        on_reply: Takes the report of a reply to a placing, as the account takes every report; ``take_order`` if left
            out.
        actions: How an order is acted on; without them ``LiveOrder.cancel`` and ``amend`` refuse.
        clock: Tells when orders are sent.
        keeper: Writes what becomes of our orders, where there is a journal.
    """

    def __init__(
        self,
        inquire: Callable[[LiveOrder], None],
        on_error: Callable[[Exception], None],
        *,
        on_reply: Callable[[Order], object] | None = None,
        actions: OrderActions | None = None,
        clock: OrderClock = SYSTEM_CLOCK,
        keeper: OrderKeeper | None = None,
    ) -> None:
        self._inquire = inquire
        self._on_error = on_error
        self._on_reply = on_reply or self.take_order
        self._actions = actions
        self._clock = clock
        self.index = OrderIndex()
        self.seen_fills = Recent[tuple[str, str, str]](SEEN_FILLS_BOUND)
        # Orders whose placing is under way, and what stops it.
        self._placing: dict[LiveOrder, asyncio.Task[None] | Callable[[], None]] = {}
        self.loop: asyncio.AbstractEventLoop | None = None
        self._keeper = keeper
        self.refusal = ""
        """Why it takes no new order now; empty if it does."""

    @property
    def live(self) -> tuple[LiveOrder, ...]:
        """Orders that are not final: those without an id of the venue's, then the others, each oldest first."""
        return self.index.live

    @property
    def markets(self) -> set[str]:
        """Markets of every order the venue has reported, live or recently finished."""
        return self.index.markets

    def order(self, order_id: str) -> LiveOrder | None:
        """Return the order with the venue's id, if it is live or recently finished."""
        return self.index.order(order_id)

    def check_new(self, client_order_id: str) -> None:
        """Raise ``ConfigError`` where ``register`` would, for an order with this id of ours."""
        self.check_open()
        if not client_order_id:
            raise ConfigError("an order needs a client_order_id, or its fate cannot be asked for")
        if (live := self.index.live_named(client_order_id)) is not None:
            raise ConfigError(
                f"client_order_id must not be that of a live order, got {client_order_id}, which is "
                f"{live.status}; give every order its own"
            )

    def register(self, placed: Order, *, is_checked: bool = False) -> LiveOrder:
        """Note an order about to be sent, or sent with an id that ``is_checked``; then ``submit`` or ``follow`` it.

        Raises:
            ConfigError: A live order has this client order id, the client is closed, or this is not its event loop.
                Nothing was noted.
        """
        if not is_checked:
            self.check_new(placed.client_order_id)
        order = LiveOrder(
            placed,
            sent_at_ns=self._clock.wall_ns(),
            clock=self._clock,
            actions=self._actions,
        )
        self.index.register(order)
        return order

    def restore(self, left: JournalledOrder) -> LiveOrder:
        """Take back an order that an earlier run of the bot left; the venue is yet to be asked what became of it."""
        order = LiveOrder(
            left.placed,
            sent_at_ns=left.sent_at_ns,
            age_ns=max(0, self._clock.wall_ns() - left.sent_at_ns),
            clock=self._clock,
            actions=self._actions,
        )
        self.loop = own_loop(self.loop, "a journal must be reconciled in")
        order.belongs_to(self.loop)
        self.index.register(order)
        report = left.report
        if left.order_id:
            self.index.bind(order, left.order_id)
        if report is not None and report.status not in UNHEARD:
            is_concluded = report.status is NOT_FOUND
            order.merge(msgspec.structs.replace(report, status=OrderStatus.OPEN) if is_concluded else report)
        for fill in left.fills.values():
            self.seen_fills.add((fill.market, fill.order_id, fill.trade_id))
            order.add_fill(fill)
        if report is not None and report.status is NOT_FOUND:
            order.mark_not_found(report.reason)
        order.note_journalled()
        self.index.update(order)
        return order

    def submit(self, order: LiveOrder, placing: Callable[[], Coroutine[object, object, Order]]) -> LiveOrder:
        """Send a registered order without waiting: call ``placing`` and let ``order`` follow what it returns.

        Cost: one task, after ``placing`` was called, which may have sent the order; what it returns starts in the
        next loop iteration. No exception is lost: it is kept in ``order.error``, raised to whoever awaits the order,
        and reported if no one does; a fate that is unknown, or an order that is not confirmed, is inquired about.

        Raises:
            ConfigError: The client is closed, or this is not its event loop; the order is forgotten.
        """
        try:
            loop = self.check_open()
        except ConfigError:
            self.index.drop(order)
            raise
        order.belongs_to(loop)
        order.is_placing = True
        task = asyncio.Task(self._place(order, started(placing)), loop=loop)
        self._keep(order, task)
        return order

    def follow(
        self,
        order: LiveOrder,
        placing: Callable[[], Coroutine[object, object, Order]],
        pending: asyncio.Future[AnyT],
    ) -> None:
        """Follow a registered order that was sent: call ``placing`` once ``pending`` is done, else as ``submit``.

        Cost: a callback of ``pending``, and a task only if what ``placing`` returns waits for anything else.
        """
        loop = self.check_open()
        order.belongs_to(loop)
        order.is_placing = True

        def begin(_: asyncio.Future[AnyT]) -> None:
            if self._placing.pop(order, None) is None:
                return
            rest = begun(self._place(order, started(placing)), loop)
            if rest is not None:
                self._keep(order, rest)

        def stop() -> None:
            del self._placing[order]
            watched(pending)
            self._failed(order, OutcomeUnknown(CLOSED))

        self._placing[order] = stop
        pending.add_done_callback(begin)

    def expect(self, order: LiveOrder) -> None:
        """Follow a registered order that was sent; ``answer`` is given what comes of it, a loop iteration later.

        Cost: no future, no task.
        """
        order.belongs_to(self.check_open())
        order.is_placing = True

        def stop() -> None:
            del self._placing[order]
            self._failed(order, OutcomeUnknown(CLOSED))

        self._placing[order] = stop

    def answer(self, order: LiveOrder, answer: Order | RequestError) -> None:
        """Take the answer to the placing of an order that is expected."""
        if self._placing.pop(order, None) is None:
            return
        if not isinstance(answer, Order):
            self._failed(order, answer)
        elif order.is_reported and order.order_id == answer.order_id:
            # As a report of the stream it was merged already.
            order.is_placing = False
            self._notify(order)
        else:
            self._placed(order, answer)
        self._ask_if_unsure(order)

    def placing(self, order: LiveOrder) -> asyncio.Task[None] | None:
        """Return the task that places ``order``, while there is one."""
        task = self._placing.get(order)
        return task if isinstance(task, asyncio.Task) else None

    def take_order(self, report: Order) -> Order | None:
        """Merge one report of an order, from REST or the stream.

        Returns:
            The report that counts now, completed by what is known besides, if watchers do not know it yet; ``None``
            for one that is older or says nothing new.
        """
        return self.merge(report)[1]

    def merge(self, report: Order) -> tuple[LiveOrder, Order | None]:
        """Do the same and return the order, too."""
        order = self.index.of_report(report)
        if order is None:
            order = LiveOrder(msgspec.structs.replace(report, order_id=""), actions=self._actions)
            self.index.bind(order, report.order_id)
        was_concluded = order.status is NOT_FOUND
        news = order.merge(report)
        self._notify(order)
        if was_concluded and not order.status.is_final:
            self._inquire(order)
        return order, news

    def take_fill(self, fill: Fill) -> bool:
        """Merge one fill; ``False`` if it was seen before.

        A fill is known by market, order and trade id: an order of ours that trades with another one of ours
        makes two fills under one trade id.
        """
        if not self.seen_fills.add((fill.market, fill.order_id, fill.trade_id)):
            return False
        order = self.index.of_fill(fill)
        if order is None:
            self.index.keep_orphan(fill)
            return True
        was_concluded = order.is_concluded
        order.add_fill(fill)
        self._notify(order)
        if was_concluded and not order.status.is_final:
            self._inquire(order)
        return True

    def identify(self, client_order_id: str, order_id: str) -> None:
        """Take what was learned later: the order in flight with ``client_order_id`` is the venue's ``order_id``."""
        order = self.index.in_flight(client_order_id)
        if order is not None:
            self.index.bind(order, order_id)
            self._notify(order)

    def confirm(self, order_id: str) -> None:
        """Take that the venue has the order, though its report cannot be read: an unconfirmed one is open."""
        order = self.index.order(order_id)
        if order is not None and order.status is OrderStatus.PENDING:
            self._on_reply(msgspec.structs.replace(order.report or order.placed, status=OrderStatus.OPEN))

    def answered(self, order: LiveOrder, report: Order) -> None:
        """Take the answer to a question about ``order``, whose report it is whatever its id."""
        self.index.bind(order, report.order_id)
        self._on_reply(report)

    def mark_not_found(self, order: LiveOrder, reason: str) -> Order | None:
        """Conclude for ``reason`` that the venue has no such order; returned is what watchers do not know yet."""
        news = order.mark_not_found(reason)
        self._notify(order)
        return news

    async def cancel_live(self, within_s: float, *, venue: str) -> None:
        """Take no new order any more and cancel ours, for ``within_s`` at most; 0 leaves them to the venue."""
        # Closing twice does not cancel twice: by then nothing is heard of the orders any more.
        is_first, self.refusal = self.refusal != CLIENT_CLOSED, CLIENT_CLOSED
        if is_first and within_s > 0:
            try:
                await cancel_live(self.live, within_s, venue=venue)
            except CancelAllFailed as error:
                self._on_error(error)

    async def close(self) -> None:
        """Stop following: live orders are left to the venue, and whoever waits for one is woken with an error."""
        self.refusal = CLIENT_CLOSED
        placing = tuple(self._placing.values())
        tasks = [one for one in placing if isinstance(one, asyncio.Task)]
        for task in tasks:
            task.cancel()
        for stop in placing:
            if not isinstance(stop, asyncio.Task):
                stop()
        if tasks:
            await asyncio.wait(tasks)
        for order in self.index.live:
            order.unfollow(
                OutcomeUnknown(
                    f"the client was closed while the order was not final; last known {order!r}",
                    lookup="open_orders() with a new client",
                )
            )

    def _keep(self, order: LiveOrder, task: asyncio.Task[None]) -> None:
        self._placing[order] = task
        task.add_done_callback(lambda _: self._placing.pop(order, None))

    async def _place(self, order: LiveOrder, placing: Coroutine[object, object, Order]) -> None:
        try:
            report = await placing
        except RequestError as error:
            self._failed(order, error)
        except asyncio.CancelledError:
            self._failed(order, OutcomeUnknown(CLOSED))
            raise
        except ConfigError as error:
            # What was found wrong before anything was sent.
            not_sent = NotSent(str(error))
            not_sent.__cause__ = error
            self._failed(order, not_sent)
        except Exception as error:
            self._on_error(error)
            self._failed(order, OutcomeUnknown(f"placing the order broke down: {error!r}"))
        else:
            self._placed(order, report)
        self._ask_if_unsure(order)

    def _ask_if_unsure(self, order: LiveOrder) -> None:
        """Have the venue asked where the answer to a placing proved nothing, or no more than the order's id."""
        if order.is_as_sent or order.status in {OrderStatus.UNKNOWN, OrderStatus.PENDING}:
            self._inquire(order)

    def _placed(self, order: LiveOrder, report: Order) -> None:
        """Take the reply, whose word on which order it is counts more than what was concluded from reports."""
        known = self.index.order(report.order_id)
        is_anothers = known is not None and known is not order and bool(known.sent_at_ns)
        is_fitting = (report.market, report.side) == (order.market, order.side)
        if is_anothers or not is_fitting or report.client_order_id not in {"", order.client_order_id}:
            self._failed(order, OutcomeUnknown(f"the reply is about another order, {report.order_id}"))
            return
        order.is_placing = False
        if order.order_id not in {"", report.order_id}:
            self._detach(order)
        self.index.bind(order, report.order_id)
        self._on_reply(report)
        # It says nothing new if the stream was faster, and ends the placing all the same.
        self._notify(order)

    def _failed(self, order: LiveOrder, error: RequestError) -> None:
        order.is_placing = False
        order.fail(error)
        if not isinstance(error, OutcomeUnknown) and not order.order_id:
            self.index.drop(order)
        if not self._notify(order):
            self._on_error(error)

    def _detach(self, order: LiveOrder) -> None:
        """Leave what is known under an order's venue id to another program's order."""
        placed = msgspec.structs.replace(order.placed, client_order_id="", order_id=order.order_id)
        stranger = LiveOrder(placed, actions=self._actions)
        stranger.merge_from(order)
        self.index.replace(order, stranger)
        order.unlink()

    def check_open(self) -> asyncio.AbstractEventLoop:
        """Return the loop that orders are sent in; raise ``ConfigError`` in another one, or once it is closed."""
        if self.loop is None or asyncio._get_running_loop() is not self.loop:
            self.loop = own_loop(
                self.loop, "an order must be sent from", "; use asyncio.run_coroutine_threadsafe"
            )
        if self.refusal:
            raise ConfigError(self.refusal)
        return self.loop

    def _notify(self, order: LiveOrder) -> bool:
        """Tell whoever waits for ``order`` that it changed; ``True`` if somebody did."""
        self.index.update(order)
        if self._keeper is not None:
            self._keeper.changed(order)
        if order.callback is not None:
            try:
                order.callback(order)
            except CALLBACK_FAULTS as error:
                self._on_error(as_exception(error))
        return order.wake() if order.waiters else False


def started(placing: Callable[[], Coroutine[object, object, Order]]) -> Coroutine[object, object, Order]:
    """Call ``placing`` and return what it returns, or what raises what it raised."""
    try:
        return placing()
    except Exception as error:
        return failed(error)


async def failed(error: Exception) -> NoReturn:
    """Raise ``error`` when awaited: what was to be sent was not."""
    raise error
