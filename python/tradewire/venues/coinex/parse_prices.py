"""Candles and index prices, read as they come."""

from __future__ import annotations

from decimal import Decimal

from tradewire.decimals import EXACT
from tradewire.model import CandleInterval
from tradewire.venues.coinex import shapes
from tradewire.venues.coinex.model import CoinExCandle, IndexPrice, IndexSource

__all__ = ["candle", "index_price", "pushed_index_price"]

NS_PER_MS = 1_000_000


def candle(row: shapes.CandleRow, interval: CandleInterval, asked_ns: int) -> CoinExCandle:
    """Read a candle that was asked for at ``asked_ns``, the venue's time; see ``CoinExCandle`` for its sums."""
    volume, value = row.volume, row.value
    if not _is_worth(row, volume, value) and _is_worth(row, value, volume):
        volume, value = value, volume
    start_ns = row.created_at * NS_PER_MS
    return CoinExCandle(
        market=row.market,
        interval=interval,
        start_ns=start_ns,
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=volume,
        quote_volume=value,
        is_closed=start_ns + interval.duration_ns <= asked_ns,
        venue_volume=row.volume,
        venue_value=row.value,
    )


def _is_worth(row: shapes.CandleRow, base: Decimal, quote: Decimal) -> bool:
    """Tell whether ``quote`` can have been paid for ``base`` between the candle's prices."""
    return EXACT.multiply(base, row.low) <= quote <= EXACT.multiply(base, row.high)


def index_price(row: shapes.IndexRow) -> IndexPrice:
    """Read an index with its sources."""
    sources = [
        IndexSource(one.exchange, one.index_weight or Decimal(0), one.index_price, one.created_at * NS_PER_MS)
        for one in row.sources or ()
    ]
    return IndexPrice(
        market=row.market, price=row.price, time_ns=row.created_at * NS_PER_MS, sources=tuple(sources)
    )


def pushed_index_price(row: shapes.IndexPush) -> IndexPrice:
    """Read an index that was pushed."""
    return IndexPrice(market=row.market, price=row.index_price, mark_price=row.mark_price)
