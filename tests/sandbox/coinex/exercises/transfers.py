from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises.exercise import Exercise
from tradewire.errors import BadRequest, InsufficientFunds
from tradewire.sandbox import Sandbox


async def transfers(client: Any, _: Sandbox) -> object:
    await client.transfer("spot", "futures", "USDT", "10.5")
    [one] = found = await client.transfers("USDT", "futures", status="finished")
    assert (one.source, one.target, one.amount, one.status) == (
        "spot",
        "futures",
        found[0].amount,
        "finished",
    )
    assert [row async for row in client.all_transfers("USDT", "futures")] == [one]
    return found


EXERCISES = [
    Exercise(
        "POST /v2/assets/transfer",
        works=lambda client, _: client.transfer("spot", "futures", "USDT", 10),
        refused=lambda client, _: client.transfer("spot", "futures", "USDT", 10**9),
        error=InsufficientFunds,
    ),
    Exercise(
        "GET /v2/assets/transfer-history",
        works=transfers,
        refused=lambda client, _: client.transfers("NOPE", "futures"),
        error=BadRequest,
    ),
]
