"""One run of a user's bot: its world, its client, the faults that strike it, and what the venue knows in the end."""

from __future__ import annotations

import asyncio
import random
import traceback
import weakref
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from decimal import Decimal
from typing import Any, Final, Unpack, cast

from tradewire.errors import ConfigError, TradewireError
from tradewire.interface import VenueClient
from tradewire.protocol import events
from tradewire.sandbox import Sandbox
from tradewire.sandbox.faults.script import Event
from tradewire.session.lifetime import ClientOptions
from tradewire.session.orders import CLIENT_CLOSED
from tradewire.testing.bot_faults import schedule_for
from tradewire.testing.bot_invariants import Broken, broken_now
from tradewire.testing.bot_result import BotResult, Plan
from tradewire.testing.faults import FAULTS
from tradewire.testing.logs import captured_logs
from tradewire.testing.loop import Stalled
from tradewire.testing.observer import ObservedStreams, Observer
from tradewire.testing.strikes import Strikes
from tradewire.testing.venue_setup import Ledger, VenueSetup
from tradewire.testing.venues import SETUPS
from tradewire.testing.virtual_time import virtual_time
from tradewire.testing.web_sockets import Streams
from tradewire.testing.world import World

__all__ = ["BotFunction", "BotRun", "run_bot"]

BotFunction = Callable[..., Coroutine[Any, Any, object]]
SETTLED_S: Final = 90.0
"""After the faults every invariant must hold within the venue's request window and this, virtual seconds: a venue that
says 418 is left alone for a minute."""
CHECK_EVERY_S: Final = 0.5
TRAFFIC_AFTER_S: Final = 1.0
STEPS_AFTER: Final = 20
END_S: Final = 5.0
"""A bot that is cancelled ends within this, and so does closing its clients."""
LEFT_S: Final = 30.0
LONGEST_S: Final = 600.0
"""Virtual seconds after which a bot that does not return is given up."""
LINES: Final = 2000
FALSE_BOOKS: Final = 3


