"""A frame that comes while a client closes begins nothing that outlives it."""

from __future__ import annotations

from typing import Any

from support.late_frames import close_and_hear, own_coroutines
from support.truex_trader import MARKET, SIZE, bid
from support.witness import ready
from tradewire.sandbox import Sandbox
from tradewire.session.stream import StreamSession
from tradewire.venues.truex.client import TrueX


async def test_truex_asks_for_no_trades_that_nobody_wants_any_more(
    truex: TrueX, truex_box: Sandbox, heard: list[StreamSession[Any]]
) -> None:
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
    await close_and_hear(truex, heard[-1], frame)
    assert own_coroutines() == set()
