from __future__ import annotations

from sandbox.coinex.exercises.exercise import Exercise
from sandbox.coinex.exercises.spot_market import ask
from tradewire.errors import MarketUnavailable
from tradewire.venues.coinex.futures.client import CoinExFutures

EXERCISES = [
    Exercise(
        f"GET /v2/futures/{path}",
        works=ask(method, "BTCUSDT"),
        refused=ask(method, "NOPEUSDT"),
        error=MarketUnavailable,
        client=CoinExFutures,
    )
    for path, method in (
        ("market", "markets"),
        ("ticker", "tickers"),
        ("depth", "book"),
        ("deals", "trades"),
        ("funding-rate", "funding_terms"),
        ("funding-rate-history", "funding_rates"),
        ("premium-index-history", "premium_history"),
        ("basis-history", "basis_history"),
        ("position-level", "position_levels"),
        ("liquidation-history", "liquidations"),
    )
] + [
    Exercise(
        "GET /v2/futures/kline",
        works=lambda client, _: client.latest_candles("BTCUSDT", "1m", price_type="mark_price"),
        refused=lambda client, _: client.latest_candles("NOPEUSDT", "1m"),
        error=MarketUnavailable,
        client=CoinExFutures,
    )
]
