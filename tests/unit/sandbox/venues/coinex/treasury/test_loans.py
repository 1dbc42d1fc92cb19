from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.venues.coinex.codes import Refusal
from tradewire.sandbox.venues.coinex.treasury.books import INTEREST
from tradewire.sandbox.venues.coinex.treasury.loans import HOUR_MS, TERM_MS, Loan
from tradewire.sandbox.venues.coinex.venue import CoinExVenue

NOW_MS = 1_763_640_000_000
WALLET = "trader/margin/BTCUSDT"


def borrow(venue: CoinExVenue, amount: int, *, renews: bool = False, own: int = 1000) -> Loan:
    treasury = venue.core.treasury
    treasury.transfers.make("trader", "SPOT", "MARGIN", "USDT", Decimal(own), "BTCUSDT", NOW_MS)
    return treasury.loans.borrow("trader", "BTCUSDT", "USDT", Decimal(amount), renews, NOW_MS)


def available(venue: CoinExVenue, wallet: str = WALLET) -> Decimal:
    return venue.core.ledger.balance(wallet, "USDT").available


@pytest.mark.parametrize(("hours", "charged"), [(0, 1), (0.99, 1), (1, 2), (23.5, 24), (24, 25)])
def test_each_hour_that_has_begun_is_charged(venue: CoinExVenue, hours: float, charged: int) -> None:
    loan = borrow(venue, 1000)
    venue.core.treasury.loans.advance(NOW_MS + int(hours * HOUR_MS))
    assert loan.interest == Decimal("0.1") * charged
    venue.core.treasury.loans.advance(NOW_MS + int(hours * HOUR_MS))
    assert loan.interest == Decimal("0.1") * charged


def test_loan_that_renews_goes_on(venue: CoinExVenue) -> None:
    loan = borrow(venue, 1000, renews=True)
    venue.core.treasury.loans.advance(NOW_MS + 2 * TERM_MS)
    assert (loan.status, loan.expires_ms) == ("loan", NOW_MS + 3 * TERM_MS)
    assert available(venue) == 2000


def test_loan_that_expires_is_collected(venue: CoinExVenue) -> None:
    loan = borrow(venue, 1000)
    venue.core.treasury.loans.advance(NOW_MS + TERM_MS)
    interest = Decimal("0.1") * (TERM_MS // HOUR_MS + 1)
    assert (loan.status, loan.owed) == ("finish", 0)
    assert available(venue) == 1000 - interest
    assert available(venue, INTEREST) == interest
    venue.core.ledger.assert_adds_up()


def test_loan_that_cannot_be_collected_is_a_debt_until_there_is_money(venue: CoinExVenue) -> None:
    loan = borrow(venue, 1000)
    venue.core.ledger.hold(WALLET, "USDT", Decimal(1500))
    venue.core.treasury.loans.advance(NOW_MS + TERM_MS)
    assert loan.status == "debt"
    assert available(venue) == 0
    venue.core.ledger.release(WALLET, "USDT", Decimal(1500))
    venue.core.treasury.loans.advance(NOW_MS + TERM_MS)
    assert loan.status == "finish"


def test_interest_is_paid_first_and_the_oldest_loan_first(venue: CoinExVenue) -> None:
    first = borrow(venue, 100)
    second = borrow(venue, 100)
    loans = venue.core.treasury.loans
    loans.repay("trader", "BTCUSDT", "USDT", Decimal("100.005"), 0, NOW_MS)
    assert (first.interest, first.principal) == (0, Decimal("0.005"))
    loans.repay("trader", "BTCUSDT", "USDT", Decimal(5), second.loan_id, NOW_MS)
    assert (second.interest, second.principal) == (0, Decimal("95.01"))


def test_no_more_is_repaid_than_is_owed(venue: CoinExVenue) -> None:
    loan = borrow(venue, 100)
    venue.core.treasury.loans.repay("trader", "BTCUSDT", "USDT", Decimal(1000), 0, NOW_MS)
    assert loan.status == "finish"
    assert available(venue) == Decimal("999.99")


def test_account_below_its_risk_rate_is_taken_over_and_paid_out_what_is_left(venue: CoinExVenue) -> None:
    loans = venue.core.treasury.loans
    loan = borrow(venue, 4000, renews=True)
    # 1000 of its own less 0.4 an hour: it is worth less than 1.1 times its loan once some 450 are left.
    hours = 1400
    loans.advance(NOW_MS + hours * HOUR_MS)
    assert (loan.status, loan.owed) == ("liquidated", 0)
    assert available(venue) == 1000 - Decimal("0.4") * (hours + 1)
    assert loans.risk("trader", "BTCUSDT") is None
    venue.core.ledger.assert_adds_up()


def test_liquidation_price_is_where_the_risk_rate_is_the_least(venue: CoinExVenue) -> None:
    treasury = venue.core.treasury
    treasury.transfers.make("trader", "SPOT", "MARGIN", "BTC", Decimal("0.1"), "BTCUSDT", NOW_MS)
    treasury.loans.borrow("trader", "BTCUSDT", "USDT", Decimal(3000), False, NOW_MS)
    venue.core.ledger.move(WALLET, "somewhere", "USDT", Decimal(3000))
    # 0.1 BTC against 3000.3 USDT.
    assert treasury.loans.liquidation_price("trader", "BTCUSDT") == Decimal("33003.3")


def test_other_assets_than_the_markets_own_are_not_lent(venue: CoinExVenue) -> None:
    with pytest.raises(Refusal, match="holds BTC and USDT"):
        venue.core.treasury.loans.borrow("trader", "BTCUSDT", "ETH", Decimal(1), False, NOW_MS)
