"""What the way between client and venue is like, and one direction of one connection on it.

What TCP promises holds: within a connection nothing is lost, doubled or swapped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tradewire.testing.network import Network

__all__ = ["NS_PER_MS", "Link", "Pipe"]

NS_PER_MS: Final = 1_000_000


@dataclass
class Link:
    """What the way to and from the venue is like now, of one kind of connection.

    Attributes:
        latency_ms: Least and longest time of a packet.
        is_sliced: What the venue sends arrives byte by byte, each write's first ``SLICED_BYTES``.
        coalesce_ms: What arrives is held back to the next multiple of this and read at once; 0 for never.
        bytes_per_s: No more than that gets through; 0 for no bound.
        holds_up: What the client sends stays on the way.
        holds_down: What the venue sends stays on the way.
        refuses: New connections are refused.
        hangs: New connections are never answered.
    """

    latency_ms: tuple[float, float] = (0.2, 2.0)
    is_sliced: bool = False
    coalesce_ms: int = 0
    bytes_per_s: int = 0
    holds_up: bool = False
    holds_down: bool = False
    refuses: bool = False
    hangs: bool = False
    ignores_close: bool = False
    """The venue never answers a closing handshake."""
    cut_after_bytes: int = 0
    """So many bytes of the venue's still arrive, then their connection breaks; 0 for no cut."""
    reply_changes: list[tuple[str, bool]] = field(default_factory=list)
    """What is made of the next replies, see ``replies.REPLY_CHANGES``: to a request that writes, or one that reads."""
    fail_next: list[str] = field(default_factory=list)
    """Reasons for which the next connections are not made: ``dns``, ``address``, ``tls``, ``reset``."""

    def heal(self) -> None:
        """Make it good from now on."""
        for name, value in vars(Link()).items():
            setattr(self, name, value)


class Pipe:
    """One direction of one connection: what is put in comes out later, in order."""

    def __init__(self, network: Network, link: Link, name: str, *, is_up: bool) -> None:
        self._network = network
        self._chance = network.chance_of(name)
        self._link = link
        self._name = name
        self._is_up = is_up
        self._last_ns = 0
        self._held: deque[tuple[int, Callable[[], object]]] = deque()
        self.is_cut = False

    def put(self, size: int, deliver: Callable[[], object]) -> None:
        """Have ``deliver`` called when ``size`` bytes have travelled."""
        if self._held or self.is_held:
            self._held.append((size, deliver))
            self._network.held.append(self)
            return
        link, loop = self._link, self._network.loop
        now_ns = loop.monotonic_ns()
        least, longest = link.latency_ms
        when_ns = now_ns + round(self._chance.uniform(least, longest) * NS_PER_MS)
        if link.bytes_per_s:
            when_ns = max(when_ns, self._last_ns) + size * 1_000_000_000 // link.bytes_per_s
        if link.coalesce_ms:
            step_ns = link.coalesce_ms * NS_PER_MS
            when_ns = -(-when_ns // step_ns) * step_ns
        self._last_ns = when_ns = max(when_ns, self._last_ns)
        loop.arrive(when_ns, self._name, lambda: None if self.is_cut else deliver(), is_alone=self._is_up)

    @property
    def is_held(self) -> bool:
        """Whether nothing gets through."""
        return self._link.holds_up if self._is_up else self._link.holds_down

    def release(self) -> None:
        """Let go of what was held back."""
        if not self.is_held:
            held, self._held = self._held, deque()
            for size, deliver in held:
                self.put(size, deliver)
