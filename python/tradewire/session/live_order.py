"""One order of ours through time: its state, whether a report is of it, and who waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator

from msgspec import Struct

from tradewire.errors import ConfigError, OrderNotFound, OrderRejected, Rejected, RequestError
from tradewire.model import AccountKind, Fill, Order, OrderStatus, Side
from tradewire.protocol.arguments import Exact
from tradewire.session.background import own_loop
from tradewire.session.callbacks import check_callback
from tradewire.session.order_state import OrderState

__all__ = ["CLOCK_MARGIN_NS", "SYSTEM_CLOCK", "LiveOrder", "OrderActions", "OrderClock"]

CLOCK_MARGIN_NS = 5_000_000_000
"""How much earlier than our sending the venue may say that an order was made: estimates of its clock are not exact."""


class OrderActions(Struct, frozen=True):
    """What can be done about an order at its venue, by its order id. All but ``inquire`` raise ``RequestError``."""

    cancel: Callable[[LiveOrder], Awaitable[object]]
    amend: Callable[[LiveOrder, Exact | None, Exact | None], Awaitable[object]]
    """Takes the new price and the new whole size; what is ``None`` stays."""
    inquire: Callable[[LiveOrder], None]
    """Has the venue asked what became of it."""


class OrderClock(Struct, frozen=True):
    """What tells how long ago an order was sent. Ours may be set meanwhile, the venue's may turn out otherwise."""

    wall_ns: Callable[[], int] = time.time_ns
    """Our time, UTC."""
    monotonic_ns: Callable[[], int] = time.monotonic_ns
    """The monotonic clock."""
    venue_ns: Callable[[], int] = time.time_ns
    """The venue's time as far as we can tell."""


SYSTEM_CLOCK = OrderClock()


