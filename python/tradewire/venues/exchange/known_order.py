"""One order of ours on Exchange as far as was reported, and what it and its fills are on the common interface.

The venue reports an order's first size and what is left. After an amend their difference is not what was filled,
so that filled sizes are summed from fills, and what an order can come to is kept beside them.
"""

from __future__ import annotations

from decimal import Decimal

from tradewire.model import AccountKind, Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.user_values import Attributes

__all__ = ["KnownOrder", "fill_of"]

ZERO = Decimal(0)


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
        "attributes",
        "client_order_id",
        "created_at_ns",
        "filled_size",
        "final",
        "is_total_sure",
        "number",
        "order_id",
        "remaining",
        "total",
        "value",
    )

    def __init__(self, order_id: str, attributes: Attributes, created_at_ns: int, number: int = 0) -> None:
        self.order_id = order_id
        self.attributes = attributes
        self.created_at_ns = created_at_ns
        self.number = number
        self.client_order_id = ""
        # Since when reads do not show it, by our monotonic clock; 0 if they do.
        self.absent_since_ns = 0
        self.final: OrderStatus | None = None
        self.remaining = attributes.size
        # What all its fills together can come to; a guess after an amend among fills that may not have been reported.
        self.total = attributes.size
        self.is_total_sure = True
        self.filled_size = 0
        self.value = 0

    def shrink(self, remaining: int, *, is_exact: bool) -> None:
        """Learn what is left, from a report that may be late; ``is_exact`` if every fill before it is known."""
        if is_exact or remaining < self.remaining:
            self.total = self.filled_size + remaining
            self.is_total_sure = is_exact
        self.remaining = min(self.remaining, remaining)

    @property
    def is_whole(self) -> bool:
        """Nothing more could be filled. Where that is a guess, more fills than guessed speak against it."""
        if self.is_total_sure or self.filled_size >= self.attributes.size:
            return self.filled_size >= min(self.total, self.attributes.size)
        return self.filled_size == self.total

    def report(self, now_ns: int, final: OrderStatus | None = None) -> Order:
        """Return it for the common interface; ``final`` says how it ended unless the venue has."""
        final = self.final or final
        status = final or (OrderStatus.PARTIALLY_FILLED if self.filled_size else OrderStatus.OPEN)
        market, side, price, first_size = self.attributes
        # What is left may have been reported before the latest fills.
        size = (
            self.filled_size
            if final is OrderStatus.FILLED
            else min(self.filled_size + self.remaining, first_size)
        )
        return Order(
            order_id=self.order_id,
            client_order_id=self.client_order_id,
            market=market,
            side=side,
            type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC,
            post_only=False,
            price=Decimal(price),
            size=Decimal(size),
            filled_size=Decimal(self.filled_size),
            filled_notional=Decimal(self.value),
            status=status,
            created_at_ns=self.created_at_ns,
            updated_at_ns=now_ns,
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
