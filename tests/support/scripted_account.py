"""Questions with scripted answers, and time that passes only when somebody sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from tradewire.model import Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce, sent_order
from tradewire.protocol import events
from tradewire.protocol.arguments import Exact
from tradewire.protocol.channels import Channel
from tradewire.protocol.clock import ClockEstimate
from tradewire.session.inquiry import Inquiries
from tradewire.session.live_order import LiveOrder, OrderClock
from tradewire.session.orders import OrderTracker

MARKET = "BTCUSDT"
SECOND = 1_000_000_000


def report(
    order_id: str = "7",
    status: OrderStatus = OrderStatus.OPEN,
    *,
    filled: str = "0",
    market: str = MARKET,
    client_order_id: str = "",
    time_ns: int = 5,
) -> Order:
    return Order(
        order_id=order_id,
        client_order_id=client_order_id,
        market=market,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=Decimal(1),
        size=Decimal(3),
        filled_size=Decimal(filled),
        filled_notional=Decimal(filled),
        status=status,
        created_at_ns=time_ns,
        updated_at_ns=time_ns,
    )


def fill(
    trade_id: str, *, order_id: str = "7", time_ns: int = 9, size: str = "1", market: str = MARKET
) -> Fill:
    return Fill(
        trade_id=trade_id,
        order_id=order_id,
        client_order_id="",
        market=market,
        side=Side.BUY,
        price=Decimal(1),
        size=Decimal(size),
        liquidity=Liquidity.MAKER,
        fee=Decimal(0),
        fee_asset="USDT",
        time_ns=time_ns,
    )


STILL = OrderClock(lambda: 1, lambda: 1, lambda: 1)
"""A clock that stands still."""


class ScriptedAccount:
    """A venue's account and a tracker of ours, joined by ``Inquiries`` whose sink this is."""

    def __init__(self, *, window_s: float = 6.0, read_lag_s: float = 3.0) -> None:
        self.now_s = 100.0
        self.open_now: Sequence[Order] = ()
        self.found: dict[str, Order | Exception | None] = {}
        self.fills_of: dict[str, Sequence[Fill] | Exception] = {}
        self.open_error: Exception | None = None
        self.asked: list[str] = []
        self.since_ns: list[int] = []
        self.told: list[Order] = []
        self.told_fills: list[str] = []
        self.failures: list[str] = []
        self.errors: list[Exception] = []
        self.on_sleep: Callable[[], None] = lambda: None
        self.inquiries = Inquiries(
            self,
            self,
            window_s=window_s,
            read_lag_s=read_lag_s,
            sleep=self.sleep,
            monotonic_s=lambda: self.now_s,
        )
        self.tracker = OrderTracker(lambda order: None, self.errors.append, clock=STILL)

    def placed(self, client_order_id: str = "mine") -> LiveOrder:
        """Register an order that was sent and never answered."""
        return self.tracker.register(
            sent_order(
                market=MARKET,
                side=Side.BUY,
                size=Decimal(3),
                price=Decimal(1),
                client_order_id=client_order_id,
            )
        )

    def known(self, order_id: str = "7", market: str = MARKET) -> LiveOrder:
        """Return an order that the venue has reported open."""
        self.tracker.take_order(report(order_id, market=market))
        order = self.tracker.order(order_id)
        assert order is not None
        return order

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the others go on until ``condition`` holds; the test's time limit bounds it."""
        while not condition():  # noqa: ASYNC110 - whatever changes it has no event to wait for
            await asyncio.sleep(0)

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        self.on_sleep()
        await asyncio.sleep(0)

    async def open_orders(self) -> Sequence[Order]:
        self.asked.append("open")
        if self.open_error is not None:
            raise self.open_error
        return self.open_now

    async def cancel(self, order: LiveOrder) -> None:
        self.asked.append(f"cancel {order.order_id}")

    async def amend(self, order: LiveOrder, price: Exact | None, size: Exact | None) -> None:
        self.asked.append(f"amend {order.order_id} {price} {size}")

    def restored(self, order: LiveOrder) -> None:
        """Do nothing."""

    async def find_order(self, order: LiveOrder) -> Order | None:
        name = order.order_id or order.client_order_id
        self.asked.append(f"order {name}")
        answer = self.found.get(name)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        self.asked.append(f"fills {market}")
        self.since_ns.append(since_ns)
        answer = self.fills_of.get(market, ())
        if isinstance(answer, Exception):
            raise answer
        return answer

    def take_order(self, order: Order, /) -> None:
        news = self.tracker.take_order(order)
        if news is not None:
            self.told.append(news)

    def answered(self, order: LiveOrder, answer: Order, /) -> None:
        self.tracker.answered(order, answer)

    def take_fill(self, one: Fill, /) -> None:
        if self.tracker.take_fill(one):
            self.told_fills.append(one.trade_id)

    def confirm_absent(self, order: LiveOrder, reason: str, /) -> None:
        news = self.tracker.mark_not_found(order, reason)
        if news is not None:
            self.told.append(news)

    def failing(self, question: str, error: Exception, /) -> None:
        self.failures.append(question)


