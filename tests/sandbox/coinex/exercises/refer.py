from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Any

from sandbox.coinex.exercises.exercise import Exercise, Use
from tradewire.errors import PermissionDenied
from tradewire.sandbox import Sandbox
from tradewire.signing import Credentials
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.client import CoinEx

DAY_MS = 86_400_000


def earned(method: str, *, is_agent: bool, every: str = "") -> Use:
    """Let somebody whom the account brought trade for a day, and ask what came of it."""

    async def use(client: Any, box: Sandbox) -> object:
        venue = box.coinex
        carol = venue.add_trader("carol", referrer="trader", is_agent=is_agent)
        place = hosts.sandbox(venue.rest_url, venue.ws_spot_url)
        async with CoinEx(Credentials(carol.access_id, carol.secret), environment=place) as buyer:
            await buyer.place_order("BTCUSDT", "buy", "0.01", type="market", size_asset="BTC")
        venue.core.treasury.advance(venue.now_ms() + DAY_MS)
        asked: Awaitable[Any] = getattr(client, method)()
        found = await asked
        if not every:
            assert found.data[0]["account_name"] == "carol"
            return found
        [one] = found
        assert one.rebate_usdt > 0
        rows: AsyncIterator[object] = getattr(client, every)()
        assert [row async for row in rows] == [one]
        return found

    return use


def as_sub(method: str) -> Use:
    """Ask with a key of a sub-account what only the main account may."""

    async def use(client: Any, box: Sandbox) -> object:
        await client.create_sub("alpha")
        key = await client.create_sub_key("alpha")
        place = hosts.sandbox(box.coinex.rest_url, box.coinex.ws_spot_url)
        async with CoinEx(key.credentials(), environment=place) as sub:
            asked: Awaitable[object] = getattr(sub, method)()
            return await asked

    return use


def exercise(path: str, method: str, *, is_agent: bool, every: str = "") -> Exercise:
    return Exercise(
        f"GET /v2/refer/{path}",
        works=earned(method, is_agent=is_agent, every=every),
        refused=as_sub(method),
        error=PermissionDenied,
    )


EXERCISES = [
    exercise("referee", "referees", is_agent=False),
    exercise("referee-rebate/record", "rebates", is_agent=False, every="all_rebates"),
    exercise("referee-rebate/detail", "rebate_details", is_agent=False, every="all_rebate_details"),
    exercise("agent-referee", "agent_referees", is_agent=True),
    exercise("agent-rebate/record", "agent_rebates", is_agent=True, every="all_agent_rebates"),
    exercise("agent-rebate/detail", "agent_rebate_details", is_agent=True, every="all_agent_rebate_details"),
]