class LiveOrder(OrderState):
    """An order of ours, always as new as the last report of it.

    ``await order`` waits until the venue has it, or, where that is all of it filled at once, until its fills are known,
    and raises what went wrong: ``Rejected`` or ``NotSent``, and ``OutcomeUnknown`` as soon as the fate is unknown,
    while it is being asked for. ``await order.finished()``
    waits until nothing can happen to it any more; ``waiting_for`` says what that takes. A ``status`` of ``NOT_FOUND``
    was concluded and not reported: it gives way to any later report or fill.

    Attributes, besides those of ``OrderState``:
        sent_at_ns: Our time when it was sent, UTC; 0 for an order we only heard of.
        is_placing: Its request is not answered yet.
        is_asked_about: The venue is being asked about it.
        error: Why placing it failed, even if the stream proved later that the venue has it.
        journalled: What the journal says of it, and how many of its fills it has. For the keeper only.
        callback: ``on_change``. For the tracker only.
        waiters: Who waits for a change. For the tracker only.
    """

    __slots__ = (
        "_actions",
        "_clock",
        "_loop",
        "_sent_monotonic_ns",
        "_unfollowed",
        "callback",
        "is_asked_about",
        "is_placing",
        "journalled",
        "sent_at_ns",
        "waiters",
    )

    def __init__(
        self,
        placed: Order,
        *,
        sent_at_ns: int = 0,
        age_ns: int = 0,
        clock: OrderClock | None = None,
        actions: OrderActions | None = None,
    ) -> None:
        super().__init__(placed)
        self.sent_at_ns = sent_at_ns
        self.is_placing = False
        self._clock = clock
        self._sent_monotonic_ns = 0 if clock is None else clock.monotonic_ns() - age_ns
        self._actions = actions
        self.callback: Callable[[LiveOrder], None] | None = None
        self.is_asked_about = False
        self._unfollowed: RequestError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.waiters: list[asyncio.Future[None]] = []
        self.journalled: tuple[object, int] = None, 0

    def __repr__(self) -> str:
        name = self.order_id or self.client_order_id
        unit = f" {self.size_asset}" if self.size_asset else ""
        whose = "" if self.account is AccountKind.SPOT else f" {self.account}"
        return f"<LiveOrder {name} {self.market}{whose} {self.side} {self.filled_size}/{self.size}{unit} {self.status}>"

    @property
    def on_change(self) -> Callable[[LiveOrder], None] | None:
        """Called after every change, in the loop iteration that brought it. Must not block.

        Raises:
            ConfigError: An ``async def`` was assigned: nothing would await it.
        """
        return self.callback

    @on_change.setter
    def on_change(self, callback: Callable[[LiveOrder], None] | None) -> None:
        check_callback("on_change", callback)
        self.callback = callback

    @property
    def waiting_for(self) -> str:
        """What its end takes, in words; empty once it is final or no longer followed."""
        if self.status.is_final or self._unfollowed is not None:
            return ""
        if self.is_placing:
            return "the venue's reply"
        return "the answer to a question" if self.is_asked_about else "a report of the order stream"

    @property
    def age_ns(self) -> int:
        """How long ago it was sent; 0 for an order we only heard of."""
        return 0 if self._clock is None else self._clock.monotonic_ns() - self._sent_monotonic_ns

    @property
    def venue_sent_ns(self) -> int:
        """The venue's time when it was sent, UTC, as far as it is known now; whatever our clock was set to since."""
        return self.sent_at_ns if self._clock is None else self._clock.venue_ns() - self.age_ns

    def fits(self, report: Order) -> bool:
        """Tell whether a report can be of this order: id, market, side, size, price and time together.

        An id alone proves nothing: ids of finished orders may be used again. Unknown times and prices fit. Size and
        price are those placed: no one amends an order before the venue has named it.
        """
        if self.order_id:
            return report.order_id == self.order_id
        is_as_placed = report.size == self.placed.size and (
            self.placed.price is None or report.price is None or report.price == self.placed.price
        )
        units = {self.size_asset, report.size_asset} - {""}
        return (
            report.client_order_id in {"", self.client_order_id}
            and (report.market, report.side) == (self.market, self.side)
            and is_as_placed
            and len(units) < 2
            and self._is_since(report.created_at_ns)
        )

    def fits_fill(self, fill: Fill) -> bool:
        """Tell whether a fill can be of this order, as ``fits``."""
        if self.order_id:
            return fill.order_id == self.order_id
        price = self.placed.price
        is_within = price is None or (fill.price <= price if self.side is Side.BUY else fill.price >= price)
        is_small = bool(self.size_asset) or fill.size <= self.placed.size
        return (
            fill.client_order_id in {"", self.client_order_id}
            and fill.market == self.market
            and fill.side in {None, self.side}
            and is_within
            and is_small
            and self._is_since(fill.time_ns)
        )

    def _is_since(self, time_ns: int) -> bool:
        """Tell whether a time of the venue is not before this was sent; an unknown one, 0, may be any."""
        if not time_ns or not self.sent_at_ns:
            return True
        return time_ns >= self.venue_sent_ns - CLOCK_MARGIN_NS

    def belongs_to(self, loop: asyncio.AbstractEventLoop) -> None:
        """Bind it to the event loop that may wait for it. For the tracker only."""
        self._loop = loop

    def note_journalled(self) -> None:
        """Take note that the journal has all that is known. For the tracker and the keeper only."""
        self.journalled = self.words, len(self._fills)

    @property
    def words(self) -> tuple[object, ...]:
        """What a journal says of it besides its fills."""
        return self.status, self.order_id, self.filled_size, self.size, self.price

    def unfollow(self, error: RequestError) -> None:
        """Wake whoever waits with ``error``: nothing will be heard of it any more. For the tracker only."""
        self._unfollowed = error
        self.wake()

    def wake(self) -> bool:
        """Wake whoever waits and tell whether anybody did. For the tracker only."""
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
        return bool(waiters)

    def __await__(self) -> Generator[object, None, LiveOrder]:
        return self._placed().__await__()

    async def finished(self) -> LiveOrder:
        """Wait until the order is final and return it. Bound the wait with ``asyncio.timeout``.

        Raises:
            OutcomeUnknown: Nothing will be heard of it any more: the client was closed, or which order of the venue
                it is, is not known. The message says what was known last.
            ConfigError: Waited for in another event loop than the client's.
        """
        while not self.status.is_final:
            await self._next_change()
        return self

    async def cancel(self) -> LiveOrder:
        """Cancel it and return it once the venue has answered; its end may be reported later: ``finished()``.

        An order whose placing is under way is cancelled once the venue has it. One that is final, or turns out to be,
        is left as it is: to cancel twice does no harm.

        Raises:
            RequestError: Placing it failed, or cancelling did. After ``OutcomeUnknown`` cancel again.
            ConfigError: This client cannot cancel it: it was closed, or the order is not of it.
        """
        actions = await self._ready_to_act()
        if not self.status.is_final:
            try:
                await actions.cancel(self)
            except OrderNotFound:
                # It has ended meanwhile, and how is asked for.
                actions.inquire(self)
        return self

    async def amend(self, *, price: Exact | None = None, size: Exact | None = None) -> LiveOrder:
        """Change its price, its whole size or both, and return it once the venue has answered.

        Args:
            price: New price, quote units per base unit.
            size: New whole size, what is filled included.

        Raises:
            RequestError: Placing it failed, or amending did; ``OrderNotFound`` if it has ended.
            ConfigError: Nothing is to change, a value is malformed, or this client cannot amend it.
            NotSupported: The venue cannot change that.
        """
        if price is None and size is None:
            raise ConfigError("amend takes a price, a size or both, got neither")
        actions = await self._ready_to_act()
        if self.status.is_final:
            raise OrderNotFound(f"the order is {self.status} already")
        try:
            await actions.amend(self, price, size)
        except OrderNotFound:
            actions.inquire(self)
            raise
        return self

    async def _ready_to_act(self) -> OrderActions:
        """Wait until the venue has named the order."""
        while not self.order_id and not self.status.is_final:
            if self.error is not None:
                raise self.error
            await self._next_change()
        if self._actions is None or self._unfollowed is not None:
            raise ConfigError(f"this client cannot act on {self!r}: it was closed, or the order is not of it")
        return self._actions

    async def _placed(self) -> LiveOrder:
        # A stream may tell of the refusal before the answer does, which has the better reason.
        while (
            self.status is OrderStatus.PENDING
            or (self.status is OrderStatus.REJECTED and self.is_placing)
            or self.is_ending
        ):
            await self._next_change()
        if self.error is not None and (self.outcome is not None or self._never_reported):
            raise self.error
        if self.status is OrderStatus.REJECTED:
            if isinstance(self.error, Rejected):
                raise self.error
            raise OrderRejected(self.reason or "the venue gave no reason", code=OrderStatus.REJECTED.name)
        return self

    @property
    def _never_reported(self) -> bool:
        return self._counting is None and not self.fills_size

    async def _next_change(self) -> None:
        if self._unfollowed is not None:
            raise self._unfollowed
        self._loop = loop = own_loop(self._loop, "an order must be awaited in")
        waiter = loop.create_future()
        self.waiters.append(waiter)
        try:
            await waiter
        finally:
            # A wait that was cancelled leaves nothing behind.
            if waiter in self.waiters:
                self.waiters.remove(waiter)
