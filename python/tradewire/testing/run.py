"""One run: a bot trades while faults strike; then they stop, and within a stated time every invariant holds."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tradewire.errors import TradewireError
from tradewire.interface import VenueClient
from tradewire.protocol import events
from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.ledger import DoesNotAddUp
from tradewire.sandbox.venue import Venue
from tradewire.testing.fault import Event
from tradewire.testing.faults import FAULTS, STRIKE_S, schedule_of
from tradewire.testing.invariants import Difference, Invariant, differences, holdings_differ
from tradewire.testing.logs import captured_logs
from tradewire.testing.strikes import Strikes
from tradewire.testing.trader_bot import Bot
from tradewire.testing.venue_setup import VenueSetup
from tradewire.testing.venues import SETUPS
from tradewire.testing.world import World

__all__ = ["SETTLED_S", "RunResult", "run_seed"]

SETTLED_S: Final = 90.0
"""After the faults stopped every invariant holds within the venue's request window and this, in virtual seconds: a
venue that says 418 is left alone for a minute."""
START_S: Final = 30.0
PAUSE_S: Final = (0.15, 0.75)
RATE_PER_S: Final = 6.0
TRAFFIC_AFTER_S: Final = 1.0
"""The market goes on moving for so long after the faults; then it rests and everything can be compared."""
STEPS_AFTER: Final = 12
CHECK_EVERY_S: Final = 0.5
CLOSE_S: Final = 5.0
LEFT_S: Final = 30.0
SEEN_FALSE: Final = 3


@dataclass(slots=True)
class RunResult:
    """What a run showed.

    Attributes:
        venue: Which venue.
        seed: Its seed.
        schedule: The faults in order.
        struck: How often each kind found a victim.
        broken: The invariants broken; none in a good run.
        attempts: Orders the bot tried to place.
        orders: Orders the venue accepted.
        fills: Fills of them.
        resyncs: Books that were fetched again.
        settled_s: How long after the last fault every invariant held, virtual seconds.
        trace: Hash of everything that happened.
        lines: Everything that happened, where it was kept.
    """

    venue: str
    seed: int
    schedule: tuple[Event, ...] = ()
    struck: Counter[str] = field(default_factory=Counter)
    broken: list[Difference] = field(default_factory=list)
    attempts: int = 0
    orders: int = 0
    fills: int = 0
    resyncs: int = 0
    settled_s: float = 0.0
    trace: str = ""
    lines: list[str] = field(default_factory=list)

    def report(self) -> str:
        """Return everything one needs to find out why."""
        return "\n".join(
            [
                f"{self.venue}, seed {self.seed}: {self.orders} orders, {self.fills} fills; broken:",
                *(f"  {difference}" for difference in self.broken),
                "faults:",
                *(f"  {event}" for event in self.schedule),
                f"again: make chaos CHAOS='--venue {self.venue} --seed {self.seed}'",
            ]
        )


def run_seed(
    venue: str, seed: int, schedule: Sequence[Event] | None = None, *, keeps_trace: bool = False
) -> RunResult:
    """Run one seed on one venue and return what it showed.

    Args:
        venue: Which venue.
        seed: Decides everything that is chance.
        schedule: Faults instead of the seed's own.
        keeps_trace: Keep what happened, besides its hash.
    """
    world = World(seed, keeps_trace=keeps_trace)
    result = RunResult(venue, seed)
    run = _Run(world, SETUPS[venue](), result, schedule)
    with captured_logs(run.said):
        try:
            world.run(run.perform())
        except Exception:
            # One run that breaks down must not hide what the others found.
            result.broken.append(Difference(Invariant.UNEXPECTED_ERROR, traceback.format_exc()))
    run.look_for_secrets()
    result.trace = world.trace.hexdigest()
    result.lines = run.without_secrets(world.trace.lines or [])
    return result


class _Run:
    def __init__(
        self, world: World, setup: VenueSetup, result: RunResult, schedule: Sequence[Event] | None
    ) -> None:
        self._world = world
        self._loop = world.loop
        self._setup = setup
        self._result = result
        self._schedule = schedule
        self._events: list[events.Event] = []
        self._false_books = 0
        self._proves = True
        """A book's number tells which book it must be: the venue did not lie about numbers."""
        self._closing: asyncio.Future[None] = world.loop.create_future()
        self._secrets: tuple[str, ...] = ()
        self.said: list[str] = []
        """Everything a user could see: logs, errors, events."""

    async def perform(self) -> None:
        """Run from the opening of the venue to its end."""
        self._loop.set_exception_handler(self._complain)
        self._setup.restart_ids()
        network, seed = self._world.network, self._result.seed
        async with self._setup.open(seed, rate=RATE_PER_S, **self._world.sandbox_options()) as box:
            venue = box.venues[self._setup.venue]
            self._secrets = self._setup.secrets()
            port = self._setup.target()[1]
            options = self._world.client_options(self._setup.ping_s) | {"on_error": self._on_error}
            client = self._setup.client(port, port, **options)
            bot = Bot(self._setup, client, seed, PAUSE_S, self._note_error, bursts=True)
            network.on_fault = self._struck
            strikes = Strikes(self._world, venue, self._setup.market, bot, self._close_soon)
            self._result.schedule = tuple(
                schedule_of(self._setup.name, seed) if self._schedule is None else self._schedule
            )
            self._proves = not any(FAULTS[event.fault].misnumbers(venue) for event in self._result.schedule)
            try:
                if await self._started(client, bot):
                    await self._trade(bot, strikes)
                    strikes.heal()
                    if not self._closing.done():
                        await self._settle(bot)
                        await self._compare(client, venue)
            finally:
                await self._close(client)
                shown = (client, client.stream_metrics, bot.book_watch.book, *bot.watches, *bot.live.values())
                self.said += map(repr, shown)
                self._result.struck.update(
                    {name: times for name, times in venue.faults.triggered.items() if times}
                )
                self._result.resyncs = client.stream_metrics.resyncs
                await bot.finish()
                await network.close()
        # The venue's server takes a while to give up requests that it held.
        deadline_s = self._loop.time() + LEFT_S
        while (left := asyncio.all_tasks() - {asyncio.current_task()}) and self._loop.time() < deadline_s:
            await asyncio.wait(left, timeout=1.0)
        for task in left:
            self._broken(Invariant.TASK_LEFT, repr(task))

    async def _started(self, client: VenueClient, bot: Bot) -> bool:
        client.watch_events(self._on_event)
        bot.watch(self._check_book)
        try:
            async with asyncio.timeout(START_S):
                for watch in bot.watches:
                    await watch.ready()
        except (TradewireError, TimeoutError) as error:
            self._broken(Invariant.STREAM_ENDED, f"before any fault: {error!r}")
            return False
        return True

    async def _trade(self, bot: Bot, strikes: Strikes) -> None:
        strikes.begin(self._result.schedule)
        trading = asyncio.ensure_future(bot.trade(STRIKE_S))
        await asyncio.wait([trading, self._closing], return_when=asyncio.FIRST_COMPLETED)
        bot.stop()
        await trading

    def _close_soon(self) -> None:
        if not self._closing.done():
            self._closing.set_result(None)

    async def _settle(self, bot: Bot) -> None:
        stopped_s = self._loop.time()
        deadline_s = stopped_s + self._setup.window_s + SETTLED_S
        await asyncio.sleep(TRAFFIC_AFTER_S)
        # What was lost last shows with the next change, and only with that.
        self._setup.stir(STEPS_AFTER)
        self._setup.box.venues[self._setup.venue].traffic.paused = True
        try:
            async with asyncio.timeout_at(deadline_s):
                await bot.finish()
        except TimeoutError:
            self._broken(Invariant.UNKNOWN_LEFT, "requests are still under way")
        while True:
            found, is_late = list(self._conversation(bot)), self._loop.time() > deadline_s
            # The ledger is read only once everything else is certain: that costs as much as the rest of a quiet second.
            is_certain = not found and not bot.is_uncertain
            if is_certain or is_late:
                found += differences(self._setup, bot)
            if is_late or (is_certain and not found):
                break
            await asyncio.sleep(CHECK_EVERY_S)
        ledger = self._setup.ledger()
        self._result.attempts = len(bot.sent)
        self._result.orders, self._result.fills = len(ledger.orders), len(ledger.fills)
        self._result.settled_s = self._loop.time() - stopped_s
        self._result.broken += found

    async def _compare(self, client: VenueClient, venue: Venue) -> None:
        """Compare what does not settle but is asked for, or must hold at any time."""
        self._result.broken += await self._holdings(client)
        try:
            venue.assert_adds_up()
        except DoesNotAddUp as error:
            self._broken(Invariant.DOES_NOT_ADD_UP, str(error))
        if dropped := client.stream_metrics.dropped:
            self._broken(Invariant.DROPPED, f"{dropped} items of the client's")
        if slow := self._world.network.slow_consumers:
            self._broken(Invariant.DROPPED, f"{slow} streams of the venue's were read too slowly")
        wanted = venue.faults.triggered[FaultKind.RATE_LIMITED]
        # A venue counts what arrives: what was held up on the way may do so all at once.
        are_bunched = any(FAULTS[event.fault].bunches for event in self._result.schedule)
        if self._world.network.too_frequent > wanted and not are_bunched:
            refused = self._world.network.too_frequent - wanted
            self._broken(Invariant.TOO_FREQUENT, f"{refused} requests were refused")

    async def _holdings(self, client: VenueClient) -> list[Difference]:
        """Compare balances or positions as soon as they can be read: the venue may have to be left alone."""
        deadline_s = self._loop.time() + SETTLED_S
        while True:
            try:
                return await holdings_differ(client, self._setup.account())
            except TradewireError as error:
                if self._loop.time() > deadline_s:
                    return [Difference(Invariant.HOLDINGS_DIFFER, f"they cannot be read: {error!r}")]
            await asyncio.sleep(CHECK_EVERY_S)

    def _conversation(self, bot: Bot) -> Iterator[Difference]:
        for watch in bot.watches:
            if watch.error is not None:
                yield Difference(Invariant.STREAM_ENDED, f"{watch.channels[0]}: {watch.error!r}")
        since_loss = self._events
        for place in range(len(self._events) - 1, -1, -1):
            if isinstance(self._events[place], events.AccountSubscribed):
                since_loss = self._events[place:]
                break
        if not any(isinstance(event, events.CaughtUp) for event in since_loss):
            yield Difference(Invariant.NOT_CAUGHT_UP, "no CaughtUp since the account was subscribed last")

    def _check_book(self, book: Any) -> None:
        """Look at the book whenever it changed; what it says while it is synced must be what the venue had."""
        if (
            self._false_books < SEEN_FALSE
            and self._proves
            and book.is_synced
            and not self._setup.was_so(book)
        ):
            self._false_books += 1
            self._broken(Invariant.FALSE_BOOK, f"{book!r} never was the venue's")

    async def _close(self, client: VenueClient) -> None:
        try:
            async with asyncio.timeout(CLOSE_S):
                await client.close()
        except TimeoutError:
            self._broken(Invariant.CLOSE_HANGS, f"for {CLOSE_S} s")

    def _on_event(self, event: events.Event) -> None:
        self._events.append(event)
        self.said.append(repr(event))
        self._world.trace.add(self._loop.monotonic_ns(), "event", type(event).__name__.encode())

    def _on_error(self, error: Exception) -> None:
        self._note_error(error)
        if not isinstance(error, TradewireError | ZeroDivisionError):
            self._broken(Invariant.UNEXPECTED_ERROR, "".join(traceback.format_exception(error)))

    def _note_error(self, error: BaseException | None) -> None:
        """Keep what a traceback would print of an error and of those that led to it, without lines of source."""
        while error is not None:
            self.said += (str(error), repr(error), *getattr(error, "__notes__", ()))
            error = error.__cause__ or error.__context__

    def _complain(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        concerned = repr(context.get("future", context.get("task", "")))
        if "RequestHandler.start" in concerned:
            # The sandbox's server, not the client: aiohttp does not expect a connection to end as a request comes.
            return
        text = f"{context.get('message')}: {context.get('exception')!r}, {concerned}"
        self._broken(Invariant.COMPLAINT, text)

    def look_for_secrets(self) -> None:
        """Report every secret that a user could have seen."""
        if any(secret in said for said in self.said for secret in self._secrets):
            self._broken(Invariant.SECRET_SHOWN, "in a log, an error or an event")

    def without_secrets(self, lines: list[str]) -> list[str]:
        """Return lines that may be shown: what went over the network holds keys."""
        for secret in self._secrets:
            lines = [line.replace(secret, "***") for line in lines]
        return lines

    def _broken(self, invariant: Invariant, detail: str) -> None:
        self._result.broken.append(Difference(invariant, detail))

    def _struck(self, name: str) -> None:
        self._result.struck[name] += 1
