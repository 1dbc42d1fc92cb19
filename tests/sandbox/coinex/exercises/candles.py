from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises.exercise import Exercise
from tradewire.errors import MarketUnavailable
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.futures.client import CoinExFutures


async def latest_candles(client: Any, _: Sandbox) -> object:
    await client.place_order("BTCUSDT", "buy", "0.001", type="market", size_asset="BTC")
    [one] = found = await client.latest_candles("BTCUSDT", "1w")
    assert one.volume
    return found


async def index_prices(client: Any, _: Sandbox) -> object:
    found = await client.index_prices("BTCUSDT")
    assert found[0].sources[0].price == found[0].price
    return found


EXERCISES = [
    Exercise(
        "GET /v2/spot/kline",
        works=latest_candles,
        refused=lambda client, _: client.latest_candles("NOPEUSDT", "1m"),
        error=MarketUnavailable,
    ),
    *(
        Exercise(
            f"GET /v2/{client.product.name}/index",
            works=index_prices,
            refused=lambda client, _: client.index_prices("NOPEUSDT"),
            error=MarketUnavailable,
            client=client,
        )
        for client in (CoinEx, CoinExFutures)
    ),
]
