"""What only CoinEx has, in the words of the common interface; what only futures have is in ``futures.model``."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from tradewire.model import Candle

__all__ = ["CoinExCandle", "TriggerPrice"]


class TriggerPrice(StrEnum):
    """Which price is watched."""

    LATEST = "latest_price"
    MARK = "mark_price"
    INDEX = "index_price"


class CoinExCandle(Candle, frozen=True, kw_only=True):
    """A candle with the venue's own sums beside ours.

    Two captures of 2024 have base units in ``value`` and quote units in ``volume``, the pages say the opposite. Which
    is which follows from the prices where the two differ enough: ``volume`` and ``quote_volume`` go by that, and by the
    pages where it does not.
    """

    venue_volume: Decimal
    """``volume`` as it came."""
    venue_value: Decimal
    """``value`` as it came."""
