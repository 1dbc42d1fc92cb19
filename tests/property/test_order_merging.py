"""Any order and repetition of the reports of one order end in the state the venue's own history has."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from support.scripted_account import STILL
from tradewire.model import Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce, sent_order
from tradewire.session.orders import LiveOrder, OrderTracker

D = Decimal
ZERO = D(0)
FIRST_PRICE = D(100)


@dataclass
class Venue:
    """An obvious oracle: what the venue did to one order, and every report it would send about it."""

    size: Decimal
    filled_size: Decimal = ZERO
    value: Decimal = ZERO
    status: OrderStatus = OrderStatus.OPEN
    now_ns: int = 1
    price: Decimal = FIRST_PRICE
    reports: list[Order | Fill] = field(default_factory=list)

    def tell(self) -> None:
        self.reports.append(
            Order(
                order_id="7",
                client_order_id="mine",
                market="BTCUSDT",
                side=Side.SELL,
                type=OrderType.LIMIT,
                time_in_force=TimeInForce.GTC,
                post_only=False,
                price=self.price,
                size=self.size,
                filled_size=self.filled_size,
                filled_notional=self.value,
                status=self.status,
                created_at_ns=1,
                updated_at_ns=self.now_ns,
            )
        )

    def trade(self, size: Decimal) -> None:
        self.now_ns += 1
        self.filled_size += size
        self.value += size * self.price
        self.status = OrderStatus.FILLED if self.filled_size == self.size else OrderStatus.PARTIALLY_FILLED
        self.reports.append(
            Fill(
                trade_id=f"t{self.now_ns}",
                order_id="7",
                client_order_id="mine",
                market="BTCUSDT",
                side=Side.SELL,
                price=self.price,
                size=size,
                liquidity=Liquidity.TAKER,
                fee=D("0.1"),
                fee_asset="USDT",
                time_ns=self.now_ns,
            )
        )
        self.tell()

    def amend(self, size: Decimal, price: Decimal) -> None:
        self.now_ns += 1
        self.size = self.filled_size + size
        self.price = price
        self.tell()

    def cancel(self) -> None:
        self.now_ns += 1
        self.status = OrderStatus.CANCELLED
        self.tell()


amounts = st.integers(1, 1000).map(lambda units: D(units).scaleb(-3))


@st.composite
def histories(draw: st.DrawFn) -> Venue:
    venue = Venue(size=draw(amounts))
    venue.tell()
    for _ in range(draw(st.integers(0, 5))):
        if draw(st.booleans()):
            venue.amend(draw(amounts), draw(amounts))
        elif venue.filled_size < venue.size:
            share = draw(st.integers(1, 4))
            left = venue.size - venue.filled_size
            venue.trade(left if share == 4 else left * share / 8)
        if venue.status.is_final:
            return venue
    if draw(st.booleans()):
        venue.cancel()
    return venue


def never(order: LiveOrder) -> None:
    raise AssertionError(order)


def fail(error: Exception) -> None:
    raise error


def shuffled(data: st.DataObject, venue: Venue) -> list[Order | Fill]:
    """Return every report in any order, some of them repeated."""
    reports = [*venue.reports, *data.draw(st.lists(st.sampled_from(venue.reports), max_size=6))]
    return data.draw(st.permutations(reports))


async def registered(tracker: OrderTracker, size: Decimal) -> LiveOrder:
    return tracker.register(
        sent_order(market="BTCUSDT", side=Side.SELL, size=size, price=FIRST_PRICE, client_order_id="mine")
    )


@given(st.data(), histories(), st.booleans(), st.booleans())
def test_any_order_and_repetition_of_reports_ends_in_the_venues_state(
    data: st.DataObject, venue: Venue, is_ours: bool, fills_only_twice: bool
) -> None:
    reports = shuffled(data, venue)
    if fills_only_twice:
        reports += [one for one in venue.reports if isinstance(one, Fill)]
    tracker = OrderTracker(never, fail, clock=STILL)
    first = venue.reports[0]
    assert isinstance(first, Order)
    ours = asyncio.run(registered(tracker, first.size)) if is_ours else None
    for one in reports:
        if isinstance(one, Fill):
            tracker.take_fill(one)
        else:
            tracker.take_order(one)
    order = tracker.order("7")
    assert order is not None
    assert ours is None or order is ours
    fills = [one for one in venue.reports if isinstance(one, Fill)]
    assert order.status is venue.status
    assert (order.filled_size, order.filled_notional) == (venue.filled_size, venue.value)
    assert (order.size, order.price) == (venue.size, venue.price)
    assert order.remaining == venue.size - venue.filled_size
    assert list(order.fills) == fills
    assert order.last_fill == (fills[-1] if fills else None)
    assert sum(order.fees.values()) == D("0.1") * len(fills)
    assert (order in tracker.live) is (not venue.status.is_final)


@given(st.data(), histories())
def test_watchers_never_see_an_order_go_backwards(data: st.DataObject, venue: Venue) -> None:
    """Without amendments: what was published is filled ever more, and nothing follows the end."""
    tracker = OrderTracker(never, fail)
    published: list[Order] = []
    for one in shuffled(data, venue):
        if isinstance(one, Fill):
            tracker.take_fill(one)
        elif (news := tracker.take_order(one)) is not None:
            published.append(news)
    for before, after in pairwise(published):
        assert not before.status.is_final or after.filled_size > before.filled_size
        assert after.filled_size >= before.filled_size
        assert not before.status.is_final or after.status.is_final
    assert published[-1].status is venue.status
    assert (published[-1].size, published[-1].filled_size) == (venue.size, venue.filled_size)


def expected_status(seen: list[Order | Fill], *, is_concluded: bool) -> OrderStatus:
    """Return the status that what was seen amounts to, reckoned anew from all of it."""
    reports = [one for one in seen if isinstance(one, Order)]
    finals = [one.status for one in reports if one.status.is_final]
    if finals:
        return finals[0]
    if is_concluded:
        return OrderStatus.NOT_FOUND
    if any(isinstance(one, Fill) or one.filled_size for one in seen):
        return OrderStatus.PARTIALLY_FILLED
    return OrderStatus.OPEN if reports else OrderStatus.PENDING


@given(st.data(), histories(), st.booleans())
def test_concluded_end_holds_until_the_next_report_or_new_fill(
    data: st.DataObject, venue: Venue, is_bound: bool
) -> None:
    inquired: list[LiveOrder] = []
    tracker = OrderTracker(inquired.append, fail, clock=STILL)
    first = venue.reports[0]
    assert isinstance(first, Order)
    order = asyncio.run(registered(tracker, first.size))
    seen: list[Order | Fill] = []
    is_concluded, reversals = False, 0
    if is_bound:
        tracker.identify("mine", "7")
    for one in shuffled(data, venue):
        if data.draw(st.booleans()):
            tracker.mark_not_found(order, "the venue knows no such order")
            is_concluded = True
            assert order.status is expected_status(seen, is_concluded=True)
        is_repeated_fill = isinstance(one, Fill) and one in seen
        was_concluded = order.status is OrderStatus.NOT_FOUND
        if isinstance(one, Fill):
            tracker.take_fill(one)
        else:
            tracker.take_order(one)
        if not order.order_id:
            # An amended report says a size that was not placed: it is of this order only once a fitting one comes.
            return
        seen.append(one)
        is_concluded = is_concluded and is_repeated_fill
        assert order.status is expected_status(seen, is_concluded=is_concluded)
        reversals += was_concluded and not order.status.is_final
        assert len(inquired) == reversals
        assert (order in tracker.live) is (not order.status.is_final)
    assert order.status in {venue.status, OrderStatus.NOT_FOUND}
