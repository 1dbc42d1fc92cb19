from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises.exercise import Exercise
from tradewire.errors import BadRequest, InsufficientFunds, MarketUnavailable
from tradewire.sandbox import Sandbox

DAY_MS = 86_400_000


async def remove(client: Any, _: Sandbox) -> object:
    put = await client.add_liquidity("BTCUSDT", "0.1", 6100)
    back = await client.remove_liquidity("BTCUSDT")
    assert (back.base_amount, back.quote_amount) == (put.base_amount, put.quote_amount)
    return back


async def incomes(client: Any, box: Sandbox) -> object:
    await client.add_liquidity("BTCUSDT", "0.1", 6100)
    box.coinex.core.treasury.advance(box.coinex.now_ms() + DAY_MS)
    [one] = found = await client.amm_incomes("BTCUSDT")
    assert one.fee_dividend > 0
    assert [row async for row in client.all_amm_incomes("BTCUSDT")] == [one]
    return found


async def pools(client: Any, _: Sandbox) -> object:
    found = await client.amm_pools("BTCUSDT")
    assert found.data[0]["market"] == "BTCUSDT"
    return found


EXERCISES = [
    Exercise(
        "POST /v2/assets/amm/add-liquidity",
        works=lambda client, _: client.add_liquidity("BTCUSDT", "0.1", 6100),
        refused=lambda client, _: client.add_liquidity("BTCUSDT", 1000, 61000000),
        error=InsufficientFunds,
    ),
    Exercise(
        "POST /v2/assets/amm/remove-liquidity",
        works=remove,
        refused=lambda client, _: client.remove_liquidity("BTCUSDT"),
        error=BadRequest,
    ),
    Exercise(
        "GET /v2/assets/amm/liquidity-pool",
        works=pools,
        refused=lambda client, _: client.amm_pools("NOPEUSDT"),
        error=MarketUnavailable,
    ),
    Exercise(
        "GET /v2/assets/amm/income-history",
        works=incomes,
        refused=lambda client, _: client.amm_incomes("NOPEUSDT"),
        error=MarketUnavailable,
    ),
]