class BotRun:
    """What a bot's function is given: one world, in which it trades on virtual time while faults strike.

    Virtual are ``asyncio.sleep``, ``asyncio.timeout``, ``loop.time()``, the clients' clocks, the module ``time`` (its
    functions called as ``time.time()``; ``time.sleep`` lets virtual time pass) and the module ``random``, which begins
    the same for the same seed. Not virtual: ``datetime.now()``, functions imported from ``time`` by name, ``uuid4``,
    ``secrets``, threads, processes and sockets of the bot's own. What comes from those may differ from run to run.

    Attributes:
        seed: Decides everything that is chance.
        seconds: How long faults strike, virtual seconds.
        venue: Name of the venue or product, for instance ``coinex-futures``.
        market: Where to trade: the sandbox has this one market.
        tick: Of its prices.
        size: A size that the venue takes.
        size_step: Its lot.
        random: The bot's own dice, the same for the same seed.
        box: The sandbox in this world: the venue's own view, and its faults.
        client: A client of the venue, closed after the run.
        schedule: The faults that strike, in the order of their times.
        observer: What the clients did, for invariants.
    """

    client: VenueClient
    box: Sandbox

    def __init__(self, world: World, setup: VenueSetup, result: BotResult, plan: Plan) -> None:
        self.seed = result.seed
        self.seconds = plan.seconds
        self.venue = setup.name
        self.market = setup.market
        self.tick = setup.tick
        self.size = setup.first_size
        self.size_step = setup.size_step
        self.random = random.Random(f"{setup.name}/{result.seed}/bot")
        self.schedule: tuple[Event, ...] = ()
        self.in_callback: Callable[[], None] = lambda: None
        self.cancels_after_s: list[float] = []
        self.observer = Observer(self.now_s, self.log)
        self._world = world
        self._setup = setup
        self._result = result
        self._plan = plan
        self._began_s = world.loop.time()
        self._clients: list[VenueClient] = []
        self._heard: list[events.Event] = []
        self._strikes: Strikes | None = None
        self._notes: list[asyncio.TimerHandle] = []
        self._is_settled = False
        self._main: asyncio.Task[object] | None = None
        self._is_cancelled = False
        self._seen: dict[int, object] = {}
        self._proves = True
        self._tasks = weakref.WeakSet[asyncio.Task[Any]]()
        self.said: list[str] = []
        """Everything a user could read: logs, errors, events."""

    def __repr__(self) -> str:
        return f"<BotRun {self.venue} seed {self.seed} at {self.now_s():.3f} s>"

    def now_s(self) -> float:
        """Return virtual seconds since the run began."""
        return self._world.loop.time() - self._began_s

    def log(self, text: str) -> None:
        """Add a line to what is shown of a run that fails."""
        if len(self._result.timeline) < LINES:
            self._result.timeline.append((self.now_s(), text))

    def client_options(self, **options: Unpack[ClientOptions]) -> ClientOptions:
        """Return what a client must be made with to live in this world; ``options`` go before what is usual here.

        For bots that make their client themselves: ``tradewire.CoinEx.for_sandbox(run.box, **run.client_options())``.
        It may not set ``http``, ``ws`` or ``clocks``, which are the world's.

        Raises:
            ConfigError: It does.
        """
        world = self._world.client_options(self._setup.ping_s)
        if taken := sorted(world.keys() & options.keys()):
            raise ConfigError(f"{', '.join(taken)} of a client are the world's; leave them out")
        streams = cast("Streams", world["ws"])
        world["ws"] = ObservedStreams(streams, lambda: self.in_callback(), self._look_at_books)
        return {"timeout_s": 1.0, "on_error": self._on_error, **world, **options}

    def new_client(self, **options: Unpack[ClientOptions]) -> VenueClient:
        """Return another client of the venue, closed after the run: for bots that restart, or have several."""
        port = self._setup.target()[1]
        client = self._setup.client(port, port, **self.client_options(**options))
        client.watch_events(self._on_event)
        self._clients.append(client)
        return client

    @property
    def ledger(self) -> Ledger:
        """The account as the venue has it now: ``orders``, ``open_orders``, ``fills``, ``position(market)``."""
        return self._setup.ledger()

    @property
    def account(self) -> dict[str, Any]:
        """The account in words that all venues share, numbers as text; see ``sandbox.venue.Venue.account``."""
        return self._setup.account()

    @property
    def position(self) -> Decimal:
        """What the fills that the venue has of us add up to, base units: bought less sold."""
        return self.ledger.position(self.market)

    def best_prices(self) -> tuple[Decimal, Decimal]:
        """Return the venue's best bid and ask now, our own orders included."""
        return self._setup.best_prices()

    def is_known_end(self, order_id: str) -> bool:
        """Tell whether the venue still says how an order ended; else ``not_found`` is all a client can know."""
        order = self.ledger.orders.get(order_id)
        return order is None or not self._setup.forgets(order)

    def is_present_book(self, book: Any) -> bool:
        """Tell whether the venue's book is exactly this one now."""
        return self._setup.is_so(book)

    def is_caught_up(self) -> bool:
        """Tell whether ``CaughtUp`` came since the account was subscribed last; so, too, if it never was."""
        last = [one for one in self._heard if isinstance(one, events.AccountSubscribed | events.CaughtUp)]
        return not last or isinstance(last[-1], events.CaughtUp)

    @property
    def is_closed(self) -> bool:
        """Tell whether every client of this world was closed: what they know is not new any more."""
        return all(one.refusal == CLIENT_CLOSED for one in self.observer.trackers)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no one may ever read."""
        return self._setup.secrets()

    @property
    def refused_as_too_frequent(self) -> int:
        """Requests that the venue refused as too frequent, and no fault made it do so or let them arrive together."""
        if any(FAULTS[event.fault].bunches for event in self.schedule):
            return 0
        wanted = self.box.venues[self._setup.venue].faults.triggered["rate_limited"]
        return max(0, self._world.network.too_frequent - wanted)

    async def settle(self) -> None:
        """End the faults, let the market rest, and wait until every invariant holds, so that beliefs can be compared.

        Done after the bot's function returned, unless it did so itself. Whatever the bot goes on doing meanwhile must
        come to rest: stop quoting first.

        Raises:
            AssertionError: An invariant did not hold in time: the venue's request window and 90 virtual seconds.
        """
        if self._is_settled:
            return
        self._is_settled = True
        self._stop_faults()
        venue = self.box.venues[self._setup.venue]
        await asyncio.sleep(TRAFFIC_AFTER_S)
        # What was lost last shows with the next change, and only with that.
        self._setup.stir(STEPS_AFTER)
        venue.traffic.paused = True
        deadline_s = self._world.loop.time() + self._setup.window_s + SETTLED_S
        while True:
            is_over = self._world.loop.time() > deadline_s
            found = await broken_now(self, self._plan.invariants, is_first_enough=not is_over)
            if not found or is_over:
                break
            await asyncio.sleep(CHECK_EVERY_S)
        self._result.broken += found
        if found:
            raise AssertionError("; ".join(map(str, found)))

    async def perform(self, function: BotFunction, arguments: dict[str, Any]) -> None:
        """Run from the opening of the venue to its end. For the kit only."""
        loop, network = self._world.loop, self._world.network
        loop.set_exception_handler(self._complain)
        loop.set_task_factory(self._task)
        self._setup.restart_ids()
        async with self._setup.open(self.seed, rate=self._plan.rate, **self._world.sandbox_options()) as box:
            self.box, venue = box, box.venues[self._setup.venue]
            network.on_fault = self._struck
            self._result.schedule = self.schedule = schedule_for(
                self._setup.name, self.seed, self._plan.faults, self._plan.seconds
            )
            self._proves = not any(FAULTS[event.fault].misnumbers(venue) for event in self.schedule)
            self._strikes = Strikes(self._world, venue, self.market, self, self._cancel)
            self.client = self.new_client()
            try:
                self._strikes.begin(self.schedule)
                self._notes = [
                    self._world.loop.call_later(event.at_s, self.log, f"fault {event.named} begins")
                    for event in self.schedule
                ]
                await self._drive(function, arguments)
                if not self._result.broken and self._result.error is None:
                    await self._end()
            finally:
                self._stop_faults()
                await self._close()
                self._result.struck.update({kind: n for kind, n in venue.faults.triggered.items() if n})
                await network.close()
        await self._look_for_tasks()

    async def _drive(self, function: BotFunction, arguments: dict[str, Any]) -> None:
        self._main = asyncio.current_task().get_loop().create_task(function(**arguments))  # type: ignore[union-attr] # a task runs this
        done, _ = await asyncio.wait([self._main], timeout=LONGEST_S)
        if not done:
            self._break("the bot ends", f"it has not returned after {LONGEST_S:g} virtual seconds")
            self._main.cancel()
            await asyncio.wait([self._main], timeout=END_S)
            return
        if self._main.cancelled():
            if not self._is_cancelled:
                self._result.error = asyncio.CancelledError("the bot cancelled itself")
        elif (error := self._main.exception()) is not None and not self._result.broken:
            self._result.error = error

    async def _end(self) -> None:
        try:
            await self.settle()
        except AssertionError:
            # It stands in the result.
            return

    def _cancel(self) -> None:
        """Cancel the bot as Ctrl-C does."""
        if self._main is None or self._main.done():
            return
        self.log("the bot is cancelled, as by Ctrl-C")
        self._is_cancelled = True
        self._main.cancel()
        self._world.loop.call_later(END_S, self._must_have_ended)

    def _must_have_ended(self) -> None:
        if self._main is not None and not self._main.done():
            self._break("the bot ends", f"it goes on {END_S:g} s after it was cancelled, as by Ctrl-C")
            self._main.cancel()

    def _stop_faults(self) -> None:
        if self._strikes is not None:
            self._strikes.heal()
            for note in self._notes:
                note.cancel()
            self._strikes = None
            self.log("faults end")

    async def _close(self) -> None:
        for client in self._clients:
            try:
                async with asyncio.timeout(END_S):
                    await client.close()
            except TimeoutError:
                self._break("the client closes", f"it takes longer than {END_S:g} s")

    async def _look_for_tasks(self) -> None:
        """Wait for what the venue's server has left, and report what the bot has."""
        current, deadline_s = asyncio.current_task(), self._world.loop.time() + LEFT_S
        while (left := asyncio.all_tasks() - {current}) and self._world.loop.time() < deadline_s:
            await asyncio.wait(left, timeout=1.0)
        for task in left:
            self._break("no task is left", f"{task!r}; cancel it, or await it before the function returns")
        for task in list(self._tasks):
            if task.done() and not task.cancelled() and getattr(task, "_log_traceback", False):
                error = task.exception()
                text = "".join(traceback.format_exception(error))
                self._break("no task dies unnoticed", f"{task.get_name()} ended with\n{text}")

    def _task(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **options)
        self._tasks.add(task)
        return task

    def _look_at_books(self) -> None:
        """Compare every book that says it is synced with what the venue had, after each frame."""
        if not self._proves:
            return
        for subscription in self.observer.books:
            book = subscription.book
            if subscription.is_closed or not book.is_synced:
                continue
            mark = (book.market, getattr(book, "sequence", None), getattr(book, "updates", None))
            if self._seen.get(id(book)) == mark:
                continue
            self._seen[id(book)] = mark
            if not self._setup.was_so(book):
                self._proves = (
                    sum(one.invariant == "books are true" for one in self._result.broken) < FALSE_BOOKS
                )
                self._break("books are true", f"{book!r} says it is synced and never was the venue's")

    def _on_event(self, event: events.Event) -> None:
        self._heard.append(event)
        self.said.append(repr(event))
        if not isinstance(event, events.Live | events.Unrecognised):
            self.log(f"event {event}")

    def _on_error(self, error: Exception) -> None:
        self.said.append("".join(traceback.format_exception(error)))
        self.log(f"error {error!r}")
        if not isinstance(error, TradewireError):
            self._break("callbacks do not raise", self.said[-1])

    def _complain(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        concerned = repr(context.get("future", context.get("task", "")))
        if "RequestHandler.start" not in concerned:
            # That is the sandbox's server: aiohttp does not expect a connection to end as a request comes.
            self._break(
                "asyncio has no complaint",
                f"{context.get('message')}: {context.get('exception')!r}, {concerned}",
            )

    def _struck(self, name: str) -> None:
        self._result.struck[name] += 1

    def _break(self, invariant: str, detail: str) -> None:
        self._result.broken.append(Broken(invariant, detail))


def run_bot(
    function: BotFunction, venue: str, seed: int, plan: Plan, arguments: dict[str, Any] | None = None
) -> BotResult:
    """Run a bot's function once in a world of its own and return what it showed.

    Args:
        function: ``async def``, takes a ``BotRun`` as ``run``.
        venue: Which venue or product, one of ``tradewire.testing.venues.SETUPS``.
        seed: Decides everything that is chance.
        plan: Faults, invariants and times.
        arguments: What else the function takes.

    Raises:
        ConfigError: There is no such venue or fault, or an event loop is running.
    """
    if asyncio._get_running_loop() is not None:
        raise ConfigError("a world has an event loop of its own: call this outside of a running one")
    if venue not in SETUPS:
        raise ConfigError(f"venue must be one of {', '.join(SETUPS)}, got {venue!r}")
    world, result = World(seed), BotResult(venue, seed)
    run = BotRun(world, SETUPS[venue](), result, plan)
    with ExitStack() as during:
        during.enter_context(captured_logs(run.said))
        during.enter_context(run.observer.installed())
        during.enter_context(virtual_time(world.loop, seed))
        try:
            world.run(run.perform(function, {**(arguments or {}), "run": run}))
        except Stalled as error:
            result.broken.append(Broken("the bot goes on", str(error)))
    if any(secret in said for said in run.said for secret in run.secrets):
        result.broken.append(Broken("no secret is shown", "one is in a log, an error or an event"))
    result.trace = world.trace.hexdigest()
    return result
