"""``@chaos``: a test whose bot lives in a world of its own for every seed."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any, Final, overload

from tradewire.errors import ConfigError
from tradewire.testing.bot_faults import FaultsOption, as_faults
from tradewire.testing.bot_invariants import STANDARD, Invariant
from tradewire.testing.bot_result import BotResult, Plan
from tradewire.testing.bot_run import BotFunction
from tradewire.testing.seeds import check_seeds, fail_on, run_seeds
from tradewire.testing.venues import SETUPS

__all__ = ["VENUE_FIXTURE", "ChaosRunner", "ChaosTest", "chaos"]

ChaosTest = Callable[..., None]
"""What pytest collects: a plain function, so that no plugin for async tests is needed, and none is in the way."""
VENUE_FIXTURE: Final = "tradewire_venue"
SEEDS: Final = 200
SECONDS: Final = 8.0
RATE_PER_S: Final = 6.0


@overload
def chaos(function: BotFunction, /) -> ChaosTest: ...
@overload
def chaos(
    *,
    seeds: int | Iterable[int] = ...,
    faults: FaultsOption = ...,
    venues: Sequence[str] | None = ...,
    invariants: Sequence[Invariant] = ...,
    seconds: float = ...,
    rate: float = ...,
) -> Callable[[BotFunction], ChaosTest]: ...
def chaos(
    function: BotFunction | None = None,
    /,
    *,
    seeds: int | Iterable[int] = SEEDS,
    faults: FaultsOption = None,
    venues: Sequence[str] | None = None,
    invariants: Sequence[Invariant] = STANDARD,
    seconds: float = SECONDS,
    rate: float = RATE_PER_S,
) -> ChaosTest | Callable[[BotFunction], ChaosTest]:
    """Run an async test once for each seed, each time in a world of its own on virtual time, while faults strike.

        @chaos(seeds=200)
        async def test_my_bot(run: BotRun) -> None:
            await MyBot(run.client, run.market).trade(run.seconds)

    The function takes ``run``, a ``BotRun``, and any fixtures of pytest besides. When it has returned, or awaited
    ``run.settle()``, the faults end and every invariant must hold within a stated time. The first seed that breaks
    something fails the test as ``ChaosFailure``, with the fewest faults that still break it. Without pytest, call the
    function: it takes all ``venues`` in turn.

    Args:
        seeds: How many, from 1 on, or which.
        faults: What strikes: by seed from all that is possible, if left out; from the names given; exactly those of a
            list of ``strike(...)``; or those of a script, a path or its text. An empty list for none.
        venues: Venues and products, for instance ``["coinex", "coinex-futures"]``; pytest's ini option
            ``tradewire_venues``, or all, if left out.
        invariants: What must hold; ``STANDARD`` if left out.
        seconds: How long faults strike, virtual seconds; ``run.seconds`` for the bot.
        rate: Orders of the market's own traffic a virtual second.

    Cost: some 50 to 150 ms of one core for each seed and venue.

    Raises:
        ConfigError: An argument cannot be; the message says what can.
    """
    check_seeds(seeds)
    if not 0 < seconds <= 300:
        raise ConfigError(f"seconds must be above 0 and at most 300, got {seconds!r}")
    for venue in venues or ():
        if venue not in SETUPS:
            raise ConfigError(f"venues must be of {', '.join(SETUPS)}, got {venue!r}")
    plan = Plan(faults=as_faults(faults), invariants=tuple(invariants), seconds=seconds, rate=rate)
    listed = seeds if isinstance(seeds, int) else list(seeds)

    def decorate(function: BotFunction) -> ChaosTest:
        return _as_test(function, listed, venues, plan)

    return decorate if function is None else decorate(function)


def _as_test(
    function: BotFunction, seeds: int | list[int], venues: Sequence[str] | None, plan: Plan
) -> ChaosTest:
    signature = inspect.signature(function)
    if not inspect.iscoroutinefunction(function) or "run" not in signature.parameters:
        raise ConfigError(f"chaos takes an `async def` with an argument `run`, got {function!r}{signature}")

    @functools.wraps(function)
    def test(*positional: Any, **arguments: Any) -> None:
        __tracebackhide__ = True
        venue = arguments.pop(VENUE_FIXTURE, None)
        whole = functools.partial(function, *positional)
        for one in [venue] if venue is not None else list(venues or SETUPS):
            check(whole, one, seeds, plan, arguments)

    kept = [one for one in signature.parameters.values() if one.name != "run"]
    venue = inspect.Parameter(VENUE_FIXTURE, inspect.Parameter.KEYWORD_ONLY)
    vars(test).update(__signature__=signature.replace(parameters=[*kept, venue]), tradewire_venues=venues)
    return test


def check(
    function: BotFunction, venue: str, seeds: int | Iterable[int], plan: Plan, arguments: dict[str, Any]
) -> None:
    """Run every seed; raise ``ChaosFailure`` for the first that breaks something."""
    __tracebackhide__ = True
    # Closed whatever happens: whoever keeps the failure keeps its frames, and with them what is suspended.
    with closing(run_seeds(function, venue, seeds, plan, arguments)) as results:
        broken = next(((held, one) for held, one in enumerate(results) if not one.is_good), None)
    if broken is not None:
        held, result = broken
        raise fail_on(function, result, plan, arguments, held)


class ChaosRunner:
    """The fixture ``chaos``: runs a bot's function from inside of a test, for what the decorator cannot say.

    Args:
        venue: Where, unless told otherwise.
    """

    def __init__(self, venue: str) -> None:
        self.venue = venue

    def results(
        self,
        function: BotFunction,
        *,
        seeds: int | Iterable[int] = SEEDS,
        faults: FaultsOption = None,
        venue: str | None = None,
        invariants: Sequence[Invariant] = STANDARD,
        seconds: float = SECONDS,
        rate: float = RATE_PER_S,
    ) -> list[BotResult]:
        """Return what each run showed, broken or not; arguments as of ``tradewire.testing.chaos``."""
        plan = Plan(faults=as_faults(faults), invariants=tuple(invariants), seconds=seconds, rate=rate)
        return list(run_seeds(function, venue or self.venue, seeds, plan))

    def check(
        self,
        function: BotFunction,
        *,
        seeds: int | Iterable[int] = SEEDS,
        faults: FaultsOption = None,
        venue: str | None = None,
        invariants: Sequence[Invariant] = STANDARD,
        seconds: float = SECONDS,
        rate: float = RATE_PER_S,
    ) -> None:
        """Run as the decorator does; raise ``ChaosFailure`` for the first seed that breaks something."""
        __tracebackhide__ = True
        plan = Plan(faults=as_faults(faults), invariants=tuple(invariants), seconds=seconds, rate=rate)
        check(function, venue or self.venue, seeds, plan, {})
