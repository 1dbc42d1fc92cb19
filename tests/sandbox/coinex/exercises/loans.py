from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises.exercise import Exercise
from tradewire.errors import BadRequest, MarketUnavailable
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex.model_assets import Loan


async def borrow(client: Any, _: Sandbox) -> Loan:
    await client.transfer("spot", "margin", "USDT", 1000, market="BTCUSDT")
    loan: Loan = await client.borrow("BTCUSDT", "USDT", 2000)
    assert (loan.amount, loan.status, loan.renews, loan.expires_at_ns > loan.created_at_ns) == (
        2000,
        "loan",
        False,
        True,
    )
    return loan


async def repay(client: Any, box: Sandbox) -> object:
    loan = await borrow(client, box)
    result = await client.repay("BTCUSDT", "USDT", loan.owed, loan_id=loan.loan_id)
    [left] = await client.loans("BTCUSDT")
    assert (left.status, left.owed) == ("finish", 0)
    return result


async def loans(client: Any, box: Sandbox) -> object:
    loan = await borrow(client, box)
    assert [row async for row in client.all_loans(status="loan")] == [loan]
    return await client.loans("BTCUSDT", status="loan")


async def borrow_limit(client: Any, _: Sandbox) -> object:
    await client.transfer("spot", "margin", "USDT", 1000, market="BTCUSDT")
    limit = await client.borrow_limit("BTCUSDT", "USDT")
    assert (limit.leverage, limit.max_amount) == (5, 4000)
    return limit


EXERCISES = [
    Exercise(
        "POST /v2/assets/margin/borrow",
        works=borrow,
        refused=lambda client, _: client.borrow("BTCUSDT", "USDT", 2000),
        error=BadRequest,
    ),
    Exercise(
        "POST /v2/assets/margin/repay",
        works=repay,
        refused=lambda client, _: client.repay("BTCUSDT", "USDT", 1),
        error=BadRequest,
    ),
    Exercise(
        "GET /v2/assets/margin/borrow-history",
        works=loans,
        refused=lambda client, _: client.loans("NOPEUSDT"),
        error=MarketUnavailable,
    ),
    Exercise(
        "GET /v2/assets/margin/interest-limit",
        works=borrow_limit,
        refused=lambda client, _: client.borrow_limit("BTCUSDT", "ETH"),
        error=BadRequest,
    ),
]
