"""Random orders and stop orders in the spot core: stops fire by the trades that happen, and no money is made up.

The oracle looks at nothing but the trades as they were told: a stop order fires at the first trade after it came whose
price has come from the side it waits for, also if that trade was made by another stop order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tradewire.sandbox.engine import Refused
from tradewire.sandbox.ledger import Shortfall
from tradewire.sandbox.order import Event, Kind, Order, Side, Traded
from tradewire.sandbox.venues.coinex.core import FEE_RATES, ExchangeCore
from tradewire.sandbox.venues.coinex.stops import PriceKind, StopOrder, StopStatus

MARKET = "BTCUSDT"
ACCOUNTS = ("ann", "bob/margin/BTCUSDT")
START = 61_000


@dataclass
class Witness:
    """Hears what the core tells, in order."""

    prices: list[int] = field(default_factory=list)
    fired: list[tuple[int, StopStatus]] = field(default_factory=list)

    def on_event(self, event: Event) -> None:
        if isinstance(event, Traded):
            self.prices.append(int(event.trade.price))

    def on_stop(self, stop: StopOrder) -> None:
        if stop.status in {StopStatus.ACTIVE_SUCCESS, StopStatus.ACTIVE_FAIL}:
            self.fired.append((stop.stop_id, stop.status))


@dataclass
class Waiting:
    """A stop order as the oracle knows it."""

    stop_id: int
    trigger: int
    upwards: bool
    since: int
    """Trades that had happened when it came."""


def due(waiting: list[Waiting], prices: list[int]) -> set[int]:
    return {
        one.stop_id
        for one in waiting
        if any(price >= one.trigger if one.upwards else price <= one.trigger for price in prices[one.since :])
    }


accounts, sides = st.sampled_from(ACCOUNTS), st.sampled_from(Side)
prices, sizes = st.integers(START - 5, START + 5), st.integers(1, 4)
steps = st.lists(
    st.tuples(st.booleans(), accounts, sides, prices, sizes, prices, st.sampled_from(PriceKind)), max_size=40
)


@given(steps)
def test_stops_fire_by_the_trades_that_happen(
    steps: list[tuple[bool, str, Side, int, int, int, PriceKind]],
) -> None:
    core = ExchangeCore([MARKET])
    witness = Witness()
    core.listen(witness.on_event, lambda _market, _now: None, witness.on_stop)
    for account in ACCOUNTS:
        core.ledger.deposit(account, "USDT", Decimal(500_000))
        core.ledger.deposit(account, "BTC", Decimal(8))
    waiting: list[Waiting] = []
    for now_ms, (is_stop, account, side, price, size, trigger, kind) in enumerate(steps):
        if is_stop:
            stop = StopOrder(
                core.stops.next_id(), account, MARKET, side, Kind.LIMIT, Decimal(size), Decimal(price),
                Decimal(trigger), kind,
            )  # fmt: skip
            last = witness.prices[-1] if witness.prices else START
            core.stops.place(stop, core.last_price(MARKET), now_ms)
            waiting.append(Waiting(stop.stop_id, trigger, trigger >= last, len(witness.prices)))
        else:
            order = Order(
                core.next_order_id(), account, MARKET, side, Kind.LIMIT, Decimal(size), Decimal(price),
                rates=FEE_RATES,
            )  # fmt: skip
            try:
                core.place(order, now_ms)
            except (Refused, Shortfall):
                continue
        assert {stop_id for stop_id, _ in witness.fired} == due(waiting, witness.prices)
        core.ledger.assert_adds_up()
    fired = [stop_id for stop_id, _ in witness.fired]
    assert len(fired) == len(set(fired))
    for account in ACCOUNTS:
        assert all(stop_id not in fired for stop_id in core.stops.live[account])
