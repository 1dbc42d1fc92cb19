"""One run: a bot trades through faulty proxies for a while, then the faults stop and every invariant must come true.

The venue is a sandbox of its own, the proxies stand between it and the client, all over real sockets on loopback.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from chaos_sockets.schedule import FOREIGN_FRAMES, STRIKE_S, Door, Event, LinkFault, schedule_of
from support.http_proxy import HttpProxy
from support.link_proxy import LinkProxy
from support.upgrade_faults import UPGRADE_FAULTS
from tradewire.errors import TradewireError
from tradewire.interface import VenueClient
from tradewire.protocol import events
from tradewire.testing.fault import Fault, Stage
from tradewire.testing.faults import FAULTS, faults_of
from tradewire.testing.invariants import Difference, Invariant, differences
from tradewire.testing.trader_bot import Bot
from tradewire.testing.venue_setup import VenueSetup
from tradewire.testing.venues import SETUPS

__all__ = ["MARGIN_S", "OTHERS_MARGIN_S", "RunResult", "others_of", "run_once"]

MARGIN_S = 8.0
"""After the faults stop the invariants must hold within the venue's request window and this."""
OTHERS_MARGIN_S = 90.0
"""The same where the venue's own faults are played: one that says 418 is left alone for a minute."""
START_S = 60.0
TRAFFIC_AFTER_S = 1.0
"""The market goes on moving for so long after the faults; then it rests and everything can be compared."""
CHECK_EVERY_S = 0.25
CLOSE_S = 3.0


@dataclass(slots=True)
class RunResult:
    """What a run showed.

    Attributes:
        venue: Which venue.
        seed: Its seed.
        schedule: The faults in order.
        struck: Those that found a victim: when and what, in order.
        broken: The invariants broken; none in a good run.
        attempts: Orders the bot tried to place.
        orders: Orders the venue accepted.
        fills: Fills of them.
        settled_s: How long after the last fault every invariant held.
    """

    venue: str
    seed: int
    schedule: tuple[Event, ...]
    struck: list[tuple[float, str]] = field(default_factory=list)
    broken: list[Difference] = field(default_factory=list)
    attempts: int = 0
    orders: int = 0
    fills: int = 0
    settled_s: float = 0.0

    @property
    def faults(self) -> Counter[str]:
        """How often each kind of fault struck."""
        return Counter(name.split(" ", 1)[0] for _, name in self.struck)

    def report(self) -> str:
        """Return everything one needs to find out why."""
        return "\n".join(
            [
                f"{self.venue}, seed {self.seed}: {self.orders} orders, {self.fills} fills; broken:",
                *(f"  {difference}" for difference in self.broken),
                "faults scheduled:",
                *(f"  {event}" for event in self.schedule),
                "faults that struck:",
                *(f"  {at_s:5.2f} s {name}" for at_s, name in self.struck),
                f"again: make chaos-sockets CHAOS='--venue {self.venue} --seed {self.seed}'",
            ]
        )


def others_of(product: str) -> list[Fault]:
    """Return the faults of a product's venue and of the bot that can be played over sockets.

    The machine's clock is nobody's to set, what blocks or closes would do so to every run on this loop.
    """
    return [
        fault
        for fault in faults_of(product)
        if "." not in fault.name or fault.name in {"bot.callback_raises", "bot.cancels"}
    ]


async def run_once(
    venue: str, seed: int, margin_s: float = MARGIN_S, *, plays_others: bool = False
) -> RunResult:
    """Run one seed on one venue and return what it showed.

    Args:
        venue: The product.
        seed: Decides which faults strike when.
        margin_s: The invariants must hold within the venue's request window and this.
        plays_others: Play faults of the venue and the bot besides those of the network.
    """
    setup = SETUPS[venue]()
    result = RunResult(venue, seed, schedule_of(venue, seed, others_of(venue) if plays_others else ()))
    try:
        async with setup.open(seed):
            await _Run(setup, result, margin_s).perform()
    except Exception:
        # One run that breaks down must not hide what the others found.
        result.broken.append(Difference(Invariant.UNEXPECTED_ERROR, traceback.format_exc()))
    return result


