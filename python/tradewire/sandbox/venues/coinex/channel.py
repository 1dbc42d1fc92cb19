"""One WebSocket path of the venue: who listens there, and what goes out by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tradewire.sandbox.ordered import OrderedSet
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.venues.coinex.auth import Keyring
from tradewire.sandbox.venues.coinex.core import TradingCore
from tradewire.sandbox.venues.coinex.depth import DepthPublisher
from tradewire.sandbox.venues.coinex.feeds import Feeds
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.coinex.stream import Stream, Topics

__all__ = ["DEPTH_NAP_MS", "Channel"]

INDEX_EVERY_S = 5.0
DEPTH_NAP_MS = 50
"""With a push per change only the minute's refresh is left to a timer; this is its coarseness."""


class Channel:
    """The socket of one product.

    Args:
        core: Its markets.
        feeds: What is pushed besides depth.
        depth: What is pushed of books.
        streams: Where its conversations are kept; the feeds look here, too.
        topics: What may be subscribed.
        options: What the venue is to be like.
        keyring: Who may sign in.
        now_ms: The time.
    """

    def __init__(
        self,
        core: TradingCore[Any, Any],
        feeds: Feeds,
        depth: DepthPublisher,
        streams: OrderedSet[Stream],
        topics: Topics,
        options: CoinExOptions,
        *,
        keyring: Keyring,
        now_ms: Callable[[], int],
    ) -> None:
        self.core = core
        self.feeds = feeds
        self.depth = depth
        self.streams = streams
        self._topics = topics
        self._push_ms = options.push_ms
        self._takes_unknown = options.takes_unknown_markets
        self._keyring = keyring
        self._now_ms = now_ms
        core.listen(feeds.on_event, self._on_command, feeds.on_stop)

    def connect(self, outbox: Outbox) -> Stream:
        """Begin a conversation."""
        stream = Stream(
            outbox.put,
            keyring=self._keyring,
            feeds=self.feeds,
            depth=self.depth,
            markets=self.core.rules.keys(),
            now_ms=self._now_ms(),
            takes_unknown=self._takes_unknown,
            topics=self._topics,
        )
        if not self.streams:
            # Nobody was pushed what happened since the last one left.
            self.feeds.tick(self._now_ms())
        self.streams.add(stream)
        return stream

    def disconnect(self, stream: Stream) -> None:
        """End a conversation, if it is one of this path."""
        if stream in self.streams:
            stream.closed()
            self.streams.discard(stream)

    async def push(self) -> None:
        """Push at the venue's cadence until cancelled."""
        while True:
            await asyncio.sleep((self._push_ms or DEPTH_NAP_MS) / 1000)
            if not self.streams:
                continue
            now_ms = self._now_ms()
            self.depth.publish(now_ms)
            self.feeds.tick(now_ms)
            self.depth.refresh(now_ms)

    async def push_index(self) -> None:
        """Push index prices until cancelled."""
        while True:
            await asyncio.sleep(INDEX_EVERY_S)
            self.feeds.tick_index()

    def _on_command(self, market: str, now_ms: int) -> None:
        self.depth.touch(market)
        self.feeds.on_command(market, now_ms)
        if not self._push_ms:
            self.depth.publish(now_ms)
            self.feeds.tick(now_ms)
