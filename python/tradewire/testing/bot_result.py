"""What a run of a user's bot is made with, and what it showed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tradewire.sandbox.faults.script import Event
from tradewire.testing.bot_invariants import Broken, Invariant

__all__ = ["BotResult", "Plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every run of a test has in common.

    Attributes:
        faults: A script, names to draw from, the faults themselves, or ``None`` to draw from all.
        invariants: What must hold in the end.
        seconds: How long faults strike, virtual seconds.
        rate: Commands of the market's own traffic a virtual second.
    """

    faults: str | Sequence[str] | Sequence[Event] | None
    invariants: Sequence[Invariant]
    seconds: float
    rate: float


@dataclass(slots=True)
class BotResult:
    """What a run showed.

    Attributes:
        venue: Which venue or product.
        seed: Its seed.
        schedule: The faults, in the order of their times.
        struck: How often each kind found a victim.
        broken: What did not hold; none in a good run.
        error: What the bot's function raised, or ``None``.
        timeline: What happened, with virtual seconds since the run began.
        trace: Hash of everything that happened: two runs of one seed that differ in it had something else than the seed
            to decide.
    """

    venue: str
    seed: int
    schedule: tuple[Event, ...] = ()
    struck: Counter[str] = field(default_factory=Counter)
    broken: list[Broken] = field(default_factory=list)
    error: BaseException | None = None
    timeline: list[tuple[float, str]] = field(default_factory=list)
    trace: str = ""

    @property
    def is_good(self) -> bool:
        """Nothing was raised and everything held."""
        return not self.broken and self.error is None

    @property
    def kinds(self) -> set[str]:
        """What went wrong, without its particulars, so that a shorter schedule can be seen to do the same."""
        raised = set() if self.error is None else {type(self.error).__name__}
        return {one.invariant for one in self.broken} | raised
