from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises._exercise import Exercise
from tradewire.errors import MarketUnavailable
from tradewire.sandbox import Sandbox


async def latest_candles(client: Any, _: Sandbox) -> object:
    await client.place_order("BTCUSDT", "buy", "0.001", type="market", size_asset="BTC")
    [one] = found = await client.latest_candles("BTCUSDT", "1w")
    assert one.volume
    return found


EXERCISES = [
    Exercise(
        "GET /v2/spot/kline",
        works=latest_candles,
        refused=lambda client, _: client.latest_candles("NOPEUSDT", "1m"),
        error=MarketUnavailable,
    )
]
