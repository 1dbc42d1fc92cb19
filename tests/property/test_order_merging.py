"""Any order and repetition of the reports of one order end in the state the venue's own history has."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tradewire.model import Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
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


async def never(order: LiveOrder) -> Order | None:
    raise AssertionError(order)


def fail(error: Exception) -> None:
    raise error


@given(st.data(), histories(), st.booleans(), st.booleans())
def test_any_order_and_repetition_of_reports_ends_in_the_venues_truth(
    data: st.DataObject, venue: Venue, is_ours: bool, fills_only_twice: bool
) -> None:
    reports = [*venue.reports, *data.draw(st.lists(st.sampled_from(venue.reports), max_size=6))]
    if fills_only_twice:
        reports += [one for one in venue.reports if isinstance(one, Fill)]
    tracker = OrderTracker(never, fail)
    ours = (
        tracker.register(market="BTCUSDT", side=Side.SELL, size=D(1), price=D(1), client_order_id="mine")
        if is_ours
        else None
    )
    for one in data.draw(st.permutations(reports)):
        if isinstance(one, Fill):
            tracker.add_fill(one)
        else:
            tracker.add_order(one)
    order = tracker.order("7")
    assert order is not None
    assert ours is None or order is ours
    fills = [one for one in venue.reports if isinstance(one, Fill)]
    assert order.status is venue.status
    assert (order.filled_size, order.filled_notional) == (venue.filled_size, venue.value)
    assert (order.size, order.price) == (venue.size, venue.price)
    assert list(order.fills) == fills
    assert sum(order.fees.values()) == D("0.1") * len(fills)
    assert (order in tracker.live) is (not venue.status.is_final)
