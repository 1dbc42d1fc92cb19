"""A frame that comes while a client closes begins nothing that outlives it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from exchange_trader import ABC
from tradewire.sandbox import Sandbox
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.truex.client import TrueX
from truex_trader import MARKET, SIZE, bid
from witness import ready


def coroutines() -> set[str]:
    """Return what our own tasks run."""
    running = (task.get_coro() for task in asyncio.all_tasks())
    names = {getattr(one, "__qualname__", "") for one in running}
    return {name for name in names if name.startswith(("Streams.", "MissingFills.", "CatchUp."))}


async def close_and_hear(client: Exchange | TrueX, hear: Any, said: dict[str, Any]) -> None:
    """Close, and hear a frame in the iteration of the loop in which orders under way are given up."""
    closing = asyncio.create_task(client.close())
    await asyncio.sleep(0)
    hear(json.dumps(said).encode(), 1)
    await closing


async def test_exchange_asks_for_no_account_that_nobody_wants_any_more(trader: Exchange) -> None:
    await trader.account_ready()
    trader.send_order(ABC, "buy", 3, 5, order_entry="rest")
    reason = "user event stream lagged by 1 messages; refresh account state and reconnect if needed"
    said = {"type": "resync_required", "channel": "user", "market": None, "reason": reason}
    await close_and_hear(trader, trader._streams.user.on_frame, said)
    assert coroutines() == set()


async def test_truex_asks_for_no_trades_that_nobody_wants_any_more(truex: TrueX, truex_box: Sandbox) -> None:
    await ready(truex.watch_orders(on_update=lambda _: None))
    order = await truex.send_order(MARKET, "buy", SIZE, bid(truex_box))
    truex.send_order(MARKET, "buy", SIZE, bid(truex_box))
    data = {"id": order.order_id, "status": "ACTIVE", "executed_qty": "0.001", "executed_vwap": "5"}
    frame = {
        "seqnum": "999",
        "channel": "DROPCOPY",
        "update": "UPDATE",
        "status": "AUTHENTICATED",
        "data": data,
    }
    await close_and_hear(truex, truex._streams.session.on_frame, frame)
    assert coroutines() == set()
