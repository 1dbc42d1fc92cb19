"""What every endpoint of TrueX stands on: who calls, which generation of the API, the venue's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from tradewire.sandbox import routing
from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.venues.truex.clients import Key
from tradewire.sandbox.venues.truex.core import ExchangeCore, OwnRecords
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.trading import Trading
from tradewire.sandbox.venues.truex.transfers import Transfers

__all__ = ["Call", "Degraded", "Handlers", "Json"]

Json: TypeAlias = dict[str, Any]
MS_PER_S = 1000
NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, with the schema of the reply and the generation of the path."""

    signer: Key | None
    is_current: bool
    is_singular: bool

    @property
    def key(self) -> Key:
        """Who asks."""
        assert self.signer is not None
        return self.signer


@dataclass(frozen=True, slots=True)
class Degraded:
    """A document that goes out with status 503."""

    document: Json


class Handlers(routing.Handlers):
    """Endpoints of one group of docs.truemarkets.co/apis/cefi.

    A path is the current one, under ``/v1/cefi``; it is there below ``/api/v1`` too, and ``spellings`` adds the
    singular form. A handler returns an object, a list or a ``Page``, or raises its problem.

    Args:
        core: The venue's state.
        trading: The clients' commands.
        transfers: Money in and out.
        options: How the venue differs.
        reads: What clients see of their orders and executions.
    """

    def __init__(
        self,
        core: ExchangeCore,
        trading: Trading,
        transfers: Transfers,
        options: TrueXOptions,
        reads: LaggingReads[OwnRecords],
    ) -> None:
        self.core = core
        self.trading = trading
        self.transfers = transfers
        self.options = options
        self.reads = reads

    def window_ms(self, until_ns: int) -> range:
        """Return the milliseconds of the window that ends with ``until_ns``."""
        newest_ms = until_ns // NS_PER_MS
        return range(newest_ms - self.options.reference_window_s * MS_PER_S + 1, newest_ms + 1)
