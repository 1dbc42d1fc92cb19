"""Random sessions of several traders on perpetuals: money adds up, positions do too, and results follow from deals."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tradewire.sandbox.engine import Refused
from tradewire.sandbox.exact import exactly
from tradewire.sandbox.ledger import Ledger, Shortfall
from tradewire.sandbox.order import Kind, Side
from tradewire.sandbox.venues.coinex.futures.adjusting import Adjusting
from tradewire.sandbox.venues.coinex.futures.core import FuturesCore
from tradewire.sandbox.venues.coinex.futures.funding import Funding
from tradewire.sandbox.venues.coinex.futures.liquidation import Liquidations
from tradewire.sandbox.venues.coinex.futures.margins import INSURANCE, SETTLE, Setting
from tradewire.sandbox.venues.coinex.futures.markets import futures_rules
from tradewire.sandbox.venues.coinex.futures.positions import MarginMode, Purpose
from tradewire.sandbox.venues.coinex.futures.protection import Protection
from tradewire.sandbox.venues.coinex.stops import PriceKind, StopOrder
from tradewire.sandbox.venues.coinex.wallets import futures_wallet

TRADERS = ("ann", "bob", "cy")
HOUSE = "house"
MARKETS = ("BTCUSDT", "SOLUSDT")
START = {"BTCUSDT": Decimal(60000), "SOLUSDT": Decimal(140)}
STEP = {"BTCUSDT": Decimal(150), "SOLUSDT": Decimal("0.357")}
LOT = {"BTCUSDT": Decimal("0.0137"), "SOLUSDT": Decimal("7.13")}
ZERO = Decimal(0)
DEPOSIT = Decimal(20000)
HOUSE_DEPOSIT = Decimal(10) ** 12

traders = st.sampled_from(TRADERS)
steps = st.integers(-30, 30)
kinds = st.sampled_from(list(PriceKind))
orders = st.tuples(
    st.just("order"),
    st.sampled_from([*TRADERS, HOUSE]),
    st.sampled_from(MARKETS),
    st.sampled_from(list(Side)),
    st.sampled_from(list(Kind)),
    st.integers(1, 30),
    st.integers(-20, 20),
)
others = st.one_of(
    st.tuples(st.just("index"), st.sampled_from(MARKETS), st.integers(-120, 120)),
    st.tuples(st.just("amend"), st.sampled_from([*TRADERS, HOUSE]), st.integers(1, 30), st.integers(-20, 20)),
    st.tuples(st.just("cancel"), st.sampled_from([*TRADERS, HOUSE])),
    st.tuples(st.just("funding")),
    st.tuples(st.just("stop"), traders, st.sampled_from(MARKETS), st.sampled_from(list(Side)), steps, kinds),
    st.tuples(st.just("guard"), traders, st.sampled_from(MARKETS), st.booleans(), steps, st.booleans()),
    st.tuples(st.just("close"), traders, st.sampled_from(MARKETS), st.integers(1, 20), steps),
    st.tuples(st.just("margin"), traders, st.sampled_from(MARKETS), st.integers(-2000, 2000)),
    st.tuples(
        st.just("setting"),
        st.sampled_from(TRADERS),
        st.sampled_from(MARKETS),
        st.sampled_from(list(MarginMode)),
        st.sampled_from([1, 3, 10, 50]),
    ),
)
sessions = st.lists(st.one_of(orders, orders, others), min_size=10, max_size=60)


class Session:
    """A futures market of two houses and three traders, without a spot market."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.spot = dict(START)
        self.now_ms = 1_000_000
        houses = {HOUSE, INSURANCE}
        self.core = FuturesCore(
            self.ledger,
            futures_rules(MARKETS),
            spot_price=lambda name: self.spot[name],
            is_house=houses.__contains__,
        )
        self.liquidations = Liquidations(self.core, houses.__contains__)
        self.settlements = Funding(self.core, 3600)
        self.protection = Protection(self.core)
        self.adjusting = Adjusting(self.core, self.liquidations)
        for house in houses:
            self.ledger.deposit(futures_wallet(house), SETTLE, HOUSE_DEPOSIT)
        for trader in TRADERS:
            self.ledger.deposit(futures_wallet(trader), SETTLE, DEPOSIT)
        for market in MARKETS:
            for distance in range(1, 8):
                for side in Side:
                    self.order(
                        HOUSE, market, side, Kind.LIMIT, 9, -distance if side is Side.BUY else distance
                    )

    def play(self, step: tuple[Any, ...]) -> None:
        self.now_ms += 700
        try:
            getattr(self, step[0])(*step[1:])
        except (Refused, Shortfall):
            pass

    def order(self, account: str, market: str, side: Side, kind: Kind, lots: int, steps: int) -> None:
        price = None if kind is Kind.MARKET else START[market] + STEP[market] * steps
        order = self.core.new_order(
            account, market, side, LOT[market] * lots, price=price, kind=kind, closes_only=False
        )
        self.core.place(order, self.now_ms)

    def amend(self, account: str, lots: int, steps: int) -> None:
        for order in list(self.core.live[account].values())[:1]:
            price = START[order.market] + STEP[order.market] * steps
            self.core.amend(
                order.market,
                order.order_id,
                price=price,
                quantity=LOT[order.market] * lots,
                now_ms=self.now_ms,
            )

    def cancel(self, account: str) -> None:
        for order in list(self.core.live[account].values())[:1]:
            self.core.cancel(order.market, order.order_id, self.now_ms)

    def index(self, market: str, steps: int) -> None:
        self.core.prices[market].force(START[market] + STEP[market] * steps)
        self.core.settle_down(self.now_ms)

    def funding(self) -> None:
        self.settlements.settle(self.now_ms)

    def setting(self, account: str, market: str, mode: MarginMode, leverage: int) -> None:
        self.adjusting.set(account, market, Setting(mode, leverage), self.now_ms)

    def margin(self, account: str, market: str, amount: int) -> None:
        if (position := self.core.positions.open_position(account, market)) is not None:
            self.adjusting.add_margin(position, Decimal(amount), self.now_ms)

    def stop(self, account: str, market: str, side: Side, steps_away: int, kind: PriceKind) -> None:
        stop = StopOrder(
            stop_id=self.core.stops.next_id(),
            account=account,
            market=market,
            side=side,
            kind=Kind.MARKET,
            quantity=LOT[market] * 3,
            price=None,
            trigger_price=START[market] + STEP[market] * steps_away,
            price_kind=kind,
        )
        self.core.stops.place(stop, self.core.price(market, kind), self.now_ms)

    def guard(self, account: str, market: str, wins: bool, steps_away: int, is_part: bool) -> None:
        if (position := self.core.positions.open_position(account, market)) is not None:
            purpose = Purpose.TAKE_PROFIT if wins else Purpose.STOP_LOSS
            price, part = START[market] + STEP[market] * steps_away, LOT[market] if is_part else None
            self.protection.set(position, purpose, PriceKind.MARK, price, part, self.now_ms)

    def close(self, account: str, market: str, lots: int, steps_away: int) -> None:
        if (position := self.core.positions.open_position(account, market)) is not None:
            size = min(LOT[market] * lots, self.core.closable(position))
            side = Side.SELL if position.is_long else Side.BUY
            price = START[market] + STEP[market] * steps_away
            if size:
                order = self.core.new_order(account, market, side, size, price=price, kind=Kind.LIMIT)
                self.core.place(order, self.now_ms)


