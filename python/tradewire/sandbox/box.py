"""The sandbox as its user holds it: venues that listen, their truth and their mischief."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager

from tradewire.errors import ConfigError
from tradewire.sandbox.dialects.coinex.venue import CoinExVenue
from tradewire.sandbox.mischief import Mischief

__all__ = ["VENUES", "Box", "sandbox"]

VENUES = ("coinex",)
NS_PER_MS = 1_000_000
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class Box:
    """A running sandbox. Made by ``sandbox()``.

    Attributes:
        coinex: The CoinEx venue: addresses, keys, books and ledgers.
        mischief: What shall go wrong next.
    """

    def __init__(self, coinex: CoinExVenue, mischief: Mischief) -> None:
        self.coinex = coinex
        self.mischief = mischief
        self._closing = contextlib.AsyncExitStack()

    async def close(self) -> None:
        """Cut every connection and stop listening; closing twice does no harm."""
        await self._closing.aclose()

    async def _open(self, host: str, port: int, idle_s: float) -> None:
        # aiohttp is slow to import, and only a sandbox that runs needs it.
        from tradewire.sandbox.control import Control
        from tradewire.sandbox.server import Limits, Listener

        listener = Listener(self.coinex, Control(self.coinex, self.mischief), Limits(idle_s=idle_s))
        self.mischief.on_drop(listener.drop)
        self._closing.push_async_callback(listener.close)
        chosen = await listener.open(host, port)
        self.coinex.listening(f"[{host}]" if ":" in host else host, chosen)
        self._closing.push_async_callback(_end, asyncio.create_task(self.coinex.run()))


@asynccontextmanager
async def sandbox(
    venues: Collection[str] = VENUES,
    *,
    seed: int = 7,
    rate: float = 200.0,
    push_ms: int = 200,
    host: str = "127.0.0.1",
    ports: Mapping[str, int] | None = None,
    markets: Collection[str] | None = None,
    now_ms: Callable[[], int] | None = None,
    idle_s: float = 60.0,
    accept_legacy_hash: bool = False,
    bare_batch_items: bool = False,
    rate_limits: bool = True,
    full_every_ms: int = 60_000,
) -> AsyncIterator[Box]:
    """Run a local venue on the current event loop for the length of the block.

    Args:
        venues: Which venues; ``coinex`` is the one there is.
        seed: Makes keys, ids and traffic: the same seed gives the same.
        rate: Traffic commands a second; 0 fills the books and leaves them alone.
        push_ms: Cadence of depth, state and deals pushes; 0 pushes each change at once.
        host: A loopback address.
        ports: Port by venue; a free one where none is given.
        markets: Names of the markets to run; all there are by default.
        now_ms: The venue's clock, in milliseconds since 1970; the wall clock by default.
        idle_s: Seconds after which a silent WebSocket client is cut off.
        accept_legacy_hash: Also take CoinEx's plain SHA-256 from before April 2024, as ccxt sends it.
        bare_batch_items: Send successful elements of a CoinEx batch without their wrapper, as in 2024.
        rate_limits: ``False`` lets everybody ask as often as they like; the headers still count.
        full_every_ms: How often CoinEx depth is pushed whole to everybody.

    Yields:
        The running sandbox.

    Raises:
        ConfigError: An unknown venue or market, a host that is not loopback, or a negative figure.
        OSError: The port is taken.
    """
    if unknown := set(venues) - set(VENUES) or set(ports or {}) - set(VENUES):
        raise ConfigError(
            f"the sandbox has no venue {', '.join(sorted(unknown))}; it has {', '.join(VENUES)}"
        )
    if not venues:
        raise ConfigError(f"name at least one venue of {', '.join(VENUES)}")
    if host not in LOOPBACK_HOSTS:
        raise ConfigError(f"the sandbox listens on loopback only, not on {host}")
    if rate < 0 or push_ms < 0:
        raise ConfigError("rate and push_ms must be at least 0")
    mischief = Mischief()
    try:
        venue = CoinExVenue(
            seed=seed,
            rate_per_s=rate,
            push_ms=push_ms,
            mischief=mischief,
            now_ms=now_ms or _wall_ms,
            markets=markets,
            full_every_ms=full_every_ms,
            accept_legacy_hash=accept_legacy_hash,
            bare_batch_items=bare_batch_items,
            rate_limits=rate_limits,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from None
    box = Box(venue, mischief)
    try:
        await box._open(host, (ports or {}).get("coinex", 0), idle_s)
        yield box
    finally:
        await box.close()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _wall_ms() -> int:
    return time.time_ns() // NS_PER_MS
