from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.venues.coinex.futures.markets import futures_rules
from tradewire.sandbox.venues.coinex.futures.prices import MAX_FUNDING_RATE, Prices

RULES = futures_rules(["BTCUSDT"])["BTCUSDT"]


@pytest.fixture
def prices() -> Prices:
    return Prices(RULES, lambda: Decimal(60000))


def test_without_samples_the_mark_is_the_index(prices: Prices) -> None:
    assert (prices.index, prices.mark, prices.premium) == (60000, 60000, 0)


def test_the_mark_is_the_index_and_the_mean_of_a_sample_a_second(prices: Prices) -> None:
    prices.sample(Decimal(60060), 1000)
    prices.sample(Decimal(99999), 1999)
    prices.sample(Decimal(60000), 2000)
    prices.sample(None, 3000)
    assert prices.basis == 30
    assert prices.mark == 60030
    assert prices.premium == prices.funding_rate == Decimal("0.0005")
    assert [(one.at_ms, one.basis_rate) for one in prices.minutes] == [(0, Decimal("0.001"))]


@pytest.mark.parametrize("side", [1, -1])
def test_the_mark_stays_within_half_a_percent_and_funding_within_its_limit(prices: Prices, side: int) -> None:
    prices.sample(Decimal(60000 + side * 9000), 1000)
    assert prices.mark == 60000 + side * 300
    assert prices.funding_rate == side * MAX_FUNDING_RATE


def test_a_forced_index_forgets_what_was_sampled(prices: Prices) -> None:
    prices.sample(Decimal(60100), 1000)
    prices.force(Decimal(50000))
    prices.sample(Decimal(60100), 9000)
    assert (prices.index, prices.mark) == (50000, 50000)
    prices.force(None)
    assert prices.mark == 60000


def test_a_clock_that_steps_back_is_sampled_again(prices: Prices) -> None:
    prices.sample(Decimal(60060), 100_000)
    prices.sample(Decimal(60000), 50_000)
    assert prices.basis == 30
