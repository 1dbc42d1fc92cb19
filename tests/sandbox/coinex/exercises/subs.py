from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from sandbox.coinex.exercises.exercise import Exercise, Use
from tradewire.errors import BadRequest, InsufficientFunds, PermissionDenied
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.model_account import SubApiKey

SUB = "alpha"
NOBODY = "nobody"


def made(use: Use) -> Use:
    """Let there be the sub-account first."""

    async def with_sub(client: Any, box: Sandbox) -> object:
        await client.create_sub(SUB, permissions=["api", "futures"], remark="for trying out")
        return await use(client, box)

    return with_sub


def as_sub(method: str) -> Use:
    """Ask with a key of the sub-account what only the main account may."""

    async def ask(client: Any, box: Sandbox) -> object:
        await client.create_sub(SUB)
        key = await client.create_sub_key(SUB)
        async with of_key(box, key) as sub:
            asked: Awaitable[object] = getattr(sub, method)()
            return await asked

    return ask


def of_key(box: Sandbox, key: SubApiKey) -> CoinEx:
    """Return a client of the sub-account."""
    venue = box.coinex
    return CoinEx(key.credentials(), environment=hosts.sandbox(venue.rest_url, venue.ws_spot_url))


async def subs(client: Any, _: Sandbox) -> object:
    [one] = found = await client.subs(is_frozen=False)
    assert (one.name, one.permissions, one.is_frozen) == (SUB, ["futures", "api"], False)
    assert [row async for row in client.all_subs()] == [one]
    return found


async def freeze(client: Any, _: Sandbox) -> object:
    result = await client.freeze_sub(SUB)
    assert (await client.subs(name=SUB, is_frozen=True))[0].is_frozen
    assert not await client.subs(name=SUB)
    return result


async def unfreeze(client: Any, _: Sandbox) -> object:
    await client.freeze_sub(SUB)
    result = await client.unfreeze_sub(SUB)
    assert not (await client.subs(name=SUB))[0].is_frozen
    return result


async def sub_spot_balances(client: Any, _: Sandbox) -> object:
    await client.sub_transfer("USDT", 10, target_name=SUB)
    [one] = found = await client.sub_spot_balances(SUB, asset="USDT")
    assert one.available == 10
    return found


async def sub_transfers(client: Any, _: Sandbox) -> object:
    await client.sub_transfer("USDT", 10, target_name=SUB, target="futures")
    [one] = found = await client.sub_transfers(SUB, asset="USDT")
    assert (one.target_name, one.target, one.source_name, one.status) == (SUB, "futures", "", "finished")
    assert [row async for row in client.all_sub_transfers(SUB)] == [one]
    return found


async def create_key(client: Any, box: Sandbox) -> object:
    key = await client.create_sub_key(SUB, remark="robot")
    await client.sub_transfer("USDT", 100, target_name=SUB)
    async with of_key(box, key) as sub:
        assert [(one.asset, one.available) for one in await sub.balances()] == [("USDT", 100)]
        assert (await sub.place_order("BTCUSDT", "buy", "0.001", "30000")).market == "BTCUSDT"
    return key


async def sub_keys(client: Any, _: Sandbox) -> object:
    key = await client.create_sub_key(SUB)
    [one] = found = await client.sub_keys(SUB)
    assert (one.key_id, one.access_id, one.trade_enabled) == (key.key_id, key.access_id, True)
    assert [row.key_id async for row in client.all_sub_keys(SUB)] == [key.key_id]
    return found


async def sub_key(client: Any, _: Sandbox) -> object:
    return await client.sub_key((await client.create_sub_key(SUB)).key_id)


async def edit_key(client: Any, _: Sandbox) -> object:
    key = await client.create_sub_key(SUB)
    changed = await client.edit_sub_key(SUB, key.key_id, trade_enabled=False, addresses=["127.0.0.1"])
    assert (changed.trade_enabled, changed.addresses, changed.expires_at_ns) == (False, ["127.0.0.1"], 0)
    return changed


async def delete_key(client: Any, _: Sandbox) -> object:
    key = await client.create_sub_key(SUB)
    result = await client.delete_sub_key(SUB, key.key_id)
    assert not await client.sub_keys(SUB)
    return result


EXERCISES = [
    Exercise(
        "POST /v2/account/subs",
        works=lambda client, _: client.create_sub(SUB),
        refused=lambda client, _: client.create_sub("trader"),
        error=BadRequest,
    ),
    Exercise("GET /v2/account/subs", works=made(subs), refused=as_sub("subs"), error=PermissionDenied),
    Exercise(
        "GET /v2/account/subs/info",
        works=made(lambda client, _: client.sub_info(SUB)),
        refused=lambda client, _: client.sub_info(NOBODY),
        error=BadRequest,
    ),
    Exercise(
        "POST /v2/account/subs/frozen",
        works=made(freeze),
        refused=lambda client, _: client.freeze_sub(NOBODY),
        error=BadRequest,
    ),
    Exercise(
        "POST /v2/account/subs/unfrozen",
        works=made(unfreeze),
        refused=lambda client, _: client.unfreeze_sub(NOBODY),
        error=BadRequest,
    ),
    Exercise(
        "GET /v2/account/subs/balance",
        works=made(lambda client, _: client.sub_balances(SUB, account="spot")),
        refused=lambda client, _: client.sub_balances(NOBODY),
        error=BadRequest,
    ),
    Exercise(
        "GET /v2/account/subs/spot-balance",
        works=made(sub_spot_balances),
        refused=lambda client, _: client.sub_spot_balances(NOBODY),
        error=BadRequest,
    ),
    Exercise(
        "POST /v2/account/subs/transfer",
        works=made(lambda client, _: client.sub_transfer("USDT", 10, target_name=SUB)),
        refused=made(lambda client, _: client.sub_transfer("USDT", 10, source_name=SUB)),
        error=InsufficientFunds,
    ),
    Exercise(
        "GET /v2/account/subs/transfer-history",
        works=made(sub_transfers),
        refused=lambda client, _: client.sub_transfers(asset="NOPE"),
        error=BadRequest,
    ),
    Exercise(
        "POST /v2/account/subs/api",
        works=made(create_key),
        refused=lambda client, _: client.create_sub_key(NOBODY),
        error=BadRequest,
    ),
    Exercise(
        "GET /v2/account/subs/api",
        works=made(sub_keys),
        refused=lambda client, _: client.sub_keys(NOBODY),
        error=BadRequest,
    ),
    Exercise(
        "GET /v2/account/subs/api-detail",
        works=made(sub_key),
        refused=lambda client, _: client.sub_key(99),
        error=BadRequest,
    ),
    Exercise(
        "POST /v2/account/subs/edit-api",
        works=made(edit_key),
        refused=made(lambda client, _: client.edit_sub_key(SUB, 99, remark="x")),
        error=BadRequest,
    ),
    Exercise(
        "POST /v2/account/subs/delete-api",
        works=made(delete_key),
        refused=made(lambda client, _: client.delete_sub_key(SUB, 99)),
        error=BadRequest,
    ),
]
