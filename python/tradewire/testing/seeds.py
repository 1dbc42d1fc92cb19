"""A bot through many seeds; the first that breaks something is shrunk and told in full."""

from __future__ import annotations

import gc
import os
import traceback
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from tradewire.errors import ConfigError, TradewireError
from tradewire.sandbox.faults.script import Event, to_toml
from tradewire.testing.bot_faults import FaultsOption, as_faults
from tradewire.testing.bot_result import BotResult, Plan
from tradewire.testing.bot_run import BotFunction, run_bot
from tradewire.testing.script import shrunk

__all__ = ["ChaosFailure", "CommandLine", "check_seeds", "command_line", "run_seeds"]

PACKAGE: Final = Path(__file__).parents[1]
MOST_SHRINKING_RUNS: Final = 60
SHOWN_LINES: Final = 40
COLLECT_EVERY: Final = 10
"""Worlds are full of circles; collecting them costs as much as a tenth of running them."""


class ChaosFailure(AssertionError):
    """A seed broke something. The message tells which, how, what struck, and how to see it again.

    Attributes:
        result: The run with the fewest faults that broke the same.
    """

    def __init__(self, message: str, result: BotResult) -> None:
        super().__init__(message)
        self.result = result


ChaosFailure.__module__ = "tradewire.testing"


@dataclass(slots=True)
class CommandLine:
    """What was asked for on pytest's command line, before what a test says.

    Attributes:
        seeds: How many.
        seed: Only these.
        faults: A script.
    """

    seeds: int | None = None
    seed: list[int] = field(default_factory=list)
    faults: FaultsOption = None


command_line = CommandLine()
"""That of this process; empty without pytest."""


def check_seeds(seeds: object) -> Sequence[int]:
    """Return the seeds: so many from 1 on, or those given.

    Raises:
        ConfigError: They are neither.
    """
    if type(seeds) is int:
        if seeds >= 1:
            return range(1, seeds + 1)
    elif isinstance(seeds, Iterable):
        listed = list(seeds)
        if listed and all(type(seed) is int for seed in listed):
            return listed
    raise ConfigError(f"seeds must be a whole number of at least 1, or a list of seeds, got {seeds!r}")


def run_seeds(
    function: BotFunction,
    venue: str,
    seeds: int | Iterable[int],
    plan: Plan,
    arguments: dict[str, Any] | None = None,
) -> Generator[BotResult, None, None]:
    """Run a bot's function once for each seed and yield what each run showed; the command line goes before.

    Raises:
        ConfigError: Seeds or faults are none.
    """
    chosen = command_line.seed or check_seeds(command_line.seeds or seeds)
    if command_line.faults is not None:
        plan = replace(plan, faults=as_faults(command_line.faults))
    with _rare_collections() as collect:
        for number, seed in enumerate(chosen, 1):
            yield run_bot(function, venue, seed, plan, arguments)
            if not number % COLLECT_EVERY:
                collect()


def fail_on(
    function: BotFunction, result: BotResult, plan: Plan, arguments: dict[str, Any] | None, held: int
) -> ChaosFailure:
    """Return the failure that tells of a run that broke something, with as few faults as still break it.

    Args:
        function: The bot's.
        result: What the run showed.
        plan: How it was run.
        arguments: What else the function takes.
        held: How many seeds before it broke nothing.
    """

    def again(schedule: Sequence[Event]) -> BotResult:
        return run_bot(function, result.venue, result.seed, replace(plan, faults=list(schedule)), arguments)

    same = again(result.schedule)
    is_repeatable = same.trace == result.trace
    shortest = result
    if same.kinds & result.kinds:
        events = shrunk(
            result.schedule, lambda fewer: bool(again(fewer).kinds & result.kinds), MOST_SHRINKING_RUNS
        )
        found = again(events)
        if found.kinds & result.kinds:
            shortest = found
    text = _told(shortest, result, held, is_repeatable=is_repeatable)
    failure = ChaosFailure(text, shortest)
    failure.__cause__ = _cut(shortest.error)
    return failure


def _place(error: BaseException) -> str:
    """Return where in the bot's code an error was raised, or where it called tradewire."""
    frames = [
        one for one in traceback.extract_tb(error.__traceback__) if PACKAGE not in Path(one.filename).parents
    ]
    return f"\nat {frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""


def _cut(error: BaseException | None) -> BaseException | None:
    """Return an error with its traceback up to where the bot called tradewire: what is below is no bug of the bot's."""
    if not isinstance(error, TradewireError):
        return error
    steps: list[TracebackType] = []
    step = error.__traceback__
    while step is not None:
        steps.append(step)
        step = step.tb_next
    while len(steps) > 1 and steps[-1].tb_frame.f_globals.get("__name__", "").startswith("tradewire."):
        steps.pop()
    kept: TracebackType | None = None
    for one in reversed(steps):
        kept = TracebackType(kept, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return error.with_traceback(kept)


def _told(shortest: BotResult, first: BotResult, held: int, *, is_repeatable: bool) -> str:
    name = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
    wrong = [str(one) for one in shortest.broken]
    if shortest.error is not None:
        wrong.append(f"{type(shortest.error).__name__}: {shortest.error}{_place(shortest.error)}")
    shrunk_from = (
        "" if len(shortest.schedule) == len(first.schedule) else f", shrunk from {len(first.schedule)}"
    )
    timeline = shortest.timeline
    lines = [
        f"{shortest.venue}, seed {shortest.seed}: broken, after {held} seeds that held",
        "",
        *(f"  {line}" for one in wrong for line in one.splitlines()),
        "",
        f"faults ({len(shortest.schedule)}{shrunk_from}):",
        *([f"  {event}" for event in shortest.schedule] or ["  none: it breaks without any"]),
        "",
        f"what happened (virtual seconds, the last {min(SHOWN_LINES, len(timeline))} of {len(timeline)}):",
        *(f"  {at_s:8.3f} {text}" for at_s, text in timeline[-SHOWN_LINES:]),
        "",
    ]
    if not is_repeatable:
        lines += [
            "the same seed ran otherwise the second time: the bot depends on something else than this world, for",
            "instance datetime.now(), uuid4(), the order of a set, a thread, or what an earlier run left in a global",
            "",
        ]
    if name:
        lines.append(f'again: pytest "{name}" --chaos-seed {shortest.seed}')
    else:
        lines.append(f"again: @chaos(seeds=[{shortest.seed}], venues=[{shortest.venue!r}])")
    if shortest.schedule:
        lines += [
            "with these faults alone: add --chaos-faults FILE (or faults=FILE) with",
            "",
            to_toml(shortest.schedule),
        ]
    return "\n".join(lines)


@contextmanager
def _rare_collections() -> Iterator[Any]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield gc.collect
    finally:
        if was_enabled:
            gc.enable()
