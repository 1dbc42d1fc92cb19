"""Matching by price, then time: one market, no accounts, no I/O, no clock.

The time comes in with each command; what happens goes out through one observer, each event at the moment at
which it is true. A command that is refused has changed nothing and reported nothing. The observer must not call
back into the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, islice

from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.levels import Levels
from tradewire.sandbox.order import (
    Accepted,
    Amended,
    Event,
    Finished,
    Kind,
    Order,
    Reason,
    Rested,
    SelfTrade,
    Side,
    Trade,
    Traded,
)

__all__ = [
    "CannotFill",
    "Engine",
    "NoLiquidity",
    "Preview",
    "Refused",
    "TooSmall",
    "UnknownOrder",
    "WouldTake",
]

RESTING_KINDS = frozenset({Kind.LIMIT, Kind.POST_ONLY})


class Refused(Exception):
    """The engine did not take the command; nothing has changed."""


class WouldTake(Refused):
    """A post-only order would trade at once."""


class CannotFill(Refused):
    """A fill-or-kill order would not fill completely."""


class NoLiquidity(Refused):
    """A market order has nothing to trade with."""


class TooSmall(Refused):
    """The new quantity is not above what is already filled."""


class UnknownOrder(Refused):
    """No live order has this id."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would trade at once, if it came now."""

    quantity: Decimal
    value: Decimal