class _Run:
    def __init__(self, setup: VenueSetup, result: RunResult, margin_s: float) -> None:
        self._setup = setup
        self._margin_s = margin_s
        self._result = result
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._events: list[events.Event] = []
        self._false_books = 0
        self._venue = setup.box.venues[setup.venue]
        others = [event.fault for event in result.schedule if event.door is Door.NONE]
        self._proves = not any(FAULTS[name].misnumbers(self._venue) for name in others)
        """A book's number tells which book it must be."""

    async def perform(self) -> None:
        target = self._setup.target()
        link = await LinkProxy(target, self._struck).start()
        http = await HttpProxy(target, lambda fault, request: self._struck(f"{fault} ({request})")).start()
        client = self._setup.client(http.port, link.port, on_error=self._on_error)
        bot = Bot(self._setup, client, self._result.seed)
        try:
            if await self._started(client, bot):
                self._began_s = self._loop.time()
                await asyncio.gather(bot.trade(STRIKE_S), self._strike(link, http, bot))
                link.heal()
                http.heal()
                self._end_others(bot)
                await self._settle(bot)
        finally:
            await self._close(client)
            for name, times in self._venue.faults.triggered.items():
                self._result.struck += [(STRIKE_S, str(name))] * times
            await link.close()
            await http.close()

    async def _started(self, client: VenueClient, bot: Bot) -> bool:
        client.watch_events(self._events.append)
        bot.watch(self._check_book)
        try:
            async with asyncio.timeout(START_S):
                for watch in bot.watches:
                    await watch.ready()
        except (TradewireError, TimeoutError) as error:
            self._broken(Invariant.STREAM_ENDED, f"before any fault: {error!r}")
            return False
        return True

    async def _strike(self, link: LinkProxy, http: HttpProxy, bot: Bot) -> None:
        async with asyncio.TaskGroup() as lasting:
            # What these faults ask of a world.
            world: Any = SimpleNamespace(
                network=SimpleNamespace(http=http, ws=link, reset=lambda way: way.reset_all()),
                loop=SimpleNamespace(block=lambda duration_ns: time.sleep(duration_ns / 1e9)),
            )

            def later(seconds: float, act: Callable[[], object]) -> None:
                lasting.create_task(_later(seconds, act))

            stage = Stage(world, self._venue, self._setup.market, bot, later, self._struck, lambda: None)
            for event in self._result.schedule:
                await asyncio.sleep(self._began_s + event.at_s - self._loop.time())
                if event.door is Door.NONE:
                    FAULTS[event.fault].strike(stage, event.values)
                elif event.door is Door.STREAM:
                    self._strike_stream(event, link, lasting)
                elif event.fault == LinkFault.REFUSE:
                    http.refuses = True
                    lasting.create_task(_later(event.seconds, lambda: setattr(http, "refuses", False)))
                    http.reset_all()
                else:
                    http.arm(event.fault, is_write=event.is_write, count=event.count)
            await asyncio.sleep(self._began_s + STRIKE_S - self._loop.time())

    def _end_others(self, bot: Bot) -> None:
        """End what the venue and the bot do wrong; a clock that was set stays as it is."""
        skew_ms = self._venue.faults.skew_ms
        self._venue.faults.clear()
        self._venue.faults.skew_ms = skew_ms
        bot.in_callback = lambda: None
        bot.cancels_after_s.clear()

    def _strike_stream(self, event: Event, link: LinkProxy, lasting: asyncio.TaskGroup) -> None:
        during: dict[str, bool | float] = {}
        match event.fault:
            case LinkFault.RESET:
                link.reset_all()
            case LinkFault.CLOSE:
                link.close_all()
            case LinkFault.CUT_AMID_FRAME:
                link.cut_after(event.count)
            case LinkFault.FOREIGN_FRAME:
                link.put_between_frames(FOREIGN_FRAMES[event.count])
            case LinkFault.REFUSE:
                during = {"refuses": True}
                link.reset_all()
            case LinkFault.READS_NOTHING:
                during = {"reads_nothing": True}
            case LinkFault.SENDS_NOTHING:
                during = {"sends_nothing": True}
            case LinkFault.SLICES:
                during = {"in_slices": True}
            case LinkFault.COALESCED:
                during = {"coalesce_s": 0.15}
            case LinkFault.DELAYED:
                during = {"delay_s": 0.2}
            case LinkFault.SLOW:
                during = {"bytes_per_s": 15_000}
            case _:
                link.fail_next(UPGRADE_FAULTS[event.fault.removeprefix("upgrade:")], event.count)
                link.reset_all()
        if not event.fault.startswith("upgrade:") and event.fault not in {
            LinkFault.CUT_AMID_FRAME,
            LinkFault.FOREIGN_FRAME,
        }:
            self._struck(f"stream:{event.fault}")
        if during:
            link.change(**during)
            good = {name: type(value)() for name, value in during.items()}
            lasting.create_task(_later(event.seconds, lambda: link.change(**good)))

    async def _settle(self, bot: Bot) -> None:
        stopped_s = self._loop.time()
        deadline_s = stopped_s + self._setup.window_s + self._margin_s
        await asyncio.sleep(TRAFFIC_AFTER_S)
        self._setup.box.venues[self._setup.venue].traffic.paused = True
        await bot.finish()
        while True:
            found = [*differences(self._setup, bot), *self._conversation(bot)]
            if not found or self._loop.time() > deadline_s:
                break
            before_s = self._loop.time()
            await asyncio.sleep(CHECK_EVERY_S)
            # The bound is the client's, not that of a machine with too much to do.
            deadline_s += self._loop.time() - before_s - CHECK_EVERY_S
        ledger = self._setup.ledger()
        self._result.attempts = len(bot.sent)
        self._result.orders, self._result.fills = len(ledger.orders), len(ledger.fills)
        self._result.settled_s = self._loop.time() - stopped_s
        self._result.broken += found

    def _conversation(self, bot: Bot) -> list[Difference]:
        ended = [
            Difference(Invariant.STREAM_ENDED, f"{watch.channels[0]}: {watch.error!r}")
            for watch in bot.watches
            if watch.error is not None
        ]
        caught_up = getattr(events, "CaughtUp", None)
        if caught_up is not None and not any(isinstance(event, caught_up) for event in self._events):
            ended.append(Difference(Invariant.NOT_CAUGHT_UP, "no CaughtUp event at all"))
        return ended

    def _check_book(self, book: object) -> None:
        """Look at the book whenever it changed; what it says while it is synced must be what the venue had."""
        if (
            self._proves
            and self._false_books < 3
            and getattr(book, "is_synced", False)
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

    def _on_error(self, error: Exception) -> None:
        if not isinstance(error, TradewireError | ZeroDivisionError):
            self._broken(Invariant.UNEXPECTED_ERROR, repr(error))

    def _broken(self, invariant: Invariant, detail: str) -> None:
        self._result.broken.append(Difference(invariant, detail))

    def _struck(self, name: str) -> None:
        self._result.struck.append((self._loop.time() - self._began_s, name))


async def _later(seconds: float, act: Callable[[], object]) -> None:
    await asyncio.sleep(seconds)
    act()
