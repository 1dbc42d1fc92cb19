"""What is armed: which fault, how often, for what, and how often each was triggered."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tradewire.sandbox.faults.kinds import FRAME_FAULTS, FaultKind
from tradewire.sandbox.faults.script import Event, events_of, strike, to_toml

__all__ = ["Armed", "FaultStore", "Latency"]


@dataclass(slots=True)
class Armed:
    """A fault that waits for its occasion. ``values`` are its other parameters by name."""

    kind: FaultKind
    market: str | None
    left: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Latency:
    """A delay that applies from now on."""

    latency_ms: float = 0.0
    jitter_ms: float = 0.0


class FaultStore:
    """Armed faults and lasting ones.

    Attributes:
        kinds: What can be done wrong: each fault that the class has a method for, unless it names fewer.
        venue: The venue's name, which a script may say; empty if there is none.
        triggered: How often each kind was triggered.
        skew_ms: How far the venue's clock runs ahead of its true one.
        answers_pings: Pings are answered.
        touches_frames: A fault is armed that must look at frames on their way out.
    """

    kinds: ClassVar[frozenset[FaultKind]] = frozenset()

    def __init_subclass__(cls) -> None:
        if "kinds" not in vars(cls):
            cls.kinds = frozenset(kind for kind in FaultKind if hasattr(cls, kind.value))

    def __init__(self) -> None:
        self.venue = ""
        self.triggered: dict[str, int] = {kind.value: 0 for kind in FaultKind}
        self.skew_ms = 0
        self.answers_pings = True
        self.touches_frames = False
        self.rest_delay = Latency()
        self.push_delay = Latency()
        self.read_lag_ms = 0
        self._armed: list[Armed] = []
        self._to_come: list[tuple[Event, asyncio.TimerHandle]] = []
        self._actions: dict[FaultKind, list[Callable[..., int]]] = {}
        # Jitter is to be repeatable, not secret.
        self._dice = random.Random(7)  # noqa: S311

    def __dir__(self) -> list[str]:
        return sorted(set(super().__dir__()) - set(FaultKind) | self.kinds)

    @property
    def is_armed(self) -> bool:
        """Any fault waits for its occasion."""
        return bool(self._armed)

    @property
    def to_come(self) -> tuple[Event, ...]:
        """What scripts that are being played have yet to do, ``at_s`` of their own time."""
        return tuple(event for event, timer in self._to_come if not timer.cancelled())

    def play(self, script: str | Iterable[Event]) -> tuple[Event, ...]:
        """Let faults strike at their times from now on, on the loop that runs; ``clear`` ends that, too.

        Args:
            script: A script in TOML, see ``script``, or its events.

        Returns:
            What will strike, in order.

        Raises:
            ValueError: It is no script, or names what this venue cannot do; nothing will strike.
        """
        loop = asyncio.get_running_loop()
        events = events_of(script if isinstance(script, str) else to_toml(tuple(script)), self)

        def act(event: Event) -> None:
            self._to_come = [one for one in self._to_come if one[0] is not event]
            strike(self, event.fault, event.values, loop.call_later)

        self._to_come += [(event, loop.call_later(event.at_s, act, event)) for event in events]
        return events

    def on(self, kind: FaultKind, action: Callable[..., int]) -> None:
        """Register who does ``kind`` at once; it returns how often it did."""
        self._actions.setdefault(kind, []).append(action)

    def take(
        self,
        kind: FaultKind,
        market: str | None = None,
        fits: Callable[[Mapping[str, Any]], bool] = lambda _: True,
    ) -> Armed | None:
        """Use up one armed ``kind`` that fits ``market`` and its own parameters; ``None`` if none is."""
        for armed in self._armed:
            if armed.kind is kind and armed.market in {None, market} and fits(armed.values):
                armed.left -= 1
                if not armed.left:
                    self._armed.remove(armed)
                    self._note_frames()
                self.triggered[kind] += 1
                return armed
        return None

    def delay_s(self, delay: Latency) -> float:
        """Return how long something waits now: latency plus a part of the jitter, in seconds."""
        if not delay.latency_ms and not delay.jitter_ms:
            return 0.0
        return (delay.latency_ms + self._dice.random() * delay.jitter_ms) / 1000

    def _arm(self, kind: FaultKind, count: int, market: str | None = None, /, **values: Any) -> None:
        self._require(kind)
        if count < 1:
            raise ValueError(f"count must be at least 1, got {count}")
        self._armed.append(Armed(kind, market, count, values))
        self._note_frames()

    def _act(self, kind: FaultKind, *args: Any) -> int:
        self._require(kind)
        done = sum(action(*args) for action in self._actions.get(kind, ()))
        self.triggered[kind] += done
        return done

    def _last(self, kind: FaultKind) -> None:
        """Count a fault that lasts from now on."""
        self._require(kind)
        self.triggered[kind] += 1

    def _disarm(self) -> None:
        self._armed.clear()
        for _, timer in self._to_come:
            timer.cancel()
        self._to_come.clear()
        self._note_frames()

    def _require(self, kind: FaultKind) -> None:
        if kind not in self.kinds:
            raise ValueError(
                f"this venue has no fault {kind.value!r}; it has {', '.join(sorted(self.kinds))}"
            )

    def _note_frames(self) -> None:
        self.touches_frames = any(armed.kind in FRAME_FAULTS for armed in self._armed)
