"""Liquidation: what positions must at least be worth, and what happens to those that are worth less.

The order book comes first: the position is closed at its bankruptcy price or better, without a fee. What the book does
not take the insurance account takes over at that price, outside of the book, and keeps. The maintenance margin goes to
the insurance account, as far as it is still there. Simple: a whole position is liquidated at once, of an account's
cross positions the one with the largest maintenance margin first, until the rest is worth enough; nobody is ever
deleveraged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tradewire.sandbox.exact import ZERO, exactly, quotient
from tradewire.sandbox.order import FeeRates, Kind, Side
from tradewire.sandbox.venues.coinex.futures.core import FuturesCore
from tradewire.sandbox.venues.coinex.futures.margins import INSURANCE
from tradewire.sandbox.venues.coinex.futures.positions import FuturesOrder, MarginMode, Position, Purpose

__all__ = ["Liquidation", "Liquidations"]

KEPT = 1000
NO_FEES = FeeRates()


@dataclass(frozen=True, slots=True)
class Liquidation:
    """One liquidation, as everybody may know of it."""

    market: str
    is_long: bool
    liquidation_price: Decimal
    amount: Decimal
    bankruptcy_price: Decimal
    at_ms: int


class Liquidations:
    """Watches every position that is not the venue's own.

    Args:
        core: Where the positions are.
        is_house: Says whether an account is the venue's own.
    """

    def __init__(self, core: FuturesCore, is_house: Callable[[str], bool]) -> None:
        self.history: dict[str, deque[Liquidation]] = {name: deque(maxlen=KEPT) for name in core.rules}
        self._core = core
        self._margins = core.margins
        self._is_house = is_house
        core.steps.append(self.step)

    def maintenance_rate(self, position: Position) -> Decimal:
        """Return which share of its value a position must at least be worth."""
        return self._core.rules[position.market].level(position.amount).maintenance_rate

    def maintenance(self, position: Position) -> Decimal:
        """Return what a position must at least be worth."""
        return self.maintenance_rate(position) * position.amount * self._core.prices[position.market].mark

    @exactly
    def bankruptcy_price(self, position: Position) -> Decimal:
        """Return the price at which nothing is left of what stands for a position; 0 if there is none.

        It is rounded, never in the trader's disfavour.
        """
        equity, _ = self._others(position)
        rounding = ROUND_CEILING if position.is_long else ROUND_FLOOR
        places = self._core.rules[position.market].quote_places
        return max(ZERO, quotient(position.cost - equity, position.size, places, rounding))

    @exactly
    def liquidation_price(self, position: Position) -> Decimal:
        """Return the mark price at which a position is liquidated, everything else being equal; 0 if there is none."""
        equity, maintenance = self._others(position)
        share = position.size - self.maintenance_rate(position) * position.amount
        places = self._core.rules[position.market].quote_places
        return max(ZERO, quotient(position.cost - equity + maintenance, share, places))

    @exactly
    def step(self, now_ms: int) -> bool:
        """Liquidate one position that has to be; say whether there was any."""
        for account, held in self._margins.positions.items():
            if held and not self._is_house(account) and (position := self._due(account)) is not None:
                self._liquidate(position, now_ms)
                return True
        return False

    def is_due(self, position: Position) -> bool:
        """Say whether an isolated position is worth too little; of a cross position the account says that."""
        margins = self._margins
        is_isolated = position.mode is MarginMode.ISOLATED
        return is_isolated and margins.own_margin(position) + margins.pnl(position) <= self.maintenance(
            position
        )

    def _due(self, account: str) -> Position | None:
        margins = self._margins
        for one in margins.of_mode(account, MarginMode.ISOLATED):
            if self.is_due(one):
                return one
        cross = margins.of_mode(account, MarginMode.CROSS)
        needed = sum((self.maintenance(one) for one in cross), ZERO)
        if cross and margins.owned(account) + margins.cross_pnl(account) <= needed:
            return max(cross, key=self.maintenance)
        return None

    def _others(self, position: Position) -> tuple[Decimal, Decimal]:
        """Return what stands for a position besides its own result, and what other positions need of that."""
        margins = self._margins
        if position.mode is MarginMode.ISOLATED:
            return margins.own_margin(position), ZERO
        others = [one for one in margins.of_mode(position.account, MarginMode.CROSS) if one is not position]
        equity = margins.owned(position.account) + sum((margins.pnl(one) for one in others), ZERO)
        return equity, sum((self.maintenance(one) for one in others), ZERO)

    def _liquidate(self, position: Position, now_ms: int) -> None:
        core, account, market = self._core, position.account, position.market
        is_cross = position.mode is MarginMode.CROSS
        for order in list(core.live[account].values()):
            if is_cross or order.market == market:
                core.cancel(order.market, order.order_id, now_ms)
        price = max(core.rules[market].tick, self.bankruptcy_price(position))
        maintenance = self.maintenance(position)
        found = Liquidation(
            market, position.is_long, self.liquidation_price(position), position.amount, price, now_ms
        )
        margin, side = self._margins.own_margin(position), Side.SELL if position.is_long else Side.BUY
        pnl = position.traded_pnl
        core.place(self._order(account, position, side, price), now_ms)
        if position.size:
            taker = self._order(account, position, side, price)
            maker = self._order(INSURANCE, position, side.opposite, price)
            core.trade_apart(maker, taker, now_ms)
        left = maintenance if is_cross else min(maintenance, max(ZERO, margin + position.traded_pnl - pnl))
        self._margins.forfeit(account, left)
        self.history[market].append(found)
        core.publish(market, now_ms)

    def _order(self, account: str, position: Position, side: Side, price: Decimal) -> FuturesOrder:
        return self._core.new_order(
            account,
            position.market,
            side,
            position.amount,
            price=price,
            kind=Kind.IOC,
            rates=NO_FEES,
            purpose=Purpose.LIQUIDATION,
        )
