"""A frame that comes while a client closes, and what it may leave behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tradewire.interface import VenueClient


def own_coroutines() -> set[str]:
    """Return what our own tasks run."""
    running = (task.get_coro() for task in asyncio.all_tasks())
    names = {getattr(one, "__qualname__", "") for one in running}
    return {name for name in names if name.startswith(("Streams.", "MissingFills.", "CatchUp."))}


async def close_and_hear(
    client: VenueClient, hear: Callable[[bytes, int], object], said: dict[str, Any]
) -> None:
    """Close, and hear a frame in the iteration of the loop in which orders under way are given up."""
    closing = asyncio.create_task(client.close())
    await asyncio.sleep(0)
    hear(json.dumps(said).encode(), 1)
    await closing
