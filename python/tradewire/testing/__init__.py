"""Put your own bot through what goes wrong: worlds on virtual time, a sandbox over sockets, faults, and what must hold.

    from tradewire.testing import BotRun, chaos

    @chaos(seeds=200)
    async def test_my_bot(run: BotRun) -> None:
        await MyBot(run.client, run.market).trade(run.seconds)

With pytest the fixtures ``venue``, ``box`` and ``chaos`` are there by themselves. The page "Test your own bot" of
the documentation says how. Importing this costs nothing; names are loaded when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradewire.sandbox.faults.script import Event as Event
    from tradewire.testing.background import BackgroundSandbox as BackgroundSandbox
    from tradewire.testing.bot_faults import BOT_FAULTS as BOT_FAULTS
    from tradewire.testing.bot_faults import strike as strike
    from tradewire.testing.bot_invariants import STANDARD as STANDARD
    from tradewire.testing.bot_invariants import Broken as Broken
    from tradewire.testing.bot_invariants import Invariant as Invariant
    from tradewire.testing.bot_invariants import books_equal_venue as books_equal_venue
    from tradewire.testing.bot_invariants import caught_up as caught_up
    from tradewire.testing.bot_invariants import fills_equal_venue as fills_equal_venue
    from tradewire.testing.bot_invariants import holdings_equal_venue as holdings_equal_venue
    from tradewire.testing.bot_invariants import no_double_send as no_double_send
    from tradewire.testing.bot_invariants import no_open_orders as no_open_orders
    from tradewire.testing.bot_invariants import nothing_dropped as nothing_dropped
    from tradewire.testing.bot_invariants import orders_settled as orders_settled
    from tradewire.testing.bot_invariants import rate_limits_kept as rate_limits_kept
    from tradewire.testing.bot_result import BotResult as BotResult
    from tradewire.testing.bot_run import BotRun as BotRun
    from tradewire.testing.decorator import ChaosRunner as ChaosRunner
    from tradewire.testing.decorator import chaos as chaos
    from tradewire.testing.seeds import ChaosFailure as ChaosFailure
    from tradewire.testing.venue_under_test import VenueUnderTest as VenueUnderTest

_MODULES = {
    "background": ("BackgroundSandbox",),
    "bot_faults": ("BOT_FAULTS", "strike"),
    "bot_invariants": (
        "STANDARD", "Broken", "Invariant", "books_equal_venue", "caught_up", "fills_equal_venue",
        "holdings_equal_venue", "no_double_send", "no_open_orders", "nothing_dropped", "orders_settled",
        "rate_limits_kept",
    ),
    "bot_result": ("BotResult",),
    "bot_run": ("BotRun",),
    "decorator": ("ChaosRunner", "chaos"),
    "script": ("Event",),
    "seeds": ("ChaosFailure",),
    "venue_under_test": ("VenueUnderTest",),
}  # fmt: skip
_LAZY = {name: module for module, names in _MODULES.items() for name in names}

if not TYPE_CHECKING:
    __all__ = list(_LAZY)

    def __getattr__(name: str) -> Any:
        """Load ``name`` when it is first asked for."""
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """Name what is public, loaded or not."""
        return sorted({*__all__, *globals()})
