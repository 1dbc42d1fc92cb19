"""Positions and profit by the venue's own rules, kept from fills: whole numbers, averages rounded down.

Sans-IO. Also what the venue would check before it takes an order: the worst position open orders could lead to.

Source: the project's ``settlement.rs`` and ``trading.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tradewire.model import Position, Side

__all__ = ["POSITION_LIMIT", "Positions", "worst_case"]

POSITION_LIMIT = 1000
"""Of every trader in every market, either way."""


class _Kept:
    __slots__ = ("average", "net", "realized", "updated_at_ns")

    def __init__(self, net: int = 0, average: int | None = None, realized: int = 0, time_ns: int = 0) -> None:
        self.net = net
        self.average = average
        self.realized = realized
        self.updated_at_ns = time_ns

    def apply(self, change: int, price: int, time_ns: int) -> None:
        before, average = self.net, self.average
        self.net += change
        self.updated_at_ns = time_ns
        if not before or average is None:
            self.average = price
        elif (before > 0) == (change > 0):
            self.average = (average * abs(before) + price * abs(change)) // abs(self.net)
        else:
            closed = min(abs(before), abs(change))
            self.realized += closed * (price - average if before > 0 else average - price)
            if not self.net:
                self.average = None
            elif (self.net > 0) != (before > 0):
                self.average = price


class Positions:
    """Every position of one trader."""

    def __init__(self) -> None:
        self.kept: dict[str, _Kept] = {}
        """By market, those that are not flat or were not."""

    def start(self, positions: Iterable[Position]) -> None:
        """Begin with what the venue says."""
        self.kept = {
            position.market: _Kept(
                int(position.size),
                None if position.average_price is None else int(position.average_price),
                int(position.realized_pnl),
                position.updated_at_ns,
            )
            for position in positions
        }

    def fill(self, market: str, side: Side, price: int, size: int, time_ns: int) -> Position:
        """Take one leg of a fill and return the position after it. Both legs of a self-trade count, taker first."""
        kept = self.kept.setdefault(market, _Kept())
        kept.apply(size if side is Side.BUY else -size, price, time_ns)
        return self.of(market)

    def net(self, market: str) -> int:
        """Return the size of a position, above 0 if long."""
        kept = self.kept.get(market)
        return 0 if kept is None else kept.net

    def of(self, market: str) -> Position:
        """Return a position; flat where there is none."""
        kept = self.kept.get(market, _Kept())
        return Position(
            market=market,
            size=Decimal(kept.net),
            average_price=None if kept.average is None else Decimal(kept.average),
            realized_pnl=Decimal(kept.realized),
            updated_at_ns=kept.updated_at_ns,
        )

    def all(self) -> tuple[Position, ...]:
        """Return every position the venue lists, by market: those flat without a profit or loss are not."""
        listed = (market for market, kept in self.kept.items() if kept.net or kept.realized)
        return tuple(self.of(market) for market in sorted(listed))


def worst_case(net: int, open_buys: int, open_sells: int, side: Side, size: int) -> int | None:
    """Return the position the venue would refuse a new order for, ``None`` if it would take it.

    The venue counts the whole size of every open order of a side and gives no relief for the other side.

    Args:
        net: Position now.
        open_buys: Sizes still open of our buy orders in the market.
        open_sells: Those of our sell orders.
        side: Of the new order.
        size: Of the new order.
    """
    if side is Side.BUY:
        open_buys += size
    else:
        open_sells += size
    if net + open_buys > POSITION_LIMIT:
        return net + open_buys
    if net - open_sells < -POSITION_LIMIT:
        return net - open_sells
    return None
