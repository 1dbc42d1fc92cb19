"""Take-profit and stop-loss of positions: prices at which a position, or a part of it, is closed at the market.

Simple: one for the whole position of each kind, which a new one replaces, and any number for parts. They hold nothing
and end with their position; one that finds no orders to trade with is used up.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any

from tradewire.sandbox.engine import Refused
from tradewire.sandbox.exact import exactly, plain
from tradewire.sandbox.order import Side
from tradewire.sandbox.venues.coinex.core import WouldFire
from tradewire.sandbox.venues.coinex.futures.core import FuturesCore
from tradewire.sandbox.venues.coinex.futures.positions import Position, Purpose
from tradewire.sandbox.venues.coinex.stops import Direction, PriceKind, Triggers

__all__ = ["Guard", "Protection"]

FIRST_ID = 800_000_000
KINDS = (Purpose.TAKE_PROFIT, Purpose.STOP_LOSS)


@dataclass(frozen=True, slots=True)
class Guard:
    """One take-profit or stop-loss; no ``amount`` stands for the whole position."""

    guard_id: int
    position: Position
    purpose: Purpose
    price_kind: PriceKind
    price: Decimal
    amount: Decimal | None
    created_ms: int

    @property
    def direction(self) -> Direction:
        """From which side the price has to come."""
        rises = self.position.is_long == (self.purpose is Purpose.TAKE_PROFIT)
        return Direction.HIGHER if rises else Direction.LOWER


class Protection:
    """The take-profits and stop-losses of every position.

    Args:
        core: Where the positions are.
    """

    def __init__(self, core: FuturesCore) -> None:
        self._core = core
        self._ids = count(FIRST_ID)
        self._guards: defaultdict[int, dict[int, Guard]] = defaultdict(dict)
        self._triggers: Triggers[int] = Triggers()
        self._by_id: dict[int, Guard] = {}
        core.steps.append(self.step)
        core.listen_to_positions(self._on_position)

    def of(self, position: Position, purpose: Purpose) -> list[Guard]:
        """Return those of a position, oldest first."""
        guards = self._guards.get(position.position_id, {}).values()
        return [guard for guard in guards if guard.purpose is purpose]

    def find(self, position: Position, purpose: Purpose, guard_id: int) -> Guard | None:
        """Return one of a position."""
        guard = self._guards.get(position.position_id, {}).get(guard_id)
        return guard if guard is not None and guard.purpose is purpose else None

    @exactly
    def set(
        self,
        position: Position,
        purpose: Purpose,
        price_kind: PriceKind,
        price: Decimal,
        amount: Decimal | None,
        now_ms: int,
    ) -> Guard:
        """Guard a position or a part of it.

        Raises:
            WouldFire: The price is reached already.
        """
        guard = Guard(next(self._ids), position, purpose, price_kind, price, amount, now_ms)
        self._require_apart(guard)
        if amount is None:
            for other in self.of(position, purpose):
                if other.amount is None:
                    self._remove(other)
        self._add(guard)
        return guard

    @exactly
    def modify(
        self, guard: Guard, price_kind: PriceKind | None, price: Decimal | None, amount: Decimal | None
    ) -> Guard:
        """Change one, which keeps its id.

        Raises:
            WouldFire: The price is reached already.
        """
        fresh = replace(
            guard,
            price_kind=price_kind or guard.price_kind,
            price=guard.price if price is None else price,
            amount=guard.amount if amount is None else amount,
        )
        self._require_apart(fresh)
        self._remove(guard)
        self._add(fresh)
        return fresh

    def cancel(self, guard: Guard) -> None:
        """Guard no longer."""
        self._remove(guard)

    def step(self, now_ms: int) -> bool:
        """Close what one reached price asks for; say whether there was any."""
        for market in self._core.rules if self._by_id else ():
            for kind in PriceKind:
                reached = self._triggers.reached(market, kind, self._core.price(market, kind))
                guards = [self._by_id[guard_id] for guard_id in reached]
                for guard in guards:
                    self._fire(guard, now_ms)
                if guards:
                    return True
        return False

    def shown(self, position: Position) -> dict[str, Any]:
        """Return what a position says of them."""
        found: dict[str, Any] = {}
        for purpose in KINDS:
            guards = self.of(position, purpose)
            whole = next((guard for guard in guards if guard.amount is None), None)
            name = purpose.value
            found[f"{name}_price"] = "0" if whole is None else plain(whole.price)
            found[f"{name}_type"] = "" if whole is None else whole.price_kind.value
            found[f"{name}_list"] = [
                {
                    "id": guard.guard_id,
                    "price": plain(guard.price),
                    "type": guard.price_kind.value,
                    "amount": plain(position.amount if guard.amount is None else guard.amount),
                    "is_all": guard.amount is None,
                    "created_at": guard.created_ms,
                }
                for guard in guards
            ]
        return found

    def _fire(self, guard: Guard, now_ms: int) -> None:
        position = guard.position
        if self.find(position, guard.purpose, guard.guard_id) is None:
            return
        self._remove(guard)
        amount = position.amount if guard.amount is None else min(guard.amount, position.amount)
        side = Side.SELL if position.is_long else Side.BUY
        order = self._core.new_order(position.account, position.market, side, amount, purpose=guard.purpose)
        try:
            self._core.place(order, now_ms)
        except Refused:
            # Nobody to trade with.
            self._core.publish(position.market, now_ms)

    def _require_apart(self, guard: Guard) -> None:
        price = self._core.price(guard.position.market, guard.price_kind)
        rises = guard.direction is Direction.HIGHER
        if price >= guard.price if rises else price <= guard.price:
            raise WouldFire

    def _add(self, guard: Guard) -> None:
        self._guards[guard.position.position_id][guard.guard_id] = self._by_id[guard.guard_id] = guard
        self._triggers.add(
            guard.guard_id, guard.position.market, guard.price_kind, guard.price, guard.direction
        )

    def _remove(self, guard: Guard) -> None:
        self._triggers.remove(guard.guard_id)
        self._by_id.pop(guard.guard_id, None)
        self._guards.get(guard.position.position_id, {}).pop(guard.guard_id, None)

    def _on_position(self, position: Position, _event: str) -> None:
        if not position.size:
            for guard in list(self._guards.pop(position.position_id, {}).values()):
                self._remove(guard)
