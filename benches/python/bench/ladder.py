"""A seeded stream of single updates to a book of a given depth, in whole ticks.

Knows where a liquid market changes: most often near the touch, by an exponential law, three times a new
size for one time a level that goes or comes. The depth stays about the same, and the book never crosses.
"""

import random
from bisect import insort
from dataclasses import dataclass

SEED = 20261121
UPDATES = 2_000
MID_TICKS = 8_651_234
MAX_GAP_TICKS = 3
MAX_SIZE_TICKS = 500_000_000
TOUCH_BIAS = 0.15
"""Rate of the exponential law by which updates fall off from the touch, per level."""
SHARE_OF_SIZE_CHANGES = 0.75

Update = tuple[bool, int, int]
"""Is it a bid, price in ticks, size in ticks with 0 for a level that goes."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The opening levels, as updates, and what happens then."""

    depth: int
    opening: tuple[Update, ...]
    updates: tuple[Update, ...]


def ladder(depth: int) -> Ladder:
    """Draw the stream of a book of this depth."""
    rng = random.Random(f"{SEED}/{depth}")
    # Distances from the mid, ascending, per side; the mid itself stays free, so nothing can cross.
    sides: dict[bool, list[int]] = {}
    opening: list[Update] = []
    for is_bid in (True, False):
        distance = 0
        sides[is_bid] = []
        for _ in range(depth):
            distance += rng.randint(1, MAX_GAP_TICKS)
            sides[is_bid].append(distance)
            opening.append((is_bid, _price(is_bid, distance), _size(rng)))
    updates: list[Update] = []
    while len(updates) < UPDATES:
        is_bid = rng.random() < 0.5
        updates.append(_update(rng, is_bid, sides[is_bid], depth))
    return Ladder(depth, tuple(opening), tuple(updates))


def _update(rng: random.Random, is_bid: bool, distances: list[int], depth: int) -> Update:
    rank = min(int(rng.expovariate(TOUCH_BIAS)), len(distances) - 1)
    distance = distances[rank]
    if rng.random() < SHARE_OF_SIZE_CHANGES:
        return is_bid, _price(is_bid, distance), _size(rng)
    if len(distances) >= depth:
        del distances[rank]
        return is_bid, _price(is_bid, distance), 0
    while distance in distances:
        distance = max(1, distances[rank] + rng.randint(-MAX_GAP_TICKS, MAX_GAP_TICKS))
        rank = min(rank + 1, len(distances) - 1)
    insort(distances, distance)
    return is_bid, _price(is_bid, distance), _size(rng)


def _price(is_bid: bool, distance: int) -> int:
    return MID_TICKS - distance if is_bid else MID_TICKS + distance


def _size(rng: random.Random) -> int:
    return rng.randint(1, MAX_SIZE_TICKS)