@exactly
def check(session: Session) -> None:
    core = session.core
    session.ledger.assert_adds_up()
    for market in MARKETS:
        sizes = [held[market].size for held in core.margins.positions.values() if market in held]
        assert sum(sizes, ZERO) == 0
        assert all(sizes)
    for account in TRADERS:
        assert core.margins.usable(account) >= 0
        for position in core.margins.positions[account].values():
            assert (
                core.margins.pnl(position) + core.margins.own_margin(position) > 0
                or position.mode is MarginMode.CROSS
            )


@exactly
def check_results(session: Session) -> None:
    """Recompute sizes and results of every account and market from the deals alone."""
    core = session.core
    sizes: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    cash: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    fees: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for account, deals in core.user_deals.items():
        for trade, order in deals:
            sign = 1 if order.side is Side.BUY else -1
            sizes[account, trade.market] += sign * trade.quantity
            cash[account, trade.market] -= sign * trade.quantity * trade.price
            fees[account, trade.market] += trade.maker_fee if order is trade.maker else trade.taker_fee
    for (account, market), flow in cash.items():
        done = [one for one in core.positions.finished[account] if one.market == market]
        held = core.margins.positions[account].get(market)
        every = [*done, held] if held is not None else done
        assert sum((one.traded_pnl - one.cost for one in every), ZERO) == flow
        assert sum((one.fees for one in every), ZERO) == fees[account, market]
        assert (held.size if held is not None else 0) == sizes[account, market]
    # What traders have besides their deposits and results came from the insurance account, and nobody else is in it.
    extra = {
        account: wealth(session, account) - results(session, account)
        for account in (*TRADERS, HOUSE, INSURANCE)
    }
    assert extra[HOUSE] == 0
    assert sum((extra[account] for account in TRADERS), ZERO) == -extra[INSURANCE]


def wealth(session: Session, account: str) -> Decimal:
    """Return what an account has more than was brought in."""
    margins = session.core.margins
    isolated = sum((margins.own_margin(one) for one in margins.of_mode(account, MarginMode.ISOLATED)), ZERO)
    return margins.owned(account) + isolated - (DEPOSIT if account in TRADERS else HOUSE_DEPOSIT)


def results(session: Session, account: str) -> Decimal:
    """Return what all positions of an account have brought, after fees and funding."""
    core = session.core
    every = [*core.positions.finished[account], *core.margins.positions[account].values()]
    return sum((one.realized_pnl for one in every), ZERO)


@settings(max_examples=60)
@given(sessions)
def test_money_and_positions_add_up_and_results_follow_from_the_deals(steps: list[tuple[Any, ...]]) -> None:
    session = Session()
    for step in steps:
        session.play(step)
        check(session)
    check_results(session)


@settings(max_examples=30)
@given(sessions, st.lists(st.sampled_from([-240, 240, -120, 120]), min_size=2, max_size=4))
def test_crashes_leave_no_wallet_below_zero_and_no_position_below_its_maintenance(
    steps: list[tuple[Any, ...]], crashes: list[int]
) -> None:
    session = Session()
    for step in steps:
        session.play(step)
    for steps_away in crashes:
        for market in MARKETS:
            session.play(("index", market, steps_away))
            check(session)
            for account in TRADERS:
                held = session.core.margins.of_mode(account, MarginMode.CROSS)
                needed = sum((session.liquidations.maintenance(one) for one in held), ZERO)
                worth = session.core.margins.owned(account) + session.core.margins.cross_pnl(account)
                assert not held or worth > needed
    check_results(session)
