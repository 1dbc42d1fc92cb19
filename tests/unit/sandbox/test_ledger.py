from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.clearing import SpotMarket
from tradewire.sandbox.engine import WouldTake
from tradewire.sandbox.ledger import Balance, DoesNotAddUp, Ledger, Shortfall
from tradewire.sandbox.order import FeeRates, Kind, Order, Side

RATES = FeeRates(maker=Decimal("0.001"), taker=Decimal("0.002"))


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger()
    for account in ("ann", "bob"):
        ledger.deposit(account, "BTC", Decimal(10))
        ledger.deposit(account, "USDT", Decimal(1000))
    return ledger


@pytest.fixture
def market(ledger: Ledger) -> SpotMarket:
    return SpotMarket(
        "BTCUSDT", base="BTC", quote="USDT", lot=Decimal("0.001"), ledger=ledger, observe=lambda _: None
    )


def order(
    order_id: int, account: str, side: Side, price: str | None, quantity: str, kind: Kind = Kind.LIMIT
) -> Order:
    limit = None if price is None else Decimal(price)
    return Order(order_id, account, "BTCUSDT", side, kind, Decimal(quantity), price=limit, rates=RATES)


def held(ledger: Ledger, account: str, asset: str) -> tuple[object, object]:
    balance = ledger.balance(account, asset)
    return balance.available, balance.frozen


def test_hold_release_and_pay_move_money_and_nothing_else(ledger: Ledger) -> None:
    ledger.hold("ann", "USDT", Decimal(300))
    ledger.release("ann", "USDT", Decimal(100))
    ledger.pay("ann", "bob", "USDT", Decimal(50), fee=Decimal("0.5"))
    assert held(ledger, "ann", "USDT") == (800, 150)
    assert held(ledger, "bob", "USDT") == (Decimal("1049.5"), 0)
    assert ledger.fees["USDT"] == Decimal("0.5")
    ledger.assert_adds_up()


def test_move_takes_what_is_available_and_nothing_that_is_frozen(ledger: Ledger) -> None:
    ledger.hold("ann", "USDT", Decimal(300))
    ledger.move("ann", "ann/futures", "USDT", Decimal(700))
    assert held(ledger, "ann", "USDT") == (0, 300)
    assert held(ledger, "ann/futures", "USDT") == (700, 0)
    with pytest.raises(Shortfall):
        ledger.move("ann", "ann/futures", "USDT", Decimal(1))
    with pytest.raises(ValueError, match="at least zero"):
        ledger.move("ann/futures", "ann", "USDT", Decimal(-1))
    assert held(ledger, "ann", "USDT") == (0, 300)
    ledger.assert_adds_up()


def test_withdrawals_leave_the_venue_and_still_add_up(ledger: Ledger) -> None:
    ledger.hold("ann", "USDT", Decimal(300))
    ledger.withdraw("ann", "USDT", Decimal("120.5"))
    assert held(ledger, "ann", "USDT") == (700, Decimal("179.5"))
    ledger.assert_adds_up()
    with pytest.raises(Shortfall):
        ledger.withdraw("ann", "USDT", Decimal(180))
    ledger.withdrawals["USDT"] -= 1
    with pytest.raises(DoesNotAddUp, match=r"119\.5 withdrawn"):
        ledger.assert_adds_up()


def test_refuses_what_is_not_there(ledger: Ledger) -> None:
    with pytest.raises(Shortfall):
        ledger.hold("ann", "USDT", Decimal("1000.00000001"))
    with pytest.raises(Shortfall):
        ledger.release("ann", "USDT", Decimal(1))
    with pytest.raises(Shortfall):
        ledger.pay("ann", "bob", "USDT", Decimal(1), fee=Decimal(0))
    with pytest.raises(ValueError, match="at least zero"):
        ledger.hold("ann", "USDT", Decimal(-1))
    assert held(ledger, "ann", "USDT") == (1000, 0)


@pytest.mark.parametrize("tampered", [Balance(Decimal(11)), Balance(Decimal(-1), Decimal(11))])
def test_notices_when_money_appears(ledger: Ledger, tampered: Balance) -> None:
    ledger.accounts["ann"]["BTC"] = tampered
    with pytest.raises(DoesNotAddUp):
        ledger.assert_adds_up()


def test_a_buy_freezes_its_limit_and_gets_the_better_price_back(ledger: Ledger, market: SpotMarket) -> None:
    market.place(order(1, "bob", Side.SELL, "90", "2"), 1)
    market.place(order(2, "ann", Side.BUY, "100", "3"), 2)
    assert held(ledger, "ann", "USDT") == (Decimal(1000) - 180 - 100, 100)
    assert held(ledger, "ann", "BTC") == (Decimal(10) + Decimal(2) * Decimal("0.998"), 0)
    assert held(ledger, "bob", "USDT") == (Decimal(1000) + Decimal(180) * Decimal("0.999"), 0)
    assert ledger.fees == {"BTC": Decimal("0.004"), "USDT": Decimal("0.18")}
    market.cancel(2, 3)
    assert held(ledger, "ann", "USDT") == (820, 0)
    ledger.assert_adds_up()


def test_a_market_buy_in_base_freezes_what_the_book_costs(ledger: Ledger, market: SpotMarket) -> None:
    market.place(order(1, "bob", Side.SELL, "90", "2"), 1)
    market.place(order(2, "bob", Side.SELL, "300", "5"), 1)
    with pytest.raises(Shortfall):
        market.place(order(3, "ann", Side.BUY, None, "5", Kind.MARKET), 2)
    market.place(order(4, "ann", Side.BUY, None, "4", Kind.MARKET), 2)
    assert held(ledger, "ann", "USDT") == (220, 0)
    ledger.assert_adds_up()


def test_a_refused_order_freezes_nothing(ledger: Ledger, market: SpotMarket) -> None:
    market.place(order(1, "bob", Side.SELL, "90", "2"), 1)
    with pytest.raises(WouldTake):
        market.place(order(2, "ann", Side.BUY, "90", "1", Kind.POST_ONLY), 2)
    with pytest.raises(Shortfall):
        market.place(order(3, "ann", Side.BUY, "90", "12"), 2)
    assert held(ledger, "ann", "USDT") == (1000, 0)


def test_amend_moves_the_hold_with_the_order(ledger: Ledger, market: SpotMarket) -> None:
    market.place(order(1, "ann", Side.BUY, "100", "2"), 1)
    market.amend(1, price=Decimal(110), quantity=None, now_ms=2)
    assert held(ledger, "ann", "USDT") == (780, 220)
    market.amend(1, price=Decimal(50), quantity=Decimal(1), now_ms=3)
    assert held(ledger, "ann", "USDT") == (950, 50)
    with pytest.raises(Shortfall):
        market.amend(1, price=None, quantity=Decimal(21), now_ms=4)
    assert held(ledger, "ann", "USDT") == (950, 50)


def test_an_amend_that_trades_settles_exactly(ledger: Ledger, market: SpotMarket) -> None:
    market.place(order(1, "bob", Side.SELL, "90", "1"), 1)
    market.place(order(2, "ann", Side.BUY, "80", "5"), 2)
    market.amend(2, price=Decimal(95), quantity=Decimal(3), now_ms=3)
    assert held(ledger, "ann", "USDT") == (Decimal(1000) - 90 - 190, 190)
    ledger.assert_adds_up()
