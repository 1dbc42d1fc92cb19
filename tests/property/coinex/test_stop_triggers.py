"""Random stop orders and price paths: each fires exactly when a list that is searched from end to end says so."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tradewire.sandbox.order import Kind, Side
from tradewire.sandbox.venues.coinex.stops import PriceKind, StopOrder, StopOrders, StopStatus

MARKETS = ("AB", "CD")
START = 10


@dataclass
class Waiting:
    """A stop order of the oracle."""

    number: int
    market: str
    kind: PriceKind
    trigger: int
    upwards: bool


class Oracle:
    """Knows the last price of everything, and what waits, in a plain list."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.last: dict[tuple[str, PriceKind], int] = {}

    def place(self, number: int, market: str, kind: PriceKind, trigger: int) -> None:
        upwards = trigger >= self.last.get((market, kind), START)
        self.waiting.append(Waiting(number, market, kind, trigger, upwards))

    def cancel(self, number: int) -> None:
        self.waiting = [one for one in self.waiting if one.number != number]

    def move(self, market: str, kind: PriceKind, price: int) -> list[int]:
        self.last[market, kind] = price
        upwards, downwards = [], []
        for one in self.waiting:
            if (one.market, one.kind) != (market, kind):
                continue
            if one.upwards and price >= one.trigger:
                upwards.append(one)
            if not one.upwards and price <= one.trigger:
                downwards.append(one)
        fired = sorted(upwards, key=lambda one: one.trigger) + sorted(downwards, key=lambda one: -one.trigger)
        self.waiting = [one for one in self.waiting if one not in fired]
        return [one.number for one in fired]


markets, kinds, prices = st.sampled_from(MARKETS), st.sampled_from(PriceKind), st.integers(1, 20)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("place"), markets, kinds, prices),
        st.tuples(st.just("replace"), st.integers(0, 30), prices),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
        st.tuples(st.just("move"), markets, kinds, prices),
    ),
    max_size=60,
)


def stop_order(stop_id: int, market: str, kind: PriceKind, trigger: int) -> StopOrder:
    return StopOrder(
        stop_id, "ann", market, Side.BUY, Kind.MARKET, Decimal(1), None, Decimal(trigger), price_kind=kind
    )


@given(steps)
def test_stop_orders_fire_exactly_when_the_oracle_says_so(steps: list[tuple[object, ...]]) -> None:
    fired: list[int] = []

    def activate(stop: StopOrder, _: int) -> bool:
        fired.append(stop.stop_id)
        return bool(stop.stop_id % 2)

    stops = StopOrders(activate, lambda _: None, lambda _market, _now: None)
    oracle = Oracle()
    for now_ms, step in enumerate(steps):
        live = list(stops.live["ann"].values())
        match step:
            case ("place", str(market), PriceKind() as kind, int(trigger)):
                stop = stop_order(stops.next_id(), market, kind, trigger)
                stops.place(stop, Decimal(oracle.last.get((market, kind), START)), now_ms)
                oracle.place(stop.stop_id, market, kind, trigger)
            case ("replace", int(place), int(trigger)) if live:
                old = live[place % len(live)]
                price = Decimal(oracle.last.get((old.market, old.price_kind), START))
                new = stops.replace(
                    old, quantity=None, limit=None, trigger_price=Decimal(trigger), price=price, now_ms=now_ms
                )
                assert new.stop_id > old.stop_id
                oracle.cancel(old.stop_id)
                oracle.place(new.stop_id, new.market, new.price_kind, trigger)
            case ("cancel", int(place)) if live:
                stops.cancel(live[place % len(live)], now_ms)
                oracle.cancel(live[place % len(live)].stop_id)
            case ("move", str(market), PriceKind() as kind, int(price)):
                fired.clear()
                stops.on_price(market, kind, Decimal(price), now_ms)
                assert fired == oracle.move(market, kind, price)
        assert set(stops.live["ann"]) == {one.number for one in oracle.waiting}
    for stop_id, stop in stops.fired["ann"].items():
        assert stop.status is (StopStatus.ACTIVE_SUCCESS if stop_id % 2 else StopStatus.ACTIVE_FAIL)
