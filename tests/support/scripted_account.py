"""Questions with scripted answers, and time that passes only when somebody sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal

from tradewire.model import Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.session.inquiry import Inquiries
from tradewire.session.live_order import LiveOrder
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
        self.tracker = OrderTracker(lambda order: None, self.errors.append, wall_ns=lambda: 1)

    def placed(self, client_order_id: str = "mine") -> LiveOrder:
        """Register an order that was sent and never answered."""
        return self.tracker.register(
            market=MARKET, side=Side.BUY, size=Decimal(3), price=Decimal(1), client_order_id=client_order_id
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
