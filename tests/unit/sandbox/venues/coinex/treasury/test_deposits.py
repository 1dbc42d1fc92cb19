from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.venues.coinex.venue import CoinExVenue

NOW_MS = 1_763_640_000_000


def test_deposit_is_seen_confirmed_and_credited(venue: CoinExVenue) -> None:
    deposits = venue.core.treasury.deposits
    one = deposits.arrive("trader", "BTC", "BTC", Decimal("0.5"), NOW_MS)
    seen = []
    for wait_ms in (0, 1000, 2000):
        deposits.advance(NOW_MS + wait_ms)
        seen.append((one.status, one.confirmations, venue.core.ledger.balance("trader", "BTC").available))
    assert seen == [("processing", 0, 20), ("confirming", 1, 20), ("finished", 2, Decimal("20.5"))]
    venue.core.ledger.assert_adds_up()


def test_too_small_one_is_never_credited(venue: CoinExVenue) -> None:
    one = venue.core.treasury.deposits.arrive("trader", "BTC", "BTC", Decimal("0.00001"), NOW_MS)
    venue.core.treasury.deposits.advance(NOW_MS + 10_000)
    assert one.status == "too_small"
    assert venue.core.ledger.balance("trader", "BTC").available == 20


@pytest.mark.parametrize("end", ["cancelled", "exception"])
def test_one_that_ends_otherwise_is_not_credited(venue: CoinExVenue, end: str) -> None:
    deposits = venue.core.treasury.deposits
    one = deposits.arrive("trader", "BTC", "BTC", Decimal(1), NOW_MS)
    deposits.set_status(one.deposit_id, end, NOW_MS)
    deposits.advance(NOW_MS + 10_000)
    assert (one.status, venue.core.ledger.balance("trader", "BTC").available) == (end, 20)
    with pytest.raises(KeyError):
        deposits.set_status(one.deposit_id, "finished", NOW_MS)
