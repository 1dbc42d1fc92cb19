"""Fees in the quote asset, held beforehand and paid by both sides; and the proof that finds what is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from tradewire.sandbox.engine import Refused
from tradewire.sandbox.ledger import DoesNotAddUp, Ledger, Shortfall
from tradewire.sandbox.order import FeeRates, Kind, Order, Side
from tradewire.sandbox.venues.truex.clearing import QuoteFeeMarket, fee_hold_of
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.venue import TrueXVenue

RATES = FeeRates(Decimal("0.0005"), Decimal("0.001"), Decimal("0.001"))


def made() -> tuple[Ledger, QuoteFeeMarket]:
    ledger = Ledger()
    for account in ("ann", "bob"):
        ledger.deposit(account, "BTC", Decimal(10))
        ledger.deposit(account, "PYUSD", Decimal(100_000))
    market = QuoteFeeMarket(
        "BTC-PYUSD", base="BTC", quote="PYUSD", lot=Decimal("0.0001"), ledger=ledger, observe=lambda _: None
    )
    return ledger, market


def order(number: int, account: str, side: Side, price: str, quantity: str, rates: FeeRates = RATES) -> Order:
    return Order(
        number, account, "BTC-PYUSD", side, Kind.LIMIT, Decimal(quantity), price=Decimal(price), rates=rates
    )


def test_a_buy_holds_its_fee_and_a_sale_does_not() -> None:
    ledger, market = made()
    buy, sale = order(1, "ann", Side.BUY, "100", "2"), order(2, "bob", Side.SELL, "110", "2")
    market.place(buy, 0)
    market.place(sale, 0)
    assert (fee_hold_of(buy), fee_hold_of(sale)) == (Decimal("0.2"), 0)
    assert ledger.balance("ann", "PYUSD").frozen == Decimal("200.2")
    assert ledger.balance("bob", "BTC").frozen == 2
    assert ledger.balance("bob", "PYUSD").frozen == 0


def test_both_pay_at_their_rate_and_the_rest_of_the_hold_comes_back() -> None:
    ledger, market = made()
    market.place(order(1, "bob", Side.SELL, "100", "2"), 0)
    buy = order(2, "ann", Side.BUY, "105", "3")
    market.place(buy, 0)
    # 200 at 0.1 % for the taker, at 0.05 % for the maker; one unit at 105 rests with its fee.
    assert ledger.fees["PYUSD"] == Decimal("0.3")
    assert ledger.balance("bob", "PYUSD").available == Decimal("100199.9")
    assert ledger.balance("ann", "PYUSD").frozen == Decimal("105.105") == buy.held
    assert ledger.balance("ann", "PYUSD").available == Decimal(100_000) - Decimal("200.2") - Decimal(
        "105.105"
    )
    assert (buy.quote_fee, buy.base_fee) == (Decimal("0.2"), 0)
    market.cancel(2, 0)
    assert ledger.balance("ann", "PYUSD").frozen == 0
    ledger.assert_adds_up()


def test_the_fee_counts_for_what_one_can_afford() -> None:
    _, market = made()
    with pytest.raises(Shortfall):
        market.place(order(1, "ann", Side.BUY, "100", "1000"), 0)
    market.place(order(2, "ann", Side.BUY, "100", "999"), 0)


def test_nothing_is_lost_over_random_orders_and_amendments() -> None:
    dice = random.Random(9)
    ledger, market = made()
    placed: list[Order] = []
    for number in range(1, 800):
        side = dice.choice(list(Side))
        held = FeeRates(RATES.maker, RATES.taker, Decimal(dice.choice(("0.001", "0.0123", "0.5"))))
        price, quantity = str(dice.randrange(90, 110)), f"{dice.randrange(1, 20000) / 10_000:.4f}"
        try:
            if dice.random() < 0.3 and placed:
                chosen = dice.choice(placed)
                market.amend(chosen.order_id, price=Decimal(price), quantity=Decimal(quantity), now_ms=0)
            elif dice.random() < 0.2 and placed:
                market.cancel(dice.choice(placed).order_id, 0)
            else:
                new = order(number, dice.choice(("ann", "bob")), side, price, quantity, held)
                placed.append(new)
                market.place(new, 0)
        except (Refused, Shortfall):
            pass
        for account in ("ann", "bob"):
            for asset in ("BTC", "PYUSD"):
                reasons = sum(
                    known.held
                    for known in placed
                    if known.account == account and market.paying_asset(known.side) == asset
                )
                assert ledger.balance(account, asset).frozen == reasons
        for known in market.engine.orders.values():
            assert known.price is not None
            wanted = known.remaining * (
                1 if known.side is Side.SELL else known.price * (1 + known.rates.hold)
            )
            assert known.held == wanted
    ledger.assert_adds_up()
    assert ledger.fees["PYUSD"] > 1
    assert ledger.fees["BTC"] == 0


def venue() -> TrueXVenue:
    return TrueXVenue(
        seed=7,
        rate_per_s=0,
        faults=TrueXVenue.faults_class(),
        now_ms=lambda: 0,
        options=TrueXOptions(instruments=("BTC-PYUSD",)),
    )


def steal_balance(of: TrueXVenue) -> None:
    of.core.ledger.balance(of.client_id, "BTC").available -= 1


def freeze_without_reason(of: TrueXVenue) -> None:
    of.core.ledger.hold(of.client_id, "BTC", Decimal(1))


def lose_a_fee(of: TrueXVenue) -> None:
    of.core.ledger.fees["PYUSD"] += 1
    of.core.ledger.deposits["PYUSD"] += 1


@pytest.mark.parametrize("wrong", [steal_balance, freeze_without_reason, lose_a_fee])
def test_the_proof_finds_what_is_wrong(wrong: Callable[[TrueXVenue], None]) -> None:
    opened = venue()
    opened.assert_adds_up()
    wrong(opened)
    with pytest.raises(DoesNotAddUp):
        opened.assert_adds_up()


def test_keys_are_the_same_for_the_same_seed_and_stay_out_of_sight() -> None:
    one, two = venue(), venue()
    assert (one.key_id, one.secret, one.client_id) == (two.key_id, two.secret, two.client_id)
    _, key = one.add_client("another")
    assert key.key_id != one.key_id
    assert key.secret not in repr(key)
    assert str(key.token_number) not in repr(key)
    with pytest.raises(ValueError, match="another"):
        one.add_client("another")


def test_options_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="default_version"):
        TrueXVenue(
            seed=7,
            rate_per_s=0,
            faults=TrueXVenue.faults_class(),
            now_ms=lambda: 0,
            options=TrueXOptions(default_version="v1"),
        )
