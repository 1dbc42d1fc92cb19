"""One market with a house and two traders: what is frozen, who pays, and what happens by itself."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.exact import exactly
from tradewire.sandbox.ledger import Ledger, Shortfall
from tradewire.sandbox.order import Kind, Side
from tradewire.sandbox.venues.coinex.core import PositionTooLarge
from tradewire.sandbox.venues.coinex.futures.core import FuturesCore
from tradewire.sandbox.venues.coinex.futures.funding import Funding
from tradewire.sandbox.venues.coinex.futures.liquidation import Liquidations
from tradewire.sandbox.venues.coinex.futures.margins import INSURANCE, SETTLE, Setting
from tradewire.sandbox.venues.coinex.futures.markets import futures_rules
from tradewire.sandbox.venues.coinex.futures.positions import FuturesOrder, MarginMode, Position
from tradewire.sandbox.venues.coinex.wallets import futures_wallet

BTC = "BTCUSDT"
HOUSES = frozenset({"house", INSURANCE})


class Floor:
    """The market, with a house that trades at any price."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.core = FuturesCore(
            self.ledger,
            futures_rules([BTC]),
            spot_price=lambda _: Decimal(1000),
            is_house=HOUSES.__contains__,
        )
        self.liquidations = Liquidations(self.core, HOUSES.__contains__)
        self.funding = Funding(self.core, 3600)
        for name, amount in (("house", 10**9), (INSURANCE, 10**9), ("ann", 1000), ("bob", 1000)):
            self.ledger.deposit(futures_wallet(name), SETTLE, Decimal(amount))

    def order(
        self, account: str, side: Side, size: str, price: str | None, kind: Kind = Kind.LIMIT
    ) -> FuturesOrder:
        order = self.core.new_order(
            account,
            BTC,
            side,
            Decimal(size),
            price=None if price is None else Decimal(price),
            kind=kind,
            closes_only=False,
        )
        self.core.place(order, 1000)
        return order

    def trade(self, account: str, side: Side, size: str, price: str) -> None:
        """Trade with the house."""
        self.order("house", side.opposite, size, price)
        self.order(account, side, size, price)

    def margin(self, mode: MarginMode, leverage: int) -> None:
        self.core.margins.settings["ann", BTC] = Setting(mode, leverage)

    def index(self, price: int) -> None:
        self.core.prices[BTC].force(Decimal(price))
        self.core.settle_down(1000)
        self.ledger.assert_adds_up()

    @property
    def position(self) -> Position:
        found = self.core.positions.open_position("ann", BTC)
        assert found is not None
        return found

    @exactly
    def frozen(self, account: str = "ann") -> Decimal:
        return self.ledger.balance(futures_wallet(account), SETTLE).frozen


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_an_order_freezes_margin_and_fee(floor: Floor) -> None:
    floor.margin(MarginMode.CROSS, 10)
    floor.order("ann", Side.BUY, "1", "1000")
    assert floor.frozen() == 100 + Decimal("0.5")


def test_orders_that_reduce_freeze_their_fee_only(floor: Floor) -> None:
    floor.margin(MarginMode.CROSS, 10)
    floor.trade("ann", Side.BUY, "2", "1000")
    assert floor.frozen() == 200
    floor.order("ann", Side.SELL, "1.5", "1100")
    assert floor.frozen() == 200 + Decimal("0.825")
    # Of the next one, half a coin reduces and half a coin would open a short.
    floor.order("ann", Side.SELL, "1", "1200")
    assert floor.frozen() == 200 + Decimal("0.825") + 60 + Decimal("0.6")


def test_what_the_wallet_does_not_cover_is_refused_and_changes_nothing(floor: Floor) -> None:
    floor.margin(MarginMode.CROSS, 10)
    with pytest.raises(Shortfall):
        floor.order("ann", Side.BUY, "10", "1000")
    floor.margin(MarginMode.CROSS, 100)
    with pytest.raises(PositionTooLarge):
        floor.order("ann", Side.BUY, "21", "100")
    assert floor.frozen() == 0


def test_open_losses_are_as_good_as_spent(floor: Floor) -> None:
    floor.margin(MarginMode.CROSS, 10)
    floor.trade("ann", Side.BUY, "2", "1000")
    floor.index(700)
    assert floor.core.margins.usable("ann") == 1000 - 200 - 1 - 600
    with pytest.raises(Shortfall):
        floor.order("ann", Side.BUY, "3", "700")


