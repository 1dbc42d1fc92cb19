"""A frame that comes while a client closes begins nothing that outlives it."""

from __future__ import annotations

from typing import Any

from support.exchange_trader import ABC
from support.late_frames import close_and_hear, own_coroutines
from tradewire.session.stream import StreamSession
from tradewire.venues.exchange.client import Exchange


async def test_exchange_asks_for_no_account_that_nobody_wants_any_more(
    trader: Exchange, heard: list[StreamSession[Any]]
) -> None:
    await trader.account_ready()
    trader.send_order(ABC, "buy", 3, 5, order_entry="rest")
    reason = "user event stream lagged by 1 messages; refresh account state and reconnect if needed"
    said = {"type": "resync_required", "channel": "user", "market": None, "reason": reason}
    await close_and_hear(trader, heard[-1], said)
    assert own_coroutines() == set()
