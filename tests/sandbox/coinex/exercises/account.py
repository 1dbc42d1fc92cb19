from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises.exercise import Exercise, blocked
from tradewire.errors import MarketUnavailable, PermissionDenied
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.treasury.settings import Maintenance


async def maintenance(client: Any, box: Sandbox) -> object:
    box.coinex.core.treasury.settings.maintenance.append(Maintenance(1000, 2000, ("SPOT",)))
    [one] = found = await client.maintenance()
    assert (one.started_at_ns, one.ended_at_ns, one.scope) == (10**9, 2 * 10**9, ["SPOT"])
    return found


async def fee_rate(client: Any, _: Sandbox) -> object:
    spot, futures = await client.fee_rate("BTCUSDT"), await client.fee_rate("BTCUSDT", "futures")
    assert spot.maker < spot.taker
    assert futures.taker < spot.taker
    return spot


async def set_fee_discount(client: Any, _: Sandbox) -> object:
    result = await client.set_fee_discount(True)
    assert (await client.account_info()).data["cet_discount_enabled"] is True
    return result


async def set_futures_settings(client: Any, _: Sandbox) -> object:
    found = await client.set_futures_settings("BTCUSDT", margin_mode="isolated", leverage=8)
    assert found == await client.futures_settings("BTCUSDT")
    return found


EXERCISES = [
    Exercise(
        "GET /v2/maintain/info",
        works=maintenance,
        refused=blocked(lambda client, _: client.maintenance()),
        error=PermissionDenied,
    ),
    Exercise(
        "GET /v2/account/info",
        works=lambda client, _: client.account_info(),
        refused=blocked(lambda client, _: client.account_info()),
        error=PermissionDenied,
    ),
    Exercise(
        "GET /v2/account/trade-fee-rate",
        works=fee_rate,
        refused=lambda client, _: client.fee_rate("NOPEUSDT"),
        error=MarketUnavailable,
    ),
    Exercise(
        "POST /v2/account/settings",
        works=set_fee_discount,
        refused=blocked(lambda client, _: client.set_fee_discount(True)),
        error=PermissionDenied,
    ),
    Exercise(
        "GET /v2/account/futures-market-settings",
        works=lambda client, _: client.futures_settings("BTCUSDT"),
        refused=lambda client, _: client.futures_settings("NOPEUSDT"),
        error=MarketUnavailable,
    ),
    Exercise(
        "POST /v2/account/futures-market-settings",
        works=set_futures_settings,
        refused=lambda client, _: client.set_futures_settings("NOPEUSDT", leverage=5),
        error=MarketUnavailable,
    ),
]
