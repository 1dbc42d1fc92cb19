"""A market's rules, checked before an order is sent: what breaks one costs an exception and no request."""

from __future__ import annotations

from decimal import Decimal

from tradewire.errors import ConfigError
from tradewire.model import Market
from tradewire.protocol.arguments import EXACT

__all__ = ["check_price", "check_size"]


def check_price(market: Market, price: Decimal) -> None:
    """Raise ``ConfigError`` if ``price`` is no multiple of the tick size."""
    if EXACT.remainder(price, market.tick_size):
        raise ConfigError(f"price in {market.symbol} must be a multiple of {market.tick_size}, got {price}")


def check_size(market: Market, size: Decimal) -> None:
    """Raise ``ConfigError`` if ``size``, in base units, is no multiple of the lot size or under the minimum."""
    if size < market.min_size:
        raise ConfigError(f"size in {market.symbol} must be at least {market.min_size}, got {size}")
    if EXACT.remainder(size, market.lot_size):
        raise ConfigError(f"size in {market.symbol} must be a multiple of {market.lot_size}, got {size}")
