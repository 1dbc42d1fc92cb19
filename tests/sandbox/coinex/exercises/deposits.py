from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises.exercise import Exercise, blocked
from tradewire.errors import BadRequest, PermissionDenied
from tradewire.sandbox import Sandbox


async def renew(client: Any, _: Sandbox) -> object:
    before = await client.deposit_address("BTC", "BTC")
    renewed = await client.renew_deposit_address("BTC", "BTC")
    assert renewed.address != before.address
    return renewed


async def deposits(client: Any, box: Sandbox) -> object:
    [one] = found = await client.deposits("BTC", status="finished")
    assert (one.amount, one.credited, one.method, one.status) == (20, 20, "on_chain", "finished")
    assert [row async for row in client.all_deposits("BTC")] == [one]
    return found


async def asset_config(client: Any, _: Sandbox) -> object:
    config = await client.asset_config("USDT")
    assert [chain.chain for chain in config.chains] == ["TRC20", "ERC20"]
    assert config.deposit_enabled
    assert config.withdraw_enabled
    return config


EXERCISES = [
    Exercise(
        "GET /v2/assets/deposit-address",
        works=lambda client, _: client.deposit_address("BTC", "BTC"),
        refused=lambda client, _: client.deposit_address("BTC", "NOPE"),
        error=BadRequest,
    ),
    Exercise(
        "POST /v2/assets/renewal-deposit-address",
        works=renew,
        refused=lambda client, _: client.renew_deposit_address("BTC", "NOPE"),
        error=BadRequest,
    ),
    Exercise(
        "GET /v2/assets/deposit-history",
        works=deposits,
        refused=lambda client, _: client.deposits("NOPE"),
        error=BadRequest,
    ),
    Exercise(
        "GET /v2/assets/deposit-withdraw-config",
        works=asset_config,
        refused=lambda client, _: client.asset_config("NOPE"),
        error=BadRequest,
    ),
    Exercise(
        "GET /v2/assets/all-deposit-withdraw-config",
        works=lambda client, _: client.asset_configs(),
        refused=blocked(lambda client, _: client.asset_configs()),
        error=PermissionDenied,
    ),
    Exercise(
        "GET /v2/assets/info",
        works=lambda client, _: client.assets(),
        refused=blocked(lambda client, _: client.assets()),
        error=PermissionDenied,
    ),
]
