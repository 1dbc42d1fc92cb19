"""What every endpoint of CoinEx stands on: who calls, the venue's state, batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from tradewire.sandbox import routing
from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.routing import invoke
from tradewire.sandbox.venues.coinex.codes import Refusal, invalid
from tradewire.sandbox.venues.coinex.core import ExchangeCore, OwnRecords, TradingCore
from tradewire.sandbox.venues.coinex.fields import Fields
from tradewire.sandbox.venues.coinex.habits import Habits
from tradewire.sandbox.venues.coinex.options import CoinExOptions

__all__ = ["Call", "Handlers", "Json", "ProductHandlers"]

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks and when; ``account`` is empty for public endpoints."""

    account: str
    now_ms: int


class ProductHandlers(routing.Handlers):
    """Endpoints of one page group of the venue's documentation, of whichever product.

    A handler returns the ``data`` of the envelope, a ``Paged`` for a page, or raises its refusal.

    Args:
        core: All state that trading changes.
        reads: What accounts see of their orders and deals.
        options: What the venue is to be like.
    """

    core: TradingCore[Any, Any]

    def __init__(self, core: Any, reads: LaggingReads[OwnRecords], options: CoinExOptions) -> None:
        self.core = core
        self.reads = reads
        self.options = options
        self.habits = Habits(options)

    def run_batch(
        self,
        handler: Callable[..., Any],
        call: Call,
        items: Iterable[Any],
        *,
        from_query: bool = False,
        bare: bool = False,
    ) -> list[Json]:
        """Return what ``handler`` answers to each element of a batch: data or code, wrapped unless ``bare``."""

        def answer(item: Any) -> Json:
            try:
                if not isinstance(item, dict):
                    raise invalid("each element must be an object")
                data: Json = invoke(handler, call, Fields(item, self.core.rules, from_query=from_query))
            except Refusal as refusal:
                code, message = self.habits.refusal(refusal)
                return {"code": int(code), "data": None, "message": message}
            return data if bare else self.habits.batch_item(data)

        return [answer(item) for item in items]


class Handlers(ProductHandlers):
    """Endpoints of spot markets, or of the whole account."""

    product = "spot"
    core: ExchangeCore
