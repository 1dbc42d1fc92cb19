"""The sandbox as its user holds it: venues that listen, their oracles and their faults."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tradewire.errors import ConfigError
from tradewire.registry import OpenVenues, find_venue, venue_names
from tradewire.sandbox.traffic import checked_rate
from tradewire.sandbox.venue import Venue

if TYPE_CHECKING:
    from tradewire.sandbox.server import Listener

__all__ = ["Sandbox"]

NS_PER_MS = 1_000_000
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class Sandbox(OpenVenues):
    """Local venues on the current event loop for the length of an ``async with`` block, each on a port of its own.

        async with tradewire.Sandbox() as box:
            box.venue(name).faults.lost_reply()

    Each venue has its addresses, keys, oracle and ``faults``; it is the attribute of its name, too.

    Args:
        venues: Which venues, or the name of one; all by default. Each costs its traffic: open only what you use.
        seed: Makes keys, ids and traffic: the same seed gives the same.
        rate: Traffic commands a second and venue; 0 fills the books and leaves them alone.
        host: A loopback address.
        ports: Port by venue; a free one where none is given.
        now_ms: The venues' clock, in milliseconds since 1970; the wall clock by default.
        listen: Opens a venue's listener on a host and port and returns the port; on a socket by default.
        options: What a venue is to be like, by its name, see ``venue.options_class``.

    Raises:
        ConfigError: An unknown venue, a host that is not loopback, a negative rate or, on entering, an option a venue
            cannot serve.
        OSError: On entering: a port is taken.
    """

    def __init__(
        self,
        venues: Collection[str] | str | None = None,
        *,
        seed: int = 7,
        rate: float = 200.0,
        host: str = "127.0.0.1",
        ports: Mapping[str, int] | None = None,
        now_ms: Callable[[], int] | None = None,
        listen: Callable[[Listener, str, int], Awaitable[int]] | None = None,
        **options: object,
    ) -> None:
        names = venue_names() if venues is None else (venues,) if isinstance(venues, str) else tuple(venues)
        if not names:
            raise ConfigError(f"venues must name at least one of {', '.join(venue_names())}")
        if host not in LOOPBACK_HOSTS:
            raise ConfigError(
                f"host must be a loopback address, {', '.join(sorted(LOOPBACK_HOSTS))}, got {host!r}"
            )
        try:
            checked_rate(rate)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        for name in {*names, *(ports or {}), *options}:
            find_venue(name)
        self._host = host
        self._ports = dict(ports or {})
        self._listen = listen
        self._closing = contextlib.AsyncExitStack()
        self._makers = {
            name: partial(_make, name, seed, rate, now_ms or _wall_ms, options.get(name)) for name in names
        }
        self.venues: Mapping[str, Venue] = {}
        """The open venues by name."""

    def venue(self, name: str) -> Venue:
        """Return the venue of that name, as what all venues have in common.

        Raises:
            ConfigError: It is not open.
        """
        try:
            return self.venues[name]
        except KeyError:
            raise ConfigError(f"{name} is not open; open it with Sandbox([{name!r}])") from None

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Venue:
            # Which venues are installed is looked up on the disk: only for who asks for one that is not open.
            if name.startswith("_") or (name not in self.venues and name not in venue_names()):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return self.venue(name)

    def made(self, venue: Venue) -> Venue:
        """Return a venue that was just made as it is to listen; for boxes that put something before it."""
        return venue

    async def close(self) -> None:
        """Cut every connection and stop listening; closing twice does no harm."""
        await self._closing.aclose()

    async def __aenter__(self) -> Self:
        self.venues = {name: self.made(make()) for name, make in self._makers.items()}
        try:
            for name, venue in self.venues.items():
                await self._open(venue, self._ports.get(name, 0))
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _open(self, venue: Venue, port: int) -> None:
        # aiohttp is slow to import, and only a sandbox that runs needs it.
        from tradewire.sandbox.control import Control
        from tradewire.sandbox.server import Listener

        listener = Listener(venue, Control(venue))
        self._closing.callback(venue.faults.clear)
        self._closing.push_async_callback(listener.close)
        chosen = await (self._listen or Listener.open)(listener, self._host, port)
        venue.listening(f"[{self._host}]" if ":" in self._host else self._host, chosen)
        self._closing.push_async_callback(_end, asyncio.create_task(venue.run()))
        # A task that never began would not clean up after itself.
        await asyncio.sleep(0)


def _make(name: str, seed: int, rate: float, now_ms: Callable[[], int], options: object) -> Venue:
    """Return a venue that does not listen yet.

    Raises:
        ConfigError: Its options are another venue's, or it cannot serve them.
    """
    description = find_venue(name)
    venue_class, options_class = description.sandbox_class, description.options_class
    if options is None:
        options = options_class()
    if not isinstance(options, options_class):
        raise ConfigError(f"{name} must be {options_class.__name__}(...), got {type(options).__name__}")
    faults = venue_class.faults_class()
    faults.venue = name
    try:
        return venue_class(seed=seed, rate_per_s=rate, faults=faults, now_ms=now_ms, options=options)
    except ValueError as error:
        raise ConfigError(str(error)) from None


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _wall_ms() -> int:
    return time.time_ns() // NS_PER_MS
