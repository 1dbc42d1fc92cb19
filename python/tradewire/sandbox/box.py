"""The sandbox as its user holds it: venues that listen, their oracles and their faults."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager

from tradewire.errors import ConfigError
from tradewire.sandbox.faults import Faults
from tradewire.sandbox.traffic import checked_rate
from tradewire.sandbox.venue import Venue
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.coinex.venue import CoinExVenue
from tradewire.sandbox.venues.exchange.options import ExchangeOptions
from tradewire.sandbox.venues.exchange.venue import ExchangeVenue
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.venue import TrueXVenue

__all__ = ["VENUES", "Box", "sandbox"]

VENUES = ("coinex", "exchange", "truex")
NS_PER_MS = 1_000_000
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class Box:
    """A running sandbox. Made by ``sandbox()``. Each venue has its addresses, keys, oracle and ``faults``."""

    def __init__(self, venues: Mapping[str, Venue]) -> None:
        self.venues = venues
        """The open venues by name."""
        self._closing = contextlib.AsyncExitStack()

    @property
    def coinex(self) -> CoinExVenue:
        """The CoinEx venue.

        Raises:
            ConfigError: It is not open.
        """
        venue = self._open_venue("coinex")
        assert isinstance(venue, CoinExVenue)
        return venue

    @property
    def exchange(self) -> ExchangeVenue:
        """The Exchange venue.

        Raises:
            ConfigError: It is not open.
        """
        venue = self._open_venue("exchange")
        assert isinstance(venue, ExchangeVenue)
        return venue

    @property
    def truex(self) -> TrueXVenue:
        """The TrueX venue.

        Raises:
            ConfigError: It is not open.
        """
        venue = self._open_venue("truex")
        assert isinstance(venue, TrueXVenue)
        return venue

    async def close(self) -> None:
        """Cut every connection and stop listening; closing twice does no harm."""
        await self._closing.aclose()

    def _open_venue(self, name: str) -> Venue:
        try:
            return self.venues[name]
        except KeyError:
            raise ConfigError(f"{name} is not open; open it with sandbox(venues=({name!r},))") from None

    async def _open(self, venue: Venue, host: str, port: int) -> None:
        # aiohttp is slow to import, and only a sandbox that runs needs it.
        from tradewire.sandbox.control import Control
        from tradewire.sandbox.server import Listener

        listener = Listener(venue, Control(venue))
        self._closing.callback(venue.faults.clear)
        self._closing.push_async_callback(listener.close)
        chosen = await listener.open(host, port)
        venue.listening(f"[{host}]" if ":" in host else host, chosen)
        self._closing.push_async_callback(_end, asyncio.create_task(venue.run()))
        # A task that never began would not clean up after itself.
        await asyncio.sleep(0)


@asynccontextmanager
async def sandbox(
    venues: Collection[str] | str = VENUES,
    *,
    seed: int = 7,
    rate: float = 200.0,
    host: str = "127.0.0.1",
    ports: Mapping[str, int] | None = None,
    now_ms: Callable[[], int] | None = None,
    coinex: CoinExOptions | None = None,
    exchange: ExchangeOptions | None = None,
    truex: TrueXOptions | None = None,
) -> AsyncIterator[Box]:
    """Run local venues on the current event loop for the length of the block, each on a port of its own.

    Args:
        venues: Which venues, or the name of one; all by default. Each costs its traffic: open only what you use.
        seed: Makes keys, ids and traffic: the same seed gives the same.
        rate: Traffic commands a second and venue; 0 fills the books and leaves them alone.
        host: A loopback address.
        ports: Port by venue; a free one where none is given.
        now_ms: The venues' clock, in milliseconds since 1970; the wall clock by default.
        coinex: What CoinEx is to be like.
        exchange: What Exchange is to be like.
        truex: What TrueX is to be like.

    Yields:
        The running sandbox.

    Raises:
        ConfigError: An unknown venue, a host that is not loopback, a negative rate, or an option a venue
            cannot serve.
        OSError: The port is taken.
    """
    if isinstance(venues, str):
        venues = (venues,)
    if unknown := set(venues) - set(VENUES) or set(ports or {}) - set(VENUES):
        raise ConfigError(
            f"the sandbox has no venue {', '.join(sorted(unknown))}; it has {', '.join(VENUES)}"
        )
    if not venues:
        raise ConfigError(f"name at least one venue of {', '.join(VENUES)}")
    if host not in LOOPBACK_HOSTS:
        raise ConfigError(f"the sandbox listens on loopback only, not on {host}")
    clock = now_ms or _wall_ms
    try:
        checked_rate(rate)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    makers: dict[str, Callable[[], Venue]] = {
        "coinex": lambda: CoinExVenue(
            seed=seed,
            rate_per_s=rate,
            faults=Faults(CoinExVenue.fault_kinds),
            now_ms=clock,
            options=coinex or CoinExOptions(),
        ),
        "exchange": lambda: ExchangeVenue(
            seed=seed,
            rate_per_s=rate,
            faults=Faults(ExchangeVenue.fault_kinds),
            now_ms=clock,
            options=exchange or ExchangeOptions(),
        ),
        "truex": lambda: TrueXVenue(
            seed=seed,
            rate_per_s=rate,
            faults=Faults(TrueXVenue.fault_kinds),
            now_ms=clock,
            options=truex or TrueXOptions(),
        ),
    }
    try:
        box = Box({name: makers[name]() for name in VENUES if name in venues})
    except ValueError as error:
        raise ConfigError(str(error)) from None
    try:
        for name, venue in box.venues.items():
            await box._open(venue, host, (ports or {}).get(name, 0))
        yield box
    finally:
        await box.close()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _wall_ms() -> int:
    return time.time_ns() // NS_PER_MS
