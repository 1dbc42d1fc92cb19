"""What every endpoint of Exchange stands on: who calls, the venue's state and commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from tradewire.sandbox import routing
from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.venues.exchange.core import ExchangeCore, OwnRecords
from tradewire.sandbox.venues.exchange.operating import Operating
from tradewire.sandbox.venues.exchange.options import ExchangeOptions
from tradewire.sandbox.venues.exchange.records import User
from tradewire.sandbox.venues.exchange.trading import Trading

__all__ = ["Call", "Handlers", "Json"]

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """Which trader asks; the operator and the public have no name."""

    trader: User | None

    @property
    def user(self) -> User:
        """The trader who asks."""
        assert self.trader is not None
        return self.trader


class Handlers(routing.Handlers):
    """Endpoints of one group; ``group`` of a route says who may ask: ``trader``, ``admin`` or the public.

    A handler returns the document, a ``Reply`` that is none, or raises its refusal.

    Args:
        core: The venue's state.
        trading: The traders' commands.
        operating: The operator's commands.
        options: Extensions.
        reads: What traders see of their orders and fills.
    """

    def __init__(
        self,
        core: ExchangeCore,
        trading: Trading,
        operating: Operating,
        options: ExchangeOptions,
        reads: LaggingReads[OwnRecords],
    ) -> None:
        self.core = core
        self.trading = trading
        self.operating = operating
        self.options = options
        self.reads = reads

    def profile(self, user: User) -> Json:
        """Return a trader as replies show it."""
        return user.shape() | ({"role": "trader"} if self.options.with_role else {})

    def markets(self) -> list[Json]:
        """Return every market."""
        return [market.shape() for _, market in sorted(self.core.markets.items())]
