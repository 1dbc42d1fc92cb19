from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.errors import ConfigError
from tradewire.model import Market
from tradewire.protocol.rules import check_price, check_size

MARKET = Market(
    symbol="BTCUSDT",
    base="BTC",
    quote="USDT",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.00000001"),
    min_size=Decimal("0.0001"),
)


@pytest.mark.parametrize("price", ["0.01", "61000", "61000.10", "1E+3", "9" * 30 + ".99"])
def test_price_on_the_tick_passes(price: str) -> None:
    check_price(MARKET, Decimal(price))


@pytest.mark.parametrize("price", ["0.001", "61000.015", "1E-20", "9" * 30 + ".999"])
def test_price_off_the_tick_is_refused(price: str) -> None:
    with pytest.raises(ConfigError, match=r"multiple of 0\.01"):
        check_price(MARKET, Decimal(price))


@pytest.mark.parametrize("size", ["0.0001", "0.00010000", "0.00010001", "12"])
def test_size_on_the_lot_passes(size: str) -> None:
    check_size(MARKET, Decimal(size))


@pytest.mark.parametrize(("size", "why"), [("0.00009999", "at least"), ("0.000100001", "multiple")])
def test_size_off_the_lot_or_too_small_is_refused(size: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        check_size(MARKET, Decimal(size))
