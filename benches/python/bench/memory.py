"""M2: does the memory of a client stay flat? A million frames through one session of 50 markets.

Absolute: resident memory after every so many frames, and the slope of the straight line through what follows the
warm-up.
"""

from bench.flood import Flood
from bench.row import WrongAnswerError

MARKETS = 50
FRAMES = 1_000_000
EVERY = 25_000
WARM_UP = 200_000
BUDGET_KIB = 512.0
"""In a million frames: half a byte a frame; the allocator alone takes a step of 100 KiB now and then."""


def measure() -> tuple[list[int], float]:
    """Return the resident bytes after every 25,000 frames, and the slope in KiB for a million frames.

    Raises:
        WrongAnswerError: A push was not proved, or the books are not what they must be.
    """
    running = Flood(MARKETS)
    try:
        if running.bests != running.expected:
            raise WrongAnswerError("M2: the best levels are not the oracle's")
        resident = [running.push(EVERY)["resident_bytes"] for _ in range(FRAMES // EVERY)]
    finally:
        running.close()
    return resident, slope_kib(resident[WARM_UP // EVERY :])


def slope_kib(resident: list[int]) -> float:
    """Return the slope of the line of least squares, in KiB for a million frames."""
    middle = (len(resident) - 1) / 2
    mean = sum(resident) / len(resident)
    slope = sum((at - middle) * (figure - mean) for at, figure in enumerate(resident))
    slope /= sum((at - middle) ** 2 for at in range(len(resident)))
    return slope * (1_000_000 / EVERY) / 1024
