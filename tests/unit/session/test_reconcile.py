"""What is asked after a reconnect, and what is certain afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from tradewire.errors import FrameError, VenueUnavailable
from tradewire.model import Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.session import reconcile as questions
from tradewire.session.orders import LiveOrder, OrderTracker
from tradewire.session.reconcile import reconcile, retry_until_success

D = Decimal


def report(
    order_id: str, status: OrderStatus = OrderStatus.OPEN, *, market: str = "BTCUSDT", time_ns: int = 1
) -> Order:
    return Order(
        order_id=order_id,
        client_order_id="",
        market=market,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=D(1),
        size=D(1),
        filled_size=D(1) if status is OrderStatus.FILLED else D(0),
        filled_notional=D(1) if status is OrderStatus.FILLED else D(0),
        status=status,
        created_at_ns=1,
        updated_at_ns=time_ns,
    )


def fill(trade_id: str, order_id: str, market: str) -> Fill:
    return Fill(
        trade_id=trade_id,
        order_id=order_id,
        client_order_id="",
        market=market,
        side=Side.BUY,
        price=D(1),
        size=D(1),
        liquidity=Liquidity.MAKER,
        fee=None,
        fee_asset="",
        time_ns=5,
    )


class Venue:
    """Answers from tables and remembers the questions."""

    def __init__(
        self, open_orders: list[Order], known: dict[str, Order], fills: dict[str, list[Fill]]
    ) -> None:
        self.open = open_orders
        self.known = known
        self.fills = fills
        self.asked: list[str] = []
        self.is_down = False

    async def open_orders(self) -> Sequence[Order]:
        if self.is_down:
            raise VenueUnavailable("busy")
        self.asked.append("open")
        return self.open

    async def find_order(self, order: LiveOrder) -> Order | None:
        self.asked.append(f"order {order.order_id}")
        return self.known.get(order.order_id)

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        self.asked.append(f"fills {market} {since_ns}")
        return self.fills.get(market, [])


async def run(tracker: OrderTracker, venue: Venue, markets: Sequence[str] = ()) -> list[Fill]:
    new: list[Fill] = []

    def take(one: Fill) -> None:
        if tracker.take_fill(one):
            new.append(one)

    def merge(order: Order) -> None:
        tracker.take_order(order)

    def conclude(order: LiveOrder) -> None:
        tracker.mark_not_found(order, "asked")

    await reconcile(
        tracker, venue, since_ns=7, markets=markets, on_order=merge, on_absent=conclude, on_fill=take
    )
    return new


def tracker_of(*reports: Order) -> OrderTracker:
    def inquire(order: LiveOrder) -> None:
        raise AssertionError(order)

    def fail(error: Exception) -> None:
        raise error

    tracker = OrderTracker(inquire, fail)
    for one in reports:
        tracker.take_order(one)
    return tracker


async def test_every_order_alive_before_is_certain_afterwards() -> None:
    tracker = tracker_of(report("1"), report("2"), report("3"), report("4", OrderStatus.CANCELLED))
    filled = report("2", OrderStatus.FILLED, time_ns=9)
    stranger = report("9", market="ETHUSDT")
    seen, missed = fill("t1", "1", "BTCUSDT"), fill("t2", "2", "BTCUSDT")
    tracker.take_fill(seen)
    venue = Venue([report("1"), stranger], {"2": filled}, {"BTCUSDT": [seen, missed]})
    assert await run(tracker, venue, markets=["SOLUSDT"]) == [missed]
    assert venue.asked == [
        "open",
        "order 2",
        "order 3",
        "fills BTCUSDT 7",
        "fills ETHUSDT 7",
        "fills SOLUSDT 7",
    ]
    states = {one: tracker.order(one) for one in ("1", "2", "3", "9")}
    assert {one: order.status for one, order in states.items() if order} == {
        "1": OrderStatus.PARTIALLY_FILLED,
        "2": OrderStatus.FILLED,
        "3": OrderStatus.NOT_FOUND,
        "9": OrderStatus.OPEN,
    }


async def test_an_order_still_under_way_is_left_to_its_own_request() -> None:
    tracker = tracker_of()
    order = tracker.register(market="BTCUSDT", side=Side.BUY, size=D(1), price=D(1), client_order_id="mine")
    venue = Venue([], {}, {})
    await run(tracker, venue)
    assert order.status is OrderStatus.PENDING
    assert venue.asked == ["open"]


async def test_a_question_that_fails_is_the_callers_to_repeat() -> None:
    tracker = tracker_of(report("1"))
    venue = Venue([], {}, {})
    venue.is_down = True
    with pytest.raises(VenueUnavailable):
        await run(tracker, venue)
    assert tracker.live


async def test_whatever_fails_is_reported_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "RETRY_S", 0.0)
    failures = [VenueUnavailable("busy"), FrameError("an order without order_info"), ZeroDivisionError()]
    left = list(failures)
    told: list[Exception] = []

    async def ask() -> None:
        if left:
            raise left.pop(0)

    await retry_until_success(ask, told.append)
    assert told == failures