class ScriptedStream:
    """What an account asks of its stream, and a script for what the stream says."""

    def __init__(self) -> None:
        self.told: list[events.Event] = []
        self.published: list[tuple[str, Any]] = []
        self.errors: list[Exception] = []
        self.confirmed: set[str] = set()
        self.fills_watched: tuple[str, ...] = ()
        self.is_private_wanted = False
        self.is_closed = False
        self.on_closing: Callable[[], None] = lambda: None
        self._watcher: Callable[[events.Event], None] = lambda _: None
        self._interceptors: dict[str, Callable[[Any], Any]] = {}
        self._unreadable: dict[str, Callable[[], None]] = {}

    def say(self, event: events.Event) -> None:
        """Have an event of the connection happen."""
        if isinstance(event, events.Disconnected):
            self.confirmed.clear()
        self._watcher(event)

    def confirm(self, *topics: str) -> None:
        """Have the venue confirm the account's topics: it reports from now on."""
        self.is_private_wanted = True
        self.confirmed.update(topics)
        self.say(events.AccountSubscribed())

    def push(self, topic: str, item: Any) -> None:
        """Have the venue push an item."""
        taken = self._interceptors[topic](item)
        if taken is not None:
            self.published.append((topic, taken))

    def push_unreadable(self, topic: str) -> None:
        """Have the venue push something that cannot be read."""
        self._unreadable[topic]()

    def published_of(self, topic: str) -> list[Any]:
        return [item for name, item in self.published if name == topic]

    def intercept(self, channel: Channel, take: Callable[[Any], Any]) -> None:
        self._interceptors[channel.topic] = take

    def on_unreadable(self, channel: Channel, act: Callable[[], None]) -> None:
        self._unreadable[channel.topic] = act

    def watch_events(self, on_update: Callable[[events.Event], None]) -> None:
        self._watcher = on_update

    def watched_keys(self, topic: str) -> tuple[str, ...]:
        return self.fills_watched

    def is_confirmed(self, channel: Channel) -> bool:
        return channel.topic in self.confirmed

    def publish(self, channel: Channel, item: Any) -> None:
        self.published.append((channel.topic, item))

    def publish_event(self, event: events.Event) -> None:
        self.told.append(event)

    def report(self, error: Exception) -> None:
        self.errors.append(error)

    async def close(self) -> None:
        self.is_closed = True
        self.on_closing()


class ScriptedRest:
    """The venue's clock, and what is closed."""

    venue_now_ns = 10**18

    def __init__(self) -> None:
        self.clock = ClockEstimate()
        self.is_closed = False

    async def ask_time(self) -> None:
        return

    def close(self) -> None:
        self.is_closed = True
