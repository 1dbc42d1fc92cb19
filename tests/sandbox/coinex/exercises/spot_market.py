from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from sandbox.coinex.exercises.exercise import Exercise, Use
from tradewire.errors import MarketUnavailable
from tradewire.sandbox import Sandbox


def ask(method: str, market: str) -> Use:
    def use(client: Any, _: Sandbox) -> Awaitable[object]:
        asked: Awaitable[object] = getattr(client, method)(market)
        return asked

    return use


EXERCISES = [
    Exercise(
        f"GET /v2/spot/{path}",
        works=ask(method, "BTCUSDT"),
        refused=ask(method, "NOPEUSDT"),
        error=MarketUnavailable,
    )
    for path, method in (("market", "markets"), ("ticker", "tickers"), ("depth", "book"), ("deals", "trades"))
]