def test_orders_that_lost_their_cover_are_cancelled_newest_first(floor: Floor) -> None:
    floor.margin(MarginMode.CROSS, 10)
    floor.trade("ann", Side.BUY, "5", "1000")
    floor.order("house", Side.BUY, "5", "900")
    first = floor.order("ann", Side.SELL, "4", "1100")
    newest = floor.order("ann", Side.BUY, "3", "890")
    # Without the position the first order opens a short, and what the loss has left pays for that one alone.
    floor.core.place(floor.core.new_order("ann", BTC, Side.SELL, Decimal(5)), 1000)
    assert floor.core.positions.open_position("ann", BTC) is None
    assert list(floor.core.live["ann"]) == [first.order_id]
    assert newest.remaining == 3
    assert floor.frozen() == 440 + Decimal("2.2")
    floor.ledger.assert_adds_up()


def test_an_isolated_position_loses_its_margin_and_no_more(floor: Floor) -> None:
    floor.margin(MarginMode.ISOLATED, 10)
    floor.trade("ann", Side.BUY, "5", "1000")
    assert floor.core.margins.own_margin(floor.position) == 500
    assert floor.liquidations.bankruptcy_price(floor.position) == 900
    # 5 p - 5000 + 500 = 0.005 * 5 p
    assert floor.liquidations.liquidation_price(floor.position) == Decimal("904.5")
    floor.index(905)
    assert floor.position.size == 5
    floor.index(880)
    assert floor.core.positions.open_position("ann", BTC) is None
    assert floor.core.margins.owned("ann") == 1000 - Decimal("2.5") - 500
    insured = floor.core.positions.open_position(INSURANCE, BTC)
    assert insured is not None
    assert (insured.size, insured.average_price) == (5, 900)
    assert floor.core.positions.finished["ann"][0].finished_type == "liq"


def test_a_cross_position_has_the_whole_wallet_behind_it(floor: Floor) -> None:
    floor.margin(MarginMode.CROSS, 10)
    floor.trade("ann", Side.SELL, "5", "1000")
    wallet = 1000 - Decimal("2.5")
    assert floor.liquidations.bankruptcy_price(floor.position) == Decimal("1199.5")
    floor.index(1190)
    assert floor.position.size == -5
    # The book is better than the bankruptcy price: what is left after the maintenance margin stays.
    floor.order("house", Side.SELL, "5", "1150")
    floor.index(1198)
    assert floor.core.positions.open_position("ann", BTC) is None
    assert floor.core.margins.owned("ann") == wallet - 750 - Decimal("0.005") * 5 * 1198


def test_liquidations_leave_other_isolated_positions_alone(floor: Floor) -> None:
    floor.margin(MarginMode.ISOLATED, 10)
    floor.trade("ann", Side.BUY, "5", "1000")
    floor.trade("bob", Side.SELL, "1", "1000")
    floor.index(880)
    assert floor.core.positions.open_position("bob", BTC) is not None


def test_funding_is_due_at_whole_intervals_and_missed_ones_are_left_out(floor: Floor) -> None:
    floor.trade("ann", Side.BUY, "1", "1000")
    assert floor.funding.next_ms == 3_600_000
    floor.core.settle_down(3_599_999)
    assert not floor.funding.rates[BTC]
    floor.core.settle_down(9_000_000)
    assert [one.at_ms for one in floor.funding.rates[BTC]] == [9_000_000]
    assert floor.funding.next_ms == 10_800_000
    floor.ledger.assert_adds_up()


def test_funding_never_leaves_a_wallet_below_zero(floor: Floor) -> None:
    floor.margin(MarginMode.CROSS, 100)
    floor.trade("ann", Side.BUY, "1", "1000")
    floor.order("house", Side.BUY, "1", "1040")
    floor.order("house", Side.SELL, "1", "1050")
    for hour in range(1, 9):
        floor.core.settle_down(hour * 3_600_000)
    paid = [one.value for one in floor.funding.payments["ann"]]
    assert paid
    assert all(value < 0 for value in paid)
    assert sum(paid) == floor.position.funding
    floor.ledger.assert_adds_up()
