from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.venues.coinex.codes import Refusal
from tradewire.sandbox.venues.coinex.treasury.pools import DAY_MS, LAST_PLACE
from tradewire.sandbox.venues.coinex.venue import CoinExVenue

NOW_MS = 1_763_640_000_000


def test_putting_in_and_taking_out_costs_at_most_the_last_place(venue: CoinExVenue) -> None:
    pools, ledger = venue.core.treasury.pools, venue.core.ledger
    before = {asset: ledger.balance("trader", asset).available for asset in ("BTC", "USDT")}
    for _ in range(20):
        pools.add("trader", "BTCUSDT", Decimal("0.12345678"), Decimal("7000.1"), NOW_MS)
        pools.remove("trader", "BTCUSDT", NOW_MS)
    for asset, amount in before.items():
        lost = amount - ledger.balance("trader", asset).available
        assert 0 <= lost <= 20 * 2 * LAST_PLACE
    ledger.assert_adds_up()


def test_only_what_fits_the_ratio_is_taken(venue: CoinExVenue) -> None:
    pools, ledger = venue.core.treasury.pools, venue.core.ledger
    stake = pools.add("trader", "BTCUSDT", Decimal(1), Decimal(610), NOW_MS)
    assert stake.quote <= 610
    assert abs(stake.base - Decimal("0.01")) < Decimal("0.001")
    assert ledger.balance("trader", "USDT").available >= 1_000_000 - 610


def test_income_is_paid_once_a_day_to_who_was_there(venue: CoinExVenue) -> None:
    pools = venue.core.treasury.pools
    stake = pools.add("trader", "BTCUSDT", Decimal(1), Decimal(61_000), NOW_MS)
    for wait_ms in (0, DAY_MS, DAY_MS, 3 * DAY_MS):
        pools.advance(NOW_MS + wait_ms)
    incomes = pools.incomes("trader")
    assert len({income.at_ms for income in incomes}) == len(incomes) == 3
    later = pools.stake("trader", "BTCUSDT")
    assert later is not None
    assert later.base > stake.base
    assert pools.incomes("nobody") == []
    venue.core.ledger.assert_adds_up()


@pytest.mark.parametrize(("base", "quote"), [("0.00000001", "1"), ("1", "0.00000000001")])
def test_dust_is_refused(venue: CoinExVenue, base: str, quote: str) -> None:
    venue.core.treasury.pools.pools["BTCUSDT"].shares["venue/pools"] = 1
    with pytest.raises(Refusal, match="too small"):
        venue.core.treasury.pools.add("trader", "BTCUSDT", Decimal(base), Decimal(quote), NOW_MS)
