"""One order of ours on Exchange as far as was reported, and what it and its fills are on the common interface.

The venue reports an order's first size and what is left. What is neither left nor filled was amended away, or is
fills whose pushes were lost: filled sizes are summed from fills, and an order has not ended before all of it is known.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from msgspec.structs import replace

from tradewire.model import AccountKind, Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.user_values import Attributes

__all__ = ["KnownOrder", "fill_of"]

ZERO = Decimal(0)
OPEN, PARTIALLY_FILLED = OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED


class KnownOrder:
    """An order of ours.

    Args:
        order_id: The venue's id.
        attributes: What it was sent with.
        created_at_ns: The venue's time.
        number: How many orders were ever heard of, this one included.
    """

    __slots__ = (
        "absent_since_ns",
        "amended_away",
        "attributes",
        "client_order_id",
        "created_at_ns",
        "filled_size",
        "final",
        "number",
        "order_id",
        "remaining",
        "value",
    )

    def __init__(self, order_id: str, attributes: Attributes, created_at_ns: int, number: int = 0) -> None:
        self.order_id = order_id
        self.attributes = attributes
        self.created_at_ns = created_at_ns
        self.number = number
        self.client_order_id = ""
        # Since when it has ended, or reads do not show it, by our monotonic clock; 0 if neither.
        self.absent_since_ns = 0
        # How it ended, by the venue's word.
        self.final: OrderStatus | None = None
        self.remaining = attributes.size
        self.amended_away = 0
        self.filled_size = 0
        self.value = 0

    def shrink(self, remaining: int, *, is_explained: bool) -> None:
        """Learn what is left, from a report that may be late.

        ``is_explained`` if it is of an amendment of ours, or every fill before it is known.
        """
        self.remaining = min(self.remaining, remaining)
        if self.unexplained < 0 or (is_explained and remaining == self.remaining):
            self.explain()

    def explain(self) -> None:
        """Take what no fill explains for amended away."""
        self.amended_away = max(0, self.amended_away + self.unexplained)

    def fill(self, execution: Execution) -> None:
        """Take a fill."""
        self.filled_size += execution.size
        self.value += execution.size * execution.price
        self.amended_away = max(0, min(self.amended_away, self.attributes.size - self.filled_size))

    @property
    def size(self) -> int:
        """Its size, as far as amendments are known."""
        return self.attributes.size - self.amended_away

    @property
    def unexplained(self) -> int:
        """Size that is neither left, filled nor amended away; below 0 where what is left is older than the fills."""
        return self.attributes.size - self.amended_away - self.filled_size - self.remaining

    @property
    def is_whole(self) -> bool:
        """Nothing more could be filled."""
        return self.filled_size >= self.size

    def report(self, now_ns: int) -> Order:
        """Return it for the common interface. It has ended once its fills, or what was amended away, are known, too."""
        sent, filled_size = self.attributes, self.filled_size
        size = sent.size - self.amended_away
        status = PARTIALLY_FILLED if filled_size else OPEN
        if self.final is not None and self.unexplained <= 0:
            status = self.final
        return replace(
            _sample(sent.market, sent.side),
            order_id=self.order_id,
            client_order_id=self.client_order_id,
            price=Decimal(sent.price),
            size=Decimal(size),
            filled_size=Decimal(filled_size),
            filled_notional=Decimal(self.value),
            status=status,
            created_at_ns=self.created_at_ns,
            updated_at_ns=now_ns,
            # What is left may have been reported before the latest fills.
            unfilled_size=Decimal(min(self.remaining, size - filled_size)),
        )


@lru_cache(maxsize=1000)
def _sample(market: str, side: Side) -> Order:
    """Return what is the same of all orders of a side of a market: copying it costs a fifth of making it anew."""
    return Order(
        order_id="",
        client_order_id="",
        market=market,
        side=side,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=None,
        size=ZERO,
        filled_size=ZERO,
        filled_notional=ZERO,
        status=OPEN,
        created_at_ns=0,
        updated_at_ns=0,
        account=AccountKind.FUTURES,
        size_asset=market.rpartition("-")[0],
    )


def fill_of(execution: Execution, known: KnownOrder | None, liquidity: Liquidity | None) -> Fill:
    """Return an execution as a fill of an order of ours; of no order of ours, it has no side."""
    side: Side | None = None if known is None else known.attributes.side
    return Fill(
        trade_id=execution.fill_id,
        order_id="" if known is None else known.order_id,
        client_order_id="" if known is None else known.client_order_id,
        market=execution.market,
        side=side,
        price=Decimal(execution.price),
        size=Decimal(execution.size),
        liquidity=liquidity,
        fee=ZERO,
        fee_asset=execution.market.rpartition("-")[2],
        time_ns=execution.time_ns,
        account=AccountKind.FUTURES,
        size_asset=execution.market.rpartition("-")[0],
    )
