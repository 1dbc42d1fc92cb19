"""``tradewire.replay``: a recording as a venue, in memory with virtual time or over sockets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tradewire.errors import ConfigError, RecordingError
from tradewire.interface import VenueClient
from tradewire.model import Fill, Market
from tradewire.playback.model import FillModel
from tradewire.playback.player import Player, ReplayedVenue, markets_of
from tradewire.playback.report import Report, result_of
from tradewire.playback.tape import Tape
from tradewire.recording.reader import Recording
from tradewire.sandbox import Sandbox
from tradewire.sandbox.server import Listener
from tradewire.sandbox.venue import Venue
from tradewire.testing.loop import VirtualLoop
from tradewire.testing.network import Network
from tradewire.testing.trace import Trace
from tradewire.testing.web_sockets import Streams
from tradewire.transport.http1 import Http1Transport

__all__ = ["LATENCY_MS", "Bot", "Replay", "replay"]

Bot = Callable[[VenueClient], Awaitable[Any]]
NS_PER_S: Final = 1_000_000_000
NS_PER_MS: Final = 1_000_000
LATENCY_MS: Final = 5.0
LEAD_NS: Final = NS_PER_S
"""How long before the first record a bot begins, in virtual time: it finds the market as the recorder did."""
TRAIL_S: Final = 1.0
"""How long it goes on after the last one."""
SOCKET_LEAD_S: Final = 0.25
"""How long the recording waits, over sockets, for more subscriptions after the first."""
YIELD_EVERY: Final = 32
PING_S: Final = 20.0
log = logging.getLogger("tradewire.replay")


def replay(
    path: Path | str,
    *,
    speed: float | None = None,
    latency_ms: float = LATENCY_MS,
    host: str = "127.0.0.1",
    port: int = 0,
) -> Replay:
    """Return a recording to be replayed, see ``Replay``.

        report = tradewire.replay("btc.twrec").run(bot)        # in memory, as fast as it goes

        async with tradewire.replay("btc.twrec", speed=10) as box:    # over sockets
            async with tradewire.CoinEx.for_sandbox(box) as venue:
                ...

    Args:
        path: The recording's first file.
        speed: 1 for as recorded, 10 for ten times as fast, ``math.inf`` for as fast as it goes. Left out: in memory as
            fast as it goes, over sockets as recorded.
        latency_ms: How long a message takes to the venue, and back, in memory: an order meets the recorded market as
            it was so much later. Over sockets the way is what it is.
        host: A loopback address, over sockets.
        port: Over sockets; a free one for 0.

    Raises:
        ConfigError: The speed is not above zero, the latency below it, or the recording's venue is not installed.
        RecordingError: The file is no recording, damaged, of another version, or has no public data.
    """
    return Replay(path, speed=speed, latency_ms=latency_ms, host=host, port=port)


class Replay:
    """A recording that can be replayed, once: with ``run``, or with ``async with`` over sockets.

    Recorded market data goes out byte for byte when it is due. Everything about the account is the sandbox's: keys,
    orders, balances, limits; whether an order trades says a fill model, see ``tradewire.playback.model`` for it and its
    limits. In memory there is one clock, the recording's, and nothing depends on the machine: two runs give the same
    books, events, orders and fills. Over sockets, for bots in any language, market data keeps the recording's times
    while the venue's own clock is the machine's.

    Attributes:
        tape: What was recorded.
    """

    def __init__(
        self, path: Path | str, *, speed: float | None, latency_ms: float, host: str, port: int
    ) -> None:
        if speed is not None and not speed > 0:
            raise ConfigError(f"speed must be above 0, math.inf for as fast as it goes, got {speed}")
        if not 0 <= latency_ms < math.inf:
            raise ConfigError(f"latency_ms must be 0 or more, got {latency_ms}")
        self.tape = Tape(Recording(path))
        self._speed = speed
        self._latency_ms = latency_ms
        self._host, self._port = host, port
        self._stage: _Stage | None = None
        self._closing = contextlib.AsyncExitStack()
        self._playing: asyncio.Task[None] | None = None

    def run(self, bot: Bot) -> Report:
        """Run ``bot`` on the recording in memory and return what came of it.

        The bot is called with a client and ends by itself or, a second after the recording's end, by cancellation.
        Blocks, and may not be called in a running event loop.

        Args:
            bot: ``async def bot(client): ...``

        Raises:
            ConfigError: This replay was used already.
            Exception: Whatever the bot raises.
        """
        self._once()
        speed = math.inf if self._speed is None else self._speed
        loop = _Loop(speed)
        try:
            loop.wall_offset_ns = self.tape.began_wall_ns - LEAD_NS - loop.monotonic_ns()
            network = Network(loop, "replay", _NoTrace())
            network.http.latency_ms = network.ws.latency_ms = (self._latency_ms, self._latency_ms)
            self._stage = _Stage(self.tape, loop.wall_ns, network)
        except BaseException:
            loop.close()
            raise
        return loop.run(self._in_memory(self._stage, loop, network, bot))

    async def __aenter__(self) -> Self:
        self._once()
        ports = {self.tape.product.venue: self._port} if self._port else {}
        self._stage = stage = _Stage(self.tape, time.time_ns, None, host=self._host, ports=ports)
        await self._closing.enter_async_context(stage)
        await self._closing.enter_async_context(stage.watched(stage.client()))
        self._playing = asyncio.create_task(
            stage.play_over_sockets(1.0 if self._speed is None else self._speed)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.wait([self._playing])
        await self._closing.aclose()

    def venue(self, name: str) -> Venue:
        """Return the venue, with addresses and keys, as ``Sandbox.venue`` does; open over sockets only."""
        return self._open().venue(name)

    async def finished(self) -> None:
        """Wait until all of the recording was played over sockets.

        It begins when the first client has subscribed to something in it.
        """
        self._open()
        assert self._playing is not None
        await asyncio.shield(self._playing)

    def report(self) -> Report:
        """Return what came of it so far."""
        return self._open().report()

    def _open(self) -> _Stage:
        if self._stage is None:
            raise ConfigError("the replay is not open: use it with run(bot), or in an async with block")
        return self._stage

    def _once(self) -> None:
        if self._stage is not None:
            raise ConfigError("a replay is used once: call tradewire.replay again")

    async def _in_memory(self, stage: _Stage, loop: VirtualLoop, network: Network, bot: Bot) -> Report:
        def client() -> VenueClient:
            return stage.client(
                http=Http1Transport(dial=network.dial),
                ws=Streams(network, ping_interval_s=PING_S, pong_timeout_s=PING_S),
                clocks=loop.clocks(),
            )

        began_ns = loop.monotonic_ns() + LEAD_NS - round(self._latency_ms * NS_PER_MS)
        async with stage:
            # What watches the fills is there before the bot is, and sees the last of them.
            async with stage.watched(client()):
                async with client() as venue:
                    running = asyncio.ensure_future(bot(venue))
                    playing = asyncio.create_task(stage.play_in_time(loop, began_ns))
                    try:
                        await asyncio.wait([running, playing], return_when=asyncio.FIRST_COMPLETED)
                        if not running.done():
                            await asyncio.wait([running], timeout=TRAIL_S)
                    finally:
                        for task in (running, playing):
                            task.cancel()
                        await asyncio.wait([running, playing])
                    for task in (playing, running):
                        if not task.cancelled() and (error := task.exception()) is not None:
                            raise error
                    result = None if running.cancelled() else running.result()
                await asyncio.sleep(TRAIL_S)
            report = stage.report(result)
            await network.close()
            return report


class _Stage(Sandbox):
    """The sandbox with the venue of a recording."""

    def __init__(
        self, tape: Tape, wall_ns: Callable[[], int], network: Network | None, **options: Any
    ) -> None:
        self.tape = tape
        self.player: Player
        self.model: FillModel
        self._market_rules: dict[str, Market] = {}
        self._fills: list[Fill] = []
        self._network = network
        self._tape_ns = tape.began_wall_ns
        self._cut: Callable[[str], object] = lambda _: None
        name = tape.product.venue
        options[name] = tape.wire.options(tape.markets)
        super().__init__(
            [name], rate=0, now_ms=lambda: wall_ns() // NS_PER_MS, listen=self._listening, **options
        )

    def made(self, venue: Venue) -> Venue:
        """Put the recording before the venue."""
        self.tape.wire.prepare(venue, self.tape.markets)
        self.model = FillModel(self.tape.wire, venue, self.tape.markets, lambda: self._tape_ns)
        self.player = Player(self.tape, venue, self.model)
        self.player.cut = lambda market: self._cut(market)
        replayed: Any = ReplayedVenue(venue, self.player)
        return replayed  # type: ignore[no-any-return]  # a proxy is what it stands for

    async def __aenter__(self) -> Self:
        try:
            return await super().__aenter__()
        except ConfigError as error:
            name = self.tape.recording.paths[0]
            raise RecordingError(f"{name} cannot be replayed, only inspected: {error}") from None

    def client(self, **options: Any) -> VenueClient:
        """Return a client of the default trader."""
        return self.tape.product.client_class.for_sandbox(self, **options)

    @contextlib.asynccontextmanager
    async def watched(self, client: VenueClient) -> Any:
        """Note every fill of the account while the block runs."""
        async with client:
            for market in await client.load_markets():
                self._market_rules[market.symbol] = market
            unknown = [market for market in self.tape.markets if market not in self._market_rules]
            if unknown:
                log.warning(
                    "%s: orders cannot be replayed, the sandbox has no such market", ", ".join(unknown)
                )
            watching = client.watch_fills(on_update=self._fills.append)
            await watching.ready()
            yield client

    def report(self, result: Any = None) -> Report:
        """Return what came of it so far."""
        fills = tuple(self._fills)
        results = {}
        for market in self.tape.markets:
            rules = self._market_rules.get(market)
            if rules is not None:
                own = [fill for fill in fills if fill.market == market]
                results[market] = result_of(rules, own, self.model.last_mid(market))
        return Report(
            product=self.tape.product.name,
            duration_ns=max(0, self._tape_ns - self.tape.began_wall_ns),
            played=self.player.played,
            markets=results,
            fills=fills,
            orders=tuple(self.model.placed),
            mids=self.model.mids,
            missing=markets_of(self.player.missing),
            result=result,
        )

    async def play_in_time(self, loop: VirtualLoop, began_ns: int) -> None:
        """Play everything when it is due by the loop's clock."""
        player = self.player
        for play in self.tape.plays():
            wait_ns = began_ns + play.at_ns - loop.monotonic_ns()
            if wait_ns > 0:
                await asyncio.sleep(wait_ns / NS_PER_S)
            self._tape_ns = play.wall_ns
            player.play(play)

    async def play_over_sockets(self, speed: float) -> None:
        """Play everything in real time, ``speed`` times as fast, once somebody has subscribed."""
        player = self.player
        await player.subscribed.wait()
        await asyncio.sleep(SOCKET_LEAD_S)
        began_ns = time.monotonic_ns()
        for number, play in enumerate(self.tape.plays()):
            wait_ns = began_ns + int(play.at_ns / speed) - time.monotonic_ns()
            if wait_ns > 0:
                await asyncio.sleep(wait_ns / NS_PER_S)
            elif number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
            await player.drain()
            self._tape_ns = play.wall_ns
            player.play(play)

    async def _listening(self, listener: Listener, host: str, port: int) -> int:
        self._cut = listener.drop
        if self._network is None:
            return await listener.open(host, port)
        return await self._network.listen(listener, host, port)


class _Loop(VirtualLoop):
    """Virtual time that is never late, and passes no faster than it is told."""

    def __init__(self, speed: float) -> None:
        super().__init__("replay", late_share=0)
        self._pace = speed
        self._began_s = time.monotonic()
        self._began_ns = self.monotonic_ns()

    def _jump(self) -> None:
        super()._jump()
        if self._pace != math.inf:
            due_s = self._began_s + (self.monotonic_ns() - self._began_ns) / NS_PER_S / self._pace
            time.sleep(max(0.0, due_s - time.monotonic()))


class _NoTrace(Trace):
    """Keeps nothing: a replay has no run to be compared with."""

    def add(self, now_ns: int, source: str, data: bytes) -> None:
        """Do nothing."""
