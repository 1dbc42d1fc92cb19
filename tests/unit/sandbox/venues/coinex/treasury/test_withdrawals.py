from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.venues.coinex.codes import Refusal
from tradewire.sandbox.venues.coinex.treasury.books import FEES
from tradewire.sandbox.venues.coinex.treasury.deposits import ON_CHAIN
from tradewire.sandbox.venues.coinex.treasury.withdrawals import Wish, Withdrawal
from tradewire.sandbox.venues.coinex.venue import CoinExVenue

NOW_MS = 1_763_640_000_000
S_MS = 1000


def ask(venue: CoinExVenue, **changes: str) -> Withdrawal:
    terms = {"method": ON_CHAIN, "asset": "BTC", "amount": "1", "address": "bc1q", "chain": "BTC"} | changes
    wish = Wish(**{**terms, "amount": Decimal(terms["amount"])})  # type: ignore[arg-type]  # the table is of texts
    return venue.core.treasury.withdrawals.ask("trader", wish, NOW_MS)


def held(venue: CoinExVenue, asset: str, account: str = "trader") -> tuple[Decimal, Decimal]:
    balance = venue.core.ledger.balance(account, asset)
    return balance.available, balance.frozen


def test_states_last_a_second_each_even_if_nobody_looked(venue: CoinExVenue) -> None:
    one, withdrawals = ask(venue), venue.core.treasury.withdrawals
    withdrawals.advance(NOW_MS + 2500)
    assert (one.status, one.since_ms) == ("audited", NOW_MS + 2000)
    withdrawals.advance(NOW_MS + 100_000)
    assert (one.status, one.since_ms, one.confirmations) == ("finished", NOW_MS + 5000, 2)
    assert held(venue, "BTC") == (19, 0)
    venue.core.ledger.assert_adds_up()


def test_fee_in_another_asset_is_paid_besides(venue: CoinExVenue) -> None:
    one = ask(venue, fee_asset="CET")
    assert (one.actual, one.fee, one.fee_asset) == (1, 20, "CET")
    assert held(venue, "CET") == (14_999_980, 20)
    venue.core.treasury.withdrawals.advance(NOW_MS + 100_000)
    assert held(venue, "CET") == (14_999_980, 0)
    assert held(venue, "CET", FEES) == (20, 0)
    venue.core.ledger.assert_adds_up()


def test_nothing_is_frozen_when_the_fee_cannot_be_paid(venue: CoinExVenue) -> None:
    venue.core.ledger.move("trader", "elsewhere", "CET", Decimal(15_000_000))
    with pytest.raises(Refusal, match="not enough"):
        ask(venue, fee_asset="CET")
    assert held(venue, "BTC") == (20, 0)


def test_failed_one_gives_everything_back(venue: CoinExVenue) -> None:
    one, withdrawals = ask(venue), venue.core.treasury.withdrawals
    withdrawals.advance(NOW_MS + 4 * S_MS)
    withdrawals.set_status(one.withdraw_id, "failed", NOW_MS + 4 * S_MS)
    assert held(venue, "BTC") == (20, 0)
    with pytest.raises(KeyError):
        withdrawals.set_status(one.withdraw_id, "finished", NOW_MS)
    with pytest.raises(ValueError, match="status must be one of"):
        withdrawals.set_status(one.withdraw_id, "lost", NOW_MS)


@pytest.mark.parametrize(
    ("asset", "changes", "words"),
    [
        ("XRP", {"chain": "XRP", "amount": "50"}, "memo is required"),
        ("USDT", {"chain": "TRC20", "amount": "10.0000001"}, "more than 6 decimals"),
        ("USDT", {"chain": "TRC20", "amount": "9"}, "at least 10"),
    ],
)
def test_rules_of_the_chain_hold(venue: CoinExVenue, asset: str, changes: dict[str, str], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        ask(venue, asset=asset, **changes)
