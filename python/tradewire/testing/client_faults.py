"""Faults of the client's machine and of its user: ``clock.*`` and ``bot.*``."""

from __future__ import annotations

import random
from typing import Final

from tradewire.testing.fault import Fault, Stage, Values

__all__ = ["CLIENT_FAULTS"]


class ClockStep(Fault):
    """The client's clock is set."""

    def __init__(self) -> None:
        super().__init__("clock.step", "the client's wall clock is set forward or back")

    def draw(self, chance: random.Random) -> Values:
        """Return how far."""
        return {"step_ms": chance.choice((-7_200_000, -60_000, -3000, -200, 200, 3000, 60_000, 7_200_000))}

    def strike(self, stage: Stage, values: Values) -> None:
        """Set it."""
        stage.world.loop.wall_offset_ns += values["step_ms"] * 1_000_000
        stage.struck(self.name)


class ClockDrift(Fault):
    """The client's clock is too fast or too slow."""

    def __init__(self) -> None:
        super().__init__("clock.drift", "the client's wall clock runs too fast or too slow")

    def draw(self, chance: random.Random) -> Values:
        """Return how much."""
        return {"drift_ppm": chance.choice((-50_000, -2000, 2000, 50_000))}

    def strike(self, stage: Stage, values: Values) -> None:
        """Let it drift."""
        stage.world.loop.drift(values["drift_ppm"])
        stage.struck(self.name)


class Callback(Fault):
    """Callbacks of the bot raise, or take long."""

    def __init__(self, name: str, what: str, longest_ms: int) -> None:
        super().__init__(f"bot.{name}", what)
        self._longest_ms = longest_ms

    def draw(self, chance: random.Random) -> Values:
        """Return how many of them, and for how long."""
        blocks_ms = chance.randint(1, self._longest_ms) if self._longest_ms else 0
        return {"count": chance.randint(1, 5), "blocks_ms": blocks_ms}

    def strike(self, stage: Stage, values: Values) -> None:
        """Let the next ones do so."""
        left = values["count"]

        def work() -> None:
            nonlocal left
            if left:
                left -= 1
                stage.struck(self.name)
                if not values["blocks_ms"]:
                    raise ZeroDivisionError("a bug of the bot's")
                stage.world.loop.block(values["blocks_ms"] * 1_000_000)

        stage.bot.in_callback = work


class CancelAwait(Fault):
    """The bot stops waiting for something."""

    def __init__(self) -> None:
        super().__init__("bot.cancels", "the awaits of the next requests are cancelled")

    def draw(self, chance: random.Random) -> Values:
        """Return how many, and how soon."""
        return {"count": chance.randint(1, 3), "after_ms": chance.choice((0, 0.5, 2, 10))}

    def strike(self, stage: Stage, values: Values) -> None:
        """Cancel the next ones."""
        stage.bot.cancels_after_s += [values["after_ms"] / 1000] * values["count"]
        stage.struck(self.name)


class Close(Fault):
    """The client is closed amid everything."""

    def __init__(self) -> None:
        super().__init__("bot.closes", "the client is closed, whatever is under way")

    def draw(self, chance: random.Random) -> Values:
        """Return nothing."""
        del chance
        return {}

    def strike(self, stage: Stage, values: Values) -> None:
        """Close it."""
        del values
        stage.struck(self.name)
        stage.close()


CLIENT_FAULTS: Final = (
    ClockStep(),
    ClockDrift(),
    Callback("callback_raises", "a callback raises", 0),
    Callback("callback_blocks", "a callback takes long", 700),
    CancelAwait(),
    Close(),
)
