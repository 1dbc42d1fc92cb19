"""Somebody who sees everything a client says about itself, so that a test waits for facts and never for time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from tradewire.protocol import events
from tradewire.session.subscription import Subscription

PATIENCE_S = 30.0
"""How long a test waits for what must come. Only a test that fails waits so long, so that a busy machine fails none."""
ItemT = TypeVar("ItemT")


class Watched(Protocol):
    """A client of any venue."""

    def watch_events(self, on_update: Callable[[events.Event], None]) -> Any: ...


class Witness:
    """Sees everything a client says about itself and lets a test wait for it."""

    def __init__(self, client: Watched) -> None:
        self.seen: list[events.Event] = []
        self._news = asyncio.Event()
        client.watch_events(self.see)

    def see(self, event: events.Event) -> None:
        self.seen.append(event)
        self._news.set()

    def poke(self, item: object = None) -> None:
        self._news.set()

    def into(self, items: list[ItemT]) -> Callable[[ItemT], None]:
        """Return a callback that keeps what it is given and wakes the test."""

        def take(item: ItemT) -> None:
            items.append(item)
            self._news.set()

        return take

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def until_told(self, kind: type[events.Event]) -> None:
        await self.until(lambda: any(isinstance(event, kind) for event in self.seen))


async def ready(*subscriptions: Subscription[Any]) -> None:
    """Wait until every one can be used."""
    async with asyncio.timeout(PATIENCE_S):
        for subscription in subscriptions:
            await subscription.ready()
