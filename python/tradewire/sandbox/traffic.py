"""The seeded tape played in real time, as orders of the venue's own accounts.

Plays on the event loop in small steps, at most ``MAX_STEPS_AT_ONCE`` in a row, so that clients are served
between them. When the loop was held up it skips time instead of flooding.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from tradewire.sandbox.market import Cancel, Command, Pair, Quote, opening_commands, tape

__all__ = ["Traffic", "checked_rate"]

MAX_STEPS_AT_ONCE = 20
SHORTEST_NAP_S = 0.002
ROUNDING = 1e-6
"""Share of an interval by which a command may be early."""
KEPT_COMMANDS = 1000
WARM_UP_COMMANDS_PER_PAIR = 40
HIGHEST_RATE_PER_S = 1_000_000


def checked_rate(rate_per_s: float) -> float:
    """Return ``rate_per_s``.

    Raises:
        ValueError: It is no number from 0 to ``HIGHEST_RATE_PER_S``; not a number is none.
    """
    # What comes over HTTP is not typed.
    if type(rate_per_s) not in {int, float} or not 0 <= rate_per_s <= HIGHEST_RATE_PER_S:
        raise ValueError(f"rate must be a number from 0 to {HIGHEST_RATE_PER_S}, got {rate_per_s!r}")
    return rate_per_s


class Traffic:
    """Plays the tape.

    Args:
        seed: The tape's seed.
        pairs: The markets it moves.
        rate_per_s: Commands a second; 0 fills the books and then leaves them alone.
        play: Executes one command on the venue.
    """

    def __init__(
        self, seed: int, pairs: Sequence[Pair], rate_per_s: float, play: Callable[[Command], None]
    ) -> None:
        self._rate_per_s = checked_rate(rate_per_s)
        self._paused = False
        self._changed = asyncio.Event()
        self.played: deque[Command] = deque(maxlen=KEPT_COMMANDS)
        self.count = 0
        self._tape: Iterator[Command] = tape(seed, pairs)
        # Thin books need fewer trades to have a last price.
        warm_up = sum(min(WARM_UP_COMMANDS_PER_PAIR, pair.opening_levels) for pair in pairs)
        self._opening = opening_commands(pairs) + warm_up
        self.play = play
        """Executes one command, of the tape or of somebody else."""
        self._resting: dict[int, str] = {}

    @property
    def rate_per_s(self) -> float:
        """Commands a second while it is not paused; see ``set_rate``."""
        return self._rate_per_s

    @property
    def paused(self) -> bool:
        """Whether nothing is played; set it at any time."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._changed.set()

    @property
    def is_moving(self) -> bool:
        """Whether something is played at all."""
        return not self._paused and self._rate_per_s > 0

    async def moving(self) -> None:
        """Wait until something is played."""
        while not self.is_moving:
            self._changed.clear()
            await self._changed.wait()

    def set_rate(self, rate_per_s: float) -> None:
        """Play at another rate from now on.

        Raises:
            ValueError: It is not from 0 to ``HIGHEST_RATE_PER_S``.
        """
        self._rate_per_s = checked_rate(rate_per_s)
        self._changed.set()

    def open(self) -> None:
        """Fill the books and trade a little, so that every market has a last price."""
        self.step(self._opening)

    def skip_opening(self) -> list[Command]:
        """Leave out what ``open`` would play, where the books are filled already, and return it."""
        return list(islice(self._tape, self._opening))

    def step(self, commands: int = 1) -> None:
        """Play the next ``commands`` at once."""
        for command in islice(self._tape, commands):
            self.play(command)
            if isinstance(command, Quote):
                self._resting[command.ref] = command.market
            elif isinstance(command, Cancel):
                self._resting.pop(command.ref, None)
            self.played.append(command)
            self.count += 1

    def clear(self) -> None:
        """Pull every quote that the tape has placed."""
        for ref, market in self._resting.items():
            self.play(Cancel(market, ref))
        self._resting.clear()

    async def run(self) -> None:
        """Play at ``rate_per_s`` until cancelled."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            if not self.is_moving:
                await self.moving()
                due_s = loop.time()
            interval_s = 1 / self.rate_per_s
            await asyncio.sleep(max(due_s - loop.time(), SHORTEST_NAP_S))
            now_s = loop.time()
            # A clock of whole nanoseconds may show a little less than was waited for.
            steps = min(MAX_STEPS_AT_ONCE, int((now_s - due_s) / interval_s + ROUNDING) + 1)
            # It may have been paused during the nap.
            if now_s >= due_s - ROUNDING * interval_s and not self.paused:
                self.step(steps)
                due_s = max(due_s + steps * interval_s, now_s - interval_s * MAX_STEPS_AT_ONCE)
