from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises.exercise import Exercise
from tradewire.errors import BadRequest, InsufficientFunds
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex.model_chains import Withdrawal

OUTSIDE = "bc1qsomewhere"


async def withdraw(client: Any, _: Sandbox) -> Withdrawal:
    made: Withdrawal = await client.withdraw("BTC", "1", OUTSIDE, chain="BTC", remark="rent")
    assert (made.status, made.method, made.fee_asset, made.remark) == ("created", "on_chain", "BTC", "rent")
    assert made.fee is not None
    assert made.received == made.amount - made.fee
    return made


async def cancel(client: Any, box: Sandbox) -> object:
    made = await withdraw(client, box)
    return await client.cancel_withdrawal(made.withdraw_id)


async def withdrawals(client: Any, box: Sandbox) -> object:
    made = await withdraw(client, box)
    [one] = found = await client.withdrawals("BTC", withdraw_id=made.withdraw_id)
    assert one.withdraw_id == made.withdraw_id
    assert [row.withdraw_id async for row in client.all_withdrawals()] == [made.withdraw_id]
    return found


EXERCISES = [
    Exercise(
        "POST /v2/assets/withdraw",
        works=withdraw,
        refused=lambda client, _: client.withdraw("BTC", 1000, OUTSIDE, chain="BTC"),
        error=InsufficientFunds,
    ),
    Exercise(
        "POST /v2/assets/cancel-withdraw",
        works=cancel,
        refused=lambda client, _: client.cancel_withdrawal(999),
        error=BadRequest,
    ),
    Exercise(
        "GET /v2/assets/withdraw",
        works=withdrawals,
        refused=lambda client, _: client.withdrawals("NOPE"),
        error=BadRequest,
    ),
]
