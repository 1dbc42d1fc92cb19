"""One world: a loop on virtual time, a network in memory, and what a client and a sandbox need to live in it."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from tradewire._native import set_book_clock
from tradewire.session.lifetime import ClientOptions
from tradewire.testing.loop import EPOCH_NS, VirtualLoop
from tradewire.testing.network import Network
from tradewire.testing.trace import Trace
from tradewire.testing.web_sockets import Streams
from tradewire.transport.http1 import Http1Transport

__all__ = ["World"]

ResultT = TypeVar("ResultT")
NS_PER_MS: Final = 1_000_000


class World:
    """What one run happens in.

    Args:
        seed: Decides everything that is chance.
        keeps_trace: Keep what happened, besides its hash.
    """

    def __init__(self, seed: object, *, keeps_trace: bool = False) -> None:
        self.loop = VirtualLoop(seed)
        self.trace = Trace(keeps=keeps_trace)
        self.network = Network(self.loop, seed, self.trace)
        self._venue_offset_ns = EPOCH_NS - self.loop.monotonic_ns()

    def run(self, main: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Run ``main`` in this world to its end; a world is run once."""
        set_book_clock(self.loop.wall_ns)
        try:
            return self.loop.run(main)
        finally:
            set_book_clock(None)

    def sandbox_options(self) -> dict[str, Any]:
        """Return what a ``tradewire.Sandbox`` must be made with to live in this world."""
        return {"now_ms": self._venue_ms, "listen": self.network.listen}

    def client_options(self, ping_s: float = 0.0) -> ClientOptions:
        """Return what a client must be made with to live in this world.

        Args:
            ping_s: How often its streams ping, for venues whose liveness rests on it; 0 for never.
        """
        return {
            "http": Http1Transport(dial=self.network.dial),
            "ws": Streams(self.network, ping_interval_s=ping_s, pong_timeout_s=ping_s),
            "clocks": self.loop.clocks(),
        }

    def _venue_ms(self) -> int:
        """Return the venue's clock, which no step of the client's moves."""
        return (self.loop.monotonic_ns() + self._venue_offset_ns) // NS_PER_MS
