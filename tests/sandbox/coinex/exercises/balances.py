from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.coinex.exercises.exercise import Exercise, blocked
from tradewire.errors import BadRequest, PermissionDenied
from tradewire.sandbox import Sandbox


async def margin_balances(client: Any, _: Sandbox) -> object:
    await client.transfer("spot", "margin", "USDT", 10, market="BTCUSDT")
    [one] = found = await client.margin_balances()
    assert (one.market, one.quote_available, one.base_owed, one.risk_rate) == ("BTCUSDT", 10, 0, None)
    return found


async def financial_balances(client: Any, box: Sandbox) -> object:
    box.coinex.core.ledger.deposit("trader/financial", "USDT", Decimal(5))
    [one] = found = await client.financial_balances()
    assert one.available == 5
    return found


async def amm_stakes(client: Any, _: Sandbox) -> object:
    await client.add_liquidity("BTCUSDT", "0.1", 6100)
    [one] = found = await client.amm_stakes()
    assert (one.market, one.base, one.quote) == ("BTCUSDT", "BTC", "USDT")
    return found


async def transactions(client: Any, _: Sandbox) -> object:
    [one] = found = await client.transactions("deposit", asset="BTC")
    assert (one.asset, one.change, one.balance, one.kind) == ("BTC", 20, 20, "deposit")
    assert [row async for row in client.all_transactions("deposit", asset="BTC")] == [one]
    return found


EXERCISES = [
    Exercise(
        "GET /v2/assets/spot/balance",
        works=lambda client, _: client.balances(),
        refused=blocked(lambda client, _: client.balances()),
        error=PermissionDenied,
    ),
    Exercise(
        "GET /v2/assets/margin/balance",
        works=margin_balances,
        refused=blocked(lambda client, _: client.margin_balances()),
        error=PermissionDenied,
    ),
    Exercise(
        "GET /v2/assets/financial/balance",
        works=financial_balances,
        refused=blocked(lambda client, _: client.financial_balances()),
        error=PermissionDenied,
    ),
    Exercise(
        "GET /v2/assets/amm/liquidity",
        works=amm_stakes,
        refused=blocked(lambda client, _: client.amm_stakes()),
        error=PermissionDenied,
    ),
    Exercise(
        "GET /v2/assets/credit/info",
        works=lambda client, _: client.credit_info(),
        refused=blocked(lambda client, _: client.credit_info()),
        error=PermissionDenied,
    ),
    Exercise(
        "GET /v2/assets/spot/transcation-history",
        works=transactions,
        refused=lambda client, _: client.transactions("deposit", asset="NOPE"),
        error=BadRequest,
    ),
]
