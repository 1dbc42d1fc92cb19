"""How long to wait before the next try: exponential, jittered, and forgetting only what was survived.

Time and randomness come in as arguments; nothing here waits.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from tradewire.errors import ConfigError

__all__ = ["Backoff", "jitter"]

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
FIRST_NS = 250 * NS_PER_MS
CAP_NS = 30 * NS_PER_S
STABLE_NS = 30 * NS_PER_S
"""A connection that lived shorter than this counts as one more failure, so that a venue which accepts and
drops at once is not stormed."""


def jitter() -> float:
    """Return a number that is uniform in [0, 1)."""
    # Not random, which takes as long to import as twenty modules of ours.
    return int.from_bytes(os.urandom(4), "big") / (1 << 32)


class Backoff:
    """Doubles from ``first_ns`` to ``cap_ns``; a success forgives only after ``stable_ns``.

    Args:
        random: Uniform in [0, 1). A delay lies between half of its step and the whole of it, so that many
            clients which lost the same venue do not come back together.
    """

    def __init__(
        self,
        random: Callable[[], float] = jitter,
        *,
        first_ns: int = FIRST_NS,
        cap_ns: int = CAP_NS,
        stable_ns: int = STABLE_NS,
    ) -> None:
        if not 0 < first_ns <= cap_ns:
            raise ConfigError(f"back-off needs 0 < first_ns <= cap_ns, was {first_ns} and {cap_ns}")
        self._random = random
        self._first_ns = first_ns
        self._cap_ns = cap_ns
        self._stable_ns = stable_ns
        self._succeeded_at_ns: int | None = None
        self.attempts = 0

    def succeeded(self, now_ns: int) -> None:
        """Note a success; it forgives the failures before it once it has lasted ``stable_ns``."""
        if self._succeeded_at_ns is None:
            self._succeeded_at_ns = now_ns

    def failed(self, now_ns: int) -> int:
        """Note a failure and return the nanoseconds to wait."""
        if self._succeeded_at_ns is not None and now_ns - self._succeeded_at_ns >= self._stable_ns:
            self.attempts = 0
        self._succeeded_at_ns = None
        step_ns = self._first_ns
        for _ in range(self.attempts):
            step_ns *= 2
            if step_ns >= self._cap_ns:
                step_ns = self._cap_ns
                break
        self.attempts += 1
        return step_ns - int(self._random() * (step_ns // 2))