class Engine:
    """The live orders of one market.

    Args:
        market: Its name, as trades carry it.
        lot: Smallest step of a base quantity; only market orders in quote units need it.
        observe: Receives every event, in order.
        first_trade_id: Number of the first trade; each further one is one higher.
    """

    def __init__(
        self, market: str, *, lot: Decimal, observe: Callable[[Event], None], first_trade_id: int = 1
    ) -> None:
        self.market = market
        self.orders: dict[int, Order] = {}
        self.sides = {side: Levels(side) for side in Side}
        self._lot = lot
        self._observe = observe
        self._trade_ids = count(first_trade_id)

    @exactly
    def place(self, order: Order, now_ms: int) -> None:
        """Match a new order and rest what may rest.

        Raises:
            WouldTake: It is post-only and crosses.
            CannotFill: It is fill-or-kill and the book is too thin.
            NoLiquidity: It is a market order and the other side is empty.
        """
        first = self.sides[order.side.opposite].first()
        if order.kind is Kind.POST_ONLY and first is not None and _crosses(order, first):
            raise WouldTake
        if order.kind is Kind.FOK and self.preview(order).quantity < order.quantity:
            raise CannotFill
        if order.kind is Kind.MARKET and first is None:
            raise NoLiquidity
        order.created_ms = order.updated_ms = now_ms
        self._observe(Accepted(order))
        self._match_and_settle_down(order, now_ms)

    @exactly
    def amend(self, order_id: int, *, price: Decimal | None, quantity: Decimal | None, now_ms: int) -> Order:
        """Change price or total quantity of a live order and return it.

        It keeps its place in the queue only when the price stays and the quantity does not grow.

        Raises:
            UnknownOrder: It is not live.
            TooSmall: ``quantity`` is not above what is filled.
            WouldTake: It is post-only and would cross at the new price.
        """
        order = self.find(order_id)
        price = order.price if price is None else price
        quantity = order.quantity if quantity is None else quantity
        if quantity <= order.filled:
            raise TooSmall
        levels = self.sides[order.side]
        if price == order.price and quantity <= order.quantity:
            levels.shrink(order, order.quantity - quantity)
            order.quantity, order.updated_ms = quantity, now_ms
            self._observe(Amended(order))
            return order
        first = self.sides[order.side.opposite].first()
        if order.kind is Kind.POST_ONLY and first is not None and _crosses(order, first, price):
            raise WouldTake
        levels.remove(order)
        del self.orders[order_id]
        order.price, order.quantity, order.remaining = price, quantity, quantity - order.filled
        order.updated_ms = now_ms
        self._observe(Amended(order))
        self._match_and_settle_down(order, now_ms)
        return order

    def cancel(self, order_id: int, now_ms: int) -> Order:
        """Take a live order out and return it.

        Raises:
            UnknownOrder: It is not live.
        """
        order = self.find(order_id)
        self._take_out(order, Reason.CANCELLED, now_ms)
        return order

    @exactly
    def trade_apart(self, maker: Order, taker: Order, now_ms: int) -> None:
        """Trade two new orders of one size with each other, at the maker's price and outside of the book."""
        for order in (maker, taker):
            order.created_ms = order.updated_ms = now_ms
            self._observe(Accepted(order))
        assert maker.price is not None
        self.orders[maker.order_id] = maker
        self.sides[maker.side].add(maker)
        self._trade(maker, taker, maker.price, taker.remaining, now_ms, apart=True)
        self._observe(Finished(taker, Reason.FILLED))

    def find(self, order_id: int) -> Order:
        """Return a live order.

        Raises:
            UnknownOrder: It is not live.
        """
        order = self.orders.get(order_id)
        if order is None:
            raise UnknownOrder
        return order

    @exactly
    def preview(self, order: Order) -> Preview:
        """Say what ``order`` would trade at once, changing nothing."""
        remaining, quantity, value = order.remaining, ZERO, ZERO
        for maker in self.sides[order.side.opposite]:
            if not remaining or not _crosses(order, maker):
                break
            assert maker.price is not None
            if maker.account == order.account and order.self_trade is not None:
                if order.self_trade is SelfTrade.CANCEL_MAKER:
                    continue
                break
            size = min(maker.remaining, self._affordable(order, remaining, maker.price))
            if not size:
                break
            quantity += size
            value += size * maker.price
            remaining -= size * maker.price if order.in_quote else size
        return Preview(quantity, value)

    def best(self, side: Side) -> tuple[Decimal, Decimal] | None:
        """Return price and quantity of the best public level of ``side``."""
        return next(self.sides[side].visible(), None)

    @exactly
    def depth(self, side: Side, limit: int, interval: Decimal = ZERO) -> list[tuple[Decimal, Decimal]]:
        """Return at most ``limit`` public levels, best first, merged to multiples of ``interval``.

        Merged bids round down and merged asks round up, so a merged book never crosses.
        """
        if not interval:
            return list(islice(self.sides[side].visible(), limit))
        merged: dict[Decimal, Decimal] = {}
        for price, quantity in self.sides[side].visible():
            step = price // interval * interval
            if side is Side.SELL and step != price:
                step += interval
            if step not in merged and len(merged) == limit:
                break
            merged[step] = merged.get(step, ZERO) + quantity
        return list(merged.items())

    def _match_and_settle_down(self, order: Order, now_ms: int) -> None:
        met_itself = self._match(order, now_ms)
        if not order.remaining:
            self._observe(Finished(order, Reason.FILLED))
        elif met_itself:
            self._observe(Finished(order, Reason.SELF_TRADE))
        elif order.kind in RESTING_KINDS:
            self.orders[order.order_id] = order
            self.sides[order.side].add(order)
            self._observe(Rested(order))
        else:
            self._observe(Finished(order, Reason.REMAINDER))

    def _match(self, taker: Order, now_ms: int) -> bool:
        """Trade ``taker`` as far as it goes; say whether it was stopped by an order of its own account."""
        resting = self.sides[taker.side.opposite]
        while taker.remaining:
            maker = resting.first()
            if maker is None or not _crosses(taker, maker):
                return False
            if maker.account == taker.account and taker.self_trade is not None:
                if taker.self_trade is not SelfTrade.CANCEL_TAKER:
                    self._take_out(maker, Reason.SELF_TRADE, now_ms)
                if taker.self_trade is not SelfTrade.CANCEL_MAKER:
                    return True
                continue
            assert maker.price is not None
            size = min(maker.remaining, self._affordable(taker, taker.remaining, maker.price))
            if not size:
                return False
            self._trade(maker, taker, maker.price, size, now_ms)
        return False

    def _trade(
        self,
        maker: Order,
        taker: Order,
        price: Decimal,
        quantity: Decimal,
        now_ms: int,
        *,
        apart: bool = False,
    ) -> None:
        value = price * quantity
        self.sides[maker.side].shrink(maker, quantity)
        taker.remaining -= value if taker.in_quote else quantity
        for order in (maker, taker):
            order.filled += quantity
            order.filled_value += value
            order.last_fill_price, order.last_fill_quantity = price, quantity
            order.updated_ms = now_ms
        if not maker.remaining:
            self.sides[maker.side].remove(maker)
            del self.orders[maker.order_id]
        trade = Trade(next(self._trade_ids), self.market, price, quantity, value, maker, taker, now_ms, apart)
        self._observe(Traded(trade))
        if not maker.remaining:
            self._observe(Finished(maker, Reason.FILLED))

    def _take_out(self, order: Order, reason: Reason, now_ms: int) -> None:
        self.sides[order.side].remove(order)
        del self.orders[order.order_id]
        order.updated_ms = now_ms
        self._observe(Finished(order, reason))

    def _affordable(self, order: Order, remaining: Decimal, price: Decimal) -> Decimal:
        """Return how much base ``order`` still wants at ``price``."""
        return remaining // (price * self._lot) * self._lot if order.in_quote else remaining


def _crosses(taker: Order, maker: Order, price: Decimal | None = None) -> bool:
    limit = taker.price if price is None else price
    if limit is None:
        return True
    assert maker.price is not None
    return maker.price <= limit if taker.side is Side.BUY else maker.price >= limit
