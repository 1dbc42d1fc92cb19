"""The seeded market: an endless tape of commands by makers and takers around a moving mid.

Pure: the same seed, pairs and order of questions give the same tape, with no clock and no look at the books.
Makers quote at random depths and pull their oldest quotes; takers sweep a little of the other side.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tradewire.sandbox.exact import exactly
from tradewire.sandbox.order import Side

__all__ = ["OPENING_LEVELS", "Cancel", "Command", "Pair", "Quote", "Take", "opening_commands", "tape"]

MAKERS = ("maker-1", "maker-2", "maker-3")
TAKERS = ("taker-1", "taker-2")
OPENING_LEVELS = 56
QUOTES_PER_SIDE = 150
PULL_ABOVE_QUOTES = 110
REACH_TICKS = 120
DRIFT_SHARE = 0.35
TAKE_SHARE = 0.12
PULL_OLDEST_SHARE = 0.7
WANDER_SHARE = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Pair:
    """What the traffic has to know of a market: where it starts and its steps."""

    market: str
    mid: Decimal
    tick: Decimal
    lot: Decimal
    size: Decimal
    """Typical order, in base units."""
    opening_levels: int = OPENING_LEVELS
    """Quotes a side before trading starts."""
    pull_above: int = PULL_ABOVE_QUOTES
    """Quotes a side above which makers begin to pull some."""
    quotes_per_side: int = QUOTES_PER_SIDE
    """Quotes a side at which they pull as many as they add."""
    wander: Decimal = WANDER_SHARE
    """How far the mid may get from where it starts, as a share of that."""

    def filled(self, quotes: int) -> Pair:
        """Return the same with so many quotes a side before trading starts.

        Raises:
            ValueError: That is less than 1.
        """
        if quotes < 1:
            raise ValueError(f"quotes must be at least 1, got {quotes}")
        more = quotes - OPENING_LEVELS
        return replace(
            self,
            opening_levels=quotes,
            pull_above=PULL_ABOVE_QUOTES + more,
            quotes_per_side=QUOTES_PER_SIDE + more,
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """A maker rests an order; ``ref`` names it for its cancel."""

    market: str
    account: str
    ref: int
    side: Side
    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Cancel:
    """A maker pulls the order ``ref``, if it still rests."""

    market: str
    ref: int


@dataclass(frozen=True, slots=True)
class Take:
    """A taker trades at ``price`` or better and leaves nothing behind."""

    market: str
    account: str
    side: Side
    price: Decimal
    quantity: Decimal


Command = Quote | Cancel | Take


@dataclass(slots=True)
class _Scene:
    pair: Pair
    mid_ticks: int
    quotes: dict[Side, deque[int]] = field(default_factory=lambda: {side: deque() for side in Side})


class _Script:
    def __init__(self, seed: int, pairs: Sequence[Pair]) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a script to be repeated, not a secret
        self._scenes = [_Scene(pair, int(pair.mid / pair.tick)) for pair in pairs]
        self._refs = 0

    def opening(self) -> Iterator[Command]:
        for scene in self._scenes:
            for distance in range(1, scene.pair.opening_levels + 1):
                for side in Side:
                    yield self._quote(scene, side, distance * 2 - self._dice.randrange(2))

    def step(self) -> Command:
        scene = self._dice.choice(self._scenes)
        if self._dice.random() < DRIFT_SHARE:
            self._drift(scene)
        side = self._dice.choice((Side.BUY, Side.SELL))
        if self._dice.random() < TAKE_SHARE:
            return self._take(scene, side)
        quotes = scene.quotes[side]
        pair = scene.pair
        if len(quotes) > pair.pull_above and self._dice.randrange(pair.quotes_per_side) < len(quotes):
            ref = quotes.popleft() if self._dice.random() < PULL_OLDEST_SHARE else self._pull_any(quotes)
            return Cancel(pair.market, ref)
        # The smaller of two throws: more quotes near the touch than far from it.
        reach = min(self._dice.randrange(1, REACH_TICKS + 1) for _ in range(2))
        return self._quote(scene, side, reach)

    def _drift(self, scene: _Scene) -> None:
        start = int(scene.pair.mid / scene.pair.tick)
        room = int(start * scene.pair.wander)
        moved = scene.mid_ticks + self._dice.choice((-2, -1, 1, 2))
        scene.mid_ticks = min(start + room, max(start - room, moved))

    def _quote(self, scene: _Scene, side: Side, distance_ticks: int) -> Quote:
        self._refs += 1
        scene.quotes[side].append(self._refs)
        ticks = scene.mid_ticks + (-distance_ticks if side is Side.BUY else distance_ticks)
        return Quote(
            scene.pair.market,
            self._dice.choice(MAKERS),
            self._refs,
            side,
            max(ticks, 1) * scene.pair.tick,
            self._size(scene.pair),
        )

    def _take(self, scene: _Scene, side: Side) -> Take:
        slip = REACH_TICKS if side is Side.BUY else -REACH_TICKS
        price = max(scene.mid_ticks + slip, 1) * scene.pair.tick
        return Take(scene.pair.market, self._dice.choice(TAKERS), side, price, self._size(scene.pair))

    def _size(self, pair: Pair) -> Decimal:
        thousandths = self._dice.randrange(100, 3000)
        quantity = pair.size * thousandths / 1000 // pair.lot * pair.lot
        return max(quantity, pair.lot)

    def _pull_any(self, quotes: deque[int]) -> int:
        place = self._dice.randrange(len(quotes))
        ref = quotes[place]
        del quotes[place]
        return ref


def opening_commands(pairs: Sequence[Pair]) -> int:
    """Return how many commands at the head of the tape fill the books before trading starts."""
    return sum(pair.opening_levels for pair in pairs) * len(Side)


def tape(seed: int, pairs: Sequence[Pair]) -> Iterator[Command]:
    """Yield the opening quotes and then traffic without end; the same arguments give the same tape."""
    script = _Script(seed, pairs)
    yield from _opened(script)
    if not pairs:
        return
    while True:
        yield _stepped(script)


@exactly
def _opened(script: _Script) -> list[Command]:
    return list(script.opening())


@exactly
def _stepped(script: _Script) -> Command:
    return script.step()
