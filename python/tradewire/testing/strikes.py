"""The faults of one run: each strikes at its time, until all of them end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

from tradewire.sandbox.faults.script import Event
from tradewire.sandbox.venue import Venue
from tradewire.testing.fault import Stage, StruckBot
from tradewire.testing.faults import FAULTS
from tradewire.testing.world import World

__all__ = ["Strikes"]


class Strikes:
    """Strikes one venue, the network of its world, and the bot.

    Args:
        world: Where.
        venue: The venue.
        market: Where the bot trades.
        bot: The bot.
        close: Closes the client and ends the run.
    """

    def __init__(
        self, world: World, venue: Venue, market: str, bot: StruckBot, close: Callable[[], None]
    ) -> None:
        self._world = world
        self._stage = Stage(world, venue, market, bot, self._later, world.network.struck, close)
        self._timers: list[asyncio.TimerHandle] = []

    def begin(self, schedule: Iterable[Event]) -> None:
        """Let each fault strike at its time from now on."""
        for event in schedule:
            self._later(event.at_s, partial(FAULTS[event.fault].strike, self._stage, event.values))

    def heal(self) -> None:
        """End every fault, and let none strike any more; what was done stays done."""
        for timer in self._timers:
            timer.cancel()
        self._world.network.heal()
        faults = self._stage.venue.faults
        skew_ms = faults.skew_ms
        faults.clear()
        # A clock that is set back and forth within seconds would give an order's fills another age than the order.
        faults.skew_ms = skew_ms
        self._world.loop.drift(0)
        self._stage.bot.in_callback = lambda: None
        self._stage.bot.cancels_after_s.clear()

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        self._timers.append(self._world.loop.call_later(seconds, act))
