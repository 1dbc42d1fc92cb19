"""An asyncio event loop on virtual time: nothing waits, nothing depends on the machine, a seed decides what is chance.

Time stands still while callbacks run and jumps to the next timer or arrival when none is ready. What asyncio promises
stays true: callbacks run in the order they were scheduled, timers in the order they are due. What it leaves open is up
to the seed: how late the loop wakes, and in which order different sources are read that have something at that moment.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import random
from collections import deque
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Final, TypeVar, TypeVarTuple

from tradewire.transport.seam import Clocks

__all__ = ["EPOCH_NS", "Stalled", "VirtualLoop"]

ResultT = TypeVar("ResultT")
Ts = TypeVarTuple("Ts")

NS_PER_S: Final = 1_000_000_000
EPOCH_NS: Final = 1_790_000_000 * NS_PER_S
"""What the wall clock of a new world shows, UTC."""
BEGIN_NS: Final = 1000 * NS_PER_S
"""What the monotonic clock shows. Small, so that a float of seconds still tells nanoseconds apart."""
MOST_ITERATIONS: Final = 100_000
"""More without time passing is somebody who polls for ever."""
MOST_STEPS: Final = 50
"""Iterations within which a server has taken what arrived."""
LATE_SHARE: Final = 0.1
LATEST_NS: Final = 4_000_000


class Stalled(RuntimeError):
    """Nothing will ever happen again, or something happens for ever without time passing."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs one world. Has no sockets, threads, signals or processes.

    Args:
        seed: Decides what asyncio leaves open.
        late_share: How often the loop wakes late; 0 for one that is always in time.
    """

    def __init__(self, seed: object = 0, *, late_share: float = LATE_SHARE) -> None:
        super().__init__()
        self._late_share = late_share
        self._chance = random.Random(f"loop {seed}")
        self._now_ns = BEGIN_NS
        self.wall_offset_ns = EPOCH_NS - BEGIN_NS
        """How far the wall clock is ahead of the monotonic one: set it and the clock steps."""
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[int, int, asyncio.TimerHandle]] = []
        self._arrivals: list[tuple[int, int, Hashable, bool, Callable[[], object]]] = []
        self._settling = 0
        self._count = 0
        self._idle = 0
        self._drift = (BEGIN_NS, 0)

    def time(self) -> float:
        """Return the monotonic clock, seconds."""
        return self._now_ns / NS_PER_S

    def monotonic_ns(self) -> int:
        """Return the monotonic clock."""
        return self._now_ns

    def wall_ns(self) -> int:
        """Return the wall clock, UTC."""
        since_ns, drift_ppm = self._drift
        return self._now_ns + self.wall_offset_ns + (self._now_ns - since_ns) * drift_ppm // 1_000_000

    def drift(self, drift_ppm: int) -> None:
        """Let the wall clock run so much too fast from now on, or too slow; 0 for right, from where it is."""
        self.wall_offset_ns = self.wall_ns() - self._now_ns
        self._drift = (self._now_ns, drift_ppm)

    def block(self, duration_ns: int) -> None:
        """Let time pass inside a callback, as one does that computes."""
        self._now_ns += duration_ns

    def clocks(self, seed: object = "clocks") -> Clocks:
        """Return what a client takes time and chance from in this world."""
        return Clocks(self.wall_ns, self.monotonic_ns, random.Random(f"client {seed}").random)

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """Run ``callback`` in the next iteration, after what was scheduled before."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run ``callback`` in ``delay`` seconds."""
        return self._call_at_ns(self._now_ns + max(0, round(delay * NS_PER_S)), callback, args, context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run ``callback`` when the loop's clock shows ``when`` seconds."""
        return self._call_at_ns(round(when * NS_PER_S), callback, args, context)

    def arrive(
        self, when_ns: int, source: Hashable, deliver: Callable[[], object], *, is_alone: bool = False
    ) -> None:
        """Run ``deliver`` at ``when_ns``, as a socket would that has something to read then.

        What one source delivers stays in order; of several that are due at once the seed decides which comes first.
        One that is alone shares its iteration with nothing, and what follows from it comes before anything else that is
        due: how many iterations a server takes depends on the version of Python.
        """
        self._count += 1
        heapq.heappush(self._arrivals, (when_ns, self._count, source, is_alone, deliver))

    def _call_at_ns(
        self,
        when_ns: int,
        callback: Callable[[*Ts], object],
        args: tuple[*Ts],
        context: contextvars.Context | None,
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when_ns / NS_PER_S, callback, args, self, context)
        self._count += 1
        heapq.heappush(self._timers, (when_ns, self._count, handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Do nothing: what was cancelled is left out when it is due."""

    def call_soon_threadsafe(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """Do as ``call_soon``: there is one thread."""
        return self.call_soon(callback, *args, context=context)

    def _run_once(self) -> None:
        """Run one iteration; asyncio's own, which every version has, waits for sockets and real time."""
        ready, timers, before_ns = self._ready, self._timers, self._now_ns
        if not ready:
            self._jump()
        if self._settling and ready:
            self._settling -= 1
        else:
            self._settling = 0
            now_ns, arrivals = self._now_ns, self._arrivals
            if not arrivals or arrivals[0][0] > now_ns or self._collect_arrivals():
                while timers and timers[0][0] <= now_ns:
                    ready.append(heapq.heappop(timers)[2])
        if self._now_ns > before_ns:
            self._idle = 0
        else:
            self._idle += 1
            if self._idle > MOST_ITERATIONS:
                following = ready[0] if ready else None
                raise Stalled(f"{MOST_ITERATIONS} iterations without time passing; next is {following}")
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()

    def _jump(self) -> None:
        """Let time pass until something is due, or a little longer."""
        timers, arrivals = self._timers, self._arrivals
        while timers and timers[0][2].cancelled():
            heapq.heappop(timers)
        if timers:
            due_ns = timers[0][0]
            if arrivals and arrivals[0][0] < due_ns:
                due_ns = arrivals[0][0]
        elif arrivals:
            due_ns = arrivals[0][0]
        else:
            raise Stalled("no timer is set and nothing is on its way: whoever waits, waits for ever")
        if due_ns > self._now_ns:
            # How often nothing passes depends on the version of Python; what is left to chance must not.
            chance = self._chance
            self._now_ns = due_ns
            if chance.random() < self._late_share:
                self._now_ns += int(chance.random() * LATEST_NS)

    def _collect_arrivals(self) -> bool:
        """Make ready what has arrived; return whether it may share the iteration with timers."""
        now_ns, arrivals = self._now_ns, self._arrivals
        by_source: dict[Hashable, list[Callable[[], object]]] = {}
        while arrivals and arrivals[0][0] <= now_ns:
            if arrivals[0][3]:
                if not by_source:
                    self._ready.append(asyncio.Handle(heapq.heappop(arrivals)[4], (), self))
                    self._settling = MOST_STEPS
                break
            _, _, source, _, deliver = heapq.heappop(arrivals)
            by_source.setdefault(source, []).append(deliver)
        sources = list(by_source.values())
        if len(sources) > 1:
            self._chance.shuffle(sources)
        for delivered in sources:
            self._ready.extend(asyncio.Handle(deliver, (), self) for deliver in delivered)
        return not self._settling and not (arrivals and arrivals[0][0] <= now_ns)

    def run(self, main: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Run ``main`` to its end, end what it left behind, close the loop, and return the result."""
        try:
            return self.run_until_complete(main)
        finally:
            try:
                self._end_tasks()
                self.run_until_complete(self.shutdown_asyncgens())
            finally:
                self.close()

    def close(self) -> None:
        """Forget everything that is scheduled."""
        super().close()
        self._timers.clear()
        self._arrivals.clear()

    def _end_tasks(self) -> None:
        self._idle = 0
        # The set that asyncio keeps has no order.
        left = sorted(asyncio.all_tasks(self), key=lambda task: (len(task.get_name()), task.get_name()))
        for task in left:
            task.cancel()
        if left:
            self.run_until_complete(asyncio.gather(*left, return_exceptions=True))
